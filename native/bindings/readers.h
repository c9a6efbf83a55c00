// From Python objects to plain facts: arrays of several libraries, and numbers.
//
// The tables of known types are global and grow; what is read borrows from the object read, or
// from what `Owners` holds. Called with the GIL, which makes it thread-safe.
#pragma once

#include <memory>

#include "bindings/python.h"
#include "hal/memory.h"
#include "launch/arguments.h"

namespace tilewright {

// Where the arrays of a launch are, if not on the host, and whose streams their contents come from.
struct Residence {
  int ordinal = host_ordinal;
  PyObject* parameter = nullptr;  // that of the first array there, borrowed
  int arrays = 0;                 // how many are there
  bool has_streams = false;       // whether libraries told the streams they work on
  bool keeps = false;             // whether memory may be freed out of the order of streams
  int stream_count = 0;
  int buffer_count = 0;
  std::uintptr_t streams[max_parameters];
  const std::shared_ptr<Buffer>* buffers[max_parameters];  // those of ours, borrowed

  void add_stream(std::uintptr_t stream) {
    has_streams = true;
    for (int i = 0; i < stream_count; ++i) {
      if (streams[i] == stream) return;
    }
    streams[stream_count++] = stream;
  }
};

// Objects to keep alive for the length of a launch, besides its arguments.
class Owners {
 public:
  Owners() = default;
  Owners(const Owners&) = delete;
  Owners& operator=(const Owners&) = delete;
  ~Owners() {
    while (count_ > 0) Py_DECREF(items_[--count_]);
  }

  // Each value and each struct adds one at most for itself, and one as the field of a struct.
  // Returns what it took.
  PyObject* keep(Ref object) { return items_[count_++] = object.release(); }

  Residence& residence() { return residence_; }
  const Residence& residence() const { return residence_; }

  int count() const { return count_; }
  PyObject* operator[](int index) const { return items_[index]; }

 private:
  Residence residence_;
  int count_ = 0;
  PyObject* items_[4 * max_parameters];
};

// Where in a struct a value stands.
struct Path {
  const Path* outer;  // of the struct that holds this one; null if it is the argument
  PyObject* name;     // of the field; null if it has none
  Py_ssize_t index;
  int depth;
};

// Which argument of which kernel is being read, for messages.
struct Site {
  PyObject* kernel;     // the launch table
  PyObject* parameter;  // its name
  const Path* path = nullptr;
};

// The name of a field behind that of its struct: `state.x`, `pair[0]`. A new reference.
Ref field_name(PyObject* outer, PyObject* name, Py_ssize_t index);

// The name users know a kernel by. A new reference; never fails.
Ref kernel_name(PyObject* kernel);

// Set a LaunchError about an argument, and throw.
[[noreturn]] void refuse(const Site& site, const char* format, ...);

// Note that an array of a launch is on a GPU. Throws LaunchError if another one is on another.
void add_residence(const Site& site, Owners& owners, int ordinal);

// Learn NumPy's types. Called once, when the module is imported.
void prepare_readers();

// Learn the class with a slot `_host`, in which is a NumPy array or a View.
void register_array_class(PyObject* cls);

// Read an argument of a usual kind, a NumPy array or a number; false if it is none.
bool read_usual(const Site& site, PyObject* object, Argument& argument);

// The same for fields of structs, which are tuples more often. A function of its own, so that the
// compiler puts the other in line: a launch spends most of its time there.
bool read_usual_field(const Site& site, PyObject* object, Argument& argument);

// Read an array of any kind; false if it is none.
bool read_other_array(const Site& site, PyObject* object, Argument& argument, Owners& owners);

// Learn the classes of what is a constant where it stands in a struct, beside None, strings,
// classes and functions.
void register_constant_classes(PyObject* classes);

// Whether an object in a struct is a compile-time constant.
bool is_constant(PyObject* object);

// Refuse an object that is neither array nor number.
[[noreturn]] void refuse_object(const Site& site, PyObject* object, const char* wanted);

// Whether the object is a NumPy scalar of a known dtype, and its bits.
bool read_numpy_scalar(PyObject* object, Scalar& scalar);

// Read an argument that must be a number, and convert it to `dtype`.
void read_scalar_as(const Site& site, PyObject* object, Dtype dtype, Argument& argument);

// Read an argument that must be an array. With `whole_allocation`, the bytes it may touch are those
// of the memory it is a view of: a pointer may go there.
void read_array(const Site& site, PyObject* object, bool whole_allocation, Argument& argument,
                Owners& owners);

// The memory that an array is part of, in whole elements.
struct Allocation {
  const char* begin;
  std::int64_t elements;
};

// What NumPy knows of it: the outermost array that this one is a view of. Of other libraries'
// arrays nothing is known, and they are all there is.
Allocation find_allocation(PyObject* object, const Array& array);

// The array that read_exchanged read last at some parameter: most calls bring the like of it.
struct LastTensor {
  std::uint32_t type;  // the bits of its DLPack type
  Array array;         // at a multiple of `fact_alignment`; at null if there was none
};

// Read an array of a type that has DLPack's exchange API; false if it has not. `last` is of the
// same parameter; null if nobody keeps it.
bool read_exchanged(const Site& site, PyObject* object, Array& array, Owners& owners,
                    LastTensor* last);

// The types asked for with every argument: the last one that read_exchanged read, and that of our
// own arrays.
extern PyTypeObject* last_exchanged_type;
extern PyTypeObject* array_class;

// Whether read_other_array will read it, and it is nothing else besides.
inline bool is_usual_array(PyObject* object) {
  return Py_TYPE(object) == last_exchanged_type || Py_TYPE(object) == array_class;
}

// Read an array through DLPack or the array interface; false if the object has neither.
// The memory's extent is unknown, so with `whole_allocation` it overlaps everything.
bool read_foreign_array(const Site& site, PyObject* object, Array& array, Owners& owners);

}  // namespace tilewright
