#include <algorithm>
#include <set>
#include <string_view>

#include "base/checked.h"
#include "plan/verify/parts.h"

namespace rondo::plan {
namespace {

constexpr uint64_t kAlignment = 64;         // of arena and weight offsets
constexpr uint32_t kMaxShapeElements = 64;  // of a host shape tensor, or that one step reads
// A packed matrix may repeat elements of its constant (stride 0), so it may be larger, but not without bound.
constexpr uint64_t kPackedFreeElements = 1 << 20;

using Wide = __int128;

class TableCheck {
 public:
  explicit TableCheck(const Program& program) : p_(program) {}

  void run() {
    exprs();
    symbols();
    checks();
    bindings();
    profiles();
    buffers();
    constants();
    views();
    for (size_t i = 0; i < p_.packed.size(); ++i) packed(i, p_.packed[i]);
    for (size_t i = 0; i < p_.reads.size(); ++i) read(i, p_.reads[i]);
    tile_programs();
  }

 private:
  bool is_expr(ExprId e) const { return e < p_.exprs.size(); }

  bool are_exprs(const std::vector<ExprId>& ids) const {
    return std::all_of(ids.begin(), ids.end(), [&](ExprId e) { return is_expr(e); });
  }

  void exprs() {
    for (size_t i = 0; i < p_.exprs.size(); ++i) {
      const Expr& e = p_.exprs[i];
      if (e.kind == ExprKind::kConstant) continue;
      if (e.kind == ExprKind::kSymbol) {
        const bool exists = e.value >= 0 && static_cast<uint64_t>(e.value) < p_.symbols.size();
        require(exists, "expr ", i, ": symbol ", e.value, " does not exist");
        continue;
      }
      require(e.kind <= ExprKind::kMax, "expr ", i, ": unknown kind");
      require(e.a < i && e.b < i, "expr ", i, ": refers to an expr that is not before it");
    }
  }

  void symbols() {
    for (size_t i = 0; i < p_.symbols.size(); ++i) {
      const Symbol& s = p_.symbols[i];
      if (s.source == Symbol::Source::kData) {
        require(s.min <= s.max, "symbol ", i, ": no value is in its range");
        continue;
      }
      require(s.input < p_.bindings.size() && p_.bindings[s.input].is_input, "symbol ", i, ": input ", s.input,
              " does not exist");
      const Binding& input = p_.bindings[s.input];
      if (s.source == Symbol::Source::kInputDim) {
        require(s.index < input.dims.size(), "symbol ", i, ": dimension ", s.index, " of input ", s.input,
                " does not exist");
      } else {
        require(input.is_shape && s.index < kMaxShapeElements, "symbol ", i, ": input ", s.input,
                " has no shape element ", s.index);
      }
    }
  }

  void checks() {
    for (size_t i = 0; i < p_.checks.size(); ++i) {
      require(is_expr(p_.checks[i].a) && is_expr(p_.checks[i].b), "check ", i, ": its exprs do not exist");
    }
  }

  void bindings() {
    std::set<std::string_view> names;
    for (size_t i = 0; i < p_.bindings.size(); ++i) {
      const Binding& b = p_.bindings[i];
      require(!b.name.empty() && names.insert(b.name).second, "binding ", i, ": its name is empty or taken");
      require(i == 0 || !b.is_input || p_.bindings[i - 1].is_input, "binding ", i,
              ": an input stands behind an output");
      require(!b.is_hidden || (b.is_debug && !b.is_input), "binding ", i, ": hidden, but no debug output");
      require(i == 0 || b.is_hidden || !p_.bindings[i - 1].is_hidden, "binding ", i, ": stands behind a hidden one");
      require(is_valid_dtype(static_cast<int64_t>(b.dtype)), "binding ", i, ": unknown dtype");
      require(b.dims.size() <= kMaxBindingRank, "binding ", i, ": rank ", b.dims.size(), " exceeds ", kMaxBindingRank);
      require(b.dim_exprs.size() == b.dims.size() && are_exprs(b.dim_exprs), "binding ", i,
              ": its dims need one existing expr each");
      require(b.dim_names.empty() || b.dim_names.size() == b.dims.size(), "binding ", i,
              ": its dims need one name each");
      require(std::all_of(b.dims.begin(), b.dims.end(), [](int64_t d) { return d >= -1; }), "binding ", i,
              ": negative dims");
      require(b.buffer < p_.buffers.size(), "binding ", i, ": buffer ", b.buffer, " does not exist");
      const Buffer& buffer = p_.buffers[b.buffer];
      const Storage storage = b.is_input ? Storage::kInput : Storage::kOutput;
      require(buffer.storage == storage && buffer.index == i, "binding ", i, ": buffer ", b.buffer,
              " is not its memory");
    }
  }

