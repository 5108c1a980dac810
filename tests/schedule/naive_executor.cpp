// reason: a second executor of the whole Program, kept in one piece so that it can be read beside program.h.
#include "schedule/naive_executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/half.h"

namespace rondo::schedule {
namespace {

using Index = std::vector<int64_t>;

class NaiveExecutor {
 public:
  NaiveExecutor(const plan::Program& program, const std::vector<ops::Tensor>& inputs, bool backwards)
      : p_(program), backwards_(backwards), slots_(program.slot_count, 0) {
    read_symbols(inputs);
    evaluate_exprs();
    const bool known = p_.reads.empty();
    for (const plan::ShapeCheck& check : p_.checks) {
      RONDO_CHECK(!known || exprs_[check.a] == exprs_[check.b], check.message);
    }
    make_memory(inputs);
  }

  std::vector<ops::Tensor> run() {
    run_block(0);
    std::vector<ops::Tensor> outputs;
    for (const plan::Binding& binding : p_.bindings) {
      if (binding.is_input) continue;
      outputs.push_back(ops::from_bytes(binding.dtype, dims(binding.dim_exprs), memory_[binding.buffer]));
    }
    return outputs;
  }

 private:
  void read_symbols(const std::vector<ops::Tensor>& inputs) {
    for (const plan::Symbol& symbol : p_.symbols) {
      if (symbol.source == plan::Symbol::Source::kData) {
        symbols_.push_back(0);
        continue;
      }
      const ops::Tensor& input = inputs.at(symbol.input);
      symbols_.push_back(symbol.source == plan::Symbol::Source::kInputDim
                             ? input.dims.at(symbol.index)
                             : static_cast<int64_t>(input.data.at(symbol.index)));
    }
  }

  void evaluate_exprs() {
    exprs_.clear();
    const auto floor_div = [](int64_t a, int64_t b) {
      return b == 0 ? 0 : a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
    };
    for (const plan::Expr& e : p_.exprs) {
      const int64_t a = e.a == plan::kNone ? 0 : exprs_.at(e.a), b = e.b == plan::kNone ? 0 : exprs_.at(e.b);
      switch (e.kind) {
        case plan::ExprKind::kConstant:
          exprs_.push_back(e.value);
          break;
        case plan::ExprKind::kSymbol:
          exprs_.push_back(symbols_.at(static_cast<size_t>(e.value)));
          break;
        case plan::ExprKind::kAdd:
          exprs_.push_back(a + b);
          break;
        case plan::ExprKind::kSub:
          exprs_.push_back(a - b);
          break;
        case plan::ExprKind::kMul:
          exprs_.push_back(a * b);
          break;
        case plan::ExprKind::kFloorDiv:
          exprs_.push_back(floor_div(a, b));
          break;
        case plan::ExprKind::kCeilDiv:
          exprs_.push_back(-floor_div(-a, b));
          break;
        case plan::ExprKind::kMin:
          exprs_.push_back(std::min(a, b));
          break;
        case plan::ExprKind::kMax:
          exprs_.push_back(std::max(a, b));
          break;
      }
    }
  }

  void make_memory(const std::vector<ops::Tensor>& inputs) {
    arena_.assign(p_.arena_bytes, 0xff);
    owned_.reserve(p_.buffers.size());
    for (const plan::Buffer& buffer : p_.buffers) {
      const auto bytes = static_cast<size_t>(std::max<int64_t>(exprs_[buffer.bytes], 0));
      owned_.emplace_back();
      switch (buffer.storage) {
        case plan::Storage::kArena:
          RONDO_CHECK(bytes <= buffer.max_bytes && buffer.offset + buffer.max_bytes <= arena_.size(), "arena extent");
          memory_.push_back(arena_.data() + buffer.offset);
          continue;
        case plan::Storage::kConstant:
          memory_.push_back(const_cast<uint8_t*>(p_.constant_bytes(buffer.index).data()));
          continue;
        case plan::Storage::kInput:
          owned_.back().resize(bytes);
          ops::to_bytes(inputs.at(buffer.index), owned_.back().data());
          break;
        case plan::Storage::kDynamic:
        case plan::Storage::kLocal:
        case plan::Storage::kOutput:
          owned_.back().assign(bytes, 0xff);
          break;
      }
      memory_.push_back(owned_.back().data());
    }
  }

  Index dims(const std::vector<plan::ExprId>& ids) const {
    Index result;
    for (const plan::ExprId id : ids) result.push_back(exprs_[id]);
    return result;
  }

