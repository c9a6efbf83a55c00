// Executables, devices and the topology for Python.
//
// Called with the GIL.
#pragma once

#include "bindings/python.h"

namespace tilewright {

void define_device(py::module_& module);

}  // namespace tilewright
