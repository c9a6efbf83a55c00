// Makes the host's versions of the five nouns, and moves memory at once.
#include "cpu/device.h"

#include <cstring>

#include "cpu/event.h"
#include "cpu/executable.h"
#include "cpu/memory.h"
#include "cpu/stream.h"

namespace tilewright::cpu {
namespace {

// What is done here comes behind what the stream was given.
void catch_up(tilewright::Stream* stream) {
  if (stream != nullptr) stream->wait(stream->submitted());
}

}  // namespace

std::shared_ptr<tilewright::Executable> Device::load(const ExecutableSource& source) {
  return std::make_shared<Executable>(source);
}

std::shared_ptr<tilewright::Stream> Device::create_stream() { return Stream::create(); }

std::shared_ptr<tilewright::Event> Device::create_event(bool timing) {
  return std::make_shared<Event>(timing);
}

std::shared_ptr<tilewright::Buffer> Device::allocate(std::size_t bytes,
                                                     std::shared_ptr<tilewright::Stream>) {
  return std::make_shared<Buffer>(bytes);
}

void Device::fill(void* memory, unsigned char value, std::size_t bytes,
                  tilewright::Stream* stream) {
  catch_up(stream);
  if (bytes != 0) std::memset(memory, value, bytes);
}

void Device::copy_in(void* target, const void* host, std::size_t bytes,
                     tilewright::Stream* stream) {
  catch_up(stream);
  if (bytes != 0) std::memmove(target, host, bytes);
}

void Device::copy_out(void* host, const void* source, std::size_t bytes,
                      tilewright::Stream* stream) {
  copy_in(host, source, bytes, stream);
}

void Device::copy(void* target, const void* source, tilewright::Device&, std::size_t bytes,
                  tilewright::Stream* stream, tilewright::Stream*) {
  copy_in(target, source, bytes, stream);
}

MemoryStatistics Device::memory_statistics() const { return Buffer::statistics(); }

void Device::synchronize() {
  for (const auto& stream : streams()) stream->wait(stream->submitted());
}

std::vector<std::shared_ptr<tilewright::Stream>> Device::streams() { return Stream::all(); }

}  // namespace tilewright::cpu
