// Aligned memory from the C library.
#include "cpu/memory.h"

#include <cstdint>
#include <cstdlib>

#include "base/error.h"

namespace tilewright::cpu {
namespace {
constexpr std::size_t alignment = 64;  // a cache line, and the widest vector
}

Buffer::Buffer(std::size_t bytes) : data_(nullptr), size_(bytes) {
  const std::size_t rounded =
      bytes > SIZE_MAX - alignment ? 0 : (bytes + alignment - 1) / alignment * alignment;
  if (rounded != 0 || bytes == 0)
    data_ = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (data_ == nullptr) fail(Fault::device, "out of memory: cannot allocate %zu bytes", bytes);
}

Buffer::~Buffer() { std::free(data_); }

}  // namespace tilewright::cpu
