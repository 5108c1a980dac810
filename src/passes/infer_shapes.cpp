#include "passes/infer_shapes.h"

#include "ops/op_def.h"

namespace rondo::passes {

bool infer_shapes(ir::Graph& graph, const PassOptions&) {
  ops::infer_graph(graph);
  return false;
}

}  // namespace rondo::passes
