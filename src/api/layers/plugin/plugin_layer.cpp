// A plugin layer becomes one op and what stands around it.
//
//   x [N, 4] f32 ── cast ── plugin ─┬─ rows: flat [4 N] f16 ── slice [4 n] ── reshape [n, 4] ── cast ── output 0
//                                   └─ size: i32 ── read_values: n ─────────────────────────────────── output 1
//
// Casts stand where supportsFormatCombination wants another type than the network has. An output with extents that the
// plugin decides itself (declareSizeTensor) is a flat piece of memory for the largest extents; the plugin writes its
// elements without gaps, and once the size tensor is read, the front of that memory is the output.
#include "api/layers/plugin/plugin_layer.h"

#include <algorithm>

#include "api/layers/plugin/expressions.h"
#include "api/layers/plugin/negotiate.h"
#include "api/network/network.h"
#include "ops/infer.h"

namespace rondo::api {
namespace {

constexpr int32_t kMaxOutputs = 64;

using Ref = Emitter::Ref;

DynamicPluginTensorDesc describe(const ir::DimPool& dims, const ir::Dims& shape, float scale) {
  DynamicPluginTensorDesc out{};
  for (Dims* d : {&out.desc.dims, &out.min, &out.max, &out.opt}) d->nbDims = static_cast<int32_t>(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    const ir::Range range = dims.range(shape[i]);
    out.desc.dims.d[i] = dims.value_or_unknown(shape[i]);
    out.min.d[i] = range.min;
    out.max.d[i] = range.max;
    out.opt.d[i] = range.opt;
  }
  out.desc.scale = scale;
  return out;
}

float scale_of(const Tensor& tensor) {
  if (!tensor.dynamicRangeIsSet()) return 1;
  return std::max(-tensor.getDynamicRangeMin(), tensor.getDynamicRangeMax()) / 127;
}

/// One emission: shapes, types, op, outputs.
class Emission {
 public:
  Emission(const PluginEmission& layer, const LayerNode& node, Emitter& out, const std::vector<Ref>& in)
      : plugin_(layer.plugin()),
        node_(node),
        out_(out),
        in_(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(layer.tensors())),
        shape_in_(in.begin() + static_cast<std::ptrdiff_t>(layer.tensors()), in.end()),
        who_(text(node.who(), ", plugin ", plugin_.identity().text())),
        outputs_(plugin_.outputs()),
        expressions_(out.dims(), outputs_, [&](ir::Dim upper) { return out_.data_symbol(node_.name(), upper); }) {}

  std::vector<Ref> run(const DataType* precision) {
    infer_shapes();
    choose_types(precision);
    std::vector<Ref> operands;
    for (size_t i = 0; i < in_.size(); ++i) {
      operands.push_back(out_.cast(in_[i], to_dtype(descs_[i].desc.type, who_), node_.name()));
    }
    const std::vector<Ref> results = out_.add_all(ir::OpKind::k_plugin, attributes(), operands, node_.name());
    return finished(results);
  }

 private:
  std::vector<ir::Dims> ask_shapes() {
    std::vector<DimsExprs> inputs, shape_inputs;
    for (const Ref ref : in_) inputs.push_back(expressions_.shape(out_.type(ref).dims));
    for (const Ref ref : shape_in_) {
      const ir::Dims values = out_.values_of(ref, who_);
      require(values.size() <= Dims::MAX_DIMS, who_, ": a shape input has ", values.size(), " elements; at most ",
              Dims::MAX_DIMS, " are possible");
      shape_inputs.push_back(expressions_.shape(values));
    }
    std::vector<ir::Dims> shapes;
    for (const DimsExprs& shape : plugin_.output_shapes(inputs, shape_inputs, expressions_)) {
      const size_t output = shapes.size();
      require(shape.nbDims >= 0 && shape.nbDims <= Dims::MAX_DIMS, who_, ": output ", output, " has rank ",
              shape.nbDims, " (plugin C2)");
      ir::Dims& dims = shapes.emplace_back();
      for (int32_t i = 0; i < shape.nbDims; ++i) {
        const auto dim = expressions_.dim_of(shape.d[i]);
        require(dim.has_value(), who_, ": dimension ", i, " of output ", output,
                " is null, or an expression of an earlier call; give it one that this call's IExprBuilder makes "
                "(plugin C2)");
        dims.push_back(out_.dims().resolve(*dim));
      }
      out_.dims().product(dims);  // here, so that a volume without bounds is this plugin's error
    }
    return shapes;
  }

