#include "runtime/cpu/stages/stage_runner.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/thread_team.h"
#include "runtime/stage_case.h"

namespace rondo::runtime {
namespace {

using kernels::Isa;
using tile::PointwiseFn;
using tile::ValueType;

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16};

const int64_t kSizes[] = {1, 2, 3, 7, 15, 16, 17, 33, 64, 65};

struct GemmReference {
  plan::ViewId a, b;  // b: [batch.., k, gate, col]
  int64_t k;
  int gates, acc_base;
  DType product;

  double factor(double value) const {
    if (product != DType::kBFloat16) return value;
    return bfloat16_to_float(float_to_bfloat16(static_cast<float>(value)));
  }
};

// A random stage with gemms: y = tanh(sum of accumulators + x) with random layouts everywhere.
struct RandomGemmStage {
  explicit RandomGemmStage(uint32_t seed) : c(seed) {
    const int64_t rank = c.pick(1, 4);
    for (int64_t i = 0; i < rank; ++i) dims.push_back(i + 2 < rank ? c.pick(1, 3) : kSizes[c.pick(0, 9)]);
    if (c.pick(0, 3) == 0 && rank > 1) dims[rank - 2] = 1;
    c.set_space(dims);
    const int64_t count = c.pick(1, 3);
    int accs = 0;
    for (int64_t g = 0; g < count; ++g) add_gemm(&accs);
    uint16_t sum = c.acc(0);
    for (int i = 1; i < accs; ++i)
      sum = c.apply(PointwiseFn::f_add, ValueType::kF32, sum, c.acc(static_cast<uint16_t>(i)));
    c.tail().acc_count = static_cast<uint16_t>(accs);
    x = c.tensor(dims, DType::kFloat32, LayoutKind::kRandomOrBroadcast);
    y = c.tensor(dims, DType::kFloat32, LayoutKind::kRandom);
    sum = c.apply(PointwiseFn::f_add, ValueType::kF32, sum, c.load(x));
    c.store(c.apply(PointwiseFn::f_tanh, ValueType::kF32, sum), y);
  }

  void add_gemm(int* accs) {
    GemmReference ref;
    ref.k = c.pick(0, 3) == 0 ? c.pick(0, 2) : kSizes[c.pick(0, 9)] * c.pick(1, 3);
    ref.gates = static_cast<int>(c.pick(1, 6));
    ref.acc_base = *accs;
    const bool accumulate = !gemms.empty() && c.pick(0, 2) == 0;
    if (accumulate) {
      ref.gates = gemms.back().gates;
      ref.acc_base = gemms.back().acc_base;
    } else {
      *accs += ref.gates;
    }
    std::vector<int64_t> a_dims(dims.begin(), dims.end() - 1), b_dims;
    a_dims.push_back(ref.k);
    if (dims.size() > 2) b_dims.assign(dims.begin(), dims.end() - 2);
    const bool constant = c.pick(0, 1) == 0;
    if (constant) b_dims.clear();
    for (int64_t d : {ref.k, int64_t{ref.gates}, dims.back()}) b_dims.push_back(d);
    constexpr DType kRows[] = {DType::kFloat32, DType::kFloat32, DType::kFloat16, DType::kBFloat16};
    ref.a = c.tensor(a_dims, kRows[c.pick(0, 3)], LayoutKind::kRandomOrBroadcast);
    ref.product = c.pick(0, 2) == 0 ? DType::kBFloat16 : DType::kFloat32;
    constexpr DType kWeights[] = {DType::kFloat32, DType::kFloat32, DType::kFloat16, DType::kBFloat16};
    ref.b = c.tensor(b_dims, kWeights[c.pick(0, 3)], constant ? LayoutKind::kDense : LayoutKind::kRandomOrBroadcast);
    plan::Gemm gemm;
    gemm.a = ref.a;
    gemm.k = c.expr(ref.k);
    gemm.gates = static_cast<uint16_t>(ref.gates);
    gemm.acc_base = static_cast<uint16_t>(ref.acc_base);
    gemm.accumulate = accumulate;
    gemm.product = ref.product;
    if (constant) {
      gemm.packed = static_cast<uint32_t>(packed.size());
      packed.push_back(ref.b);
    } else {
      gemm.b = ref.b;
    }
    c.stage().gemms.push_back(gemm);
    gemms.push_back(ref);
  }

