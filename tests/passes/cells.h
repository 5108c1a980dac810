#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"

namespace rondo::passes {

/// A recurrent network as programs write it, with inputs to run it on.
struct Cell {
  std::string name;
  ir::Graph graph;
  std::vector<ops::Tensor> inputs;
};

Cell relu_rnn_3d();          ///< x [B, T, I] iterated on axis 1, biases tiled to [B, H]
Cell relu_rnn_4d();          ///< the same with a leading axis of 1
Cell lstm_eight_products();  ///< one product per gate for x and for h; x [T, B, I]
Cell lstm_dynamic();         ///< the same, T and B symbolic, trip count from the shape of x
Cell lstm_packed_vectors();  ///< x [I] times W [4H, I]: one packed product, slices and reshapes; trip count is an input
Cell lstm_concatenated();    ///< [x | h] times one matrix
Cell lstm_large_batch();     ///< 32 rows and small weights: input products stay in the loop
Cell gru_reset_before();     ///< n = tanh(Wn x + Rn (r * h) + b)
Cell gru_reset_after();      ///< n = tanh(Wn x + r * (Rn h + rb) + b)
Cell lstm_projected();       ///< h [B, P] = m [B, H] times W_p
Cell lstm_peephole();
Cell lstm_bidirectional();  ///< two loops, forward and reverse, concatenated
Cell lstm_stacked();        ///< two layers, the second reads the first's collected output
Cell rnn_with_readout();    ///< y = softmax-free readout sigmoid(h V + b) collected; a count recurrence and a gather
Cell nested_loops();        ///< an inner loop per outer step
Cell while_loop();          ///< kCOUNT and kWHILE together, outputs longer than the trips
Cell eight_levels();        ///< 8 nested loops that read values of all levels around them
Cell branches_in_loop();    ///< a conditional in a body, heavy invariant work in one branch
Cell rnn_v2_lstm();         ///< the structured layer: two bidirectional layers with lengths
Cell rnn_v2_gru();          ///< the structured layer, one layer

std::vector<Cell> all_cells();

}  // namespace rondo::passes
