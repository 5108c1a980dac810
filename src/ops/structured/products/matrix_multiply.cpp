#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// matrix_multiply(a, b) {op0, op1}: a matrix product per index of the leading dimensions. An operation is 0 none, 1
// transpose (of the last two dimensions), 2 vector (the last dimension alone: a row on the left, a column on the
// right).
//   C1 rank at least 2, of vectors 1   C2 equally many leading dimensions, extents equal or 1   C3 inner extents equal
//   C4 one float type
//
// The expansion writes vectors as matrices with an extent of 1 and puts b into the form that the passes look for: where
// b's leading extents are all 1 they are dropped, so that one [K, N] is shared by all rows of a.

namespace rondo::ops {
namespace {

enum Operation : int64_t { kNone = 0, kTranspose = 1, kVector = 2 };

/// An operand split into leading dimensions and its matrix [rows, columns]; a vector lacks one of the two.
struct Side {
  ir::Dims lead;
  ir::Dim inner, outer;
  bool vector = false;
};

Side split(const InferInput& in, size_t operand) {
  const int64_t op = in.attrs.integer(operand == 0 ? "op0" : "op1");
  RONDO_CHECK(op >= kNone && op <= kVector, "matrix operation ", op);
  ir::Dims dims = in.operands[operand].type.dims;
  Side side;
  side.vector = op == kVector;
  const size_t matrix = side.vector ? 1 : 2;
  if (dims.size() < matrix) {
    refuse(in, 1, "operand ", operand, " of ", operands_text(in), " needs rank ", matrix, " or more",
           side.vector ? "" : "; read it as a VECTOR or add dimensions with a shuffle");
  }
  const bool inner_last = side.vector || ((operand == 0) == (op == kNone));
  side.inner = inner_last ? dims.back() : dims[dims.size() - 2];
  if (!side.vector) side.outer = inner_last ? dims[dims.size() - 2] : dims.back();
  dims.resize(dims.size() - matrix);
  side.lead = dims;
  return side;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  require_float(in, 4, 0);
  require_same_dtype(in, 4);
  const Side a = split(in, 0), b = split(in, 1);
  if (a.lead.size() != b.lead.size()) {
    refuse(in, 2, "operands ", operands_text(in), " have ", a.lead.size(), " and ", b.lead.size(),
           " leading dimensions; make the numbers equal with a shuffle that adds dimensions of 1");
  }
  ir::ValueInfo result{{in.operands[0].type.dtype, a.lead}, {}};
  for (size_t i = 0; i < a.lead.size(); ++i) {
    if (in.dims.same(a.lead[i], b.lead[i])) continue;
    result.type.dims[i] = broadcast_dim(in, 2, a.lead[i], b.lead[i],
                                        text("leading extents ", i, " of ", operands_text(in), ", where not 1,"));
  }
  if (!in.dims.same(a.inner, b.inner)) unify(in, 3, a.inner, b.inner, text("inner extents of ", operands_text(in)));
  if (!a.vector) result.type.dims.push_back(a.outer);
  if (!b.vector) result.type.dims.push_back(b.outer);
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

bool is_one(ir::DimPool& dims, ir::Dim dim) { return dims.value_or_unknown(dims.resolve(dim)) == 1; }

ir::ValueId swap_last_two(Expander& e, ir::ValueId v) {
  std::vector<int64_t> perm(e.type(v).dims.size());
  for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return e.transpose(v, perm);
}

/// The operand as a matrix: vectors get their missing extent of 1, transposes are written out.
ir::ValueId as_matrix(Expander& e, ir::ValueId v, int64_t op, bool left) {
  if (op == kTranspose) return swap_last_two(e, v);
  if (op == kNone) return v;
  ir::Dims shape = e.type(v).dims;
  shape.insert(left ? shape.end() - 1 : shape.end(), e.graph().dims().constant(1));
  return e.reshape(v, shape);
}

ir::ValueId without_unit_lead(Expander& e, ir::ValueId v, size_t kept) {
  ir::Dims shape = e.type(v).dims;
  const size_t lead = shape.size() - kept;
  for (size_t i = 0; i < lead; ++i) {
    if (!is_one(e.graph().dims(), shape[i])) return v;
  }
  shape.erase(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(lead));
  return e.reshape(v, shape);
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  const int64_t op0 = op.attrs.integer("op0"), op1 = op.attrs.integer("op1");
  const ir::ValueId a = as_matrix(e, e.operand(0), op0, true);
  const ir::ValueId b = as_matrix(e, without_unit_lead(e, e.operand(1), op1 == kVector ? 1 : 2), op1, false);
  const ir::ValueId product = e.add(ir::OpKind::k_matmul, {}, {a, b});
  e.replace(0, e.reshape(product, e.type(op.results[0]).dims));
}

/// Strides over (leading index, inner, outer) of an operand.
struct Reader {
  Index lead;
  int64_t inner, outer;
};

Reader reader_of(const Tensor& x, int64_t op, bool left) {
  Index strides = strides_of(x.dims), lead = broadcast_strides(x.dims);
  const size_t rank = x.dims.size();
  if (op == kVector) {
    lead.resize(rank - 1);
    return {lead, strides[rank - 1], 0};
  }
  lead.resize(rank - 2);
  const bool inner_last = left == (op == kNone);
  return {lead, strides[inner_last ? rank - 1 : rank - 2], strides[inner_last ? rank - 2 : rank - 1]};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const int64_t op0 = op.attrs.integer("op0"), op1 = op.attrs.integer("op1");
  const Reader a = reader_of(x[0], op0, true), b = reader_of(x[1], op1, false);
  const int64_t inner = op0 == kNone || op0 == kVector ? x[0].dims.back() : x[0].dims[x[0].dims.size() - 2];
  const size_t lead = a.lead.size();
  Tensor result = zeros(results[0]);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    int64_t from_a = 0, from_b = 0;
    for (size_t i = 0; i < lead; ++i) {
      from_a += index[i] * a.lead[i];
      from_b += index[i] * b.lead[i];
    }
    if (op0 != kVector) from_a += index[lead] * a.outer;
    if (op1 != kVector) from_b += index.back() * b.outer;
    double sum = 0;
    for (int64_t k = 0; k < inner; ++k) {
      sum +=
          x[0].data[static_cast<size_t>(from_a + k * a.inner)] * x[1].data[static_cast<size_t>(from_b + k * b.inner)];
    }
    result.data[at++] = sum;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_matrix_multiply() { return {infer, expand, reference}; }

}  // namespace rondo::ops
