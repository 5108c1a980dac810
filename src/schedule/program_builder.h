#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "ir/graph.h"
#include "plan/program.h"
#include "schedule/place.h"

namespace rondo::schedule {

/// What the memory planner and messages need to know of a buffer beyond the Program.
struct BufferInfo {
  std::string name;
  uint32_t home =
      plan::kNone;  ///< innermost loop (index) in which the buffer was made: each iteration writes before it reads
  ir::Dim elements;
};

/// Fills a Program: interns expressions, views, constants and tile programs, so that equal things are stored once and in order of
/// first use, and appends steps to the current block.
class ProgramBuilder {
 public:
  explicit ProgramBuilder(ir::Graph& graph);

  plan::ExprId expr(ir::Dim dim) { return raw_expr(pool_.resolve(dim)); }
  /// Without the equalities assumed since the expression was made: for shape checks.
  plan::ExprId raw_expr(ir::Dim dim);
  std::vector<plan::ExprId> exprs(const ir::Dims& dims);

  uint32_t binding_buffer(plan::Storage storage, uint32_t index, DType dtype, const ir::Dims& dims, std::string name);
  uint32_t arena_buffer(DType dtype, ir::Dim elements, std::string name);
  /// Buffer of graph constant `data`.
  uint32_t constant_buffer(uint32_t data);

  plan::ViewId view(const Place& place);
  uint32_t tile_program(const tile::TileProgram& program);
  uint32_t packed(const plan::Packed& packed);

  uint32_t new_slot() { return program_.slot_count++; }
  uint32_t new_block();
  uint32_t current_block() const { return block_; }
  void set_block(uint32_t block) { block_ = block; }
  /// Innermost loop for new buffers; kNone outside of loops.
  uint32_t current_loop() const { return loop_; }
  void set_loop(uint32_t loop) { loop_ = loop; }
  void add_step(plan::StepKind kind, uint32_t index, const std::string& origin);
  void add_kernel(plan::Kernel kernel, const std::string& origin);

  plan::Program& program() { return program_; }
  const std::vector<BufferInfo>& infos() const { return infos_; }

 private:
  plan::ExprId intern(const plan::Expr& expr);
  plan::ExprId sum(const ir::DimPool::Node& node);
  uint32_t add_constant(std::shared_ptr<const ir::ConstantData> data);
  uint32_t add_buffer(plan::Buffer buffer, ir::Dim elements, std::string name);

  using ExprKey = std::tuple<uint8_t, int64_t, uint32_t, uint32_t>;
  ir::Graph& graph_;
  ir::DimPool& pool_;
  plan::Program program_;
  std::vector<BufferInfo> infos_;
  std::map<ExprKey, plan::ExprId> interned_;
  std::map<uint32_t, plan::ExprId> expr_of_dim_;
  std::map<std::vector<uint64_t>, plan::ViewId> views_;
  std::map<uint32_t, uint32_t> constant_of_data_;  ///< graph constant -> buffer
  uint32_t block_ = 0;
  uint32_t loop_ = plan::kNone;
};

}  // namespace rondo::schedule
