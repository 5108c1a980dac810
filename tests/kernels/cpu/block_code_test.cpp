// Block code against the array functions of the same instruction set: the same bits for any length, place in memory,
// way of storing and cut of rows.
#include "tile/block_code.h"

#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <random>
#include <vector>

#include "kernels/cpu/tile_functions.h"
#include "tile/interpreter.h"
#include "tile/row_interpreter.h"

namespace rondo::tile {
namespace {

struct Scratch {
  explicit Scratch(size_t bytes) : p(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{64}))) {}
  ~Scratch() { ::operator delete (p, std::align_val_t{64}); }
  std::byte* p;
};

std::vector<kernels::Isa> isas() {
  std::vector<kernels::Isa> all;
  for (const kernels::Isa isa : {kernels::Isa::kAvx2, kernels::Isa::kAvx512}) {
    if (isa <= kernels::detect_isa()) all.push_back(isa);
  }
  return all;
}

uint16_t add(TileProgram& p, InstKind kind, uint16_t operand, std::array<uint16_t, 3> args = {},
             PointwiseFn fn = PointwiseFn::f_add) {
  p.insts.push_back(Inst{kind, fn, ValueType::kF32, args, operand, 0.75});
  return static_cast<uint16_t>(p.insts.size() - 1);
}
uint16_t apply(TileProgram& p, PointwiseFn fn, uint16_t a, uint16_t b = 0) {
  return add(p, InstKind::kPointwise, 0, {a, b, 0}, fn);
}

// Operands 0 and 1 are arrays, 2 one element, 3 and 4 results.
TileProgram random_chain(uint32_t seed) {
  std::mt19937 random(seed);
  TileProgram p;
  p.operand_dtypes.assign(5, DType::kFloat32);
  std::vector<uint16_t> values;
  for (uint16_t operand = 0; operand < 3; ++operand) values.push_back(add(p, InstKind::kLoad, operand));
  values.push_back(add(p, InstKind::kConst, 0));
  constexpr PointwiseFn kFns[] = {PointwiseFn::f_add, PointwiseFn::f_sub,    PointwiseFn::f_mul, PointwiseFn::f_div,
                                  PointwiseFn::f_max, PointwiseFn::f_min,    PointwiseFn::f_neg, PointwiseFn::f_sqrt,
                                  PointwiseFn::f_exp, PointwiseFn::f_tanh,   PointwiseFn::f_abs, PointwiseFn::f_recip,
                                  PointwiseFn::f_erf, PointwiseFn::f_sigmoid};
  for (int i = 0; i < 10; ++i) {
    const auto any = [&] { return values[random() % 3 == 0 ? random() % values.size() : values.size() - 1]; };
    values.push_back(apply(p, kFns[random() % std::size(kFns)], any(), any()));
  }
  add(p, InstKind::kStore, 3, {values.back()});
  add(p, InstKind::kStore, 4, {values[values.size() - 4]});
  return p;
}

std::vector<float> numbers(size_t n) {
  std::vector<float> x(n);
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(static_cast<int>(i * 37 % 101) - 50) * 0.13f;
  x[n / 2] = __builtin_nanf("");
  x[n / 3] = -0.0f;
  return x;
}

// NaNs may differ in their payload: which operand's survives is up to the instruction.
void expect_same(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const bool same = std::memcmp(&a[i], &b[i], sizeof(float)) == 0 || (a[i] != a[i] && b[i] != b[i]);
    ASSERT_TRUE(same) << i << ": " << a[i] << " " << b[i];
  }
}

TEST(BlockCode, ChainsHaveTheBitsOfArrayFunctions) {
  for (const kernels::Isa isa : isas()) {
    const TileFunctions& functions = kernels::tile_functions(isa);
    TileFunctions arrays = functions;
    arrays.blocks = {};
    for (uint32_t seed = 0; seed < 200; ++seed) {
      const TileProgram program = random_chain(seed);
      const std::vector<bool> constant = {false, false, true, false, false};
      ASSERT_TRUE(Interpreter::runs_in_blocks(program, functions, constant));
      const int64_t n = seed % 5 == 0 ? 5000 : 64 + static_cast<int64_t>(seed * 7 % 300), shift = seed % 17;
      std::vector<std::vector<float>> results;
      for (const TileFunctions* table : {static_cast<const TileFunctions*>(&arrays), &functions}) {
        const Interpreter interpreter(program, *table, n, constant);
        Scratch scratch(interpreter.scratch_bytes());
        const std::vector<float> x = numbers(static_cast<size_t>(2 * n + 40));
        std::vector<float> y(static_cast<size_t>(2 * n + 60), 7.0f);
        float* const in = const_cast<float*>(x.data()) + shift;
        float* const operands[] = {in, in + n, in + 5, y.data() + shift, y.data() + shift + n + 3};
        TileOperand at[5];
        for (int i = 0; i < 5; ++i) at[i] = {reinterpret_cast<std::byte*>(operands[i]), 0, i == 2 ? 0 : 4, false};
        Tile tile;
        tile.rows = 1;
        tile.cols = n;
        tile.operands = at;
        tile.scratch = scratch.p;
        tile.stream = seed % 2 == 0;
        interpreter.run(tile);
        if (functions.blocks.drain != nullptr) functions.blocks.drain();
        results.push_back(y);
      }
      expect_same(results[0], results[1]);
    }
  }
}

