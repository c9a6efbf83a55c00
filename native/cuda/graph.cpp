// Captures a stream with the driver's help, and keeps what the driver does not.
#include "cuda/graph.h"

#include <utility>

#include "base/error.h"
#include "cuda/device.h"

namespace tilewright::cuda {
namespace {

constexpr int relaxed_capture = 2;  // memory may be allocated meanwhile

}  // namespace

void Recording::keep(std::shared_ptr<Task> task) {
  const std::lock_guard guard(lock_);
  tasks_.push_back(std::move(task));
}

void Recording::keep(std::shared_ptr<Buffer> buffer) {
  const std::lock_guard guard(lock_);
  buffers_.push_back(std::move(buffer));
}

void Recording::begin_replay() {
  const std::lock_guard guard(lock_);
  ++replays_;
}

void Recording::cancel_replay() {
  const std::lock_guard guard(lock_);
  --replays_;
}

void Recording::finish_replay(bool is_done) noexcept {
  // Until the last one has looked: the run that begins next writes where they look.
  const std::lock_guard guard(lock_);
  if (--replays_ > 0) return;
  for (const auto& task : tasks_) task->finish(is_done);
}

Graph::~Graph() {
  if (stream_ != nullptr) {  // the recording was given up
    const Driver& driver = stream_->device().driver();
    stream_->set_capture(nullptr);
    GraphHandle graph = nullptr;
    driver.cuStreamEndCapture(stream_->cuda_handle(), &graph);
    if (graph != nullptr) driver.cuGraphDestroy(graph);
  }
  // The driver lets a run that is under way end.
  if (executable_ != nullptr) device_->driver().cuGraphExecDestroy(executable_);
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
  Device& device = ours->device();
  const Current current(device);
  auto before = std::make_shared<Mark>(*ours);
  auto fresh = std::make_shared<Recording>();
  device.check(device.driver().cuStreamBeginCapture(ours->cuda_handle(), relaxed_capture),
               "cuStreamBeginCapture");
  before_ = std::move(before);
  fresh_ = std::move(fresh);
  stream_ = std::move(ours);
  stream_->set_capture(this);
}

// What the driver recorded; null if it found that something cannot be.
GraphHandle Graph::stop_recording(const std::shared_ptr<tilewright::Stream>& stream) {
  if (stream_ == nullptr || stream_ != stream) {
    fail(Fault::launch, "the graph does not record this stream");
  }
  const std::shared_ptr<Stream> recorded = std::exchange(stream_, nullptr);
  recorded->set_capture(nullptr);
  before_ = nullptr;
  const Device& device = recorded->device();
  const Current current(device);
  GraphHandle graph = nullptr;
  device.check(device.driver().cuStreamEndCapture(recorded->cuda_handle(), &graph),
               "cuStreamEndCapture");
  return graph;
}

void Graph::end_capture(const std::shared_ptr<tilewright::Stream>& stream) {
  std::shared_ptr<Recording> fresh = fresh_;
  const GraphHandle graph = stop_recording(stream);
  fresh_ = nullptr;
  Device& device = static_cast<Stream&>(*stream).device();
  const Driver& driver = device.driver();
  const Current current(device);
  const std::lock_guard guard(lock_);
  GraphExecHandle executable = executable_;
  const char* called = "cuGraphExecUpdate";
  Result result = update(device, graph);
  if (result == update_refused) {
    called = "cuGraphInstantiateWithFlags";
    result = driver.cuGraphInstantiateWithFlags(&executable, graph, 0);
  }
  driver.cuGraphDestroy(graph);
  device.check(result, called);
  if (executable_ != nullptr && executable_ != executable) driver.cuGraphExecDestroy(executable_);
  executable_ = executable;
  device_ = &device;
  ready_.swap(fresh);  // the other one is dropped when its last run is done
}

void Graph::abandon_capture(const std::shared_ptr<tilewright::Stream>& stream) {
  const std::shared_ptr<Recording> fresh = fresh_;
  GraphHandle graph = nullptr;
  try {
    graph = stop_recording(stream);
  } catch (const DeviceError&) {
    // Whatever made the driver give up is what this is abandoned for.
  }
  fresh_ = nullptr;
  if (graph != nullptr) static_cast<Stream&>(*stream).device().driver().cuGraphDestroy(graph);
}

// Give what is ready to run the arguments of another recording. Runs that are under way keep
// theirs; where the driver refuses it has changed nothing.
Result Graph::update(const Device& device, GraphHandle graph) const {
  if (executable_ == nullptr || device_ != &device) return update_refused;
  GraphUpdateInfo why{};
  return device.driver().cuGraphExecUpdate(executable_, graph, &why);
}

std::shared_ptr<Recording> Graph::replay(tilewright::Stream& stream) {
  const std::lock_guard guard(lock_);
  if (ready_ == nullptr) fail(Fault::launch, "the graph holds nothing yet: record a stream");
  if (stream.ordinal() != device_->ordinal()) {
    fail(Fault::launch, "the graph was recorded on %s", device_->name().c_str());
  }
  auto& ours = static_cast<Stream&>(stream);
  if (ours.is_recorded()) fail(Fault::launch, "a graph cannot be recorded into a graph");
  const Current current(*device_);
  ours.count_launch("graph");
  // Counted first: whoever finishes the run before leaves what there is to tell to this one.
  ready_->begin_replay();
  const Result result = device_->driver().cuGraphLaunch(executable_, ours.cuda_handle());
  if (result != success) ready_->cancel_replay();
  device_->check(result, "cuGraphLaunch");
  return ready_;
}

}  // namespace tilewright::cuda
