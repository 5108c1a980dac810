#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace rondo::passes {

/// Questions passes may ask about the machine the plan is for; no pass knows a target's name.
struct TargetInfo {
  int threads = 1;
  int64_t l2_bytes = 1 << 20;   ///< per core
  int64_t l3_bytes = 16 << 20;  ///< shared
  /// What the instruction set does in a cycle (kernels/cpu/isa.h says what each means).
  int vector_lanes = 16;
  double multiplies_per_cycle = 1, vector_ops_per_cycle = 2;
  double bf16_product_gain = 1;
  double widening_f16_ops = 2, widening_bf16_ops = 2;
  /// What a core reads from L2 and L3 in a cycle. The most that was seen (Zen 4): where caches are slower, narrow weights gain more
  /// than is counted on.
  double l2_bytes_per_cycle = 29, l3_bytes_per_cycle = 25;
};

/// A way to compute a product, and its estimated time on one core.
struct ProductTactic {
  DType type = DType::kFloat32;  ///< kFloat32, kBFloat16: of both factors; kFloat16: of constant weights
  double cycles = 0;
};

/// What products may be computed in besides f32. Results and sums stay f32.
struct PrecisionChoice {
  bool f16 = false, bf16 = false;
  std::set<std::string> full;  ///< layers whose products stay as they are
  /// Called for each product (matmul or conv), in the order of the graph, with all that may compute it and the index of what the pass
  /// would take; returns the index to take. Unset: the pass decides.
  std::function<size_t(const ir::Graph& graph, ir::OpId product, std::span<const ProductTactic> tactics, size_t own)>
      choose;
};

struct PassOptions {
  TargetInfo target;
  std::set<std::string> disabled;  ///< names of passes and schedule phases switched off
  bool verify = true;              ///< verify structure and types after every pass
  bool strict_numerics = false;    ///< no reassociation of sums
  PrecisionChoice precision;
  /// Called around every pass when set: pass name, true before / false after, graph.
  std::function<void(const char* pass, bool before, const ir::Graph& graph)> observer;
};

struct PassTiming {
  std::string name;
  double time_us = 0;
  bool changed = false;
};

/// One row of the pipeline. `run` returns true if it changed the graph. required passes cannot be disabled.
struct Pass {
  const char* name;
  bool (*run)(ir::Graph& graph, const PassOptions& options);
  bool required;
};

/// The only list of passes, in order (pipeline.cpp).
const std::vector<Pass>& pipeline();

/// Runs the pipeline; returns time per pass. Throws Error on a user's mistake, InternalError naming the pass on ours.
std::vector<PassTiming> run_pipeline(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
