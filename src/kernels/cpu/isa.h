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

/// What cost models may count on: facts of the instructions, not of one processor, so that the same input gives the same plan for a
/// named instruction set. Where processors differ, the value that makes narrow types look worse.
struct IsaFacts {
  int lanes;                    ///< f32 of a vector
  double multiplies_per_cycle;  ///< multiply-adds of a vector, on the narrowest core that has the set
  double vector_ops_per_cycle;  ///< instructions on vectors of any kind
  double bf16_product_gain;     ///< k that one multiplying instruction takes of bf16, 1: there is none for them
  double widening_f16_ops;      ///< instructions that turn a vector of f16 into f32, besides its load
  double widening_bf16_ops;     ///< of bf16
};
const IsaFacts& isa_facts(Isa isa);

}  // namespace rondo::kernels
