// reason: one cell after another, each a straight program.
#include "passes/cells.h"

#include "passes/equivalence.h"
#include "passes/net.h"

namespace rondo::passes {
namespace {

using Values = Net::Values;
using ir::ValueId;

constexpr int64_t kT = 5, kB = 3, kI = 7, kH = 4;

Cell finish(const char* name, Net& net, std::vector<ops::Tensor> inputs) {
  return {name, std::move(net.graph), std::move(inputs)};
}

/// c' = f * c + i * g;  h' = o * tanh(c')
Values lstm_state(Net& net, const Values& gates, ValueId c) {
  const ValueId next = net.add(net.mul(net.sigmoid(gates[1]), c), net.mul(net.sigmoid(gates[0]), net.tanh(gates[2])));
  return {net.mul(net.sigmoid(gates[3]), net.tanh(next)), next};
}

struct GateWeights {
  Values w, r, wb, rb;
};

GateWeights gate_weights(Net& net, int64_t gates, int64_t inputs, int64_t recurrent, int64_t hidden) {
  GateWeights weights;
  for (int64_t q = 0; q < gates; ++q) {
    weights.w.push_back(net.weights({hidden, inputs}));
    weights.r.push_back(net.weights({hidden, recurrent}));
    weights.wb.push_back(net.weights({1, hidden}));
    weights.rb.push_back(net.weights({1, hidden}));
  }
  return weights;
}

/// (x Wq^T + h Rq^T) + (wb + rb)
Values gate_sums(Net& net, const GateWeights& weights, ValueId x, ValueId h) {
  Values sums;
  for (size_t q = 0; q < weights.w.size(); ++q) {
    net.named("gate" + std::to_string(q));
    const ValueId u = net.matrix_multiply(x, 0, weights.w[q], 1), v = net.matrix_multiply(h, 0, weights.r[q], 1);
    sums.push_back(net.add(net.add(u, v), net.add(weights.wb[q], weights.rb[q])));
  }
  return sums;
}

/// A layer over x [T, B, I]: collected h, last h, last c.
Values lstm_layer(Net& net, ValueId x, ValueId h0, ValueId c0, int64_t inputs, ValueId count, bool reverse) {
  const GateWeights weights = gate_weights(net, 4, inputs, kH, kH);
  const Net::Loop loop = net.open(count, {h0, c0}, {{x, 0, reverse}});
  const Values state = lstm_state(net, gate_sums(net, weights, loop.slices[0], loop.carried[0]), loop.carried[1]);
  const Values results = net.close(loop, state, {{state[0], count, 0, reverse}});
  return {results[2], results[0], results[1]};
}

void outputs(Net& net, const Values& values) {
  for (size_t i = 0; i < values.size(); ++i) net.output(values[i], "y" + std::to_string(i));
}

Cell gru(const char* name, bool reset_after) {
  Net net(5);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH});
  const ValueId count = net.i32(kT), one = net.filled({1, 1}, 1);
  const GateWeights weights = gate_weights(net, 3, kI, kH, kH);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId row = loop.slices[0], h = loop.carried[0];
  const auto gate = [&](size_t q) {
    const ValueId u = net.matrix_multiply(row, 0, weights.w[q], 1), v = net.matrix_multiply(h, 0, weights.r[q], 1);
    return net.sigmoid(net.add(net.add(net.add(u, v), weights.wb[q]), weights.rb[q]));
  };
  const ValueId z = gate(0), r = gate(1), u = net.add(net.matrix_multiply(row, 0, weights.w[2], 1), weights.wb[2]);
  ValueId n;
  if (reset_after) {
    n = net.tanh(net.add(u, net.mul(r, net.add(net.matrix_multiply(h, 0, weights.r[2], 1), weights.rb[2]))));
  } else {
    n = net.tanh(net.add(net.add(u, net.matrix_multiply(net.mul(r, h), 0, weights.r[2], 1)), weights.rb[2]));
  }
  const ValueId next = net.add(net.mul(net.pointwise("sub", {one, z}), n), net.mul(z, h));
  const Values results = net.close(loop, {next}, {{next, count, 0, false}});
  outputs(net, {results[1], results[0]});
  return finish(name, net, {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2)});
}

}  // namespace

