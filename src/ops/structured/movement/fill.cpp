#include <algorithm>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// fill(alpha, beta, [stream]) {op, shape: Dims, to, seed}: made values of type `to`; op is rondo::FillOperation.
//   0 linspace         alpha + sum over dimensions i of beta[i] * index i; alpha 0-D, beta 1-D of an element per
//   dimension 1 random uniform   on [alpha, beta), both 0-D 2 random normal    mean alpha, standard deviation beta,
//   both 0-D
// Linspace is computed in the type of alpha and beta where that is i32 or i64, else in f32; random numbers in f32; the
// result is then cast. Random numbers are those of the primitive `random` for the seed; in a loop each iteration has a
// stream of its own, counted by the steps of all loops around, unless the operand `stream` says which one.
//   C1 op is 0 .. 2   C2 no extent negative   C3 alpha is 0-D   C4 beta: linspace 1-D of rank elements, random 0-D
//   C5 `to` is a float type, or, linspace, i32 or i64   C6 alpha and beta have one dtype, a float one or, linspace, i32
//   or i64   C7 the stream is a 0-D i64 and for random numbers

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

enum FillOp : int64_t { kLinspace = 0, kUniform = 1, kNormal = 2 };

bool is_wide_integer(DType dtype) { return dtype == DType::kInt32 || dtype == DType::kInt64; }

DType computed_in(DType operands) { return is_wide_integer(operands) ? operands : DType::kFloat32; }

void check_parameters(const InferInput& in, bool linspace, size_t rank) {
  const ir::TensorType& alpha = in.operands[0].type;
  const ir::TensorType& beta = in.operands[1].type;
  if (alpha.rank() != 0) refuse(in, 3, "alpha is ", type_text(in.dims, alpha), ", a 0-D tensor is needed");
  if (linspace) {
    const ir::Dim entries = in.dims.constant(static_cast<int64_t>(rank));
    if (beta.rank() != 1 || !may_be_equal(in.dims, beta.dims[0], entries)) {
      refuse(in, 4, "beta of a linspace is ", type_text(in.dims, beta), ", a 1-D tensor of ", rank,
             " elements, one per dimension, is needed");
    }
    unify(in, 4, beta.dims[0], entries, "the number of elements of beta and the rank");
  } else if (beta.rank() != 0) {
    refuse(in, 4, "beta is ", type_text(in.dims, beta), ", a 0-D tensor is needed");
  }
  const auto to = static_cast<DType>(in.attrs.integer("to"));
  if (!is_float(to) && !(linspace && is_wide_integer(to))) {
    refuse(in, 5, "values of ", dtype_name(to), " cannot be made; ",
           linspace ? "a float type, i32 or i64 is needed" : "random numbers have a float type");
  }
  if (alpha.dtype == beta.dtype && (is_float(alpha.dtype) || (linspace && is_wide_integer(alpha.dtype)))) return;
  refuse(in, 6, "alpha and beta are ", operands_text(in), "; both must have one float type",
         linspace ? ", or i32, or i64" : "");
}

void check_stream(const InferInput& in, bool linspace) {
  if (in.operands.size() < 3) return;
  const ir::TensorType& stream = in.operands[2].type;
  if (linspace) refuse(in, 7, "a linspace has no stream; only random numbers are drawn from one");
  if (stream.rank() == 0 && stream.dtype == DType::kInt64) return;
  refuse(in, 7, "the stream is ", type_text(in.dims, stream), ", a 0-D i64 is needed");
}

/// Elements of a small integer linspace.
Contents linspace_contents(const InferInput& in, const ir::TensorType& result) {
  const auto dims = content_dims(in.dims, result);
  if (!dims || !in.operands[0].contents || !in.operands[1].contents) return std::nullopt;
  std::vector<ir::Dim> elements;
  try {
    for_each_index(*dims, [&](const Index& index) {
      ir::Dim value = (*in.operands[0].contents)[0];
      for (size_t i = 0; i < index.size(); ++i) {
        value = in.dims.add(value, in.dims.mul((*in.operands[1].contents)[i], in.dims.constant(index[i])));
      }
      elements.push_back(value);
    });
  } catch (const Error&) {  // left 64 bits: no shape
    return std::nullopt;
  }
  return elements;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const int64_t op = in.attrs.integer("op");
  if (op < kLinspace || op > kNormal) refuse(in, 1, "there is no fill operation ", op);
  ir::ValueInfo result{{static_cast<DType>(in.attrs.integer("to")), in.attrs.dims("shape")}, {}};
  for (ir::Dim& dim : result.type.dims) {
    dim = in.dims.resolve(dim);
    if (in.dims.range(dim).max < 0) refuse(in, 2, "extent ", in.dims.to_string(dim), " is negative");
  }
  check_parameters(in, op == kLinspace, result.type.dims.size());
  check_stream(in, op == kLinspace);
  if (op == kLinspace) result.contents = linspace_contents(in, result.type);
  return {result};
}

