// What add_recurrent refuses, and what it says.

#include <functional>

#include "nn/recurrent_case.h"

namespace rondo::test {
namespace {

using importers::CellKind;
using importers::Gate;

struct Mistake {
  const char* said;
  std::function<void(nn::RecurrentSettings&, nn::RecurrentInputs&, nn::CellTensors&, NetworkCase&)> make;
};

// A correct description in which one thing is then spoiled.
void expect_refused(CellKind kind, const Mistake& mistake) {
  NetworkCase net;
  nn::WeightStore store;
  Random random(1);
  nn::RecurrentSettings settings;
  settings.kind = kind;
  settings.hidden = 6;
  settings.name = "enc";
  nn::RecurrentInputs inputs;
  inputs.x = &net.input("x", dims_of({4, 3, 5}));
  nn::CellTensors cell = nn::add_cell_weights(*net.network, store, random_cell(random, kind, 5, 6));
  mistake.make(settings, inputs, cell, net);
  try {
    nn::add_recurrent(*net.network, store, settings, inputs, std::vector{cell});
    FAIL() << "not refused: " << mistake.said;
  } catch (const nn::NnError& error) {
    EXPECT_NE(std::string(error.what()).find(mistake.said), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("'enc'"), std::string::npos) << error.what();
  }
}

TEST(RecurrentMistakes, AnyKind) {
  const Mistake mistakes[] = {
      {"there is no x (recurrent C1)", [](auto&, auto& in, auto&, auto&) { in.x = nullptr; }},
      {"x is [4, 3], [T, B, I] is needed (recurrent C1)",
       [](auto&, auto& in, auto&, auto& net) {
         in.x = &net.input("flat", dims_of({4, 3}));
       }},
      {"hidden size 0 is none (recurrent C2)", [](auto& s, auto&, auto&, auto&) { s.hidden = 0; }},
      {"layer 0 direction 0: W is [24, 5], [28, 5] is needed", [](auto& s, auto&, auto&, auto&) { s.hidden = 7; }},
      {"has no R", [](auto&, auto&, auto& cell, auto&) { cell.r = nullptr; }},
      {"1 cells are given for 2 directions",
       [](auto& s, auto&, auto&, auto&) { s.direction = nn::Direction::kBidirectional; }},
      {"the tensor of lengths is [4], [3] is needed",
       [](auto&, auto& in, auto&, auto& net) {
         in.lengths = &net.integers(dims_of({4}), {1, 1, 1, 1});
       }},
      {"the initial hidden state is [1, 3, 5], [1, 3, 6] is needed",
       [](auto&, auto& in, auto&, auto& net) {
         in.initial_hidden = &net.constant(dims_of({1, 3, 5}));
       }},
      {"the clip bound", [](auto& s, auto&, auto&, auto&) { s.clip = -1.F; }},
      {"2 activations are given; 3 or 3 are needed (recurrent C4)",
       [](auto& s, auto&, auto&, auto&) {
         s.activations = {nn::activation("tanh"), nn::activation("tanh")};
       }},
      {"the order of gates is INPUT, INPUT; each of INPUT, FORGET, CELL, OUTPUT is needed once (recurrent C5)",
       [](auto& s, auto&, auto&, auto&) {
         s.gate_order = {Gate::kInput, Gate::kInput};
       }},
      {"has no projector", [](auto& s, auto&, auto&, auto&) { s.projection = 2; }},
      {"there is no projection", [](auto& s, auto&, auto&, auto&) { s.projection_clip = 1.F; }},
  };
  for (const Mistake& mistake : mistakes) expect_refused(CellKind::kLstm, mistake);
}

TEST(RecurrentMistakes, OnlyAnLstmHas) {
  const Mistake mistakes[] = {
      {"a projection is set, which only an LSTM has (recurrent C3)",
       [](auto& s, auto&, auto&, auto&) { s.projection = 2; }},
      {"input_forget", [](auto& s, auto&, auto&, auto&) { s.input_forget = true; }},
      {"cell_clip", [](auto& s, auto&, auto&, auto&) { s.cell_clip = 1.F; }},
      {"a cell state",
       [](auto&, auto& in, auto&, auto& net) {
         in.initial_cell = &net.constant(dims_of({1, 3, 6}));
       }},
      {"peepholes", [](auto&, auto&, auto& cell, auto& net) { cell.peepholes = &net.constant(dims_of({18})); }},
  };
  for (const Mistake& mistake : mistakes) expect_refused(CellKind::kGru, mistake);
}

TEST(RecurrentMistakes, CellsOfDifferentKinds) {
  NetworkCase net;
  nn::WeightStore store;
  Random random(1);
  nn::RecurrentInputs inputs;
  inputs.x = &net.input("x", dims_of({4, 3, 5}));
  const std::vector cells = {random_cell(random, CellKind::kGru, 5, 6), random_cell(random, CellKind::kRnn, 6, 6)};
  EXPECT_THROW(nn::add_recurrent(*net.network, store, {}, inputs, cells), nn::NnError);
  EXPECT_THROW(nn::add_recurrent(*net.network, store, {}, inputs, std::vector<importers::CellWeights>{}), nn::NnError);
  importers::CellWeights broken = cells[0];
  broken.r.pop_back();
  EXPECT_THROW(nn::add_recurrent(*net.network, store, {}, inputs, std::vector{broken}), nn::NnError);
}

TEST(RecurrentMistakes, ActivationsByName) {
  EXPECT_EQ(nn::activation("leakyrelu"), nn::activation(nn::CellFunction::kLeakyRelu, 0.01F));
  try {
    nn::activation("Swish");
    FAIL();
  } catch (const nn::NnError& error) {
    EXPECT_NE(std::string(error.what()).find("'Swish' is none of Sigmoid, Tanh"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace rondo::test
