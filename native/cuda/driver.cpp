// Opens the driver's library and looks its functions up.
#include "cuda/driver.h"

#include <dlfcn.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "base/error.h"

namespace tilewright::cuda {
namespace {

constexpr const char* usual_library = "libcuda.so.1";

using Find = Result (*)(const char* name, void** function, int version, std::uint64_t flags,
                        int* status);

struct Opened {
  std::mutex lock;  // of `path`, and held while opening
  std::string path = usual_library;
  std::atomic<const Driver*> driver{nullptr};
};

Opened& opened() {
  static Opened* const found = new Opened;
  return *found;
}

template <class Function>
void find(Find find_function, Function*& found, const char* name, int version) {
  void* address = nullptr;
  const Result result = find_function(name, &address, version, 0, nullptr);
  if (result != success || address == nullptr) {
    fail(Fault::device, "the CUDA driver has no function %s; Tilewright needs one of CUDA 12.0",
         name);
  }
  found = reinterpret_cast<Function*>(address);
}

std::string text_of(const Driver& from, Result result) {
  const char* name = nullptr;
  const char* text = nullptr;
  from.cuGetErrorName(result, &name);
  from.cuGetErrorString(result, &text);
  if (name == nullptr) return "error " + std::to_string(result);
  return std::string(name) + ": " + (text == nullptr ? "no description" : text);
}

const Driver* open_driver(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    fail(Fault::device, "no CUDA driver: %s\nnote: install NVIDIA's driver", dlerror());
  }
  const auto find_function = reinterpret_cast<Find>(dlsym(library, "cuGetProcAddress_v2"));
  if (find_function == nullptr) {
    fail(Fault::device, "the CUDA driver in %s is older than 12.0\nnote: install a newer driver",
         path.c_str());
  }
  auto fresh = std::make_unique<Driver>();
#define DRIVER_FUNCTION(name, version, parameters) find(find_function, fresh->name, #name, version);
#include "cuda/driver_functions.inc"
#undef DRIVER_FUNCTION
  if (const Result result = fresh->cuInit(0); result != success) {
    fail(Fault::device, "cuInit failed with %s", text_of(*fresh, result).c_str());
  }
  fresh->cuDriverGetVersion(&fresh->version);
  if (fresh->version < least_driver_version) {
    fail(Fault::device,
         "the CUDA driver is for CUDA %d.%d, older than 12.0\nnote: install a newer driver",
         fresh->version / 1000, fresh->version % 1000 / 10);
  }
  return fresh.release();  // never deleted: it may be in use
}

}  // namespace

const Driver& driver() {
  Opened& state = opened();
  if (const Driver* known = state.driver.load(std::memory_order_acquire)) [[likely]]
    return *known;
  const std::lock_guard guard(state.lock);
  const Driver* found = state.driver.load(std::memory_order_acquire);
  if (found == nullptr) {
    found = open_driver(state.path);
    state.driver.store(found, std::memory_order_release);
  }
  return *found;
}

void set_driver_path(const std::string& path) {
  Opened& state = opened();
  const std::lock_guard guard(state.lock);
  const std::string& wanted = path.empty() ? usual_library : path;
  if (wanted == state.path) return;
  state.path = wanted;
  state.driver.store(nullptr, std::memory_order_release);
}

std::string error_text(Result result) { return text_of(driver(), result); }

void fail_call(Result result, const char* call) {
  fail(Fault::device, "%s failed: %s", call, error_text(result).c_str());
}

}  // namespace tilewright::cuda
