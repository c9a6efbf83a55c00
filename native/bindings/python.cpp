// Errors between C++ and Python.
#include "bindings/python.h"

#include <cstdarg>
#include <new>

#include "base/error.h"

namespace tilewright {
namespace {

// Owned for ever: errors may be raised while the interpreter shuts down.
PyObject* launch_error = nullptr;
PyObject* device_error = nullptr;

PyObject* or_runtime_error(PyObject* type) { return type != nullptr ? type : PyExc_RuntimeError; }

}  // namespace

void set_error_types(PyObject* launch, PyObject* device) {
  for (PyObject* type : {launch, device}) {
    if (!PyExceptionClass_Check(type)) {
      raise_python(PyExc_TypeError, "expected an exception class, got %R", type);
    }
  }
  Py_XSETREF(launch_error, Py_NewRef(launch));
  Py_XSETREF(device_error, Py_NewRef(device));
}

void raise_launch(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(or_runtime_error(launch_error), format, arguments);
  va_end(arguments);
  throw Raised{};
}

void raise_device(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(or_runtime_error(device_error), format, arguments);
  va_end(arguments);
  throw Raised{};
}

void raise_python(PyObject* type, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(type, format, arguments);
  va_end(arguments);
  throw Raised{};
}

Ref result_of_ours(PyObject* result) {
  if (result != nullptr) return Ref::steal(result);
  // The base of our errors, `Error`, is what a LaunchError derives from.
  PyTypeObject* ours =
      launch_error != nullptr ? reinterpret_cast<PyTypeObject*>(launch_error)->tp_base : nullptr;
  if (ours != nullptr && PyErr_ExceptionMatches(reinterpret_cast<PyObject*>(ours)) != 0) {
    PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (value != nullptr) PyException_SetTraceback(value, Py_None);
    Py_XDECREF(trace);
    PyErr_Restore(type, value, nullptr);
  }
  throw Raised{};
}

void set_error_from_exception() noexcept {
  try {
    throw;
  } catch (const Raised&) {
    // The error is set already.
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const LaunchError& error) {
    PyErr_SetString(or_runtime_error(launch_error), error.what());
  } catch (const DeviceError& error) {
    PyErr_SetString(or_runtime_error(device_error), error.what());
  } catch (const ObjectError& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "unknown C++ exception");
  }
}

Ref find_attribute(PyObject* object, const char* name) {
  PyObject* found = PyObject_GetAttrString(object, name);
  if (found == nullptr) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw Raised{};
    PyErr_Clear();
  }
  return Ref::steal_or_null(found);
}

}  // namespace tilewright
