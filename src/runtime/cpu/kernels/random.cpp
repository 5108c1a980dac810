#include "kernels/cpu/structured/random.h"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr double kNsPerUnit[] = {1024 * 1.0, 1024 * 15.0};  // uniform, normal

class Random final : public KernelBody {
 public:
  explicit Random(const KernelBinding& b)
      : stream_(b.operands.size() == 2 ? &b.view(0) : nullptr), y_(b.view(b.operands.size() - 1)) {
    const size_t last = b.operands.size() - 1;
    b.require(last <= 1, "more than one input");
    b.require_attrs(2);
    b.require(b.attr(0) == 0 || b.attr(0) == 1, "unknown distribution");
    b.require(b.dtype(last) == DType::kFloat32, "y is not f32");
    b.require(stream_ == nullptr || (b.dims(0).empty() && b.dtype(0) == DType::kInt64), "the stream is no i64 scalar");
    shape_.distribution = static_cast<kernels::Distribution>(b.attr(0));
    shape_.seed = static_cast<uint64_t>(b.attr(1));
    shape_.rank = copy_dims(b.dims(last), shape_.dims);
    units = kernels::random_units(shape_);
    cost_ns = 50 + kNsPerUnit[b.attr(0)] * static_cast<double>(units);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    uint64_t stream = 0;
    if (stream_ != nullptr) std::memcpy(&stream, stream_->address(slots), sizeof stream);
    kernels::random(shape_, stream, strided(y_, slots), first, last);
  }

 private:
  const BoundView* stream_;
  const BoundView& y_;
  kernels::RandomShape shape_;
};

}  // namespace

/// attrs: distribution, seed
std::unique_ptr<KernelBody> bind_random(const KernelBinding& binding) { return std::make_unique<Random>(binding); }

}  // namespace rondo::runtime
