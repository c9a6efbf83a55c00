// Code loaded on a device, ready to run.
//
// Immutable once made; shared by whoever may still run it. Thread-safe: any number of launches run
// at the same time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tilewright {

// The first thing that went wrong in a launch, as numbers; whoever launched knows their meaning.
struct Failure {
  std::int32_t code;
  std::int32_t place;  // the ordinal of the operation in the kernel; -1 if unknown
  std::vector<std::int64_t> values;
};

// Something a program printed, still encoded.
struct Print {
  std::int32_t place;
  std::int64_t program;
  std::string data;
};

// What a launch has to tell once it is over; prints are ordered by program.
struct Outcome {
  std::optional<Failure> failure;
  std::vector<Print> prints;

  bool is_quiet() const { return !failure && prints.empty(); }
};

// One launch: an argument block that outlives it, and how many programs to run.
struct Launch {
  const void* arguments;
  std::int64_t programs;
  const char* name;        // of its span; from Tracer::intern
  const char* range_name;  // of the spans of its ranges; from Tracer::intern
};

// What an executable is made of: the bytes of an object for the device and facts about its entry.
struct ExecutableSource {
  std::string_view object;
  std::string entry;
  std::size_t scratch_bytes;
  double cost;  // estimated nanoseconds of one program; 0 if unknown
};

class Executable {
 public:
  Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  virtual ~Executable() = default;

  // Run all programs and return when the last is done.
  virtual void run(const Launch& launch, Outcome& outcome) const = 0;
};

}  // namespace tilewright
