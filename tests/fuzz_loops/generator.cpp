// reason: one grammar of programs; its productions call each other.
//
// A scope is a region being written with the f32 values it can see. Productions take values from the scope and leave
// new ones in it. A body is written forward: arguments, then some productions, then next values and outputs picked from
// what there is, squashed by tanh so that no recurrence runs away.
#include "fuzz_loops/generator.h"

#include <algorithm>
#include <random>

#include "passes/equivalence.h"
#include "passes/net.h"

namespace rondo::fuzz {
namespace {

using ir::ValueId;
using passes::Net;
using Values = Net::Values;
using Ints = Net::Ints;

constexpr int kMaxDepth = 3;
constexpr int64_t kMaxVolume = 96;
constexpr double kThreshold = 0.0123456789;

/// A trip count: the value as the loop sees it, its run-time value, and whether lengths may refer to it.
struct Trips {
  ValueId count;
  int64_t actual = 0;
  bool known = true;
};

class Generator {
 public:
  explicit Generator(uint64_t seed)
      : random_(static_cast<uint32_t>(seed * 2654435761u + 17)), net_(static_cast<uint32_t>(seed)) {
    batch_ = pick(1, 3);
    symbolic_batch_ = chance(0.15);
  }

  Program run() {
    new_input({batch_, pick(1, 4)}, true);
    if (chance(0.5)) new_input({batch_, pick(1, 4)}, true);
    if (chance(0.3)) new_input({pick(2, 4)}, false);
    for (int64_t i = pick(0, 2); i > 0; --i) production(kMaxDepth);
    for (int64_t i = pick(1, 3); i > 0; --i) loop(0);
    for (int64_t i = pick(0, 3); i > 0; --i) production(kMaxDepth);
    mark_outputs();
    return {std::move(net_.graph), std::move(inputs_)};
  }

 private:
  // ---- choices

  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  bool chance(double p) { return std::uniform_real_distribution<double>(0, 1)(random_) < p; }
  template <class T>
  const T& one_of(const std::vector<T>& items) {
    return items[static_cast<size_t>(pick(0, static_cast<int64_t>(items.size()) - 1))];
  }
  ValueId any() {
    // Late values more often: programs become deep rather than wide.
    const int64_t last = static_cast<int64_t>(scope_.size()) - 1;
    return scope_[static_cast<size_t>(std::max(pick(0, last), pick(0, last)))];
  }

  // ---- types

  const ir::Dims& dims(ValueId value) const { return net_.graph.type(value).dims; }
  int rank(ValueId value) const { return static_cast<int>(dims(value).size()); }
  int64_t extent(ValueId value, int axis) const {
    return net_.graph.dims().value_or_unknown(dims(value)[static_cast<size_t>(axis)]);
  }
  bool is_static(ValueId value) const {
    for (int axis = 0; axis < rank(value); ++axis) {
      if (extent(value, axis) < 0) return false;
    }
    return true;
  }
  int64_t volume(ValueId value) const {
    int64_t product = 1;
    for (int axis = 0; axis < rank(value); ++axis) product *= std::max<int64_t>(extent(value, axis), 4);
    return product;
  }
  bool same_dims(ValueId a, ValueId b) {
    if (rank(a) != rank(b)) return false;
    for (size_t i = 0; i < dims(a).size(); ++i) {
      if (!net_.graph.dims().same(dims(a)[i], dims(b)[i])) return false;
    }
    return true;
  }
  Values alike(ValueId value, size_t from = 0) {
    Values found;
    for (size_t i = from; i < scope_.size(); ++i) {
      if (same_dims(scope_[i], value)) found.push_back(scope_[i]);
    }
    return found;
  }
  ValueId keep(ValueId value) {
    if (volume(value) <= kMaxVolume && rank(value) <= 4) scope_.push_back(value);
    return value;
  }

  // ---- leaves

