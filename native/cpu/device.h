// The host as a device.
//
// Holds nothing: code, streams and memory stand on their own. Thread-safe.
#pragma once

#include "hal/device.h"

namespace tilewright::cpu {

class Device final : public tilewright::Device {
 public:
  std::string name() const override { return "cpu"; }
  std::shared_ptr<tilewright::Executable> load(const ExecutableSource& source) override;
  std::shared_ptr<tilewright::Stream> create_stream() override;
  std::shared_ptr<tilewright::Event> create_event(bool timing) override;
  std::shared_ptr<tilewright::Buffer> allocate(std::size_t bytes) override;
  std::vector<std::shared_ptr<tilewright::Stream>> streams() override;
};

}  // namespace tilewright::cpu
