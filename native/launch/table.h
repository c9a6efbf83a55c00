// The launch table: from the kinds of a call's arguments to what was compiled for them.
//
// It owns its values and its keys. Not thread-safe: its owner allows one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "launch/arguments.h"

namespace tilewright {

// Everything a call is specialised for, as words. Built on the stack of each launch.
class Key {
 public:
  // Word 0 is left for what is known last.
  Key() { words_[0] = 0; }

  void add(std::uint64_t word) { words_[size_++] = word; }
  void set_first(std::uint64_t word) { words_[0] = word; }

  const std::uint64_t* words() const { return words_; }
  std::size_t size() const { return size_; }

  std::uint64_t hash() const {
    // Multiplication carries low bits up, the shift brings high bits down (splitmix64's constant).
    std::uint64_t hash = size_;
    for (std::size_t i = 0; i < size_; ++i) {
      hash = (hash ^ words_[i]) * 0xbf58476d1ce4e5b9U;
      hash ^= hash >> 29;
    }
    return hash;
  }

 private:
  // For each value two words and all extents, for each struct one, and word 0; and for each value
  // or item that the call is tuned by a rank and extents.
  static constexpr std::size_t capacity = max_parameters * (2 + max_rank + 1 + 1 + max_rank) + 1;

  std::size_t size_ = 1;
  std::uint64_t words_[capacity];
};

// The word of an array; facts that do not count are false in it.
inline std::uint64_t key_word(const Array& array) {
  return std::uint64_t{1} | static_cast<std::uint64_t>(array.dtype) << 8 |
         static_cast<std::uint64_t>(array.rank) << 16 |
         static_cast<std::uint64_t>(static_cast<std::uint8_t>(array.unit_axis)) << 24 |
         static_cast<std::uint64_t>(array.aligned) << 32 |
         static_cast<std::uint64_t>(array.even) << 33;
}

// The words of structs: of a tuple of so many items, and of a class of structs by its number.
inline std::uint64_t key_word_of_tuple(std::uint64_t count) {
  return std::uint64_t{8} | count << 8;
}
inline std::uint64_t key_word_of_class(std::uint64_t number) {
  return std::uint64_t{9} | number << 8;
}

// The word of a scalar.
inline std::uint64_t key_word(const Scalar& scalar) {
  return std::uint64_t{2} | static_cast<std::uint64_t>(scalar.dtype) << 8;
}

// Open addressing, linear probing, at most half full; entries keep their address.
template <class Value>
class LaunchTable {
 public:
  // The value of `key`, or null.
  Value* find(const Key& key) {
    // Most calls are of the same kind as the one before.
    if (last_ != nullptr && last_->is_of(key)) [[likely]]
      return &last_->value;
    if (slots_.empty()) return nullptr;
    const std::uint64_t hash = key.hash();
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Entry* entry = slots_[i].get();
      if (entry == nullptr) return nullptr;
      if (entry->hash == hash && entry->is_of(key)) {
        last_ = entry;
        return &entry->value;
      }
    }
  }

  // Add a value for a key that has none.
  Value& insert(const Key& key, Value value) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    auto entry = std::make_unique<Entry>(Entry{
        key.hash(), key.size(), std::make_unique<std::uint64_t[]>(key.size()), std::move(value)});
    std::memcpy(entry->words.get(), key.words(), key.size() * sizeof(std::uint64_t));
    ++count_;
    return place(std::move(entry))->value;
  }

  // Forget everything; the old values are handed to the caller, who may run code to drop them.
  [[nodiscard]] std::vector<Value> clear() {
    std::vector<Value> values;
    last_ = nullptr;
    for (auto& entry : std::exchange(slots_, {})) {
      if (entry != nullptr) values.push_back(std::move(entry->value));
    }
    count_ = 0;
    return values;
  }

  // Visit all values in no particular order; the visitor must not change the table.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& entry : slots_) {
      if (entry != nullptr) visit(entry->value);
    }
  }

  std::size_t size() const { return count_; }

 private:
  struct Entry {
    std::uint64_t hash;
    std::size_t size;
    std::unique_ptr<std::uint64_t[]> words;
    Value value;

    bool is_of(const Key& key) const {
      if (size != key.size()) return false;
      const std::uint64_t* const others = key.words();
      std::uint64_t difference = 0;  // a few words: no call is worth it
      for (std::size_t i = 0; i < size; ++i) difference |= words[i] ^ others[i];
      return difference == 0;
    }
  };

  Entry* place(std::unique_ptr<Entry> entry) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = entry->hash & mask;
    while (slots_[i] != nullptr) i = (i + 1) & mask;
    slots_[i] = std::move(entry);
    return slots_[i].get();
  }

  void grow() {
    auto old = std::exchange(slots_, {});
    slots_.resize(old.empty() ? 8 : 2 * old.size());
    for (auto& entry : old) {
      if (entry != nullptr) place(std::move(entry));
    }
  }

  std::vector<std::unique_ptr<Entry>> slots_;
  Entry* last_ = nullptr;  // that was found
  std::size_t count_ = 0;
};

}  // namespace tilewright
