#pragma once

#include <string>
#include <vector>

#include "api/config.h"
#include "api/int8/round_operands.h"
#include "api/network/network.h"
#include "ir/graph.h"
#include "plan/program.h"
#include "schedule/schedule.h"

namespace rondo::api {

/// A network as the compiler takes it over.
struct LoweredNetwork {
  ir::Graph graph;
  std::vector<schedule::BindingInfo> inputs;   ///< parallel to graph.inputs()
  std::vector<schedule::BindingInfo> outputs;  ///< parallel to graph.output_names()
  std::vector<plan::Profile> profiles;         ///< at least one; inputs by binding index
  std::vector<plan::Plugin> plugins;           ///< by attribute `plugin` of the ops of that kind
  size_t int8_layers = 0;                      ///< layers whose operands are rounded to 8 bits
};

/// What a network is lowered for.
struct LoweringAims {
  bool observe_floats = false;  ///< f32 tensors outside of loops and conditionals become hidden outputs, by name
  const TensorScales* scales = nullptr;  ///< products of tensors named here run on operands rounded to 8 bits
};

/// Translates a network and the profiles of a configuration into a Graph.
/// Takes         layers as added; loops and conditionals by data flow (Scopes)
/// Gives         structured ops named after their layers, loops and conditionals as ops with regions, types inferred,
///               symbols with the ranges of the profiles; layers that no output needs are left out
/// Establishes   every constraint of every op and every rule of loops holds, or the network is refused
/// Errors        kInvalidArgument naming the layer and the rule; kInvalidConfig for profiles that do not fit the inputs
LoweredNetwork lower_network(const Network& network, const Config& config, const LoweringAims& aims = {});

}  // namespace rondo::api
