// Random networks of loops, branches, products, views and reductions, scheduled in every way and compared with the
// interpreter. Values stay in [-1, 1] or so because every sum ends in tanh; a flag compares with a margin that rounding
// does not reach.
#include <gtest/gtest.h>

#include "ir/text.h"
#include "passes/net.h"
#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

using ir::ValueId;
using passes::Net;

constexpr int64_t kB = 3, kH = 4;

class RandomNetwork {
 public:
  explicit RandomNetwork(uint32_t seed) : net_(seed), random_(seed * 7919 + 1) {
    net_.named("n");
    for (int64_t n = 0; n < 8; ++n) lengths_.push_back(net_.i32(n));
    Pool pool;
    for (int i = 0; i < 3; ++i) pool.push_back(add_input({kB, kH}));
    sequence_ = add_input({5, kB, kH});
    pool = grow(pool, 0, 4);
    const int outputs = 1 + pick(3);
    for (int i = 0; i < outputs; ++i) net_.output(any(pool), text("y", i));
  }

  const ir::Graph& graph() const { return net_.graph; }
  const std::vector<ops::Tensor>& inputs() const { return inputs_; }

 private:
  using Pool = std::vector<ValueId>;  ///< values of [B, H]

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  ValueId any(const Pool& pool) {
    return pool[pool.size() - 1 - static_cast<size_t>(pick(static_cast<int>(std::min<size_t>(pool.size(), 6))))];
  }

  ValueId add_input(const Net::Ints& dims) {
    inputs_.push_back(passes::example_input(dims, static_cast<uint32_t>(inputs_.size() + 17)));
    return net_.input(text("x", inputs_.size()), dims);
  }

  Pool grow(Pool pool, int depth, int steps) {
    for (int i = 0; i < steps; ++i) {
      const int kind = pick(depth < 3 ? 16 : 12);
      if (kind < 12) pool.push_back(simple(pool, kind));
      if (kind >= 12 && kind < 15) add_loop(pool, depth);
      if (kind == 15) add_branch(pool, depth);
    }
    return pool;
  }

  ValueId simple(const Pool& pool, int kind) {
    const ValueId a = any(pool), b = any(pool);
    switch (kind) {
      case 0:
        return net_.tanh(net_.add(a, b));
      case 1:
        return net_.mul(net_.sigmoid(a), b);
      case 2:
        return net_.tanh(net_.matmul(a, net_.weights({kH, kH})));
      case 3:
        return gates(a, b, 2);
      case 4:
        return gates(a, b, 3);
      case 5:
        return net_.tanh(net_.add(net_.matmul(a, net_.weights({kH, kH})), net_.matmul(b, net_.weights({kH, kH}))));
      case 6:
        return views(a, b);
      case 7:
        return rolled(a, b);
      case 8:
        return net_.tanh(net_.add(a, reduced(b, pick(3) + 1)));
      case 9:
        return net_.pointwise("select", {net_.pointwise("less", {a, net_.filled({1, 1}, 0.01)}), a, b});
      case 10:
        return net_.tanh(net_.matmul(net_.matmul(a, net_.transpose(b, {1, 0})), b));
      default:
        return net_.mul(reduced(a, 2), net_.tanh(b));
    }
  }

  ValueId reduced(ValueId x, int64_t axes) {
    return net_.op(ir::OpKind::k_reduce, {{"op", int64_t{2}}, {"axes", axes}, {"keep", int64_t{1}}}, {x});
  }

  /// Column slices of one product, bias before or after, used in any order.
  ValueId gates(ValueId a, ValueId b, int count) {
    ValueId wide = net_.matmul(a, net_.weights({kH, count * kH}));
    if (pick(2) == 0) wide = net_.add(wide, net_.weights({1, count * kH}));
    ValueId result = b;
    for (int g = 0; g < count; ++g) {
      result = net_.tanh(net_.add(net_.mul(result, net_.sigmoid(net_.slice(wide, 1, kH * (count - 1 - g), kH))), b));
    }
    return result;
  }

  ValueId views(ValueId a, ValueId b) {
    if (pick(2) == 0) return net_.tanh(net_.add(net_.reshape(net_.transpose(a, {1, 0}), {kB, kH}), b));
    const ValueId t = net_.tanh(net_.add(net_.transpose(a, {1, 0}), net_.transpose(b, {1, 0})));
    return net_.transpose(t, {1, 0});
  }

  ValueId rolled(ValueId a, ValueId b) {
    const ValueId joined = net_.concat({net_.slice(a, 1, 1, kH - 1), net_.slice(net_.tanh(b), 1, 0, 1)}, 1);
    if (pick(2) == 0) return joined;
    const ValueId stacked = net_.concat({joined, net_.tanh(joined), b}, 0);
    return net_.slice(stacked, 0, pick(2 * kB), kB);
  }

