// reason: one abstract interpretation; its parts call each other.
// Finds which bytes every step can touch, without running anything.
//
// Takes a program and the values of its expressions; gives, for each step, byte intervals and the checks that must wait
// for run time. The walk follows the order of execution and carries the interval of values of every loop counter:
// inside `for s in 0..T` it is [0, T-1], behind the loop exactly T. A counter of a nested loop that is read before that
// loop runs again has some earlier value, so its interval is given up ("open"). Interval arithmetic on offset + sum of
// stride * index then bounds each view:
//   y[t-1] with first = h0:   counter 0 -> extent of h0;  counters 1..T-1 -> extent of y shifted by one
// Products fit 128 bits because extents and strides are limited to 2^46 elements first.
#include "runtime/cpu/binding/footprint.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "runtime/cpu/binding/operands.h"

namespace rondo::runtime {

using plan::Program;
using plan::StepKind;
using plan::TermKind;
using plan::View;

namespace {

using Wide = __int128;
constexpr int64_t kLargest = int64_t{1} << 46;
constexpr int kMaxChain = 8;

/// Extent of a view in bytes relative to its buffer.
struct Extent {
  Wide lo = 0, hi = 0;  ///< of the first bytes of elements
  Wide axis_lo = 0, axis_hi = 0;
  bool uncertain = false;  ///< moved by an open or soft counter
  bool unbounded = false;  ///< moved by an open counter
  int64_t strides[kMaxAxes + kMaxTerms];
  Wide spans[kMaxAxes + kMaxTerms];
  int moving = 0;  ///< how many strides take more than one value
};

void require_sane(int64_t value) {
  if (value >= -kLargest && value <= kLargest) return;
  fail(Code::kInvalidArgument, "an extent, offset or stride of ", value, " is beyond what memory can hold");
}

/// Adds index * stride for index in lo..hi.
void widen(Extent* e, int64_t stride, int64_t lo, int64_t hi) {
  const Wide a = Wide{stride} * lo, b = Wide{stride} * hi;
  e->lo += std::min(a, b);
  e->hi += std::max(a, b);
  if (stride == 0 || lo == hi) return;
  e->strides[e->moving] = std::abs(stride);
  e->spans[e->moving++] = a < b ? b - a : a - b;
}

class Walk {
 public:
  Walk(const Program& program, std::span<const int64_t> exprs, std::span<const BoundBuffer> buffers,
       const BoundViews& views)
      : program_(program), exprs_(exprs), buffers_(buffers), views_(views), out_(program.steps.size()) {}

  std::vector<Footprint> run(const StepRange& range) {
    std::vector<SlotRange> ranges(program_.slot_count);
    for (SlotRange& slot : ranges) slot.open = !range.whole();
    steps(range.steps(program_), ranges);
    return std::move(out_);
  }

 private:
  using Ranges = std::vector<SlotRange>;

  void block(uint32_t index, Ranges& ranges) { steps(program_.blocks[index].steps, ranges); }

  void steps(std::span<const uint32_t> list, Ranges& ranges) {
    for (const uint32_t s : list) {
      try {
        step(s, ranges);
      } catch (const Error& error) {
        if (located_) throw;
        located_ = true;
        throw Error(error.code(), text("'", program_.steps[s].origin, "': ", error.what()));
      }
    }
  }

  void step(uint32_t s, Ranges& ranges) {
    const plan::Step& step = program_.steps[s];
    current_ = &out_[s];
    current_->live = true;
    switch (step.kind) {
      case StepKind::kStage:
        stage(program_.stages[step.index], ranges);
        break;
      case StepKind::kKernel:
        kernel(program_.kernels[step.index], ranges);
        break;
      case StepKind::kLoop:
        loop(program_.loops[step.index], ranges);
        break;
      case StepKind::kBreak:
        operand({program_.breaks[step.index].flag, {}, true, false}, ranges);
        break;
      case StepKind::kConditional:
        conditional(program_.conditionals[step.index], ranges);
        break;
      case StepKind::kParallel:
        for (const uint32_t b : program_.parallels[step.index].blocks) block(b, ranges);
        break;
      case StepKind::kRead:
        fail(Code::kInvalidArgument, "sizes are read from data inside of what is bound before");
    }
  }

