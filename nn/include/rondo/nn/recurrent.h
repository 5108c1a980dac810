/// Recurrent layers on top of ILoop: plain RNN, LSTM, GRU and LSTM with projection.
///
/// add_recurrent() writes the layers into a network as loops of ordinary layers, as any program could; the builder's passes move the products with
/// the input out of the loop. Nothing of it is special to the engine, so a cell may be varied in every way named here.
/// Letters: T time, B batch, I input width, H hidden width, P projected width, R recurrent width (P with a projection, else H),
/// G gates (RNN 1, LSTM 4, GRU 3), L layers, D directions (1 or 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rondo/importers/cell_weights.h"
#include "rondo/network.h"
#include "rondo/nn/cell_activation.h"
#include "rondo/nn/error.h"
#include "rondo/nn/weight_store.h"

namespace rondo::nn {

/// The order in which sequences are read.
enum class Direction {
  kForward,
  kReverse,       ///< from the end of each sequence to its start; results stand at their own time
  kBidirectional  ///< both, side by side
};

/// What cells compute. The default of every field is the plain cell of its kind.
struct RecurrentSettings {
  importers::CellKind kind = importers::CellKind::kLstm;  ///< which cell
  int64_t hidden = 0;                                     ///< H
  int64_t projection = 0;                                 ///< P, 0 without. LSTM only
  Direction direction = Direction::kForward;
  bool batch_first = false;  ///< x and output are [B, T, ..]; states never are

  /// GRU: whether r multiplies the old state (kBefore) or its product (kAfter).
  importers::GruReset reset = importers::GruReset::kAfter;

  /// LSTM: the forget gate is 1 - i, and its own rows of the weights have no effect.
  bool input_forget = false;

  /// The formulas: RNN f; GRU f (z and r), g; LSTM f (i, f and o), g (new cell), h (of the cell). None for the usual ones; one set for all
  /// directions; or a set for each direction, forward first.
  std::vector<CellActivation> activations = {};

  std::optional<float> clip = {};  ///< bounds the sums that enter f and g to [-clip, clip]; h takes the cell as it is
  std::optional<float> cell_clip = {};        ///< LSTM: bounds the new cell state
  std::optional<float> projection_clip = {};  ///< LSTM with projection: bounds the projected state

  /// Blocks of rows in W, R and biases, and parts of the peepholes; empty for importers::canonical_order, and i, f, o.
  std::vector<importers::Gate> gate_order = {};
  std::vector<importers::Gate> peephole_order = {};

  std::string name = {};  ///< in front of the names of layers, which have none without it; and in messages
};

/// The weights of one layer in one direction, as tensors of the network: constants, or computed.
struct CellTensors {
  ITensor* w = nullptr;          ///< [G H, I]; I is D R above the first layer
  ITensor* r = nullptr;          ///< [G H, R]
  ITensor* wb = nullptr;         ///< [G H]; null for zeros
  ITensor* rb = nullptr;         ///< [G H]; null for zeros
  ITensor* peepholes = nullptr;  ///< [3 H]; null without. i and f look at the old cell state, o at the new one
  ITensor* projector = nullptr;  ///< [P, H]; null without a projection
};

/// What the layers read.
struct RecurrentInputs {
  ITensor* x = nullptr;               ///< [T, B, I], or [B, T, I] where batch_first
  ITensor* lengths = nullptr;         ///< [B] int32 or int64, each 0 .. T; null for T everywhere
  ITensor* initial_hidden = nullptr;  ///< [L D, B, R]; null for zeros
  ITensor* initial_cell = nullptr;    ///< [L D, B, H], LSTM only; null for zeros
};

/// What the layers give. A sequence of length 0 keeps its initial states.
struct RecurrentOutputs {
  ITensor* output = nullptr;       ///< [T, B, D R], or [B, T, D R]: of the last layer; zeros past the length
  ITensor* last_hidden = nullptr;  ///< [L D, B, R]: state l D + d, after the last step that direction makes
  ITensor* last_cell = nullptr;    ///< [L D, B, H], LSTM only, else null

  /// The parts of output, one for each direction: [T, B, R], or [B, T, R].
  std::vector<ITensor*> directions = {};
};

/// Writes L recurrent layers into a network.
///
/// T and B may be dynamic, and T may be 0. x may be float, half or bfloat16; weights and states have its type.
/// Takes     cells: L D of them, that of layer l and direction d at l D + d
/// Memory    store holds the constants of the new layers: see WeightStore
/// Requires  (C1) x has rank 3   (C2) 1 <= L, hidden and projection as the cells' tensors say   (C3) settings that the kind of cell has
///           (C4) no, one or D sets of formulas   (C5) the orders name each gate of the cell once   (C6) widths known when the network is written
/// Errors    NnError naming settings.name and the constraint; layers already written stay in the network, without users
RecurrentOutputs add_recurrent(INetworkDefinition& network, WeightStore& store, const RecurrentSettings& settings,
                               const RecurrentInputs& inputs, const std::vector<CellTensors>& cells);

/// Writes the weights of one cell as constants, in the type asked for. Biases that are all zero are left out.
/// Errors    NnError if the vectors are not of the sizes the cell says
CellTensors add_cell_weights(INetworkDefinition& network, WeightStore& store, const importers::CellWeights& cell,
                             DataType type = DataType::kFLOAT, const std::string& name = {});

/// Writes recurrent layers with constant weights. Kind, widths and the place of the GRU's reset are those of the cells, in place of what the
/// settings say, and the gates stand in canonical order.
RecurrentOutputs add_recurrent(INetworkDefinition& network, WeightStore& store, RecurrentSettings settings,
                               const RecurrentInputs& inputs, const std::vector<importers::CellWeights>& cells);

}  // namespace rondo::nn
