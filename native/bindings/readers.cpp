// Reads arguments by exact type first: NumPy arrays, numbers, then slower kinds.
//
// NumPy's structures are used as pybind11 restates them, so that the build needs no NumPy.
#include "bindings/readers.h"

#include <pybind11/numpy.h>
#include <structmember.h>

#include <bit>
#include <cstdarg>
#include <cstring>
#include <limits>
#include <vector>

#include "bindings/memory.h"

namespace tilewright {
namespace {

using NumpyArray = py::detail::PyArray_Proxy;

// The head of a dtype object, which NumPy 1 and 2 share.
struct NumpyDtype {
  PyObject_HEAD PyObject* scalar_type;
  char kind;
  char type;
  char byteorder;
  char flags;
  int number;
};

constexpr int numpy_writable = py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
constexpr int no_code = -1;

PyTypeObject* numpy_array_type = nullptr;
PyTypeObject* numpy_scalar_class = nullptr;  // the base of all scalars
Py_ssize_t host_offset = 0;                  // of `_host` in the objects of `array_class`
PyObject* constant_classes = nullptr;        // a tuple

std::vector<std::int8_t> codes_by_number;  // by NumPy's type number

// The type of a NumPy scalar, whose value lies right behind the object's head.
struct ScalarType {
  PyTypeObject* type;
  Dtype dtype;
};
std::vector<ScalarType> scalar_types;

void learn(PyObject* object, Dtype known) {
  const py::dtype dtype = py::dtype::from_args(py::reinterpret_borrow<py::object>(object));
  const auto numpy = reinterpret_cast<const NumpyDtype*>(dtype.ptr());
  if (dtype.itemsize() != (py::ssize_t{1} << item_shift(known)) || numpy->number < 0) {
    raise_python(PyExc_ValueError, "%R cannot be %s", object, dtype_name(known));
  }
  const auto number = static_cast<std::size_t>(numpy->number);
  if (number >= codes_by_number.size()) codes_by_number.resize(number + 1, no_code);
  codes_by_number[number] = static_cast<std::int8_t>(known);
  auto* type = reinterpret_cast<PyTypeObject*>(numpy->scalar_type);
  for (const ScalarType& entry : scalar_types) {
    if (entry.type == type) return;
  }
  Py_INCREF(type);
  scalar_types.push_back({type, known});
}

// Learn the dtypes of ml_dtypes once it is imported; importing it takes longer than a launch, so
// it is asked for when a type is unknown. False if there is nothing new.
bool learn_late_dtypes() {
  static bool is_done = false;
  if (is_done) return false;
  const Ref name = Ref::steal(PyUnicode_FromString("ml_dtypes"));
  const Ref module = Ref::steal_or_null(PyImport_GetModule(name.get()));
  if (!module) {
    if (PyErr_Occurred() != nullptr) throw Raised{};
    return false;
  }
  const struct {
    const char* name;
    Dtype dtype;
  } entries[] = {
      {"bfloat16", Dtype::bf16}, {"float8_e4m3fn", Dtype::f8e4m3}, {"float8_e5m2", Dtype::f8e5m2}};
  for (const auto& entry : entries) {
    const Ref type = Ref::steal(PyObject_GetAttrString(module.get(), entry.name));
    learn(type.get(), entry.dtype);
  }
  return is_done = true;
}

int find_code(int number) {
  const auto position = static_cast<std::size_t>(number);
  return position < codes_by_number.size() ? codes_by_number[position] : no_code;
}

// What complete_array found, as an error of this argument.
void check(const Site& site, ArrayFault fault) {
  if (fault != ArrayFault::none) [[unlikely]]
    refuse(site, "%s", describe(fault));
}

void read_numpy(const Site& site, PyObject* object, Array& array) {
  const auto* numpy = reinterpret_cast<const NumpyArray*>(object);
  const auto* dtype = reinterpret_cast<const NumpyDtype*>(numpy->descr);
  int code = find_code(dtype->number);
  if (code == no_code) [[unlikely]] {
    if (learn_late_dtypes()) code = find_code(dtype->number);
    if (code == no_code) {
      refuse(site,
             "arrays of dtype %S are not supported\n"
             "note: convert it, as with x.astype(np.float32)",
             numpy->descr);
    }
  }
  if (dtype->byteorder == '>') [[unlikely]] {
    refuse(site, "its byte order is foreign; convert it with .astype(x.dtype.newbyteorder('='))");
  }
  if (numpy->nd > max_rank) [[unlikely]] {
    refuse(site, "it has %d axes, at most %d are supported", numpy->nd, max_rank);
  }
  array.data = numpy->data;
  array.dtype = static_cast<Dtype>(code);
  array.rank = static_cast<std::uint8_t>(numpy->nd);
  array.writable = (numpy->flags & numpy_writable) != 0;
  static_assert(sizeof(py::ssize_t) == sizeof(std::int64_t));
  check(site, complete_array(array, numpy->dimensions, numpy->strides));
}

// Let the range of an array span all memory there is.
void widen_to_everything(Array& array) {
  array.begin = nullptr;
  array.end = reinterpret_cast<const char*>(std::numeric_limits<std::uintptr_t>::max());
}

// The array that this one is a view of, or itself.
const NumpyArray& outermost(PyObject* object) {
  const auto* numpy = reinterpret_cast<const NumpyArray*>(object);
  while (numpy->base != nullptr && PyObject_TypeCheck(numpy->base, numpy_array_type)) {
    numpy = reinterpret_cast<const NumpyArray*>(numpy->base);
  }
  return *numpy;
}

struct Bytes {
  const char* begin;
  const char* end;
};

// From the first byte of an array to behind its last.
Bytes bytes_of(const NumpyArray& numpy) {
  const auto dtype = py::reinterpret_borrow<py::dtype>(numpy.descr);
  Bytes bytes{numpy.data, numpy.data + dtype.itemsize()};
  for (int axis = 0; axis < numpy.nd; ++axis) {
    if (numpy.dimensions[axis] == 0) return {numpy.data, numpy.data};
    const py::ssize_t reach = (numpy.dimensions[axis] - 1) * numpy.strides[axis];
    (reach < 0 ? bytes.begin : bytes.end) += reach;
  }
  return bytes;
}

// The same of an array that may have widened its range.
Bytes bytes_of(const Array& array) {
  const std::int64_t item = std::int64_t{1} << item_shift(array.dtype);
  Bytes bytes{array.data, array.data + item};
  for (int axis = 0; axis < array.axes; ++axis) {
    if (array.extents[axis] == 0) return {array.data, array.data};
    const std::int64_t reach = (array.extents[axis] - 1) * array.strides[axis] * item;
    (reach < 0 ? bytes.begin : bytes.end) += reach;
  }
  return bytes;
}

// Let the range of an array span the memory it is a view of.
void widen_to_allocation(PyObject* object, Array& array) {
  const NumpyArray& owner = outermost(object);
  if ((owner.flags & py::detail::npy_api::NPY_ARRAY_OWNDATA_) == 0) {
    return widen_to_everything(array);
  }
  const Bytes bytes = bytes_of(owner);
  array.begin = bytes.begin;
  array.end = bytes.end;
}

// A number as one finds it: what it is, and its value in the widest form of that.
struct Number {
  enum Kind { boolean, integer, floating } kind;
  Dtype dtype;  // what it becomes without an annotation
  Integer whole;
  double real;
};

constexpr Integer make_integer(std::int64_t value) {
  return {value < 0, value, static_cast<std::uint64_t>(value)};
}

const ScalarType* find_scalar_type(PyTypeObject* type) {
  for (const ScalarType& entry : scalar_types) {
    if (entry.type == type) return &entry;
  }
  return nullptr;
}

// The bits of a NumPy scalar, in the low bytes.
std::uint64_t numpy_scalar_bits(PyObject* object, Dtype dtype) {
  std::uint64_t bits = 0;
  const char* value = reinterpret_cast<const char*>(object) + sizeof(PyObject);
  std::memcpy(&bits, value, std::size_t{1} << item_shift(dtype));
  return bits;
}

// A whole number from its bits in an integer dtype.
Integer decode_integer(Dtype dtype, std::uint64_t bits) {
  const int unused = 64 - (8 << item_shift(dtype));
  if (dtype >= Dtype::i8 && dtype <= Dtype::i64) {
    return make_integer(static_cast<std::int64_t>(bits << unused) >> unused);
  }
  return {false, 0, bits};
}

std::uint64_t encode_integer(Integer value) {
  return value.negative ? static_cast<std::uint64_t>(value.low) : value.high;
}

// What an integer becomes without an annotation.
constexpr Dtype dtype_of(std::int64_t value) {
  return value == static_cast<std::int32_t>(value) ? Dtype::i32 : Dtype::i64;
}

// An int of Python; false if it does not fit into 64 bits, signed or unsigned.
bool read_int(PyObject* object, Number& number) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
  if (overflow == 0) {
    if (value == -1 && PyErr_Occurred() != nullptr) throw Raised{};
    number = {Number::integer, dtype_of(value), make_integer(value), 0};
    return true;
  }
  if (overflow < 0) return false;
  const unsigned long long wide = PyLong_AsUnsignedLongLong(object);
  if (wide == ~0ULL && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return false;
  }
  number = {Number::integer, Dtype::u64, {false, 0, wide}, 0};
  return true;
}

// Whether the object is a number, and which; throws for an int that is too large for any dtype.
bool read_number(const Site& site, PyObject* object, Number& number) {
  if (PyFloat_CheckExact(object)) {
    number = {Number::floating, Dtype::f32, {}, PyFloat_AS_DOUBLE(object)};
    return true;
  }
  if (PyBool_Check(object)) {
    number = {Number::boolean, Dtype::bool_, {false, 0, object == Py_True}, 0};
    return true;
  }
  if (PyLong_Check(object)) {
    if (!read_int(object, number)) refuse(site, "%S does not fit into 64 bits", object);
    return true;
  }
  if (Scalar scalar; read_numpy_scalar(object, scalar)) {
    if (is_float(scalar.dtype)) {
      number = {Number::floating, scalar.dtype, {}, decode_float(scalar.dtype, scalar.bits)};
    } else {
      const auto kind = scalar.dtype == Dtype::bool_ ? Number::boolean : Number::integer;
      number = {kind, scalar.dtype, decode_integer(scalar.dtype, scalar.bits), 0};
    }
    return true;
  }
  if (PyFloat_Check(object)) {
    number = {Number::floating, Dtype::f32, {}, PyFloat_AS_DOUBLE(object)};
    return true;
  }
  return false;
}

void set_scalar(Argument& argument, Dtype dtype, std::uint64_t bits) {
  argument.kind = ArgumentKind::scalar;
  argument.scalar = {dtype, bits};
}

// Memory of ours on a device.
void read_view(const Site& site, const View& view, bool whole_allocation, Array& array,
               Owners& owners) {
  array = view.array;
  if (whole_allocation && view.buffer != nullptr) {
    array.begin = static_cast<const char*>(view.buffer->data());
    array.end = array.begin + view.buffer->size();
  } else if (whole_allocation) {
    widen_to_everything(array);
  }
  if (view.ordinal == host_ordinal) return;
  add_residence(site, owners, view.ordinal);
  Residence& residence = owners.residence();
  if (view.buffer != nullptr) {
    residence.buffers[residence.buffer_count++] = &view.buffer;
  } else {
    residence.keeps = true;
  }
}

bool is_of_array_class(PyObject* object) {
  return array_class != nullptr && PyObject_TypeCheck(object, array_class);
}

// The `_host` of an object of `array_class`.
Ref host_of(PyObject* object) {
  PyObject* host = nullptr;
  std::memcpy(&host, reinterpret_cast<const char*>(object) + host_offset, sizeof host);
  if (host == nullptr) raise_python(PyExc_AttributeError, "%R has no _host", object);
  return Ref::borrow(host);
}

// NumPy arrays, their subclasses, and our own; false for any other object.
bool read_known_array(const Site& site, PyObject* object, bool whole_allocation, Array& array,
                      Owners& owners) {
  if (is_of_array_class(object)) {
    object = owners.keep(host_of(object));
    if (const View* view = view_of(object)) {
      read_view(site, *view, whole_allocation, array, owners);
      return true;
    }
    if (!PyObject_TypeCheck(object, numpy_array_type)) {
      refuse(site, "its memory is neither a NumPy array nor a View");
    }
  } else if (const View* view = view_of(object)) {
    read_view(site, *view, whole_allocation, array, owners);
    return true;
  } else if (!PyObject_TypeCheck(object, numpy_array_type)) {
    return false;
  }
  read_numpy(site, object, array);
  if (whole_allocation) widen_to_allocation(object, array);
  return true;
}

bool read_any_array(const Site& site, PyObject* object, bool whole_allocation, Argument& argument,
                    Owners& owners) {
  argument.kind = ArgumentKind::array;
  if (read_known_array(site, object, whole_allocation, argument.array, owners)) return true;
  if (!read_foreign_array(site, object, argument.array, owners)) return false;
  if (whole_allocation) widen_to_everything(argument.array);
  return true;
}

}  // namespace

