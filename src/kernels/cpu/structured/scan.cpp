// Running sums. A row is a chain of additions, each waiting for the one before, so one row alone runs at the latency of
// an addition. Rows are independent: neighbours along the last other axis advance together, a lane each. Where that
// axis is dense in memory the lanes are vectors; where the scanned axis is the dense one, eight rows hide each other's
// latency.
#include "kernels/cpu/structured/scan.h"

#include <algorithm>

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

namespace {

constexpr int64_t kDenseLanes = 256, kStridedLanes = 8;

/// The last axis but the scanned one; -1 for a single row.
int lane_axis(const ScanShape& s) {
  const int axis = s.axis == s.rank - 1 ? s.rank - 2 : s.rank - 1;
  return axis;
}

int64_t lanes_per_unit(const ScanShape& s) { return s.axis == s.rank - 1 ? kStridedLanes : kDenseLanes; }

int64_t groups(const ScanShape& s) {
  const int lane = lane_axis(s);
  return lane < 0 ? 1 : (s.dims[lane] + lanes_per_unit(s) - 1) / lanes_per_unit(s);
}

template <class Wide>
Wide sum(Wide a, Wide b) {
  if constexpr (std::is_integral_v<Wide>) {
    return static_cast<Wide>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}

struct Lanes {
  std::byte* y;
  const std::byte* x;
  int64_t y_step, x_step;  ///< along the scanned axis
  int64_t y_lane, x_lane;
  int64_t steps, lanes;
};

template <class E, bool kExclusive>
void advance(const std::byte* __restrict x, std::byte* __restrict y, int64_t x_lane, int64_t y_lane, int64_t lanes,
             typename E::Wide* __restrict total) {
  for (int64_t l = 0; l < lanes; ++l) {
    const typename E::Wide next = sum(total[l], E::load(x + l * x_lane));
    E::store(y + l * y_lane, kExclusive ? total[l] : next);
    total[l] = next;
  }
}

template <class E, bool kExclusive>
void scan_lanes(const Lanes& at) {
  constexpr auto kBytes = static_cast<int64_t>(sizeof(typename E::Storage));
  typename E::Wide total[kDenseLanes] = {};
  const std::byte* x = at.x;
  std::byte* y = at.y;
  if (at.x_lane == kBytes && at.y_lane == kBytes) {
    for (int64_t t = 0; t < at.steps; ++t, x += at.x_step, y += at.y_step) {
      advance<E, kExclusive>(x, y, kBytes, kBytes, at.lanes, total);
    }
  } else {
    for (int64_t t = 0; t < at.steps; ++t, x += at.x_step, y += at.y_step) {
      advance<E, kExclusive>(x, y, at.x_lane, at.y_lane, at.lanes, total);
    }
  }
}

/// The walk over everything but the scanned axis and the lanes: offsets of y and x.
Odometer<2> outer_walk(const ScanShape& s, const Strided& x, const Strided& y) {
  Odometer<2> outer;
  for (int i = 0; i < s.rank; ++i) {
    if (i != s.axis && i != lane_axis(s)) outer.add(s.dims[i], y.strides[i], x.strides[i]);
  }
  return outer;
}

Lanes first_lanes(const ScanShape& s, const Strided& x, const Strided& y) {
  const int lane = lane_axis(s);
  Lanes at{y.data, x.data, y.strides[s.axis], x.strides[s.axis], 0, 0, s.dims[s.axis], 1};
  if (lane >= 0) {
    at.y_lane = y.strides[lane];
    at.x_lane = x.strides[lane];
  }
  if (s.reverse) {
    at.y += (at.steps - 1) * at.y_step;
    at.x += (at.steps - 1) * at.x_step;
    at.y_step = -at.y_step;
    at.x_step = -at.x_step;
  }
  return at;
}

}  // namespace

int64_t scan_units(const ScanShape& s) {
  int64_t units = groups(s);
  for (int i = 0; i < s.rank; ++i) {
    if (s.dims[i] == 0) return 0;
    if (i != s.axis && i != lane_axis(s)) units *= s.dims[i];
  }
  return units;
}

void scan(const ScanShape& s, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  if (first >= last) return;
  const int64_t per_row = groups(s), width = lanes_per_unit(s);
  const int64_t lane_count = lane_axis(s) < 0 ? 1 : s.dims[lane_axis(s)];
  const Lanes origin = first_lanes(s, x, y);
  Odometer<2> outer = outer_walk(s, x, y);
  outer.seek(first / per_row);
  int64_t group = first % per_row;
  with_element(y.dtype, [&]<class E>() {
    for (int64_t unit = first; unit < last; ++unit) {
      Lanes at = origin;
      at.y += outer.offset[0] + group * width * at.y_lane;
      at.x += outer.offset[1] + group * width * at.x_lane;
      at.lanes = std::min(width, lane_count - group * width);
      s.exclusive ? scan_lanes<E, true>(at) : scan_lanes<E, false>(at);
      if (++group < per_row) continue;
      group = 0;
      outer.next();
    }
  });
}

}  // namespace rondo::kernels
