// Reads and checks grids.
#include "bindings/grid.h"

namespace tilewright {
namespace {

constexpr std::int64_t most_programs = (std::int64_t{1} << 31) - 1;

[[noreturn]] void refuse_extent(PyObject* object) {
  const char* note = PyFloat_Check(object) ? "divide with tw.cdiv(n, BLOCK), or with //"
                                           : "write kernel[n], kernel[n, m] or "
                                             "kernel[lambda p: tw.cdiv(n, p.BLOCK)]";
  raise_launch("a grid is made of integers, got %s\nnote: %s", Py_TYPE(object)->tp_name, note);
}

std::int64_t read_extent(PyObject* object) {
  if (PyBool_Check(object) || !PyIndex_Check(object)) refuse_extent(object);
  int overflow = 0;
  long long value = 0;
  if (PyLong_CheckExact(object)) {
    value = PyLong_AsLongLongAndOverflow(object, &overflow);
  } else {
    const Ref index = Ref::steal_or_null(PyNumber_Index(object));
    if (!index) {  // an array has __index__ but means it only for one integer
      if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw Raised{};
      PyErr_Clear();
      refuse_extent(object);
    }
    value = PyLong_AsLongLongAndOverflow(index.get(), &overflow);
  }
  if (overflow != 0)
    raise_launch("a grid has at most 2**31 - 1 programs, got an axis of %S", object);
  if (value < 0) raise_launch("a grid cannot be negative, got an axis of %lld", value);
  return value;
}

}  // namespace

Grid read_grid(PyObject* object) {
  if (PyLong_CheckExact(object)) [[likely]] {
    int overflow = 0;
    const long long programs = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow == 0 && programs >= 0 && programs <= most_programs)
      return {{programs, 1, 1}, programs};
  }
  Grid grid{{1, 1, 1}, 1};
  if (PyTuple_Check(object)) {
    const Py_ssize_t count = PyTuple_GET_SIZE(object);
    if (count < 1 || count > 3) {
      raise_launch(
          "a grid has 1 to 3 axes, got %zd\n"
          "note: fold axes into one, and take it apart with // and %% of program_id",
          count);
    }
    for (Py_ssize_t axis = 0; axis < count; ++axis) {
      grid.extents[axis] = read_extent(PyTuple_GET_ITEM(object, axis));
    }
  } else {
    grid.extents[0] = read_extent(object);
  }
  for (const std::int64_t extent : grid.extents) {
    if (extent == 0) {
      grid.programs = 0;
      return grid;
    }
  }
  for (const std::int64_t extent : grid.extents) {
    if (__builtin_mul_overflow(grid.programs, extent, &grid.programs) ||
        grid.programs > most_programs) {
      raise_launch("a grid has at most 2**31 - 1 programs, got (%lld, %lld, %lld)",
                   static_cast<long long>(grid.extents[0]), static_cast<long long>(grid.extents[1]),
                   static_cast<long long>(grid.extents[2]));
    }
  }
  return grid;
}

}  // namespace tilewright
