// Arrays of other libraries: through DLPack, else through NumPy's array interface.
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "bindings/dlpack.h"
#include "bindings/readers.h"

namespace tilewright {
namespace {

std::optional<Dtype> dtype_of(dlpack::DataType type) {
  if (type.lanes != 1) return std::nullopt;
  const int code = type.code;
  switch (type.bits) {
    case 8:
      if (code == dlpack::boolean) return Dtype::bool_;
      if (code == dlpack::signed_integer) return Dtype::i8;
      if (code == dlpack::unsigned_integer) return Dtype::u8;
      if (code == dlpack::float8_e4m3fn) return Dtype::f8e4m3;
      if (code == dlpack::float8_e5m2) return Dtype::f8e5m2;
      break;
    case 16:
      if (code == dlpack::signed_integer) return Dtype::i16;
      if (code == dlpack::unsigned_integer) return Dtype::u16;
      if (code == dlpack::floating) return Dtype::f16;
      if (code == dlpack::bfloat) return Dtype::bf16;
      break;
    case 32:
      if (code == dlpack::signed_integer) return Dtype::i32;
      if (code == dlpack::unsigned_integer) return Dtype::u32;
      if (code == dlpack::floating) return Dtype::f32;
      break;
    case 64:
      if (code == dlpack::signed_integer) return Dtype::i64;
      if (code == dlpack::unsigned_integer) return Dtype::u64;
      if (code == dlpack::floating) return Dtype::f64;
      break;
    default: break;
  }
  return std::nullopt;
}

// A description such as "<f4" or "|b1"; a foreign byte order is refused by the caller.
std::optional<Dtype> dtype_of(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const std::string_view rest = text.substr(1);
  const struct {
    std::string_view text;
    Dtype dtype;
  } known[] = {
      {"b1", Dtype::bool_}, {"i1", Dtype::i8},  {"i2", Dtype::i16}, {"i4", Dtype::i32},
      {"i8", Dtype::i64},   {"u1", Dtype::u8},  {"u2", Dtype::u16}, {"u4", Dtype::u32},
      {"u8", Dtype::u64},   {"f2", Dtype::f16}, {"f4", Dtype::f32}, {"f8", Dtype::f64},
  };
  for (const auto& entry : known) {
    if (entry.text == rest) return entry.dtype;
  }
  return std::nullopt;
}

// Sizes and byte strides on their way into an array.
struct Shape {
  std::int64_t extents[max_rank];
  std::int64_t byte_strides[max_rank];
};

void complete(const Site& site, Array& array, const Shape& shape) {
  const ArrayFault fault = complete_array(array, shape.extents, shape.byte_strides);
  if (fault != ArrayFault::none) refuse(site, "%s", describe(fault));
}

void set_rank(const Site& site, Array& array, Py_ssize_t rank) {
  if (rank < 0 || rank > max_rank) {
    refuse(site, "it has %zd axes, at most %d are supported", rank, max_rank);
  }
  array.rank = static_cast<std::uint8_t>(rank);
}

// The exporter's own words when it refuses, as a LaunchError.
[[noreturn]] void refuse_export(const Site& site, const char* what) {
  if (!PyErr_ExceptionMatches(PyExc_Exception)) throw Raised{};  // an interrupt passes through
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  const Ref owned_type = Ref::steal_or_null(type);
  const Ref owned_value = Ref::steal_or_null(value);
  const Ref owned_trace = Ref::steal_or_null(trace);
  refuse(site, "its %s failed: %S", what, value);
}

bool is_on_host(long type) { return type == dlpack::cpu || type == dlpack::cuda_host; }
bool is_on_gpu(long type) { return type == dlpack::cuda || type == dlpack::cuda_managed; }

// Whether it is on a GPU. Refuses what is neither there nor on the host.
bool check_device(const Site& site, PyObject* object) {
  const Ref method = find_attribute(object, "__dlpack_device__");
  if (!method) return false;
  const Ref device = Ref::steal_or_null(PyObject_CallNoArgs(method.get()));
  if (!device) refuse_export(site, "__dlpack_device__");
  long type = -1;
  if (PyTuple_Check(device.get()) && PyTuple_GET_SIZE(device.get()) == 2) {
    type = PyLong_AsLong(PyTuple_GET_ITEM(device.get(), 0));
    PyErr_Clear();
  }
  if (is_on_host(type)) return false;
  if (is_on_gpu(type)) return true;
  refuse(site, "it is on a device of DLPack type %ld, which is not supported", type);
}

// Ask for the new form first; exporters older than DLPack 1.0 do not know the keyword. Exporters on
// a GPU let the default stream, which the protocol calls 1, wait for their own.
Ref export_capsule(const Site& site, PyObject* method, bool is_gpu) {
  static PyObject* const host_keywords = Py_BuildValue("{s(ii)}", "max_version", 1, 1);
  static PyObject* const gpu_keywords =
      Py_BuildValue("{s(ii)si}", "max_version", 1, 1, "stream", 1);
  static PyObject* const gpu_keywords_before = Py_BuildValue("{si}", "stream", 1);
  static PyObject* const nothing = PyTuple_New(0);
  PyObject* const keywords = is_gpu ? gpu_keywords : host_keywords;
  Ref capsule = Ref::steal_or_null(PyObject_Call(method, nothing, keywords));
  if (!capsule && PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    capsule =
        Ref::steal_or_null(PyObject_Call(method, nothing, is_gpu ? gpu_keywords_before : nullptr));
  }
  if (!capsule) refuse_export(site, "__dlpack__");
  return capsule;
}

char* address_of(const dlpack::Tensor& tensor) {
  return static_cast<char*>(tensor.data) + tensor.byte_offset;
}

void read_tensor(const Site& site, const dlpack::Tensor& tensor, Array& array, Owners& owners) {
  if (is_on_gpu(tensor.device.type)) {
    add_residence(site, owners, tensor.device.id);
  } else if (!is_on_host(tensor.device.type)) {
    refuse(site, "it is on a device of DLPack type %d, which is not supported",
           static_cast<int>(tensor.device.type));
  }
  const std::optional<Dtype> dtype = dtype_of(tensor.dtype);
  if (!dtype) {
    refuse(site, "elements of DLPack type %d with %d bits are not supported",
           int{tensor.dtype.code}, int{tensor.dtype.bits});
  }
  array.dtype = *dtype;
  array.data = address_of(tensor);
  set_rank(site, array, tensor.ndim);
  const std::int64_t item = std::int64_t{1} << item_shift(*dtype);
  Shape shape;
  for (int axis = 0; axis < array.rank; ++axis) {
    shape.extents[axis] = tensor.shape[axis];
    if (tensor.strides == nullptr) continue;
    if (__builtin_mul_overflow(tensor.strides[axis], item, &shape.byte_strides[axis])) {
      refuse(site, "%s", describe(ArrayFault::too_large));
    }
  }
  if (tensor.strides == nullptr) {
    make_compact(array.rank, item_shift(*dtype), shape.extents, shape.byte_strides);
  }
  complete(site, array, shape);
}

bool may_be_last(const char* address) {
  return address != nullptr && reinterpret_cast<std::uintptr_t>(address) % fact_alignment == 0;
}

// Whether a tensor differs from the last one in nothing but its address.
bool is_like(const dlpack::Tensor& tensor, const LastTensor& last) {
  const Array& array = last.array;
  const bool is_kind = array.data != nullptr && tensor.strides != nullptr &&
                       std::bit_cast<std::uint32_t>(tensor.dtype) == last.type &&
                       tensor.ndim == array.rank;
  if (!is_kind || !may_be_last(address_of(tensor))) return false;
  for (int axis = 0; axis < array.rank; ++axis) {
    if (tensor.shape[axis] != array.extents[axis]) return false;
    if (tensor.strides[axis] != array.strides[axis]) return false;
  }
  return true;
}

bool read_dlpack(const Site& site, PyObject* object, Array& array, Owners& owners) {
  const Ref method = find_attribute(object, "__dlpack__");
  if (!method) return false;
  const bool is_gpu = check_device(site, object);
  if (is_gpu) {  // its memory may be freed with the capsule, and it waited for this stream
    owners.residence().keeps = true;
    owners.residence().add_stream(0);
  }
  // The capsule is not consumed: dropping it after the launch gives the tensor back.
  PyObject* capsule = owners.keep(export_capsule(site, method.get(), is_gpu));
  if (PyCapsule_IsValid(capsule, dlpack::versioned_capsule_name) != 0) {
    const auto* managed = static_cast<const dlpack::ManagedTensorVersioned*>(
        PyCapsule_GetPointer(capsule, dlpack::versioned_capsule_name));
    if (managed->version.major != 1) {
      refuse(site, "it speaks version %u of DLPack, expected 1", managed->version.major);
    }
    array.writable = (managed->flags & dlpack::read_only) == 0;
    read_tensor(site, managed->tensor, array, owners);
    return true;
  }
  if (PyCapsule_IsValid(capsule, dlpack::capsule_name) == 0) {
    refuse(site, "its __dlpack__ gave no tensor");
  }
  const auto* managed = static_cast<const dlpack::ManagedTensor*>(
      PyCapsule_GetPointer(capsule, dlpack::capsule_name));
  array.writable = true;  // the old form does not say
  read_tensor(site, managed->tensor, array, owners);
  return true;
}

// One number of a tuple in an array interface.
std::int64_t read_entry(const Site& site, PyObject* tuple, Py_ssize_t index) {
  const long long value = PyLong_AsLongLong(PyTuple_GET_ITEM(tuple, index));
  if (value == -1 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse(site, "its array interface holds no usable numbers");
  }
  return value;
}

// What both interfaces have; `name` is that of the one it is.
void read_interface(const Site& site, PyObject* interface, const char* name, Array& array) {
  PyObject* type = PyDict_GetItemString(interface, "typestr");
  PyObject* data = PyDict_GetItemString(interface, "data");
  PyObject* extents = PyDict_GetItemString(interface, "shape");
  PyObject* strides = PyDict_GetItemString(interface, "strides");
  const bool complete_enough = type != nullptr && PyUnicode_Check(type) && extents != nullptr &&
                               PyTuple_Check(extents) && data != nullptr && PyTuple_Check(data) &&
                               PyTuple_GET_SIZE(data) == 2;
  if (!complete_enough) refuse(site, "its %s is incomplete", name);
  const char* text = PyUnicode_AsUTF8(type);
  if (text == nullptr) throw Raised{};
  const std::optional<Dtype> dtype = dtype_of(std::string_view(text));
  if (!dtype) refuse(site, "elements of type '%s' are not supported", text);
  if (text[0] == '>') refuse(site, "its byte order is foreign");

  array.dtype = *dtype;
  array.data = static_cast<char*>(PyLong_AsVoidPtr(PyTuple_GET_ITEM(data, 0)));
  const int is_read_only = PyObject_IsTrue(PyTuple_GET_ITEM(data, 1));
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse(site, "its %s holds no usable address", name);
  }
  array.writable = is_read_only == 0;
  set_rank(site, array, PyTuple_GET_SIZE(extents));
  const bool has_strides = strides != nullptr && strides != Py_None;
  if (has_strides && (!PyTuple_Check(strides) || PyTuple_GET_SIZE(strides) != array.rank)) {
    refuse(site, "its %s has strides that do not match its shape", name);
  }
  Shape shape;
  for (int axis = 0; axis < array.rank; ++axis) {
    shape.extents[axis] = read_entry(site, extents, axis);
    if (has_strides) shape.byte_strides[axis] = read_entry(site, strides, axis);
  }
  if (!has_strides) {
    make_compact(array.rank, item_shift(*dtype), shape.extents, shape.byte_strides);
  }
  complete(site, array, shape);
}

bool read_array_interface(const Site& site, PyObject* object, Array& array, Owners& owners) {
  Ref attribute = find_attribute(object, "__array_interface__");
  if (!attribute || !PyDict_Check(attribute.get())) return false;
  read_interface(site, owners.keep(std::move(attribute)), "__array_interface__", array);
  return true;
}

// The stream that an array's contents come from, as the interface names it; none if it is None.
void add_stream_of(const Site& site, PyObject* interface, Residence& residence) {
  PyObject* stream = PyDict_GetItemString(interface, "stream");
  if (stream == nullptr || stream == Py_None) return;
  const std::uintptr_t handle = PyLong_AsUnsignedLongLong(stream);
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse(site, "its __cuda_array_interface__ names no usable stream");
  }
  constexpr std::uintptr_t legacy_default = 1;
  residence.add_stream(handle == legacy_default ? 0 : handle);
}