  ValueId new_input(Ints shape, bool batched) {
    Ints declared = shape;
    if (batched && symbolic_batch_) declared[0] = -1;
    const std::string name = "in" + std::to_string(inputs_.size());
    const ValueId value = net_.input(name, declared);
    inputs_.push_back(passes::example_input(shape, static_cast<uint32_t>(pick(1, 1 << 30))));
    scope_.push_back(value);
    if (!batched || !symbolic_batch_) return value;
    // All symbolic batches are one extent: the network says so by adding the inputs.
    if (first_batched_.valid()) {
      net_.graph.dims().assume_equal(dims(first_batched_)[0], dims(value)[0], "batches are equal");
      ops::infer_graph(net_.graph);
    } else {
      first_batched_ = value;
    }
    return value;
  }

  ValueId scalar(ValueId like, double value) { return net_.filled(Ints(dims(like).size(), 1), value); }

  // ---- productions

  void production(int depth) {
    const ValueId x = any();
    switch (pick(0, 16)) {
      case 0:
      case 1:
        keep(unary(x));
        break;
      case 2:
      case 3:
      case 4:
        keep(binary(x));
        break;
      case 5:
      case 6:
        product(x);
        break;
      case 7:
        concat(x);
        break;
      case 8:
        slice(x);
        break;
      case 9:
        reduce(x);
        break;
      case 10:
        select(x);
        break;
      case 11:
        move(x);
        break;
      case 12:
        gather(x);
        break;
      case 13:
        structured(x);
        break;
      case 14:
        if (depth < kMaxDepth) conditional(depth);
        break;
      case 15:
        rows(x);
        break;
      default:
        if (depth < kMaxDepth && chance(0.5)) loop(depth);
        break;
    }
  }

  ValueId unary(ValueId x) {
    static const std::vector<std::string> functions{"tanh", "sigmoid", "neg", "abs", "sin", "cos", "tanh"};
    return net_.pointwise(one_of(functions), {x});
  }

  ValueId binary(ValueId x) {
    static const std::vector<std::string> functions{"add", "add", "sub", "mul", "max", "min"};
    Values others = alike(x);
    others.push_back(scalar(x, 0.75));
    if (is_static(x) && rank(x) >= 1) {
      Ints bias(dims(x).size(), 1);
      bias.back() = extent(x, rank(x) - 1);
      others.push_back(net_.weights(bias));
    }
    const ValueId y = one_of(others);
    const std::string& fn = one_of(functions);
    return chance(0.5) && same_dims(x, y) ? net_.pointwise(fn, {y, x}) : net_.pointwise(fn, {x, y});
  }

  ValueId weights_for(ValueId x, int64_t columns) { return net_.weights({extent(x, rank(x) - 1), columns}); }

  void product(ValueId x) {
    if (rank(x) == 0 || extent(x, rank(x) - 1) < 1) return;
    const int64_t columns = pick(1, 4);
    if (rank(x) == 1) {
      const ValueId w = weights_for(x, columns);
      keep(chance(0.5) ? net_.matrix_multiply(x, 2, w, 0) : net_.matrix_multiply(net_.transpose(w, {1, 0}), 0, x, 2));
    } else if (chance(0.7)) {
      keep(net_.matmul(x, weights_for(x, columns)));
    } else if (rank(x) == 2 && is_static(x)) {
      keep(net_.matrix_multiply(x, 1, x, 0));
    }
  }

  void concat(ValueId x) {
    if (rank(x) == 0) return;
    const Values others = alike(x);
    keep(net_.concat({x, one_of(others)}, pick(symbolic_batch_ && rank(x) > 1 ? 1 : 0, rank(x) - 1)));
  }

  void slice(ValueId x) {
    if (rank(x) == 0) return;
    const int axis = static_cast<int>(pick(0, rank(x) - 1));
    const int64_t size = extent(x, axis);
    if (size < 2) return;
    const int64_t start = pick(0, size - 1);
    keep(net_.slice(x, axis, start, pick(1, size - start)));
  }

