// A slice that may leave its operand. Which element of x a position of an axis reads depends on that axis alone, so all
// wrapping, clamping and mirroring is done once, when shapes are bound. Along the axis that moves, neighbours that read
// neighbours form a run (padding has three: fill, x, fill), and runs are memory copies.
#include "kernels/cpu/structured/sampled_slice.h"

#include <algorithm>

#include "kernels/cpu/structured/strided_copy.h"

namespace rondo::kernels {

namespace {

/// Longer runs are cut, so that a team can share them. About 100 ns of copying per thousand words against 10 ns per run.
constexpr int64_t kRunElements = 16384;
/// A run that is transposed needs some rows of x at once, or every line of x is read once per element.
constexpr int64_t kFewestRows = 64;

int64_t modulo(__int128 a, int64_t n) { return static_cast<int64_t>(((a % n) + n) % n); }

int64_t index_for(Sampling mode, __int128 at, int64_t n) {
  if (at >= 0 && at < n) return static_cast<int64_t>(at);
  switch (mode) {
    case Sampling::kWrap:
      return modulo(at, n);
    case Sampling::kClamp:
      return at < 0 ? 0 : n - 1;
    case Sampling::kReflect: {
      if (n == 1) return 0;
      const int64_t period = 2 * (n - 1), inside = modulo(at, period);
      return inside < n ? inside : period - inside;
    }
    case Sampling::kStrict:
    case Sampling::kFill:
      break;
  }
  return -1;
}

int64_t source(const SampledSliceShape& s, int axis, int64_t i) {
  return index_for(s.mode, static_cast<__int128>(s.start[axis]) + static_cast<__int128>(s.stride[axis]) * i, s.x[axis]);
}

bool is_whole(const SampledSliceShape& s, int axis) {
  return s.start[axis] == 0 && s.y[axis] == s.x[axis] && (s.stride[axis] == 1 || s.y[axis] == 1);
}

/// How many positions from i on read inside of x without help; 0 if i itself does not.
int64_t count_inside(const SampledSliceShape& s, int axis, int64_t i) {
  const __int128 at = static_cast<__int128>(s.start[axis]) + static_cast<__int128>(s.stride[axis]) * i;
  if (at < 0 || at >= s.x[axis]) return 0;
  const auto inside = static_cast<int64_t>(at);
  const int64_t stride = s.stride[axis];
  if (stride == 0) return INT64_MAX;
  return 1 + (stride > 0 ? (s.x[axis] - 1 - inside) / stride : inside / (stride == INT64_MIN ? INT64_MAX : -stride));
}

/// True if the next position, which reads `from`, continues the run; its second element fixes the step.
bool extends(SampledSlice::Run* run, int64_t from, int64_t limit) {
  if (run->count >= limit) return false;
  if (from < 0 || run->from < 0) return from < 0 && run->from < 0;
  if (run->count == 1) run->step = from - run->from;
  return from == run->from + run->count * run->step;
}

std::vector<SampledSlice::Run> runs_of(const SampledSliceShape& s, int axis, int64_t limit) {
  std::vector<SampledSlice::Run> runs;
  for (int64_t i = 0; i < s.y[axis];) {
    const int64_t inside = std::min({count_inside(s, axis, i), s.y[axis] - i, limit});
    const int64_t from = source(s, axis, i);
    if (inside > 1) {
      runs.push_back({i, inside, from, s.stride[axis]});
      i += inside;
      continue;
    }
    if (!runs.empty() && extends(&runs.back(), from, limit)) {
      ++runs.back().count;
    } else {
      runs.push_back({i, 1, from, 1});
    }
    ++i;
  }
  return runs;
}

/// Where a call writes and reads: everything about strides that does not change from run to run.
struct Copy {
  int rank = 0;  ///< the run axis and the block behind it
  int64_t dims[kMaxStridedRank] = {};
  int64_t y[kMaxStridedRank] = {}, x[kMaxStridedRank] = {}, zero[kMaxStridedRank] = {};
  size_t bytes = 0;
  int64_t block_bytes = 0;  ///< if the block is dense on both sides, else 0

