#pragma once

#include "passes/parts/variance.h"
#include "passes/pass.h"

namespace rondo::passes {

/// Whether the input products of one loop are better computed for all steps before it, or step by step inside it.
///
/// Before the loop, X [T*B, I] * W runs at full GEMM efficiency and its result P [T, B, N] is written and read once. Inside, each
/// step computes [x_t | h] * [W ; R] and P never exists, but W is read again in every step. The second wins only when a step has
/// enough rows to run the GEMM kernels at full efficiency by itself and all weights of the loop stay in a core's L2.
struct BatchProfit {
  int64_t min_rows_in_loop;  ///< rows of a step from which its own GEMM is efficient
  int64_t max_weight_bytes;  ///< weights of one loop that stay cached between steps
};

/// Bound by the micro-kernel's row block (6) times enough blocks to hide packing and tails: measured at B=32 on Zen 4, where H=128
/// in the loop beat the batched form by 1.2x in fp32; at B=8 it lost. Raised: more loops batch, P traffic grows.
BatchProfit batch_profit(const TargetInfo& target);

/// True if the input products of `loop` stay inside it. `invariant weights` are right operands of rank 2 that are not recurrent.
bool prefers_in_loop(const ir::Graph& graph, ir::OpId loop, const PassOptions& options);

/// Elements of a value at the first profile's optimum shapes, times the size of one.
int64_t typical_bytes(const ir::Graph& graph, ir::ValueId value);

}  // namespace rondo::passes
