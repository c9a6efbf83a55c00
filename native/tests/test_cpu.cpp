// The thread pool, executables, streams and events on the host.
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "cpu/event.h"
#include "cpu/executable.h"
#include "cpu/memory.h"
#include "cpu/stream.h"
#include "cpu/thread_pool.h"
#include "cuda/driver.h"
#include "hal/registry.h"
#include "tests/check.h"
#include "trace/tracer.h"

namespace tilewright {
namespace {

using cpu::ThreadPool;

struct Counts {
  std::vector<std::atomic<int>> seen;
  std::atomic<bool> cancelled{false};
  explicit Counts(std::size_t count) : seen(count) {}

  static void visit(void* context, int, std::int64_t first, std::int64_t last) noexcept {
    auto& self = *static_cast<Counts*>(context);
    for (std::int64_t i = first; i < last; ++i) ++self.seen[static_cast<std::size_t>(i)];
  }

  bool each_once() const {
    for (const auto& count : seen) {
      if (count != 1) return false;
    }
    return true;
  }
};

void run_counts(std::size_t total, std::int64_t chunk) {
  Counts counts(total);
  ThreadPool::global().run(
      {&Counts::visit, &counts, static_cast<std::int64_t>(total), chunk, &counts.cancelled});
  CHECK(counts.each_once());
}

TEST(pool_runs_every_number_once) {
  for (const int threads : {1, 2, 4}) {
    ThreadPool::set_thread_count(threads);
    for (int round = 0; round < 300; ++round) {
      run_counts(static_cast<std::size_t>(1 + round % 37), 1 + round % 5);
    }
  }
  ThreadPool::set_thread_count(2);
}

TEST(pool_serves_many_callers_at_once) {
  ThreadPool::set_thread_count(3);
  std::vector<std::thread> callers;
  for (int i = 0; i < 12; ++i) {  // more than it has slots for
    callers.emplace_back([] {
      for (int round = 0; round < 100; ++round) run_counts(50, 3);
    });
  }
  for (auto& caller : callers) caller.join();
  ThreadPool::set_thread_count(2);
}

TEST(pool_wakes_sleeping_workers) {
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    run_counts(16, 1);
  }
}

TEST(pool_stops_when_cancelled) {
  struct State {
    std::atomic<bool> cancelled{false};
    std::atomic<int> ranges{0};
  } state;
  const auto stop = [](void* context, int, std::int64_t, std::int64_t) noexcept {
    auto& self = *static_cast<State*>(context);
    ++self.ranges;
    self.cancelled = true;
  };
  ThreadPool::global().run({stop, &state, 100000, 1, &state.cancelled});
  CHECK(state.ranges < 100);
}

TEST(pool_runs_nested_work_inline) {
  struct State {
    std::atomic<bool> cancelled{false};
    std::atomic<int> inner{0};
  } state;
  const auto outer = [](void* context, int, std::int64_t, std::int64_t) noexcept {
    auto& self = *static_cast<State*>(context);
    CHECK(ThreadPool::is_busy_here());
    const auto inner = [](void* deeper, int, std::int64_t first, std::int64_t last) noexcept {
      static_cast<State*>(deeper)->inner += static_cast<int>(last - first);
    };
    ThreadPool::global().run({inner, &self, 10, 1, &self.cancelled});
    CHECK(ThreadPool::is_busy_here());
  };
  ThreadPool::global().run({outer, &state, 20, 1, &state.cancelled});
  CHECK(!ThreadPool::is_busy_here());
  CHECK(state.inner == 200);
}

// Kernels written by hand. Their arguments: three extents, then what each test puts there.

struct Block {
  std::int64_t grid[3];
  std::atomic<std::int64_t>* sum;
};

std::int32_t add_programs(const cpu::Services* services, const void* arguments, std::int64_t first,
                          std::int64_t last) {
  const auto& block = *static_cast<const Block*>(arguments);
  std::memset(services->scratch, 1, 1000);
  CHECK(reinterpret_cast<std::uintptr_t>(services->scratch) % 64 == 0);
  for (std::int64_t i = first; i < last; ++i) *block.sum += i;
  return 0;
}

// Counts the ranges that find scratch memory as somebody else may have left it.
std::int32_t count_fresh(const cpu::Services* services, const void* arguments, std::int64_t,
                         std::int64_t) {
  *static_cast<const Block*>(arguments)->sum += services->is_fresh;
  return 0;
}

std::int32_t fail_at_seven(const cpu::Services* services, const void*, std::int64_t first,
                           std::int64_t last) {
  for (std::int64_t i = first; i < last; ++i) {
    if (i != 7) continue;
    const std::int64_t values[] = {i, -1};
    services->fail(services, 3, 17, values, 2);
    services->fail(services, 4, 18, values, 2);
    return 3;
  }
  return 0;
}

std::int32_t print_twice(const cpu::Services* services, const void*, std::int64_t first,
                         std::int64_t last) {
  for (std::int64_t i = first; i < last; ++i) {
    services->print(services, 1, i, "a", 1);
    services->print(services, 2, i, "bc", 2);
  }
  return 0;
}

std::int32_t return_five(const cpu::Services*, const void*, std::int64_t, std::int64_t) {
  return 5;
}

Launch make_launch(const void* arguments, std::int64_t programs) {
  return {arguments, programs, "test", "test range"};
}

TEST(executable_runs_all_programs) {
  for (const double cost : {0.0, 1.0, 1000.0, 1e6}) {
    const cpu::Executable executable(&add_programs, 1000, cost);
    std::atomic<std::int64_t> sum{0};
    const Block block{{100, 1, 1}, &sum};
    Outcome outcome;
    executable.run(make_launch(&block, 100), outcome);
    CHECK(sum == 4950 && outcome.is_quiet());
  }
}

TEST(executable_tells_the_first_failure) {
  for (const double cost : {1.0, 1e5}) {
    const cpu::Executable executable(&fail_at_seven, 0, cost);
    Outcome outcome;
    executable.run(make_launch(nullptr, 100), outcome);
    CHECK(outcome.failure && outcome.failure->code == 3 && outcome.failure->place == 17);
    CHECK(outcome.failure->values == (std::vector<std::int64_t>{7, -1}));
  }
  const cpu::Executable silent(&return_five, 0, 1.0);
  Outcome outcome;
  silent.run(make_launch(nullptr, 1), outcome);
  CHECK(outcome.failure && outcome.failure->code == 5 && outcome.failure->place == -1);
}

TEST(executable_orders_prints_by_program) {
  const cpu::Executable executable(&print_twice, 0, 1e5);
  Outcome outcome;
  executable.run(make_launch(nullptr, 50), outcome);
  CHECK(outcome.prints.size() == 100);
  for (std::size_t i = 0; i < outcome.prints.size(); ++i) {
    const Print& print = outcome.prints[i];
    CHECK(print.program == static_cast<std::int64_t>(i / 2));
    CHECK(print.data == (i % 2 == 0 ? "a" : "bc"));
  }
}

TEST(scratch_is_fresh_once_for_each_thread_of_a_launch) {
  std::atomic<std::int64_t> sum{0};
  const Block block{{64, 1, 1}, &sum};
  const cpu::Executable executable(&count_fresh, 64, 0);
  Outcome outcome;
  for (int launch = 1; launch <= 3; ++launch) {
    executable.run({&block, 64, "launch", "range"}, outcome);
    CHECK(sum >= launch && sum <= launch * ThreadPool::thread_count());
  }
}

// Adds program numbers to a copy of two lines; merging adds up what lies in all copies.
std::int32_t add_in_copies(const cpu::Services* services, const void* arguments, std::int64_t first,
                           std::int64_t last) {
  const auto& block = *static_cast<const Block*>(arguments);
  if (services->copy_count != 0) {
    for (std::int64_t k = 0; k < services->copy_count && first == 0; ++k) {
      *block.sum += static_cast<const std::int64_t*>(services->copies[k])[1];
    }
    return first >= 0 && last <= 2 ? 0 : 1;
  }
  auto* const copy = static_cast<std::int64_t*>(services->copy(services, 128));
  CHECK(copy == nullptr || reinterpret_cast<std::uintptr_t>(copy) % 64 == 0);
  if (copy != nullptr && copy[0] == 0) {
    copy[0] = 1;
    copy[1] = 0;
  }
  for (std::int64_t i = first; i < last; ++i) {
    if (copy != nullptr) {
      copy[1] += i;
    } else {
      *block.sum += i;
    }
  }
  return services->copy(services, 128) == copy ? 0 : 1;
}

std::int32_t ask_for_too_much(const cpu::Services* services, const void*, std::int64_t,
                              std::int64_t) {
  return services->copy(services, std::int64_t{1} << 40) == nullptr ? 0 : 1;
}

TEST(executable_merges_the_copies_of_all_threads) {
  for (const int threads : {1, 2, 3, 70}) {
    ThreadPool::set_thread_count(threads);
    for (const double cost : {0.0, 1.0, 1e6}) {
      const cpu::Executable executable(&add_in_copies, 0, cost);
      for (int round = 0; round < 20; ++round) {
        std::atomic<std::int64_t> sum{0};
        const Block block{{100, 1, 1}, &sum};
        Outcome outcome;
        executable.run(make_launch(&block, 100), outcome);
        CHECK(sum == 4950 && outcome.is_quiet());
      }
    }
  }
  ThreadPool::set_thread_count(2);
}

TEST(executable_lends_no_endless_copies) {
  const cpu::Executable executable(&ask_for_too_much, 0, 1.0);
  Outcome outcome;
  executable.run(make_launch(nullptr, 10), outcome);
  CHECK(outcome.is_quiet());
}

TEST(executable_without_memory_for_scratch_is_a_device_error) {
  const cpu::Executable executable(&add_programs, std::size_t{1} << 60, 1.0);
  Outcome outcome;
  CHECK(!test::error_of<DeviceError>([&] {
           executable.run(make_launch(nullptr, 10), outcome);
         }).empty());
}

class Append final : public Task {
 public:
  Append(std::vector<int>& list, int value, bool news = false)
      : list_(list), value_(value), news_(news) {}
  void run() noexcept override { list_.push_back(value_); }
  bool has_news() const noexcept override { return news_; }

