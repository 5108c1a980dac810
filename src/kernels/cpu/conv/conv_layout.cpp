// Strides and input dilation, taken away. Output o of an axis takes tap t from element
//   i(o, t) = (o S + t L - pre) / D       if D divides; S stride, L dilation, D input dilation
// Write o = q P + r with P = D / gcd(S, D): whether D divides depends on r and t alone, and
//   i = q S' + e(r, t)                    with S' = S / gcd(S, D), e = (r S + t L - pre) / D.
// So an axis is P convolutions of stride S' that share the input, each with the taps that survive. (A transposed
// convolution, S = 1, D = 2, kernel 4: two phases of stride 1 with two taps each.) A stride goes the same way on the
// input's side: with e = f S' + c, 0 <= c < S', tap t reads element q + f of plane c, the input sampled at c, c + S',
// ...
#include "kernels/cpu/conv/conv_layout.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace rondo::kernels {
namespace {

int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
int64_t ceil_div(int64_t a, int64_t b) { return -floor_div(-a, b); }

// True if one of `count` pixels meets the input.
bool meets_input(const ConvAxisPlan& plan, int64_t e, int64_t count) {
  const int64_t q = std::max<int64_t>(0, ceil_div(-e, plan.step));
  return q < count && q * plan.step + e < plan.axis.in;
}

int64_t plane_of(ConvAxisPlan* plan, int64_t residue) {
  auto& all = plan->residues;
  const auto at = std::find(all.begin(), all.end(), residue);
  if (at != all.end()) return at - all.begin();
  all.push_back(residue);
  return static_cast<int64_t>(all.size()) - 1;
}

ConvPhase make_phase(ConvAxisPlan* plan, int64_t index) {
  const ConvAxis& a = plan->axis;
  ConvPhase phase;
  phase.count = ceil_div(std::max<int64_t>(a.out - index, 0), plan->period);
  for (int64_t t = 0; t < a.kernel; ++t) {
    const int64_t spread = index * a.stride + t * a.dilation - a.pre;
    const int64_t e = floor_div(spread, a.input_dilation);
    if (e * a.input_dilation != spread || !meets_input(*plan, e, phase.count)) continue;
    const int64_t shift = floor_div(e, plan->step);
    phase.taps.push_back({t, plane_of(plan, e - shift * plan->step), shift});
  }
  return phase;
}

}  // namespace

ConvAxisPlan plan_conv_axis(const ConvAxis& axis) {
  ConvAxisPlan plan;
  plan.axis = axis;
  const int64_t common = std::gcd(axis.stride, axis.input_dilation);
  plan.period = axis.input_dilation / common;
  plan.step = axis.stride / common;
  const int64_t phases = std::clamp<int64_t>(axis.out, 1, plan.period);
  for (int64_t i = 0; i < phases; ++i) plan.phases.push_back(make_phase(&plan, i));
  bool any = false;
  for (const ConvPhase& phase : plan.phases) {
    for (const ConvTap& tap : phase.taps) {
      plan.first_shift = any ? std::min(plan.first_shift, tap.shift) : tap.shift;
      plan.last_shift = any ? std::max(plan.last_shift, tap.shift) : tap.shift;
      any = true;
    }
  }
  if (!any) plan.residues.assign(1, 0);
  return plan;
}

ConvBoxAxis box_conv_axis(const ConvAxisPlan& plan, int64_t boxes) {
  ConvBoxAxis box;
  const int64_t count = plan.count();
  box.extent = ceil_div(std::max<int64_t>(count, 1), boxes);
  box.boxes = ceil_div(count, box.extent);
  if (box.boxes > 1) {
    box.lead = plan.first_shift;
    box.pitch = box.data = box.extent + plan.last_shift - plan.first_shift;
    return box;
  }
  box.lead = std::max<int64_t>(plan.first_shift, 0);
  const int64_t reach = count - 1 + plan.last_shift;
  const int64_t last = std::min(reach, plan.axis.in == 0 ? -1 : (plan.axis.in - 1) / plan.step);
  box.data = std::max<int64_t>(last - box.lead + 1, 0);
  const int64_t before = box.lead - plan.first_shift, behind = reach - (box.lead + box.data - 1);
  box.pitch = std::max(count, box.data + std::max(before, behind));
  return box;
}

ConvSegments choose_segments(const std::array<int64_t, 3>& extent, const std::array<int64_t, 3>& pitch, int64_t lanes) {
  const int64_t row = extent[2];
  const int64_t slice = (extent[1] - 1) * pitch[1] + row;
  const int64_t all = (extent[0] - 1) * pitch[0] + slice;
  const ConvSegments choices[] = {{2, all, ceil_div(all, lanes)},
                                  {1, slice, extent[0] * ceil_div(slice, lanes)},
                                  {0, row, extent[0] * extent[1] * ceil_div(row, lanes)}};
  return *std::min_element(std::begin(choices), std::end(choices),
                           [](const ConvSegments& a, const ConvSegments& b) { return a.vectors < b.vectors; });
}

}  // namespace rondo::kernels
