#include "ir/graph.h"

namespace rondo::ir {
namespace {

struct Row {
  const char* name;
  OpClass op_class;
};
constexpr Row kRows[] = {
#define RONDO_OP(name, klass) {#name, OpClass::klass},
#include "ir/op_kind.def"
#undef RONDO_OP
};

}  // namespace

const char* op_kind_name(OpKind kind) { return kRows[static_cast<size_t>(kind)].name; }
OpClass op_class(OpKind kind) { return kRows[static_cast<size_t>(kind)].op_class; }

bool parse_op_kind(std::string_view name, OpKind* kind) {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (name == kRows[i].name) {
      *kind = static_cast<OpKind>(i);
      return true;
    }
  }
  return false;
}

}  // namespace rondo::ir
