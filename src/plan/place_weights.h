#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"
#include "plan/program.h"

namespace rondo::plan {

/// Lays the weights section out for a machine: packed matrices as its micro-kernels read them, and the constants that something else
/// reads as they are. The bytes themselves are in Program::sources afterwards, until write_weights().
/// Takes / Gives   a Program that verifies and has no packed layouts / the same computation: on that machine nothing is left to pack
///                 at load, on all others matrices are packed again
void place_weights(Program& program, kernels::Isa isa);

/// Fills `out`, weight_size() zero bytes, with the weights section of a Program whose constants are in `sources`. What stands packed is
/// packed on the way, by `threads` threads. The bytes do not depend on the machine that runs this, or on `threads`.
void write_weights(const Program& program, uint8_t* out, int threads);

}  // namespace rondo::plan
