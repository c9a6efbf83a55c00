// Allocates, fills and copies. What the host did not pin goes through pinned chunks.
#include "cuda/memory.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include "base/error.h"
#include "cuda/device.h"
#include "cuda/graph.h"

namespace tilewright::cuda {
namespace {

constexpr unsigned host_portable = 1;
constexpr unsigned host_mapped = 2;

// Of cuPointerGetAttribute.
constexpr int attribute_memory_type = 2;
constexpr unsigned memory_of_host = 1;

Address address_of(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory); }

void* offset(void* memory, std::size_t bytes) { return static_cast<std::byte*>(memory) + bytes; }
const void* offset(const void* memory, std::size_t bytes) {
  return static_cast<const std::byte*>(memory) + bytes;
}

// A graph would read and write the memory of the host whenever it runs.
void refuse_recorded(const Stream& stream, const char* where) {
  if (!stream.is_recorded()) return;
  fail(Fault::launch,
       "a graph does not record a copy between %s\nnote: copy before or after the block that is "
       "recorded",
       where);
}

// The fence of a stream that is being recorded: behind what it did before. What it records keeps
// the memory that it uses.
class EarlierFence final : public Fence {
 public:
  explicit EarlierFence(std::shared_ptr<Mark> mark) : mark_(std::move(mark)) {}
  bool is_passed() override { return mark_->is_passed(); }
  void wait() override { mark_->wait(); }

 private:
  const std::shared_ptr<Mark> mark_;
};

void copy_on(Stream& stream, Address target, Address source, std::size_t bytes) {
  const Device& device = stream.device();
  const Current current(device);
  device.check(device.driver().cuMemcpyAsync(target, source, bytes, stream.cuda_handle()),
               "cuMemcpyAsync");
}

}  // namespace

void* MemorySource::obtain(std::size_t bytes) {
  const Current current(device_);
  Address address = 0;
  const Result result = device_.driver().cuMemAlloc(&address, bytes);
  if (result == out_of_memory) return nullptr;
  device_.check(result, "cuMemAlloc");
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address));
}

void MemorySource::give_back(void* memory) noexcept {
  try {
    const Current current(device_);
    device_.driver().cuMemFree(address_of(memory));
  } catch (const DeviceError&) {
    // Of a device that is lost nothing can be given back.
  }
}

std::unique_ptr<Fence> MemorySource::fence(tilewright::Stream& stream) {
  auto& ours = static_cast<Stream&>(stream);
  if (const Graph* const graph = ours.capture()) {
    return std::make_unique<EarlierFence>(graph->before());
  }
  return std::make_unique<Mark>(ours);
}

PoolSource::Room MemorySource::room() noexcept {
  Room room;
  try {
    const Current current(device_);
    device_.driver().cuMemGetInfo(&room.free, &room.total);
  } catch (const DeviceError&) {
    // The message does without.
  }
  return room;
}

std::shared_ptr<Buffer> Device::allocate(std::size_t bytes,
                                         std::shared_ptr<tilewright::Stream> stream) {
  check_alive();
  if (stream == nullptr) return pool_->allocate(bytes, default_stream_);
  chosen(stream.get());
  return pool_->allocate(bytes, std::move(stream));
}

void Device::trim() {
  check_alive();
  pool_->trim();
}

void* Device::pinned_memory(std::size_t bytes) {
  void* memory = nullptr;
  const Current current(*this);
  check(driver_.cuMemHostAlloc(&memory, bytes, host_portable | host_mapped), "cuMemHostAlloc");
  return memory;
}

bool Device::is_pinned(const void* host) const {
  const Current current(*this);
  unsigned type = 0;
  const Result result =
      driver_.cuPointerGetAttribute(&type, attribute_memory_type, address_of(host));
  return result == success && type == memory_of_host;
}

void Device::fill(void* memory, unsigned char value, std::size_t bytes,
                  tilewright::Stream* stream) {
  if (bytes == 0) return;
  const Current current(*this);
  check(driver_.cuMemsetD8Async(address_of(memory), value, bytes, chosen(stream).cuda_handle()),
        "cuMemsetD8Async");
}

