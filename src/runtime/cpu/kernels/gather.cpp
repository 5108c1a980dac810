#include "kernels/cpu/structured/gather.h"

#include <algorithm>

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

class Gather final : public KernelBody {
 public:
  explicit Gather(const KernelBinding& b) : data_(b.view(0)), indices_(b.view(1)), y_(b.view(2)) {
    b.require(b.attr(0) >= 0 && b.attr(0) <= 2, "unknown mode");
    b.require(std::max(b.attr(1), b.attr(2)) <= kernels::kMaxStridedRank && std::min(b.attr(1), b.attr(2)) >= 0,
              "axis or elementwise dims out of range");
    shape_.mode = static_cast<kernels::GatherMode>(b.attr(0));
    shape_.axis = static_cast<int>(b.attr(1));
    shape_.elementwise_dims = static_cast<int>(b.attr(2));
    shape_.data_rank = copy_dims(b.dims(0), shape_.data);
    shape_.indices_rank = copy_dims(b.dims(1), shape_.indices);
    shape_.y_rank = copy_dims(b.dims(2), shape_.y);
    b.require(kernels::gather_shape_is_valid(shape_), "dims of the operands do not fit its mode");
    b.require_indices(1);
    b.require(b.dtype(0) == b.dtype(2), "y differs from data in type");
    const bool empty = std::find(b.dims(2).begin(), b.dims(2).end(), 0) != b.dims(2).end();
    units = empty ? 0 : kernels::gather_blocks(shape_);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    kernels::gather(shape_, strided(data_, slots), strided(indices_, slots), strided(y_, slots), first, last);
  }

 private:
  const BoundView& data_;
  const BoundView& indices_;
  const BoundView& y_;
  kernels::GatherShape shape_;
};

}  // namespace

/// attrs: GatherMode, axis, elementwise dims
std::unique_ptr<KernelBody> bind_gather(const KernelBinding& binding) { return std::make_unique<Gather>(binding); }

}  // namespace rondo::runtime
