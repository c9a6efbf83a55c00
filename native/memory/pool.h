// Memory of a device that is used again, in the order of the streams that use it.
//
// Blocks come in size classes. A block that was freed serves the stream it was allocated for at
// once, since work there is in order, and others when that stream has passed the point of the
// release. Shared by its buffers. Thread-safe; nothing is locked while the device is asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hal/memory.h"
#include "hal/stream.h"

namespace tilewright {

// A point that work was at.
class Fence {
 public:
  Fence() = default;
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  virtual ~Fence() = default;

  virtual bool is_passed() = 0;
  virtual void wait() = 0;
};

// Where a pool has its memory from, and how it learns what the device is done with.
class PoolSource {
 public:
  PoolSource() = default;
  PoolSource(const PoolSource&) = delete;
  PoolSource& operator=(const PoolSource&) = delete;
  virtual ~PoolSource() = default;

  // New memory; null if there is no more.
  virtual void* obtain(std::size_t bytes) = 0;

  virtual void give_back(void* memory) noexcept = 0;

  // A fence behind all work of a stream so far.
  virtual std::unique_ptr<Fence> fence(Stream& stream) = 0;

  // How much memory the device has and how much of it nobody uses, for messages.
  struct Room {
    std::size_t free = 0;
    std::size_t total = 0;
  };
  virtual Room room() noexcept = 0;
};

class Pool final : public std::enable_shared_from_this<Pool> {
 public:
  Pool(std::string device, int ordinal, std::unique_ptr<PoolSource> source);
  ~Pool();

  // Memory for work of `stream`. Throws DeviceError if there is none even when all that nobody uses
  // was given back.
  std::shared_ptr<Buffer> allocate(std::size_t bytes, std::shared_ptr<Stream> stream);

  MemoryStatistics statistics() const;

  // Wait until nobody uses what was freed, and give it back.
  void trim();

  // The bytes of the block that serves a request.
  static std::size_t size_class(std::size_t bytes);

 private:
  friend class PooledBuffer;

  // Memory without a user. The stream is only compared: it may be gone.
  struct Block {
    void* memory;
    std::uint64_t stream;
    std::unique_ptr<Fence> home;                 // behind the work of that stream
    std::vector<std::unique_ptr<Fence>> others;  // behind the work of further streams
  };
  using Blocks = std::vector<Block>;

  void* take(std::size_t bytes, const Stream& stream);
  void* obtain(std::size_t bytes, std::size_t wanted);
  void release(class PooledBuffer& buffer) noexcept;
  void put(std::size_t bytes, Blocks blocks);
  [[noreturn]] void fail_for_want(std::size_t wanted);

  const std::string device_;
  const int ordinal_;
  const std::unique_ptr<PoolSource> source_;
  mutable std::mutex lock_;  // of what follows
  std::map<std::size_t, Blocks> free_;
  class PooledBuffer* first_ = nullptr;  // a list of all buffers
  MemoryStatistics statistics_;
};

}  // namespace tilewright
