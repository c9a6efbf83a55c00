// Sleeping until a word changes: the two calls of Linux that need no lock and survive a fork.
//
// Stateless; the word belongs to the caller and must outlive every sleeper. Thread-safe.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace tilewright::cpu {

// Sleep unless `word` differs from `expected`; may return for no reason.
inline void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

// Wake up to `count` threads that sleep on `word`.
inline void futex_wake(const std::atomic<std::uint32_t>& word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

}  // namespace tilewright::cpu
