// Reads what a kernel is tuned by, and adds it to the keys of calls.
#include "bindings/tuning.h"

namespace tilewright {
namespace {

// So that the longest key fits: each item adds one word, or a shape.
constexpr Py_ssize_t most_items = max_parameters;

long read_number(PyObject* object, long low, long high) {
  const long number = PyLong_AsLong(object);
  if (number == -1 && PyErr_Occurred() != nullptr) throw Raised{};
  if (number < low || number > high) {
    raise_python(PyExc_ValueError, "%ld is not between %ld and %ld", number, low, high);
  }
  return number;
}

TuningItem read_item(PyObject* object, int parameter_count) {
  if (!PyTuple_Check(object) || PyTuple_GET_SIZE(object) != 4) {
    raise_python(PyExc_ValueError, "an item of a key is (text, parameter, what, axis), got %R",
                 object);
  }
  if (!PyUnicode_Check(PyTuple_GET_ITEM(object, 0))) {
    raise_python(PyExc_TypeError, "the text of an item is a str, got %R", object);
  }
  const long parameter = read_number(PyTuple_GET_ITEM(object, 1), 0, parameter_count - 1);
  const long what = read_number(PyTuple_GET_ITEM(object, 2), 0, TuningItem::strides);
  const long axis = read_number(PyTuple_GET_ITEM(object, 3), -max_rank, max_rank - 1);
  return {Ref::borrow(PyTuple_GET_ITEM(object, 0)), static_cast<int>(parameter),
          static_cast<TuningItem::What>(what), static_cast<int>(axis)};
}

}  // namespace

Tuning::Tuning(PyObject* object, int parameter_count) {
  if (!PyTuple_Check(object) || PyTuple_GET_SIZE(object) != 2) {
    raise_python(PyExc_ValueError, "tuning is (items, options), got %R", object);
  }
  options = static_cast<unsigned>(read_number(PyTuple_GET_ITEM(object, 1), 0, 3));
  by_shapes = PyTuple_GET_ITEM(object, 0) == Py_None;
  if (by_shapes) return;
  const Ref list = Ref::steal(PySequence_Tuple(PyTuple_GET_ITEM(object, 0)));
  const Py_ssize_t count = PyTuple_GET_SIZE(list.get());
  if (count > most_items) {
    raise_python(PyExc_ValueError, "a key has at most %zd items, got %zd", most_items, count);
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    items.push_back(read_item(PyTuple_GET_ITEM(list.get(), i), parameter_count));
  }
}

const char* add_quantity(Key& key, const TuningItem& item, const Argument& argument) {
  if (argument.kind == ArgumentKind::constant) {  // it is in the key already
    return item.what == TuningItem::value ? nullptr : "the argument is a constexpr";
  }
  if (argument.kind == ArgumentKind::scalar) {
    if (item.what != TuningItem::value) return "the argument is a number";
    key.add(argument.scalar.bits);
    return nullptr;
  }
  const Array& array = argument.array;
  if (item.what == TuningItem::value || item.what == TuningItem::extents) {
    add_shape(key, array);
    return nullptr;
  }
  if (item.what == TuningItem::strides) {
    for (int axis = 0; axis < array.axes; ++axis) {
      key.add(static_cast<std::uint64_t>(array.strides[axis]));
    }
    return nullptr;
  }
  if (item.what == TuningItem::size) {
    std::uint64_t size = 1;
    for (int axis = 0; axis < array.axes; ++axis) {
      size *= static_cast<std::uint64_t>(array.extents[axis]);
    }
    key.add(size);
    return nullptr;
  }
  const int axis = item.axis < 0 ? item.axis + array.axes : item.axis;
  if (axis < 0 || axis >= array.axes) return "the array has no such axis";
  const std::int64_t* quantities = item.what == TuningItem::extent ? array.extents : array.strides;
  key.add(static_cast<std::uint64_t>(quantities[axis]));
  return nullptr;
}

}  // namespace tilewright
