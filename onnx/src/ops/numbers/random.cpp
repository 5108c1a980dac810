// Random numbers. The network's generator takes no seed: it is the layer's name, so that an engine gives the same
// numbers every time.
#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

struct Distribution {
  FillOperation op;
  double first, second;
};

Distribution read_distribution(Context& context, Node& node) {
  if (node.attributes.has("seed")) {
    node.attributes.ignore("seed");  // another generator's: it would select other numbers here
    context.warn(
        text("node '", node.name(),
             "': attribute 'seed' has no effect; an engine's random numbers follow from the names of its layers"));
  }
  if (node.parameter<FillOperation>() == FillOperation::kRANDOM_UNIFORM) {
    return {FillOperation::kRANDOM_UNIFORM, node.attributes.real("low", 0), node.attributes.real("high", 1)};
  }
  return {FillOperation::kRANDOM_NORMAL, node.attributes.real("mean", 0), node.attributes.real("scale", 1)};
}

ITensor& filled(Context& context, Distribution const& distribution, DataType type, Extents const& dims, ITensor* like) {
  IFillLayer& layer =
      added(context.network().addFill(like ? to_dims(Extents(static_cast<size_t>(rank_of(*like)), 0)) : to_dims(dims),
                                      distribution.op, type),
            "fill");
  if (like) layer.setInput(0, shape_of(context, *like));
  layer.setAlpha(distribution.first);
  layer.setBeta(distribution.second);
  return result(&layer, "fill");
}

DataType read_type(Node& node, DataType otherwise) {
  const auto asked = node.attributes.optional_integer("dtype");
  return asked ? tensor_type(static_cast<int32_t>(*asked), "attribute 'dtype'") : otherwise;
}

Values import_random(Context& context, Node& node) {
  const Extents dims = node.attributes.integers("shape");
  const DataType type = read_type(node, DataType::kFLOAT);
  return {filled(context, read_distribution(context, node), type, dims, nullptr)};
}

Values import_random_like(Context& context, Node& node) {
  ITensor& like = to_tensor(context, node.input(0));
  const DataType type = read_type(node, like.getType());
  return {filled(context, read_distribution(context, node), type, {}, &like)};
}

/// 1 with the probability that the input gives.
Values import_bernoulli(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const DataType type = read_type(node, x.getType());
  ITensor& drawn = filled(context, read_distribution(context, node), x.getType(), {}, &x);
  return {cast(context, binary(context, drawn, x, ElementWiseOperation::kLESS), type)};
}

constexpr OpRow kRows[] = {
    OpRow::from("RandomUniform", 1, {0, 0}, {1, 1}, import_random, FillOperation::kRANDOM_UNIFORM),
    OpRow::from("RandomNormal", 1, {0, 0}, {1, 1}, import_random, FillOperation::kRANDOM_NORMAL),
    OpRow::from("RandomUniformLike", 1, {1, 1}, {1, 1}, import_random_like, FillOperation::kRANDOM_UNIFORM),
    OpRow::from("RandomNormalLike", 1, {1, 1}, {1, 1}, import_random_like, FillOperation::kRANDOM_NORMAL),
    OpRow::from("Bernoulli", 15, {1, 1}, {1, 1}, import_bernoulli, FillOperation::kRANDOM_UNIFORM),
};

}  // namespace

OpRows random_rows() { return kRows; }

}  // namespace rondo::onnx
