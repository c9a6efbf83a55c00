// The arithmetic of relocations: patches one place of a section that lies at a known address.
//
// Pure functions over bytes; nothing is kept. Works for either machine on either machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tilewright::cpu {

// The machines whose objects we know, by their number in an ELF header.
enum class Machine : std::uint16_t { x86_64 = 62, aarch64 = 183 };

// The machine this process runs on.
Machine host_machine();

// The name of the machine with this number, for messages.
const char* machine_name(unsigned number);

// How many bytes a relocation of this type touches; 0 for one that does nothing.
// Throws ObjectError for a type we do not support.
std::size_t relocation_size(Machine machine, std::uint32_t type);

// Patch `place`, which will run at `place_address`, to refer to `target` (symbol plus addend).
// Throws ObjectError if the distance does not fit the instruction.
void relocate(Machine machine, std::uint32_t type, std::byte* place, std::uint64_t place_address,
              std::uint64_t target);

}  // namespace tilewright::cpu
