// The table of contents of the compiler: a network becomes a plan, one line per stage. Between the lines stands what
// holds from there on. Mistakes of the user leave as Error, bugs of ours as InternalError; the caller turns both into
// TensorRT's outcome.

#include "api/build.h"

#include "api/build_watch.h"
#include "api/int8/calibrate.h"
#include "api/layers/plugin/plugin_libraries.h"
#include "api/lower_network.h"
#include "api/precision/algorithm_choice.h"
#include "api/precision/layer_precision.h"
#include "api/settings_check.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "kernels/cpu/isa.h"
#include "ops/op_def.h"
#include "passes/pass.h"
#include "plan/place_weights.h"
#include "plan/plan_file.h"
#include "schedule/schedule.h"

namespace rondo::api {

Bytes build_plan(const Network& network, const Config& config, int32_t threads) {
  check_settings(network, config);
  // Every setting is one that this version meets, or that it has warned about.
  BuildWatch watch(network.sink(), config);

  const TensorScales scales = int8_scales(network, config, threads);
  // With kINT8, every tensor that calibration or the user gave a range has a scale.
  watch.stage("calibrate");

  LoweredNetwork lowered = lower_network(network, config, {.scales = scales.empty() ? nullptr : &scales});
  // One Graph: structured ops named after layers, loops and conditionals as regions, symbols with the profiles' ranges.
  // Every documented constraint of every layer holds; what depends on run-time extents is recorded as a check.
  watch.stage("lower_network", lowered.graph);
  if (!scales.empty()) watch.note_int8(lowered.int8_layers);

  ir::verify_structure(lowered.graph, "lower_network");
  ops::verify_types(lowered.graph, "lower_network");
  // From here on a broken graph is a bug of ours.

  passes::PassOptions options = pass_options(config, threads, watch);
  options.precision = LayerPrecision(network, config).choice();
  AlgorithmChoice algorithms(config, options.precision);
  watch.timings(passes::run_pipeline(lowered.graph, options));
  algorithms.report();
  // Normal form: primitive ops only, nothing invariant in a loop, products merged and batched over time, nothing dead.

  plan::Program program = schedule::make_program({.graph = lowered.graph,
                                                  .name = network.getName(),
                                                  .profiles = lowered.profiles,
                                                  .inputs = lowered.inputs,
                                                  .outputs = lowered.outputs,
                                                  .graph_text = graph_text(lowered.graph, config),
                                                  .plugins = lowered.plugins,
                                                  .libraries = plugin_libraries(config)},
                                                 options);
  // Steps over buffers; every address is an expression of the input shapes; the arena holds the largest shapes of all
  // profiles.
  watch.layers(program);
  watch.precisions(program);
  if (config.settings().verbosity != ProfilingVerbosity::kDETAILED) program.layer_info.clear();
  watch.stage("make_program");

  lowered.graph = {};
  // The Program refers to the weights where they are: with the user, or in what passes made. Everything else is gone.

  plan::place_weights(program, kernels::detect_isa());
  plan::verify(program);
  check_workspace(program, config);
  // Weights have their places in the plan, packed for this machine. What the reader of the plan checks holds, and one
  // context fits the workspace.

  Bytes bytes = plan::write_plan(program, threads);
  watch.stage("write_plan");
  return bytes;
}

void check_network(const Network& network, const Config& config) {
  check_settings(network, config);
  const LoweredNetwork lowered = lower_network(network, config);
  ir::verify_structure(lowered.graph, "lower_network");
}

}  // namespace rondo::api
