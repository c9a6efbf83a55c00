// Tasks that the GPU works on, each with a mark behind it, and the news of those it is done with.
#include "cuda/stream.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "cuda/device.h"
#include "cuda/graph.h"

namespace tilewright::cuda {
namespace {

// Each holds memory until somebody looks: beyond, submitting waits for the oldest.
constexpr std::size_t most_pending = 64;

}  // namespace

void refuse_across_recordings() {
  fail(Fault::launch, "a graph records one stream: no other can wait for it, nor it for others");
}

Stream::Stream(Device& device, StreamHandle handle, bool is_owned)
    : device_(device), handle_(handle), is_owned_(is_owned) {}

Stream::~Stream() {
  if (is_owned_) device_.driver().cuStreamDestroy(handle_);
}

int Stream::ordinal() const { return device_.ordinal(); }

bool Stream::is_lost() const { return device_.is_lost(); }

std::uint64_t Stream::submit(std::shared_ptr<Task> task) {
  task->run();
  const std::uint64_t ticket = submitted();
  if (Graph* graph = capture()) {
    graph->keep(std::move(task));
    return ticket;
  }
  Pending pending{ticket, nullptr, std::move(task)};
  try {
    pending.mark = std::make_unique<Mark>(*this);
  } catch (const DeviceError&) {
    settle(std::move(pending), false);  // whoever asks for news is told of what the task met
    return ticket;
  }
  Pending oldest{};
  {
    const std::lock_guard guard(lock_);
    ++unsettled_;
    pending_.push_back(std::move(pending));
    if (pending_.size() > most_pending) {
      oldest = std::move(pending_.front());
      pending_.pop_front();
      --unsettled_;
    }
  }
  if (oldest.task == nullptr) return ticket;
  bool is_done = true;
  try {
    oldest.mark->wait();
  } catch (const DeviceError&) {
    is_done = false;
  }
  settle(std::move(oldest), is_done);
  return ticket;
}

// A task that the GPU is done with becomes news, or is dropped.
void Stream::settle(Pending pending, bool is_done) const {
  pending.task->finish(is_done);
  if (!pending.task->has_news()) return;
  const std::lock_guard guard(lock_);
  ++unsettled_;
  news_.emplace_back(pending.ticket, std::move(pending.task));
}

void Stream::settle_passed() const {
  for (;;) {
    Pending first{};
    {
      const std::lock_guard guard(lock_);
      if (pending_.empty()) return;
      first = std::move(pending_.front());
      pending_.pop_front();
      --unsettled_;
    }
    bool is_passed = false;
    try {
      is_passed = first.mark->is_passed();
    } catch (const DeviceError&) {
      settle(std::move(first), false);
      continue;
    }
    if (!is_passed) {
      const std::lock_guard guard(lock_);
      ++unsettled_;
      pending_.push_front(std::move(first));
      return;
    }
    settle(std::move(first), true);
  }
}

// The GPU is lost: nothing that is pending will ever be done.
void Stream::abandon() const {
  std::deque<Pending> lost;
  {
    const std::lock_guard guard(lock_);
    lost = std::exchange(pending_, {});
    unsettled_ -= static_cast<int>(lost.size());
  }
  for (Pending& pending : lost) settle(std::move(pending), false);
}

void Stream::note_completed(std::uint64_t ticket) const {
  std::uint64_t known = completed_.load(std::memory_order_relaxed);
  while (known < ticket &&
         !completed_.compare_exchange_weak(known, ticket, std::memory_order_release)) {
  }
}

// The driver would give the recording up.
void Stream::refuse_recorded() const {
  if (is_recorded()) {
    fail(Fault::launch, "a graph records the stream, so that nothing on it runs to wait for");
  }
}

bool Stream::reached(std::uint64_t ticket) const {
  refuse_recorded();
  const std::uint64_t now = submitted();
  const Current current(device_);
  const Result result = device_.driver().cuStreamQuery(handle_);
  if (result == not_ready)
    return completed_.load(std::memory_order_acquire) >= ticket && ticket < now;
  device_.check(result, "cuStreamQuery");
  note_completed(now);
  return true;
}

void Stream::wait(std::uint64_t) const {
  refuse_recorded();
  const std::uint64_t now = submitted();
  try {
    const Current current(device_);
    device_.check(device_.driver().cuStreamSynchronize(handle_), "cuStreamSynchronize");
  } catch (const DeviceError&) {
    abandon();
    throw;
  }
  note_completed(now);
  settle_passed();
}

void Stream::wait_for(const tilewright::Stream& other, std::uint64_t ticket) {
  if (&other == this) return;  // a stream is in order anyway
  if (other.ordinal() == host_ordinal) return other.wait(ticket);
  if (is_recorded() || other.is_recorded()) refuse_across_recordings();
  // Marks are recorded, and what is recorded is part of no stream's state that anyone can see.
  const Mark mark(const_cast<Stream&>(static_cast<const Stream&>(other)));
  mark.hold(*this);
}

std::vector<std::shared_ptr<Task>> Stream::take_news(std::uint64_t ticket) {
  if (unsettled_.load(std::memory_order_acquire) == 0) return {};
  settle_passed();
  std::vector<std::shared_ptr<Task>> taken;
  const std::lock_guard guard(lock_);
  const auto end = std::find_if(news_.begin(), news_.end(),
                                [&](const auto& entry) { return entry.first > ticket; });
  for (auto it = news_.begin(); it != end; ++it) taken.push_back(std::move(it->second));
  news_.erase(news_.begin(), end);
  unsettled_ -= static_cast<int>(taken.size());
  return taken;
}

bool Stream::poll() {
  if (unsettled_.load(std::memory_order_acquire) == 0) [[likely]]
    return false;
  settle_passed();
  const std::lock_guard guard(lock_);
  return !news_.empty();
}

bool Stream::keep(const std::shared_ptr<Buffer>& buffer) {
  Graph* const graph = capture();
  if (graph != nullptr) graph->keep(buffer);
  return graph != nullptr;
}

std::vector<const char*> Stream::recent_launches() const {
  const std::uint64_t end = submitted();
  const std::uint64_t done = completed_.load(std::memory_order_acquire);
  const std::uint64_t begin = std::max(done, end - std::min<std::uint64_t>(end, recent_.size()));
  std::vector<const char*> names;
  for (std::uint64_t ticket = begin; ticket < end; ++ticket) {
    const char* name = recent_[ticket % recent_.size()].load(std::memory_order_relaxed);
    if (name != nullptr) names.push_back(name);
  }
  return names;
}

}  // namespace tilewright::cuda
