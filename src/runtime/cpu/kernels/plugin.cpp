// A layer that the application computes. Plugins know row-major memory only: an operand whose view has gaps (a slice, a
// transpose, a broadcast) is copied to memory of the kernel and back. The instance is shared by all bindings of the
// step in one context, so a binding that is not the last one configured tells its shapes again before it runs.
#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr size_t kLine = 64;
constexpr double kPluginNs = 5000;  // only rank 0 works; keeps it from looking free beside other parts of a split

size_t aligned(size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// One operand in row-major order.
struct Dense {
  const BoundView* view = nullptr;
  int rank = 0;
  size_t item = 0, bytes = 0;
  int64_t dims[kMaxAxes] = {};
  int64_t strides[kMaxAxes] = {};  ///< bytes
  std::byte* copy = nullptr;

  bool fits(const int64_t* slots) const {
    const BoundView& active = view->active(slots);
    for (int i = 0; i < rank; ++i) {
      if (dims[i] != 1 && active.stride_bytes[i] != strides[i]) return false;
    }
    return true;
  }
};

/// Copies between a view and row-major memory, axis by axis.
template <bool kToView>
void move(const Dense& d, const int64_t* view_strides, std::byte* view, std::byte* dense, int axis) {
  if (axis == d.rank) {
    std::memcpy(kToView ? view : dense, kToView ? dense : view, d.item);
    return;
  }
  for (int64_t i = 0; i < d.dims[axis]; ++i) {
    move<kToView>(d, view_strides, view + i * view_strides[axis], dense + i * d.strides[axis], axis + 1);
  }
}

class Plugin final : public KernelBody {
 public:
  explicit Plugin(const KernelBinding& b) : outputs_(b.kernel.results()) {
    const auto index = static_cast<uint64_t>(b.attr(0));
    b.require(b.plugins != nullptr && index < b.plugins->slots.size(), "its plugin is not loaded");
    host_ = b.plugins;
    slot_ = &b.plugins->slots[index];
    b.require(slot_->instance != nullptr, "its plugin is not loaded");
    inputs_ = b.operands.size() - outputs_;
    for (size_t i = 0; i < b.operands.size(); ++i) add_operand(b, i);
    read_told(b);
    const size_t workspace = slot_->instance->configure(in_, out_);
    number_ = slot_->configured = ++slot_->bindings;
    reserve(workspace);
    addresses_.resize(dense_.size());
    can_fail = true;
    cost_ns = std::max(kPluginNs, static_cast<double>(elements_));
  }

  void run(const int64_t* slots, int64_t first, int64_t last, std::byte*) const noexcept override {
    if (first >= last) return;
    for (size_t i = 0; i < dense_.size(); ++i) addresses_[i] = enter(dense_[i], slots, i < inputs_);
    for (const Alias& alias : aliases_) share(alias);
    const bool ok =
        ready() && slot_->instance->enqueue(addresses_.data(), addresses_.data() + inputs_, workspace_, host_->stream);
    if (!ok) return failed.store(true, std::memory_order_relaxed);
    for (size_t i = inputs_; i < dense_.size(); ++i) leave(dense_[i], slots);
  }

 private:
  struct Alias {
    size_t input, output;
  };

  void add_operand(const KernelBinding& b, size_t i) {
    Dense d;
    d.view = &b.view(i);
    d.item = dtype_bytes(b.dtype(i));
    d.rank = copy_dims(b.dims(i), d.dims);
    int64_t bytes = static_cast<int64_t>(d.item);
    for (int axis = d.rank - 1; axis >= 0; --axis) {
      d.strides[axis] = bytes;
      bytes = mul_or_fail(bytes, d.dims[axis], "a tensor of a plugin");
    }
    d.bytes = static_cast<size_t>(bytes);
    elements_ += d.bytes / d.item;
    dense_.push_back(d);
    if (i < inputs_) in_.push_back({b.dtype(i), b.dims(i)});
  }

  /// What the plugin hears of its outputs: attrs 2… are their ranks, the exprs their extents.
  void read_told(const KernelBinding& b) {
    b.require_attrs(2 + 2 * outputs_, b.kernel.exprs.size());
    size_t at = 0;
    for (size_t i = 0; i < outputs_; ++i) {
      const int64_t rank = b.attr(2 + i);
      const bool fits = rank >= 0 && rank <= kMaxAxes && at + static_cast<size_t>(rank) <= b.kernel.exprs.size();
      b.require(fits, "the ranks of its outputs do not fit their extents");
      PluginTensor told{b.dtype(inputs_ + i), {}};
      for (int64_t axis = 0; axis < rank; ++axis) told.dims.push_back(b.expr(at++));
      const bool own = std::count(told.dims.begin(), told.dims.end(), -1) > 0;
      b.require(own || told.dims == b.dims(inputs_ + i), "an output has another shape than the plugin is told");
      out_.push_back(std::move(told));
      const int64_t alias = b.attr(2 + outputs_ + i);
      b.require(alias >= -1 && alias < static_cast<int64_t>(inputs_), "an output shares an input that does not exist");
      if (alias < 0) continue;
      const auto input = static_cast<size_t>(alias);
      b.require(dense_[input].bytes == dense_[inputs_ + i].bytes, "an output shares an input of another size");
      aliases_.push_back({input, inputs_ + i});
    }
  }

  /// One block for the workspace and for copies of operands that may have gaps.
  void reserve(size_t workspace) {
    size_t total = aligned(workspace);
    for (const Dense& d : dense_) total = needs_copy(d) ? checked_size(total, d.bytes) : total;
    memory_.resize(total + kLine);
    std::byte* at = memory_.data() + (kLine - reinterpret_cast<uintptr_t>(memory_.data()) % kLine) % kLine;
    workspace_ = at;
    at += aligned(workspace);
    for (Dense& d : dense_) {
      if (!needs_copy(d)) continue;
      d.copy = at;
      at += aligned(d.bytes);
    }
  }
  static size_t checked_size(size_t total, size_t bytes) {
    return static_cast<size_t>(
        add_or_fail(static_cast<int64_t>(total), static_cast<int64_t>(aligned(bytes)), "memory of a plugin"));
  }
  static bool needs_copy(const Dense& d) {
    for (const BoundView* view = d.view; view != nullptr; view = view->first) {
      for (int i = 0; i < d.rank; ++i) {
        if (d.dims[i] != 1 && view->stride_bytes[i] != d.strides[i]) return true;
      }
    }
    return false;
  }

  static std::byte* enter(const Dense& d, const int64_t* slots, bool input) {
    if (d.copy == nullptr || d.fits(slots)) return d.view->address(slots);
    if (input && d.bytes > 0) move<false>(d, d.view->active(slots).stride_bytes, d.view->address(slots), d.copy, 0);
    return d.copy;
  }
  static void leave(const Dense& d, const int64_t* slots) {
    if (d.copy == nullptr || d.fits(slots) || d.bytes == 0) return;
    move<true>(d, d.view->active(slots).stride_bytes, d.view->address(slots), d.copy, 0);
  }

  /// The plugin sees one tensor: a copy of the input where the output is.
  void share(const Alias& alias) const {
    if (addresses_[alias.input] == addresses_[alias.output]) return;
    std::memcpy(addresses_[alias.output], addresses_[alias.input], dense_[alias.input].bytes);
    addresses_[alias.input] = addresses_[alias.output];
  }

  bool ready() const noexcept {
    if (slot_->configured == number_) return true;
    try {
      slot_->instance->configure(in_, out_);
      slot_->configured = number_;
      return true;
    } catch (...) {
      return false;
    }
  }

  PluginHost* host_ = nullptr;
  PluginHost::Slot* slot_ = nullptr;
  size_t outputs_, inputs_ = 0, elements_ = 0;
  uint64_t number_ = 0;
  std::vector<Dense> dense_;
  std::vector<PluginTensor> in_, out_;
  std::vector<Alias> aliases_;
  std::vector<std::byte> memory_;
  std::byte* workspace_ = nullptr;
  mutable std::vector<void*> addresses_;
};

}  // namespace

/// attrs: number of the plugin, number of outputs, their ranks as the plugin is told, the input whose memory each shares or -1;
/// exprs: extents of the outputs
std::unique_ptr<KernelBody> bind_plugin(const KernelBinding& binding) { return std::make_unique<Plugin>(binding); }

}  // namespace rondo::runtime
