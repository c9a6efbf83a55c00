// Binds, reads, looks up, checks and runs; asks the Python subclass to describe and build.
#include "bindings/launcher.h"

#include <structmember.h>

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "bindings/grid.h"
#include "bindings/launchable.h"
#include "bindings/parameters.h"
#include "bindings/streams.h"
#include "launch/table.h"
#include "trace/tracer.h"

namespace tilewright {
namespace {

using ParameterSet = std::bitset<max_parameters>;

// What is compiled for one overlap of the arguments.
struct Variant {
  Ref owner;                               // the Launchable as a Python object
  const Launchable* launchable = nullptr;  // inside it
};

// What is known about one kind of call.
struct Entry {
  Ref facts;
  bool narrow = false;
  ParameterSet written;
  Variant variants[2];  // [0] arguments may overlap, [1] nothing written overlaps
};

// The state of a LaunchTable object.
struct Table {
  ParametersHold parameters;
  LaunchTable<Entry> entries;
  Constants constants;
  std::uint64_t generation = 0;  // counts `clear`: what was begun before is not stored after
  SpanNames names;
};

struct TableObject {
  PyObject_HEAD Table* table;
};

struct LauncherObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  TableObject* kernel;
  PyObject* grid_function;  // null if the grid is known
  Grid grid;
};

PyTypeObject* table_type = nullptr;
PyTypeObject* launcher_type = nullptr;
PyObject* describe_name = nullptr;
PyObject* build_name = nullptr;

// One call of a kernel, on the stack.
class Call {
 public:
  explicit Call(LauncherObject* launcher)
      : launcher_(launcher),
        kernel_(reinterpret_cast<PyObject*>(launcher->kernel)),
        table_(*launcher->kernel->table),
        hold_(table_.parameters) {
    if (hold_.get() == nullptr) {
      raise_python(PyExc_RuntimeError, "configure() must be called before a launch");
    }
  }

  void run(PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
    parameters().bind(kernel_, arguments, count, keywords, bound_, options_);
    grid_ = launcher_->grid_function == nullptr ? launcher_->grid : call_grid_function();
    Stream* stream = options_.stream == nullptr ? current_stream() : stream_of(options_.stream);
    if (options_.device != nullptr) [[unlikely]]
      check_device_option(options_.device);
    generation_ = table_.generation;
    read();
    Entry* entry = table_.entries.find(key_);
    if (entry == nullptr) [[unlikely]]
      entry = &describe();
    if (entry->written.any()) check_writable(entry->written);
    if (grid_.programs == 0) return;
    const bool disjoint = is_disjoint(entry->written);
    Variant variant = entry->variants[disjoint];
    if (variant.launchable == nullptr) [[unlikely]]
      variant = build(*entry, disjoint);
    const PreparedLaunch launch{variant.owner.get(),
                                *variant.launchable,
                                grid_,
                                arguments_,
                                bound_,
                                parameters().count(),
                                owners_,
                                table_.names};
    const Site site{kernel_, nullptr};
    if (stream == nullptr) {
      run_now(launch, site);
    } else {
      run_on(*stream, launch, site);
    }
  }

 private:
  Parameters& parameters() const { return *hold_.get(); }

  void read();
  void read_parameter(int index);
  void add_array_to_key(const Parameter& parameter, const Array& array);
  Grid call_grid_function() const;
  Entry& describe();
  Variant build(const Entry& entry, bool disjoint);
  Ref make_facts() const;
  void check_writable(const ParameterSet& written) const;
  bool is_disjoint(const ParameterSet& written) const;

  LauncherObject* launcher_;
  PyObject* kernel_;
  Table& table_;
  ParametersHold hold_;
  Options options_;
  Grid grid_;
  std::uint64_t generation_;
  bool narrow_ = true;
  std::optional<Entry> detached_;  // an entry that the table no longer wants
  Owners owners_;
  Key key_;
  PyObject* bound_[max_parameters];
  Argument arguments_[max_parameters];
};

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
  const Ref grid = Ref::steal(PyObject_CallOneArg(launcher_->grid_function, fields.get()));
  return read_grid(grid.get());
}

// Turn the bound objects into facts and form the key.
void Call::read() {
  const int count = parameters().count();
  for (int i = 0; i < count; ++i) read_parameter(i);
  key_.set_first(narrow_);
}

