// A point in a host stream, and the time it was reached.
//
// It holds the stream it was recorded in. Thread-safe.
#pragma once

#include <atomic>
#include <mutex>

#include "hal/event.h"

namespace tilewright::cpu {

class Event final : public tilewright::Event {
 public:
  explicit Event(bool timing) : timing_(timing) {}

  int ordinal() const override { return host_ordinal; }
  void record(std::shared_ptr<tilewright::Stream> stream) override;
  StreamPoint point() const override;
  bool is_reached() const override;
  void synchronize() const override;
  void hold(tilewright::Stream& stream) const override;
  double ms_since(const tilewright::Event& earlier) const override;

 private:
  // Nanoseconds of CLOCK_MONOTONIC at which the point was reached. Throws as `ms_since` does.
  std::int64_t reached_ns() const;

  using Time = std::atomic<std::int64_t>;  // 0 until reached

  const bool timing_;
  mutable std::mutex lock_;
  StreamPoint point_;
  std::shared_ptr<Time> time_;  // null until recorded
};

}  // namespace tilewright::cpu