  void stage(const plan::Stage& stage, const Ranges& ranges) {
    for (const Operand& o : operands_of(program_, stage, exprs_)) operand(o, ranges);
    for (const uint32_t slot : stage.slots) note_slot(slot);
  }

  void kernel(const plan::Kernel& kernel, const Ranges& ranges) {
    for (const Operand& o : operands_of(program_, kernel, exprs_)) operand(o, ranges);
    for (const uint32_t slot : kernel.slots) note_slot(slot);
  }

  void conditional(const plan::Conditional& c, Ranges& ranges) {
    if (c.value != plan::kNone) {
      const uint32_t taken = exprs_[c.value] != 0 ? c.then_block : c.else_block;
      if (taken != plan::kNone) block(taken, ranges);
      return;
    }
    operand({c.flag, {}, true, false}, ranges);
    Ranges other = ranges;
    ++softness_;
    if (c.then_block != plan::kNone) block(c.then_block, ranges);
    if (c.else_block != plan::kNone) block(c.else_block, other);
    --softness_;
    for (size_t i = 0; i < ranges.size(); ++i) join(&ranges[i], other[i]);
  }

  void loop(const plan::Loop& loop, Ranges& ranges) {
    if (loop.count_view != plan::kNone) operand({loop.count_view, {}, true, false}, ranges);
    const bool known = loop.trips != plan::kNone;
    const int64_t trips = known ? std::max<int64_t>(exprs_[loop.trips], 0) : 0;
    const bool breaks = has_break(loop.body);
    const Ranges before = ranges;
    if (!known || trips > 0) {
      std::vector<uint32_t> inner;
      collect_slots(loop.body, &inner);
      for (const uint32_t slot : inner) ranges[slot].open = true;
      ranges[loop.slot] = {0, trips - 1, !known, breaks};
      enclosing_.push_back(loop.slot);
      block(loop.body, ranges);
      enclosing_.pop_back();
      if (breaks || !known) {
        for (const uint32_t slot : inner) join(&ranges[slot], before[slot]);
      }
    }
    ranges[loop.slot] = {known && !breaks ? trips : 0, trips, !known, breaks};
  }

  static void join(SlotRange* a, const SlotRange& b) {
    if (a->lo == b.lo && a->hi == b.hi && a->open == b.open) return;
    a->open = true;
  }

  /// Slots that loops below a block assign.
  void collect_slots(uint32_t b, std::vector<uint32_t>* slots) const {
    for (const uint32_t s : program_.blocks[b].steps) {
      const plan::Step& step = program_.steps[s];
      if (step.kind == StepKind::kLoop) {
        slots->push_back(program_.loops[step.index].slot);
        collect_slots(program_.loops[step.index].body, slots);
      } else if (step.kind == StepKind::kConditional) {
        const auto& c = program_.conditionals[step.index];
        if (c.then_block != plan::kNone) collect_slots(c.then_block, slots);
        if (c.else_block != plan::kNone) collect_slots(c.else_block, slots);
      } else if (step.kind == StepKind::kParallel) {
        for (const uint32_t p : program_.parallels[step.index].blocks) collect_slots(p, slots);
      }
    }
  }

  /// True if a break below the block leaves the loop whose body it is.
  bool has_break(uint32_t b) const {
    for (const uint32_t s : program_.blocks[b].steps) {
      const plan::Step& step = program_.steps[s];
      if (step.kind == StepKind::kBreak) return true;
      if (step.kind == StepKind::kConditional) {
        const auto& c = program_.conditionals[step.index];
        if (c.then_block != plan::kNone && has_break(c.then_block)) return true;
        if (c.else_block != plan::kNone && has_break(c.else_block)) return true;
      } else if (step.kind == StepKind::kParallel) {
        for (const uint32_t p : program_.parallels[step.index].blocks) {
          if (has_break(p)) return true;
        }
      }
    }
    return false;
  }

