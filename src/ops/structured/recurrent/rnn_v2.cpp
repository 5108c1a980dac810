#include "ops/structured/recurrent/rnn_v2.h"

#include <cstring>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"

// rnn_v2: stacked recurrent layers, written out as loops of primitive ops. Nothing behind this file knows these cells.
//
// Leading dimensions become one batch B. Every layer and direction is a loop over axis 1 of its input [B, S, E]:
//
//   loop S { (step, h, x)            a_g = (x W_g^T + h R_g^T) + (Wb_g + Rb_g)      one matmul per gate and side
//            h' = cell(a..)          yield h', collect h' on axis 1 }
//
// The transposes and bias sums stand outside. The backward direction iterates and collects in reverse, so that results
// stand at their own index. With lengths, step t of a row works only while its index i is below the row's length:
//   valid = i < length;   state = select(valid, h', h);   collected = select(valid, h', 0)
// where i is t, or S-1-t backward: there a row waits in its initial state until its last valid index comes up, which is
// where its backward direction has to start.

namespace rondo::ops {
namespace {

using ir::ValueId;
using tile::PointwiseFn;

constexpr size_t kGates[] = {1, 1, 4, 3};

size_t input_width(const RnnLayout& at, size_t pseudo, size_t data_width) {
  return pseudo < at.directions ? data_width : at.directions * at.hidden;
}

ir::Dims with_tail(const ir::TensorType& x, std::initializer_list<ir::Dim> tail) {
  ir::Dims dims(x.dims.begin(), x.dims.end() - 2);
  dims.insert(dims.end(), tail);
  return dims;
}

void check_attributes(const InferInput& in) {
  const int64_t op = in.attrs.integer("op"), layers = in.attrs.integer("layers"), hidden = in.attrs.integer("hidden");
  if (op < 0 || op > RnnLayout::kGru) refuse(in, 8, "operation ", op, " is none of RELU, TANH, LSTM, GRU");
  if (layers < 1 || hidden < 1) refuse(in, 8, "layer count ", layers, " and hidden size ", hidden, " must be positive");
  if (in.attrs.flag("has_c0") && op != RnnLayout::kLstm) refuse(in, 7, "only an LSTM has a cell state");
}

/// Full shape wanted for an operand that may leave out leading extents of 1.
void check_state(const InferInput& in, int constraint, size_t operand, const ir::Dims& full, const char* what) {
  const ir::Dims& dims = in.operands[operand].type.dims;
  const ir::TensorType wanted{in.operands[operand].type.dtype, full};
  bool ok = dims.size() <= full.size();
  const size_t missing = ok ? full.size() - dims.size() : 0;
  for (size_t i = 0; ok && i < missing; ++i) ok = in.dims.value_or_unknown(in.dims.resolve(full[i])) == 1;
  if (!ok) {
    refuse(in, constraint, what, " is ", type_text(in.dims, in.operands[operand].type), ", ",
           type_text(in.dims, wanted), " is needed");
  }
  for (size_t i = missing; i < full.size(); ++i) {
    if (in.dims.same(dims[i - missing], full[i])) continue;
    unify(in, constraint, dims[i - missing], full[i], text("extents of the ", what, " and of the input"));
  }
}

void check_weights(const InferInput& in, const RnnLayout& at) {
  ir::DimPool& dims = in.dims;
  const ir::Dim hidden = dims.constant(static_cast<int64_t>(at.hidden));
  const auto check = [&](size_t operand, ir::Dim count, const char* what, size_t pseudo, size_t gate) {
    const ir::Dim given = dims.product(in.operands[operand].type.dims);
    if (dims.same(given, count)) return;
    unify(in, 2, given, count,
          text("number of weights given and needed for ", what, " of gate ", gate, " of layer ", pseudo));
  };
  for (size_t pseudo = 0; pseudo < at.pseudo_layers(); ++pseudo) {
    const ir::Dim width = pseudo < at.directions ? dims.resolve(in.operands[0].type.dims.back())
                                                 : dims.constant(static_cast<int64_t>(at.directions * at.hidden));
    for (size_t g = 0; g < at.gates; ++g) {
      const RnnLayout::Gate gate = at.gate(pseudo, g);
      if (gate.w != RnnLayout::kAbsent) check(gate.w, dims.mul(hidden, width), "W", pseudo, g);
      check(gate.r, dims.mul(hidden, hidden), "R", pseudo, g);
      check(gate.wb, hidden, "the W bias", pseudo, g);
      check(gate.rb, hidden, "the R bias", pseudo, g);
    }
  }
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  check_attributes(in);
  const RnnLayout at(in.attrs);
  RONDO_CHECK(in.operands.size() == at.operand_count(), in.operands.size(), " operands, ", at.operand_count(),
              " expected");
  ir::DimPool& dims = in.dims;
  const ir::TensorType& x = in.operands[0].type;
  require_float(in, 6, 0);
  if (x.rank() < 2) refuse(in, 1, "the input is ", type_text(dims, x), ", [.., steps, width] is needed");
  for (size_t i = 1; i < in.operands.size(); ++i) {
    if (i == at.lengths || in.operands[i].type.dtype == x.dtype) continue;
    refuse(in, 6, "operand ", i, " is ", type_text(dims, in.operands[i].type), ", the input ", type_text(dims, x),
           "; states and weights need the input's type");
  }
  const ir::Dim hidden = dims.constant(static_cast<int64_t>(at.hidden));
  if (at.skip) unify(in, 3, x.dims.back(), hidden, "in SKIP mode input width and hidden size");
  check_weights(in, at);
  const ir::Dims state = with_tail(x, {dims.constant(static_cast<int64_t>(at.pseudo_layers())), hidden});
  if (at.h0 != RnnLayout::kAbsent) check_state(in, 4, at.h0, state, "initial hidden state");
  if (at.c0 != RnnLayout::kAbsent) check_state(in, 4, at.c0, state, "initial cell state");
  if (at.lengths != RnnLayout::kAbsent) {
    const DType dtype = in.operands[at.lengths].type.dtype;
    if (dtype != DType::kInt32 && dtype != DType::kInt64) {
      refuse(in, 5, "the lengths are ", type_text(dims, in.operands[at.lengths].type), ", i32 or i64 is needed");
    }
    check_state(in, 5, at.lengths, with_tail(x, {}), "tensor of lengths");
  }
  const ir::Dim width = dims.constant(static_cast<int64_t>(at.directions * at.hidden));
  std::vector<ir::ValueInfo> results{{{x.dtype, with_tail(x, {x.dims[x.dims.size() - 2], width})}, {}}};
  for (size_t i = 0; i < at.states; ++i) results.push_back({{x.dtype, state}, {}});
  for (ir::ValueInfo& result : results) {
    for (ir::Dim& dim : result.type.dims) dim = dims.resolve(dim);
  }
  return results;
}

/// Weights of one gate as the loop body uses them.
struct GateValues {
  ValueId w, r;    ///< transposed to [E, H] and [H, H]; w is invalid in skip mode
  ValueId bias;    ///< Wb + Rb [1, H]
  ValueId wb, rb;  ///< [1, H], for the gate that keeps them apart
};

/// The values that one loop body starts from.
struct Step {
  Expander& e;
  ValueId x, h, c;
};

ValueId add(Expander& e, ValueId a, ValueId b) { return e.pointwise(PointwiseFn::f_add, {a, b}); }
ValueId mul(Expander& e, ValueId a, ValueId b) { return e.pointwise(PointwiseFn::f_mul, {a, b}); }
ValueId matmul(Expander& e, ValueId a, ValueId b) { return e.add(ir::OpKind::k_matmul, {}, {a, b}); }
ValueId input_part(Step& s, const GateValues& g) { return g.w.valid() ? matmul(s.e, s.x, g.w) : s.x; }
ValueId gate_sum(Step& s, const GateValues& g) {
  return add(s.e, add(s.e, input_part(s, g), matmul(s.e, s.h, g.r)), g.bias);
}
ValueId apply(Step& s, PointwiseFn fn, ValueId v) { return s.e.pointwise(fn, {v}); }

/// Next states (h, or h and c) of a cell.
std::vector<ValueId> lstm(Step& s, const std::vector<GateValues>& gates) {
  const ValueId i = apply(s, PointwiseFn::f_sigmoid, gate_sum(s, gates[0]));
  const ValueId o = apply(s, PointwiseFn::f_sigmoid, gate_sum(s, gates[1]));
  const ValueId f = apply(s, PointwiseFn::f_sigmoid, gate_sum(s, gates[2]));
  const ValueId g = apply(s, PointwiseFn::f_tanh, gate_sum(s, gates[3]));
  const ValueId c = add(s.e, mul(s.e, f, s.c), mul(s.e, i, g));
  return {mul(s.e, o, apply(s, PointwiseFn::f_tanh, c)), c};
}

std::vector<ValueId> gru(Step& s, const std::vector<GateValues>& gates) {
  const ValueId z = apply(s, PointwiseFn::f_sigmoid, gate_sum(s, gates[0]));
  const ValueId r = apply(s, PointwiseFn::f_sigmoid, gate_sum(s, gates[1]));
  const ValueId inner = mul(s.e, r, add(s.e, matmul(s.e, s.h, gates[2].r), gates[2].rb));
  const ValueId g = apply(s, PointwiseFn::f_tanh, add(s.e, add(s.e, input_part(s, gates[2]), gates[2].wb), inner));
  const ValueId rest = s.e.pointwise(PointwiseFn::f_sub, {s.e.scalar_like(z, 1), z});
  return {add(s.e, mul(s.e, rest, g), mul(s.e, z, s.h))};
}

std::vector<ValueId> next_states(int64_t op, Step& s, const std::vector<GateValues>& gates) {
  switch (op) {
    case RnnLayout::kRelu: {
      const ValueId sum = gate_sum(s, gates[0]);
      return {s.e.pointwise(PointwiseFn::f_max, {sum, s.e.scalar_like(sum, 0)})};
    }
    case RnnLayout::kTanh:
      return {apply(s, PointwiseFn::f_tanh, gate_sum(s, gates[0]))};
    case RnnLayout::kLstm:
      return lstm(s, gates);
    default:
      return gru(s, gates);
  }
}

class Expansion {
 public:
  explicit Expansion(Expander& e) : e_(e), op_(e.op()), at_(op_.attrs), dims_(e.graph().dims()) {}

