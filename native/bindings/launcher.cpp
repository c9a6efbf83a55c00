// The types Launcher and LaunchTable, as Python sees them.
#include "bindings/launcher.h"

#include <structmember.h>

#include <memory>
#include <vector>

#include "bindings/call.h"

namespace tilewright {
namespace {

PyTypeObject* table_type = nullptr;
PyTypeObject* launcher_type = nullptr;

// The type Launcher.

// Launchers live for one expression, so their memory is used again; under the GIL.
constexpr int spare_count = 8;
LauncherObject* spare_launchers[spare_count];
int spares = 0;

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
    const bool is_function =
        !PyLong_CheckExact(grid) && !PyIndex_Check(grid) && PyCallable_Check(grid) != 0;
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
  hold.get()->forget_constants();
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
    for (const Ref* held : {&entry.facts, &entry.place, &entry.choice, &entry.variants[0].owner,
                            &entry.variants[1].owner}) {
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
    static const char* const names[] = {"parameters", "device_facts", "tuning", nullptr};
    PyObject* list = nullptr;
    PyObject* tuning = Py_None;
    int facts = 0;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "Oi|O:configure",
                                    const_cast<char**>(names), &list, &facts, &tuning) == 0) {
      throw Raised{};
    }
    ParametersHold fresh(new Parameters(list, static_cast<unsigned>(facts), tuning));
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
void append_rows(PyObject* rows, const Entry& entry) {
  const Ref written = Ref::steal(PyTuple_New(entry.leaves));
  for (int i = 0; i < entry.leaves; ++i) {
    PyObject* truth = entry.written[static_cast<std::size_t>(i)] ? Py_True : Py_False;
    PyTuple_SET_ITEM(written.get(), i, Py_NewRef(truth));
  }
  const auto append = [&](PyObject* disjoint) {
    const Ref row = Ref::steal(PyTuple_Pack(5, entry.facts.get(), entry.narrow ? Py_True : Py_False,
                                            written.get(), disjoint, entry.place.get()));
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
    // Copies: making Python objects may collect garbage, and that may run code that launches.
    std::vector<Entry> entries;
    table.entries.for_each([&](const Entry& entry) { entries.push_back(entry); });
    for (const Entry& entry : entries) append_rows(rows.get(), entry);
    return rows.release();
  });
}

PyMethodDef table_methods[] = {
    {"configure", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&configure)),
     METH_VARARGS | METH_KEYWORDS,
     "configure($self, parameters, device_facts, tuning=None)\n--\n\nSay what the kernel's "
     "parameters are, which facts of arrays count (1: aligned, 2: even), and what the kernel is "
     "tuned by. Forgets all entries."},
    {"clear", &clear_entries, METH_NOARGS, "clear($self)\n--\n\nForget all entries."},
    {"entries", &list_entries, METH_NOARGS,
     "entries($self)\n--\n\nList (facts, narrow, written, disjoint, place) of every variant."},
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
  prepare_parameters();
  table_type = add_type(module, table_spec, "LaunchTable");
  launcher_type = add_type(module, launcher_spec, "Launcher");
  module.add_object("REQUIRED", required());
  module.add_object("TUNED", tuned());
}

}  // namespace tilewright
