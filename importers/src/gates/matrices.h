#pragma once

#include <string>
#include <vector>

#include "rondo/importers/cell_weights.h"

namespace rondo::importers {

/// A rows x columns matrix, row-major.
struct Matrix {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<float> values;
};

Matrix transposed(const Matrix& matrix);

/// Rows [first, first + count).
Matrix row_range(const Matrix& matrix, int64_t first, int64_t count);

/// a above b; they have the same number of columns.
Matrix stacked(const Matrix& a, const Matrix& b);

/// Reads the tensors of a cell under a prefix, by any of the names a framework has given them.
class CellTensors {
 public:
  CellTensors(const WeightMap& tensors, const std::string& prefix) : tensors_(tensors), prefix_(prefix) {}

  /// The first name that is there, with the prefix; null without any.
  const Tensor* find(std::initializer_list<const char*> names) const;

  /// A matrix of any size, or a vector of any size as one row. Errors: ImportError if it is missing or of another rank.
  Matrix matrix(std::initializer_list<const char*> names) const;
  std::vector<float> vector(std::initializer_list<const char*> names) const;

  /// As above; of exactly that size.
  Matrix matrix(std::initializer_list<const char*> names, int64_t rows, int64_t columns) const;
  std::vector<float> vector(std::initializer_list<const char*> names, int64_t elements) const;

  /// "tensor 'prefix/name'" of the first name.
  std::string what(std::initializer_list<const char*> names) const;

 private:
  const WeightMap& tensors_;
  const std::string& prefix_;
};

/// One framework: reads and writes its tensors.
CellWeights read_tensorflow_cell(CellKind kind, const WeightMap& tensors, const CellOptions& options);
CellWeights read_keras_cell(CellKind kind, const WeightMap& tensors, const CellOptions& options);
CellWeights read_pytorch_cell(CellKind kind, const WeightMap& tensors, const CellOptions& options);
CellWeights read_onnx_cell(CellKind kind, const WeightMap& tensors, const CellOptions& options);
CellWeights read_tensorrt_cell(CellKind kind, const WeightMap& tensors, const CellOptions& options);
WeightMap write_tensorflow_cell(const CellWeights& cell, const CellOptions& options);
WeightMap write_keras_cell(const CellWeights& cell, const CellOptions& options);
WeightMap write_pytorch_cell(const CellWeights& cell, const CellOptions& options);
WeightMap write_onnx_cell(const CellWeights& cell, const CellOptions& options);
WeightMap write_tensorrt_cell(const CellWeights& cell, const CellOptions& options);

/// Number of gates.
int64_t gate_count(CellKind kind);

/// W, R and biases between the canonical order and a framework's.
std::vector<float> from_order(Framework framework, CellKind kind, const std::vector<float>& blocks);
std::vector<float> to_order(Framework framework, CellKind kind, const std::vector<float>& blocks);

/// wb + rb; exact where one of them is zero.
std::vector<float> summed_bias(const CellWeights& cell);

}  // namespace rondo::importers
