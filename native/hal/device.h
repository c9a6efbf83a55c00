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

  // The name it is opened by, such as "cpu" or "cuda:0".
  virtual std::string name() const = 0;

  // Its number.
  virtual int ordinal() const = 0;

  // Load code; throws ObjectError if the bytes are not fit to run here.
  virtual std::shared_ptr<Executable> load(const ExecutableSource& source) = 0;

  virtual std::shared_ptr<Stream> create_stream() = 0;

  // The stream for work that names none; null on the host, where such work is done at once. The
  // device keeps it, and those of other libraries.
  virtual const std::shared_ptr<Stream>& default_stream();

  // A stream of another library, which must outlive its use. Throws DeviceError where there are
  // none.
  virtual const std::shared_ptr<Stream>& borrow_stream(std::uintptr_t handle);

  virtual std::shared_ptr<Event> create_event(bool timing) = 0;

  // Uninitialised memory, aligned to 64 bytes, for work of a stream, or that of the default stream;
  // throws DeviceError when there is none.
  virtual std::shared_ptr<Buffer> allocate(std::size_t bytes, std::shared_ptr<Stream> stream) = 0;

  // Set every byte of memory on this device, in the order of a stream or of the default stream.
  virtual void fill(void* memory, unsigned char value, std::size_t bytes, Stream* stream) = 0;

  // Copy from memory of the host, likewise; returns when that may be changed.
  virtual void copy_in(void* target, const void* host, std::size_t bytes, Stream* stream) = 0;

  // Copy to memory of the host, likewise; returns when it is there.
  virtual void copy_out(void* host, const void* source, std::size_t bytes, Stream* stream) = 0;

  // Copy from memory of a device of this kind, likewise, but return at once. From another device it
  // is in the order of a stream there, too, or of the default stream.
  virtual void copy(void* target, const void* source, Device& from, std::size_t bytes,
                    Stream* stream, Stream* stream_there) = 0;

  virtual MemoryStatistics memory_statistics() const = 0;

  // Give memory that nobody uses back to the system.
  virtual void trim() {}

  // Wait for all work on all streams. Throws DeviceError if the device is lost.
  virtual void synchronize() = 0;

  // Whether it can no longer be used, because of an error that was told.
  virtual bool is_lost() const { return false; }

  // All streams that somebody still holds.
  virtual std::vector<std::shared_ptr<Stream>> streams() = 0;
};

}  // namespace tilewright
