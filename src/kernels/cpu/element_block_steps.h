// reason: all steps of block code in one place.
#pragma once

// Block code: the handlers of tile::BlockFunctions. A handler gets a block of 64 floats in vector registers, changes it
// and jumps to the next handler with the block where it is: the compiler makes a jump of a call in tail position, and
// the calling convention passes vectors in registers. So a chain of functions costs its arithmetic, one jump per
// function and block, and a load and a store in all, where array functions would load and store in between. The last
// block of a row may have fewer elements; what is computed in its other lanes is neither read, written nor folded.

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/element_fold.h"
#include "kernels/cpu/element_math_avx512.h"
#include "kernels/cpu/element_vectors.h"
#include "tile/functions.h"

namespace rondo::kernels {
namespace {

#if defined(__AVX2__)

using tile::BlockArgument;
using tile::BlockStep;

constexpr int64_t kBlockWidth = tile::kBlockElements / kBlockVectors;
using BlockHandler = void (*)(const BlockStep* step, std::byte* const* addresses, int64_t offset, int64_t count,
                              RONDO_BLOCK);
using Block = BlockVector[kBlockVectors];

#define RONDO_BLOCK_COPY(v) \
  { RONDO_BLOCK_PASS(v) }
#define RONDO_BLOCK_EACH _Pragma("GCC unroll 8") for (int k = 0; k < kBlockVectors; ++k)

/// What a step knows besides the block.
struct BlockPlace {
  const BlockStep* step;
  std::byte* const* addresses;
  int64_t offset, count;

  float* array() const { return reinterpret_cast<float*>(addresses[step->entry] + (offset & step->moves)); }
  const float* scalar() const { return reinterpret_cast<const float*>(addresses[step->entry]); }
  bool is_whole() const { return count == tile::kBlockElements; }
  [[gnu::always_inline]] void read_to(Block& v) const {
    const float* p = array();
    if (is_whole()) {
      RONDO_BLOCK_EACH v[k] = read(p + k * kBlockWidth);
    } else {
      RONDO_BLOCK_EACH v[k] = read_first(p + k * kBlockWidth, count, k);
    }
  }
  [[gnu::always_inline]] void write_from(const Block& v) const {
    float* p = array();
    if (is_whole()) {
      RONDO_BLOCK_EACH write(p + k * kBlockWidth, v[k]);
    } else {
      RONDO_BLOCK_EACH write_first(p + k * kBlockWidth, v[k], count, k);
    }
  }
};

/// A handler: these steps, one after the other, and the jump behind them. What is alive in a step must be in registers
/// at the jump, so all is inlined.
template <class... Steps>
void block_handler(const BlockStep* step, std::byte* const* addresses, int64_t offset, int64_t count, RONDO_BLOCK) {
  Block v = RONDO_BLOCK_PACK;
  (Steps::run(v, BlockPlace{step++, addresses, offset, count}), ...);
  return reinterpret_cast<BlockHandler>(step->code)(step, addresses, offset, count, RONDO_BLOCK_PASS(v));
}
inline void block_end(const BlockStep*, std::byte* const*, int64_t, int64_t, RONDO_BLOCK) {
  const Block v = RONDO_BLOCK_PACK;
  (void)v;
}

struct AddBlock {
  static BlockVector of(BlockVector a, BlockVector b) { return a + b; }
};
struct SubBlock {
  static BlockVector of(BlockVector a, BlockVector b) { return a - b; }
};
struct MulBlock {
  static BlockVector of(BlockVector a, BlockVector b) { return a * b; }
};
struct DivBlock {
  static BlockVector of(BlockVector a, BlockVector b) { return a / b; }
};
struct MaxBlock {
  static BlockVector of(BlockVector a, BlockVector b) { return unless_nan(larger(a, b), b, a); }
};
struct MinBlock {
  static BlockVector of(BlockVector a, BlockVector b) { return unless_nan(smaller(a, b), b, a); }
};

template <class Op, BlockArgument kArgument>
struct BinaryStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) {
    constexpr bool kScalar = kArgument == BlockArgument::kScalar || kArgument == BlockArgument::kFirstScalar;
    constexpr bool kFirst = kArgument == BlockArgument::kFirstArray || kArgument == BlockArgument::kFirstScalar;
    Block x = RONDO_BLOCK_COPY(v);
    if constexpr (kScalar) {
      RONDO_BLOCK_EACH x[k] = spread(at.scalar());
    } else if constexpr (kArgument != BlockArgument::kSelf) {
      at.read_to(x);
    }
    RONDO_BLOCK_EACH v[k] = kFirst ? Op::of(x[k], v[k]) : Op::of(v[k], x[k]);
  }
};

