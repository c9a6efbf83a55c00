// Calls a Python function of ours, and drops our frames from the errors that it raises.
#include "bindings/boundary.h"

#include <structmember.h>

namespace tilewright {
namespace {

struct BoundaryObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject* function;
  PyObject* attributes;  // its `__dict__`, null until something is stored there
};

PyObject* call_boundary(PyObject* self, PyObject* const* arguments, std::size_t count,
                        PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    PyObject* function = reinterpret_cast<BoundaryObject*>(self)->function;
    return result_of_ours(PyObject_Vectorcall(function, arguments, count, keywords)).release();
  });
}

PyObject* new_boundary(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    PyObject* function = nullptr;
    if (keywords != nullptr && PyDict_Size(keywords) != 0) {
      raise_python(PyExc_TypeError, "Boundary takes no keywords");
    }
    if (PyArg_UnpackTuple(arguments, "Boundary", 1, 1, &function) == 0) throw Raised{};
    if (PyCallable_Check(function) == 0) {
      raise_python(PyExc_TypeError, "expected a function, got %R", function);
    }
    Ref self = Ref::steal(type->tp_alloc(type, 0));
    auto* boundary = reinterpret_cast<BoundaryObject*>(self.get());
    boundary->vectorcall = &call_boundary;
    boundary->function = Py_NewRef(function);
    return self.release();
  });
}

PyObject* bind_boundary(PyObject* self, PyObject* instance, PyObject*) {
  return instance == nullptr ? Py_NewRef(self) : PyMethod_New(self, instance);
}

int traverse_boundary(PyObject* self, visitproc visit, void* arg) {
  auto* boundary = reinterpret_cast<BoundaryObject*>(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(boundary->function);
  Py_VISIT(boundary->attributes);
  return 0;
}

int clear_boundary(PyObject* self) {
  auto* boundary = reinterpret_cast<BoundaryObject*>(self);
  Py_CLEAR(boundary->function);
  Py_CLEAR(boundary->attributes);
  return 0;
}

void free_boundary(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_boundary(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMemberDef boundary_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(BoundaryObject, vectorcall), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(BoundaryObject, attributes), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyGetSetDef boundary_properties[] = {
    {"__dict__", &PyObject_GenericGetDict, &PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot boundary_slots[] = {
    {Py_tp_doc, const_cast<char*>("A function whose errors show where it was called, and none of "
                                  "the frames below.")},
    {Py_tp_new, reinterpret_cast<void*>(&new_boundary)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&free_boundary)},
    {Py_tp_traverse, reinterpret_cast<void*>(&traverse_boundary)},
    {Py_tp_clear, reinterpret_cast<void*>(&clear_boundary)},
    {Py_tp_members, boundary_members},
    {Py_tp_getset, boundary_properties},
    {Py_tp_descr_get, reinterpret_cast<void*>(&bind_boundary)},
    {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
    {0, nullptr}};

PyType_Spec boundary_spec = {"tilewright._native.Boundary", sizeof(BoundaryObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
                             boundary_slots};

}  // namespace

void define_boundary(py::module_& module) {
  PyObject* type =
      Ref::steal(PyType_FromModuleAndSpec(module.ptr(), &boundary_spec, nullptr)).release();
  module.add_object("Boundary", type);
}

}  // namespace tilewright