  void note_slot(uint32_t slot) {
    if (std::find(enclosing_.begin(), enclosing_.end(), slot) != enclosing_.end()) return;
    auto& outer = current_->outer_slots;
    if (std::find(outer.begin(), outer.end(), slot) == outer.end()) outer.push_back(slot);
  }

  /// One operand: a guard of stores cuts the counter's range for what is only stored.
  void operand(const Operand& o, Ranges ranges) {
    if (!o.read && !o.written) return;
    const View& view = program_.views[o.view];
    const bool guarded = view.guard_slot != plan::kNone;
    if (guarded) note_slot(view.guard_slot);
    if (o.read) access(o, o.view, ranges, false, false);
    if (!o.written) return;
    if (guarded) {
      SlotRange& range = ranges[view.guard_slot];
      const int64_t limit = exprs_[view.guard_limit] - 1;
      if (range.open)
        range = {range.lo, limit, false, true};
      else
        range.hi = std::min(range.hi, limit);
      if (range.empty()) return;
    }
    access(o, o.view, ranges, true, guarded && !o.read);
  }

  /// Records the bytes of `member`, which stands for o.view while the counters in `ranges` hold.
  void access(const Operand& o, plan::ViewId member, Ranges& ranges, bool write, bool store_only) {
    const View& view = program_.views[member];
    if (view.strides.size() != o.space.size()) {
      fail(Code::kInvalidArgument, "a view of the plan has ", view.strides.size(), " strides, its step ",
           o.space.size(), " axes");
    }
    if (view.first == plan::kNone) return record(o, member, ranges, write, store_only);
    note_slot(view.first_slot);
    if (++chain_ > kMaxChain)
      fail(Code::kInvalidArgument, "a carried value has more than ", kMaxChain, " initial views in a row");
    const SlotRange all = ranges[view.first_slot];
    if (all.lo <= 0 || all.open) {
      ranges[view.first_slot] = {0, 0, false, all.open || all.soft};
      access(o, view.first, ranges, write, store_only);
    }
    ranges[view.first_slot] = {std::max<int64_t>(all.lo, 1), all.hi, all.open, all.soft};
    if (!ranges[view.first_slot].empty()) record(o, member, ranges, write, store_only);
    ranges[view.first_slot] = all;
    --chain_;
  }

  Extent extent_of(const View& view, const std::vector<int64_t>& space, int64_t bytes, const Ranges& ranges) {
    Extent e;
    require_sane(exprs_[view.offset]);
    for (size_t i = 0; i < space.size(); ++i) {
      require_sane(space[i]);
      require_sane(exprs_[view.strides[i]]);
      widen(&e, exprs_[view.strides[i]] * bytes, 0, space[i] - 1);
    }
    e.axis_lo = e.lo;
    e.axis_hi = e.hi;
    for (const plan::Term& term : view.terms) {
      note_slot(term.slot);
      const int64_t stride = exprs_[term.stride];
      require_sane(stride);
      SlotRange range = ranges[term.slot];
      const bool parity = term.kind != TermKind::kForward;
      if (parity) {
        const bool one_value = !range.open && range.lo == range.hi;
        const int64_t bit = (range.lo + (term.kind == TermKind::kNextParity)) & 1;
        range = one_value ? SlotRange{bit, bit} : SlotRange{0, 1};
      }
      if (stride == 0) continue;
      e.uncertain = e.uncertain || range.open || range.soft || softness_ > 0;
      e.unbounded = e.unbounded || range.open;
      widen(&e, stride * bytes, range.lo, range.open ? range.lo : range.hi);
    }
    return e;
  }

