#include <type_traits>

#include "base/error.h"
#include "plan/codec.h"
#include "plan_generated.h"

namespace rondo::plan {
namespace {

constexpr uint32_t kMaxDepth = 16;
constexpr size_t kMaxBytes = FLATBUFFERS_MAX_BUFFER_SIZE - 1;

template <class Row>
using Rows = flatbuffers::Vector<flatbuffers::Offset<Row>>;

/// Reads one section: verification first, then rows into C++ structs, memory counted before it is taken.
class Decoder {
 public:
  Decoder(std::span<const uint8_t> bytes, const char* section)
      : bytes_(bytes), section_(section), budget_(bytes.size()) {}

  template <class Root>
  const Root& root() const {
    if (bytes_.size() > kMaxBytes) fail(Code::kInvalidArgument, "plan: section ", section_, " is larger than 2 GB");
    // A table takes at least 8 bytes with its reference; more visits than that only come from tables referred to again
    // and again.
    const auto max_tables = static_cast<flatbuffers::uoffset_t>(bytes_.size() / 8 + 16);
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size(), kMaxDepth, max_tables);
    if (!verifier.VerifyBuffer<Root>(nullptr)) malformed("is not what its schema says");
    return *flatbuffers::GetRoot<Root>(bytes_.data());
  }

  [[noreturn]] void malformed(const char* what) const {
    fail(Code::kInvalidArgument, "plan: section ", section_, " ", what, "; the file is damaged, build it again");
  }

  std::string string(const flatbuffers::String* s) {
    if (s == nullptr) return {};
    budget_.spend(s->size(), 1);
    return s->str();
  }

  template <class T>
  std::vector<T> scalars(const flatbuffers::Vector<T>* items) {
    if (items == nullptr) return {};
    budget_.spend(items->size(), sizeof(T));
    require_aligned<T>(*items);
    std::vector<T> result(items->size());
    for (flatbuffers::uoffset_t i = 0; i < items->size(); ++i) result[i] = items->Get(i);
    return result;
  }

  /// Vectors of tables and of structs alike: one converted row per element.
  template <class Row, class Items, class Convert>
  std::vector<Row> rows(const Items* items, Convert convert) {
    std::vector<Row> result;
    if (items == nullptr) return result;
    using Element = std::remove_cvref_t<decltype(*items->Get(0))>;
    if constexpr (!std::is_base_of_v<flatbuffers::Table, Element>) require_aligned<Element>(*items);
    budget_.spend(items->size(), sizeof(Row));
    result.reserve(items->size());
    for (flatbuffers::uoffset_t i = 0; i < items->size(); ++i) result.push_back(convert(*items->Get(i)));
    return result;
  }

  std::vector<std::vector<uint32_t>> lists(const Rows<fb::IndexList>* items) {
    return rows<std::vector<uint32_t>>(items, [&](const fb::IndexList& l) { return scalars(l.items()); });
  }

  template <class Enum>
  Enum enumeration(uint32_t value, Enum last) const {
    if (value > static_cast<uint32_t>(last)) malformed("holds an unknown enumeration value");
    return static_cast<Enum>(value);
  }

  DType dtype(uint32_t value) const {
    if (!is_valid_dtype(value)) malformed("holds an unknown dtype");
    return static_cast<DType>(value);
  }

 private:
  // The FlatBuffers verifier looks at the alignment of a vector's length, not at that of its elements.
  template <class T, class Items>
  void require_aligned(const Items& items) const {
    const bool aligned = reinterpret_cast<uintptr_t>(items.Data()) % alignof(T) == 0;
    if (items.size() > 0 && !aligned) malformed("has elements that are not aligned");
  }

