// Relocations that code without imports, thread-local storage and a GOT needs; the rest is refused.
//
// Sources: System V ABI, AMD64 supplement, table 4.9; ELF for the Arm 64-bit Architecture, 5.7.
#include "cpu/relocate.h"

#include <elf.h>

#include <cstring>

#include "base/error.h"

namespace tilewright::cpu {
namespace {

constexpr std::uint64_t page_of(std::uint64_t address) { return address & ~std::uint64_t{0xfff}; }

// Whether `value` fits a signed integer of that many bits.
constexpr bool fits(std::int64_t value, int bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return value >= -limit && value < limit;
}

std::uint32_t load_word(const std::byte* place) {
  std::uint32_t word;
  std::memcpy(&word, place, sizeof word);
  return word;
}

template <class Word>
void store_word(std::byte* place, Word word) {
  std::memcpy(place, &word, sizeof word);
}

[[noreturn]] void fail_distance(std::uint32_t type) {
  fail(Fault::object, "relocation of type %u is out of range", type);
}

void store_distance32(std::byte* place, std::uint32_t type, std::int64_t distance) {
  if (!fits(distance, 32)) fail_distance(type);
  store_word(place, static_cast<std::uint32_t>(distance));
}

// Replace `width` bits of the instruction at `shift`.
void patch(std::byte* place, int shift, int width, std::uint64_t value) {
  const std::uint32_t mask = ((std::uint32_t{1} << width) - 1) << shift;
  const std::uint32_t field = (static_cast<std::uint32_t>(value) << shift) & mask;
  store_word(place, (load_word(place) & ~mask) | field);
}

void relocate_x86_64(std::uint32_t type, std::byte* place, std::uint64_t target,
                     std::int64_t distance) {
  switch (type) {
    case R_X86_64_64: store_word(place, target); return;
    case R_X86_64_PC64: store_word(place, distance); return;
    case R_X86_64_PC32:
    case R_X86_64_PLT32: store_distance32(place, type, distance); return;
    default: return;
  }
}

// log2 of the access size of a LDST*_ABS_LO12_NC relocation; -1 for other types.
int access_scale(std::uint32_t type) {
  switch (type) {
    case R_AARCH64_LDST8_ABS_LO12_NC: return 0;
    case R_AARCH64_LDST16_ABS_LO12_NC: return 1;
    case R_AARCH64_LDST32_ABS_LO12_NC: return 2;
    case R_AARCH64_LDST64_ABS_LO12_NC: return 3;
    case R_AARCH64_LDST128_ABS_LO12_NC: return 4;
    default: return -1;
  }
}

void relocate_aarch64(std::uint32_t type, std::byte* place, std::uint64_t place_address,
                      std::uint64_t target, std::int64_t distance) {
  if (const int scale = access_scale(type); scale >= 0) {
    const std::uint64_t low = target & 0xfff;
    if ((low & ((std::uint64_t{1} << scale) - 1)) != 0) {
      fail(Fault::object, "relocation of type %u has a misaligned target", type);
    }
    patch(place, 10, 12, low >> scale);
    return;
  }
  switch (type) {
    case R_AARCH64_ABS64: store_word(place, target); return;
    case R_AARCH64_PREL64: store_word(place, distance); return;
    case R_AARCH64_PREL32: store_distance32(place, type, distance); return;
    case R_AARCH64_ADD_ABS_LO12_NC: patch(place, 10, 12, target & 0xfff); return;
    case R_AARCH64_ADR_PREL_PG_HI21: {
      const auto pages = static_cast<std::int64_t>(page_of(target) - page_of(place_address)) >> 12;
      if (!fits(pages, 21)) fail_distance(type);
      patch(place, 29, 2, static_cast<std::uint64_t>(pages) & 3);
      patch(place, 5, 19, static_cast<std::uint64_t>(pages >> 2));
      return;
    }
    case R_AARCH64_CALL26:
    case R_AARCH64_JUMP26:
      if (!fits(distance, 28) || (distance & 3) != 0) fail_distance(type);
      patch(place, 0, 26, static_cast<std::uint64_t>(distance >> 2));
      return;
    default: return;
  }
}

}  // namespace

Machine host_machine() {
#if defined(__x86_64__)
  return Machine::x86_64;
#elif defined(__aarch64__)
  return Machine::aarch64;
#else
#error "Tilewright runs on x86-64 and aarch64"
#endif
}

const char* machine_name(unsigned number) {
  switch (number) {
    case EM_X86_64: return "x86-64";
    case EM_AARCH64: return "aarch64";
    case EM_386: return "x86";
    case EM_ARM: return "arm";
    case EM_RISCV: return "riscv";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390x";
    default: return "an unknown machine";
  }
}

std::size_t relocation_size(Machine machine, std::uint32_t type) {
  if (machine == Machine::x86_64) {
    switch (type) {
      case R_X86_64_NONE: return 0;
      case R_X86_64_64:
      case R_X86_64_PC64: return 8;
      case R_X86_64_PC32:
      case R_X86_64_PLT32: return 4;
      default: break;
    }
  } else {
    if (access_scale(type) >= 0) return 4;
    switch (type) {
      case R_AARCH64_NONE:
      case 256: return 0;  // 256 is the withdrawn number of R_AARCH64_NONE
      case R_AARCH64_ABS64:
      case R_AARCH64_PREL64: return 8;
      case R_AARCH64_PREL32:
      case R_AARCH64_ADR_PREL_PG_HI21:
      case R_AARCH64_ADD_ABS_LO12_NC:
      case R_AARCH64_CALL26:
      case R_AARCH64_JUMP26: return 4;
      default: break;
    }
  }
  fail(Fault::object, "relocation of type %u is not supported for %s", type,
       machine_name(static_cast<unsigned>(machine)));
}

void relocate(Machine machine, std::uint32_t type, std::byte* place, std::uint64_t place_address,
              std::uint64_t target) {
  const auto distance = static_cast<std::int64_t>(target - place_address);
  if (machine == Machine::x86_64) {
    relocate_x86_64(type, place, target, distance);
  } else {
    relocate_aarch64(type, place, place_address, target, distance);
  }
}

}  // namespace tilewright::cpu
