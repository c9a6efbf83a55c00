// Each thread begins with its own share of a launch, chunk by chunk, then helps with the others';
// workers spin for a moment before they sleep.
//
// Life of a job: its owner claims a free slot, fills it, opens it. Workers that find it open count
// themselves in. Whoever finds no chunk left closes it. The owner waits until nobody is counted
// in; a worker that comes too late finds it closed, so a sleeping one never delays a launch.
#include "cpu/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

#include "cpu/futex.h"
#include "cpu/topology.h"
#include "trace/clock.h"

namespace tilewright::cpu {
namespace {

constexpr std::uint32_t claimed = 1U << 31;
constexpr std::uint32_t open = 1U << 30;
constexpr std::uint32_t owner_sleeps = 1U << 29;
constexpr std::uint32_t workers_inside = owner_sleeps - 1;

// What is waited for mostly comes within this time; after it others may have the processor.
constexpr std::int64_t eager_ns = 30'000;
// Longer than the gaps in a loop of launches: to wake a sleeper takes tens of microseconds, on a
// virtual machine hundreds.
constexpr std::int64_t patient_ns = 1'000'000;

std::atomic<int> configured_threads{0};  // 0: as many as the topology says
std::atomic<std::uint32_t> worker_limit{0};
std::atomic<ThreadPool*> instance{nullptr};
std::mutex instance_lock;
thread_local bool busy_here = false;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  asm volatile("yield");
#endif
}

bool is_oversubscribed() {
  static const int cores = available_cores();
  return ThreadPool::thread_count() > cores;
}

// Spin until `done`, for so long at most; for the most part only while nobody else wants the core.
template <class Done>
bool spin_until(Done done, std::int64_t most_ns) {
  if (is_oversubscribed()) return done();  // the one we wait for needs this core
  const std::int64_t start = monotonic_ns();
  for (std::int64_t spent = 0; spent < most_ns; spent = monotonic_ns() - start) {
    if (spent > eager_ns) sched_yield();
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause_briefly();
    }
  }
  return false;
}

}  // namespace

ThreadPool& ThreadPool::global() {
  ThreadPool* pool = instance.load(std::memory_order_acquire);
  if (pool != nullptr) [[likely]]
    return *pool;
  const std::lock_guard lock(instance_lock);
  pool = instance.load(std::memory_order_relaxed);
  if (pool == nullptr) {
    static const int registered = pthread_atfork(
        [] { instance_lock.lock(); }, [] { instance_lock.unlock(); }, &ThreadPool::forget);
    static_cast<void>(registered);
    pool = new ThreadPool;
    instance.store(pool, std::memory_order_release);
  }
  return *pool;
}

// In the child of a fork: its parent's workers do not exist here.
void ThreadPool::forget() {
  instance.store(nullptr, std::memory_order_relaxed);
  busy_here = false;
  instance_lock.unlock();
}

int ThreadPool::thread_count() {
  const int configured = configured_threads.load(std::memory_order_relaxed);
  if (configured > 0) return configured;
  const int found = std::max(1, usable_threads());
  int expected = 0;
  configured_threads.compare_exchange_strong(expected, found);
  worker_limit.store(static_cast<std::uint32_t>(configured_threads.load() - 1));
  return configured_threads.load();
}

void ThreadPool::set_thread_count(int count) {
  configured_threads.store(std::max(1, count));
  worker_limit.store(static_cast<std::uint32_t>(std::max(1, count) - 1));
  futex_wake(worker_limit, std::numeric_limits<int>::max());
}

bool ThreadPool::is_busy_here() { return busy_here; }

void ThreadPool::run(const Work& work) {
  const std::int64_t chunks = (work.total + work.chunk - 1) / work.chunk;
  const int wanted = static_cast<int>(std::min<std::int64_t>(chunks, thread_count()) - 1);
  Job* job = wanted > 0 && !busy_here ? claim_job() : nullptr;
  if (job == nullptr) return run_alone(work);
  if (wanted > started_.load(std::memory_order_relaxed)) start_workers(wanted);

  job->work = work;
  divide(*job, chunks, static_cast<std::uint32_t>(wanted) + 1);
  job->state.store(claimed | open, std::memory_order_release);
  wake_workers(wanted);

  busy_here = true;
  take_chunks(*job, 0);
  busy_here = false;
  wait_for_workers(*job);
}

// Still in chunks, so that a failure ends it early.
void ThreadPool::run_alone(const Work& work) {
  const bool was_busy = std::exchange(busy_here, true);
  for (std::int64_t first = 0; first < work.total; first += work.chunk) {
    if (work.cancelled->load(std::memory_order_relaxed)) break;
    work.function(work.context, 0, first, std::min(first + work.chunk, work.total));
  }
  busy_here = was_busy;
}

// A slot of our own, or null if more launches are running than there are slots.
ThreadPool::Job* ThreadPool::claim_job() {
  for (Job& job : jobs_) {
    std::uint32_t free = 0;
    if (job.state.load(std::memory_order_relaxed) != free) continue;
    if (job.state.compare_exchange_strong(free, claimed, std::memory_order_acquire)) return &job;
  }
  return nullptr;
}

