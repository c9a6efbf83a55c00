// Reads the parameters of a kernel and binds the arguments of its calls.
#include "bindings/parameters.h"

#include <algorithm>

namespace tilewright {
namespace {

PyObject* required_sentinel = nullptr;
PyObject* tuned_sentinel = nullptr;
PyObject* struct_reader = nullptr;

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

std::vector<Parameter> read_fields(PyObject* list);

// One entry of the list: (name, kind, default, dtype, extents), of a structure also the same of its
// fields.
Parameter read_parameter(PyObject* entry) {
  const Ref fields = Ref::steal(PySequence_Tuple(entry));
  const Py_ssize_t size = PyTuple_GET_SIZE(fields.get());
  if (size != 5 && size != 6) {
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
                      .fields = {},
                      .last = {},
                      .last_tensor = {}};
  parameter.kind =
      static_cast<ParameterKind>(read_long(PyTuple_GET_ITEM(fields.get(), 1), "kind", 0, 5));
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
  if (size == 6) parameter.fields = read_fields(PyTuple_GET_ITEM(fields.get(), 5));
  return parameter;
}

std::vector<Parameter> read_fields(PyObject* list) {
  const Recursion recursion(" in a struct");
  const Ref entries = Ref::steal(PySequence_Tuple(list));
  std::vector<Parameter> fields;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(entries.get()); ++i) {
    fields.push_back(read_parameter(PyTuple_GET_ITEM(entries.get(), i)));
  }
  return fields;
}

int traverse_parameters(const std::vector<Parameter>& parameters, visitproc visit, void* arg) {
  for (const Parameter& parameter : parameters) {
    Py_VISIT(parameter.standard.get());
    Py_VISIT(parameter.last.value.get());
    if (const int result = traverse_parameters(parameter.fields, visit, arg)) return result;
  }
  return 0;
}

// Moves the constants out, so that they are dropped when nothing is half changed.
void take_constants(std::vector<Parameter>& parameters, std::vector<LastConstant>& taken) {
  for (Parameter& parameter : parameters) {
    taken.push_back(std::exchange(parameter.last, {}));
    take_constants(parameter.fields, taken);
  }
}

}  // namespace

PyObject* required() { return required_sentinel; }

PyObject* tuned() { return tuned_sentinel; }

void prepare_parameters() {
  num_warps_name = PyUnicode_InternFromString("num_warps");
  num_stages_name = PyUnicode_InternFromString("num_stages");
  stream_name = PyUnicode_InternFromString("stream");
  device_name = PyUnicode_InternFromString("device");
  auto* object_type = reinterpret_cast<PyObject*>(&PyBaseObject_Type);
  required_sentinel = Ref::steal(PyObject_CallNoArgs(object_type)).release();
  tuned_sentinel = Ref::steal(PyObject_CallNoArgs(object_type)).release();
}

Parameters::Parameters(PyObject* list, unsigned device_facts, PyObject* tuning)
    : device_facts_(device_facts) {
  const Ref entries = Ref::steal(PySequence_Tuple(list));
  const Py_ssize_t count = PyTuple_GET_SIZE(entries.get());
  if (count > max_parameters) {
    raise_python(PyExc_ValueError, "a kernel has at most %d parameters, got %zd", max_parameters,
                 count);
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    parameters_.push_back(read_parameter(PyTuple_GET_ITEM(entries.get(), i)));
    PyObject* name = parameters_.back().name.get();
    if (is_option(name)) {
      raise_python(PyExc_ValueError, "a parameter may not be named like the launch option '%U'",
                   name);
    }
  }
  anonymous_.kind = ParameterKind::free;
  if (tuning == Py_None) return;
  tuning_ = std::make_unique<Tuning>(tuning, this->count());
  for (int i = 0; i < this->count(); ++i) {
    if ((*this)[i].standard.get() == tuned_sentinel) tuning_->parameters.push_back(i);
  }
}