bool read_cuda_interface(const Site& site, PyObject* object, Array& array, Owners& owners) {
  Ref attribute = find_attribute(object, "__cuda_array_interface__");
  if (!attribute || !PyDict_Check(attribute.get())) return false;
  PyObject* interface = owners.keep(std::move(attribute));
  // Only one protocol says which GPU it is; most machines have one.
  int ordinal = 0;
  if (const Ref method = find_attribute(object, "__dlpack_device__")) {
    const Ref device = Ref::steal_or_null(PyObject_CallNoArgs(method.get()));
    if (!device) refuse_export(site, "__dlpack_device__");
    if (PyTuple_Check(device.get()) && PyTuple_GET_SIZE(device.get()) == 2) {
      ordinal = static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(device.get(), 1)));
      PyErr_Clear();
    }
  }
  add_residence(site, owners, ordinal);
  add_stream_of(site, interface, owners.residence());
  read_interface(site, interface, "__cuda_array_interface__", array);
  return true;
}

// The types that have an exchange API, and the table of each.
struct ExchangedType {
  PyTypeObject* type;
  const dlpack::ExchangeApi* api;  // null: it has none
};
std::vector<ExchangedType> exchanged_types;
constexpr std::size_t most_exchanged_types = 64;

// Ask a type for its exchange API, once.
const dlpack::ExchangeApi* learn_exchange_api(PyTypeObject* type) {
  const Ref capsule =
      find_attribute(reinterpret_cast<PyObject*>(type), "__dlpack_c_exchange_api__");
  const dlpack::ExchangeApi* api = nullptr;
  if (capsule && PyCapsule_IsValid(capsule.get(), dlpack::exchange_capsule_name) != 0) {
    api = static_cast<const dlpack::ExchangeApi*>(
        PyCapsule_GetPointer(capsule.get(), dlpack::exchange_capsule_name));
  }
  while (api != nullptr && api->version.major != 1) api = api->previous;
  if (api != nullptr && api->borrow_tensor == nullptr) api = nullptr;
  if (exchanged_types.size() < most_exchanged_types) {
    Py_INCREF(type);  // for ever: another type must not get its address
    exchanged_types.push_back({type, api});
  }
  return api;
}