// Shares of whole chunks, in order; they differ by one chunk at most.
void ThreadPool::divide(Job& job, std::int64_t chunks, std::uint32_t threads) {
  const auto count = std::min<std::size_t>(threads, job.shares.size());
  const auto shares = static_cast<std::int64_t>(count);
  const std::int64_t each = chunks / shares;
  const std::int64_t longer = chunks % shares;
  std::int64_t begin = 0;
  for (std::int64_t k = 0; k < shares; ++k) {
    Share& share = job.shares[static_cast<std::size_t>(k)];
    const std::int64_t end = begin + each + (k < longer ? 1 : 0);
    share.next.store(begin * job.work.chunk, std::memory_order_relaxed);
    share.end = std::min(end * job.work.chunk, job.work.total);
    begin = end;
  }
  job.share_count = static_cast<std::uint32_t>(count);
}

// Begins with the share of the thread's number.
void ThreadPool::take_chunks(Job& job, int thread) {
  const Work work = job.work;
  const std::uint32_t shares = job.share_count;
  const auto first_share = static_cast<std::uint32_t>(thread);
  for (std::uint32_t k = 0; k < shares; ++k) {
    Share& share = job.shares[(first_share + k) % shares];
    if (share.next.load(std::memory_order_relaxed) >= share.end) continue;
    while (!work.cancelled->load(std::memory_order_relaxed)) {
      const std::int64_t first = share.next.fetch_add(work.chunk, std::memory_order_relaxed);
      if (first >= share.end) break;
      work.function(work.context, thread, first, std::min(first + work.chunk, share.end));
    }
  }
  job.state.fetch_and(~open, std::memory_order_relaxed);
}

void ThreadPool::wait_for_workers(Job& job) {
  const auto alone = [&] {
    return (job.state.load(std::memory_order_acquire) & workers_inside) == 0;
  };
  if (!spin_until(alone, patient_ns)) {
    std::uint32_t state = job.state.fetch_or(owner_sleeps, std::memory_order_acq_rel);
    state |= owner_sleeps;
    while ((state & workers_inside) != 0) {
      futex_wait(job.state, state);
      state = job.state.load(std::memory_order_acquire);
    }
  }
  job.state.store(0, std::memory_order_release);
}

void ThreadPool::leave(Job& job) {
  const std::uint32_t before = job.state.fetch_sub(1, std::memory_order_acq_rel);
  // The slot may belong to another launch by now; a needless wake does no harm there.
  if ((before & workers_inside) == 1 && (before & owner_sleeps) != 0) futex_wake(job.state, 1);
}

void ThreadPool::wake_workers(std::int64_t wanted) {
  // In one total order with the sleeper's steps: either it sees the new epoch, or we see it.
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  const int sleeping = sleepers_.load(std::memory_order_seq_cst);
  if (sleeping == 0) return;
  const std::int64_t awake = started_.load(std::memory_order_relaxed) - sleeping;
  if (wanted > awake) futex_wake(epoch_, static_cast<int>(wanted - awake));
}

void ThreadPool::start_workers(int count) {
  const std::lock_guard lock(start_lock_);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the threads of the user
  try {
    for (int index = started_.load(); index < count; ++index) {
      std::thread([this, index] { work_forever(index); }).detach();
      started_.store(index + 1);
    }
  } catch (const std::system_error&) {
    // The system allows no more threads: the work is done by those there are.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool ThreadPool::join_any(int index) {
  for (Job& job : jobs_) {
    std::uint32_t state = job.state.load(std::memory_order_relaxed);
    while ((state & open) != 0) {
      if (!job.state.compare_exchange_weak(state, state + 1, std::memory_order_acquire)) continue;
      take_chunks(job, index + 1);
      leave(job);
      return true;
    }
  }
  return false;
}

void ThreadPool::work_forever(int index) {
  pthread_setname_np(pthread_self(), "tilewright");
  busy_here = true;
  std::int64_t patience = eager_ns;  // long only while that has paid, or would have
  for (;;) {
    const std::uint32_t limit = worker_limit.load(std::memory_order_relaxed);
    if (static_cast<std::uint32_t>(index) >= limit) {  // fewer threads are wanted now
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      futex_wait(worker_limit, limit);
      sleepers_.fetch_sub(1, std::memory_order_seq_cst);
      continue;
    }
    const std::uint32_t seen = epoch_.load(std::memory_order_acquire);
    if (join_any(index)) continue;
    const auto published = [&] { return epoch_.load(std::memory_order_acquire) != seen; };
    const std::int64_t start = monotonic_ns();
    if (spin_until(published, patience)) continue;
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    if (epoch_.load(std::memory_order_seq_cst) == seen) futex_wait(epoch_, seen);
    sleepers_.fetch_sub(1, std::memory_order_seq_cst);
    patience = monotonic_ns() - start < patient_ns ? patient_ns : eager_ns;
  }
}

}  // namespace tilewright::cpu
