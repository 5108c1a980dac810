// Times what should run at the speed of memory: chains of pointwise functions, softmax, normalization, reductions,
// conversions, each beside a plain copy of as many bytes on the same threads.
//   rondo_memory_bench [threads [part of a name]]      RONDO_ISA=avx2 lowers the instruction set
// Every figure is the best of many runs, on one thread in processor time (which a busy machine disturbs least); `copy`
// is the time of memcpy over the bytes that the case reads and writes.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <vector>

#include "base/thread_team.h"
#include "kernels/cpu/structured/reduce.h"
#include "runtime/cpu/stages/stage_runner.h"

namespace rondo {
namespace {

using runtime::BoundView;
using runtime::StageRunner;
using tile::Inst;
using tile::InstKind;
using tile::PointwiseFn;
using tile::RowFold;

std::byte* memory(int64_t bytes) {
  auto* p = static_cast<std::byte*>(::operator new (static_cast<size_t>(bytes + 64), std::align_val_t{64}));
  std::memset(p, 0, static_cast<size_t>(bytes + 64));
  return p;  // lives as long as the program: the benchmark ends with it
}

/// A stage over [rows, cols], folding along its columns if `folds`.
class Stage {
 public:
  Stage(int64_t rows, int64_t cols, bool folds) : rows_(rows), cols_(cols) {
    program_.stages.resize(1);
    program_.tile_programs.resize(1);
    program_.stages[0].tile_program = 0;
    exprs_ = {rows, cols};
    program_.stages[0].space = {0, 1};
    tail().row_axes = folds ? 1 : 0;
    views_.reserve(16);
  }
  uint16_t load(DType dtype = DType::kFloat32) {
    return add(InstKind::kLoad, operand(dtype, cols_), {}, tile::value_type(dtype));
  }
  uint16_t load_row() { return add(InstKind::kLoad, operand(DType::kFloat32, 0)); }
  void store(uint16_t value, DType dtype = DType::kFloat32) {
    add(InstKind::kStore, operand(dtype, cols_), {value, 0, 0}, tile::value_type(dtype));
  }
  uint16_t constant(double value) {
    const uint16_t id = add(InstKind::kConst, 0);
    tail().insts[id].imm = value;
    return id;
  }
  uint16_t fold(RowFold how, uint16_t value) {
    return add(InstKind::kRowReduce, static_cast<uint16_t>(how), {value, 0, 0});
  }
  uint16_t apply(PointwiseFn fn, uint16_t a, uint16_t b = 0) {
    const uint16_t id = add(InstKind::kPointwise, 0, {a, b, 0});
    tail().insts[id].fn = fn;
    return id;
  }
  int64_t bytes() const { return bytes_; }
  StageRunner bind() const {
    return StageRunner(program_, program_.stages[0], {}, exprs_, views_.data(), kernels::detect_isa());
  }

 private:
  tile::TileProgram& tail() { return program_.tile_programs[0]; }
  uint16_t operand(DType dtype, int64_t row_elements) {
    const auto size = static_cast<int64_t>(dtype_bytes(dtype));
    BoundView v;
    const int64_t bytes = (row_elements == 0 ? cols_ : rows_ * cols_) * size;
    v.base = memory(bytes);
    if (row_elements != 0) bytes_ += bytes;
    if (dtype == DType::kFloat32) {
      for (int64_t i = 0; i < bytes / 4; ++i)
        reinterpret_cast<float*>(v.base)[i] = static_cast<float>(i % 61 - 30) * 0.05f;
    }
    v.dtype = dtype;
    v.axes = 2;
    v.stride_bytes[0] = row_elements * size;
    v.stride_bytes[1] = size;
    views_.push_back(v);
    program_.stages[0].operands.push_back(static_cast<plan::ViewId>(views_.size() - 1));
    tail().operand_dtypes.push_back(dtype);
    return static_cast<uint16_t>(views_.size() - 1);
  }
  uint16_t add(InstKind kind, uint16_t operand, std::array<uint16_t, 3> args = {},
               tile::ValueType type = tile::ValueType::kF32) {
    tail().insts.push_back(Inst{kind, {}, type, args, operand, 0});
    return static_cast<uint16_t>(tail().insts.size() - 1);
  }

  int64_t rows_, cols_, bytes_ = 0;
  plan::Program program_;
  std::vector<int64_t> exprs_;
  std::vector<BoundView> views_;
};

class Bench {
 public:
  Bench(int threads, const char* only) : team_(threads), threads_(threads), only_(only) {}
  bool skips(const char* name) const { return std::strstr(name, only_) == nullptr; }

