// reason: one builder per structure of a Program, each beside the plain loops that compute the same.
#include "runtime/sample_programs.h"

#include <cmath>
#include <cstring>

namespace rondo::runtime::testing {

using F = PointwiseFn;
constexpr DType kF32 = DType::kFloat32;
constexpr DType kI32 = DType::kInt32;

namespace {

/// Small exact numbers, so that sums have one value in any order.
std::vector<float> numbers(int64_t count, int seed) {
  std::vector<float> out;
  for (int64_t i = 0; i < count; ++i) out.push_back(static_cast<float>((i * 37 + seed * 11) % 17 - 8) / 8);
  return out;
}

tile::TileProgram add_tail() {
  TileBuilder t;
  const auto sum = t.fn(F::f_add, {t.load(0, kF32), t.load(1, kF32)});
  t.store(2, kF32, sum);
  return t.take();
}

Sample pointwise() {
  ProgramBuilder b;
  const auto x = b.input("x", {-64, 8}), y = b.input("y", {-64, 8});
  b.program.bindings[1].dim_exprs[0] = b.dim(x, 0);
  const auto z = b.output("z", {b.dim(x, 0), b.c(8)});
  std::vector<ViewId> views;
  for (const auto buffer : {x, y, z}) views.push_back(b.view({buffer, b.c(0), {b.c(8), b.c(1)}}));
  b.stage({b.dim(x, 0), b.c(8)}, add_tail(), views);
  Sample s{"pointwise", b.program, {{40, 8}, {40, 8}}, {}, {}};
  const auto xs = numbers(320, 1), ys = numbers(320, 2);
  std::vector<float> zs;
  for (size_t i = 0; i < xs.size(); ++i) zs.push_back(xs[i] + ys[i]);
  s.inputs = {bytes_of(xs), bytes_of(ys)};
  s.expected = {bytes_of(zs)};
  return s;
}

/// c = 2c + x[t] in place over t, then out = c.
Sample in_place_state() {
  constexpr int64_t kSteps = 7, kWidth = 100;
  ProgramBuilder b;
  const auto x = b.input("x", {kSteps, kWidth});
  const auto out = b.output("out", {b.c(kWidth)});
  const auto state = b.arena(kWidth);
  const auto slot = b.slot();
  TileBuilder zero;
  zero.store(0, kF32, zero.constant(0));
  b.stage({b.c(kWidth)}, zero.take(), {b.view({state, b.c(0), {b.c(1)}})});
  b.begin_loop(slot, b.c(kSteps));
  TileBuilder t;
  const auto twice = t.fn(F::f_mul, {t.load(0, kF32), t.constant(2)});
  const auto sum = t.fn(F::f_add, {twice, t.load(1, kF32)});
  t.store(0, kF32, sum);
  b.stage(
      {b.c(kWidth)}, t.take(),
      {b.view({state, b.c(0), {b.c(1)}}), b.view({x, b.c(0), {b.c(1)}, {{slot, TermKind::kForward, b.c(kWidth)}}})});
  b.end();
  TileBuilder copy;
  copy.store(1, kF32, copy.load(0, kF32));
  b.stage({b.c(kWidth)}, copy.take(), {b.view({state, b.c(0), {b.c(1)}}), b.view({out, b.c(0), {b.c(1)}})});
  Sample s{"in_place_state", b.program, {{kSteps, kWidth}}, {}, {}};
  const auto xs = numbers(kSteps * kWidth, 3);
  std::vector<float> c(kWidth, 0);
  for (int64_t t2 = 0; t2 < kSteps; ++t2) {
    for (int64_t i = 0; i < kWidth; ++i)
      c[static_cast<size_t>(i)] = 2 * c[static_cast<size_t>(i)] + xs[static_cast<size_t>(t2 * kWidth + i)];
  }
  s.inputs = {bytes_of(xs)};
  s.expected = {bytes_of(c)};
  return s;
}

/// h = W h + x[t] over T with parity states: h(0) = h0, written to the other half each step; out = h after the loop.
Sample parity_gemm(int64_t steps, bool reverse) {
  constexpr int64_t kH = 24, kB = 3;
  ProgramBuilder b;
  const auto x = b.input("x", {-20, kB, kH});
  const auto h0 = b.input("h0", {kB, kH});
  const auto out = b.output("out", {b.c(kB), b.c(kH)});
  const auto w = b.constant(numbers(kH * kH, 5));
  const auto state = b.arena(2 * kB * kH);
  const auto slot = b.slot();
  const auto row = b.c(kB * kH), kh = b.c(kH), one = b.c(1), zero = b.c(0);
  b.program.packed.push_back({b.program.buffers[w].index, 0, kH, 1, 0, kH, kH, 1});
  b.begin_loop(slot, b.dim(x, 0));
  const auto first = b.view({h0, zero, {kh, one}});
  const auto h = b.view({state, zero, {kh, one}, {{slot, TermKind::kParity, row}}, first, slot});
  const auto next = b.view({state, zero, {kh, one}, {{slot, TermKind::kNextParity, row}}});
  const auto last = b.mul(b.add(b.dim(x, 0), b.c(-1)), row);
  const auto xt = reverse ? b.view({x, last, {kh, one}, {{slot, TermKind::kForward, b.c(-kB * kH)}}})
                          : b.view({x, zero, {kh, one}, {{slot, TermKind::kForward, row}}});
  TileBuilder t;
  const auto sum = t.fn(F::f_add, {t.acc(0), t.load(0, kF32)});
  const auto small = t.fn(F::f_mul, {sum, t.constant(0.125)});
  t.store(1, kF32, small);
  b.stage({b.c(kB), b.c(kH)}, t.take(), {xt, next}, {plan::Gemm{h, 0, plan::kNone, kh, 1, 0, false}});
  b.end();
  TileBuilder copy;
  copy.store(1, kF32, copy.load(0, kF32));
  b.stage({b.c(kB), b.c(kH)}, copy.take(), {h, b.view({out, zero, {kh, one}})});

  Sample s{std::string("parity_gemm") + (reverse ? "_reverse" : "") + std::to_string(steps),
           b.program,
           {{steps, kB, kH}, {kB, kH}},
           {},
           {},
           1e-5};
  const auto xs = numbers(steps * kB * kH, 6), ws = numbers(kH * kH, 5);
  const auto start = numbers(kB * kH, 7);
  std::vector<double> hs(start.begin(), start.end());
  for (int64_t i = 0; i < steps; ++i) {
    std::vector<double> to(hs.size());
    for (int64_t r = 0; r < kB; ++r) {
      for (int64_t n = 0; n < kH; ++n) {
        double acc = xs[static_cast<size_t>(((reverse ? steps - 1 - i : i) * kB + r) * kH + n)];
        for (int64_t k = 0; k < kH; ++k)
          acc += hs[static_cast<size_t>(r * kH + k)] * ws[static_cast<size_t>(k * kH + n)];
        to[static_cast<size_t>(r * kH + n)] = acc * 0.125;
      }
    }
    hs = to;
  }
  s.inputs = {bytes_of(xs), bytes_of(start)};
  s.expected = {bytes_of(std::vector<float>(hs.begin(), hs.end()))};
  return s;
}

/// Outer loop 3, inner loop 2 doubles a copy of x; x := inner + 1; collects x: 5, 21, 85 (from x0 = 1).
Sample nested_loops() {
  ProgramBuilder b;
  const auto x0 = b.input("x0", {4});
  const auto ys = b.output("ys", {b.c(3), b.c(4)});
  const auto x = b.arena(4), inner = b.arena(4);
  const auto outer_slot = b.slot(), inner_slot = b.slot();
  const auto one = b.c(1), zero = b.c(0), four = b.c(4);
  const auto copy = [] {
    TileBuilder t;
    t.store(1, kF32, t.load(0, kF32));
    return t.take();
  };
  const auto flat = [&](uint32_t buffer) { return b.view({buffer, zero, {one}}); };
  b.stage({four}, copy(), {flat(x0), flat(x)});
  b.begin_loop(outer_slot, b.c(3));
  b.stage({four}, copy(), {flat(x), flat(inner)});
  b.begin_loop(inner_slot, b.c(2));
  TileBuilder twice;
  twice.store(0, kF32, twice.fn(F::f_mul, {twice.load(0, kF32), twice.constant(2)}));
  b.stage({four}, twice.take(), {flat(inner)});
  b.end();
  TileBuilder t;
  const auto sum = t.fn(F::f_add, {t.load(0, kF32), t.constant(1)});
  t.store(1, kF32, sum);
  t.store(2, kF32, sum);
  b.stage({four}, t.take(),
          {flat(inner), flat(x), b.view({ys, zero, {one}, {{outer_slot, TermKind::kForward, four}}})});
  b.end();
  Sample s{"nested_loops", b.program, {{4}}, {bytes_of(std::vector<float>{1, 1, 2, 0})}, {}};
  s.expected = {bytes_of(std::vector<float>{5, 5, 9, 1, 21, 21, 37, 5, 85, 85, 149, 21})};
  return s;
}

/// COUNT (from memory) and WHILE x < 6, x grows by 1 from 1; collects x before the body, zero behind, reversed in a second output.
Sample while_loop(int32_t count) {
  constexpr int64_t kLength = 8;
  ProgramBuilder b;
  const auto n = b.input("n", {}, kI32);
  const auto ys = b.output("ys", {b.c(kLength)});
  const auto back = b.output("back", {b.c(kLength)});
  const auto x = b.arena(1), go = b.arena(1, DType::kBool);
  const auto slot = b.slot();
  const auto one = b.c(1), zero = b.c(0);
  TileBuilder init;
  init.store(0, kF32, init.constant(1));
  b.stage({one}, init.take(), {b.view({x, zero, {one}})});
  b.begin_loop(slot, plan::kNone, b.scalar(n));
  TileBuilder test;
  test.store(1, DType::kBool, test.fn(F::f_less, {test.load(0, kF32), test.constant(6)}));
  b.stage({one}, test.take(), {b.view({x, zero, {one}}), b.view({go, zero, {one}})});
  b.break_if_not(b.scalar(go));
  TileBuilder t;
  const auto value = t.load(0, kF32);
  t.store(1, kF32, value);
  t.store(2, kF32, value);
  t.store(0, kF32, t.fn(F::f_add, {value, t.constant(1)}));
  const auto collected = [&](uint32_t buffer) {
    ViewSpec spec{buffer, zero, {one}, {{slot, TermKind::kForward, one}}};
    spec.guard_slot = slot;
    spec.guard_limit = b.c(kLength);
    return b.view(spec);
  };
  b.stage({one}, t.take(), {b.view({x, zero, {one}}), collected(ys), collected(back)});
  b.end();
  for (const auto buffer : {ys, back}) {
    plan::Kernel tail;
    tail.id = plan::KernelId::k_zero_tail;
    tail.space = {b.c(kLength)};
    tail.operands = {b.view({buffer, zero, {one}})};
    tail.attrs = {0};
    tail.slots = {slot};
    b.kernel(tail);
  }
  plan::Kernel reverse = b.program.kernels.back();
  reverse.id = plan::KernelId::k_reverse_prefix;
  b.kernel(reverse);
  Sample s{"while_loop" + std::to_string(count), b.program, {{}}, {bytes_of(std::vector<int32_t>{count})}, {}};
  std::vector<float> expected(kLength, 0), reversed(kLength, 0);
  const int trips = std::min<int>(std::max<int>(count, 0), 5);
  for (int i = 0; i < trips; ++i) {
    expected[static_cast<size_t>(i)] = static_cast<float>(i + 1);
    reversed[static_cast<size_t>(trips - 1 - i)] = static_cast<float>(i + 1);
  }
  s.expected = {bytes_of(expected), bytes_of(reversed)};
  return s;
}

/// out = flag ? x * 2 : x + 1, for each of several rows, the flag of a row read in memory.
Sample conditional() {
  constexpr int64_t kRows = 5, kWidth = 33;
  ProgramBuilder b;
  const auto x = b.input("x", {kRows, kWidth});
  const auto flags = b.input("flags", {kRows}, DType::kBool);
  const auto out = b.output("out", {b.c(kRows), b.c(kWidth)});
  const auto slot = b.slot();
  const auto one = b.c(1), zero = b.c(0), width = b.c(kWidth);
  const auto row = [&](uint32_t buffer) { return b.view({buffer, zero, {one}, {{slot, TermKind::kForward, width}}}); };
  b.begin_loop(slot, b.c(kRows));
  b.begin_if(b.view({flags, zero, {}, {{slot, TermKind::kForward, one}}}));
  TileBuilder twice;
  twice.store(1, kF32, twice.fn(F::f_mul, {twice.load(0, kF32), twice.constant(2)}));
  b.stage({width}, twice.take(), {row(x), row(out)});
  b.begin_else();
  TileBuilder next;
  next.store(1, kF32, next.fn(F::f_add, {next.load(0, kF32), next.constant(1)}));
  b.stage({width}, next.take(), {row(x), row(out)});
  b.end();
  b.end();
  const std::vector<uint8_t> choice{1, 0, 0, 1, 1};
  const auto xs = numbers(kRows * kWidth, 9);
  std::vector<float> expected;
  for (size_t i = 0; i < xs.size(); ++i) expected.push_back(choice[i / kWidth] ? xs[i] * 2 : xs[i] + 1);
  return {"conditional", b.program, {{kRows, kWidth}, {kRows}}, {bytes_of(xs), bytes_of(choice)}, {bytes_of(expected)}};
}

/// Two running sums, one from each end, on disjoint columns of one output; then their total by a reduce behind the parallel blocks.
Sample parallel() {
  constexpr int64_t kSteps = 20, kWidth = 40;
  ProgramBuilder b;
  const auto x = b.input("x", {kSteps, kWidth});
  const auto out = b.output("out", {b.c(kSteps), b.c(2 * kWidth)});
  const auto total = b.output("total", {b.c(kSteps)});
  const auto one = b.c(1), zero = b.c(0);
  uint32_t last_slot = 0;
  for (const bool back : {false, true}) {
    back ? b.begin_part() : b.begin_parallel();
    const auto slot = last_slot = b.slot();
    const auto state = b.arena(kWidth);
    const auto s = b.view({state, zero, {one}});
    TileBuilder clear;
    clear.store(0, kF32, clear.constant(0));
    b.stage({b.c(kWidth)}, clear.take(), {s});
    b.begin_loop(slot, b.c(kSteps));
    const int64_t sign = back ? -1 : 1, start = back ? kSteps - 1 : 0;
    const auto xt = b.view({x, b.c(start * kWidth), {one}, {{slot, TermKind::kForward, b.c(sign * kWidth)}}});
    const auto yt = b.view({out,
                            b.c(start * 2 * kWidth + (back ? kWidth : 0)),
                            {one},
                            {{slot, TermKind::kForward, b.c(sign * 2 * kWidth)}}});
    TileBuilder t;
    const auto sum = t.fn(F::f_add, {t.load(0, kF32), t.load(1, kF32)});
    t.store(0, kF32, sum);
    t.store(2, kF32, sum);
    b.stage({b.c(kWidth)}, t.take(), {s, xt, yt});
    b.end();
  }
  b.end();
  plan::Kernel reduce;
  reduce.id = plan::KernelId::k_reduce;
  reduce.space = {b.c(kSteps), b.c(2 * kWidth)};
  reduce.operands = {b.view({out, zero, {b.c(2 * kWidth), one}}), b.view({total, zero, {one, zero}})};
  reduce.attrs = {static_cast<int64_t>(plan::ReduceOp::kSum), 2};
  b.kernel(reduce);
  // Reads the counter of a loop that ran on another sub-team.
  const auto trips = b.output("trips", {one});
  TileBuilder count;
  count.store(0, kF32, count.cast(count.step(0), ValueType::kF32));
  b.stage({one}, count.take(), {b.view({trips, zero, {one}})}, {}, {last_slot});

  const auto xs = numbers(kSteps * kWidth, 4);
  std::vector<float> ys(kSteps * 2 * kWidth), totals(kSteps);
  for (size_t i = 0; i < kWidth; ++i) {
    float forward = 0, backward = 0;
    for (size_t s = 0; s < kSteps; ++s) {
      const size_t r = kSteps - 1 - s;
      ys[s * 2 * kWidth + i] = forward += xs[s * kWidth + i];
      ys[r * 2 * kWidth + kWidth + i] = backward += xs[r * kWidth + i];
    }
  }
  for (size_t i = 0; i < ys.size(); ++i) totals[i / (2 * kWidth)] += ys[i];
  return {"parallel",
          b.program,
          {{kSteps, kWidth}},
          {bytes_of(xs)},
          {bytes_of(ys), bytes_of(totals), bytes_of(std::vector<float>{kSteps})}};
}

}  // namespace

Sample rnn_sample(int64_t steps, int64_t batch, int64_t hidden) {
  ProgramBuilder b;
  const auto x = b.input("x", {-1024, batch, hidden});
  const auto h0 = b.input("h0", {batch, hidden});
  const auto y = b.output("y", {b.dim(x, 0), b.c(batch), b.c(hidden)});
  const auto h = b.output("h", {b.c(batch), b.c(hidden)});
  const auto ws = numbers(hidden * hidden, 5);
  const auto w = b.constant(ws);
  const auto slot = b.slot();
  const auto row = b.c(batch * hidden), kh = b.c(hidden), one = b.c(1), zero = b.c(0);
  b.program.packed.push_back({b.program.buffers[w].index, 0, hidden, 1, 0, hidden, hidden, 1});
  const auto first = b.view({h0, zero, {kh, one}});
  const std::vector<plan::Term> forward{{slot, TermKind::kForward, row}};
  const auto before = b.view({y, b.c(-batch * hidden), {kh, one}, forward, first, slot});
  const auto at = [&](uint32_t buffer) { return b.view({buffer, zero, {kh, one}, forward}); };
  b.begin_loop(slot, b.dim(x, 0));
  TileBuilder t;
  const auto scaled = t.fn(F::f_mul, {t.acc(0), t.constant(0.0625)});
  const auto sum = t.fn(F::f_add, {scaled, t.load(0, kF32)});
  t.store(1, kF32, t.fn(F::f_tanh, {sum}));
  b.stage({b.c(batch), kh}, t.take(), {at(x), at(y)}, {plan::Gemm{before, 0, plan::kNone, kh, 1, 0, false}}, {},
          "cell");
  b.end();
  TileBuilder copy;
  copy.store(1, kF32, copy.load(0, kF32));
  b.stage({b.c(batch), kh}, copy.take(), {before, b.view({h, zero, {kh, one}})});

  Sample s{"rnn" + std::to_string(steps), b.program, {{steps, batch, hidden}, {batch, hidden}}, {}, {}, 1e-5};
  const auto xs = numbers(steps * batch * hidden, 6), start = numbers(batch * hidden, 7);
  std::vector<double> state(start.begin(), start.end());
  std::vector<float> ys;
  for (int64_t i = 0; i < steps; ++i) {
    std::vector<double> to(state.size());
    for (int64_t r = 0; r < batch; ++r) {
      for (int64_t n = 0; n < hidden; ++n) {
        double acc = 0;
        for (int64_t k = 0; k < hidden; ++k)
          acc += state[static_cast<size_t>(r * hidden + k)] * ws[static_cast<size_t>(k * hidden + n)];
        to[static_cast<size_t>(r * hidden + n)] =
            std::tanh(acc * 0.0625 + xs[static_cast<size_t>((i * batch + r) * hidden + n)]);
      }
    }
    state = to;
    ys.insert(ys.end(), state.begin(), state.end());
  }
  s.inputs = {bytes_of(xs), bytes_of(start)};
  s.expected = {bytes_of(ys), bytes_of(std::vector<float>(state.begin(), state.end()))};
  return s;
}

std::vector<Sample> all_samples() {
  std::vector<Sample> samples{pointwise(),          in_place_state(),     parity_gemm(1, false), parity_gemm(6, false),
                              parity_gemm(7, true), nested_loops(),       conditional(),         parallel(),
                              rnn_sample(1, 2, 16), rnn_sample(9, 2, 40), rnn_sample(0, 2, 16)};
  samples.push_back(parity_gemm(0, false));
  for (const int32_t count : {10, 3, 0, -4}) samples.push_back(while_loop(count));
  return samples;
}

std::vector<std::vector<std::byte>> run_sample(const Sample& sample, int threads, TeamPolicy policy, int runs) {
  ContextOptions options;
  options.threads = threads;
  options.policy = policy;
  Context context(std::make_shared<const Engine>(sample.program), options);
  const size_t inputs = sample.inputs.size();
  for (uint32_t i = 0; i < inputs; ++i) {
    context.set_dims(i, sample.input_dims[i]);
    context.set_address(i, const_cast<std::byte*>(sample.inputs[i].data()));
  }
  std::vector<std::vector<std::byte>> outputs;
  for (const auto& expected : sample.expected) outputs.emplace_back(expected.size(), std::byte{0xAB});
  for (uint32_t i = 0; i < outputs.size(); ++i)
    context.set_address(static_cast<uint32_t>(inputs) + i, outputs[i].data());
  for (int r = 0; r < runs; ++r) context.run();
  return outputs;
}

}  // namespace rondo::runtime::testing