 private:
  std::vector<int>& list_;
  int value_;
  bool news_;
};

TEST(stream_runs_in_order) {
  std::vector<int> list, expected;
  const auto stream = open_device("cpu")->create_stream();
  CHECK(stream->reached(stream->submitted()));
  for (int i = 0; i < 200; ++i) {
    expected.push_back(i);
    stream->submit(std::make_shared<Append>(list, i));
  }
  stream->wait(stream->submitted());
  CHECK(list == expected);
}

TEST(stream_hands_out_news_once_and_up_to_a_ticket) {
  std::vector<int> list;
  const auto stream = open_device("cpu")->create_stream();
  stream->submit(std::make_shared<Append>(list, 0, true));
  const auto ticket = stream->submit(std::make_shared<Append>(list, 1, false));
  const auto last = stream->submit(std::make_shared<Append>(list, 2, true));
  stream->wait(last);
  CHECK(stream->take_news(ticket).size() == 1);
  CHECK(stream->take_news(ticket).empty());
  CHECK(stream->take_news(last).size() == 1);
}

TEST(stream_finishes_when_nobody_holds_it) {
  std::atomic<int> done{0};
  struct Slow final : Task {
    std::atomic<int>& done;
    explicit Slow(std::atomic<int>& count) : done(count) {}
    void run() noexcept override {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ++done;
    }
  };
  {
    const auto stream = open_device("cpu")->create_stream();
    for (int i = 0; i < 5; ++i) stream->submit(std::make_shared<Slow>(done));
  }
  while (done != 5) std::this_thread::yield();
}

TEST(events_order_two_streams_and_keep_time) {
  const auto device = open_device("cpu");
  const auto first = device->create_stream();
  const auto second = device->create_stream();
  const auto start = device->create_event(true);
  const auto end = device->create_event(true);
  CHECK(!test::error_of<LaunchError>([&] { end->ms_since(*start); }).empty());
  std::vector<int> list;
  start->record(first);
  for (int i = 0; i < 50; ++i) first->submit(std::make_shared<Append>(list, 1));
  end->record(first);
  end->hold(*second);
  second->submit(std::make_shared<Append>(list, 2));
  second->wait(second->submitted());
  CHECK(list.size() == 51 && list.back() == 2);
  CHECK(end->is_reached() && end->ms_since(*start) >= 0);
  const auto untimed = device->create_event(false);
  CHECK(!test::error_of<LaunchError>([&] { untimed->ms_since(*start); }).empty());
}

TEST(registry_names_what_it_lacks) {
  CHECK(open_device("cpu") == open_device("cpu:0"));
  cuda::set_driver_path("absent.so");
  const auto message = test::error_of<DeviceError>([] { open_device("cuda:0"); });
  cuda::set_driver_path("");
  CHECK(message.find("no CUDA driver: absent.so") == 0);
  CHECK(!test::error_of<DeviceError>([] { open_device("tpu"); }).empty());
}

TEST(buffers_are_aligned) {
  const auto buffer = open_device("cpu")->allocate(1000, nullptr);
  CHECK(buffer->size() == 1000 && reinterpret_cast<std::uintptr_t>(buffer->data()) % 64 == 0);
  CHECK(open_device("cpu")->allocate(0, nullptr)->data() != nullptr);
  CHECK(!test::error_of<DeviceError>([] { cpu::Buffer huge(~std::size_t{0}); }).empty());
}

}  // namespace
}  // namespace tilewright