Allocation find_allocation(PyObject* object, const Array& array) {
  Ref held;
  if (is_of_array_class(object)) {
    held = host_of(object);
    object = held.get();
  }
  if (const View* view = view_of(object); view != nullptr && view->buffer != nullptr) {
    const auto* begin = static_cast<const char*>(view->buffer->data());
    const auto elements =
        static_cast<std::int64_t>(view->buffer->size() >> item_shift(array.dtype));
    return {begin, elements};
  }
  const bool is_numpy = PyObject_TypeCheck(object, numpy_array_type);
  const Bytes bytes = is_numpy ? bytes_of(outermost(object)) : bytes_of(array);
  const int shift = item_shift(array.dtype);
  const std::int64_t before = (array.data - bytes.begin) >> shift;
  const std::int64_t behind = (bytes.end - array.data) >> shift;
  return {array.data - (before << shift), before + behind};
}

void refuse_object(const Site& site, PyObject* object, const char* wanted) {
  const char* note = "";
  if (PyList_Check(object)) {
    note = "\nnote: make it an array: np.asarray(x)";
  } else if (object == Py_None || PyUnicode_Check(object) || PyCallable_Check(object) != 0) {
    note = "\nnote: what is no array and no number is passed to a parameter annotated tw.constexpr";
  }
  refuse(site, "expected %s, got %s%s", wanted, Py_TYPE(object)->tp_name, note);
}

