#pragma once

#include <cstdint>

namespace rondo::kernels {

/// Instruction sets with kernels of their own, each a superset of the ones before it.
enum class Isa : uint8_t {
  kScalar,      ///< what the compiler's baseline offers
  kAvx2,        ///< AVX2, FMA, F16C
  kAvx512,      ///< AVX-512 F, BW, DQ, VL
  kAvx512Bf16,  ///< and its dot products of bf16 pairs
};
constexpr int kIsaCount = 4;

/// The widest set this machine and its operating system support, lowered by RONDO_ISA=scalar|avx2|avx512|avx512bf16 in the environment (a
/// set the machine lacks, or another word, changes nothing). Decided on the first call.
Isa detect_isa();
/// True if this machine can run kernels of `isa`, whatever the environment says.
bool supports(Isa isa);
/// "scalar", "avx2", "avx512", "avx512bf16".
const char* isa_name(Isa isa);

}  // namespace rondo::kernels
