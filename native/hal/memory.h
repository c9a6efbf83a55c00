// A block of memory on a device.
//
// Freed with the last owner. The object is thread-safe; its contents are the user's.
#pragma once

#include <cstddef>
#include <memory>

#include "hal/stream.h"

namespace tilewright {

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  virtual ~Buffer() = default;

  virtual void* data() const = 0;
  virtual std::size_t size() const = 0;
  virtual int ordinal() const = 0;

  // Work of this stream touches it, so that its memory serves nobody else before that is done.
  virtual void use_on(const std::shared_ptr<Stream>& /*stream*/) {}
};

// Of the buffers of one device, in bytes but for the last.
struct MemoryStatistics {
  std::size_t used = 0;         // as they were asked for
  std::size_t reserved = 0;     // what the system gave for them, and for those to come
  std::size_t peak = 0;         // the most that was used at a time
  std::size_t allocations = 0;  // how many there are
};

}  // namespace tilewright
