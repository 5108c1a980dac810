#include "conformance/harness/network.h"

#include "base/checked.h"

// A case becomes a network.
//
// A placement is a path of constructs from the main region inwards: {} , {loop}, {branch, loop} … . Operand 0 gets one
// more axis per loop of the path, of the loop's trip count, at an axis that the seed chooses, and each loop iterates
// over its own; everything else is captured from the main region. Going back outwards a loop collects each result on a
// new axis, a conditional gives it or, not taken, zeros. The reference of the whole network is then what the engine
// must give.

namespace rondo::conformance {
namespace {

using ops::Tensor;

enum class Construct : uint8_t { kLoop, kBranch };
using Path = std::vector<Construct>;

Path path_of(Placement placement) {
  switch (placement) {
    case Placement::kPlain:
    case Placement::kSymbolic:
      return {};
    case Placement::kLoop:
    case Placement::kSymbolicLoop:
      return {Construct::kLoop};
    case Placement::kBranch:
      return {Construct::kBranch};
    case Placement::kLoopInLoop:
      return {Construct::kLoop, Construct::kLoop};
    case Placement::kLoopInBranch:
      return {Construct::kBranch, Construct::kLoop};
    case Placement::kBranchInLoop:
      return {Construct::kLoop, Construct::kBranch};
  }
  return {};
}

bool is_symbolic(Placement placement) {
  return placement == Placement::kSymbolic || placement == Placement::kSymbolicLoop;
}

/// x with a new axis of extent `count` at `axis`; slice t is x, its elements rotated by t.
Tensor stacked(const Tensor& x, int64_t count, int64_t axis, bool rotates) {
  Tensor y{x.dtype, x.dims, {}};
  y.dims.insert(y.dims.begin() + axis, count);
  const int64_t volume = x.volume();
  int64_t inner = 1;
  for (size_t i = static_cast<size_t>(axis); i < x.dims.size(); ++i) inner *= x.dims[i];
  y.data.resize(static_cast<size_t>(volume * count));
  for (int64_t t = 0; t < count; ++t) {
    for (int64_t i = 0; i < volume; ++i) {
      const int64_t from = rotates ? (i + t) % volume : i;
      y.data[static_cast<size_t>((i / inner * count + t) * inner + i % inner)] = x.data[static_cast<size_t>(from)];
    }
  }
  return y;
}

uint32_t with_axis(uint32_t bits, int64_t axis, bool fixed) {
  const uint32_t low = bits & ((1u << axis) - 1), high = bits & ~((1u << axis) - 1);
  return low | high << 1 | (fixed ? 1u << axis : 0);
}

class Placer {
 public:
  Placer(const Case& c, Placement placement, Random random)
      : case_(c), path_(path_of(placement)), symbolic_(is_symbolic(placement)), random_(random) {}

  Network build() {
    const Values results = inside(0, g().main(), enter_operands());
    for (ir::ValueId v : results) g_main().output(v);
    return std::move(network_);
  }

 private:
  struct Level {
    int64_t trips = 0, axis = -1, reverse = 0;  ///< axis -1: operand 0 is captured
    ir::ValueId count, condition;
  };

  ops::TestGraph& g_main() { return network_.graph; }
  ir::Graph& g() { return network_.graph.graph; }

  void around(ir::Dim symbol, int64_t value) {
    g().dims().set_range(symbol, {value > 0 ? value - 1 : value, value, value + 1});
  }

  ir::ValueId add_input(const Tensor& x, uint32_t fixed_axes) {
    Ints declared = x.dims;
    for (size_t i = 0; i < declared.size(); ++i) {
      if (symbolic_ && (fixed_axes >> i & 1) == 0) declared[i] = -1;
    }
    const ir::ValueId v = g_main().input(text("in", network_.inputs.size()), x.dtype, declared);
    for (size_t i = 0; i < declared.size(); ++i) {
      if (declared[i] < 0) around(g().type(v).dims[i], x.dims[i]);
    }
    network_.inputs.push_back(x);
    return v;
  }

  ir::ValueId add_host_input(const Tensor& x) {
    const ir::ValueId v = g_main().host_input(text("in", network_.inputs.size()), x.dtype, x.dims);
    for (size_t i = 0; i < x.data.size(); ++i) {
      const ir::Dim symbol = (*g().value(v).info.contents)[i];
      const auto value = static_cast<int64_t>(x.data[i]);
      g().dims().set_range(symbol, {value, value, value});
    }
    network_.inputs.push_back(x);
    return v;
  }

  Values enter_operands() {
    Values values;
    for (size_t i = 0; i < case_.operands.size(); ++i) {
      const Operand& operand = case_.operands[i];
      if (i == 0 && operand.role == Role::kData) {
        values.push_back(enter_first(operand));
      } else if (operand.role == Role::kData) {
        values.push_back(add_input(operand.value, operand.fixed_axes));
      } else if (operand.role == Role::kShape && symbolic_) {
        values.push_back(add_host_input(operand.value));
      } else {
        values.push_back(g_main().constant(operand.value.dtype, operand.value.dims, operand.value.data));
      }
    }
    enter_levels();
    return values;
  }

