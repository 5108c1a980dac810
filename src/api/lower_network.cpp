// reason: one walk; its parts share the frames.
// From layers to a graph with regions.
//
// Scopes tells for every tensor which loops and conditionals it is inside of, outermost first. Lowering keeps a stack
// of frames, one per region that is being filled: main, then the scopes entered so far. A tensor belongs to the frame
// of its innermost scope, wherever it is asked for; a value of an outer frame that a loop body asks for is put into the
// outer region before the loop's op. So invariant layers stand outside from the start and each region holds exactly its
// members.
//
//   h = recurrence; y = relu(W x + R h); last = loop output     frames [main, loop]
//   asked: last -> enter the loop -> asked: y -> W x belongs to main, goes before the loop; R h to the loop; ...
//
// A chain of layers is walked with a stack of its own, not by recursion (networks that unroll time are deep); recursion
// happens once per nested scope. A branch of a conditional is entered once per side, and what both sides use is lowered
// twice: layers are pure. A layer met again while its inputs are still open closes a cycle without a recurrence.

#include "api/lower_network.h"

#include <map>
#include <optional>
#include <set>

#include "api/assertions.h"
#include "api/bindings.h"
#include "api/layers/operands.h"
#include "api/precision/layer_precision.h"
#include "api/scopes.h"
#include "ir/data_symbols.h"
#include "ops/primitive/region_ops.h"

namespace rondo::api {

namespace {

using Ref = Emitter::Ref;

class Lowering {
 public:
  Lowering(const Network& network, const Config& config, const LoweringAims& aims)
      : network_(network),
        config_(config),
        aims_(aims),
        precision_(network, config),
        shapes_(network),
        scopes_(network),
        assertions_(network, scopes_),
        out_(result_.graph) {}

  LoweredNetwork run() {
    require(!network_.outputs().empty(), "network '", network_.getName(),
            "' has no outputs; mark one with INetworkDefinition::markOutput");
    frames_.push_back({std::nullopt, graph().main(), {}, {}, {}});
    const auto inputs = add_inputs(graph(), network_, config_, shapes_);
    for (size_t i = 0; i < inputs.size(); ++i) frames_[0].values[network_.inputs()[i].get()] = inputs[i].id;
    result_.profiles = plan_profiles(network_, config_, shapes_);
    result_.inputs = input_bindings(network_, shapes_);
    for (size_t i = 0; i < inputs.size(); ++i)
      result_.inputs[i].is_debug = network_.isDebugTensor(*network_.inputs()[i]);
    add_outputs();
    result_.plugins = out_.take_plugins();
    return std::move(result_);
  }

 private:
  struct Frame {
    std::optional<ScopeId> scope;  ///< none: the main region
    ir::RegionId region;
    ir::OpId pending;  ///< the op of the next frame, which stands in this region; ops go before it
    std::map<const Tensor*, Ref> values;
    std::set<const LayerNode*> open;  ///< layers whose inputs are being lowered
  };

  ir::Graph& graph() { return result_.graph; }

  void add_outputs();
  void add_output(const Tensor& output, bool is_hidden);
  std::vector<const Tensor*> hidden_outputs() const;
  void require_unique_outputs() const;
  void round_to_int8(const LayerNode& layer, Ref product);
  size_t frame_of(const std::vector<ScopeId>& around, const std::string& who) const;
  Ref value_of(const Tensor& tensor);
  std::vector<Ref> values_of(const std::vector<const Tensor*>& tensors);
  void lower(const std::vector<const Tensor*>& wanted);
  std::vector<const Tensor*> needs(const LayerNode& layer) const;
  void lower_layer(const LayerNode& layer, size_t frame);
  void lower_assertions(const std::vector<const LayerNode*>& assertions);
  void name_results(const LayerNode& layer, const std::vector<Ref>& results);

  struct LoopPlan;
  void lower_loop(const LoopNode& loop, size_t frame);
  LoopPlan plan_loop(const LoopNode& loop) const;
  void fill_body(const LoopNode& loop, const LoopPlan& plan, ir::RegionId region);
  void lower_conditional(const ConditionalNode& node, size_t frame);
  bool inline_branch(const ConditionalNode& node, const std::vector<const ConditionalOutputLayer*>& outputs,
                     ir::ValueId condition, size_t frame);
  void join_extents(ir::OpId op, const std::vector<ir::ValueInfo> (&sides)[2]);
  std::vector<ir::ValueInfo> fill_branch(const std::vector<const ConditionalOutputLayer*>& outputs, size_t side,
                                         ir::RegionId region);
  void enter(ScopeId scope, ir::RegionId region, ir::OpId pending);
  void leave();
  template <class Fill>
  void at_frame(size_t frame, ScopeId scope, const std::string& name, Fill fill);