  void reduce(ValueId x) {
    if (rank(x) == 0) return;
    const int64_t axis = pick(0, rank(x) - 1);
    if (extent(x, static_cast<int>(axis)) < 1) return;
    static const std::vector<int64_t> operations{0, 2, 3, 4};
    keep(net_.op(ir::OpKind::k_reduce,
                 {{"op", one_of(operations)}, {"axes", int64_t{1} << axis}, {"keep", int64_t{chance(0.6)}}}, {x}));
  }

  void select(ValueId x) {
    const Values others = alike(x);
    const ValueId condition = net_.pointwise(chance(0.5) ? "greater" : "less", {x, scalar(x, kThreshold)});
    keep(net_.pointwise("select", {condition, one_of(others), one_of(others)}));
  }

  void move(ValueId x) {
    if (rank(x) < 2) {
      if (rank(x) == 1 && is_static(x)) keep(net_.reshape(x, {1, extent(x, 0)}));
      return;
    }
    if (!is_static(x) || chance(0.5)) {
      Ints perm;
      for (int axis = 0; axis < rank(x); ++axis) perm.push_back(axis);
      std::shuffle(perm.begin(), perm.end(), random_);
      if (!symbolic_batch_) keep(net_.transpose(x, perm));
      return;
    }
    int64_t elements = 1;
    for (int axis = 0; axis < rank(x); ++axis) elements *= extent(x, axis);
    if (chance(0.5)) {
      keep(net_.reshape(x, {elements}));
    } else {
      keep(net_.reshape(x, {extent(x, 0), elements / std::max<int64_t>(extent(x, 0), 1)}));
    }
  }

  void gather(ValueId x) {
    if (rank(x) == 0) return;
    const int axis = static_cast<int>(pick(0, rank(x) - 1));
    if (extent(x, axis) < 1) return;
    if (step_.valid() && chance(0.5)) {
      keep(net_.gather(x, net_.cast(step_, DType::kInt32), axis));
      return;
    }
    std::vector<double> rows;
    for (int64_t i = pick(1, 3); i > 0; --i) rows.push_back(static_cast<double>(pick(0, extent(x, axis))));
    const ValueId index = net_.constant({static_cast<int64_t>(rows.size())}, rows, DType::kInt32);
    keep(net_.gather(x, index, axis));
  }

  /// Products and rows in turn, tall enough to be a chain: softmax(a aᵀ) a, or a product and its deviations from the mean.
  void rows(ValueId x) {
    if (rank(x) != 2 || !is_static(x) || extent(x, 0) < 1 || extent(x, 1) < 1) return;
    const ValueId tall = net_.mul(net_.weights({pick(4, 9), extent(x, 1)}), net_.slice(x, 0, 0, 1));
    if (chance(0.5)) {
      const ValueId scores = net_.matrix_multiply(tall, 0, tall, 1);
      keep(net_.matmul(net_.op(ir::OpKind::k_softmax, {{"axis", int64_t{1}}}, {scores}), tall));
    } else {
      const ValueId sums = net_.matmul(tall, weights_for(tall, pick(2, 5)));
      const ir::Attrs mean{{"op", int64_t{4}}, {"axes", int64_t{2}}, {"keep", int64_t{1}}};
      keep(net_.pointwise("sub", {sums, net_.op(ir::OpKind::k_reduce, mean, {sums})}));
    }
  }

  void structured(ValueId x) {
    switch (pick(0, 2)) {
      case 0:
        if (rank(x) > 0 && extent(x, rank(x) - 1) > 0) {
          keep(net_.op(ir::OpKind::k_softmax, {{"axis", int64_t{rank(x) - 1}}}, {x}));
        }
        break;
      case 1:
        keep(net_.op(ir::OpKind::k_activation, {{"type", pick(0, 2)}, {"alpha", 0.0}, {"beta", 0.0}}, {x}));
        break;
      default:
        keep(net_.op(ir::OpKind::k_elementwise, {{"op", int64_t{0}}}, {x, one_of(alike(x))}));
        break;
    }
  }

