// The type Graph, and the task of running one.
#include "bindings/graph.h"

#include <algorithm>
#include <memory>

#include "bindings/launchable.h"
#include "bindings/streams.h"
#include "cuda/graph.h"

namespace tilewright {
namespace {

using SharedGraph = std::shared_ptr<cuda::Graph>;

// One run of a graph, which keeps what that needs until the GPU is done.
class ReplayTask final : public ReportingTask {
 public:
  ReplayTask(SharedGraph graph, Stream& stream) : graph_(std::move(graph)), stream_(stream) {}

  void run() noexcept override {
    try {
      recording_ = graph_->replay(stream_);
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  void finish(bool is_done) noexcept override {
    if (recording_ != nullptr) recording_->finish_replay(is_done);
  }

  bool has_news() const noexcept override {
    if (error_ != nullptr) return true;
    if (recording_ == nullptr) return false;
    const auto& tasks = recording_->tasks();
    return std::any_of(tasks.begin(), tasks.end(),
                       [](const auto& task) { return task->has_news(); });
  }

  void deliver() override {
    rethrow();
    if (recording_ != nullptr) deliver_all(recording_->tasks());
  }

  // Throw what `run` met.
  void rethrow() {
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  SharedGraph graph_;
  Stream& stream_;  // whose task this is
  std::shared_ptr<cuda::Recording> recording_;
  std::exception_ptr error_;
};

void launch(const SharedGraph& graph, const py::object& stream) {
  const std::shared_ptr<Stream> on = stream_of(stream.ptr());
  if (on->poll()) deliver_news(*on, on->submitted());
  const auto task = std::make_shared<ReplayTask>(graph, *on);
  {
    const ReleasedGil released;
    on->submit(task);
  }
  task->rethrow();
}

// A method that takes the stream being recorded.
template <auto method>
auto with_stream() {
  return [](cuda::Graph& self, const py::object& object) {
    translated([&] {
      const std::shared_ptr<Stream> stream = stream_of(object.ptr());
      const ReleasedGil released;
      (self.*method)(stream);
    });
  };
}

}  // namespace

void define_graph(py::module_& module) {
  py::class_<cuda::Graph, SharedGraph>(
      module, "Graph", py::is_final(),
      "Launches recorded from a stream of a GPU, to be run again as one.")
      .def(py::init<>())
      .def("begin_capture", with_stream<&cuda::Graph::begin_capture>(), py::arg("stream"),
           "Record what is given to a stream from now on, in place of running it.")
      .def("end_capture", with_stream<&cuda::Graph::end_capture>(), py::arg("stream"),
           "Make what was recorded ready to run, in place of an earlier recording.")
      .def("abandon_capture", with_stream<&cuda::Graph::abandon_capture>(), py::arg("stream"),
           "Forget what was recorded; an earlier recording stays.")
      .def(
          "launch",
          [](const SharedGraph& self, const py::object& stream) {
            translated([&] { launch(self, stream); });
          },
          py::arg("stream"), "Run it all on a stream.");
}

}  // namespace tilewright
