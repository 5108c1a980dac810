#include "kernels/cpu/conv/conv.h"

#include "plan/precision.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

using kernels::ConvAxis;
using kernels::ConvOperands;
using kernels::ConvShape;
using kernels::Strided;

bool is_extent(int64_t value, int64_t least) { return value >= least && value <= kernels::kMaxConvExtent; }

/// Attributes as three lists of one entry per spatial axis and the groups; expressions: what stands before each axis.
ConvAxis axis_of(const KernelBinding& b, size_t spatial, size_t i) {
  ConvAxis axis;
  axis.in = b.dims(0)[i + 2];
  axis.kernel = b.dims(1)[i + 2];
  axis.out = b.dims(b.operands.size() - 1)[i + 2];
  axis.stride = b.attr(i);
  axis.dilation = b.attr(spatial + i);
  axis.input_dilation = b.attr(2 * spatial + i);
  axis.pre = b.expr(i);
  for (const int64_t value : {axis.in, axis.out}) b.require(is_extent(value, 0), "an extent is out of range");
  for (const int64_t value : {axis.kernel, axis.stride, axis.dilation, axis.input_dilation}) {
    b.require(is_extent(value, 1), "a kernel extent, stride or dilation is out of range");
  }
  b.require(is_extent(axis.pre < 0 ? -(axis.pre + 1) : axis.pre, 0), "a padding is out of range");
  return axis;
}

void require_channels(const KernelBinding& b, const ConvShape& shape) {
  const std::vector<int64_t>&x = b.dims(0), &w = b.dims(1), &y = b.dims(b.operands.size() - 1);
  b.require(shape.groups >= 1 && shape.channels % shape.groups == 0 && shape.outputs % shape.groups == 0,
            "groups do not divide the channels");
  b.require(w[0] == shape.outputs && w[1] == shape.channels / shape.groups && y[0] == x[0],
            "dims do not fit each other");
  if (b.operands.size() == 4) b.require(b.dims(2) == std::vector<int64_t>{shape.outputs}, "bias is not one per output");
}

ConvShape shape_of(const KernelBinding& b) {
  const size_t rank = b.dims(0).size();
  b.require(rank >= 3 && rank <= 5 && b.dims(1).size() == rank && b.dims(b.operands.size() - 1).size() == rank,
            "operands are not of one rank of 3 to 5");
  const size_t spatial = rank - 2;
  const size_t product = 3 * spatial + 1;
  const bool told = b.kernel.attrs.size() > product;
  b.require_attrs(product + (told ? 1 : 0), spatial);
  b.require(!told || b.attr(product) == static_cast<int64_t>(DType::kFloat32) ||
                b.attr(product) == static_cast<int64_t>(DType::kBFloat16),
            "factors are rounded to bf16 or not at all");
  ConvShape shape;
  shape.n = b.dims(0)[0];
  shape.channels = b.dims(0)[1];
  shape.outputs = b.dims(b.operands.size() - 1)[1];
  shape.groups = b.attr(3 * spatial);
  shape.spatial = static_cast<int>(spatial);
  for (size_t i = 0; i < spatial; ++i) shape.axis[3 - spatial + i] = axis_of(b, spatial, i);
  if (plan::factor_type(b.program, b.kernel) == DType::kBFloat16) shape.product = DType::kBFloat16;
  require_channels(b, shape);
  for (size_t i = 0; i < b.operands.size(); ++i) b.require(is_float(b.dtype(i)), "an operand is no float");
  return shape;
}

/// What is known of an operand before it has an address: nothing where a loop may show it through another view.
Strided known(const BoundView& view) {
  return {nullptr, view.dtype, view.first == nullptr ? view.stride_bytes : nullptr};
}

/// The address of an operand that is one constant in all runs, else null.
const std::byte* constant_address(const KernelBinding& b, size_t operand) {
  const plan::View& view = b.program.views[b.kernel.operands[operand]];
  const plan::Buffer& buffer = b.program.buffers[view.buffer];
  if (buffer.storage != plan::Storage::kConstant || !view.terms.empty() || view.first != plan::kNone) return nullptr;
  const auto bytes = static_cast<int64_t>(dtype_bytes(buffer.dtype));
  return reinterpret_cast<const std::byte*>(b.program.constant_bytes(buffer.index).data()) +
         b.exprs[view.offset] * bytes;
}

class Conv final : public KernelBody {
 public:
  explicit Conv(const KernelBinding& b)
      : x_(b.view(0)),
        w_(b.view(1)),
        bias_(b.operands.size() == 4 ? &b.view(2) : nullptr),
        y_(b.view(b.operands.size() - 1)),
        conv_(shape_of(b), known(x_), known(w_), kernels::detect_isa()) {
    units = conv_.units();
    scratch_bytes = conv_.scratch_bytes();
    cost_ns = conv_.cost_ns();
    const std::byte* weights = constant_address(b, 1);
    if (weights != nullptr) conv_.keep_weights({const_cast<std::byte*>(weights), w_.dtype, w_.stride_bytes});
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) const noexcept override {
    ConvOperands operands{strided(x_, slots), strided(w_, slots), {}, strided(y_, slots)};
    if (bias_ != nullptr) operands.bias = strided(*bias_, slots);
    conv_.run(operands, first, last, scratch);
  }

 private:
  const BoundView& x_;
  const BoundView& w_;
  const BoundView* bias_;
  const BoundView& y_;
  kernels::Conv conv_;
};

}  // namespace

/// attrs: strides, dilations, input dilations (one per spatial axis each), groups and, if given, the type that factors are rounded to
/// (f32: not at all; without it bf16 if both operands are); exprs: padding before each spatial axis (negative:
/// crop). What stands behind follows from the dims of y.
std::unique_ptr<KernelBody> bind_conv(const KernelBinding& binding) { return std::make_unique<Conv>(binding); }

}  // namespace rondo::runtime
