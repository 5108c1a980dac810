#pragma once

#include <memory>
#include <vector>

#include "runtime/cpu/lower.h"
#include "runtime/sample_programs.h"
#include "runtime/shape_binding.h"

namespace rondo::runtime::testing {

/// A sample bound to its inputs' shapes and lowered for `threads` ranks.
struct LoweredSample {
  LoweredSample(const Sample& sample, int threads, TeamPolicy policy) : engine(sample.program) {
    auto shapes = initial_shapes(engine.program());
    for (size_t i = 0; i < sample.inputs.size(); ++i) shapes[i] = {true, sample.input_dims[i], false, {}};
    const Evaluation evaluation = evaluate(engine.program(), shapes);
    exprs = evaluation.values;
    std::vector<std::vector<int64_t>> dims;
    for (uint32_t b = 0; b < shapes.size(); ++b) dims.push_back(binding_dims(engine.program(), shapes, evaluation, b));
    buffers = bind_buffers(engine.program(), exprs, dims);
    views = std::make_unique<BoundViews>(engine.program(), exprs);
    schedule = lower({engine.program(), exprs, buffers, *views, engine.packed(), engine.isa(), threads, policy});
  }
  Engine engine;
  std::vector<int64_t> exprs;
  std::vector<BoundBuffer> buffers;
  std::unique_ptr<BoundViews> views;
  std::unique_ptr<Schedule> schedule;
};

}  // namespace rondo::runtime::testing