  /// A 0-d bool that depends on x.
  ValueId flag(ValueId x) {
    ValueId sum = x;
    if (rank(x) > 0) {
      const int64_t all = (int64_t{1} << rank(x)) - 1;
      sum = net_.op(ir::OpKind::k_reduce, {{"op", int64_t{0}}, {"axes", all}, {"keep", int64_t{0}}}, {x});
    }
    return net_.pointwise("greater", {sum, net_.filled({}, kThreshold)});
  }

  void conditional(int depth) {
    const ValueId x = any();
    const ir::OpId op = net_.graph.add_op(net_.region(), ir::OpKind::k_conditional, {}, {flag(any())}, 1, "if");
    const ir::RegionId outer = net_.region();
    const Values scope = scope_;
    for (int side = 0; side < 2; ++side) {
      const ir::RegionId region = net_.graph.add_region(op);
      net_.enter(region);
      for (int64_t i = pick(0, 2); i > 0; --i) production(depth + 1);
      net_.graph.region(region).results = {squashed(x)};
      scope_ = scope;
    }
    net_.enter(outer);
    ops::infer_op(net_.graph, op);
    keep(net_.graph.op(op).results[0]);
  }

  /// Something of x's type, in [-1, 1].
  ValueId squashed(ValueId x) {
    const Values others = alike(x, scope_.size() > 12 ? scope_.size() - 12 : 0);
    ValueId y = others.empty() ? x : one_of(others);
    if (chance(0.5)) y = net_.add(y, net_.mul(x, scalar(x, 0.5)));
    return net_.tanh(y);
  }

  // ---- cells

  /// Gate sums  x W + h R + b  in some order and form; leaves the gates in the scope.
  void gate_sums(ValueId x, ValueId h) {
    const bool rows = rank(h) == 2 && rank(x) == 2 && net_.graph.dims().same(dims(x)[0], dims(h)[0]);
    const bool vectors = rank(h) == 1 && rank(x) == 1;
    if ((!rows && !vectors) || extent(x, rank(x) - 1) < 1 || extent(h, rank(h) - 1) < 1) return;
    const int64_t hidden = extent(h, rank(h) - 1), gates = pick(1, 4);
    const bool packed = chance(0.3), joined = rows && chance(0.25);
    const int64_t parts = packed ? 1 : gates, width = packed ? gates * hidden : hidden;
    Values sums;
    for (int64_t q = 0; q < parts; ++q) sums.push_back(gate_sum(x, h, width, joined));
    if (packed) {
      const ValueId all = sums[0];
      sums.clear();
      for (int64_t q = 0; q < gates; ++q) sums.push_back(net_.slice(all, rank(all) - 1, q * hidden, hidden));
    }
    ValueId mixed = net_.sigmoid(sums[0]);
    for (size_t q = 1; q < sums.size(); ++q) {
      const ValueId gate = chance(0.5) ? net_.tanh(sums[q]) : net_.sigmoid(sums[q]);
      mixed = chance(0.5) ? net_.mul(mixed, gate) : net_.add(mixed, gate);
    }
    keep(mixed);
    keep(net_.tanh(net_.add(net_.mul(mixed, h), mixed)));
  }

  ValueId gate_sum(ValueId x, ValueId h, int64_t width, bool joined) {
    Ints bias(dims(h).size(), 1);
    bias.back() = width;
    Values terms;
    if (joined) {
      const int64_t inputs = extent(x, rank(x) - 1) + extent(h, rank(h) - 1);
      terms.push_back(net_.matmul(net_.concat({x, h}, 1), net_.weights({inputs, width})));
    } else if (rank(h) == 2) {
      terms.push_back(net_.matmul(x, weights_for(x, width)));
      terms.push_back(net_.matmul(h, weights_for(h, width)));
    } else {
      terms.push_back(net_.matrix_multiply(x, 2, net_.transpose(weights_for(x, width), {1, 0}), 1));
      terms.push_back(net_.matrix_multiply(net_.weights({width, extent(h, 0)}), 0, h, 2));
    }
    for (int64_t i = pick(0, 2); i > 0; --i) terms.push_back(net_.weights(bias));
    std::shuffle(terms.begin(), terms.end(), random_);
    ValueId sum = terms[0];
    for (size_t i = 1; i < terms.size(); ++i) {
      sum = chance(0.2) ? net_.pointwise("sub", {sum, terms[i]}) : net_.add(sum, terms[i]);
    }
    return sum;
  }

