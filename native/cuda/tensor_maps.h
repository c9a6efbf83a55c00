// What the hardware has to know of arrays to copy boxes of them to shared memory (TMA).
//
// A kernel takes a map for each array and shape of box, by value: it is encoded from the argument
// block of a launch, and kept for launches with the same arrays. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "cuda/driver.h"
#include "hal/executable.h"

namespace tilewright::cuda {

class Device;
class Stream;

class TensorMaps {
 public:
  static constexpr std::size_t most = 8;  // of one kernel

  // Throws ObjectError if an entry's maps cannot be.
  TensorMaps(Device& device, const std::string& entry, std::vector<BoxedArray> wanted);

  bool empty() const { return wanted_.empty(); }

  // The maps of a launch in the order in which the kernel takes them, encoded unless they are
  // known. An array without elements is taken for a single zero, since there is no map of it and
  // all of a box outside of an array is zeros; that zero is written in the order of the stream.
  // Throws DeviceError if the driver refuses an array.
  std::vector<TensorMap> of(const void* arguments, Stream& stream) const;

 private:
  // What makes a map: which it is, an array of two axes as it lies in an argument block.
  struct Key {
    std::size_t which;
    std::array<std::int64_t, 5> array;  // pointer, extents, strides in elements
    bool operator==(const Key&) const = default;
  };
  struct Known {
    Key key;
    TensorMap map;
  };

  TensorMap encode(const Key& key) const;

  Device& device_;
  const std::string entry_;
  const std::vector<BoxedArray> wanted_;
  mutable std::mutex lock_;         // of `known_`
  mutable std::list<Known> known_;  // what was used last comes first
};

}  // namespace tilewright::cuda
