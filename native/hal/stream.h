// An in-order queue of work on a device.
//
// Shared by those who submit and those who wait; tasks already submitted run even when the last of
// them lets go. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace tilewright {

class Buffer;

// A device as a number: the host, or the number of a GPU.
inline constexpr int host_ordinal = -1;

// A piece of work for a stream. Shared; dropped by the stream when it is done, on any thread.
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  // Do the work, or give it to a device that works on its own. Errors are kept inside, never
  // thrown.
  virtual void run() noexcept = 0;

  // Called after `run` when such a device is done with the work; false if it never will be, since
  // it is lost.
  virtual void finish(bool /*is_done*/) noexcept {}

  // Whether, being done, it has something to tell whoever synchronizes.
  virtual bool has_news() const noexcept { return false; }
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Whose it is.
  virtual int ordinal() const = 0;

  // A number that no other stream of the process has or will have.
  std::uint64_t id() const { return id_; }

  // Whether its device can no longer be used, because of an error that was told.
  virtual bool is_lost() const { return false; }

  // What other libraries know it by; 0 on the host.
  virtual std::uintptr_t handle() const { return 0; }

  // Append a task; its ticket counts what was submitted, from 1.
  virtual std::uint64_t submit(std::shared_ptr<Task> task) = 0;

  // The ticket of what was submitted last; 0 if there was nothing.
  virtual std::uint64_t submitted() const = 0;

  // Whether the work of `ticket` and all before it is done; may say no while later work is not.
  virtual bool reached(std::uint64_t ticket) const = 0;

  // Block until it is reached. Throws DeviceError if the device is lost.
  virtual void wait(std::uint64_t ticket) const = 0;

  // Make later tasks of this stream wait until `other` has reached `ticket`.
  virtual void wait_for(const Stream& other, std::uint64_t ticket) = 0;

  // Take the tasks up to `ticket` that are done and have news; each is handed out once.
  virtual std::vector<std::shared_ptr<Task>> take_news(std::uint64_t ticket) = 0;

  // Notice what is done by now, without waiting. Whether there is news to take.
  virtual bool poll() { return false; }

  // Whether a graph records it.
  virtual bool is_recorded() const { return false; }

  // Let what records this stream into a graph own memory that the graph will use; false if nothing
  // records it.
  virtual bool keep(const std::shared_ptr<Buffer>& /*buffer*/) { return false; }

 private:
  static std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }

  const std::uint64_t id_ = next_id();
};

}  // namespace tilewright
