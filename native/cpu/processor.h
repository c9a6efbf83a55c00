// What the processor says about itself: vendor, model, features by LLVM's names.
//
// Nothing is kept. Thread-safe. Identifying a processor with tiles asks the system for the right to
// use them.
#pragma once

#include <string>
#include <vector>

#include "cpu/topology.h"

namespace tilewright::cpu {

struct Processor {
  std::string vendor;
  std::string model;
  std::string level;  // the largest x86-64 psABI level all of whose features are usable, or aarch64
  std::vector<std::string> features;  // usable: the processor has them, the system allows them
};

Processor identify_processor();

// The caches by the processor's own account; empty where it gives none.
std::vector<Cache> caches_by_instruction();

}  // namespace tilewright::cpu
