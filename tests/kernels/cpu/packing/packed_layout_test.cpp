// Packed matrices from one layout to another: the bits are those of packing the source at once, for all pairs.
#include "kernels/cpu/packing/packed_layout.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/bulk_memory.h"
#include "kernels/cpu/packing/packing.h"

namespace rondo::kernels {
namespace {

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16};

struct Types {
  DType stored, product;
};
constexpr Types kTypes[] = {{DType::kFloat32, DType::kFloat32},
                            {DType::kFloat32, DType::kBFloat16},
                            {DType::kFloat16, DType::kFloat32},
                            {DType::kBFloat16, DType::kFloat32},
                            {DType::kBFloat16, DType::kBFloat16}};

Bytes random_bytes(size_t size) {
  std::mt19937 random(17);
  Bytes bytes(size);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random() & 0x3f);  // no exponent of an infinity or NaN
  return bytes;
}

Bytes pack(const Bytes& source, DType dtype, const MatrixSpec& spec, const PackedLayout& layout) {
  const auto bytes = static_cast<size_t>(*packed_bytes(layout, spec.k, spec.cols));
  Bytes packed(bytes, 0xee);
  for (int64_t p = 0; p < panel_count(layout, spec.cols); ++p) {
    pack_constant_panel(source.data(), dtype, spec, detect_isa(), layout, p,
                        reinterpret_cast<std::byte*>(packed.data()) + p * panel_bytes(layout, spec.k));
  }
  return packed;
}

void expect_repacked(const Bytes& source, Types types, const MatrixSpec& spec, const PackedLayout& from, Isa to) {
  const PackedLayout layout = packed_layout(to, types.stored, types.product, spec.gates);
  const Bytes expected = pack(source, types.stored, spec, layout), panels = pack(source, types.stored, spec, from);
  PackedMatrix matrix = PackedMatrix::reserve(spec, to, layout.format);
  const BulkBlock scratch(matrix.repack_bytes());
  const int64_t half = matrix.panels() / 2;  // in two parts, as ranks do
  for (const auto& [begin, end] : {std::pair(half, matrix.panels()), std::pair(int64_t{0}, half)}) {
    matrix.repack_panels(from, reinterpret_cast<const std::byte*>(panels.data()), begin, end,
                         reinterpret_cast<std::byte*>(scratch.data()));
  }
  ASSERT_EQ(matrix.bytes(), expected.size());
  EXPECT_EQ(std::memcmp(matrix.panel(0), expected.data(), expected.size()), 0)
      << "k " << spec.k << ", cols " << spec.cols << ", gates " << spec.gates << ", to " << isa_name(to) << ", from "
      << from.shape.lanes << " lanes, " << from.shape.units << " units, " << from.shape.groups << " groups, "
      << gemm_format_name(from.format);
}

TEST(PackedLayoutTest, AllPairsOfInstructionSets) {
  for (const Types types : kTypes) {
    for (const int64_t gates : {1, 2, 3, 4, 7}) {
      for (const auto& [k, cols] : {std::pair(1, 1), std::pair(2, 64), std::pair(33, 65), std::pair(64, 130)}) {
        const MatrixSpec spec{3, 2, 2 * k + 1, (2 * k + 1) * cols, k, cols, gates};
        const Bytes source = random_bytes(static_cast<size_t>((2 * k + 1) * cols * gates + 8) * 4);
        for (const Isa from : kIsas) {
          for (const Isa to : kIsas) {
            if (supports(to))
              expect_repacked(source, types, spec, packed_layout(from, types.stored, types.product, gates), to);
          }
        }
      }
    }
  }
}

TEST(PackedLayoutTest, LayoutsOfNoInstructionSet) {
  const Bytes source = random_bytes(1 << 16);
  const MatrixSpec spec{0, 40, 1, 10, 21, 10, 3};
  for (const auto& [lanes, units, groups] : {std::tuple(1, 1, 1), std::tuple(2, 6, 9), std::tuple(64, 64, 2)}) {
    for (const Types types : kTypes) {
      for (const GemmFormat format : {packed_layout(Isa::kScalar, types.stored, types.product, 3).format,
                                      packed_layout(Isa::kAvx512Bf16, types.stored, types.product, 3).format}) {
        const auto layout = make_layout(static_cast<int64_t>(format), lanes, units, groups, 3);
        ASSERT_TRUE(layout);
        expect_repacked(source, types, spec, *layout, detect_isa());
      }
    }
  }
}

TEST(PackedLayoutTest, ColumnsThatNoPanelHasAreZero) {
  const Bytes source = random_bytes(4096);
  const MatrixSpec spec{0, 5, 1, 0, 4, 5, 1};
  const PackedLayout layout = packed_layout(Isa::kScalar, DType::kFloat32, DType::kFloat32, 1);
  const Bytes panels = pack(source, DType::kFloat32, spec, layout);
  const int64_t first = panel_count(layout, 5) * layout.shape.units - 1;
  std::vector<float> out(4 * 3, 7);
  unpack_columns(layout, reinterpret_cast<const std::byte*>(panels.data()), 4, 5, first, 3,
                 reinterpret_cast<std::byte*>(out.data()));
  EXPECT_EQ(out, std::vector<float>(12, 0));
}

TEST(PackedLayoutTest, ImpossibleLayoutsHaveNone) {
  EXPECT_TRUE(make_layout(0, 16, 64, 4, 1));
  EXPECT_FALSE(make_layout(4, 16, 64, 1, 1)) << "no format";
  EXPECT_FALSE(make_layout(-1, 16, 64, 1, 1));
  EXPECT_FALSE(make_layout(0, 0, 64, 1, 1));
  EXPECT_FALSE(make_layout(0, 12, 24, 1, 1)) << "lanes no power of two";
  EXPECT_FALSE(make_layout(0, 128, 128, 1, 1));
  EXPECT_FALSE(make_layout(0, 16, 8, 1, 1)) << "less units than lanes";
  EXPECT_FALSE(make_layout(0, 16, 40, 1, 1));
  EXPECT_FALSE(make_layout(0, 16, 8192, 1, 1));
  EXPECT_FALSE(make_layout(0, 16, 64, 0, 1));
  EXPECT_FALSE(make_layout(0, 16, 64, 5, 1)) << "more groups than vectors";
  EXPECT_FALSE(make_layout(0, 16, 64, 1, 0));
  EXPECT_FALSE(make_layout(0, 16, 64, 1, UINT16_MAX + 1));
  const auto layout = make_layout(0, 16, 64, 1, 1);
  EXPECT_FALSE(packed_bytes(*layout, INT64_MAX, 1));
  EXPECT_FALSE(packed_bytes(*layout, 1 << 30, int64_t{1} << 40));
  EXPECT_EQ(packed_bytes(*layout, 3, 65), 2u * 3 * 64 * 4);
}

}  // namespace
}  // namespace rondo::kernels