const dlpack::ExchangeApi* exchange_api_of(PyTypeObject* type) {
  for (const ExchangedType& known : exchanged_types) {
    if (known.type == type) return known.api;
  }
  return learn_exchange_api(type);
}

}  // namespace

PyTypeObject* last_exchanged_type = nullptr;

bool read_exchanged(const Site& site, PyObject* object, Array& array, Owners& owners,
                    LastTensor* last) {
  static const dlpack::ExchangeApi* last_api = nullptr;  // that of last_exchanged_type
  PyTypeObject* const type = Py_TYPE(object);
  const dlpack::ExchangeApi* const api =
      type == last_exchanged_type ? last_api : exchange_api_of(type);
  if (api == nullptr) return false;
  dlpack::Tensor tensor;
  if (api->borrow_tensor(object, &tensor) != 0) refuse_export(site, "DLPack exchange");
  if (type != last_exchanged_type) {
    last_api = api;
    Py_INCREF(type);  // another type must not get its address
    Py_XSETREF(last_exchanged_type, type);
  }
  const bool is_gpu = is_on_gpu(tensor.device.type);
  if (last != nullptr && (is_gpu || is_on_host(tensor.device.type)) && is_like(tensor, *last))
      [[likely]] {
    if (is_gpu) add_residence(site, owners, tensor.device.id);
    complete_like(array, last->array, address_of(tensor));
  } else {
    array.writable = true;  // this form does not say
    read_tensor(site, tensor, array, owners);
    if (last != nullptr && may_be_last(array.data)) {
      *last = {std::bit_cast<std::uint32_t>(tensor.dtype), array};
    }
  }
  Residence& residence = owners.residence();
  if (is_gpu && !residence.has_streams && api->current_stream != nullptr) {
    void* stream = nullptr;
    if (api->current_stream(tensor.device.type, tensor.device.id, &stream) != 0) {
      refuse_export(site, "DLPack exchange");
    }
    residence.add_stream(reinterpret_cast<std::uintptr_t>(stream));
  }
  return true;
}

