#include "gates/matrices.h"

#include "io/byte_cursor.h"

namespace rondo::importers {

Matrix transposed(const Matrix& matrix) {
  Matrix out{matrix.columns, matrix.rows, std::vector<float>(matrix.values.size())};
  for (int64_t i = 0; i < matrix.rows; ++i) {
    for (int64_t j = 0; j < matrix.columns; ++j) {
      out.values[static_cast<size_t>(j * matrix.rows + i)] = matrix.values[static_cast<size_t>(i * matrix.columns + j)];
    }
  }
  return out;
}

Matrix row_range(const Matrix& matrix, int64_t first, int64_t count) {
  auto begin = matrix.values.begin() + static_cast<ptrdiff_t>(first * matrix.columns);
  return {count, matrix.columns, std::vector<float>(begin, begin + static_cast<ptrdiff_t>(count * matrix.columns))};
}

Matrix stacked(const Matrix& a, const Matrix& b) {
  Matrix out{a.rows + b.rows, a.columns, a.values};
  out.values.insert(out.values.end(), b.values.begin(), b.values.end());
  return out;
}

const Tensor* CellTensors::find(std::initializer_list<const char*> names) const {
  for (const char* name : names) {
    if (const Tensor* tensor = tensors_.find(prefix_ + name)) return tensor;
  }
  return nullptr;
}

std::string CellTensors::what(std::initializer_list<const char*> names) const {
  return "tensor " + in_quotes(prefix_ + *names.begin());
}

Matrix CellTensors::matrix(std::initializer_list<const char*> names) const {
  const Tensor* tensor = find(names);
  if (!tensor) tensor = &tensors_.at(prefix_ + *names.begin());
  if (tensor->dims.size() != 2) refuse(what(names), ": dims are ", dims_text(tensor->dims), ", a matrix is expected");
  return {tensor->dims[0], tensor->dims[1], tensor->floats(what(names))};
}

std::vector<float> CellTensors::vector(std::initializer_list<const char*> names) const {
  const Tensor* tensor = find(names);
  if (!tensor) tensor = &tensors_.at(prefix_ + *names.begin());
  if (tensor->dims.size() != 1) refuse(what(names), ": dims are ", dims_text(tensor->dims), ", a vector is expected");
  return tensor->floats(what(names));
}

Matrix CellTensors::matrix(std::initializer_list<const char*> names, int64_t rows, int64_t columns) const {
  Matrix found = matrix(names);
  if (found.rows != rows || found.columns != columns) {
    refuse(what(names), ": dims are ", dims_text({found.rows, found.columns}), ", ", dims_text({rows, columns}),
           " are expected");
  }
  return found;
}

std::vector<float> CellTensors::vector(std::initializer_list<const char*> names, int64_t elements) const {
  std::vector<float> found = vector(names);
  if (static_cast<int64_t>(found.size()) != elements)
    refuse(what(names), ": has ", found.size(), " elements, ", elements, " are expected");
  return found;
}

int64_t gate_count(CellKind kind) { return static_cast<int64_t>(canonical_order(kind).size()); }

std::vector<float> from_order(Framework framework, CellKind kind, const std::vector<float>& blocks) {
  return reorder_gates(blocks, gate_order(framework, kind), canonical_order(kind));
}

std::vector<float> to_order(Framework framework, CellKind kind, const std::vector<float>& blocks) {
  return reorder_gates(blocks, canonical_order(kind), gate_order(framework, kind));
}

std::vector<float> summed_bias(const CellWeights& cell) {
  std::vector<float> sum = cell.wb;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += cell.rb[i];
  return sum;
}

}  // namespace rondo::importers
