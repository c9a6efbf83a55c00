// Streams and events for Python, and which stream a launch goes to.
//
// The current streams are per thread; the rest is called with the GIL.
#pragma once

#include <memory>
#include <string>

#include "bindings/python.h"
#include "hal/device.h"
#include "hal/stream.h"

namespace tilewright {

// The current stream of this thread on the host; null if launches run at once. Borrowed.
Stream* current_stream();

// The current stream of this thread on a device; null if there is none.
std::shared_ptr<Stream> current_stream(int ordinal);

// The stream in a Python object, which must stay alive. Throws LaunchError if it is none, which
// `what` begins.
const std::shared_ptr<Stream>& stream_of(PyObject* object, const char* what = "expected");

// The same of an argument that may be None, which gives null.
std::shared_ptr<Stream> stream_or_null(PyObject* object);

// The device of a name, or of a Device object of the runtime, which has it as `label`. `what`
// begins the LaunchError about anything else.
std::shared_ptr<Device> device_of(PyObject* object, const char* what);

void define_streams(py::module_& module);

}  // namespace tilewright