  std::span<const uint8_t> bytes_;
  const char* section_;
  Budget budget_;
};

Binding decode(Decoder& in, const fb::Binding& b) {
  Binding result;
  result.name = in.string(b.name());
  result.dtype = in.dtype(b.dtype());
  result.is_input = b.is_input();
  result.is_shape = b.is_shape();
  result.is_debug = b.is_debug();
  result.is_hidden = b.is_hidden();
  result.dims = in.rows<int64_t>(b.dims(), [](const fb::BindingDim& d) { return d.declared(); });
  result.dim_exprs = in.rows<ExprId>(b.dims(), [](const fb::BindingDim& d) { return d.expr(); });
  if (b.has_dim_names()) {
    result.dim_names = in.rows<std::string>(b.dims(), [&](const fb::BindingDim& d) { return in.string(d.name()); });
  }
  result.buffer = b.buffer();
  return result;
}

Profile decode(Decoder& in, const fb::Profile& p) {
  return Profile{in.rows<Profile::Input>(p.inputs(), [&](const fb::ProfileInput& i) {
    return Profile::Input{in.scalars(i.min()),       in.scalars(i.opt()),       in.scalars(i.max()),
                          in.scalars(i.value_min()), in.scalars(i.value_opt()), in.scalars(i.value_max())};
  })};
}

tile::Inst decode(Decoder& in, const fb::Inst& i, const std::vector<tile::PointwiseFn>& functions) {
  tile::Inst result;
  result.kind = in.enumeration(i.kind(), tile::InstKind::kRowReduce);
  result.type = in.enumeration(i.type(), tile::ValueType::kMask);
  result.args = {i.arg0(), i.arg1(), i.arg2()};
  result.operand = i.operand();
  result.imm = i.imm();
  if (result.kind != tile::InstKind::kPointwise) return result;
  if (i.fn() >= functions.size()) in.malformed("calls a function that it does not name");
  result.fn = functions[i.fn()];
  return result;
}

View decode(Decoder& in, const fb::View& v) {
  View result;
  result.buffer = v.buffer();
  result.offset = v.offset();
  result.strides = in.scalars(v.strides());
  result.terms = in.rows<Term>(v.terms(), [&](const fb::Term& t) {
    return Term{t.slot(), in.enumeration(t.kind(), TermKind::kNextParity), t.stride()};
  });
  result.first = v.first();
  result.first_slot = v.first_slot();
  result.guard_slot = v.guard_slot();
  result.guard_limit = v.guard_limit();
  return result;
}

Stage decode(Decoder& in, const fb::Stage& s) {
  Stage result;
  result.space = in.scalars(s.space());
  result.gemms = in.rows<Gemm>(s.gemms(), [&](const fb::Gemm& g) {
    if (g.accumulate() > 1) in.malformed("holds a flag that is neither 0 nor 1");
    return Gemm{g.a(), g.packed(), g.b(), g.k(), g.gates(), g.acc_base(), g.accumulate() != 0, in.dtype(g.product())};
  });
  result.tile_program = s.tile_program();
  result.operands = in.scalars(s.operands());
  result.slots = in.scalars(s.slots());
  return result;
}

Kernel decode(Decoder& in, const fb::Kernel& k) {
  Kernel result;
  result.id = in.enumeration(k.id(), static_cast<KernelId>(kKernelCount - 1));
  result.space = in.scalars(k.space());
  result.operands = in.scalars(k.operands());
  result.operand_dims = in.lists(k.operand_dims());
  result.attrs = in.scalars(k.attrs());
  result.exprs = in.scalars(k.exprs());
  result.slots = in.scalars(k.slots());
  return result;
}

Symbol decode(Decoder& in, const fb::Symbol& s) {
  return Symbol{
      in.enumeration(s.source(), Symbol::Source::kData), s.input(), s.index(), in.string(s.name()), s.min(), s.max()};
}

Buffer decode(Decoder& in, const fb::Buffer& b) {
  return Buffer{in.enumeration(b.storage(), Storage::kLocal),
                in.dtype(b.dtype()),
                b.index(),
                b.bytes(),
                b.offset(),
                b.max_bytes()};
}

Packed decode(Decoder&, const fb::Packed& p) {
  return Packed{p.constant(), p.offset(), p.k_stride(), p.col_stride(), p.gate_stride(), p.k(), p.cols(), p.gates()};
}

void decode_layouts(Decoder& in, const fb::Executable& from, std::vector<Packed>* packed) {
  const auto layouts = in.rows<fb::PackedLayout>(from.packed_layouts(), [](const fb::PackedLayout& l) { return l; });
  if (!layouts.empty() && layouts.size() != packed->size()) in.malformed("has layouts without packed matrices");
  for (size_t i = 0; i < layouts.size(); ++i) {
    const fb::PackedLayout& l = layouts[i];
    if (l.stored() == 0) continue;
    (*packed)[i].layout = kernels::make_layout(l.format(), l.lanes(), l.units(), l.groups(), (*packed)[i].gates);
    if (l.stored() != 1 || !(*packed)[i].layout) in.malformed("has an impossible layout of a packed matrix");
    (*packed)[i].stored_at = l.offset();
  }
}

void decode_tables(Decoder& in, const fb::Executable& from, Program* to) {
  to->symbols = in.rows<Symbol>(from.symbols(), [&](const auto& s) { return decode(in, s); });
  to->exprs = in.rows<Expr>(from.exprs(), [&](const fb::Expr& e) {
    return Expr{in.enumeration(e.kind(), ExprKind::kMax), e.value(), e.a(), e.b()};
  });
  to->checks = in.rows<ShapeCheck>(from.checks(), [&](const fb::ShapeCheck& c) {
    return ShapeCheck{c.a(), c.b(), in.string(c.message())};
  });
  to->buffers = in.rows<Buffer>(from.buffers(), [&](const auto& b) { return decode(in, b); });
  to->constants = in.rows<Constant>(from.constants(), [&](const fb::Constant& c) {
    return Constant{in.dtype(c.dtype()), in.scalars(c.dims()), c.offset(), c.bytes()};
  });
  to->views = in.rows<View>(from.views(), [&](const auto& v) { return decode(in, v); });
  to->packed = in.rows<Packed>(from.packed(), [&](const auto& p) { return decode(in, p); });
  decode_layouts(in, from, &to->packed);
}

void decode_steps(Decoder& in, const fb::Executable& from, Program* to) {
  to->stages = in.rows<Stage>(from.stages(), [&](const auto& s) { return decode(in, s); });
  to->kernels = in.rows<Kernel>(from.kernels(), [&](const auto& k) { return decode(in, k); });
  to->loops = in.rows<Loop>(from.loops(), [](const fb::Loop& l) {
    return Loop{l.slot(), l.trips(), l.count_view(), l.body()};
  });
  to->breaks = in.rows<Break>(from.breaks(), [](const fb::Break& b) { return Break{b.flag()}; });
  to->conditionals = in.rows<Conditional>(from.conditionals(), [](const fb::Conditional& c) {
    return Conditional{c.flag(), c.then_block(), c.else_block(), kNone};
  });
  const std::vector<uint32_t> known = in.scalars(from.condition_values());
  if (!known.empty() && known.size() != to->conditionals.size()) in.malformed("has conditions without conditionals");
  for (size_t i = 0; i < known.size(); ++i) to->conditionals[i].value = known[i];
  to->parallels =
      in.rows<Parallel>(from.parallels(), [&](const fb::IndexList& l) { return Parallel{in.scalars(l.items())}; });
  to->reads = in.rows<Read>(from.reads(), [&](const fb::Read& r) {
    return Read{r.view(), in.scalars(r.space()), in.scalars(r.exprs()), in.scalars(r.symbols())};
  });
  const auto bytes = [&](const flatbuffers::Vector<uint8_t>* items) {
    const std::vector<uint8_t> all = in.scalars(items);
    return Bytes(all.begin(), all.end());
  };
  to->plugins = in.rows<Plugin>(from.plugins(), [&](const fb::Plugin& p) {
    return Plugin{in.string(p.type()), in.string(p.version()), in.string(p.name_space()), p.generation(), p.tactic(),
                  p.workspace_bytes(), bytes(p.data())};
  });
  to->libraries = in.rows<Library>(from.libraries(), [&](const fb::Library& l) {
    return Library{in.string(l.name()), bytes(l.bytes())};
  });
  to->steps = in.rows<Step>(from.steps(), [&](const fb::Step& s) {
    return Step{in.enumeration(s.kind(), StepKind::kRead), s.index(), in.string(s.origin())};
  });
  to->blocks = in.rows<Block>(from.blocks(), [&](const fb::IndexList& l) { return Block{in.scalars(l.items())}; });
  to->chains = in.rows<Chain>(from.chains(), [&](const fb::IndexList& l) { return Chain{in.scalars(l.items())}; });
}

}  // namespace