  void run(int size, Isa isa) {
    c.packed.clear();
    for (plan::ViewId b : packed) {
      const BoundView& v = c.views[b];
      const auto bytes = static_cast<int64_t>(dtype_bytes(v.dtype));
      const GemmReference* ref = nullptr;
      for (const GemmReference& g : gemms) ref = g.b == b ? &g : ref;
      const kernels::MatrixSpec spec{0,
                                     v.stride_bytes[0] / bytes,
                                     v.stride_bytes[2] / bytes,
                                     v.stride_bytes[1] / bytes,
                                     ref->k,
                                     dims.back(),
                                     ref->gates};
      c.packed.emplace_back(v.base, spec, isa, v.dtype, kernels::gemm_format(isa, v.dtype, ref->product));
    }
    c.run(size, isa);
  }

  // The exact value, and in *scale the sum of magnitudes that rounding errors grow with.
  double expected(const std::vector<int64_t>& index, double* scale) const {
    double sum = c.tensors[x].get(index);
    *scale = 1;
    for (const GemmReference& gemm : gemms) {
      std::vector<int64_t> a_index = index, b_index;
      const size_t b_batch = c.views[gemm.b].axes - 3u;
      b_index.assign(index.begin(), index.begin() + static_cast<int64_t>(b_batch));
      b_index.insert(b_index.end(), {0, 0, index.back()});
      for (int64_t k = 0; k < gemm.k; ++k) {
        a_index.back() = b_index[b_batch] = k;
        const double a = gemm.factor(c.tensors[gemm.a].get(a_index));
        for (int g = 0; g < gemm.gates; ++g) {
          b_index[b_batch + 1] = g;
          const double term = a * gemm.factor(c.tensors[gemm.b].get(b_index));
          sum += term;
          *scale += std::fabs(term);
        }
      }
    }
    return std::tanh(sum);
  }

  StageCase c;
  std::vector<int64_t> dims;
  std::vector<GemmReference> gemms;
  std::vector<plan::ViewId> packed;
  plan::ViewId x = 0, y = 0;
};

TEST(StageRunner, RandomGemmStagesMatchNaiveDouble) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    for (Isa isa : kIsas) {
      if (!supports(isa)) continue;
      RandomGemmStage s(seed);
      s.run(1, isa);
      int wrong = 0;
      for_each_index(s.dims, [&](const std::vector<int64_t>& i) {
        double scale = 0;
        const double want = s.expected(i, &scale);
        wrong += !(std::fabs(s.c.tensors[s.y].get(i) - want) <= 2e-6 * scale);
      });
      ASSERT_EQ(wrong, 0) << "seed " << seed << " isa " << isa_name(isa);
    }
  }
}

TEST(StageRunner, BitsDoNotDependOnTheTeam) {
  for (uint32_t seed = 0; seed < 25; ++seed) {
    for (Isa isa : kIsas) {
      if (!supports(isa)) continue;
      RandomGemmStage one(seed);
      one.run(1, isa);
      for (int size : {2, 3, 8}) {
        RandomGemmStage team(seed);
        team.run(size, isa);
        ASSERT_EQ(one.c.tensors[one.y].bytes, team.c.tensors[team.y].bytes) << "seed " << seed << " size " << size;
      }
    }
  }
}

