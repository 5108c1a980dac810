// The pipeline: Graph to Graph, from what the user wrote to the form that `schedule` plans. Between the rows, what
// holds from there.
#include <chrono>

#include "base/error.h"
#include "ir/verify.h"
#include "ops/op_def.h"
#include "passes/batch_over_time.h"
#include "passes/eliminate_dead.h"
#include "passes/expand_structured.h"
#include "passes/fold_constants.h"
#include "passes/group_loops.h"
#include "passes/hoist_invariants.h"
#include "passes/infer_shapes.h"
#include "passes/merge_siblings.h"
#include "passes/normal_form/gather_reversed.h"
#include "passes/normalise.h"
#include "passes/pass.h"
#include "passes/products/gather_products.h"
#include "passes/products/lower_precision.h"
#include "passes/sink_outputs.h"
#include "passes/split_sums.h"

namespace rondo::passes {
namespace {

void verify(const ir::Graph& graph, const char* pass) {
  ir::verify_structure(graph, pass);
  ops::verify_types(graph, pass);
}

PassTiming run_pass(const Pass& pass, ir::Graph& graph, const PassOptions& options) {
  if (options.observer) options.observer(pass.name, true, graph);
  const auto start = std::chrono::steady_clock::now();
  PassTiming timing{pass.name, 0, false};
  try {
    timing.changed = pass.run(graph, options);
  } catch (const InternalError& error) {
    throw InternalError(text("pass ", pass.name, ": ", error.what()));
  }
  timing.time_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  if (options.verify) verify(graph, pass.name);
  if (options.observer) options.observer(pass.name, false, graph);
  return timing;
}

}  // namespace

const std::vector<Pass>& pipeline() {
  static const std::vector<Pass> passes = {
      {"expand_structured", expand_structured, true},
      // only primitives
      {"infer_shapes", infer_shapes, true},
      // every value has a type; shapes fit
      {"fold_constants", fold_constants, false},
      {"normalise", normalise, false},
      // one way to write each thing, nothing twice; counters are expressions of the step
      {"hoist_invariants", hoist_invariants, false},
      // a loop body computes nothing that is the same in every iteration
      {"split_sums", split_sums, false},
      // sums in a body: recurrent part + (known before the loop + invariant)
      {"batch_over_time", batch_over_time, false},
      // products of inputs with weights run once for all steps, before the loop
      {"sink_outputs", sink_outputs, false},
      // products of states with output weights run once for all steps, after the loop
      {"merge_siblings", merge_siblings, false},
      // one product per left operand; users read columns of it
      {"gather_products", gather_products, false},
      // a row picked from a constant table is not multiplied by constants
      {"cleanup", cleanup, false},
      {"lower_precision", lower_precision, false},
      // products on narrow factors where allowed and faster; all else is as exact as before
      {"gather_reversed", gather_reversed, true},
      // addresses of slices are expressions of shapes and steps
      {"group_loops", group_loops, false},
      // loops that may run side by side are adjacent
      {"eliminate_dead", eliminate_dead, false},
  };
  return passes;
}

std::vector<PassTiming> run_pipeline(ir::Graph& graph, const PassOptions& options) {
  std::vector<PassTiming> timings;
  for (const Pass& pass : pipeline()) {
    if (!pass.required && options.disabled.count(pass.name) != 0) continue;
    timings.push_back(run_pass(pass, graph, options));
  }
  graph.compact();
  return timings;
}

}  // namespace rondo::passes