  uint8_t* address(plan::ViewId id, const Index& index, DType* dtype) const {
    const plan::View* view = &p_.views.at(id);
    while (view->first != plan::kNone && slots_.at(view->first_slot) == 0) view = &p_.views.at(view->first);
    RONDO_CHECK(view->strides.size() == index.size(), "rank of view ", id);
    int64_t at = exprs_[view->offset];
    for (size_t i = 0; i < index.size(); ++i) at += index[i] * exprs_[view->strides[i]];
    for (const plan::Term& term : view->terms) {
      int64_t t = slots_.at(term.slot);
      if (term.kind == plan::TermKind::kParity) t &= 1;
      if (term.kind == plan::TermKind::kNextParity) t = (t + 1) & 1;
      at += t * exprs_[term.stride];
    }
    const plan::Buffer& buffer = p_.buffers[view->buffer];
    *dtype = buffer.dtype;
    const auto size = static_cast<int64_t>(dtype_bytes(buffer.dtype));
    RONDO_CHECK(at >= 0 && (at + 1) * size <= exprs_[buffer.bytes], "view ", id, " leaves its buffer at element ", at);
    return memory_[view->buffer] + at * size;
  }

  double read(plan::ViewId view, const Index& index) const {
    DType dtype;
    const uint8_t* from = address(view, index, &dtype);
    if (dtype != DType::kFloat32) return ops::from_bytes(dtype, {}, from).data[0];
    float value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }

  void write(plan::ViewId view, const Index& index, double value) {
    const plan::View& v = p_.views.at(view);
    if (v.guard_slot != plan::kNone && slots_.at(v.guard_slot) >= exprs_[v.guard_limit]) return;
    DType dtype;
    uint8_t* to = address(view, index, &dtype);
    if (dtype != DType::kFloat32) return ops::to_bytes(ops::Tensor{dtype, {}, {value}}, to);
    const auto narrow = static_cast<float>(value);
    std::memcpy(to, &narrow, sizeof narrow);
  }

  template <class Visit>
  void for_each(const Index& space, bool backwards, const Visit& visit) const {
    int64_t total = 1;
    for (const int64_t n : space) total *= n;
    Index index(space.size());
    for (int64_t k = 0; k < total; ++k) {
      int64_t rest = backwards ? total - 1 - k : k;
      for (size_t i = space.size(); i-- > 0; rest /= space[i]) index[i] = rest % space[i];
      visit(index);
    }
  }

  void run_stage(const plan::Stage& stage) {
    const tile::TileProgram& tp = p_.tile_programs[stage.tile_program];
    if (tp.row_axes > 0) return run_rows(stage, tp);
    for_each(dims(stage.space), backwards_, [&](const Index& at) {
      const std::vector<double> acc = accumulators(stage, tp.acc_count, at);
      std::vector<double> values;
      for (const tile::Inst& inst : tp.insts) values.push_back(evaluate(stage, inst, acc, values, at));
    });
  }

  static double fold(tile::RowFold op, const std::vector<std::vector<double>>& row, size_t arg, size_t count) {
    const double infinity = std::numeric_limits<double>::infinity();
    double y = op == tile::RowFold::kProd  ? 1
               : op == tile::RowFold::kMax ? -infinity
               : op == tile::RowFold::kMin ? infinity
                                           : 0;
    for (size_t i = 0; i < count; ++i) {
      const double x = row[i][arg];
      if (op == tile::RowFold::kSum || op == tile::RowFold::kAvg) y += x;
      if (op == tile::RowFold::kProd) y *= x;
      if (op == tile::RowFold::kMax) y = std::fmax(y, x);
      if (op == tile::RowFold::kMin) y = std::fmin(y, x);
    }
    return op == tile::RowFold::kAvg ? y / static_cast<double>(count) : y;
  }

  bool one_per_row(plan::ViewId id, size_t first_axis) const {
    const std::vector<plan::ExprId>& strides = p_.views[id].strides;
    return std::all_of(strides.begin() + static_cast<ptrdiff_t>(first_axis), strides.end(),
                       [&](plan::ExprId e) { return exprs_[e] == 0; });
  }

