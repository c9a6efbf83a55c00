// Size classes, the blocks nobody uses, and who holds the rest.
#include "memory/pool.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <functional>
#include <utility>

#include "base/error.h"

namespace tilewright {
namespace {

constexpr std::size_t smallest = 512;  // what the driver aligns to
constexpr int steps_of_octave = 8;     // at most an eighth of a block is beyond what was asked for
constexpr std::size_t holders_listed = 5;

// Bytes for people.
std::string readable(std::size_t bytes) {
  constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

// Streams that used memory may be of another device than its own: where that is lost, no work of it
// runs any more.
bool is_passed_or_lost(const std::unique_ptr<Fence>& fence) {
  try {
    return fence->is_passed();
  } catch (const DeviceError&) {
    return true;
  }
}

void wait_unless_lost(Fence& fence) {
  try {
    fence.wait();
  } catch (const DeviceError&) {
    // Nobody uses it then.
  }
}

}  // namespace

// Memory of a pool, which has it back when the last owner lets go.
class PooledBuffer final : public Buffer {
 public:
  PooledBuffer(std::shared_ptr<Pool> pool, void* memory, std::size_t size, std::size_t block_bytes,
               std::shared_ptr<Stream> stream)
      : pool_(std::move(pool)),
        memory_(memory),
        size_(size),
        block_bytes_(block_bytes),
        stream_(std::move(stream)) {}
  ~PooledBuffer() override { pool_->release(*this); }

  void* data() const override { return memory_; }
  std::size_t size() const override { return size_; }
  int ordinal() const override { return pool_->ordinal_; }

  void use_on(const std::shared_ptr<Stream>& stream) override {
    if (stream == stream_) [[likely]]
      return;
    const std::lock_guard guard(lock_);
    if (std::find(others_.begin(), others_.end(), stream) == others_.end()) {
      others_.push_back(stream);
    }
  }

 private:
  friend class Pool;

