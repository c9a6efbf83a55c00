// A point in a stream of a GPU: those users make, and those the runtime orders its work by.
//
// An Event is shared and holds the stream it was recorded in; a Mark has one owner. Thread-safe.
#pragma once

#include <mutex>

#include "cuda/driver.h"
#include "hal/event.h"
#include "memory/pool.h"

namespace tilewright::cuda {

class Device;
class Graph;
class Stream;

class Event final : public tilewright::Event {
 public:
  Event(Device& device, bool timing);
  ~Event() override;

  int ordinal() const override;
  void record(std::shared_ptr<tilewright::Stream> stream) override;
  StreamPoint point() const override;
  bool is_reached() const override;
  void synchronize() const override;
  void hold(tilewright::Stream& stream) const override;
  double ms_since(const tilewright::Event& earlier) const override;

 private:
  Device& device_;
  const bool timing_;
  EventHandle handle_ = nullptr;
  mutable std::mutex lock_;  // of what follows
  StreamPoint point_;
  const Graph* recorded_by_ = nullptr;  // only compared: it may be gone
};

// A point the runtime waits for; its event is recycled.
class Mark final : public Fence {
 public:
  // Behind all work of a stream so far. Throws DeviceError.
  explicit Mark(Stream& stream);
  ~Mark() override;

  bool is_passed() override;
  void wait() override;

  // Make later work of a stream, of any GPU, wait for it.
  void hold(Stream& stream) const;

 private:
  Device& device_;
  EventHandle handle_;
};

}  // namespace tilewright::cuda
