// Where carried values live. Takes a loop whose body is partitioned; gives each carried value a place to read, one to
// write, and thereby the place of its last value. Three ways, best first:
//   collected  h(t) is read at Y[t-1] and h(t+1) stored at Y[t]: no memory of its own. Needs every iteration to store
//   inside Y. in place   c is read and replaced by one stage at the same element, and nobody else reads it: one buffer.
//   parity     two slots; iteration t reads slot t mod 2 and writes the other. Always right, also for swaps and for
//   values that
//              another stage reads after the new one is written.
// In each, iteration 0 reads the initial value where it already lies (Place::first), so nothing is copied before the
// loop - unless the state lives in a network output, which must hold the initial value if the loop may not run at all.
#include "schedule/place_states.h"

#include <algorithm>

#include "base/error.h"

namespace rondo::schedule {

ir::ValueId LoopContext::initial(const ir::Graph& graph, size_t i) const {
  return graph.op(op).operands[(has_count ? 1 : 0) + i];
}
ir::ValueId LoopContext::iterated(const ir::Graph& graph, size_t i) const { return initial(graph, carried + i); }
ir::ValueId LoopContext::carried_arg(const ir::Graph& graph, size_t i) const { return graph.region(body).args[1 + i]; }
ir::ValueId LoopContext::slice_arg(const ir::Graph& graph, size_t i) const { return carried_arg(graph, carried + i); }
ir::ValueId LoopContext::next(const ir::Graph& graph, size_t i) const { return graph.region(body).results[i]; }
ir::ValueId LoopContext::body_collected(const ir::Graph& graph, size_t i) const { return next(graph, carried + i); }
ir::ValueId LoopContext::last(const ir::Graph& graph, size_t i) const { return graph.op(op).results[i]; }
ir::ValueId LoopContext::collected_result(const ir::Graph& graph, size_t i) const { return last(graph, carried + i); }
ir::ValueId LoopContext::flag(const ir::Graph& graph) const {
  return has_while ? graph.region(body).results.back() : ir::ValueId{};
}
bool LoopContext::runs(const ir::DimPool& pool) const { return trips && !has_while && pool.range(*trips).min >= 1; }

LoopContext loop_context(ir::Graph& graph, ir::OpId id, uint32_t slot) {
  const ir::Op& op = graph.op(id);
  LoopContext loop;
  loop.op = id;
  loop.body = op.regions[0];
  loop.slot = slot;
  loop.has_count = op.attrs.flag("count");
  loop.has_while = op.attrs.flag("while");
  loop.carried = static_cast<size_t>(op.attrs.integer("carried"));
  loop.slices = op.attrs.integers("iter_axes").size();
  loop.collected = op.attrs.integers("out_axes").size();
  if (loop.has_count) {
    const ir::ValueInfo& count = graph.value(op.operands[0]).info;
    if (count.contents && count.contents->size() == 1) loop.trips = graph.dims().resolve((*count.contents)[0]);
  }
  return loop;
}

const char* placement_name(Placement placement) {
  switch (placement) {
    case Placement::kDead:
      return "dead";
    case Placement::kFixed:
      return "fixed";
    case Placement::kCollected:
      return "collected output";
    case Placement::kInPlace:
      return "in place";
    case Placement::kUnread:
      return "single";
    case Placement::kParity:
      return "parity";
  }
  return "";
}

namespace {

class StatePlacement {
 public:
  StatePlacement(ir::Graph& graph, const LoopContext& loop, const RegionPlan& body,
                 const std::vector<Collected>& collected, const StatePlaces& places, bool enabled)
      : graph_(graph),
        pool_(graph.dims()),
        loop_(loop),
        body_(body),
        collected_(collected),
        places_(places),
        enabled_(enabled) {}

  CarryPlan choose(size_t carry) {
    const ir::ValueId arg = loop_.carried_arg(graph_, carry), next = loop_.next(graph_, carry);
    const bool is_read = body_.uses.count(arg) != 0;
    CarryPlan plan;
    if (!is_read && !places_.is_used(loop_.last(graph_, carry))) return plan;
    const Place initial = places_.place_of(loop_.initial(graph_, carry));
    if (next == arg) {
      plan.placement = Placement::kFixed;
      plan.read = initial;
      return plan;
    }
    if (enabled_) {
      if (try_collected(next, initial, plan)) return plan;
      if (is_read ? can_replace(arg, next, plan.reason) : after_break(next, plan.reason)) {
        return single(carry, initial, is_read ? Placement::kInPlace : Placement::kUnread);
      }
    } else {
      plan.reason = "place_states is disabled";
    }
    two_slots(carry, initial, plan);
    return plan;
  }

 private:
  Place from_second_iteration(Place place, const Place& initial) {
    place.guard_slot = plan::kNone;
    place.first = std::make_shared<const Place>(initial);
    place.first_slot = loop_.slot;
    return place;
  }

