// The machine that emulated kernels run on, as they see it: one block of threads after another.
//
// Each thread is a fiber. Between barriers the threads run one after another in random order, and
// every access to memory is looked at: it must lie in an array or in the block's shared memory, and
// what two threads touch, one of them writing, must have a barrier in between.
#pragma once

extern "C" {

struct EmulatedIndex {
  unsigned x, y, z;
};

EmulatedIndex emulated_thread();
EmulatedIndex emulated_block();
EmulatedIndex emulated_threads();
EmulatedIndex emulated_blocks();

// The block's dynamic shared memory.
void* emulated_shared();

// Wait for all threads of the block at this line; how many of them held true.
int emulated_barrier(int line, int is_true);

// Wait for the lanes of a mask at this line; what each of them gave, 64 bytes apart. With
// `is_fence` what they did to memory before is seen after.
const unsigned char* emulated_exchange(int line, unsigned mask, const void* data, int bytes,
                                       bool is_fence);
unsigned emulated_live_lanes();

// What a thread does to memory by other ways than those the compiler shows.
void emulated_read(const void* place, unsigned long bytes);
void emulated_write(void* place, unsigned long bytes);
void emulated_atomic(void* place, unsigned long bytes);

// Copies that are not there before they are waited for.
void emulated_copy(void* target, const void* source, int bytes, int count);
void emulated_commit();
void emulated_wait(int groups);

// Stop the launch with a message.
[[noreturn]] void emulated_fault(const char* format, ...);

// Memory that a launch may use. `is_exclusive`: two threads must not touch it without a barrier in
// between, one of them reading and one writing; in shared memory not both writing either.
struct EmulatedRange {
  unsigned char* begin;
  unsigned long bytes;
  int is_exclusive;
};

struct EmulatedLaunch {
  void (*kernel)(const void* arguments, const void* services);
  const void* arguments;
  const void* services;
  int threads;
  int blocks;
  unsigned long shared_bytes;
  unsigned long seed;
  EmulatedRange statics;    // variables in shared memory
  EmulatedRange constants;  // the image of the code
  const EmulatedRange* ranges;
  int range_count;
  const int* has_failed;  // not 0 once the code has told of a failure: threads may then leave
  char* message;          // of 1024 bytes; empty if all went well
  void* culprit;          // where in the code, or null
};

void emulate(EmulatedLaunch* launch);
}
