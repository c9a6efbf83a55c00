// Encodes tensor maps by the driver, and remembers them.
#include "cuda/tensor_maps.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "cuda/device.h"
#include "cuda/stream.h"
#include "launch/dtypes.h"

namespace tilewright::cuda {
namespace {

constexpr std::size_t most_known = 16;  // for each map of a kernel
constexpr int largest_side = 256;       // of a box
constexpr std::uint64_t row_alignment = 16;

// The driver's enumerations.
constexpr int type_uint16 = 1, type_float16 = 6, type_bfloat16 = 9;
constexpr int interleave_none = 0, swizzle_128_bytes = 3, promotion_128_bytes = 2, fill_zeros = 0;
constexpr unsigned swizzle_bytes = 128;

// Its name of a dtype of two bytes; -1 for others, which have no boxes.
int type_of(int dtype) {
  switch (static_cast<Dtype>(dtype)) {
    case Dtype::f16: return type_float16;
    case Dtype::bf16: return type_bfloat16;
    case Dtype::i16:
    case Dtype::u16: return type_uint16;
    default: return -1;
  }
}

}  // namespace

TensorMaps::TensorMaps(Device& device, const std::string& entry, std::vector<BoxedArray> wanted)
    : device_(device), entry_(entry), wanted_(std::move(wanted)) {
  if (wanted_.size() > most) {
    fail(Fault::object, "%s takes %zu tensor maps, more than %zu", entry.c_str(), wanted_.size(),
         most);
  }
  for (const BoxedArray& one : wanted_) {
    const bool is_box = one.rows >= 1 && one.rows <= largest_side && one.columns >= 1 &&
                        one.columns * 2 <= static_cast<int>(swizzle_bytes);
    if (type_of(one.dtype) < 0 || !is_box || one.offset % 8 != 0) {
      fail(Fault::object, "%s: no tensor map has boxes of %d x %d elements of dtype %d at %zu",
           entry.c_str(), one.rows, one.columns, one.dtype, one.offset);
    }
  }
}

std::vector<TensorMap> TensorMaps::of(const void* arguments, Stream& stream) const {
  std::vector<TensorMap> found(wanted_.size());
  std::shared_ptr<Buffer> zero;  // in the order of the stream: it may be dropped at once
  const std::lock_guard guard(lock_);
  for (std::size_t which = 0; which < wanted_.size(); ++which) {
    Key key{which, {}};
    std::memcpy(key.array.data(), static_cast<const std::byte*>(arguments) + wanted_[which].offset,
                sizeof key.array);
    if (key.array[1] <= 0 || key.array[2] <= 0) {
      if (zero == nullptr) {
        zero = device_.allocate(row_alignment, stream.shared_from_this());
        device_.fill(zero->data(), 0, row_alignment, &stream);
      }
      key.array = {reinterpret_cast<std::int64_t>(zero->data()), 1, 1, 1, 1};
    }
    const auto place = std::find_if(known_.begin(), known_.end(),
                                    [&](const Known& known) { return known.key == key; });
    if (place != known_.end()) {
      known_.splice(known_.begin(), known_, place);
    } else {
      known_.push_front({key, encode(key)});
      if (known_.size() > most_known * wanted_.size()) known_.pop_back();
    }
    found[which] = known_.front().map;
  }
  return found;
}

TensorMap TensorMaps::encode(const Key& key) const {
  const BoxedArray& wanted = wanted_[key.which];
  const auto& [pointer, rows, columns, row_stride, column_stride] = key.array;
  TensorMap map{};
  const std::uint64_t extents[] = {static_cast<std::uint64_t>(columns),
                                   static_cast<std::uint64_t>(rows)};
  const std::uint64_t least = (extents[0] * 2 + row_alignment - 1) / row_alignment * row_alignment;
  // A single row has any stride.
  const std::uint64_t strides[] = {rows == 1 ? least : static_cast<std::uint64_t>(row_stride) * 2};
  const std::uint32_t box[] = {static_cast<std::uint32_t>(wanted.columns),
                               static_cast<std::uint32_t>(wanted.rows)};
  const std::uint32_t steps[] = {1, 1};
  const Result result = device_.driver().cuTensorMapEncodeTiled(
      &map, type_of(wanted.dtype), 2, reinterpret_cast<void*>(pointer), extents, strides, box,
      steps, interleave_none, swizzle_128_bytes, promotion_128_bytes, fill_zeros);
  if (result != success) {
    fail(Fault::device,
         "cuTensorMapEncodeTiled failed for %s: %s\nnote: an array of %lld x %lld elements, rows "
         "%lld elements apart",
         entry_.c_str(), error_text(result).c_str(), static_cast<long long>(rows),
         static_cast<long long>(columns), static_cast<long long>(row_stride));
  }
  return map;
}

}  // namespace tilewright::cuda