void Call::read_parameter(int index) {
  Parameter& parameter = parameters()[index];
  const Site site{kernel_, parameter.name.get()};
  PyObject* object = bound_[index];
  Argument& argument = arguments_[index];
  switch (parameter.kind) {
    case ParameterKind::constant:
      argument.kind = ArgumentKind::constant;
      table_.constants.add_to(key_, site, object, parameter.last);
      return;
    case ParameterKind::free: read_argument(site, object, argument, owners_); break;
    case ParameterKind::scalar: read_scalar_as(site, object, parameter.dtype, argument); break;
    case ParameterKind::array: read_array(site, object, false, argument, owners_); break;
    case ParameterKind::pointer:
      read_array(site, object, true, argument, owners_);
      narrow_ &= argument.array.narrow;
      // It drops its shape: nothing about axes may tell two calls apart.
      argument.array.aligned = reinterpret_cast<std::uintptr_t>(argument.array.data) % 16 == 0;
      argument.array.rank = 0;
      argument.array.unit_axis = -1;
      argument.array.even = false;
      break;
  }
  if (argument.kind == ArgumentKind::array) {
    argument.array.aligned &= parameters().uses_aligned();
    argument.array.even &= parameters().uses_even();
    narrow_ &= argument.array.narrow;
    add_array_to_key(parameter, argument.array);
  } else {
    key_.add(key_word(argument.scalar));
  }
}

void Call::add_array_to_key(const Parameter& parameter, const Array& array) {
  key_.add(key_word(array));
  for (const std::uint8_t axis : parameter.fixed) {
    if (axis < array.rank) key_.add(static_cast<std::uint64_t>(array.extents[axis]));
  }
}

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

Ref Call::make_facts() const {
  const int count = parameters().count();
  Ref facts = Ref::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) {
    const Argument& argument = arguments_[i];
    Ref fact;
    switch (argument.kind) {
      case ArgumentKind::array: fact = array_facts(parameters()[i], argument.array); break;
      case ArgumentKind::scalar:
        fact = Ref::steal(Py_BuildValue("(si)", "scalar", static_cast<int>(argument.scalar.dtype)));
        break;
      case ArgumentKind::constant:
        fact = Ref::steal(Py_BuildValue("(sO)", "constexpr", bound_[i]));
        break;
    }
    PyTuple_SET_ITEM(facts.get(), i, fact.release());
  }
  return facts;
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
  entry.facts = make_facts();
  entry.narrow = narrow_;
  const Ref result = Ref::steal(PyObject_CallMethodObjArgs(
      kernel_, describe_name, entry.facts.get(), narrow_ ? Py_True : Py_False, nullptr));
  entry.written = read_written(result.get(), parameters().count());
  if (generation_ != table_.generation) return detached_.emplace(std::move(entry));
  if (Entry* known = table_.entries.find(key_)) return *known;  // another thread was first
  return table_.entries.insert(key_, std::move(entry));
}

// The first call of its variant: ask for code.
Variant Call::build(const Entry& entry, bool disjoint) {
  const Ref facts = entry.facts;  // `entry` may be gone when Python returns
  Variant variant;
  variant.owner = Ref::steal(PyObject_CallMethodObjArgs(kernel_, build_name, facts.get(),
                                                        narrow_ ? Py_True : Py_False,
                                                        disjoint ? Py_True : Py_False, nullptr));
  variant.launchable = &launchable_of(variant.owner.get());
  if (generation_ != table_.generation) return variant;
  if (Entry* known = table_.entries.find(key_)) known->variants[disjoint] = variant;
  return variant;
}

void Call::check_writable(const ParameterSet& written) const {
  for (int i = 0; i < parameters().count(); ++i) {
    const bool is_array = arguments_[i].kind == ArgumentKind::array;
    if (!is_array || arguments_[i].array.writable || !written[static_cast<std::size_t>(i)]) {
      continue;
    }
    refuse({kernel_, parameters()[i].name.get()}, "the kernel writes to it, but it is read-only");
  }
}

// Whether no array that is written shares a byte with another array.
bool Call::is_disjoint(const ParameterSet& written) const {
  const int count = parameters().count();
  for (int i = 0; i < count; ++i) {
    if (arguments_[i].kind != ArgumentKind::array) continue;
    if (!written[static_cast<std::size_t>(i)]) continue;
    for (int j = 0; j < count; ++j) {
      if (j == i || arguments_[j].kind != ArgumentKind::array) continue;
      if (overlap(arguments_[i].array, arguments_[j].array)) return false;
    }
  }
  return true;
}

