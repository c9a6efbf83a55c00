// The queue of a stream and the thread behind it.
#include "cpu/stream.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"

namespace tilewright::cpu {

struct Stream::Queue {
  mutable std::mutex lock;
  std::condition_variable arrived;           // a task, or the end
  mutable std::condition_variable advanced;  // `completed` grew
  std::deque<std::shared_ptr<Task>> tasks;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<Task>>> news;
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  bool has_thread = false;
  bool closing = false;

  void wait(std::uint64_t ticket) const {
    std::unique_lock guard(lock);
    advanced.wait(guard, [&] { return completed >= ticket; });
  }
};

namespace {

using Queue = Stream::Queue;

// Every stream there is, so that all can be waited for, and put right after a fork.
struct Register {
  std::mutex lock;
  std::vector<std::weak_ptr<Stream>> streams;
  std::vector<std::weak_ptr<Queue>> queues;
  std::vector<std::shared_ptr<Queue>> locked;  // while a fork is under way
};

Register& streams_register() {
  static Register* const found = new Register;  // threads may outlive static destructors
  return *found;
}

// Hold all locks during a fork, so that the child finds every queue whole.
void before_fork() {
  Register& all = streams_register();
  all.lock.lock();
  for (const auto& weak : all.queues) {
    if (auto queue = weak.lock()) {
      queue->lock.lock();
      all.locked.push_back(std::move(queue));
    }
  }
}

void after_fork_in_parent() {
  Register& all = streams_register();
  for (const auto& queue : all.locked) queue->lock.unlock();
  all.locked.clear();
  all.lock.unlock();
}

// The threads are gone; tasks of the parent are left alone, since their owners cannot be told.
void after_fork_in_child() {
  Register& all = streams_register();
  for (const auto& queue : all.locked) {
    queue->has_thread = false;
    new (&queue->tasks) std::deque<std::shared_ptr<Task>>();
    new (&queue->news) std::vector<std::pair<std::uint64_t, std::shared_ptr<Task>>>();
    queue->completed = queue->submitted;
    new (&queue->arrived) std::condition_variable();
    new (&queue->advanced) std::condition_variable();
    queue->lock.unlock();
    // The vanished thread's share of the queue is never given back: it may still be in use there.
    new std::shared_ptr<Queue>(queue);
  }
  all.locked.clear();
  all.lock.unlock();
}

void work(const std::shared_ptr<Queue>& queue) {
  std::unique_lock guard(queue->lock);
  for (;;) {
    queue->arrived.wait(guard, [&] { return !queue->tasks.empty() || queue->closing; });
    if (queue->tasks.empty()) return;
    std::shared_ptr<Task> task = std::move(queue->tasks.front());
    queue->tasks.pop_front();
    guard.unlock();
    task->run();
    // Its owner's clean-up must not run under our lock, but be over when the task counts as done.
    if (!task->has_news()) task.reset();
    guard.lock();
    ++queue->completed;
    if (task != nullptr) queue->news.emplace_back(queue->completed, std::move(task));
    queue->advanced.notify_all();
  }
}

void start_thread(const std::shared_ptr<Queue>& queue) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the threads of the user
  try {
    std::thread([queue] {
      pthread_setname_np(pthread_self(), "tw-stream");
      work(queue);
    }).detach();
    queue->has_thread = true;
  } catch (const std::system_error&) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!queue->has_thread) fail(Fault::device, "the system allows no thread for a stream");
}

// Waits in one stream for a point of another.
class WaitTask final : public Task {
 public:
  WaitTask(std::shared_ptr<const Queue> queue, std::uint64_t ticket)
      : queue_(std::move(queue)), ticket_(ticket) {}

  void run() noexcept override { queue_->wait(ticket_); }

 private:
  std::shared_ptr<const Queue> queue_;
  std::uint64_t ticket_;
};

}  // namespace

Stream::Stream() : queue_(std::make_shared<Queue>()) {}

std::shared_ptr<Stream> Stream::create() {
  static const int registered =
      pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
  static_cast<void>(registered);
  const std::shared_ptr<Stream> stream(new Stream);
  Register& all = streams_register();
  const std::lock_guard guard(all.lock);
  std::erase_if(all.streams, [](const auto& weak) { return weak.expired(); });
  std::erase_if(all.queues, [](const auto& weak) { return weak.expired(); });
  all.streams.push_back(stream);
  all.queues.push_back(stream->queue_);
  return stream;
}

// Does not wait: the thread empties the queue, then ends.
Stream::~Stream() {
  const std::lock_guard guard(queue_->lock);
  queue_->closing = true;
  queue_->arrived.notify_all();
}

std::uint64_t Stream::submit(std::shared_ptr<Task> task) {
  const std::lock_guard guard(queue_->lock);
  if (!queue_->has_thread) start_thread(queue_);
  queue_->tasks.push_back(std::move(task));
  queue_->arrived.notify_one();
  return ++queue_->submitted;
}

std::uint64_t Stream::submitted() const {
  const std::lock_guard guard(queue_->lock);
  return queue_->submitted;
}

bool Stream::reached(std::uint64_t ticket) const {
  const std::lock_guard guard(queue_->lock);
  return queue_->completed >= ticket;
}

void Stream::wait(std::uint64_t ticket) const { queue_->wait(ticket); }

void Stream::wait_for(const tilewright::Stream& other, std::uint64_t ticket) {
  if (other.ordinal() != host_ordinal) return other.wait(ticket);  // waits of other devices block
  const auto& queue = static_cast<const Stream&>(other).queue_;
  if (queue == queue_) return;  // a stream is in order anyway
  submit(std::make_shared<WaitTask>(queue, ticket));
}

std::vector<std::shared_ptr<Task>> Stream::take_news(std::uint64_t ticket) {
  std::vector<std::shared_ptr<Task>> taken;
  const std::lock_guard guard(queue_->lock);
  auto& news = queue_->news;
  const auto end = std::find_if(news.begin(), news.end(),
                                [&](const auto& entry) { return entry.first > ticket; });
  for (auto it = news.begin(); it != end; ++it) taken.push_back(std::move(it->second));
  news.erase(news.begin(), end);
  return taken;
}

std::vector<std::shared_ptr<tilewright::Stream>> Stream::all() {
  std::vector<std::shared_ptr<tilewright::Stream>> found;
  Register& all = streams_register();
  const std::lock_guard guard(all.lock);
  for (const auto& weak : all.streams) {
    if (auto stream = weak.lock()) found.push_back(std::move(stream));
  }
  return found;
}

}  // namespace tilewright::cpu