  void record(const Operand& o, plan::ViewId member, const Ranges& ranges, bool write, bool store_only) {
    const View& view = program_.views[member];
    const BoundBuffer& buffer = buffers_[view.buffer];
    const int64_t bytes = static_cast<int64_t>(dtype_bytes(program_.buffers[view.buffer].dtype));
    if (std::find(o.space.begin(), o.space.end(), 0) != o.space.end()) return;
    const Extent e = extent_of(view, o.space, bytes, ranges);
    const Wide offset = Wide{exprs_[view.offset]} * bytes;
    const bool inside = !e.unbounded && offset + e.lo >= 0 && offset + e.hi + bytes <= buffer.bytes;
    if (!inside && !e.uncertain) report_escape(view, offset + e.lo, offset + e.hi + bytes, buffer.bytes);
    if (!inside) {
      current_->checks.push_back({views_.data() + o.view, views_.data() + member, static_cast<int64_t>(offset),
                                  static_cast<int64_t>(e.axis_lo), static_cast<int64_t>(e.axis_hi + bytes),
                                  buffer.bytes, store_only});
    }
    if (buffer.space == kNoSpace) return;
    Access access{buffer.space, buffer.space_offset, buffer.space_offset + buffer.bytes, write};
    if (inside) {
      access.lo = buffer.space_offset + static_cast<int64_t>(offset + e.lo);
      access.hi = buffer.space_offset + static_cast<int64_t>(offset + e.hi) + bytes;
      find_columns(e, bytes, &access);
    }
    current_->accesses.push_back(access);
  }

  /// The smallest stride that all longer ones are multiples of, if what is shorter stays inside one period.
  static void find_columns(const Extent& e, int64_t bytes, Access* access) {
    for (int i = 0; i < e.moving; ++i) {
      const int64_t period = e.strides[i];
      Wide width = bytes;
      for (int j = 0; j < e.moving; ++j) width += e.strides[j] % period == 0 ? 0 : e.spans[j];
      const int64_t column = access->lo % period;
      if (period <= bytes || column + width > period) continue;
      if (access->period != 0 && access->period <= period) continue;
      access->period = period;
      access->column_lo = column;
      access->column_hi = column + static_cast<int64_t>(width);
    }
  }

  [[noreturn]] void report_escape(const View& view, Wide lo, Wide hi, int64_t size) const {
    const plan::Buffer& buffer = program_.buffers[view.buffer];
    const bool bound = buffer.storage == plan::Storage::kInput || buffer.storage == plan::Storage::kOutput;
    const std::string name = bound ? "tensor '" + program_.bindings[buffer.index].name + "'"
                             : buffer.storage == plan::Storage::kConstant ? "a constant"
                                                                          : "a temporary tensor";
    const std::string cause = view.terms.empty() ? "the plan does not fit these shapes"
                                                 : "a loop runs more iterations than the tensor it walks has entries";
    fail(Code::kInvalidArgument, "would touch bytes ", static_cast<int64_t>(lo), " to ", static_cast<int64_t>(hi),
         " of ", name, ", which has ", size, "; ", cause);
  }

  const Program& program_;
  std::span<const int64_t> exprs_;
  std::span<const BoundBuffer> buffers_;
  const BoundViews& views_;
  std::vector<Footprint> out_;
  Footprint* current_ = nullptr;
  std::vector<uint32_t> enclosing_;
  int softness_ = 0;      ///< conditionals around the current step
  int chain_ = 0;         ///< `first` links followed for the current operand
  bool located_ = false;  ///< the error in flight names its step
};

}  // namespace

bool conflicts(const Access& a, const Access& b) {
  if (a.space != b.space || !(a.write || b.write) || (a.threads <= 1 && b.threads <= 1)) return false;
  if (a.hi <= b.lo || b.hi <= a.lo) return false;
  if (a.period == 0 || a.period != b.period) return true;
  return a.column_lo < b.column_hi && b.column_lo < a.column_hi;
}

bool RuntimeCheck::holds(const int64_t* slots) const {
  if (&view->active(slots) != member || (store_only && !view->stores_now(slots))) return true;
  Wide at = offset;
  for (int i = 0; i < member->terms; ++i) {
    const BoundTerm& term = member->term[i];
    int64_t t = slots[term.slot];
    if (term.kind == TermKind::kParity) t &= 1;
    if (term.kind == TermKind::kNextParity) t = (t + 1) & 1;
    at += Wide{t} * term.stride_bytes;
  }
  return at + lo >= 0 && at + hi <= size;
}

std::vector<Footprint> find_footprints(const Program& program, std::span<const int64_t> exprs,
                                       std::span<const BoundBuffer> buffers, const BoundViews& views,
                                       const StepRange& range) {
  return Walk(program, exprs, buffers, views).run(range);
}

}  // namespace rondo::runtime
