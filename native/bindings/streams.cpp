// Streams, events, and the streams of `with` blocks.
#include "bindings/streams.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "bindings/launchable.h"
#include "hal/registry.h"

namespace tilewright {
namespace {

// A stream as Python sees it. The end of one of ours waits: nobody could be told of errors later.
class PyStream {
 public:
  PyStream(std::shared_ptr<Stream> stream, bool is_owned)
      : stream_(std::move(stream)), is_owned_(is_owned) {}
  PyStream(const PyStream&) = delete;
  PyStream& operator=(const PyStream&) = delete;

  ~PyStream() {
    if (!is_owned_) return;
    PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
    PyErr_Fetch(&type, &value, &trace);
    try {
      if (!stream_->is_lost() && !stream_->is_recorded()) synchronize();
    } catch (...) {
      set_error_from_exception();
      PyErr_WriteUnraisable(nullptr);
    }
    PyErr_Restore(type, value, trace);
  }

  const std::shared_ptr<Stream>& stream() const { return stream_; }

  bool query() const {
    const ReleasedGil released;
    return stream_->reached(stream_->submitted());
  }

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
  bool is_owned_;
};

// The streams of `with` blocks this thread is in, innermost last.
thread_local std::vector<std::shared_ptr<Stream>> entered_streams;
// The innermost one of the host: read on every launch without guard or look-up.
thread_local Stream* innermost_stream = nullptr;
// How many there are: the vector of a thread costs a look-up with a guard.
thread_local std::size_t entered_count = 0;

std::shared_ptr<Stream> innermost_of(int ordinal) {
  if (entered_count == 0) return nullptr;
  for (auto it = entered_streams.rbegin(); it != entered_streams.rend(); ++it) {
    if ((*it)->ordinal() == ordinal) return *it;
  }
  return nullptr;
}

// To be called where the streams of this thread have changed.
void note_entered() {
  entered_count = entered_streams.size();
  innermost_stream = innermost_of(host_ordinal).get();
}

void enter_stream(const std::shared_ptr<Stream>& stream) {
  entered_streams.push_back(stream);
  note_entered();
}

// Leaving out of order, as generators can, removes the right one.
void leave_stream(const std::shared_ptr<Stream>& stream) {
  const auto found = std::find(entered_streams.rbegin(), entered_streams.rend(), stream);
  if (found != entered_streams.rend()) entered_streams.erase(std::next(found).base());
  note_entered();
}

// A stream given to a method, else the current one, else none.
std::shared_ptr<Stream> chosen_stream(const py::object& stream) {
  if (!stream.is_none()) return stream_of(stream.ptr());
  return entered_streams.empty() ? nullptr : entered_streams.back();
}

// An event as Python sees it: of the device it was recorded on last.
class PyEvent {
 public:
  explicit PyEvent(bool timing) : timing_(timing) {}

  void record(const std::shared_ptr<Stream>& stream) {
    const int ordinal = stream == nullptr ? host_ordinal : stream->ordinal();
    if (event_ == nullptr || event_->ordinal() != ordinal) {
      event_ = open_device(ordinal).create_event(timing_);
    }
    event_->record(stream);
  }

  // Let later work of a stream wait; without one, that of the event's device.
  void hold(std::shared_ptr<Stream> stream) const {
    const std::shared_ptr<Event> event = event_;
    if (event == nullptr) return;
    if (stream == nullptr) stream = open_device(event->ordinal()).default_stream();
    const ReleasedGil released;
    if (stream == nullptr) return event->synchronize();  // launches run here: so wait here
    event->hold(*stream);
  }

  void synchronize() const {
    const std::shared_ptr<Event> event = event_;
    if (event == nullptr) return;
    const StreamPoint point = event->point();
    {
      const ReleasedGil released;
      event->synchronize();
    }
    if (point.stream != nullptr) deliver_news(*point.stream, point.ticket);
  }

  bool query() const { return event_ == nullptr || event_->is_reached(); }

  double elapsed(const PyEvent& later) const {
    if (!timing_ || !later.timing_) {
      fail(Fault::launch, "the event does not keep time; make it with timing=True");
    }
    if (event_ == nullptr || later.event_ == nullptr) {
      fail(Fault::launch, "the event was not recorded");
    }
    return later.event_->ms_since(*event_);
  }

 private:
  const bool timing_;
  std::shared_ptr<Event> event_;  // null until recorded
};

// Collects the errors of several things; throws the first, the others go to sys.unraisablehook.
class FirstError {
 public:
  template <class Body>
  void run(Body body) {
    try {
      body();
    } catch (...) {
      set_error_from_exception();
      if (first_ == nullptr) {
        first_ = std::make_exception_ptr(py::error_already_set());
      } else {
        PyErr_WriteUnraisable(nullptr);
      }
    }
  }

  void rethrow() const {
    if (first_ != nullptr) std::rethrow_exception(first_);
  }