Cell relu_rnn_3d() {
  Net net(2);
  const ValueId x = net.input("x", {kB, kT, kI}), h0 = net.filled({kB, kH}, 1), zero = net.filled({1, 1}, 0);
  const ValueId w = net.weights({kI, kH}), r = net.weights({kH, kH}), bias = net.weights({kB, kH}), count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0}, {{x, 1, false}});
  const ValueId u = net.matrix_multiply(loop.slices[0], 0, w, 0), v = net.matrix_multiply(loop.carried[0], 0, r, 0);
  const ValueId h = net.pointwise("max", {net.add(net.add(u, v), bias), zero});
  const Values results = net.close(loop, {h}, {{h, count, 1, false}});
  outputs(net, {results[0], results[1]});
  return finish("relu_rnn_3d", net, {example_input({kB, kT, kI}, 1)});
}

Cell relu_rnn_4d() {
  Net net(2);
  const ValueId x = net.input("x", {1, kB, kT, kI}), h0 = net.filled({1, kB, kH}, 1), zero = net.filled({1, 1, 1}, 0);
  const ValueId w = net.weights({1, kI, kH}), r = net.weights({1, kH, kH}), bias = net.weights({1, kB, kH});
  const ValueId count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0}, {{x, 2, false}});
  const ValueId u = net.matrix_multiply(loop.slices[0], 0, w, 0), v = net.matrix_multiply(loop.carried[0], 0, r, 0);
  const ValueId h = net.pointwise("max", {net.add(net.add(u, v), bias), zero});
  const Values results = net.close(loop, {h}, {{h, count, 1, false}});
  const ValueId last = net.reshape(net.transpose(results[0], {1, 0, 2}), {1, kB, 1, kH});
  const ValueId all = net.reshape(net.transpose(results[1], {0, 2, 1, 3}), {1, kB, kT, kH});
  outputs(net, {all, last});
  return finish("relu_rnn_4d", net, {example_input({1, kB, kT, kI}, 1)});
}

Cell lstm_eight_products() {
  Net net(3);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), c0 = net.input("c0", {kB, kH});
  outputs(net, lstm_layer(net, x, h0, c0, kI, net.i32(kT), false));
  return finish("lstm_eight_products", net,
                {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2), example_input({kB, kH}, 3)});
}

Cell lstm_dynamic() {
  Net net(3);
  const ValueId x = net.input("x", {-1, -1, kI}), h0 = net.input("h0", {-1, kH}), c0 = net.input("c0", {-1, kH});
  outputs(net, lstm_layer(net, x, h0, c0, kI, net.extent(x, 0), false));
  return finish("lstm_dynamic", net,
                {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2), example_input({kB, kH}, 3)});
}

Cell lstm_packed_vectors() {
  Net net(4);
  const ValueId x = net.input("data", {kT, kI}), h0 = net.input("h0", {1, kH}), c0 = net.input("c0", {1, kH});
  const ValueId trips = net.input("trips", {}, DType::kInt32), length = net.i32(kT);
  const ValueId w = net.weights({4 * kH, kI}), r = net.weights({4 * kH, kH});
  const ValueId wb = net.weights({4 * kH}), rb = net.weights({4 * kH}), zero = net.constant({1}, {0}, DType::kInt32);
  const ValueId h_first = net.reshape(net.gather(h0, zero, 0), {kH}),
                c_first = net.reshape(net.gather(c0, zero, 0), {kH});
  const Net::Loop loop = net.open(trips, {h_first, c_first}, {{x, 0, false}});
  const ValueId u = net.matrix_multiply(loop.slices[0], 2, w, 1), v = net.matrix_multiply(loop.carried[0], 2, r, 1);
  const ValueId sum = net.add(net.add(u, v), net.add(wb, rb));
  Values gates;
  for (int64_t q = 0; q < 4; ++q) gates.push_back(net.reshape(net.slice(sum, 0, q * kH, kH), {kH}));
  const Values state = lstm_state(net, gates, loop.carried[1]);
  const Values results = net.close(loop, state, {{state[0], length, 0, false}});
  outputs(net, {results[2], results[0], results[1]});
  ops::Tensor count{DType::kInt32, {}, {3}};
  return finish("lstm_packed_vectors", net,
                {example_input({kT, kI}, 1), example_input({1, kH}, 2), example_input({1, kH}, 3), count});
}

