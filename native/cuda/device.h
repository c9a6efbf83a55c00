// A GPU through the CUDA driver, on its primary context, which torch and CuPy use too.
//
// Opened once and never destroyed: what belongs to it may keep a plain reference. Thread-safe.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "cuda/driver.h"
#include "cuda/event.h"
#include "cuda/stream.h"
#include "hal/device.h"
#include "memory/pool.h"
#include "memory/staging.h"

namespace tilewright::cuda {

// What the driver tells of a GPU without using it.
struct DeviceFacts {
  int index;
  int handle;
  std::string name;
  int major;  // of the compute capability
  int minor;
  int multiprocessors;
  int shared_memory;  // the most bytes a block may have
  int l2_bytes;
  std::size_t memory;
};

// All GPUs. Throws DeviceError that says what is missing if there is none.
std::vector<DeviceFacts> find_devices();

class Device final : public tilewright::Device {
 public:
  // The GPU of a number. Throws DeviceError if there is none.
  static std::shared_ptr<Device> open(int index);

  // The same, for those who do not ask for the first time: without a lock where it is the GPU that
  // was asked for last.
  static Device& of(int index);

  // Those that were opened.
  static std::vector<std::shared_ptr<Device>> all_opened();

  std::string name() const override;
  int ordinal() const override { return facts_.index; }
  std::shared_ptr<tilewright::Executable> load(const ExecutableSource& source) override;
  std::shared_ptr<tilewright::Stream> create_stream() override;
  const std::shared_ptr<tilewright::Stream>& default_stream() override { return default_stream_; }
  const std::shared_ptr<tilewright::Stream>& borrow_stream(std::uintptr_t handle) override;
  std::shared_ptr<tilewright::Event> create_event(bool timing) override;
  std::shared_ptr<Buffer> allocate(std::size_t bytes,
                                   std::shared_ptr<tilewright::Stream> stream) override;
  void fill(void* memory, unsigned char value, std::size_t bytes,
            tilewright::Stream* stream) override;
  void copy_in(void* target, const void* host, std::size_t bytes,
               tilewright::Stream* stream) override;
  void copy_out(void* host, const void* source, std::size_t bytes,
                tilewright::Stream* stream) override;
  void copy(void* target, const void* source, tilewright::Device& from, std::size_t bytes,
            tilewright::Stream* stream, tilewright::Stream* stream_there) override;
  MemoryStatistics memory_statistics() const override { return pool_->statistics(); }
  void trim() override;
  void synchronize() override;
  bool is_lost() const override { return is_lost_.load(std::memory_order_acquire); }
  std::vector<std::shared_ptr<tilewright::Stream>> streams() override;

  const Driver& driver() const { return driver_; }
  const DeviceFacts& facts() const { return facts_; }
  ContextHandle context() const { return context_; }

  // Throw a DeviceError unless a call succeeded. If the context is lost by what went wrong, the
  // error names the kernels that may be at fault, and so do all errors from then on.
  void check(Result result, const char* call) const {
    if (result != success) [[unlikely]]
      fail_check(result, call);
  }

  // Throw that error if the context is lost.
  void check_alive() const {
    if (is_lost_.load(std::memory_order_acquire)) [[unlikely]]
      fail_lost();
  }

  // Pinned memory of the host that the GPU can write, for what launches report; recycled.
  void* take_report_memory();
  void return_report_memory(void* memory) noexcept;
  static constexpr std::size_t report_bytes = std::size_t{1} << 20;

 private:
  friend class Mark;

  Device(const Driver& driver, DeviceFacts facts);

  [[noreturn]] void fail_check(Result result, const char* call) const;
  [[noreturn]] void fail_lost() const;
  Stream& chosen(tilewright::Stream* stream) const;
  void* pinned_memory(std::size_t bytes);
  bool is_pinned(const void* host) const;
  EventHandle take_event();
  void return_event(EventHandle event) noexcept;
  const std::shared_ptr<Stream>& copy_stream(std::shared_ptr<Stream>& stream);
  void reach(const Device& other);

  const Driver& driver_;
  const DeviceFacts facts_;
  ContextHandle context_ = nullptr;
  std::shared_ptr<Pool> pool_;
  Staging staging_;
  std::shared_ptr<tilewright::Stream> default_stream_;
  // In `borrowed_`, the stream that was asked for last.
  std::atomic<const std::shared_ptr<tilewright::Stream>*> last_borrowed_{&default_stream_};
  mutable std::atomic<bool> is_lost_{false};
  mutable std::mutex lock_;  // of what follows
  mutable std::string why_lost_;
  std::vector<EventHandle> events_;
  std::vector<void*> reports_;
  std::vector<int> reached_;  // the GPUs whose memory was asked for
  std::vector<std::weak_ptr<Stream>> streams_;
  std::unordered_map<std::uintptr_t, std::shared_ptr<tilewright::Stream>> borrowed_;
  std::shared_ptr<Stream> in_stream_;  // of copies from the host
  std::shared_ptr<Stream> out_stream_;
};

// A device's context as that of the calling thread, for the life of this value.
class Current {
 public:
  // Throws DeviceError if the context is lost.
  explicit Current(const Device& device) : driver_(device.driver()) {
    device.check_alive();
    ContextHandle before = nullptr;
    device.check(driver_.cuCtxGetCurrent(&before), "cuCtxGetCurrent");
    if (before == device.context()) return;
    device.check(driver_.cuCtxPushCurrent(device.context()), "cuCtxPushCurrent");
    is_pushed_ = true;
  }
  ~Current() {
    ContextHandle popped = nullptr;
    if (is_pushed_) driver_.cuCtxPopCurrent(&popped);
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

 private:
  const Driver& driver_;
  bool is_pushed_ = false;
};

}  // namespace tilewright::cuda
