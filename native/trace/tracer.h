// The record of what ran when: spans written without locks, drained on demand.
//
// One per process, never destroyed; it owns the names of spans for ever. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/ring.h"
#include "trace/clock.h"

namespace tilewright {

// One thing that ran on one thread, in nanoseconds of CLOCK_MONOTONIC.
struct Span {
  const char* name;
  std::int64_t start_ns;
  std::int64_t end_ns;
  std::int64_t argument;
  std::int64_t thread;
};

class Tracer {
 public:
  static Tracer& global();

  // A pointer to the text that stays valid; equal texts give equal pointers.
  const char* intern(std::string_view name);

  // Record what this thread did between two readings of `ticks()`. Costs about 10 ns.
  void record(const char* name, std::uint64_t start, std::uint64_t end,
              std::int64_t argument) noexcept;

  // Record what this thread did, given in nanoseconds.
  void record_ns(const char* name, std::int64_t start_ns, std::int64_t end_ns) noexcept;

  // Take all spans recorded since the last call; the oldest are lost if there were too many.
  std::vector<Span> drain();

 private:
  struct Record {
    const char* name;
    std::uint64_t start;
    std::uint64_t end;
    std::int64_t argument;
    std::uint32_t thread;
    std::uint32_t in_ns;
  };

  // 32768 records are 1.5 MiB and a quarter of a second of launches at full speed back to back.
  Ring<Record, 32768> ring_;
  std::mutex drain_lock_;
  std::mutex names_lock_;
  std::unordered_set<std::string> names_;
};

}  // namespace tilewright
