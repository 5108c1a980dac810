#include <cmath>

#include "ops/reference.h"
#include "ops/structured/recurrent/rnn_v2.h"

// The stacked recurrent layer as its equations say it, one row and one step at a time:
//   relu, tanh  h' = act(W x + R h + Wb + Rb)
//   lstm        i, o, f = sigmoid(..), g = tanh(..); c' = f c + i g; h' = o tanh(c')
//   gru         z, r = sigmoid(..); g = tanh(W x + Wb + r (R h + Rb)); h' = (1 - z) g + z h
// A row stops at its length: results behind are 0 and its state stays. The backward direction starts at the row's last
// step.

namespace rondo::ops {
namespace {

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

class Stack {
 public:
  Stack(const ir::Op& op, std::span<const Tensor> x) : at_(op.attrs), x_(x) {
    const Index& dims = x[0].dims;
    steps_ = static_cast<size_t>(dims[dims.size() - 2]);
    for (size_t i = 0; i + 2 < dims.size(); ++i) rows_ *= static_cast<size_t>(dims[i]);
  }

  std::vector<Tensor> run(std::span<const TensorShape> results) {
    std::vector<Tensor> out;
    for (const TensorShape& shape : results) out.push_back(zeros(shape));
    std::vector<double> input = x_[0].data;
    for (size_t layer = 0; layer < at_.layers; ++layer) {
      const size_t width = at_.directions * at_.hidden;
      std::vector<double> output(rows_ * steps_ * width, 0.0);
      for (size_t d = 0; d < at_.directions; ++d) {
        for (size_t row = 0; row < rows_; ++row) run_row(layer, d, row, input, &output, &out);
      }
      input = std::move(output);
    }
    out[0].data = std::move(input);
    return out;
  }

 private:
  size_t length(size_t row) const {
    return at_.lengths == RnnLayout::kAbsent ? steps_
                                             : std::min(steps_, static_cast<size_t>(x_[at_.lengths].data[row]));
  }

  std::vector<double> initial(size_t operand, size_t pseudo, size_t row) const {
    std::vector<double> state(at_.hidden, 0.0);
    if (operand == RnnLayout::kAbsent) return state;
    const size_t from = (row * at_.pseudo_layers() + pseudo) * at_.hidden;
    for (size_t u = 0; u < at_.hidden; ++u) state[u] = x_[operand].data[from + u];
    return state;
  }

  void run_row(size_t layer, size_t d, size_t row, const std::vector<double>& input, std::vector<double>* output,
               std::vector<Tensor>* out) {
    const size_t pseudo = layer * at_.directions + d;
    const size_t width = at_.directions * at_.hidden;
    const size_t in_width = rows_ * steps_ == 0 ? 0 : input.size() / (rows_ * steps_);
    std::vector<double> h = initial(at_.h0, pseudo, row), c = initial(at_.c0, pseudo, row);
    for (size_t t = 0; t < length(row); ++t) {
      const size_t at = row * steps_ + (d == 0 ? t : length(row) - 1 - t);
      step(pseudo, input.data() + at * in_width, in_width, &h, &c);
      for (size_t u = 0; u < at_.hidden; ++u) (*output)[at * width + d * at_.hidden + u] = h[u];
    }
    const size_t to = (row * at_.pseudo_layers() + pseudo) * at_.hidden;
    for (size_t u = 0; u < at_.hidden; ++u) {
      (*out)[1].data[to + u] = h[u];
      if (at_.states == 2) (*out)[2].data[to + u] = c[u];
    }
  }

  double dot(size_t operand, size_t unit, const double* v, size_t n) const {
    double sum = 0;
    for (size_t k = 0; k < n; ++k) sum += x_[operand].data[unit * n + k] * v[k];
    return sum;
  }

  void step(size_t pseudo, const double* x, size_t width, std::vector<double>* h, std::vector<double>* c) const {
    const std::vector<double> old = *h;
    for (size_t u = 0; u < at_.hidden; ++u) {
      double in[4] = {}, rec[4] = {};
      for (size_t g = 0; g < at_.gates; ++g) {
        const RnnLayout::Gate w = at_.gate(pseudo, g);
        in[g] = (w.w == RnnLayout::kAbsent ? x[u] : dot(w.w, u, x, width)) + x_[w.wb].data[u];
        rec[g] = dot(w.r, u, old.data(), at_.hidden) + x_[w.rb].data[u];
      }
      (*h)[u] = unit(in, rec, old[u], &(*c)[u]);
    }
  }

  double unit(const double* in, const double* rec, double h, double* c) const {
    switch (at_.op) {
      case RnnLayout::kRelu:
        return std::fmax(in[0] + rec[0], 0);
      case RnnLayout::kTanh:
        return std::tanh(in[0] + rec[0]);
      case RnnLayout::kLstm:
        *c = sigmoid(in[2] + rec[2]) * *c + sigmoid(in[0] + rec[0]) * std::tanh(in[3] + rec[3]);
        return sigmoid(in[1] + rec[1]) * std::tanh(*c);
      default: {
        const double z = sigmoid(in[0] + rec[0]), r = sigmoid(in[1] + rec[1]);
        return (1 - z) * std::tanh(in[2] + r * rec[2]) + z * h;
      }
    }
  }

  RnnLayout at_;
  std::span<const Tensor> x_;
  size_t rows_ = 1, steps_ = 0;
};

}  // namespace

std::vector<Tensor> reference_rnn_v2(const ir::Op& op, std::span<const Tensor> operands,
                                     std::span<const TensorShape> results) {
  return Stack(op, operands).run(results);
}

}  // namespace rondo::ops
