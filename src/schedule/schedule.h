#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "passes/pass.h"
#include "plan/program.h"

namespace rondo::schedule {

/// How one network input or output is presented to the user. Everything else about it follows from the graph.
struct BindingInfo {
  std::string name;                    ///< empty: the graph's name of the input or output
  bool is_shape = false;               ///< host tensor whose values shapes depend on, or output marked for shapes
  std::vector<int64_t> dims;           ///< as declared, -1 dynamic; empty: derived from the type
  std::vector<std::string> dim_names;  ///< empty or one per dimension
  bool is_debug = false;               ///< see plan::Binding
  bool is_hidden = false;
};

/// What make_program needs besides the options.
struct ScheduleInput {
  const ir::Graph& graph;                     ///< normal form (end of the pass pipeline)
  std::string name;                           ///< of the network
  std::vector<plan::Profile> profiles;        ///< inputs by binding index; empty: one profile from the symbols' ranges
  std::vector<BindingInfo> inputs;            ///< parallel to graph.inputs(), or empty
  std::vector<BindingInfo> outputs;           ///< parallel to graph.output_names(), or empty
  std::string graph_text;                     ///< stored in the Program as it is
  std::vector<plan::Plugin> plugins = {};     ///< by attribute `plugin` of the ops of that kind
  std::vector<plan::Library> libraries = {};  ///< stored in the Program as they are
};

/// Names of the phases that PassOptions::disabled may hold: place_states, partition_stages, fuse_tails, pack_weights,
/// chain_stages. Results do not depend on them.
const std::vector<std::string>& phases();

/// Turns a graph in normal form into a Program (docs/design/0004): steps, places of all values, memory plan, inspector text.
/// The same input gives the same Program. The result is not bound to a machine.
/// Errors    kInvalidArgument: a tensor whose largest size is unbounded or above 2^40 bytes (set profiles or smaller ones);
///           kUnsupportedState: a reverse iterator in a loop whose trip count is only known while it runs (the pass
///           gather_reversed leaves none)
plan::Program make_program(const ScheduleInput& input, const passes::PassOptions& options);

/// Same for a network of static shapes or symbols with ranges, bindings named by the graph.
plan::Program make_program(const ir::Graph& graph, const passes::PassOptions& options);

}  // namespace rondo::schedule
