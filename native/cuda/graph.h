// Launches recorded from a stream, to be run again as one.
//
// Shared by those who run it. A recording keeps what its launches need, for the graph and for each
// run of it that is under way. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "cuda/driver.h"
#include "cuda/event.h"
#include "cuda/stream.h"

namespace tilewright::cuda {

// The tasks and the memory of what was recorded once.
class Recording {
 public:
  // What may have something to tell after a replay; nothing is added once there was one.
  const std::vector<std::shared_ptr<Task>>& tasks() const { return tasks_; }

  void keep(std::shared_ptr<Task> task);
  void keep(std::shared_ptr<Buffer> buffer);

  void begin_replay();

  // One that has begun does not take place.
  void cancel_replay();

  // Let the tasks look at what there is to tell, unless another replay of them is under way; none
  // begins meanwhile.
  void finish_replay(bool is_done) noexcept;

 private:
  std::mutex lock_;  // of what follows
  int replays_ = 0;  // under way
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<std::shared_ptr<Buffer>> buffers_;
};

class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  // Record what is given to a stream from now on, in place of running it. What was recorded before
  // can still be run. Throws LaunchError if something records already, or the stream is not a
  // GPU's.
  void begin_capture(std::shared_ptr<tilewright::Stream> stream);

  // Make what was recorded ready to run, in place of what was recorded before: by giving that other
  // arguments where both are the same kernels in the same order. What was recorded before stays if
  // this throws.
  void end_capture(const std::shared_ptr<tilewright::Stream>& stream);

  // Forget what was recorded since `begin_capture`; what was recorded before stays.
  void abandon_capture(const std::shared_ptr<tilewright::Stream>& stream);

  // Put it all on a stream of the same device. What is returned is to be kept until that is done,
  // and then told by `finish_replay`.
  std::shared_ptr<Recording> replay(tilewright::Stream& stream);

  // Of the recording under way.
  template <class Kept>
  void keep(std::shared_ptr<Kept> kept) {
    fresh_->keep(std::move(kept));
  }

  // Behind all work of the stream before the recording under way.
  const std::shared_ptr<Mark>& before() const { return before_; }

 private:
  GraphHandle stop_recording(const std::shared_ptr<tilewright::Stream>& stream);
  Result update(const Device& device, GraphHandle graph) const;

  std::mutex lock_;                   // of what follows, but for the recording under way
  std::shared_ptr<Recording> ready_;  // null if there is nothing to run
  Device* device_ = nullptr;          // of `executable_`
  GraphExecHandle executable_ = nullptr;
  // While recording:
  std::shared_ptr<Stream> stream_;
  std::shared_ptr<Recording> fresh_;
  std::shared_ptr<Mark> before_;
};

}  // namespace tilewright::cuda
