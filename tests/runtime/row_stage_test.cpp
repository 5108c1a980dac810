// Stages that fold rows, bound to many shapes and layouts: against plain loops in double; bits for any team.
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/stage_case.h"

namespace rondo::runtime {
namespace {

using tile::PointwiseFn;
using tile::RowFold;
using tile::ValueType;
using Dims = std::vector<int64_t>;

constexpr ValueType kF = ValueType::kF32;

std::vector<kernels::Isa> isas() {
  std::vector<kernels::Isa> all{kernels::Isa::kScalar};
  for (const kernels::Isa isa : {kernels::Isa::kAvx2, kernels::Isa::kAvx512}) {
    if (isa <= kernels::detect_isa()) all.push_back(isa);
  }
  return all;
}

uint16_t fold(StageCase& c, RowFold how, uint16_t value) {
  tile::Inst inst;
  inst.kind = tile::InstKind::kRowReduce;
  inst.operand = static_cast<uint16_t>(how);
  inst.args[0] = value;
  return c.inst(inst);
}

/// y = (x - mean) / sqrt(var + 1/8) * scale[column], and per row the mean and the largest exp(x).
struct Normalization {
  StageCase c;
  Dims dims;
  size_t row_axes;
  plan::ViewId x, scale, y, mean, largest;

  Normalization(uint32_t seed, const Dims& space, int rows, DType dtype, LayoutKind layout)
      : c(seed), dims(space), row_axes(static_cast<size_t>(rows)) {
    x = c.tensor(dims, dtype, layout == LayoutKind::kDense ? layout : LayoutKind::kRandomOrBroadcast);
    y = c.tensor(dims, DType::kFloat32, layout);
    scale = c.tensor(dims, DType::kFloat32, LayoutKind::kDense);
    mean = c.tensor(dims, DType::kFloat32, LayoutKind::kDense);
    largest = c.tensor(dims, DType::kFloat16, LayoutKind::kDense);
    for (size_t i = 0; i < dims.size(); ++i) {
      if (i + row_axes < dims.size()) c.views[scale].stride_bytes[i] = 0;
      if (i + row_axes >= dims.size()) c.views[mean].stride_bytes[i] = c.views[largest].stride_bytes[i] = 0;
    }
    for (size_t v = 0; v < c.views.size(); ++v) c.tensors[v].view = c.views[v];
    c.set_space(dims);
    c.tail().row_axes = static_cast<uint8_t>(rows);
    build();
  }

  void build() {
    const uint16_t in = c.load(x), weight = c.load(scale);
    const uint16_t average = fold(c, RowFold::kAvg, in);
    const uint16_t centred = c.apply(PointwiseFn::f_sub, kF, in, average);
    const uint16_t variance = fold(c, RowFold::kAvg, c.apply(PointwiseFn::f_mul, kF, centred, centred));
    tile::Inst epsilon;
    epsilon.kind = tile::InstKind::kConst;
    epsilon.imm = 0.125;
    const uint16_t root = c.apply(PointwiseFn::f_sqrt, kF, c.apply(PointwiseFn::f_add, kF, variance, c.inst(epsilon)));
    const uint16_t unit = c.apply(PointwiseFn::f_mul, kF, centred, c.apply(PointwiseFn::f_recip, kF, root));
    const uint16_t result = c.apply(PointwiseFn::f_mul, kF, unit, weight);
    const uint16_t top = fold(c, RowFold::kMax, c.apply(PointwiseFn::f_exp, kF, in));
    c.store(result, y);
    c.store(average, mean);
    c.store(top, largest);
  }