  // ---- loops

  /// A trip count that stays within `limit` when that is not negative.
  Trips trips(int64_t limit) {
    const int64_t actual = limit >= 0 ? pick(0, limit) : pick(0, 5);
    const double kind = std::uniform_real_distribution<double>(0, 1)(random_);
    if (kind < 0.7) return {net_.i32(actual), actual, true};
    const std::string name = "n" + std::to_string(inputs_.size());
    const bool host = kind < 0.85;
    const ValueId count = host ? net_.host_scalar(name) : net_.input(name, {}, DType::kInt32);
    if (host)
      net_.graph.dims().set_range(net_.graph.dims().symbol_dim(net_.graph.dims().symbol_count() - 1), {0, 3, 8});
    inputs_.push_back({DType::kInt32, {}, {static_cast<double>(actual)}});
    return {count, actual, host};
  }

  std::vector<Net::Iter> iterators(int depth, Trips* trip) {
    std::vector<Net::Iter> iters;
    if (depth == 0 && !last_iters_.empty() && chance(0.5)) {
      // The other direction over the same tensor: loops that may run side by side.
      iters = last_iters_;
      iters[0].reverse = !iters[0].reverse;
      *trip = last_trip_;
      return iters;
    }
    const double kind = std::uniform_real_distribution<double>(0, 1)(random_);
    if (depth == 0 && kind < 0.85) {
      const int64_t steps = pick(1, 6);
      const bool dynamic = chance(0.2);
      const bool batched = rank(scope_[0]) == 2 && chance(0.7);
      const int axis = batched ? static_cast<int>(pick(0, 2)) : 0;
      Ints shape = batched ? Ints{batch_, pick(1, 4)} : Ints{pick(1, 4)};
      shape.insert(shape.begin() + axis, steps);
      const ValueId source = sequence(shape, axis, batched, dynamic);
      *trip = dynamic       ? Trips{net_.extent(source, axis), steps, true}
              : chance(0.7) ? Trips{net_.i32(steps), steps, true}
                            : trips(steps);
      iters.push_back({source, axis, chance(0.35)});
      if (chance(0.2)) iters.push_back({source, axis, chance(0.5)});
      last_iters_ = iters;
      last_trip_ = *trip;
    } else {
      const ValueId source = any();
      if (rank(source) >= 1 && rank(source) <= 3 && chance(0.6)) {
        const int axis = static_cast<int>(pick(0, rank(source) - 1));
        if (extent(source, axis) >= 1) {
          *trip = chance(0.7) ? Trips{net_.i32(extent(source, axis)), extent(source, axis), true}
                              : trips(extent(source, axis));
          iters.push_back({source, axis, chance(0.3)});
          return iters;
        }
      }
      *trip = trips(-1);
    }
    return iters;
  }

  /// A network input with a time axis.
  ValueId sequence(const Ints& shape, int axis, bool batched, bool dynamic) {
    Ints declared = shape;
    if (dynamic) declared[static_cast<size_t>(axis)] = -1;
    const size_t batch_axis = axis == 0 ? 1 : 0;
    if (batched && symbolic_batch_) declared[batch_axis] = -1;
    const ValueId value = net_.input("seq" + std::to_string(inputs_.size()), declared);
    inputs_.push_back(passes::example_input(shape, static_cast<uint32_t>(pick(1, 1 << 30))));
    if (batched && symbolic_batch_ && first_batched_.valid()) {
      net_.graph.dims().assume_equal(dims(first_batched_)[0], dims(value)[batch_axis], "batches are equal");
      ops::infer_graph(net_.graph);
    }
    return value;
  }

  ValueId length(const Trips& trip) {
    if (trip.count.valid() && trip.known && chance(0.6)) return trip.count;
    return net_.i32(std::max<int64_t>(trip.actual + pick(-1, 2), 0));
  }

