// Memory of devices for Python: buffers, and views that give them a type and a shape.
//
// Called with the GIL.
#pragma once

#include <memory>

#include "bindings/python.h"
#include "hal/memory.h"
#include "launch/arguments.h"

namespace tilewright {

// Typed, shaped memory on a device, with all that a launch asks of it. Immutable; it owns the
// memory or holds who does.
struct View {
  Ref owner;
  std::shared_ptr<Buffer> buffer;  // null if the owner is none
  int ordinal;
  Array array;
};

// The view that an object of the type `View` is; null for any other object. Borrowed.
const View* view_of(PyObject* object);

void define_memory(py::module_& module);

}  // namespace tilewright
