// Spans for Python: draining the trace, and adding to it.
//
// Stateless. Called with the GIL.
#pragma once

#include "bindings/python.h"

namespace tilewright {

void define_trace(py::module_& module);

}  // namespace tilewright
