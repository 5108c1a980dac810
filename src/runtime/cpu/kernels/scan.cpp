#include "kernels/cpu/structured/scan.h"

#include "base/dtype.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

class Scan final : public KernelBody {
 public:
  explicit Scan(const KernelBinding& b) : x_(b.view(0)), y_(b.view(1)) {
    b.require_attrs(4);
    b.require(b.attr(0) == 0, "unknown operation");
    shape_.rank = copy_dims(b.dims(0), shape_.dims);
    shape_.axis = b.axis_attr(1, b.dims(0).size());
    shape_.exclusive = b.attr(2) != 0;
    shape_.reverse = b.attr(3) != 0;
    b.require(b.dims(0) == b.dims(1) && b.dtype(0) == b.dtype(1), "x and y differ in shape or type");
    b.require(is_float(b.dtype(0)) || b.dtype(0) == DType::kInt32 || b.dtype(0) == DType::kInt64,
              "x is neither a float type nor i32 nor i64");
    units = kernels::scan_units(shape_);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    kernels::scan(shape_, strided(x_, slots), strided(y_, slots), first, last);
  }

 private:
  const BoundView& x_;
  const BoundView& y_;
  kernels::ScanShape shape_;
};

}  // namespace

/// attrs: operation (0 sum), axis, exclusive, reverse
std::unique_ptr<KernelBody> bind_scan(const KernelBinding& binding) { return std::make_unique<Scan>(binding); }

}  // namespace rondo::runtime