  /// Instruction by instruction over a whole row. An empty row is one point that reads and writes what rows have one of.
  void run_rows(const plan::Stage& stage, const tile::TileProgram& tp) {
    const Index space = dims(stage.space);
    const size_t first = space.size() - tp.row_axes;
    const Index row_dims(space.begin() + static_cast<ptrdiff_t>(first), space.end());
    for_each(Index(space.begin(), space.begin() + static_cast<ptrdiff_t>(first)), backwards_, [&](const Index& outer) {
      std::vector<Index> points;
      for_each(row_dims, backwards_, [&](const Index& inner) {
        points.push_back(outer);
        points.back().insert(points.back().end(), inner.begin(), inner.end());
      });
      const size_t count = points.size();
      if (count == 0) points.emplace_back(outer).resize(space.size());
      std::vector<std::vector<double>> row(points.size());
      for (const tile::Inst& inst : tp.insts) {
        const bool folds = inst.kind == tile::InstKind::kRowReduce;
        const double folded = folds ? fold(static_cast<tile::RowFold>(inst.operand), row, inst.args[0], count) : 0;
        const bool memory = inst.kind == tile::InstKind::kLoad || inst.kind == tile::InstKind::kStore;
        const bool skips = count == 0 && memory && !one_per_row(stage.operands[inst.operand], first);
        for (size_t i = 0; i < points.size(); ++i) {
          row[i].push_back(folds || skips ? folded : evaluate(stage, inst, {}, row[i], points[i]));
        }
      }
    });
  }

  std::vector<double> accumulators(const plan::Stage& stage, size_t count, const Index& at) const {
    std::vector<double> acc(count, std::nan(""));
    for (const plan::Gemm& gemm : stage.gemms) {
      for (int64_t gate = 0; gate < gemm.gates; ++gate) {
        double sum = gemm.accumulate ? acc[gemm.acc_base + gate] : 0;
        for (int64_t k = 0; k < exprs_[gemm.k]; ++k) {
          Index a(at.begin(), at.end() - 1);
          a.push_back(k);
          sum += factor(gemm, read(gemm.a, a)) * factor(gemm, weight(gemm, at, k, gate));
        }
        acc[gemm.acc_base + gate] = sum;
      }
    }
    return acc;
  }

  static double factor(const plan::Gemm& gemm, double value) {
    if (gemm.product != DType::kBFloat16) return value;
    return bfloat16_to_float(float_to_bfloat16(static_cast<float>(value)));
  }

  double weight(const plan::Gemm& gemm, const Index& at, int64_t k, int64_t gate) const {
    if (gemm.packed == plan::kNone) {
      Index b(at.begin(), at.end() - 2);
      b.insert(b.end(), {k, gate, at.back()});
      return read(gemm.b, b);
    }
    const plan::Packed& packed = p_.packed[gemm.packed];
    const plan::Constant& constant = p_.constants[packed.constant];
    const int64_t element =
        packed.offset + k * packed.k_stride + gate * packed.gate_stride + at.back() * packed.col_stride;
    RONDO_CHECK(k < packed.k && gate < packed.gates && at.back() < packed.cols, "packed extent");
    const auto width = static_cast<int64_t>(dtype_bytes(constant.dtype));
    RONDO_CHECK(element >= 0 && (element + 1) * width <= static_cast<int64_t>(constant.bytes), "packed element");
    return ops::from_bytes(constant.dtype, {1}, p_.constant_bytes(packed.constant).data() + element * width).data[0];
  }

  double evaluate(const plan::Stage& stage, const tile::Inst& inst, const std::vector<double>& acc,
                  const std::vector<double>& values, const Index& at) {
    switch (inst.kind) {
      case tile::InstKind::kLoad:
        return read(stage.operands[inst.operand], at);
      case tile::InstKind::kStore:
        write(stage.operands[inst.operand], at, values[inst.args[0]]);
        return 0;
      case tile::InstKind::kAcc:
        return acc.at(inst.operand);
      case tile::InstKind::kConst:
        return inst.imm;
      case tile::InstKind::kStep:
        return static_cast<double>(slots_.at(stage.slots.at(inst.operand)));
      case tile::InstKind::kIndex:
        return static_cast<double>(at.at(inst.operand));
      case tile::InstKind::kPointwise:
      case tile::InstKind::kRowReduce:  // run_rows
        break;
    }
    std::array<double, 3> x{};
    for (size_t i = 0; i < tile::pointwise_info(inst.fn).arity; ++i) x[i] = values[inst.args[i]];
    const bool mask = inst.type == tile::ValueType::kMask && inst.fn != tile::PointwiseFn::f_cast;
    return tile::evaluate(inst.fn, mask ? tile::ValueType::kF32 : inst.type, x);
  }

