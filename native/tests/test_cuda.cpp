// Devices, memory, streams and faults on the fake driver of tests/runtime/fake_cuda.
#include <dlfcn.h>

#include <cstring>
#include <thread>
#include <vector>

#include "base/error.h"
#include "cuda/device.h"
#include "cuda/executable.h"
#include "hal/registry.h"
#include "memory/staging.h"
#include "tests/check.h"

namespace tilewright {
namespace {

// The fake driver, reset, for the life of this value.
class Fake {
 public:
  Fake() : library_(dlopen(TILEWRIGHT_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL)) { reset(); }
  ~Fake() {
    reset();
    cuda::set_driver_path("");
  }
  Fake(const Fake&) = delete;
  Fake& operator=(const Fake&) = delete;

  void set(const char* name, long value) const {
    function<void(const char*, long)>("fake_set")(name, value);
  }
  long calls(const char* name) const { return function<long(const char*)>("fake_calls")(name); }
  std::size_t used() const { return function<std::size_t()>("fake_used")(); }

 private:
  template <class Type>
  Type* function(const char* name) const {
    return reinterpret_cast<Type*>(dlsym(library_, name));
  }

  void reset() const {
    function<void()>("fake_reset")();
    cuda::set_driver_path("");
    cuda::set_driver_path(TILEWRIGHT_FAKE_CUDA);
  }

