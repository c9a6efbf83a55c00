// Numbers and `None` go into a key as they are; other values are looked up by their identity.
#include "bindings/constants.h"

#include <bit>

namespace tilewright {
namespace {

// Tags in the low byte of a key word; 1 and 2 are arrays and scalars, 8 and 9 structs.
enum Tag : std::uint64_t { none = 3, boolean = 4, integer = 5, floating = 6, object = 7 };

Ref identity_of(PyObject* value);

// (head, identities of the items ...)
Ref identities_of(PyObject* head, PyObject* items) {
  const Recursion recursion(" in a constexpr");
  const Py_ssize_t count = PyTuple_GET_SIZE(items);
  Ref result = Ref::steal(PyTuple_New(count + 1));
  PyTuple_SET_ITEM(result.get(), 0, Py_NewRef(head));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(result.get(), i + 1, identity_of(PyTuple_GET_ITEM(items, i)).release());
  }
  return result;
}

// The compared fields of a dataclass, as a tuple; null if the value is no dataclass.
Ref compared_fields(PyObject* value) {
  const Ref fields =
      find_attribute(reinterpret_cast<PyObject*>(Py_TYPE(value)), "__dataclass_fields__");
  if (!fields || !PyDict_Check(fields.get())) return {};
  const Ref values = Ref::steal(PyList_New(0));
  const Ref items = Ref::steal(PyDict_Items(fields.get()));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    PyObject* item = PyList_GET_ITEM(items.get(), i);
    const Ref compare = Ref::steal(PyObject_GetAttrString(PyTuple_GET_ITEM(item, 1), "compare"));
    if (compare.get() != Py_True) continue;
    const Ref field = find_attribute(value, PyUnicode_AsUTF8(PyTuple_GET_ITEM(item, 0)));
    if (field && PyList_Append(values.get(), field.get()) != 0) throw Raised{};
  }
  return Ref::steal(PyList_AsTuple(values.get()));
}

Ref float_identity(PyObject* type, double first, double second) {
  return Ref::steal(Py_BuildValue("(OLL)", type, std::bit_cast<long long>(first),
                                  std::bit_cast<long long>(second)));
}

// An object whose hash and equality tell apart what Python's `==` does not: 1, True and 1.0; 0.0
// and -0.0; and which makes NaN equal to itself.
Ref identity_of(PyObject* value) {
  auto* type = reinterpret_cast<PyObject*>(Py_TYPE(value));
  if (Scalar scalar; read_numpy_scalar(value, scalar)) {
    return Ref::steal(Py_BuildValue("(OK)", type, static_cast<unsigned long long>(scalar.bits)));
  }
  if (PyFloat_Check(value)) return float_identity(type, PyFloat_AS_DOUBLE(value), 0);
  if (PyComplex_Check(value)) {
    return float_identity(type, PyComplex_RealAsDouble(value), PyComplex_ImagAsDouble(value));
  }
  if (PyTuple_Check(value)) return identities_of(type, value);
  const Ref plain = Ref::steal(PyTuple_Pack(2, type, value));
  const Ref fields = compared_fields(value);
  return fields ? identities_of(plain.get(), fields.get()) : plain;
}

}  // namespace

void Constants::add_to(Key& key, const Site& site, PyObject* value, LastConstant& last) {
  if (PyLong_CheckExact(value)) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) {
      key.add(integer);
      key.add(static_cast<std::uint64_t>(number));
      return;
    }
  } else if (PyFloat_CheckExact(value)) {
    key.add(floating);
    key.add(std::bit_cast<std::uint64_t>(PyFloat_AS_DOUBLE(value)));
    return;
  } else if (PyBool_Check(value)) {
    return key.add(boolean | std::uint64_t{value == Py_True} << 8);
  } else if (value == Py_None) {
    return key.add(none);
  }
  if (last.value.get() != value) {
    const std::uint64_t number = number_of(site, value);
    last.value = Ref::borrow(value);
    last.number = number;
  }
  key.add(object | last.number << 8);
}

std::uint64_t Constants::number_of(const Site& site, PyObject* value) {
  if (!numbers_) numbers_ = Ref::steal(PyDict_New());
  const Ref numbers = numbers_;  // `clear` may run while Python code hashes
  const Ref identity = identity_of(value);
  PyObject* known = PyDict_GetItemWithError(numbers.get(), identity.get());
  if (known == nullptr && PyErr_Occurred() != nullptr) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw Raised{};
    PyErr_Clear();
    refuse(site,
           "a constexpr must be hashable, and %s is not\n"
           "note: pass a tuple or a number; arrays go to parameters without tw.constexpr",
           Py_TYPE(value)->tp_name);
  }
  if (known != nullptr) {
    const std::uint64_t number = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(known, 0));
    return number;
  }
  const std::uint64_t number = next_++;
  // The value is kept too: a function or a type is known by its address, which must not be reused.
  const Ref entry =
      Ref::steal(Py_BuildValue("(KO)", static_cast<unsigned long long>(number), value));
  if (PyDict_SetItem(numbers.get(), identity.get(), entry.get()) != 0) throw Raised{};
  return number;
}

}  // namespace tilewright