void Device::copy_in(void* target, const void* host, std::size_t bytes,
                     tilewright::Stream* stream) {
  Stream& asked = chosen(stream);
  if (bytes == 0) return;
  refuse_recorded(asked, "the host and a GPU");
  if (is_pinned(host)) {
    copy_on(asked, address_of(target), address_of(host), bytes);
    return Mark(asked).wait();
  }
  const bool is_small = bytes <= Staging::chunk_bytes;
  Stream& copying = is_small ? asked : *copy_stream(in_stream_);
  if (!is_small) Mark(asked).hold(copying);
  for (std::size_t done = 0; done < bytes; done += Staging::chunk_bytes) {
    const std::size_t part = std::min(bytes - done, Staging::chunk_bytes);
    void* const chunk = staging_.acquire();
    std::memcpy(chunk, offset(host, done), part);
    copy_on(copying, address_of(offset(target, done)), address_of(chunk), part);
    staging_.release(chunk, std::make_unique<Mark>(copying));
  }
  if (!is_small) Mark(copying).hold(asked);
}

void Device::copy_out(void* host, const void* source, std::size_t bytes,
                      tilewright::Stream* stream) {
  Stream& asked = chosen(stream);
  if (bytes == 0) return;
  refuse_recorded(asked, "the host and a GPU");
  if (is_pinned(host)) {
    copy_on(asked, address_of(host), address_of(source), bytes);
    return Mark(asked).wait();
  }
  const bool is_small = bytes <= Staging::chunk_bytes;
  Stream& copying = is_small ? asked : *copy_stream(out_stream_);
  if (!is_small) Mark(asked).hold(copying);
  struct Part {
    void* chunk;
    std::size_t begin;
    std::size_t bytes;
    std::unique_ptr<Mark> mark;
  };
  constexpr std::size_t most_under_way = 3;
  std::deque<Part> parts;
  const auto finish_first = [&] {
    const Part part = std::move(parts.front());
    parts.pop_front();
    part.mark->wait();
    std::memcpy(offset(host, part.begin), part.chunk, part.bytes);
    staging_.release(part.chunk, nullptr);
  };
  for (std::size_t done = 0; done < bytes; done += Staging::chunk_bytes) {
    if (parts.size() == most_under_way) finish_first();
    const std::size_t count = std::min(bytes - done, Staging::chunk_bytes);
    void* const chunk = staging_.acquire();
    copy_on(copying, address_of(chunk), address_of(offset(source, done)), count);
    parts.push_back({chunk, done, count, std::make_unique<Mark>(copying)});
  }
  while (!parts.empty()) finish_first();
}

// Let this GPU reach the memory of another one. Where it cannot, or no more of them, the driver
// copies through the host.
void Device::reach(const Device& other) {
  {
    const std::lock_guard guard(lock_);
    if (std::find(reached_.begin(), reached_.end(), other.ordinal()) != reached_.end()) return;
    reached_.push_back(other.ordinal());
  }
  int is_possible = 0;
  check(driver_.cuDeviceCanAccessPeer(&is_possible, facts_.handle, other.facts_.handle),
        "cuDeviceCanAccessPeer");
  if (is_possible == 0) return;
  constexpr Result is_enabled = 704, unsupported = 217, too_many = 711;
  const Current current(*this);
  const Result result = driver_.cuCtxEnablePeerAccess(other.context_, 0);
  if (result == is_enabled || result == unsupported || result == too_many) return;
  check(result, "cuCtxEnablePeerAccess");
}

void Device::copy(void* target, const void* source, tilewright::Device& from, std::size_t bytes,
                  tilewright::Stream* stream, tilewright::Stream* stream_there) {
  Stream& here = chosen(stream);
  if (bytes == 0) return;
  if (from.ordinal() == ordinal()) {
    return copy_on(here, address_of(target), address_of(source), bytes);
  }
  auto& other = static_cast<Device&>(from);
  Stream& there = other.chosen(stream_there);
  refuse_recorded(here, "two GPUs");
  refuse_recorded(there, "two GPUs");
  reach(other);
  other.reach(*this);
  Mark(there).hold(here);
  {
    const Current current(*this);
    check(driver_.cuMemcpyPeerAsync(address_of(target), context_, address_of(source),
                                    other.context_, bytes, here.cuda_handle()),
          "cuMemcpyPeerAsync");
  }
  Mark(here).hold(there);
}

}  // namespace tilewright::cuda
