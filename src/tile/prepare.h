#pragma once

#include <cstddef>
#include <cstdint>

#include "tile/functions.h"
#include "tile/tile_program.h"

namespace rondo::tile {

/// What the interpreters of tile programs share when they make a program ready.

constexpr int64_t kPadElements = 16;  ///< element functions may be run up to the next multiple

/// Number of arguments that are values.
size_t arity(const Inst& inst);
/// True if an element has the same bits in memory and as a value.
bool is_plain(DType dtype);
/// Writes n elements of a constant.
void fill_constant(std::byte* out, ValueType type, double imm, int64_t n);
/// The program with a cast instruction in front of each store across value types; element functions of stores convert within a type
/// only (s32 -> i8). Ids move.
TileProgram with_explicit_casts(const TileProgram& program);
/// The element function of a kPointwise instruction.
TileFunctions::Compute element_function(const TileFunctions& functions, const TileProgram& program, size_t index);

}  // namespace rondo::tile
