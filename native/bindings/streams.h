// Which stream a launch goes to: the one named, else the thread's current one.
//
// The current streams are per thread; the rest is called with the GIL.
#pragma once

#include "bindings/python.h"
#include "hal/stream.h"

namespace tilewright {

// The current stream of this thread; null if launches run at once. Borrowed.
Stream* current_stream();

// The stream behind a Python object. Throws LaunchError if it is none.
Stream* stream_of(PyObject* object);

// Refuse a `device=` that is not this machine's CPU. Throws LaunchError.
void check_device_option(PyObject* device);

void define_device(py::module_& module);

}  // namespace tilewright
