// A relocatable ELF object mapped into memory, ready to run.
//
// It owns the mapping and unmaps it when destroyed: whoever calls into it keeps it alive.
// Immutable once made, so thread-safe. Nothing is ever mapped writable and executable.
#pragma once

#include <cstddef>
#include <string_view>

#include "cpu/relocate.h"

namespace tilewright::cpu {

class LoadedObject {
 public:
  // Map the object, which must be for `machine` and import nothing, and find its function `entry`.
  // Throws ObjectError naming what is wrong with the bytes, DeviceError if memory is refused.
  LoadedObject(std::string_view object, std::string_view entry, Machine machine = host_machine());
  LoadedObject(const LoadedObject&) = delete;
  LoadedObject& operator=(const LoadedObject&) = delete;
  ~LoadedObject();

  // The address of the entry function.
  const void* entry() const { return entry_; }

  // The bytes of all mapped sections: code first, then constants, then variables.
  std::size_t size() const { return size_; }

 private:
  std::byte* base_ = nullptr;
  std::size_t size_ = 0;
  const void* entry_ = nullptr;
};

}  // namespace tilewright::cpu