Cell lstm_concatenated() {
  Net net(6);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), c0 = net.input("c0", {kB, kH});
  const ValueId w = net.weights({kI + kH, 4 * kH}), bias = net.weights({1, 4 * kH}), count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0, c0}, {{x, 0, true}});
  const ValueId sum = net.add(net.matmul(net.concat({loop.slices[0], loop.carried[0]}, 1), w), bias);
  Values gates;
  for (int64_t q = 0; q < 4; ++q) gates.push_back(net.slice(sum, 1, q * kH, kH));
  const Values state = lstm_state(net, gates, loop.carried[1]);
  const Values results = net.close(loop, state, {{state[0], count, 0, true}});
  outputs(net, {results[2], results[0], results[1]});
  return finish("lstm_concatenated", net,
                {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2), example_input({kB, kH}, 3)});
}

Cell lstm_large_batch() {
  Net net(3);
  const ValueId x = net.input("x", {kT, 32, kI}), h0 = net.input("h0", {32, kH}), c0 = net.input("c0", {32, kH});
  outputs(net, lstm_layer(net, x, h0, c0, kI, net.i32(kT), false));
  return finish("lstm_large_batch", net,
                {example_input({kT, 32, kI}, 1), example_input({32, kH}, 2), example_input({32, kH}, 3)});
}

Cell gru_reset_before() { return gru("gru_reset_before", false); }
Cell gru_reset_after() { return gru("gru_reset_after", true); }

Cell lstm_projected() {
  Net net(7);
  constexpr int64_t projected = 2;
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, projected}), c0 = net.input("c0", {kB, kH});
  const GateWeights weights = gate_weights(net, 4, kI, projected, kH);
  const ValueId projection = net.weights({kH, projected}), count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0, c0}, {{x, 0, false}});
  const Values state = lstm_state(net, gate_sums(net, weights, loop.slices[0], loop.carried[0]), loop.carried[1]);
  const ValueId h = net.matmul(state[0], projection);
  const Values results = net.close(loop, {h, state[1]}, {{h, count, 0, false}});
  outputs(net, {results[2], results[0], results[1]});
  return finish("lstm_projected", net,
                {example_input({kT, kB, kI}, 1), example_input({kB, projected}, 2), example_input({kB, kH}, 3)});
}

Cell lstm_peephole() {
  Net net(8);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), c0 = net.input("c0", {kB, kH});
  const GateWeights weights = gate_weights(net, 4, kI, kH, kH);
  const Values p{net.weights({1, kH}), net.weights({1, kH}), net.weights({1, kH})};
  const ValueId count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0, c0}, {{x, 0, false}});
  Values gates = gate_sums(net, weights, loop.slices[0], loop.carried[0]);
  const ValueId c = loop.carried[1];
  gates[0] = net.add(gates[0], net.mul(p[0], c));
  gates[1] = net.add(gates[1], net.mul(p[1], c));
  const ValueId next = net.add(net.mul(net.sigmoid(gates[1]), c), net.mul(net.sigmoid(gates[0]), net.tanh(gates[2])));
  const ValueId h = net.mul(net.sigmoid(net.add(gates[3], net.mul(p[2], next))), net.tanh(next));
  const Values results = net.close(loop, {h, next}, {{h, count, 0, false}});
  outputs(net, {results[2], results[0], results[1]});
  return finish("lstm_peephole", net,
                {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2), example_input({kB, kH}, 3)});
}

Cell lstm_bidirectional() {
  Net net(9);
  const ValueId x = net.input("x", {kT, kB, kI}), zero = net.filled({kB, kH}, 0), count = net.i32(kT);
  const Values forward = lstm_layer(net, x, zero, zero, kI, count, false);
  const Values backward = lstm_layer(net, x, zero, zero, kI, count, true);
  outputs(net, {net.concat({forward[0], backward[0]}, 2), forward[1], backward[1]});
  return finish("lstm_bidirectional", net, {example_input({kT, kB, kI}, 1)});
}

