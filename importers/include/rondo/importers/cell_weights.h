/// CellWeights: the weights of one recurrent layer in one direction, and how each framework lays them out.
///
/// read_cell() brings a framework's tensors into one form, write_cell() brings them out; any conversion is the two together.
/// Letters: I input width, H hidden width, P projected width (recurrent width R = P with a projection, else H), G gates.
/// The layouts are tabled in docs/format/weights.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rondo/importers/weight_map.h"

namespace rondo::importers {

/// The kind of cell. The activation of a plain RNN is not part of its weights.
enum class CellKind { kRnn, kLstm, kGru };

/// A gate of a cell, by TensorRT's names.
enum class Gate {
  kInput,   ///< LSTM i; the one gate of a plain RNN
  kForget,  ///< LSTM f
  kCell,    ///< LSTM g: c, j and g elsewhere
  kOutput,  ///< LSTM o
  kUpdate,  ///< GRU z, which keeps the old state: u elsewhere
  kReset,   ///< GRU r
  kHidden   ///< GRU h: n and candidate elsewhere
};

/// "INPUT", "FORGET", ..: the end of TensorRT's enumerator.
const char* name_of(Gate gate);

/// Where a GRU applies its reset gate.
enum class GruReset {
  kBefore,  ///< h = tanh(W x + Wb + R (r h') + Rb): TensorFlow; Keras and ONNX when told so
  kAfter    ///< h = tanh(W x + Wb + r (R h' + Rb)): PyTorch, cuDNN, TensorRT; Keras and ONNX when told so
};

/// Whose layout.
enum class Framework {
  kTensorFlow,  ///< version 1 cells: BasicRNNCell, BasicLSTMCell, LSTMCell, GRUCell
  kKeras,
  kPyTorch,  ///< cuDNN and MXNet have the same order
  kOnnx,
  kTensorRt  ///< RNNv2: a matrix per gate
};

/// "tensorflow", "keras", "pytorch", "onnx", "tensorrt".
const char* name_of(Framework framework);

/// One layer in one direction.
/// Memory    all vectors row-major, gates in the order of canonical_order(kind)
struct CellWeights {
  CellKind kind = CellKind::kLstm;
  int64_t input = 0;       ///< I
  int64_t hidden = 0;      ///< H
  int64_t projection = 0;  ///< P, 0 without
  GruReset reset = GruReset::kAfter;

  std::vector<float> w = {};   ///< [G, H, I]
  std::vector<float> r = {};   ///< [G, H, R]
  std::vector<float> wb = {};  ///< [G, H]
  std::vector<float> rb = {};  ///< [G, H]; zeros where the framework has one bias
  std::vector<float> peepholes =
      {};  ///< [3, H] for i, f, o; empty without. i and f look at the old cell state, o at the new
  std::vector<float> projector = {};  ///< [P, H]; empty without

  /// P with a projection, else H.
  int64_t recurrent() const { return projection > 0 ? projection : hidden; }

  bool operator==(const CellWeights&) const = default;
};

/// The order of gates in CellWeights: i f g o; z r h; the one gate.
std::span<const Gate> canonical_order(CellKind kind);

/// The order of gate blocks in a framework's matrices: TensorFlow i c f o, Keras i f c o, PyTorch i f g o, ONNX i o f c; GRU r z h in
/// TensorFlow (the candidate apart) and PyTorch, z r h elsewhere. kTensorRt stores gates apart; its order is the canonical one.
std::span<const Gate> gate_order(Framework framework, CellKind kind);

/// Puts blocks of equal size (a gate each) into another order.
/// Errors    ImportError if the orders are not of the same gates, or the blocks do not divide into them
std::vector<float> reorder_gates(const std::vector<float>& blocks, std::span<const Gate> from,
                                 std::span<const Gate> to);

/// Which cell among a framework's tensors, and what the tensors do not say.
struct CellOptions {
  std::string prefix = {};  ///< in front of every name, e.g. "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/"
  int layer = 0;            ///< PyTorch: k of weight_ih_l{k}
  int direction = 0;        ///< 1 = reverse. PyTorch: suffix _reverse; ONNX: row of the first dim
  float forget_bias =
      0.0f;  ///< TensorFlow LSTM: what the cell adds to the forget gate as it runs; 1 unless the model set it
  GruReset onnx_reset = GruReset::kBefore;  ///< ONNX GRU, reading: the attribute linear_before_reset says kAfter
};

/// Reads a cell from the tensors of a framework (f32, f64, f16 or bf16).
/// Errors    ImportError naming the tensor that is missing, of wrong dims or of a type without fractions
CellWeights read_cell(Framework framework, CellKind kind, const WeightMap& tensors, const CellOptions& options = {});

/// Writes a cell as the tensors of a framework, f32.
/// Errors    ImportError if the framework cannot say it: peepholes (TensorFlow and ONNX can), a projection (TensorFlow and PyTorch can), the
///           place of the reset, two biases that do not add up to one
WeightMap write_cell(Framework framework, const CellWeights& cell, const CellOptions& options = {});

/// read_cell, then write_cell.
WeightMap convert_cell(Framework from, Framework to, CellKind kind, const WeightMap& tensors,
                       const CellOptions& from_options = {}, const CellOptions& to_options = {});

/// Checks that the vectors have the sizes the numbers say.
/// Errors    ImportError naming the vector
void check_cell(const CellWeights& cell);

}  // namespace rondo::importers
