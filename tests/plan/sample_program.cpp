#include "sample_program.h"

#include <cstring>

#include "plan/place_weights.h"

namespace rondo::plan {
namespace {

using tile::Inst;
using tile::InstKind;
using tile::PointwiseFn;
using tile::ValueType;

constexpr PointwiseFn kNoFn = Inst().fn;

enum Exprs : ExprId { k0, k1, k2, k3, k4, kT, kT2, kBytesX, kBytesY, k8, k12, kHalf };
enum Buffers : uint32_t { kX, kFlag, kShape, kY, kSum, kW, kPre, kGo };
enum Views : ViewId {
  kVx,
  kVpre,
  kVpreT,
  kVyFirst,
  kVyPrevious,
  kVyNow,
  kVgo,
  kVflag,
  kVyAll,
  kVsum,
  kVh,
  kVy0,
  kVcount
};

void add_exprs(Program& p) {
  const auto binary = [](ExprKind kind, ExprId a, ExprId b) { return Expr{kind, 0, a, b}; };
  p.symbols = {{Symbol::Source::kInputDim, 0, 0, "T"}, {Symbol::Source::kInputValue, 2, 0, "n"}};
  for (const int64_t value : {0, 1, 2, 3, 4}) p.exprs.push_back({ExprKind::kConstant, value});
  p.exprs.push_back({ExprKind::kSymbol, 0});
  p.exprs.push_back(binary(ExprKind::kMul, kT, k2));
  p.exprs.push_back(binary(ExprKind::kMul, kT, k3));
  p.exprs.push_back(binary(ExprKind::kMul, kT2, k4));
  p.exprs.push_back({ExprKind::kConstant, 8});
  p.exprs.push_back({ExprKind::kConstant, 12});
  p.exprs.push_back(binary(ExprKind::kCeilDiv, kT, k2));
  p.checks = {{kT, kT, "the sequence is as long as itself"}};
}

void add_memory(Program& p) {
  p.bindings = {
      {"x", DType::kFloat32, true, false, {-1, 3}, {kT, k3}, {"time", "features"}, kX},
      {"flag", DType::kBool, true, false, {}, {}, {}, kFlag},
      {"n", DType::kInt32, true, true, {1}, {k1}, {}, kShape},
      {"y", DType::kFloat32, false, false, {-1, 2}, {kT, k2}, {}, kY},
      {"sum", DType::kFloat32, false, false, {2}, {k2}, {}, kSum},
  };
  Profile::Input x{{1, 3}, {4, 3}, {16, 3}, {}, {}, {}};
  p.profiles = {{{x, {}, {{1}, {1}, {1}, {1}, {2}, {3}}}}};
  p.buffers = {
      {Storage::kInput, DType::kFloat32, 0, kBytesX, 0, 0},   {Storage::kInput, DType::kBool, 1, k1, 0, 0},
      {Storage::kInput, DType::kInt32, 2, k4, 0, 0},          {Storage::kOutput, DType::kFloat32, 3, kBytesY, 0, 0},
      {Storage::kOutput, DType::kFloat32, 4, k8, 0, 0},       {Storage::kConstant, DType::kFloat32, 1, k8, 0, 0},
      {Storage::kArena, DType::kFloat32, 0, kBytesY, 0, 128}, {Storage::kArena, DType::kBool, 0, k1, 128, 1},
  };
  p.arena_bytes = 192;
  p.constants = {{DType::kFloat32, {5, 2}, 0, 40}, {DType::kFloat32, {2}, 64, 8}};
  const float weights[] = {1, 2, 3, 4, 5, 6, 0.5f, 0, 0, 0.5f};
  p.weights.resize(72);
  std::memcpy(p.weights.data(), weights, sizeof weights);
  p.packed = {{0, 0, 2, 1, 0, 3, 2, 1}, {0, 6, 2, 1, 0, 2, 2, 1}};
}

void add_views(Program& p) {
  p.slot_count = 2;
  p.views.resize(kVcount + 1);
  p.views[kVx] = {kX, k0, {k3, k1}, {}, kNone, 0, kNone, kNone};
  p.views[kVpre] = {kPre, k0, {k2, k1}, {}, kNone, 0, kNone, kNone};
  p.views[kVpreT] = {kPre, k0, {k1}, {{0, TermKind::kForward, k2}}, kNone, 0, kNone, kNone};
  p.views[kVyFirst] = {kW, k0, {k1}, {}, kNone, 0, kNone, kNone};
  p.views[kVyPrevious] = {kY, k0, {k1}, {{0, TermKind::kForward, k2}}, kVyFirst, 0, kNone, kNone};
  p.views[kVyNow] = {kY, k0, {k1}, {{0, TermKind::kForward, k2}}, kNone, 0, 0, kT};
  p.views[kVgo] = {kGo, k0, {k0}, {{1, TermKind::kParity, k0}}, kNone, 0, kNone, kNone};
  p.views[kVflag] = {kFlag, k0, {}, {}, kNone, 0, kNone, kNone};
  p.views[kVyAll] = {kY, k0, {k2, k1}, {}, kNone, 0, kNone, kNone};
  p.views[kVsum] = {kSum, k0, {k0, k1}, {}, kNone, 0, kNone, kNone};
  p.views[kVh] = {kGo, k0, {}, {{1, TermKind::kNextParity, k0}}, kNone, 0, kNone, kNone};
  p.views[kVy0] = {kY, k0, {k1}, {}, kNone, 0, kNone, kNone};
  p.views[kVcount] = {kShape, k0, {}, {}, kNone, 0, kNone, kNone};
}

void add_tiles(Program& p) {
  const auto load = [](uint16_t operand) { return Inst{InstKind::kLoad, kNoFn, ValueType::kF32, {}, operand, 0}; };
  const auto acc = Inst{InstKind::kAcc, kNoFn, ValueType::kF32, {}, 0, 0};
  const auto call = [](PointwiseFn fn, ValueType type, uint16_t a, uint16_t b) {
    return Inst{InstKind::kPointwise, fn, type, {a, b, 0}, 0, 0};
  };
  const auto store = [](uint16_t value, uint16_t operand, ValueType type) {
    return Inst{InstKind::kStore, kNoFn, type, {value, 0, 0}, operand, 0};
  };
  tile::TileProgram input{{acc, store(0, 0, ValueType::kF32)}, {DType::kFloat32}, 1};
  tile::TileProgram step;
  step.insts = {acc,
                load(0),
                call(PointwiseFn::f_add, ValueType::kF32, 0, 1),
                call(PointwiseFn::f_tanh, ValueType::kF32, 2, 0),
                store(3, 1, ValueType::kF32),
                Inst{InstKind::kStep, kNoFn, ValueType::kS64, {}, 0, 0},
                Inst{InstKind::kConst, kNoFn, ValueType::kS64, {}, 0, 1000},
                call(PointwiseFn::f_less, ValueType::kMask, 5, 6),
                store(7, 2, ValueType::kMask)};
  step.operand_dtypes = {DType::kFloat32, DType::kFloat32, DType::kBool};
  step.acc_count = 1;
  p.tile_programs = {input, step};
}

void add_steps(Program& p) {
  p.stages.resize(2);
  p.stages[0] = {{kT, k2}, {{kVx, 0, kNone, k3, 1, 0, false}}, 0, {kVpre}, {}};
  p.stages[1] = {{k2}, {{kVyPrevious, 1, kNone, k2, 1, 0, false}}, 1, {kVpreT, kVyNow, kVgo}, {0}};
  Kernel reduce{KernelId::k_reduce, {kT, k2}, {kVyAll, kVsum}, {}, {0, 1}, {}, {}};
  Kernel top{KernelId::k_topk, {k2}, {kVy0, kVy0, kVy0}, {{k2}, {k1}, {k1}}, {1, 0}, {k1}, {}};
  Kernel tail{KernelId::k_zero_tail, {kT, k2}, {kVyAll}, {}, {0}, {}, {0}};
  Kernel reverse{KernelId::k_reverse_prefix, {kT, k2}, {kVyAll}, {}, {0}, {}, {0}};
  p.kernels = {reduce, top, tail, reverse};
  p.loops = {{0, kT, kNone, 1}, {1, kHalf, kVcount, 2}};
  p.breaks = {{kVh}};
  p.conditionals = {{kVflag, 3, kNone}};
  p.parallels = {{{4, 5}}};
  p.steps = {
      {StepKind::kStage, 0, "enc.x"},    {StepKind::kLoop, 0, "enc"},      {StepKind::kStage, 1, "enc.h + enc.tanh"},
      {StepKind::kLoop, 1, "enc"},       {StepKind::kBreak, 0, ""},        {StepKind::kKernel, 0, "sum"},
      {StepKind::kConditional, 0, "if"}, {StepKind::kKernel, 1, "top"},    {StepKind::kParallel, 0, "both"},
      {StepKind::kKernel, 2, "tail"},    {StepKind::kKernel, 3, "reverse"}};
  p.blocks = {{{0, 1, 5, 6, 8}}, {{2, 3}}, {{4}}, {{7}}, {{9}}, {{10}}};
}

}  // namespace

Program sample_program() {
  Program p;
  p.name = "sample";
  add_exprs(p);
  add_memory(p);
  add_views(p);
  add_tiles(p);
  add_steps(p);
  p.graph_text = "%0 = input {index = 0} \"x\" : f32[T, 3]\n";
  p.layer_info = "{\"layers\": []}";
  return p;
}

Program chained_program() {
  constexpr uint32_t kIn = 0, kOut = 1, kBetween = 2;
  Program p;
  p.name = "chained";
  p.exprs = {{ExprKind::kConstant, 0, kNone, kNone},
             {ExprKind::kConstant, 1, kNone, kNone},
             {ExprKind::kConstant, 4, kNone, kNone},
             {ExprKind::kConstant, 16, kNone, kNone}};
  p.bindings.push_back({"x", DType::kFloat32, true, false, {4}, {2}, {}, kIn});
  p.bindings.push_back({"y", DType::kFloat32, false, false, {4}, {2}, {}, kOut});
  p.buffers.push_back({Storage::kInput, DType::kFloat32, 0, 3, 0, 0});
  p.buffers.push_back({Storage::kOutput, DType::kFloat32, 1, 3, 0, 0});
  p.buffers.push_back({Storage::kLocal, DType::kFloat32, 0, 3, 0, 0});
  p.profiles.resize(1);
  p.profiles[0].inputs.push_back({{4}, {4}, {4}, {}, {}, {}});
  for (const uint32_t buffer : {kIn, kOut, kBetween}) p.views.push_back({buffer, 0, {1}, {}, kNone, 0, kNone, kNone});
  tile::TileProgram copy;
  copy.insts.push_back({tile::InstKind::kLoad, {}, tile::ValueType::kF32, {}, 0, 0});
  copy.insts.push_back({tile::InstKind::kStore, {}, tile::ValueType::kF32, {0, 0, 0}, 1, 0});
  copy.operand_dtypes = {DType::kFloat32, DType::kFloat32};
  p.tile_programs.push_back(copy);
  p.stages.push_back({{2}, {}, 0, {0, 2}, {}});
  p.stages.push_back({{2}, {}, 0, {2, 1}, {}});
  p.stages.push_back({{2}, {}, 0, {0, 1}, {}});
  for (uint32_t s = 0; s < 3; ++s) p.steps.push_back({StepKind::kStage, s, "s" + std::to_string(s)});
  p.blocks.push_back({{0, 1, 2}});
  p.chains.push_back({{0, 1}});
  return p;
}

Program packed_sample_program(kernels::Isa isa) {
  Program p = sample_program();
  place_weights(p, isa);
  Bytes weights(p.section_bytes);
  write_weights(p, weights.data(), 1);
  p.weights = std::move(weights);
  p.sources.clear();
  return p;
}

}  // namespace rondo::plan