  void loop(int depth) {
    Trips trip;
    std::vector<Net::Iter> iters = iterators(depth, &trip);
    bool has_while = chance(0.2);
    if (has_while && iters.empty() && chance(0.5)) trip.count = ValueId{};
    if (!trip.count.valid()) trip.known = false;
    Values initial;
    for (int64_t i = pick(1, 2); i > 0; --i) initial.push_back(any());
    const bool counter = trip.count.valid() && chance(0.25);
    const ValueId start = net_.constant({1}, {static_cast<double>(pick(0, 1))}, DType::kInt32);
    if (counter) initial.push_back(start);
    const ValueId one = net_.constant({1}, {1}, DType::kInt32), limit = net_.i32(pick(1, 5));
    const ValueId collected_length = length(trip), other_length = length(trip);

    const Values outer_scope = scope_;
    const ValueId outer_step = step_;
    const Net::Loop loop = net_.open(trip.count, initial, iters, has_while);
    step_ = loop.step;
    const size_t states = initial.size() - (counter ? 1 : 0);
    Values carried(loop.carried.begin(), loop.carried.begin() + static_cast<std::ptrdiff_t>(states));
    for (ValueId value : carried) keep(value);
    for (ValueId value : loop.slices) keep(value);
    if (counter && rank(scope_[0]) > 0) keep(net_.gather(scope_[0], loop.carried.back(), 0));
    if (!loop.slices.empty() && chance(0.7)) gate_sums(loop.slices[0], carried[0]);
    for (int64_t i = pick(1, depth == 0 ? 6 : 3); i > 0; --i) production(depth + 1);

    Values next;
    for (ValueId value : carried) next.push_back(chance(0.05) ? value : squashed(value));
    std::vector<Net::Out> outs;
    for (int64_t i = pick(0, 2); i > 0; --i) {
      const ValueId value = chance(0.4) ? next[0] : any();
      if (rank(value) > 3) continue;
      outs.push_back(
          {value, chance(0.7) ? collected_length : other_length, static_cast<int>(pick(0, rank(value))), chance(0.3)});
    }
    if (counter) next.push_back(net_.add(loop.carried.back(), one));
    ValueId condition;
    if (has_while) {
      condition = net_.pointwise("less", {net_.cast(loop.step, DType::kInt32), limit});
      if (chance(0.4))
        condition = net_.pointwise("or", {condition, net_.pointwise("and", {condition, flag(carried[0])})});
      if (chance(0.4)) condition = net_.pointwise("and", {condition, flag(carried[0])});
    }
    const Values results = net_.close(loop, next, outs, condition);
    scope_ = outer_scope;
    step_ = outer_step;
    for (size_t i = 0; i < results.size(); ++i) {
      if (i >= states && i < next.size()) continue;  // the counter
      keep(results[i]);
      if (depth == 0) outputs_.push_back(results[i]);
    }
  }

  // ---- outputs

  void mark_outputs() {
    outputs_.push_back(scope_.back());
    std::sort(outputs_.begin(), outputs_.end());
    outputs_.erase(std::unique(outputs_.begin(), outputs_.end()), outputs_.end());
    size_t number = 0;
    for (ValueId value : outputs_) {
      const ir::OpId def = net_.graph.value(value).def;
      if (net_.graph.op(def).kind == ir::OpKind::k_input || chance(0.15)) continue;
      net_.output(value, "out" + std::to_string(number++));
    }
    if (number == 0) net_.output(net_.tanh(scope_.back()), "out0");
  }

  std::mt19937 random_;
  Net net_;
  int64_t batch_ = 1;
  bool symbolic_batch_ = false;
  ValueId first_batched_;
  ValueId step_;
  Values scope_, outputs_;
  std::vector<Net::Iter> last_iters_;
  Trips last_trip_;
  std::vector<ops::Tensor> inputs_;
};

}  // namespace

Program generate(uint64_t seed) { return Generator(seed).run(); }

}  // namespace rondo::fuzz
