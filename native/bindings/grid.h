// How many programs a launch runs, along up to three axes.
//
// A value. Called with the GIL.
#pragma once

#include <cstdint>

#include "bindings/python.h"

namespace tilewright {

struct Grid {
  std::int64_t extents[3];  // axes that were not given are 1
  std::int64_t programs;    // their product
};

// Read an integer or a tuple of one to three. Throws LaunchError for anything else.
Grid read_grid(PyObject* object);

}  // namespace tilewright
