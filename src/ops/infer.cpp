#include "ops/infer.h"

#include <set>

namespace rondo::ops {
namespace {

void collect_symbols(const ir::DimPool& dims, ir::Dim expression, std::set<uint32_t>* symbols) {
  const ir::DimPool::Node& node = dims.node(expression);
  switch (node.kind) {
    case ir::DimKind::kConstant:
      return;
    case ir::DimKind::kSymbol:
      symbols->insert(expression.id);
      return;
    case ir::DimKind::kSum:
      for (const auto& term : node.terms) {
        for (ir::Dim atom : term.atoms) collect_symbols(dims, atom, symbols);
      }
      return;
    default:
      collect_symbols(dims, node.a, symbols);
      collect_symbols(dims, node.b, symbols);
  }
}

bool is_one(const ir::DimPool& dims, ir::Dim dim) { return dims.is_constant(dim) && dims.value(dim) == 1; }

bool fits(tile::Signature signature, DType dtype) {
  switch (signature) {
    case tile::Signature::kFloat:
    case tile::Signature::kFloatTest:
      return is_float(dtype);
    case tile::Signature::kNumeric:
      return is_float(dtype) || is_integer(dtype);
    case tile::Signature::kLogic:
      return dtype == DType::kBool;
    default:
      return true;
  }
}

const char* wanted(tile::Signature signature) {
  switch (signature) {
    case tile::Signature::kFloat:
    case tile::Signature::kFloatTest:
      return "a floating-point operand";
    case tile::Signature::kNumeric:
      return "floating-point or integer operands, not bool";
    case tile::Signature::kLogic:
      return "bool operands";
    case tile::Signature::kSelect:
      return "a bool condition and two values of one type";
    default:
      return "operands of one type";
  }
}

}  // namespace

std::string type_text(const ir::DimPool& dims, const ir::TensorType& type) {
  std::string out = dtype_name(type.dtype);
  out += "[";
  for (size_t i = 0; i < type.dims.size(); ++i) out += (i ? ", " : "") + dims.to_string(type.dims[i]);
  return out + "]";
}

std::string operands_text(const InferInput& in) {
  std::string out;
  for (const ir::ValueInfo& operand : in.operands) {
    if (!out.empty()) out += ", ";
    out += type_text(in.dims, operand.type);
  }
  return out;
}

void refuse_with(const InferInput& in, int constraint, const std::string& message) {
  const char* kind = ir::op_kind_name(in.kind);
  const std::string who = in.name.empty() ? std::string(kind) : text(kind, " '", in.name, "'");
  fail(Code::kInvalidArgument, who, ": ", message, " (", kind, " C", constraint, ")");
}

bool may_be_equal(ir::DimPool& dims, ir::Dim a, ir::Dim b) {
  a = dims.resolve(a);
  b = dims.resolve(b);
  if (a == b) return true;
  const ir::Range difference = dims.range(dims.sub(a, b));
  return difference.min <= 0 && difference.max >= 0;
}

bool share_symbols(ir::DimPool& dims, ir::Dim a, ir::Dim b) {
  std::set<uint32_t> of_a, of_b;
  collect_symbols(dims, dims.resolve(a), &of_a);
  collect_symbols(dims, dims.resolve(b), &of_b);
  for (uint32_t symbol : of_a) {
    if (of_b.count(symbol) != 0) return true;
  }
  return false;
}

ir::Dim unify(const InferInput& in, int constraint, ir::Dim a, ir::Dim b, const std::string& what) {
  ir::DimPool& dims = in.dims;
  if (dims.same(a, b)) return dims.resolve(a);
  const std::string rule = text(what, " must be equal, but are ", dims.to_string(a), " and ", dims.to_string(b));
  if (!may_be_equal(dims, a, b)) refuse_with(in, constraint, rule);
  const char* kind = ir::op_kind_name(in.kind);
  const std::string message = text(kind, " '", in.name, "': ", rule, " (", kind, " C", constraint, ")");
  if (!dims.assume_equal(a, b, message)) refuse_with(in, constraint, rule);
  return dims.resolve(dims.is_constant(b) ? b : a);
}

ir::Dims unify_dims(const InferInput& in, int constraint, const ir::Dims& a, const ir::Dims& b,
                    const std::string& what) {
  if (a.size() != b.size()) {
    refuse(in, constraint, what, " must have equal rank, but have ", a.size(), " and ", b.size(), " dimensions");
  }
  ir::Dims result;
  for (size_t i = 0; i < a.size(); ++i) {
    const bool same = in.dims.same(a[i], b[i]);
    result.push_back(same ? in.dims.resolve(a[i])
                          : unify(in, constraint, a[i], b[i], text("extents of dimension ", i, " of ", what)));
  }
  return result;
}

ir::Dim broadcast_dim(const InferInput& in, int constraint, ir::Dim a, ir::Dim b, const std::string& what) {
  a = in.dims.resolve(a);
  b = in.dims.resolve(b);
  if (is_one(in.dims, a)) return b;
  if (is_one(in.dims, b)) return a;
  return unify(in, constraint, a, b, what);
}

ir::Dims broadcast_operands(const InferInput& in, int rank, int extents) {
  ir::Dims result = in.operands[0].type.dims;
  for (const ir::ValueInfo& operand : in.operands.subspan(1)) {
    if (operand.type.dims.size() != result.size()) {
      refuse(in, rank, "operands ", operands_text(in),
             " differ in rank; make the ranks equal with a shuffle that adds dimensions of 1");
    }
    for (size_t i = 0; i < result.size(); ++i) {
      if (in.dims.same(result[i], operand.type.dims[i])) continue;
      result[i] = broadcast_dim(in, extents, result[i], operand.type.dims[i],
                                text("extents of dimension ", i, " of ", operands_text(in), ", where not 1,"));
    }
  }
  for (ir::Dim& dim : result) dim = in.dims.resolve(dim);
  return result;
}

DType pointwise_dtype(const InferInput& in, int constraint, tile::PointwiseFn fn) {
  const tile::PointwiseInfo& info = tile::pointwise_info(fn);
  RONDO_CHECK(in.operands.size() == info.arity, info.name, " has ", in.operands.size(), " operands");
  const size_t first = info.signature == tile::Signature::kSelect ? 1 : 0;
  const DType dtype = in.operands[first].type.dtype;
  bool ok = fits(info.signature, dtype) && (first == 0 || in.operands[0].type.dtype == DType::kBool);
  for (const ir::ValueInfo& operand : in.operands.subspan(first)) ok = ok && operand.type.dtype == dtype;
  if (!ok) {
    refuse(in, constraint, info.name, " takes ", wanted(info.signature), ", got ", operands_text(in),
           "; convert with a cast layer");
  }
  switch (info.signature) {
    case tile::Signature::kFloatTest:
    case tile::Signature::kLogic:
    case tile::Signature::kCompare:
      return DType::kBool;
    case tile::Signature::kCast:
      return static_cast<DType>(in.attrs.integer("to"));
    default:
      return dtype;
  }
}

void require_float(const InferInput& in, int constraint, size_t operand) {
  if (is_float(in.operands[operand].type.dtype)) return;
  refuse(in, constraint, "operand ", operand, " is ", type_text(in.dims, in.operands[operand].type),
         ", a floating-point type is needed; convert with a cast layer");
}

void require_same_dtype(const InferInput& in, int constraint) {
  for (const ir::ValueInfo& operand : in.operands) {
    if (operand.type.dtype == in.operands[0].type.dtype) continue;
    refuse(in, constraint, "operands ", operands_text(in), " differ in type; convert one with a cast layer");
  }
}

size_t require_axis(const InferInput& in, int constraint, const char* name, int rank) {
  const int64_t axis = in.attrs.integer(name);
  if (axis < 0 || axis >= rank) {
    refuse(in, constraint, name, " ", axis, " is outside 0 .. ", rank - 1, " of ", operands_text(in));
  }
  return static_cast<size_t>(axis);
}

void require_scalar_integer(const InferInput& in, int constraint, size_t operand, const char* what) {
  const ir::TensorType& type = in.operands[operand].type;
  if (type.rank() == 0 && (type.dtype == DType::kInt32 || type.dtype == DType::kInt64)) return;
  refuse(in, constraint, what, " is ", type_text(in.dims, type), ", a 0-d i32 or i64 tensor is needed");
}

}  // namespace rondo::ops
