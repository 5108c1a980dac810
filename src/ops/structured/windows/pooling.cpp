#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op_list.h"
#include "ops/reference.h"
#include "ops/structured/windows/window_rule.h"

// pooling(x [N, C, spatial..]) {type, mode, exclude_padding: int; blend: real; kernel, strides, pre, post: ints} -> [N,
// C, out..]
//   Folds windows: type 0 MAX, 1 AVERAGE, 2 MAX_AVERAGE_BLEND = (1 - blend) max + blend average. The average is the sum
//   of the elements of x in the window, over their number (exclude_padding) or over the volume of the window. Where a
//   window lies in padding only, the maximum is -inf, the least value of i8, and the average 0. Sums are f32 for every
//   float type. C1 two or three spatial axes, rank(x) two more   C2 one entry per spatial axis in every list   C3
//   windows, strides >= 1, paddings >= 0   C4 mode is a PaddingMode   C5 type is a PoolingType   C6 float operand, or
//   i8 for MAX   C7 0 <= blend <= 1 C8 the window fits into the padded input

namespace rondo::ops {
namespace {

enum PoolingType : int64_t { kMax, kAverage, kBlend };
constexpr int64_t kWindowSum = 0, kWindowMax = 2;

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const WindowParameters p = check_windows(in, 1, 2, 3, 4);
  const ir::TensorType& x = in.operands[0].type;
  const int64_t type = in.attrs.integer("type");
  if (type < kMax || type > kBlend) refuse(in, 5, "type ", type, " is none of MAX, AVERAGE, MAX_AVERAGE_BLEND");
  if (!is_float(x.dtype) && !(type == kMax && x.dtype == DType::kInt8)) {
    refuse(in, 6, "the input is ", type_text(in.dims, x),
           "; a floating-point type is needed, or i8 for a maximum; convert with a cast layer");
  }
  const double blend = in.attrs.real("blend");
  if (!(blend >= 0 && blend <= 1)) refuse(in, 7, "the blend factor ", blend, " is outside 0 .. 1");
  check_window_fits(in, 8, p);
  ir::ValueInfo result{{x.dtype, {in.dims.resolve(x.dims[0]), in.dims.resolve(x.dims[1])}}, {}};
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    result.type.dims.push_back(pooling_axis(in.dims, p, axis, in.dims.resolve(x.dims[axis + 2])).results);
  }
  return {result};
}

/// The windows of one pooling as reduce_window takes them.
class Windows {
 public:
  explicit Windows(Expander& e) : e_(e), dims_(e.graph().dims()), p_(window_parameters(e.op().attrs)) {
    x_ = e.type(e.operand(0)).dims;
    pre_ = shape_ = {dims_.constant(0), dims_.constant(0)};
    for (size_t axis = 0; axis < p_.axes(); ++axis) {
      const WindowAxis placed = pooling_axis(dims_, p_, axis, dims_.resolve(x_[axis + 2]));
      pre_.push_back(placed.pre);
      shape_.push_back(placed.results);
      inside_ = inside_ && stays_inside(axis, placed);
    }
  }

  ir::ValueId fold(int64_t op, ir::ValueId v) {
    const auto spread = [](std::vector<int64_t> list) {
      list.insert(list.begin(), 2, 1);
      return list;
    };
    ir::Dims shape = shape_;
    for (size_t i = 0; i < 2; ++i) shape[i] = e_.type(v).dims[i];
    return e_.add(ir::OpKind::k_reduce_window,
                  {{"op", op},
                   {"window", spread(p_.window)},
                   {"strides", spread(p_.strides)},
                   {"dilations", spread(p_.dilations)},
                   {"pre", pre_},
                   {"shape", shape}},
                  {v});
  }

