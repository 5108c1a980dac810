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

#define RONDO_BLOCK_HANDLER(name) \
  void name(const BlockStep* step, std::byte* const* addresses, int64_t offset, int64_t count, RONDO_BLOCK)
#define RONDO_BLOCK_NEXT(v) \
  return reinterpret_cast<BlockHandler>(step[1].code)(step + 1, addresses, offset, count, RONDO_BLOCK_PASS(v))
#define RONDO_BLOCK_EACH _Pragma("GCC unroll 8") for (int k = 0; k < kBlockVectors; ++k)

inline float* array_of(const BlockStep* step, std::byte* const* addresses, int64_t offset) {
  return reinterpret_cast<float*>(addresses[step->entry] + (offset & step->moves));
}

inline void read_block(BlockVector (&v)[kBlockVectors], const float* p, int64_t count) {
  if (count == tile::kBlockElements) {
    RONDO_BLOCK_EACH v[k] = read(p + k * kBlockWidth);
  } else {
    RONDO_BLOCK_EACH v[k] = read_first(p + k * kBlockWidth, count, k);
  }
}
inline void write_block(float* p, const BlockVector (&v)[kBlockVectors], int64_t count) {
  if (count == tile::kBlockElements) {
    RONDO_BLOCK_EACH write(p + k * kBlockWidth, v[k]);
  } else {
    RONDO_BLOCK_EACH write_first(p + k * kBlockWidth, v[k], count, k);
  }
}

