// A point in a stream that others can wait for.
//
// Shared; it holds the stream it was recorded in. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "hal/stream.h"

namespace tilewright {

// Where an event was recorded: everything up to `ticket`; no stream means "in the past".
struct StreamPoint {
  std::shared_ptr<Stream> stream;
  std::uint64_t ticket = 0;
};

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  virtual ~Event() = default;

  // Stand for all work submitted to `stream` so far; without one, for the present moment.
  virtual void record(std::shared_ptr<Stream> stream) = 0;

  // The point recorded last.
  virtual StreamPoint point() const = 0;

  // Nanoseconds of CLOCK_MONOTONIC at which the point was reached.
  // Throws LaunchError if the event does not time, was not recorded or is not reached yet.
  virtual std::int64_t reached_ns() const = 0;
};

}  // namespace tilewright
