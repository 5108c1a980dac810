// Einsum: the network has it.
#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

Values import_einsum(Context& context, Node& node) {
  Tensors inputs;
  for (Value const& value : node.inputs()) inputs.push_back(&to_tensor(context, value));
  const std::string equation = node.attributes.string("equation");
  return {result(context.network().addEinsum(inputs.data(), static_cast<int32_t>(inputs.size()), equation.c_str()),
                 "einsum")};
}

constexpr OpRow kRows[] = {OpRow::from("Einsum", 12, {1, kAny}, {1, 1}, import_einsum)};

}  // namespace

OpRows einsum_rows() { return kRows; }

}  // namespace rondo::onnx
