// Loop.
//
// A loop of the network, body layers inside: states become recurrences, scan outputs collected outputs, the number of
// the iteration a counter. An iteration runs only while the condition holds, so inside of the body the condition is a
// constant true; where the body's answer then is constant too, there is no condition to test.
//
// Collected outputs of the network have a length that is known before the loop starts; those of the format are as long
// as iterations ran:
//
//   trip count only             length = trip count
//   condition, few iterations   length = trip count, cut to the iterations that ran behind the loop
//   condition, else             a first loop that carries the states only counts the iterations, a second one runs that
//   many
//
// A recurrence keeps its shape, and no layer carries a sequence. A sequence to which the body only appends is a
// collected output: its elements are the rows. Where a state changes its shape, or the body does more to a sequence,
// or must know what only the iteration's number tells, the loop is written out iteration by iteration, which needs a
// trip count and conditions that are known at import.

#include <algorithm>

#include "model/proto.h"
#include "ops/control/conditions.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

/// Longest collected output that is cut afterwards rather than counted before. Raised, it costs memory for iterations that never run;
/// lowered, it costs running the states twice.
constexpr int64_t kLongestCut = 1024;

/// A loop over sequences with a known trip count up to this is written out, so that all elements are known behind it.
constexpr int64_t kLongestWrittenOut = 32;

/// The node taken apart.
struct LoopNode {
  proto::GraphProto const& body;
  Value trips;       ///< absent: no limit
  Value condition;   ///< before the first iteration; absent: true
  Values initial;    ///< of the states
  size_t scans = 0;  ///< number of scan outputs
  std::optional<int64_t> known_trips;

  bool has_sequences() const {
    return std::any_of(initial.begin(), initial.end(), [](Value const& v) { return v.is_sequence(); });
  }
  bool starts() const { return condition.absent() || known_flag(condition).value_or(false); }
};

LoopNode read_loop(Node& node) {
  LoopNode loop{node.attributes.graph("body"), node.input(0), node.input(1), {}, 0, {}};
  for (int32_t i = 2; i < node.input_count(); ++i) {
    node.require(node.has_input(i), ErrorCode::kINVALID_NODE,
                 text("input ", i, ", the initial value of a state, is left out"));
    loop.initial.push_back(node.input(i));
  }
  const auto outputs = static_cast<size_t>(loop.body.output_size());
  node.require(
      outputs > loop.initial.size(), ErrorCode::kINVALID_NODE,
      text("the body gives ", outputs, " outputs; a condition and ", loop.initial.size(), " states are needed"));
  loop.scans = outputs - 1 - loop.initial.size();
  if (loop.trips.is_constant()) {
    const std::vector<int64_t> count = node.constant_ints(0, "the trip count");
    node.require(count.size() == 1, ErrorCode::kINVALID_NODE, "the trip count (input 0) must be one number");
    loop.known_trips = std::max<int64_t>(count[0], 0);
  }
  return loop;
}

Value true_like(Value const& condition) {
  const Extents dims = condition.absent() || condition.rank() == 0 ? Extents{} : Extents{1};
  const int64_t one = 1;
  return host_tensor_of(DataType::kBOOL, dims, std::span(&one, 1));
}

/// One loop of the network with the body inside, before its limits and outputs are set.
class Written {
 public:
  Written(Context& context, Node const& node, LoopNode const& from) : context_(context), node_(node), from_(from) {
    INetworkDefinition& network = context.network();
    loop_ = network.addLoop();
    check(loop_ != nullptr, ErrorCode::kINTERNAL_ERROR, "the network gives no loop");
    loop_->setName((node.scope().prefix() + node.name()).c_str());
    counter_ = &carry(to_tensor(context, int_scalar(0)));
    Values inputs{*counter_, true_like(from.condition)};
    for (Value const& initial : from.initial) {
      grown_.push_back(initial.is_sequence() ? std::make_shared<SequenceRows const>(SequenceRows{nullptr}) : nullptr);
      states_.push_back(grown_.back() ? nullptr : &carry(to_tensor(context, initial)));
      inputs.push_back(grown_.back() ? Value::sequence_behind(grown_.back(), {}) : Value(*states_.back()));
    }
    outputs_ = import_body(context, node, from.body, inputs);
    recurrences_[0]->setInput(1, binary(context, *counter_, 1, ElementWiseOperation::kSUM));
    size_t carried = 1;
    for (size_t i = 0; i < states_.size() && changed_.empty(); ++i) {
      if (grown_[i]) {
        close_sequence(i);
      } else {
        close_state(i, *recurrences_[carried++]);
      }
    }
  }

