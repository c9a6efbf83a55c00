// A fixed-size queue from many threads to one reader that forgets the oldest when it is full.
//
// It owns its slots; `T` is copied in and out bytewise. `push` is lock-free and may be called by
// any thread; `drain` by one thread at a time, while others push.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace tilewright {

template <class T, std::size_t capacity>
class Ring {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0);
  static_assert((capacity & (capacity - 1)) == 0, "the capacity is a power of two");

 public:
  // Append `value`. It is dropped if another thread has been writing the same slot for a whole lap.
  void push(const T& value) noexcept {
    const std::uint64_t ticket = head_.fetch_add(1, std::memory_order_relaxed);
    Slot& slot = slots_[ticket & (capacity - 1)];
    std::uint64_t state = slot.state.load(std::memory_order_relaxed);
    if ((state & 1) != 0 || state > writing(ticket)) return;
    if (!slot.state.compare_exchange_strong(state, writing(ticket), std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
      return;
    }
    std::uint64_t words[word_count];
    std::memcpy(words, &value, sizeof value);
    // Release and acquire on every word: a reader that sees one of them also sees `writing`.
    for (std::size_t i = 0; i < word_count; ++i) {
      slot.words[i].store(words[i], std::memory_order_release);
    }
    slot.state.store(written(ticket), std::memory_order_release);
  }

  // Hand every value pushed since the last drain and not yet overwritten to `take`, oldest first.
  template <class Take>
  void drain(Take take) {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    if (head - tail_ > capacity) tail_ = head - capacity;
    for (; tail_ != head; ++tail_) {
      Slot& slot = slots_[tail_ & (capacity - 1)];
      if (slot.state.load(std::memory_order_acquire) != written(tail_)) continue;
      std::uint64_t words[word_count];
      for (std::size_t i = 0; i < word_count; ++i) {
        words[i] = slot.words[i].load(std::memory_order_acquire);
      }
      if (slot.state.load(std::memory_order_relaxed) != written(tail_)) continue;
      T value;
      std::memcpy(&value, words, sizeof value);
      take(value);
    }
  }

 private:
  static constexpr std::size_t word_count = sizeof(T) / sizeof(std::uint64_t);

  struct Slot {
    std::atomic<std::uint64_t> state{0};
    std::array<std::atomic<std::uint64_t>, word_count> words{};
  };

  static constexpr std::uint64_t writing(std::uint64_t ticket) { return 2 * ticket + 1; }
  static constexpr std::uint64_t written(std::uint64_t ticket) { return 2 * ticket + 2; }

  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::uint64_t tail_ = 0;
  std::array<Slot, capacity> slots_{};
};

}  // namespace tilewright
