// Scan, in both of its forms.
//
// Since version 9 it is a loop of the network as it is: states are recurrences, scan inputs iterators, scan outputs
// collected outputs, each with its axis and direction. Version 8 runs that over every entry of a batch, each as long as
// its own length says: a loop over the batch around the loop over the sequence. A collected output of the network is
// zero behind what was collected, as version 8 wants it.

#include "model/proto.h"
#include "ops/control/conditions.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

/// The node taken apart; axes are those inside of a batch entry.
struct ScanNode {
  proto::GraphProto const& body;
  size_t states = 0, inputs = 0, outputs = 0;
  std::vector<int64_t> input_axes, input_reverse, output_axes, output_reverse;
};

std::vector<int64_t> read_list(Node& node, char const* name, size_t count, int64_t least, int64_t most) {
  std::vector<int64_t> values = node.attributes.integers(name, std::vector<int64_t>(count, 0));
  node.require(values.size() == count, ErrorCode::kINVALID_NODE,
               text("attribute '", name, "' has ", values.size(), " entries, ", count, " are needed"));
  for (int64_t value : values) {
    node.require(value >= least && value <= most, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 text("attribute '", name, "' holds ", value));
  }
  return values;
}

ScanNode read_scan(Node& node, int32_t first_input) {
  ScanNode scan{node.attributes.graph("body"), 0, 0, 0, {}, {}, {}, {}};
  const int64_t scanned = node.attributes.integer("num_scan_inputs");
  const int64_t given = node.input_count() - first_input;
  node.require(scanned >= 1 && scanned <= given, ErrorCode::kINVALID_NODE,
               text("attribute 'num_scan_inputs' is ", scanned, " of ", given, " inputs"));
  scan.inputs = static_cast<size_t>(scanned);
  scan.states = static_cast<size_t>(given - scanned);
  const auto outputs = static_cast<size_t>(scan.body.output_size());
  node.require(outputs >= scan.states, ErrorCode::kINVALID_NODE,
               text("the body gives ", outputs, " outputs for ", scan.states, " states"));
  scan.outputs = outputs - scan.states;
  const bool batched = node.opset() < 9;
  constexpr int64_t kAxis = Dims::MAX_DIMS;
  scan.input_reverse = read_list(node, batched ? "directions" : "scan_input_directions", scan.inputs, 0, 1);
  scan.input_axes =
      batched ? std::vector<int64_t>(scan.inputs, 0) : read_list(node, "scan_input_axes", scan.inputs, -kAxis, kAxis);
  scan.output_axes = batched ? std::vector<int64_t>(scan.outputs, 0)
                             : read_list(node, "scan_output_axes", scan.outputs, -kAxis, kAxis);
  scan.output_reverse =
      batched ? std::vector<int64_t>(scan.outputs, 0) : read_list(node, "scan_output_directions", scan.outputs, 0, 1);
  return scan;
}

ILoop& new_loop(Context& context, Node const& node) {
  ILoop* loop = context.network().addLoop();
  check(loop != nullptr, ErrorCode::kINTERNAL_ERROR, "the network gives no loop");
  loop->setName((node.scope().prefix() + node.name()).c_str());
  return *loop;
}

ITensor& scalar_of(Context& context, ITensor& one) { return reshape(context, one, Extents{}); }

ITensor& collect(ILoop& loop, ITensor& value, LoopOutput kind, int64_t axis, ITensor& length) {
  ILoopOutputLayer& layer = added(loop.addLoopOutput(value, kind, static_cast<int32_t>(axis)), "scan output");
  layer.setInput(1, length);
  return result(&layer, "scan output");
}

