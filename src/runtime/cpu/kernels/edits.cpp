// The kernels that loops and shape values need beside the ops of the graph.
#include "base/error.h"
#include "kernels/cpu/structured/expr_values.h"
#include "kernels/cpu/structured/reverse_prefix.h"
#include "kernels/cpu/structured/zero_tail.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr size_t kMaxValues = 64;

class ExprValues final : public KernelBody {
 public:
  explicit ExprValues(const KernelBinding& b) : y_(b.view(0)) {
    b.require(b.kernel.exprs.size() <= kMaxValues, "more than 64 elements");
    b.require(b.dims(0).size() == 1 && b.dims(0)[0] == static_cast<int64_t>(b.kernel.exprs.size()),
              "y has another number of elements than there are values");
    for (size_t i = 0; i < b.kernel.exprs.size(); ++i) values_.push_back(b.expr(i));
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    if (first < last) kernels::expr_values(values_, strided(y_, slots));
  }

 private:
  const BoundView& y_;
  std::vector<int64_t> values_;
};

using Edit = void (*)(std::span<const int64_t> dims, int axis, int64_t count, const kernels::Strided& y);

/// Changes the entries on one axis by a loop's counter.
class AxisEdit final : public KernelBody {
 public:
  AxisEdit(const KernelBinding& b, Edit edit)
      : edit_(edit), y_(b.view(0)), dims_(b.dims(0)), axis_(b.axis_attr(0, dims_.size())), slot_(b.kernel.slots[0]) {
    for (const int64_t n : dims_) units = n == 0 ? 0 : units;
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    if (first < last) edit_(dims_, axis_, slots[slot_], strided(y_, slots));
  }

 private:
  Edit edit_;
  const BoundView& y_;
  std::vector<int64_t> dims_;
  int axis_;
  uint32_t slot_;
};

}  // namespace

/// exprs: the elements
std::unique_ptr<KernelBody> bind_expr_values(const KernelBinding& binding) {
  return std::make_unique<ExprValues>(binding);
}

/// attrs: axis; slots: what is zeroed starts there
std::unique_ptr<KernelBody> bind_zero_tail(const KernelBinding& binding) {
  return std::make_unique<AxisEdit>(
      binding, [](std::span<const int64_t> dims, int axis, int64_t count, const kernels::Strided& y) {
        kernels::zero_tail(dims, axis, count, y);
      });
}

/// attrs: axis; slots: length of the prefix
std::unique_ptr<KernelBody> bind_reverse_prefix(const KernelBinding& binding) {
  return std::make_unique<AxisEdit>(
      binding, [](std::span<const int64_t> dims, int axis, int64_t count, const kernels::Strided& y) {
        kernels::reverse_prefix(dims, axis, count, y);
      });
}

}  // namespace rondo::runtime
