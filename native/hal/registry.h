// Which kinds of device exist.
//
// Devices are opened once and kept. Thread-safe.
#pragma once

#include <memory>
#include <string_view>

#include "hal/device.h"

namespace tilewright {

// The device called `name`, such as "cpu". Throws DeviceError if there is none.
std::shared_ptr<Device> open_device(std::string_view name);

}  // namespace tilewright