// y = erf(s) s + acc 1 and s = acc 0 + bias, rows apart from each other.
TEST(BlockCode, RowsOfATailHaveTheBitsOfArrayFunctions) {
  TileProgram p;
  p.acc_count = 2;
  p.operand_dtypes.assign(2, DType::kFloat32);
  const uint16_t sum = apply(p, PointwiseFn::f_add, add(p, InstKind::kAcc, 0), add(p, InstKind::kLoad, 0));
  const uint16_t product = apply(p, PointwiseFn::f_mul, apply(p, PointwiseFn::f_erf, sum), sum);
  add(p, InstKind::kStore, 1, {apply(p, PointwiseFn::f_add, product, add(p, InstKind::kAcc, 1))});
  for (const kernels::Isa isa : isas()) {
    const TileFunctions& functions = kernels::tile_functions(isa);
    TileFunctions arrays = functions;
    arrays.blocks = {};
    ASSERT_TRUE(Interpreter::runs_in_blocks(p, functions, {}));
    for (const int64_t cols : {20, 32, 33, 63, 64, 70, 128, 200}) {
      constexpr int64_t kRows = 7;
      const int64_t pitch = cols + cols % 3, out_pitch = cols + 5;
      const std::vector<float> acc = numbers(static_cast<size_t>(2 * kRows * pitch + 16));
      const std::vector<float> bias = numbers(static_cast<size_t>(cols));
      std::vector<std::vector<float>> results;
      for (const TileFunctions* table : {static_cast<const TileFunctions*>(&arrays), &functions}) {
        const Interpreter interpreter(p, *table, kRows * cols);
        Scratch scratch(interpreter.scratch_bytes());
        std::vector<float> y(static_cast<size_t>(kRows * out_pitch), 7.0f);
        const TileOperand at[] = {{reinterpret_cast<std::byte*>(const_cast<float*>(bias.data())), 0, 4, false},
                                  {reinterpret_cast<std::byte*>(y.data()), 4 * out_pitch, 4, false}};
        Tile tile;
        tile.rows = kRows, tile.cols = cols;
        tile.operands = at;
        tile.acc = acc.data(), tile.acc_stride = kRows * pitch, tile.acc_row_stride = pitch;
        tile.scratch = scratch.p;
        interpreter.run(tile);
        results.push_back(y);
      }
      expect_same(results[0], results[1]);
    }
  }
}

// Softmax and layer normalization in one: x - max, exp, sum, and the mean of squares of what was centred.
TileProgram folds() {
  TileProgram p;
  p.operand_dtypes.assign(3, DType::kFloat32);
  p.row_axes = 1;
  const auto fold = [&](RowFold how, uint16_t v) {
    return add(p, InstKind::kRowReduce, static_cast<uint16_t>(how), {v});
  };
  const uint16_t x = add(p, InstKind::kLoad, 0), scale = add(p, InstKind::kLoad, 1);
  const uint16_t powers = apply(p, PointwiseFn::f_exp, apply(p, PointwiseFn::f_sub, x, fold(RowFold::kMax, x)));
  const uint16_t centred = apply(p, PointwiseFn::f_sub, x, fold(RowFold::kAvg, x));
  const uint16_t square = fold(RowFold::kAvg, apply(p, PointwiseFn::f_mul, centred, centred));
  const uint16_t share = apply(p, PointwiseFn::f_div, powers, fold(RowFold::kSum, powers));
  const uint16_t unit = apply(p, PointwiseFn::f_mul, centred, apply(p, PointwiseFn::f_recip, square));
  add(p, InstKind::kStore, 2, {apply(p, PointwiseFn::f_add, apply(p, PointwiseFn::f_mul, unit, scale), share)});
  return p;
}

TEST(BlockCode, RowsHaveTheBitsOfArrayFunctions) {
  const std::vector<bool> uniform(3, false);
  for (const kernels::Isa isa : isas()) {
    const TileFunctions& functions = kernels::tile_functions(isa);
    TileFunctions arrays = functions;
    arrays.blocks = {};
    ASSERT_TRUE(RowInterpreter::runs_in_blocks(folds(), functions, uniform));
    for (const int64_t cols : {1, 15, 63, 64, 65, 100, 512, 768, 1000, 4099}) {
      std::vector<std::vector<float>> results;
      for (const TileFunctions* table : {static_cast<const TileFunctions*>(&arrays), &functions}) {
        for (const int64_t piece : {cols, int64_t{64}}) {
          const int64_t rows = piece >= cols ? 3 : 1;
          const RowInterpreter interpreter(folds(), *table, uniform, {rows, cols, 1, piece});
          Scratch scratch(interpreter.scratch_bytes());
          std::vector<float> x = numbers(static_cast<size_t>(3 * cols + 40)),
                             y(static_cast<size_t>(3 * cols + 9), 7.0f);
          x[x.size() / 2] = x[x.size() / 3] = 0.5f;
          for (int64_t r = 0; r < 3; r += rows) {
            const auto bytes = [](float* p) { return reinterpret_cast<std::byte*>(p); };
            const TileOperand at[] = {{bytes(x.data() + r * cols), 4 * cols, 4, false},
                                      {bytes(x.data() + 3), 0, 4, false},
                                      {bytes(y.data() + 4 + r * cols), 4 * cols, 4, false}};
            RowTile tile;
            tile.rows = rows;
            tile.operands = at;
            tile.scratch = scratch.p;
            tile.stream = cols % 2 == 0;
            interpreter.run(tile);
          }
          functions.blocks.drain();
          results.push_back(y);
        }
      }
      for (const std::vector<float>& result : results) expect_same(results[0], result);
    }
  }
}

}  // namespace
}  // namespace rondo::tile
