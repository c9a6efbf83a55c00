// The types Buffer and View; allocating, filling and copying.
#include "bindings/memory.h"

#include <new>
#include <string>

#include "base/error.h"
#include "bindings/dlpack.h"
#include "bindings/readers.h"
#include "bindings/streams.h"
#include "hal/registry.h"

namespace tilewright {
namespace {

struct ViewObject {
  PyObject_HEAD View* view;
};

PyTypeObject* view_type = nullptr;

const View& view_in(PyObject* self) { return *reinterpret_cast<ViewObject*>(self)->view; }

PyObject* wrap(std::unique_ptr<View> view) {
  PyObject* self = Ref::steal(view_type->tp_alloc(view_type, 0)).release();
  reinterpret_cast<ViewObject*>(self)->view = view.release();
  return self;
}

// Read up to `max_rank` numbers.
int read_numbers(PyObject* object, std::int64_t* numbers, const char* what) {
  const Ref items = Ref::steal(PySequence_Tuple(object));
  const Py_ssize_t count = PyTuple_GET_SIZE(items.get());
  if (count > max_rank) {
    raise_launch("an array has at most %d axes, got %zd %s", max_rank, count, what);
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    numbers[i] = PyLong_AsLongLong(PyTuple_GET_ITEM(items.get(), i));
    if (numbers[i] == -1 && PyErr_Occurred() != nullptr) throw Raised{};
  }
  return static_cast<int>(count);
}

// Sizes in elements become an array; without strides it is compact.
void shape_view(View& view, PyObject* shape, PyObject* strides) {
  Array& array = view.array;
  std::int64_t extents[max_rank];
  std::int64_t byte_strides[max_rank];
  array.rank = static_cast<std::uint8_t>(read_numbers(shape, extents, "extents"));
  const int shift = item_shift(array.dtype);
  if (strides == Py_None) {
    make_compact(array.rank, shift, extents, byte_strides);
  } else {
    if (read_numbers(strides, byte_strides, "strides") != array.rank) {
      raise_launch("shape and strides have different lengths");
    }
    for (int axis = 0; axis < array.rank; ++axis) {
      if (__builtin_mul_overflow(byte_strides[axis], std::int64_t{1} << shift,
                                 &byte_strides[axis])) {
        raise_launch("%s", describe(ArrayFault::too_large));
      }
    }
  }
  const ArrayFault fault = complete_array(array, extents, byte_strides);
  if (fault != ArrayFault::none) raise_launch("%s", describe(fault));
}

PyObject* new_view(PyTypeObject*, PyObject* arguments, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* const names[] = {"owner", "ptr",     "device",   "dtype",
                                        "shape", "strides", "writable", nullptr};
    PyObject *owner = nullptr, *device = nullptr, *shape = nullptr, *strides = Py_None;
    unsigned long long address = 0;
    int dtype = 0, writable = 1;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "OKOiO|Op:View", const_cast<char**>(names),
                                    &owner, &address, &device, &dtype, &shape, &strides,
                                    &writable) == 0) {
      throw Raised{};
    }
    if (dtype < 0 || dtype >= dtype_count) {
      raise_python(PyExc_ValueError, "there is no dtype with code %d", dtype);
    }
    auto view = std::make_unique<View>();
    view->owner = Ref::borrow(owner);
    view->ordinal = device_of(device, "a View")->ordinal();
    if (py::isinstance<Buffer>(py::handle(owner))) {
      view->buffer = py::cast<std::shared_ptr<Buffer>>(py::handle(owner));
      if (view->buffer->ordinal() != view->ordinal) raise_launch("the buffer is on another device");
    }
    view->array.data = reinterpret_cast<char*>(address);
    view->array.dtype = static_cast<Dtype>(dtype);
    view->array.writable = writable != 0;
    shape_view(*view, shape, strides);
    return wrap(std::move(view));
  });
}

int traverse_view(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const View* view = reinterpret_cast<ViewObject*>(self)->view;
  if (view != nullptr) Py_VISIT(view->owner.get());
  return 0;
}

int clear_view(PyObject*) { return 0; }  // immutable: cycles are broken elsewhere

void free_view(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  delete reinterpret_cast<ViewObject*>(self)->view;
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* tuple_of(const std::int64_t* numbers, int count) {
  Ref result = Ref::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(result.get(), i, Ref::steal(PyLong_FromLongLong(numbers[i])).release());
  }
  return result.release();
}

enum Field : std::uintptr_t { owner, ptr, device, dtype, shape, strides, writable };

