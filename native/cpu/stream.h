// An in-order queue on the host, with one thread that takes tasks from it.
//
// The thread starts with the first task and keeps the queue alive until it is empty. Thread-safe.
// After a fork the child's streams are empty and usable; what the parent queued does not run there.
#pragma once

#include "hal/stream.h"

namespace tilewright::cpu {

class Stream final : public tilewright::Stream, public std::enable_shared_from_this<Stream> {
 public:
  static std::shared_ptr<Stream> create();
  ~Stream() override;

  int ordinal() const override { return host_ordinal; }
  std::uint64_t submit(std::shared_ptr<Task> task) override;
  std::uint64_t submitted() const override;
  bool reached(std::uint64_t ticket) const override;
  void wait(std::uint64_t ticket) const override;
  void wait_for(const tilewright::Stream& other, std::uint64_t ticket) override;
  std::vector<std::shared_ptr<Task>> take_news(std::uint64_t ticket) override;

  // All streams somebody still holds.
  static std::vector<std::shared_ptr<tilewright::Stream>> all();

  struct Queue;  // what is shared with the thread

 private:
  Stream();

  std::shared_ptr<Queue> queue_;
};

}  // namespace tilewright::cpu