inline const float* scalar_of(const BlockStep* step, std::byte* const* addresses) {
  return reinterpret_cast<const float*>(addresses[step->entry]);
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
RONDO_BLOCK_HANDLER(block_binary) {
  BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  constexpr bool kScalar = kArgument == BlockArgument::kScalar || kArgument == BlockArgument::kFirstScalar;
  constexpr bool kFirst = kArgument == BlockArgument::kFirstArray || kArgument == BlockArgument::kFirstScalar;
  BlockVector x[kBlockVectors] = RONDO_BLOCK_PACK;
  if constexpr (kScalar) {
    const float* p = scalar_of(step, addresses);
    RONDO_BLOCK_EACH x[k] = spread(p);
  } else if constexpr (kArgument != BlockArgument::kSelf) {
    read_block(x, array_of(step, addresses, offset), count);
  }
  RONDO_BLOCK_EACH v[k] = kFirst ? Op::of(x[k], v[k]) : Op::of(v[k], x[k]);
  RONDO_BLOCK_NEXT(v);
}

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
RONDO_BLOCK_HANDLER(block_unary) {
  BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  RONDO_BLOCK_EACH v[k] = Op::of(v[k]);
  RONDO_BLOCK_NEXT(v);
}

RONDO_BLOCK_HANDLER(block_load) {
  BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  read_block(v, array_of(step, addresses, offset), count);
  RONDO_BLOCK_NEXT(v);
}
RONDO_BLOCK_HANDLER(block_load_scalar) {
  BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  const float* p = scalar_of(step, addresses);
  RONDO_BLOCK_EACH v[k] = spread(p);
  RONDO_BLOCK_NEXT(v);
}
RONDO_BLOCK_HANDLER(block_store) {
  const BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  write_block(array_of(step, addresses, offset), v, count);
  RONDO_BLOCK_NEXT(v);
}
RONDO_BLOCK_HANDLER(block_stream) {
  const BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  float* p = array_of(step, addresses, offset);
  if (count != tile::kBlockElements) {
    write_block(p, v, count);
  } else if (reinterpret_cast<uintptr_t>(p) % 64 == 0) {
    RONDO_BLOCK_EACH write_past_caches(p + k * kBlockWidth, v[k]);
  } else if (reinterpret_cast<uintptr_t>(p) % 16 == 0) {
    RONDO_BLOCK_EACH write_quarters_past_caches(p + k * kBlockWidth, v[k]);
  } else {
    RONDO_BLOCK_EACH write(p + k * kBlockWidth, v[k]);
  }
  RONDO_BLOCK_NEXT(v);
}
RONDO_BLOCK_HANDLER(block_prefetch) {
  const BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  const std::byte* p = addresses[step->entry] + offset + step->ahead;
  __builtin_prefetch(p);
  __builtin_prefetch(p + 64);
  RONDO_BLOCK_NEXT(v);
}
RONDO_BLOCK_HANDLER(block_call) {
  BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  float* p = array_of(step, addresses, offset);
  RONDO_BLOCK_EACH write(p + k * kBlockWidth, v[k]);
  step->call(p, p, nullptr, nullptr, count);
  RONDO_BLOCK_EACH v[k] = read(p + k * kBlockWidth);
  RONDO_BLOCK_NEXT(v);
}
RONDO_BLOCK_HANDLER(block_end) {
  const BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  (void)v, (void)step, (void)addresses, (void)offset, (void)count;
}

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
RONDO_BLOCK_HANDLER(block_fold) {
  const BlockVector v[kBlockVectors] = RONDO_BLOCK_PACK;
  BlockVector x[kBlockVectors] = RONDO_BLOCK_PACK;
  auto* state = reinterpret_cast<tile::FoldState*>(addresses[step->entry]);
  if (count != tile::kBlockElements) {
    RONDO_BLOCK_EACH x[k] = keep_first(v[k], count, k, Op::Fold::kNeutral);
  }
  RONDO_BLOCK_EACH {
    float* lane = state->lanes + k * kBlockWidth;
    write(lane, Op::of(read(lane), x[k]));
  }
  if constexpr (Op::Fold::kWide) {
    if (++state->steps == kFoldSteps) Op::Fold::flush(state);
  }
  RONDO_BLOCK_NEXT(v);
}

// Eight at a time.
typedef int64_t BlockAddresses __attribute__((vector_size(64), may_alias));
inline BlockAddresses* addresses_at(const tile::BlockRun& run, size_t entry) {
  return reinterpret_cast<BlockAddresses*>(run.addresses + entry);
}
inline const BlockAddresses* steps_at(const tile::BlockRun& run, size_t entry) {
  return reinterpret_cast<const BlockAddresses*>(run.row_steps + entry);
}

inline void run_blocks(const tile::BlockRun& run) {
  constexpr int64_t kBytes = sizeof(float);
  const BlockVector v[kBlockVectors] = {};
  const auto handler = reinterpret_cast<BlockHandler>(run.code->code);
  const int64_t whole = run.n / tile::kBlockElements * tile::kBlockElements;
  for (int64_t row = 0; row < run.rows; ++row) {
    for (int64_t at = 0; at < whole; at += tile::kBlockElements) {
      handler(run.code, run.addresses, at * kBytes, tile::kBlockElements, RONDO_BLOCK_PASS(v));
    }
    if (whole != run.n) handler(run.code, run.addresses, whole * kBytes, run.n - whole, RONDO_BLOCK_PASS(v));
    for (size_t e = 0; e < run.entries; e += 8) *addresses_at(run, e) += *steps_at(run, e);
  }
}

inline tile::BlockFunctions::Code erased(BlockHandler handler) {
  return reinterpret_cast<tile::BlockFunctions::Code>(handler);
}
template <class Op>
void add_binary_block(tile::BlockFunctions& blocks, tile::PointwiseFn fn) {
  auto& row = blocks.compute[static_cast<size_t>(fn)];
  const auto at = [&](BlockArgument argument) -> auto& { return row[static_cast<size_t>(argument)]; };
  at(BlockArgument::kArray) = erased(block_binary<Op, BlockArgument::kArray>);
  at(BlockArgument::kScalar) = erased(block_binary<Op, BlockArgument::kScalar>);
  at(BlockArgument::kFirstArray) = erased(block_binary<Op, BlockArgument::kFirstArray>);
  at(BlockArgument::kFirstScalar) = erased(block_binary<Op, BlockArgument::kFirstScalar>);
  at(BlockArgument::kSelf) = erased(block_binary<Op, BlockArgument::kSelf>);
}
template <class Op>
void add_unary_block(tile::BlockFunctions& blocks, tile::PointwiseFn fn) {
  blocks.compute[static_cast<size_t>(fn)][static_cast<size_t>(BlockArgument::kSelf)] = erased(block_unary<Op>);
}

inline void add_blocks(tile::TileFunctions& table) {
  using tile::PointwiseFn;
  using tile::RowFold;
  tile::BlockFunctions& blocks = table.blocks;
  add_binary_block<AddBlock>(blocks, PointwiseFn::f_add);
  add_binary_block<SubBlock>(blocks, PointwiseFn::f_sub);
  add_binary_block<MulBlock>(blocks, PointwiseFn::f_mul);
  add_binary_block<DivBlock>(blocks, PointwiseFn::f_div);
  add_binary_block<MaxBlock>(blocks, PointwiseFn::f_max);
  add_binary_block<MinBlock>(blocks, PointwiseFn::f_min);
  add_unary_block<NegBlock>(blocks, PointwiseFn::f_neg);
  add_unary_block<SqrtBlock>(blocks, PointwiseFn::f_sqrt);
  add_unary_block<RecipBlock>(blocks, PointwiseFn::f_recip);
#if defined(__AVX512F__)
  add_unary_block<FunctionBlock<exp_of_16>>(blocks, PointwiseFn::f_exp);
  add_unary_block<FunctionBlock<tanh_of_16>>(blocks, PointwiseFn::f_tanh);
  add_unary_block<FunctionBlock<sigmoid_of_16>>(blocks, PointwiseFn::f_sigmoid);
  add_unary_block<FunctionBlock<erf_of_16>>(blocks, PointwiseFn::f_erf);
#endif
  blocks.load = erased(block_load);
  blocks.load_scalar = erased(block_load_scalar);
  blocks.store = erased(block_store);
  blocks.stream = erased(block_stream);
  blocks.prefetch = erased(block_prefetch);
  blocks.call = erased(block_call);
  blocks.end = erased(block_end);
  const auto fold = [&](RowFold how) -> auto& { return blocks.fold[static_cast<size_t>(how)]; };
  fold(RowFold::kSum) = fold(RowFold::kAvg) = erased(block_fold<SumBlock>);
  fold(RowFold::kMax) = erased(block_fold<LargestBlock>);
  fold(RowFold::kMin) = erased(block_fold<SmallestBlock>);
  blocks.run = run_blocks;
  blocks.drain = [] { _mm_sfence(); };
}

#undef RONDO_BLOCK
#undef RONDO_BLOCK_PACK
#undef RONDO_BLOCK_PASS
#undef RONDO_BLOCK_HANDLER
#undef RONDO_BLOCK_NEXT
#undef RONDO_BLOCK_EACH

#else

inline void add_blocks(tile::TileFunctions&) {}

#endif

}  // namespace
}  // namespace rondo::kernels
