// The same numbers as torch.nn.RNN, LSTM and GRU from the same state dict. PyTorch runs as a process of its own
// (torch_oracle.py), once for all cases; a machine without it skips, and says so.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "nn/recurrent_case.h"
#include "rondo/importers/weight_file.h"
#include "rondo/importers/write_weights.h"

namespace rondo::test {
namespace {

using importers::CellKind;
using importers::Framework;
using importers::WeightMap;

constexpr int kNoTorch = 3;

struct TorchCase {
  CellKind kind;
  int64_t layers, directions, projection;
  bool bias, batch_first, lengths, initial, relu;
  int64_t T = 5, B = 3, I = 4, H = 6;

  int64_t width() const { return projection > 0 ? projection : H; }
  std::vector<int64_t> x_dims() const { return batch_first ? std::vector{B, T, I} : std::vector{T, B, I}; }
  bool lstm() const { return kind == CellKind::kLstm; }
};

std::vector<TorchCase> matrix() {
  std::vector<TorchCase> all;
  for (const CellKind kind : {CellKind::kRnn, CellKind::kLstm, CellKind::kGru}) {
    for (int bits = 0; bits < 32; ++bits) {
      const int64_t layers = 1 + bits % 3, directions = bits & 1 ? 2 : 1;
      const bool projected = kind == CellKind::kLstm && bits % 5 < 2;
      all.push_back({kind, layers, directions, projected ? 3 : 0, (bits & 2) == 0, (bits & 4) != 0, (bits & 8) != 0,
                     (bits & 16) != 0, kind == CellKind::kRnn && bits % 3 == 0});
    }
  }
  return all;
}

// The case's numbers: x, states, lengths and the state dict.
WeightMap tensors_of(const TorchCase& c, uint64_t seed) {
  Random random(seed);
  WeightMap map;
  const auto floats = [&](const char* name, std::vector<int64_t> dims) {
    map.add(name, importers::Tensor::of_floats(dims, random.floats(volume_of(dims))));
  };
  floats("x", c.x_dims());
  const int64_t states = c.layers * c.directions;
  if (c.initial) floats("h0", {states, c.B, c.width()});
  if (c.initial && c.lstm()) floats("c0", {states, c.B, c.H});
  const auto integers = [&](const char* name, const std::vector<int32_t>& values) {
    importers::Tensor tensor{importers::ElementType::kI32, {static_cast<int64_t>(values.size())}, {}};
    tensor.bytes.resize(values.size() * sizeof(int32_t));
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    map.add(name, tensor);
  };
  if (c.lengths) integers("lengths", {2, 5, 3});
  const int kind = c.kind == CellKind::kRnn ? 0 : c.lstm() ? 1 : 2;
  integers("settings", {kind, static_cast<int32_t>(c.H), static_cast<int32_t>(c.layers), c.directions == 2,
                        static_cast<int32_t>(c.projection), c.bias, c.batch_first, c.relu});
  for (int64_t at = 0; at < states; ++at) {
    const int64_t input = at < c.directions ? c.I : c.directions * c.width();
    const auto cell = random_cell(random, c.kind, input, c.H, c.projection, c.bias);
    importers::CellOptions options;
    options.layer = static_cast<int>(at / c.directions);
    options.direction = static_cast<int>(at % c.directions);
    for (const auto& [name, tensor] : write_cell(Framework::kPyTorch, cell, options)) {
      if (c.bias || name.find("bias") == std::string::npos) map.add(name, tensor);
    }
  }
  return map;
}

Array array_of_tensor(const importers::Tensor& tensor, DataType type) {
  Array array{tensor.dims, type, std::vector<std::byte>(tensor.bytes.size())};
  std::memcpy(array.bytes.data(), tensor.bytes.data(), tensor.bytes.size());
  return array;
}

// The engine's answers from the same tensors.
std::vector<Array> run_engine(const TorchCase& c, const WeightMap& map) {
  NetworkCase net;
  nn::WeightStore store;
  nn::RecurrentSettings settings;
  settings.batch_first = c.batch_first;
  settings.direction = c.directions == 2 ? nn::Direction::kBidirectional : nn::Direction::kForward;
  if (c.relu) settings.activations = {nn::activation("Relu")};
  std::vector<Array> arrays;
  const auto input = [&](const char* name, DataType type) -> ITensor* {
    const importers::Tensor* tensor = map.find(name);
    if (!tensor) return nullptr;
    arrays.push_back(array_of_tensor(*tensor, type));
    return &net.input(name, dims_of(tensor->dims), type);
  };
  nn::RecurrentInputs inputs;
  inputs.x = input("x", DataType::kFLOAT);
  inputs.lengths = input("lengths", DataType::kINT32);
  inputs.initial_hidden = input("h0", DataType::kFLOAT);
  inputs.initial_cell = input("c0", DataType::kFLOAT);
  std::vector<importers::CellWeights> cells;
  for (int64_t at = 0; at < c.layers * c.directions; ++at) {
    importers::CellOptions options;
    options.layer = static_cast<int>(at / c.directions);
    options.direction = static_cast<int>(at % c.directions);
    cells.push_back(read_cell(Framework::kPyTorch, c.kind, map, options));
  }
  const nn::RecurrentOutputs made = nn::add_recurrent(*net.network, store, settings, inputs, cells);
  net.mark(*made.output);
  net.mark(*made.last_hidden);
  if (made.last_cell) net.mark(*made.last_cell);
  return net.run(arrays);
}

void expect_close(const Array& actual, const importers::Tensor& expected, const std::string& what) {
  ASSERT_EQ(actual.dims, expected.dims) << what;
  const std::vector<float> a = actual.floats(), e = expected.floats(what);
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], e[i], 1e-6 + 1e-5 * std::abs(e[i])) << what << " at " << i;
  }
}

TEST(Recurrent, EqualToPyTorch) {
  const auto folder = std::filesystem::temp_directory_path() / ("rondo_torch_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string asked = folder / "cases.safetensors", answered = folder / "results.npz";
  const std::vector<TorchCase> cases = matrix();
  std::vector<WeightMap> maps;
  WeightMap all;
  for (size_t i = 0; i < cases.size(); ++i) {
    maps.push_back(tensors_of(cases[i], i));
    for (const auto& [name, tensor] : maps.back()) all.add(std::to_string(i) + "/" + name, tensor);
  }
  importers::write_file(asked, importers::safetensors_bytes(all));
  const std::string command =
      std::string("/usr/bin/python3 ") + RONDO_TESTS_DIR + "/nn/torch_oracle.py " + asked + " " + answered;
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kNoTorch || code == 127) {
    std::filesystem::remove_all(folder);
    GTEST_SKIP() << "/usr/bin/python3 has no PyTorch (Debian: python3-torch)";
  }
  ASSERT_EQ(code, 0) << command;
  const WeightMap results = importers::load_weights(answered);
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string at = std::to_string(i) + "/";
    const std::vector<Array> outputs = run_engine(cases[i], maps[i]);
    ASSERT_EQ(outputs.size(), cases[i].lstm() ? 3U : 2U) << at;
    const char* names[] = {"output", "h", "c"};
    for (size_t k = 0; k < outputs.size(); ++k) expect_close(outputs[k], results.at(at + names[k]), at + names[k]);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace rondo::test
