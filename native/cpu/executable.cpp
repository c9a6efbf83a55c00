// Splits a launch into ranges, runs them here or on the pool, and collects what they report.
#include "cpu/executable.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
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

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
  const void* launch_ = nullptr;
  std::uint64_t start_ = 0;
};

// What the threads of one launch share.
struct LaunchState {
  Entry entry;
  const void* arguments;
  std::size_t scratch_bytes;
  const char* range_name;  // null while inline: the span of the launch says it all
  std::uint64_t start;     // with the address of this, no two launches have the same
  std::atomic<bool> failed{false};
  std::mutex lock;  // of what follows
  std::optional<Failure> failure;
  std::vector<Print> prints;
  std::size_t printed = 0;

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
};

LaunchState& state_of(const Services* services) {
  return *static_cast<const ThreadServices*>(services)->state;
}

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

void run_range(void* context, std::int64_t first, std::int64_t last) noexcept {
  thread_local Arena arena;
  LaunchState& state = *static_cast<LaunchState*>(context);
  ThreadServices services;
  services.fail = &fail_launch;
  services.print = &print_from;
  services.stream_bytes = stream_bytes();
  services.is_fresh = arena.take(&state, state.start);
  services.state = &state;
  services.scratch = arena.reserve(state.scratch_bytes);
  if (services.scratch == nullptr && state.scratch_bytes != 0) {
    state.record_failure(out_of_memory, 0, nullptr, 0);
    return;
  }
  const DefaultFloatControl float_control;
  const std::uint64_t start = state.range_name == nullptr ? 0 : ticks();
  if (const std::int32_t code = state.entry(&services, state.arguments, first, last); code != 0) {
    state.record_failure(code, -1, nullptr, 0);  // in case it did not call `fail`
  }
  if (state.range_name != nullptr) {
    Tracer::global().record(state.range_name, start, ticks(), last - first);
  }
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
  LaunchState state{.entry = entry_,
                    .arguments = launch.arguments,
                    .scratch_bytes = scratch_bytes_,
                    .range_name = nullptr,
                    .start = ticks(),
                    .failed = false,
                    .lock = {},
                    .failure = {},
                    .prints = {}};
  const bool small = cost_ > 0 && cost_ * static_cast<double>(launch.programs) < inline_ns;
  const int threads = small || launch.programs == 1 ? 1 : ThreadPool::thread_count();
  if (threads == 1 || ThreadPool::is_busy_here()) {
    run_range(&state, 0, launch.programs);
  } else {
    state.range_name = launch.range_name;
    const std::int64_t most = std::max<std::int64_t>(1, launch.programs / (4 * threads));
    const double wanted = cost_ > 0 ? chunk_ns / cost_ : static_cast<double>(most);
    const auto chunk =
        static_cast<std::int64_t>(std::clamp(wanted, 1.0, static_cast<double>(most)));
    ThreadPool::global().run({&run_range, &state, launch.programs, chunk, &state.failed});
  }
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