PyObject* get_field(PyObject* self, void* which) {
  return guarded([&]() -> PyObject* {
    const View& view = view_in(self);
    const Array& array = view.array;
    switch (static_cast<Field>(reinterpret_cast<std::uintptr_t>(which))) {
      case owner: return Py_NewRef(view.owner.get());
      case ptr: return PyLong_FromVoidPtr(array.data);
      case device: return PyUnicode_FromString(open_device(view.ordinal).name().c_str());
      case dtype: return PyLong_FromLong(static_cast<int>(array.dtype));
      case shape: return tuple_of(array.extents, array.rank);
      case strides: return tuple_of(array.strides, array.rank);
      case writable: break;
    }
    return PyBool_FromLong(array.writable);
  });
}

// DLPack: what is exported carries a reference to its view.

struct Export {
  dlpack::ManagedTensorVersioned versioned;
  dlpack::ManagedTensor plain;
  PyObject* view;
};

void drop_export(Export* exported) {
  const PyGILState_STATE state = PyGILState_Ensure();
  Py_DECREF(exported->view);
  PyGILState_Release(state);
  delete exported;
}

template <class Managed>
void destroy_capsule(PyObject* capsule, const char* name) {
  if (PyCapsule_IsValid(capsule, name) == 0) return;  // it was taken over
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  managed->deleter(managed);
}

dlpack::Tensor tensor_of(const View& view) {
  const Array& array = view.array;
  return {array.data,
          {view.ordinal == host_ordinal ? dlpack::cpu : dlpack::cuda,
           view.ordinal == host_ordinal ? 0 : view.ordinal},
          array.rank,
          dlpack_type_of(array.dtype),
          const_cast<std::int64_t*>(array.extents),
          const_cast<std::int64_t*>(array.strides),
          0};
}

PyObject* export_view(PyObject* self, PyObject* versioned) {
  return guarded([&]() -> PyObject* {
    const View& view = view_in(self);
    const int wants_versioned = PyObject_IsTrue(versioned);
    if (wants_versioned < 0) throw Raised{};
    if (wants_versioned == 0 && !view.array.writable) {
      raise_python(PyExc_BufferError, "a read-only array needs DLPack 1.0");
    }
    auto exported = std::make_unique<Export>();
    exported->view = self;
    Ref capsule;
    if (wants_versioned != 0) {
      exported->versioned = {{1, 0},
                             exported.get(),
                             [](dlpack::ManagedTensorVersioned* managed) {
                               drop_export(static_cast<Export*>(managed->manager));
                             },
                             view.array.writable ? 0 : dlpack::read_only,
                             tensor_of(view)};
      capsule = Ref::steal(
          PyCapsule_New(&exported->versioned, dlpack::versioned_capsule_name, [](PyObject* object) {
            destroy_capsule<dlpack::ManagedTensorVersioned>(object, dlpack::versioned_capsule_name);
          }));
    } else {
      exported->plain = {tensor_of(view), exported.get(), [](dlpack::ManagedTensor* managed) {
                           drop_export(static_cast<Export*>(managed->manager));
                         }};
      capsule =
          Ref::steal(PyCapsule_New(&exported->plain, dlpack::capsule_name, [](PyObject* object) {
            destroy_capsule<dlpack::ManagedTensor>(object, dlpack::capsule_name);
          }));
    }
    Py_INCREF(self);
    static_cast<void>(exported.release());
    return capsule.release();
  });
}

PyMethodDef view_methods[] = {
    {"to_dlpack", &export_view, METH_O,
     "to_dlpack($self, versioned, /)\n--\n\nA capsule of DLPack, of version 1 or the older form."},
    {nullptr, nullptr, 0, nullptr}};

void* field(Field which) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(which)); }

PyGetSetDef view_fields[] = {
    {"owner", &get_field, nullptr, "What keeps the memory.", field(owner)},
    {"ptr", &get_field, nullptr, "The address of the first element.", field(ptr)},
    {"device", &get_field, nullptr, "The name of the device.", field(device)},
    {"dtype", &get_field, nullptr, "The code of the dtype.", field(dtype)},
    {"shape", &get_field, nullptr, "The extents.", field(shape)},
    {"strides", &get_field, nullptr, "In elements.", field(strides)},
    {"writable", &get_field, nullptr, "Whether it may be written.", field(writable)},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot view_slots[] = {
    {Py_tp_doc, const_cast<char*>("Typed, shaped memory on a device; strides are in elements.")},
    {Py_tp_new, reinterpret_cast<void*>(&new_view)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&free_view)},
    {Py_tp_traverse, reinterpret_cast<void*>(&traverse_view)},
    {Py_tp_clear, reinterpret_cast<void*>(&clear_view)},
    {Py_tp_methods, view_methods},
    {Py_tp_getset, view_fields},
    {0, nullptr}};

