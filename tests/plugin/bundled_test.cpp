// reason: one naive formula per bundled plugin beside its test.
// The bundled plugins against naive formulas in double.

#include <cmath>

#include "bundled_case.h"

namespace rondo::test {
namespace {

void expect_near(const Values& got, const std::vector<double>& want, double bound) {
  ASSERT_EQ(got.size(), want.size());
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(got[i]) - want[i]));
  EXPECT_LT(worst, bound);
}

std::vector<double> normalized(const std::vector<double>& x, size_t width, double epsilon, const Values& gamma,
                               const Values& beta) {
  std::vector<double> y(x.size());
  for (size_t row = 0; row < x.size(); row += width) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < width; ++i) mean += x[row + i] / static_cast<double>(width);
    for (size_t i = 0; i < width; ++i) variance += std::pow(x[row + i] - mean, 2) / static_cast<double>(width);
    for (size_t i = 0; i < width; ++i) {
      y[row + i] = (x[row + i] - mean) / std::sqrt(variance + epsilon) * (gamma.empty() ? 1.0 : gamma[i]) +
                   (beta.empty() ? 0.0 : beta[i]);
    }
  }
  return y;
}
std::vector<double> wide(const Values& x) { return {x.begin(), x.end()}; }

void check_layer_norm(int64_t width, bool affine, DataType precision, double bound) {
  PluginCase net;
  Random random(97);
  const auto count = static_cast<size_t>(width);
  const Values gamma = affine ? random.floats(count) : Values(), beta = affine ? random.floats(count) : Values();
  std::vector<PluginField> fields;
  if (affine) fields = {field("gamma", gamma), field("beta", beta)};
  const Made made("LayerNorm", "1", fields);
  ASSERT_NE(made.plugin, nullptr);
  ITensor& y = net.plugin({&net.input("x", Dims3(-1, 64, width))}, *made.plugin);
  if (precision != DataType::kFLOAT) net->getLayer(0)->setPrecision(precision);
  net.mark(y);
  net.profile("x", Dims3(1, 64, width), Dims3(4, 64, width), Dims3(16, 64, width));
  const Values x = random.floats(4 * 64 * count);
  expect_near(net.run({floats_of({4, 64, width}, x)})[0].floats(), normalized(wide(x), count, 6e-6, gamma, beta),
              bound);
}

TEST(BundledPlugins, LayerNorm) {
  for (const int64_t width : {256, 768, 1, 3, 1000}) {
    check_layer_norm(width, false, DataType::kFLOAT, 6e-6);
    check_layer_norm(width, true, DataType::kFLOAT, 6e-6);
  }
}

TEST(BundledPlugins, LayerNormInHalfAndBfloat) {
  for (const int64_t width : {256, 768}) {
    check_layer_norm(width, false, DataType::kHALF, 2e-3);
    check_layer_norm(width, false, DataType::kBF16, 2e-2);
  }
}

TEST(BundledPlugins, Gelu) {
  PluginCase net;
  Random random(1);
  const Values bias = random.floats(8), x = random.floats(48, 4);
  const int32_t type = 0;
  const Made made("CustomGeluPluginDynamic", "1", {field("type_id", type), field("bias", bias)});
  ASSERT_NE(made.plugin, nullptr);
  net.mark(net.plugin({&net.input("x", dims_of({2, 3, 8, 1, 1}))}, *made.plugin));
  std::vector<double> want;
  for (size_t i = 0; i < x.size(); ++i) {
    const double v = static_cast<double>(x[i]) + bias[i % 8];
    want.push_back(0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))));
  }
  expect_near(net.run({floats_of({2, 3, 8, 1, 1}, x)})[0].floats(), want, 1e-5);
}