  void check() {
    const Dims outer(dims.begin(), dims.end() - static_cast<ptrdiff_t>(row_axes));
    const Dims inner(dims.end() - static_cast<ptrdiff_t>(row_axes), dims.end());
    for_each_index(outer, [&](const Dims& at) {
      std::vector<Dims> row;
      for_each_index(inner, [&](const Dims& rest) {
        row.push_back(at);
        row.back().insert(row.back().end(), rest.begin(), rest.end());
      });
      Dims first = at;
      first.resize(dims.size());
      double sum = 0, square = 0, top = -INFINITY;
      for (const Dims& p : row) sum += c.tensors[x].get(p), top = std::fmax(top, std::exp(c.tensors[x].get(p)));
      const double average = sum / static_cast<double>(row.size());
      for (const Dims& p : row) square += std::pow(c.tensors[x].get(p) - average, 2);
      const double factor = 1 / std::sqrt(square / static_cast<double>(row.size()) + 0.125);
      for (const Dims& p : row) {
        const double want = (c.tensors[x].get(p) - average) * factor * c.tensors[scale].get(p);
        ASSERT_NEAR(c.tensors[y].get(p), want, 2e-6 * (1 + std::fabs(want)));
      }
      if (row.empty()) {
        EXPECT_TRUE(std::isnan(c.tensors[mean].get(first)));
        EXPECT_EQ(c.tensors[largest].get(first), -INFINITY);
        return;
      }
      ASSERT_NEAR(c.tensors[mean].get(first), average, 2e-6);
      ASSERT_NEAR(c.tensors[largest].get(first), top, 1e-3 * top);
    });
  }
};

struct Shape {
  Dims dims;
  int row_axes;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {{5, 7}, 1},       {{33, 64}, 1},       {{3, 1000}, 1},     {{2, 5000}, 1},      {{40, 16}, 1},
      {{1, 1}, 1},       {{4, 1}, 1},         {{7}, 1},           {{3000}, 1},         {{2, 3, 40, 9}, 2},
      {{2, 3, 4, 5}, 3}, {{2, 3, 700, 5}, 2}, {{6, 1, 80, 1}, 2}, {{3, 2, 6}, 3},      {{2, 1, 3, 130}, 1},
      {{4, 0}, 1},       {{0, 4}, 1},         {{3, 0, 5}, 2},     {{2, 100, 3, 7}, 3}, {{300, 3}, 1},
  };
  return all;
}

TEST(RowStage, AgreesWithPlainLoops) {
  uint32_t seed = 0;
  for (const Shape& shape : shapes()) {
    for (const LayoutKind layout : {LayoutKind::kDense, LayoutKind::kRandom}) {
      for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        for (const kernels::Isa isa : isas()) {
          SCOPED_TRACE(testing::Message()
                       << "seed " << seed << " rank " << shape.dims.size() << " last " << shape.dims.back());
          Normalization n(seed++, shape.dims, shape.row_axes, dtype, layout);
          n.c.run(3, isa);
          n.check();
          if (testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(RowStage, TeamsAndBatchPositionsDoNotChangeBits) {
  for (const int64_t length : {24, 1000, 4321}) {
    Normalization alone(9, {37, length}, 1, DType::kFloat32, LayoutKind::kDense);
    alone.c.run(1, kernels::detect_isa());
    for (const int team : {2, 5, 16}) {
      Normalization many(9, {37, length}, 1, DType::kFloat32, LayoutKind::kDense);
      many.c.run(team, kernels::detect_isa());
      EXPECT_EQ(alone.c.tensors[alone.y].bytes, many.c.tensors[many.y].bytes);
    }
    Normalization few(9, {3, length}, 1, DType::kFloat32, LayoutKind::kDense);
    for (plan::ViewId v = 0; v < few.c.views.size(); ++v) {  // rows 20 .. 22 of the first
      const auto from = alone.c.views[v].base + 20 * alone.c.views[v].stride_bytes[0];
      std::memcpy(few.c.views[v].base, from,
                  static_cast<size_t>(v == few.y || v == few.x ? 3 * length * 4
                                      : v == few.scale         ? length * 4
                                                               : 2));
    }
    few.c.run(1, kernels::detect_isa());
    EXPECT_EQ(std::memcmp(few.c.views[few.y].base, alone.c.views[alone.y].base + 20 * length * 4,
                          static_cast<size_t>(3 * length * 4)),
              0);
  }
}

// A state that is read and replaced at the same element: all loads of a row come before its stores.
TEST(RowStage, UpdatesRowsInPlace) {
  for (const int64_t length : {17, 64, 3000}) {
    StageCase c(4);
    const plan::ViewId x = c.tensor({6, length}, DType::kFloat32, LayoutKind::kDense);
    const plan::ViewId count = c.tensor({6, length}, DType::kFloat32, LayoutKind::kDense);
    c.views[count].stride_bytes[1] = 0;
    c.tensors[count].view = c.views[count];
    std::vector<double> sums(6), counts(6);
    std::vector<std::vector<double>> before(6);
    for (int64_t r = 0; r < 6; ++r) {
      counts[r] = c.tensors[count].get({r, 0});
      for (int64_t i = 0; i < length; ++i) before[r].push_back(c.tensors[x].get({r, i}));
      for (const double v : before[r]) sums[r] += v;
    }
    c.set_space({6, length});
    c.tail().row_axes = 1;
    const uint16_t in = c.load(x), seen = c.load(count);
    const uint16_t sum = fold(c, RowFold::kSum, in);
    const uint16_t more = c.apply(PointwiseFn::f_add, kF, seen, sum);
    const uint16_t next = c.apply(PointwiseFn::f_add, kF, c.apply(PointwiseFn::f_add, kF, in, sum), seen);
    c.store(next, x);
    c.store(more, count);
    c.run(2, kernels::detect_isa());
    for (int64_t r = 0; r < 6; ++r) {
      EXPECT_NEAR(c.tensors[count].get({r, 0}), counts[r] + sums[r], 1e-4);
      for (int64_t i = 0; i < length; ++i) {
        ASSERT_NEAR(c.tensors[x].get({r, i}), before[r][static_cast<size_t>(i)] + sums[r] + counts[r], 1e-4) << length;
      }
    }
  }
}

// Indices along every axis, steps, folds of what is constant along the row, and a value folded twice.
TEST(RowStage, FoldsIndicesStepsAndConstants) {
  for (const Shape& shape : {Shape{{3, 4, 50}, 2}, Shape{{9, 1500}, 1}, Shape{{4, 6}, 1}}) {
    StageCase c(11);
    const plan::ViewId y = c.tensor(shape.dims, DType::kFloat32, LayoutKind::kRandom);
    c.set_space(shape.dims);
    c.tail().row_axes = static_cast<uint8_t>(shape.row_axes);
    c.stage().slots = {1};
    c.slots[1] = 7;
    const auto as_float = [&](uint16_t v) { return c.apply(PointwiseFn::f_cast, kF, v); };
    uint16_t sum = 0;
    for (size_t axis = 0; axis < shape.dims.size(); ++axis) {
      tile::Inst index;
      index.kind = tile::InstKind::kIndex;
      index.type = ValueType::kS64;
      index.operand = static_cast<uint16_t>(axis);
      const uint16_t value = as_float(c.inst(index));
      sum = axis == 0 ? value : c.apply(PointwiseFn::f_add, kF, sum, value);
    }
    tile::Inst step;
    step.kind = tile::InstKind::kStep;
    step.type = ValueType::kS64;
    const uint16_t now = as_float(c.inst(step));
    tile::Inst two;
    two.kind = tile::InstKind::kConst;
    two.imm = 2;
    const uint16_t constant = c.inst(two);
    const uint16_t top = fold(c, RowFold::kMax, sum);
    const uint16_t steps = fold(c, RowFold::kSum, now), twos = fold(c, RowFold::kAvg, constant);
    const uint16_t again = fold(c, RowFold::kMin, c.apply(PointwiseFn::f_sub, kF, sum, top));
    const uint16_t all = c.apply(PointwiseFn::f_add, kF, c.apply(PointwiseFn::f_add, kF, steps, twos), again);
    c.store(c.apply(PointwiseFn::f_add, kF, c.apply(PointwiseFn::f_add, kF, sum, top), all), y);
    c.run(2, kernels::detect_isa());
    double length = 1, last = 0;
    for (size_t i = 0; i < shape.dims.size(); ++i) {
      if (i + static_cast<size_t>(shape.row_axes) < shape.dims.size()) continue;
      length *= static_cast<double>(shape.dims[i]);
      last += static_cast<double>(shape.dims[i] - 1);
    }
    for_each_index(shape.dims, [&](const Dims& at) {
      double outer = 0, point = 0;
      for (size_t i = 0; i < at.size(); ++i) {
        point += static_cast<double>(at[i]);
        if (i + static_cast<size_t>(shape.row_axes) < at.size()) outer += static_cast<double>(at[i]);
      }
      ASSERT_EQ(c.tensors[y].get(at), point + (outer + last) + 7 * length + 2 - last);
    });
  }
}

}  // namespace
}  // namespace rondo::runtime