  void* library_;
};

struct Block {
  std::int64_t grid[3];
};

std::shared_ptr<Executable> load(Device& device, const char* entry, bool reports = false) {
  return device.load({.object = "print 24 print\nillegal 24 illegal\nnothing 24 none\n",
                      .entry = entry,
                      .scratch_bytes = 0,
                      .cost = 0,
                      .threads = 32,
                      .reports = reports});
}

TEST(pool_sizes_grow_by_eighths) {
  for (const std::size_t bytes : {1UL, 511UL, 512UL}) CHECK(Pool::size_class(bytes) == 512);
  std::size_t last = 0;
  for (std::size_t bytes = 1; bytes < (1UL << 33); bytes += 1 + bytes / 7) {
    const std::size_t size = Pool::size_class(bytes);
    CHECK(size >= bytes && size >= last && size % 512 == 0);
    CHECK(size <= std::max(bytes + bytes / 8 + 1, bytes + 511));
    CHECK(Pool::size_class(size) == size);
    last = size;
  }
}

TEST(gpus_are_opened_once_and_keep_their_numbers) {
  const Fake fake;
  const auto device = open_device("cuda:1");
  CHECK(device == open_device("cuda:1") && device.get() == &open_device(1));
  CHECK(open_device("cuda") == open_device("cuda:0"));
  CHECK(device->name() == "cuda:1" && device->ordinal() == 1);
  CHECK(device->default_stream()->handle() == 0);
  CHECK(opened_devices().size() == 3);
}

TEST(contexts_are_current_while_they_are_used) {
  const Fake fake;
  const auto first = cuda::Device::open(0), second = cuda::Device::open(1);
  const auto current = [&] {
    cuda::ContextHandle found = nullptr;
    first->driver().cuCtxGetCurrent(&found);
    return found;
  };
  CHECK(current() == nullptr);
  {
    const cuda::Current outer(*first);
    CHECK(current() == first->context());
    const cuda::Current again(*first);
    const cuda::Current inner(*second);
    CHECK(current() == second->context());
  }
  CHECK(current() == nullptr);
}

TEST(buffers_keep_their_stream_and_pools_their_count) {
  const Fake fake;
  const auto device = open_device("cuda:0");
  auto stream = device->create_stream();
  auto buffer = device->allocate(1000, stream);
  const std::weak_ptr<Stream> held = stream;
  stream.reset();
  CHECK(!held.expired() && buffer->ordinal() == 0);
  CHECK(device->memory_statistics().used == 1000);
  buffer.reset();
  CHECK(held.expired());
  const MemoryStatistics found = device->memory_statistics();
  CHECK(found.used == 0 && found.peak == 1000 && found.reserved == 1024 && found.allocations == 0);
}

TEST(pools_serve_many_threads) {
  const Fake fake;
  const auto device = open_device("cuda:0");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto stream = device->create_stream();
      for (std::size_t round = 0; round < 200; ++round) {
        const auto one = device->allocate(100 + 700 * (round % 5), stream);
        const auto other = device->allocate(1000, stream);
        CHECK(one->data() != other->data());
        std::memset(one->data(), 1, one->size());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(device->memory_statistics().used == 0);
  device->trim();
  CHECK(device->memory_statistics().reserved == 0 && fake.used() == 0);
}

TEST(streams_hand_out_news_when_the_gpu_is_done) {
  const Fake fake;
  const auto device = open_device("cuda:0");
  const auto code = load(*device, "print", true);
  const auto stream = device->create_stream();
  struct Tell final : Task {
    const Executable& code;
    Stream& stream;
    std::unique_ptr<Report> report;
    Outcome outcome;
    Tell(const Executable& what, Stream& where) : code(what), stream(where) {}
    void run() noexcept override {
      const Block block{{2, 1, 1}};
      report = code.enqueue({&block, 2, "print", "print range"}, stream);
    }
    void finish(bool is_done) noexcept override {
      if (is_done) report->collect(outcome);
    }
    bool has_news() const noexcept override { return !outcome.is_quiet(); }
  };
  fake.set("hold", 1);
  const auto ticket = stream->submit(std::make_shared<Tell>(*code, *stream));
  CHECK(!stream->poll() && !stream->reached(ticket) && stream->take_news(ticket).empty());
  stream->submit(std::make_shared<Tell>(*code, *stream));
  stream->wait(ticket);
  CHECK(stream->poll() && stream->reached(ticket));
  const auto news = stream->take_news(ticket);
  CHECK(news.size() == 1);
  CHECK(static_cast<const Tell&>(*news.front()).outcome.prints.size() == 2);
  stream->wait(stream->submitted());
  CHECK(stream->take_news(stream->submitted()).size() == 1 && !stream->poll());
}

TEST(executables_run_and_wait) {
  const Fake fake;
  const auto device = open_device("cuda:0");
  const auto code = load(*device, "print", true);
  const Block block{{3, 1, 1}};
  Outcome outcome;
  code->run({&block, 3, "print", "print range"}, outcome);
  CHECK(outcome.prints.size() == 3 && !outcome.failure);
  const auto other = open_device("cuda:1")->default_stream();
  const auto message = test::error_of<LaunchError>(
      [&] { code->enqueue({&block, 3, "print", "print range"}, *other); });
  CHECK(message.find("another device") != std::string::npos);
}

TEST(tasks_of_a_lost_gpu_are_let_go) {
  const Fake fake;
  const auto device = open_device("cuda:0");
  const auto code = load(*device, "illegal");
  const auto stream = device->create_stream();
  struct Wait final : Task {
    bool& is_told;
    explicit Wait(bool& told) : is_told(told) {}
    void run() noexcept override {}
    void finish(bool is_done) noexcept override { is_told = !is_done; }
  };
  fake.set("hold", 1);
  const Block block{{1, 1, 1}};
  code->enqueue({&block, 1, "culprit", "culprit range"}, *stream);
  bool is_told = false;
  stream->submit(std::make_shared<Wait>(is_told));
  const auto message = test::error_of<DeviceError>([&] { stream->wait(stream->submitted()); });
  CHECK(message.find("in the kernel culprit") != std::string::npos);
  CHECK(is_told && device->is_lost());
  CHECK(test::error_of<DeviceError>([&] { device->allocate(1, nullptr); }) == message);
  CHECK(open_device("cpu")->allocate(1, nullptr) != nullptr);
}

TEST(staging_waits_for_the_oldest_chunk) {
  struct Flag final : Fence {
    int& waits;
    explicit Flag(int& count) : waits(count) {}
    bool is_passed() override { return false; }
    void wait() override { ++waits; }
  };
  int made = 0, waits = 0;
  std::vector<int> memory(10);
  Staging staging([&]() -> void* { return &memory[static_cast<std::size_t>(made++)]; });
  for (int i = 0; i < 8; ++i) staging.release(staging.acquire(), std::make_unique<Flag>(waits));
  CHECK(made == 4 && waits == 4);
  staging.release(&memory[9], nullptr);
  CHECK(staging.acquire() == &memory[9]);
}

}  // namespace
}  // namespace tilewright
