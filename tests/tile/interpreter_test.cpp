#include "tile/interpreter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "tile/reference_functions.h"

namespace rondo::tile {
namespace {

constexpr DType kTypes[] = {DType::kFloat32, DType::kInt32, DType::kInt64, DType::kBool, DType::kInt8};

// An array that several operands may show; element (r, c) stands at the same place for all of them.
struct Memory {
  DType dtype = DType::kFloat32;
  std::vector<std::byte> bytes;
  int64_t origin = 0, row_stride = 0, col_stride = 0;
};

struct RandomProgram {
  explicit RandomProgram(uint32_t seed) : random(seed) {
    rows = pick(1, 4);
    cols = pick(0, 1) == 0 ? 16 * pick(1, 3) : pick(1, 40);
    for (int i = 0; i < 4; ++i) add_memory();
    program.acc_count = 2;
    acc_pitch = cols + pick(0, 1) * 5;
    acc.resize(static_cast<size_t>(2 * rows * acc_pitch + 32));
    for (float& v : acc) v = static_cast<float>(pick(-8, 8)) / 4;
    const int64_t count = pick(3, 24);
    for (int64_t i = 0; i < count; ++i) add_inst();
  }
  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }

  void add_memory() {
    Memory m;
    m.dtype = kTypes[pick(0, 4)];
    const auto bytes = static_cast<int64_t>(dtype_bytes(m.dtype));
    const int64_t layout = pick(0, 3);
    m.col_stride = layout == 1 ? rows * bytes : layout == 2 ? 2 * bytes : bytes;
    m.row_stride = layout == 1 ? bytes : layout == 2 ? 2 * bytes * (cols + 3) : cols * bytes;
    m.bytes.resize(static_cast<size_t>(2 * (cols + 4) * rows * bytes));
    if (layout == 3) {
      m.origin = (rows - 1) * m.row_stride;
      m.row_stride = -m.row_stride;
    }
    for (size_t i = 0; i < m.bytes.size() / static_cast<size_t>(bytes); ++i)
      write(m.bytes.data() + i * bytes, m.dtype, static_cast<double>(pick(-5, 5)));
    memories.push_back(m);
  }
  static void write(std::byte* p, DType dtype, double v) {
    switch (dtype) {
      case DType::kFloat32:
        *reinterpret_cast<float*>(p) = static_cast<float>(v);
        break;
      case DType::kInt32:
        *reinterpret_cast<int32_t*>(p) = static_cast<int32_t>(v);
        break;
      case DType::kInt64:
        *reinterpret_cast<int64_t*>(p) = static_cast<int64_t>(v);
        break;
      case DType::kInt8:
        *reinterpret_cast<int8_t*>(p) = static_cast<int8_t>(v);
        break;
      default:
        *reinterpret_cast<uint8_t*>(p) = v != 0;
    }
  }
  static double read(const std::byte* p, DType dtype) {
    switch (dtype) {
      case DType::kFloat32:
        return *reinterpret_cast<const float*>(p);
      case DType::kInt32:
        return *reinterpret_cast<const int32_t*>(p);
      case DType::kInt64:
        return static_cast<double>(*reinterpret_cast<const int64_t*>(p));
      case DType::kInt8:
        return *reinterpret_cast<const int8_t*>(p);
      default:
        return static_cast<double>(*reinterpret_cast<const uint8_t*>(p));
    }
  }

  // An earlier value of this type; a constant is made if there is none.
  uint16_t value_of(ValueType type) {
    std::vector<uint16_t> ids;
    for (size_t i = 0; i < program.insts.size(); ++i) {
      if (program.insts[i].kind != InstKind::kStore && program.insts[i].type == type)
        ids.push_back(static_cast<uint16_t>(i));
    }
    if (!ids.empty() && pick(0, 5) != 0) return ids[pick(0, static_cast<int64_t>(ids.size()) - 1)];
    Inst inst;
    inst.kind = InstKind::kConst;
    inst.type = type;
    inst.imm = type == ValueType::kMask ? static_cast<double>(pick(0, 1)) : static_cast<double>(pick(-3, 3));
    program.insts.push_back(inst);
    return static_cast<uint16_t>(program.insts.size() - 1);
  }
  void add_inst() {
    Inst inst;
    switch (pick(0, 7)) {
      case 0:
      case 1:
        inst.kind = InstKind::kLoad;
        inst.operand = operand();
        inst.type = value_type(program.operand_dtypes[inst.operand]);
        break;
      case 2:
      case 3: {
        inst.kind = InstKind::kStore;
        inst.operand = operand();
        inst.type =
            pick(0, 2) == 0 ? static_cast<ValueType>(pick(0, 3)) : value_type(program.operand_dtypes[inst.operand]);
        inst.args[0] = value_of(inst.type);
        break;
      }
      case 4:
        inst.kind = pick(0, 1) == 0 ? InstKind::kIndex : InstKind::kStep;
        inst.type = ValueType::kS64;
        inst.operand = static_cast<uint16_t>(pick(0, 1));
        break;
      case 5:
        inst.kind = InstKind::kAcc;
        inst.operand = static_cast<uint16_t>(pick(0, 1));
        break;
      default:
        make_pointwise(&inst);
    }
    program.insts.push_back(inst);
  }
  void make_pointwise(Inst* inst) {
    constexpr PointwiseFn kNumeric[] = {PointwiseFn::f_add, PointwiseFn::f_sub, PointwiseFn::f_max,
                                        PointwiseFn::f_min, PointwiseFn::f_neg, PointwiseFn::f_abs};
    inst->kind = InstKind::kPointwise;
    const auto type = static_cast<ValueType>(pick(0, 2));
    const int64_t kind = pick(0, 7);
    inst->type = type;
    if (kind == 0) {
      inst->fn = PointwiseFn::f_select;
      inst->args = {value_of(ValueType::kMask), value_of(type), value_of(type)};
    } else if (kind == 1) {
      inst->fn = PointwiseFn::f_less;
      inst->type = ValueType::kMask;
      inst->args = {value_of(type), value_of(type), 0};
    } else if (kind == 2) {
      inst->fn = PointwiseFn::f_cast;
      inst->args = {value_of(static_cast<ValueType>(pick(0, 3))), 0, 0};
    } else {
      inst->fn = kNumeric[pick(0, 5)];
      inst->args = {value_of(type), value_of(type), 0};
    }
  }
  uint16_t operand() {
    operand_memory.push_back(static_cast<size_t>(pick(0, 3)));
    skipped.push_back(pick(0, 9) == 0);
    program.operand_dtypes.push_back(memories[operand_memory.back()].dtype);
    return static_cast<uint16_t>(operand_memory.size() - 1);
  }

