// What devices are not asked for unless they can do it.
#include "hal/device.h"

#include "base/error.h"

namespace tilewright {

const std::shared_ptr<Stream>& Device::default_stream() {
  static const std::shared_ptr<Stream> none;
  return none;
}

const std::shared_ptr<Stream>& Device::borrow_stream(std::uintptr_t) {
  fail(Fault::device, "%s has no streams of other libraries", name().c_str());
}

std::unique_ptr<Report> Executable::enqueue(const Launch& launch, Stream&) const {
  fail(Fault::launch, "%s runs at once, not in the order of a device's stream", launch.name);
}

}  // namespace tilewright
