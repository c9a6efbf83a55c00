// Which kinds of device exist.
//
// Devices are opened once and kept for ever, so that what depends on one may refer to it.
// Thread-safe.
#pragma once

#include <memory>
#include <string_view>

#include "hal/device.h"

namespace tilewright {

// The device called `name`, such as "cpu", "cuda" or "cuda:1". Throws DeviceError if there is none.
std::shared_ptr<Device> open_device(std::string_view name);

// The device of a number.
Device& open_device(int ordinal);

// The host, and all others that were opened.
std::vector<std::shared_ptr<Device>> opened_devices();

}  // namespace tilewright