  bool try_collected(ir::ValueId next, const Place& initial, CarryPlan& plan) {
    plan.reason = "not collected";
    for (size_t i = 0; i < loop_.collected; ++i) {
      if (!collected_[i].used || loop_.body_collected(graph_, i) != next) continue;
      if (!collected_[i].fits || collected_[i].reverse_after) {
        plan.reason = collected_[i].fits ? "its output is reversed after the loop"
                                         : "its output may be shorter than the trip count";
        continue;
      }
      Place previous = collected_[i].store;
      for (const PlaceTerm& term : collected_[i].store.terms) {
        if (term.slot == loop_.slot) previous.offset = pool_.sub(previous.offset, term.stride);
      }
      plan.placement = Placement::kCollected;
      plan.read = from_second_iteration(previous, initial);
      plan.reason.clear();
      return true;
    }
    return false;
  }

  /// A store before the break would also happen in the iteration that does not run.
  bool after_break(ir::ValueId next, std::string& reason) {
    const int unit = body_.unit_of(graph_, next);
    if (!loop_.has_while || unit < 0 || body_.units[unit].phase == 1) return true;
    reason += "; computed before the while condition is known";
    return false;
  }

  bool can_replace(ir::ValueId arg, ir::ValueId next, std::string& reason) {
    const ir::OpId def = graph_.value(next).def;
    const auto owner = def.valid() ? body_.owner.find(def) : body_.owner.end();
    if (owner == body_.owner.end() || root_of(graph_, next) != next) {
      reason += "; the next value is not computed in the body";
      return false;
    }
    const Unit& unit = body_.units[owner->second];
    const auto form = unit.forms.find(next);
    if (unit.kind != UnitKind::kGroup || form == unit.forms.end() || form->second.wide) {
      reason += "; the next value is not computed element by element";
      return false;
    }
    return after_break(next, reason) && only_reader(arg, owner->second, reason) &&
           same_element(arg, unit, form->second, reason);
  }

  bool only_reader(ir::ValueId arg, int writer, std::string& reason) {
    for (const Use& use : body_.uses.at(arg)) {
      bool inside = use.op.valid() && graph_.op(use.op).kind == ir::OpKind::k_pointwise;
      for (size_t id = 0; inside && id < body_.units.size(); ++id) {
        inside = static_cast<int>(id) == writer || !body_.units[id].contains(use.op);
      }
      if (inside) continue;
      reason += use.op.valid()
                    ? text("; read by '", graph_.op(use.op).name, "' (", ir::op_kind_name(graph_.op(use.op).kind),
                           ") outside of the stage that replaces it")
                    : std::string("; its old value leaves the iteration");
      return false;
    }
    return true;
  }

  bool same_element(ir::ValueId arg, const Unit& unit, const Form& form, std::string& reason) {
    const ir::Dim zero = pool_.constant(0);
    const IndexMap expected = map_of(pool_, form, unit.last_axis(), zero);
    bool same = true;
    for (const auto& [value, value_form] : unit.forms) {
      const IndexMap map = map_of(pool_, value_form, unit.last_axis(), zero);
      const bool wide = value_form.wide;
      visit_loads(graph_, unit, value, map, [&](ir::ValueId root, const IndexMap& at) {
        same = same && (root != arg || (at == expected && !wide));
      });
    }
    if (!same) reason += "; read at other elements than those replaced";
    return same;
  }

  CarryPlan single(size_t carry, const Place& initial, Placement placement) {
    CarryPlan plan;
    plan.placement = placement;
    bool given = false;
    plan.write = places_.single(loop_.last(graph_, carry), &given);
    plan.copy_initial = given && !loop_.runs(pool_);
    plan.read = plan.copy_initial ? *plan.write : from_second_iteration(*plan.write, initial);
    return plan;
  }

  void two_slots(size_t carry, const Place& initial, CarryPlan& plan) {
    const ir::ValueId last = loop_.last(graph_, carry);
    const ir::Dims& dims = graph_.type(last).dims;
    const ir::Dim volume = pool_.product(dims);
    const uint32_t buffer = places_.buffer(last, pool_.mul(pool_.constant(2), volume));
    const Place slot = dense_place(pool_, buffer, dims);
    plan.placement = Placement::kParity;
    plan.read = slot;
    plan.read.terms.push_back({loop_.slot, plan::TermKind::kParity, volume});
    plan.read = from_second_iteration(plan.read, initial);
    plan.write = slot;
    plan.write->terms.push_back({loop_.slot, plan::TermKind::kNextParity, volume});
  }

  ir::Graph& graph_;
  ir::DimPool& pool_;
  const LoopContext& loop_;
  const RegionPlan& body_;
  const std::vector<Collected>& collected_;
  const StatePlaces& places_;
  bool enabled_;
};

}  // namespace

std::vector<CarryPlan> place_states(ir::Graph& graph, const LoopContext& loop, const RegionPlan& body,
                                    const std::vector<Collected>& collected, const StatePlaces& places,
                                    const passes::PassOptions& options) {
  StatePlacement placement(graph, loop, body, collected, places, options.disabled.count("place_states") == 0);
  std::vector<CarryPlan> plans;
  for (size_t i = 0; i < loop.carried; ++i) plans.push_back(placement.choose(i));
  return plans;
}

}  // namespace rondo::schedule
