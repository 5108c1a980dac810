#include <algorithm>
#include <optional>

#include "plan/verify/parts.h"

namespace rondo::plan {
namespace {

constexpr size_t kMaxMaskedRank = 16;
constexpr int64_t kMaxPluginRank = 8;

class WorkCheck {
 public:
  explicit WorkCheck(const Program& program)
      : p_(program), products_(program.packed.size()), plugins_used_(program.plugins.size()) {}

  void stage(size_t i, const Stage& s) {
    at_ = {"stage", i};
    expect(!s.space.empty() && are_exprs(s.space), "its space needs at least one axis and existing exprs");
    expect(s.tile_program < p_.tile_programs.size(), "its tile program does not exist");
    const tile::TileProgram& tp = p_.tile_programs[s.tile_program];
    expect(s.operands.size() == tp.operand_dtypes.size(), "it does not give its tile program's operands");
    for (size_t k = 0; k < s.operands.size(); ++k) {
      view(s.operands[k], s.space.size());
      expect(dtype(s.operands[k]) == tp.operand_dtypes[k], "an operand has another dtype than its buffer");
    }
    expect(are_slots(s.slots), "a loop counter does not exist");
    for (const tile::Inst& inst : tp.insts) {
      if (inst.kind == tile::InstKind::kStore) writable(s.operands[inst.operand]);
      if (inst.kind == tile::InstKind::kStep) expect(inst.operand < s.slots.size(), "a step value has no loop counter");
      if (inst.kind == tile::InstKind::kIndex) expect(inst.operand < s.space.size(), "an index has no axis");
    }
    expect(tp.row_axes <= s.space.size(), "its rows have more axes than its space");
    expect(tp.row_axes == 0 || s.gemms.empty(), "rows of products cannot be folded");
    gemms(s, tp.acc_count);
  }

  void kernel(size_t i, const Kernel& k) {
    at_ = {"kernel", i};
    expect(static_cast<size_t>(k.id) < kKernelCount, "unknown kernel");
    const KernelInfo& info = kernel_info(k.id);
    at_.name = info.name;
    const size_t results = k.results();
    const size_t inputs = k.operands.size() - std::min(results, k.operands.size());
    expect(k.operands.size() >= results && inputs >= info.fewest_inputs && inputs <= info.most_inputs,
           "wrong number of operands");
    expect(k.attrs.size() >= info.attrs && k.exprs.size() >= info.exprs && k.slots.size() >= info.slots,
           "an attribute, expr or loop counter is missing");
    expect(are_exprs(k.space) && are_exprs(k.exprs), "an expr does not exist");
    expect(are_slots(k.slots), "a loop counter does not exist");
    expect(k.operand_dims.size() == (info.own_dims ? k.operands.size() : 0), "dims of an operand are missing");
    for (const std::vector<ExprId>& dims : k.operand_dims) expect(are_exprs(dims), "an expr does not exist");
    kernel_attrs(k);
    for (size_t o = 0; o < k.operands.size(); ++o) {
      view(k.operands[o], info.own_dims ? k.operand_dims[o].size() : k.space.size());
      if (o >= inputs) writable(k.operands[o]);
    }
  }

 private:
  struct Place {
    const char* name;
    size_t index;
  };

  void expect(bool condition, const char* what) const { require(condition, at_.name, " ", at_.index, ": ", what); }

  bool are_exprs(const std::vector<ExprId>& ids) const {
    return std::all_of(ids.begin(), ids.end(), [&](ExprId e) { return e < p_.exprs.size(); });
  }
  bool are_slots(const std::vector<uint32_t>& slots) const {
    return std::all_of(slots.begin(), slots.end(), [&](uint32_t s) { return s < p_.slot_count; });
  }
  DType dtype(ViewId v) const { return p_.buffers[p_.views[v].buffer].dtype; }

  void view(ViewId v, size_t axes) const {
    expect(v < p_.views.size(), "a view does not exist");
    expect(p_.views[v].strides.size() == axes, "a view's strides do not match its axes");
  }

  void writable(ViewId v) const {
    for (; v != kNone; v = p_.views[v].first) {
      const Storage storage = p_.buffers[p_.views[v].buffer].storage;
      expect(storage != Storage::kInput && storage != Storage::kConstant, "it stores to memory that is read only");
    }
  }

