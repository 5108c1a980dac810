#include "kernels/cpu/conv/conv_vectors_avx512.h"

namespace rondo::kernels {

ConvFamily conv_family_avx512() { return Avx512Table<Vec>::family(Isa::kAvx512, 0.3); }

}  // namespace rondo::kernels
