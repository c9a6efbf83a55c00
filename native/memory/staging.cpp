// Chunks in the order they were given back: the first is the first to be free again.
#include "memory/staging.h"

#include <utility>

namespace tilewright {
namespace {

// Enough to copy one while others are on their way.
constexpr std::size_t enough_chunks = 4;

}  // namespace

void* Staging::acquire() {
  Chunk chunk{};
  bool are_enough = false;
  {
    const std::lock_guard guard(lock_);
    if (!chunks_.empty()) {
      are_enough = chunks_.size() >= enough_chunks;
      chunk = std::move(chunks_.front());
      chunks_.pop_front();
    }
  }
  if (chunk.memory == nullptr) return obtain_();
  if (chunk.fence == nullptr || chunk.fence->is_passed()) return chunk.memory;
  if (are_enough) {
    chunk.fence->wait();
    return chunk.memory;
  }
  {
    const std::lock_guard guard(lock_);
    chunks_.push_front(std::move(chunk));
  }
  return obtain_();
}

void Staging::release(void* chunk, std::unique_ptr<Fence> fence) {
  const std::lock_guard guard(lock_);
  if (fence == nullptr) return chunks_.push_front({chunk, nullptr});
  chunks_.push_back({chunk, std::move(fence)});
}

}  // namespace tilewright
