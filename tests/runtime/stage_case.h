// reason: one test fixture, used by every test of stages.
#pragma once

#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "base/half.h"
#include "runtime/cpu/stages/stage_runner.h"

namespace rondo::runtime {

/// Memory of one operand with a random layout over some dims, and the view of it.
struct TestTensor {
  std::vector<std::byte> bytes;
  BoundView view;

  double get(const std::vector<int64_t>& index) const {
    const std::byte* p = view.base;
    for (size_t i = 0; i < index.size(); ++i) p += index[i] * view.stride_bytes[i];
    return read(p, view.dtype);
  }
  static double read(const std::byte* p, DType dtype) {
    switch (dtype) {
      case DType::kFloat32:
        return *reinterpret_cast<const float*>(p);
      case DType::kFloat16:
        return half_to_float(*reinterpret_cast<const uint16_t*>(p));
      case DType::kBFloat16:
        return bfloat16_to_float(*reinterpret_cast<const uint16_t*>(p));
      case DType::kInt8:
        return *reinterpret_cast<const int8_t*>(p);
      case DType::kInt32:
        return *reinterpret_cast<const int32_t*>(p);
      case DType::kInt64:
        return static_cast<double>(*reinterpret_cast<const int64_t*>(p));
      default:
        return static_cast<double>(*reinterpret_cast<const uint8_t*>(p));
    }
  }
  static void write(std::byte* p, DType dtype, double v) {
    const uint16_t half = float_to_half(static_cast<float>(v)), brain = float_to_bfloat16(static_cast<float>(v));
    switch (dtype) {
      case DType::kFloat32:
        *reinterpret_cast<float*>(p) = static_cast<float>(v);
        break;
      case DType::kFloat16:
        std::memcpy(p, &half, 2);
        break;
      case DType::kBFloat16:
        std::memcpy(p, &brain, 2);
        break;
      case DType::kInt32:
        *reinterpret_cast<int32_t*>(p) = static_cast<int32_t>(v);
        break;
      case DType::kInt64:
        *reinterpret_cast<int64_t*>(p) = static_cast<int64_t>(v);
        break;
      case DType::kBool:
        *reinterpret_cast<uint8_t*>(p) = v != 0;
        break;
      default:
        *reinterpret_cast<int8_t*>(p) = static_cast<int8_t>(v);
    }
  }
};

enum class LayoutKind { kDense, kRandom, kRandomOrBroadcast };

/// A stage under construction: the program, its views and tensors. Everything is kept alive for the runner.
class StageCase {
 public:
  explicit StageCase(uint32_t seed) : random(seed) {
    program.tile_programs.emplace_back();
    program.stages.emplace_back();
    program.stages[0].tile_program = 0;
  }

  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }

  /// Adds a tensor with `dims`, filled with values in [-1, 1] (integers in [-8, 8]); returns its view id.
  plan::ViewId tensor(const std::vector<int64_t>& dims, DType dtype, LayoutKind kind) {
    tensors.emplace_back();
    TestTensor& t = tensors.back();
    const auto element = static_cast<int64_t>(dtype_bytes(dtype));
    const size_t rank = dims.size();
    std::vector<size_t> order(rank);
    for (size_t i = 0; i < rank; ++i) order[i] = i;
    if (kind != LayoutKind::kDense && pick(0, 2) == 0) std::shuffle(order.begin(), order.end(), random);
    int64_t stride = 1, origin = 0;
    for (size_t i = rank; i-- > 0;) {
      const size_t axis = order[i];
      int64_t s = stride;
      stride *= dims[axis] < 1 ? 1 : dims[axis];
      if (kind != LayoutKind::kDense && pick(0, 4) == 0) stride += pick(1, 3);
      if (kind == LayoutKind::kRandomOrBroadcast && pick(0, 4) == 0) s = 0;
      if (kind != LayoutKind::kDense && pick(0, 7) == 0 && dims[axis] > 0) {
        origin += s * (dims[axis] - 1);
        s = -s;
      }
      t.view.stride_bytes[axis] = s * element;
    }
    t.bytes.resize(static_cast<size_t>((stride + 8) * element));
    const bool whole = !is_float(dtype);
    for (int64_t i = 0; i < stride + 8; ++i) {
      TestTensor::write(t.bytes.data() + i * element, dtype,
                        whole ? static_cast<double>(pick(-8, 8)) : static_cast<double>(pick(-1000, 1000)) / 1000);
    }
    t.view.base = t.bytes.data() + origin * element;
    t.view.dtype = dtype;
    t.view.axes = static_cast<uint8_t>(rank);
    views.push_back(t.view);
    return static_cast<plan::ViewId>(views.size() - 1);
  }

