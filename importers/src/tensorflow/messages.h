#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// A TensorFlow DataType.
struct TensorFlowType {
  int64_t code;
  const char* name;                 ///< "DT_FLOAT"
  std::optional<ElementType> type;  ///< none for what Rondo does not read
};

inline constexpr int64_t kTensorFlowString = 7;

/// The row of a code; unknown codes get the name "DT_<code>".
std::string tensorflow_type_name(int64_t code);
std::optional<ElementType> tensorflow_element_type(int64_t code);

/// Dims of a TensorShapeProto. Errors: ImportError naming `what` for an unknown rank or dim, or more than 32 dims.
std::vector<int64_t> read_shape(std::string_view message, const std::string& what);

/// Whether a TensorSliceProto means the whole of a tensor with these dims.
bool is_whole_slice(std::string_view message, const std::vector<int64_t>& dims, const std::string& what);

/// min_consumer of a VersionDef must be at most 1.
void check_version(std::string_view message, const std::string& what);

/// Fills in `skipped` by the rule of docs/format/weights.md.
void mark_bookkeeping(std::vector<WeightEntry>& entries);

}  // namespace rondo::importers
