// Events are recorded where a stream is, and asked for by anyone.
#include "cuda/event.h"

#include <utility>

#include "base/error.h"
#include "cuda/device.h"

namespace tilewright::cuda {
namespace {

constexpr unsigned with_timing = 0;
constexpr unsigned without_timing = 2;

}  // namespace

Event::Event(Device& device, bool timing) : device_(device), timing_(timing) {
  const Current current(device_);
  device_.check(device_.driver().cuEventCreate(&handle_, timing ? with_timing : without_timing),
                "cuEventCreate");
}

Event::~Event() { device_.driver().cuEventDestroy(handle_); }

int Event::ordinal() const { return device_.ordinal(); }

void Event::record(std::shared_ptr<tilewright::Stream> stream) {
  if (stream == nullptr) stream = device_.default_stream();
  {
    const Current current(device_);
    device_.check(
        device_.driver().cuEventRecord(handle_, static_cast<Stream&>(*stream).cuda_handle()),
        "cuEventRecord");
  }
  const std::uint64_t ticket = stream->submitted();
  const Graph* const graph = static_cast<Stream&>(*stream).capture();
  const std::lock_guard guard(lock_);
  point_ = {std::move(stream), ticket};
  recorded_by_ = graph;
}

StreamPoint Event::point() const {
  const std::lock_guard guard(lock_);
  return point_;
}

bool Event::is_reached() const {
  const Current current(device_);
  const Result result = device_.driver().cuEventQuery(handle_);
  if (result == not_ready) return false;
  device_.check(result, "cuEventQuery");
  return true;
}

void Event::synchronize() const {
  const Current current(device_);
  device_.check(device_.driver().cuEventSynchronize(handle_), "cuEventSynchronize");
}

void Event::hold(tilewright::Stream& stream) const {
  if (stream.ordinal() == host_ordinal) return synchronize();
  auto& ours = static_cast<Stream&>(stream);
  {
    const std::lock_guard guard(lock_);
    const bool is_recorded = point_.stream != nullptr;
    if (is_recorded && recorded_by_ != ours.capture()) refuse_across_recordings();
  }
  const Current current(ours.device());
  ours.device().check(device_.driver().cuStreamWaitEvent(ours.cuda_handle(), handle_, 0),
                      "cuStreamWaitEvent");
}

double Event::ms_since(const tilewright::Event& earlier) const {
  const auto* start = dynamic_cast<const Event*>(&earlier);
  if (start == nullptr || &start->device_ != &device_) {
    fail(Fault::launch, "time passes between events of one device");
  }
  for (const Event* event : {start, this}) {
    if (!event->timing_) {
      fail(Fault::launch, "the event does not keep time; make it with timing=True");
    }
    if (event->point().stream == nullptr) fail(Fault::launch, "the event was not recorded");
    if (!event->is_reached()) {
      fail(Fault::launch, "the event is not reached yet; synchronize it first");
    }
  }
  float milliseconds = 0;
  const Current current(device_);
  device_.check(device_.driver().cuEventElapsedTime(&milliseconds, start->handle_, handle_),
                "cuEventElapsedTime");
  return static_cast<double>(milliseconds);
}

Mark::Mark(Stream& stream) : device_(stream.device()), handle_(device_.take_event()) {
  const Current current(device_);
  const Result result = device_.driver().cuEventRecord(handle_, stream.cuda_handle());
  if (result == success) return;
  device_.return_event(handle_);
  device_.check(result, "cuEventRecord");
}

Mark::~Mark() { device_.return_event(handle_); }

bool Mark::is_passed() {
  const Current current(device_);
  const Result result = device_.driver().cuEventQuery(handle_);
  if (result == not_ready) return false;
  device_.check(result, "cuEventQuery");
  return true;
}

void Mark::wait() {
  const Current current(device_);
  device_.check(device_.driver().cuEventSynchronize(handle_), "cuEventSynchronize");
}

void Mark::hold(Stream& stream) const {
  const Current current(stream.device());
  stream.device().check(
      stream.device().driver().cuStreamWaitEvent(stream.cuda_handle(), handle_, 0),
      "cuStreamWaitEvent");
}

}  // namespace tilewright::cuda
