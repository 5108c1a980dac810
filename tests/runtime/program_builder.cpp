#include "runtime/program_builder.h"

namespace rondo::runtime::testing {

using plan::ExprKind;
using plan::StepKind;
using tile::Inst;
using tile::InstKind;

uint16_t TileBuilder::push(Inst inst) {
  program_.insts.push_back(inst);
  return static_cast<uint16_t>(program_.insts.size() - 1);
}

void TileBuilder::type_operand(uint16_t operand, DType dtype) {
  if (program_.operand_dtypes.size() <= operand) program_.operand_dtypes.resize(operand + 1, DType::kFloat32);
  program_.operand_dtypes[operand] = dtype;
}

uint16_t TileBuilder::load(uint16_t operand, DType dtype) {
  type_operand(operand, dtype);
  return push({InstKind::kLoad, {}, tile::value_type(dtype), {}, operand, 0});
}

void TileBuilder::store(uint16_t operand, DType dtype, uint16_t value) {
  type_operand(operand, dtype);
  push({InstKind::kStore, {}, program_.insts[value].type, {value, 0, 0}, operand, 0});
}

uint16_t TileBuilder::acc(uint16_t gate) {
  program_.acc_count = std::max<uint16_t>(program_.acc_count, static_cast<uint16_t>(gate + 1));
  return push({InstKind::kAcc, {}, ValueType::kF32, {}, gate, 0});
}

uint16_t TileBuilder::constant(double value, ValueType type) {
  return push({InstKind::kConst, {}, type, {}, 0, value});
}

uint16_t TileBuilder::step(uint16_t slot) { return push({InstKind::kStep, {}, ValueType::kS64, {}, slot, 0}); }

uint16_t TileBuilder::fn(PointwiseFn fn, std::initializer_list<uint16_t> args) {
  Inst inst{InstKind::kPointwise, fn, ValueType::kF32, {}, 0, 0};
  std::copy(args.begin(), args.end(), inst.args.begin());
  const auto signature = tile::pointwise_info(fn).signature;
  const bool mask = signature == tile::Signature::kCompare || signature == tile::Signature::kLogic ||
                    signature == tile::Signature::kFloatTest;
  const size_t typed = signature == tile::Signature::kSelect ? 1 : 0;
  inst.type = mask ? ValueType::kMask : program_.insts[inst.args[typed]].type;
  return push(inst);
}

uint16_t TileBuilder::cast(uint16_t value, ValueType type) {
  return push({InstKind::kPointwise, PointwiseFn::f_cast, type, {value, 0, 0}, 0, 0});
}

ProgramBuilder::ProgramBuilder() {
  program.name = "test";
  program.profiles.emplace_back();
  program.blocks.emplace_back();
  open_.push_back(0);
}

ExprId ProgramBuilder::c(int64_t value) {
  for (const auto& [v, id] : constants_) {
    if (v == value) return id;
  }
  program.exprs.push_back({ExprKind::kConstant, value, plan::kNone, plan::kNone});
  constants_.push_back({value, static_cast<ExprId>(program.exprs.size() - 1)});
  return constants_.back().second;
}

ExprId ProgramBuilder::op(ExprKind kind, ExprId a, ExprId b) {
  program.exprs.push_back({kind, 0, a, b});
  return static_cast<ExprId>(program.exprs.size() - 1);
}

uint32_t ProgramBuilder::input(const std::string& name, std::vector<int64_t> dims, DType dtype) {
  const auto index = static_cast<uint32_t>(program.bindings.size());
  plan::Binding binding;
  binding.name = name;
  binding.dtype = dtype;
  binding.is_input = true;
  plan::Profile::Input range;
  ExprId bytes = c(static_cast<int64_t>(dtype_bytes(dtype)));
  for (uint32_t i = 0; i < dims.size(); ++i) {
    const bool dynamic = dims[i] < 0;
    range.min.push_back(dynamic ? 0 : dims[i]);
    range.opt.push_back(dynamic ? -dims[i] : dims[i]);
    range.max.push_back(dynamic ? -dims[i] : dims[i]);
    binding.dims.push_back(dynamic ? -1 : dims[i]);
    if (dynamic) {
      program.symbols.push_back({plan::Symbol::Source::kInputDim, index, i, name + "." + std::to_string(i)});
      program.exprs.push_back(
          {ExprKind::kSymbol, static_cast<int64_t>(program.symbols.size() - 1), plan::kNone, plan::kNone});
    }
    binding.dim_exprs.push_back(dynamic ? static_cast<ExprId>(program.exprs.size() - 1) : c(dims[i]));
    bytes = mul(bytes, binding.dim_exprs.back());
  }
  binding.buffer = static_cast<uint32_t>(program.buffers.size());
  program.buffers.push_back({plan::Storage::kInput, dtype, index, bytes, 0, 0});
  program.profiles[0].inputs.push_back(range);
  input_dims_.push_back(binding.dim_exprs);
  program.bindings.push_back(binding);
  return binding.buffer;
}

uint32_t ProgramBuilder::output(const std::string& name, std::vector<ExprId> dims, DType dtype) {
  plan::Binding binding;
  binding.name = name;
  binding.dtype = dtype;
  ExprId bytes = c(static_cast<int64_t>(dtype_bytes(dtype)));
  for (const ExprId e : dims) {
    const bool fixed = program.exprs[e].kind == ExprKind::kConstant;
    binding.dims.push_back(fixed ? program.exprs[e].value : -1);
    bytes = mul(bytes, e);
  }
  binding.dim_exprs = dims;
  binding.buffer = static_cast<uint32_t>(program.buffers.size());
  program.buffers.push_back(
      {plan::Storage::kOutput, dtype, static_cast<uint32_t>(program.bindings.size()), bytes, 0, 0});
  program.bindings.push_back(binding);
  input_dims_.push_back({});
  return binding.buffer;
}

ExprId ProgramBuilder::element(uint32_t input_buffer, uint32_t index, int64_t low, int64_t high) {
  const uint32_t binding = program.buffers[input_buffer].index;
  program.bindings[binding].is_shape = true;
  auto& range = program.profiles[0].inputs[binding];
  range.value_min.resize(index + 1, low);
  range.value_opt.resize(index + 1, high);
  range.value_max.resize(index + 1, high);
  program.symbols.push_back({plan::Symbol::Source::kInputValue, binding, index, "value"});
  program.exprs.push_back(
      {ExprKind::kSymbol, static_cast<int64_t>(program.symbols.size() - 1), plan::kNone, plan::kNone});
  return static_cast<ExprId>(program.exprs.size() - 1);
}

uint32_t ProgramBuilder::arena(int64_t elements, DType dtype) {
  const uint64_t bytes = static_cast<uint64_t>(elements) * dtype_bytes(dtype);
  program.buffers.push_back(
      {plan::Storage::kArena, dtype, 0, c(static_cast<int64_t>(bytes)), program.arena_bytes, bytes});
  program.arena_bytes += (bytes + 63) / 64 * 64;
  return static_cast<uint32_t>(program.buffers.size() - 1);
}

uint32_t ProgramBuilder::constant(const std::vector<float>& values) {
  plan::Constant constant;
  constant.dims = {static_cast<int64_t>(values.size())};
  constant.bytes = values.size() * sizeof(float);
  constant.offset = program.weights.size();
  program.weights.resize(constant.offset + (constant.bytes + 63) / 64 * 64);
  std::memcpy(program.weights.data() + constant.offset, values.data(), constant.bytes);
  program.constants.push_back(constant);
  const auto index = static_cast<uint32_t>(program.constants.size() - 1);
  program.buffers.push_back(
      {plan::Storage::kConstant, DType::kFloat32, index, c(static_cast<int64_t>(constant.bytes)), 0, 0});
  return static_cast<uint32_t>(program.buffers.size() - 1);
}

ViewId ProgramBuilder::view(ViewSpec spec) {
  plan::View view;
  view.buffer = spec.buffer;
  view.offset = spec.offset;
  view.strides = std::move(spec.strides);
  view.terms = std::move(spec.terms);
  view.first = spec.first;
  view.first_slot = spec.first_slot;
  view.guard_slot = spec.guard_slot;
  view.guard_limit = spec.guard_limit;
  program.views.push_back(std::move(view));
  return static_cast<ViewId>(program.views.size() - 1);
}

void ProgramBuilder::push_step(StepKind kind, size_t index, const std::string& origin) {
  program.steps.push_back({kind, static_cast<uint32_t>(index), origin});
  program.blocks[open_.back()].steps.push_back(static_cast<uint32_t>(program.steps.size() - 1));
}

uint32_t ProgramBuilder::open_block() {
  program.blocks.emplace_back();
  open_.push_back(static_cast<uint32_t>(program.blocks.size() - 1));
  return open_.back();
}

uint32_t ProgramBuilder::stage(std::vector<ExprId> space, tile::TileProgram tail, std::vector<ViewId> operands,
                               std::vector<plan::Gemm> gemms, std::vector<uint32_t> slots, const std::string& origin) {
  program.tile_programs.push_back(std::move(tail));
  plan::Stage stage{std::move(space), std::move(gemms), static_cast<uint32_t>(program.tile_programs.size() - 1),
                    std::move(operands), std::move(slots)};
  program.stages.push_back(std::move(stage));
  push_step(StepKind::kStage, program.stages.size() - 1, origin);
  return static_cast<uint32_t>(program.stages.size() - 1);
}

uint32_t ProgramBuilder::kernel(plan::Kernel kernel, const std::string& origin) {
  program.kernels.push_back(std::move(kernel));
  push_step(StepKind::kKernel, program.kernels.size() - 1, origin);
  return static_cast<uint32_t>(program.kernels.size() - 1);
}

void ProgramBuilder::begin_loop(uint32_t slot, ExprId trips, ViewId count) {
  program.loops.push_back({slot, trips, count, plan::kNone});
  const size_t loop = program.loops.size() - 1;
  push_step(StepKind::kLoop, loop, "loop");
  program.loops[loop].body = open_block();
}

void ProgramBuilder::begin_if(ViewId flag) {
  program.conditionals.push_back({flag, plan::kNone, plan::kNone});
  const size_t index = program.conditionals.size() - 1;
  push_step(StepKind::kConditional, index, "if");
  program.conditionals[index].then_block = open_block();
}

void ProgramBuilder::begin_else() {
  open_.pop_back();
  program.conditionals.back().else_block = open_block();
}

void ProgramBuilder::begin_parallel() {
  program.parallels.emplace_back();
  push_step(StepKind::kParallel, program.parallels.size() - 1, "parallel");
  program.parallels.back().blocks.push_back(open_block());
}

void ProgramBuilder::begin_part() {
  open_.pop_back();
  program.parallels.back().blocks.push_back(open_block());
}

void ProgramBuilder::break_if_not(ViewId flag) {
  program.breaks.push_back({flag});
  push_step(StepKind::kBreak, program.breaks.size() - 1, "while");
}

void ProgramBuilder::end() { open_.pop_back(); }

}  // namespace rondo::runtime::testing
