// Finds GPUs, opens them, and tells what is wrong with one that is lost.
#include "cuda/device.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "cuda/executable.h"
#include "cuda/memory.h"

namespace tilewright::cuda {
namespace {

// Of cuDeviceGetAttribute.
constexpr int attribute_multiprocessors = 16;
constexpr int attribute_l2_bytes = 38;
constexpr int attribute_major = 75;
constexpr int attribute_minor = 76;
constexpr int attribute_shared_memory = 97;

constexpr unsigned non_blocking = 1;  // a stream that does not wait for the default stream

// Errors after which every call on the context fails.
bool is_sticky(Result result) {
  switch (result) {
    case 214:  // ECC_UNCORRECTABLE
    case 220:  // NVLINK_UNCORRECTABLE
    case 700:  // ILLEGAL_ADDRESS
    case 702:  // LAUNCH_TIMEOUT
    case 709:  // CONTEXT_IS_DESTROYED
    case 710:  // ASSERT
    case 714:  // HARDWARE_STACK_ERROR
    case 715:  // ILLEGAL_INSTRUCTION
    case 716:  // MISALIGNED_ADDRESS
    case 717:  // INVALID_ADDRESS_SPACE
    case 718:  // INVALID_PC
    case 719:  // LAUNCH_FAILED
    case 721:  // TENSOR_MEMORY_LEAK
      return true;
    default: return false;
  }
}

int attribute_of(const Driver& from, int handle, int attribute) {
  int value = 0;
  check_cuda(from.cuDeviceGetAttribute(&value, attribute, handle), "cuDeviceGetAttribute");
  return value;
}

DeviceFacts facts_of(const Driver& from, int index) {
  DeviceFacts facts{};
  facts.index = index;
  check_cuda(from.cuDeviceGet(&facts.handle, index), "cuDeviceGet");
  char name[256] = {};
  check_cuda(from.cuDeviceGetName(name, sizeof name, facts.handle), "cuDeviceGetName");
  facts.name = name;
  facts.major = attribute_of(from, facts.handle, attribute_major);
  facts.minor = attribute_of(from, facts.handle, attribute_minor);
  facts.multiprocessors = attribute_of(from, facts.handle, attribute_multiprocessors);
  facts.shared_memory = attribute_of(from, facts.handle, attribute_shared_memory);
  facts.l2_bytes = attribute_of(from, facts.handle, attribute_l2_bytes);
  check_cuda(from.cuDeviceTotalMem(&facts.memory, facts.handle), "cuDeviceTotalMem");
  return facts;
}

int count_devices(const Driver& from) {
  int count = 0;
  check_cuda(from.cuDeviceGetCount(&count), "cuDeviceGetCount");
  if (count == 0) fail(Fault::device, "the CUDA driver finds no GPU");
  return count;
}

// The devices that were opened, of one driver.
struct Opened {
  std::atomic<Device*> last{nullptr};  // that was asked for
  std::mutex lock;                     // of what follows
  const Driver* driver = nullptr;
  std::vector<std::shared_ptr<Device>> devices;
  std::vector<std::shared_ptr<Device>> retired;  // those of drivers before, for their users
};

Opened& opened() {
  static Opened* const found = new Opened;  // streams may still run while the process exits
  return *found;
}

}  // namespace

std::vector<DeviceFacts> find_devices() {
  const Driver& from = driver();
  std::vector<DeviceFacts> found;
  const int count = count_devices(from);
  for (int index = 0; index < count; ++index) found.push_back(facts_of(from, index));
  return found;
}

std::shared_ptr<Device> Device::open(int index) {
  const Driver& from = cuda::driver();
  Opened& state = opened();
  {
    const std::lock_guard guard(state.lock);
    if (state.driver != &from) {
      for (auto& device : std::exchange(state.devices, {})) state.retired.push_back(device);
      state.driver = &from;
    }
    const auto place = static_cast<std::size_t>(index);
    if (place < state.devices.size() && state.devices[place] != nullptr) {
      return state.devices[place];
    }
  }
  const int count = count_devices(from);
  if (index < 0 || index >= count) {
    fail(Fault::device, "there is no device 'cuda:%d'; this machine has %d GPU%s", index, count,
         count == 1 ? "" : "s");
  }
  std::shared_ptr<Device> fresh(new Device(from, facts_of(from, index)));
  const std::lock_guard guard(state.lock);
  const auto place = static_cast<std::size_t>(index);
  if (state.devices.size() <= place) state.devices.resize(place + 1);
  if (state.devices[place] == nullptr) {
    state.devices[place] = fresh;
  } else {
    state.retired.push_back(std::move(fresh));  // another thread was first
  }
  return state.devices[place];
}

Device& Device::of(int index) {
  std::atomic<Device*>& last = opened().last;
  Device* found = last.load(std::memory_order_acquire);
  if (found != nullptr && found->ordinal() == index && &found->driver_ == &cuda::driver())
      [[likely]]
    return *found;
  found = open(index).get();
  last.store(found, std::memory_order_release);
  return *found;
}

std::vector<std::shared_ptr<Device>> Device::all_opened() {
  Opened& state = opened();
  const std::lock_guard guard(state.lock);
  std::vector<std::shared_ptr<Device>> devices = state.devices;
  std::erase(devices, nullptr);
  return devices;
}

Device::Device(const Driver& driver, DeviceFacts facts)
    : driver_(driver),
      facts_(std::move(facts)),
      staging_([this] { return pinned_memory(Staging::chunk_bytes); }) {
  check_cuda(driver_.cuDevicePrimaryCtxRetain(&context_, facts_.handle),
             "cuDevicePrimaryCtxRetain");
  pool_ = std::make_shared<Pool>(name(), facts_.index, std::make_unique<MemorySource>(*this));
  const auto stream = std::make_shared<Stream>(*this, nullptr, false);
  streams_.push_back(stream);
  borrowed_[0] = default_stream_ = stream;
}

std::string Device::name() const { return "cuda:" + std::to_string(facts_.index); }

std::shared_ptr<tilewright::Executable> Device::load(const ExecutableSource& source) {
  return std::make_shared<Executable>(*this, source);
}

std::shared_ptr<tilewright::Stream> Device::create_stream() {
  StreamHandle handle = nullptr;
  {
    const Current current(*this);
    check(driver_.cuStreamCreate(&handle, non_blocking), "cuStreamCreate");
  }
  auto stream = std::make_shared<Stream>(*this, handle, true);
  const std::lock_guard guard(lock_);
  std::erase_if(streams_, [](const auto& weak) { return weak.expired(); });
  streams_.push_back(stream);
  return stream;
}

const std::shared_ptr<tilewright::Stream>& Device::borrow_stream(std::uintptr_t handle) {
  const auto* const last = last_borrowed_.load(std::memory_order_acquire);
  if ((*last)->handle() == handle) [[likely]]
    return *last;
  const std::lock_guard guard(lock_);
  std::shared_ptr<tilewright::Stream>& known = borrowed_[handle];  // stays where it is
  if (known == nullptr) {
    const auto fresh =
        std::make_shared<Stream>(*this, reinterpret_cast<StreamHandle>(handle), false);
    streams_.push_back(fresh);
    known = fresh;
  }
  last_borrowed_.store(&known, std::memory_order_release);
  return known;
}

std::shared_ptr<tilewright::Event> Device::create_event(bool timing) {
  return std::make_shared<Event>(*this, timing);
}

std::vector<std::shared_ptr<tilewright::Stream>> Device::streams() {
  std::vector<std::shared_ptr<tilewright::Stream>> found;
  const std::lock_guard guard(lock_);
  for (const auto& weak : streams_) {
    if (auto stream = weak.lock()) found.push_back(std::move(stream));
  }
  return found;
}

void Device::synchronize() {
  const auto all = streams();
  std::vector<std::uint64_t> tickets;
  for (const auto& stream : all) tickets.push_back(stream->submitted());
  {
    const Current current(*this);
    check(driver_.cuCtxSynchronize(), "cuCtxSynchronize");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    static_cast<Stream&>(*all[i]).note_completed(tickets[i]);
  }
}

Stream& Device::chosen(tilewright::Stream* stream) const {
  if (stream == nullptr) return static_cast<Stream&>(*default_stream_);
  if (stream->ordinal() != ordinal()) {
    fail(Fault::launch, "work on %s needs a stream of it", name().c_str());
  }
  return static_cast<Stream&>(*stream);
}

const std::shared_ptr<Stream>& Device::copy_stream(std::shared_ptr<Stream>& stream) {
  {
    const std::lock_guard guard(lock_);
    if (stream != nullptr) return stream;
  }
  auto fresh = std::static_pointer_cast<Stream>(create_stream());
  const std::lock_guard guard(lock_);
  if (stream == nullptr) stream = std::move(fresh);
  return stream;
}

EventHandle Device::take_event() {
  {
    const std::lock_guard guard(lock_);
    if (!events_.empty()) {
      EventHandle event = events_.back();
      events_.pop_back();
      return event;
    }
  }
  constexpr unsigned without_timing = 2;
  EventHandle event = nullptr;
  const Current current(*this);
  check(driver_.cuEventCreate(&event, without_timing), "cuEventCreate");
  return event;
}

void Device::return_event(EventHandle event) noexcept {
  const std::lock_guard guard(lock_);
  events_.push_back(event);
}

void* Device::take_report_memory() {
  {
    const std::lock_guard guard(lock_);
    if (!reports_.empty()) {
      void* const memory = reports_.back();
      reports_.pop_back();
      return memory;
    }
  }
  void* const memory = pinned_memory(report_bytes);
  std::memset(memory, 0, report_bytes);
  return memory;
}

void Device::return_report_memory(void* memory) noexcept {
  const std::lock_guard guard(lock_);
  reports_.push_back(memory);
}

void Device::fail_check(Result result, const char* call) const {
  if (!is_sticky(result)) fail_call(result, call);
  std::string names;
  for (const auto& stream : const_cast<Device*>(this)->streams()) {
    for (const char* launched : static_cast<const Stream&>(*stream).recent_launches()) {
      const std::string name(launched);
      if ((", " + names + ",").find(", " + name + ",") != std::string::npos) continue;
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  {
    const std::lock_guard guard(lock_);
    if (why_lost_.empty()) {
      why_lost_ = name() + " is lost: " + error_text(result) + " (noticed by " + call + ")";
      if (!names.empty()) {
        why_lost_ += names.find(',') == std::string::npos
                         ? ", in the kernel " + names
                         : ", in one of the kernels launched last: " + names;
      }
      why_lost_ +=
          "\nnote: this process can no longer use the device, only the CPU; @tw.kernel(debug=True) "
          "checks indices";
    }
  }
  is_lost_.store(true, std::memory_order_release);
  fail_lost();
}

void Device::fail_lost() const {
  std::string text;
  {
    const std::lock_guard guard(lock_);
    text = why_lost_;
  }
  fail(Fault::device, "%s", text.c_str());
}

}  // namespace tilewright::cuda
