#include "schedule/split_products.h"

#include <algorithm>

namespace rondo::schedule {
namespace {

class ProductSplitter {
 public:
  explicit ProductSplitter(ir::Graph& graph) : graph_(graph), pool_(graph.dims()), readers_(graph.value_count()) {
    for (uint32_t id = 0; id < graph.op_count(); ++id) {
      if (!graph.op(ir::OpId{id}).parent.valid()) continue;
      for (const ir::ValueId operand : graph.op(ir::OpId{id}).operands) readers_[operand.id].push_back(ir::OpId{id});
    }
    for (uint32_t id = 0; id < graph.region_count(); ++id) {
      for (const ir::ValueId result : graph.region(ir::RegionId{id}).results) readers_[result.id].push_back({});
    }
  }

  void split(ir::OpId matmul) {
    const ir::ValueId product = graph_.op(matmul).results[0];
    const std::vector<ir::OpId> slices = readers_[product.id];
    if (slices.size() < 2 || !pool_.is_constant(graph_.type(product).dims.back())) return;
    const bool by_columns =
        std::all_of(slices.begin(), slices.end(), [&](ir::OpId slice) { return is_column_slice(slice); });
    if (!by_columns || !pays(slices, pool_.value(graph_.type(product).dims.back()))) return;
    for (const ir::OpId slice : slices) {
      graph_.replace_uses(graph_.op(slice).results[0], part(matmul, slice));
      graph_.erase_op(slice);
    }
    graph_.erase_op(matmul);
  }

 private:
  bool is_column_slice(ir::OpId id) {
    if (!id.valid() || graph_.op(id).kind != ir::OpKind::k_slice) return false;
    const ir::Op& op = graph_.op(id);
    const ir::Dims& from = graph_.type(op.operands[0]).dims;
    const ir::Dims &start = op.attrs.dims("start"), &size = op.attrs.dims("size");
    for (size_t i = 0; i + 1 < from.size(); ++i) {
      if (!pool_.same(from[i], size[i])) return false;
    }
    return op.attrs.integers("stride").back() == 1 && pool_.is_constant(start.back()) && pool_.is_constant(size.back());
  }

  /// Unequal slices without overlap, and a pointwise op that reads one.
  bool pays(const std::vector<ir::OpId>& slices, int64_t columns) {
    int64_t width = 0, total = 0;
    bool regular = true, read = false;
    for (const ir::OpId id : slices) {
      const ir::Op& op = graph_.op(id);
      const int64_t size = pool_.value(op.attrs.dims("size").back());
      if (width == 0) width = size;
      total += size;
      regular = regular && size == width && size > 0 && pool_.value(op.attrs.dims("start").back()) % size == 0 &&
                columns % size == 0;
      for (const ir::OpId reader : readers_[op.results[0].id]) {
        read = read || (reader.valid() && graph_.op(reader).kind == ir::OpKind::k_pointwise);
      }
    }
    return read && !regular && total <= columns;
  }

  ir::ValueId part(ir::OpId matmul, ir::OpId slice) {
    const std::vector<ir::ValueId> operands = graph_.op(matmul).operands;
    const ir::RegionId region = graph_.op(matmul).parent;
    const ir::Attrs product_attrs = graph_.op(matmul).attrs;
    ir::TensorType type = graph_.type(operands[1]);
    ir::Dims start(type.dims.size(), pool_.constant(0));
    start.back() = graph_.op(slice).attrs.dims("start").back();
    type.dims.back() = graph_.op(slice).attrs.dims("size").back();
    const ir::Attrs attrs{{"start", start}, {"size", type.dims}, {"stride", std::vector<int64_t>(start.size(), 1)}};
    const ir::OpId columns =
        graph_.add_op(region, ir::OpKind::k_slice, attrs, {operands[1]}, 1, graph_.op(slice).name, matmul);
    graph_.value(graph_.op(columns).results[0]).info.type = type;
    const ir::OpId product =
        graph_.add_op(region, ir::OpKind::k_matmul, product_attrs, {operands[0], graph_.op(columns).results[0]}, 1,
                      graph_.op(matmul).name, matmul);
    graph_.value(graph_.op(product).results[0]).info.type = graph_.type(graph_.op(slice).results[0]);
    return graph_.op(product).results[0];
  }

  ir::Graph& graph_;
  ir::DimPool& pool_;
  std::vector<std::vector<ir::OpId>> readers_;
};

}  // namespace

void split_products(ir::Graph& graph) {
  ProductSplitter splitter(graph);
  const auto count = static_cast<uint32_t>(graph.op_count());
  for (uint32_t id = 0; id < count; ++id) {
    const ir::Op& op = graph.op(ir::OpId{id});
    if (op.parent.valid() && op.kind == ir::OpKind::k_matmul) splitter.split(ir::OpId{id});
  }
}

}  // namespace rondo::schedule
