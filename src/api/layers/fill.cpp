// Fill. Its parameters are real or integer numbers or tensors; here they become two tensors of one type. The seed of
// random numbers is the name of the layer, so that two layers differ, and the same network gives the same numbers.

#include "api/layers/movement.h"
#include "api/layers/operands.h"
#include "ops/tensor.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

bool given(const Refs& in, size_t input) { return input < in.size() && in[input] != Emitter::kNoRef; }

bool is_wide_integer(DType dtype) { return dtype == DType::kInt32 || dtype == DType::kInt64; }

/// FNV-1a, 64 bits.
int64_t seed_of(const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<int64_t>(hash);
}

/// What input 0 will replace may be any shape, or none.
void require_rank(const Dims& dims, const std::string& who) {
  require(dims.nbDims >= -1 && dims.nbDims <= Dims::MAX_DIMS, who, ": the dimensions have rank ", dims.nbDims);
}

}  // namespace

FillLayer::FillLayer(Network& network, const Dims& dims, FillOperation op, std::optional<DataType> to)
    : LayerOf(network, LayerType::kFILL, {}), dims_(dims), op_(op), to_(to) {
  require_rank(dims, "addFill");
  require_enum(op, "addFill: FillOperation");
  if (to) to_dtype(*to, "addFill: the output type");
}

void FillLayer::setDimensions(Dims const& dimensions) noexcept {
  set("IFillLayer::setDimensions", [&] {
    require_rank(dimensions, who());
    dims_ = dimensions;
  });
}

void FillLayer::setOperation(FillOperation op) noexcept {
  set("IFillLayer::setOperation", [&] {
    require_enum(op, "IFillLayer::setOperation: FillOperation");
    op_ = op;
  });
}

void FillLayer::setToType(DataType toType) noexcept {
  set("IFillLayer::setToType", [&] {
    to_dtype(toType, who() + ": the output type");
    to_ = toType;
  });
}

void FillLayer::set_parameter(size_t input, Parameter value) noexcept {
  set("IFillLayer: setting alpha or beta", [&] { (input == 1 ? alpha_ : beta_) = value; });
}

double FillLayer::real(size_t index) const noexcept {
  if (input(index)) return -1;
  const auto* value = std::get_if<int64_t>(&parameter(index));
  return value ? static_cast<double>(*value) : std::get<double>(parameter(index));
}

int64_t FillLayer::integer(size_t index) const noexcept {
  if (input(index)) return -1;
  const auto* value = std::get_if<int64_t>(&parameter(index));
  return value ? *value : static_cast<int64_t>(ops::round_to(DType::kInt64, std::get<double>(parameter(index))));
}

bool FillLayer::isAlphaBetaInt64() const noexcept {
  return std::holds_alternative<int64_t>(alpha_) && std::holds_alternative<int64_t>(beta_);
}

void FillLayer::input_changed(size_t index) {
  if (index == 0) dims_ = Dims{-1, {}};
}

DType FillLayer::result_type(Emitter& out, const Refs& in) const {
  if (to_) return to_dtype(*to_, who());
  for (size_t index : {1, 2}) {
    if (given(in, index)) return out.type(in[index]).dtype;
  }
  return op_ == FillOperation::kLINSPACE && isAlphaBetaInt64() ? DType::kInt64 : DType::kFloat32;
}

Emitter::Ref FillLayer::parameter_ref(Emitter& out, const Refs& in, size_t index, size_t rank, DType dtype) const {
  if (given(in, index)) return in[index];
  const bool list = op_ == FillOperation::kLINSPACE && index == 2;
  require(!list || rank == 1, who(), ": a linspace of rank ", rank, " needs input 2, beta, with a step per dimension; ",
          "a static beta is for rank 1");
  const std::vector<int64_t> shape = list ? std::vector<int64_t>{1} : std::vector<int64_t>{};
  if (dtype == DType::kInt64) {
    const int64_t value = integer(index);
    return out.constant(dtype, shape, &value, name());
  }
  std::byte bytes[8];
  ops::to_bytes({dtype, shape, {real(index)}}, bytes);
  return out.constant(dtype, shape, bytes, name());
}

Refs FillLayer::emit(Emitter& out, const Refs& in) const {
  if (!given(in, 0)) require_shape(dims_, false, who() + ": dimensions");
  const ir::Dims shape =
      given(in, 0) ? shape_operand(*this, out, in[0], "input 0, the dimensions,") : to_inner(out.dims(), dims_);
  const DType to = result_type(out, in);
  DType computed = is_wide_integer(to) && op_ == FillOperation::kLINSPACE ? to : DType::kFloat32;
  for (size_t index : {1, 2}) {
    if (given(in, index)) computed = out.type(in[index]).dtype;
  }
  Refs parameters = {parameter_ref(out, in, 1, shape.size(), computed),
                     parameter_ref(out, in, 2, shape.size(), computed)};
  promote(*this, out, parameters);
  if (given(in, 3)) parameters.push_back(in[3]);
  ir::Attrs attrs{
      {"op", static_cast<int64_t>(op_)}, {"shape", shape}, {"to", static_cast<int64_t>(to)}, {"seed", seed_of(name())}};
  return {out.add(ir::OpKind::k_fill, attrs, parameters, name())};
}

}  // namespace rondo::api