  /// Operand 0, with an axis for each loop that iterates over it: the innermost loop's is put on first.
  ir::ValueId enter_first(const Operand& operand) {
    levels_.resize(path_.size());
    Tensor x = operand.value;
    uint32_t fixed = operand.fixed_axes;
    for (size_t level = path_.size(); level-- > 0;) {
      if (path_[level] != Construct::kLoop) continue;
      levels_[level].trips = random_.number(2, 3);
      if (x.dims.size() + 1 > ir::kMaxRank || random_.one_in(4)) continue;
      levels_[level].axis = random_.flip() ? 0 : random_.number(0, static_cast<int64_t>(x.dims.size()));
      levels_[level].reverse = random_.one_in(3);
      x = stacked(x, levels_[level].trips, levels_[level].axis, case_.rotates);
      fixed = with_axis(fixed, levels_[level].axis, false);
    }
    return add_input(x, fixed);
  }

  /// Trip counts and conditions come after the op's own operands.
  void enter_levels() {
    levels_.resize(path_.size());
    for (size_t level = 0; level < path_.size(); ++level) {
      Level& at = levels_[level];
      if (path_[level] == Construct::kBranch) {
        at.condition = add_input(Tensor{DType::kBool, {}, {random_.one_in(4) ? 0.0 : 1.0}}, ~0u);
        continue;
      }
      if (at.trips == 0) at.trips = random_.number(2, 3);
      const Tensor trips{DType::kInt64, {}, {static_cast<double>(at.trips)}};
      at.count = symbolic_ ? add_host_input(trips) : g_main().constant(trips.dtype, trips.dims, trips.data);
    }
  }

  Values inside(size_t level, ir::RegionId region, const Values& operands) {
    if (level == path_.size()) return emit(region, operands);
    return path_[level] == Construct::kLoop ? in_loop(level, region, operands) : in_branch(level, region, operands);
  }

  Values emit(ir::RegionId region, const Values& operands) {
    Values results;
    if (case_.emit) {
      results = case_.emit(g_main(), region, operands);
    } else {
      ir::Attrs attrs = case_.attrs;
      for (const auto& [name, numbers] : case_.dims_attrs) {
        ir::Dims dims;
        for (int64_t number : numbers) dims.push_back(g().dims().constant(number));
        attrs.set(name, dims);
      }
      results = g_main().results_of(g_main().add_in(region, case_.kind, attrs, operands));
    }
    return case_.settle && !path_.empty() ? case_.settle(g_main(), region, results) : results;
  }

  /// Ranks of the results, found by writing the inner part into a copy: a loop wants to know its outputs beforehand.
  std::vector<int64_t> result_ranks(size_t level, ir::RegionId region, const Values& operands) {
    const ops::TestGraph before = network_.graph;
    const Random random = random_;
    std::vector<int64_t> ranks;
    for (ir::ValueId v : inside(level, region, operands)) ranks.push_back(g().type(v).rank());
    network_.graph = before;
    random_ = random;
    return ranks;
  }

  Values in_loop(size_t level, ir::RegionId region, Values operands) {
    const Level& at = levels_[level];
    ops::TestGraph::LoopSpec spec;
    spec.count = at.count;
    if (at.axis >= 0) {
      spec.iterated = {operands[0]};
      spec.iter_axes = {at.axis};
      spec.iter_reverse = {at.reverse};
    }
    const ops::TestGraph before = network_.graph;
    const ops::TestGraph::Body trial = g_main().loop_in(region, spec);
    Values sliced = operands;
    if (at.axis >= 0) sliced[0] = trial.args.back();
    const std::vector<int64_t> ranks = result_ranks(level + 1, trial.region, sliced);
    network_.graph = before;
    for (int64_t rank : ranks) {
      if (rank == ir::kMaxRank) throw NotApplicable{"collected results would exceed rank 8"};
      spec.lengths.push_back(at.count);
      spec.out_axes.push_back(random_.flip() ? 0 : random_.number(0, rank));
      spec.out_reverse.push_back(random_.one_in(4));
    }
    const ops::TestGraph::Body body = g_main().loop_in(region, spec);
    if (at.axis >= 0) operands[0] = body.args.back();
    return g_main().finish(body, inside(level + 1, body.region, operands));
  }

  Values in_branch(size_t level, ir::RegionId region, const Values& operands) {
    const std::vector<int64_t> ranks = result_ranks(level + 1, region, operands);
    const auto branches = g_main().conditional_in(region, levels_[level].condition, ranks.size());
    const Values taken = inside(level + 1, branches[0].region, operands);
    Values other;
    for (ir::ValueId v : taken) {
      const ir::TensorType type = g().type(v);
      const ir::ValueId zero =
          constant_in(g_main(), branches[1].region, Tensor{type.dtype, Ints(type.dims.size(), 1), {0}});
      other.push_back(g_main().add_in(branches[1].region, ir::OpKind::k_broadcast, {{"shape", type.dims}}, {zero}));
    }
    return g_main().finish_conditional(branches, taken, other);
  }

  const Case& case_;
  Path path_;
  bool symbolic_;
  Random random_;
  Network network_;
  std::vector<Level> levels_;
};

}  // namespace

std::string skip_reason(const Case& c, Placement placement) {
  for (const auto& [skipped, reason] : c.skips) {
    if (skipped == placement) return reason;
  }
  return "";
}

ir::ValueId constant_in(ops::TestGraph& graph, ir::RegionId region, const Tensor& value) {
  Bytes bytes(value.data.size() * dtype_bytes(value.dtype));
  ops::to_bytes(value, bytes.data());
  const int64_t data = graph.graph.add_constant_data(value.dtype, std::move(bytes));
  return graph.add_in(region, ir::OpKind::k_constant, {{"data", data}, {"dims", value.dims}}, {});
}

Network place(const Case& c, Placement placement, Random random) { return Placer(c, placement, random).build(); }

}  // namespace rondo::conformance
