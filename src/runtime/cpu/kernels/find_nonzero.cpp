#include "kernels/cpu/structured/selection/find_nonzero.h"

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

class FindNonzero final : public KernelBody {
 public:
  explicit FindNonzero(const KernelBinding& b) : x_(b.view(0)), y_(b.view(1)) {
    b.require_attrs(0);
    shape_.rank = copy_dims(b.dims(0), shape_.dims);
    b.require(shape_.rank >= 1, "x has no dimensions");
    b.require(b.dims(1).size() == 2 && b.dims(1)[0] == shape_.rank, "y has another number of rows than x has axes");
    b.require_indices(1);
    shape_.count = b.dims(1)[1];
    units = shape_.count == 0 ? 0 : shape_.rank;
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    kernels::find_nonzero(shape_, strided(x_, slots), strided(y_, slots), first, last);
  }

 private:
  const BoundView& x_;
  const BoundView& y_;
  kernels::FindNonzeroShape shape_;
};

}  // namespace

/// No attributes: the number of columns is an extent of y.
std::unique_ptr<KernelBody> bind_find_nonzero(const KernelBinding& binding) {
  return std::make_unique<FindNonzero>(binding);
}

}  // namespace rondo::runtime
