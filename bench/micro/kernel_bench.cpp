// Times what the runtime spends its life in: recurrent steps, large products, the tail of an LSTM, the barrier.
//   rondo_micro_bench [threads [team|small|products|tails|steps]]      RONDO_ISA=avx2 lowers the instruction set
// Every figure is the best of many runs, in the thread's own time on one thread: on a shared machine the fastest run is
// the one least disturbed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/bulk_memory.h"
#include "base/thread_team.h"
#include "kernels/cpu/tile_functions.h"
#include "runtime/cpu/stages/stage_runner.h"

namespace rondo {
namespace {

using plan::ViewId;
using runtime::BoundView;
using runtime::StageRunner;
using tile::Inst;
using tile::InstKind;
using tile::PointwiseFn;

// The thread's own time where it is alone, which other programs disturb least; else the clock's.
double now_ns(bool alone) {
  timespec t;
  clock_gettime(alone ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

// Best time of one call, in nanoseconds, over runs that together take about `budget_ms`.
template <class F>
double best_ns(F f, bool alone = false, double budget_ms = 150) {
  double best = 1e30, total = 0;
  for (int i = 0; i < 5 || total < budget_ms * 1e6; ++i) {
    const double start = now_ns(alone);
    f();
    const double ns = now_ns(alone) - start;
    best = ns < best ? ns : best;
    total += ns;
  }
  return best;
}

// A stage over [rows, cols] built by hand.
class BenchStage {
 public:
  BenchStage(int64_t rows, int64_t cols) {
    program_.stages.resize(1);
    program_.tile_programs.resize(1);
    program_.stages[0].tile_program = 0;
    program_.stages[0].space = {expr(rows), expr(cols)};
    views_.reserve(64);
  }
  float* memory(int64_t count) {
    // On huge pages, as the runtime's arenas are.
    const size_t bytes = std::max(static_cast<size_t>(count) * sizeof(float), size_t{2} << 20);
    auto* p = static_cast<float*>(allocate_bulk(bytes));
    for (int64_t i = 0; i < count; ++i) p[i] = static_cast<float>(i % 13 - 6) * 0.01f;
    return p;  // lives as long as the program: the benchmark ends with it
  }
  ViewId view(float* base, int64_t row, int64_t col) {
    BoundView v;
    v.base = reinterpret_cast<std::byte*>(base);
    v.axes = 2;
    v.stride_bytes[0] = row * 4;
    v.stride_bytes[1] = col * 4;
    views_.push_back(v);
    return static_cast<ViewId>(views_.size() - 1);
  }
  // `factors`: the type of weights; kBFloat16 rounds A to it too.
  void gemm(ViewId a, int64_t k, int64_t cols, int gates, kernels::Isa isa, DType factors) {
    std::vector<float> weights(static_cast<size_t>(k * cols * gates), 0.001f);
    plan::Gemm g;
    if (factors == DType::kBFloat16) g.product = factors;
    packed_.emplace_back(weights.data(), kernels::MatrixSpec{0, cols * gates, 1, cols, k, cols, gates}, isa,
                         DType::kFloat32, kernels::gemm_format(isa, factors, g.product));
    g.a = a;
    g.packed = static_cast<uint32_t>(packed_.size() - 1);
    g.k = expr(k);
    g.gates = static_cast<uint16_t>(gates);
    program_.stages[0].gemms.push_back(g);
    tail().acc_count = static_cast<uint16_t>(gates);
  }
  uint16_t acc(uint16_t index) { return add(InstKind::kAcc, index); }
  uint16_t load(ViewId v) { return add(InstKind::kLoad, operand(v)); }
  void store(uint16_t value, ViewId v) { add(InstKind::kStore, operand(v), {value, 0, 0}); }
  uint16_t constant(double value) {
    const uint16_t id = add(InstKind::kConst, 0);
    tail().insts[id].imm = value;
    return id;
  }
  uint16_t apply(PointwiseFn fn, uint16_t a, uint16_t b = 0, uint16_t c = 0) {
    const uint16_t id = add(InstKind::kPointwise, 0, {a, b, c});
    tail().insts[id].fn = fn;
    return id;
  }
  StageRunner bind(kernels::Isa isa) const {
    return StageRunner(program_, program_.stages[0], packed_, exprs_, views_.data(), isa);
  }

 private:
  tile::TileProgram& tail() { return program_.tile_programs[0]; }
  uint32_t expr(int64_t value) {
    exprs_.push_back(value);
    return static_cast<uint32_t>(exprs_.size() - 1);
  }
  uint16_t operand(ViewId v) {
    program_.stages[0].operands.push_back(v);
    tail().operand_dtypes.push_back(DType::kFloat32);
    return static_cast<uint16_t>(tail().operand_dtypes.size() - 1);
  }
  uint16_t add(InstKind kind, uint16_t operand, std::array<uint16_t, 3> args = {}) {
    Inst inst;
    inst.kind = kind;
    inst.operand = operand;
    inst.args = args;
    tail().insts.push_back(inst);
    return static_cast<uint16_t>(tail().insts.size() - 1);
  }

  plan::Program program_;
  std::vector<int64_t> exprs_;
  std::vector<BoundView> views_;
  std::vector<kernels::PackedMatrix> packed_;
};

// Runs a stage many times in one go, a barrier after each, as a loop does.
struct TeamRun {
  const StageRunner* runner;
  Barrier* barrier;
  int size, repeats;
  std::vector<std::byte*> scratch;
};
void run_steps(void* context, int rank) noexcept {
  auto* run = static_cast<TeamRun*>(context);
  const int64_t slots[4] = {};
  for (int i = 0; i < run->repeats; ++i) {
    run->runner->run(slots, rank, run->size, run->scratch[static_cast<size_t>(rank)]);
    run->barrier->wait();
  }
}
double stage_ns(const StageRunner& runner, ThreadTeam& team, int size, int repeats) {
  Barrier barrier(size);
  TeamRun run{&runner, &barrier, size, repeats, {}};
  for (int i = 0; i < size; ++i) {
    run.scratch.push_back(static_cast<std::byte*>(::operator new (runner.scratch_bytes() + 64, std::align_val_t{64})));
  }
  const double ns = best_ns([&] { team.run(run_steps, &run, size); }, size == 1) / repeats;
  for (std::byte* p : run.scratch) ::operator delete (p, std::align_val_t{64});
  return ns;
}

// i, f, g, o = acc + x; c = sigmoid(f) c + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c). Without gemm (k = 0): the tail
// alone.
BenchStage lstm_step(int64_t batch, int64_t hidden, int64_t k, kernels::Isa isa, DType factors = DType::kFloat32) {
  BenchStage s(batch, hidden);
  if (k > 0) s.gemm(s.view(s.memory(batch * k), k, 1), k, hidden, 4, isa, factors);
  float* x = s.memory(batch * hidden * 4);
  uint16_t gate[4];
  for (uint16_t g = 0; g < 4; ++g) {
    const uint16_t in = s.load(s.view(x + g * hidden, 4 * hidden, 1));
    gate[g] = k > 0 ? s.apply(PointwiseFn::f_add, s.acc(g), in) : in;
    gate[g] = s.apply(g == 2 ? PointwiseFn::f_tanh : PointwiseFn::f_sigmoid, gate[g]);
  }
  const ViewId c = s.view(s.memory(batch * hidden), hidden, 1), h = s.view(s.memory(batch * hidden), hidden, 1);
  const uint16_t ig = s.apply(PointwiseFn::f_mul, gate[0], gate[2]);
  const uint16_t next = s.apply(PointwiseFn::f_add, s.apply(PointwiseFn::f_mul, gate[1], s.load(c)), ig);
  s.store(next, c);
  s.store(s.apply(PointwiseFn::f_mul, gate[3], s.apply(PointwiseFn::f_tanh, next)), h);
  return s;
}

enum class Tail { kBias, kGelu, kTanhGelu };
constexpr const char* kTails[] = {"bias", "gelu", "tanh"};

BenchStage product(int64_t rows, int64_t k, int64_t cols, kernels::Isa isa, DType factors, Tail tail = Tail::kBias) {
  BenchStage s(rows, cols);
  s.gemm(s.view(s.memory(rows * k), k, 1), k, cols, 1, isa, factors);
  const uint16_t bias = s.load(s.view(s.memory(cols), 0, 1));
  uint16_t x = s.apply(PointwiseFn::f_add, s.acc(0), bias);
  if (tail != Tail::kBias) {
    uint16_t y = s.apply(PointwiseFn::f_mul, x, s.constant(0.7071067811865476));
    if (tail == Tail::kTanhGelu) {
      const uint16_t cube = s.apply(PointwiseFn::f_mul, s.apply(PointwiseFn::f_mul, x, x), x);
      y = s.apply(PointwiseFn::f_add, x, s.apply(PointwiseFn::f_mul, cube, s.constant(0.044715)));
      y = s.apply(PointwiseFn::f_mul, y, s.constant(0.7978845608028654));
    }
    y = s.apply(tail == Tail::kGelu ? PointwiseFn::f_erf : PointwiseFn::f_tanh, y);
    y = s.apply(PointwiseFn::f_add, y, s.constant(1));
    x = s.apply(PointwiseFn::f_mul, s.apply(PointwiseFn::f_mul, x, s.constant(0.5)), y);
  }
  s.store(x, s.view(s.memory(rows * cols), cols, 1));
  return s;
}

constexpr DType kFactors[] = {DType::kFloat32, DType::kBFloat16, DType::kFloat16};

void bench_steps(kernels::Isa isa, ThreadTeam& team, int threads) {
  std::printf(
      "\nLSTM step [B, H] x [H, 4H] with tail, %d thread(s)\n      H     B  factors    us/step  GFLOP/s  weights "
      "GB/s\n",
      threads);
  for (int64_t hidden : {128, 256, 512, 1024}) {
    for (int64_t batch : {1, 2, 3, 4, 6, 8, 12, 16, 32}) {
      for (const DType factors : kFactors) {
        const BenchStage s = lstm_step(batch, hidden, hidden, isa, factors);
        const double ns = stage_ns(s.bind(isa), team, threads, 20);
        const double weights = 4.0 * static_cast<double>(hidden * hidden);
        std::printf("  %5lld %5lld  %7s %10.2f %8.1f %8.1f\n", static_cast<long long>(hidden),
                    static_cast<long long>(batch), dtype_name(factors), ns / 1e3,
                    2 * weights * static_cast<double>(batch) / ns,
                    static_cast<double>(dtype_bytes(factors)) * weights / ns);
      }
    }
  }
}

void bench_products(kernels::Isa isa, ThreadTeam& team, int threads) {
  std::printf("\nproduct + bias, %d thread(s)\n      M      K      N  factors         us  GFLOP/s\n", threads);
  const int64_t sizes[][3] = {{3200, 1024, 4096}, {1920, 293, 512},  {100, 512, 2048}, {100, 1024, 4096},
                              {512, 4096, 512},   {100, 1024, 3072}, {128, 768, 768},  {128, 768, 2304},
                              {128, 768, 3072},   {128, 3072, 768},  {384, 768, 768},  {384, 768, 2304},
                              {384, 768, 3072},   {384, 3072, 768}};
  for (const auto& [rows, k, cols] : sizes) {
    for (const DType factors : kFactors) {
      const BenchStage s = product(rows, k, cols, isa, factors);
      const double ns = stage_ns(s.bind(isa), team, threads, 1);
      std::printf("  %5lld  %5lld  %5lld  %7s %10.1f %8.1f\n", static_cast<long long>(rows), static_cast<long long>(k),
                  static_cast<long long>(cols), dtype_name(factors), ns / 1e3,
                  2.0 * static_cast<double>(rows * k * cols) / ns);
    }
  }
}

void bench_small(kernels::Isa isa, ThreadTeam& team, int threads) {
  std::printf("\nsmall things, %d thread(s)\n", threads);
  for (const auto& [batch, hidden] : {std::pair<int64_t, int64_t>{1, 16}, {1, 96}, {1, 512}, {32, 512}}) {
    const BenchStage s = lstm_step(batch, hidden, 0, isa);
    std::printf("  LSTM tail %lld x %lld: %.0f ns\n", static_cast<long long>(batch), static_cast<long long>(hidden),
                stage_ns(s.bind(isa), team, threads, 100));
  }
  BenchStage one(1, 1);
  const ViewId x = one.view(one.memory(16), 0, 0);
  one.store(one.apply(PointwiseFn::f_add, one.load(x), one.load(x)), x);
  std::printf("  one addition of one element: %.0f ns\n", stage_ns(one.bind(isa), team, threads, 1000));
  BenchStage large(1000, 4096);
  const ViewId a = large.view(large.memory(4096000), 4096, 1), b = large.view(large.memory(4096000), 4096, 1);
  large.store(large.apply(PointwiseFn::f_add, large.load(a), large.load(b)), a);
  std::printf("  a += b, 4M elements: %.0f us\n", stage_ns(large.bind(isa), team, threads, 1) / 1e3);
  BenchStage turned(1000, 4000);
  turned.store(turned.load(turned.view(turned.memory(4000000), 1, 1000)), turned.view(turned.memory(4000000), 4000, 1));
  std::printf("  transpose 1000 x 4000: %.0f us\n", stage_ns(turned.bind(isa), team, threads, 1) / 1e3);
}

// Few steps of k, so that the tail is most of the time.
void bench_tails(kernels::Isa isa, ThreadTeam& team, int threads) {
  std::printf("\nproduct with tail, %d thread(s)\n      M      K      N   tail         us  GFLOP/s  ns/element\n",
              threads);
  for (const auto& [k, cols] : {std::pair<int64_t, int64_t>{16, 3072}, {768, 3072}}) {
    for (const Tail tail : {Tail::kBias, Tail::kGelu, Tail::kTanhGelu}) {
      const int64_t rows = 384;
      const BenchStage s = product(rows, k, cols, isa, DType::kFloat32, tail);
      const double ns = stage_ns(s.bind(isa), team, threads, 1), elements = static_cast<double>(rows * cols);
      std::printf("  %5lld  %5lld  %5lld  %5s %10.1f %8.1f %8.3f\n", static_cast<long long>(rows),
                  static_cast<long long>(k), static_cast<long long>(cols), kTails[static_cast<size_t>(tail)], ns / 1e3,
                  2.0 * elements * static_cast<double>(k) / ns, ns / elements);
    }
  }
}

struct Meeting {
  Barrier barrier;
  int rounds;
};
void meet(void* context, int) noexcept {
  auto* m = static_cast<Meeting*>(context);
  for (int i = 0; i < m->rounds; ++i) m->barrier.wait();
}

void bench_team(ThreadTeam& team, int threads) {
  Meeting meeting{Barrier(threads), 1000};
  std::printf("\nbarrier of %d: %.0f ns;", threads,
              best_ns([&] { team.run(meet, &meeting, threads); }) / meeting.rounds);
  meeting.rounds = 0;
  std::printf(" an empty task on %d: %.0f ns\n", threads, best_ns([&] { team.run(meet, &meeting, threads); }));
}

}  // namespace
}  // namespace rondo

int main(int argc, char** argv) {
  using namespace rondo;
  const int threads = argc > 1 ? std::atoi(argv[1]) : default_thread_count();
  const kernels::Isa isa = kernels::detect_isa();
  std::printf("instruction set %s\n", kernels::isa_name(isa));
  ThreadTeam team(threads);
  const std::string part = argc > 2 ? argv[2] : "";
  if (part.empty() || part == "team") bench_team(team, threads);
  if (part.empty() || part == "small") bench_small(isa, team, threads);
  if (part.empty() || part == "products") bench_products(isa, team, threads);
  if (part.empty() || part == "tails") bench_tails(isa, team, threads);
  if (part.empty() || part == "steps") bench_steps(isa, team, threads);
  return 0;
}
