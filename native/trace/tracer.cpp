// Writes spans into the ring and translates them when they are taken out.
#include "trace/tracer.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tilewright {
namespace {

thread_local std::uint32_t thread_number = 0;  // asked of the kernel once per thread

std::uint32_t current_thread() noexcept {
  if (thread_number == 0) [[unlikely]] {
    static const int registered = pthread_atfork(nullptr, nullptr, [] { thread_number = 0; });
    static_cast<void>(registered);
    thread_number = static_cast<std::uint32_t>(syscall(SYS_gettid));
  }
  return thread_number;
}

}  // namespace

Tracer& Tracer::global() {
  static Tracer* const tracer = new Tracer;  // threads may still write while the process exits
  return *tracer;
}

const char* Tracer::intern(std::string_view name) {
  const std::lock_guard lock(names_lock_);
  return names_.emplace(name).first->c_str();
}

void Tracer::record(const char* name, std::uint64_t start, std::uint64_t end,
                    std::int64_t argument) noexcept {
  ring_.push({name, start, end, argument, current_thread(), 0});
}

void Tracer::record_ns(const char* name, std::int64_t start_ns, std::int64_t end_ns) noexcept {
  ring_.push({name, static_cast<std::uint64_t>(start_ns), static_cast<std::uint64_t>(end_ns), 0,
              current_thread(), 1});
}

std::vector<Span> Tracer::drain() {
  std::vector<Span> spans;
  const std::lock_guard lock(drain_lock_);
  const TickScale scale;
  ring_.drain([&](const Record& record) {
    const auto ns = [&](std::uint64_t time) {
      return record.in_ns != 0 ? static_cast<std::int64_t>(time) : scale.nanoseconds(time);
    };
    spans.push_back(
        {record.name, ns(record.start), ns(record.end), record.argument, record.thread});
  });
  return spans;
}

}  // namespace tilewright
