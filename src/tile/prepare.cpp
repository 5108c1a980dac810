#include "tile/prepare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace rondo::tile {

size_t arity(const Inst& inst) {
  if (inst.kind == InstKind::kStore || inst.kind == InstKind::kRowReduce) return 1;
  return inst.kind == InstKind::kPointwise ? pointwise_info(inst.fn).arity : 0;
}

bool is_plain(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kInt32 || dtype == DType::kInt64 || dtype == DType::kBool;
}

void fill_constant(std::byte* out, ValueType type, double imm, int64_t n) {
  const double integer = std::isnan(imm) ? 0 : imm;
  switch (type) {
    case ValueType::kF32:
      std::fill_n(reinterpret_cast<float*>(out), n, static_cast<float>(imm));
      break;
    case ValueType::kS32:
      std::fill_n(reinterpret_cast<int32_t*>(out), n,
                  static_cast<int32_t>(std::clamp(integer, -2147483648.0, 2147483647.0)));
      break;
    case ValueType::kS64: {
      const int64_t value = integer >= 0x1p63   ? std::numeric_limits<int64_t>::max()
                            : integer < -0x1p63 ? std::numeric_limits<int64_t>::min()
                                                : static_cast<int64_t>(integer);
      std::fill_n(reinterpret_cast<int64_t*>(out), n, value);
      break;
    }
    case ValueType::kMask:
      std::fill_n(reinterpret_cast<uint8_t*>(out), n, imm != 0);
      break;
  }
}

TileProgram with_explicit_casts(const TileProgram& program) {
  TileProgram out;
  out.operand_dtypes = program.operand_dtypes;
  out.acc_count = program.acc_count;
  out.row_axes = program.row_axes;
  std::vector<uint16_t> id(program.insts.size());
  for (size_t i = 0; i < program.insts.size(); ++i) {
    Inst inst = program.insts[i];
    for (size_t a = 0; a < arity(inst); ++a) inst.args[a] = id[inst.args[a]];
    if (inst.kind == InstKind::kStore && inst.type != value_type(program.operand_dtypes[inst.operand])) {
      Inst cast;
      cast.kind = InstKind::kPointwise;
      cast.fn = PointwiseFn::f_cast;
      cast.type = value_type(program.operand_dtypes[inst.operand]);
      cast.args[0] = inst.args[0];
      inst.args[0] = static_cast<uint16_t>(out.insts.size());
      inst.type = cast.type;
      out.insts.push_back(cast);
    }
    id[i] = static_cast<uint16_t>(out.insts.size());
    out.insts.push_back(inst);
  }
  return out;
}

TileFunctions::Compute element_function(const TileFunctions& functions, const TileProgram& program, size_t index) {
  const Inst& inst = program.insts[index];
  const bool select = pointwise_info(inst.fn).signature == Signature::kSelect;
  const auto from = static_cast<size_t>(program.insts[inst.args[select ? 1 : 0]].type);
  const TileFunctions::Compute compute = inst.fn == PointwiseFn::f_cast
                                             ? functions.cast[from][static_cast<size_t>(inst.type)]
                                             : functions.compute[static_cast<size_t>(inst.fn)][from];
  RONDO_CHECK(compute != nullptr, "no element function for ", pointwise_info(inst.fn).name, " of type ", from);
  return compute;
}

}  // namespace rondo::tile
