// What a specialization runs: an executable or a Python function, and the layout of its arguments.
//
// A Python object; it owns all it needs. Immutable once made. Called with the GIL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bindings/grid.h"
#include "bindings/readers.h"
#include "hal/executable.h"
#include "hal/stream.h"

namespace tilewright {

struct Launchable {
  std::shared_ptr<Executable> executable;  // null for a Python function
  Ref function;                            // null for an executable
  ArgumentLayout layout;
  Ref report;
};

// Names of a kernel's spans; from Tracer::intern.
struct SpanNames {
  const char* launch = nullptr;
  const char* range = nullptr;
};

// The Launchable behind a Python object, which must stay alive. Throws TypeError for another type.
const Launchable& launchable_of(PyObject* object);

// A task that tells Python what there is to tell.
class ReportingTask : public Task {
 public:
  // Tell it, once. Throws what that raises. Called with the GIL.
  virtual void deliver() = 0;
};

// Let tasks tell what there is to tell. Throws the first error; further ones go to
// sys.unraisablehook.
void deliver_all(const std::vector<std::shared_ptr<Task>>& tasks);

// Call `report` with what a launch has to tell. Throws what it raises.
void deliver(const Launchable& launchable, const Outcome& outcome);

// Everything about one launch but how to run it; the arguments fit the layout. Borrows.
struct PreparedLaunch {
  PyObject* owner;  // of the launchable
  const Launchable& launchable;
  const Grid& grid;
  const Argument* arguments;
  PyObject* const* bound;  // the objects of the arguments
  int count;
  const Owners& owners;
  SpanNames names;
};

// Run it and return when it is done, the GIL released meanwhile.
void run_now(const PreparedLaunch& launch);

// Put it into a stream, which keeps everything alive until it ran.
void run_on(Stream& stream, const PreparedLaunch& launch);

// Put it into a stream of the GPU it was compiled for, and return. With `keeps` the arguments stay
// alive until it ran; else what frees their memory does so in the order of the stream.
void run_on_device(const std::shared_ptr<Stream>& stream, const PreparedLaunch& launch, bool keeps);

// Tell what the launches of a stream up to `ticket` have to tell. Throws the first error; further
// ones go to sys.unraisablehook.
void deliver_news(Stream& stream, std::uint64_t ticket);

// Drop what finished launches kept alive: it needs the GIL, which the threads of streams never
// take.
void drop_finished_launches();

void define_launchable(py::module_& module);

}  // namespace tilewright