  void profiles() {
    const auto inputs = static_cast<size_t>(
        std::count_if(p_.bindings.begin(), p_.bindings.end(), [](const Binding& b) { return b.is_input; }));
    require(!p_.profiles.empty(), "it has no optimization profile");
    for (size_t i = 0; i < p_.profiles.size(); ++i) {
      const Profile& profile = p_.profiles[i];
      require(profile.inputs.size() == inputs, "profile ", i, ": ", profile.inputs.size(), " entries for ", inputs,
              " inputs");
      for (size_t k = 0; k < inputs; ++k) profile_input(i, k, profile.inputs[k], p_.bindings[k]);
    }
  }

  static bool ordered(const std::vector<int64_t>& min, const std::vector<int64_t>& opt,
                      const std::vector<int64_t>& max) {
    if (min.size() != opt.size() || opt.size() != max.size()) return false;
    for (size_t i = 0; i < min.size(); ++i) {
      if (min[i] > opt[i] || opt[i] > max[i]) return false;
    }
    return true;
  }

  void profile_input(size_t profile, size_t input, const Profile::Input& range, const Binding& binding) {
    const bool dims_fit = range.min.size() == binding.dims.size() && ordered(range.min, range.opt, range.max);
    require(dims_fit, "profile ", profile, ": dims of input ", input, " need min <= opt <= max for each dimension");
    for (size_t i = 0; i < binding.dims.size(); ++i) {
      const bool fixed = range.min[i] == binding.dims[i] && range.max[i] == binding.dims[i];
      require(range.min[i] >= 0 && (binding.dims[i] < 0 || fixed), "profile ", profile, ": dimension ", i, " of input ",
              input, " is not as declared");
    }
    require(ordered(range.value_min, range.value_opt, range.value_max) && range.value_min.size() <= kMaxShapeElements,
            "profile ", profile, ": values of input ", input, " need min <= opt <= max for each element");
  }

  void buffers() {
    for (size_t i = 0; i < p_.buffers.size(); ++i) {
      const Buffer& b = p_.buffers[i];
      require(is_valid_dtype(static_cast<int64_t>(b.dtype)), "buffer ", i, ": unknown dtype");
      require(is_expr(b.bytes), "buffer ", i, ": its size does not exist");
      switch (b.storage) {
        case Storage::kInput:
        case Storage::kOutput: {
          const bool fits = b.index < p_.bindings.size() &&
                            p_.bindings[b.index].is_input == (b.storage == Storage::kInput) &&
                            p_.bindings[b.index].dtype == b.dtype;
          require(fits, "buffer ", i, ": binding ", b.index, " does not exist or is another kind of memory");
          break;
        }
        case Storage::kConstant:
          require(b.index < p_.constants.size() && p_.constants[b.index].dtype == b.dtype, "buffer ", i, ": constant ",
                  b.index, " does not exist or has another dtype");
          break;
        case Storage::kArena:
          require(b.offset % kAlignment == 0, "buffer ", i, ": its arena offset is not a multiple of ", kAlignment);
          require(b.offset <= p_.arena_bytes && b.max_bytes <= p_.arena_bytes - b.offset, "buffer ", i,
                  ": ends behind the arena");
          break;
        case Storage::kDynamic:
          require(!p_.reads.empty(), "buffer ", i, ": has a size of data, but nothing is read");
          break;
        case Storage::kLocal:  // who touches it is the business of verify_chains
          break;
        default:
          require(false, "buffer ", i, ": unknown storage");
      }
    }
  }

  void constants() {
    const uint64_t weight_bytes = p_.weight_size();
    require(p_.sources.empty() || p_.sources.size() == p_.constants.size(), p_.sources.size(), " sources for ",
            p_.constants.size(), " constants");
    for (size_t i = 0; i < p_.constants.size(); ++i) {
      const Constant& c = p_.constants[i];
      require(is_valid_dtype(static_cast<int64_t>(c.dtype)), "constant ", i, ": unknown dtype");
      auto bytes = static_cast<int64_t>(dtype_bytes(c.dtype));
      for (const int64_t d : c.dims)
        require(d >= 0 && checked_mul(bytes, d, &bytes), "constant ", i, ": impossible dims");
      require(static_cast<uint64_t>(bytes) == c.bytes, "constant ", i, ": dims need ", bytes, " bytes, it has ",
              c.bytes);
      require(p_.sources.empty() || p_.sources[i].bytes.size() == c.bytes, "constant ", i,
              ": its source has another size");
      if (!c.is_stored()) continue;
      require(c.offset % kAlignment == 0, "constant ", i, ": its offset is not a multiple of ", kAlignment);
      require(c.offset <= weight_bytes && c.bytes <= weight_bytes - c.offset, "constant ", i,
              ": ends behind the weights");
    }
  }

