// Weights in the plan as kernels read them: what is stored, that it is deterministic and covered by checks.
#include "plan/place_weights.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "base/error.h"
#include "damage.h"
#include "kernels/cpu/packing/packing.h"
#include "mistake.h"
#include "plan/plan_file.h"
#include "sample_program.h"

namespace rondo::plan {
namespace {

using kernels::Isa;

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16};

Program placed(Isa isa) {
  Program program = sample_program();
  place_weights(program, isa);
  return program;
}

std::string refusal(const Bytes& file) {
  try {
    read_plan(file.data(), file.size());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(PlaceWeightsTest, StoresWhatIsReadAndNothingElse) {
  const Program program = placed(Isa::kAvx512);
  EXPECT_FALSE(program.constants[0].is_stored()) << "only products read it";
  EXPECT_TRUE(program.constants[1].is_stored()) << "a view reads it";
  for (const Packed& packed : program.packed) ASSERT_TRUE(packed.layout);
  EXPECT_EQ(program.packed[0].stored_at, 0u);
  EXPECT_EQ(program.packed[1].stored_at, 3u * 64 * 4);
  EXPECT_EQ(program.constants[1].offset, 5u * 64 * 4);
  EXPECT_EQ(program.section_bytes, 5u * 64 * 4 + 8);
  EXPECT_NO_THROW(verify(program));
}

TEST(PlaceWeightsTest, ReadsBackForEveryInstructionSet) {
  for (const Isa isa : kIsas) {
    const Program program = placed(isa);
    const Bytes file = write_plan(program);
    const Program back = read_plan(file.data(), file.size());
    EXPECT_EQ(to_string(back), to_string(program));
    EXPECT_EQ(write_plan(back), file) << "a loaded plan is written as it is";
    const Bytes original = sample_program().weights;
    for (const Packed& packed : back.packed) {
      std::vector<float> dense(static_cast<size_t>(packed.k * packed.cols)), expected;
      kernels::unpack_columns(*packed.layout,
                              reinterpret_cast<const std::byte*>(back.weight_bytes().data()) + packed.stored_at,
                              packed.k, packed.cols, 0, packed.cols, reinterpret_cast<std::byte*>(dense.data()));
      for (int64_t k = 0; k < packed.k; ++k) {
        for (int64_t c = 0; c < packed.cols; ++c) {
          float value;
          std::memcpy(&value, original.data() + 4 * (packed.offset + k * packed.k_stride + c * packed.col_stride), 4);
          expected.push_back(value);
        }
      }
      EXPECT_EQ(dense, expected);
    }
  }
}

TEST(PlaceWeightsTest, BytesDoNotDependOnThreads) {
  const Bytes file = write_plan(placed(Isa::kAvx2), 1);
  for (const int threads : {2, 3, 8}) EXPECT_EQ(write_plan(placed(Isa::kAvx2), threads), file);
}

TEST(PlaceWeightsTest, AMatrixThatNoProductReadsKeepsItsConstant) {
  Program program = sample_program();
  program.packed.push_back(program.packed[0]);
  place_weights(program, Isa::kScalar);
  EXPECT_FALSE(program.packed[2].layout);
  EXPECT_TRUE(program.constants[0].is_stored());
  const Bytes file = write_plan(program);
  EXPECT_EQ(to_string(read_plan(file.data(), file.size())), to_string(program));
}

TEST(PlaceWeightsTest, EveryFlippedByteIsRefused) {
  Bytes file = write_plan(placed(Isa::kScalar));
  for (uint8_t& byte : file) {
    byte ^= 0x10;
    EXPECT_NE(refusal(file), "");
    byte ^= 0x10;
  }
  EXPECT_EQ(refusal(file), "");
}

TEST(PlaceWeightsTest, BrokenLayoutsAreRefused) {
  expect_all_refused(
      placed(Isa::kAvx512),
      {
          {"packed matrix 0: its layout is impossible", [](Program& p) { p.packed[0].layout->shape.lanes = 3; }},
          {"packed matrix 0: its layout is impossible", [](Program& p) { p.packed[0].layout->shape.vectors += 1; }},
          {"packed matrix 1: its layout is impossible", [](Program& p) { p.packed[1].layout->shape.groups = 99; }},
          {"packed matrix 0: its offset is not a multiple of 64", [](Program& p) { p.packed[0].stored_at = 4; }},
          {"packed matrix 0: ends behind the weights",
           [](Program& p) { p.packed[0].stored_at = p.section_bytes / 64 * 64; }},
          {"packed matrix 0: ends behind the weights", [](Program& p) { p.packed[0].stored_at = UINT64_MAX - 63; }},
          {"packed matrix 1: ends behind the weights",
           [](Program& p) { p.packed[1].layout = kernels::make_layout(0, 16, 4096, 1, 1); }},
          {"packed matrix 0: neither it nor constant 0 is stored", [](Program& p) { p.packed[0].layout.reset(); }},
          {"view 3: reads constant 1, which is only stored packed",
           [](Program& p) { p.constants[1].offset = kNowhere; }},
          {"stage 0: a packed matrix holds elements of another type",
           [](Program& p) { p.packed[0].layout->format = kernels::GemmFormat::kF16; }},
          {"stage 0: a packed matrix holds elements of another type",
           [](Program& p) { p.packed[0].layout->format = kernels::GemmFormat::kBf16Pairs; }},
          {"1 sources for 2 constants", [](Program& p) { p.sources.pop_back(); }},
          {"constant 0: its source has another size",
           [](Program& p) { p.sources[0].bytes = p.sources[0].bytes.subspan(4); }},
      });
}

}  // namespace
}  // namespace rondo::plan