PyType_Spec view_spec = {"tilewright._native.View", sizeof(ViewObject), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, view_slots};

// Memory without a type.

void* pointer(std::uintptr_t address) { return reinterpret_cast<void*>(address); }

std::size_t checked_size(py::ssize_t bytes) {
  if (bytes < 0) throw py::value_error("a size is not negative");
  return static_cast<std::size_t>(bytes);
}

std::shared_ptr<Buffer> allocate(const py::object& device, py::ssize_t bytes,
                                 const py::object& stream) {
  const std::size_t size = checked_size(bytes);
  const auto found = device_of(device.ptr(), "allocate()");
  auto on = stream_or_null(stream.ptr());
  if (on == nullptr) on = current_stream(found->ordinal());
  const ReleasedGil released;
  return found->allocate(size, std::move(on));
}

void fill(std::uintptr_t ptr, const py::object& device, int byte, py::ssize_t bytes,
          const py::object& stream) {
  if (byte < 0 || byte > 255) throw py::value_error("a byte is 0 to 255");
  const std::size_t size = checked_size(bytes);
  const auto found = device_of(device.ptr(), "fill()");
  auto on = stream_or_null(stream.ptr());
  if (on == nullptr) on = current_stream(found->ordinal());
  const ReleasedGil released;
  found->fill(pointer(ptr), static_cast<unsigned char>(byte), size, on.get());
}

// The buffer of ours that keeps memory; null if something else does.
std::shared_ptr<Buffer> buffer_of(const py::object& owner) {
  const View* const view = view_of(owner.ptr());
  const py::handle keeper = view == nullptr ? py::handle(owner) : py::handle(view->owner.get());
  if (!py::isinstance<Buffer>(keeper)) return nullptr;
  return keeper.cast<std::shared_ptr<Buffer>>();
}

// Between GPUs, or within one: in the order of the current stream of each.
void copy_on_gpus(void* target, Device& to, const void* source, Device& from, std::size_t bytes,
                  std::shared_ptr<Stream> stream, const py::object& owner) {
  std::shared_ptr<Stream> there = current_stream(from.ordinal());
  if (stream != nullptr && stream->ordinal() != to.ordinal()) std::swap(stream, there);
  if (stream == nullptr || stream->ordinal() != to.ordinal()) stream = current_stream(to.ordinal());
  if (stream == nullptr) stream = to.default_stream();
  const std::shared_ptr<Buffer> buffer = buffer_of(owner);
  if (buffer != nullptr) buffer->use_on(stream);
  const ReleasedGil released;
  to.copy(target, source, from, bytes, stream.get(), there.get());
  const bool is_kept = buffer != nullptr || owner.is_none();
  if (!is_kept) stream->wait(stream->submitted());  // others free it without asking that stream
}

void copy(std::uintptr_t target, const py::object& target_device, std::uintptr_t source,
          const py::object& source_device, py::ssize_t bytes, const py::object& stream,
          const py::object& owner) {
  const std::size_t size = checked_size(bytes);
  const auto to = device_of(target_device.ptr(), "copy()");
  const auto from = device_of(source_device.ptr(), "copy()");
  const bool is_out = to->ordinal() == host_ordinal;
  auto on = stream_or_null(stream.ptr());
  if (!is_out && from->ordinal() != host_ordinal) {
    return copy_on_gpus(pointer(target), *to, pointer(source), *from, size, std::move(on), owner);
  }
  if (on == nullptr) on = current_stream(is_out ? from->ordinal() : to->ordinal());
  const ReleasedGil released;
  if (is_out) {
    from->copy_out(pointer(target), pointer(source), size, on.get());
  } else {
    to->copy_in(pointer(target), pointer(source), size, on.get());
  }
}

py::dict memory_statistics(const py::object& device) {
  const MemoryStatistics found =
      device_of(device.ptr(), "memory_statistics()")->memory_statistics();
  py::dict result;
  result["used"] = found.used;
  result["reserved"] = found.reserved;
  result["peak"] = found.peak;
  result["allocations"] = found.allocations;
  return result;
}

void trim(const py::object& device) {
  const auto found = device_of(device.ptr(), "trim()");
  const ReleasedGil released;
  found->trim();
}