dlpack::DataType dlpack_type_of(Dtype dtype) {
  const auto bits = static_cast<std::uint8_t>(8 << item_shift(dtype));
  const auto made = [&](std::uint8_t code) { return dlpack::DataType{code, bits, 1}; };
  switch (dtype) {
    case Dtype::bool_: return made(dlpack::boolean);
    case Dtype::f8e4m3: return made(dlpack::float8_e4m3fn);
    case Dtype::f8e5m2: return made(dlpack::float8_e5m2);
    case Dtype::bf16: return made(dlpack::bfloat);
    case Dtype::f16:
    case Dtype::f32:
    case Dtype::f64: return made(dlpack::floating);
    case Dtype::u8:
    case Dtype::u16:
    case Dtype::u32:
    case Dtype::u64: return made(dlpack::unsigned_integer);
    default: return made(dlpack::signed_integer);
  }
}

bool read_foreign_array(const Site& site, PyObject* object, Array& array, Owners& owners) {
  if (PyType_Check(object)) return false;  // a class has the methods, but is no array
  return read_exchanged(site, object, array, owners, nullptr) ||
         read_cuda_interface(site, object, array, owners) ||
         read_dlpack(site, object, array, owners) ||
         read_array_interface(site, object, array, owners);
}

}  // namespace tilewright