  void infer_shapes() {
    shapes_ = ask_shapes();
    if (expressions_.sizes().empty()) return;
    expressions_.reserve();
    reserved_ = ask_shapes();
  }

  bool decides(ir::Dim dim) const {
    std::vector<uint32_t> symbols;
    out_.dims().data_symbols(dim, &symbols);
    return std::any_of(expressions_.sizes().begin(), expressions_.sizes().end(), [&](const SizeTensor& s) {
      const auto number = static_cast<uint32_t>(out_.dims().node(s.symbol).value);
      return std::count(symbols.begin(), symbols.end(), number) > 0;
    });
  }
  bool decides(const ir::Dims& dims) const {
    return std::any_of(dims.begin(), dims.end(), [&](ir::Dim dim) { return decides(dim); });
  }

  void choose_types(const DataType* precision) {
    TypeWishes wishes;
    wishes.may_convert = !node_.network().strongly_typed();
    if (precision != nullptr) wishes.precision = *precision;
    std::string types;
    for (size_t i = 0; i < in_.size(); ++i) {
      const ir::TensorType& type = out_.type(in_[i]);
      wishes.inputs.push_back(to_public(type.dtype));
      descs_.push_back(describe(out_.dims(), type.dims, scale_of(*node_.input(i))));
      types += (i == 0 ? "" : ", ") + ops::type_text(out_.dims(), type);
    }
    for (const ir::Dims& dims : shapes_) descs_.push_back(describe(out_.dims(), dims, 1));
    require(negotiate(plugin_, wishes, descs_), who_, " accepts no types that its inputs (", types,
            ") can have in row-major layout; make supportsFormatCombination accept kLINEAR and one of them, or convert "
            "with a cast layer (plugin C1)");
    declared_ = plugin_.output_types(wishes.inputs);
  }

  ir::Attrs attributes() {
    ir::DimPool& dims = out_.dims();
    std::vector<int64_t> dtypes, ranks, told_ranks, aliases;
    ir::Dims extents, told;
    for (size_t i = 0; i < shapes_.size(); ++i) {
      dtypes.push_back(static_cast<int64_t>(to_dtype(type_of(i), who_)));
      const bool own = decides(shapes_[i]);
      was_decided_.push_back(own);
      told_ranks.push_back(static_cast<int64_t>(shapes_[i].size()));
      for (const ir::Dim dim : shapes_[i]) told.push_back(decides(dim) ? dims.constant(-1) : dim);
      const ir::Dims shape = own ? ir::Dims{dims.product(reserved_[i])} : shapes_[i];
      ranks.push_back(static_cast<int64_t>(shape.size()));
      extents.insert(extents.end(), shape.begin(), shape.end());
      aliases.push_back(alias_of(i));
    }
    return {{"plugin", out_.keep_plugin([&] { return entry(); })},
            {"type", plugin_.identity().type},
            {"outputs", static_cast<int64_t>(shapes_.size())},
            {"dtypes", dtypes},
            {"ranks", ranks},
            {"dims", extents},
            {"told_ranks", told_ranks},
            {"told", told},
            {"aliases", aliases}};
  }

  int64_t alias_of(size_t output) const {
    const int32_t input = plugin_.aliased_input(static_cast<int32_t>(output));
    if (input < 0) return -1;
    const bool fits = static_cast<size_t>(input) < in_.size() && shapes_[output] == out_.type(in_[input]).dims &&
                      type_of(output) == descs_[static_cast<size_t>(input)].desc.type;
    require(fits, who_, ": output ", output, " is to share the memory of input ", input,
            ", which does not exist or has another shape or type");
    return input;
  }

