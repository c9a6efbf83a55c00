// Graphs for Python: launches recorded from a stream, and run again as one.
//
// Called with the GIL.
#pragma once

#include "bindings/python.h"

namespace tilewright {

void define_graph(py::module_& module);

}  // namespace tilewright
