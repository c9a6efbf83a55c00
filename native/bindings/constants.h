// The values of constexpr parameters, numbered so that equal ones get one number.
//
// Owned by a launch table; keeps every value alive that it numbered. Called with the GIL.
#pragma once

#include "bindings/readers.h"
#include "launch/table.h"

namespace tilewright {

// The value seen last at one parameter and its number: most calls pass the same object again.
struct LastConstant {
  Ref value;
  std::uint64_t number = 0;
};

class Constants {
 public:
  // Add a value to a key. Equal means: same type, same value, same sign of zero, also inside
  // tuples and dataclasses. Throws LaunchError for what cannot be hashed.
  void add_to(Key& key, const Site& site, PyObject* value, LastConstant& last);

  // Forget all values; their numbers are not used again.
  [[nodiscard]] Ref clear() { return std::exchange(numbers_, Ref()); }

  PyObject* values() const { return numbers_.get(); }

 private:
  std::uint64_t number_of(const Site& site, PyObject* value);

  Ref numbers_;  // a dict from identity to (number, value)
  std::uint64_t next_ = 0;
};

}  // namespace tilewright