/// Writes the loop over sequences: `trips` iterations (0-D), outputs with room for `length`.
Tensors write_loop(Context& context, Node const& node, ScanNode const& scan, Tensors const& initial,
                   Tensors const& sequences, ITensor& trips, ITensor& length) {
  ILoop& loop = new_loop(context, node);
  added(loop.addTripLimit(trips, TripLimit::kCOUNT), "trip limit");
  std::vector<IRecurrenceLayer*> recurrences;
  Values inputs;
  for (ITensor* state : initial) {
    recurrences.push_back(&added(loop.addRecurrence(*state), "recurrence"));
    inputs.emplace_back(result(recurrences.back(), "recurrence"));
  }
  for (size_t i = 0; i < scan.inputs; ++i) {
    const int64_t axis = node.axis(scan.input_axes[i], rank_of(*sequences[i]), "scan input axis");
    inputs.emplace_back(
        result(loop.addIterator(*sequences[i], static_cast<int32_t>(axis), scan.input_reverse[i] != 0), "iterator"));
  }
  const Values values = import_body(context, node, scan.body, inputs);
  Tensors outputs;
  for (size_t i = 0; i < scan.states; ++i) {
    ITensor& next = to_tensor(context, values[i]);
    ITensor& state = *recurrences[i]->getOutput(0);
    node.require(next.getType() == state.getType() && rank_of(next) == rank_of(state), ErrorCode::kINVALID_NODE,
                 text("state ", i, " becomes ", type_text(values[i]), " from ", type_text(Value(state)),
                      "; a state keeps type and shape"));
    recurrences[i]->setInput(1, next);
    outputs.push_back(&result(loop.addLoopOutput(state, LoopOutput::kLAST_VALUE), "last value"));
  }
  for (size_t i = 0; i < scan.outputs; ++i) {
    ITensor& value = to_tensor(context, values[scan.states + i]);
    const int64_t axis = node.axis(scan.output_axes[i], rank_of(value) + 1, "scan output axis");
    outputs.push_back(
        &collect(loop, value, scan.output_reverse[i] ? LoopOutput::kREVERSE : LoopOutput::kCONCATENATE, axis, length));
  }
  return outputs;
}

Tensors tensors_from(Context& context, Node const& node, int32_t first, size_t count) {
  Tensors tensors;
  for (size_t i = 0; i < count; ++i)
    tensors.push_back(&to_tensor(context, node.input(first + static_cast<int32_t>(i))));
  return tensors;
}

Values import_scan(Context& context, Node& node) {
  const ScanNode scan = read_scan(node, 0);
  const Tensors initial = tensors_from(context, node, 0, scan.states);
  const Tensors sequences = tensors_from(context, node, static_cast<int32_t>(scan.states), scan.inputs);
  const int64_t axis = node.axis(scan.input_axes[0], rank_of(*sequences[0]), "scan input axis");
  ITensor& trips = scalar_of(context, extent_of(context, *sequences[0], axis));
  const Tensors outputs = write_loop(context, node, scan, initial, sequences, trips, trips);
  return {outputs.begin(), outputs.end()};
}

Values import_batched_scan(Context& context, Node& node) {
  const ScanNode scan = read_scan(node, 1);
  const Tensors initial = tensors_from(context, node, 1, scan.states);
  const Tensors sequences = tensors_from(context, node, 1 + static_cast<int32_t>(scan.states), scan.inputs);
  node.require(rank_of(*sequences[0]) >= 2, ErrorCode::kINVALID_NODE,
               "a scan input needs a batch and a sequence dimension");
  ITensor& batch = scalar_of(context, extent_of(context, *sequences[0], 0));
  ITensor& longest = scalar_of(context, extent_of(context, *sequences[0], 1));
  ILoop& loop = new_loop(context, node);
  added(loop.addTripLimit(batch, TripLimit::kCOUNT), "trip limit");
  const auto entries = [&](Tensors const& stacked) {
    Tensors parts;
    for (ITensor* tensor : stacked) parts.push_back(&result(loop.addIterator(*tensor, 0), "iterator"));
    return parts;
  };
  ITensor& trips =
      node.has_input(0) ? result(loop.addIterator(to_tensor(context, node.input(0)), 0), "iterator") : longest;
  const Tensors outputs = write_loop(context, node, scan, entries(initial), entries(sequences), trips, longest);
  Values stacked;
  for (ITensor* output : outputs) stacked.emplace_back(collect(loop, *output, LoopOutput::kCONCATENATE, 0, batch));
  return stacked;
}

constexpr OpRow kRows[] = {
    {"Scan", 8, 8, {0, kAny}, {1, kAny}, import_batched_scan},
    OpRow::from("Scan", 9, {1, kAny}, {1, kAny}, import_scan),
};

}  // namespace

OpRows scan_rows() { return kRows; }

}  // namespace rondo::onnx
