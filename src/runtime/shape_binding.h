#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/program.h"

namespace rondo::runtime {

/// What a context knows of one input: its extents, and the elements of a shape tensor.
struct InputShape {
  bool has_dims = false;
  std::vector<int64_t> dims;
  bool has_values = false;
  std::vector<int64_t> values;
};

/// Inputs of a program as far as they are known without a user: static inputs have dims, all others are empty.
std::vector<InputShape> initial_shapes(const plan::Program& program);

/// Errors    kInvalidArgument naming input, dimension, value, range and profile if dims have another rank than declared, differ from a
///           static dimension, or leave the profile
void check_dims(const plan::Program& program, int profile, uint32_t binding, std::span<const int64_t> dims);

/// The same for the elements of a shape tensor against the profile's value range.
void check_values(const plan::Program& program, int profile, uint32_t binding, std::span<const int64_t> values);

/// Value of every expression; `known[i]` is 0 where it depends on a shape that is not set.
struct Evaluation {
  std::vector<int64_t> values;
  std::vector<uint8_t> known;
};

/// Evaluates all expressions. Division by zero gives 0.
/// Errors    kInvalidArgument if a value does not fit 64 bits, or a symbol refers to a dimension or element that is not there
Evaluation evaluate(const plan::Program& program, std::span<const InputShape> inputs);

/// Names of the inputs without dims, and of the shape tensors without values that some expression needs.
std::vector<uint32_t> missing_inputs(const plan::Program& program, std::span<const InputShape> inputs);

/// Shape of a binding: exprs where known, else -1.
std::vector<int64_t> binding_dims(const plan::Program& program, std::span<const InputShape> inputs,
                                  const Evaluation& evaluation, uint32_t binding);

/// Requires  all inputs known
/// Errors    kInvalidArgument with the message of the first ShapeCheck that fails, or naming the input whose dims disagree with the
///           dimensions that others determine
void check_shapes(const plan::Program& program, std::span<const InputShape> inputs, const Evaluation& evaluation);

/// `[4, 8, 63]`
std::string dims_text(std::span<const int64_t> dims);

}  // namespace rondo::runtime