Cell lstm_stacked() {
  Net net(10);
  const ValueId x = net.input("x", {kT, kB, kI}), zero = net.filled({kB, kH}, 0), count = net.i32(kT);
  const Values first = lstm_layer(net, x, zero, zero, kI, count, false);
  const Values second = lstm_layer(net, first[0], zero, zero, kH, count, false);
  outputs(net, {second[0], first[1], second[1], second[2]});
  return finish("lstm_stacked", net, {example_input({kT, kB, kI}, 1)});
}

Cell rnn_with_readout() {
  Net net(11);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), count = net.i32(kT);
  const ValueId w = net.weights({kI, kH}), r = net.weights({kH, kH}), out = net.weights({kH, 2}),
                bias = net.weights({1, 2});
  const ValueId start = net.constant({1}, {0}, DType::kInt32), one = net.constant({1}, {1}, DType::kInt32);
  const Net::Loop loop = net.open(count, {h0, start}, {});
  const ValueId row = net.reshape(net.gather(x, loop.carried[1], 0), {kB, kI});
  const ValueId h = net.tanh(net.add(net.matmul(row, w), net.matmul(loop.carried[0], r)));
  const ValueId y = net.sigmoid(net.add(net.matmul(h, out), bias));
  const Values results = net.close(loop, {h, net.add(loop.carried[1], one)}, {{y, count, 1, false}});
  outputs(net, {results[2], results[0]});
  return finish("rnn_with_readout", net, {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2)});
}

Cell nested_loops() {
  Net net(12);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH});
  const ValueId w = net.weights({kI, kH}), r = net.weights({kH, kH}), inner_r = net.weights({kH, kH});
  const ValueId count = net.i32(kT), inner_count = net.i32(3);
  const Net::Loop outer = net.open(count, {h0}, {{x, 0, false}});
  const ValueId u = net.matmul(outer.slices[0], w);
  const Net::Loop inner = net.open(inner_count, {outer.carried[0]}, {});
  const ValueId s =
      net.tanh(net.add(net.add(net.matmul(inner.carried[0], inner_r), net.matmul(outer.slices[0], w)), u));
  const Values settled = net.close(inner, {s}, {{s, inner_count, 0, false}});
  const ValueId h = net.tanh(net.add(net.matmul(settled[0], r), u));
  const Values results = net.close(outer, {h}, {{h, count, 0, false}, {settled[1], count, 1, true}});
  outputs(net, {results[1], results[0], results[2]});
  return finish("nested_loops", net, {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2)});
}

Cell while_loop() {
  Net net(13);
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), limit = net.input("limit", {1, 1});
  const ValueId w = net.weights({kI, kH}), r = net.weights({kH, kH}), out = net.weights({kH, 2});
  const ValueId count = net.i32(kT), length = net.i32(kT + 2);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}}, true);
  const ValueId h = net.tanh(net.add(net.matmul(loop.slices[0], w), net.matmul(loop.carried[0], r)));
  const ValueId top =
      net.op(ir::OpKind::k_reduce, {{"op", int64_t{2}}, {"axes", int64_t{3}}, {"keep", int64_t{1}}}, {loop.carried[0]});
  const ValueId flag = net.reshape(net.pointwise("less", {top, limit}), {});
  const ValueId y = net.matmul(h, out);
  const Values results = net.close(loop, {h}, {{y, length, 0, false}, {h, length, 1, true}}, flag);
  outputs(net, {results[0], results[1], results[2]});
  ops::Tensor cut{DType::kFloat32, {1, 1}, {0.97}};
  return finish("while_loop", net, {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2), cut});
}

Cell eight_levels() {
  Net net(14);
  const ValueId x = net.input("x", {2, 2}), two = net.i32(2), quarter = net.filled({1, 1}, 0.25);
  std::vector<Net::Loop> loops;
  Values carried{x};
  for (int level = 0; level < 8; ++level) {
    loops.push_back(net.open(two, {carried.back()}, {}));
    carried.push_back(loops.back().carried[0]);
  }
  ValueId value = carried.back();
  for (int level = 8; level-- > 0;) {
    value = net.tanh(net.add(net.mul(value, quarter), net.mul(carried[static_cast<size_t>(level)], quarter)));
    value = net.close(loops[static_cast<size_t>(level)], {value}, {})[0];
  }
  net.output(value, "y");
  return finish("eight_levels", net, {example_input({2, 2}, 1)});
}