  void gemms(const Stage& s, uint32_t acc_count) {
    std::vector<uint8_t> written(acc_count);
    for (const Gemm& g : s.gemms) {
      expect(g.k < p_.exprs.size(), "a product's length does not exist");
      view(g.a, s.space.size());
      expect(is_float(dtype(g.a)), "a product's left side is not of a float type");
      expect((g.packed == kNone) != (g.b == kNone), "a product needs exactly one right side");
      if (g.packed != kNone) {
        expect(g.packed < p_.packed.size() && p_.packed[g.packed].gates == g.gates,
               "a packed matrix does not exist or fit");
        std::optional<DType>& product = products_[g.packed];
        expect(product.value_or(g.product) == g.product, "a packed matrix is multiplied in two types");
        product = g.product;
        packed_elements(p_.packed[g.packed], g.product);
      } else {
        view(g.b, std::max<size_t>(s.space.size(), 2) + 1);  // batch axes, k, gate, col
        expect(is_float(dtype(g.b)), "a product's right side is not of a float type");
      }
      expect(g.product == DType::kFloat32 || g.product == DType::kBFloat16, "a product in a type that has none");
      expect(g.gates >= 1 && uint32_t{g.acc_base} + g.gates <= acc_count, "a product's accumulators do not exist");
      for (uint32_t acc = g.acc_base; acc < uint32_t{g.acc_base} + g.gates; ++acc) {
        expect(written[acc] == (g.accumulate ? 1 : 0),
               "a product adds to an accumulator before it is written, or overwrites one");
        written[acc] = 1;
      }
    }
    expect(std::count(written.begin(), written.end(), 0) == 0, "an accumulator is never written");
  }

  void packed_elements(const Packed& packed, DType product) const {
    if (!packed.layout) return;
    const DType stored = p_.constants[packed.constant].dtype;
    const DType element = kernels::element_type(kernels::gemm_format(kernels::Isa::kScalar, stored, product));
    expect(kernels::element_type(packed.layout->format) == element, "a packed matrix holds elements of another type");
  }

  // What the attributes of the other kernels must be depends on extents; their runners check that when shapes are
  // bound.
  void kernel_attrs(const Kernel& k) {
    switch (k.id) {
      case KernelId::k_reduce: {
        expect(k.attrs[0] >= 0 && k.attrs[0] <= static_cast<int64_t>(ReduceOp::kAvg), "unknown operation");
        const bool fits = k.space.size() <= kMaxMaskedRank && k.attrs[1] >= 0 && k.attrs[1] >> k.space.size() == 0;
        expect(fits, "its axes are outside of the rank");
        break;
      }
      case KernelId::k_gather:
        expect(k.attrs[0] >= 0 && k.attrs[0] <= 2, "unknown mode");
        break;
      case KernelId::k_zero_tail:
      case KernelId::k_reverse_prefix:
        axis(k, 0);
        break;
      case KernelId::k_plugin:
        plugin(k);
        break;
      default:
        break;
    }
  }

  void plugin(const Kernel& k) {
    const size_t results = k.results();
    expect(k.attrs[0] >= 0 && static_cast<uint64_t>(k.attrs[0]) < plugins_used_.size(), "its plugin does not exist");
    uint8_t& used = plugins_used_[static_cast<size_t>(k.attrs[0])];
    expect(used == 0, "its plugin belongs to another kernel");
    used = 1;
    expect(k.attrs.size() == 2 + 2 * results, "the ranks or aliases of its outputs are missing");
    const auto inputs = static_cast<int64_t>(k.operands.size() - results);
    uint64_t extents = 0;
    for (size_t i = 0; i < results; ++i) {
      expect(k.attrs[2 + i] >= 0 && k.attrs[2 + i] <= kMaxPluginRank, "an output has an impossible rank");
      const int64_t alias = k.attrs[2 + results + i];
      expect(alias >= -1 && alias < inputs, "an output shares the memory of an input that does not exist");
      extents += static_cast<uint64_t>(k.attrs[2 + i]);
    }
    expect(extents == k.exprs.size(), "the extents of its outputs do not fit their ranks");
  }

  void axis(const Kernel& k, size_t attr) const {
    expect(k.attrs[attr] >= 0 && static_cast<uint64_t>(k.attrs[attr]) < k.space.size(),
           "its axis is outside of the rank");
  }

  const Program& p_;
  std::vector<std::optional<DType>> products_;  ///< by packed matrix: the type it is multiplied in
  std::vector<uint8_t> plugins_used_;           ///< by plugin
  Place at_{"", 0};
};

}  // namespace

void verify_work(const Program& program) {
  WorkCheck check(program);
  for (size_t i = 0; i < program.stages.size(); ++i) check.stage(i, program.stages[i]);
  for (size_t i = 0; i < program.kernels.size(); ++i) check.kernel(i, program.kernels[i]);
}

}  // namespace rondo::plan