  const Network& network_;
  const Config& config_;
  const LoweringAims& aims_;
  LayerPrecision precision_;
  ShapeTensors shapes_;
  Scopes scopes_;
  Assertions assertions_;
  LoweredNetwork result_;
  GraphEmitter out_;
  std::vector<Frame> frames_;
  std::set<ScopeId> being_filled_;
};

/// The live layers of a loop in the order of the op's operands and results, and the tensors they stand for.
struct Lowering::LoopPlan {
  std::vector<const RecurrenceLayer*> recurrences;
  std::vector<const IteratorLayer*> iterators;
  std::vector<const LoopOutputLayer*> collected, last;
  std::vector<const Tensor*> operands;
  ir::Attrs attrs;
};

void Lowering::enter(ScopeId scope, ir::RegionId region, ir::OpId pending) {
  frames_.back().pending = pending;
  frames_.push_back({scope, region, {}, {}, {}});
}

void Lowering::leave() {
  frames_.pop_back();
  frames_.back().pending = {};
}

// Runs fill(region of the frame, op to stand before) with that frame as the innermost one: a scope that is asked for
// from deeper inside sees only what is around itself. The deeper frames come back afterwards.
template <class Fill>
void Lowering::at_frame(size_t frame, ScopeId scope, const std::string& name, Fill fill) {
  require(being_filled_.insert(scope).second, "'", name,
          "' depends on its own output; the only way back is a recurrence");
  const auto first = frames_.begin() + static_cast<std::ptrdiff_t>(frame) + 1;
  std::vector<Frame> deeper(std::make_move_iterator(first), std::make_move_iterator(frames_.end()));
  const ir::OpId before = frames_[frame].pending;
  frames_.resize(frame + 1);
  fill(frames_[frame].region, before);
  frames_[frame].pending = before;
  std::move(deeper.begin(), deeper.end(), std::back_inserter(frames_));
  being_filled_.erase(scope);
}

size_t Lowering::frame_of(const std::vector<ScopeId>& around, const std::string& who) const {
  if (around.empty()) return 0;
  for (size_t i = frames_.size(); i-- > 0;) {
    if (frames_[i].scope == around.back()) return i;
  }
  fail(Code::kInvalidArgument, who, " is used outside of the loop or conditional it is computed in; hand it out with ",
       "ILoop::addLoopOutput or IIfConditional::addOutput");
}

Ref Lowering::value_of(const Tensor& tensor) {
  const Frame& frame = frames_[frame_of(scopes_.around(tensor), tensor.who())];
  const auto found = frame.values.find(&tensor);
  RONDO_CHECK(found != frame.values.end(), tensor.who(), " is not lowered");
  return found->second;
}

std::vector<Ref> Lowering::values_of(const std::vector<const Tensor*>& tensors) {
  std::vector<Ref> refs;
  for (const Tensor* tensor : tensors) refs.push_back(tensor ? value_of(*tensor) : Emitter::kNoRef);
  return refs;
}

// What must be lowered before a layer; for the outputs of scopes, what their op takes from outside.
std::vector<const Tensor*> Lowering::needs(const LayerNode& layer) const {
  if (const auto* output = dynamic_cast<const LoopOutputLayer*>(&layer)) return plan_loop(output->loop()).operands;
  if (const auto* output = dynamic_cast<const ConditionalOutputLayer*>(&layer)) {
    return {output->conditional().condition()->input(0)};
  }
  return {layer.inputs().begin(), layer.inputs().end()};
}

void Lowering::lower(const std::vector<const Tensor*>& wanted) {
  struct Open {
    const LayerNode* layer;
    size_t frame;
    std::vector<const Tensor*> needs;
    size_t next = 0;
  };
  std::vector<Open> stack;
  const auto open = [&](const Tensor* tensor) {
    if (!tensor) return;
    const size_t frame = frame_of(scopes_.around(*tensor), tensor->who());
    if (frames_[frame].values.count(tensor) != 0) return;
    const LayerNode* layer = tensor->producer();
    RONDO_CHECK(layer, tensor->who(), " is no input of the network");
    require(frames_[frame].open.insert(layer).second, layer->who(),
            " depends on its own output; the only way back is a recurrence of a loop");
    stack.push_back({layer, frame, needs(*layer)});
  };
  for (const Tensor* tensor : wanted) {
    open(tensor);
    while (!stack.empty()) {
      Open& top = stack.back();
      if (top.next < top.needs.size()) {
        open(top.needs[top.next++]);
        continue;
      }
      const Open done = std::move(top);
      stack.pop_back();
      lower_layer(*done.layer, done.frame);
      frames_[done.frame].open.erase(done.layer);
    }
  }
}

void Lowering::lower_layer(const LayerNode& layer, size_t frame) {
  if (const auto* output = dynamic_cast<const LoopOutputLayer*>(&layer)) {
    if (frames_[frame].values.count(output->outputs()[0].get()) == 0) lower_loop(output->loop(), frame);
    return;
  }
  if (const auto* output = dynamic_cast<const ConditionalOutputLayer*>(&layer)) {
    if (frames_[frame].values.count(output->outputs()[0].get()) == 0) lower_conditional(output->conditional(), frame);
    return;
  }
  const std::vector<const Tensor*> needed = needs(layer);
  const std::vector<Ref> in = values_of(needed);
  out_.move_to(frames_[frame].region, frames_[frame].pending);
  const bool passes = layer.type() == LayerType::kCONDITIONAL_INPUT;
  const std::vector<Ref> results = passes ? in : precision_.emit(layer, out_, in);
  for (size_t i = 0; i < results.size() && i < layer.outputs().size(); ++i) {
    frames_[frame].values[layer.outputs()[i].get()] = results[i];
  }
  if (!passes) name_results(layer, results);
  if (aims_.scales != nullptr && frame == 0 && layer.type() != LayerType::kCONSTANT) round_to_int8(layer, results[0]);
}

// Layers inside of loops stay as they are: nothing has observed their tensors.
void Lowering::round_to_int8(const LayerNode& layer, Ref product) {
  constexpr LayerType kProducts[] = {LayerType::kCONVOLUTION, LayerType::kDECONVOLUTION, LayerType::kFULLY_CONNECTED,
                                     LayerType::kMATRIX_MULTIPLY};
  if (std::find(std::begin(kProducts), std::end(kProducts), layer.type()) == std::end(kProducts)) return;
  const ILayer& face = const_cast<LayerNode&>(layer).face();
  if (face.precisionIsSet() && face.getPrecision() != DataType::kINT8) return;
  float scales[2] = {};
  for (size_t i = 0; i < std::min<size_t>(layer.inputs().size(), 2); ++i) {
    if (layer.input(i) == nullptr) continue;
    const auto found = aims_.scales->find(layer.input(i)->getName());
    if (found != aims_.scales->end()) scales[i] = found->second;
  }
  result_.int8_layers += round_operands(graph(), out_, {product}, scales);
}

// Into the innermost frame.
void Lowering::lower_assertions(const std::vector<const LayerNode*>& assertions) {
  for (const LayerNode* layer : assertions) {
    lower({layer->input(0)});
    lower_layer(*layer, frames_.size() - 1);
  }
}

void Lowering::name_results(const LayerNode& layer, const std::vector<Ref>& results) {
  for (size_t i = 0; i < results.size() && i < layer.outputs().size(); ++i) {
    const std::string& name = layer.outputs()[i]->given_name();
    if (!name.empty()) graph().value({results[i]}).name = name;
  }
}

Lowering::LoopPlan Lowering::plan_loop(const LoopNode& loop) const {
  LoopPlan plan;
  const TripLimitLayer* count = loop.limit(TripLimit::kCOUNT);
  if (count) plan.operands.push_back(count->input(0));
  std::vector<int64_t> iter_axes, iter_reverse, out_axes, out_reverse;
  for (const RecurrenceLayer* layer : loop.recurrences()) {
    if (!scopes_.is_live(*layer)) continue;
    plan.recurrences.push_back(layer);
    plan.operands.push_back(layer->input(0));
  }
  for (const IteratorLayer* layer : loop.iterators()) {
    if (!scopes_.is_live(*layer)) continue;
    plan.iterators.push_back(layer);
    plan.operands.push_back(layer->input(0));
    iter_axes.push_back(layer->getAxis());
    iter_reverse.push_back(layer->getReverse());
  }
  for (const LoopOutputLayer* layer : loop.outputs()) {
    if (!scopes_.is_live(*layer)) continue;
    (layer->collects() ? plan.collected : plan.last).push_back(layer);
    if (!layer->collects()) continue;
    plan.operands.push_back(layer->input(1));
    out_axes.push_back(layer->getAxis());
    out_reverse.push_back(layer->getLoopOutput() == LoopOutput::kREVERSE);
  }
  plan.attrs = {{"count", int64_t{count != nullptr}},
                {"while", int64_t{loop.limit(TripLimit::kWHILE) != nullptr}},
                {"carried", static_cast<int64_t>(plan.recurrences.size())},
                {"iter_axes", iter_axes},
                {"iter_reverse", iter_reverse},
                {"out_axes", out_axes},
                {"out_reverse", out_reverse}};
  return plan;
}

void Lowering::lower_loop(const LoopNode& loop, size_t frame) {
  const LoopPlan plan = plan_loop(loop);
  std::vector<ir::ValueId> operands;
  std::vector<ir::ValueInfo> infos;
  const size_t first_length = plan.operands.size() - plan.collected.size();
  std::map<Ref, Ref> lengths;
  out_.move_to(frames_[frame].region, frames_[frame].pending);
  for (Ref ref : values_of(plan.operands)) {
    const size_t output = operands.size() - first_length;
    if (operands.size() >= first_length) {
      const auto [read, is_new] = lengths.try_emplace(ref, ref);
      if (is_new) read->second = out_.with_values(ref, text(plan.collected[output]->who(), ": input 1, the length,"));
      ref = read->second;
    }
    operands.push_back({ref});
    infos.push_back(out_.info(ref));
  }
  if (const auto read = lengths.find(operands.empty() ? 0 : operands[0].id);
      plan.attrs.flag("count") && read != lengths.end()) {
    operands[0] = {read->second};  // the count is a length too: one dimension for both
    infos[0] = out_.info(read->second);
  }
  const std::string name = loop.name();
  const ops::InferInput input{ir::OpKind::k_loop, name, plan.attrs, infos, graph().dims()};
  const auto arguments = ops::infer_loop_arguments(input);
  const size_t results = plan.recurrences.size() + plan.collected.size();
  ir::OpId op;
  ir::RegionId region;
  at_frame(frame, scopes_.id_of(loop), name, [&](ir::RegionId parent, ir::OpId before) {
    op = graph().add_op(parent, ir::OpKind::k_loop, plan.attrs, operands, results, name, before);
    region = graph().add_region(op);
    enter(scopes_.id_of(loop), region, op);
    for (const ir::ValueInfo& argument : arguments) graph().add_argument(region, argument);
    fill_body(loop, plan, region);
    leave();
  });

  std::vector<ir::ValueInfo> body;
  std::vector<std::string> names;
  for (ir::ValueId value : graph().region(region).results) body.push_back(graph().value(value).info);
  for (const RecurrenceLayer* layer : plan.recurrences) names.push_back(layer->name());
  const auto types = ops::infer_loop_results(input, body, names);
  const auto bind = [&](const LoopOutputLayer& layer, size_t result) {
    const ir::ValueId value = graph().op(op).results[result];
    frames_[frame].values[layer.outputs()[0].get()] = value.id;
    name_results(layer, {value.id});
  };
  for (size_t i = 0; i < results; ++i) graph().value(graph().op(op).results[i]).info = types[i];
  ops::require_outer_extents(graph(), op);
  for (size_t i = 0; i < plan.collected.size(); ++i) bind(*plan.collected[i], plan.recurrences.size() + i);
  for (const LoopOutputLayer* layer : plan.last) {
    const auto* recurrence = dynamic_cast<const RecurrenceLayer*>(layer->input(0)->producer());
    const auto found = std::find(plan.recurrences.begin(), plan.recurrences.end(), recurrence);
    bind(*layer, static_cast<size_t>(found - plan.recurrences.begin()));
  }
}

void Lowering::fill_body(const LoopNode& loop, const LoopPlan& plan, ir::RegionId region) {
  size_t argument = 1;  // 0 is the step, which the public API does not show
  const auto take = [&](const LayerNode& layer) {
    const ir::ValueId value = graph().region(region).args[argument++];
    graph().value(value).name = layer.name();
    frames_.back().values[layer.outputs()[0].get()] = value.id;
  };
  for (const RecurrenceLayer* layer : plan.recurrences) take(*layer);
  for (const IteratorLayer* layer : plan.iterators) take(*layer);
  std::vector<const Tensor*> wanted;
  for (const RecurrenceLayer* layer : plan.recurrences) wanted.push_back(layer->input(1));
  for (const LoopOutputLayer* layer : plan.collected) wanted.push_back(layer->input(0));
  if (const TripLimitLayer* limit = loop.limit(TripLimit::kWHILE)) wanted.push_back(limit->input(0));
  lower(wanted);
  lower_assertions(assertions_.of(scopes_.id_of(loop)));
  std::vector<ir::ValueId> results;
  for (Ref ref : values_of(wanted)) results.push_back({ref});
  graph().region(region).results = results;
}

std::vector<ir::ValueInfo> Lowering::fill_branch(const std::vector<const ConditionalOutputLayer*>& outputs, size_t side,
                                                 ir::RegionId region) {
  std::vector<const Tensor*> wanted;
  for (const ConditionalOutputLayer* layer : outputs) wanted.push_back(layer->input(side));
  lower(wanted);
  std::vector<ir::ValueId> values;
  std::vector<ir::ValueInfo> infos;
  for (Ref ref : values_of(wanted)) {
    values.push_back({ref});
    infos.push_back(out_.info(ref));
  }
  graph().region(region).results = values;
  return infos;
}

// A condition that is a constant leaves one branch, which is lowered where the conditional would stand.
bool Lowering::inline_branch(const ConditionalNode& node, const std::vector<const ConditionalOutputLayer*>& outputs,
                             ir::ValueId condition, size_t frame) {
  const auto& contents = graph().value(condition).info.contents;
  if (!contents || !graph().dims().is_constant((*contents)[0])) return false;
  const size_t side = graph().dims().value((*contents)[0]) != 0 ? 0 : 1;
  std::vector<const Tensor*> wanted;
  for (const ConditionalOutputLayer* layer : outputs) wanted.push_back(layer->input(side));
  std::vector<Ref> values;
  at_frame(frame, scopes_.id_of(node), node.name(), [&](ir::RegionId region, ir::OpId before) {
    enter(scopes_.id_of(node), region, before);
    frames_.back().pending = before;
    lower(wanted);
    values = values_of(wanted);
    lower_assertions(assertions_.of_branch(node, side));
    leave();
  });
  for (size_t i = 0; i < outputs.size(); ++i) {
    frames_[frame].values[outputs[i]->outputs()[0].get()] = values[i];
    name_results(*outputs[i], {values[i]});
  }
  return true;
}

// Extents that differ between the branches are told by the condition's value, which is read where it is not known;
// those that a branch reads from its own data get a symbol of their own.
void Lowering::join_extents(ir::OpId op, const std::vector<ir::ValueInfo> (&sides)[2]) {
  const ir::DataSymbols data(graph());
  const std::vector<ir::RegionId> regions = graph().op(op).regions;
  ir::DimPool& pool = graph().dims();
  ir::Dims values;
  bool differ = false, own = false;
  for (size_t i = 0; i < sides[0].size(); ++i) {
    const ir::Dims &a = sides[0][i].type.dims, &b = sides[1][i].type.dims;
    if (a.size() != b.size()) return;  // refused by infer_conditional_results
    for (size_t j = 0; j < a.size(); ++j) {
      const bool inner = data.depends_on_region({a[j]}, regions[0]) || data.depends_on_region({b[j]}, regions[1]);
      const ir::Range left = pool.range(a[j]), right = pool.range(b[j]);
      const ir::Range either{0, std::max<int64_t>(std::max(left.opt, right.opt), 0),
                             std::max<int64_t>({left.max, right.max, left.opt, right.opt, 0})};
      values.push_back(inner ? out_.data_symbol(graph().op(op).name, either) : pool.constant(-1));
      own = own || inner;
      differ = differ || (!inner && !pool.same(a[j], b[j]));
    }
  }
  if (own) graph().op(op).attrs.set("values", values);
  if (!differ) return;
  out_.move_to(graph().op(op).parent, op);
  const Ref condition = graph().op(op).operands[0].id;
  graph().op(op).operands[0] = {out_.with_values(condition, text("condition of ", graph().op(op).name))};
}

void Lowering::lower_conditional(const ConditionalNode& node, size_t frame) {
  std::vector<const ConditionalOutputLayer*> outputs;
  for (const ConditionalOutputLayer* layer : node.outputs()) {
    if (scopes_.is_live(*layer)) outputs.push_back(layer);
  }
  const ir::ValueId condition{value_of(*node.condition()->input(0))};
  const std::string name = node.name();
  if (inline_branch(node, outputs, condition, frame)) return;
  ir::OpId op;
  std::vector<ir::ValueInfo> sides[2];
  at_frame(frame, scopes_.id_of(node), name, [&](ir::RegionId parent, ir::OpId before) {
    op = graph().add_op(parent, ir::OpKind::k_conditional, {}, {condition}, outputs.size(), name, before);
    for (size_t side = 0; side < 2; ++side) {
      const ir::RegionId region = graph().add_region(op);
      enter(scopes_.id_of(node), region, op);
      sides[side] = fill_branch(outputs, side, region);
      lower_assertions(assertions_.of_branch(node, side));
      leave();
    }
  });
  join_extents(op, sides);
  const std::vector<ir::ValueInfo> infos = {graph().value(graph().op(op).operands[0]).info};
  const ir::Attrs attrs = graph().op(op).attrs;
  const auto types = ops::infer_conditional_results({ir::OpKind::k_conditional, name, attrs, infos, graph().dims()},
                                                    sides[0], sides[1]);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ir::ValueId value = graph().op(op).results[i];
    graph().value(value).info = types[i];
    frames_[frame].values[outputs[i]->outputs()[0].get()] = value.id;
    name_results(*outputs[i], {value.id});
  }
}

void Lowering::require_unique_outputs() const {
  std::set<std::string> names;
  for (const auto& input : network_.inputs()) names.insert(input->given_name());
  for (const Tensor* output : network_.outputs()) {
    require(names.insert(output->getName()).second, "network output '", output->getName(),
            "' has the name of another input or output; give it its own with ITensor::setName");
  }
}

// What only the engine's listener, or calibration, looks at.
std::vector<const Tensor*> Lowering::hidden_outputs() const {
  std::vector<const Tensor*> hidden;
  std::set<std::string> names;
  const auto add = [&](const Tensor& tensor) {
    if (tensor.isNetworkInput() || tensor.isNetworkOutput()) return true;
    const bool is_new = names.insert(tensor.getName()).second;
    if (is_new) hidden.push_back(&tensor);
    return is_new;
  };
  for (const auto& input : network_.inputs()) names.insert(input->given_name());
  for (const Tensor* output : network_.outputs()) names.insert(output->getName());
  for (const Tensor* shown : network_.debug_tensors()) {
    require(add(*shown), "debug ", shown->who(), " has the name of another tensor that leaves the engine; give it its ",
            "own with ITensor::setName");
  }
  if (!aims_.observe_floats) return hidden;
  for (const auto& layer : network_.layers()) {
    if (!scopes_.is_live(*layer) || !scopes_.around(*layer).empty() || layer->type() == LayerType::kCONSTANT) continue;
    for (const auto& tensor : layer->outputs()) {
      if (tensor->getType() == DataType::kFLOAT) add(*tensor);
    }
  }
  return hidden;
}

void Lowering::add_output(const Tensor& output, bool is_hidden) {
  Ref value = value_of(output);
  // The one place where a narrower float that the user asked for is met: where the tensor leaves.
  if (!is_hidden && output.requested_type()) {
    value = out_.cast(value, to_dtype(*output.requested_type(), output.who()), output.producer()->name());
  }
  graph().region(graph().main()).results.push_back({value});
  graph().output_names().push_back(output.getName());
  result_.outputs.push_back({output.getName(),
                             network_.shape_outputs().count(&output) != 0,
                             {},
                             {},
                             is_hidden || network_.isDebugTensor(output),
                             is_hidden});
}

void Lowering::add_outputs() {
  require_unique_outputs();
  const std::vector<const Tensor*> hidden = hidden_outputs();
  lower({network_.outputs().begin(), network_.outputs().end()});
  lower_assertions(assertions_.of(std::nullopt));
  lower(hidden);
  out_.move_to(graph().main(), {});
  for (const Tensor* output : network_.outputs()) add_output(*output, false);
  for (const Tensor* output : hidden) add_output(*output, true);
}

}  // namespace

LoweredNetwork lower_network(const Network& network, const Config& config, const LoweringAims& aims) {
  return Lowering(network, config, aims).run();
}

}  // namespace rondo::api