  void run() {
    const ir::TensorType x = e_.type(op_.operands[0]);
    batch_ = dims_.resolve(dims_.product(std::span(x.dims).first(x.dims.size() - 2)));
    steps_ = dims_.resolve(x.dims[x.dims.size() - 2]);
    hidden_ = number(at_.hidden);
    make_count(x);
    make_lengths();
    ValueId sequence = e_.reshape(op_.operands[0], {batch_, steps_, dims_.resolve(x.dims.back())});
    for (size_t layer = 0; layer < at_.layers; ++layer) sequence = run_layer(layer, sequence);
    e_.replace(0, e_.reshape(sequence, e_.type(op_.results[0]).dims));
    for (size_t i = 0; i < at_.states; ++i) {
      const ValueId all = last_[i].size() == 1 ? last_[i][0] : concat(last_[i], 1);
      e_.replace(1 + i, e_.reshape(all, e_.type(op_.results[1 + i]).dims));
    }
  }

 private:
  ir::Dim number(size_t v) { return dims_.constant(static_cast<int64_t>(v)); }

  ValueId scalar(int64_t v) {
    Bytes bytes(sizeof(v));
    std::memcpy(bytes.data(), &v, sizeof(v));
    return e_.constant(DType::kInt64, {}, std::move(bytes));
  }

