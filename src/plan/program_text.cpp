// A Program as text. Rows are printed as they stand, by number, so that a Program that does not pass verify() prints
// too; exprs that are constants or symbols are written out where they are used, others as eN. Steps come last, as the
// tree they form.
#include <sstream>

#include "base/error.h"
#include "plan/program.h"

namespace rondo::plan {
namespace {

constexpr int kMaxTextDepth = 64;

constexpr const char* kTermNames[] = {"", "parity", "next_parity"};
constexpr const char* kStorageNames[] = {"input", "output", "constant", "arena", "dynamic", "local"};

template <size_t N, class Enum>
const char* name_of(const char* const (&names)[N], Enum value) {
  return static_cast<size_t>(value) < N ? names[static_cast<size_t>(value)] : "?";
}

const char* type_text(DType dtype) { return is_valid_dtype(static_cast<int64_t>(dtype)) ? dtype_name(dtype) : "?"; }

class ProgramPrinter {
 public:
  explicit ProgramPrinter(const Program& program) : p_(program), block_seen_(program.blocks.size()) {}

  std::string print() {
    out_ << "program \"" << p_.name << "\": arena " << p_.arena_bytes << " bytes, weights " << p_.weight_size()
         << " bytes, " << p_.slot_count << " loop counters\n";
    symbols_and_exprs();
    bindings();
    memory();
    views();
    for (size_t i = 0; i < p_.tile_programs.size(); ++i) tile_program(i);
    if (!p_.blocks.empty()) block(0, 0);
    for (size_t i = 0; i < p_.chains.size(); ++i) chain(p_.chains[i]);
    return out_.str();
  }

 private:
  std::string expr(ExprId e) const {
    if (e == kNone) return "none";
    if (e < p_.exprs.size()) {
      const Expr& x = p_.exprs[e];
      if (x.kind == ExprKind::kConstant) return std::to_string(x.value);
      if (x.kind == ExprKind::kSymbol && static_cast<uint64_t>(x.value) < p_.symbols.size())
        return p_.symbols[x.value].name;
    }
    return text("e", e);
  }

  std::string exprs(const std::vector<ExprId>& ids) const {
    return list(ids, [&](ExprId e) { return expr(e); });
  }

  template <class Items, class Text>
  static std::string list(const Items& items, Text text_of) {
    std::string result = "[";
    for (const auto& item : items) result.append(result.size() == 1 ? "" : ", ").append(text_of(item));
    return result + "]";
  }

  static std::string numbers(const std::vector<int64_t>& items) {
    return list(items, [](int64_t i) { return std::to_string(i); });
  }

  static std::string ids(const char* prefix, const std::vector<uint32_t>& items) {
    return list(items, [&](uint32_t i) { return id(prefix, i); });
  }

  static std::string id(const char* prefix, uint32_t i) { return i == kNone ? "none" : text(prefix, i); }

  void symbols_and_exprs() {
    for (const Symbol& s : p_.symbols) {
      if (s.source == Symbol::Source::kData) {
        out_ << "symbol " << s.name << " = data in [" << s.min << ", " << s.max << "]\n";
        continue;
      }
      out_ << "symbol " << s.name << " = " << (s.source == Symbol::Source::kInputDim ? "dimension " : "element ")
           << s.index << " of input " << s.input << '\n';
    }
    for (size_t i = 0; i < p_.exprs.size(); ++i) {
      const Expr& e = p_.exprs[i];
      const std::string a = expr(e.a), b = expr(e.b);
      switch (e.kind) {
        case ExprKind::kConstant:
        case ExprKind::kSymbol:
          break;
        case ExprKind::kAdd:
          out_ << "e" << i << " = " << a << " + " << b << '\n';
          break;
        case ExprKind::kSub:
          out_ << "e" << i << " = " << a << " - " << b << '\n';
          break;
        case ExprKind::kMul:
          out_ << "e" << i << " = " << a << " * " << b << '\n';
          break;
        case ExprKind::kFloorDiv:
          out_ << "e" << i << " = floordiv(" << a << ", " << b << ")\n";
          break;
        case ExprKind::kCeilDiv:
          out_ << "e" << i << " = ceildiv(" << a << ", " << b << ")\n";
          break;
        case ExprKind::kMin:
          out_ << "e" << i << " = min(" << a << ", " << b << ")\n";
          break;
        case ExprKind::kMax:
          out_ << "e" << i << " = max(" << a << ", " << b << ")\n";
          break;
      }
    }
    for (const ShapeCheck& c : p_.checks)
      out_ << "check " << expr(c.a) << " == " << expr(c.b) << " \"" << c.message << "\"\n";
  }

