// A CUDA driver without a GPU: devices on the memory of the host, with faults on request.
//
// Implements the functions of native/cuda/driver_functions.inc for two devices. Work is done in the
// order in which it was submitted: at once, or, while it is held, when somebody waits for it. A
// module is text with a line for each entry, `NAME BYTES ACTION`: how many bytes of arguments it
// takes, and what its launches do; one that ends in a digit takes so many tensor maps. Tests look
// and steer through the functions fake_*.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cuda/driver.h"
#include "cuda/executable.h"

namespace tilewright::cuda {

struct CUctx_st {
  int device;
};

// Work of a graph.
struct Node {
  std::string what;  // two graphs are of one shape if these are the same
  std::function<Result()> run;
};

struct CUstream_st {
  int device;
  std::uint64_t last = 0;  // the work submitted last
  bool is_captured = false;
  bool is_invalid = false;  // what it captures: something was asked that cannot be
  std::vector<Node> recorded = {};
};

struct CUevent_st {
  std::uint64_t work = 0;
  bool is_captured = false;
  StreamHandle stream = nullptr;  // where it was recorded last, and on which device
  int device = 0;
  bool is_timed = false;
  bool is_recorded = false;
  double milliseconds = 0;
};

struct CUfunc_st {
  std::string name;
  std::size_t bytes = 0;
  std::string action;
  std::size_t maps = 0;  // tensor maps that it takes, the digit at the end of its action
};

struct CUmod_st {
  std::list<CUfunc_st> functions;
};

struct CUgraph_st {
  std::vector<Node> nodes;
};

struct CUgraphExec_st {
  int device;
  std::vector<Node> nodes;
};

}  // namespace tilewright::cuda

using namespace tilewright::cuda;

namespace {

constexpr int device_count = 2;
constexpr std::size_t device_bytes = std::size_t{64} << 20;
constexpr Result invalid_value = 1, not_initialized = 3, no_device = 100, invalid_device = 101,
                 invalid_image = 200, invalid_context = 201, invalid_handle = 400, not_found = 500,
                 illegal_address = 700, capture_unsupported = 900, capture_invalidated = 901,
                 capture_isolation = 905, captured_event = 907;

struct Work {
  std::uint64_t number;
  std::function<Result()> run;
};

// What tests ask for and look at.
struct Fake {
  std::recursive_mutex lock;
  std::map<std::string, long> settings;  // see fake_set
  std::map<std::string, long> counts;    // calls of each function
  CUctx_st contexts[device_count] = {{0}, {1}};
  CUstream_st default_streams[device_count] = {{0}, {1}};
  std::list<Work> waiting;
  std::uint64_t submitted = 0;
  std::uint64_t done = 0;
  Result lost = success;  // sticky
  std::list<CUmod_st> modules;
  std::map<std::uintptr_t, std::size_t> allocations;
  std::map<std::uintptr_t, std::size_t> pinned;
  std::size_t used = 0;
  std::vector<unsigned char> block;  // the arguments of the last launch
  Services services{};
  std::vector<TensorMap> maps;       // those of the last launch
  std::vector<std::uint64_t> waits;  // see fake_waits
  unsigned shape[4] = {};            // blocks, threads, shared memory, launches
  StreamHandle stream = nullptr;
};

Fake& fake() {
  static Fake* const found = new Fake;
  return *found;
}

thread_local std::vector<ContextHandle> contexts_here;

ContextHandle current_context() { return contexts_here.empty() ? nullptr : contexts_here.back(); }

CUstream_st& stream_behind(StreamHandle handle) {
  if (handle != nullptr) return *handle;
  const ContextHandle context = current_context();
  return fake().default_streams[context == nullptr ? 0 : context->device];
}

// Every call comes through here: what it is told to do wrong, it does.
Result enter(const char* name, bool needs_context = false) {
  Fake& state = fake();
  const long count = ++state.counts[name];
  const auto setting = state.settings.find(name);  // "cuMemAlloc": fail at the n-th call
  if (setting != state.settings.end() && setting->second == count) {
    return static_cast<Result>(state.settings["result"]);
  }
  if (!needs_context) return success;
  if (state.lost != success) return state.lost;
  return current_context() == nullptr ? invalid_context : success;
}

double now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

Result run_until(std::uint64_t number) {
  Fake& state = fake();
  while (!state.waiting.empty() && state.waiting.front().number <= number) {
    const Work work = std::move(state.waiting.front());
    state.waiting.pop_front();
    state.done = work.number;
    if (state.lost != success) continue;
    if (const Result result = work.run(); result != success) state.lost = result;
  }
  return state.lost;
}

// What a stream that is captured cannot do ends the capture.
Result refuse_captured(CUstream_st& stream, Result result) {
  stream.is_invalid = true;
  return result;
}

Result submit(StreamHandle handle, const std::string& what, std::function<Result()> work) {
  Fake& state = fake();
  CUstream_st& stream = stream_behind(handle);
  if (stream.is_captured) {
    stream.recorded.push_back({what, std::move(work)});
    return success;
  }
  stream.last = ++state.submitted;
  state.waiting.push_back({stream.last, std::move(work)});
  if (state.settings["hold"] == 0) run_until(state.submitted);
  return success;  // what goes wrong is noticed by a later call
}

void* pointer(Address address) { return reinterpret_cast<void*>(address); }

// out[i] = x[i] * a, where the block holds x, n, _, out, n, _, a behind the grid.
void scale(const std::vector<unsigned char>& block) {
  const float* x = nullptr;
  float* out = nullptr;
  std::int64_t n = 0;
  float a = 0;
  std::memcpy(&x, &block[24], 8);
  std::memcpy(&n, &block[32], 8);
  std::memcpy(&out, &block[48], 8);
  std::memcpy(&a, &block[72], 4);
  for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] * a;
}

