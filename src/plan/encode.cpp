#include <algorithm>

#include "plan/codec.h"
#include "plan_generated.h"

namespace rondo::plan {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr char kProducer[] = "rondo";

template <class T>
using Offsets = std::vector<Offset<T>>;

Bytes finish(FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

/// Empty lists are left out of their table. Nothing is shared, not even equal strings: a plan's memory is then bounded by its size.
Offset<flatbuffers::Vector<uint32_t>> list(FlatBufferBuilder& fb, const std::vector<uint32_t>& items) {
  return items.empty() ? Offset<flatbuffers::Vector<uint32_t>>() : fb.CreateVector(items);
}

Offset<flatbuffers::Vector<int64_t>> list(FlatBufferBuilder& fb, const std::vector<int64_t>& items) {
  return items.empty() ? Offset<flatbuffers::Vector<int64_t>>() : fb.CreateVector(items);
}

template <class Struct, class Item, class Convert>
Offset<flatbuffers::Vector<const Struct*>> structs(FlatBufferBuilder& fb, const std::vector<Item>& items,
                                                   Convert convert) {
  std::vector<Struct> converted;
  converted.reserve(items.size());
  for (const Item& item : items) converted.push_back(convert(item));
  return fb.CreateVectorOfStructs(converted);
}

template <class Table, class Item, class Convert>
Offset<flatbuffers::Vector<Offset<Table>>> tables(FlatBufferBuilder& builder, const std::vector<Item>& items,
                                                  Convert convert) {
  Offsets<Table> converted;
  converted.reserve(items.size());
  for (const Item& item : items) converted.push_back(convert(item));
  return builder.CreateVector(converted);
}

Offset<flatbuffers::Vector<Offset<fb::IndexList>>> index_lists(FlatBufferBuilder& builder,
                                                               const std::vector<std::vector<uint32_t>>& lists) {
  return tables<fb::IndexList>(builder, lists,
                               [&](const auto& l) { return fb::CreateIndexList(builder, list(builder, l)); });
}

Offset<fb::Binding> encode(FlatBufferBuilder& builder, const Binding& b) {
  Offsets<fb::BindingDim> dims;
  for (size_t i = 0; i < b.dims.size(); ++i) {
    const auto name = b.dim_names.empty() ? Offset<flatbuffers::String>() : builder.CreateString(b.dim_names[i]);
    dims.push_back(fb::CreateBindingDim(builder, b.dims[i], b.dim_exprs[i], name));
  }
  const auto name = builder.CreateString(b.name);
  const auto dim_tables = builder.CreateVector(dims);
  return fb::CreateBinding(builder, name, static_cast<uint8_t>(b.dtype), b.is_input, b.is_shape, !b.dim_names.empty(),
                           dim_tables, b.buffer, b.is_debug, b.is_hidden);
}

Offset<fb::Plugin> encode(FlatBufferBuilder& builder, const Plugin& p) {
  const auto type = builder.CreateString(p.type), version = builder.CreateString(p.version);
  const auto name_space = builder.CreateString(p.name_space);
  const auto data = builder.CreateVector(p.data.data(), p.data.size());
  return fb::CreatePlugin(builder, type, version, name_space, p.generation, p.tactic, p.workspace_bytes, data);
}

Offset<fb::Profile> encode(FlatBufferBuilder& builder, const Profile& p) {
  return fb::CreateProfile(builder, tables<fb::ProfileInput>(builder, p.inputs, [&](const Profile::Input& i) {
                             const auto min = list(builder, i.min), opt = list(builder, i.opt),
                                        max = list(builder, i.max);
                             const auto value_min = list(builder, i.value_min), value_opt = list(builder, i.value_opt);
                             const auto value_max = list(builder, i.value_max);
                             return fb::CreateProfileInput(builder, min, opt, max, value_min, value_opt, value_max);
                           }));
}

Offset<fb::TileProgram> encode(FlatBufferBuilder& builder, const tile::TileProgram& program,
                               const std::vector<uint8_t>& function_of) {
  const auto insts = structs<fb::Inst>(builder, program.insts, [&](const tile::Inst& i) {
    const bool calls = i.kind == tile::InstKind::kPointwise;
    const uint8_t fn = calls ? function_of[static_cast<size_t>(i.fn)] : 0;
    return fb::Inst(static_cast<uint8_t>(i.kind), fn, static_cast<uint8_t>(i.type), 0, i.args[0], i.args[1], i.args[2],
                    i.operand, 0, i.imm);
  });
  std::vector<uint8_t> dtypes;
  for (const DType dtype : program.operand_dtypes) dtypes.push_back(static_cast<uint8_t>(dtype));
  return fb::CreateTileProgram(builder, insts, builder.CreateVector(dtypes), program.acc_count, program.row_axes);
}

Offset<fb::View> encode(FlatBufferBuilder& builder, const View& v) {
  const auto strides = list(builder, v.strides);
  const auto terms = v.terms.empty() ? Offset<flatbuffers::Vector<const fb::Term*>>()
                                     : structs<fb::Term>(builder, v.terms, [](const Term& t) {
                                         return fb::Term(t.slot, static_cast<uint32_t>(t.kind), t.stride);
                                       });
  return fb::CreateView(builder, v.buffer, v.offset, strides, terms, v.first, v.first_slot, v.guard_slot,
                        v.guard_limit);
}

Offset<fb::Stage> encode(FlatBufferBuilder& builder, const Stage& s) {
  const auto space = list(builder, s.space);
  const auto gemms = structs<fb::Gemm>(builder, s.gemms, [](const Gemm& g) {
    return fb::Gemm(g.a, g.packed, g.b, g.k, g.gates, g.acc_base, g.accumulate ? 1 : 0,
                    static_cast<uint16_t>(g.product));
  });
  const auto operands = list(builder, s.operands), slots = list(builder, s.slots);
  return fb::CreateStage(builder, space, gemms, s.tile_program, operands, slots);
}

Offset<fb::Kernel> encode(FlatBufferBuilder& builder, const Kernel& k) {
  const auto space = list(builder, k.space), operands = list(builder, k.operands);
  const auto dims = index_lists(builder, k.operand_dims);
  const auto attrs = list(builder, k.attrs);
  const auto exprs = list(builder, k.exprs), slots = list(builder, k.slots);
  return fb::CreateKernel(builder, static_cast<uint8_t>(k.id), space, operands, dims, attrs, exprs, slots);
}

template <class Rows, class Member>
std::vector<std::vector<uint32_t>> lists_of(const std::vector<Rows>& rows, Member member) {
  std::vector<std::vector<uint32_t>> result;
  for (const Rows& row : rows) result.push_back(row.*member);
  return result;
}

fb::Expr encode(const Expr& e) { return fb::Expr(e.value, e.a, e.b, static_cast<uint32_t>(e.kind), 0); }

fb::Buffer encode(const Buffer& b) {
  return fb::Buffer(b.offset, b.max_bytes, b.index, b.bytes, static_cast<uint32_t>(b.storage),
                    static_cast<uint32_t>(b.dtype));
}

fb::PackedLayout encode_layout(const Packed& p) {
  if (!p.layout) return {};
  const kernels::PanelShape& shape = p.layout->shape;
  return fb::PackedLayout(p.stored_at, static_cast<uint8_t>(p.layout->format), 1, static_cast<uint16_t>(shape.lanes),
                          static_cast<uint16_t>(shape.units), static_cast<uint16_t>(shape.groups));
}

fb::Packed encode(const Packed& p) {
  return fb::Packed(p.offset, p.k_stride, p.col_stride, p.gate_stride, p.k, p.cols, p.gates, p.constant, 0);
}

}  // namespace

Bytes encode_meta(const Program& program) {
  FlatBufferBuilder builder;
  const auto producer = builder.CreateString(kProducer);
  const auto name = builder.CreateString(program.name);
  const auto bindings =
      tables<fb::Binding>(builder, program.bindings, [&](const Binding& b) { return encode(builder, b); });
  const auto profiles =
      tables<fb::Profile>(builder, program.profiles, [&](const Profile& p) { return encode(builder, p); });
  builder.Finish(fb::CreateMeta(builder, producer, name, bindings, profiles));
  return finish(builder);
}

Bytes encode_tiles(const Program& program) {
  // Functions are stored by name, those in use in order of first use: the table may be reordered without breaking
  // plans.
  std::vector<uint8_t> function_of(tile::kPointwiseCount, UINT8_MAX);
  std::vector<const char*> names;
  for (const tile::TileProgram& tp : program.tile_programs) {
    for (const tile::Inst& inst : tp.insts) {
      if (inst.kind != tile::InstKind::kPointwise) continue;
      uint8_t& index = function_of[static_cast<size_t>(inst.fn)];
      if (index != UINT8_MAX) continue;
      index = static_cast<uint8_t>(names.size());
      names.push_back(tile::pointwise_info(inst.fn).name);
    }
  }
  FlatBufferBuilder builder;
  const auto functions = tables<fb::FunctionName>(
      builder, names, [&](const char* n) { return fb::CreateFunctionName(builder, builder.CreateString(n)); });
  const auto programs = tables<fb::TileProgram>(
      builder, program.tile_programs, [&](const tile::TileProgram& tp) { return encode(builder, tp, function_of); });
  builder.Finish(fb::CreateTilePrograms(builder, functions, programs));
  return finish(builder);
}

Bytes encode_executable(const Program& p) {
  FlatBufferBuilder builder;
  const auto symbols = tables<fb::Symbol>(builder, p.symbols, [&](const Symbol& s) {
    return fb::CreateSymbol(builder, static_cast<uint8_t>(s.source), s.input, s.index, builder.CreateString(s.name),
                            s.min, s.max);
  });
  const auto exprs = structs<fb::Expr>(builder, p.exprs, [](const Expr& e) { return encode(e); });
  const auto checks = tables<fb::ShapeCheck>(builder, p.checks, [&](const ShapeCheck& c) {
    return fb::CreateShapeCheck(builder, c.a, c.b, builder.CreateString(c.message));
  });
  const auto buffers = structs<fb::Buffer>(builder, p.buffers, [](const Buffer& b) { return encode(b); });
  const auto constants = tables<fb::Constant>(builder, p.constants, [&](const Constant& c) {
    return fb::CreateConstant(builder, static_cast<uint8_t>(c.dtype), list(builder, c.dims), c.offset, c.bytes);
  });
  const auto views = tables<fb::View>(builder, p.views, [&](const View& v) { return encode(builder, v); });
  const auto packed = structs<fb::Packed>(builder, p.packed, [](const Packed& x) { return encode(x); });
  const auto stages = tables<fb::Stage>(builder, p.stages, [&](const Stage& s) { return encode(builder, s); });
  const auto kernels = tables<fb::Kernel>(builder, p.kernels, [&](const Kernel& k) { return encode(builder, k); });
  const auto loops = structs<fb::Loop>(builder, p.loops,
                                       [](const Loop& l) { return fb::Loop(l.slot, l.trips, l.count_view, l.body); });
  const auto breaks = structs<fb::Break>(builder, p.breaks, [](const Break& b) { return fb::Break(b.flag); });
  const auto conditionals = structs<fb::Conditional>(builder, p.conditionals, [](const Conditional& c) {
    return fb::Conditional(c.flag, c.then_block, c.else_block);
  });
  std::vector<uint32_t> known;
  for (const Conditional& c : p.conditionals) known.push_back(c.value);
  if (std::count(known.begin(), known.end(), kNone) == static_cast<ptrdiff_t>(known.size())) known.clear();
  const auto condition_values = list(builder, known);
  const auto parallels = index_lists(builder, lists_of(p.parallels, &Parallel::blocks));
  Offset<flatbuffers::Vector<Offset<fb::Read>>> reads;
  if (!p.reads.empty()) {
    reads = tables<fb::Read>(builder, p.reads, [&](const Read& r) {
      const auto space = list(builder, r.space), values = list(builder, r.exprs), read = list(builder, r.symbols);
      return fb::CreateRead(builder, r.view, space, values, read);
    });
  }
  Offset<flatbuffers::Vector<Offset<fb::Plugin>>> plugins;
  if (!p.plugins.empty()) {
    plugins = tables<fb::Plugin>(builder, p.plugins, [&](const Plugin& x) { return encode(builder, x); });
  }
  Offset<flatbuffers::Vector<Offset<fb::Library>>> libraries;
  if (!p.libraries.empty()) {
    libraries = tables<fb::Library>(builder, p.libraries, [&](const Library& l) {
      const auto name = builder.CreateString(l.name);
      return fb::CreateLibrary(builder, name, builder.CreateVector(l.bytes.data(), l.bytes.size()));
    });
  }
  Offset<flatbuffers::Vector<const fb::PackedLayout*>> layouts;
  if (std::any_of(p.packed.begin(), p.packed.end(), [](const Packed& x) { return x.layout.has_value(); })) {
    layouts = structs<fb::PackedLayout>(builder, p.packed, [](const Packed& x) { return encode_layout(x); });
  }
  const auto steps = tables<fb::Step>(builder, p.steps, [&](const Step& s) {
    return fb::CreateStep(builder, static_cast<uint8_t>(s.kind), s.index, builder.CreateString(s.origin));
  });
  const auto blocks = index_lists(builder, lists_of(p.blocks, &Block::steps));
  Offset<flatbuffers::Vector<Offset<fb::IndexList>>> chains;
  if (!p.chains.empty()) chains = index_lists(builder, lists_of(p.chains, &Chain::steps));
  builder.Finish(fb::CreateExecutable(builder, symbols, exprs, checks, buffers, constants, views, packed, stages,
                                      kernels, loops, breaks, conditionals, parallels, steps, blocks, p.slot_count,
                                      p.arena_bytes, p.weight_size(), reads, condition_values, plugins, libraries,
                                      layouts, chains));
  return finish(builder);
}

}  // namespace rondo::plan
