// The host as a device.
//
// Holds nothing: code, streams and memory stand on their own. Thread-safe.
#pragma once

#include "hal/device.h"

namespace tilewright::cpu {

class Device final : public tilewright::Device {
 public:
  std::string name() const override { return "cpu"; }
  int ordinal() const override { return host_ordinal; }
  std::shared_ptr<tilewright::Executable> load(const ExecutableSource& source) override;
  std::shared_ptr<tilewright::Stream> create_stream() override;
  std::shared_ptr<tilewright::Event> create_event(bool timing) override;
  std::shared_ptr<tilewright::Buffer> allocate(std::size_t bytes,
                                               std::shared_ptr<tilewright::Stream> stream) override;
  void fill(void* memory, unsigned char value, std::size_t bytes,
            tilewright::Stream* stream) override;
  void copy_in(void* target, const void* host, std::size_t bytes,
               tilewright::Stream* stream) override;
  void copy_out(void* host, const void* source, std::size_t bytes,
                tilewright::Stream* stream) override;
  void copy(void* target, const void* source, tilewright::Device& from, std::size_t bytes,
            tilewright::Stream* stream, tilewright::Stream* stream_there) override;
  MemoryStatistics memory_statistics() const override;
  void synchronize() override;
  std::vector<std::shared_ptr<tilewright::Stream>> streams() override;
};

}  // namespace tilewright::cpu
