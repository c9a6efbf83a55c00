// The structures of DLPack 1.x, the exchange format of array libraries.
//
// Source: https://dmlc.github.io/dlpack/latest/c_api.html. They belong to whoever exports them.
#pragma once

#include <cstdint>

#include "launch/dtypes.h"

namespace tilewright::dlpack {

enum DeviceType : std::int32_t { cpu = 1, cuda = 2, cuda_host = 3, cuda_managed = 13 };

// The codes of element types that we can express.
enum TypeCode : std::uint8_t {
  signed_integer = 0,
  unsigned_integer = 1,
  floating = 2,
  bfloat = 4,
  boolean = 6,
  float8_e4m3fn = 10,
  float8_e5m2 = 12,
};

struct Device {
  std::int32_t type;
  std::int32_t id;
};

struct DataType {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

struct Tensor {
  void* data;
  Device device;
  std::int32_t ndim;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null: compact and row-major
  std::uint64_t byte_offset;
};

struct ManagedTensor {
  Tensor tensor;
  void* manager;
  void (*deleter)(ManagedTensor*);
};

struct Version {
  std::uint32_t major;
  std::uint32_t minor;
};

inline constexpr std::uint64_t read_only = 1;

struct ManagedTensorVersioned {
  Version version;
  void* manager;
  void (*deleter)(ManagedTensorVersioned*);
  std::uint64_t flags;
  Tensor tensor;
};

// A table of functions that a type of arrays has in a capsule, as `__dlpack_c_exchange_api__`: the
// way without Python objects in between. Only what we call is spelled out.
struct ExchangeApi {
  Version version;
  ExchangeApi* previous;
  void* allocate;
  void* from_object;
  void* to_object;
  int (*borrow_tensor)(void* object, Tensor* tensor);  // -1: a Python error is set
  int (*current_stream)(std::int32_t device_type, std::int32_t device, void** stream);
};

inline constexpr const char* exchange_capsule_name = "dlpack_exchange_api";
inline constexpr const char* capsule_name = "dltensor";
inline constexpr const char* versioned_capsule_name = "dltensor_versioned";

}  // namespace tilewright::dlpack

namespace tilewright {

// How DLPack names a dtype.
dlpack::DataType dlpack_type_of(Dtype dtype);

}  // namespace tilewright
