// Launches recorded from a stream, to be run again as one.
//
// Shared by those who run it. It keeps what the launches need. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "cuda/driver.h"
#include "cuda/stream.h"

namespace tilewright::cuda {

class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  // Record what is given to a stream from now on, in place of running it; what was recorded before
  // is forgotten. Throws LaunchError if something records already, or the stream is not a GPU's.
  void begin_capture(std::shared_ptr<tilewright::Stream> stream);

  // Make what was recorded ready to run.
  void end_capture(const std::shared_ptr<tilewright::Stream>& stream);

  bool is_recording() const { return stream_ != nullptr; }

  // Put it all on a stream of the same device. To be followed by `finish_replay` when that is done.
  void replay(tilewright::Stream& stream);

  // Let the tasks that were recorded look at what there is to tell, unless another replay of them
  // is under way.
  void finish_replay(bool is_done) noexcept;

  // What was recorded and may have something to tell after a replay.
  const std::vector<std::shared_ptr<Task>>& tasks() const { return tasks_; }

  void keep(std::shared_ptr<Task> task);
  void keep(std::shared_ptr<Buffer> buffer);

 private:
  void forget();

  mutable std::mutex lock_;         // of what follows
  std::shared_ptr<Stream> stream_;  // while recording
  Device* device_ = nullptr;
  GraphExecHandle executable_ = nullptr;
  int replays_ = 0;  // under way
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<std::shared_ptr<Buffer>> buffers_;
};

}  // namespace tilewright::cuda
