#include "rondo/importers/cell_weights.h"

#include <gtest/gtest.h>

#include "importers/files.h"

namespace rondo::importers {
namespace {

constexpr Framework kFrameworks[] = {Framework::kTensorFlow, Framework::kKeras, Framework::kPyTorch, Framework::kOnnx,
                                     Framework::kTensorRt};
constexpr CellKind kKinds[] = {CellKind::kRnn, CellKind::kLstm, CellKind::kGru};

std::vector<float> numbered(int64_t count, float first) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return values;
}

// Every value tells where it is: w from 1000, r from 2000, wb from 3000, rb from 4000 or zero.
CellWeights sample(CellKind kind, GruReset reset = GruReset::kAfter, bool two_biases = false) {
  CellWeights cell;
  cell.kind = kind;
  cell.input = 3;
  cell.hidden = 2;
  cell.reset = reset;
  auto rows = static_cast<int64_t>(canonical_order(kind).size()) * cell.hidden;
  cell.w = numbered(rows * cell.input, 1000);
  cell.r = numbered(rows * cell.hidden, 2000);
  cell.wb = numbered(rows, 3000);
  cell.rb = two_biases ? numbered(rows, 4000) : std::vector<float>(static_cast<size_t>(rows), 0.0f);
  return cell;
}

bool can_say(Framework framework, const CellWeights& cell) {
  if (cell.kind != CellKind::kGru) return true;
  if (cell.reset == GruReset::kBefore)
    return framework == Framework::kTensorFlow || framework == Framework::kKeras || framework == Framework::kOnnx;
  return framework != Framework::kTensorFlow;
}

// The element of a framework's tensors that must hold W[gate][unit][input], by the documentation of each framework.
float w_in_layout(Framework framework, const WeightMap& map, CellKind kind, size_t block, size_t unit, size_t in) {
  const size_t hidden = 2, inputs = 3, gates = kind == CellKind::kLstm ? 4 : kind == CellKind::kGru ? 3 : 1;
  auto values = [&](const std::string& name) { return map.at(name).floats(name); };
  switch (framework) {
    case Framework::kTensorFlow:
      if (kind != CellKind::kGru) return values("kernel")[in * gates * hidden + block * hidden + unit];
      if (block == 2) return values("candidate/kernel")[in * hidden + unit];
      return values("gates/kernel")[in * 2 * hidden + block * hidden + unit];
    case Framework::kKeras:
      return values("kernel")[in * gates * hidden + block * hidden + unit];
    case Framework::kPyTorch:
      return values("weight_ih_l0")[(block * hidden + unit) * inputs + in];
    case Framework::kOnnx:
      return values("W")[(block * hidden + unit) * inputs + in];
    default:
      return values(std::string("W_") + name_of(canonical_order(kind)[block]))[unit * inputs + in];
  }
}

TEST(GateOrder, IsThatOfEachFramework) {
  auto text = [](Framework framework, CellKind kind) {
    std::string out;
    for (Gate gate : gate_order(framework, kind)) out += "IFCOZRH"[static_cast<int>(gate)];
    return out;
  };
  EXPECT_EQ(text(Framework::kTensorFlow, CellKind::kLstm), "ICFO");
  EXPECT_EQ(text(Framework::kKeras, CellKind::kLstm), "IFCO");
  EXPECT_EQ(text(Framework::kPyTorch, CellKind::kLstm), "IFCO");
  EXPECT_EQ(text(Framework::kOnnx, CellKind::kLstm), "IOFC");
  EXPECT_EQ(text(Framework::kTensorFlow, CellKind::kGru), "RZH");
  EXPECT_EQ(text(Framework::kKeras, CellKind::kGru), "ZRH");
  EXPECT_EQ(text(Framework::kPyTorch, CellKind::kGru), "RZH");
  EXPECT_EQ(text(Framework::kOnnx, CellKind::kGru), "ZRH");
}

TEST(GateOrder, ReordersBetweenAnyTwo) {
  for (CellKind kind : kKinds) {
    for (Framework from : kFrameworks) {
      for (Framework to : kFrameworks) {
        auto a = gate_order(from, kind), b = gate_order(to, kind);
        std::vector<float> blocks;
        for (Gate gate : a)
          blocks.insert(blocks.end(), {10.0f * static_cast<float>(gate), 10.0f * static_cast<float>(gate) + 1});
        std::vector<float> moved = reorder_gates(blocks, a, b);
        for (size_t g = 0; g < b.size(); ++g) EXPECT_EQ(moved[2 * g + 1], 10.0f * static_cast<float>(b[g]) + 1);
        EXPECT_EQ(reorder_gates(moved, b, a), blocks);
      }
    }
  }
  EXPECT_THROW(reorder_gates({1, 2, 3}, canonical_order(CellKind::kGru), canonical_order(CellKind::kLstm)),
               ImportError);
  EXPECT_THROW(reorder_gates({1, 2}, canonical_order(CellKind::kGru), canonical_order(CellKind::kGru)), ImportError);
}

TEST(CellWeights, PositionsAreThoseOfEachFramework) {
  for (CellKind kind : kKinds) {
    for (Framework framework : kFrameworks) {
      CellWeights cell = sample(kind, framework == Framework::kTensorFlow ? GruReset::kBefore : GruReset::kAfter);
      WeightMap map = write_cell(framework, cell);
      auto order = gate_order(framework, kind), canonical = canonical_order(kind);
      for (size_t block = 0; block < order.size(); ++block) {
        auto gate =
            static_cast<size_t>(std::find(canonical.begin(), canonical.end(), order[block]) - canonical.begin());
        for (size_t unit = 0; unit < 2; ++unit) {
          for (size_t in = 0; in < 3; ++in) {
            EXPECT_EQ(w_in_layout(framework, map, kind, block, unit, in), cell.w[(gate * 2 + unit) * 3 + in])
                << name_of(framework) << ' ' << name_of(order[block]) << ' ' << unit << ' ' << in;
          }
        }
      }
    }
  }
}

TEST(CellWeights, EveryOrderedPairGoesThereAndBackOrIsRefused) {
  for (CellKind kind : kKinds) {
    for (GruReset reset : {GruReset::kBefore, GruReset::kAfter}) {
      CellWeights cell = sample(kind, kind == CellKind::kGru ? reset : GruReset::kAfter);
      CellOptions options{.prefix = "model/", .onnx_reset = reset};
      for (Framework from : kFrameworks) {
        for (Framework to : kFrameworks) {
          if (!can_say(from, cell)) continue;
          WeightMap there = write_cell(from, cell, options);
          if (!can_say(to, cell)) {
            EXPECT_NE(message_of([&] {
                        convert_cell(from, to, kind, there, options, options);
                      }).find("not the same function"),
                      std::string::npos);
            continue;
          }
          WeightMap moved = convert_cell(from, to, kind, there, options, options);
          EXPECT_EQ(moved.items(), write_cell(to, cell, options).items()) << name_of(from) << " to " << name_of(to);
          EXPECT_EQ(convert_cell(to, from, kind, moved, options, options).items(), there.items())
              << name_of(from) << " to " << name_of(to);
        }
      }
    }
  }
}

TEST(CellWeights, TwoBiasesStayOrAddUp) {
  for (CellKind kind : kKinds) {
    CellWeights cell = sample(kind, GruReset::kAfter, true);
    for (Framework framework : {Framework::kPyTorch, Framework::kOnnx, Framework::kTensorRt}) {
      EXPECT_EQ(read_cell(framework, kind, write_cell(framework, cell), {.onnx_reset = GruReset::kAfter}), cell)
          << name_of(framework);
    }
    CellWeights keras = read_cell(Framework::kKeras, kind, write_cell(Framework::kKeras, cell));
    if (kind == CellKind::kGru) {
      EXPECT_EQ(keras, cell);
    } else {
      EXPECT_EQ(keras.wb[1], cell.wb[1] + cell.rb[1]);
      EXPECT_EQ(keras.rb[1], 0.0f);
    }
  }
}

TEST(CellWeights, ForgetBiasGoesIntoTheForgetGateOnly) {
  CellWeights cell = sample(CellKind::kLstm);
  WeightMap map = write_cell(Framework::kTensorFlow, cell);
  CellWeights read = read_cell(Framework::kTensorFlow, CellKind::kLstm, map, {.forget_bias = 1.0f});
  for (size_t i = 0; i < read.wb.size(); ++i) EXPECT_EQ(read.wb[i], cell.wb[i] + (i == 2 || i == 3 ? 1.0f : 0.0f)) << i;
  EXPECT_EQ(write_cell(Framework::kTensorFlow, read, {.forget_bias = 1.0f}).items(), map.items());
}

TEST(CellWeights, PeepholesAndProjections) {
  CellWeights peeping = sample(CellKind::kLstm), projecting = sample(CellKind::kLstm);
  peeping.peepholes = numbered(6, 5000);
  projecting.projection = 1;
  projecting.r = numbered(8, 2000);
  projecting.projector = numbered(2, 6000);
  for (Framework framework : kFrameworks) {
    bool can_peep = framework == Framework::kTensorFlow || framework == Framework::kOnnx;
    bool can_project = framework == Framework::kTensorFlow || framework == Framework::kPyTorch;
    auto round = [&](const CellWeights& cell) {
      return read_cell(framework, CellKind::kLstm, write_cell(framework, cell));
    };
    if (can_peep) {
      EXPECT_EQ(round(peeping), peeping) << name_of(framework);
    } else {
      EXPECT_NE(message_of([&] { round(peeping); }).find("peepholes"), std::string::npos);
    }
    if (can_project) {
      EXPECT_EQ(round(projecting), projecting) << name_of(framework);
    } else {
      EXPECT_NE(message_of([&] { round(projecting); }).find("projection"), std::string::npos);
    }
  }
  // ONNX has P in the order i, o, f.
  EXPECT_EQ(write_cell(Framework::kOnnx, peeping).at("P").floats("P"),
            (std::vector<float>{5000, 5001, 5004, 5005, 5002, 5003}));
  EXPECT_EQ(write_cell(Framework::kTensorFlow, peeping).at("w_f_diag").floats("w"), (std::vector<float>{5002, 5003}));
  EXPECT_EQ(write_cell(Framework::kTensorFlow, projecting).at("projection/kernel").dims, (std::vector<int64_t>{2, 1}));
}

TEST(CellWeights, NamesOfBothGenerationsLayersAndDirections) {
  CellWeights cell = sample(CellKind::kLstm, GruReset::kAfter, true);
  CellOptions second{.prefix = "rnn.", .layer = 1, .direction = 1};
  WeightMap torch = write_cell(Framework::kPyTorch, cell, second);
  EXPECT_NE(torch.find("rnn.weight_ih_l1_reverse"), nullptr);
  EXPECT_EQ(read_cell(Framework::kPyTorch, CellKind::kLstm, torch, second), cell);

  CellWeights single = sample(CellKind::kLstm);
  WeightMap old;
  for (const auto& [name, tensor] : write_cell(Framework::kTensorFlow, single))
    old.add(name == "kernel" ? "weights" : "biases", tensor);
  EXPECT_EQ(read_cell(Framework::kTensorFlow, CellKind::kLstm, old), single);

  // ONNX: two directions in one tensor, of which the second is asked for.
  WeightMap both;
  for (const auto& [name, tensor] : write_cell(Framework::kOnnx, cell)) {
    Tensor twice = tensor;
    twice.dims[0] = 2;
    twice.bytes.assign(tensor.bytes.size(), 0);
    twice.bytes.insert(twice.bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
    both.add(name, twice);
  }
  EXPECT_EQ(read_cell(Framework::kOnnx, CellKind::kLstm, both, {.direction = 1}), cell);
  EXPECT_THROW(read_cell(Framework::kOnnx, CellKind::kLstm, both, {.direction = 2}), ImportError);
}

TEST(CellWeights, MistakesNameTheTensor) {
  WeightMap map = write_cell(Framework::kPyTorch, sample(CellKind::kLstm)), wrong;
  for (const auto& [name, tensor] : map) wrong.add(name, name == "weight_hh_l0" ? counting({8, 3}) : tensor);
  EXPECT_NE(message_of([&] { read_cell(Framework::kPyTorch, CellKind::kLstm, wrong); }).find("'weight_hh_l0'"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              read_cell(Framework::kPyTorch, CellKind::kLstm, WeightMap{});
            }).find("'weight_ih_l0' is missing"),
            std::string::npos);
  EXPECT_NE(message_of([&] { read_cell(Framework::kPyTorch, CellKind::kGru, map); }).find("no 3 gates"),
            std::string::npos);
  CellWeights broken = sample(CellKind::kLstm);
  broken.r.pop_back();
  EXPECT_NE(message_of([&] { write_cell(Framework::kOnnx, broken); }).find("cell: r has"), std::string::npos);
}

}  // namespace
}  // namespace rondo::importers
