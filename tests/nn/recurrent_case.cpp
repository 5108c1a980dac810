#include "nn/recurrent_case.h"

namespace rondo::test {

namespace {

// [T, B, W] to [B, T, W], or back.
template <typename T>
std::vector<T> swapped(const std::vector<T>& values, int64_t first, int64_t second) {
  if (values.empty()) return values;
  const int64_t width = static_cast<int64_t>(values.size()) / (first * second);
  std::vector<T> result(values.size());
  for (int64_t i = 0; i < first; ++i) {
    for (int64_t j = 0; j < second; ++j) {
      std::copy_n(values.begin() + (i * second + j) * width, width, result.begin() + (j * first + i) * width);
    }
  }
  return result;
}

void expect_near(const Array& actual, const std::vector<double>& expected, double tolerance, const char* what) {
  const std::vector<float> values = actual.floats();
  ASSERT_EQ(values.size(), expected.size()) << what;
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(values[i], expected[i], tolerance * std::max(1.0, std::abs(expected[i]))) << what << " at " << i;
  }
}

// What a case gives to the network, one entry for each input of it.
class Inputs {
 public:
  Inputs(NetworkCase& net, const RecurrentCase& test) : net_(net), test_(test) {
    profile_ = net.builder->createOptimizationProfile();
  }

  // An extent that is the batch or the length is dynamic where the case says so.
  ITensor& add(const char* name, Array array, std::vector<int64_t> dynamic_axes) {
    std::vector<int64_t> declared = array.dims, least = array.dims;
    for (const int64_t axis : dynamic_axes) {
      if (test_.dynamic) declared[static_cast<size_t>(axis)] = -1;
      least[static_cast<size_t>(axis)] = 0;
    }
    ITensor& tensor = net_.input(name, dims_of(declared), array.type);
    profile_->setDimensions(name, OptProfileSelector::kMIN, dims_of(least));
    profile_->setDimensions(name, OptProfileSelector::kOPT, dims_of(array.dims));
    profile_->setDimensions(name, OptProfileSelector::kMAX, dims_of(array.dims));
    arrays_.push_back(std::move(array));
    return tensor;
  }

  const std::vector<Array>& finish() {
    if (test_.dynamic) net_.config->addOptimizationProfile(profile_);
    return arrays_;
  }

 private:
  NetworkCase& net_;
  const RecurrentCase& test_;
  IOptimizationProfile* profile_;
  std::vector<Array> arrays_;
};

// The weights of a cell as inputs of the network.
nn::CellTensors as_inputs(Inputs& inputs, const importers::CellWeights& cell, size_t at) {
  const auto add = [&](const char* role, const std::vector<float>& values, std::vector<int64_t> dims) -> ITensor* {
    if (values.empty()) return nullptr;
    return &inputs.add((std::string(role) + std::to_string(at)).c_str(), floats_of(std::move(dims), values), {});
  };
  const auto rows = static_cast<int64_t>(cell.wb.size());
  return {add("w", cell.w, {rows, cell.input}),
          add("r", cell.r, {rows, cell.recurrent()}),
          add("wb", cell.wb, {rows}),
          add("rb", cell.rb, {rows}),
          add("p", cell.peepholes, {3 * cell.hidden}),
          add("projector", cell.projector, {cell.projection, cell.hidden})};
}

}  // namespace

NaiveCells RecurrentCase::naive() const {
  Random random(seed);
  NaiveCells naive{settings, {}, T, B, I, lengths, {}, {}};
  for (int64_t at = 0; at < layers * naive.directions(); ++at) {
    const int64_t width = settings.projection > 0 ? settings.projection : settings.hidden;
    const int64_t input = at < naive.directions() ? I : naive.directions() * width;
    naive.cells.push_back(random_cell(random, settings.kind, input, settings.hidden, settings.projection, bias));
    if (peepholes) naive.cells.back().peepholes = random.floats(static_cast<size_t>(3 * settings.hidden));
    naive.cells.back().reset = settings.reset;
  }
  if (initial) {
    naive.h0 = random.floats(naive.cells.size() * static_cast<size_t>(B * naive.width()));
    if (settings.kind == importers::CellKind::kLstm) {
      naive.c0 = random.floats(naive.cells.size() * static_cast<size_t>(B * settings.hidden));
    }
  }
  return naive;
}

void RecurrentCase::check() const {
  const NaiveCells naive = this->naive();
  const std::vector<float> x = Random(seed + 1000).floats(static_cast<size_t>(T * B * I));
  const NaiveCells::Result expected = naive.run(x);
  const bool batch_first = settings.batch_first;
  const auto states = static_cast<int64_t>(naive.cells.size());

  NetworkCase net;
  Inputs inputs(net, *this);
  nn::RecurrentInputs from;
  from.x = batch_first ? &inputs.add("x", floats_of({B, T, I}, swapped(x, T, B)), {0, 1})
                       : &inputs.add("x", floats_of({T, B, I}, x), {0, 1});
  if (!lengths.empty()) from.lengths = &inputs.add("lengths", array_of(DataType::kINT32, {B}, lengths), {0});
  if (initial) from.initial_hidden = &inputs.add("h0", floats_of({states, B, naive.width()}, naive.h0), {1});
  if (!naive.c0.empty()) from.initial_cell = &inputs.add("c0", floats_of({states, B, settings.hidden}, naive.c0), {1});
  nn::WeightStore store;
  nn::RecurrentOutputs made;
  if (tensors) {
    std::vector<nn::CellTensors> cells;
    for (size_t at = 0; at < naive.cells.size(); ++at) cells.push_back(as_inputs(inputs, naive.cells[at], at));
    made = nn::add_recurrent(*net.network, store, settings, from, cells);
  } else {
    made = nn::add_recurrent(*net.network, store, settings, from, naive.cells);
  }
  net.mark(*made.output);
  net.mark(*made.last_hidden);
  if (made.last_cell) net.mark(*made.last_cell);
  const std::vector<Array> outputs = net.run(inputs.finish());
  ASSERT_EQ(outputs.size(), made.last_cell ? 3U : 2U);
  expect_near(outputs[0], batch_first ? swapped(expected.output, T, B) : expected.output, tolerance, "output");
  expect_near(outputs[1], expected.h, tolerance, "last hidden");
  if (made.last_cell) expect_near(outputs[2], expected.c, tolerance, "last cell");
}

}  // namespace rondo::test
