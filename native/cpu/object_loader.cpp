// Parses, lays out, relocates and protects a relocatable ELF object.
//
// The bytes may come from a damaged or hostile file: every offset, count and index is checked
// before it is used. All fields are read by copy, so the bytes need no alignment.
#include "cpu/object_loader.h"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"

namespace tilewright::cpu {
namespace {

// Keeps every distance inside an image within 32 bits.
constexpr std::uint64_t image_limit = std::uint64_t{1} << 30;
constexpr std::uint32_t unwind_type = 0x70000001;  // SHT_X86_64_UNWIND, missing in older elf.h

// What a section may do once it is mapped; the order is the order in memory.
enum class Protection { execute, read, write, none };

struct Section {
  Elf64_Shdr header;
  const char* name;
  Protection protection = Protection::none;  // `none`: not mapped
  std::uint64_t offset = 0;                  // in the image
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool contains(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }

  template <class T>
  T read(std::uint64_t offset, const char* what) const {
    if (!contains(offset, sizeof(T))) fail(Fault::object, "object is cut off in its %s", what);
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::string_view slice(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (!contains(offset, size)) fail(Fault::object, "object is cut off in its %s", what);
    return bytes_.substr(offset, size);
  }

 private:
  std::string_view bytes_;
};

// A table of names; every name in it ends before its end.
class StringTable {
 public:
  StringTable() = default;
  explicit StringTable(std::string_view bytes) : bytes_(bytes) {
    if (bytes_.empty() || bytes_.back() != '\0') {
      fail(Fault::object, "object has a string table without an end");
    }
  }

  const char* at(std::uint64_t offset) const {
    if (offset >= bytes_.size()) fail(Fault::object, "object has a name outside its string table");
    return bytes_.data() + offset;
  }

 private:
  std::string_view bytes_;
};

Protection protection_of(const Elf64_Shdr& header, const char* name) {
  if ((header.sh_flags & SHF_ALLOC) == 0) return Protection::none;
  if ((header.sh_flags & SHF_TLS) != 0) {
    fail(Fault::object, "section '%s' is thread-local, which is not supported", name);
  }
  if ((header.sh_flags & SHF_COMPRESSED) != 0) {
    fail(Fault::object, "section '%s' is compressed, which is not supported", name);
  }
  switch (header.sh_type) {
    case SHT_NULL:
    case SHT_NOTE:
    case unwind_type: return Protection::none;
    case SHT_PROGBITS:
    case SHT_NOBITS: break;
    default:
      fail(Fault::object, "section '%s' has type %u, which is not supported", name, header.sh_type);
  }
  if (std::strcmp(name, ".eh_frame") == 0) return Protection::none;  // kernels never unwind
  const bool writable = (header.sh_flags & SHF_WRITE) != 0;
  const bool executable = (header.sh_flags & SHF_EXECINSTR) != 0;
  if (writable && executable) {
    fail(Fault::object, "section '%s' is writable and executable", name);
  }
  if (executable) return Protection::execute;
  if (writable && !std::string_view(name).starts_with(".data.rel.ro")) return Protection::write;
  return Protection::read;
}

// The object as tables, each checked to lie inside the bytes.
class Object {
 public:
  Object(std::string_view bytes, Machine machine) : reader_(bytes), machine_(machine) {
    read_header();
    read_sections();
    read_symbol_table();
  }

  std::vector<Section>& sections() { return sections_; }

  std::uint64_t symbol_count() const { return symbol_count_; }

  Elf64_Sym symbol(std::uint64_t index) const {
    if (index >= symbol_count_) fail(Fault::object, "object has a symbol index out of range");
    return reader_.read<Elf64_Sym>(symbols_offset_ + index * sizeof(Elf64_Sym), "symbol table");
  }

  const char* symbol_name(const Elf64_Sym& symbol) const {
    return symbol_names_.at(symbol.st_name);
  }

