// Captures a stream with the driver's help, and keeps what the driver does not.
#include "cuda/graph.h"

#include <utility>

#include "base/error.h"
#include "cuda/device.h"

namespace tilewright::cuda {
namespace {

constexpr int relaxed_capture = 2;  // memory may be allocated meanwhile

}  // namespace

Graph::~Graph() {
  if (stream_ != nullptr) {  // the recording was given up
    stream_->set_capture(nullptr);
    GraphHandle graph = nullptr;
    device_->driver().cuStreamEndCapture(stream_->cuda_handle(), &graph);
    if (graph != nullptr) device_->driver().cuGraphDestroy(graph);
  }
  forget();
}

void Graph::forget() {
  if (executable_ != nullptr) device_->driver().cuGraphExecDestroy(executable_);
  executable_ = nullptr;
  tasks_.clear();
  buffers_.clear();
}

void Graph::begin_capture(std::shared_ptr<tilewright::Stream> stream) {
  if (stream->ordinal() == host_ordinal) {
    fail(Fault::launch, "a graph records a stream of a GPU, not of the CPU");
  }
  auto ours = std::static_pointer_cast<Stream>(std::move(stream));
  if (ours->cuda_handle() == nullptr) {
    fail(Fault::launch, "the default stream cannot be recorded; pass a tw.Stream");
  }
  if (stream_ != nullptr || ours->capture() != nullptr) {
    fail(Fault::launch, "the %s is being recorded already",
         stream_ == nullptr ? "stream" : "graph");
  }
  forget();
  device_ = &ours->device();
  const Current current(*device_);
  device_->check(device_->driver().cuStreamBeginCapture(ours->cuda_handle(), relaxed_capture),
                 "cuStreamBeginCapture");
  ours->set_capture(this);
  stream_ = std::move(ours);
}

void Graph::end_capture(const std::shared_ptr<tilewright::Stream>& stream) {
  if (stream_ == nullptr || stream_ != stream) {
    fail(Fault::launch, "the graph does not record this stream");
  }
  const std::shared_ptr<Stream> recorded = std::exchange(stream_, nullptr);
  recorded->set_capture(nullptr);
  const Driver& driver = device_->driver();
  const Current current(*device_);
  GraphHandle graph = nullptr;
  device_->check(driver.cuStreamEndCapture(recorded->cuda_handle(), &graph), "cuStreamEndCapture");
  const Result result = driver.cuGraphInstantiateWithFlags(&executable_, graph, 0);
  driver.cuGraphDestroy(graph);
  device_->check(result, "cuGraphInstantiateWithFlags");
}

void Graph::replay(tilewright::Stream& stream) {
  if (executable_ == nullptr) fail(Fault::launch, "the graph holds nothing yet: record a stream");
  if (stream.ordinal() != device_->ordinal()) {
    fail(Fault::launch, "the graph was recorded on %s", device_->name().c_str());
  }
  auto& ours = static_cast<Stream&>(stream);
  const Current current(*device_);
  ours.count_launch("graph");
  device_->check(device_->driver().cuGraphLaunch(executable_, ours.cuda_handle()), "cuGraphLaunch");
  const std::lock_guard guard(lock_);
  ++replays_;
}

void Graph::finish_replay(bool is_done) noexcept {
  {
    const std::lock_guard guard(lock_);
    if (--replays_ > 0) return;
  }
  for (const auto& task : tasks_) task->finish(is_done);
}

void Graph::keep(std::shared_ptr<Task> task) {
  const std::lock_guard guard(lock_);
  tasks_.push_back(std::move(task));
}

void Graph::keep(std::shared_ptr<Buffer> buffer) {
  const std::lock_guard guard(lock_);
  buffers_.push_back(std::move(buffer));
}

}  // namespace tilewright::cuda
