// An embedding in front of a recurrent cell is  x = E[i], W x + R h + b.  E has as many rows as there are symbols, and
// W x has no more different values than that: row i of E W. So the product is made once, when the engine is built, and
// a step reads N numbers where it read K N:
//
//     x = gather(E [R, K], i);  y = matmul(x, W [K, N])   →   y = gather(E W [R, N], i)
//
// A one-hot input is the case E = identity. Rows outside of the table read 0 on both sides, as long as W is finite.
//
// The price is the table E W. It is paid only when it is no larger than what becomes dead, W and perhaps E: symbols of
// a text (R below K) pass, a vocabulary of thirty thousand words does not.
#include "passes/products/gather_products.h"

#include <algorithm>
#include <cmath>

#include "passes/eliminate_dead.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

// Multiply-adds of one table. Bound by the time a build may take: 2^32 are about a second; more only delays it.
constexpr int64_t kMaxWork = int64_t{1} << 32;

/// x = reshape*(gather(table, indices)), x W. Sizes: table [rows, inner], weights [inner, columns].
struct Match {
  ir::ValueId table, indices, weights;
  int64_t rows = 0, inner = 0, columns = 0;
};

class ProductGatherer {
 public:
  explicit ProductGatherer(ir::Graph& graph) : graph_(graph) {}

  bool run() {
    bool changed = false;
    for (ir::RegionId region : regions_outer_first(graph_)) {
      const std::vector<ir::OpId> ops = graph_.region(region).ops;
      for (ir::OpId op : ops) changed = rewrite(op) || changed;
    }
    return changed;
  }

 private:
  /// The gather that `value` is, or is a reshape of that keeps rows whole; invalid otherwise.
  ir::OpId gather_of(ir::ValueId value, int64_t inner) const {
    while (true) {
      const ir::Dims& dims = graph_.type(value).dims;
      if (dims.empty() || graph_.dims().value_or_unknown(dims.back()) != inner) return {};
      const ir::OpId def = graph_.value(value).def;
      if (!def.valid()) return {};
      const ir::Op& op = graph_.op(def);
      if (op.kind == ir::OpKind::k_gather) return def;
      if (op.kind != ir::OpKind::k_reshape) return {};
      value = op.operands[0];
    }
  }

  bool match(const ir::Op& product, Match* m) const {
    if (product.kind != ir::OpKind::k_matmul || !is_constant_weight(graph_, product.operands[1])) return false;
    const ir::Dims& weights = graph_.type(product.operands[1]).dims;
    if (weights.size() != 2 || graph_.type(product.results[0]).dtype != DType::kFloat32) return false;
    m->weights = product.operands[1];
    m->inner = graph_.dims().value(weights[0]);
    m->columns = graph_.dims().value(weights[1]);
    const ir::OpId def = gather_of(product.operands[0], m->inner);
    if (!def.valid()) return false;
    const ir::Op& gather = graph_.op(def);
    const bool rows = gather.attrs.integer("mode") == 0 && gather.attrs.integer("axis") == 0 &&
                      gather.attrs.integer("elementwise_dims") == 0;
    m->table = gather.operands[0];
    m->indices = gather.operands[1];
    if (!rows || !is_constant(graph_, m->table) || graph_.type(m->table).rank() != 2) return false;
    m->rows = graph_.dims().value(graph_.type(m->table).dims[0]);
    return m->rows > 0 && m->inner > 0 && m->columns > 0;
  }

  /// Elements that nobody reads once the product has gone.
  int64_t freed(const Match& m, ir::OpId product) const {
    const Uses uses(graph_);
    int64_t elements = 0;
    const ir::Op& weights = graph_.op(graph_.value(m.weights).def);
    const bool turned = weights.kind == ir::OpKind::k_transpose && uses.count(weights.operands[0]) > 1;
    if (uses.count(m.weights) == 1 && !turned) elements += m.inner * m.columns;
    bool only_product = uses.count(m.table) == 1;
    for (ir::ValueId x = graph_.op(product).operands[0]; only_product && x != m.table;) {
      only_product = uses.count(x) == 1;
      x = graph_.op(graph_.value(x).def).operands[0];
    }
    return only_product ? elements + m.rows * m.inner : elements;
  }

  ops::Tensor weights_of(const Match& m) const {
    const ir::Op& op = graph_.op(graph_.value(m.weights).def);
    if (op.kind != ir::OpKind::k_transpose) return constant_tensor(graph_, m.weights);
    const ops::Tensor source = constant_tensor(graph_, op.operands[0]);
    if (op.attrs.integers("perm")[0] == 0) return source;
    ops::Tensor result{source.dtype, {m.inner, m.columns}, std::vector<double>(source.data.size())};
    for (int64_t k = 0; k < m.inner; ++k) {
      for (int64_t n = 0; n < m.columns; ++n) {
        result.data[static_cast<size_t>(k * m.columns + n)] = source.data[static_cast<size_t>(n * m.inner + k)];
      }
    }
    return result;
  }

  /// The table times the weights, in double.
  static ops::Tensor multiply(const Match& m, const ops::Tensor& table, const ops::Tensor& weights) {
    ops::Tensor result{table.dtype, {m.rows, m.columns}, std::vector<double>(static_cast<size_t>(m.rows * m.columns))};
    for (int64_t k = 0; k < m.inner; ++k) {
      const double* from = weights.data.data() + k * m.columns;
      for (int64_t r = 0; r < m.rows; ++r) {
        const double factor = table.data[static_cast<size_t>(r * m.inner + k)];
        double* to = result.data.data() + r * m.columns;
        for (int64_t n = 0; n < m.columns; ++n) to[n] += factor * from[n];
      }
    }
    return result;
  }

  bool rewrite(ir::OpId id) {
    Match m;
    const ir::Op product = graph_.op(id);
    if (!match(product, &m)) return false;
    if (m.columns > kMaxWork / m.inner || m.rows > kMaxWork / (m.inner * m.columns)) return false;
    if (m.rows * m.columns > freed(m, id)) return false;
    const ops::Tensor weights = weights_of(m);
    const auto finite = [](double x) { return std::isfinite(x); };
    if (!std::all_of(weights.data.begin(), weights.data.end(), finite)) return false;
    OpBuilder builder = OpBuilder::before(graph_, id);
    const ir::ValueId made = builder.constant(multiply(m, constant_tensor(graph_, m.table), weights));
    const ir::Attrs attrs{{"mode", int64_t{0}}, {"axis", int64_t{0}}, {"elementwise_dims", int64_t{0}}};
    const ir::ValueId picked = builder.add(ir::OpKind::k_gather, attrs, {made, m.indices});
    graph_.replace_uses(product.results[0], builder.reshape(picked, graph_.type(product.results[0]).dims));
    graph_.erase_op(id);
    return true;
  }

  ir::Graph& graph_;
};

}  // namespace

bool gather_products(ir::Graph& graph, const PassOptions& options) {
  if (options.strict_numerics) return false;
  if (!ProductGatherer(graph).run()) return false;
  eliminate_dead(graph, options);
  return true;
}

}  // namespace rondo::passes