  void bindings() {
    for (const Binding& b : p_.bindings) {
      out_ << (b.is_input ? "input " : "output ") << (b.is_shape ? "shape " : "") << (b.is_hidden ? "hidden " : "")
           << (b.is_debug ? "debug " : "") << "\"" << b.name << "\" " << type_text(b.dtype) << exprs(b.dim_exprs)
           << " declared " << numbers(b.dims) << " in " << id("b", b.buffer) << '\n';
    }
    for (size_t i = 0; i < p_.profiles.size(); ++i) {
      for (size_t k = 0; k < p_.profiles[i].inputs.size(); ++k) {
        const Profile::Input& range = p_.profiles[i].inputs[k];
        out_ << "profile " << i << " input " << k << ": " << numbers(range.min) << " " << numbers(range.opt) << " "
             << numbers(range.max);
        if (!range.value_min.empty()) {
          out_ << " values " << numbers(range.value_min) << " " << numbers(range.value_opt) << " "
               << numbers(range.value_max);
        }
        out_ << '\n';
      }
    }
  }

  void memory() {
    for (size_t i = 0; i < p_.buffers.size(); ++i) {
      const Buffer& b = p_.buffers[i];
      out_ << "b" << i << " = " << name_of(kStorageNames, b.storage) << " ";
      if (b.storage == Storage::kArena) {
        out_ << "at " << b.offset << ", at most " << b.max_bytes << " bytes, ";
      } else {
        out_ << b.index << ", ";
      }
      out_ << type_text(b.dtype) << ", " << expr(b.bytes) << " bytes\n";
    }
    for (size_t i = 0; i < p_.constants.size(); ++i) {
      const Constant& c = p_.constants[i];
      out_ << "c" << i << " = " << type_text(c.dtype) << numbers(c.dims);
      c.is_stored() ? out_ << " at " << c.offset : out_ << " only packed";
      out_ << ", " << c.bytes << " bytes\n";
    }
    for (size_t i = 0; i < p_.packed.size(); ++i) {
      const Packed& m = p_.packed[i];
      out_ << "m" << i << " = " << id("c", m.constant) << "[" << m.offset << " + k*" << m.k_stride << " + gate*"
           << m.gate_stride << " + col*" << m.col_stride << "], k " << m.k << ", gates " << m.gates << ", cols "
           << m.cols;
      if (m.layout) {
        out_ << ", packed at " << m.stored_at << ": " << kernels::gemm_format_name(m.layout->format) << ", "
             << m.layout->shape.lanes << " lanes, " << m.layout->shape.units << " units, " << m.layout->shape.groups
             << " groups";
      }
      out_ << '\n';
    }
  }

  void views() {
    for (size_t i = 0; i < p_.views.size(); ++i) {
      const View& v = p_.views[i];
      out_ << "v" << i << " = " << id("b", v.buffer) << "[" << expr(v.offset) << "] strides " << exprs(v.strides);
      for (const Term& t : v.terms) {
        const std::string kind = name_of(kTermNames, t.kind);
        out_ << " + " << (kind.empty() ? id("s", t.slot) : text(kind, "(", id("s", t.slot), ")")) << "*"
             << expr(t.stride);
      }
      if (v.first != kNone) out_ << ", " << id("v", v.first) << " while " << id("s", v.first_slot) << " is 0";
      if (v.guard_slot != kNone) out_ << ", stores while " << id("s", v.guard_slot) << " < " << expr(v.guard_limit);
      out_ << '\n';
    }
  }

  void tile_program(size_t i) {
    const tile::TileProgram& tp = p_.tile_programs[i];
    out_ << "tp" << i << ": operands " << list(tp.operand_dtypes, [](DType d) { return std::string(type_text(d)); })
         << ", " << tp.acc_count << " accumulators";
    if (tp.row_axes != 0) out_ << ", rows of " << int{tp.row_axes} << " axes";
    out_ << '\n';
    try {
      tile::verify(tp);
    } catch (const std::exception& error) {
      out_ << "  malformed: " << error.what() << '\n';
      return;
    }
    std::istringstream lines(tile::to_string(tp));
    for (std::string line; std::getline(lines, line);) out_ << "  " << line << '\n';
  }

  void block(uint32_t index, int depth) {
    const std::string indent(2 * depth, ' ');
    if (index >= p_.blocks.size() || block_seen_[index] != 0 || depth > kMaxTextDepth) {
      out_ << indent << "(" << id("block ", index) << ": malformed)\n";
      return;
    }
    block_seen_[index] = 1;
    for (const uint32_t s : p_.blocks[index].steps) {
      if (s < p_.steps.size()) step(p_.steps[s], depth, indent);
    }
  }

  void step(const Step& s, int depth, const std::string& indent) {
    out_ << indent;
    switch (s.kind) {
      case StepKind::kStage:
        return stage(s);
      case StepKind::kKernel:
        return kernel(s);
      case StepKind::kLoop:
        return loop(s, depth, indent);
      case StepKind::kBreak:
        out_ << "break unless " << (s.index < p_.breaks.size() ? id("v", p_.breaks[s.index].flag) : "?") << origin(s);
        return;
      case StepKind::kConditional:
        return conditional(s, depth, indent);
      case StepKind::kParallel:
        return parallel(s, depth, indent);
      case StepKind::kRead:
        return read(s);
    }
    out_ << "?" << origin(s);
  }