TEST(BundledPlugins, SkipLayerNorm) {
  Random random(2);
  const Values beta = random.floats(8), gamma = random.floats(8), bias = random.floats(8), x = random.floats(48),
               skip = random.floats(48);
  std::vector<double> sum;
  for (size_t i = 0; i < x.size(); ++i) sum.push_back(static_cast<double>(x[i]) + skip[i] + bias[i % 8]);
  for (const char* version : {"1", "2", "3", "4"}) {
    PluginCase net;
    const int32_t type = 0, ld = 8;
    const Made made(
        "CustomSkipLayerNormPluginDynamic", version,
        {field("type_id", type), field("ld", ld), field("beta", beta), field("gamma", gamma), field("bias", bias)});
    ASSERT_NE(made.plugin, nullptr);
    ITensor &a = net.input("x", dims_of({2, 3, 8, 1, 1})), &b = net.input("skip", dims_of({2, 3, 8, 1, 1}));
    net.mark(net.plugin({&a, &b}, *made.plugin));
    const bool residual = net->getLayer(0)->getNbOutputs() == 2;
    EXPECT_EQ(residual, version[0] == '4');
    if (residual) net.mark(*net->getLayer(0)->getOutput(1));
    const auto outputs = net.run({floats_of({2, 3, 8, 1, 1}, x), floats_of({2, 3, 8, 1, 1}, skip)});
    expect_near(outputs[0].floats(), normalized(sum, 8, 0, gamma, beta), 2e-5);
    if (residual) expect_near(outputs[1].floats(), sum, 1e-6);
  }
}

TEST(BundledPlugins, SkipLayerNormTakesTheHiddenDimensionInTheMiddle) {
  Random random(6);
  const Values beta = random.floats(8), gamma = random.floats(8), x = random.floats(24), skip = random.floats(24);
  std::vector<double> sum(24);  // by position, then channel
  for (size_t i = 0; i < 24; ++i) sum[i % 3 * 8 + i / 3] = static_cast<double>(x[i]) + skip[i];
  PluginCase net;
  const Made made("CustomSkipLayerNormPluginDynamic", "4", {field("beta", beta), field("gamma", gamma)});
  ASSERT_NE(made.plugin, nullptr);
  ITensor &a = net.input("x", dims_of({1, 8, 3, 1})), &b = net.input("skip", dims_of({1, 8, 3, 1}));
  net.mark(net.plugin({&a, &b}, *made.plugin));
  net.mark(*net->getLayer(0)->getOutput(1));
  const auto outputs = net.run({floats_of({1, 8, 3, 1}, x), floats_of({1, 8, 3, 1}, skip)});
  const std::vector<double> want = normalized(sum, 8, 0, gamma, beta);
  const Values found = outputs[0].floats(), residual = outputs[1].floats();
  for (size_t i = 0; i < 24; ++i) {
    EXPECT_NEAR(found[i], want[i % 3 * 8 + i / 3], 2e-5);
    EXPECT_NEAR(residual[i], sum[i % 3 * 8 + i / 3], 1e-6);
  }
}

TEST(BundledPlugins, Embedding) {
  PluginCase net;
  Random random(3);
  const Tables tables(random);
  const Made made("CustomEmbLayerNormPluginDynamic", "1", tables.fields());
  ASSERT_NE(made.plugin, nullptr);
  const Dims dims = Dims2(3, 2);
  ITensor &token = net.input("token", dims, DataType::kINT32), &segment = net.input("segment", dims, DataType::kINT32);
  net.mark(net.plugin({&token, &segment, &net.input("mask", dims, DataType::kINT32)}, *made.plugin));
  net.mark(*net->getLayer(0)->getOutput(1));
  const std::vector<int32_t> ids{1, 2, 3, 4, 9, 0}, segments{0, 0, 0, 1, 1, 1}, mask{1, 1, 1, 1, 1, 0};
  std::vector<double> sum;
  for (size_t r = 0; r < 6; ++r) tables.add(ids[r], segments[r], r / 2, &sum);
  const auto outputs = net.run({ints({3, 2}, ids), ints({3, 2}, segments), ints({3, 2}, mask)});
  EXPECT_EQ(outputs[0].dims, (std::vector<int64_t>{3, 2, 8, 1, 1}));
  expect_near(outputs[0].floats(), normalized(sum, 8, 0, tables.gamma, tables.beta), 2e-5);
  EXPECT_EQ(outputs[1].as<int32_t>(), (std::vector<int32_t>{3, 2}));
}

