#pragma once

#include "kernels/cpu/isa.h"
#include "plan/program.h"

namespace rondo::plan {

/// A small Program that passes verify() and has at least one row in every table and every kind of step: a recurrent layer over
/// x [T, 3] (products outside and inside of the loop, a break), a reduction behind it, a conditional and a parallel step.
Program sample_program();
/// The same with weights packed for a machine, as its plan holds them.
Program packed_sample_program(kernels::Isa isa);

/// Copies of x [4] to y by way of a local buffer; then a stage behind the chain.
Program chained_program();

}  // namespace rondo::plan