// The type Launcher.

// Launchers live for one expression, so their memory is used again; under the GIL.
constexpr int spare_count = 8;
LauncherObject* spare_launchers[spare_count];
int spares = 0;

PyObject* call_launcher(PyObject* self, PyObject* const* arguments, std::size_t count,
                        PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    Call call(reinterpret_cast<LauncherObject*>(self));
    call.run(arguments, PyVectorcall_NARGS(count), keywords);
    Py_RETURN_NONE;
  });
}

LauncherObject* new_launcher() {
  LauncherObject* launcher = nullptr;
  if (spares > 0) {
    launcher = spare_launchers[--spares];
    PyObject_Init(reinterpret_cast<PyObject*>(launcher), launcher_type);
  } else {
    launcher = PyObject_GC_New(LauncherObject, launcher_type);
    if (launcher == nullptr) throw Raised{};
  }
  launcher->vectorcall = &call_launcher;
  launcher->kernel = nullptr;
  launcher->grid_function = nullptr;
  return launcher;
}

PyObject* subscript_table(PyObject* self, PyObject* grid) {
  return guarded([&]() -> PyObject* {
    const bool is_function = !PyIndex_Check(grid) && PyCallable_Check(grid) != 0;
    const Grid extents = is_function ? Grid{} : read_grid(grid);
    LauncherObject* launcher = new_launcher();
    launcher->kernel = reinterpret_cast<TableObject*>(Py_NewRef(self));
    launcher->grid = extents;
    if (is_function) launcher->grid_function = Py_NewRef(grid);
    PyObject_GC_Track(launcher);
    return reinterpret_cast<PyObject*>(launcher);
  });
}

void free_launcher(PyObject* self) {
  auto* launcher = reinterpret_cast<LauncherObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_CLEAR(launcher->kernel);
  Py_CLEAR(launcher->grid_function);
  if (spares < spare_count) {
    spare_launchers[spares++] = launcher;
  } else {
    PyObject_GC_Del(self);
  }
  Py_DECREF(type);
}

int traverse_launcher(PyObject* self, visitproc visit, void* arg) {
  auto* launcher = reinterpret_cast<LauncherObject*>(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(launcher->kernel);
  Py_VISIT(launcher->grid_function);
  return 0;
}

// The type LaunchTable.

PyObject* new_table(PyTypeObject* type, PyObject*, PyObject*) {
  return guarded([&]() -> PyObject* {
    auto table = std::make_unique<Table>();
    Ref self = Ref::steal(type->tp_alloc(type, 0));
    reinterpret_cast<TableObject*>(self.get())->table = table.release();
    return self.release();
  });
}

// Forget all entries. What they held is dropped when the table is whole again.
void forget_entries(Table& table) {
  ++table.generation;
  const std::vector<Entry> entries = table.entries.clear();
  const Ref constants = table.constants.clear();
  const ParametersHold hold = table.parameters;
  if (hold.get() == nullptr) return;
  for (int i = 0; i < hold.get()->count(); ++i) {
    const LastConstant last = std::exchange((*hold.get())[i].last, {});
  }
}

int clear_table(PyObject* self) {
  Table* table = reinterpret_cast<TableObject*>(self)->table;
  if (table == nullptr) return 0;
  forget_entries(*table);
  const ParametersHold parameters = std::exchange(table->parameters, {});
  return 0;
}

void free_table(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_table(self);
  delete reinterpret_cast<TableObject*>(self)->table;
  type->tp_free(self);
  Py_DECREF(type);
}

int traverse_table(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const Table* table = reinterpret_cast<TableObject*>(self)->table;
  if (table == nullptr) return 0;
  int result = 0;
  table->entries.for_each([&](const Entry& entry) {
    for (const Ref* held : {&entry.facts, &entry.variants[0].owner, &entry.variants[1].owner}) {
      if (result == 0 && *held) result = visit(held->get(), arg);
    }
  });
  if (result != 0) return result;
  Py_VISIT(table->constants.values());
  const Parameters* parameters = table->parameters.get();
  return parameters == nullptr ? 0 : parameters->traverse(visit, arg);
}

PyObject* configure(PyObject* self, PyObject* arguments, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* const names[] = {"parameters", "device_facts", nullptr};
    PyObject* list = nullptr;
    int facts = 0;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "Oi:configure", const_cast<char**>(names),
                                    &list, &facts) == 0) {
      throw Raised{};
    }
    ParametersHold fresh(new Parameters(list, static_cast<unsigned>(facts)));
    Table& table = *reinterpret_cast<TableObject*>(self)->table;
    forget_entries(table);
    table.names = {};
    table.parameters = std::move(fresh);
    Py_RETURN_NONE;
  });
}

