#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace rondo::passes {

/// Questions passes may ask about the machine the plan is for; no pass knows a target's name.
struct TargetInfo {
  int threads = 1;
  int64_t l2_bytes = 1 << 20;   ///< per core
  int64_t l3_bytes = 16 << 20;  ///< shared
  int vector_lanes = 16;        ///< f32 lanes of one vector
  double gflops_per_core = 100;
  double l3_gbytes_per_s = 80;
  double bf16_product_gain = 1;  ///< products of bf16 in the time of one of f32; 1: no instructions of its own
};

/// What products may be computed in besides f32. Results and sums stay f32.
struct PrecisionChoice {
  bool f16 = false, bf16 = false;
  std::set<std::string> full;  ///< layers whose products stay as they are
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
