#include "schedule/program_builder.h"

#include <algorithm>

#include "base/error.h"

namespace rondo::schedule {
namespace {

constexpr size_t kMaxTerms = 8;              // what a bound view of the runtime holds
constexpr uint64_t kConstantAlignment = 64;  // a cache line, and the widest vector load

}  // namespace

ProgramBuilder::ProgramBuilder(ir::Graph& graph) : graph_(graph), pool_(graph.dims()) {}

plan::ExprId ProgramBuilder::intern(const plan::Expr& expr) {
  const ExprKey key{static_cast<uint8_t>(expr.kind), expr.value, expr.a, expr.b};
  const auto [it, is_new] = interned_.emplace(key, static_cast<plan::ExprId>(program_.exprs.size()));
  if (is_new) program_.exprs.push_back(expr);
  return it->second;
}

plan::ExprId ProgramBuilder::sum(const ir::DimPool::Node& node) {
  plan::ExprId total = plan::kNone;
  const auto add = [&](plan::ExprId term) {
    total = total == plan::kNone ? term : intern({plan::ExprKind::kAdd, 0, total, term});
  };
  for (const ir::DimPool::Term& term : node.terms) {
    plan::ExprId product = plan::kNone;
    if (term.coefficient != 1) product = intern({plan::ExprKind::kConstant, term.coefficient});
    for (const ir::Dim atom : term.atoms) {
      const plan::ExprId factor = raw_expr(atom);
      product = product == plan::kNone ? factor : intern({plan::ExprKind::kMul, 0, product, factor});
    }
    add(product);
  }
  if (node.value != 0 || total == plan::kNone) add(intern({plan::ExprKind::kConstant, node.value}));
  return total;
}

plan::ExprId ProgramBuilder::raw_expr(ir::Dim dim) {
  if (const auto it = expr_of_dim_.find(dim.id); it != expr_of_dim_.end()) return it->second;
  const ir::DimPool::Node node = pool_.node(dim);
  const auto binary = [&](plan::ExprKind kind) {
    const plan::ExprId a = raw_expr(node.a), b = raw_expr(node.b);
    return intern({kind, 0, a, b});
  };
  plan::ExprId result = plan::kNone;
  switch (node.kind) {
    case ir::DimKind::kConstant:
      result = intern({plan::ExprKind::kConstant, node.value});
      break;
    case ir::DimKind::kSymbol:
      result = intern({plan::ExprKind::kSymbol, node.value});
      break;
    case ir::DimKind::kSum:
      result = sum(node);
      break;
    case ir::DimKind::kFloorDiv:
      result = binary(plan::ExprKind::kFloorDiv);
      break;
    case ir::DimKind::kCeilDiv:
      result = binary(plan::ExprKind::kCeilDiv);
      break;
    case ir::DimKind::kMin:
      result = binary(plan::ExprKind::kMin);
      break;
    case ir::DimKind::kMax:
      result = binary(plan::ExprKind::kMax);
      break;
  }
  expr_of_dim_[dim.id] = result;
  return result;
}

std::vector<plan::ExprId> ProgramBuilder::exprs(const ir::Dims& dims) {
  std::vector<plan::ExprId> result;
  for (const ir::Dim dim : dims) result.push_back(expr(dim));
  return result;
}

uint32_t ProgramBuilder::add_buffer(plan::Buffer buffer, ir::Dim elements, std::string name) {
  const auto element_bytes = static_cast<int64_t>(dtype_bytes(buffer.dtype));
  buffer.bytes = expr(pool_.mul(elements, pool_.constant(element_bytes)));
  program_.buffers.push_back(buffer);
  infos_.push_back({std::move(name), loop_, elements});
  return static_cast<uint32_t>(program_.buffers.size() - 1);
}

uint32_t ProgramBuilder::binding_buffer(plan::Storage storage, uint32_t index, DType dtype, const ir::Dims& dims,
                                        std::string name) {
  plan::Buffer buffer;
  buffer.storage = storage;
  buffer.dtype = dtype;
  buffer.index = index;
  return add_buffer(buffer, pool_.product(dims), std::move(name));
}

uint32_t ProgramBuilder::arena_buffer(DType dtype, ir::Dim elements, std::string name) {
  plan::Buffer buffer;
  buffer.dtype = dtype;
  if (pool_.mentions_data(pool_.resolve(elements))) buffer.storage = plan::Storage::kDynamic;
  return add_buffer(buffer, elements, std::move(name));
}

uint32_t ProgramBuilder::add_constant(std::shared_ptr<const ir::ConstantData> data) {
  const std::span<const uint8_t> bytes(data->bytes.data(), data->bytes.size());
  const auto elements = static_cast<int64_t>(bytes.size() / dtype_bytes(data->dtype));
  const uint64_t offset = (program_.section_bytes + kConstantAlignment - 1) / kConstantAlignment * kConstantAlignment;
  program_.constants.push_back({data->dtype, {elements}, offset, bytes.size()});
  program_.sources.push_back({bytes, std::move(data)});
  program_.section_bytes = offset + bytes.size();
  return static_cast<uint32_t>(program_.constants.size() - 1);
}

uint32_t ProgramBuilder::constant_buffer(uint32_t data) {
  if (const auto it = constant_of_data_.find(data); it != constant_of_data_.end()) return it->second;
  const ir::ConstantData& constant = graph_.constant_data(data);
  const auto elements = static_cast<int64_t>(constant.bytes.size() / dtype_bytes(constant.dtype));
  plan::Buffer buffer;
  buffer.storage = plan::Storage::kConstant;
  buffer.dtype = constant.dtype;
  buffer.index = add_constant(graph_.shared_constant(data));
  return constant_of_data_[data] = add_buffer(buffer, pool_.constant(elements), text("constant ", data));
}

plan::ViewId ProgramBuilder::view(const Place& place) {
  if (place.terms.size() > kMaxTerms) {
    fail(Code::kUnsupportedState, "'", infos_[place.buffer].name, "' is iterated by ", place.terms.size(),
         " nested loops; at most ", kMaxTerms, " are supported");
  }
  plan::View view;
  view.buffer = place.buffer;
  view.offset = expr(place.offset);
  view.strides = exprs(place.strides);
  for (const PlaceTerm& term : place.terms) view.terms.push_back({term.slot, term.kind, expr(term.stride)});
  if (place.first) {
    view.first = this->view(*place.first);
    view.first_slot = place.first_slot;
  }
  if (place.guarded()) {
    view.guard_slot = place.guard_slot;
    view.guard_limit = expr(place.guard_limit);
  }
  std::vector<uint64_t> key{view.buffer,     view.offset,      view.first,         view.first_slot,
                            view.guard_slot, view.guard_limit, view.strides.size()};
  key.insert(key.end(), view.strides.begin(), view.strides.end());
  for (const plan::Term& term : view.terms)
    key.insert(key.end(), {term.slot, static_cast<uint64_t>(term.kind), term.stride});
  const auto [it, is_new] = views_.emplace(std::move(key), static_cast<plan::ViewId>(program_.views.size()));
  if (is_new) program_.views.push_back(view);
  return it->second;
}

uint32_t ProgramBuilder::tile_program(const tile::TileProgram& program) {
  const auto it = std::find(program_.tile_programs.begin(), program_.tile_programs.end(), program);
  if (it != program_.tile_programs.end()) return static_cast<uint32_t>(it - program_.tile_programs.begin());
  program_.tile_programs.push_back(program);
  return static_cast<uint32_t>(program_.tile_programs.size() - 1);
}

uint32_t ProgramBuilder::packed(const plan::Packed& packed) {
  const auto key = [](const plan::Packed& p) {
    return std::tuple(p.constant, p.offset, p.k_stride, p.col_stride, p.gate_stride, p.k, p.cols, p.gates);
  };
  std::vector<plan::Packed>& all = program_.packed;
  const auto it = std::find_if(all.begin(), all.end(), [&](const plan::Packed& p) { return key(p) == key(packed); });
  if (it != all.end()) return static_cast<uint32_t>(it - all.begin());
  all.push_back(packed);
  return static_cast<uint32_t>(all.size() - 1);
}

uint32_t ProgramBuilder::new_block() {
  program_.blocks.emplace_back();
  return static_cast<uint32_t>(program_.blocks.size() - 1);
}

void ProgramBuilder::add_step(plan::StepKind kind, uint32_t index, const std::string& origin) {
  program_.steps.push_back({kind, index, origin});
  program_.blocks[block_].steps.push_back(static_cast<uint32_t>(program_.steps.size() - 1));
}

void ProgramBuilder::add_kernel(plan::Kernel kernel, const std::string& origin) {
  program_.kernels.push_back(std::move(kernel));
  add_step(plan::StepKind::kKernel, static_cast<uint32_t>(program_.kernels.size() - 1), origin);
}

}  // namespace rondo::schedule
