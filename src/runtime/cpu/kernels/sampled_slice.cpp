#include "kernels/cpu/structured/sampled_slice.h"

#include "base/error.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

/// Refuses a shape that would read an extent of 0: known only now where extents are symbols.
void require_elements(const kernels::SampledSliceShape& s, bool empty) {
  for (int i = 0; i < s.rank && !empty && s.mode != kernels::Sampling::kFill; ++i) {
    if (s.x[i] > 0) continue;
    fail(Code::kInvalidArgument, "a slice takes ", s.y[i], " elements of dimension ", i,
         " of extent 0; only the fill mode makes elements");
  }
}

/// The same for strict slices with an index outside.
void require_inside(const kernels::SampledSliceShape& s, bool empty) {
  for (int i = 0; i < s.rank && !empty && s.mode == kernels::Sampling::kStrict; ++i) {
    const __int128 last = s.start[i] + static_cast<__int128>(s.stride[i]) * (s.y[i] - 1);
    if (s.start[i] >= 0 && s.start[i] < s.x[i] && last >= 0 && last < s.x[i]) continue;
    fail(Code::kInvalidArgument, "a slice of ", s.y[i], " elements from ", s.start[i], " by steps of ", s.stride[i],
         " leaves dimension ", i, " of extent ", s.x[i], "; only sampling modes read beyond the edge");
  }
}

class SampledSlice final : public KernelBody {
 public:
  explicit SampledSlice(const KernelBinding& b)
      : x_(b.view(0)), fill_(b.operands.size() == 3 ? &b.view(1) : nullptr), y_(b.view(b.operands.size() - 1)) {
    const size_t last = b.operands.size() - 1, rank = b.dims(last).size();
    b.require_attrs(1, 2 * rank);
    b.require(b.attr(0) >= 0 && b.attr(0) <= 4, "unknown mode");
    b.require(b.dims(0).size() == rank && b.dtype(0) == b.dtype(last), "x and y differ in rank or type");
    b.require(fill_ == nullptr || (b.dims(1).empty() && b.dtype(1) == b.dtype(0)),
              "the fill value is no scalar of x's type");
    kernels::SampledSliceShape shape;
    shape.mode = static_cast<kernels::Sampling>(b.attr(0));
    copy_dims(b.dims(0), shape.x);
    shape.rank = copy_dims(b.dims(last), shape.y);
    bool empty = false;
    for (size_t i = 0; i < rank; ++i) {
      shape.start[i] = b.expr(i);
      shape.stride[i] = b.expr(rank + i);
      empty = empty || shape.y[i] == 0;
    }
    require_elements(shape, empty);
    require_inside(shape, empty);
    slice_ = kernels::resolve_sampled_slice(shape);
    units = slice_.units();
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    const std::byte* fill = fill_ != nullptr ? fill_->address(slots) : nullptr;
    kernels::sampled_slice(slice_, strided(x_, slots), fill, strided(y_, slots), first, last);
  }

 private:
  const BoundView& x_;
  const BoundView* fill_;
  const BoundView& y_;
  kernels::SampledSlice slice_;
};

}  // namespace

/// attrs: mode; exprs: start, stride, one of each per dimension
std::unique_ptr<KernelBody> bind_sampled_slice(const KernelBinding& binding) {
  return std::make_unique<SampledSlice>(binding);
}

}  // namespace rondo::runtime
