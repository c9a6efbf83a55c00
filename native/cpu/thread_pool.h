// Workers that share the ranges of launches with the threads that launch.
//
// One per process, made on first use, never destroyed; after a fork the child makes its own.
// Thread-safe: several threads may run work at the same time, and each gets on even if no worker
// has time for it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace tilewright::cpu {

// Numbers 0 .. total-1, handed out in chunks to a function that must not throw. Each thread that
// takes part has a number of its own; that of the caller is 0.
struct Work {
  void (*function)(void* context, int thread, std::int64_t first, std::int64_t last) noexcept;
  void* context;
  std::int64_t total;
  std::int64_t chunk;
  const std::atomic<bool>* cancelled;  // once true, no further chunk is handed out
};

class ThreadPool {
 public:
  static ThreadPool& global();

  // How many threads, the caller included, may work on one launch; at least 1.
  static int thread_count();
  static void set_thread_count(int count);

  // Whether this thread is inside `run` or a worker's range: launches from there run inline.
  static bool is_busy_here();

  // Do all of the work; the caller takes part. Returns when no range is running any more.
  void run(const Work& work);

 private:
  // The part of a launch that one thread begins with: launch after launch the same thread finds
  // the same data in its caches. Who has finished its own helps with the others.
  struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end{0};
  };

  // A launch in progress. `state` holds whether workers may join, whether the owner sleeps, and
  // how many workers are in it; the rest may be read only by the owner and by those counted there.
  struct alignas(128) Job {
    std::atomic<std::uint32_t> state{0};
    Work work{};
    std::uint32_t share_count{0};
    std::array<Share, 64> shares;
  };

  ThreadPool() = default;
  static void forget();
  static void run_alone(const Work& work);
  Job* claim_job();
  void start_workers(int count);
  void work_forever(int index);
  bool join_any(int index);
  static void divide(Job& job, std::int64_t chunks, std::uint32_t threads);
  static void take_chunks(Job& job, int thread);
  void leave(Job& job);
  void wait_for_workers(Job& job);
  void wake_workers(std::int64_t wanted);

  static constexpr int job_count = 8;
  std::array<Job, job_count> jobs_;
  alignas(128) std::atomic<std::uint32_t> epoch_{0};  // counts published jobs; workers sleep on it
  std::atomic<int> sleepers_{0};
  std::atomic<int> started_{0};
  std::mutex start_lock_;
};

}  // namespace tilewright::cpu
