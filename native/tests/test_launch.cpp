// Facts of arrays, argument blocks, dtypes and the launch table.
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "base/error.h"
#include "launch/arguments.h"
#include "launch/table.h"
#include "tests/check.h"

namespace tilewright {
namespace {

alignas(64) char memory[4096];

Array make_array(Dtype dtype, std::vector<std::int64_t> extents,
                 std::vector<std::int64_t> byte_strides, char* data = memory) {
  Array array{};
  array.data = data;
  array.dtype = dtype;
  array.rank = static_cast<std::uint8_t>(extents.size());
  CHECK(complete_array(array, extents.data(), byte_strides.data()) == ArrayFault::none);
  return array;
}

ArrayFault fault_of(Dtype dtype, std::vector<std::int64_t> extents,
                    std::vector<std::int64_t> byte_strides, char* data = memory) {
  Array array{};
  array.data = data;
  array.dtype = dtype;
  array.rank = static_cast<std::uint8_t>(extents.size());
  return complete_array(array, extents.data(), byte_strides.data());
}

TEST(unit_axis_is_the_last_where_it_can_be) {
  CHECK(make_array(Dtype::f32, {}, {}).unit_axis == -1);
  CHECK(make_array(Dtype::f32, {4, 8}, {32, 4}).unit_axis == 1);
  CHECK(make_array(Dtype::f32, {4, 8}, {4, 16}).unit_axis == 0);
  CHECK(make_array(Dtype::f32, {4, 1}, {4, 400}).unit_axis == 1);
  CHECK(make_array(Dtype::f32, {4, 8}, {64, 8}).unit_axis == -1);
  CHECK(make_array(Dtype::f32, {2, 2, 2}, {4, 4, 8}).unit_axis == 1);
  CHECK(make_array(Dtype::f32, {0, 8}, {0, 0}).unit_axis == 1);
}

TEST(aligned_looks_at_the_base_and_the_other_strides) {
  CHECK(make_array(Dtype::f32, {4, 8}, {32, 4}).aligned);
  CHECK(!make_array(Dtype::f32, {4, 8}, {36, 4}).aligned);
  CHECK(!make_array(Dtype::f32, {4, 8}, {32, 4}, memory + 4).aligned);
  CHECK(make_array(Dtype::f32, {16, 32}, {128, 4}).even);
  CHECK(!make_array(Dtype::f32, {16, 30}, {128, 4}).even);
}

TEST(narrow_counts_elements_and_extents) {
  const std::int64_t big = std::int64_t{1} << 31;
  CHECK(make_array(Dtype::i8, {big - 1}, {1}).narrow);
  CHECK(!make_array(Dtype::i8, {big}, {1}).narrow);
  CHECK(!make_array(Dtype::i8, {big}, {0}).narrow);
  CHECK(!make_array(Dtype::f32, {2, 2}, {4 * big, 4}).narrow);
  CHECK(!make_array(Dtype::i8, {2, 2}, {big - 10, -(big - 10)}).narrow);
  CHECK(make_array(Dtype::f32, {0, 7}, {4 * big, 4}).narrow);
}

TEST(bad_arrays_are_named) {
  CHECK(fault_of(Dtype::f32, {4}, {4}, memory + 1) == ArrayFault::unaligned);
  CHECK(fault_of(Dtype::f32, {0}, {4}, memory + 1) == ArrayFault::none);
  CHECK(fault_of(Dtype::f32, {4}, {5}) == ArrayFault::stride);
  CHECK(fault_of(Dtype::f32, {1}, {5}) == ArrayFault::none);
  CHECK(fault_of(Dtype::f64, {std::int64_t{1} << 40, 2}, {std::int64_t{1} << 40, 8}) ==
        ArrayFault::too_large);
  CHECK(fault_of(Dtype::f64, {-1}, {8}) == ArrayFault::too_large);
}

TEST(overlap_is_about_bytes) {
  const Array a = make_array(Dtype::f32, {4}, {4});
  CHECK(overlap(a, make_array(Dtype::f32, {4}, {4}, memory + 12)));
  CHECK(!overlap(a, make_array(Dtype::f32, {4}, {4}, memory + 16)));
  CHECK(overlap(a, make_array(Dtype::f32, {4}, {-4}, memory + 24)));
  CHECK(!overlap(a, make_array(Dtype::f32, {4}, {-4}, memory + 28)));
  CHECK(!overlap(a, make_array(Dtype::f32, {0}, {4})));
}

TEST(arrays_overlap_themselves_where_steps_are_shorter_than_what_lies_within) {
  const auto overlaps = [](std::vector<std::int64_t> extents, std::vector<std::int64_t> strides) {
    return may_overlap_itself(make_array(Dtype::f32, extents, strides));
  };
  CHECK(!overlaps({}, {}));
  CHECK(!overlaps({4, 5}, {20, 4}));
  CHECK(!overlaps({4, 5}, {4, 16}));
  CHECK(!overlaps({4, 5}, {-20, -4}));
  CHECK(!overlaps({3, 4, 5}, {40, 4, 160}));
  CHECK(overlaps({4, 5}, {16, 4}));
  CHECK(overlaps({4, 5}, {0, 4}));
  CHECK(overlaps({4}, {0}));
  CHECK(overlaps({4, 5}, {-4, 4}));
  CHECK(!overlaps({1, 5}, {0, 4}));
  CHECK(!overlaps({0, 5}, {0, 0}));
}

TEST(pack_lays_arguments_out) {
  Argument arguments[3];
  arguments[0].kind = ArgumentKind::array;
  arguments[0].array = make_array(Dtype::f32, {3, 5}, {20, 4});
  arguments[1].kind = ArgumentKind::scalar;
  arguments[1].scalar = {Dtype::i32, 7};
  arguments[2].kind = ArgumentKind::constant;
  ArgumentLayout layout{{{0, SlotKind::array, Dtype::f32, 2, 24},
                         {1, SlotKind::scalar, Dtype::i32, 0, 64},
                         {0, SlotKind::pointer, Dtype::f32, 2, 72}},
                        80};
  check_layout(layout);
  const std::int64_t grid[3] = {2, 3, 4};
  alignas(8) std::byte block[80];
  CHECK(find_misfit(layout, arguments, 3) == all_fit);
  pack(layout, arguments, grid, block);
  std::int64_t words[10];
  std::memcpy(words, block, sizeof words);
  const auto base = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(memory));
  const std::int64_t expected[10] = {2, 3, 4, base, 3, 5, 5, 1, 7, base};
  CHECK(std::memcmp(words, expected, sizeof words) == 0);

