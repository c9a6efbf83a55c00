// Fibers for threads, barriers, warps, and a watch over every access to memory.
#include "machine.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

namespace {

constexpr int most_threads = 1024;
constexpr std::size_t stack_bytes = 256 << 10;
constexpr std::size_t shared_capacity = 256 << 10;
constexpr std::size_t guard_bytes = 64 << 10;
constexpr unsigned char poison = 0xA5;
constexpr int payload = 64;     // bytes that a lane gives at most
constexpr int snapshots = 128;  // exchanges of a warp that lanes may not have looked at yet

// --- fibers

// Save what a function must keep, put the stack pointer at `from`, go on at `to`.
extern "C" void emulated_switch(void** from, void* to);
#if defined(__x86_64__)
asm(R"(
  .text
  .type emulated_switch, @function
emulated_switch:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
  .size emulated_switch, . - emulated_switch
)");
constexpr int saved_words = 7;
constexpr int link_word = 6;
constexpr int padding_words = 1;  // a function begins with the stack 8 bytes off a multiple of 16
#elif defined(__aarch64__)
asm(R"(
  .text
  .type emulated_switch, %function
emulated_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
  .size emulated_switch, . - emulated_switch
)");
constexpr int saved_words = 20;
constexpr int link_word = 11;
constexpr int padding_words = 0;
#else
#error "no fibers for this machine"
#endif

enum class State : unsigned char { runnable, at_barrier, in_exchange, ended };

struct Copy {
  unsigned char* target;
  const unsigned char* source;
  int bytes, count;
};

struct Fiber {
  void* stack;  // where it goes on
  State state;
  int line;       // where it waits
  unsigned mask;  // with whom
  bool is_fence;  // and whether that orders memory
  int result;     // of a barrier
  int snapshot;   // of an exchange
  std::vector<Copy> begun;
  std::deque<std::vector<Copy>> groups;
};

struct Warp {
  int next_snapshot;
  unsigned epoch;
  alignas(16) unsigned char given[32][payload];
  alignas(16) unsigned char seen[snapshots][32][payload];
};

// --- who touched a byte

enum class Readers : unsigned char { none, one, warp, several };

struct Touch {
  unsigned write_epoch, write_warp_epoch;
  unsigned read_epoch, read_warp_epoch;
  unsigned short writer, reader;
  Readers readers;
};

struct Watched {
  unsigned char* begin;
  unsigned char* end;
  std::vector<Touch> touches;  // empty: not watched
  bool is_shared;
};

struct Machine {
  EmulatedLaunch* launch;
  Fiber fibers[most_threads];
  Warp warps[most_threads / 32];
  unsigned char* stacks;
  unsigned char* shared;
  void* scheduler;
  std::vector<int> runnable;
  int current, live, waiting, first_waiting, sum, block;
  unsigned epoch;  // of the block: how many barriers there were
  std::uint64_t random;
  std::vector<Watched> watched;  // arrays in order, then shared memory
  bool is_over;
  sigjmp_buf fault;
};

Machine* machine;

Fiber& self() { return machine->fibers[machine->current]; }

std::uint64_t draw() {
  std::uint64_t& x = machine->random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x * 0x2545F4914F6CDD1Dull >> 32;
}

[[noreturn]] void stop(void* culprit, const char* format, va_list values) {
  EmulatedLaunch& launch = *machine->launch;
  char* text = launch.message;
  const int used =
      std::snprintf(text, 1024, "block %d, thread %d: ", machine->block, machine->current);
  std::vsnprintf(text + used, 1024 - used, format, values);
  launch.culprit = culprit;
  machine->is_over = true;
  void* nowhere;
  emulated_switch(&nowhere, machine->scheduler);
  std::abort();
}

[[noreturn]] void stop_at(void* culprit, const char* format, ...) {
  va_list values;
  va_start(values, format);
  stop(culprit, format, values);
}

void give_way() { emulated_switch(&self().stack, machine->scheduler); }

void wake(int thread) {
  machine->fibers[thread].state = State::runnable;
  machine->runnable.push_back(thread);
}

void begin_fiber() {
  machine->launch->kernel(machine->launch->arguments, machine->launch->services);
  self().state = State::ended;
  --machine->live;
  give_way();
}

void prepare(int thread) {
  Fiber& fiber = machine->fibers[thread];
  auto* top = reinterpret_cast<std::uintptr_t*>(machine->stacks + (thread + 1) * stack_bytes);
  std::uintptr_t* words = top - saved_words - padding_words;
  std::memset(words, 0, (saved_words + padding_words) * sizeof(*words));
  words[link_word] = reinterpret_cast<std::uintptr_t>(&begin_fiber);
  fiber.stack = words;
  fiber.begun.clear();
  fiber.groups.clear();
  wake(thread);
}

// --- waiting

void release_barrier() {
  for (int thread = 0; thread < machine->launch->threads; ++thread) {
    if (machine->fibers[thread].state == State::ended) continue;
    machine->fibers[thread].result = machine->sum;
    wake(thread);
  }
  machine->waiting = machine->sum = 0;
  ++machine->epoch;
}

bool release_exchange(int first) {
  const int base = first & ~31;
  const Fiber& arrived = machine->fibers[first];
  for (int lane = 0; lane < 32; ++lane) {
    if (!(arrived.mask >> lane & 1)) continue;
    const Fiber& other = machine->fibers[base + lane];
    if (other.state == State::ended && *machine->launch->has_failed != 0) continue;
    if (other.state != State::in_exchange || other.line != arrived.line ||
        other.mask != arrived.mask) {
      return false;
    }
  }
  Warp& warp = machine->warps[base / 32];
  const int snapshot = warp.next_snapshot++ % snapshots;
  std::memcpy(warp.seen[snapshot], warp.given, sizeof warp.given);
  warp.epoch += arrived.is_fence;
  for (int lane = 0; lane < 32; ++lane) {
    if (!(arrived.mask >> lane & 1)) continue;
    machine->fibers[base + lane].snapshot = snapshot;
    if (machine->fibers[base + lane].state == State::ended) continue;
    if (base + lane != machine->current) wake(base + lane);
  }
  return true;
}

const char* name_of(State state) {
  switch (state) {
    case State::at_barrier: return "waits at the barrier of line";
    case State::in_exchange: return "waits for its warp at line";
    case State::ended: return "has ended, at last after line";
    case State::runnable: break;
  }
  return "runs";
}

// Nobody can go on: say who waits for whom.
void tell_deadlock() {
  int waiting = -1, other = -1;
  for (int thread = 0; thread < machine->launch->threads; ++thread) {
    if (machine->fibers[thread].state != State::ended && waiting < 0) waiting = thread;
  }
  const Fiber& one = machine->fibers[waiting];
  for (int thread = 0; thread < machine->launch->threads && other < 0; ++thread) {
    const Fiber& two = machine->fibers[thread];
    const bool is_with = one.state == State::at_barrier ||
                         (thread / 32 == waiting / 32 && (one.mask >> (thread & 31) & 1));
    if (is_with && (two.state != one.state || two.line != one.line || two.mask != one.mask)) {
      other = thread;
    }
  }
  if (other < 0) other = waiting;
  const Fiber& two = machine->fibers[other];
  std::snprintf(machine->launch->message, 1024,
                "block %d: divergence: thread %d %s %d, thread %d %s %d", machine->block, waiting,
                name_of(one.state), one.line, other, name_of(two.state), two.line);
}

// --- watching memory

bool is_ordered(unsigned epoch, unsigned warp_epoch, int thread) {
  if (epoch != machine->epoch || thread == machine->current) return true;
  return thread / 32 == machine->current / 32 &&
         warp_epoch != machine->warps[machine->current / 32].epoch;
}

[[noreturn]] void tell_race(void* culprit, const Watched& range, const unsigned char* place,
                            const char* done, const char* before, int thread) {
  stop_at(culprit, "race: %s byte %ld of %s, which thread %d %s with no barrier in between", done,
          static_cast<long>(place - range.begin), range.is_shared ? "shared memory" : "an array",
          thread, before);
}

void touch_read(Watched& range, const unsigned char* place, void* culprit) {
  Touch& touch = range.touches[place - range.begin];
  if (!is_ordered(touch.write_epoch, touch.write_warp_epoch, touch.writer)) {
    tell_race(culprit, range, place, "reads", "wrote", touch.writer);
  }
  const int me = machine->current;
  const bool is_first = touch.read_epoch != machine->epoch || touch.readers == Readers::none;
  if (is_first) {
    touch.readers = Readers::one;
  } else if (touch.reader != me) {
    const bool is_same_warp = touch.reader / 32 == me / 32 && touch.readers != Readers::several;
    touch.readers = is_same_warp ? Readers::warp : Readers::several;
  }
  touch.reader = me;
  touch.read_epoch = machine->epoch;
  touch.read_warp_epoch = machine->warps[me / 32].epoch;
}

void touch_write(Watched& range, const unsigned char* place, void* culprit) {
  Touch& touch = range.touches[place - range.begin];
  const int me = machine->current;
  if (range.is_shared && !is_ordered(touch.write_epoch, touch.write_warp_epoch, touch.writer)) {
    tell_race(culprit, range, place, "writes", "wrote", touch.writer);
  }
  if (touch.read_epoch == machine->epoch && touch.readers != Readers::none) {
    const bool is_mine = touch.readers == Readers::one && touch.reader == me;
    const bool is_before = touch.readers != Readers::several && touch.reader / 32 == me / 32 &&
                           touch.read_warp_epoch != machine->warps[me / 32].epoch;
    if (!is_mine && !is_before) tell_race(culprit, range, place, "writes", "read", touch.reader);
  }
  touch.writer = me;
  touch.write_epoch = machine->epoch;
  touch.write_warp_epoch = machine->warps[me / 32].epoch;
}

Watched* find_range(const unsigned char* place) {
  for (Watched& range : machine->watched) {
    if (place >= range.begin && place < range.end) return &range;
  }
  return nullptr;
}

[[noreturn]] void tell_outside(const unsigned char* place, unsigned long bytes, const char* done,
                               void* culprit) {
  const long from_shared = place - machine->shared;
  if (from_shared >= -static_cast<long>(guard_bytes) &&
      from_shared < static_cast<long>(shared_capacity + guard_bytes)) {
    stop_at(culprit, "%s %lu bytes at %ld of shared memory, which has %lu", done, bytes,
            from_shared, machine->launch->shared_bytes);
  }
  for (const Watched& range : machine->watched) {
    if (place < range.end + 4096 && place + 4096 >= range.begin) {
      stop_at(culprit, "%s %lu bytes at %ld of an array of %ld", done, bytes,
              static_cast<long>(place - range.begin), static_cast<long>(range.end - range.begin));
    }
  }
  stop_at(culprit, "%s %lu bytes at %p, where there is no array", done, bytes,
          static_cast<const void*>(place));
}

enum class Access { read, write, atomic };

void watch(const void* address, unsigned long bytes, Access access, void* culprit) {
  const auto* place = static_cast<const unsigned char*>(address);
  const auto from_stacks = static_cast<std::size_t>(place - machine->stacks);
  if (from_stacks < most_threads * stack_bytes) return;
  // The word of an atomic on a small element may reach past the ends of its array.
  const bool is_part = access == Access::atomic && bytes == 4;
  Watched* range = find_range(place);
  for (int k = 1; k < 4 && is_part && range == nullptr; ++k) range = find_range(place + k);
  if (is_part && range != nullptr) return;
  if (range == nullptr || place + bytes > range->end) {
    const EmulatedRange& constants = machine->launch->constants;
    const bool is_constant =
        place >= constants.begin && place + bytes <= constants.begin + constants.bytes;
    if (is_constant && access == Access::read) return;
    tell_outside(place, bytes, access == Access::read ? "reads" : "writes", culprit);
  }
  if (access == Access::atomic || range->touches.empty()) return;
  for (unsigned long k = 0; k < bytes; ++k) {
    if (access == Access::read) {
      touch_read(*range, place + k, culprit);
    } else {
      touch_write(*range, place + k, culprit);
    }
  }
}

void add_range(const EmulatedRange& range, bool is_shared) {
  Watched watched{range.begin, range.begin + range.bytes, {}, is_shared};
  if (range.is_exclusive) watched.touches.resize(range.bytes);
  machine->watched.push_back(std::move(watched));
}

// --- one block

void run_block(int block) {
  const EmulatedLaunch& launch = *machine->launch;
  std::memset(machine->shared - guard_bytes, poison, shared_capacity + 2 * guard_bytes);
  std::memset(launch.statics.begin, poison, launch.statics.bytes);
  machine->block = block;
  machine->live = launch.threads;
  machine->waiting = machine->sum = 0;
  ++machine->epoch;
  machine->runnable.clear();
  for (int thread = 0; thread < launch.threads; ++thread) prepare(thread);
  std::vector<int>& runnable = machine->runnable;
  while (!runnable.empty() && !machine->is_over) {
    std::swap(runnable[draw() % runnable.size()], runnable.back());
    machine->current = runnable.back();
    runnable.pop_back();
    emulated_switch(&machine->scheduler, self().stack);
    const bool is_excused = *launch.has_failed != 0 && machine->waiting > 0;
    const int expected = is_excused ? machine->live : launch.threads;
    if (runnable.empty() && machine->waiting == expected) release_barrier();
  }
  if (!machine->is_over && machine->live > 0) {
    tell_deadlock();
    machine->is_over = true;
  }
}

void on_fault(int, siginfo_t* info, void*) {
  std::snprintf(machine->launch->message, 1024, "block %d, thread %d: no memory at %p",
                machine->block, machine->current, info->si_addr);
  siglongjmp(machine->fault, 1);
}

unsigned char* map(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  return static_cast<unsigned char*>(memory);
}

void start_machine() {
  if (machine != nullptr) return;
  machine = new Machine();
  machine->stacks = map(most_threads * stack_bytes);
  machine->shared = map(shared_capacity + 2 * guard_bytes) + guard_bytes;
}

}  // namespace

