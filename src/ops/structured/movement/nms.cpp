#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/select_boxes.h"
#include "ops/reference.h"

// nms(boxes [B, N, 4] or [B, N, C, 4], scores [B, N, C], iou 0-d, score threshold 0-d) {max, format, topk, indices,
// count}
//   -> selected [count, 3] of (batch, class, box), count 0-d i32: non-maximum suppression per batch item and class, see
//   select_boxes.
// count: one data symbol, bound when the op has run.
//   C1 shapes   C2 boxes and scores of one float type   C3 thresholds 0-d float   C4 format, topk >= 1, indices i32 or
//   i64 C5 one max, one count

namespace rondo::ops {
namespace {

void check_shapes(const InferInput& in) {
  const ir::TensorType &boxes = in.operands[0].type, &scores = in.operands[1].type;
  if (scores.rank() != 3 || (boxes.rank() != 3 && boxes.rank() != 4)) {
    refuse(in, 1, operands_text(in), ": boxes are [B, N, 4] or [B, N, C, 4], scores [B, N, C]");
  }
  for (size_t i = 0; i + 1 < boxes.dims.size(); ++i) {
    if (in.dims.same(boxes.dims[i], scores.dims[i])) continue;
    unify(in, 1, boxes.dims[i], scores.dims[i], text("extents of dimension ", i, " of boxes and scores"));
  }
  if (!in.dims.same(boxes.dims.back(), in.dims.constant(4))) {
    unify(in, 1, boxes.dims.back(), in.dims.constant(4), "the last extent of the boxes and the four numbers of a box");
  }
}

void check_attributes(const InferInput& in) {
  const int64_t format = in.attrs.integer("format"), topk = in.attrs.integer("topk");
  const auto indices = static_cast<DType>(in.attrs.integer("indices"));
  if (format != 0 && format != 1) refuse(in, 4, "box format ", format, " is neither CORNER_PAIRS nor CENTER_SIZES");
  if (topk < 1) refuse(in, 4, "the top-k box limit is ", topk, ", must be at least 1");
  if (indices != DType::kInt32 && indices != DType::kInt64) {
    refuse(in, 4, "indices of type ", dtype_name(indices), "; i32 or i64 is needed");
  }
  for (const char* name : {"max", "count"}) {
    if (in.attrs.dims(name).size() != 1) {
      refuse(in, 5, name, " has ", in.attrs.dims(name).size(), " values; one 0-D tensor gives it");
    }
  }
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  check_shapes(in);
  const DType dtype = in.operands[0].type.dtype;
  if (!is_float(dtype) || in.operands[1].type.dtype != dtype) {
    refuse(in, 2, operands_text(in), ": boxes and scores have one floating-point type; convert with a cast layer");
  }
  for (size_t i = 2; i < 4; ++i) {
    const ir::TensorType& type = in.operands[i].type;
    if (type.rank() == 0 && is_float(type.dtype)) continue;
    refuse(in, 3, i == 2 ? "the IoU" : "the score", " threshold ", type_text(in.dims, type),
           " is no 0-D floating-point tensor");
  }
  check_attributes(in);
  const ir::Dim count = in.dims.resolve(in.attrs.dims("count")[0]);
  ir::ValueInfo selected{{static_cast<DType>(in.attrs.integer("indices")), {count, in.dims.constant(3)}}, {}};
  return {selected, {{DType::kInt32, {}}, ir::Dims{count}}};
}

void expand(Expander& e) {
  const ir::Attrs attrs = e.op().attrs;
  std::vector<ir::ValueId> operands{e.operand(0), e.operand(1)};
  for (size_t i = 2; i < 4; ++i) operands.push_back(e.cast(e.operand(i), DType::kFloat32));
  const ir::ValueId padded = e.add(ir::OpKind::k_select_boxes,
                                   {{"max", attrs.dims("max")},
                                    {"format", attrs.integer("format")},
                                    {"topk", attrs.integer("topk")},
                                    {"indices", attrs.integer("indices")}},
                                   operands);
  const ir::ValueId found = e.graph().op(e.graph().value(padded).def).results[1];
  const ir::ValueId count = e.add(ir::OpKind::k_read_values, {{"values", attrs.dims("count")}}, {found});
  const ir::Dim zero = e.graph().dims().constant(0), three = e.graph().dims().constant(3);
  e.replace(0, e.add(ir::OpKind::k_slice,
                     {{"start", ir::Dims{zero, zero}},
                      {"size", ir::Dims{attrs.dims("count")[0], three}},
                      {"stride", std::vector<int64_t>{1, 1}}},
                     {padded}));
  e.replace(1, count);
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto rows = selected_boxes(x[0], x[1], x[2].data[0], x[3].data[0], op.attrs.integers("max")[0],
                                   op.attrs.integer("format"), op.attrs.integer("topk"));
  Tensor selected = zeros({results[0].dtype, {static_cast<int64_t>(rows.size()), 3}}), count = zeros(results[1]);
  count.data[0] = static_cast<double>(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < 3; ++j) selected.data[i * 3 + j] = static_cast<double>(rows[i][j]);
  }
  return {std::move(selected), std::move(count)};
}

}  // namespace

OpDef define_nms() { return {infer, expand, reference}; }

}  // namespace rondo::ops