  ValueId concat(const std::vector<ValueId>& parts, int64_t axis) {
    return e_.add(ir::OpKind::k_concat, {{"axis", axis}}, parts);
  }

  /// The number of steps as a 0-d i64 value.
  void make_count(const ir::TensorType& x) {
    if (dims_.is_constant(steps_)) {
      count_ = scalar(dims_.value(steps_));
      return;
    }
    const ValueId shape = e_.add(ir::OpKind::k_shape, {{"to", static_cast<int64_t>(DType::kInt64)}}, {op_.operands[0]});
    count_ = e_.reshape(slice(shape, {number(x.dims.size() - 2)}, {number(1)}), {});
  }

  /// lengths as [B, 1] i64.
  void make_lengths() {
    if (at_.lengths == RnnLayout::kAbsent) return;
    lengths_ = e_.cast(e_.reshape(op_.operands[at_.lengths], {batch_, number(1)}), DType::kInt64);
    last_index_ = e_.pointwise(PointwiseFn::f_sub, {count_, scalar(1)});
  }

  ValueId slice(ValueId v, ir::Dims start, ir::Dims size) {
    std::vector<int64_t> stride(start.size(), 1);
    return e_.add(ir::OpKind::k_slice,
                  {{"start", std::move(start)}, {"size", std::move(size)}, {"stride", std::move(stride)}}, {v});
  }

