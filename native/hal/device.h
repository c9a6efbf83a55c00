// A machine that runs kernels: makes executables, streams, events and buffers.
//
// Shared; what it makes stands on its own. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hal/event.h"
#include "hal/executable.h"
#include "hal/memory.h"
#include "hal/stream.h"

namespace tilewright {

class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  // The name it was opened by.
  virtual std::string name() const = 0;

  // Load code; throws ObjectError if the bytes are not fit to run here.
  virtual std::shared_ptr<Executable> load(const ExecutableSource& source) = 0;

  virtual std::shared_ptr<Stream> create_stream() = 0;
  virtual std::shared_ptr<Event> create_event(bool timing) = 0;

  // Uninitialised memory, aligned to 64 bytes; throws DeviceError when there is none.
  virtual std::shared_ptr<Buffer> allocate(std::size_t bytes) = 0;

  // All streams that somebody still holds.
  virtual std::vector<std::shared_ptr<Stream>> streams() = 0;
};

}  // namespace tilewright