void print(const Services& services, std::int32_t place, std::int64_t program, const void* data,
           std::int32_t bytes) {
  const std::uint64_t size = 16 + (static_cast<std::uint64_t>(bytes) + 7) / 8 * 8;
  const std::uint64_t at = services.prints->used;
  services.prints->used += size;
  if (at + size > services.prints->capacity) return;
  const PrintRecord record{place, bytes, program};
  auto* to = reinterpret_cast<unsigned char*>(services.prints + 1) + at;
  std::memcpy(to, &record, sizeof record);
  std::memcpy(to + sizeof record, data, static_cast<std::size_t>(bytes));
}

Result act(const std::string& action, const std::vector<unsigned char>& block,
           const Services& services) {
  if (action == "illegal") return illegal_address;
  if (action == "scale") scale(block);
  if (action == "fail" && services.failure->claimed == 0) {
    *services.failure = {1, 3, 17, 2, {7, -1}};
  }
  if (action == "print") {  // in reverse, since the programs of a launch are in no order
    for (std::int64_t program = services.programs; program-- > 0;) {
      print(services, 1, program, &program, 8);
    }
  }
  if (action == "flood") {
    const std::vector<char> large(100'000, 'x');
    for (int i = 0; i < 20; ++i) print(services, 1, i, large.data(), 100'000);
  }
  if (action == "scratch") std::memset(services.scratch, 1, 256);
  return success;
}

}  // namespace

// The driver. Each is locked: the functions of a real one may be called by any thread.
#define LOCKED const std::lock_guard guard(fake().lock)
#define ENTER(name, needs_context) \
  LOCKED;                          \
  if (const Result entered = enter(#name, needs_context); entered != success) return entered

extern "C" {

Result cuInit(unsigned) {
  ENTER(cuInit, false);
  return fake().settings["no_device"] != 0 ? no_device : success;
}

Result cuDriverGetVersion(int* version) {
  LOCKED;
  const long wanted = fake().settings["version"];
  *version = wanted != 0 ? static_cast<int>(wanted) : 13000;
  return success;
}

Result cuGetErrorName(Result error, const char** text) {
  static const std::map<Result, const char*> names = {
      {invalid_value, "CUDA_ERROR_INVALID_VALUE"},
      {out_of_memory, "CUDA_ERROR_OUT_OF_MEMORY"},
      {not_initialized, "CUDA_ERROR_NOT_INITIALIZED"},
      {no_device, "CUDA_ERROR_NO_DEVICE"},
      {invalid_image, "CUDA_ERROR_INVALID_IMAGE"},
      {not_found, "CUDA_ERROR_NOT_FOUND"},
      {illegal_address, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
      {capture_invalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"}};
  const auto found = names.find(error);
  *text = found == names.end() ? nullptr : found->second;
  return found == names.end() ? invalid_value : success;
}

Result cuGetErrorString(Result error, const char** text) {
  static const std::map<Result, const char*> texts = {
      {out_of_memory, "out of memory"},
      {no_device, "no CUDA-capable device is detected"},
      {illegal_address, "an illegal memory access was encountered"},
      {701, "too many resources requested for launch"}};
  const auto found = texts.find(error);
  *text = found == texts.end() ? "something went wrong" : found->second;
  return success;
}

Result cuDeviceGetCount(int* count) {
  ENTER(cuDeviceGetCount, false);
  *count = fake().settings["none"] != 0 ? 0 : device_count;
  return success;
}

Result cuDeviceGet(int* device, int ordinal) {
  ENTER(cuDeviceGet, false);
  if (ordinal < 0 || ordinal >= device_count) return invalid_device;
  *device = ordinal;
  return success;
}

Result cuDeviceGetName(char* name, int length, int device) {
  ENTER(cuDeviceGetName, false);
  const std::string text = "Fake GPU " + std::to_string(device);
  std::strncpy(name, text.c_str(), static_cast<std::size_t>(length));
  return success;
}

Result cuDeviceTotalMem(std::size_t* bytes, int) {
  *bytes = device_bytes;
  return success;
}

Result cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER(cuDeviceGetAttribute, false);
  switch (attribute) {
    case 16: *value = 8; break;           // multiprocessors
    case 38: *value = 1 << 20; break;     // bytes of the second cache
    case 75: *value = 9; break;           // major
    case 76: *value = 0; break;           // minor
    case 97: *value = 227 * 1024; break;  // shared memory
    default: return invalid_value;
  }
  return success;
}

Result cuDevicePrimaryCtxRetain(ContextHandle* context, int device) {
  ENTER(cuDevicePrimaryCtxRetain, false);
  *context = &fake().contexts[device];
  return success;
}

Result cuDeviceCanAccessPeer(int* is_possible, int device, int other) {
  ENTER(cuDeviceCanAccessPeer, false);
  *is_possible = device != other && fake().settings["no_peers"] == 0;
  return success;
}

Result cuCtxEnablePeerAccess(ContextHandle other, unsigned) {
  ENTER(cuCtxEnablePeerAccess, true);
  return other == current_context() ? invalid_context : success;
}

Result cuCtxGetCurrent(ContextHandle* context) {
  LOCKED;
  *context = current_context();
  return success;
}

Result cuCtxPushCurrent(ContextHandle context) {
  ENTER(cuCtxPushCurrent, false);
  contexts_here.push_back(context);
  return success;
}

Result cuCtxPopCurrent(ContextHandle* context) {
  ENTER(cuCtxPopCurrent, false);
  if (contexts_here.empty()) return invalid_context;
  *context = contexts_here.back();
  contexts_here.pop_back();
  return success;
}

Result cuCtxSynchronize() {
  ENTER(cuCtxSynchronize, true);
  return run_until(fake().submitted);
}

Result cuStreamCreate(StreamHandle* stream, unsigned) {
  ENTER(cuStreamCreate, true);
  *stream = new CUstream_st{current_context()->device};
  return success;
}

Result cuStreamDestroy(StreamHandle stream) {
  ENTER(cuStreamDestroy, false);
  run_until(stream->last);  // its work uses it
  delete stream;
  return success;
}

Result cuStreamSynchronize(StreamHandle stream) {
  ENTER(cuStreamSynchronize, true);
  CUstream_st& found = stream_behind(stream);
  if (found.is_captured) return refuse_captured(found, capture_unsupported);
  return run_until(found.last);
}

Result cuStreamQuery(StreamHandle stream) {
  ENTER(cuStreamQuery, true);
  CUstream_st& found = stream_behind(stream);
  if (found.is_captured) return refuse_captured(found, capture_unsupported);
  return found.last > fake().done ? not_ready : success;
}

Result cuStreamWaitEvent(StreamHandle stream, EventHandle event, unsigned) {
  ENTER(cuStreamWaitEvent, true);
  CUstream_st& found = stream_behind(stream);
  if (found.is_captured != event->is_captured) return refuse_captured(found, capture_isolation);
  fake().waits.insert(
      fake().waits.end(),
      {static_cast<std::uint64_t>(found.device), reinterpret_cast<std::uintptr_t>(stream),
       static_cast<std::uint64_t>(event->device), reinterpret_cast<std::uintptr_t>(event->stream)});
  return success;  // all work is done in the order it was submitted
}

Result cuStreamBeginCapture(StreamHandle stream, int) {
  ENTER(cuStreamBeginCapture, true);
  stream->is_captured = true;
  stream->is_invalid = false;
  return success;
}

Result cuStreamEndCapture(StreamHandle stream, GraphHandle* graph) {
  ENTER(cuStreamEndCapture, true);
  stream->is_captured = false;
  *graph = nullptr;
  const std::vector<Node> recorded = std::exchange(stream->recorded, {});
  if (stream->is_invalid) return capture_invalidated;
  *graph = new CUgraph_st{recorded};
  return success;
}

Result cuEventCreate(EventHandle* event, unsigned flags) {
  ENTER(cuEventCreate, true);
  *event = new CUevent_st;
  (*event)->is_timed = flags == 0;
  return success;
}

Result cuEventDestroy(EventHandle event) {
  ENTER(cuEventDestroy, false);
  run_until(event->work);  // its record uses it
  delete event;
  return success;
}

Result cuEventRecord(EventHandle event, StreamHandle stream) {
  ENTER(cuEventRecord, true);
  const CUstream_st& found = stream_behind(stream);
  event->is_captured = found.is_captured;
  event->stream = stream;
  event->device = found.device;
  if (event->is_captured) return success;
  event->is_recorded = true;
  submit(stream, "record", [event] {
    event->milliseconds = now_ms();
    return success;
  });
  event->work = stream_behind(stream).last;
  return success;
}

Result cuEventQuery(EventHandle event) {
  ENTER(cuEventQuery, true);
  if (event->is_captured) return captured_event;
  return event->work > fake().done ? not_ready : success;
}

Result cuEventSynchronize(EventHandle event) {
  ENTER(cuEventSynchronize, true);
  if (event->is_captured) return captured_event;
  return run_until(event->work);
}

Result cuEventElapsedTime(float* milliseconds, EventHandle start, EventHandle end) {
  ENTER(cuEventElapsedTime, true);
  if (!start->is_timed || !end->is_timed || !start->is_recorded || !end->is_recorded) {
    return invalid_handle;
  }
  *milliseconds = static_cast<float>(end->milliseconds - start->milliseconds);
  return success;
}

Result cuMemAlloc(Address* address, std::size_t bytes) {
  ENTER(cuMemAlloc, true);
  Fake& state = fake();
  if (bytes == 0) return invalid_value;
  if (bytes > device_bytes - state.used) return out_of_memory;
  void* const memory = std::aligned_alloc(512, (bytes + 511) / 512 * 512);
  if (memory == nullptr) return out_of_memory;
  std::memset(memory, 0xcd, bytes);
  *address = reinterpret_cast<std::uintptr_t>(memory);
  state.allocations[*address] = bytes;
  state.used += bytes;
  return success;
}

Result cuMemFree(Address address) {
  ENTER(cuMemFree, true);
  Fake& state = fake();
  const auto found = state.allocations.find(address);
  if (found == state.allocations.end()) return invalid_value;
  run_until(state.submitted);
  state.used -= found->second;
  state.allocations.erase(found);
  std::free(pointer(address));
  return success;
}

Result cuMemGetInfo(std::size_t* free, std::size_t* total) {
  ENTER(cuMemGetInfo, true);
  *total = device_bytes;
  *free = device_bytes - fake().used;
  return success;
}

Result cuMemHostAlloc(void** memory, std::size_t bytes, unsigned) {
  ENTER(cuMemHostAlloc, true);
  *memory = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (*memory == nullptr) return out_of_memory;
  std::memset(*memory, 0xcd, bytes);
  fake().pinned[reinterpret_cast<std::uintptr_t>(*memory)] = bytes;
  return success;
}

Result cuMemFreeHost(void* memory) {
  ENTER(cuMemFreeHost, true);
  fake().pinned.erase(reinterpret_cast<std::uintptr_t>(memory));
  std::free(memory);
  return success;
}

Result cuMemcpyAsync(Address target, Address source, std::size_t bytes, StreamHandle stream) {
  ENTER(cuMemcpyAsync, true);
  return submit(stream, "copy", [=] {
    std::memmove(pointer(target), pointer(source), bytes);
    return success;
  });
}

Result cuMemcpyPeerAsync(Address target, ContextHandle, Address source, ContextHandle,
                         std::size_t bytes, StreamHandle stream) {
  ENTER(cuMemcpyPeerAsync, true);
  return cuMemcpyAsync(target, source, bytes, stream);
}

Result cuMemsetD8Async(Address target, unsigned char value, std::size_t bytes,
                       StreamHandle stream) {
  ENTER(cuMemsetD8Async, true);
  return submit(stream, "fill", [=] {
    std::memset(pointer(target), value, bytes);
    return success;
  });
}

Result cuPointerGetAttribute(void* value, int, Address address) {
  ENTER(cuPointerGetAttribute, true);
  const auto after = fake().pinned.upper_bound(address);
  if (after == fake().pinned.begin()) return invalid_value;
  const auto& [start, bytes] = *std::prev(after);
  if (address >= start + bytes) return invalid_value;
  *static_cast<unsigned*>(value) = 1;
  return success;
}

Result cuModuleLoadData(ModuleHandle* module, const void* image) {
  ENTER(cuModuleLoadData, true);
  std::istringstream text(static_cast<const char*>(image));
  CUmod_st fresh;
  CUfunc_st function;
  while (text >> function.name >> function.bytes >> function.action) {
    const char last = function.action.back();
    function.maps = last >= '0' && last <= '9' ? static_cast<std::size_t>(last - '0') : 0;
    fresh.functions.push_back(function);
  }
  if (fresh.functions.empty()) return invalid_image;
  *module = &fake().modules.emplace_back(std::move(fresh));
  return success;
}

Result cuModuleUnload(ModuleHandle module) {
  ENTER(cuModuleUnload, true);
  run_until(fake().submitted);
  fake().modules.remove_if([&](const CUmod_st& known) { return &known == module; });
  return success;
}

Result cuModuleGetFunction(FunctionHandle* function, ModuleHandle module, const char* name) {
  ENTER(cuModuleGetFunction, true);
  for (CUfunc_st& found : module->functions) {
    if (found.name != name) continue;
    *function = &found;
    return success;
  }
  return not_found;
}

Result cuFuncSetAttribute(FunctionHandle, int, int value) {
  ENTER(cuFuncSetAttribute, true);
  fake().settings["dynamic_shared_memory"] = value;
  return success;
}

Result cuFuncGetAttribute(int* value, int, FunctionHandle) {
  *value = 0;
  return success;
}

Result cuLaunchKernel(FunctionHandle function, unsigned grid_x, unsigned, unsigned,
                      unsigned block_x, unsigned, unsigned, unsigned shared_bytes,
                      StreamHandle stream, void** parameters, void**) {
  ENTER(cuLaunchKernel, true);
  if (grid_x == 0) return invalid_value;
  Fake& state = fake();
  const auto* bytes = static_cast<const unsigned char*>(parameters[0]);
  std::vector<unsigned char> block(bytes, bytes + function->bytes);
  Services services;
  std::memcpy(&services, parameters[1], sizeof services);
  const std::uint64_t launches = state.shape[3] + 1;
  state.block = block;
  state.services = services;
  state.maps.clear();
  for (std::size_t n = 0; n < function->maps; ++n) {
    TensorMap map;
    std::memcpy(&map, parameters[2 + n], sizeof map);
    state.maps.push_back(map);
  }
  state.stream = stream;
  const unsigned shape[] = {grid_x, block_x, shared_bytes, static_cast<unsigned>(launches)};
  std::memcpy(state.shape, shape, sizeof shape);
  return submit(stream, function->name,
                [action = function->action, block = std::move(block), services] {
                  return act(action, block, services);
                });
}

Result cuTensorMapEncodeTiled(TensorMap* map, int type, unsigned rank, void* data,
                              const std::uint64_t* extents, const std::uint64_t* strides,
                              const std::uint32_t* box, const std::uint32_t* steps, int interleave,
                              int swizzle, int promotion, int fill) {
  ENTER(cuTensorMapEncodeTiled, false);
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  if (rank != 2 || address % 16 != 0 || strides[0] % 16 != 0 || strides[0] >> 40 != 0) {
    return invalid_value;
  }
  for (int axis = 0; axis < 2; ++axis) {
    if (extents[axis] < 1 || box[axis] < 1 || box[axis] > 256) return invalid_value;
  }
  const std::uint64_t values[] = {static_cast<std::uint64_t>(type),
                                  address,
                                  extents[0],
                                  extents[1],
                                  strides[0],
                                  box[0],
                                  box[1],
                                  steps[0],
                                  steps[1],
                                  static_cast<std::uint64_t>(interleave),
                                  static_cast<std::uint64_t>(swizzle),
                                  static_cast<std::uint64_t>(promotion),
                                  static_cast<std::uint64_t>(fill)};
  *map = {};
  std::memcpy(map->opaque, values, sizeof values);
  return success;
}

Result cuGraphInstantiateWithFlags(GraphExecHandle* executable, GraphHandle graph,
                                   unsigned long long) {
  ENTER(cuGraphInstantiateWithFlags, true);
  *executable = new CUgraphExec_st{current_context()->device, graph->nodes};
  return success;
}

Result cuGraphExecUpdate(GraphExecHandle executable, GraphHandle graph, GraphUpdateInfo* info) {
  ENTER(cuGraphExecUpdate, true);
  constexpr int topology_changed = 2;
  const auto is_same = [](const Node& one, const Node& other) { return one.what == other.what; };
  const bool is_fit = executable->device == current_context()->device &&
                      std::equal(executable->nodes.begin(), executable->nodes.end(),
                                 graph->nodes.begin(), graph->nodes.end(), is_same);
  info->reason = is_fit ? 0 : topology_changed;
  if (!is_fit) return update_refused;
  executable->nodes = graph->nodes;
  return success;
}

Result cuGraphLaunch(GraphExecHandle executable, StreamHandle stream) {
  ENTER(cuGraphLaunch, true);
  for (const Node& node : executable->nodes) submit(stream, node.what, node.run);
  return success;
}

Result cuGraphExecDestroy(GraphExecHandle executable) {
  ENTER(cuGraphExecDestroy, false);
  delete executable;
  return success;
}

Result cuGraphDestroy(GraphHandle graph) {
  ENTER(cuGraphDestroy, false);
  delete graph;
  return success;
}

// How the driver is found.

#define SHOWN [[gnu::visibility("default")]]

SHOWN Result cuGetProcAddress_v2(const char* name, void** function, int, std::uint64_t, int*) {
  LOCKED;
#define DRIVER_FUNCTION(known, version, parameters)                   \
  if (std::strcmp(name, #known) == 0) {                               \
    Result(*typed) parameters = &known;                               \
    *function = reinterpret_cast<void*>(typed);                       \
    return fake().settings["lacks"] == version ? not_found : success; \
  }
#include "cuda/driver_functions.inc"
#undef DRIVER_FUNCTION
  return not_found;
}

// What tests ask for: `no_peers` keeps the devices from one another's memory; `hold` leaves work
// waiting until somebody waits for it; `version`, `no_device`, `none` and `lacks` (functions of a
// version of CUDA) say how the driver is found; the name of a function says at which of its calls
// from now on it gives `result`.
SHOWN void fake_set(const char* name, long value) {
  LOCKED;
  Fake& state = fake();
  state.counts.erase(name);
  state.settings[name] = value;
  if (std::strcmp(name, "hold") == 0 && value == 0) run_until(state.submitted);
}

SHOWN long fake_calls(const char* name) {
  LOCKED;
  return fake().counts[name];
}

// Forget everything that was set and counted, the loss of the devices, and their memory.
SHOWN void fake_reset() {
  LOCKED;
  Fake& state = fake();
  run_until(state.submitted);
  state.settings.clear();
  state.counts.clear();
  state.lost = success;
  state.used = 0;  // memory of devices that were lost is never given back
  state.allocations.clear();
  state.waits.clear();
  contexts_here.clear();
  std::memset(state.shape, 0, sizeof state.shape);
}

SHOWN std::size_t fake_used() {
  LOCKED;
  return fake().used;
}

// The argument block of the last launch; returns how many bytes it has.
SHOWN std::size_t fake_block(unsigned char* bytes, std::size_t most) {
  LOCKED;
  const auto& block = fake().block;
  std::memcpy(bytes, block.data(), std::min(most, block.size()));
  return block.size();
}

// The tensor maps of the last launch, as the words of which cuTensorMapEncodeTiled makes them:
// type, address, extents, stride, box, steps, interleave, swizzle, promotion, fill; returns how
// many.
SHOWN std::size_t fake_maps(std::uint64_t* words, std::size_t most) {
  LOCKED;
  const auto& maps = fake().maps;
  std::memcpy(words, maps.data(), std::min(most, maps.size()) * sizeof(TensorMap));
  return maps.size();
}

// Four numbers for each wait of a stream for an event since the last call: device and handle of the
// stream, then of that where the event was recorded; returns how many there were.
SHOWN std::size_t fake_waits(std::uint64_t* values, std::size_t most) {
  LOCKED;
  const std::vector<std::uint64_t> waits = std::exchange(fake().waits, {});
  std::memcpy(values, waits.data(), std::min(most, waits.size()) * sizeof(std::uint64_t));
  return waits.size() / 4;
}

// The device whose context is current on the calling thread; -1 if none is.
SHOWN int fake_current() {
  LOCKED;
  return current_context() == nullptr ? -1 : current_context()->device;
}

// Make the context of a device current on the calling thread, as other libraries do; none by -1.
SHOWN void fake_make_current(int device) {
  LOCKED;
  contexts_here.clear();
  if (device >= 0) contexts_here.push_back(&fake().contexts[device]);
}

// Of the last launch: blocks, threads of a block, shared memory, launches so far, stream, programs,
// and the addresses of scratch, failure and prints.
SHOWN void fake_launch(std::uint64_t* values) {
  LOCKED;
  const Fake& state = fake();
  for (int i = 0; i < 4; ++i) values[i] = state.shape[i];
  values[4] = reinterpret_cast<std::uintptr_t>(state.stream);
  values[5] = static_cast<std::uint64_t>(state.services.programs);
  values[6] = reinterpret_cast<std::uintptr_t>(state.services.scratch);
  values[7] = reinterpret_cast<std::uintptr_t>(state.services.failure);
  values[8] = reinterpret_cast<std::uintptr_t>(state.services.prints);
}

}  // extern "C"
