#pragma once

// The table of block code (element_block_steps.h): which handlers there are, and the loop over rows and blocks.

#include "kernels/cpu/element_block_steps.h"
#include "tile/functions.h"

namespace rondo::kernels {
namespace {

#if defined(__AVX2__)

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

template <class... Steps>
tile::BlockFunctions::Code code_of() {
  return reinterpret_cast<tile::BlockFunctions::Code>(static_cast<BlockHandler>(block_handler<Steps...>));
}
template <class Op>
void add_binary_block(tile::BlockFunctions& blocks, tile::PointwiseFn fn) {
  auto& row = blocks.compute[static_cast<size_t>(fn)];
  const auto at = [&](BlockArgument argument) -> auto& { return row[static_cast<size_t>(argument)]; };
  at(BlockArgument::kArray) = code_of<BinaryStep<Op, BlockArgument::kArray>>();
  at(BlockArgument::kScalar) = code_of<BinaryStep<Op, BlockArgument::kScalar>>();
  at(BlockArgument::kFirstArray) = code_of<BinaryStep<Op, BlockArgument::kFirstArray>>();
  at(BlockArgument::kFirstScalar) = code_of<BinaryStep<Op, BlockArgument::kFirstScalar>>();
  at(BlockArgument::kSelf) = code_of<BinaryStep<Op, BlockArgument::kSelf>>();
}
template <class Op>
void add_unary_block(tile::BlockFunctions& blocks, tile::PointwiseFn fn) {
  blocks.compute[static_cast<size_t>(fn)][static_cast<size_t>(BlockArgument::kSelf)] = code_of<UnaryStep<Op>>();
}

template <class First, class Second>
void add_pair(tile::BlockFunctions& blocks) {
  blocks.pairs.push_back({code_of<First>(), code_of<Second>(), code_of<First, Second>()});
}
// Steps that stand side by side in softmax, normalization and tails of products: a jump and its scalar work less.
template <BlockArgument kArgument>
void add_pairs_with(tile::BlockFunctions& blocks) {
  using Add = BinaryStep<AddBlock, kArgument>;
  using Mul = BinaryStep<MulBlock, kArgument>;
  add_pair<LoadStep, Add>(blocks);
  add_pair<LoadStep, BinaryStep<SubBlock, kArgument>>(blocks);
  add_pair<LoadStep, Mul>(blocks);
  add_pair<StoreStep, Add>(blocks);
  add_pair<StoreStep, Mul>(blocks);
  add_pair<Add, StoreStep>(blocks);
  add_pair<Mul, StoreStep>(blocks);
  add_pair<Add, StreamStep>(blocks);
  add_pair<Mul, StreamStep>(blocks);
}
template <class Fold>
void add_pairs_with_fold(tile::BlockFunctions& blocks) {
  add_pair<LoadStep, Fold>(blocks);
  add_pair<StoreStep, Fold>(blocks);
  add_pair<Fold, PrefetchStep>(blocks);
}
inline void add_pairs(tile::BlockFunctions& blocks) {
  using Sum = FoldStep<SumBlock>;
  using MulArray = BinaryStep<MulBlock, BlockArgument::kArray>;
  add_pairs_with<BlockArgument::kArray>(blocks);
  add_pairs_with<BlockArgument::kScalar>(blocks);
  add_pairs_with_fold<Sum>(blocks);
  add_pairs_with_fold<FoldStep<LargestBlock>>(blocks);
  add_pair<BinaryStep<MulBlock, BlockArgument::kSelf>, Sum>(blocks);
  add_pair<BinaryStep<MulBlock, BlockArgument::kScalar>, MulArray>(blocks);
  add_pair<MulArray, BinaryStep<AddBlock, BlockArgument::kArray>>(blocks);
}

inline void add_functions(tile::BlockFunctions& blocks) {
  using tile::PointwiseFn;
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
}

inline void add_blocks(tile::TileFunctions& table) {
  using tile::RowFold;
  tile::BlockFunctions& blocks = table.blocks;
  add_functions(blocks);
  blocks.load = code_of<LoadStep>();
  blocks.load_scalar = code_of<LoadScalarStep>();
  blocks.store = code_of<StoreStep>();
  blocks.stream = code_of<StreamStep>();
  blocks.prefetch = code_of<PrefetchStep>();
  blocks.call = code_of<CallStep>();
  blocks.end = reinterpret_cast<tile::BlockFunctions::Code>(block_end);
  const auto fold = [&](RowFold how) -> auto& { return blocks.fold[static_cast<size_t>(how)]; };
  fold(RowFold::kSum) = fold(RowFold::kAvg) = code_of<FoldStep<SumBlock>>();
  fold(RowFold::kMax) = code_of<FoldStep<LargestBlock>>();
  fold(RowFold::kMin) = code_of<FoldStep<SmallestBlock>>();
  add_pairs(blocks);
  blocks.run = run_blocks;
  blocks.drain = [] { _mm_sfence(); };
}

#undef RONDO_BLOCK
#undef RONDO_BLOCK_PACK
#undef RONDO_BLOCK_PASS
#undef RONDO_BLOCK_COPY
#undef RONDO_BLOCK_EACH

#else

inline void add_blocks(tile::TileFunctions&) {}

#endif

}  // namespace
}  // namespace rondo::kernels
