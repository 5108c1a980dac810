// exp, tanh, sigmoid and erf over all 2^32 floats, on every instruction set of this machine, against the C library in
// double.
//   rondo_exhaustive [--stride N] [--function NAME] [--threads N]
// Stride 1 looks at every float: NaNs, infinities, denormals, zeros of both signs. Prints the largest error per
// function and instruction set in units of the last place; fails above 4, or where NaN, infinity or a sign is wrong.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "kernels/cpu/tile_functions.h"

namespace rondo::exhaustive {
namespace {

using kernels::Isa;

constexpr double kBound = 4;
constexpr int64_t kBlock = 1 << 12;

struct Options {
  uint64_t stride = 1;
  unsigned threads = 2;
  std::string function;
};

struct Function {
  const char* name;
  tile::PointwiseFn fn;
  double (*exact)(double);
};

const Function kFunctions[] = {
    {"exp", tile::PointwiseFn::f_exp, [](double x) { return std::exp(x); }},
    {"tanh", tile::PointwiseFn::f_tanh, [](double x) { return std::tanh(x); }},
    {"sigmoid", tile::PointwiseFn::f_sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"erf", tile::PointwiseFn::f_erf, [](double x) { return std::erf(x); }},
};

/// The largest error of one function with one instruction set, and where.
struct Worst {
  double ulps = -1;
  float at = 0, result = 0;
};

std::vector<Isa> instruction_sets() {
  std::vector<Isa> sets;
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (kernels::supports(isa)) sets.push_back(isa);
  }
  return sets;
}

/// Distance of y from the exact value in units of the last place of a float there; infinite for a wrong NaN or infinity.
double distance(float y, double exact) {
  const auto rounded = static_cast<float>(exact);
  if (std::bit_cast<uint32_t>(y) == std::bit_cast<uint32_t>(rounded)) return 0;
  if (std::isnan(exact)) return std::isnan(y) ? 0 : HUGE_VAL;
  if (std::isnan(y) || std::isinf(exact)) return HUGE_VAL;
  if (std::isinf(rounded) || std::isinf(y)) return std::fabs(exact) > 3.4028e38 ? 1 : HUGE_VAL;
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::fabs(static_cast<double>(y) - exact) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

/// Blocks first, first + step, .. of the floats.
void scan(const Function& function, const Options& options, uint64_t first, uint64_t step, std::vector<Worst>& worst) {
  const std::vector<Isa> sets = instruction_sets();
  std::vector<float> x(kBlock), y(kBlock);
  std::vector<double> exact(kBlock);
  const uint64_t span = options.stride * kBlock;
  for (uint64_t start = first * span; start < 1ull << 32; start += step * span) {
    const uint64_t left = ((1ull << 32) - start + options.stride - 1) / options.stride;
    const auto count = static_cast<int64_t>(std::min<uint64_t>(kBlock, left));
    for (int64_t i = 0; i < count; ++i) {
      x[i] = std::bit_cast<float>(static_cast<uint32_t>(start + static_cast<uint64_t>(i) * options.stride));
      exact[i] = function.exact(x[i]);
    }
    for (size_t s = 0; s < sets.size(); ++s) {
      const auto& table = kernels::tile_functions(sets[s]);
      table.compute[static_cast<size_t>(function.fn)][0](y.data(), x.data(), nullptr, nullptr, count);
      for (int64_t i = 0; i < count; ++i) {
        const double ulps = distance(y[i], exact[i]);
        if (ulps > worst[s].ulps) worst[s] = {ulps, x[i], y[i]};
      }
    }
  }
}

std::vector<Worst> measure(const Function& function, const Options& options) {
  const size_t sets = instruction_sets().size();
  std::vector<std::vector<Worst>> each(options.threads, std::vector<Worst>(sets));
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < options.threads; ++t) {
    threads.emplace_back([&, t] { scan(function, options, t, options.threads, each[t]); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Worst> worst(sets);
  for (const auto& part : each) {
    for (size_t s = 0; s < sets; ++s) worst[s] = part[s].ulps > worst[s].ulps ? part[s] : worst[s];
  }
  return worst;
}

int run(const Options& options) {
  bool good = true;
  for (const Function& function : kFunctions) {
    if (!options.function.empty() && options.function != function.name) continue;
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<Worst> worst = measure(function, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%-8s", function.name);
    for (size_t s = 0; s < worst.size(); ++s) {
      std::printf("  %s %.3f ulp at %.9g (%.9g)", kernels::isa_name(instruction_sets()[s]), worst[s].ulps,
                  static_cast<double>(worst[s].at), static_cast<double>(worst[s].result));
      good = good && worst[s].ulps <= kBound;
    }
    std::printf("  [%.1f s]\n", seconds);
    std::fflush(stdout);
  }
  std::printf("%s: every %lluth float, bound %g ulp\n", good ? "passed" : "FAILED",
              static_cast<unsigned long long>(options.stride), kBound);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace rondo::exhaustive

int main(int argc, char** argv) {
  rondo::exhaustive::Options options;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--stride") == 0 && has_value) {
      options.stride = std::max<uint64_t>(1, std::strtoull(argv[++i], nullptr, 10));
    } else if (std::strcmp(argv[i], "--function") == 0 && has_value) {
      options.function = argv[++i];
    } else if (std::strcmp(argv[i], "--threads") == 0 && has_value) {
      options.threads = static_cast<unsigned>(std::max(1, std::atoi(argv[++i])));
    } else {
      std::puts("usage: rondo_exhaustive [--stride N] [--function exp|tanh|sigmoid|erf] [--threads N]");
      return 2;
    }
  }
  return rondo::exhaustive::run(options);
}
