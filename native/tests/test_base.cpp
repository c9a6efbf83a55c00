// The ring, the tracer and the clock.
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/ring.h"
#include "tests/check.h"
#include "trace/tracer.h"

namespace tilewright {
namespace {

struct Item {
  std::uint64_t value;
  std::uint64_t twice;
};

TEST(ring_keeps_order_and_forgets_the_oldest) {
  Ring<Item, 8> ring;
  for (std::uint64_t i = 0; i < 20; ++i) ring.push({i, 2 * i});
  std::vector<std::uint64_t> seen;
  ring.drain([&](const Item& item) { seen.push_back(item.value); });
  CHECK(seen == (std::vector<std::uint64_t>{12, 13, 14, 15, 16, 17, 18, 19}));
  ring.push({99, 198});
  seen.clear();
  ring.drain([&](const Item& item) { seen.push_back(item.value); });
  CHECK(seen == std::vector<std::uint64_t>{99});
}

TEST(ring_never_mixes_items_of_several_writers) {
  static Ring<Item, 64> ring;
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&] {
      for (std::uint64_t i = 0; i < 20000; ++i) ring.push({i, 2 * i});
    });
  }
  std::thread reader([&] {
    while (!stop) {
      ring.drain([&](const Item& item) { CHECK(item.twice == 2 * item.value); });
    }
  });
  for (auto& writer : writers) writer.join();
  stop = true;
  reader.join();
}

TEST(tracer_tells_spans_in_nanoseconds_of_the_monotonic_clock) {
  Tracer tracer;
  const std::int64_t before = monotonic_ns();
  const std::uint64_t start = ticks();
  while (monotonic_ns() - before < 2'000'000) {
  }
  tracer.record(tracer.intern("busy"), start, ticks(), 7);
  tracer.record_ns(tracer.intern("told"), 10, 20);
  const std::int64_t after = monotonic_ns();
  const std::vector<Span> spans = tracer.drain();
  CHECK(spans.size() == 2);
  CHECK(std::string(spans[0].name) == "busy" && spans[0].argument == 7 && spans[0].thread != 0);
  CHECK(spans[0].start_ns >= before - 200'000 && spans[0].end_ns <= after + 200'000);
  CHECK(spans[0].end_ns - spans[0].start_ns > 1'500'000);
  CHECK(spans[1].start_ns == 10 && spans[1].end_ns == 20);
  CHECK(tracer.intern("busy") == tracer.intern(std::string("bu") + "sy"));
  CHECK(tracer.drain().empty());
}

TEST(fail_formats_and_chooses_the_type) {
  CHECK(test::error_of<LaunchError>([] { fail(Fault::launch, "%d axes", 9); }) == "9 axes");
  CHECK(test::error_of<ObjectError>([] { fail(Fault::object, "x"); }) == "x");
  CHECK(test::error_of<DeviceError>([] { fail(Fault::device, "y"); }) == "y");
}

}  // namespace
}  // namespace tilewright