  void run_kernel(const plan::Kernel& kernel) {
    const Index space = dims(kernel.space);
    switch (kernel.id) {
      case plan::KernelId::k_reduce:
        return reduce(kernel, space);
      case plan::KernelId::k_topk:
        return topk(kernel, space);
      case plan::KernelId::k_gather:
        return gather(kernel);
      case plan::KernelId::k_expr_values:
        for (size_t i = 0; i < kernel.exprs.size(); ++i) {
          write(kernel.operands[0], {static_cast<int64_t>(i)}, static_cast<double>(exprs_[kernel.exprs[i]]));
        }
        return;
      case plan::KernelId::k_zero_tail:
        return for_each(space, false, [&](const Index& at) {
          if (at[static_cast<size_t>(kernel.attrs[0])] >= slots_[kernel.slots[0]]) write(kernel.operands[0], at, 0);
        });
      case plan::KernelId::k_reverse_prefix:
        return reverse_prefix(kernel, space);
      case plan::KernelId::k_sampled_slice:  // whole ones only: copies between layouts
        for (size_t i = 0; i < kernel.exprs.size(); ++i) {
          RONDO_CHECK(exprs_[kernel.exprs[i]] == (i < space.size() ? 0 : 1), "the oracle knows whole slices");
        }
        return for_each(space, backwards_,
                        [&](const Index& at) { write(kernel.operands[1], at, read(kernel.operands[0], at)); });
      default:
        throw std::logic_error(std::string("the naive executor has no kernel ") + plan::kernel_info(kernel.id).name);
    }
  }

  void reduce(const plan::Kernel& kernel, const Index& space) {
    const auto op = static_cast<plan::ReduceOp>(kernel.attrs[0]);
    Index kept = space;
    int64_t count = 1;
    for (size_t i = 0; i < space.size(); ++i) {
      if (((kernel.attrs[1] >> i) & 1) == 0) continue;
      kept[i] = 1;
      count *= space[i];
    }
    std::map<Index, double> results;
    if (count == 0) {  // nothing to fold: the fold's neutral element
      const bool sum = op == plan::ReduceOp::kSum, product = op == plan::ReduceOp::kProd;
      for_each(kept, false, [&](const Index& key) { results[key] = sum ? 0 : product ? 1 : std::nan(""); });
    }
    for_each(space, false, [&](const Index& at) {
      Index key = at;
      for (size_t i = 0; i < key.size(); ++i) key[i] = kept[i] == 1 && space[i] != 1 ? 0 : key[i];
      const double x = read(kernel.operands[0], at);
      const auto [it, is_new] = results.emplace(key, x);
      if (is_new) return;
      double& y = it->second;
      if (op == plan::ReduceOp::kSum || op == plan::ReduceOp::kAvg) y += x;
      if (op == plan::ReduceOp::kProd) y *= x;
      if (op == plan::ReduceOp::kMax) y = std::max(y, x);
      if (op == plan::ReduceOp::kMin) y = std::min(y, x);
    });
    for (const auto& [key, y] : results) {
      write(kernel.operands[1], key, op == plan::ReduceOp::kAvg && count > 0 ? y / static_cast<double>(count) : y);
    }
  }

  void topk(const plan::Kernel& kernel, const Index& space) {
    const auto axis = static_cast<size_t>(kernel.attrs[1]);
    Index outer = space;
    outer[axis] = 1;
    for_each(outer, false, [&](const Index& base) {
      std::vector<std::pair<double, int64_t>> row;
      Index at = base;
      for (at[axis] = 0; at[axis] < space[axis]; ++at[axis]) {
        row.emplace_back((kernel.attrs[0] != 0 ? -1 : 1) * read(kernel.operands[0], at), at[axis]);
      }
      std::sort(row.begin(), row.end());
      for (at[axis] = 0; at[axis] < exprs_[kernel.exprs[0]]; ++at[axis]) {
        const auto& [value, index] = row[static_cast<size_t>(at[axis])];
        write(kernel.operands[1], at, kernel.attrs[0] != 0 ? -value : value);
        write(kernel.operands[2], at, static_cast<double>(index));
      }
    });
  }

  void gather(const plan::Kernel& kernel) {
    RONDO_CHECK(kernel.attrs[0] == 0 && kernel.attrs[2] == 0, "the oracle knows plain gathers");
    const auto axis = static_cast<size_t>(kernel.attrs[1]);
    const Index data = dims(kernel.operand_dims[0]), indices = dims(kernel.operand_dims[1]);
    for_each(dims(kernel.operand_dims[2]), false, [&](const Index& y) {
      const Index at(y.begin() + static_cast<ptrdiff_t>(axis),
                     y.begin() + static_cast<ptrdiff_t>(axis + indices.size()));
      const auto i = static_cast<int64_t>(read(kernel.operands[1], at));
      Index x(y.begin(), y.begin() + static_cast<ptrdiff_t>(axis));
      x.push_back(i);
      x.insert(x.end(), y.begin() + static_cast<ptrdiff_t>(axis + indices.size()), y.end());
      write(kernel.operands[2], y, i >= 0 && i < data[axis] ? read(kernel.operands[0], x) : 0);
    });
  }

