// The only file that names every kind of device.
#include "hal/registry.h"

#include "base/error.h"
#include "cpu/device.h"

namespace tilewright {

std::shared_ptr<Device> open_device(std::string_view name) {
  if (name == "cpu" || name == "cpu:0") {
    // Never destroyed: streams may still run while the process exits.
    static auto* const device = new std::shared_ptr<Device>(std::make_shared<cpu::Device>());
    return *device;
  }
  const auto length = static_cast<int>(name.size());
  if (name.starts_with("cuda")) {
    fail(Fault::device, "cannot open '%.*s': this build has no CUDA backend", length, name.data());
  }
  fail(Fault::device, "there is no device '%.*s'; there is 'cpu'", length, name.data());
}

}  // namespace tilewright
