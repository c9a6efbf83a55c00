// Kernel code on the CPU: an object in memory and how to run its programs on the pool.
//
// Owns the mapped code. Immutable, so thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/object_loader.h"
#include "hal/executable.h"

namespace tilewright::cpu {

// What a kernel may ask of us while it runs: the C interface of generated code.
struct Services {
  void* scratch;  // of this thread, aligned to 64 bytes, contents undefined
  void (*fail)(const Services*, std::int32_t code, std::int32_t place, const std::int64_t* values,
               std::int64_t count);
  void (*print)(const Services*, std::int32_t place, std::int64_t program, const void* data,
                std::int64_t bytes);
  std::int64_t stream_bytes;  // outputs of a launch at least this large go past the caches
  std::int64_t is_fresh;      // whether `scratch` does not hold what this launch left there before
  // Memory of this thread for the whole launch, whatever ranges it runs: so many bytes, a multiple
  // of 64 and for all threads the same, aligned to 64; null if it is to do without. The first word
  // is 0 when it is asked for the first time, all else undefined.
  void* (*copy)(const Services*, std::int64_t bytes);
  std::int64_t threads;  // how many may run ranges of this launch
  // Where the entry is to merge instead of running programs: what `copy` gave to threads.
  void* const* copies;
  std::int64_t copy_count;  // 0 where programs are to be run
};
static_assert(offsetof(Services, fail) == 8 && offsetof(Services, print) == 16 &&
              offsetof(Services, stream_bytes) == 24 && offsetof(Services, is_fresh) == 32 &&
              offsetof(Services, copy) == 40 && offsetof(Services, threads) == 48 &&
              offsetof(Services, copies) == 56 && offsetof(Services, copy_count) == 64);

// Replace what the sizes of the caches say; 0 brings that back.
void set_stream_bytes(std::int64_t bytes);

// Runs programs first .. last-1; 0 means fine, anything else that `fail` was called. With copies it
// merges lines of 64 bytes first .. last-1 of them into where they are copies of.
using Entry = std::int32_t (*)(const Services*, const void* arguments, std::int64_t first,
                               std::int64_t last);

class Executable final : public tilewright::Executable {
 public:
  explicit Executable(const ExecutableSource& source);

  // Code that is part of this process already; for tests.
  Executable(Entry entry, std::size_t scratch_bytes, double cost);

  void run(const Launch& launch, Outcome& outcome) const override;

 private:
  std::optional<LoadedObject> object_;
  Entry entry_;
  std::size_t scratch_bytes_;
  double cost_;
};

}  // namespace tilewright::cpu
