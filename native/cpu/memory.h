// A block of host memory.
//
// Freed when destroyed. Immutable but for its contents; thread-safe.
#pragma once

#include "hal/memory.h"

namespace tilewright::cpu {

class Buffer final : public tilewright::Buffer {
 public:
  explicit Buffer(std::size_t bytes);
  ~Buffer() override;

  void* data() const override { return data_; }
  std::size_t size() const override { return size_; }
  int ordinal() const override { return host_ordinal; }

  static MemoryStatistics statistics();

 private:
  void* data_;
  std::size_t size_;
};

}  // namespace tilewright::cpu
