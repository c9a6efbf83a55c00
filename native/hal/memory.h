// A block of memory on a device.
//
// Freed with the last owner. The object is immutable and thread-safe; its contents are the user's.
#pragma once

#include <cstddef>

namespace tilewright {

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  virtual ~Buffer() = default;

  virtual void* data() const = 0;
  virtual std::size_t size() const = 0;
};

}  // namespace tilewright