 private:
  std::exception_ptr first_;
};

void synchronize_device(Device& device, FirstError& errors) {
  const auto streams = device.streams();
  std::vector<std::uint64_t> tickets;
  for (const auto& stream : streams) tickets.push_back(stream->submitted());
  errors.run([&] {
    const ReleasedGil released;
    device.synchronize();
  });
  for (std::size_t i = 0; i < streams.size(); ++i) {
    errors.run([&] { deliver_news(*streams[i], tickets[i]); });
  }
}

void synchronize(const py::object& device) {
  FirstError errors;
  if (device.is_none()) {
    for (const auto& each : opened_devices()) synchronize_device(*each, errors);
  } else {
    synchronize_device(*device_of(device.ptr(), "synchronize()"), errors);
  }
  errors.rethrow();
}

// Launches still running would use memory that the interpreter is about to free.
void finish_everything() {
  FirstError errors;
  for (const auto& device : opened_devices()) {
    if (!device->is_lost()) synchronize_device(*device, errors);
  }
  errors.rethrow();
}

void define_stream(py::module_& module) {
  py::class_<PyStream>(module, "Stream", py::is_final(),
                       "An in-order queue of launches that run one after the other, on their own.")
      .def(py::init([](const py::object& device) {
             return translated([&] {
               const auto found = device_of(device.ptr(), "a Stream");
               return std::make_unique<PyStream>(found->create_stream(), true);
             });
           }),
           py::arg("device") = "cpu")
      .def_static(
          "from_handle",
          [](const py::object& device, std::uintptr_t handle) {
            return translated([&] {
              const auto found = device_of(device.ptr(), "a Stream");
              return std::make_unique<PyStream>(found->borrow_stream(handle), false);
            });
          },
          py::arg("device"), py::arg("handle"),
          "A stream of another library; it must outlive its use. 0 is the device's default stream.")
      .def_property_readonly(
          "device",
          [](const PyStream& self) {
            return translated([&] { return open_device(self.stream()->ordinal()).name(); });
          },
          "The name of its device.")
      .def_property_readonly(
          "handle", [](const PyStream& self) { return self.stream()->handle(); },
          "What other libraries know it by: a CUstream; 0 on the CPU.")
      .def(
          "synchronize", [](PyStream& self) { translated([&] { self.synchronize(); }); },
          "Wait for all launches; raises the first error among them.")
      .def(
          "query", [](const PyStream& self) { return translated([&] { return self.query(); }); },
          "Whether all launches are done.")
      .def("__enter__",
           [](const py::object& self) {
             enter_stream(self.cast<PyStream&>().stream());
             return self;
           })
      .def("__exit__", [](PyStream& self, const py::args&) { leave_stream(self.stream()); });
}

void define_event(py::module_& module) {
  py::class_<PyEvent>(module, "Event", py::is_final(),
                      "A point in a stream that others can wait for.")
      .def(py::init<bool>(), py::arg("timing") = false)
      .def(
          "record",
          [](PyEvent& self, const py::object& stream) {
            translated([&] { self.record(chosen_stream(stream)); });
          },
          py::arg("stream") = py::none(), "Stand for the work submitted to a stream so far.")
      .def(
          "wait",
          [](const PyEvent& self, const py::object& stream) {
            translated([&] { self.hold(chosen_stream(stream)); });
          },
          py::arg("stream") = py::none(), "Let later launches of a stream wait for the event.")
      .def(
          "synchronize", [](const PyEvent& self) { translated([&] { self.synchronize(); }); },
          "Wait for the event; raises the first error of the launches before it.")
      .def(
          "query", [](const PyEvent& self) { return translated([&] { return self.query(); }); },
          "Whether the event is reached.")
      .def(
          "elapsed",
          [](const PyEvent& self, const py::object& other) {
            return translated([&] {
              if (!py::isinstance<PyEvent>(other)) {
                raise_launch("elapsed() takes an Event, got %s", Py_TYPE(other.ptr())->tp_name);
              }
              return self.elapsed(py::cast<const PyEvent&>(other));
            });
          },
          py::arg("other"), "Milliseconds from this event to another; both keep time.");
}

}  // namespace

Stream* current_stream() { return innermost_stream; }

std::shared_ptr<Stream> current_stream(int ordinal) { return innermost_of(ordinal); }

const std::shared_ptr<Stream>& stream_of(PyObject* object, const char* what) {
  if (!py::isinstance<PyStream>(py::handle(object))) {
    raise_launch("%s a Stream, got %s", what, Py_TYPE(object)->tp_name);
  }
  return py::cast<PyStream&>(py::handle(object)).stream();
}

std::shared_ptr<Stream> stream_or_null(PyObject* object) {
  return object == Py_None ? nullptr : stream_of(object);
}

std::shared_ptr<Device> device_of(PyObject* object, const char* what) {
  const Ref label = PyUnicode_Check(object) ? Ref::borrow(object) : find_attribute(object, "label");
  if (!label || !PyUnicode_Check(label.get())) {
    raise_launch("%s takes the name of a device, got %s", what, Py_TYPE(object)->tp_name);
  }
  const char* name = PyUnicode_AsUTF8(label.get());
  if (name == nullptr) throw Raised{};
  return open_device(std::string_view(name));
}

void define_streams(py::module_& module) {
  define_stream(module);
  define_event(module);
  module.def(
      "synchronize", [](const py::object& device) { translated([&] { synchronize(device); }); },
      py::arg("device") = py::none(),
      "Wait for all streams of a device, or of all; raises the first error of their launches.");
  module.def(
      "current_stream",
      [](const py::object& device) {
        return translated([&] {
          const auto found = device_of(device.ptr(), "current_stream()");
          std::shared_ptr<Stream> stream = current_stream(found->ordinal());
          if (stream == nullptr) stream = found->default_stream();
          if (stream == nullptr) raise_launch("launches on the CPU are in no stream here");
          return std::make_unique<PyStream>(std::move(stream), false);
        });
      },
      py::arg("device"), "The stream of the innermost `with` block, else the default one.");
  py::module_::import("atexit").attr("register")(
      py::cpp_function([] { translated([] { finish_everything(); }); }));
}

}  // namespace tilewright