// y = x * w with `rows` rows: each row's bits must be those it has alone.
std::vector<float> product(int64_t rows, int64_t first, int64_t k, int gates, int64_t cols, Isa isa) {
  StageCase c(7);
  const plan::ViewId a = c.tensor({64, k}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId w = c.tensor({k, gates, cols}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId y = c.tensor({rows, cols}, DType::kFloat32, LayoutKind::kDense);
  c.views[a].base += first * c.views[a].stride_bytes[0];
  c.set_space({rows, cols});
  plan::Gemm gemm;
  gemm.a = a;
  gemm.packed = 0;
  gemm.k = c.expr(k);
  gemm.gates = static_cast<uint16_t>(gates);
  c.stage().gemms.push_back(gemm);
  c.tail().acc_count = static_cast<uint16_t>(gates);
  uint16_t sum = c.acc(0);
  for (int g = 1; g < gates; ++g)
    sum = c.apply(PointwiseFn::f_add, ValueType::kF32, sum, c.acc(static_cast<uint16_t>(g)));
  c.store(sum, y);
  c.packed.emplace_back(c.views[w].base, kernels::MatrixSpec{0, gates * cols, 1, cols, k, cols, gates}, isa);
  c.run(1, isa);
  const auto* out = reinterpret_cast<const float*>(c.views[y].base);
  return {out, out + rows * cols};
}

TEST(StageRunner, BitsDoNotDependOnThePositionInTheBatch) {
  constexpr int64_t kRows = 41, kCols = 37;
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (int gates : {1, 2, 3, 4, 5}) {
      for (int64_t k : {17, 2100}) {
        const std::vector<float> all = product(kRows, 0, k, gates, kCols, isa);
        for (int64_t row : {0, 1, 5, 6, 40}) {
          const std::vector<float> alone = product(1, row, k, gates, kCols, isa);
          ASSERT_EQ(0, std::memcmp(alone.data(), all.data() + row * kCols, kCols * sizeof(float)))
              << gates << ' ' << k << ' ' << row;
        }
      }
    }
  }
}

TEST(StageRunner, RandomPointwiseStagesMatchNaiveDouble) {
  for (uint32_t seed = 0; seed < 80; ++seed) {
    for (Isa isa : kIsas) {
      if (!supports(isa)) continue;
      StageCase c(seed);
      std::vector<int64_t> dims;
      for (int64_t i = c.pick(0, 3); i >= 0; --i)
        dims.push_back(c.pick(0, 40) == 0 ? 0 : c.pick(0, 2) == 0 ? c.pick(1, 90) : c.pick(1, 9));
      c.set_space(dims);
      const DType types[] = {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt32,
                             DType::kInt64,   DType::kInt8,    DType::kBool};
      const plan::ViewId a = c.tensor(dims, types[c.pick(0, 6)], LayoutKind::kRandomOrBroadcast);
      const plan::ViewId b = c.tensor(dims, types[c.pick(0, 2)], LayoutKind::kRandomOrBroadcast);
      const plan::ViewId y = c.tensor(dims, DType::kFloat32, LayoutKind::kRandom);
      const plan::ViewId z = c.tensor(dims, types[c.pick(3, 5)], LayoutKind::kRandom);
      const int64_t axis = c.pick(0, static_cast<int64_t>(dims.size()) - 1);
      tile::Inst index;
      index.kind = tile::InstKind::kIndex;
      index.operand = static_cast<uint16_t>(axis);
      index.type = ValueType::kS64;
      const bool indexed = c.pick(0, 1) == 0;
      uint16_t sum = c.apply(PointwiseFn::f_cast, ValueType::kF32, c.load(a));
      if (indexed)
        sum = c.apply(PointwiseFn::f_add, ValueType::kF32, sum,
                      c.apply(PointwiseFn::f_cast, ValueType::kF32, c.inst(index)));
      sum = c.apply(PointwiseFn::f_mul, ValueType::kF32, sum, c.load(b));
      c.store(sum, y);
      c.store(sum, z);
      c.run(static_cast<int>(c.pick(1, 3)), isa);
      for_each_index(dims, [&](const std::vector<int64_t>& i) {
        const double want =
            (c.tensors[a].get(i) + (indexed ? static_cast<double>(i[axis]) : 0.0)) * c.tensors[b].get(i);
        ASSERT_NEAR(c.tensors[y].get(i), want, 1e-4) << "seed " << seed;
        ASSERT_NEAR(c.tensors[z].get(i), std::trunc(want), 1.0001) << "seed " << seed;
      });
    }
  }
}

TEST(StageRunner, SlotsMoveAddressesAndGuardsDropStores) {
  StageCase c(3);
  const plan::ViewId x = c.tensor({4, 20}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId start = c.tensor({20}, DType::kFloat32, LayoutKind::kDense);
  const plan::ViewId y = c.tensor({4, 20}, DType::kFloat32, LayoutKind::kDense);
  c.set_space({20});
  for (plan::ViewId v : {x, y}) {  // rows of x and y by slot 1
    c.views[v].term[0] = {1, plan::TermKind::kForward, 80};
    c.views[v].terms = 1;
    c.views[v].stride_bytes[0] = 4;
    c.views[v].axes = 1;
  }
  c.views[x].first = &c.views[start];
  c.views[x].first_slot = 1;
  c.views[y].guard_slot = 1;
  c.views[y].guard_limit = 3;
  c.stage().slots = {1};
  tile::Inst step;
  step.kind = tile::InstKind::kStep;
  step.type = ValueType::kS64;
  const uint16_t t = c.apply(PointwiseFn::f_cast, ValueType::kF32, c.inst(step));
  c.store(c.apply(PointwiseFn::f_add, ValueType::kF32, c.load(x), t), y);
  const std::vector<std::byte> before = c.tensors[y].bytes;
  for (int64_t slot = 0; slot < 4; ++slot) {
    c.slots[1] = slot;
    c.run(1, kernels::detect_isa());
  }
  const auto* in = reinterpret_cast<const float*>(c.tensors[x].bytes.data());
  const auto* first = reinterpret_cast<const float*>(c.tensors[start].bytes.data());
  const auto* out = reinterpret_cast<const float*>(c.tensors[y].bytes.data());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(out[i], first[i]);
    EXPECT_EQ(out[20 + i], in[20 + i] + 1);
    EXPECT_EQ(out[40 + i], in[40 + i] + 2);
    EXPECT_EQ(out[60 + i], reinterpret_cast<const float*>(before.data())[60 + i]);
  }
}

TEST(StageRunner, UpdatesInPlace) {
  for (int64_t n : {1, 15, 16, 64, 1000}) {
    StageCase c(5);
    const plan::ViewId x = c.tensor({n}, DType::kFloat32, LayoutKind::kDense);
    c.set_space({n});
    const std::vector<std::byte> before = c.tensors[x].bytes;
    const uint16_t old = c.load(x);
    const uint16_t twice = c.apply(PointwiseFn::f_add, ValueType::kF32, old, old);
    c.store(twice, x);
    const plan::ViewId y = c.tensor({n}, DType::kFloat32, LayoutKind::kDense);
    c.store(c.apply(PointwiseFn::f_sub, ValueType::kF32, twice, old), y);  // old again, after it was overwritten
    c.run(2, kernels::detect_isa());
    for (int64_t i = 0; i < n; ++i) {
      const float was = reinterpret_cast<const float*>(before.data())[i];
      EXPECT_EQ(reinterpret_cast<const float*>(c.tensors[x].bytes.data())[i], was + was);
      EXPECT_EQ(reinterpret_cast<const float*>(c.tensors[y].bytes.data())[i], was);
    }
  }
}

struct TeamCall {
  const StageRunner* runner;
  const int64_t* slots;
  std::vector<std::unique_ptr<std::byte[]>> memory;
  std::vector<std::byte*> scratch;
  int size;
};

TEST(StageRunner, AThreadTeamSharesAStage) {
  RandomGemmStage alone(12), together(12);
  alone.run(1, kernels::detect_isa());
  together.run(1, kernels::detect_isa());
  StageCase& c = together.c;
  std::fill(c.tensors[together.y].bytes.begin(), c.tensors[together.y].bytes.end(), std::byte{0});
  const StageRunner runner(c.program, c.stage(), c.packed, c.exprs, c.views.data(), kernels::detect_isa());
  TeamCall call{&runner, c.slots.data(), {}, {}, 4};
  for (int i = 0; i < call.size; ++i) {
    call.memory.push_back(std::make_unique<std::byte[]>(runner.scratch_bytes() + 64));
    void* p = call.memory.back().get();
    size_t space = runner.scratch_bytes() + 64;
    call.scratch.push_back(static_cast<std::byte*>(std::align(64, runner.scratch_bytes(), p, space)));
  }
  ThreadTeam team(call.size);
  for (int i = 0; i < 20; ++i) {
    team.run(
        [](void* context, int rank) noexcept {
          auto* t = static_cast<TeamCall*>(context);
          t->runner->run(t->slots, rank, t->size, t->scratch[static_cast<size_t>(rank)]);
        },
        &call, call.size);
  }
  for_each_index(together.dims, [&](const std::vector<int64_t>& i) {
    ASSERT_EQ(alone.c.tensors[alone.y].get(i), c.tensors[together.y].get(i));
  });
}

TEST(StageRunner, SmallWorkIsForOneThread) {
  StageCase c(1);
  const plan::ViewId x = c.tensor({8}, DType::kFloat32, LayoutKind::kDense);
  c.set_space({8});
  c.store(c.load(x), x);
  const StageRunner runner(c.program, c.stage(), c.packed, c.exprs, c.views.data(), kernels::detect_isa());
  EXPECT_EQ(runner.useful_threads(8), 1);
}

}  // namespace
}  // namespace rondo::runtime
