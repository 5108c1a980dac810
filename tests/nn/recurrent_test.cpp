// Recurrent layers against the equations of their cells, over a matrix of everything that can be set.

#include "base/half.h"
#include "nn/recurrent_case.h"

namespace rondo::test {
namespace {

using importers::CellKind;
using importers::GruReset;
using nn::CellFunction;
using nn::Direction;

constexpr CellKind kKinds[] = {CellKind::kRnn, CellKind::kLstm, CellKind::kGru};
constexpr Direction kDirections[] = {Direction::kForward, Direction::kReverse, Direction::kBidirectional};

nn::RecurrentSettings settings_of(CellKind kind, Direction direction, int64_t hidden = 6) {
  nn::RecurrentSettings settings;
  settings.kind = kind;
  settings.hidden = hidden;
  settings.direction = direction;
  settings.name = "enc";
  return settings;
}

// Kind x direction x layers x what is given, dealt out so that each pair of choices occurs.
TEST(Recurrent, EveryKindAndDirection) {
  uint64_t seed = 0;
  for (const CellKind kind : kKinds) {
    for (const Direction direction : kDirections) {
      for (int64_t layers = 1; layers <= 3; ++layers) {
        for (int ragged = 0; ragged < 2; ++ragged) {
          RecurrentCase test{settings_of(kind, direction)};
          test.layers = layers;
          test.seed = ++seed;
          test.settings.batch_first = seed % 2 == 0;
          test.bias = seed % 3 != 0;
          test.initial = seed % 4 < 2;
          test.dynamic = seed % 5 < 2;
          test.tensors = seed % 7 == 0;
          test.settings.reset = seed % 2 == 0 ? GruReset::kBefore : GruReset::kAfter;
          if (ragged) test.lengths = {4, 1, 3};
          SCOPED_TRACE("case " + std::to_string(seed));
          test.check();
        }
      }
    }
  }
}

TEST(Recurrent, WeightsThatTheNetworkComputes) {
  for (const CellKind kind : kKinds) {
    for (const GruReset reset : {GruReset::kBefore, GruReset::kAfter}) {
      RecurrentCase test{settings_of(kind, Direction::kBidirectional)};
      test.settings.reset = reset;
      test.tensors = test.initial = true;
      test.peepholes = kind == CellKind::kLstm;
      test.lengths = {2, 4, 0};
      test.layers = 2;
      test.check();
    }
  }
}

TEST(Recurrent, Projection) {
  for (const Direction direction : kDirections) {
    for (int ragged = 0; ragged < 2; ++ragged) {
      RecurrentCase test{settings_of(CellKind::kLstm, direction)};
      test.settings.projection = 3;
      test.layers = 2;
      test.initial = true;
      if (ragged) test.lengths = {0, 4, 2};
      test.check();
      test.settings.projection_clip = 0.1F;
      test.settings.cell_clip = 0.3F;
      test.check();
    }
  }
}

TEST(Recurrent, PeepholesLookAtOldAndNewCell) {
  for (const Direction direction : kDirections) {
    RecurrentCase test{settings_of(CellKind::kLstm, direction)};
    test.peepholes = test.initial = true;
    test.check();
    test.settings.input_forget = true;
    test.settings.clip = 0.4F;
    test.check();
  }
}

TEST(Recurrent, EveryFormula) {
  for (const nn::CellFunctionInfo& info : nn::cell_functions()) {
    for (const CellKind kind : kKinds) {
      RecurrentCase test{settings_of(kind, Direction::kBidirectional, 4)};
      const nn::CellActivation usual = nn::activation(info.function), other = nn::activation(info.function, 0.3F, 0.7F);
      const nn::CellActivation sigmoid = nn::activation(CellFunction::kSigmoid);
      if (kind == CellKind::kRnn) test.settings.activations = {usual, other};
      if (kind == CellKind::kGru) test.settings.activations = {sigmoid, usual, other, sigmoid};
      if (kind == CellKind::kLstm) test.settings.activations = {sigmoid, usual, other, other, sigmoid, usual};
      test.T = 3;
      test.tolerance = 5e-6;
      SCOPED_TRACE(std::string(info.name));
      test.check();
    }
  }
}

TEST(Recurrent, NoStepsAndNoRows) {
  for (const CellKind kind : kKinds) {
    for (const bool dynamic : {false, true}) {
      RecurrentCase test{settings_of(kind, Direction::kBidirectional)};
      test.dynamic = dynamic;
      test.initial = true;
      test.T = 0;
      test.check();
      test.lengths = {0, 0, 0};
      test.check();
    }
  }
}

TEST(Recurrent, OtherOrdersOfGates) {
  Random random(5);
  const importers::CellWeights cell = random_cell(random, CellKind::kLstm, 5, 6);
  const auto onnx = importers::gate_order(importers::Framework::kOnnx, CellKind::kLstm);
  importers::CellWeights moved = cell;
  for (std::vector<float> importers::CellWeights::*blocks :
       {&importers::CellWeights::w, &importers::CellWeights::r, &importers::CellWeights::wb,
        &importers::CellWeights::rb}) {
    moved.*blocks = reorder_gates(cell.*blocks, canonical_order(CellKind::kLstm), onnx);
  }
  NetworkCase net;
  nn::WeightStore store;
  nn::RecurrentSettings settings = settings_of(CellKind::kLstm, Direction::kForward);
  nn::RecurrentInputs inputs;
  inputs.x = &net.input("x", dims_of({4, 3, 5}));
  net.mark(*nn::add_recurrent(*net.network, store, settings, inputs, {cell}).output);
  settings.name = "moved";
  settings.gate_order.assign(onnx.begin(), onnx.end());
  const nn::CellTensors tensors = nn::add_cell_weights(*net.network, store, moved);
  net.mark(*nn::add_recurrent(*net.network, store, settings, inputs, std::vector{tensors}).output);
  const std::vector<Array> outputs = net.run({floats_of({4, 3, 5}, random.floats(60))});
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].floats(), outputs[1].floats());
}

