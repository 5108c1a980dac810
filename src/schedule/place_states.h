#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schedule/partition/region_plan.h"
#include "schedule/program_builder.h"

namespace rondo::schedule {

/// A loop op taken apart (order of operands and results: ir/graph.h).
struct LoopContext {
  ir::OpId op;
  ir::RegionId body;
  uint32_t slot = 0;
  bool has_count = false;
  bool has_while = false;
  size_t carried = 0, slices = 0, collected = 0;
  std::optional<ir::Dim> trips;  ///< if has_count and known before the network runs

  ir::ValueId initial(const ir::Graph& graph, size_t i) const;
  ir::ValueId iterated(const ir::Graph& graph, size_t i) const;
  ir::ValueId carried_arg(const ir::Graph& graph, size_t i) const;
  ir::ValueId slice_arg(const ir::Graph& graph, size_t i) const;
  ir::ValueId next(const ir::Graph& graph, size_t i) const;
  ir::ValueId body_collected(const ir::Graph& graph, size_t i) const;
  ir::ValueId last(const ir::Graph& graph, size_t i) const;
  ir::ValueId collected_result(const ir::Graph& graph, size_t i) const;
  ir::ValueId flag(const ir::Graph& graph) const;
  /// The loop surely runs at least once.
  bool runs(const ir::DimPool& pool) const;
};

LoopContext loop_context(ir::Graph& graph, ir::OpId op, uint32_t slot);

/// Where the iterations of a collected output are stored.
struct Collected {
  bool used = false;
  Place whole;                 ///< the output
  Place store;                 ///< what iteration t stores
  bool fits = false;           ///< every iteration stores inside of the output
  bool reverse_after = false;  ///< stored forward, turned round when the number of iterations is known
};

enum class Placement : uint8_t {
  kDead,       ///< nobody reads it
  kFixed,      ///< the next value is the value itself
  kCollected,  ///< read from the collected output one step back
  kInPlace,    ///< replaced element by element where it lies
  kUnread,     ///< the body does not read it: one buffer
  kParity,     ///< two slots
};
const char* placement_name(Placement placement);

struct CarryPlan {
  Placement placement = Placement::kDead;
  Place read;                  ///< the carried value in the body; with the counter at the trip count, the last value
  std::optional<Place> write;  ///< wanted place of the next value, if not a collected output's
  bool copy_initial = false;   ///< `write` needs the initial value before the loop
  std::string reason;          ///< why no better placement
};

/// Where values live that the caller of place_states provides.
struct StatePlaces {
  std::function<Place(ir::ValueId)> place_of;
  /// A place of its own for the last value (a wanted one if there is one, then *given is set).
  std::function<Place(ir::ValueId last, bool* given)> single;
  /// Elements, name -> buffer.
  std::function<uint32_t(ir::ValueId like, ir::Dim elements)> buffer;
  std::function<bool(ir::ValueId)> is_used;
};

/// Chooses where carried values live (docs/design/0004, idea 3).
/// Requires  every initial value has a place
std::vector<CarryPlan> place_states(ir::Graph& graph, const LoopContext& loop, const RegionPlan& body,
                                    const std::vector<Collected>& collected, const StatePlaces& places,
                                    const passes::PassOptions& options);

}  // namespace rondo::schedule
