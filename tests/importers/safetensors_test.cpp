#include <gtest/gtest.h>

#include "importers/files.h"
#include "rondo/importers/write_weights.h"

namespace rondo::importers {
namespace {

WeightMap sample() {
  WeightMap weights;
  weights.add("z.weight", counting({2, 3}));
  weights.add("a.bias", of_bytes(ElementType::kBF16, {2}, "1234"));
  weights.add("n", of_bytes(ElementType::kI64, {}, "12345678"));
  weights.add("d", of_bytes(ElementType::kF64, {1}, "abcdefgh"));
  weights.add("empty", counting({0, 4}));
  return weights;
}

std::string with_header(const std::string& header, const std::string& data) {
  std::string out;
  for (int k = 0; k < 8; ++k) out += static_cast<char>(header.size() >> (8 * k));
  return out + header + data;
}

TEST(Safetensors, ComesBackInOrder) {
  ScratchFolder folder;
  auto file = open_any(folder.write("x", safetensors_bytes(sample())));
  EXPECT_EQ(file->format(), WeightFormat::kSafetensors);
  WeightMap back = load_weights(*file);
  ASSERT_EQ(back.size(), 5u);
  EXPECT_EQ(back.items()[0].first, "z.weight");
  for (const auto& [name, tensor] : sample()) EXPECT_EQ(back.at(name), tensor) << name;
}

TEST(Safetensors, DamageNeverCrashesAndCutsAreNoticed) {
  ScratchFolder folder;
  std::string bytes = safetensors_bytes(sample()), path = folder.path("x");
  // No checksums: a flipped element or letter of a name is another value.
  flip_every_byte(
      bytes, [&](const std::string& variant) { folder.write("x", variant); }, [&] { load_weights(path); },
      [&] { return read_bytes(path).size() == bytes.size(); });
}

TEST(Safetensors, RefusesUnsoundHeaders) {
  ScratchFolder folder;
  auto refusal = [&](const std::string& header, const std::string& data) {
    return message_of([&] { load_weights(folder.write("x", with_header(header, data))); });
  };
  EXPECT_EQ(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234"), "");
  EXPECT_NE(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "12345"), "");
  EXPECT_NE(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "1234"), "");
  EXPECT_NE(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "12345678"), "");
  EXPECT_NE(refusal(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234"), "");
  EXPECT_NE(refusal(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", "1234"), "");
  EXPECT_NE(refusal(R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", "1234").find("F8_E4M3"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"a":[]})", ""), "");
  EXPECT_NE(refusal("{\"a\":" + std::string(100000, '['), ""), "");
}

TEST(Tensor, FloatTypesRoundToNearestEven) {
  auto narrowed = [](float value, ElementType type) {
    return with_float_type(with_float_type(Tensor::of_floats({1}, {value}), type), ElementType::kF32).floats("t")[0];
  };
  EXPECT_EQ(narrowed(1.0f + 0x1p-11f, ElementType::kF16), 1.0f);
  EXPECT_EQ(narrowed(1.0f + 3 * 0x1p-11f, ElementType::kF16), 1.0f + 0x1p-9f);
  EXPECT_EQ(narrowed(65519.0f, ElementType::kF16), 65504.0f);
  EXPECT_EQ(narrowed(65520.0f, ElementType::kF16), __builtin_inff());
  EXPECT_EQ(narrowed(0x1.8p-24f, ElementType::kF16), 0x1p-23f);
  EXPECT_EQ(narrowed(-0x1p-25f, ElementType::kF16), -0.0f);
  EXPECT_EQ(narrowed(1.0f + 0x1p-8f, ElementType::kBF16), 1.0f);
  EXPECT_EQ(narrowed(1.0f + 3 * 0x1p-8f, ElementType::kBF16), 1.0f + 0x1p-6f);
}

}  // namespace
}  // namespace rondo::importers