  void reverse_prefix(const plan::Kernel& kernel, const Index& space) {
    const auto axis = static_cast<size_t>(kernel.attrs[0]);
    const int64_t length = std::min(space[axis], slots_[kernel.slots[0]]);
    Index half = space;
    half[axis] = length / 2;
    for_each(half, false, [&](const Index& at) {
      Index other = at;
      other[axis] = length - 1 - at[axis];
      const double a = read(kernel.operands[0], at), b = read(kernel.operands[0], other);
      write(kernel.operands[0], at, b);
      write(kernel.operands[0], other, a);
    });
  }

  /// False when a break left the innermost loop.
  bool run_block(uint32_t block) {
    for (const uint32_t index : p_.blocks.at(block).steps) {
      if (!run_step(p_.steps.at(index))) return false;
    }
    return true;
  }

  bool run_step(const plan::Step& step) {
    switch (step.kind) {
      case plan::StepKind::kStage:
        run_stage(p_.stages[step.index]);
        return true;
      case plan::StepKind::kKernel:
        run_kernel(p_.kernels[step.index]);
        return true;
      case plan::StepKind::kLoop:
        run_loop(p_.loops[step.index]);
        return true;
      case plan::StepKind::kBreak:
        return read(p_.breaks[step.index].flag, {}) != 0;
      case plan::StepKind::kConditional: {
        const plan::Conditional& c = p_.conditionals[step.index];
        return run_block(read(c.flag, {}) != 0 ? c.then_block : c.else_block);
      }
      case plan::StepKind::kParallel:
        run_parallel(p_.parallels[step.index]);
        return true;
      case plan::StepKind::kRead:
        run_read(p_.reads[step.index]);
        return true;
    }
    return true;
  }

  /// Sizes change: memory whose size is another now starts anew.
  void run_read(const plan::Read& step) {
    const Index space = dims(step.space);
    for (size_t i = 0; i < step.symbols.size(); ++i) {
      Index index(space.size());
      auto rest = static_cast<int64_t>(i);
      for (size_t axis = space.size(); axis-- > 0; rest /= space[axis]) index[axis] = rest % space[axis];
      symbols_[step.symbols[i]] =
          step.view == plan::kNone ? exprs_[step.exprs[i]] : static_cast<int64_t>(read(step.view, index));
    }
    evaluate_exprs();
    for (size_t i = 0; i < p_.buffers.size(); ++i) {
      const plan::Storage storage = p_.buffers[i].storage;
      const auto bytes = static_cast<size_t>(std::max<int64_t>(exprs_[p_.buffers[i].bytes], 0));
      const bool sized =
          storage != plan::Storage::kInput && storage != plan::Storage::kConstant && storage != plan::Storage::kArena;
      if (!sized || owned_[i].size() == bytes) continue;
      owned_[i].assign(bytes, 0xff);
      memory_[i] = owned_[i].data();
    }
  }

  /// Counters of one block are not seen by the others, nor afterwards.
  void run_parallel(const plan::Parallel& parallel) {
    const std::vector<int64_t> before = slots_;
    std::vector<uint32_t> blocks = parallel.blocks;
    if (backwards_) std::reverse(blocks.begin(), blocks.end());
    for (const uint32_t block : blocks) {
      run_block(block);
      slots_ = before;
    }
  }

  void run_loop(const plan::Loop& loop) {
    int64_t trips = INT64_MAX;
    if (loop.trips != plan::kNone) trips = exprs_[loop.trips];
    if (loop.count_view != plan::kNone) trips = static_cast<int64_t>(read(loop.count_view, {}));
    for (slots_[loop.slot] = 0; slots_[loop.slot] < trips; ++slots_[loop.slot]) {
      RONDO_CHECK(slots_[loop.slot] < 1000000, "endless loop");
      if (!run_block(loop.body)) return;
    }
  }

  const plan::Program& p_;
  bool backwards_;
  std::vector<int64_t> slots_;
  std::vector<int64_t> symbols_, exprs_;
  Bytes arena_;
  std::vector<Bytes> owned_;
  std::vector<uint8_t*> memory_;
};

}  // namespace

std::vector<ops::Tensor> run_naively(const plan::Program& program, const std::vector<ops::Tensor>& inputs,
                                     bool backwards) {
  return NaiveExecutor(program, inputs, backwards).run();
}

}  // namespace rondo::schedule