  // The section a symbol is defined in; throws if it is in none that is mapped.
  const Section& section_of(const Elf64_Sym& symbol) const {
    const char* name = symbol_name(symbol);
    if (symbol.st_shndx == SHN_UNDEF) fail(Fault::object, "symbol '%s' is undefined", name);
    if (symbol.st_shndx >= sections_.size()) {
      fail(Fault::object, "symbol '%s' is in no ordinary section", name);
    }
    const Section& section = sections_[symbol.st_shndx];
    if (section.protection == Protection::none) {
      fail(Fault::object, "symbol '%s' is in section '%s', which is not loaded", name,
           section.name);
    }
    if (symbol.st_value > section.header.sh_size) {
      fail(Fault::object, "symbol '%s' lies outside its section", name);
    }
    return section;
  }

  void check_symbols() const;
  std::uint64_t find_entry(std::string_view entry) const;  // offset in the image

  template <class Visit>
  void for_each_relocation(Visit visit) const;

  const Reader& reader() const { return reader_; }

 private:
  void read_header();
  void read_sections();
  void read_symbol_table();

  Reader reader_;
  Machine machine_;
  Elf64_Ehdr header_{};
  std::vector<Section> sections_;
  std::size_t symbol_section_ = 0;
  std::uint64_t symbols_offset_ = 0;
  std::uint64_t symbol_count_ = 0;
  StringTable symbol_names_;
};

void Object::read_header() {
  header_ = reader_.read<Elf64_Ehdr>(0, "header");
  if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) fail(Fault::object, "not an ELF object");
  if (header_.e_ident[EI_CLASS] != ELFCLASS64) fail(Fault::object, "object is not 64-bit");
  if (header_.e_ident[EI_DATA] != ELFDATA2LSB) fail(Fault::object, "object is not little-endian");
  if (header_.e_ident[EI_VERSION] != EV_CURRENT) {
    fail(Fault::object, "object has an unknown ELF version");
  }
  if (header_.e_machine != static_cast<unsigned>(machine_)) {
    fail(Fault::object, "object is for %s (machine %u), not for %s",
         machine_name(header_.e_machine), header_.e_machine,
         machine_name(static_cast<unsigned>(machine_)));
  }
  if (header_.e_type != ET_REL) fail(Fault::object, "object is not relocatable");
  if (header_.e_shentsize != sizeof(Elf64_Shdr) || header_.e_shnum == 0) {
    fail(Fault::object, "object has no usable section table");
  }
}

void Object::read_sections() {
  const std::uint64_t table_size = std::uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr);
  const std::string_view table = reader_.slice(header_.e_shoff, table_size, "section table");
  sections_.resize(header_.e_shnum);
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    std::memcpy(&sections_[i].header, table.data() + i * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr));
  }
  if (header_.e_shstrndx >= sections_.size()) {
    fail(Fault::object, "object has no table of section names");
  }
  const Elf64_Shdr& names_header = sections_[header_.e_shstrndx].header;
  if (names_header.sh_type != SHT_STRTAB) {
    fail(Fault::object, "object has no table of section names");
  }
  const StringTable names(
      reader_.slice(names_header.sh_offset, names_header.sh_size, "section names"));
  for (Section& section : sections_) {
    section.name = names.at(section.header.sh_name);
    section.protection = protection_of(section.header, section.name);
    if (section.protection == Protection::none) continue;
    if (section.header.sh_type != SHT_NOBITS) {
      reader_.slice(section.header.sh_offset, section.header.sh_size, "section contents");
    }
    const std::uint64_t alignment = section.header.sh_addralign;
    if ((alignment & (alignment - 1)) != 0 || alignment > 4096) {
      fail(Fault::object, "section '%s' has a bad alignment", section.name);
    }
  }
}

