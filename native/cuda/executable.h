// Kernel code on a GPU: a module and its entry.
//
// Owns the module. Immutable, so thread-safe.
#pragma once

#include "cuda/driver.h"
#include "cuda/tensor_maps.h"
#include "hal/executable.h"

namespace tilewright::cuda {

class Device;

// What kernels see of a launch besides their arguments: the layouts that generated code knows.

// The first failure of a launch. Pinned memory of the host.
struct FailureRecord {
  std::int32_t claimed;
  std::int32_t code;
  std::int32_t place;
  std::int32_t count;
  std::int64_t values[16];
};

// What a launch prints; records follow. Pinned memory of the host.
struct PrintArea {
  std::uint64_t used;  // beyond `capacity` where output was lost
  std::uint64_t capacity;
};

// The head of a print record, which begins at a multiple of 8; its bytes follow.
struct PrintRecord {
  std::int32_t place;
  std::int32_t bytes;
  std::int64_t program;
};

// The second parameter of a kernel, by value.
struct Services {
  void* scratch;  // for each block of the launch; null if the code needs none
  FailureRecord* failure;
  PrintArea* prints;
  std::int64_t programs;
};
static_assert(sizeof(FailureRecord) == 144 && sizeof(PrintArea) == 16 &&
              sizeof(PrintRecord) == 16 && sizeof(Services) == 32);

class Executable final : public tilewright::Executable {
 public:
  // Throws ObjectError if the driver does not take the code.
  Executable(Device& device, const ExecutableSource& source);
  ~Executable() override;

  int ordinal() const override;
  bool reports() const override { return reports_; }
  void run(const Launch& launch, Outcome& outcome) const override;
  std::unique_ptr<Report> enqueue(const Launch& launch, tilewright::Stream& stream) const override;

 private:
  void require(Result result, const char* call, const std::string& entry) const;

  Device& device_;
  ModuleHandle module_ = nullptr;
  FunctionHandle function_ = nullptr;
  const std::size_t scratch_bytes_;  // of one block
  const unsigned threads_;
  const unsigned shared_memory_;
  const bool reports_;
  const TensorMaps maps_;
};

}  // namespace tilewright::cuda
