// Pinned memory of the host for copies to and from devices, recycled.
//
// Owned by a device. Thread-safe; nothing is locked while the device is asked.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "memory/pool.h"

namespace tilewright {

class Staging {
 public:
  static constexpr std::size_t chunk_bytes = std::size_t{4} << 20;

  // `obtain` makes a chunk, and throws DeviceError if it cannot.
  explicit Staging(std::function<void*()> obtain) : obtain_(std::move(obtain)) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // A chunk that no copy uses any more.
  void* acquire();

  // Give a chunk back, which a copy uses until it passes the fence.
  void release(void* chunk, std::unique_ptr<Fence> fence);

 private:
  struct Chunk {
    void* memory;
    std::unique_ptr<Fence> fence;
  };

  const std::function<void*()> obtain_;
  std::mutex lock_;  // of what follows
  std::deque<Chunk> chunks_;
};

}  // namespace tilewright