TEST(BundledPlugins, EmbeddingRefusesIdsOutsideOfItsTable) {
  PluginCase net;
  Random random(3);
  const Tables tables(random);
  const Made made("CustomEmbLayerNormPluginDynamic", "1", tables.fields());
  const Dims dims = Dims2(1, 1);
  ITensor &token = net.input("token", dims, DataType::kINT32), &segment = net.input("segment", dims, DataType::kINT32);
  net.mark(net.plugin({&token, &segment, &net.input("mask", dims, DataType::kINT32)}, *made.plugin, "emb"));
  Loaded loaded(net.plan_bytes(), net.logger);
  EXPECT_TRUE(loaded.run({ints({1, 1}, {10}), ints({1, 1}, {0}), ints({1, 1}, {1})}).empty());
  EXPECT_TRUE(net.logger.has("'emb'")) << net.logger.text();
}

/// softmax(q k / sqrt(H)) v of rows first, first + step, … of qkv [.., 3 N H]; keys from `keys` on are masked.
void attend(const Values& qkv, size_t first, size_t step, size_t length, size_t keys, std::vector<double>* y) {
  constexpr size_t kHeads = 2, kHead = 4, kWidth = 24;
  const auto at = [&](size_t row, size_t n, size_t part, size_t h) {
    return static_cast<double>(qkv[(first + row * step) * kWidth + n * 3 * kHead + part * kHead + h]);
  };
  for (size_t n = 0; n < kHeads; ++n) {
    for (size_t s = 0; s < length; ++s) {
      std::vector<double> p(keys);
      double sum = 0;
      for (size_t j = 0; j < keys; ++j) {
        double dot = 0;
        for (size_t h = 0; h < kHead; ++h) dot += at(s, n, 0, h) * at(j, n, 1, h);
        sum += p[j] = std::exp(dot / std::sqrt(static_cast<double>(kHead)));
      }
      for (size_t h = 0; h < kHead; ++h) {
        double value = 0;
        for (size_t j = 0; j < keys; ++j) value += p[j] / sum * at(j, n, 2, h);
        (*y)[(first + s * step) * kHeads * kHead + n * kHead + h] = value;
      }
    }
  }
}

TEST(BundledPlugins, Attention) {
  PluginCase net;
  Random random(4);
  const int32_t type = 0, hidden = 8, heads = 2, mask = 1;
  const Made made(
      "CustomQKVToContextPluginDynamic", "1",
      {field("type_id", type), field("hidden_size", hidden), field("num_heads", heads), field("has_mask", mask)});
  ASSERT_NE(made.plugin, nullptr);
  ITensor& qkv = net.input("qkv", dims_of({5, 2, 24, 1, 1}));
  net.mark(net.plugin({&qkv, &net.input("mask", Dims{1, {2}}, DataType::kINT32)}, *made.plugin));
  const Values x = random.floats(240);
  std::vector<double> want(80);
  attend(x, 0, 2, 5, 5, &want);
  attend(x, 1, 2, 5, 3, &want);
  const auto outputs = net.run({floats_of({5, 2, 24, 1, 1}, x), ints({2}, {5, 3})});
  EXPECT_EQ(outputs[0].dims, (std::vector<int64_t>{5, 2, 8, 1, 1}));
  expect_near(outputs[0].floats(), want, 1e-5);
}