  const std::shared_ptr<Pool> pool_;
  void* const memory_;
  const std::size_t size_;
  const std::size_t block_bytes_;  // 0: it has no block
  const std::shared_ptr<Stream> stream_;
  std::mutex lock_;  // of `others_`
  std::vector<std::shared_ptr<Stream>> others_;
  PooledBuffer* next_ = nullptr;  // both under the pool's lock
  PooledBuffer* previous_ = nullptr;
};

Pool::Pool(std::string device, int ordinal, std::unique_ptr<PoolSource> source)
    : device_(std::move(device)), ordinal_(ordinal), source_(std::move(source)) {}

Pool::~Pool() {
  for (auto& [bytes, blocks] : free_) {
    for (Block& block : blocks) source_->give_back(block.memory);
  }
}

std::size_t Pool::size_class(std::size_t bytes) {
  if (bytes <= smallest) return smallest;
  const std::size_t step = std::max(std::bit_floor(bytes - 1) / steps_of_octave, smallest);
  return (bytes + step - 1) / step * step;
}

std::shared_ptr<Buffer> Pool::allocate(std::size_t bytes, std::shared_ptr<Stream> stream) {
  constexpr std::size_t most = std::size_t{1} << 60;
  if (bytes > most) fail_for_want(bytes);
  const std::size_t block_bytes = bytes == 0 ? 0 : size_class(bytes);
  void* memory = nullptr;
  if (block_bytes != 0) {
    memory = take(block_bytes, *stream);
    if (memory == nullptr) memory = obtain(block_bytes, bytes);
  }
  auto buffer = std::make_shared<PooledBuffer>(shared_from_this(), memory, bytes, block_bytes,
                                               std::move(stream));
  {
    const std::lock_guard guard(lock_);
    buffer->next_ = first_;
    if (first_ != nullptr) first_->previous_ = buffer.get();
    first_ = buffer.get();
    statistics_.used += bytes;
    statistics_.peak = std::max(statistics_.peak, statistics_.used);
    ++statistics_.allocations;
  }
  buffer->stream_->keep(buffer);
  return buffer;
}

// A free block of a class that work of `stream` may use now; null if there is none. What a graph
// records runs in the order of other streams, too.
void* Pool::take(std::size_t bytes, const Stream& stream) {
  const auto is_in_order = [&](const Block& block) {
    return block.stream == stream.id() && !stream.is_recorded();
  };
  Blocks blocks;
  {
    const std::lock_guard guard(lock_);
    const auto found = free_.find(bytes);
    if (found == free_.end() || found->second.empty()) return nullptr;
    Block& last = found->second.back();
    if (is_in_order(last) && last.others.empty()) [[likely]] {
      void* const memory = last.memory;
      const std::unique_ptr<Fence> not_needed = std::move(last.home);
      found->second.pop_back();
      return memory;
    }
    blocks = std::exchange(found->second, {});
  }
  const auto is_fit = [&](Block& block) {
    return (is_in_order(block) || block.home->is_passed()) &&
           std::all_of(block.others.begin(), block.others.end(), is_passed_or_lost);
  };
  // The one freed last first: its memory may still be in a cache.
  const auto found = std::find_if(blocks.rbegin(), blocks.rend(), is_fit);
  void* memory = nullptr;
  if (found != blocks.rend()) {
    memory = found->memory;
    blocks.erase(std::next(found).base());
  }
  put(bytes, std::move(blocks));
  return memory;
}

// New memory from the device, if need be after giving back what nobody uses.
void* Pool::obtain(std::size_t bytes, std::size_t wanted) {
  void* memory = source_->obtain(bytes);
  if (memory == nullptr) {
    trim();
    memory = source_->obtain(bytes);
  }
  if (memory == nullptr) fail_for_want(wanted);
  const std::lock_guard guard(lock_);
  statistics_.reserved += bytes;
  return memory;
}

void Pool::release(PooledBuffer& buffer) noexcept {
  {
    const std::lock_guard guard(lock_);
    (buffer.previous_ == nullptr ? first_ : buffer.previous_->next_) = buffer.next_;
    if (buffer.next_ != nullptr) buffer.next_->previous_ = buffer.previous_;
    statistics_.used -= buffer.size_;
    --statistics_.allocations;
  }
  if (buffer.block_bytes_ == 0) return;
  try {
    Blocks blocks(1);
    blocks[0].memory = buffer.memory_;
    blocks[0].stream = buffer.stream_->id();
    blocks[0].home = source_->fence(*buffer.stream_);
    for (const auto& stream : buffer.others_) {
      if (!stream->is_lost()) blocks[0].others.push_back(source_->fence(*stream));
    }
    put(buffer.block_bytes_, std::move(blocks));
  } catch (...) {
    // The device is lost, or memory of the host is: nobody knows when the block is free.
    const std::lock_guard guard(lock_);
    statistics_.reserved -= buffer.block_bytes_;
  }
}

void Pool::put(std::size_t bytes, Blocks blocks) {
  const std::lock_guard guard(lock_);
  Blocks& all = free_[bytes];
  std::move(blocks.begin(), blocks.end(), std::back_inserter(all));
}

void Pool::trim() {
  std::map<std::size_t, Blocks> unused;
  {
    const std::lock_guard guard(lock_);
    unused = std::exchange(free_, {});
    for (const auto& [bytes, blocks] : unused) statistics_.reserved -= bytes * blocks.size();
  }
  for (auto& [bytes, blocks] : unused) {
    for (Block& block : blocks) {
      block.home->wait();
      for (auto& fence : block.others) wait_unless_lost(*fence);
      source_->give_back(block.memory);
    }
  }
}

MemoryStatistics Pool::statistics() const {
  const std::lock_guard guard(lock_);
  return statistics_;
}

void Pool::fail_for_want(std::size_t wanted) {
  std::map<std::size_t, std::size_t, std::greater<>> holders;  // how many of which size
  std::size_t used = 0;
  {
    const std::lock_guard guard(lock_);
    used = statistics_.used;
    for (const PooledBuffer* it = first_; it != nullptr; it = it->next_) ++holders[it->size_];
  }
  std::string text;
  std::size_t listed = 0;
  for (const auto& [size, count] : holders) {
    if (size == 0 || listed++ == holders_listed) break;
    if (!text.empty()) text += ", ";
    text.append(std::to_string(count)).append(" of ").append(readable(size));
  }
  const PoolSource::Room room = source_->room();
  fail(Fault::device,
       "out of memory on %s: cannot allocate %zu bytes (%s)\n"
       "note: of its %s Tilewright's arrays use %s%s%s; %s are free, others hold the rest",
       device_.c_str(), wanted, readable(wanted).c_str(), readable(room.total).c_str(),
       readable(used).c_str(), text.empty() ? "" : ", the largest are ", text.c_str(),
       readable(room.free).c_str());
}

}  // namespace tilewright
