#pragma once

#include <string>
#include <vector>

#include "api/config.h"
#include "api/network/network.h"
#include "api/network/shape_tensors.h"
#include "ir/graph.h"
#include "plan/program.h"
#include "schedule/schedule.h"

namespace rondo::api {

/// Adds the network inputs to a graph: one `input` op each, a symbol for every extent that is -1 and for every element of
/// an input that decides shapes, with the ranges of the profiles. Returns the inputs' values, in order.
/// Errors    kInvalidConfig for a dynamic input without profile, or with one that breaks C1 to C4 of IOptimizationProfile
std::vector<ir::ValueId> add_inputs(ir::Graph& graph, const Network& network, const Config& config,
                                    const ShapeTensors& shapes);

/// How the inputs are shown to the user.
std::vector<schedule::BindingInfo> input_bindings(const Network& network, const ShapeTensors& shapes);

/// The profiles of a configuration, or the one that a static network has.
std::vector<plan::Profile> plan_profiles(const Network& network, const Config& config, const ShapeTensors& shapes);

}  // namespace rondo::api
