#include "ops/op_table.h"

#include <string_view>
#include <unordered_map>

namespace rondo::onnx {
namespace {

using Rows = std::unordered_multimap<std::string_view, OpRow const*>;

Rows const& rows() {
  static const Rows kRows = [] {
    Rows all;
    for (OpRows family : {
#define RONDO_ONNX_OPS(name) name##_rows(),
#include "ops/op_families.def"
#undef RONDO_ONNX_OPS
         }) {
      for (OpRow const& row : family) all.emplace(row.op, &row);
    }
    return all;
  }();
  return kRows;
}

}  // namespace

OpRow const* find_op(std::string const& domain, std::string const& op, int64_t opset) {
  const auto [begin, end] = rows().equal_range(op);
  for (auto at = begin; at != end; ++at) {
    OpRow const& row = *at->second;
    if (domain == row.domain && opset >= row.since && opset <= row.until) return &row;
  }
  return nullptr;
}

bool knows_op(std::string const& domain, std::string const& op) {
  const auto [begin, end] = rows().equal_range(op);
  for (auto at = begin; at != end; ++at) {
    if (domain == at->second->domain) return true;
  }
  return false;
}

}  // namespace rondo::onnx
