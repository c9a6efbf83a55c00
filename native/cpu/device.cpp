// Makes the host's versions of the five nouns.
#include "cpu/device.h"

#include "cpu/event.h"
#include "cpu/executable.h"
#include "cpu/memory.h"
#include "cpu/stream.h"

namespace tilewright::cpu {

std::shared_ptr<tilewright::Executable> Device::load(const ExecutableSource& source) {
  return std::make_shared<Executable>(source);
}

std::shared_ptr<tilewright::Stream> Device::create_stream() { return Stream::create(); }

std::shared_ptr<tilewright::Event> Device::create_event(bool timing) {
  return std::make_shared<Event>(timing);
}

std::shared_ptr<tilewright::Buffer> Device::allocate(std::size_t bytes) {
  return std::make_shared<Buffer>(bytes);
}

std::vector<std::shared_ptr<tilewright::Stream>> Device::streams() { return Stream::all(); }

}  // namespace tilewright::cpu