  void views() {
    std::vector<int> chain(p_.views.size());
    for (size_t i = 0; i < p_.views.size(); ++i) {
      const View& v = p_.views[i];
      require(v.buffer < p_.buffers.size(), "view ", i, ": buffer ", v.buffer, " does not exist");
      const Buffer& buffer = p_.buffers[v.buffer];
      require(buffer.storage != Storage::kConstant || p_.constants[buffer.index].is_stored(), "view ", i,
              ": reads constant ", buffer.index, ", which is only stored packed");
      require(is_expr(v.offset) && are_exprs(v.strides), "view ", i, ": its offset or a stride does not exist");
      for (const Term& t : v.terms) {
        require(t.slot < p_.slot_count && is_expr(t.stride) && t.kind <= TermKind::kNextParity, "view ", i,
                ": malformed loop term");
      }
      if (v.guard_slot != kNone) {
        require(v.guard_slot < p_.slot_count && is_expr(v.guard_limit), "view ", i, ": malformed guard");
      }
      if (v.first == kNone) continue;
      require(v.first < i && v.first_slot < p_.slot_count, "view ", i,
              ": its first view is not before it, or the slot does not exist");
      const View& first = p_.views[v.first];
      const bool alike =
          first.strides.size() == v.strides.size() && p_.buffers[first.buffer].dtype == p_.buffers[v.buffer].dtype;
      require(alike, "view ", i, ": its first view has another rank or dtype");
      chain[i] = chain[v.first] + 1;
      require(chain[i] <= kMaxFirstChain, "view ", i, ": more than ", kMaxFirstChain, " first views in a row");
    }
  }

  void packed(size_t i, const Packed& m) {
    require(m.constant < p_.constants.size(), "packed matrix ", i, ": constant ", m.constant, " does not exist");
    const Constant& constant = p_.constants[m.constant];
    require(is_float(constant.dtype), "packed matrix ", i, ": its constant is not of a float type");
    require(m.k >= 0 && m.cols >= 1 && m.gates >= 1 && m.gates <= UINT16_MAX, "packed matrix ", i, ": impossible size");
    const uint64_t elements = constant.bytes / dtype_bytes(constant.dtype);
    const Wide limit = Wide{elements} + kPackedFreeElements;
    const Wide area = Wide{m.k} * m.cols;
    require(area <= limit && area * m.gates <= limit, "packed matrix ", i, ": much larger than its constant");
    Wide low = m.offset;
    Wide high = m.offset;
    const auto reach = [&](int64_t count, int64_t stride) {
      const Wide far = Wide{count - 1} * stride;
      (far < 0 ? low : high) += far;
    };
    reach(m.cols, m.col_stride);
    reach(m.gates, m.gate_stride);
    if (m.k > 0) reach(m.k, m.k_stride);
    require(m.k == 0 || (low >= 0 && high < Wide{elements}), "packed matrix ", i, ": reaches outside of constant ",
            m.constant);
    if (m.layout) return stored(i, m);
    require(constant.is_stored(), "packed matrix ", i, ": neither it nor constant ", m.constant, " is stored");
  }

  void stored(size_t i, const Packed& m) {
    const kernels::PanelShape& shape = m.layout->shape;
    const auto layout =
        kernels::make_layout(static_cast<int64_t>(m.layout->format), shape.lanes, shape.units, shape.groups, m.gates);
    require(layout && *layout == *m.layout, "packed matrix ", i, ": its layout is impossible");
    const auto bytes = kernels::packed_bytes(*layout, m.k, m.cols);
    require(m.stored_at % kAlignment == 0, "packed matrix ", i, ": its offset is not a multiple of ", kAlignment);
    require(bytes && m.stored_at <= p_.weight_size() && *bytes <= p_.weight_size() - m.stored_at, "packed matrix ", i,
            ": ends behind the weights");
  }

  void read(size_t i, const Read& r) {
    require(!r.symbols.empty() && r.symbols.size() <= kMaxShapeElements, "read ", i, ": ", r.symbols.size(),
            " elements, 1 .. ", kMaxShapeElements, " are possible");
    for (const uint32_t symbol : r.symbols) {
      require(symbol < p_.symbols.size() && p_.symbols[symbol].source == Symbol::Source::kData, "read ", i, ": symbol ",
              symbol, " does not exist or is given by an input");
    }
    require(are_exprs(r.space) && are_exprs(r.exprs), "read ", i, ": an expr does not exist");
    if (r.view == kNone) {
      require(r.exprs.size() == r.symbols.size(), "read ", i, ": ", r.exprs.size(), " values for ", r.symbols.size(),
              " symbols");
      return;
    }
    require(r.view < p_.views.size() && p_.views[r.view].strides.size() == r.space.size(), "read ", i,
            ": its view does not exist or has another rank");
    require(!is_float(p_.buffers[p_.views[r.view].buffer].dtype), "read ", i, ": its elements are no integers");
  }

  void tile_programs() {
    for (size_t i = 0; i < p_.tile_programs.size(); ++i) {
      try {
        tile::verify(p_.tile_programs[i]);
      } catch (const Error& error) {
        require(false, "tile program ", i, ": ", error.what());
      }
    }
  }

  const Program& p_;
};

}  // namespace

void verify_tables(const Program& program) {
  require(program.slot_count <= kMaxSlots, program.slot_count, " loop counters, limit ", kMaxSlots);
  TableCheck(program).run();
}

}  // namespace rondo::plan