  double best_us(const std::function<void(int rank)>& share, double budget_ms = 300) {
    double best = 1e30, total = 0;
    for (int i = 0; i < 5 || total < budget_ms * 1e3; ++i) {
      const double start = now_us();
      team_.run([](void* f, int rank) noexcept { (*static_cast<std::function<void(int)>*>(f))(rank); },
                const_cast<std::function<void(int)>*>(&share), threads_);
      const double us = now_us() - start;
      best = us < best ? us : best;
      total += us;
    }
    return best;
  }
  double now_us() const {
    if (threads_ == 1) return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC;
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  double copy_us(int64_t bytes) {
    const int64_t half = bytes / 2;
    std::byte *from = memory(half), *to = memory(half);
    std::memset(from, 1, static_cast<size_t>(half));
    const double us = best_us([&](int rank) {
      const int64_t begin = half * rank / threads_, end = half * (rank + 1) / threads_;
      std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin));
    });
    ::operator delete (from, std::align_val_t{64});
    ::operator delete (to, std::align_val_t{64});
    return us;
  }
  void report(const char* name, double us, int64_t bytes) {
    const double copy = copy_us(bytes);
    std::printf("  %-34s %9.0f us  %6.1f GB/s   copy %9.0f us   %5.2fx of copy\n", name, us,
                static_cast<double>(bytes) / us / 1e3, copy, copy / us);
    std::fflush(stdout);
  }
  void stage(const char* name, const std::function<Stage()>& make) {
    if (skips(name)) return;
    const Stage stage = make();
    const StageRunner runner = stage.bind();
    std::vector<std::byte*> scratch;
    for (int i = 0; i < threads_; ++i) scratch.push_back(memory(static_cast<int64_t>(runner.scratch_bytes())));
    const int64_t slots[1] = {};
    const double us = best_us([&](int rank) { runner.run(slots, rank, threads_, scratch[static_cast<size_t>(rank)]); });
    report(name, us, stage.bytes());
  }
  void reduction(const char* name, kernels::Reduction op, std::vector<int64_t> dims, uint32_t axes, DType dtype) {
    if (skips(name)) return;
    kernels::ReduceShape shape;
    shape.rank = static_cast<int>(dims.size());
    shape.axes = axes;
    int64_t x_strides[8], y_strides[8], stride = static_cast<int64_t>(dtype_bytes(dtype)), kept = stride;
    for (int i = shape.rank; i-- > 0;) {
      shape.dims[i] = dims[static_cast<size_t>(i)];
      x_strides[i] = stride;
      stride *= shape.dims[i];
      y_strides[i] = axes >> i & 1 ? 0 : kept;
      if (!(axes >> i & 1)) kept *= shape.dims[i];
    }
    const kernels::Strided x{memory(stride), dtype, x_strides}, y{memory(kept), dtype, y_strides};
    const int64_t results = kernels::reduce_results(shape);
    const double us = best_us([&](int rank) {
      kernels::reduce(op, shape, x, y, results * rank / threads_, results * (rank + 1) / threads_);
    });
    report(name, us, stride);
  }

