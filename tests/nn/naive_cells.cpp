#include "nn/naive_cells.h"

#include <algorithm>
#include <cmath>

namespace rondo::test {

using importers::CellKind;
using importers::CellWeights;
using nn::CellFunction;

namespace {

double bounded(double v, const std::optional<float>& bound) {
  return bound ? std::min(std::max(v, -static_cast<double>(*bound)), static_cast<double>(*bound)) : v;
}

double evaluate(const nn::CellActivation& f, double x) {
  switch (f.function) {
    case CellFunction::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case CellFunction::kTanh:
      return std::tanh(x);
    case CellFunction::kRelu:
      return std::max(x, 0.0);
    case CellFunction::kAffine:
      return f.alpha * x + f.beta;
    case CellFunction::kLeakyRelu:
      return x >= 0 ? x : f.alpha * x;
    case CellFunction::kThresholdedRelu:
      return x > f.alpha ? x : 0;
    case CellFunction::kScaledTanh:
      return f.alpha * std::tanh(f.beta * x);
    case CellFunction::kHardSigmoid:
      return std::min(std::max(f.alpha * x + f.beta, 0.0), 1.0);
    case CellFunction::kElu:
      return x >= 0 ? x : f.alpha * (std::exp(x) - 1);
    case CellFunction::kSoftsign:
      return x / (1 + std::abs(x));
    case CellFunction::kSoftplus:
      return std::log(1 + std::exp(x));
  }
  return 0;
}

}  // namespace

NaiveCells::Result NaiveCells::run(const std::vector<float>& x) const {
  Result result;
  result.h.resize(cells.size() * static_cast<size_t>(B * width()));
  result.c.resize(cells.size() * static_cast<size_t>(B * settings.hidden));
  Doubles input(x.begin(), x.end());
  for (size_t at = 0; at < cells.size(); at += static_cast<size_t>(directions())) {
    Doubles output(static_cast<size_t>(T * B * directions() * width()), 0);
    for (size_t d = 0; d < static_cast<size_t>(directions()); ++d) {
      for (int64_t b = 0; b < B; ++b) run_row(at + d, b, input, output, result);
    }
    input = output;
  }
  result.output = input;
  return result;
}

void NaiveCells::run_row(size_t at, int64_t b, const Doubles& input, Doubles& output, Result& result) const {
  const int64_t d = static_cast<int64_t>(at) % directions(), in_width = cells[at].input, hidden = settings.hidden;
  const bool reverse = settings.direction == nn::Direction::kReverse || d == 1;
  const int64_t steps = lengths.empty() ? T : lengths[static_cast<size_t>(b)];
  const int64_t row = static_cast<int64_t>(at) * B + b;
  Doubles h(static_cast<size_t>(width()), 0), c(static_cast<size_t>(hidden), 0);
  if (!h0.empty()) std::copy_n(h0.begin() + row * width(), width(), h.begin());
  if (!c0.empty()) std::copy_n(c0.begin() + row * hidden, hidden, c.begin());
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t t = reverse ? steps - 1 - i : i;
    step(at, &input[static_cast<size_t>((t * B + b) * in_width)], h, c);
    std::copy(h.begin(), h.end(), output.begin() + ((t * B + b) * directions() + d) * width());
  }
  std::copy(h.begin(), h.end(), result.h.begin() + row * width());
  std::copy(c.begin(), c.end(), result.c.begin() + row * hidden);
}

double NaiveCells::from_x(const CellWeights& cell, size_t gate, size_t unit, const double* x) const {
  const size_t at = gate * static_cast<size_t>(cell.hidden) + unit, width = static_cast<size_t>(cell.input);
  double sum = cell.wb[at];
  for (size_t k = 0; k < width; ++k) sum += cell.w[at * width + k] * x[k];
  return sum;
}

double NaiveCells::from_h(const CellWeights& cell, size_t gate, size_t unit, const Doubles& h) const {
  const size_t at = gate * static_cast<size_t>(cell.hidden) + unit;
  double sum = cell.rb[at];
  for (size_t k = 0; k < h.size(); ++k) sum += cell.r[at * h.size() + k] * h[k];
  return sum;
}

double NaiveCells::formula(size_t at, size_t which, double v) const {
  const size_t each = cells[at].kind == CellKind::kRnn ? 1 : cells[at].kind == CellKind::kGru ? 2 : 3;
  const std::vector<nn::CellActivation>& all = settings.activations;
  const double bound = which == 2 ? v : bounded(v, settings.clip);
  if (!all.empty()) {
    return evaluate(all[(all.size() == each ? 0 : at % static_cast<size_t>(directions()) * each) + which], bound);
  }
  const bool gates = which == 0 && each > 1;
  return evaluate(nn::activation(gates ? CellFunction::kSigmoid : CellFunction::kTanh), bound);
}

void NaiveCells::step(size_t at, const double* x, Doubles& h, Doubles& c) const {
  const CellWeights& cell = cells[at];
  if (cell.kind == CellKind::kGru) return gru_step(at, x, h);
  if (cell.kind == CellKind::kLstm) return lstm_step(at, x, h, c);
  const Doubles old = h;
  for (size_t j = 0; j < h.size(); ++j) h[j] = formula(at, 0, from_x(cell, 0, j, x) + from_h(cell, 0, j, old));
}

void NaiveCells::gru_step(size_t at, const double* x, Doubles& h) const {
  const CellWeights& cell = cells[at];
  const Doubles old = h;
  Doubles r(h.size()), reset(h.size());
  for (size_t j = 0; j < h.size(); ++j) {
    r[j] = formula(at, 0, from_x(cell, 1, j, x) + from_h(cell, 1, j, old));
    reset[j] = r[j] * old[j];
  }
  for (size_t j = 0; j < h.size(); ++j) {
    const double z = formula(at, 0, from_x(cell, 0, j, x) + from_h(cell, 0, j, old));
    const bool before = cell.reset == importers::GruReset::kBefore;
    const double recurrent = before ? from_h(cell, 2, j, reset) : r[j] * from_h(cell, 2, j, old);
    h[j] = (1 - z) * formula(at, 1, from_x(cell, 2, j, x) + recurrent) + z * old[j];
  }
}

void NaiveCells::lstm_step(size_t at, const double* x, Doubles& h, Doubles& c) const {
  const CellWeights& cell = cells[at];
  const auto units = static_cast<size_t>(cell.hidden);
  Doubles inner(units);
  for (size_t j = 0; j < units; ++j) {
    const auto sum = [&](size_t gate) { return from_x(cell, gate, j, x) + from_h(cell, gate, j, h); };
    const auto look = [&](size_t which) {
      return cell.peepholes.empty() ? 0.0 : cell.peepholes[which * units + j] * c[j];
    };
    const double i = formula(at, 0, sum(0) + look(0));
    const double f = settings.input_forget ? 1 - i : formula(at, 0, sum(1) + look(1));
    c[j] = bounded(f * c[j] + i * formula(at, 1, sum(2)), settings.cell_clip);
    inner[j] = formula(at, 0, sum(3) + look(2)) * formula(at, 2, c[j]);
  }
  if (cell.projection == 0) {
    h = inner;
    return;
  }
  for (size_t p = 0; p < h.size(); ++p) {
    double sum = 0;
    for (size_t j = 0; j < units; ++j) sum += cell.projector[p * units + j] * inner[j];
    h[p] = bounded(sum, settings.projection_clip);
  }
}

}  // namespace rondo::test
