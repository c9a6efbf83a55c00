// What a call asks of Python: a grid by its function, and for its kind what is written and code.
#include <string>

#include "bindings/call.h"
#include "trace/tracer.h"

namespace tilewright {
namespace {

Ref array_facts(const Parameter& parameter, const Array& array) {
  const Ref extents = Ref::steal(PyList_New(0));
  for (const std::uint8_t axis : parameter.fixed) {
    if (axis >= array.rank) continue;
    const Ref pair =
        Ref::steal(Py_BuildValue("(iL)", int{axis}, static_cast<long long>(array.extents[axis])));
    if (PyList_Append(extents.get(), pair.get()) != 0) throw Raised{};
  }
  const Ref fixed = Ref::steal(PyList_AsTuple(extents.get()));
  return Ref::steal(Py_BuildValue(
      "(siiiOOO)", "array", static_cast<int>(array.dtype), int{array.rank}, int{array.unit_axis},
      array.aligned ? Py_True : Py_False, array.even ? Py_True : Py_False, fixed.get()));
}

// The names of a struct's fields as a tuple; None if they have none.
Ref names_of(const StructNode& node) {
  if (node.type == nullptr) return Ref::borrow(Py_None);
  Ref names = Ref::steal(PyTuple_New(node.count));
  for (int i = 0; i < node.count; ++i) {
    PyObject* name = node.type->fields[static_cast<std::size_t>(i)].name.get();
    PyTuple_SET_ITEM(names.get(), i, Py_NewRef(name));
  }
  return names;
}

// Find a leaf by its ordinal in a fact, whose name is extended to that of the leaf. False if it is
// not there; then the leaves of the fact are taken off the ordinal.
bool find_leaf(PyObject* fact, int& ordinal, Ref& name) {
  if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(fact, 0), "struct") != 0) {
    return ordinal-- == 0;
  }
  PyObject* names = PyTuple_GET_ITEM(fact, 2);
  PyObject* items = PyTuple_GET_ITEM(fact, 3);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); ++i) {
    PyObject* field = names == Py_None ? nullptr : PyTuple_GET_ITEM(names, i);
    Ref inner = field_name(name.get(), field, i);
    if (find_leaf(PyTuple_GET_ITEM(items, i), ordinal, inner)) {
      name = inner;
      return true;
    }
  }
  return false;
}

ParameterSet read_written(PyObject* result, int count) {
  if (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != count) {
    raise_python(PyExc_TypeError, "describe returned %R, expected a tuple of %d booleans", result,
                 count);
  }
  ParameterSet written;
  for (int i = 0; i < count; ++i) {
    const int truth = PyObject_IsTrue(PyTuple_GET_ITEM(result, i));
    if (truth < 0) throw Raised{};
    written[static_cast<std::size_t>(i)] = truth != 0;
  }
  return written;
}

}  // namespace

// The grid of a kernel whose grid is a function of its constexprs.
Grid Call::call_grid_function() const {
  static PyObject* const namespace_type =
      Ref::steal(PyObject_GetAttrString(py::module_::import("types").ptr(), "SimpleNamespace"))
          .release();
  const Ref constants = Ref::steal(PyDict_New());
  for (int i = 0; i < parameters().count(); ++i) {
    const Parameter& parameter = parameters()[i];
    if (parameter.kind != ParameterKind::constant) continue;
    if (PyDict_SetItem(constants.get(), parameter.name.get(), bound_[i]) != 0) throw Raised{};
  }
  static PyObject* const nothing = PyTuple_New(0);
  const Ref fields = Ref::steal(PyObject_Call(namespace_type, nothing, constants.get()));
  const Ref grid = Ref::steal_or_null(PyObject_CallOneArg(launcher_->grid_function, fields.get()));
  if (!grid) refuse_missing_field(fields.get(), constants.get());
  return read_grid(grid.get());
}

// The grid function failed: a LaunchError if it asked for a constexpr that the kernel has not; its
// own error otherwise.
void Call::refuse_missing_field(PyObject* fields, PyObject* constants) const {
  if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw Raised{};
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  const Ref object = find_attribute(value, "obj");
  const Ref name = find_attribute(value, "name");
  if (object.get() != fields || !name) {
    PyErr_Restore(type, value, trace);
    throw Raised{};
  }
  const Ref held[] = {Ref::steal_or_null(type), Ref::steal_or_null(value),
                      Ref::steal_or_null(trace)};
  const Ref names = Ref::steal(PyDict_Keys(constants));
  const Ref comma = Ref::steal(PyUnicode_FromString(", "));
  const Ref listed = Ref::steal(PyUnicode_Join(comma.get(), names.get()));
  const Ref kernel = kernel_name(kernel_);
  if (PyUnicode_GET_LENGTH(listed.get()) == 0) {
    raise_launch("the grid function asks for '%U', but %U has no constexpr parameters", name.get(),
                 kernel.get());
  }
  raise_launch(
      "the grid function asks for '%U', which is no constexpr parameter of %U\n"
      "note: it has %U",
      name.get(), kernel.get(), listed.get());
}