Cell branches_in_loop() {
  Net net(15);
  const ValueId x = net.input("x", {kT, kB, kH}), h0 = net.input("h0", {kB, kH}), v = net.input("v", {kB, kH});
  const ValueId r = net.weights({kH, kH}), count = net.i32(kT), zero = net.filled({1, 1}, 0);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId sum =
      net.op(ir::OpKind::k_reduce, {{"op", int64_t{0}}, {"axes", int64_t{3}}, {"keep", int64_t{1}}}, {loop.carried[0]});
  const ValueId flag = net.reshape(net.pointwise("greater", {sum, zero}), {});
  const ir::OpId branch = net.graph.add_op(net.region(), ir::OpKind::k_conditional, {}, {flag}, 1, "branch");
  const ir::RegionId body = net.region();
  for (int side = 0; side < 2; ++side) {
    const ir::RegionId region = net.graph.add_region(branch);
    net.enter(region);
    const ValueId heavy = net.matmul(side == 0 ? v : loop.slices[0], r);
    const ValueId y = net.tanh(net.add(heavy, net.mul(loop.carried[0], net.filled({1, 1}, 0.5))));
    net.graph.region(region).results = {y};
  }
  net.enter(body);
  ops::infer_op(net.graph, branch);
  const ValueId h = net.graph.op(branch).results[0];
  const Values results = net.close(loop, {h}, {{h, count, 0, false}});
  outputs(net, {results[1], results[0]});
  return finish("branches_in_loop", net,
                {example_input({kT, kB, kH}, 1), example_input({kB, kH}, 2), example_input({kB, kH}, 3)});
}

namespace {

/// rnn_v2 over x [B, T, I]; op 2 LSTM, 3 GRU.
Cell rnn_v2(const char* name, int64_t op, int64_t layers, bool both_directions, bool lengths) {
  Net net(16);
  const int64_t gates = op == 2 ? 4 : 3, directions = both_directions ? 2 : 1;
  Values operands{net.input("x", {kB, kT, kI})};
  std::vector<ops::Tensor> inputs{example_input({kB, kT, kI}, 1)};
  if (lengths) {
    operands.push_back(net.input("lengths", {kB}, DType::kInt32));
    inputs.push_back({DType::kInt32, {kB}, {static_cast<double>(kT), 2, 0}});
  }
  for (int64_t layer = 0; layer < layers; ++layer) {
    const int64_t width = layer == 0 ? kI : directions * kH;
    for (int64_t i = 0; i < directions * gates; ++i) {
      for (const Net::Ints& dims : {Net::Ints{kH, width}, Net::Ints{kH, kH}, Net::Ints{kH}, Net::Ints{kH}}) {
        operands.push_back(net.weights(dims));
      }
    }
  }
  const ir::Attrs attrs{{"op", op},
                        {"direction", int64_t{both_directions}},
                        {"input_mode", int64_t{0}},
                        {"layers", layers},
                        {"hidden", kH},
                        {"has_h0", int64_t{0}},
                        {"has_c0", int64_t{0}},
                        {"has_lengths", int64_t{lengths}}};
  const size_t results = op == 2 ? 3 : 2;
  const ValueId first = net.op(ir::OpKind::k_rnn_v2, attrs, operands, results);
  outputs(net, net.graph.op(net.graph.value(first).def).results);
  return finish(name, net, std::move(inputs));
}

}  // namespace

Cell rnn_v2_lstm() { return rnn_v2("rnn_v2_lstm", 2, 2, true, true); }
Cell rnn_v2_gru() { return rnn_v2("rnn_v2_gru", 3, 1, false, false); }

std::vector<Cell> all_cells() {
  std::vector<Cell> cells;
  for (Cell (*make)() :
       {relu_rnn_3d,       relu_rnn_4d,        lstm_eight_products, lstm_dynamic,     lstm_packed_vectors,
        lstm_concatenated, lstm_large_batch,   gru_reset_before,    gru_reset_after,  lstm_projected,
        lstm_peephole,     lstm_bidirectional, lstm_stacked,        rnn_with_readout, nested_loops,
        while_loop,        eight_levels,       rnn_v2_lstm,         rnn_v2_gru,       branches_in_loop}) {
    cells.push_back(make());
  }
  return cells;
}

}  // namespace rondo::passes
