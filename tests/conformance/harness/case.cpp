#include "conformance/harness/case.h"

#include <algorithm>

namespace rondo::conformance {
namespace {

std::vector<const Registration*>& rows() {
  static std::vector<const Registration*> list;
  return list;
}

}  // namespace

const char* placement_name(Placement placement) {
  constexpr const char* kNames[kPlacements] = {"plain",         "symbolic",     "loop",           "branch",
                                               "symbolic_loop", "loop_in_loop", "loop_in_branch", "branch_in_loop"};
  return kNames[static_cast<size_t>(placement)];
}

uint32_t unit_axes(const Ints& dims) {
  uint32_t axes = 0;
  for (size_t i = 0; i < dims.size(); ++i) axes |= dims[i] == 1 ? 1u << i : 0;
  return axes;
}

Registration::Registration(std::string name, std::vector<DType> types, Case (*generator)(Random&, DType), double factor)
    : op(std::move(name)), dtypes(std::move(types)), generate(generator), weight(factor) {
  rows().push_back(this);
}

std::vector<const Registration*> registrations() {
  std::vector<const Registration*> list = rows();
  std::sort(list.begin(), list.end(), [](const auto* a, const auto* b) { return a->op < b->op; });
  return list;
}

}  // namespace rondo::conformance
