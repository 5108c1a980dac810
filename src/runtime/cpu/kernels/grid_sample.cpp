#include "kernels/cpu/structured/sampling/grid_sample.h"

#include "base/error.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr double kNsPerPlace = 20, kNsPerTap = 0.8;

class GridSample final : public KernelBody {
 public:
  explicit GridSample(const KernelBinding& b) : x_(b.view(0)), grid_(b.view(1)), y_(b.view(2)) {
    read_attrs(b);
    read_dims(b);
    b.require(b.dtype(0) == b.dtype(2) && is_float(b.dtype(1)), "wrong types");
    const bool nearest = shape_.mode == kernels::Interpolation::kNearest;
    b.require(nearest || is_float(b.dtype(0)), "interpolation of elements that are not float");
    const int64_t width = shape_.out[shape_.space - 1];
    const double places = static_cast<double>(kernels::grid_sample_rows(shape_)) * static_cast<double>(width);
    units = shape_.channels == 0 || places == 0 ? 0 : kernels::grid_sample_rows(shape_);
    if (units == 0) return;
    for (int i = 0; i < shape_.space; ++i) {
      if (shape_.in[i] > 0) continue;
      fail(Code::kInvalidArgument, "grid_sample: dimension ", i + 2, " of the input is empty (grid_sample C7)");
    }
    scratch_bytes = kernels::grid_sample_scratch_bytes(shape_);
    const double taps = static_cast<double>(scratch_bytes) / 12 / static_cast<double>(width);
    cost_ns = 100 + places * (kNsPerPlace + taps * static_cast<double>(shape_.channels) * kNsPerTap);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) const noexcept override {
    kernels::grid_sample(shape_, strided(x_, slots), strided(grid_, slots), strided(y_, slots), first, last, scratch);
  }

 private:
  void read_attrs(const KernelBinding& b) {
    b.require_attrs(3);
    b.require(b.attr(0) >= 0 && b.attr(0) <= 2, "unknown mode");
    b.require(b.attr(1) >= 2 && b.attr(1) <= 4, "unknown sample mode");
    shape_.mode = static_cast<kernels::Interpolation>(b.attr(0));
    shape_.padding = static_cast<kernels::SamplePadding>(b.attr(1));
    shape_.align_corners = b.attr(2) != 0;
  }

  void read_dims(const KernelBinding& b) {
    const std::vector<int64_t>&x = b.dims(0), &grid = b.dims(1), &y = b.dims(2);
    b.require((x.size() == 4 || x.size() == 5) && grid.size() == x.size() && y.size() == x.size(), "wrong ranks");
    shape_.space = static_cast<int>(x.size()) - 2;
    shape_.batch = x[0];
    shape_.channels = x[1];
    bool fits = grid[0] == x[0] && y[0] == x[0] && y[1] == x[1] && grid.back() == shape_.space;
    for (size_t i = 0; i + 2 < x.size(); ++i) {
      shape_.in[i] = x[i + 2];
      shape_.out[i] = y[i + 2];
      fits = fits && grid[i + 1] == y[i + 2] && y[i + 2] <= INT32_MAX;
    }
    b.require(fits, "dims of the operands do not fit");
  }

  const BoundView& x_;
  const BoundView& grid_;
  const BoundView& y_;
  kernels::GridSampleShape shape_;
};

}  // namespace

/// attrs: mode, sample mode, align corners
std::unique_ptr<KernelBody> bind_grid_sample(const KernelBinding& binding) {
  return std::make_unique<GridSample>(binding);
}

}  // namespace rondo::runtime