  DataType type_of(size_t output) const { return descs_[in_.size() + output].desc.type; }

  plan::Plugin entry() {
    const std::span<const DynamicPluginTensorDesc> all = descs_;
    const plugin::Record r = plugin_.record(all.first(in_.size()), all.subspan(in_.size()));
    return {r.identity.type,
            r.identity.version,
            r.identity.name_space,
            r.generation,
            r.tactic,
            r.workspace_bytes,
            Bytes(r.data.begin(), r.data.end())};
  }

  std::vector<Ref> finished(const std::vector<Ref>& results) {
    for (const SizeTensor& size : expressions_.sizes()) {
      const auto output = static_cast<size_t>(size.output);
      const DType dtype = out_.type(results[output]).dtype;
      require(shapes_[output].empty() && (dtype == DType::kInt32 || dtype == DType::kInt64), who_, ": output ", output,
              " is a size tensor, so it must be a 0-D kINT32 or kINT64 (plugin C2)");
      const int64_t most = std::max<int64_t>(out_.dims().range(size.upper).max, 0);
      const ir::Range range{0, std::clamp<int64_t>(out_.dims().range(size.opt).opt, 0, most), most};
      out_.dims().define(size.symbol, out_.values_of(results[output], who_, range).at(0));
    }
    std::vector<Ref> all;
    for (size_t i = 0; i < results.size(); ++i) {
      const Ref own = was_decided_[i] == 0 ? results[i] : front(results[i], shapes_[i]);
      all.push_back(out_.cast(own, to_dtype(declared_.at(i), who_), node_.name()));
    }
    return all;
  }

  /// The first elements of flat memory as a tensor of `shape`.
  Ref front(Ref flat, ir::Dims shape) {
    ir::DimPool& dims = out_.dims();
    for (ir::Dim& dim : shape) dim = dims.resolve(dim);
    const ir::Attrs slice{{"start", ir::Dims{dims.constant(0)}},
                          {"size", ir::Dims{dims.product(shape)}},
                          {"stride", std::vector<int64_t>{1}}};
    return out_.add(ir::OpKind::k_reshape, {{"shape", shape}},
                    {out_.add(ir::OpKind::k_slice, slice, {flat}, node_.name())}, node_.name());
  }

  plugin::LayerPlugin& plugin_;
  const LayerNode& node_;
  Emitter& out_;
  std::vector<Ref> in_, shape_in_;
  std::string who_;
  int32_t outputs_;
  ExpressionBuilder expressions_;
  std::vector<ir::Dims> shapes_, reserved_;
  std::vector<uint8_t> was_decided_;  ///< by output: has extents that the plugin decides
  std::vector<DynamicPluginTensorDesc> descs_;
  std::vector<DataType> declared_;
};

}  // namespace

std::vector<Ref> PluginEmission::emit(const LayerNode& layer, Emitter& out, const std::vector<Ref>& in,
                                      const DataType* precision) const {
  try {
    return Emission(*this, layer, out, in).run(precision);
  } catch (const Error& error) {  // from below, where only the plugin is known, or not even that
    const std::string what = error.what(), name = plugin_->identity().text();
    if (what.find(layer.who()) != std::string::npos) throw;
    const bool named = what.find(name) != std::string::npos;
    throw Error(error.code(), text(layer.who(), named ? "" : ", plugin " + name, ": ", what));
  }
}

size_t output_count(const plugin::LayerPlugin& plugin) {
  const int32_t outputs = plugin.outputs();
  require(outputs >= 1 && outputs <= kMaxOutputs, "plugin ", plugin.identity().text(), ": getNbOutputs gives ", outputs,
          "; a layer has 1 to ", kMaxOutputs, " outputs");
  return static_cast<size_t>(outputs);
}

}  // namespace rondo::api
