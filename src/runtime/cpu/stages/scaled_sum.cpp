#include "runtime/cpu/stages/scaled_sum.h"

#include "kernels/cpu/gemm.h"

namespace rondo::runtime {

using tile::Inst;
using tile::InstKind;
using tile::PointwiseFn;

std::optional<ScaledSum> as_scaled_sum(const tile::TileProgram& program) {
  if (program.acc_count != 1 || program.insts.empty() || program.insts.back().kind != InstKind::kStore) return {};
  ScaledSum result;
  std::optional<size_t> sum;  // the value that holds it so far
  bool scaled = false;
  for (size_t i = 0; i < program.insts.size(); ++i) {
    const Inst& inst = program.insts[i];
    const bool reads_f32 = program.operand_dtypes.empty() || inst.operand >= program.operand_dtypes.size() ||
                           program.operand_dtypes[inst.operand] == DType::kFloat32;
    switch (inst.kind) {
      case InstKind::kConst:
        break;
      case InstKind::kLoad:
        if (!reads_f32) return {};
        break;
      case InstKind::kAcc:
        if (sum) return {};
        sum = i;
        break;
      case InstKind::kPointwise: {
        if (!sum || (inst.args[0] == *sum) == (inst.args[1] == *sum)) return {};
        const Inst& other = program.insts[inst.args[inst.args[0] == *sum ? 1 : 0]];
        if (inst.fn == PointwiseFn::f_mul && other.kind == InstKind::kConst && !scaled && result.terms.empty()) {
          result.scale = static_cast<float>(other.imm);
          scaled = true;
        } else if (inst.fn == PointwiseFn::f_add && other.kind == InstKind::kLoad &&
                   result.terms.size() < kernels::kMaxGemmTerms) {
          result.terms.push_back(other.operand);
        } else {
          return {};
        }
        sum = i;
        break;
      }
      case InstKind::kStore:
        if (!sum || inst.args[0] != *sum || i + 1 != program.insts.size() || !reads_f32) return {};
        result.out = inst.operand;
        break;
      default:
        return {};
    }
  }
  return result;
}

}  // namespace rondo::runtime
