#include "runtime/cpu/stages/scaled_sum.h"

#include <gtest/gtest.h>

#include <functional>

#include "runtime/stage_case.h"

namespace rondo::runtime {
namespace {

using kernels::Isa;
using tile::PointwiseFn;

uint16_t constant(StageCase& c, double value) {
  tile::Inst inst;
  inst.imm = value;
  return c.inst(inst);
}
uint16_t add(StageCase& c, uint16_t a, uint16_t b) { return c.apply(PointwiseFn::f_add, tile::ValueType::kF32, a, b); }
uint16_t mul(StageCase& c, uint16_t a, uint16_t b) { return c.apply(PointwiseFn::f_mul, tile::ValueType::kF32, a, b); }

/// Tails of tensors x, y, z (views 0, 1, 2), the last of which is stored to.
std::optional<ScaledSum> match(const std::function<void(StageCase&)>& write, DType dtype = DType::kFloat32) {
  StageCase c(1);
  for (int i = 0; i < 3; ++i) c.tensor({4, 4}, dtype, LayoutKind::kDense);
  c.tail().acc_count = 1;
  write(c);
  tile::verify(c.tail());
  return as_scaled_sum(c.tail());
}

TEST(ScaledSum, MatchesOneScaleAndThenTwoTermsAtMost) {
  const auto plain = match([](StageCase& c) { c.store(c.acc(0), 2); });
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->scale, 1);
  EXPECT_TRUE(plain->terms.empty());

  const auto whole = match([](StageCase& c) {
    const uint16_t x = c.load(0), scaled = mul(c, constant(c, 0.125), c.acc(0));
    const uint16_t sum = add(c, x, scaled);
    c.store(add(c, sum, c.load(1)), 2);
  });
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->scale, 0.125F);
  EXPECT_EQ(whole->terms, (std::vector<uint16_t>{0, 1}));
  EXPECT_EQ(whole->out, 2);
}

TEST(ScaledSum, LeavesEverythingElse) {
  const std::function<void(StageCase&)> others[] = {
      [](StageCase& c) { c.store(c.load(0), 2); },                                            // no product
      [](StageCase& c) { c.store(add(c, c.acc(0), c.acc(0)), 2); },                           // twice the sum
      [](StageCase& c) { c.store(mul(c, c.acc(0), c.load(0)), 2); },                          // a factor that varies
      [](StageCase& c) { c.store(mul(c, add(c, c.acc(0), c.load(0)), constant(c, 2)), 2); },  // scaled after a term
      [](StageCase& c) { c.store(mul(c, mul(c, c.acc(0), constant(c, 3)), constant(c, 3)), 2); },
      [](StageCase& c) { c.store(add(c, c.acc(0), constant(c, 1)), 2); },
      [](StageCase& c) { c.store(add(c, add(c, add(c, c.acc(0), c.load(0)), c.load(1)), c.load(0)), 2); },
      [](StageCase& c) { c.store(c.apply(PointwiseFn::f_tanh, tile::ValueType::kF32, c.acc(0)), 2); },
      [](StageCase& c) {  // the sum is stored before a term
        const uint16_t acc = c.acc(0);
        c.store(acc, 1);
        c.store(add(c, acc, c.load(0)), 2);
      },
      [](StageCase& c) {  // what is stored is not the whole sum
        const uint16_t acc = c.acc(0);
        add(c, acc, c.load(0));
        c.store(acc, 2);
      },
  };
  for (size_t i = 0; i < std::size(others); ++i) EXPECT_FALSE(match(others[i])) << i;
  EXPECT_FALSE(match([](StageCase& c) { c.store(c.acc(0), 2); }, DType::kFloat16)) << "stores round";
  EXPECT_FALSE(match([](StageCase& c) { c.acc(0); })) << "nothing is stored";
}

struct SumCase {
  int64_t rows, k, cols;
  bool scaled, bias, residual, transposed, packed;
};

/// The sum's bytes. Stored a second time elsewhere, it is no ScaledSum.
std::vector<std::byte> run(const SumCase& s, Isa isa, bool twice) {
  StageCase c(9);
  const plan::ViewId a = c.tensor({s.rows, s.k}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId w = c.tensor({s.k, 1, s.cols}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId bias = c.tensor({s.rows, s.cols}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId y = c.tensor({s.rows, s.cols}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId other = c.tensor({s.rows, s.cols}, DType::kFloat32, LayoutKind::kDense);
  c.views[bias].stride_bytes[0] = 0;
  if (s.transposed) std::tie(c.views[y].stride_bytes[0], c.views[y].stride_bytes[1]) = std::pair{4, 4 * s.rows};
  c.set_space({s.rows, s.cols});
  plan::Gemm gemm;
  gemm.a = a;
  gemm.k = c.expr(s.k);
  if (s.packed) {
    gemm.packed = 0;
    c.packed.emplace_back(c.views[w].base, kernels::MatrixSpec{0, s.cols, 1, s.cols, s.k, s.cols, 1}, isa);
  } else {
    gemm.b = w;
  }
  c.stage().gemms.push_back(gemm);
  c.tail().acc_count = 1;
  uint16_t sum = c.acc(0);
  if (s.scaled) sum = mul(c, sum, constant(c, 0.3));
  if (s.bias) sum = add(c, sum, c.load(bias));
  if (s.residual) sum = add(c, c.load(y), sum);  // in place
  c.store(sum, y);
  if (twice) c.store(sum, other);
  EXPECT_EQ(as_scaled_sum(c.tail()).has_value(), !twice);
  c.run(1, isa);
  return c.tensors[y].bytes;
}

TEST(ScaledSum, HasTheBitsOfTheInterpreter) {
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!supports(isa)) continue;
    for (const int64_t rows : {1, 2, 13, 200}) {
      for (const int64_t k : {0, 5, 900, 2100}) {
        for (const int64_t cols : {17, 64, 130}) {
          const int flags = static_cast<int>(rows + k + cols);
          for (int part = 0; part < 4; ++part) {
            const SumCase s{rows, k, cols, part % 2 == 0, part<2, part> 0, part == 3 && flags % 2 == 0, flags % 3 > 0};
            ASSERT_EQ(run(s, isa, false), run(s, isa, true)) << rows << ' ' << k << ' ' << cols << ' ' << part;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace rondo::runtime