  void add_loop(Pool& pool, int depth) {
    const int64_t trips = pick(5);
    const ValueId count = net_.i32(trips);
    const bool has_while = pick(4) == 0;
    Net::Values initial;
    for (int i = 0, n = pick(4); i < n; ++i) initial.push_back(any(pool));
    std::vector<Net::Iter> iters;
    for (int i = 0, n = pick(3); i < n; ++i) {
      const ValueId source = pick(2) == 0 ? sequence_
                             : iterable_.empty()
                                 ? sequence_
                                 : iterable_[static_cast<size_t>(pick(static_cast<int>(iterable_.size())))];
      iters.push_back({source, 0, pick(3) == 0});
    }
    const size_t visible = iterable_.size();
    const Net::Loop loop = net_.open(count, initial, iters, has_while);
    Pool inner = pool;
    inner.insert(inner.end(), loop.carried.begin(), loop.carried.end());
    inner.insert(inner.end(), loop.slices.begin(), loop.slices.end());
    if (pick(3) == 0) inner.push_back(step_value(loop.step));
    inner = grow(inner, depth + 1, 2 + pick(4));
    iterable_.resize(visible);
    Net::Values next;
    for (size_t i = 0; i < initial.size(); ++i)
      next.push_back(pick(6) == 0 ? loop.carried[static_cast<size_t>(pick(static_cast<int>(initial.size())))]
                                  : any(inner));
    std::vector<Net::Out> outs;
    Net::Ints lengths;
    for (int i = 0, n = pick(3); i < n; ++i) {
      const ValueId value =
          !next.empty() && pick(2) == 0 ? next[static_cast<size_t>(pick(static_cast<int>(next.size())))] : any(inner);
      const int64_t length = pick(3) == 0 ? trips + pick(3) - 1 : trips;
      lengths.push_back(std::max<int64_t>(length, 0));
      outs.push_back({value, lengths_[static_cast<size_t>(lengths.back())], pick(3) == 0 ? 1 : 0, pick(3) == 0});
    }
    ValueId flag;
    if (has_while) flag = flag_of(any(inner));
    const Net::Values results = net_.close(loop, next, outs, flag);
    for (size_t i = 0; i < results.size(); ++i) {
      const bool collected = i >= next.size();
      if (!collected) pool.push_back(results[i]);
      if (!collected) continue;
      const Net::Out& out = outs[i - next.size()];
      const int64_t length = lengths[i - next.size()];
      if (out.axis == 0 && length >= 4) iterable_.push_back(results[i]);
      if (length > 0) pool.push_back(one_of(results[i], out.axis, length));
    }
  }

  ValueId one_of(ValueId collected, int axis, int64_t length) {
    return net_.reshape(net_.slice(collected, axis, pick(static_cast<int>(length)), 1), {kB, kH});
  }
  ValueId step_value(ValueId step) {
    const ValueId scaled = net_.mul(net_.cast(step, DType::kFloat32), net_.constant({}, {0.25}));
    const ValueId spread = net_.reshape(net_.tanh(scaled), {1, 1});
    return net_.op(ir::OpKind::k_broadcast, {{"shape", net_.constants({kB, kH})}}, {spread});
  }
  ValueId flag_of(ValueId x) {
    return net_.reshape(net_.pointwise("less", {reduced(x, 3), net_.filled({1, 1}, 0.7503)}), {});
  }

  void add_branch(Pool& pool, int depth) {
    const ValueId flag = flag_of(any(pool));
    const ir::RegionId outer = net_.region();
    const size_t visible = iterable_.size();
    const ir::OpId op = net_.graph.add_op(outer, ir::OpKind::k_conditional, {}, {flag}, 0, "branch");
    const size_t results = 1 + static_cast<size_t>(pick(2));
    for (int side = 0; side < 2; ++side) {
      const ir::RegionId region = net_.graph.add_region(op);
      net_.enter(region);
      const Pool inner = grow(pool, depth + 1, pick(4));
      for (size_t i = 0; i < results; ++i) {
        const ValueId value = any(inner);
        net_.graph.region(region).results.push_back(value);
      }
      iterable_.resize(visible);
    }
    for (size_t i = 0; i < results; ++i) pool.push_back(net_.graph.add_result(op, {}));
    net_.enter(outer);
    ops::infer_op(net_.graph, op);
  }

  Net net_;
  std::mt19937 random_;
  ValueId sequence_;
  std::vector<ValueId> iterable_;  ///< visible values of [4 or more, B, H]
  std::vector<ValueId> lengths_;   ///< constants 0, 1, …
  std::vector<ops::Tensor> inputs_;
};

class RandomNetworksTest : public testing::TestWithParam<int> {};

TEST_P(RandomNetworksTest, AllSchedulesAgree) {
  const int first = GetParam() * 20;
  for (int seed = first; seed < first + 20; ++seed) {
    const RandomNetwork network(static_cast<uint32_t>(seed + 1));
    ASSERT_EQ(check_schedules(network.graph(), network.inputs()), "") << "seed " << seed << "\n"
                                                                      << ir::to_summary(network.graph());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomNetworksTest, testing::Range(0, 10));

}  // namespace
}  // namespace rondo::schedule
