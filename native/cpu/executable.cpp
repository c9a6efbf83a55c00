// Splits a launch into ranges, runs them here or on the pool, and collects what they report.
#include "cpu/executable.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "base/error.h"
#include "cpu/float_control.h"
#include "cpu/thread_pool.h"
#include "cpu/topology.h"
#include "trace/tracer.h"

namespace tilewright::cpu {
namespace {

// Below this much work a second thread costs more than it brings (a hot dispatch is about 1 us).
constexpr double inline_ns = 10'000;
// Long enough to hide the hand-out, short enough to even out threads that are interrupted.
constexpr double chunk_ns = 20'000;
// A kernel that prints in a loop must not eat the memory; what comes later is dropped.
constexpr std::size_t print_limit = std::size_t{64} << 20;
constexpr std::size_t scratch_alignment = 64;
// All copies of a launch together: beyond, they cost more than they bring.
constexpr std::int64_t most_copied = std::int64_t{64} << 20;
// More memory than this for copies is given back after a launch.
constexpr std::size_t most_kept = std::size_t{8} << 20;
constexpr int most_copies = 64;
constexpr std::int64_t line_bytes = 64;
// A merge of fewer lines is over before a worker has begun.
constexpr std::int64_t least_lines_shared = 256;
constexpr std::int32_t out_of_memory = -1;  // never seen outside: becomes an exception

// Scratch of one thread; grows to the largest kernel it ran, freed when the thread ends.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { std::free(memory_); }

  // Whether another launch may have written here since this one last did.
  bool take(const void* launch, std::uint64_t start) noexcept {
    const bool is_fresh = launch != launch_ || start != start_;
    launch_ = launch;
    start_ = start;
    return is_fresh;
  }

  // At least `bytes`, or null if there is no memory.
  void* reserve(std::size_t bytes) noexcept {
    if (bytes <= size_) return memory_;
    std::free(memory_);
    size_ = (bytes + 4095) & ~std::size_t{4095};
    memory_ = std::aligned_alloc(scratch_alignment, size_);
    if (memory_ == nullptr) size_ = 0;
    return memory_;
  }

  // Give everything back, unless it is little.
  void shrink(std::size_t most) noexcept {
    if (size_ <= most) return;
    std::free(memory_);
    memory_ = nullptr;
    size_ = 0;
  }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
  const void* launch_ = nullptr;
  std::uint64_t start_ = 0;
};

// What a thread keeps from launch to launch.
struct ThreadMemory {
  Arena scratch;
  Arena copies;  // of all threads of a launch from here
  bool is_lent = false;
};

ThreadMemory& memory_here() {
  thread_local ThreadMemory memory;
  return memory;
}

// The copies that the threads of one launch have of what it adds to, one after another in memory of
// the launching thread.
struct Copies {
  ThreadMemory* memory = nullptr;
  std::byte* first = nullptr;
  std::int64_t bytes = 0;  // of one; 0 until there are some
  std::uint64_t used = 0;  // a bit for each thread

  void* of(int thread, std::int64_t threads, std::int64_t wanted) noexcept {
    if (thread >= threads || threads > most_copies || !obtain(threads, wanted)) return nullptr;
    std::byte* const found = first + thread * bytes;
    const std::uint64_t bit = std::uint64_t{1} << thread;
    if ((used & bit) == 0) std::memset(found, 0, sizeof(std::int64_t));
    used |= bit;
    return found;
  }

 private:
  // The memory of a thread serves one launch at a time: one made while another runs does without.
  bool obtain(std::int64_t threads, std::int64_t wanted) noexcept {
    if (bytes != 0) return true;
    if (memory->is_lent || wanted <= 0 || wanted > most_copied / threads) return false;
    const auto size = static_cast<std::size_t>(wanted * threads);
    first = static_cast<std::byte*>(memory->copies.reserve(size));
    if (first == nullptr) return false;
    bytes = wanted;
    memory->is_lent = true;
    return true;
  }
};

// What the threads of one launch share.
struct LaunchState {
  Entry entry;
  const void* arguments;
  std::size_t scratch_bytes;
  const char* range_name;  // null while inline: the span of the launch says it all
  std::uint64_t start;     // with the address of this, no two launches have the same
  int threads;
  std::atomic<bool> failed{false};
  std::mutex lock;  // of what follows
  std::optional<Failure> failure;
  std::vector<Print> prints;
  std::size_t printed = 0;
  Copies copies;

