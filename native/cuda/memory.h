// Memory of a GPU: where its pool has it from.
//
// Owned by the pool of a device. Thread-safe.
#pragma once

#include "memory/pool.h"

namespace tilewright::cuda {

class Device;

class MemorySource final : public PoolSource {
 public:
  explicit MemorySource(Device& device) : device_(device) {}

  void* obtain(std::size_t bytes) override;
  void give_back(void* memory) noexcept override;
  std::unique_ptr<Fence> fence(tilewright::Stream& stream) override;
  Room room() noexcept override;

 private:
  Device& device_;
};

}  // namespace tilewright::cuda
