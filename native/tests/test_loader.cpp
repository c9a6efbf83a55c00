// The object loader: what it runs, what it refuses, and that damage never gets through.
#include <unistd.h>

#include <random>

#include "base/error.h"
#include "cpu/object_loader.h"
#include "tests/check.h"
#include "tests/elf_writer.h"

namespace tilewright {
namespace {

using cpu::LoadedObject;
using cpu::Machine;
using test::ElfWriter;

constexpr std::uint64_t constant = SHF_ALLOC;
constexpr std::uint64_t variable = SHF_ALLOC | SHF_WRITE;

std::string refusal(const ElfWriter& writer, Machine machine = Machine::x86_64) {
  const std::string bytes = writer.write();
  return test::error_of<ObjectError>([&] { LoadedObject object(bytes, "entry", machine); });
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// `lea rax, [rip + table]; mov eax, [rax]; ret`, and a table elsewhere.
ElfWriter table_reader() {
  ElfWriter writer;
  const unsigned text = writer.add_text(std::string("\x48\x8d\x05\0\0\0\0\x8b\x00\xc3", 10));
  const unsigned table =
      writer.add_section(".rodata", SHT_PROGBITS, constant, std::string("\0\0\0\0\x2a\0\0\0", 8));
  writer.add_symbol("entry", text, 0);
  const unsigned symbol = writer.add_symbol("table", table, 4, STT_OBJECT, STB_LOCAL);
  writer.add_relocation(text, 3, symbol, R_X86_64_PC32, -4);
  return writer;
}

#if defined(__x86_64__)
TEST(loader_runs_code_that_reads_a_constant) {
  const LoadedObject object(table_reader().write(), "entry");
  const auto entry = reinterpret_cast<int (*)()>(reinterpret_cast<std::uintptr_t>(object.entry()));
  CHECK(entry() == 42);
}

TEST(loader_fills_addresses_and_gives_variables) {
  ElfWriter writer;  // mov rax, [rip + pointer]; inc dword [rax]; mov eax, [rax]; ret
  const unsigned text =
      writer.add_text(std::string("\x48\x8b\x05\0\0\0\0\xff\x00\x8b\x00\xc3", 12));
  const unsigned pointer =
      writer.add_section(".data.rel.ro", SHT_PROGBITS, variable, std::string(8, '\0'));
  const unsigned data = writer.add_section(".bss", SHT_NOBITS, variable, std::string(64, '\0'));
  writer.add_symbol("entry", text, 0);
  const unsigned pointer_symbol = writer.add_symbol("p", pointer, 0, STT_OBJECT);
  const unsigned data_symbol = writer.add_symbol("d", data, 8, STT_OBJECT);
  writer.add_relocation(text, 3, pointer_symbol, R_X86_64_PC32, -4);
  writer.add_relocation(pointer, 0, data_symbol, R_X86_64_64, 16);
  const LoadedObject object(writer.write(), "entry");
  const auto entry = reinterpret_cast<int (*)()>(reinterpret_cast<std::uintptr_t>(object.entry()));
  CHECK(entry() == 1 && entry() == 2);
}
#endif

TEST(loader_names_what_it_refuses) {
  ElfWriter undefined = table_reader();
  undefined.add_symbol("expf", SHN_UNDEF, 0, STT_NOTYPE);
  undefined.add_symbol("memcpy", SHN_UNDEF, 0, STT_NOTYPE);
  CHECK(contains(refusal(undefined), "'expf', 'memcpy'"));

  ElfWriter both = table_reader();
  both.add_section(".wx", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR, "x");
  CHECK(contains(refusal(both), "'.wx' is writable and executable"));

  ElfWriter local = table_reader();
  local.add_section(".tbss", SHT_NOBITS, SHF_ALLOC | SHF_TLS | SHF_WRITE, "x");
  CHECK(contains(refusal(local), "thread-local"));

  ElfWriter constructors = table_reader();
  constructors.add_section(".init_array", SHT_INIT_ARRAY, variable, std::string(8, '\0'));
  CHECK(contains(refusal(constructors), ".init_array"));

  ElfWriter unknown = table_reader();
  unknown.add_relocation(1, 3, 2, R_X86_64_32S, 0);
  CHECK(contains(refusal(unknown), "type 11"));

  ElfWriter outside = table_reader();
  outside.add_relocation(1, 8, 2, R_X86_64_PC32, 0);
  CHECK(contains(refusal(outside), "outside section"));

  ElfWriter huge = table_reader();
  huge.header(huge.add_section(".bss", SHT_NOBITS, variable, "")).sh_size = ~std::uint64_t{0};
  CHECK(contains(refusal(huge), "larger than 1 GiB"));

  ElfWriter far = table_reader();
  far.add_relocation(1, 3, 2, R_X86_64_PC32, std::int64_t{1} << 33);
  CHECK(contains(refusal(far), "out of range"));

  CHECK(contains(refusal(ElfWriter(EM_AARCH64)), "for aarch64 (machine 183), not for x86-64"));
  CHECK(contains(refusal(ElfWriter()), "no function 'entry'"));

  ElfWriter data_entry;
  data_entry.add_symbol("entry", data_entry.add_section(".rodata", SHT_PROGBITS, constant, "abcd"),
                        0);
  CHECK(contains(refusal(data_entry), "not in executable code"));
  ElfWriter end_entry;
  end_entry.add_symbol("entry", end_entry.add_text("\xc3"), 1);
  CHECK(contains(refusal(end_entry), "not in executable code"));
  CHECK(!test::error_of<ObjectError>([] { LoadedObject object("", "entry"); }).empty());
}

TEST(loader_skips_unwind_tables) {
  ElfWriter writer = table_reader();
  const unsigned frame = writer.add_section(".eh_frame", SHT_PROGBITS, constant, "frame data");
  writer.add_relocation(frame, 0, 1, 9999, 0);
  CHECK(refusal(writer).empty());
}

TEST(loader_survives_damage) {
  const std::string whole = table_reader().write();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut(whole.data(), size);
    CHECK(!test::error_of<ObjectError>([&] {
             LoadedObject object(cut, "entry", Machine::x86_64);
           }).empty());
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = whole;
    for (int flips = 1 + round % 4; flips > 0; --flips) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      LoadedObject object(damaged, "entry", Machine::x86_64);
    } catch (const ObjectError&) {
    } catch (const DeviceError&) {
    }
  }
}

TEST(aarch64_objects_are_linked) {
  // adrp x0, table; ldr w0, [x0, :lo12:table]; bl function; ret
  ElfWriter writer(EM_AARCH64);
  const std::string code("\0\0\0\x90\0\0\x40\xb9\0\0\0\x94\xc0\x03\x5f\xd6", 16);
  const unsigned text = writer.add_text(code + code);
  const unsigned table =
      writer.add_section(".rodata", SHT_PROGBITS, constant, std::string(64, 'x'));
  writer.add_symbol("entry", text, 0);
  const unsigned function = writer.add_symbol("function", text, 16);
  const unsigned symbol = writer.add_symbol("table", table, 8, STT_OBJECT);
  writer.add_relocation(text, 0, symbol, R_AARCH64_ADR_PREL_PG_HI21, 0);
  writer.add_relocation(text, 4, symbol, R_AARCH64_LDST32_ABS_LO12_NC, 4);
  writer.add_relocation(text, 8, function, R_AARCH64_CALL26, 0);
  const LoadedObject object(writer.write(), "entry", Machine::aarch64);
  std::uint32_t words[3];
  std::memcpy(words, object.entry(), sizeof words);
  // The constants lie on the system's next page, counted in pages of 4 KiB.
  const auto pages = static_cast<std::uint32_t>(sysconf(_SC_PAGESIZE) / 4096);
  CHECK(words[0] == (0x90000000 | (pages & 3) << 29 | (pages >> 2) << 5));
  CHECK(words[1] == (0xb9400000 | 3 << 10));
  CHECK(words[2] == (0x94000000 | 2));

  ElfWriter odd(EM_AARCH64);
  odd.add_symbol("entry", odd.add_text(code), 2);
  CHECK(contains(refusal(odd, Machine::aarch64), "not in executable code"));
}

std::uint32_t patched(std::uint32_t type, std::uint32_t instruction, std::uint64_t place,
                      std::uint64_t target) {
  std::byte bytes[4];
  std::memcpy(bytes, &instruction, 4);
  cpu::relocate(Machine::aarch64, type, bytes, place, target);
  std::memcpy(&instruction, bytes, 4);
  return instruction;
}

TEST(aarch64_fields_are_those_of_the_manual) {
  CHECK(patched(R_AARCH64_ADR_PREL_PG_HI21, 0x90000000, 0x1000, 0x3000) == 0xd0000000);
  CHECK(patched(R_AARCH64_ADR_PREL_PG_HI21, 0x90000000, 0x1ffc, 0x1000) == 0x90000000);
  CHECK(patched(R_AARCH64_ADR_PREL_PG_HI21, 0x90000000, 0x5000, 0x4fff) == 0xf0ffffe0);
  CHECK(patched(R_AARCH64_ADD_ABS_LO12_NC, 0x91000000, 0, 0x12345) == 0x910d1400);
  CHECK(patched(R_AARCH64_LDST8_ABS_LO12_NC, 0x39400000, 0, 0x1fff) == 0x397ffc00);
  CHECK(patched(R_AARCH64_LDST16_ABS_LO12_NC, 0x79400000, 0, 0x1ffe) == 0x795ffc00);
  CHECK(patched(R_AARCH64_LDST64_ABS_LO12_NC, 0xf9400000, 0, 0x1ff8) == 0xf947fc00);
  CHECK(patched(R_AARCH64_LDST128_ABS_LO12_NC, 0x3dc00000, 0, 0x1ff0) == 0x3dc3fc00);
  CHECK(patched(R_AARCH64_CALL26, 0x94000000, 0x2000, 0x1000) == 0x97fffc00);
  CHECK(patched(R_AARCH64_JUMP26, 0x14000000, 0x1000, 0x1008) == 0x14000002);
  const auto error = [](std::uint32_t type, std::uint64_t target) {
    return test::error_of<ObjectError>([&] { patched(type, 0, 0, target); });
  };
  CHECK(!error(R_AARCH64_CALL26, 1 << 27).empty() && !error(R_AARCH64_CALL26, 2).empty());
  CHECK(error(R_AARCH64_CALL26, (1 << 27) - 4).empty());
  CHECK(!error(R_AARCH64_ADR_PREL_PG_HI21, std::uint64_t{1} << 32).empty());
  CHECK(!error(R_AARCH64_LDST128_ABS_LO12_NC, 8).empty());
  CHECK(!error(R_AARCH64_PREL32, std::uint64_t{1} << 31).empty());
}

}  // namespace
}  // namespace tilewright
