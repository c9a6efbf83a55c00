// The line between users and our Python code: errors that cross it lose our frames.
#pragma once

#include "bindings/python.h"

namespace tilewright {

// Add the type `Boundary`: a callable around a function, which binds to instances as one does.
void define_boundary(py::module_& module);

}  // namespace tilewright