  /// Which state changes its shape, and how; empty if none does.
  std::string const& changed() const { return changed_; }

  /// Whether a condition has to be tested.
  bool tests() const { return !from_.starts() || known_flag(outputs_[0]) != true; }

  void limit_by(ITensor& count) { added(loop_->addTripLimit(count, TripLimit::kCOUNT), "trip limit"); }

  void limit_by_condition() {
    Value const first = from_.condition.absent() ? true_like(from_.condition) : from_.condition;
    ITensor& flag = carry(flag_tensor(context_, node_, first, "the condition (input 1)"));
    recurrences_.back()->setInput(1, flag_tensor(context_, node_, outputs_[0], "the condition that the body gives"));
    added(loop_->addTripLimit(flag, TripLimit::kWHILE), "condition");
  }

  /// How many iterations ran, 0-D int64.
  ITensor& trips() { return last(*counter_); }
  ITensor& last_state(size_t i) { return last(*states_[i]); }

  /// What is collected for scan output i.
  ITensor& scanned(size_t i) { return to_tensor(context_, outputs_[1 + states_.size() + i]); }

  /// What each iteration appends to sequence i.
  Values const& appended(size_t i) const { return *outputs_[1 + i].elements(); }

  /// Whether all that is appended has known extents.
  bool appends_known_shapes() const {
    for (size_t i = 0; i < grown_.size(); ++i) {
      if (!grown_[i]) continue;
      for (Value const& element : appended(i)) {
        const Extents dims = element.dims();
        if (std::any_of(dims.begin(), dims.end(), [](int64_t d) { return d < 0; })) return false;
      }
    }
    return true;
  }

  /// A value of every iteration, with room for `length` (0-D) of them.
  ITensor& collected(ITensor& value, ITensor& length) {
    ILoopOutputLayer& layer = added(loop_->addLoopOutput(value, LoopOutput::kCONCATENATE, 0), "scan output");
    layer.setInput(1, length);
    return result(&layer, "scan output");
  }

 private:
  ITensor& carry(ITensor& initial) {
    recurrences_.push_back(&added(loop_->addRecurrence(initial), "recurrence"));
    return result(recurrences_.back(), "recurrence");
  }

  ITensor& last(ITensor& carried) {
    return result(loop_->addLoopOutput(carried, LoopOutput::kLAST_VALUE), "last value");
  }

  void close_sequence(size_t i) {
    if (outputs_[1 + i].rows() != grown_[i])
      changed_ = text("state ", i, " is a sequence, and the body does more than append to it");
  }

  void close_state(size_t i, IRecurrenceLayer& recurrence) {
    Value const& next = outputs_[1 + i];
    const Extents before = dims_of(*states_[i]);
    if (is_structure(next)) {
      changed_ = text("state ", i, " becomes ", type_text(next));
      return;
    }
    ITensor& tensor = to_tensor(context_, next);
    node_.require(tensor.getType() == states_[i]->getType(), ErrorCode::kINVALID_NODE,
                  text("state ", i, " starts as ", type_text(from_.initial[i]), " and becomes ", type_text(next)));
    const Extents after = dims_of(tensor);
    bool fits = before.size() == after.size();
    for (size_t d = 0; fits && d < after.size(); ++d) fits = before[d] < 0 || after[d] < 0 || before[d] == after[d];
    if (fits) {
      recurrence.setInput(1, tensor);
    } else {
      changed_ = text("state ", i, " changes its shape from ", dims_text(before), " to ", dims_text(after));
    }
  }

