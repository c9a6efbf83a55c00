// The CUDA driver, opened when it is first needed.
//
// One table of functions for the process, kept for ever. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tilewright::cuda {

// The driver's handles, by names of our own: there are no headers of CUDA here.
using Result = int;
using Address = unsigned long long;
using ContextHandle = struct CUctx_st*;
using StreamHandle = struct CUstream_st*;
using EventHandle = struct CUevent_st*;
using ModuleHandle = struct CUmod_st*;
using FunctionHandle = struct CUfunc_st*;
using GraphHandle = struct CUgraph_st*;
using GraphExecHandle = struct CUgraphExec_st*;

// Why a graph could not be given the arguments of another one.
struct GraphUpdateInfo {
  int reason;
  void* node;
  void* from;
};

// What copies of boxes of an array need to know; for the hardware's eyes.
struct alignas(64) TensorMap {
  std::uint64_t opaque[16];
};

inline constexpr Result success = 0;
inline constexpr Result out_of_memory = 2;
inline constexpr Result not_ready = 600;
inline constexpr Result update_refused = 910;  // of a graph, by another one

// The oldest driver that will do, as cuDriverGetVersion tells it.
inline constexpr int least_driver_version = 12000;

struct Driver {
#define DRIVER_FUNCTION(name, version, parameters) Result(*name) parameters;
#include "cuda/driver_functions.inc"
#undef DRIVER_FUNCTION
  int version;
};

// The driver, initialised. Throws DeviceError that says what is missing; another call tries again.
const Driver& driver();

// Open this file in place of `libcuda.so.1`; an empty path brings that back. What was opened stays
// open, for those who use it.
void set_driver_path(const std::string& path);

// The driver's name and text of an error, as in "CUDA_ERROR_OUT_OF_MEMORY: out of memory".
std::string error_text(Result result);

// Throw the DeviceError of a call that failed.
[[noreturn]] void fail_call(Result result, const char* call);

// Throw a DeviceError unless a call of the driver succeeded. For calls about no particular device;
// `Device::check` also notices that a context is lost.
inline void check_cuda(Result result, const char* call) {
  if (result != success) [[unlikely]]
    fail_call(result, call);
}

}  // namespace tilewright::cuda