ir::ValueId linspace(Expander& e, DType dtype) {
  ir::DimPool& pool = e.graph().dims();
  const ir::Dims shape = e.op().attrs.dims("shape");
  const ir::Dims ones(shape.size(), pool.constant(1));
  ir::ValueId value = e.reshape(e.cast(e.operand(0), dtype), ones);
  for (size_t i = 0; i < shape.size(); ++i) {
    ir::Dims line = ones;
    line[i] = shape[i];
    const ir::ValueId index =
        e.add(ir::OpKind::k_iota,
              {{"shape", line}, {"axis", static_cast<int64_t>(i)}, {"dtype", static_cast<int64_t>(dtype)}}, {});
    const ir::ValueId step = e.add(ir::OpKind::k_slice,
                                   {{"start", ir::Dims{pool.constant(static_cast<int64_t>(i))}},
                                    {"size", ir::Dims{pool.constant(1)}},
                                    {"stride", std::vector<int64_t>{1}}},
                                   {e.cast(e.operand(1), dtype)});
    const ir::ValueId scaled = e.pointwise(PointwiseFn::f_mul, {index, e.reshape(step, ones)});
    value = e.pointwise(PointwiseFn::f_add, {value, scaled});
  }
  return value;
}

/// Number of the iteration, over all loops around: each step counts up from the product of 2^20 and the one outside. Invalid outside
/// of loops.
ir::ValueId stream(Expander& e) {
  std::vector<ir::ValueId> steps;
  for (ir::RegionId region = e.region(); e.graph().region(region).parent.valid();) {
    const ir::Op& around = e.graph().op(e.graph().region(region).parent);
    if (around.kind == ir::OpKind::k_loop) steps.push_back(e.graph().region(region).args[0]);
    region = around.parent;
  }
  ir::ValueId number;
  for (size_t i = steps.size(); i-- > 0;) {
    if (number.valid()) {
      number = e.pointwise(PointwiseFn::f_mul, {number, e.scalar_like(number, 1 << 20)});
      number = e.pointwise(PointwiseFn::f_add, {number, steps[i]});
    } else {
      number = steps[i];
    }
  }
  return number;
}

ir::ValueId random(Expander& e, bool uniform) {
  const ir::Op op = e.op();
  const ir::Dims ones(op.attrs.dims("shape").size(), e.graph().dims().constant(1));
  const ir::ValueId number = op.operands.size() > 2 ? e.operand(2) : stream(e);
  const ir::ValueId drawn = e.add(
      ir::OpKind::k_random,
      {{"shape", op.attrs.dims("shape")}, {"distribution", int64_t{!uniform}}, {"seed", op.attrs.integer("seed")}},
      number.valid() ? std::vector<ir::ValueId>{number} : std::vector<ir::ValueId>{});
  const ir::ValueId alpha = e.reshape(e.cast(e.operand(0), DType::kFloat32), ones);
  const ir::ValueId beta = e.reshape(e.cast(e.operand(1), DType::kFloat32), ones);
  const ir::ValueId scale = uniform ? e.pointwise(PointwiseFn::f_sub, {beta, alpha}) : beta;
  return e.pointwise(PointwiseFn::f_add, {e.pointwise(PointwiseFn::f_mul, {drawn, scale}), alpha});
}

void expand(Expander& e) {
  const int64_t op = e.op().attrs.integer("op");
  const ir::ValueId value =
      op == kLinspace ? linspace(e, computed_in(e.type(e.operand(0)).dtype)) : random(e, op == kUniform);
  e.replace(0, e.cast(value, static_cast<DType>(e.op().attrs.integer("to"))));
}

Tensor linspace_reference(std::span<const Tensor> x, const TensorShape& shape) {
  const DType dtype = computed_in(x[0].dtype);
  Tensor result = zeros(shape);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    double value = x[0].data[0];
    for (size_t i = 0; i < index.size(); ++i) value += x[1].data[i] * static_cast<double>(index[i]);
    result.data[at++] = stored(dtype, value);
  });
  return result;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const int64_t kind = op.attrs.integer("op");
  Tensor result;
  if (kind == kLinspace) {
    result = linspace_reference(x, results[0]);
  } else {
    ir::Op drawn = op;
    drawn.attrs = {{"distribution", int64_t{kind == kNormal}}, {"seed", op.attrs.integer("seed")}};
    const TensorShape shape{DType::kFloat32, results[0].dims};
    const std::span<const Tensor> stream = x.subspan(std::min<size_t>(2, x.size()));
    result = op_def(ir::OpKind::k_random).reference(drawn, stream, {&shape, 1})[0];
    const double alpha = x[0].data[0], scale = kind == kUniform ? x[1].data[0] - alpha : x[1].data[0];
    for (double& v : result.data) v = v * scale + alpha;
  }
  result.dtype = results[0].dtype;
  if (!is_float(result.dtype)) {
    for (double& v : result.data) v = round_to(result.dtype, v);
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_fill() { return {infer, expand, reference}; }

}  // namespace rondo::ops
