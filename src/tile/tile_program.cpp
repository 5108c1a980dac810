#include "tile/tile_program.h"

#include <sstream>

#include "base/error.h"

namespace rondo::tile {
namespace {

const char* type_name(ValueType type) {
  constexpr const char* kNames[] = {"f32", "s32", "s64", "mask"};
  return kNames[static_cast<size_t>(type)];
}

template <class... Args>
[[noreturn]] void malformed(size_t index, const Args&... args) {
  fail(Code::kInvalidArgument, "tile program: instruction ", index, ": ", args...);
}

bool is_valid_type(ValueType type) { return static_cast<size_t>(type) <= static_cast<size_t>(ValueType::kMask); }

// Type of argument `arg`, which must be an earlier instruction that defines a value.
ValueType argument_type(const TileProgram& program, size_t index, size_t arg) {
  const uint16_t id = program.insts[index].args[arg];
  if (id >= index) malformed(index, "argument %", id, " is not an earlier instruction");
  if (program.insts[id].kind == InstKind::kStore) malformed(index, "argument %", id, " is a store and has no value");
  return program.insts[id].type;
}

void expect(size_t index, bool ok, const char* rule) {
  if (!ok) malformed(index, rule);
}

void verify_pointwise(const TileProgram& program, size_t index) {
  const Inst& inst = program.insts[index];
  expect(index, static_cast<size_t>(inst.fn) < kPointwiseCount, "unknown function");
  const PointwiseInfo& info = pointwise_info(inst.fn);
  std::array<ValueType, 3> t{};
  for (size_t i = 0; i < info.arity; ++i) t[i] = argument_type(program, index, i);
  const ValueType out = inst.type;
  const bool numeric = t[0] != ValueType::kMask;
  switch (info.signature) {
    case Signature::kFloat:
      for (size_t i = 0; i < info.arity; ++i) expect(index, t[i] == ValueType::kF32, "takes f32 only");
      return expect(index, out == ValueType::kF32, "gives f32");
    case Signature::kNumeric:
      expect(index, numeric, "takes f32, s32 or s64");
      expect(index, info.arity < 2 || t[0] == t[1], "operands must have one type");
      return expect(index, out == t[0], "gives the type of its operands");
    case Signature::kFloatTest:
      return expect(index, t[0] == ValueType::kF32 && out == ValueType::kMask, "takes f32 and gives mask");
    case Signature::kLogic:
      for (size_t i = 0; i < info.arity; ++i) expect(index, t[i] == ValueType::kMask, "takes mask only");
      return expect(index, out == ValueType::kMask, "gives mask");
    case Signature::kCompare:
      return expect(index, t[0] == t[1] && out == ValueType::kMask, "takes two operands of one type and gives mask");
    case Signature::kSelect:
      return expect(index, t[0] == ValueType::kMask && t[1] == t[2] && out == t[1], "takes mask, t, t and gives t");
    case Signature::kCast:
      return;
  }
  malformed(index, "unknown signature");
}

void verify_inst(const TileProgram& program, size_t index) {
  const Inst& inst = program.insts[index];
  expect(index, is_valid_type(inst.type), "unknown value type");
  const bool views = inst.kind == InstKind::kLoad || inst.kind == InstKind::kStore;
  if (views) expect(index, inst.operand < program.operand_dtypes.size(), "operand out of range");
  switch (inst.kind) {
    case InstKind::kLoad:
      return expect(index, inst.type == value_type(program.operand_dtypes[inst.operand]),
                    "a load gives the value type of its operand");
    case InstKind::kStore:
      return expect(index, argument_type(program, index, 0) == inst.type, "a store has the type of its argument");
    case InstKind::kAcc:
      expect(index, inst.operand < program.acc_count, "accumulator out of range");
      return expect(index, inst.type == ValueType::kF32, "an accumulator is f32");
    case InstKind::kConst:
      return;
    case InstKind::kStep:
    case InstKind::kIndex:
      return expect(index, inst.type == ValueType::kS64, "steps and indices are s64");
    case InstKind::kPointwise:
      return verify_pointwise(program, index);
    case InstKind::kRowReduce:
      expect(index, inst.operand < kRowFolds, "unknown row reduction");
      expect(index, argument_type(program, index, 0) == ValueType::kF32 && inst.type == ValueType::kF32,
             "a row reduction takes f32 and gives f32");
      return expect(index, program.acc_count == 0, "rows of products cannot be folded");
  }
  malformed(index, "unknown instruction kind");
}

// Rows are folded before anything is stored; see TileProgram.
void verify_rows(const TileProgram& program) {
  bool folds = false, stored = false;
  for (size_t i = 0; i < program.insts.size(); ++i) {
    const InstKind kind = program.insts[i].kind;
    folds |= kind == InstKind::kRowReduce;
    stored |= kind == InstKind::kStore;
    const bool late = stored && (kind == InstKind::kLoad || kind == InstKind::kRowReduce);
    expect(i, program.row_axes == 0 || !late, "a program that folds rows loads and folds before it stores");
  }
  if (folds != (program.row_axes != 0)) {
    fail(Code::kInvalidArgument, "tile program: rows of ", int{program.row_axes}, " axes, ",
         folds ? "but it folds rows" : "but it folds none");
  }
}

const char* fold_name(uint16_t fold) {
  constexpr const char* kNames[] = {"sum", "prod", "max", "min", "avg"};
  return kNames[fold];
}

void print_inst(std::ostream& out, const TileProgram& program, size_t index) {
  const Inst& inst = program.insts[index];
  if (inst.kind == InstKind::kStore) {
    out << "store %" << inst.args[0] << " -> " << inst.operand << " : "
        << dtype_name(program.operand_dtypes[inst.operand]);
    return;
  }
  out << '%' << index << " = ";
  switch (inst.kind) {
    case InstKind::kLoad:
      out << "load " << inst.operand;
      break;
    case InstKind::kAcc:
      out << "acc " << inst.operand;
      break;
    case InstKind::kConst:
      out << "const " << inst.imm;
      break;
    case InstKind::kStep:
      out << "step " << inst.operand;
      break;
    case InstKind::kIndex:
      out << "index " << inst.operand;
      break;
    case InstKind::kRowReduce:
      out << "row_" << fold_name(inst.operand) << " %" << inst.args[0];
      break;
    default:
      out << pointwise_info(inst.fn).name;
      for (size_t i = 0; i < pointwise_info(inst.fn).arity; ++i) out << " %" << inst.args[i];
  }
  out << " : " << type_name(inst.type);
}

}  // namespace

void verify(const TileProgram& program) {
  if (program.insts.size() > kMaxInsts) {
    fail(Code::kInvalidArgument, "tile program: ", program.insts.size(), " instructions, limit ", kMaxInsts);
  }
  if (program.operand_dtypes.size() > kMaxOperands) {
    fail(Code::kInvalidArgument, "tile program: ", program.operand_dtypes.size(), " operands, limit ", kMaxOperands);
  }
  for (DType dtype : program.operand_dtypes) {
    if (!is_valid_dtype(static_cast<int64_t>(dtype)))
      fail(Code::kInvalidArgument, "tile program: unknown operand dtype");
  }
  for (size_t i = 0; i < program.insts.size(); ++i) verify_inst(program, i);
  verify_rows(program);
}

std::string to_string(const TileProgram& program) {
  std::ostringstream out;
  out.precision(17);
  for (size_t i = 0; i < program.insts.size(); ++i) {
    print_inst(out, program, i);
    out << '\n';
  }
  return out.str();
}

}  // namespace rondo::tile
