#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tile/op_table.h"

namespace rondo::tile {

/// Instruction kinds. Every kind but kStore defines the value whose id is the instruction's index.
enum class InstKind : uint8_t {
  kLoad,  ///< element of operand view `operand`, converted to value_type(dtype of the operand)
  kStore,  ///< args[0] -> operand view `operand`, converted to the operand's dtype (saturating for i8/u8); same type rules as cast
  kAcc,        ///< result of GEMM accumulator `operand` for this tile (f32)
  kConst,      ///< `imm` broadcast
  kStep,       ///< value of loop slot `operand` of the executing thread (s64), broadcast
  kIndex,      ///< index of the element along axis `operand` of the iteration space (s64)
  kPointwise,  ///< fn(args...)
  kRowReduce,  ///< args[0] folded over the row of the element by RowFold `operand` (f32): the same for all elements of a row
};

/// How kRowReduce folds. Over an empty row: 0, 1, -inf, +inf, NaN. Maximum and minimum skip NaN.
enum class RowFold : uint8_t { kSum, kProd, kMax, kMin, kAvg };
constexpr size_t kRowFolds = 5;

struct Inst {
  InstKind kind = InstKind::kConst;
  PointwiseFn fn = PointwiseFn::f_add;
  ValueType type = ValueType::kF32;  ///< type of the value defined (for kStore: of the value stored)
  std::array<uint16_t, 3> args{};    ///< ids of earlier instructions
  uint16_t operand = 0;
  double imm = 0;  ///< kConst; integers are exact below 2^53
  bool operator==(const Inst&) const = default;
};

/// A tile program (TP): straight-line typed SSA applied to every element of a tile [rows x cols]; loads of a tile happen before
/// its stores unless a store precedes them in program order. With row reductions the elements that agree in all but the last
/// `row_axes` axes of the iteration space make a row; all loads of a row precede its stores, so no load follows a store. What the operands address is the business of the step that runs it.
struct TileProgram {
  std::vector<Inst> insts;
  std::vector<DType> operand_dtypes;  ///< one per operand view
  uint16_t acc_count = 0;             ///< number of GEMM accumulators read by kAcc
  uint8_t row_axes = 0;               ///< trailing axes of the space that make a row; 0 iff nothing folds rows
  bool operator==(const TileProgram&) const = default;
};

constexpr size_t kMaxInsts = 4096;
constexpr size_t kMaxOperands = 256;

/// Throws Error(kInvalidArgument) when a TP is malformed: ids not earlier, types that break the table's signatures, operand out
/// of range, more than kMaxInsts. Everything that reads a TP from a plan calls this first.
void verify(const TileProgram& program);

/// Text of a TP, one instruction a line: `%3 = mul %1 %2 : f32`.
std::string to_string(const TileProgram& program);

}  // namespace rondo::tile