  uint32_t expr(int64_t value) {
    exprs.push_back(value);
    return static_cast<uint32_t>(exprs.size() - 1);
  }
  uint16_t inst(const tile::Inst& inst) {
    tail().insts.push_back(inst);
    return static_cast<uint16_t>(tail().insts.size() - 1);
  }
  uint16_t operand(plan::ViewId view) {
    stage().operands.push_back(view);
    tail().operand_dtypes.push_back(views[view].dtype);
    return static_cast<uint16_t>(stage().operands.size() - 1);
  }
  uint16_t load(plan::ViewId view) {
    tile::Inst i;
    i.kind = tile::InstKind::kLoad;
    i.operand = operand(view);
    i.type = tile::value_type(views[view].dtype);
    return inst(i);
  }
  void store(uint16_t value, plan::ViewId view) {
    tile::Inst i;
    i.kind = tile::InstKind::kStore;
    i.operand = operand(view);
    i.type = tail().insts[value].type;
    i.args[0] = value;
    inst(i);
  }
  uint16_t acc(uint16_t index) {
    tile::Inst i;
    i.kind = tile::InstKind::kAcc;
    i.operand = index;
    return inst(i);
  }
  uint16_t apply(tile::PointwiseFn fn, tile::ValueType type, uint16_t a, uint16_t b = 0, uint16_t c = 0) {
    tile::Inst i;
    i.kind = tile::InstKind::kPointwise;
    i.fn = fn;
    i.type = type;
    i.args = {a, b, c};
    return inst(i);
  }
  tile::TileProgram& tail() { return program.tile_programs[0]; }
  plan::Stage& stage() { return program.stages[0]; }

  void set_space(const std::vector<int64_t>& dims) {
    for (int64_t d : dims) stage().space.push_back(expr(d));
  }

  /// Binds and runs by `size` ranks, one after the other.
  void run(int size, kernels::Isa isa) {
    tile::verify(tail());
    StageRunner runner(program, stage(), packed, exprs, views.data(), isa);
    std::unique_ptr<std::byte[], void (*)(std::byte*)> scratch(
        static_cast<std::byte*>(::operator new (runner.scratch_bytes() + 64, std::align_val_t{64})),
        [](std::byte* p) { ::operator delete (p, std::align_val_t{64}); });
    for (int rank = 0; rank < size; ++rank) runner.run(slots.data(), rank, size, scratch.get());
  }

  std::mt19937 random;
  plan::Program program;
  std::vector<int64_t> exprs;
  std::deque<TestTensor> tensors;  // by view id
  std::vector<BoundView> views;
  std::vector<kernels::PackedMatrix> packed;
  std::vector<int64_t> slots = {0, 0, 0, 0};
};

/// Calls each(index) for every index of a space.
template <class Each>
void for_each_index(const std::vector<int64_t>& dims, Each each) {
  for (int64_t d : dims) {
    if (d == 0) return;
  }
  std::vector<int64_t> index(dims.size(), 0);
  for (;;) {
    each(index);
    size_t axis = dims.size();
    while (axis > 0 && ++index[axis - 1] == dims[axis - 1]) index[--axis] = 0;
    if (axis == 0) return;
  }
}

}  // namespace rondo::runtime
