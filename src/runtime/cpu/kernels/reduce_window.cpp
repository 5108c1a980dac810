#include "kernels/cpu/structured/windows/reduce_window.h"

#include <algorithm>

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

/// Bound by: the loads of one tap of one result out of a near cache. Measured on one core of an AMD EPYC.
constexpr double kNsPerTap = 0.15;

class ReduceWindow final : public KernelBody {
 public:
  explicit ReduceWindow(const KernelBinding& b)
      : x_(b.view(0)), y_(b.view(1)), op_(static_cast<kernels::WindowReduction>(b.attr(0))) {
    const size_t rank = b.dims(0).size();
    b.require(b.dims(1).size() == rank, "its operands differ in rank");
    b.require_attrs(1 + 3 * rank, rank);
    b.require(b.attr(0) >= 0 && b.attr(0) <= static_cast<int64_t>(kernels::WindowReduction::kMin), "unknown operation");
    b.require(b.dtype(0) == b.dtype(1), "operands differ in type");
    b.require(b.dtype(0) != DType::kBool, "its operand is bool");
    shape_.rank = copy_dims(b.dims(0), shape_.x);
    copy_dims(b.dims(1), shape_.y);
    double taps = 1;
    for (size_t i = 0; i < rank; ++i) {
      shape_.window[i] = b.attr(1 + i);
      shape_.strides[i] = b.attr(1 + rank + i);
      shape_.dilations[i] = b.attr(1 + 2 * rank + i);
      shape_.pre[i] = b.expr(i);
      taps *= static_cast<double>(std::min(shape_.window[i], shape_.x[i]));
    }
    b.require(kernels::reduce_window_shape_is_valid(shape_), "its windows reach beyond all indices");
    units = kernels::reduce_window_results(shape_);
    cost_ns = 50 + kNsPerTap * taps * static_cast<double>(units);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    kernels::reduce_window(op_, shape_, strided(x_, slots), strided(y_, slots), first, last);
  }

 private:
  const BoundView& x_;
  const BoundView& y_;
  kernels::WindowReduction op_;
  kernels::ReduceWindowShape shape_;
};

}  // namespace

/// attrs: WindowReduction, then per axis: windows, strides, dilations; exprs: padding before, per axis
std::unique_ptr<KernelBody> bind_reduce_window(const KernelBinding& binding) {
  return std::make_unique<ReduceWindow>(binding);
}

}  // namespace rondo::runtime
