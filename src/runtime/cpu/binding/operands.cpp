// Which views a step reads and writes, and over which iteration space: the facts that extents and barriers are computed
// from.
#include "runtime/cpu/binding/operands.h"

#include <algorithm>

#include "base/error.h"

namespace rondo::runtime {

using plan::KernelId;
using plan::Program;

namespace {

std::vector<int64_t> evaluate_space(std::span<const plan::ExprId> space, std::span<const int64_t> exprs) {
  std::vector<int64_t> out;
  for (const plan::ExprId e : space) {
    const int64_t n = exprs[e];
    if (n < 0) fail(Code::kInvalidArgument, "an extent is ", n, " for the given shapes; it must be at least 0");
    out.push_back(n);
  }
  return out;
}

void add_gemm(const Program& program, const plan::Gemm& gemm, const std::vector<int64_t>& space,
              std::span<const int64_t> exprs, std::vector<Operand>* out) {
  const int64_t k = exprs[gemm.k];
  if (k < 0) fail(Code::kInvalidArgument, "a matrix product sums over ", k, " elements for the given shapes");
  std::vector<int64_t> a_space(space.begin(), space.end() - 1);
  a_space.push_back(k);
  out->push_back({gemm.a, std::move(a_space), true, false});
  if (gemm.packed != plan::kNone) {
    const plan::Packed& packed = program.packed[gemm.packed];
    if (packed.k == k && packed.cols == space.back() && packed.gates == gemm.gates) return;
    fail(Code::kInvalidArgument, "a matrix product of [", k, " x ", gemm.gates, " x ", space.back(),
         "] uses weights of [", packed.k, " x ", packed.gates, " x ", packed.cols, "]");
  }
  std::vector<int64_t> b_space;
  if (space.size() > 2) b_space.assign(space.begin(), space.end() - 2);
  b_space.insert(b_space.end(), {k, gemm.gates, space.back()});
  out->push_back({gemm.b, std::move(b_space), true, false});
}

// An empty row, too, loads and stores operands of one element per row.
std::vector<int64_t> row_space(const Program& program, plan::ViewId id, std::vector<int64_t> space, size_t row_axes,
                               std::span<const int64_t> exprs) {
  const size_t first = space.size() - std::min(space.size(), row_axes);
  for (; id != plan::kNone; id = program.views[id].first) {
    const std::vector<plan::ExprId>& strides = program.views[id].strides;
    for (size_t axis = first; axis < space.size(); ++axis) {
      if (space[axis] != 1 && exprs[strides[axis]] != 0) return space;
    }
  }
  for (size_t axis = first; axis < space.size(); ++axis) space[axis] = std::max<int64_t>(1, space[axis]);
  return space;
}

}  // namespace

std::vector<Operand> operands_of(const Program& program, const plan::Stage& stage, std::span<const int64_t> exprs) {
  const std::vector<int64_t> space = evaluate_space(stage.space, exprs);
  if (space.empty()) fail(Code::kInvalidArgument, "a step has no axes; it needs at least one");
  std::vector<Operand> out;
  for (const plan::Gemm& gemm : stage.gemms) add_gemm(program, gemm, space, exprs, &out);
  const size_t first = out.size();
  const tile::TileProgram& tile_program = program.tile_programs[stage.tile_program];
  for (const plan::ViewId view : stage.operands) {
    out.push_back({view, row_space(program, view, space, tile_program.row_axes, exprs), false, false});
  }
  for (const tile::Inst& inst : tile_program.insts) {
    if (inst.kind != tile::InstKind::kLoad && inst.kind != tile::InstKind::kStore) continue;
    Operand& operand = out.at(first + inst.operand);
    (inst.kind == tile::InstKind::kLoad ? operand.read : operand.written) = true;
  }
  return out;
}

std::vector<Operand> operands_of(const Program&, const plan::Kernel& kernel, std::span<const int64_t> exprs) {
  const plan::KernelInfo& info = plan::kernel_info(kernel.id);
  const size_t count = kernel.operands.size(), results = kernel.results(), inputs = count - std::min(results, count);
  if (inputs < info.fewest_inputs || inputs > info.most_inputs || count < results ||
      (info.own_dims && kernel.operand_dims.size() != count)) {
    fail(Code::kInvalidArgument, "kernel '", info.name, "' of the plan has a wrong number of operands: ", count);
  }
  std::vector<Operand> out;
  for (size_t i = 0; i < count; ++i) {
    const bool written = i >= inputs;
    std::vector<int64_t> space = evaluate_space(info.own_dims ? kernel.operand_dims[i] : kernel.space, exprs);
    // A folded axis is one entry of y, even where x has none.
    for (size_t a = 0; a < space.size() && kernel.id == KernelId::k_reduce && written; ++a) {
      if (kernel.attrs.size() > 1 && kernel.attrs[1] >> a & 1) space[a] = 1;
    }
    out.push_back({kernel.operands[i], std::move(space), !written || info.in_place, written});
  }
  return out;
}

}  // namespace rondo::runtime
