#include "kernels/cpu/structured/scatter.h"

#include <algorithm>

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr double kNsPerElement = 0.3, kNsPerUpdate = 1.0;

double volume(const std::vector<int64_t>& dims) {
  double result = 1;
  for (const int64_t n : dims) result *= static_cast<double>(n);
  return result;
}

class Scatter final : public KernelBody {
 public:
  explicit Scatter(const KernelBinding& b) : data_(b.view(0)), indices_(b.view(1)), updates_(b.view(2)), y_(b.view(3)) {
    b.require_attrs(2);
    b.require(b.attr(0) == 0 || b.attr(0) == 1, "unknown mode");
    b.require(b.attr(1) >= 0 && b.attr(1) < kernels::kMaxStridedRank, "axis out of range");
    shape_.mode = static_cast<kernels::ScatterMode>(b.attr(0));
    shape_.axis = static_cast<int>(b.attr(1));
    shape_.data_rank = copy_dims(b.dims(0), shape_.data);
    shape_.indices_rank = copy_dims(b.dims(1), shape_.indices);
    shape_.updates_rank = copy_dims(b.dims(2), shape_.updates);
    b.require(kernels::scatter_shape_is_valid(shape_), "dims of the operands do not fit its mode");
    b.require(b.dims(3) == b.dims(0), "y differs from data in shape");
    b.require_indices(1);
    b.require(b.dtype(0) == b.dtype(3) && b.dtype(2) == b.dtype(3), "data, updates and y differ in type");
    const bool empty = std::find(b.dims(0).begin(), b.dims(0).end(), 0) != b.dims(0).end();
    units = empty ? 0 : shape_.data[kernels::scatter_split_axis(shape_)];
    const auto& views = b.program.views;
    const bool in_place = views[b.kernel.operands[0]].buffer == views[b.kernel.operands[3]].buffer;
    const double moved = volume(b.dims(2)) + (in_place ? 0 : volume(b.dims(0)));
    cost_ns = 50 + kNsPerElement * moved + kNsPerUpdate * volume(b.dims(1));
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    kernels::scatter(shape_, strided(data_, slots), strided(indices_, slots), strided(updates_, slots),
                     strided(y_, slots), first, last);
  }

 private:
  const BoundView& data_;
  const BoundView& indices_;
  const BoundView& updates_;
  const BoundView& y_;
  kernels::ScatterShape shape_;
};

}  // namespace

/// attrs: ScatterMode, axis
std::unique_ptr<KernelBody> bind_scatter(const KernelBinding& binding) { return std::make_unique<Scatter>(binding); }

}  // namespace rondo::runtime