 private:
  ThreadTeam team_;
  int threads_;
  const char* only_;
};

Stage chain(bool transcendental) {
  Stage s(1, 16 << 20, false);
  uint16_t v = s.load();
  const PointwiseFn cheap[] = {PointwiseFn::f_mul, PointwiseFn::f_add, PointwiseFn::f_mul, PointwiseFn::f_add,
                               PointwiseFn::f_max, PointwiseFn::f_min, PointwiseFn::f_mul, PointwiseFn::f_add};
  for (int i = 0; i < 8; ++i) v = s.apply(cheap[i], v, s.constant(0.9 + 0.1 * i));
  if (transcendental)
    v = s.apply(PointwiseFn::f_mul, s.apply(PointwiseFn::f_sigmoid, v), s.apply(PointwiseFn::f_tanh, v));
  s.store(v);
  return s;
}

Stage softmax(int64_t rows, int64_t cols) {
  Stage s(rows, cols, true);
  const uint16_t x = s.load();
  const uint16_t powers = s.apply(PointwiseFn::f_exp, s.apply(PointwiseFn::f_sub, x, s.fold(RowFold::kMax, x)));
  s.store(s.apply(PointwiseFn::f_mul, powers, s.apply(PointwiseFn::f_recip, s.fold(RowFold::kSum, powers))));
  return s;
}

Stage layer_norm(int64_t rows, int64_t cols) {
  Stage s(rows, cols, true);
  const uint16_t x = s.load();
  const uint16_t centred = s.apply(PointwiseFn::f_sub, x, s.fold(RowFold::kAvg, x));
  const uint16_t variance = s.fold(RowFold::kAvg, s.apply(PointwiseFn::f_mul, centred, centred));
  const uint16_t root = s.apply(PointwiseFn::f_sqrt, s.apply(PointwiseFn::f_add, variance, s.constant(1e-5)));
  const uint16_t unit = s.apply(PointwiseFn::f_mul, centred, s.apply(PointwiseFn::f_recip, root));
  s.store(s.apply(PointwiseFn::f_add, s.apply(PointwiseFn::f_mul, unit, s.load_row()), s.load_row()));
  return s;
}

Stage conversion(DType from, DType to) {
  Stage s(1, 16 << 20, false);
  const uint16_t x = s.load(from);
  s.store(x, to);
  return s;
}

void run_all(int threads, const char* only) {
  Bench bench(threads, only);
  bench.stage("chain of 8, 16M f32", [] { return chain(false); });
  bench.stage("chain of 8 + sigmoid, tanh, 16M", [] { return chain(true); });
  bench.stage("softmax [4096, 1024]", [] { return softmax(4096, 1024); });
  bench.stage("softmax [4608, 384]", [] { return softmax(4608, 384); });
  bench.stage("softmax [96, 384]", [] { return softmax(96, 384); });
  bench.stage("softmax [262144, 16]", [] { return softmax(262144, 16); });
  bench.stage("softmax [65536, 64]", [] { return softmax(65536, 64); });
  bench.stage("softmax [512, 8192]", [] { return softmax(512, 8192); });
  bench.stage("softmax [4, 1M]", [] { return softmax(4, 1 << 20); });
  bench.stage("layer norm [16384, 768]", [] { return layer_norm(16384, 768); });
  bench.stage("layer norm [384, 768]", [] { return layer_norm(384, 768); });
  bench.stage("layer norm [4096, 1024]", [] { return layer_norm(4096, 1024); });
  bench.stage("f16 -> f32, 16M", [] { return conversion(DType::kFloat16, DType::kFloat32); });
  bench.stage("f32 -> f16, 16M", [] { return conversion(DType::kFloat32, DType::kFloat16); });
  bench.stage("bf16 -> f32, 16M", [] { return conversion(DType::kBFloat16, DType::kFloat32); });
  bench.stage("f32 -> bf16, 16M", [] { return conversion(DType::kFloat32, DType::kBFloat16); });
  bench.stage("i8 -> i8, 16M", [] { return conversion(DType::kInt8, DType::kInt8); });
  bench.stage("u8 -> i32, 16M", [] { return conversion(DType::kUint8, DType::kInt32); });
  bench.stage("bool -> bool, 16M", [] { return conversion(DType::kBool, DType::kBool); });
  bench.stage("i64 -> i64, 4M", [] { return conversion(DType::kInt64, DType::kInt64); });
  using kernels::Reduction;
  const int64_t m = 1 << 20;
  bench.reduction("sum of all, 16M f32", Reduction::kSum, {16 * m}, 1, DType::kFloat32);
  bench.reduction("sum of rows [4096, 4096]", Reduction::kSum, {4096, 4096}, 2, DType::kFloat32);
  bench.reduction("max of rows [4096, 4096]", Reduction::kMax, {4096, 4096}, 2, DType::kFloat32);
  bench.reduction("sum of columns [4096, 4096]", Reduction::kSum, {4096, 4096}, 1, DType::kFloat32);
  bench.reduction("max of middle [64, 256, 1024]", Reduction::kMax, {64, 256, 1024}, 2, DType::kFloat32);
  bench.reduction("avg of [32, 2048, 7, 7] over 7, 7", Reduction::kAvg, {32, 2048, 7, 7}, 12, DType::kFloat32);
  bench.reduction("sum of rows [4096, 4096] f16", Reduction::kSum, {4096, 4096}, 2, DType::kFloat16);
  bench.reduction("max of rows [4096, 4096] i8", Reduction::kMax, {4096, 4096}, 2, DType::kInt8);
  bench.reduction("sum of rows [4096, 4096] i32", Reduction::kSum, {4096, 4096}, 2, DType::kInt32);
}

}  // namespace
}  // namespace rondo

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : rondo::default_thread_count();
  std::printf("instruction set %s, %d thread(s)\n", rondo::kernels::isa_name(rondo::kernels::detect_isa()), threads);
  rondo::run_all(threads, argc > 2 ? argv[2] : "");
  return 0;
}