  layout.slots[1].dtype = Dtype::i64;
  CHECK(find_misfit(layout, arguments, 3) == 1);
  layout.slots[1] = {2, SlotKind::scalar, Dtype::i32, 0, 64};
  CHECK(find_misfit(layout, arguments, 3) == 1);
  CHECK(find_misfit(layout, arguments, 1) == 1);
}

TEST(layouts_outside_their_block_are_refused) {
  const auto error = [](Slot slot) {
    return test::error_of<LaunchError>([&] { check_layout({{slot}, 80}); });
  };
  CHECK(error({0, SlotKind::array, Dtype::f32, 2, 24}).empty());
  CHECK(!error({0, SlotKind::array, Dtype::f32, 4, 24}).empty());
  CHECK(!error({0, SlotKind::scalar, Dtype::f32, 0, 16}).empty());
  CHECK(!error({0, SlotKind::scalar, Dtype::f32, 0, 80}).empty());
  CHECK(!error({0, SlotKind::scalar, Dtype::f32, 0, 28}).empty());
  CHECK(!error({0, SlotKind::array, Dtype::f32, 9, 24}).empty());
  CHECK(!error({-1, SlotKind::scalar, Dtype::f32, 0, 24}).empty());
}

TEST(small_floats_round_to_nearest_even) {
  CHECK(encode_float(Dtype::f16, 1.0) == 0x3c00);
  CHECK(encode_float(Dtype::f16, -2.5) == 0xc100);
  CHECK(encode_float(Dtype::f16, 65504.0) == 0x7bff);
  CHECK(encode_float(Dtype::f16, 65519.0) == 0x7bff);
  CHECK(encode_float(Dtype::f16, 65520.0) == 0x7c00);
  CHECK(encode_float(Dtype::f16, 5.960464477539063e-08) == 1);
  CHECK(encode_float(Dtype::f16, 2.9802322387695312e-08) == 0);
  CHECK(encode_float(Dtype::bf16, 1.00390625) == 0x3f80);
  CHECK(encode_float(Dtype::bf16, 1.01171875) == 0x3f82);
  CHECK(encode_float(Dtype::f8e4m3, 448.0) == 0x7e);
  CHECK(encode_float(Dtype::f8e4m3, 1e9) == 0x7e);
  CHECK(encode_float(Dtype::f8e4m3, -std::numeric_limits<double>::infinity()) == 0xfe);
  CHECK(encode_float(Dtype::f8e5m2, 1e9) == 0x7c);
  CHECK(encode_float(Dtype::f32, 2.0) == 0x40000000);
  CHECK(encode_float(Dtype::f64, 2.0) == 0x4000000000000000);
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f8e4m3, Dtype::f8e5m2}) {
    const std::uint64_t count = std::uint64_t{1} << (8 << item_shift(dtype));
    std::uint64_t wrong = 0;
    for (std::uint64_t bits = 0; bits < count; ++bits) {
      const double value = decode_float(dtype, bits);
      if (!std::isnan(value) && encode_float(dtype, value) != bits) ++wrong;
      if (std::isnan(value) && !std::isnan(decode_float(dtype, encode_float(dtype, value))))
        ++wrong;
    }
    CHECK(wrong == 0);
  }
}