// Let our work on a GPU wait for the streams that an array's library works on.
void wait_for_others(const Residence& residence) {
  if (residence.stream_count == 0) return;
  Device& device = open_device(residence.ordinal);
  std::shared_ptr<Stream> ours = current_stream(residence.ordinal);
  if (ours == nullptr) ours = device.default_stream();
  const ReleasedGil released;
  for (int i = 0; i < residence.stream_count; ++i) {
    if (residence.streams[i] == ours->handle() || ours->is_recorded()) continue;
    ours->wait_for(*device.borrow_stream(residence.streams[i]), 0);
  }
}

PyObject* read_view(const py::object& object) {
  if (view_of(object.ptr()) != nullptr) return Py_NewRef(object.ptr());
  const Ref name = Ref::steal(PyUnicode_FromString("x"));
  const Ref table = Ref::steal(PyUnicode_FromString("as_view"));
  const Site site{table.get(), name.get()};
  Argument argument;
  Owners owners;
  read_array(site, object.ptr(), false, argument, owners);
  wait_for_others(owners.residence());
  auto view = std::make_unique<View>();
  view->owner = owners.count() == 0 ? Ref::borrow(object.ptr())
                                    : Ref::steal(PyTuple_Pack(2, object.ptr(), owners[0]));
  view->ordinal = owners.residence().ordinal;
  view->array = argument.array;
  return wrap(std::move(view));
}

}  // namespace

const View* view_of(PyObject* object) {
  return Py_TYPE(object) == view_type ? reinterpret_cast<ViewObject*>(object)->view : nullptr;
}

void define_memory(py::module_& module) {
  py::class_<Buffer, std::shared_ptr<Buffer>>(module, "Buffer", py::is_final(),
                                              "A block of memory on a device; freed when dropped.")
      .def_property_readonly(
          "ptr", [](const Buffer& self) { return reinterpret_cast<std::uintptr_t>(self.data()); },
          "Its address.")
      .def_property_readonly("size", &Buffer::size, "Its bytes, as they were asked for.")
      .def_property_readonly(
          "device",
          [](const Buffer& self) {
            return translated([&] { return open_device(self.ordinal()).name(); });
          },
          "The name of the device.");
  view_type = reinterpret_cast<PyTypeObject*>(
      Ref::steal(PyType_FromModuleAndSpec(module.ptr(), &view_spec, nullptr)).release());
  module.add_object("View", reinterpret_cast<PyObject*>(view_type));
  module.def(
      "as_view",
      [](const py::object& object) {
        return py::reinterpret_steal<py::object>(translated([&] { return read_view(object); }));
      },
      py::arg("object"), "A view of an array of any library, which it keeps.");
  module.def(
      "allocate",
      [](const py::object& device, py::ssize_t bytes, const py::object& stream) {
        return translated([&] { return allocate(device, bytes, stream); });
      },
      py::arg("device"), py::arg("bytes"), py::arg("stream") = py::none(),
      "Uninitialised memory for work of a stream, the current or the default one.");
  module.def(
      "fill",
      [](std::uintptr_t ptr, const py::object& device, int byte, py::ssize_t bytes,
         const py::object& stream) { translated([&] { fill(ptr, device, byte, bytes, stream); }); },
      py::arg("ptr"), py::arg("device"), py::arg("byte"), py::arg("bytes"),
      py::arg("stream") = py::none(), "Set every byte, in the order of the stream.");
  module.def(
      "copy",
      [](std::uintptr_t target, const py::object& target_device, std::uintptr_t source,
         const py::object& source_device, py::ssize_t bytes, const py::object& stream,
         const py::object& owner) {
        translated(
            [&] { copy(target, target_device, source, source_device, bytes, stream, owner); });
      },
      py::arg("target_ptr"), py::arg("target_device"), py::arg("source_ptr"),
      py::arg("source_device"), py::arg("bytes"), py::arg("stream") = py::none(),
      py::arg("owner") = py::none(),
      "Copy in the order of the stream; returns when the memory of the host may be touched again. "
      "Between GPUs it is in the order of the current stream of the other one, too, and `owner` "
      "keeps the source.");
  module.def(
      "memory_statistics",
      [](const py::object& device) {
        return translated([&] { return memory_statistics(device); });
      },
      py::arg("device"), "What buffers use, in bytes, and how many there are.");
  module.def(
      "trim", [](const py::object& device) { translated([&] { trim(device); }); },
      py::arg("device"), "Give memory that nobody uses back to the system.");
}

}  // namespace tilewright
