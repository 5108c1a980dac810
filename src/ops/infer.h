#pragma once

#include <string>

#include "base/error.h"
#include "ops/op_def.h"

namespace rondo::ops {

/// The vocabulary in which ops state their constraints. A violated constraint throws Error(kInvalidArgument)
/// "<kind> '<name>': <message> (<kind> C<number>)"; the number is the one on the op's page in docs/ops.

/// "f32[3, x.0]"
std::string type_text(const ir::DimPool& dims, const ir::TensorType& type);
/// Types of all operands: "f32[3], f32[4]".
std::string operands_text(const InferInput& in);

[[noreturn]] void refuse_with(const InferInput& in, int constraint, const std::string& message);
template <class... Args>
[[noreturn]] void refuse(const InferInput& in, int constraint, const Args&... args) {
  refuse_with(in, constraint, text(args...));
}

/// False if the symbols' ranges prove that a and b differ.
bool may_be_equal(ir::DimPool& dims, ir::Dim a, ir::Dim b);
/// True if some symbol stands in both expressions.
bool share_symbols(ir::DimPool& dims, ir::Dim a, ir::Dim b);
/// Requires a == b: holds already, or is assumed for run time, or is refused. `what` says which extents meet. Returns the
/// common normal form.
ir::Dim unify(const InferInput& in, int constraint, ir::Dim a, ir::Dim b, const std::string& what);
/// unify() over whole shapes of equal rank; a rank that differs is refused.
ir::Dims unify_dims(const InferInput& in, int constraint, const ir::Dims& a, const ir::Dims& b,
                    const std::string& what);
/// Common shape of operands of equal rank (constraint `rank`) whose extents are equal or 1 (constraint `extents`).
ir::Dims broadcast_operands(const InferInput& in, int rank, int extents);
/// Extent of two that are equal or of which one is the constant 1.
ir::Dim broadcast_dim(const InferInput& in, int constraint, ir::Dim a, ir::Dim b, const std::string& what);

/// Result dtype of a pointwise function over the operands by its signature; a wrong operand type is refused.
DType pointwise_dtype(const InferInput& in, int constraint, tile::PointwiseFn fn);
void require_float(const InferInput& in, int constraint, size_t operand);
void require_same_dtype(const InferInput& in, int constraint);
/// Attribute `name` as an axis: 0 <= axis < rank, else refused.
size_t require_axis(const InferInput& in, int constraint, const char* name, int rank);
/// The operand is a 0-d i32 or i64 tensor.
void require_scalar_integer(const InferInput& in, int constraint, size_t operand, const char* what);

}  // namespace rondo::ops
