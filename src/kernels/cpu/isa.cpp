#include "kernels/cpu/isa.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <iterator>

namespace rondo::kernels {
namespace {

Isa widest() {
  if (supports(Isa::kAvx512Bf16)) return Isa::kAvx512Bf16;
  if (supports(Isa::kAvx512)) return Isa::kAvx512;
  return supports(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar;
}

Isa chosen() {
  const Isa best = widest();
  const char* wish = std::getenv("RONDO_ISA");
  if (wish == nullptr) return best;
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
    if (std::strcmp(wish, isa_name(isa)) == 0 && isa < best) return isa;
  }
  return best;
}

}  // namespace

bool supports(Isa isa) {
#if defined(RONDO_NO_X86_KERNELS)
  return isa == Isa::kScalar;
#else
  // The compiler's run-time checks include what the operating system saves and restores (XCR0).
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::kAvx2) return avx2;
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (isa == Isa::kAvx512) return avx512;
  if (isa == Isa::kAvx512Bf16) return avx512 && __builtin_cpu_supports("avx512bf16");
  return true;
#endif
}

const char* isa_name(Isa isa) {
  constexpr const char* kNames[] = {"scalar", "avx2", "avx512", "avx512bf16"};
  return kNames[static_cast<size_t>(isa)];
}

// Multiply-adds: SSE2 multiplies and adds apart; AVX2 cores have two units of 256 bits, AVX-512 cores those or one to
// two of 512. Widening f16 without F16C is bit work lane by lane; VCVTPH2PS is two operations. bf16: zero-extend and
// shift.
const IsaFacts& isa_facts(Isa isa) {
  static constexpr IsaFacts kFacts[] = {
      {4, 1, 3, 1, 40, 2},
      {8, 2, 3, 1, 2, 2},
      {16, 1, 2, 1, 2, 2},
      {16, 1, 2, 2, 2, 2},
  };
  static_assert(std::size(kFacts) == kIsaCount);
  return kFacts[static_cast<size_t>(isa)];
}

Isa detect_isa() {
  static const Isa isa = chosen();
  return isa;
}

}  // namespace rondo::kernels