  /// What the sums over windows of `like` are divided by: a scalar, or one number per window.
  ir::ValueId count(ir::ValueId like) {
    if (inside_ || !e_.op().attrs.flag("exclude_padding")) {
      double volume = 1;
      for (const int64_t extent : p_.window) volume *= static_cast<double>(extent);
      return e_.scalar_like(like, volume);
    }
    ir::Dims plane = x_;
    plane[0] = plane[1] = dims_.constant(1);
    const ir::ValueId one = e_.scalar_like(like, 1);
    const ir::ValueId ones = e_.add(ir::OpKind::k_broadcast, {{"shape", plane}}, {one});
    return e_.pointwise(tile::PointwiseFn::f_max, {fold(kWindowSum, ones), one});
  }

 private:
  /// No window reaches beyond the input.
  bool stays_inside(size_t axis, const WindowAxis& placed) const {
    const bool unpadded = p_.pre[axis] == 0 && p_.post[axis] == 0 && p_.rule == PaddingRule::kExplicitRoundDown;
    const bool fits = dims_.is_constant(placed.pre) && dims_.value(placed.pre) == 0 && dims_.is_constant(placed.post) &&
                      dims_.value(placed.post) <= 0;
    return unpadded || fits;
  }

  Expander& e_;
  ir::DimPool& dims_;
  WindowParameters p_;
  ir::Dims x_, pre_, shape_;
  bool inside_ = true;
};

void expand(Expander& e) {
  const ir::ValueId x = e.operand(0);
  const DType dtype = e.type(x).dtype;
  const int64_t type = e.op().attrs.integer("type");
  Windows windows(e);
  const ir::ValueId wide = is_float(dtype) ? e.cast(x, DType::kFloat32) : x;
  if (type == kMax) return e.replace(0, e.cast(windows.fold(kWindowMax, wide), dtype));
  const ir::ValueId sum = windows.fold(kWindowSum, wide);
  ir::ValueId y = e.pointwise(tile::PointwiseFn::f_div, {sum, windows.count(sum)});
  if (type == kBlend) {
    const double blend = e.op().attrs.real("blend");
    const ir::ValueId max = windows.fold(kWindowMax, wide);
    const ir::ValueId of_max = e.pointwise(tile::PointwiseFn::f_mul, {max, e.scalar_like(max, 1 - blend)});
    const ir::ValueId of_average = e.pointwise(tile::PointwiseFn::f_mul, {y, e.scalar_like(y, blend)});
    y = e.pointwise(tile::PointwiseFn::f_add, {of_max, of_average});
  }
  e.replace(0, e.cast(y, dtype));
}

struct Window {
  double largest, sum = 0;
  int64_t count = 0;
};

double pooled(const ir::Attrs& attrs, const Window& window, int64_t volume) {
  const int64_t type = attrs.integer("type");
  if (type == kMax) return window.largest;
  const int64_t divisor = attrs.flag("exclude_padding") ? std::max<int64_t>(window.count, 1) : volume;
  const double average = window.sum / static_cast<double>(divisor), blend = attrs.real("blend");
  return type == kAverage ? average : (1 - blend) * window.largest + blend * average;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  ir::DimPool pool;
  const WindowParameters p = window_parameters(op.attrs);
  const Index strides = strides_of(x[0].dims);
  const double least = round_to(result.dtype, -std::numeric_limits<double>::infinity());
  Index pre;
  int64_t volume = 1;
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    pre.push_back(pool.value(pooling_axis(pool, p, axis, pool.constant(x[0].dims[axis + 2])).pre));
    volume *= p.window[axis];
  }
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& y) {
    Window window{least};
    for_each_index(p.window, [&](const Index& tap) {
      int64_t from = y[0] * strides[0] + y[1] * strides[1];
      for (size_t axis = 0; axis < p.axes(); ++axis) {
        const int64_t index = y[axis + 2] * p.strides[axis] + tap[axis] - pre[axis];
        if (index < 0 || index >= x[0].dims[axis + 2]) return;
        from += index * strides[axis + 2];
      }
      const double value = x[0].data[static_cast<size_t>(from)];
      window.largest = std::fmax(window.largest, value);
      window.sum += value;
      ++window.count;
    });
    result.data[at++] = pooled(op.attrs, window, volume);
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_pooling() { return {infer, expand, reference}; }

}  // namespace rondo::ops