  // One element after the other, one instruction after the other: what the program means.
  void run_reference() {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < cols; ++c) {
        std::vector<double> v(program.insts.size(), 0);
        for (size_t i = 0; i < program.insts.size(); ++i) v[i] = element(program.insts[i], v, r, c);
      }
    }
  }
  double element(const Inst& inst, const std::vector<double>& v, int64_t r, int64_t c) {
    const auto at = [&]() {
      Memory& m = memories[operand_memory[inst.operand]];
      return m.bytes.data() + m.origin + r * m.row_stride + c * m.col_stride;
    };
    switch (inst.kind) {
      case InstKind::kLoad:
        return read(at(), program.operand_dtypes[inst.operand]);
      case InstKind::kStore: {
        const DType dtype = program.operand_dtypes[inst.operand];
        if (!skipped[inst.operand])
          write(at(), dtype, evaluate(PointwiseFn::f_cast, value_type(dtype), {v[inst.args[0]], 0, 0}));
        return 0;
      }
      case InstKind::kConst:
        return inst.imm;
      case InstKind::kStep:
        return static_cast<double>(steps[inst.operand]);
      case InstKind::kIndex:
        return static_cast<double>(inst.operand == 0 ? 10 + r : 20 + c);
      case InstKind::kAcc:
        return acc[static_cast<size_t>(inst.operand * rows * acc_pitch + r * acc_pitch + c)];
      case InstKind::kPointwise: {
        const double y = evaluate(inst.fn, inst.type, {v[inst.args[0]], v[inst.args[1]], v[inst.args[2]]});
        return inst.type == ValueType::kF32 ? y : y + 0.0;  // integers have no -0
      }
      case InstKind::kRowReduce:  // not made here
        break;
    }
    return 0;
  }

  void run_interpreter() {
    verify(program);
    const Interpreter interpreter(program, ReferenceFunctions::table(), rows * cols + pick(0, 20));
    std::unique_ptr<std::byte[], void (*)(std::byte*)> scratch(
        static_cast<std::byte*>(::operator new (interpreter.scratch_bytes() + 64, std::align_val_t{64})),
        [](std::byte* p) { ::operator delete (p, std::align_val_t{64}); });
    std::memset(scratch.get(), 0, interpreter.scratch_bytes());
    std::vector<TileOperand> operands;
    for (size_t i = 0; i < operand_memory.size(); ++i) {
      Memory& m = memories[operand_memory[i]];
      operands.push_back({m.bytes.data() + m.origin, m.row_stride, m.col_stride, skipped[i]});
    }
    const TileAxis axes[2] = {{10, 1, 0}, {20, 0, 1}};
    Tile tile;
    tile.rows = rows, tile.cols = cols;
    tile.operands = operands.data();
    tile.acc = acc.data(), tile.acc_stride = rows * acc_pitch, tile.acc_row_stride = acc_pitch;
    tile.steps = steps, tile.axes = axes;
    tile.scratch = scratch.get();
    interpreter.run(tile);
  }

  std::mt19937 random;
  TileProgram program;
  std::vector<Memory> memories;
  std::vector<size_t> operand_memory;
  std::vector<bool> skipped;
  std::vector<float> acc;
  int64_t steps[2] = {7, -2};
  int64_t rows = 1, cols = 1, acc_pitch = 1;
};

TEST(Interpreter, RandomProgramsMatchOneElementAtATime) {
  for (uint32_t seed = 0; seed < 5000; ++seed) {
    RandomProgram expected(seed), actual(seed);
    expected.run_reference();
    actual.run_interpreter();
    for (size_t m = 0; m < expected.memories.size(); ++m) {
      ASSERT_EQ(expected.memories[m].bytes, actual.memories[m].bytes) << "seed " << seed << " memory " << m << '\n'
                                                                      << to_string(actual.program);
    }
  }
}

TEST(Interpreter, ReusesBuffersOfDeadValues) {
  TileProgram chain;
  chain.operand_dtypes = {DType::kFloat32};
  Inst inst;
  inst.kind = InstKind::kLoad;
  chain.insts.push_back(inst);
  for (uint16_t i = 0; i < 100; ++i) {
    inst.kind = InstKind::kPointwise;
    inst.fn = PointwiseFn::f_neg;
    inst.args[0] = i;
    chain.insts.push_back(inst);
  }
  EXPECT_LE(Interpreter::live_bytes_per_element(chain), 8);
}

TEST(Interpreter, AnEmptyTileDoesNothing) {
  const Interpreter interpreter(TileProgram{}, ReferenceFunctions::table(), 16);
  interpreter.run(Tile{});
}

}  // namespace
}  // namespace rondo::tile
