#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tile/op_table.h"
#include "tile/tile_program.h"

namespace rondo::tile {

constexpr int64_t kBlockElements = 64;

/// Where the second operand of a function stands; the first is the block in registers. kFirst*: the other way round.
enum class BlockArgument : uint8_t { kArray, kScalar, kFirstArray, kFirstScalar, kSelf };
constexpr size_t kBlockArguments = 5;

/// A step of block code. `entry` is the line of the table of addresses that it reads or writes.
struct BlockStep {
  void (*code)() = nullptr;
  uint32_t entry = 0;
  int64_t moves = 0;  ///< -1: the address goes on from block to block; 0: it does not
  int64_t ahead = 0;  ///< bytes, of BlockFunctions::prefetch
  void (*call)(void* out, const void* a, const void* b, const void* c,
               int64_t n) = nullptr;  ///< of BlockFunctions::call
};

/// Block code over `rows` rows of n elements. Between rows the addresses move on, by row_steps; they are left behind the last row.
struct BlockRun {
  const BlockStep* code = nullptr;
  std::byte** addresses = nullptr;
  const int64_t* row_steps = nullptr;  ///< bytes, by address
  size_t entries = 0;                  ///< of both tables, a multiple of 8
  int64_t rows = 1, n = 0;
};

/// Threaded code over blocks of kBlockElements floats that stay in registers from step to step: every step is a function that ends
/// in a jump to the next. Results have the bits of TileFunctions. Instruction sets with too few registers have none: run is null.
struct BlockFunctions {
  using Code = void (*)();
  /// value = fn(value, argument); functions of one operand under kSelf. Null where there is none.
  std::array<std::array<Code, kBlockArguments>, kPointwiseCount> compute{};
  Code load = nullptr, load_scalar = nullptr;  ///< value = the array, the element
  Code store = nullptr;                        ///< array = value
  Code stream = nullptr;                       ///< the same past the caches where the address is a multiple of 16
  Code call = nullptr;                         ///< value = call(value), by way of the array
  Code prefetch = nullptr;                     ///< asks for half a block of the array, `ahead` bytes further on
  std::array<Code, kRowFolds> fold{};          ///< adds the value to the FoldState; null where there is none
  Code end = nullptr;
  struct Pair {
    Code first, second, both;
  };
  std::vector<Pair> pairs;  ///< handlers that do a step and the next
  /// Elements beyond a row's last are neither read nor written nor folded.
  void (*run)(const BlockRun& run) = nullptr;
  /// Makes what was streamed visible to other threads; the thread that streamed calls it.
  void (*drain)() = nullptr;
};

}  // namespace rondo::tile