StructClass* Parameters::learn_class(const Site& site, PyTypeObject* type) {
  if (struct_reader == nullptr) return nullptr;
  auto* object = reinterpret_cast<PyObject*>(type);
  const Ref told = result_of_ours(PyObject_CallOneArg(struct_reader, object));
  if (StructClass* known = find_class(type)) return known;  // another thread was first
  if (told.get() == Py_None) return nullptr;
  if (PyUnicode_Check(told.get())) refuse(site, "%U", told.get());
  if (!PyTuple_Check(told.get()) || PyTuple_GET_SIZE(told.get()) != 2) {
    raise_python(PyExc_TypeError, "the reader of structs returned %R", told.get());
  }
  const long kind = read_long(PyTuple_GET_ITEM(told.get(), 0), "kind", 0, 2);
  std::vector<Parameter> fields = read_fields(PyTuple_GET_ITEM(told.get(), 1));
  classes_.push_back(std::make_unique<StructClass>(
      StructClass{Ref::borrow(object), static_cast<StructClass::Kind>(kind), std::move(fields),
                  classes_.size()}));
  return classes_.back().get();
}

void Parameters::forget_constants() {
  std::vector<LastConstant> taken;
  take_constants(parameters_, taken);
  for (const auto& known : classes_) take_constants(known->fields, taken);
  taken.push_back(std::exchange(anonymous_.last, {}));
}

void register_struct_reader(PyObject* function) {
  if (PyCallable_Check(function) == 0) {
    raise_python(PyExc_TypeError, "expected a function, got %R", function);
  }
  Py_XSETREF(struct_reader, Py_NewRef(function));
}

void Parameters::bind(PyObject* kernel, PyObject* const* arguments, Py_ssize_t count,
                      PyObject* keywords, PyObject** bound, Options& options) const {
  const int expected = this->count();
  if (count > expected) {
    const Ref name = kernel_name(kernel);
    const Ref note = call_note(name.get());
    raise_launch("%U takes %d arguments, got %zd by position%U", name.get(), expected, count,
                 note.get());
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
    const Ref note = call_note(kernel_text.get());
    raise_launch("%U has no parameter '%U'%U", kernel_text.get(), name, note.get());
  }
  if (bound[index] != nullptr) {
    const Ref kernel_text = kernel_name(kernel);
    const Ref note = call_note(kernel_text.get());
    raise_launch("%U got two values for '%U'%U", kernel_text.get(), name, note.get());
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
  if (value == Py_None) return true;
  (is(num_warps_name) ? options.num_warps : options.num_stages) = value;
  if (PyBool_Check(value) || !PyIndex_Check(value)) {
    const Ref kernel_text = kernel_name(kernel);
    raise_launch("option '%U' of %U is an integer, got %s", name, kernel_text.get(),
                 Py_TYPE(value)->tp_name);
  }
  const Py_ssize_t number = PyNumber_AsSsize_t(value, nullptr);  // of one too large, the largest
  if (number == -1 && PyErr_Occurred() != nullptr) throw Raised{};
  if (number < 1) {
    const Ref kernel_text = kernel_name(kernel);
    raise_launch("option '%U' of %U is at least 1, got %S", name, kernel_text.get(), value);
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
  const Ref note = call_note(name.get());
  raise_launch("%U is missing %s %U%U", name.get(), missing == 1 ? "the argument" : "the arguments",
               text.get(), note.get());
}

Ref Parameters::call_note(PyObject* kernel) const {
  Ref text = Ref::steal(PyUnicode_FromFormat("\nnote: call it as %U[grid](", kernel));
  const char* comma = "";
  for (int i = 0; i < count(); ++i) {
    const Parameter& parameter = (*this)[i];
    if (parameter.standard.get() == tuned_sentinel) continue;
    text =
        Ref::steal(parameter.standard
                       ? PyUnicode_FromFormat("%U%s%U=%R", text.get(), comma, parameter.name.get(),
                                              parameter.standard.get())
                       : PyUnicode_FromFormat("%U%s%U", text.get(), comma, parameter.name.get()));
    comma = ", ";
  }
  return Ref::steal(PyUnicode_FromFormat("%U)", text.get()));
}

int Parameters::traverse(visitproc visit, void* arg) const {
  if (const int result = traverse_parameters(parameters_, visit, arg)) return result;
  for (const auto& known : classes_) {
    Py_VISIT(known->type.get());
    if (const int result = traverse_parameters(known->fields, visit, arg)) return result;
  }
  Py_VISIT(anonymous_.last.value.get());
  return 0;
}

}  // namespace tilewright