Ref field_name(PyObject* outer, PyObject* name, Py_ssize_t index) {
  return Ref::steal(name == nullptr ? PyUnicode_FromFormat("%U[%zd]", outer, index)
                                    : PyUnicode_FromFormat("%U.%U", outer, name));
}

namespace {

Ref full_name(PyObject* parameter, const Path* path) {
  if (path == nullptr) return Ref::borrow(parameter);
  return field_name(full_name(parameter, path->outer).get(), path->name, path->index);
}

}  // namespace

Ref kernel_name(PyObject* kernel) {
  for (const char* attribute : {"__name__", "name"}) {
    PyObject* name = PyObject_GetAttrString(kernel, attribute);
    if (name != nullptr && PyUnicode_Check(name)) return Ref::steal(name);
    Py_XDECREF(name);
    PyErr_Clear();
  }
  return Ref::steal(PyUnicode_FromString("kernel"));
}

void refuse(const Site& site, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const Ref reason = Ref::steal_or_null(PyUnicode_FromFormatV(format, arguments));
  va_end(arguments);
  if (!reason) throw Raised{};
  const Ref kernel = kernel_name(site.kernel);
  const Ref name = full_name(site.parameter, site.path);
  raise_launch("argument '%U' of %U: %U", name.get(), kernel.get(), reason.get());
}

