// What tells the calls of a tuned kernel apart, beside the kinds of their arguments.
//
// Immutable once made; owned by the parameters of a launch table. The configuration that was chosen
// for a call is a field of its table entry, so that a warm launch pays for a few more words of key.
#pragma once

#include <vector>

#include "bindings/python.h"
#include "launch/arguments.h"
#include "launch/table.h"

namespace tilewright {

// A quantity whose value is part of the key.
struct TuningItem {
  enum What : std::uint8_t { value, extent, stride, size, extents, strides };
  Ref text;  // as the user wrote it
  int parameter;
  What what;
  int axis;  // of an extent or a stride; negative ones count from the last
};

struct Tuning {
  // Read (items, options): the items are None for the shapes of all arrays, or (text, parameter,
  // what, axis) each; the options are those that configurations set (1: num_warps, 2: num_stages).
  // Throws ValueError or TypeError for malformed ones.
  Tuning(PyObject* object, int parameter_count);

  bool sets_num_warps() const { return (options & 1) != 0; }
  bool sets_num_stages() const { return (options & 2) != 0; }

  bool by_shapes = false;
  std::vector<TuningItem> items;
  std::vector<int> parameters;  // those that the configurations set
  unsigned options = 0;
};

// Add the shape of an array, as that of what is passed for a pointer, to a key.
inline void add_shape(Key& key, const Array& array) {
  key.add(array.axes);
  for (int axis = 0; axis < array.axes; ++axis) {
    key.add(static_cast<std::uint64_t>(array.extents[axis]));
  }
}

// Add a quantity of an argument to a key. Returns why the argument has no such quantity; null if it
// has.
const char* add_quantity(Key& key, const TuningItem& item, const Argument& argument);

}  // namespace tilewright
