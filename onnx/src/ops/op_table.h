/// The table of operators: one row per operator, with the function that imports it.
#pragma once

#include "import/context.h"

namespace rondo::onnx {

/// Newest version of the operator set `ai.onnx` that rows are written for.
inline constexpr int32_t kNewestOpset = 28;
/// Oldest version: before it, broadcasting was an attribute.
inline constexpr int32_t kOldestOpset = 7;
/// No limit on a number of inputs or outputs.
inline constexpr int32_t kAny = 1 << 30;

/// Makes the layers of a node and returns its outputs, at least those that have a name.
using ImportFunction = Values (*)(Context& context, Node& node);

/// How many inputs or outputs.
struct Count {
  int32_t least;
  int32_t most;
};

/// One operator. Rows of one name with disjoint ranges of versions may stand side by side.
struct OpRow {
  char const* op;
  int32_t since;  ///< first version of the operator set that the row holds for
  int32_t until;  ///< last one
  Count inputs;   ///< the first `least` inputs must be there
  Count outputs;
  ImportFunction import;
  int64_t parameter = 0;  ///< Node::parameter(); families that share a function tell their members apart by it
  char const* domain = "";

  /// A row for all versions from `since` on.
  template <typename T = int64_t>
  static constexpr OpRow from(char const* op, int32_t since, Count inputs, Count outputs, ImportFunction import,
                              T parameter = {}) {
    return {op, since, kNewestOpset, inputs, outputs, import, static_cast<int64_t>(parameter)};
  }
};

/// The rows of one file of ops/.
using OpRows = std::span<OpRow const>;

// Each file of ops/ that defines rows is listed in ops/op_families.def.
#define RONDO_ONNX_OPS(family) OpRows family##_rows();
#include "ops/op_families.def"
#undef RONDO_ONNX_OPS

/// The row of an operator in a version of its set. Null if there is none.
OpRow const* find_op(std::string const& domain, std::string const& op, int64_t opset);

/// Whether the operator has a row in any version.
bool knows_op(std::string const& domain, std::string const& op);

}  // namespace rondo::onnx
