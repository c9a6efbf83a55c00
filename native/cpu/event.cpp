// Recording puts a task into the stream that notes the time.
#include "cpu/event.h"

#include <utility>

#include "base/error.h"
#include "trace/clock.h"

namespace tilewright::cpu {
namespace {

class NoteTime final : public Task {
 public:
  explicit NoteTime(std::shared_ptr<std::atomic<std::int64_t>> time) : time_(std::move(time)) {}

  void run() noexcept override { time_->store(monotonic_ns(), std::memory_order_release); }

 private:
  std::shared_ptr<std::atomic<std::int64_t>> time_;
};

}  // namespace

void Event::record(std::shared_ptr<tilewright::Stream> stream) {
  auto time = std::make_shared<Time>(0);
  StreamPoint point{std::move(stream), 0};
  if (point.stream == nullptr) {
    time->store(monotonic_ns());
  } else {
    point.ticket = timing_ ? point.stream->submit(std::make_shared<NoteTime>(time))
                           : point.stream->submitted();
  }
  const std::lock_guard guard(lock_);
  point_ = std::move(point);
  time_ = std::move(time);
}

StreamPoint Event::point() const {
  const std::lock_guard guard(lock_);
  return point_;
}

bool Event::is_reached() const {
  const StreamPoint found = point();
  return found.stream == nullptr || found.stream->reached(found.ticket);
}

void Event::synchronize() const {
  const StreamPoint found = point();
  if (found.stream != nullptr) found.stream->wait(found.ticket);
}

void Event::hold(tilewright::Stream& stream) const {
  const StreamPoint found = point();
  if (found.stream != nullptr) stream.wait_for(*found.stream, found.ticket);
}

double Event::ms_since(const tilewright::Event& earlier) const {
  const auto* start = dynamic_cast<const Event*>(&earlier);
  if (start == nullptr) fail(Fault::launch, "time passes between events of one device");
  return static_cast<double>(reached_ns() - start->reached_ns()) * 1e-6;
}

std::int64_t Event::reached_ns() const {
  if (!timing_) fail(Fault::launch, "the event does not keep time; make it with timing=True");
  const std::lock_guard guard(lock_);
  if (time_ == nullptr) fail(Fault::launch, "the event was not recorded");
  const std::int64_t time = time_->load(std::memory_order_acquire);
  if (time == 0) fail(Fault::launch, "the event is not reached yet; synchronize it first");
  return time;
}

}  // namespace tilewright::cpu