void add_residence(const Site& site, Owners& owners, int ordinal) {
  Residence& residence = owners.residence();
  if (residence.arrays == 0) {
    residence.ordinal = ordinal;
    residence.parameter = site.parameter;
  } else if (residence.ordinal != ordinal) {
    refuse(site, "it is on cuda:%d, but argument '%U' is on cuda:%d\nnote: copy one of them there",
           ordinal, residence.parameter, residence.ordinal);
  }
  ++residence.arrays;
}

void prepare_readers() {
  numpy_array_type = py::detail::npy_api::get().PyArray_Type_;
  const py::object generic = py::module_::import("numpy").attr("generic");
  numpy_scalar_class = reinterpret_cast<PyTypeObject*>(Py_NewRef(generic.ptr()));
  const struct {
    const char* name;
    Dtype dtype;
  } builtin[] = {
      {"?", Dtype::bool_}, {"b", Dtype::i8},  {"h", Dtype::i16}, {"i", Dtype::i32},
      {"l", Dtype::i64},   {"q", Dtype::i64}, {"B", Dtype::u8},  {"H", Dtype::u16},
      {"I", Dtype::u32},   {"L", Dtype::u64}, {"Q", Dtype::u64}, {"e", Dtype::f16},
      {"f", Dtype::f32},   {"d", Dtype::f64},
  };
  for (const auto& entry : builtin) {
    learn(py::str(entry.name).ptr(), entry.dtype);
  }
}

void register_array_class(PyObject* cls) {
  if (!PyType_Check(cls)) raise_python(PyExc_TypeError, "expected a class, got %R", cls);
  const Ref slot = Ref::steal(PyObject_GetAttrString(cls, "_host"));
  const auto* const member = reinterpret_cast<const PyMemberDescrObject*>(slot.get());
  if (Py_TYPE(slot.get()) != &PyMemberDescr_Type || member->d_member->type != T_OBJECT_EX) {
    raise_python(PyExc_TypeError, "%R has no slot for _host", cls);
  }
  host_offset = member->d_member->offset;
  Py_XSETREF(array_class, reinterpret_cast<PyTypeObject*>(Py_NewRef(cls)));
}

PyTypeObject* array_class = nullptr;

