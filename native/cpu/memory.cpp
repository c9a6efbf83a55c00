// Aligned memory from the C library.
#include "cpu/memory.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "base/error.h"

namespace tilewright::cpu {
namespace {

constexpr std::size_t alignment = 64;  // a cache line, and the widest vector

std::atomic<std::size_t> used_bytes{0};
std::atomic<std::size_t> peak_bytes{0};
std::atomic<std::size_t> buffer_count{0};

}  // namespace

Buffer::Buffer(std::size_t bytes) : data_(nullptr), size_(bytes) {
  const std::size_t rounded =
      bytes > SIZE_MAX - alignment ? 0 : (bytes + alignment - 1) / alignment * alignment;
  if (rounded != 0 || bytes == 0)
    data_ = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (data_ == nullptr) fail(Fault::device, "out of memory: cannot allocate %zu bytes", bytes);
  ++buffer_count;
  const std::size_t used = used_bytes += bytes;
  std::size_t peak = peak_bytes;
  while (peak < used && !peak_bytes.compare_exchange_weak(peak, used)) {
  }
}

Buffer::~Buffer() {
  std::free(data_);
  used_bytes -= size_;
  --buffer_count;
}

MemoryStatistics Buffer::statistics() {
  const std::size_t used = used_bytes;
  return {used, used, peak_bytes, buffer_count};
}

}  // namespace tilewright::cpu