TEST(BundledPlugins, PackedAttention) {
  PluginCase net;
  Random random(5);
  const int32_t type = 0, hidden = 8, heads = 2, packed = 1;
  const Made made("CustomQKVToContextPluginDynamic", "2",
                  {field("type_id", type), field("hidden_size", hidden), field("num_heads", heads),
                   field("has_mask", packed), field("var_seqlen", packed)});
  ASSERT_NE(made.plugin, nullptr);
  ITensor& qkv = net.input("qkv", dims_of({7, 24, 1, 1}));
  ITensor &mask = net.input("mask", Dims{1, {1}}, DataType::kINT32),
          &starts = net.input("starts", Dims{1, {3}}, DataType::kINT32),
          &most = net.input("most", Dims{1, {1}}, DataType::kINT32);
  net.mark(net.plugin({&qkv, &mask, &starts, &most}, *made.plugin));
  const Values x = random.floats(168);
  std::vector<double> want(56);
  attend(x, 0, 1, 4, 4, &want);
  attend(x, 4, 1, 3, 3, &want);
  const auto outputs = net.run({floats_of({7, 24, 1, 1}, x), ints({1}, {0}), ints({3}, {0, 4, 7}), ints({1}, {4})});
  expect_near(outputs[0].floats(), want, 1e-5);
}

TEST(BundledPlugins, FullyConnected) {
  PluginCase net;
  Random random(6);
  const Values w = random.floats(20), x = random.floats(24);
  const int32_t type = 0, out = 5;
  const Made made("CustomFCPluginDynamic", "1", {field("out_dims", out), field("type_id", type), field("W", w)});
  ASSERT_NE(made.plugin, nullptr);
  net.mark(net.plugin({&net.input("x", dims_of({3, 2, 4, 1, 1}))}, *made.plugin));
  std::vector<double> want(30);
  for (size_t r = 0; r < 6; ++r) {
    for (size_t j = 0; j < 5; ++j) {
      for (size_t k = 0; k < 4; ++k) want[r * 5 + j] += static_cast<double>(x[r * 4 + k]) * w[k * 5 + j];
    }
  }
  expect_near(net.run({floats_of({3, 2, 4, 1, 1}, x)})[0].floats(), want, 1e-5);
}

TEST(BundledPlugins, InstanceNormalization) {
  PluginCase net;
  Random random(7);
  const Values scales = random.floats(3), bias = random.floats(3), x = random.floats(2 * 3 * 20);
  const Made made("InstanceNormalization_TRT", "1", {field("scales", scales), field("bias", bias)});
  ASSERT_NE(made.plugin, nullptr);
  net.mark(net.plugin({&net.input("x", dims_of({2, 3, 4, 5}))}, *made.plugin));
  std::vector<double> want = normalized(wide(x), 20, 1e-5, {}, {});
  for (size_t i = 0; i < want.size(); ++i) want[i] = want[i] * scales[i / 20 % 3] + bias[i / 20 % 3];
  expect_near(net.run({floats_of({2, 3, 4, 5}, x)})[0].floats(), want, 1e-5);
}

TEST(BundledPlugins, RefuseWhatTheyCannotDo) {
  const Values two{1, 2}, three{1, 2, 3};
  const int32_t int8 = 2;
  EXPECT_EQ(Made("CustomGeluPluginDynamic", "1", {field("type_id", int8)}).plugin, nullptr);
  EXPECT_EQ(Made("CustomSkipLayerNormPluginDynamic", "1", {field("beta", two)}).plugin, nullptr);
  EXPECT_EQ(Made("CustomSkipLayerNormPluginDynamic", "1", {field("beta", two), field("gamma", three)}).plugin, nullptr);
  EXPECT_EQ(Made("InstanceNormalization_TRT", "1", {field("scales", two), field("bias", three)}).plugin, nullptr);
  EXPECT_EQ(Made("CustomQKVToContextPluginDynamic", "1", {}).plugin, nullptr);
}

TEST(BundledPlugins, RefuseDamagedBytes) {
  const Made made("LayerNorm", "1", {});
  std::string bytes(made.plugin->getSerializationSize(), '\0');
  made.plugin->serialize(bytes.data());
  IPluginCreator* creator = getPluginRegistry()->getPluginCreator("LayerNorm", "1");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(creator->deserializePlugin("x", bytes.data(), size), nullptr) << size;
  }
}

}  // namespace
}  // namespace rondo::test