struct NegBlock {
  static BlockVector of(BlockVector v) { return -v; }
};
struct SqrtBlock {
  static BlockVector of(BlockVector v) { return root(v); }
};
struct RecipBlock {
  static BlockVector of(BlockVector v) { return (BlockVector{} + 1.0f) / v; }
};
#if defined(__AVX512F__)
template <BlockVector (*F)(BlockVector)>
struct FunctionBlock {
  static BlockVector of(BlockVector v) { return F(v); }
};
#endif

template <class Op>
struct UnaryStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace&) { RONDO_BLOCK_EACH v[k] = Op::of(v[k]); }
};

struct LoadStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) { at.read_to(v); }
};
struct LoadScalarStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) {
    RONDO_BLOCK_EACH v[k] = spread(at.scalar());
  }
};
struct StoreStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) { at.write_from(v); }
};
struct StreamStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) {
    float* p = at.array();
    const auto beyond = reinterpret_cast<uintptr_t>(p) % 64;
    if (!at.is_whole() || beyond % 16 != 0) return at.write_from(v);
    if (beyond == 0) {
      RONDO_BLOCK_EACH write_past_caches(p + k * kBlockWidth, v[k]);
    } else {
      RONDO_BLOCK_EACH write_quarters_past_caches(p + k * kBlockWidth, v[k]);
    }
  }
};
struct PrefetchStep {
  [[gnu::always_inline]] static void run(Block&, const BlockPlace& at) {
    const std::byte* p = at.addresses[at.step->entry] + at.offset + at.step->ahead;
    __builtin_prefetch(p);
    __builtin_prefetch(p + 64);
  }
};
struct CallStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) {
    float* p = at.array();
    RONDO_BLOCK_EACH write(p + k * kBlockWidth, v[k]);
    at.step->call(p, p, nullptr, nullptr, at.count);
    RONDO_BLOCK_EACH v[k] = read(p + k * kBlockWidth);
  }
};

struct SumBlock {
  using Fold = SumFold;
  static BlockVector of(BlockVector a, BlockVector x) { return a + x; }
};
struct LargestBlock {
  using Fold = ExtremeFold<true>;
  static BlockVector of(BlockVector a, BlockVector x) { return larger(x, a); }
};
struct SmallestBlock {
  using Fold = ExtremeFold<false>;
  static BlockVector of(BlockVector a, BlockVector x) { return smaller(x, a); }
};
template <class Op>
struct FoldStep {
  [[gnu::always_inline]] static void run(Block& v, const BlockPlace& at) {
    Block x = RONDO_BLOCK_COPY(v);
    auto* state = reinterpret_cast<tile::FoldState*>(at.addresses[at.step->entry]);
    if (!at.is_whole()) {
      RONDO_BLOCK_EACH x[k] = keep_first(v[k], at.count, k, Op::Fold::kNeutral);
    }
    RONDO_BLOCK_EACH {
      float* lane = state->lanes + k * kBlockWidth;
      write(lane, Op::of(read(lane), x[k]));
    }
    if constexpr (Op::Fold::kWide) {
      if (++state->steps == kFoldSteps) Op::Fold::flush(state);
    }
  }
};

#endif

}  // namespace
}  // namespace rondo::kernels