TEST(integers_fit_or_not) {
  const auto positive = [](std::uint64_t value) {
    return Integer{false, static_cast<std::int64_t>(value), value};
  };
  const auto negative = [](std::int64_t value) {
    return Integer{true, value, static_cast<std::uint64_t>(value)};
  };
  CHECK(fits(Dtype::i8, positive(127)) && !fits(Dtype::i8, positive(128)));
  CHECK(fits(Dtype::i8, negative(-128)) && !fits(Dtype::i8, negative(-129)));
  CHECK(fits(Dtype::u8, positive(255)) && !fits(Dtype::u8, positive(256)));
  CHECK(!fits(Dtype::u64, negative(-1)) && fits(Dtype::u64, positive(~0ULL)));
  CHECK(!fits(Dtype::i64, positive(1ULL << 63)));
  CHECK(fits(Dtype::bool_, positive(1)) && !fits(Dtype::bool_, positive(2)));
}

TEST(table_finds_what_was_inserted) {
  LaunchTable<int> table;
  const auto key_of = [](std::uint64_t a, std::uint64_t b) {
    auto key = std::make_unique<Key>();
    key->add(a);
    key->add(b);
    return key;
  };
  for (int i = 0; i < 1000; ++i) {
    const auto key = key_of(static_cast<std::uint64_t>(i % 10), static_cast<std::uint64_t>(i));
    CHECK(table.find(*key) == nullptr);
    table.insert(*key, int{i});
  }
  int* first = table.find(*key_of(0, 0));
  for (int i = 0; i < 1000; ++i) {
    const auto key = key_of(static_cast<std::uint64_t>(i % 10), static_cast<std::uint64_t>(i));
    CHECK(table.find(*key) != nullptr && *table.find(*key) == i);
    key->set_first(1);
    CHECK(table.find(*key) == nullptr);
  }
  CHECK(first == table.find(*key_of(0, 0)));
  CHECK(table.clear().size() == 1000);
  CHECK(table.size() == 0 && table.find(*key_of(0, 0)) == nullptr);
}

}  // namespace
}  // namespace tilewright