// The fact of the leaf or the struct at a place, which is moved behind it.
Ref Call::make_fact(Cursor& at, const Parameter& wanted) const {
  if (at.node < struct_count_ && structs_[at.node].first_leaf == at.leaf) {
    const StructNode& node = structs_[at.node++];
    const Ref names = names_of(node);
    const Ref items = Ref::steal(PyTuple_New(node.count));
    for (int i = 0; i < node.count; ++i) {
      const Parameter& field = node.fields == nullptr ? parameters().anonymous()
                                                      : (*node.fields)[static_cast<std::size_t>(i)];
      PyTuple_SET_ITEM(items.get(), i, make_fact(at, field).release());
    }
    PyObject* type = node.type == nullptr ? Py_None : node.type->type.get();
    return Ref::steal(Py_BuildValue("(sOOO)", "struct", type, names.get(), items.get()));
  }
  const int leaf = at.leaf++;
  const Argument& argument = arguments_[leaf];
  switch (argument.kind) {
    case ArgumentKind::array: return array_facts(wanted, argument.array);
    case ArgumentKind::scalar:
      return Ref::steal(Py_BuildValue("(si)", "scalar", static_cast<int>(argument.scalar.dtype)));
    case ArgumentKind::constant: break;
  }
  return Ref::steal(Py_BuildValue("(sO)", "constexpr", leaves_[leaf]));
}

Ref Call::make_facts() const {
  const int count = parameters().count();
  Ref facts = Ref::steal(PyTuple_New(count));
  Cursor at;
  for (int i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(facts.get(), i, make_fact(at, parameters()[i]).release());
  }
  return facts;
}

// The first call of its kind: ask which parameters are written.
Entry& Call::describe() {
  if (table_.names.launch == nullptr) {
    const Ref name = kernel_name(kernel_);
    const char* text = PyUnicode_AsUTF8(name.get());
    if (text == nullptr) throw Raised{};
    table_.names.launch = Tracer::global().intern(text);
    table_.names.range = Tracer::global().intern(std::string(text) + " range");
  }
  Entry entry;
  const Tuning* tuning = parameters().tuning();
  const bool lasts = tuning == nullptr || choose(*tuning, entry);
  if (!entry.place) entry.place = make_place(options_.num_warps, options_.num_stages);
  entry.facts = make_facts();
  entry.narrow = narrow_;
  entry.leaves = leaf_count_;
  static PyObject* const method = PyUnicode_InternFromString("describe");
  const Ref result = result_of_ours(PyObject_CallMethodObjArgs(
      kernel_, method, entry.facts.get(), narrow_ ? Py_True : Py_False, nullptr));
  entry.written = read_written(result.get(), leaf_count_);
  if (!lasts || generation_ != table_.generation) return detached_.emplace(std::move(entry));
  if (Entry* known = table_.entries.find(key_)) return *known;  // another thread was first
  return table_.entries.insert(key_, std::move(entry));
}

// The first call of its variant: ask for code.
Variant Call::build(const Entry& entry, bool disjoint) {
  const Ref facts = entry.facts;  // `entry` may be gone when Python returns
  const Ref place = entry.place;
  // Absent arguments end the list: the device of a GPU, and options that were given.
  PyObject *device = nullptr, *num_warps = nullptr, *num_stages = nullptr;
  if (ordinal_ != host_ordinal) {
    device = PyTuple_GET_ITEM(place.get(), 0);
    num_warps = PyTuple_GET_ITEM(place.get(), 1);
    num_stages = PyTuple_GET_ITEM(place.get(), 2);
    if (num_warps == Py_None && num_stages == Py_None) num_warps = nullptr;
  }
  static PyObject* const method = PyUnicode_InternFromString("build");
  Variant variant;
  variant.owner = result_of_ours(PyObject_CallMethodObjArgs(
      kernel_, method, facts.get(), narrow_ ? Py_True : Py_False, disjoint ? Py_True : Py_False,
      device, num_warps, num_stages, nullptr));
  variant.launchable = &launchable_of(variant.owner.get());
  const ArgumentLayout& layout = variant.launchable->layout;
  if (const int slot = find_misfit(layout, arguments_, leaf_count_); slot != all_fit) {
    const Ref name = kernel_name(kernel_);
    raise_launch("slot %d of %U does not fit the argument of parameter %d", slot, name.get(),
                 layout.slots[static_cast<std::size_t>(slot)].parameter);
  }
  if (generation_ != table_.generation) return variant;
  if (Entry* known = table_.entries.find(key_)) known->variants[disjoint] = variant;
  return variant;
}

// The name of a leaf, as users write it.
Ref Call::name_of_leaf(int leaf) const {
  const Ref facts = make_facts();
  Ref name;
  for (int p = 0; p < parameters().count(); ++p) {
    name = parameters()[p].name;
    if (find_leaf(PyTuple_GET_ITEM(facts.get(), p), leaf, name)) break;
  }
  return name;
}

}  // namespace tilewright
