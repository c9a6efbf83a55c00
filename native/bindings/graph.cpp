// The type Graph, and the task of running one.
#include "bindings/graph.h"

#include <memory>

#include "bindings/launchable.h"
#include "bindings/streams.h"
#include "cuda/graph.h"

namespace tilewright {
namespace {

using SharedGraph = std::shared_ptr<cuda::Graph>;

// One run of a graph, which keeps it until the GPU is done.
class ReplayTask final : public ReportingTask {
 public:
  ReplayTask(SharedGraph graph, Stream& stream) : graph_(std::move(graph)), stream_(stream) {}

  void run() noexcept override {
    try {
      graph_->replay(stream_);
      has_begun_ = true;
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  void finish(bool is_done) noexcept override {
    if (has_begun_) graph_->finish_replay(is_done);
  }

  bool has_news() const noexcept override {
    if (error_ != nullptr) return true;
    for (const auto& task : graph_->tasks()) {
      if (task->has_news()) return true;
    }
    return false;
  }

  void deliver() override {
    if (error_ != nullptr) std::rethrow_exception(error_);
    deliver_all(graph_->tasks());
  }

  // Throw what `run` met.
  void rethrow() {
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  SharedGraph graph_;
  Stream& stream_;  // whose task this is
  bool has_begun_ = false;
  std::exception_ptr error_;
};

// A graph as Python sees it.
struct PyGraph {
  SharedGraph graph = std::make_shared<cuda::Graph>();
};

void launch(const PyGraph& self, const py::object& stream) {
  const std::shared_ptr<Stream> on = stream_of(stream.ptr());
  if (on->poll()) deliver_news(*on, on->submitted());
  const auto task = std::make_shared<ReplayTask>(self.graph, *on);
  on->submit(task);
  task->rethrow();
}

}  // namespace

void define_graph(py::module_& module) {
  py::class_<PyGraph>(module, "Graph", py::is_final(),
                      "Launches recorded from a stream of a GPU, to be run again as one.")
      .def(py::init<>())
      .def(
          "begin_capture",
          [](PyGraph& self, const py::object& stream) {
            translated([&] {
              // A new one, since the old one may still run.
              const SharedGraph fresh =
                  self.graph->is_recording() ? self.graph : std::make_shared<cuda::Graph>();
              fresh->begin_capture(stream_of(stream.ptr()));
              self.graph = fresh;
            });
          },
          py::arg("stream"),
          "Record what is given to a stream from now on, in place of running it.")
      .def(
          "end_capture",
          [](PyGraph& self, const py::object& stream) {
            translated([&] { self.graph->end_capture(stream_of(stream.ptr())); });
          },
          py::arg("stream"), "Make what was recorded ready to run.")
      .def(
          "launch",
          [](const PyGraph& self, const py::object& stream) {
            translated([&] { launch(self, stream); });
          },
          py::arg("stream"), "Run it all on a stream.");
}

}  // namespace tilewright