  Context& context_;
  Node const& node_;
  LoopNode const& from_;
  ILoop* loop_ = nullptr;
  std::vector<IRecurrenceLayer*> recurrences_;  ///< the counter, the states, the condition where one is tested
  ITensor* counter_ = nullptr;
  Tensors states_;                                          ///< null for sequences
  std::vector<std::shared_ptr<SequenceRows const>> grown_;  ///< null for tensors
  Values outputs_;
  std::string changed_;
};

/// The trip count as a tensor; one that no loop can reach is none where a condition ends the loop.
ITensor* trip_limit(Context& context, Node const& node, LoopNode const& loop, bool tests) {
  if (loop.known_trips && *loop.known_trips > INT32_MAX) {
    return tests ? nullptr : &to_tensor(context, int_scalar(INT32_MAX));
  }
  if (loop.known_trips) return &to_tensor(context, int_scalar(*loop.known_trips));
  if (!loop.trips.absent()) return &count_tensor(context, node, loop.trips, "the trip count (input 0)");
  node.require(tests, ErrorCode::kUNSUPPORTED_GRAPH,
               "the loop has neither a trip count nor a condition that could end it");
  return nullptr;
}

/// The first `count` (int64 [1]) rows.
ITensor& first_rows(Context& context, ITensor& all, ITensor& count) {
  ISliceLayer& cut =
      added(context.network().addSlice(all, to_dims(Extents{0}), to_dims(Extents{0}), to_dims(Extents{1})), "slice");
  cut.setAxes(to_dims(Extents{0}));
  cut.setInput(2, count);
  return result(&cut, "slice");
}

/// A sequence behind the loop: what it began with, and what each iteration appended.
Value grown_sequence(Context& context, Value const& initial, Values const& appended,
                     std::function<ITensor&(ITensor&)> const& collect) {
  if (appended.empty()) return initial;
  ITensor* rows = nullptr;
  if (appended.size() == 1) {
    rows = &collect(to_tensor(context, appended[0]));
  } else {
    rows = &fold_dims(context, collect(rows_tensor(context, Value::sequence(appended))), 0, 2);
  }
  if (initial.rows() || !initial.elements()->empty())
    rows = &concat(context, {&rows_tensor(context, initial), rows}, 0);
  return Value::sequence_behind(std::make_shared<SequenceRows const>(SequenceRows{rows}), {});
}

/// Sets the limits of a loop and adds its outputs.
Values finish(Context& context, Node const& node, LoopNode const& loop, Written& written, ITensor* count, bool tests) {
  if (count) written.limit_by(*count);
  if (tests) written.limit_by_condition();
  const bool collects = loop.scans > 0 || loop.has_sequences();
  ITensor* ran = tests && collects ? &unsqueeze(context, written.trips(), {0}) : nullptr;
  const auto collect = [&](ITensor& value) -> ITensor& {
    ITensor& all = written.collected(value, *count);
    return ran ? first_rows(context, all, *ran) : all;
  };
  Values outputs;
  for (size_t i = 0; i < loop.initial.size(); ++i) {
    Value const& initial = loop.initial[i];
    outputs.push_back(initial.is_sequence() ? grown_sequence(context, initial, written.appended(i), collect)
                                            : Value(written.last_state(i)));
  }
  for (size_t i = 0; i < loop.scans; ++i) {
    const bool wanted = node.wants_output(static_cast<int32_t>(loop.initial.size() + i));
    outputs.push_back(wanted ? Value(collect(written.scanned(i))) : Value());
  }
  return outputs;
}

