// The only file that names every kind of device.
#include "hal/registry.h"

#include <charconv>

#include "base/error.h"
#include "cpu/device.h"
#include "cuda/device.h"

namespace tilewright {
namespace {

const std::shared_ptr<Device>& open_host() {
  // Never destroyed: streams may still run while the process exits.
  static auto* const device = new std::shared_ptr<Device>(std::make_shared<cpu::Device>());
  return *device;
}

}  // namespace

std::shared_ptr<Device> open_device(std::string_view name) {
  if (name == "cpu" || name == "cpu:0") return open_host();
  if (name == "cuda") return cuda::Device::open(0);
  if (name.starts_with("cuda:")) {
    const std::string_view digits = name.substr(5);
    int index = -1;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), index);
    if (error == std::errc() && end == digits.end() && index >= 0) return cuda::Device::open(index);
  }
  const auto length = static_cast<int>(name.size());
  fail(Fault::device, "no device '%.*s', expected 'cpu' or 'cuda:0' and the like", length,
       name.data());
}

std::vector<std::shared_ptr<Device>> opened_devices() {
  std::vector<std::shared_ptr<Device>> devices{open_host()};
  for (auto& device : cuda::Device::all_opened()) devices.push_back(std::move(device));
  return devices;
}

Device& open_device(int ordinal) {
  if (ordinal == host_ordinal) return *open_host();
  return cuda::Device::of(ordinal);
}

}  // namespace tilewright
