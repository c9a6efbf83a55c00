// An in-order queue of tasks on a device.
//
// Shared by those who submit and those who wait; tasks already submitted run even when the last of
// them lets go. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace tilewright {

// A piece of work for a stream. Shared; dropped by the stream after it ran, on any thread.
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  // Do the work. Errors are kept inside, never thrown.
  virtual void run() noexcept = 0;

  // Whether, having run, it has something to tell whoever synchronizes.
  virtual bool has_news() const noexcept { return false; }
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Append a task; its ticket counts tasks from 1.
  virtual std::uint64_t submit(std::shared_ptr<Task> task) = 0;

  // The ticket of the task submitted last; 0 if there was none.
  virtual std::uint64_t submitted() const = 0;

  // Whether the task of `ticket` and all before it are done.
  virtual bool reached(std::uint64_t ticket) const = 0;

  // Block until it is reached.
  virtual void wait(std::uint64_t ticket) const = 0;

  // Make later tasks of this stream wait until `other` has reached `ticket`.
  virtual void wait_for(const Stream& other, std::uint64_t ticket) = 0;

  // Take the tasks up to `ticket` that are done and have news; each is handed out once.
  virtual std::vector<std::shared_ptr<Task>> take_news(std::uint64_t ticket) = 0;
};

}  // namespace tilewright
