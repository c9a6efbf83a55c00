// Reads the parameters of a kernel and binds the arguments of its calls.
#include "bindings/parameters.h"

#include <algorithm>

namespace tilewright {
namespace {

PyObject* required_sentinel = nullptr;

PyObject* num_warps_name = nullptr;
PyObject* num_stages_name = nullptr;
PyObject* stream_name = nullptr;
PyObject* device_name = nullptr;

bool is_option(PyObject* name) {
  return name == num_warps_name || name == num_stages_name || name == stream_name ||
         name == device_name;
}

long read_long(PyObject* object, const char* what, long low, long high) {
  const long value = PyLong_AsLong(object);
  if (value == -1 && PyErr_Occurred() != nullptr) throw Raised{};
  if (value < low || value > high) {
    raise_python(PyExc_ValueError, "%s %ld is not between %ld and %ld", what, value, low, high);
  }
  return value;
}

// One entry of the list: (name, kind, default, dtype, extents).
Parameter read_parameter(PyObject* entry) {
  const Ref fields = Ref::steal(PySequence_Tuple(entry));
  if (PyTuple_GET_SIZE(fields.get()) != 5) {
    raise_python(PyExc_ValueError, "a parameter is (name, kind, default, dtype, extents), got %R",
                 entry);
  }
  PyObject* name = PyTuple_GET_ITEM(fields.get(), 0);
  if (!PyUnicode_CheckExact(name)) {
    raise_python(PyExc_TypeError, "a parameter's name is a str, got %R", name);
  }
  PyObject* interned = Py_NewRef(name);
  PyUnicode_InternInPlace(&interned);
  Parameter parameter{.name = Ref::steal(interned),
                      .kind = ParameterKind::free,
                      .dtype = Dtype::f32,
                      .standard = {},
                      .fixed = {},
                      .last = {}};
  if (is_option(interned)) {
    raise_python(PyExc_ValueError, "a parameter may not be named like the launch option '%U'",
                 interned);
  }
  parameter.kind =
      static_cast<ParameterKind>(read_long(PyTuple_GET_ITEM(fields.get(), 1), "kind", 0, 4));
  PyObject* standard = PyTuple_GET_ITEM(fields.get(), 2);
  if (standard != required_sentinel) parameter.standard = Ref::borrow(standard);
  if (parameter.kind == ParameterKind::scalar) {
    parameter.dtype = static_cast<Dtype>(
        read_long(PyTuple_GET_ITEM(fields.get(), 3), "dtype", 0, dtype_count - 1));
  }
  const Ref axes = Ref::steal(PySequence_Tuple(PyTuple_GET_ITEM(fields.get(), 4)));
  if (PyTuple_GET_SIZE(axes.get()) > max_rank) {
    raise_python(PyExc_ValueError, "a parameter has at most %d fixed extents", max_rank);
  }
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(axes.get()); ++i) {
    parameter.fixed.push_back(static_cast<std::uint8_t>(
        read_long(PyTuple_GET_ITEM(axes.get(), i), "axis", 0, max_rank - 1)));
  }
  return parameter;
}

}  // namespace

PyObject* required() { return required_sentinel; }

void prepare_parameters() {
  num_warps_name = PyUnicode_InternFromString("num_warps");
  num_stages_name = PyUnicode_InternFromString("num_stages");
  stream_name = PyUnicode_InternFromString("stream");
  device_name = PyUnicode_InternFromString("device");
  required_sentinel =
      Ref::steal(PyObject_CallNoArgs(reinterpret_cast<PyObject*>(&PyBaseObject_Type))).release();
}

Parameters::Parameters(PyObject* list, unsigned device_facts) : device_facts_(device_facts) {
  const Ref entries = Ref::steal(PySequence_Tuple(list));
  const Py_ssize_t count = PyTuple_GET_SIZE(entries.get());
  if (count > max_parameters) {
    raise_python(PyExc_ValueError, "a kernel has at most %d parameters, got %zd", max_parameters,
                 count);
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    parameters_.push_back(read_parameter(PyTuple_GET_ITEM(entries.get(), i)));
  }
}

