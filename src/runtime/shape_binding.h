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

/// Value of a kData symbol, once it has been read.
struct DataValue {
  bool known = false;
  int64_t value = 0;
};

/// Value of every expression; `known[i]` is 0 where it depends on a shape that is not set, or on data that is not read.
struct Evaluation {
  std::vector<int64_t> values;
  std::vector<uint8_t> known;
};

/// Evaluates all expressions. Division by zero gives 0.
/// Errors    kInvalidArgument if a value does not fit 64 bits, or a symbol refers to a dimension or element that is not there
Evaluation evaluate(const plan::Program& program, std::span<const InputShape> inputs);
/// The same into `out`, whose memory is reused; `data` by symbol index, empty: nothing is read.
void evaluate_into(const plan::Program& program, std::span<const InputShape> inputs, std::span<const DataValue> data,
                   Evaluation* out);

/// The largest extents that a binding can have within the profile and the ranges of kData symbols.
/// Errors    kInvalidArgument if a bound does not fit 64 bits
std::vector<int64_t> largest_dims(const plan::Program& program, int profile, std::span<const InputShape> inputs,
                                  uint32_t binding);

/// Names of the inputs without dims, and of the shape tensors without values that some expression needs.
std::vector<uint32_t> missing_inputs(const plan::Program& program, std::span<const InputShape> inputs);

/// Shape of a binding: exprs where known, else -1.
std::vector<int64_t> binding_dims(const plan::Program& program, std::span<const InputShape> inputs,
                                  const Evaluation& evaluation, uint32_t binding);

/// Checks what is known.
/// Errors    kInvalidArgument with the message of the first ShapeCheck that fails, or naming the input whose dims disagree with the
///           dimensions that others determine
void check_shapes(const plan::Program& program, std::span<const InputShape> inputs, const Evaluation& evaluation);

/// `[4, 8, 63]`
std::string dims_text(std::span<const int64_t> dims);

}  // namespace rondo::runtime
