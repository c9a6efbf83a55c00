// A stream of a GPU, ours or borrowed from another library.
//
// Shared. Launches go to the driver on the calling thread; what some of them have to tell is looked
// at when the GPU has passed them. Thread-safe; nothing is locked while the driver is called.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <vector>

#include "cuda/driver.h"
#include "hal/memory.h"
#include "hal/stream.h"

namespace tilewright::cuda {

class Device;
class Graph;
class Mark;

// Throws LaunchError: work that a graph records can only wait for work of the same recording.
[[noreturn]] void refuse_across_recordings();

class Stream final : public tilewright::Stream, public std::enable_shared_from_this<Stream> {
 public:
  // Owned streams are destroyed with this object; the driver finishes their work.
  Stream(Device& device, StreamHandle handle, bool is_owned);
  ~Stream() override;

  int ordinal() const override;
  bool is_lost() const override;
  std::uintptr_t handle() const override { return reinterpret_cast<std::uintptr_t>(handle_); }
  std::uint64_t submit(std::shared_ptr<Task> task) override;
  std::uint64_t submitted() const override { return submitted_.load(std::memory_order_acquire); }
  bool reached(std::uint64_t ticket) const override;
  void wait(std::uint64_t ticket) const override;
  void wait_for(const tilewright::Stream& other, std::uint64_t ticket) override;
  std::vector<std::shared_ptr<Task>> take_news(std::uint64_t ticket) override;
  bool poll() override;
  bool is_recorded() const override { return capture() != nullptr; }
  bool keep(const std::shared_ptr<Buffer>& buffer) override;

  Device& device() const { return device_; }
  StreamHandle cuda_handle() const { return handle_; }

  // Something was launched, under a name from Tracer::intern.
  void count_launch(const char* name) {
    const std::uint64_t ticket = submitted_.fetch_add(1, std::memory_order_acq_rel);
    recent_[ticket % recent_.size()].store(name, std::memory_order_relaxed);
  }

  // The names of the last launches that may still run, oldest first.
  std::vector<const char*> recent_launches() const;

  // All work up to a ticket is known to be done.
  void note_completed(std::uint64_t ticket) const;

  // What records this stream; null if nothing does.
  Graph* capture() const { return capture_.load(std::memory_order_acquire); }
  void set_capture(Graph* graph) { capture_.store(graph, std::memory_order_release); }

 private:
  // A task that the GPU works on.
  struct Pending {
    std::uint64_t ticket;
    std::unique_ptr<Mark> mark;
    std::shared_ptr<Task> task;
  };

  void refuse_recorded() const;
  void settle(Pending pending, bool is_done) const;
  void settle_passed() const;
  void abandon() const;

  Device& device_;
  const StreamHandle handle_;
  const bool is_owned_;
  std::atomic<std::uint64_t> submitted_{0};
  mutable std::atomic<std::uint64_t> completed_{0};  // known to be done
  std::array<std::atomic<const char*>, 4> recent_{};
  std::atomic<Graph*> capture_{nullptr};
  mutable std::atomic<int> unsettled_{0};  // tasks in the two lists below
  mutable std::mutex lock_;                // of what follows
  mutable std::deque<Pending> pending_;
  mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<Task>>> news_;
};

}  // namespace tilewright::cuda
