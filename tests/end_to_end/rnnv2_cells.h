#pragma once

#include <cmath>
#include <vector>

#include "rondo/rnn.h"

namespace rondo::test {

/// One RNNv2 layer and its reference: weights, and the equations of the layer in double precision, loop by loop.
struct RnnCells {
  RNNOperation operation;
  bool bidirectional, skip;
  int64_t layers, B, S, E, H;
  std::vector<int32_t> lengths;                  ///< B entries, or empty
  std::vector<float> h0, c0;                     ///< [B, D L, H], or empty
  std::vector<std::vector<float>> W, R, Wb, Rb;  ///< by pseudo-layer and gate

  using Doubles = std::vector<double>;
  struct Result {
    Doubles all;   ///< [B, S, D H]
    Doubles h, c;  ///< [B, D L, H]
  };

  int64_t directions() const { return bidirectional ? 2 : 1; }
  size_t gates() const { return operation == RNNOperation::kLSTM ? 4 : operation == RNNOperation::kGRU ? 3 : 1; }
  /// Gates in the order of W: LSTM i, f, g, o; GRU z, r, g.
  RNNGateType gate(size_t g) const {
    constexpr RNNGateType kLstm[] = {RNNGateType::kINPUT, RNNGateType::kFORGET, RNNGateType::kCELL,
                                     RNNGateType::kOUTPUT};
    constexpr RNNGateType kGru[] = {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN};
    if (operation == RNNOperation::kLSTM) return kLstm[g];
    return operation == RNNOperation::kGRU ? kGru[g] : RNNGateType::kINPUT;
  }
  int64_t width(int64_t layer) const { return layer == 0 ? E : directions() * H; }

  Result reference(const std::vector<float>& x) const {
    Result result;
    Doubles input(x.begin(), x.end());
    result.h.resize(static_cast<size_t>(B * directions() * layers * H));
    result.c = result.h;
    for (int64_t layer = 0; layer < layers; ++layer) {
      Doubles output(static_cast<size_t>(B * S * directions() * H), 0);
      for (int64_t d = 0; d < directions(); ++d) {
        for (int64_t b = 0; b < B; ++b) run_row(layer, d, b, input, output, result);
      }
      input = output;
    }
    result.all = input;
    return result;
  }

 private:
  static double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

  void run_row(int64_t layer, int64_t d, int64_t b, const Doubles& input, Doubles& output, Result& result) const {
    const int64_t pseudo = layer * directions() + d, in_width = width(layer);
    const auto state = static_cast<size_t>((b * directions() * layers + pseudo) * H);
    const int64_t steps = lengths.empty() ? S : lengths[static_cast<size_t>(b)];
    Doubles h(static_cast<size_t>(H), 0), c = h;
    for (size_t j = 0; j < h.size(); ++j) {
      if (!h0.empty()) h[j] = h0[state + j];
      if (!c0.empty()) c[j] = c0[state + j];
    }
    for (int64_t t = 0; t < steps; ++t) {
      const int64_t i = d == 0 ? t : steps - 1 - t;
      step(pseudo, skip && layer == 0, &input[static_cast<size_t>((b * S + i) * in_width)], in_width, h, c);
      for (size_t j = 0; j < h.size(); ++j)
        output[static_cast<size_t>(((b * S + i) * directions() + d) * H) + j] = h[j];
    }
    for (size_t j = 0; j < h.size(); ++j) {
      result.h[state + j] = h[j];
      result.c[state + j] = c[j];
    }
  }

  void step(int64_t pseudo, bool as_is, const double* x, int64_t in_width, Doubles& h, Doubles& c) const {
    const Doubles before = h;
    std::vector<double> u(gates()), v(gates());  // W x + Wb and R h + Rb of each gate
    for (size_t j = 0; j < h.size(); ++j) {
      for (size_t g = 0; g < gates(); ++g) {
        const size_t at = static_cast<size_t>(pseudo) * gates() + g;
        u[g] = Wb[at][j];
        v[g] = Rb[at][j];
        if (as_is) u[g] += x[j];
        for (int64_t k = 0; !as_is && k < in_width; ++k)
          u[g] += W[at][j * static_cast<size_t>(in_width) + static_cast<size_t>(k)] * x[k];
        for (size_t k = 0; k < h.size(); ++k) v[g] += R[at][j * h.size() + k] * before[k];
      }
      h[j] = cell(u, v, before[j], c[j]);
    }
  }

  double cell(const Doubles& u, const Doubles& v, double h, double& c) const {
    switch (operation) {
      case RNNOperation::kRELU:
        return std::fmax(0, u[0] + v[0]);
      case RNNOperation::kTANH:
        return std::tanh(u[0] + v[0]);
      case RNNOperation::kLSTM:
        c = sigmoid(u[1] + v[1]) * c + sigmoid(u[0] + v[0]) * std::tanh(u[2] + v[2]);
        return sigmoid(u[3] + v[3]) * std::tanh(c);
      case RNNOperation::kGRU: {
        const double z = sigmoid(u[0] + v[0]), r = sigmoid(u[1] + v[1]);
        return (1 - z) * std::tanh(u[2] + r * v[2]) + z * h;
      }
    }
    return 0;
  }
};

}  // namespace rondo::test
