#include <algorithm>

#include "base/error.h"
#include "ir/data_symbols.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/region_ops.h"

// loop: types of the region's arguments and of the results (meaning and operands: ir/graph.h).
//   C1 count is 0-d i32|i64           C2 next value of a recurrence has the initial value's type
//   C3 iterator axis inside the rank  C4 a reverse iterator needs a count
//   C5 length is 0-d i32|i64 with contents, not negative   C6 the while flag is 0-d bool   C7 a count or a while
//   C8 output axis in 0 .. rank       C9 no more iterations than the iterated extent
//   C10 what leaves the loop has extents that do not depend on data read in one iteration

namespace rondo::ops {
namespace {

ir::Dim count_of(const InferInput& in) { return in.dims.resolve((*in.operands[0].contents)[0]); }

void check_trip_limits(const InferInput& in, const LoopParts& parts) {
  if (!parts.has_count && !parts.has_while) {
    refuse(in, 7, "the loop has no trip limit; add one of kind COUNT or WHILE");
  }
  if (parts.has_count) require_scalar_integer(in, 1, 0, "the trip count");
  for (size_t i = 0; i < parts.collected; ++i) {
    const ir::ValueInfo& length = in.operands[parts.first_length() + i];
    require_scalar_integer(in, 5, parts.first_length() + i, "the length of a loop output");
    if (!length.contents) {
      refuse(in, 5, "the length of loop output ", i,
             " is not known before the network runs; compute it from constants, input shapes and host shape tensors");
    }
    const ir::Dim extent = in.dims.resolve((*length.contents)[0]);
    if (in.dims.range(extent).max < 0) refuse(in, 5, "the length ", in.dims.to_string(extent), " is negative");
  }
}

ir::ValueInfo iterated_slice(const InferInput& in, const LoopParts& parts, size_t iterator) {
  ir::TensorType type = in.operands[parts.first_iterated() + iterator].type;
  const int64_t axis = in.attrs.integers("iter_axes")[iterator];
  const bool reverse = in.attrs.integers("iter_reverse")[iterator] != 0;
  if (axis < 0 || axis >= type.rank()) {
    refuse(in, 3, "iterator ", iterator, " walks dimension ", axis, " of ", type_text(in.dims, type));
  }
  if (reverse && !parts.has_count) {
    refuse(in, 4, "iterator ", iterator, " is reverse, which needs a trip limit of kind COUNT to start from");
  }
  const ir::Dim extent = in.dims.resolve(type.dims[static_cast<size_t>(axis)]);
  if (parts.has_count && !parts.has_while && in.operands[0].contents &&
      in.dims.range(in.dims.sub(extent, count_of(in))).max < 0) {
    refuse(in, 9, "the loop runs ", in.dims.to_string(count_of(in)), " times but iterator ", iterator,
           " walks dimension ", axis, " of ", type_text(in.dims, type));
  }
  type.dims.erase(type.dims.begin() + axis);
  return {type, {}};
}

void check_carried(const InferInput& in, const ir::TensorType& initial, const ir::TensorType& next,
                   const std::string& who) {
  const auto refuse_change = [&] {
    refuse(in, 2, "recurrence ", who, " starts as ", type_text(in.dims, initial), " but its next value is ",
           type_text(in.dims, next),
           "; a carried value must keep its type and shape: start it at its final shape, or "
           "collect the pieces with a loop output");
  };
  if (initial.dtype != next.dtype || initial.rank() != next.rank()) refuse_change();
  for (size_t i = 0; i < initial.dims.size(); ++i) {
    const ir::Dim a = initial.dims[i], b = next.dims[i];
    if (in.dims.same(a, b)) continue;
    if (share_symbols(in.dims, a, b) || !may_be_equal(in.dims, a, b)) refuse_change();
    unify(in, 2, a, b, text("extents of dimension ", i, " of the initial and next value of recurrence ", who));
  }
}

}  // namespace

LoopParts loop_parts(const ir::Attrs& attrs) {
  LoopParts parts;
  parts.has_count = attrs.flag("count");
  parts.has_while = attrs.flag("while");
  parts.carried = static_cast<size_t>(attrs.integer("carried"));
  parts.iterated = attrs.integers("iter_axes").size();
  parts.collected = attrs.integers("out_axes").size();
  RONDO_CHECK(attrs.integers("iter_reverse").size() == parts.iterated, parts.iterated, " iterators");
  RONDO_CHECK(attrs.integers("out_reverse").size() == parts.collected, parts.collected, " collected outputs");
  return parts;
}

std::vector<ir::ValueInfo> infer_loop_arguments(const InferInput& in) {
  const LoopParts parts = loop_parts(in.attrs);
  RONDO_CHECK(in.operands.size() == parts.operand_count(), in.operands.size(), " operands");
  check_trip_limits(in, parts);
  std::vector<ir::ValueInfo> arguments = {{{DType::kInt64, {}}, {}}};
  for (size_t i = 0; i < parts.carried; ++i) arguments.push_back({in.operands[parts.first_carried() + i].type, {}});
  for (size_t i = 0; i < parts.iterated; ++i) arguments.push_back(iterated_slice(in, parts, i));
  return arguments;
}

std::vector<ir::ValueInfo> infer_loop_results(const InferInput& in, std::span<const ir::ValueInfo> body,
                                              std::span<const std::string> carried_names) {
  const LoopParts parts = loop_parts(in.attrs);
  RONDO_CHECK(body.size() == parts.carried + parts.collected + (parts.has_while ? 1 : 0), body.size(), " body results");
  std::vector<ir::ValueInfo> results;
  for (size_t i = 0; i < parts.carried; ++i) {
    ir::TensorType initial = in.operands[parts.first_carried() + i].type;
    const bool named = i < carried_names.size() && !carried_names[i].empty();
    check_carried(in, initial, body[i].type, named ? text("'", carried_names[i], "'") : std::to_string(i));
    for (ir::Dim& dim : initial.dims) dim = in.dims.resolve(dim);
    results.push_back({initial, {}});
  }
  for (size_t i = 0; i < parts.collected; ++i) {
    ir::TensorType type = body[parts.carried + i].type;
    const int64_t axis = in.attrs.integers("out_axes")[i];
    if (axis < 0 || axis > type.rank()) {
      refuse(in, 8, "loop output ", i, " inserts dimension ", axis, " into ", type_text(in.dims, type));
    }
    const ir::Dim length = in.dims.resolve((*in.operands[parts.first_length() + i].contents)[0]);
    type.dims.insert(type.dims.begin() + axis, length);
    for (ir::Dim& dim : type.dims) dim = in.dims.resolve(dim);
    results.push_back({type, {}});
  }
  if (parts.has_while && (body.back().type.dtype != DType::kBool || body.back().type.rank() != 0)) {
    refuse(in, 6, "the while condition is ", type_text(in.dims, body.back().type), ", a 0-d bool is needed");
  }
  return results;
}

void require_outer_extents(const ir::Graph& graph, ir::OpId id) {
  const ir::DataSymbols data(graph);
  if (!data.any()) return;
  const ir::Op& op = graph.op(id);
  for (size_t i = 0; i < op.results.size(); ++i) {
    const ir::TensorType& type = graph.type(op.results[i]);
    const bool inner = std::any_of(op.regions.begin(), op.regions.end(),
                                   [&](ir::RegionId region) { return data.depends_on_region(type.dims, region); });
    if (!inner) continue;
    fail(Code::kInvalidArgument, "loop '", op.name, "': output ", i, " is ", type_text(graph.dims(), type),
         ", whose extents are read from data inside; each iteration may decide another size, so hand out a tensor of ",
         "fixed shape (loop C10)");
  }
}

OpDef define_loop() { return {}; }

}  // namespace rondo::ops
