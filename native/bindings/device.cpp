// Executables, streams, events and the topology for Python.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "bindings/launchable.h"
#include "bindings/streams.h"
#include "cpu/executable.h"
#include "cpu/thread_pool.h"
#include "cpu/topology.h"
#include "hal/registry.h"

namespace tilewright {
namespace {

// A stream as Python sees it. Its end waits: nobody could be told of errors later.
class PyStream {
 public:
  explicit PyStream(const std::string& device) : stream_(open_device(device)->create_stream()) {}
  PyStream(const PyStream&) = delete;
  PyStream& operator=(const PyStream&) = delete;

  ~PyStream() {
    PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
    PyErr_Fetch(&type, &value, &trace);
    try {
      synchronize();
    } catch (...) {
      set_error_from_exception();
      PyErr_WriteUnraisable(nullptr);
    }
    PyErr_Restore(type, value, trace);
  }

  const std::shared_ptr<Stream>& stream() const { return stream_; }
  bool query() const { return stream_->reached(stream_->submitted()); }

  void synchronize() {
    const std::uint64_t ticket = stream_->submitted();
    {
      const ReleasedGil released;
      stream_->wait(ticket);
    }
    deliver_news(*stream_, ticket);
  }

 private:
  std::shared_ptr<Stream> stream_;
};

// The streams of `with` blocks this thread is in, innermost last.
thread_local std::vector<std::shared_ptr<Stream>> entered_streams;
thread_local Stream* innermost_stream = nullptr;  // read on every launch: no guard, no look-up

void enter_stream(const std::shared_ptr<Stream>& stream) {
  entered_streams.push_back(stream);
  innermost_stream = stream.get();
}

// Leaving out of order, as generators can, removes the right one.
void leave_stream(const std::shared_ptr<Stream>& stream) {
  const auto found = std::find(entered_streams.rbegin(), entered_streams.rend(), stream);
  if (found != entered_streams.rend()) entered_streams.erase(std::next(found).base());
  innermost_stream = entered_streams.empty() ? nullptr : entered_streams.back().get();
}

// A stream given to a method, else the current one, else none. A null pointer stands for None.
std::shared_ptr<Stream> chosen_stream(const PyStream* stream) {
  if (stream != nullptr) return stream->stream();
  return entered_streams.empty() ? nullptr : entered_streams.back();
}

// The stream given to a method of an event; null for None. Throws LaunchError for anything else.
const PyStream* stream_or_null(const py::object& stream) {
  if (stream.is_none()) return nullptr;
  if (!py::isinstance<PyStream>(stream)) {
    raise_launch("expected a Stream, got %s", Py_TYPE(stream.ptr())->tp_name);
  }
  return &py::cast<const PyStream&>(stream);
}

void synchronize_event(Event& event) {
  const StreamPoint point = event.point();
  if (point.stream == nullptr) return;
  {
    const ReleasedGil released;
    point.stream->wait(point.ticket);
  }
  deliver_news(*point.stream, point.ticket);
}

void make_wait(Event& event, const std::shared_ptr<Stream>& stream) {
  const StreamPoint point = event.point();
  if (point.stream == nullptr) return;
  if (stream != nullptr) return stream->wait_for(*point.stream, point.ticket);
  const ReleasedGil released;  // without a stream, launches run here: so wait here
  point.stream->wait(point.ticket);
}

void synchronize_all() {
  const auto streams = open_device("cpu")->streams();
  for (const auto& stream : streams) {
    const std::uint64_t ticket = stream->submitted();
    const ReleasedGil released;
    stream->wait(ticket);
  }
  std::exception_ptr first;
  for (const auto& stream : streams) {
    try {
      deliver_news(*stream, stream->submitted());
    } catch (const Raised&) {
      if (first == nullptr) {
        first = std::make_exception_ptr(py::error_already_set());
      } else {
        PyErr_WriteUnraisable(nullptr);
      }
    }
  }
  if (first != nullptr) std::rethrow_exception(first);
}

py::dict describe_topology() {
  const cpu::Topology& found = cpu::topology();
  py::list caches;
  for (const cpu::Cache& cache : found.caches) {
    caches.append(py::make_tuple(cache.level, cache.bytes));
  }
  py::list features;
  for (const std::string& feature : found.features) features.append(feature);
  py::dict result;
  result["cores"] = found.cores;
  result["threads"] = cpu::ThreadPool::thread_count();
  result["caches"] = caches;
  result["features"] = features;
  result["level"] = found.level;
  result["vendor"] = found.vendor;
  result["model"] = found.model;
  result["memory"] = found.memory_bytes;
  return result;
}

std::shared_ptr<Executable> load_executable(const py::bytes& object, const std::string& entry,
                                            py::ssize_t scratch_bytes, double cost) {
  constexpr py::ssize_t most_scratch = py::ssize_t{1} << 32;
  if (scratch_bytes < 0 || scratch_bytes > most_scratch) {
    throw py::value_error("scratch_bytes is out of range");
  }
  if (!std::isfinite(cost) || cost < 0) throw py::value_error("cost is not a duration");
  return open_device("cpu")->load({object, entry, static_cast<std::size_t>(scratch_bytes), cost});
}

void set_num_threads(int count) {
  if (count < 1 || count > 1024) throw py::value_error("the number of threads is 1 to 1024");
  cpu::ThreadPool::set_thread_count(count);
}

void set_stream_bytes(std::int64_t bytes) {
  if (bytes < 0) throw py::value_error("a size is not negative");
  cpu::set_stream_bytes(bytes);
}

void define_streams(py::module_& module) {
  py::class_<PyStream>(module, "Stream", py::is_final(),
                       "An in-order queue of launches that run one after the other, on their own.")
      .def(py::init([](const py::object& device) {
             return translated([&] {
               if (!py::isinstance<py::str>(device)) {
                 raise_launch("a Stream takes the name of a device, got %s",
                              Py_TYPE(device.ptr())->tp_name);
               }
               return std::make_unique<PyStream>(device.cast<std::string>());
             });
           }),
           py::arg("device") = "cpu")
      .def(
          "synchronize", [](PyStream& self) { translated([&] { self.synchronize(); }); },
          "Wait for all launches; raises the first error among them.")
      .def("query", &PyStream::query, "Whether all launches are done.")
      .def("__enter__",
           [](const py::object& self) {
             enter_stream(self.cast<PyStream&>().stream());
             return self;
           })
      .def("__exit__", [](PyStream& self, const py::args&) { leave_stream(self.stream()); });
}

void define_events(py::module_& module) {
  py::class_<Event, std::shared_ptr<Event>>(module, "Event", py::is_final(),
                                            "A point in a stream that others can wait for.")
      .def(py::init([](bool timing) { return open_device("cpu")->create_event(timing); }),
           py::arg("timing") = false)
      .def(
          "record",
          [](Event& self, const py::object& stream) {
            translated([&] { self.record(chosen_stream(stream_or_null(stream))); });
          },
          py::arg("stream") = py::none(), "Stand for the work submitted to a stream so far.")
      .def(
          "wait",
          [](Event& self, const py::object& stream) {
            translated([&] { make_wait(self, chosen_stream(stream_or_null(stream))); });
          },
          py::arg("stream") = py::none(), "Let later launches of a stream wait for the event.")
      .def(
          "synchronize", [](Event& self) { translated([&] { synchronize_event(self); }); },
          "Wait for the event; raises the first error of the launches before it.")
      .def(
          "query",
          [](const Event& self) {
            const StreamPoint point = self.point();
            return point.stream == nullptr || point.stream->reached(point.ticket);
          },
          "Whether the event is reached.")
      .def(
          "elapsed",
          [](const Event& self, const py::object& other) {
            return translated([&] {
              if (!py::isinstance<Event>(other)) {
                raise_launch("elapsed() takes an Event, got %s", Py_TYPE(other.ptr())->tp_name);
              }
              const auto& later = py::cast<const Event&>(other);
              return static_cast<double>(later.reached_ns() - self.reached_ns()) * 1e-6;
            });
          },
          py::arg("other"), "Milliseconds from this event to another; both keep time.");
}

}  // namespace

Stream* current_stream() { return innermost_stream; }

Stream* stream_of(PyObject* object) {
  if (!py::isinstance<PyStream>(py::handle(object))) {
    raise_launch("option 'stream' is a Stream, got %s", Py_TYPE(object)->tp_name);
  }
  return py::cast<PyStream&>(py::handle(object)).stream().get();
}

void check_device_option(PyObject* device) {
  // A Device object of the runtime says what it is by its `kind`, or by how it prints.
  Ref kind = PyUnicode_Check(device) ? Ref() : find_attribute(device, "kind");
  const Ref text = Ref::steal(PyObject_Str(kind ? kind.get() : device));
  const char* name = PyUnicode_AsUTF8(text.get());
  if (name == nullptr) throw Raised{};
  const std::string_view found(name);
  if (found == "cpu" || found == "cpu:0") return;
  if (!PyUnicode_Check(device) && !kind) {
    raise_launch("option 'device' is a device or its name, got %s", Py_TYPE(device)->tp_name);
  }
  if (found.starts_with("cuda")) raise_device("option 'device' is '%s': no CUDA backend", name);
  raise_device("option 'device' is '%s', expected 'cpu'", name);
}

void define_device(py::module_& module) {
  py::class_<Executable, std::shared_ptr<Executable>>(
      module, "Executable", py::is_final(),
      "Code for this machine, loaded from a relocatable object.")
      .def(py::init([](const py::bytes& object, const std::string& entry, py::ssize_t scratch_bytes,
                       double cost) {
             return translated([&] { return load_executable(object, entry, scratch_bytes, cost); });
           }),
           py::arg("object"), py::arg("entry"), py::arg("scratch_bytes"), py::arg("cost"));
  define_streams(module);
  define_events(module);
  module.def(
      "synchronize", [] { translated([] { synchronize_all(); }); },
      "Wait for all streams; raises the first error of their launches.");
  module.def("topology", &describe_topology, "What the processor is, and how much of it is ours.");
  module.def("set_num_threads", &set_num_threads, py::arg("count"),
             "Let at most this many threads, the caller included, work on one launch.");
  module.def("set_stream_bytes", &set_stream_bytes, py::arg("bytes"),
             "From how many bytes on outputs go past the caches; 0: the size of the last cache.");
  module.def("get_num_threads", &cpu::ThreadPool::thread_count,
             "How many threads may work on one launch.");
  // Launches still running would use memory that the interpreter is about to free.
  py::module_::import("atexit").attr("register")(module.attr("synchronize"));
}

}  // namespace tilewright
