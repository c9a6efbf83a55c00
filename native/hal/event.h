// A point in a stream of a device that others can wait for.
//
// Shared; it holds the stream it was recorded in. An event that was not recorded is in the past.
// Thread-safe.
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

  // Whose streams it can be recorded in.
  virtual int ordinal() const = 0;

  // Stand for all work submitted to `stream` so far; on the host without one for the present
  // moment.
  virtual void record(std::shared_ptr<Stream> stream) = 0;

  // The point recorded last.
  virtual StreamPoint point() const = 0;

  virtual bool is_reached() const = 0;

  // Block until it is reached. Throws DeviceError if the device is lost.
  virtual void synchronize() const = 0;

  // Make later work of a stream wait for it; blocks where the two are of different kinds.
  virtual void hold(Stream& stream) const = 0;

  // Milliseconds from another event to this one. Throws LaunchError if one of them does not time,
  // was not recorded, is not reached yet, or is of another device.
  virtual double ms_since(const Event& earlier) const = 0;
};

}  // namespace tilewright