void Parameters::bind(PyObject* kernel, PyObject* const* arguments, Py_ssize_t count,
                      PyObject* keywords, PyObject** bound, Options& options) const {
  const int expected = this->count();
  if (count > expected) {
    const Ref name = kernel_name(kernel);
    raise_launch("%U takes %d arguments, got %zd by position", name.get(), expected, count);
  }
  std::copy(arguments, arguments + count, bound);
  std::fill(bound + count, bound + expected, nullptr);
  if (keywords != nullptr) {
    const Py_ssize_t keyword_count = PyTuple_GET_SIZE(keywords);
    for (Py_ssize_t i = 0; i < keyword_count; ++i) {
      bind_keyword(kernel, PyTuple_GET_ITEM(keywords, i), arguments[count + i], bound, options);
    }
  }
  for (int i = static_cast<int>(count); i < expected; ++i) {
    if (bound[i] == nullptr) bound[i] = (*this)[i].standard.get();
    if (bound[i] == nullptr) [[unlikely]]
      refuse_missing(kernel, bound);
  }
}

void Parameters::bind_keyword(PyObject* kernel, PyObject* name, PyObject* value, PyObject** bound,
                              Options& options) const {
  int index = 0;
  while (index < count() && (*this)[index].name.get() != name) ++index;
  if (index == count()) {  // not the interned string itself: compare texts
    if (bind_option(kernel, name, value, options)) return;
    index = 0;
    while (index < count() && PyUnicode_Compare((*this)[index].name.get(), name) != 0) ++index;
  }
  if (index == count()) {
    const Ref kernel_text = kernel_name(kernel);
    raise_launch("%U has no parameter '%U'", kernel_text.get(), name);
  }
  if (bound[index] != nullptr) {
    const Ref kernel_text = kernel_name(kernel);
    raise_launch("%U got two values for '%U'", kernel_text.get(), name);
  }
  bound[index] = value;
}

bool Parameters::bind_option(PyObject* kernel, PyObject* name, PyObject* value,
                             Options& options) const {
  const auto is = [&](PyObject* option) {
    return name == option || PyUnicode_Compare(name, option) == 0;
  };
  if (is(stream_name)) {
    if (value != Py_None) options.stream = value;
    return true;
  }
  if (is(device_name)) {
    if (value != Py_None) options.device = value;
    return true;
  }
  if (!is(num_warps_name) && !is(num_stages_name)) return false;
  // They steer GPU code only, but a mistake should not wait for a GPU to be found.
  if (value != Py_None && !PyIndex_Check(value)) {
    const Ref kernel_text = kernel_name(kernel);
    raise_launch("option '%U' of %U is an integer, got %s", name, kernel_text.get(),
                 Py_TYPE(value)->tp_name);
  }
  return true;
}

void Parameters::refuse_missing(PyObject* kernel, PyObject** bound) const {
  Ref text = Ref::steal(PyUnicode_FromString(""));
  int missing = 0;
  for (int i = 0; i < count(); ++i) {
    if (bound[i] != nullptr || (*this)[i].standard) continue;
    const char* format = missing == 0 ? "%U'%U'" : "%U, '%U'";
    text = Ref::steal(PyUnicode_FromFormat(format, text.get(), (*this)[i].name.get()));
    ++missing;
  }
  const Ref name = kernel_name(kernel);
  raise_launch("%U is missing %s %U", name.get(), missing == 1 ? "the argument" : "the arguments",
               text.get());
}

int Parameters::traverse(visitproc visit, void* arg) const {
  for (const Parameter& parameter : parameters_) {
    Py_VISIT(parameter.standard.get());
    Py_VISIT(parameter.last.value.get());
  }
  return 0;
}

}  // namespace tilewright