TEST(Recurrent, HalfPrecisionTensors) {
  Random random(6);
  NetworkCase net;
  nn::WeightStore store;
  nn::RecurrentInputs inputs;
  inputs.x = &net.input("x", dims_of({4, 3, 5}), DataType::kHALF);
  const importers::CellWeights cell = random_cell(random, CellKind::kGru, 5, 6);
  const nn::RecurrentOutputs made =
      nn::add_recurrent(*net.network, store, settings_of(CellKind::kGru, Direction::kReverse), inputs, {cell});
  EXPECT_EQ(made.output->getType(), DataType::kHALF);
  net.mark(*made.output);
  const NaiveCells naive{settings_of(CellKind::kGru, Direction::kReverse), {cell}, 4, 3, 5, {}, {}, {}};
  std::vector<float> x = random.floats(60);
  std::vector<uint16_t> halves;
  for (float& value : x) {
    halves.push_back(float_to_half(value));
    value = half_to_float(halves.back());
  }
  const std::vector<Array> outputs = net.run({array_of(DataType::kHALF, {4, 3, 5}, halves)});
  ASSERT_EQ(outputs.size(), 1U);
  const NaiveCells::Result expected = naive.run(x);
  for (size_t i = 0; i < expected.output.size(); ++i) {
    EXPECT_NEAR(half_to_float(outputs[0].as<uint16_t>()[i]), expected.output[i], 4e-3) << i;
  }
}

// Plain cells compile to what a hand-written loop does: the product with the input before the loop, and one step in it.
TEST(Recurrent, OneStepInTheLoop) {
  for (const CellKind kind : kKinds) {
    Random random(8);
    NetworkCase net;
    nn::WeightStore store;
    nn::RecurrentInputs inputs;
    inputs.x = &net.input("x", dims_of({20, 4, 64}));
    net.mark(*nn::add_recurrent(*net.network, store, settings_of(kind, Direction::kForward, 64), inputs,
                                {random_cell(random, kind, 64, 64)})
                  .output);
    net.config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
    Loaded loaded(net.plan_bytes(), net.logger);
    ASSERT_NE(loaded.engine, nullptr);
    const std::unique_ptr<IEngineInspector> inspector(loaded.engine->createEngineInspector());
    const auto layer = [&](int32_t index) {
      return std::string(inspector->getLayerInformation(index, LayerInformationFormat::kJSON));
    };
    EXPECT_NE(layer(0).find("enc.l0.forward.input_product"), std::string::npos) << layer(0);
    EXPECT_NE(layer(1).find("\"kind\": \"loop\""), std::string::npos) << layer(1);
    EXPECT_NE(layer(1).find("\"steps_per_iteration\": 1"), std::string::npos) << layer(1);
    EXPECT_EQ(layer(1).find("input_product"), std::string::npos) << layer(1);
  }
}

// A row's numbers do not depend on what stands behind its end.
TEST(Recurrent, IgnoresWhatIsBehindTheEnd) {
  Random random(7);
  const importers::CellWeights cell = random_cell(random, CellKind::kLstm, 2, 3);
  NetworkCase net;
  nn::WeightStore store;
  nn::RecurrentInputs inputs;
  inputs.x = &net.input("x", dims_of({3, 2, 2}));
  inputs.lengths = &net.integers(dims_of({2}), {3, 1});
  const nn::RecurrentOutputs made = nn::add_recurrent(
      *net.network, store, settings_of(CellKind::kLstm, Direction::kBidirectional, 3), inputs, {cell, cell});
  net.mark(*made.output);
  net.mark(*made.last_hidden);
  std::vector<float> x = random.floats(12);
  const std::vector<Array> clean = net.run({floats_of({3, 2, 2}, x)});
  for (const size_t behind : {6, 7, 10, 11}) x[behind] = NAN;
  const std::vector<Array> dirty = net.run({floats_of({3, 2, 2}, x)});
  ASSERT_EQ(clean.size(), dirty.size());
  for (size_t i = 0; i < clean.size(); ++i) EXPECT_EQ(clean[i].floats(), dirty[i].floats()) << i;
}

}  // namespace
}  // namespace rondo::test
