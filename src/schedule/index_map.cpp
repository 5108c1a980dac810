#include "schedule/index_map.h"

#include <algorithm>

#include "base/error.h"

namespace rondo::schedule {
namespace {

/// The axes that are not 1 are the same, in order, on both sides.
bool same_wide_axes(ir::Graph& graph, const ir::Dims& from, const ir::Dims& to) {
  ir::DimPool& pool = graph.dims();
  const std::vector<size_t> a = wide_axes(pool, from), b = wide_axes(pool, to);
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!pool.same(from[a[i]], to[b[i]])) return false;
  }
  return true;
}

/// For each axis of `to`, the axis of `from` that holds it, or -1 where it is 1.
std::vector<int> wide_axis_sources(const ir::DimPool& pool, const ir::Dims& from, const ir::Dims& to) {
  const std::vector<size_t> a = wide_axes(pool, from), b = wide_axes(pool, to);
  std::vector<int> sources(to.size(), -1);
  for (size_t i = 0; i < b.size(); ++i) sources[b[i]] = static_cast<int>(a[i]);
  return sources;
}

AxisIndex origin(ir::DimPool& pool) { return {-1, pool.constant(0), pool.constant(0)}; }

IndexMap pull_slice(ir::DimPool& pool, const ir::Op& op, const IndexMap& map) {
  const ir::Dims& start = op.attrs.dims("start");
  const std::vector<int64_t>& stride = op.attrs.integers("stride");
  IndexMap result = map;
  for (size_t i = 0; i < map.size(); ++i) {
    const ir::Dim step = pool.constant(stride[i]);
    result[i].scale = pool.mul(map[i].scale, step);
    result[i].offset = pool.add(start[i], pool.mul(map[i].offset, step));
  }
  return result;
}

IndexMap pull_broadcast(ir::DimPool& pool, const ir::Dims& from, const IndexMap& map) {
  IndexMap result = map;
  for (size_t i = 0; i < map.size(); ++i) {
    if (is_one(pool, from[i])) result[i] = origin(pool);
  }
  return result;
}

}  // namespace

bool is_transparent(ir::Graph& graph, const ir::Op& op) {
  switch (op.kind) {
    case ir::OpKind::k_transpose:
    case ir::OpKind::k_slice:
    case ir::OpKind::k_broadcast:
      return true;
    case ir::OpKind::k_reshape:
      return same_wide_axes(graph, graph.type(op.operands[0]).dims, graph.type(op.results[0]).dims);
    default:
      return false;
  }
}

bool has_known_values(const ir::Graph& graph, ir::ValueId value) {
  const auto& contents = graph.value(value).info.contents;
  return contents && std::none_of(contents->begin(), contents->end(),
                                  [&](ir::Dim element) { return graph.dims().mentions_data(element); });
}

ir::ValueId root_of(ir::Graph& graph, ir::ValueId value) {
  while (!has_known_values(graph, value) && graph.value(value).def.valid() &&
         is_transparent(graph, graph.op(graph.value(value).def))) {
    value = graph.op(graph.value(value).def).operands[0];
  }
  return value;
}

IndexMap pull(ir::Graph& graph, const ir::Op& op, size_t index, const IndexMap& map) {
  ir::DimPool& pool = graph.dims();
  const ir::Dims& from = graph.type(op.operands[index]).dims;
  switch (op.kind) {
    case ir::OpKind::k_transpose: {
      const std::vector<int64_t>& perm = op.attrs.integers("perm");
      IndexMap result(map.size());
      for (size_t i = 0; i < map.size(); ++i) result[static_cast<size_t>(perm[i])] = map[i];
      return result;
    }
    case ir::OpKind::k_slice:
      return pull_slice(pool, op, map);
    case ir::OpKind::k_reshape: {
      const std::vector<int> sources = wide_axis_sources(pool, from, graph.type(op.results[0]).dims);
      IndexMap result(from.size(), origin(pool));
      for (size_t i = 0; i < sources.size(); ++i) {
        if (sources[i] >= 0) result[static_cast<size_t>(sources[i])] = map[i];
      }
      return result;
    }
    case ir::OpKind::k_broadcast:
    case ir::OpKind::k_pointwise:
      return pull_broadcast(pool, from, map);
    default:
      break;
  }
  RONDO_CHECK(false, "no index map through ", ir::op_kind_name(op.kind));
  return {};
}