extern "C" {

EmulatedIndex emulated_thread() { return {static_cast<unsigned>(machine->current), 0, 0}; }
EmulatedIndex emulated_block() { return {static_cast<unsigned>(machine->block), 0, 0}; }
EmulatedIndex emulated_threads() { return {static_cast<unsigned>(machine->launch->threads), 1, 1}; }
EmulatedIndex emulated_blocks() { return {static_cast<unsigned>(machine->launch->blocks), 1, 1}; }

void* emulated_shared() {
  start_machine();
  return machine->shared;
}

int emulated_barrier(int line, int is_true) {
  Fiber& me = self();
  me.state = State::at_barrier;
  me.line = line;
  me.mask = 0;
  if (machine->waiting++ == 0) machine->first_waiting = machine->current;
  const int other = machine->first_waiting;
  if (machine->fibers[other].line != line) {
    stop_at(nullptr, "divergence: waits at the barrier of line %d, thread %d at that of line %d",
            line, other, machine->fibers[other].line);
  }
  machine->sum += is_true != 0;
  give_way();
  return self().result;
}

const unsigned char* emulated_exchange(int line, unsigned mask, const void* data, int bytes,
                                       bool is_fence) {
  const int thread = machine->current;
  Fiber& me = self();
  if (!(mask >> (thread & 31) & 1)) {
    stop_at(nullptr, "is not in the mask 0x%08x of line %d", mask, line);
  }
  Warp& warp = machine->warps[thread / 32];
  std::memcpy(warp.given[thread & 31], data, bytes);
  me.state = State::in_exchange;
  me.line = line;
  me.mask = mask;
  me.is_fence = is_fence;
  if (release_exchange(thread)) {
    wake(thread);
  }
  give_way();
  return warp.seen[me.snapshot][0];
}

unsigned emulated_live_lanes() {
  unsigned lanes = 0;
  const int base = machine->current & ~31;
  for (int lane = 0; lane < 32; ++lane) {
    lanes |= static_cast<unsigned>(machine->fibers[base + lane].state != State::ended) << lane;
  }
  return lanes;
}

void emulated_read(const void* place, unsigned long bytes) {
  watch(place, bytes, Access::read, __builtin_return_address(0));
}

void emulated_write(void* place, unsigned long bytes) {
  watch(place, bytes, Access::write, __builtin_return_address(0));
}

void emulated_atomic(void* place, unsigned long bytes) {
  if (reinterpret_cast<std::uintptr_t>(place) % bytes != 0) {
    stop_at(__builtin_return_address(0), "an atomic at %p, no multiple of %lu", place, bytes);
  }
  watch(place, bytes, Access::atomic, __builtin_return_address(0));
}

void emulated_copy(void* target, const void* source, int bytes, int count) {
  void* culprit = __builtin_return_address(0);
  const auto at =
      reinterpret_cast<std::uintptr_t>(target) | reinterpret_cast<std::uintptr_t>(source);
  if (at % bytes != 0 || count < 0 || count > bytes) {
    stop_at(culprit, "copies %d bytes, %d of them from %p, to %p", bytes, count, source, target);
  }
  watch(target, bytes, Access::write, culprit);
  if (count > 0) watch(source, count, Access::read, culprit);
  std::memset(target, poison, bytes);
  self().begun.push_back({static_cast<unsigned char*>(target),
                          static_cast<const unsigned char*>(source), bytes, count});
}

void emulated_commit() {
  self().groups.push_back(std::move(self().begun));
  self().begun.clear();
}

void emulated_wait(int groups) {
  std::deque<std::vector<Copy>>& pending = self().groups;
  while (static_cast<int>(pending.size()) > groups) {
    for (const Copy& copy : pending.front()) {
      std::memset(copy.target, 0, copy.bytes);
      if (copy.count > 0) std::memcpy(copy.target, copy.source, copy.count);
    }
    pending.pop_front();
  }
}

void emulated_fault(const char* format, ...) {
  va_list values;
  va_start(values, format);
  stop(__builtin_return_address(0), format, values);
}

void emulate(EmulatedLaunch* launch) {
  start_machine();
  machine->launch = launch;
  machine->is_over = false;
  machine->random = launch->seed * 0x9E3779B97F4A7C15ull | 1;
  machine->epoch = 0;
  launch->message[0] = 0;
  launch->culprit = nullptr;
  machine->watched.clear();
  for (int k = 0; k < launch->range_count; ++k) add_range(launch->ranges[k], false);
  add_range({machine->shared, launch->shared_bytes, 1}, true);
  add_range(launch->statics, true);

  stack_t signals{}, signals_before{};
  static unsigned char signal_stack[64 << 10];
  signals.ss_sp = signal_stack;
  signals.ss_size = sizeof signal_stack;
  struct sigaction action{}, before{}, bus_before{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaltstack(&signals, &signals_before);
  sigaction(SIGSEGV, &action, &before);
  sigaction(SIGBUS, &action, &bus_before);
  if (sigsetjmp(machine->fault, 1) == 0) {
    for (int block = 0; block < launch->blocks && !machine->is_over; ++block) run_block(block);
  }
  sigaction(SIGSEGV, &before, nullptr);
  sigaction(SIGBUS, &bus_before, nullptr);
  sigaltstack(&signals_before, nullptr);
}

// What g++ calls under -fsanitize=thread; the library that usually has these is not linked.
#define WATCH(name, access, bytes)                            \
  void __tsan_##name##bytes(void* place) {                    \
    watch(place, bytes, access, __builtin_return_address(0)); \
  }
#define WATCH_ALL(bytes)                                \
  WATCH(read, Access::read, bytes)                      \
  WATCH(write, Access::write, bytes)                    \
  WATCH(unaligned_read, Access::read, bytes)            \
  WATCH(unaligned_write, Access::write, bytes)          \
  WATCH(volatile_read, Access::atomic, bytes)           \
  WATCH(volatile_write, Access::atomic, bytes)          \
  WATCH(unaligned_volatile_read, Access::atomic, bytes) \
  WATCH(unaligned_volatile_write, Access::atomic, bytes)
WATCH_ALL(1)
WATCH_ALL(2)
WATCH_ALL(4)
WATCH_ALL(8)
WATCH_ALL(16)
void __tsan_read_range(void* place, unsigned long bytes) {
  watch(place, bytes, Access::read, __builtin_return_address(0));
}
void __tsan_write_range(void* place, unsigned long bytes) {
  watch(place, bytes, Access::write, __builtin_return_address(0));
}
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

// And under -fsanitize=alignment, signed-integer-overflow, ...: all begin with where they stand.
struct UndefinedPlace {
  const char* file;
  unsigned line, column;
};
#define UNDEFINED(name, what)                                                      \
  void __ubsan_handle_##name(const UndefinedPlace* at, void* value) {              \
    stop_at(nullptr, "%s at %s:%u (operand %p)", what, at->file, at->line, value); \
  }
UNDEFINED(type_mismatch_v1, "misaligned access")
UNDEFINED(add_overflow, "overflow of a sum")
UNDEFINED(sub_overflow, "overflow of a difference")
UNDEFINED(mul_overflow, "overflow of a product")
UNDEFINED(negate_overflow, "overflow of a negation")
UNDEFINED(divrem_overflow, "a division without a result")
UNDEFINED(shift_out_of_bounds, "a shift by the width or more")
UNDEFINED(out_of_bounds, "an index outside")
UNDEFINED(builtin_unreachable, "what was said not to be reached")
UNDEFINED(load_invalid_value, "a byte that is no value of its type")
}