void Object::read_symbol_table() {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    if (sections_[i].header.sh_type != SHT_SYMTAB) continue;
    if (symbol_section_ != 0) fail(Fault::object, "object has two symbol tables");
    symbol_section_ = i;
  }
  if (symbol_section_ == 0) fail(Fault::object, "object has no symbol table");
  const Elf64_Shdr& table = sections_[symbol_section_].header;
  if (table.sh_entsize != sizeof(Elf64_Sym) || table.sh_size % sizeof(Elf64_Sym) != 0) {
    fail(Fault::object, "object has a malformed symbol table");
  }
  reader_.slice(table.sh_offset, table.sh_size, "symbol table");
  symbols_offset_ = table.sh_offset;
  symbol_count_ = table.sh_size / sizeof(Elf64_Sym);
  if (table.sh_link >= sections_.size() || sections_[table.sh_link].header.sh_type != SHT_STRTAB) {
    fail(Fault::object, "object has no table of symbol names");
  }
  const Elf64_Shdr& names = sections_[table.sh_link].header;
  symbol_names_ = StringTable(reader_.slice(names.sh_offset, names.sh_size, "symbol names"));
}

// Refuse what would need somebody else: all undefined symbols at once, then other kinds.
void Object::check_symbols() const {
  std::string undefined;
  for (std::uint64_t i = 1; i < symbol_count_; ++i) {
    const Elf64_Sym symbol = this->symbol(i);
    const char* name = symbol_name(symbol);
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    if (type == STT_TLS) fail(Fault::object, "symbol '%s' is thread-local", name);
    if (type == STT_GNU_IFUNC) fail(Fault::object, "symbol '%s' is chosen at run time", name);
    if (symbol.st_shndx == SHN_COMMON) fail(Fault::object, "symbol '%s' is common", name);
    if (symbol.st_shndx == SHN_XINDEX) fail(Fault::object, "object has too many sections");
    if (symbol.st_shndx != SHN_UNDEF || undefined.size() > 200) continue;
    undefined += (undefined.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  if (!undefined.empty()) {
    fail(Fault::object, "object uses undefined symbols: %s", undefined.c_str());
  }
}

std::uint64_t Object::find_entry(std::string_view entry) const {
  for (std::uint64_t i = 1; i < symbol_count_; ++i) {
    const Elf64_Sym symbol = this->symbol(i);
    if (entry != symbol_name(symbol)) continue;
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
    const Section& section = section_of(symbol);
    const bool misaligned = machine_ == Machine::aarch64 && symbol.st_value % 4 != 0;
    if (section.protection != Protection::execute || misaligned ||
        symbol.st_value >= section.header.sh_size) {
      fail(Fault::object, "entry '%s' is not in executable code", symbol_name(symbol));
    }
    return section.offset + symbol.st_value;
  }
  fail(Fault::object, "object has no function '%.*s'", static_cast<int>(entry.size()),
       entry.data());
}

template <class Visit>
void Object::for_each_relocation(Visit visit) const {
  for (const Section& table : sections_) {
    const Elf64_Shdr& header = table.header;
    if (header.sh_type != SHT_RELA && header.sh_type != SHT_REL) continue;
    if (header.sh_info >= sections_.size()) {
      fail(Fault::object, "relocations '%s' are for no section", table.name);
    }
    const Section& section = sections_[header.sh_info];
    if (section.protection == Protection::none) continue;
    if (header.sh_type != SHT_RELA || header.sh_entsize != sizeof(Elf64_Rela) ||
        header.sh_size % sizeof(Elf64_Rela) != 0 || header.sh_link != symbol_section_ ||
        section.header.sh_type == SHT_NOBITS) {
      fail(Fault::object, "relocations '%s' are malformed", table.name);
    }
    const std::string_view entries = reader_.slice(header.sh_offset, header.sh_size, "relocations");
    for (std::size_t at = 0; at < entries.size(); at += sizeof(Elf64_Rela)) {
      Elf64_Rela relocation;
      std::memcpy(&relocation, entries.data() + at, sizeof relocation);
      const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(relocation.r_info));
      const std::size_t touched = relocation_size(machine_, type);
      if (touched == 0) continue;
      if (relocation.r_offset > section.header.sh_size ||
          touched > section.header.sh_size - relocation.r_offset) {
        fail(Fault::object, "a relocation lies outside section '%s'", section.name);
      }
      visit(section, relocation, type);
    }
  }
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

// Where each kind of protection ends in the image; they lie one after the other, page by page.
struct ImageLayout {
  std::uint64_t execute_end = 0;
  std::uint64_t read_end = 0;
  std::uint64_t size = 0;
};

ImageLayout lay_out(std::vector<Section>& sections, std::uint64_t page) {
  std::uint64_t end = 0;
  const auto place = [&](Protection protection) {
    for (Section& section : sections) {
      if (section.protection != protection) continue;
      end = round_up(end, section.header.sh_addralign > 1 ? section.header.sh_addralign : 1);
      section.offset = end;
      if (section.header.sh_size > image_limit || end + section.header.sh_size > image_limit) {
        fail(Fault::object, "object is larger than 1 GiB");
      }
      end += section.header.sh_size;
    }
    end = round_up(end, page);
    return end;
  };
  ImageLayout layout;
  layout.execute_end = place(Protection::execute);
  layout.read_end = place(Protection::read);
  layout.size = place(Protection::write);
  return layout;
}

void protect(std::byte* base, std::uint64_t begin, std::uint64_t end, int protection) {
  if (begin == end || mprotect(base + begin, end - begin, protection) == 0) return;
  fail(Fault::device, "the system refuses to make memory executable or read-only: %s",
       std::strerror(errno));
}

}  // namespace

LoadedObject::LoadedObject(std::string_view bytes, std::string_view entry, Machine machine) {
  Object object(bytes, machine);
  object.check_symbols();
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const ImageLayout layout = lay_out(object.sections(), page);
  const std::uint64_t entry_offset = object.find_entry(entry);

  void* mapping =
      mmap(nullptr, layout.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    fail(Fault::device, "cannot map %llu bytes for code: %s",
         static_cast<unsigned long long>(layout.size), std::strerror(errno));
  }
  // From here the mapping belongs to this object, but its destructor runs only if we return.
  base_ = static_cast<std::byte*>(mapping);
  size_ = layout.size;
  try {
    for (const Section& section : object.sections()) {
      if (section.protection == Protection::none || section.header.sh_type == SHT_NOBITS) continue;
      const std::string_view contents =
          object.reader().slice(section.header.sh_offset, section.header.sh_size, "section");
      if (!contents.empty()) std::memcpy(base_ + section.offset, contents.data(), contents.size());
    }
    object.for_each_relocation(
        [&](const Section& section, const Elf64_Rela& relocation, std::uint32_t type) {
          const Elf64_Sym symbol = object.symbol(ELF64_R_SYM(relocation.r_info));
          std::uint64_t address = symbol.st_value;
          if (symbol.st_shndx != SHN_ABS) {
            address += reinterpret_cast<std::uint64_t>(base_) + object.section_of(symbol).offset;
          }
          std::byte* place = base_ + section.offset + relocation.r_offset;
          relocate(machine, type, place, reinterpret_cast<std::uint64_t>(place),
                   address + static_cast<std::uint64_t>(relocation.r_addend));
        });
    protect(base_, 0, layout.execute_end, PROT_READ | PROT_EXEC);
    protect(base_, layout.execute_end, layout.read_end, PROT_READ);
  } catch (...) {
    munmap(base_, size_);
    throw;
  }
  auto* code = reinterpret_cast<char*>(base_);
  __builtin___clear_cache(code, code + layout.execute_end);
  entry_ = base_ + entry_offset;
}

LoadedObject::~LoadedObject() { munmap(base_, size_); }

}  // namespace tilewright::cpu
