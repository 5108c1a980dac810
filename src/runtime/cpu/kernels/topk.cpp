#include "kernels/cpu/structured/topk.h"

#include "base/error.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

class TopK final : public KernelBody {
 public:
  explicit TopK(const KernelBinding& b) : x_(b.view(0)), values_(b.view(1)), indices_(b.view(2)) {
    shape_.rank = copy_dims(b.dims(0), shape_.dims);
    shape_.largest = b.attr(0) != 0;
    shape_.axis = b.axis_attr(1, b.dims(0).size());
    shape_.k = b.expr(0);
    if (shape_.k < 0 || shape_.k > shape_.dims[shape_.axis]) {
      fail(Code::kInvalidArgument, "top-k asks for ", shape_.k, " of ", shape_.dims[shape_.axis],
           " elements; k must lie between 0 and the extent of its axis");
    }
    std::vector<int64_t> results = b.dims(0);
    results[static_cast<size_t>(shape_.axis)] = shape_.k;
    b.require(b.dims(1) == results && b.dims(2) == results, "dims of the operands do not fit");
    b.require_indices(2);
    b.require(b.dtype(0) == b.dtype(1), "values differ from x in type");
    units = shape_.k == 0 ? 0 : kernels::topk_rows(shape_);
    scratch_bytes = kernels::topk_scratch_bytes(shape_, b.dtype(0));
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) const noexcept override {
    kernels::topk(shape_, strided(x_, slots), strided(values_, slots), strided(indices_, slots), first, last, scratch);
  }

 private:
  const BoundView& x_;
  const BoundView& values_;
  const BoundView& indices_;
  kernels::TopKShape shape_;
};

}  // namespace

/// attrs: 1 for the largest, axis; exprs: k
std::unique_ptr<KernelBody> bind_topk(const KernelBinding& binding) { return std::make_unique<TopK>(binding); }

}  // namespace rondo::runtime