void Budget::spend(size_t count, size_t bytes_each) {
  if (count > left_ / bytes_each) {
    fail(Code::kInvalidArgument, "plan: a section unfolds to more than ", kGrowth,
         " times its size; the file is damaged");
  }
  left_ -= count * bytes_each;
}

void decode_meta(std::span<const uint8_t> bytes, Program* program) {
  Decoder in(bytes, "META");
  const auto& meta = in.root<fb::Meta>();
  program->name = in.string(meta.name());
  program->bindings = in.rows<Binding>(meta.bindings(), [&](const fb::Binding& b) { return decode(in, b); });
  program->profiles = in.rows<Profile>(meta.profiles(), [&](const fb::Profile& p) { return decode(in, p); });
}

void decode_tiles(std::span<const uint8_t> bytes, Program* program) {
  Decoder in(bytes, "TP");
  const auto& tiles = in.root<fb::TilePrograms>();
  const auto functions = in.rows<tile::PointwiseFn>(tiles.functions(), [&](const fb::FunctionName& f) {
    tile::PointwiseFn fn{};
    const std::string name = in.string(f.name());
    if (!tile::parse_pointwise(name, &fn)) {
      fail(Code::kUnsupportedState, "plan: pointwise function '", name.substr(0, 64),
           "' is not known to this Rondo; use a newer one");
    }
    return fn;
  });
  program->tile_programs = in.rows<tile::TileProgram>(tiles.programs(), [&](const fb::TileProgram& t) {
    tile::TileProgram result;
    result.insts = in.rows<tile::Inst>(t.insts(), [&](const fb::Inst& i) { return decode(in, i, functions); });
    for (const uint8_t dtype : in.scalars(t.operand_dtypes())) result.operand_dtypes.push_back(in.dtype(dtype));
    result.acc_count = t.acc_count();
    result.row_axes = t.row_axes();
    return result;
  });
}

uint64_t decode_executable(std::span<const uint8_t> bytes, Program* program) {
  Decoder in(bytes, "PROG");
  const auto& from = in.root<fb::Executable>();
  decode_tables(in, from, program);
  decode_steps(in, from, program);
  program->slot_count = from.slot_count();
  program->arena_bytes = from.arena_bytes();
  return from.weight_bytes();
}

}  // namespace rondo::plan