PyObject* clear_entries(PyObject* self, PyObject*) {
  forget_entries(*reinterpret_cast<TableObject*>(self)->table);
  Py_RETURN_NONE;
}

// One row per variant there is, or one with None where nothing was built yet.
void append_rows(PyObject* rows, const Entry& entry, int count) {
  const Ref written = Ref::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) {
    PyObject* truth = entry.written[static_cast<std::size_t>(i)] ? Py_True : Py_False;
    PyTuple_SET_ITEM(written.get(), i, Py_NewRef(truth));
  }
  const auto append = [&](PyObject* disjoint) {
    const Ref row = Ref::steal(PyTuple_Pack(4, entry.facts.get(), entry.narrow ? Py_True : Py_False,
                                            written.get(), disjoint));
    if (PyList_Append(rows, row.get()) != 0) throw Raised{};
  };
  if (entry.variants[0].launchable != nullptr) append(Py_False);
  if (entry.variants[1].launchable != nullptr) append(Py_True);
  if (entry.variants[0].launchable == nullptr && entry.variants[1].launchable == nullptr) {
    append(Py_None);
  }
}

PyObject* list_entries(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    const Table& table = *reinterpret_cast<TableObject*>(self)->table;
    Ref rows = Ref::steal(PyList_New(0));
    const ParametersHold hold = table.parameters;
    // Copies: making Python objects may collect garbage, and that may run code that launches.
    std::vector<Entry> entries;
    table.entries.for_each([&](const Entry& entry) { entries.push_back(entry); });
    for (const Entry& entry : entries) append_rows(rows.get(), entry, hold.get()->count());
    return rows.release();
  });
}

PyMethodDef table_methods[] = {
    {"configure", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&configure)),
     METH_VARARGS | METH_KEYWORDS,
     "configure($self, parameters, device_facts)\n--\n\nSay what the kernel's parameters are, and "
     "which "
     "facts of arrays count (1: aligned, 2: even). Forgets all entries."},
    {"clear", &clear_entries, METH_NOARGS, "clear($self)\n--\n\nForget all entries."},
    {"entries", &list_entries, METH_NOARGS,
     "entries($self)\n--\n\nList (facts, narrow, written, disjoint) of every variant."},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot table_slots[] = {
    {Py_tp_doc, const_cast<char*>("From the kinds of a call's arguments to what was compiled "
                                  "for them; the base of kernels.")},
    {Py_tp_new, reinterpret_cast<void*>(&new_table)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&free_table)},
    {Py_tp_traverse, reinterpret_cast<void*>(&traverse_table)},
    {Py_tp_clear, reinterpret_cast<void*>(&clear_table)},
    {Py_tp_methods, table_methods},
    {Py_mp_subscript, reinterpret_cast<void*>(&subscript_table)},
    {0, nullptr}};

PyType_Spec table_spec = {"tilewright._native.LaunchTable", sizeof(TableObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                          table_slots};

PyMemberDef launcher_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(LauncherObject, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot launcher_slots[] = {
    {Py_tp_doc, const_cast<char*>("A kernel with a grid, ready to be called.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(&free_launcher)},
    {Py_tp_traverse, reinterpret_cast<void*>(&traverse_launcher)},
    {Py_tp_members, launcher_members},
    {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
    {0, nullptr}};

PyType_Spec launcher_spec = {"tilewright._native.Launcher", sizeof(LauncherObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             launcher_slots};

PyTypeObject* add_type(py::module_& module, PyType_Spec& spec, const char* name) {
  PyObject* type = Ref::steal(PyType_FromModuleAndSpec(module.ptr(), &spec, nullptr)).release();
  module.add_object(name, type);
  return reinterpret_cast<PyTypeObject*>(type);
}

}  // namespace

void define_launcher(py::module_& module) {
  describe_name = PyUnicode_InternFromString("describe");
  build_name = PyUnicode_InternFromString("build");
  prepare_parameters();
  table_type = add_type(module, table_spec, "LaunchTable");
  launcher_type = add_type(module, launcher_spec, "Launcher");
  module.add_object("REQUIRED", required());
}

}  // namespace tilewright