  // The first failure of a launch wins and stops the hand-out of ranges.
  void record_failure(std::int32_t code, std::int32_t place, const std::int64_t* values,
                      std::int64_t count) {
    if (failed.exchange(true, std::memory_order_relaxed)) return;
    const std::lock_guard guard(lock);
    failure.emplace(Failure{code, place, {}});
    if (values != nullptr && count > 0) failure->values.assign(values, values + count);
  }
};

std::atomic<std::int64_t> configured_stream_bytes{0};

// What a launch reads needs the rest of the last cache. Those of hundreds of megabytes belong to
// many, and filling one costs as much as memory.
constexpr std::int64_t most_worth_caching = std::int64_t{16} << 20;

std::int64_t stream_bytes() {
  const std::int64_t configured = configured_stream_bytes.load(std::memory_order_relaxed);
  if (configured != 0) return configured;
  static const std::int64_t least = [] {
    const std::vector<Cache>& caches = topology().caches;
    if (caches.empty()) return std::numeric_limits<std::int64_t>::max();
    return std::min(caches.back().bytes / 8 * 3, most_worth_caching);
  }();
  return least;
}

struct ThreadServices : Services {
  LaunchState* state;
  int thread;
};

const ThreadServices& of_thread(const Services* services) {
  return *static_cast<const ThreadServices*>(services);
}

LaunchState& state_of(const Services* services) { return *of_thread(services).state; }

void fail_launch(const Services* services, std::int32_t code, std::int32_t place,
                 const std::int64_t* values, std::int64_t count) noexcept {
  state_of(services).record_failure(code, place, values, count);
}

void print_from(const Services* services, std::int32_t place, std::int64_t program,
                const void* data, std::int64_t bytes) noexcept {
  LaunchState& state = state_of(services);
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 0));
  const std::lock_guard guard(state.lock);
  if (size > print_limit - state.printed) return;
  state.printed += size;
  state.prints.push_back({place, program, {static_cast<const char*>(data), size}});
}

void* copy_for(const Services* services, std::int64_t bytes) noexcept {
  LaunchState& state = state_of(services);
  const std::lock_guard guard(state.lock);
  if (state.threads == 1) state.copies.memory = &memory_here();
  return state.copies.of(of_thread(services).thread, state.threads, bytes);
}

// Everything a range may ask for; false if there is no memory for its scratch.
[[gnu::always_inline]] inline bool prepare(ThreadServices& services, LaunchState& state,
                                           int thread) {
  Arena& arena = memory_here().scratch;
  services.fail = &fail_launch;
  services.print = &print_from;
  services.stream_bytes = stream_bytes();
  services.is_fresh = arena.take(&state, state.start);
  services.copy = &copy_for;
  services.threads = state.threads;
  services.copies = nullptr;
  services.copy_count = 0;
  services.state = &state;
  services.thread = thread;
  services.scratch = arena.reserve(state.scratch_bytes);
  if (services.scratch != nullptr || state.scratch_bytes == 0) return true;
  state.record_failure(out_of_memory, 0, nullptr, 0);
  return false;
}

void run_range(void* context, int thread, std::int64_t first, std::int64_t last) noexcept {
  LaunchState& state = *static_cast<LaunchState*>(context);
  ThreadServices services;
  if (!prepare(services, state, thread)) return;
  const DefaultFloatControl float_control;
  const std::uint64_t start = state.range_name == nullptr ? 0 : ticks();
  if (const std::int32_t code = state.entry(&services, state.arguments, first, last); code != 0) {
    state.record_failure(code, -1, nullptr, 0);  // in case it did not call `fail`
  }
  if (state.range_name != nullptr) {
    Tracer::global().record(state.range_name, start, ticks(), last - first);
  }
}