  Copy(const SampledSlice& slice, const Strided& from, const Strided& to) : bytes(dtype_bytes(to.dtype)) {
    for (int i = slice.run_axis; i < slice.shape.rank; ++i, ++rank) {
      dims[rank] = slice.shape.y[i];
      y[rank] = to.strides[i];
      x[rank] = from.strides[i];
    }
    int64_t dense = static_cast<int64_t>(bytes);
    bool is_dense = true;
    for (int i = rank - 1; i > 0; --i) {
      is_dense = is_dense && (dims[i] == 1 || (y[i] == dense && x[i] == dense));
      dense *= dims[i];
    }
    if (is_dense) block_bytes = dense;
  }

  void run(std::byte* to, const std::byte* from, int64_t count, int64_t step) {
    const int64_t x_step = step * x[0];
    if (block_bytes > 0 && x_step == block_bytes && y[0] == block_bytes) {
      const int64_t words = count * block_bytes / static_cast<int64_t>(bytes);
      return copy_run(to, static_cast<int64_t>(bytes), from, static_cast<int64_t>(bytes), words, bytes);
    }
    if (block_bytes == static_cast<int64_t>(bytes)) return copy_run(to, y[0], from, x_step, count, bytes);
    const int64_t kept_stride = x[0];
    x[0] = x_step;
    dims[0] = count;
    copy_strided(rank, dims, to, y, from, x, bytes);
    x[0] = kept_stride;
  }
  void fill(std::byte* to, const std::byte* value, int64_t count) {
    if (block_bytes > 0 && y[0] == block_bytes) {
      return copy_run(to, static_cast<int64_t>(bytes), value, 0, count * block_bytes / static_cast<int64_t>(bytes),
                      bytes);
    }
    dims[0] = count;
    copy_strided(rank, dims, to, y, value, zero, bytes);
  }
};

/// Offsets of row `row`; false if it lies outside of x.
bool find_row(const SampledSlice& slice, const Strided& x, const Strided& y, int64_t row, int64_t* from, int64_t* to) {
  *from = *to = 0;
  bool inside = true;
  for (int i = slice.run_axis - 1; i >= 0; --i) {
    const int64_t at = row % slice.shape.y[i];
    row /= slice.shape.y[i];
    const int64_t index = slice.index[i][static_cast<size_t>(at)];
    inside = inside && index >= 0;
    *to += at * y.strides[i];
    *from += index * x.strides[i];
  }
  return inside;
}

}  // namespace

SampledSlice resolve_sampled_slice(const SampledSliceShape& shape) {
  SampledSlice slice;
  slice.shape = shape;
  SampledSliceShape& s = slice.shape;
  if (s.rank == 0) {
    s.rank = 1;
    s.x[0] = s.y[0] = s.stride[0] = 1;
  }
  int64_t block = 1;
  slice.run_axis = s.rank - 1;
  while (slice.run_axis > 0 && is_whole(s, slice.run_axis)) block *= s.y[slice.run_axis--];
  if (std::find(s.y, s.y + s.rank, 0) != s.y + s.rank) return slice;  // no runs
  slice.runs = runs_of(s, slice.run_axis, block == 1 ? kRunElements : std::max(kFewestRows, kRunElements / block));
  for (int axis = 0; axis < slice.run_axis; ++axis) {
    for (int64_t i = 0; i < s.y[axis]; ++i) slice.index[axis].push_back(source(s, axis, i));
    slice.rows *= s.y[axis];
  }
  return slice;
}

void sampled_slice(const SampledSlice& slice, const Strided& x, const std::byte* fill, const Strided& y, int64_t first,
                   int64_t last) {
  if (first >= last) return;
  static constexpr std::byte kZero[8] = {};
  Copy copy(slice, x, y);
  const std::byte* value = fill != nullptr ? fill : kZero;
  const auto runs = static_cast<int64_t>(slice.runs.size());
  int64_t row = first / runs, at = first % runs, from = 0, to = 0;
  bool inside = find_row(slice, x, y, row, &from, &to);
  for (int64_t unit = first; unit < last; ++unit) {
    const SampledSlice::Run& run = slice.runs[static_cast<size_t>(at)];
    std::byte* target = y.data + to + run.at * copy.y[0];
    if (inside && run.from >= 0) {
      copy.run(target, x.data + from + run.from * copy.x[0], run.count, run.step);
    } else {
      copy.fill(target, value, run.count);
    }
    if (++at < runs || unit + 1 == last) continue;
    at = 0;
    inside = find_row(slice, x, y, ++row, &from, &to);
  }
}

}  // namespace rondo::kernels
