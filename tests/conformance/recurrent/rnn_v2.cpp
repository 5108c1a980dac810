#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

enum : int64_t { kLstm = 2 };

constexpr const char* kOperations[] = {"RELU", "TANH", "LSTM", "GRU"};
const std::vector<std::vector<const char*>> kGates{
    {"INPUT"}, {"INPUT"}, {"INPUT", "OUTPUT", "FORGET", "CELL"}, {"UPDATE", "RESET", "HIDDEN"}};

struct Stack {
  int64_t op, layers, directions, hidden, width, steps;
  bool skip;
};

void add_weights(Random& r, Case& c, const Stack& s, DType dtype) {
  for (int64_t pseudo = 0; pseudo < s.layers * s.directions; ++pseudo) {
    const bool first = pseudo < s.directions;
    for (size_t gate = 0; gate < kGates[static_cast<size_t>(s.op)].size(); ++gate) {
      if (!first || !s.skip)
        c.constant(r.values(dtype, {s.hidden, first ? s.width : s.directions * s.hidden}, -0.5, 0.5));
      c.constant(r.values(dtype, {s.hidden, s.hidden}, -0.5, 0.5));
      c.constant(r.values(dtype, {s.hidden}, -0.5, 0.5)).constant(r.values(dtype, {s.hidden}, -0.5, 0.5));
    }
  }
}

void name_members(Case& c, const Stack& s) {
  c.uses("RNNOperation", kOperations[s.op]).uses("RNNInputMode", s.skip ? "SKIP" : "LINEAR");
  c.uses("RNNDirection", s.directions == 1 ? "UNIDIRECTION" : "BIDIRECTION");
  for (const char* gate : kGates[static_cast<size_t>(s.op)]) c.uses("RNNGateType", gate);
}

Case rnn_v2(Random& r, DType dtype) {
  Stack s{r.number(0, 3), r.number(1, 3), r.number(1, 2), r.number(1, 9), 0, r.one_in(10) ? 0 : r.number(1, 5),
          r.one_in(4)};
  s.width = s.skip ? s.hidden : r.number(1, 9);
  Ints lead;
  for (int64_t n = r.number(0, 2); n > 0; --n) lead.push_back(r.number(1, 3));
  Ints dims = lead, state = lead;
  dims.insert(dims.end(), {s.steps, s.width});
  state.insert(state.end(), {s.layers * s.directions, s.hidden});
  const bool has_h0 = r.flip(), has_c0 = s.op == kLstm && r.flip(), has_lengths = r.flip() && s.steps > 0;
  Case c(ir::OpKind::k_rnn_v2, {{"op", s.op},
                                {"direction", s.directions - 1},
                                {"input_mode", int64_t{s.skip}},
                                {"layers", s.layers},
                                {"hidden", s.hidden},
                                {"has_h0", int64_t{has_h0}},
                                {"has_c0", int64_t{has_c0}},
                                {"has_lengths", int64_t{has_lengths}}});
  name_members(c, s);
  c.terms = static_cast<double>((s.width + 2 * s.hidden + 8) * std::max<int64_t>(s.steps, 1) * s.layers);
  c.scale = 2;
  const uint32_t width_fixed = 1u << (dims.size() - 1) | unit_axes(dims);
  c.data(r.values(dtype, dims, -1, 1), width_fixed);
  for (bool has : {has_h0, has_c0}) {
    Ints given = state;
    if (!lead.empty() && lead[0] == 1 && r.flip()) given.erase(given.begin());
    if (has) c.data(r.values(dtype, given, -1, 1), ~0u);
  }
  if (has_lengths) c.data(r.values(DType::kInt32, lead, 1, static_cast<double>(s.steps)), ~0u);
  add_weights(r, c, s, dtype);
  return c;
}

const Registration row("rnn_v2", {DType::kFloat32}, rnn_v2, 3);

}  // namespace
}  // namespace rondo::conformance