// The copies of a launch whose programs have all run.
struct Merge {
  LaunchState* state;
  void* copies[most_copies];
  std::int64_t count;
};

void merge_range(void* context, int thread, std::int64_t first, std::int64_t last) noexcept {
  const Merge& merge = *static_cast<const Merge*>(context);
  ThreadServices services;
  if (!prepare(services, *merge.state, thread)) return;
  services.copies = merge.copies;
  services.copy_count = merge.count;
  const DefaultFloatControl float_control;
  merge.state->entry(&services, merge.state->arguments, first, last);
}

// Bring the copies of all threads to where they are copies of, each thread a part of them.
void merge_copies(LaunchState& state) {
  const Copies& copies = state.copies;
  Merge merge{.state = &state, .copies = {}, .count = 0};
  for (int thread = 0; thread < state.threads; ++thread) {
    if ((copies.used >> thread & 1) != 0) {
      merge.copies[merge.count++] = copies.first + thread * copies.bytes;
    }
  }
  const std::int64_t lines = copies.bytes / line_bytes;
  if (state.threads == 1 || lines < least_lines_shared) {
    merge_range(&merge, 0, 0, lines);
  } else {
    const std::atomic<bool> never{false};  // what was added is there even if a program failed
    const std::int64_t chunk = std::max(least_lines_shared / 4, lines / (4 * state.threads));
    ThreadPool::global().run({&merge_range, &merge, lines, chunk, &never});
  }
  copies.memory->copies.shrink(most_kept);
  copies.memory->is_lent = false;
}

}  // namespace

void set_stream_bytes(std::int64_t bytes) { configured_stream_bytes.store(bytes); }

Executable::Executable(const ExecutableSource& source)
    : object_(std::in_place, source.object, source.entry),
      entry_(reinterpret_cast<Entry>(reinterpret_cast<std::uintptr_t>(object_->entry()))),
      scratch_bytes_(source.scratch_bytes),
      cost_(source.cost) {}

Executable::Executable(Entry entry, std::size_t scratch_bytes, double cost)
    : entry_(entry), scratch_bytes_(scratch_bytes), cost_(cost) {}

void Executable::run(const Launch& launch, Outcome& outcome) const {
  if (launch.programs <= 0) return;
  const bool small = cost_ > 0 && cost_ * static_cast<double>(launch.programs) < inline_ns;
  const bool is_inline = small || launch.programs == 1 || ThreadPool::is_busy_here();
  const int threads = is_inline ? 1 : ThreadPool::thread_count();
  LaunchState state{.entry = entry_,
                    .arguments = launch.arguments,
                    .scratch_bytes = scratch_bytes_,
                    .range_name = nullptr,
                    .start = ticks(),
                    .threads = threads,
                    .failed = false,
                    .lock = {},
                    .failure = {},
                    .prints = {},
                    .copies = {}};
  if (threads == 1) {
    run_range(&state, 0, 0, launch.programs);
  } else {
    state.range_name = launch.range_name;
    state.copies.memory = &memory_here();
    const std::int64_t most = std::max<std::int64_t>(1, launch.programs / (4 * threads));
    const double wanted = cost_ > 0 ? chunk_ns / cost_ : static_cast<double>(most);
    const auto chunk =
        static_cast<std::int64_t>(std::clamp(wanted, 1.0, static_cast<double>(most)));
    ThreadPool::global().run({&run_range, &state, launch.programs, chunk, &state.failed});
  }
  if (state.copies.used != 0) merge_copies(state);
  Tracer::global().record(launch.name, state.start, ticks(), launch.programs);
  if (!state.failed.load(std::memory_order_relaxed) && state.prints.empty()) [[likely]]
    return;

  if (state.failure && state.failure->code == out_of_memory && state.failure->place == 0) {
    fail(Fault::device, "out of memory: a kernel needs %zu bytes of scratch on each thread",
         scratch_bytes_);
  }
  std::stable_sort(state.prints.begin(), state.prints.end(),
                   [](const Print& a, const Print& b) { return a.program < b.program; });
  outcome.failure = std::move(state.failure);
  outcome.prints = std::move(state.prints);
}

}  // namespace tilewright::cpu
