#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "plan/program.h"

namespace rondo::runtime::testing {

using plan::ExprId;
using plan::TermKind;
using plan::ViewId;
using tile::PointwiseFn;
using tile::ValueType;

/// Writes a tile program instruction by instruction; values are instruction numbers.
class TileBuilder {
 public:
  uint16_t load(uint16_t operand, DType dtype);
  void store(uint16_t operand, DType dtype, uint16_t value);
  uint16_t acc(uint16_t gate);
  uint16_t constant(double value, ValueType type = ValueType::kF32);
  uint16_t step(uint16_t slot);
  uint16_t fn(PointwiseFn fn, std::initializer_list<uint16_t> args);
  uint16_t cast(uint16_t value, ValueType type);
  tile::TileProgram take() { return std::move(program_); }

 private:
  uint16_t push(tile::Inst inst);
  void type_operand(uint16_t operand, DType dtype);
  tile::TileProgram program_;
};

struct ViewSpec {
  uint32_t buffer = 0;
  ExprId offset = 0;
  std::vector<ExprId> strides;
  std::vector<plan::Term> terms = {};
  uint32_t first = plan::kNone;
  uint32_t first_slot = 0;
  uint32_t guard_slot = plan::kNone;
  ExprId guard_limit = plan::kNone;
};

/// Makes a Program by hand. Steps go to the current block; begin_*() opens a nested one, end() closes it.
class ProgramBuilder {
 public:
  ProgramBuilder();

  ExprId c(int64_t value);
  ExprId op(plan::ExprKind kind, ExprId a, ExprId b);
  ExprId mul(ExprId a, ExprId b) { return op(plan::ExprKind::kMul, a, b); }
  ExprId add(ExprId a, ExprId b) { return op(plan::ExprKind::kAdd, a, b); }

  /// A binding and its buffer; returns the buffer. Dims < 0 become symbols of range 0..-dim for inputs; outputs give expressions.
  uint32_t input(const std::string& name, std::vector<int64_t> dims, DType dtype = DType::kFloat32);
  uint32_t output(const std::string& name, std::vector<ExprId> dims, DType dtype = DType::kFloat32);
  /// Symbol expression of an input's dimension or element.
  ExprId dim(uint32_t input_buffer, uint32_t index) const {
    return input_dims_[program.buffers[input_buffer].index][index];
  }
  ExprId element(uint32_t input_buffer, uint32_t index, int64_t low, int64_t high);
  uint32_t arena(int64_t elements, DType dtype = DType::kFloat32);
  uint32_t constant(const std::vector<float>& values);

  ViewId view(ViewSpec spec);
  ViewId scalar(uint32_t buffer) { return view({buffer, c(0), {}}); }
  uint32_t slot() { return program.slot_count++; }

  uint32_t stage(std::vector<ExprId> space, tile::TileProgram tail, std::vector<ViewId> operands,
                 std::vector<plan::Gemm> gemms = {}, std::vector<uint32_t> slots = {},
                 const std::string& origin = "stage");
  uint32_t kernel(plan::Kernel kernel, const std::string& origin = "kernel");
  void begin_loop(uint32_t slot, ExprId trips, ViewId count = plan::kNone);
  void begin_if(ViewId flag);
  void begin_else();
  void begin_parallel();
  void begin_part();
  void break_if_not(ViewId flag);
  void end();

  plan::Program program;

 private:
  void push_step(plan::StepKind kind, size_t index, const std::string& origin);
  uint32_t open_block();
  std::vector<uint32_t> open_;
  std::vector<std::vector<ExprId>> input_dims_;
  std::vector<std::pair<int64_t, ExprId>> constants_;
};

}  // namespace rondo::runtime::testing
