#include "kernels/cpu/structured/reduce.h"

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

class Reduce final : public KernelBody {
 public:
  explicit Reduce(const KernelBinding& b)
      : x_(b.view(0)), y_(b.view(1)), op_(static_cast<kernels::Reduction>(b.attr(0))) {
    b.require(b.attr(0) >= 0 && b.attr(0) <= static_cast<int64_t>(plan::ReduceOp::kAvg), "unknown operation");
    b.require(b.dtype(0) == b.dtype(1), "operands differ in type");
    shape_.rank = copy_dims(b.dims(0), shape_.dims);
    shape_.axes = static_cast<uint32_t>(b.attr(1));
    units = kernels::reduce_results(shape_);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    kernels::reduce(op_, shape_, strided(x_, slots), strided(y_, slots), first, last);
  }

 private:
  const BoundView& x_;
  const BoundView& y_;
  kernels::Reduction op_;
  kernels::ReduceShape shape_;
};

}  // namespace

/// attrs: ReduceOp, mask of the folded axes
std::unique_ptr<KernelBody> bind_reduce(const KernelBinding& binding) { return std::make_unique<Reduce>(binding); }

}  // namespace rondo::runtime
