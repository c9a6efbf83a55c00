// Writes small relocatable objects, whole or broken on purpose, for tests of the loader.
//
// A value that collects sections and symbols; `write` lays them out. One thread.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace tilewright::test {

class ElfWriter {
 public:
  explicit ElfWriter(unsigned machine = EM_X86_64) : machine_(static_cast<Elf64_Half>(machine)) {
    add_section("", SHT_NULL, 0, "", 0);
    symbols_.push_back({});
  }

  // The index of the new section.
  unsigned add_section(const std::string& name, unsigned type, std::uint64_t flags,
                       const std::string& contents, std::uint64_t alignment = 16) {
    Part part{};
    part.name = name;
    part.contents = contents;
    part.header.sh_type = type;
    part.header.sh_flags = flags;
    part.header.sh_size = contents.size();
    part.header.sh_addralign = alignment;
    parts_.push_back(part);
    return static_cast<unsigned>(parts_.size() - 1);
  }

  unsigned add_text(const std::string& code) {
    return add_section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code);
  }

  Elf64_Shdr& header(unsigned section) { return parts_[section].header; }

  // The index of the new symbol.
  unsigned add_symbol(const std::string& name, unsigned section, std::uint64_t value,
                      unsigned type = STT_FUNC, unsigned binding = STB_GLOBAL) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<Elf64_Word>(symbol_names_.size());
    symbol_names_ += name + '\0';
    symbol.st_info = static_cast<unsigned char>(ELF64_ST_INFO(binding, type));
    symbol.st_shndx = static_cast<Elf64_Section>(section);
    symbol.st_value = value;
    symbols_.push_back(symbol);
    return static_cast<unsigned>(symbols_.size() - 1);
  }

  void add_relocation(unsigned section, std::uint64_t offset, std::uint64_t symbol,
                      std::uint64_t type, std::int64_t addend) {
    relocations_.push_back({section, {offset, ELF64_R_INFO(symbol, type), addend}});
  }

  std::string write() const {
    std::vector<Part> parts = parts_;
    const auto symtab = static_cast<Elf64_Word>(parts.size());
    append(parts, ".symtab", SHT_SYMTAB, bytes_of(symbols_));
    parts.back().header.sh_entsize = sizeof(Elf64_Sym);
    parts.back().header.sh_link = symtab + 1;
    append(parts, ".strtab", SHT_STRTAB, symbol_names_);
    for (const auto& [section, entry] : relocations_) {
      append(parts, ".rela" + parts_[section].name, SHT_RELA,
             {reinterpret_cast<const char*>(&entry), sizeof entry});
      parts.back().header.sh_entsize = sizeof(Elf64_Rela);
      parts.back().header.sh_link = symtab;
      parts.back().header.sh_info = section;
    }
    append(parts, ".shstrtab", SHT_STRTAB, "");
    for (Part& part : parts) {
      part.header.sh_name = static_cast<Elf64_Word>(parts.back().contents.size());
      const std::string name = part.name + '\0';
      parts.back().contents += name;
    }
    parts.back().header.sh_size = parts.back().contents.size();

    std::string out(sizeof(Elf64_Ehdr), '\0');
    for (Part& part : parts) {
      while (out.size() % 16 != 0) out += '\0';
      part.header.sh_offset = out.size();
      if (part.header.sh_type != SHT_NOBITS) out += part.contents;
    }
    while (out.size() % 16 != 0) out += '\0';
    Elf64_Ehdr file{};
    std::memcpy(file.e_ident, ELFMAG, SELFMAG);
    file.e_ident[EI_CLASS] = ELFCLASS64;
    file.e_ident[EI_DATA] = ELFDATA2LSB;
    file.e_ident[EI_VERSION] = EV_CURRENT;
    file.e_type = ET_REL;
    file.e_machine = machine_;
    file.e_version = EV_CURRENT;
    file.e_ehsize = sizeof file;
    file.e_shentsize = sizeof(Elf64_Shdr);
    file.e_shnum = static_cast<Elf64_Half>(parts.size());
    file.e_shstrndx = static_cast<Elf64_Half>(parts.size() - 1);
    file.e_shoff = out.size();
    for (const Part& part : parts) {
      out.append(reinterpret_cast<const char*>(&part.header), sizeof part.header);
    }
    std::memcpy(out.data(), &file, sizeof file);
    return out;
  }

 private:
  struct Part {
    std::string name;
    std::string contents;
    Elf64_Shdr header;
  };

  static std::string bytes_of(const std::vector<Elf64_Sym>& symbols) {
    return {reinterpret_cast<const char*>(symbols.data()), symbols.size() * sizeof(Elf64_Sym)};
  }

  static void append(std::vector<Part>& parts, const std::string& name, unsigned type,
                     const std::string& contents) {
    Part part{};
    part.name = name;
    part.contents = contents;
    part.header.sh_type = type;
    part.header.sh_size = contents.size();
    part.header.sh_addralign = 1;
    parts.push_back(part);
  }

  struct Relocation {
    unsigned section;
    Elf64_Rela entry;
  };

  Elf64_Half machine_;
  std::vector<Part> parts_;
  std::vector<Elf64_Sym> symbols_;
  std::string symbol_names_ = std::string(1, '\0');
  std::vector<Relocation> relocations_;
};

}  // namespace tilewright::test
