#include "kernels/cpu/structured/sampling/resize.h"

#include "base/error.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr double kNsPerPick = 0.6, kNsPerTap = 0.8;

class Resize final : public KernelBody {
 public:
  explicit Resize(const KernelBinding& b) : x_(b.view(0)), y_(b.view(1)) {
    const kernels::ResizeRule rule = rule_of(b);
    const std::vector<int64_t>&from = b.dims(0), &to = b.dims(1);
    b.require(from.size() == to.size(), "operands differ in rank");
    b.require(b.dtype(0) == b.dtype(1), "operands differ in type");
    shape_.nearest = rule.mode == kernels::Interpolation::kNearest;
    b.require(shape_.nearest || is_float(b.dtype(0)), "interpolation of elements that are not float");
    const size_t free = shape_.nearest ? to.size() : rule.mode == kernels::Interpolation::kLinear ? 3 : 2;
    double volume = 1;
    for (size_t i = 0; i < to.size(); ++i) {
      b.require(i + free >= to.size() || from[i] == to[i], "it changes a dimension that its mode does not");
      b.require(to[i] <= INT32_MAX, "an extent of 2^31 or more");
      volume *= static_cast<double>(to[i]);
    }
    for (size_t i = 0; i < to.size(); ++i) {
      if (volume > 0 && from[i] == 0) {
        fail(Code::kInvalidArgument, "resize: dimension ", i, " of the input is empty, there is nothing to make ",
             to[i], " elements of (resize C5)");
      }
      shape_.axes.push_back(volume > 0 ? kernels::resize_axis(rule, from[i], to[i]) : kernels::ResizeAxis{});
    }
    if (to.empty()) shape_.axes.push_back(kernels::resize_axis(rule, 1, 1));
    units = volume > 0 ? kernels::resize_rows(shape_) : 0;
    scratch_bytes = kernels::resize_scratch_bytes(shape_);
    cost_ns = 100 + volume * (shape_.nearest ? kNsPerPick : kNsPerTap * (shape_.axes.back().taps + 1));
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) const noexcept override {
    kernels::resize(shape_, strided(x_, slots), strided(y_, slots), first, last, scratch);
  }

 private:
  static kernels::ResizeRule rule_of(const KernelBinding& b) {
    b.require_attrs(6);
    b.require(b.attr(0) >= 0 && b.attr(0) <= 2, "unknown mode");
    b.require(b.attr(1) >= 0 && b.attr(1) <= 2, "unknown coordinate transformation");
    b.require(b.attr(3) >= 0 && b.attr(3) <= 3, "unknown rounding");
    kernels::ResizeRule rule;
    rule.mode = static_cast<kernels::Interpolation>(b.attr(0));
    rule.coordinates = static_cast<kernels::CoordinateRule>(b.attr(1));
    rule.single_pixel_upper = b.attr(2) != 0;
    rule.rounding = static_cast<kernels::NearestRule>(b.attr(3));
    rule.cubic_coeff = b.real_attr(4);
    rule.exclude_outside = b.attr(5) != 0;
    return rule;
  }

  const BoundView& x_;
  const BoundView& y_;
  kernels::ResizeShape shape_;
};

}  // namespace

/// attrs: mode, coordinate transformation, single pixel selector, rounding, cubic coefficient (a double's bits), exclude outside
std::unique_ptr<KernelBody> bind_resize(const KernelBinding& binding) { return std::make_unique<Resize>(binding); }

}  // namespace rondo::runtime
