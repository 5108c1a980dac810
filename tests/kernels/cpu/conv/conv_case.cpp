#include "kernels/cpu/conv/conv_case.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "base/half.h"

namespace rondo::kernels::testing {
namespace {

template <class T>
T read(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

std::vector<int64_t> dims_of(const ConvCase& c, int64_t a, int64_t b, int64_t ConvAxis::*extent) {
  std::vector<int64_t> out = {a, b};
  for (size_t i = static_cast<size_t>(3 - c.spatial); i < 3; ++i) out.push_back(c.axis[i].*extent);
  return out;
}

// Input index of tap t of output o, or -1 for a zero.
int64_t source(const ConvAxis& a, int64_t o, int64_t t) {
  const int64_t at = o * a.stride + t * a.dilation - a.pre;
  return at < 0 || at % a.input_dilation != 0 || at / a.input_dilation >= a.in ? -1 : at / a.input_dilation;
}

}  // namespace

std::vector<Isa> isas() {
  std::vector<Isa> all;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
    if (supports(isa)) all.push_back(isa);
  }
  return all;
}

float narrowed(float value) { return bfloat16_to_float(float_to_bfloat16(value)); }

std::vector<float> random_floats(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> out(count);
  for (float& v : out) v = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 1000;
  return out;
}

ConvTensor::ConvTensor(std::vector<int64_t> dims, DType dtype, bool turned) : dims_(std::move(dims)), dtype_(dtype) {
  std::vector<size_t> order(dims_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (turned) std::swap(order[order.size() - 1], order[order.size() - 2]);
  strides_.resize(dims_.size());
  int64_t step = static_cast<int64_t>(dtype_bytes(dtype));
  for (size_t i = order.size(); i-- > 0; step *= dims_[order[i]]) strides_[order[i]] = step;
  memory_.resize(static_cast<size_t>(step));
}

void ConvTensor::fill(uint32_t seed) {
  const size_t bytes = dtype_bytes(dtype_);
  const std::vector<float> values = random_floats(memory_.size() / bytes, seed);
  for (size_t i = 0; i < values.size(); ++i) {
    if (dtype_ == DType::kFloat32) {
      std::memcpy(&memory_[i * bytes], &values[i], bytes);
    } else {
      const uint16_t bits = dtype_ == DType::kFloat16 ? float_to_half(values[i]) : float_to_bfloat16(values[i]);
      std::memcpy(&memory_[i * bytes], &bits, bytes);
    }
  }
}

float ConvTensor::get(std::initializer_list<int64_t> index) const {
  const std::byte* p = memory_.data();
  for (size_t i = 0; i < dims_.size(); ++i)
    p += index.begin()[i < 2 ? i : i + index.size() - dims_.size()] * strides_[i];
  if (dtype_ == DType::kFloat32) return read<float>(p);
  return dtype_ == DType::kFloat16 ? half_to_float(read<uint16_t>(p)) : bfloat16_to_float(read<uint16_t>(p));
}

ConvCase& ConvCase::set(int i, ConvAxis values, int64_t after) {
  const int64_t extent = (values.in - 1) * values.input_dilation + 1 + values.pre + after;
  const int64_t span = 1 + values.dilation * (values.kernel - 1);
  values.out = extent < span ? 0 : (extent - span) / values.stride + 1;
  axis[static_cast<size_t>(i)] = values;
  post[static_cast<size_t>(i)] = after;
  return *this;
}

std::ostream& operator<<(std::ostream& out, const ConvCase& c) {
  out << "n " << c.n << " c " << c.channels << " m " << c.outputs << " g " << c.groups << " dtype "
      << static_cast<int>(c.dtype) << (c.product == DType::kBFloat16 ? " product bf16" : "")
      << (c.turned ? " turned" : "") << (c.constant_weights ? "" : " weights a tensor");
  for (size_t i = static_cast<size_t>(3 - c.spatial); i < 3; ++i) {
    const ConvAxis& a = c.axis[i];
    out << "; in " << a.in << " kernel " << a.kernel << " stride " << a.stride << " dilation " << a.dilation
        << " input dilation " << a.input_dilation << " pre " << a.pre << " post " << c.post[i];
  }
  return out;
}

ConvRunCase::ConvRunCase(const ConvCase& c, uint32_t seed)
    : c_(c),
      x(dims_of(c, c.n, c.channels, &ConvAxis::in), c.dtype, c.turned),
      w(dims_of(c, c.outputs, c.channels / c.groups, &ConvAxis::kernel),
        c.product == DType::kBFloat16 && c.constant_weights ? c.product : c.dtype, c.turned),
      b({c.outputs}, c.dtype),
      y(dims_of(c, c.n, c.outputs, &ConvAxis::out), c.dtype, c.turned) {
  for (ConvTensor* t : {&x, &w, &b, &y}) t->fill(++seed);
}

void ConvRunCase::run(Isa isa, std::initializer_list<int> cuts) {
  Conv conv(c_.shape(), x.view(), w.view(), isa);
  if (c_.constant_weights) conv.keep_weights(w.view());
  std::vector<std::byte> scratch(conv.scratch_bytes(), std::byte{0x7f});
  ConvOperands operands{x.view(), w.view(), c_.bias ? b.view() : Strided{}, y.view()};
  int64_t begin = 0;
  for (const int cut : cuts) {
    const int64_t end = conv.units() * cut / 100;
    conv.run(operands, begin, end, scratch.data());
    begin = end;
  }
  conv.run(operands, begin, conv.units(), scratch.data());
}

void ConvRunCase::check() {
  const double store = c_.dtype == DType::kFloat32 ? 0 : c_.dtype == DType::kFloat16 ? 0x1p-11 : 0x1p-8;
  const int64_t depth = c_.axis[0].out, height = c_.axis[1].out, width = c_.axis[2].out;
  for (int64_t i = 0; i < c_.n * c_.outputs * depth * height * width; ++i) {
    const std::array<int64_t, 3> o = {i / (height * width) % depth, i / width % height, i % width};
    const int64_t m = i / (depth * height * width) % c_.outputs, n = i / (depth * height * width) / c_.outputs;
    const Sum want = element(n, m, o);
    const double got = y.get({n, m, o[0], o[1], o[2]});
    const double rounding = store > 0 ? store * std::abs(want.value) + 1e-7 : 0;
    ASSERT_LE(std::abs(got - want.value), static_cast<double>(want.terms + 2) * 0x1p-24 * want.magnitude + rounding)
        << c_ << "\nat " << n << ' ' << m << ' ' << o[0] << ' ' << o[1] << ' ' << o[2];
  }
}

ConvRunCase::Sum ConvRunCase::element(int64_t n, int64_t m, const std::array<int64_t, 3>& o) const {
  Sum sum{c_.bias ? b.get({m}) : 0, c_.bias ? std::abs(b.get({m})) : 0, 0};
  const int64_t in_group = c_.channels / c_.groups, first = m / (c_.outputs / c_.groups) * in_group;
  const int64_t rows = c_.axis[1].kernel, cols = c_.axis[2].kernel, taps = c_.axis[0].kernel * rows * cols;
  for (int64_t k = 0; k < in_group * taps; ++k, ++sum.terms) {
    const int64_t c = k / taps, i = k % taps / (rows * cols), j = k / cols % rows, l = k % cols;
    const int64_t d = source(c_.axis[0], o[0], i), h = source(c_.axis[1], o[1], j), v = source(c_.axis[2], o[2], l);
    if (d < 0 || h < 0 || v < 0) continue;
    float x_factor = x.get({n, first + c, d, h, v}), w_factor = w.get({m, c, i, j, l});
    if (c_.product == DType::kBFloat16) x_factor = narrowed(x_factor), w_factor = narrowed(w_factor);
    const double product = static_cast<double>(x_factor) * w_factor;
    sum.value += product;
    sum.magnitude += std::abs(product);
  }
  return sum;
}

}  // namespace rondo::kernels::testing
