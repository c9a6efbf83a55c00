// From Python objects to plain facts: arrays of several libraries, and numbers.
//
// The tables of known types are global and grow; what is read borrows from the object read, or
// from what `Owners` holds. Called with the GIL, which makes it thread-safe.
#pragma once

#include "bindings/python.h"
#include "launch/arguments.h"

namespace tilewright {

// Objects to keep alive for the length of a launch, besides its arguments.
class Owners {
 public:
  Owners() = default;
  Owners(const Owners&) = delete;
  Owners& operator=(const Owners&) = delete;
  ~Owners() {
    while (count_ > 0) Py_DECREF(items_[--count_]);
  }

  // Each argument adds one at most. Returns what it took.
  PyObject* keep(Ref object) { return items_[count_++] = object.release(); }

  int count() const { return count_; }
  PyObject* operator[](int index) const { return items_[index]; }

 private:
  int count_ = 0;
  PyObject* items_[max_parameters];
};

// Which argument of which kernel is being read, for messages.
struct Site {
  PyObject* kernel;     // the launch table
  PyObject* parameter;  // its name
};

// The name users know a kernel by. A new reference; never fails.
Ref kernel_name(PyObject* kernel);

// Set a LaunchError about an argument, and throw.
[[noreturn]] void refuse(const Site& site, const char* format, ...);

// Learn NumPy's types. Called once, when the module is imported.
void prepare_readers();

// Learn the class whose `_host` attribute is a NumPy array.
void register_array_class(PyObject* cls);

// Read an argument of any kind. Refuses what it does not know.
void read_argument(const Site& site, PyObject* object, Argument& argument, Owners& owners);

// Whether the object is a NumPy scalar of a known dtype, and its bits.
bool read_numpy_scalar(PyObject* object, Scalar& scalar);

// Read an argument that must be a number, and convert it to `dtype`.
void read_scalar_as(const Site& site, PyObject* object, Dtype dtype, Argument& argument);

// Read an argument that must be an array. With `whole_allocation`, the bytes it may touch are those
// of the memory it is a view of: a pointer may go there.
void read_array(const Site& site, PyObject* object, bool whole_allocation, Argument& argument,
                Owners& owners);

// Read an array through DLPack or the array interface; false if the object has neither.
// The memory's extent is unknown, so with `whole_allocation` it overlaps everything.
bool read_foreign_array(const Site& site, PyObject* object, Array& array, Owners& owners);

}  // namespace tilewright