Place at_map(ir::DimPool& pool, const Place& place, const IndexMap& map, size_t rank) {
  RONDO_CHECK(place.strides.size() == map.size(), "rank ", place.strides.size(), " mapped as ", map.size());
  Place result = place;
  result.strides.assign(rank, pool.constant(0));
  for (size_t i = 0; i < map.size(); ++i) {
    result.offset = pool.add(result.offset, pool.mul(map[i].offset, place.strides[i]));
    if (map[i].axis < 0) continue;
    ir::Dim& stride = result.strides[static_cast<size_t>(map[i].axis)];
    stride = pool.add(stride, pool.mul(map[i].scale, place.strides[i]));
  }
  if (place.first) result.first = std::make_shared<const Place>(at_map(pool, *place.first, map, rank));
  return result;
}

namespace {

std::optional<Form> push_slice(ir::Graph& graph, const ir::Op& op, const Form& form, ir::Dim unit, int last_axis) {
  ir::DimPool& pool = graph.dims();
  const ir::Dims& from = graph.type(op.operands[0]).dims;
  const ir::Dims& to = graph.type(op.results[0]).dims;
  const ir::Dims& start = op.attrs.dims("start");
  Form result = form;
  for (size_t i = 0; i < from.size(); ++i) {
    if (pool.same(from[i], to[i])) {
      if (!is_zero(pool, start[i]) || op.attrs.integers("stride")[i] != 1) return std::nullopt;
      continue;
    }
    const bool gate = form.wide && form.axes[i] == last_axis && op.attrs.integers("stride")[i] == 1 &&
                      pool.same(to[i], unit) && pool.is_constant(start[i]) && pool.is_constant(unit) &&
                      pool.value(start[i]) % pool.value(unit) == 0;
    if (!gate) return std::nullopt;
    result.wide = false;
    if (is_one(pool, to[i])) result.axes[i] = -1;
  }
  return result;
}

}  // namespace

std::optional<Form> push(ir::Graph& graph, const ir::Op& op, const Form& form, ir::Dim unit, int last_axis) {
  ir::DimPool& pool = graph.dims();
  const ir::Dims& from = graph.type(op.operands[0]).dims;
  const ir::Dims& to = graph.type(op.results[0]).dims;
  Form result = form;
  switch (op.kind) {
    case ir::OpKind::k_transpose:
      for (size_t i = 0; i < form.axes.size(); ++i) {
        result.axes[i] = form.axes[static_cast<size_t>(op.attrs.integers("perm")[i])];
      }
      return result;
    case ir::OpKind::k_slice:
      return push_slice(graph, op, form, unit, last_axis);
    case ir::OpKind::k_broadcast:
      for (size_t i = 0; i < from.size(); ++i) {
        if (!pool.same(from[i], to[i])) return std::nullopt;
      }
      return result;
    case ir::OpKind::k_reshape: {
      const std::vector<int> sources = wide_axis_sources(pool, from, to);
      result.axes.assign(to.size(), -1);
      for (size_t i = 0; i < to.size(); ++i) {
        if (sources[i] >= 0) result.axes[i] = form.axes[static_cast<size_t>(sources[i])];
      }
      return result;
    }
    default:
      return std::nullopt;
  }
}

IndexMap map_of(ir::DimPool& pool, const Form& form, int last_axis, ir::Dim gate_offset) {
  IndexMap map(form.axes.size(), origin(pool));
  for (size_t i = 0; i < map.size(); ++i) {
    if (form.axes[i] < 0) continue;
    map[i] = {form.axes[i], pool.constant(1), form.wide && form.axes[i] == last_axis ? gate_offset : pool.constant(0)};
  }
  return map;
}

}  // namespace rondo::schedule