/// Whether the loop's outputs are to be outputs of the network, each element of a sequence one.
bool gives_sequences_to_network(Context& context, Node const& node, LoopNode const& loop) {
  if (!node.scope().is_main()) return false;
  for (size_t i = 0; i < loop.initial.size(); ++i) {
    if (!loop.initial[i].is_sequence()) continue;
    for (proto::ValueInfoProto const& output : context.model().graph().output()) {
      if (output.name() == node.output_name(static_cast<int32_t>(i))) return true;
    }
  }
  return false;
}

Values unrolled(Context& context, Node const& node, LoopNode const& loop, std::string const& why) {
  const auto need = [&](bool known, char const* what) {
    node.require(known, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 text(why, "; such a loop needs ", what, " that is known at import"));
  };
  need(loop.trips.absent() || loop.known_trips.has_value(), "a trip count (input 0)");
  std::optional<bool> goes_on = loop.condition.absent() ? true : known_flag(loop.condition);
  Values states = loop.initial;
  std::vector<Tensors> collected(loop.scans);
  for (int64_t i = 0; !loop.known_trips || i < *loop.known_trips; ++i) {
    need(goes_on.has_value(), "a condition");
    if (!*goes_on) break;
    Values inputs{int_scalar(i), true_like(loop.condition)};
    inputs.insert(inputs.end(), states.begin(), states.end());
    const Values outputs = import_body(context, node, loop.body, inputs);
    context.spend_node();
    goes_on = known_flag(outputs[0]);
    for (size_t s = 0; s < states.size(); ++s) states[s] = outputs[1 + s];
    for (size_t k = 0; k < loop.scans; ++k) {
      collected[k].push_back(&unsqueeze(context, to_tensor(context, outputs[1 + states.size() + k]), {0}));
    }
  }
  for (Tensors const& parts : collected) {
    node.require(!parts.empty(), ErrorCode::kUNSUPPORTED_NODE_SHAPE,
                 text(why, "; without an iteration the shape of a scan output is not known"));
    states.emplace_back(concat(context, parts, 0));
  }
  return states;
}

Values import_loop(Context& context, Node& node) {
  const LoopNode loop = read_loop(node);
  for (Value const& initial : loop.initial) {
    if (initial.is_none()) return unrolled(context, node, loop, text("a state is ", type_text(initial)));
  }
  std::optional<Written> attempt;
  try {
    attempt.emplace(context, node, loop);
  } catch (ImportError const& error) {  // a position in a sequence, say: written out, the body knows it
    const bool few = loop.known_trips && *loop.known_trips <= kLongestWrittenOut;
    if (error.code != ErrorCode::kUNSUPPORTED_NODE_DYNAMIC || !few) throw;
    return unrolled(context, node, loop, error.what());
  }
  Written& written = *attempt;
  if (!written.changed().empty()) return unrolled(context, node, loop, written.changed());
  const bool tests = written.tests();
  if (loop.has_sequences()) {
    const bool known = loop.known_trips && !tests;
    const bool short_or_ragged = known && (*loop.known_trips <= kLongestWrittenOut || !written.appends_known_shapes());
    if (short_or_ragged || gives_sequences_to_network(context, node, loop)) {
      return unrolled(context, node, loop, "the elements of a sequence must be known one by one");
    }
  }
  ITensor* count = trip_limit(context, node, loop, tests);
  const bool cut = count && loop.known_trips && *loop.known_trips <= kLongestCut;
  if (!tests || cut || (loop.scans == 0 && !loop.has_sequences()))
    return finish(context, node, loop, written, count, tests);
  if (count) written.limit_by(*count);
  written.limit_by_condition();
  Written second(context, node, loop);
  return finish(context, node, loop, second, &written.trips(), false);
}

constexpr OpRow kRows[] = {
    OpRow::from("Loop", 1, {0, kAny}, {0, kAny}, import_loop),
};

}  // namespace

OpRows loop_rows() { return kRows; }

}  // namespace rondo::onnx
