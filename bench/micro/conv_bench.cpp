// Times convolutions on one thread, without a network around them. Every figure is the best of many runs in time of the
// processor: what other programs take of a shared machine is left out.
//   rondo_conv_bench      in f32, then of factors rounded to bf16; RONDO_ISA=avx2 lowers the instruction set
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "kernels/cpu/conv/conv.h"

namespace rondo::kernels {
namespace {

struct Case {
  const char* name;
  int64_t channels, outputs, groups;
  int spatial;
  ConvAxis axis;  ///< of all spatial axes; `out` is found
  int64_t post;
};

constexpr Case kCases[] = {
    {"3x3 64-64 56", 64, 64, 1, 2, {.in = 56, .kernel = 3, .pre = 1}, 1},
    {"1x1 256-64 56", 256, 64, 1, 2, {.in = 56}, 0},
    {"1x1 64-256 56", 64, 256, 1, 2, {.in = 56}, 0},
    {"7x7 s2 3-64 224", 3, 64, 1, 2, {.in = 224, .kernel = 7, .stride = 2, .pre = 3}, 3},
    {"3x3 s2 128-128 56", 128, 128, 1, 2, {.in = 56, .kernel = 3, .stride = 2, .pre = 1}, 1},
    {"3x3 d2 64-64 56", 64, 64, 1, 2, {.in = 56, .kernel = 3, .dilation = 2, .pre = 2}, 2},
    {"3x3 512-512 7", 512, 512, 1, 2, {.in = 7, .kernel = 3, .pre = 1}, 1},
    {"depthwise 3x3 128 56", 128, 128, 128, 2, {.in = 56, .kernel = 3, .pre = 1}, 1},
    {"depthwise 3x3 s2 128 56", 128, 128, 128, 2, {.in = 56, .kernel = 3, .stride = 2, .pre = 1}, 1},
    {"3x3x3 32-32 28", 32, 32, 1, 3, {.in = 28, .kernel = 3, .pre = 1}, 1},
    {"transposed 4x4 s2 64-64 28", 64, 64, 1, 2, {.in = 28, .kernel = 4, .input_dilation = 2, .pre = 2}, 2},
};

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// A dense tensor [a, b, extent..].
struct Dense {
  Dense(int64_t a, int64_t b, int64_t extent, int spatial) : strides(static_cast<size_t>(spatial) + 2) {
    int64_t step = sizeof(float);
    for (size_t i = strides.size(); i-- > 0;) {
      strides[i] = step;
      step *= i == 0 ? a : i == 1 ? b : extent;
    }
    values.assign(static_cast<size_t>(step) / sizeof(float), 0.01f);
  }
  Strided view() { return {reinterpret_cast<std::byte*>(values.data()), DType::kFloat32, strides.data()}; }
  std::vector<int64_t> strides;
  std::vector<float> values;
};

void time_case(const Case& c, DType product, Isa isa) {
  ConvAxis axis = c.axis;
  const int64_t extent = (axis.in - 1) * axis.input_dilation + 1 + axis.pre + c.post;
  axis.out = (extent - 1 - axis.dilation * (axis.kernel - 1)) / axis.stride + 1;
  ConvShape shape{1, c.channels, c.outputs, c.groups, c.spatial, {}, product};
  double macs = static_cast<double>(c.channels / c.groups * c.outputs);
  for (int i = 3 - c.spatial; i < 3; ++i) {
    shape.axis[static_cast<size_t>(i)] = axis;
    macs *= static_cast<double>(axis.out * axis.kernel) / static_cast<double>(axis.input_dilation);
  }
  Dense x(1, c.channels, axis.in, c.spatial), w(c.outputs, c.channels / c.groups, axis.kernel, c.spatial);
  Dense y(1, c.outputs, axis.out, c.spatial);
  Conv conv(shape, x.view(), w.view(), isa);
  conv.keep_weights(w.view());
  std::vector<std::byte> scratch(conv.scratch_bytes());
  const ConvOperands operands{x.view(), w.view(), {}, y.view()};
  double best = 1e30, total = 0;
  for (int i = 0; i < 10 || total < 0.2; ++i) {
    const double start = cpu_seconds();
    conv.run(operands, 0, conv.units(), scratch.data());
    const double seconds = cpu_seconds() - start;
    best = std::min(best, seconds);
    total += seconds;
  }
  std::printf("%-28s %-4s %9.1f us %7.1f GFLOP/s   estimate %9.1f us, %lld units\n", c.name, dtype_name(product),
              best * 1e6, 2e-9 * macs / best, conv.cost_ns() / 1e3, static_cast<long long>(conv.units()));
}

}  // namespace
}  // namespace rondo::kernels

int main() {
  const rondo::kernels::Isa isa = rondo::kernels::detect_isa();
  std::printf("instruction set %s\n", rondo::kernels::isa_name(isa));
  for (const auto& c : rondo::kernels::kCases) {
    for (const rondo::DType product : {rondo::DType::kFloat32, rondo::DType::kBFloat16})
      rondo::kernels::time_case(c, product, isa);
  }
  return 0;
}