  ValueId initial_state(size_t operand, size_t pseudo) {
    if (operand == RnnLayout::kAbsent) {
      const DType dtype = e_.type(op_.operands[0]).dtype;
      const ValueId zero = e_.constant(dtype, {1, 1}, Bytes(dtype_bytes(dtype), 0));
      return e_.add(ir::OpKind::k_broadcast, {{"shape", ir::Dims{batch_, hidden_}}}, {zero});
    }
    ValueId all = e_.reshape(op_.operands[operand], {batch_, number(at_.pseudo_layers()), hidden_});
    if (at_.pseudo_layers() > 1) all = slice(all, {number(0), number(pseudo), number(0)}, {batch_, number(1), hidden_});
    return e_.reshape(all, {batch_, hidden_});
  }

  GateValues gate_values(size_t pseudo, size_t gate, size_t data_width) {
    const RnnLayout::Gate from = at_.gate(pseudo, gate);
    GateValues values;
    const auto matrix = [&](size_t operand, ir::Dim columns) {
      return e_.transpose(e_.reshape(op_.operands[operand], {hidden_, columns}), {1, 0});
    };
    const ir::Dims row{number(1), hidden_};
    if (from.w != RnnLayout::kAbsent) values.w = matrix(from.w, number(input_width(at_, pseudo, data_width)));
    values.r = matrix(from.r, hidden_);
    values.wb = e_.reshape(op_.operands[from.wb], row);
    values.rb = e_.reshape(op_.operands[from.rb], row);
    const bool apart = at_.op == RnnLayout::kGru && gate == 2;
    if (!apart) values.bias = add(e_, values.wb, values.rb);
    return values;
  }

  ValueId run_layer(size_t layer, ValueId x) {
    std::vector<ValueId> outputs;
    for (size_t d = 0; d < at_.directions; ++d) outputs.push_back(run_direction(layer * at_.directions + d, d, x));
    return outputs.size() == 1 ? outputs[0] : concat(outputs, 2);
  }

