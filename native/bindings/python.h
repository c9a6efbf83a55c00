// What the files that touch Python share: references, errors, and the GIL rule.
//
// The GIL is the outermost lock: it is held in every function here unless said otherwise, never
// taken while a lock of ours is held, and released around whatever can block or runs a kernel.
#pragma once

#include <pybind11/pybind11.h>

#include <utility>

namespace tilewright {

namespace py = pybind11;

// Thrown when a Python error has been set. Carries nothing.
struct Raised {};

// An owned reference, or null.
class Ref {
 public:
  Ref() = default;
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref(const Ref& other) : object_(Py_XNewRef(other.object_)) {}
  ~Ref() { Py_XDECREF(object_); }

  // By value: the old reference is dropped last, when this one is whole again.
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  // Take over a new reference; throws if it is null, which means that an error is set.
  static Ref steal(PyObject* object) {
    if (object == nullptr) throw Raised{};
    return Ref(object);
  }
  // Take over a new reference or null.
  static Ref steal_or_null(PyObject* object) { return Ref(object); }
  static Ref borrow(PyObject* object) { return Ref(Py_XNewRef(object)); }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit Ref(PyObject* object) : object_(object) {}

  PyObject* object_ = nullptr;
};

// Use these classes for the errors of C++; until then they are RuntimeErrors.
void set_error_types(PyObject* launch, PyObject* device);

// Set a LaunchError with a text formatted as by PyUnicode_FromFormat, and throw.
[[noreturn]] void raise_launch(const char* format, ...);

// Set a DeviceError, likewise.
[[noreturn]] void raise_device(const char* format, ...);

// Set a Python error of any type, likewise.
[[noreturn]] void raise_python(PyObject* type, const char* format, ...);

// Take over what our own Python code returned. An error of ours in its place loses the frames of
// that code: users see where they called, and nothing below it. Throws if it is null.
Ref result_of_ours(PyObject* result);

// Turn the C++ exception being handled into a Python error.
void set_error_from_exception() noexcept;

// Run `body`, which returns a pointer; null with a Python error set if it throws.
template <class Body>
auto guarded(Body body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    set_error_from_exception();
    return nullptr;
  }
}

// Run `body` for pybind11, which knows `error_already_set` only.
template <class Body>
auto translated(Body body) -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    set_error_from_exception();
    throw py::error_already_set();
  }
}

// Without the GIL for the life of this value.
class ReleasedGil {
 public:
  ReleasedGil() : state_(PyEval_SaveThread()) {}
  ~ReleasedGil() { PyEval_RestoreThread(state_); }
  ReleasedGil(const ReleasedGil&) = delete;
  ReleasedGil& operator=(const ReleasedGil&) = delete;

 private:
  PyThreadState* state_;
};

// Stops at Python's recursion limit: what is read may be nested as deep as it likes.
class Recursion {
 public:
  // `where` ends the message, as in " in a constexpr".
  explicit Recursion(const char* where) {
    if (Py_EnterRecursiveCall(where) != 0) throw Raised{};
  }
  ~Recursion() { Py_LeaveRecursiveCall(); }
  Recursion(const Recursion&) = delete;
  Recursion& operator=(const Recursion&) = delete;
};

// An attribute, or null if the object has none; throws on any other error.
Ref find_attribute(PyObject* object, const char* name);

}  // namespace tilewright