namespace {

[[gnu::always_inline]] inline bool read_usual_inline(const Site& site, PyObject* object,
                                                     Argument& argument) {
  if (Py_TYPE(object) == numpy_array_type) [[likely]] {
    argument.kind = ArgumentKind::array;
    read_numpy(site, object, argument.array);
    return true;
  }
  if (PyFloat_CheckExact(object)) {
    const auto value = static_cast<float>(PyFloat_AS_DOUBLE(object));
    set_scalar(argument, Dtype::f32, std::bit_cast<std::uint32_t>(value));
    return true;
  }
  if (PyLong_CheckExact(object)) {
    int overflow = 0;
    const std::int64_t value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow == 0) [[likely]] {
      set_scalar(argument, dtype_of(value), static_cast<std::uint64_t>(value));
      return true;
    }
  } else if (!PyBool_Check(object)) {
    if (is_usual_array(object) || PyTuple_Check(object)) return false;
    if (read_numpy_scalar(object, argument.scalar)) {
      argument.kind = ArgumentKind::scalar;
      return true;
    }
  }
  Number number;
  if (read_number(site, object, number)) {
    if (number.dtype == Dtype::u64) {
      refuse(site, "%S does not fit into i64; annotate the parameter with u64", object);
    }
    set_scalar(argument, number.dtype,
               number.kind == Number::floating ? encode_float(number.dtype, number.real)
                                               : encode_integer(number.whole));
    return true;
  }
  return false;
}

}  // namespace

bool read_usual(const Site& site, PyObject* object, Argument& argument) {
  return read_usual_inline(site, object, argument);
}

bool read_usual_field(const Site& site, PyObject* object, Argument& argument) {
  if (PyTuple_Check(object)) return false;
  return read_usual_inline(site, object, argument);
}

bool read_other_array(const Site& site, PyObject* object, Argument& argument, Owners& owners) {
  return read_any_array(site, object, false, argument, owners);
}

void register_constant_classes(PyObject* classes) {
  if (!PyTuple_Check(classes)) {
    raise_python(PyExc_TypeError, "expected a tuple of classes, got %R", classes);
  }
  Py_XSETREF(constant_classes, Py_NewRef(classes));
}

bool is_constant(PyObject* object) {
  if (object == Py_None || PyUnicode_Check(object) || PyType_Check(object) ||
      PyFunction_Check(object) || PyCFunction_Check(object)) {
    return true;
  }
  if (constant_classes == nullptr) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(constant_classes); ++i) {
    auto* known = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(constant_classes, i));
    if (PyObject_TypeCheck(object, known)) return true;
  }
  return false;
}

bool read_numpy_scalar(PyObject* object, Scalar& scalar) {
  const ScalarType* known = find_scalar_type(Py_TYPE(object));
  if (known == nullptr && PyObject_TypeCheck(object, numpy_scalar_class) && learn_late_dtypes()) {
    known = find_scalar_type(Py_TYPE(object));
  }
  if (known == nullptr) return false;
  scalar = {known->dtype, numpy_scalar_bits(object, known->dtype)};
  return true;
}

void read_scalar_as(const Site& site, PyObject* object, Dtype dtype, Argument& argument) {
  Number number;
  if (is_float(dtype) && PyLong_Check(object) && !PyBool_Check(object)) {
    const double value = PyLong_AsDouble(object);
    if (value == -1.0 && PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      refuse(site, "%S does not fit into %s", object, dtype_name(dtype));
    }
    return set_scalar(argument, dtype, encode_float(dtype, value));
  }
  if (!read_number(site, object, number)) {
    refuse(site, "expected a number of type %s, got %s", dtype_name(dtype),
           Py_TYPE(object)->tp_name);
  }
  if (number.kind != Number::floating) {
    if (is_float(dtype)) {
      const double value = number.whole.negative ? static_cast<double>(number.whole.low)
                                                 : static_cast<double>(number.whole.high);
      return set_scalar(argument, dtype, encode_float(dtype, value));
    }
    if (!fits(dtype, number.whole)) {
      refuse(site, "%S does not fit into %s", object, dtype_name(dtype));
    }
    return set_scalar(argument, dtype, encode_integer(number.whole));
  }
  if (!is_float(dtype)) {
    refuse(site, "expected a whole number of type %s, got %S", dtype_name(dtype), object);
  }
  set_scalar(argument, dtype, encode_float(dtype, number.real));
}

void read_array(const Site& site, PyObject* object, bool whole_allocation, Argument& argument,
                Owners& owners) {
  if (!read_any_array(site, object, whole_allocation, argument, owners)) {
    refuse_object(site, object, "an array");
  }
}

}  // namespace tilewright