  /// Hidden states [B, S, H] of one direction of one layer.
  ValueId run_direction(size_t pseudo, size_t direction, ValueId x) {
    const int64_t data_width = dims_.value_or_unknown(dims_.resolve(e_.type(op_.operands[0]).dims.back()));
    std::vector<GateValues> gates;
    for (size_t g = 0; g < at_.gates; ++g) gates.push_back(gate_values(pseudo, g, static_cast<size_t>(data_width)));
    std::vector<ValueId> operands{count_, initial_state(at_.h0, pseudo)};
    if (at_.states == 2) operands.push_back(initial_state(at_.c0, pseudo));
    operands.push_back(x);
    operands.push_back(count_);
    using Integers = std::vector<int64_t>;
    const Integers reverse{static_cast<int64_t>(direction)};
    const ir::OpId loop = e_.add_loop({{"count", int64_t{1}},
                                       {"while", int64_t{0}},
                                       {"carried", static_cast<int64_t>(at_.states)},
                                       {"iter_axes", Integers{1}},
                                       {"iter_reverse", reverse},
                                       {"out_axes", Integers{1}},
                                       {"out_reverse", reverse}},
                                      std::move(operands));
    e_.finish_loop(loop, body(loop, gates, direction));
    const std::vector<ValueId> results = e_.graph().op(loop).results;
    for (size_t i = 0; i < at_.states; ++i) {
      last_[i].push_back(e_.reshape(results[i], {batch_, number(1), hidden_}));
    }
    return results.back();
  }

  std::vector<ValueId> body(ir::OpId loop, const std::vector<GateValues>& gates, size_t direction) {
    const ir::RegionId region = e_.graph().op(loop).regions[0];
    const std::vector<ValueId> args = e_.graph().region(region).args;
    Expander inner = e_.inside(region);
    Step step{inner, args.back(), args[1], args[2]};
    std::vector<ValueId> states = next_states(at_.op, step, gates);
    if (!lengths_.valid()) {
      states.push_back(states[0]);
      return states;
    }
    ValueId index = args[0];
    if (direction == 1) index = inner.pointwise(PointwiseFn::f_sub, {last_index_, index});
    const ValueId valid =
        inner.pointwise(PointwiseFn::f_less, {inner.reshape(index, {number(1), number(1)}), lengths_});
    const ValueId collected =
        inner.pointwise(PointwiseFn::f_select, {valid, states[0], inner.scalar_like(states[0], 0)});
    for (size_t i = 0; i < states.size(); ++i) {
      states[i] = inner.pointwise(PointwiseFn::f_select, {valid, states[i], args[1 + i]});
    }
    states.push_back(collected);
    return states;
  }

  Expander& e_;
  const ir::Op op_;
  const RnnLayout at_;
  ir::DimPool& dims_;
  ir::Dim batch_, steps_, hidden_;
  ValueId count_, lengths_, last_index_;
  std::vector<ValueId> last_[2];  ///< final h and c of each pseudo-layer, [B, 1, H]
};

void expand(Expander& e) { Expansion(e).run(); }

}  // namespace

RnnLayout::RnnLayout(const ir::Attrs& attrs)
    : op(attrs.integer("op")),
      layers(static_cast<size_t>(attrs.integer("layers"))),
      directions(attrs.flag("direction") ? 2 : 1),
      hidden(static_cast<size_t>(attrs.integer("hidden"))),
      gates(kGates[op]),
      states(op == kLstm ? 2 : 1),
      skip(attrs.flag("input_mode")) {
  if (attrs.flag("has_h0")) h0 = first_weights++;
  if (attrs.flag("has_c0")) c0 = first_weights++;
  if (attrs.flag("has_lengths")) lengths = first_weights++;
}

RnnLayout::Gate RnnLayout::gate(size_t pseudo_layer, size_t gate) const {
  const size_t skipped = skip ? std::min(pseudo_layer, directions) : 0;
  const size_t at = first_weights + pseudo_layer * gates * 4 - skipped * gates;
  if (!has_w(pseudo_layer)) return {kAbsent, at + gate * 3, at + gate * 3 + 1, at + gate * 3 + 2};
  return {at + gate * 4, at + gate * 4 + 1, at + gate * 4 + 2, at + gate * 4 + 3};
}

OpDef define_rnn_v2() { return {infer, expand, reference_rnn_v2}; }

}  // namespace rondo::ops
