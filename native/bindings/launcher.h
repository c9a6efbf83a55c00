// The types LaunchTable and Launcher: the warm path from `kernel[grid](...)` to running code.
//
// Called with the GIL; no lock is held while Python code runs, so a table may change under a call
// that describes or builds, and the call notices.
#pragma once

#include "bindings/python.h"

namespace tilewright {

void define_launcher(py::module_& module);

}  // namespace tilewright
