// Code loaded on a device, ready to run.
//
// Immutable once made; shared by whoever may still run it. Thread-safe: any number of launches run
// at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/stream.h"

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
  std::uint64_t lost_bytes = 0;  // of what was printed, for want of room

  bool is_quiet() const { return !failure && prints.empty() && lost_bytes == 0; }
};

// One launch: an argument block that outlives it, and how many programs to run.
struct Launch {
  const void* arguments;
  std::int64_t programs;
  const char* name;        // of its span; from Tracer::intern
  const char* range_name;  // of the spans of its ranges; from Tracer::intern
};

// An array of two axes in the argument block of a launch, boxes of which the hardware copies.
struct BoxedArray {
  std::size_t offset;  // of its slot: pointer, extents, strides in elements
  int dtype;           // its code
  int rows;            // of a box
  int columns;
};

// What an executable is made of: the bytes of an object for the device and facts about its entry.
struct ExecutableSource {
  std::string_view object;
  std::string entry;
  std::size_t scratch_bytes;
  double cost;  // estimated nanoseconds of one program; 0 if unknown
  // On a GPU, where the scratch is that of one program:
  int threads = 0;                           // of a program
  std::size_t shared_memory = 0;             // bytes of a program
  bool reports = false;                      // whether the code may fail or print
  std::vector<BoxedArray> tensor_maps = {};  // what it takes a map of
};

// What a launch on a device that works on its own may tell once it is over.
class Report {
 public:
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  virtual ~Report() = default;

  // Take what there is to tell. To be called only when the device is done with the launch.
  virtual void collect(Outcome& outcome) = 0;
};

class Executable {
 public:
  Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  virtual ~Executable() = default;

  // Where it runs.
  virtual int ordinal() const { return host_ordinal; }

  // Whether a launch may have something to tell.
  virtual bool reports() const { return true; }

  // Run all programs and return when the last is done.
  virtual void run(const Launch& launch, Outcome& outcome) const = 0;

  // Give all programs to a stream of its device, which works on its own, and return; the arguments
  // need not outlive the call. Returns null if the code never has anything to tell.
  virtual std::unique_ptr<Report> enqueue(const Launch& launch, Stream& stream) const;
};

}  // namespace tilewright