  static std::string origin(const Step& s) { return s.origin.empty() ? "\n" : text("  // ", s.origin, "\n"); }

  void stage(const Step& s) {
    out_ << "stage " << s.index;
    if (s.index < p_.stages.size()) {
      const Stage& stage = p_.stages[s.index];
      out_ << " over " << exprs(stage.space);
      for (const Gemm& g : stage.gemms) {
        out_ << " acc" << g.acc_base << (g.gates > 1 ? text("..", g.acc_base + g.gates - 1) : "")
             << (g.accumulate ? " += " : " = ") << id("v", g.a) << " x "
             << (g.packed != kNone ? id("m", g.packed) : id("v", g.b)) << " k " << expr(g.k)
             << (g.product == DType::kFloat32 ? "" : text(" in ", dtype_name(g.product)));
      }
      out_ << " " << id("tp", stage.tile_program) << ids("v", stage.operands);
      if (!stage.slots.empty()) out_ << " counters " << ids("s", stage.slots);
    }
    out_ << origin(s);
  }

  void chain(const Chain& c) {
    out_ << "chain" << list(c.steps, [&](uint32_t s) {
      const bool stage = s < p_.steps.size() && p_.steps[s].kind == StepKind::kStage;
      return stage ? text(" stage ", p_.steps[s].index) : std::string(" ?");
    }) << '\n';
  }

  void kernel(const Step& s) {
    out_ << "kernel " << s.index;
    if (s.index < p_.kernels.size()) {
      const Kernel& k = p_.kernels[s.index];
      out_ << " " << (static_cast<size_t>(k.id) < kKernelCount ? kernel_info(k.id).name : "?") << ids("v", k.operands)
           << " over " << exprs(k.space);
      for (const auto& dims : k.operand_dims) out_ << " dims " << exprs(dims);
      if (!k.attrs.empty()) out_ << " attrs " << numbers(k.attrs);
      if (!k.exprs.empty()) out_ << " values " << exprs(k.exprs);
      if (!k.slots.empty()) out_ << " counters " << ids("s", k.slots);
      if (k.id == KernelId::k_plugin) plugin(k);
    }
    out_ << origin(s);
  }

  void plugin(const Kernel& k) {
    if (k.attrs.empty() || k.attrs[0] < 0 || static_cast<uint64_t>(k.attrs[0]) >= p_.plugins.size()) return;
    const Plugin& p = p_.plugins[static_cast<size_t>(k.attrs[0])];
    out_ << " runs '" << p.type << "' version '" << p.version << "' namespace '" << p.name_space << "', "
         << p.data.size() << " bytes";
  }

  void read(const Step& s) {
    if (s.index >= p_.reads.size()) return void(out_ << "read ?" << origin(s));
    const Read& r = p_.reads[s.index];
    const auto name = [&](uint32_t symbol) { return symbol < p_.symbols.size() ? p_.symbols[symbol].name : "?"; };
    out_ << "read " << list(r.symbols, name) << " = ";
    if (r.view == kNone)
      out_ << exprs(r.exprs);
    else
      out_ << id("v", r.view) << " over " << exprs(r.space);
    out_ << origin(s);
  }

  void loop(const Step& s, int depth, const std::string& indent) {
    if (s.index >= p_.loops.size()) return void(out_ << "loop ?" << origin(s));
    const Loop& loop = p_.loops[s.index];
    out_ << "loop " << id("s", loop.slot);
    if (loop.trips != kNone) out_ << " to " << expr(loop.trips);
    if (loop.count_view != kNone) out_ << " to value of " << id("v", loop.count_view);
    out_ << " {" << origin(s);
    block(loop.body, depth + 1);
    out_ << indent << "}\n";
  }

  void conditional(const Step& s, int depth, const std::string& indent) {
    if (s.index >= p_.conditionals.size()) return void(out_ << "if ?" << origin(s));
    const Conditional& c = p_.conditionals[s.index];
    out_ << "if " << id("v", c.flag) << (c.value == kNone ? "" : " = " + expr(c.value)) << " {" << origin(s);
    if (c.then_block != kNone) block(c.then_block, depth + 1);
    out_ << indent << "} else {\n";
    if (c.else_block != kNone) block(c.else_block, depth + 1);
    out_ << indent << "}\n";
  }

  void parallel(const Step& s, int depth, const std::string& indent) {
    if (s.index >= p_.parallels.size()) return void(out_ << "parallel ?" << origin(s));
    out_ << "parallel {" << origin(s);
    for (const uint32_t b : p_.parallels[s.index].blocks) {
      block(b, depth + 1);
      out_ << indent << "} {\n";
    }
    out_ << indent << "}\n";
  }

  const Program& p_;
  std::vector<uint8_t> block_seen_;
  std::ostringstream out_;
};

}  // namespace

std::string to_string(const Program& program) { return ProgramPrinter(program).print(); }

}  // namespace rondo::plan
