#include <gtest/gtest.h>

#include "importers/files.h"
#include "rondo/importers/write_weights.h"

namespace rondo::importers {
namespace {

const std::vector<WeightFormat> kForms = {WeightFormat::kWtsRaw, WeightFormat::kWtsHex, WeightFormat::kWtsDims,
                                          WeightFormat::kWtsPlainHex};

WeightMap floats_only() {
  WeightMap weights;
  weights.add("b", counting({3}, -1));
  weights.add("a/kernel", counting({2, 3}, 0.5f));
  weights.add("scalar", counting({}, 7));
  return weights;
}

WeightMap all_types() {
  WeightMap weights = floats_only();
  weights.add("f16", of_bytes(ElementType::kF16, {2}, std::string("\0\x3c\n ", 4)));
  weights.add("i8", of_bytes(ElementType::kI8, {2}, "\xff\n"));
  weights.add("i32", of_bytes(ElementType::kI32, {1}, std::string("\n\n\0\xff", 4)));
  weights.add("bool", of_bytes(ElementType::kBool, {1}, "\1"));
  weights.add("u8", of_bytes(ElementType::kU8, {1, 1}, "("));
  weights.add("bf16", of_bytes(ElementType::kBF16, {1}, "\x80\x3f"));
  weights.add("i64", of_bytes(ElementType::kI64, {1}, "12345678"));
  return weights;
}

WeightMap reread(const std::string& bytes, const ReadOptions& options = {}) {
  ScratchFolder folder;
  return load_weights(folder.write("file.wts", bytes), options);
}

TEST(Wts, BytesAreThoseOfTheFormats) {
  WeightMap weights;
  weights.add("x/y", Tensor::of_floats({2}, {1.0f, 0.0f}));
  weights.add("s", Tensor::of_floats({}, {-2.0f}));
  EXPECT_EQ(wts_bytes(weights, {.form = WeightFormat::kWtsHex}), "2\ns 0 1 c0000000 \nx_y 0 2 3f800000 0 \n");
  EXPECT_EQ(wts_bytes(weights, {.form = WeightFormat::kWtsPlainHex}), "2\ns 1 c0000000\nx_y 2 3f800000 0\n");
  EXPECT_EQ(wts_bytes(weights), std::string("2\ns 0 () \0\0\0\xc0\nx_y 0 (2,) \0\0\x80\x3f\0\0\0\0\n", 34));
  EXPECT_EQ(wts_bytes(weights, {.form = WeightFormat::kWtsDims}),
            std::string("2\ns 0 0 \0\0\0\xc0\nx_y 0 1 2 \0\0\x80\x3f\0\0\0\0\n", 32));
}

TEST(Wts, EveryFormComesBack) {
  for (WeightFormat form : kForms) {
    WeightMap weights = form == WeightFormat::kWtsPlainHex ? floats_only() : all_types();
    ScratchFolder folder;
    auto file = open_any(folder.write("file", wts_bytes(weights, {.form = form})));
    EXPECT_EQ(file->format(), form) << name_of(form);
    WeightMap back = load_weights(*file);
    ASSERT_EQ(back.size(), weights.size());
    EXPECT_EQ(back.items()[0].first, "a_kernel");
    for (const auto& [name, tensor] : weights) {
      Tensor found = back.at(name == "a/kernel" ? "a_kernel" : name);
      bool keeps_dims = form == WeightFormat::kWtsRaw || form == WeightFormat::kWtsDims;
      EXPECT_EQ(found.dims, keeps_dims ? tensor.dims : std::vector<int64_t>{tensor.elements()}) << name;
      EXPECT_EQ(found.type, tensor.type) << name;
      EXPECT_EQ(found.bytes, tensor.bytes) << name_of(form) << ' ' << name;
    }
  }
}

TEST(Wts, LegacyTypeZeroFindsTypesBySizes) {
  WeightMap weights;
  weights.add("a", counting({2, 2}));
  weights.add("b", of_bytes(ElementType::kF64, {1}, "12345678"));
  weights.add("c", of_bytes(ElementType::kF16, {3}, "\n2\n4\n6"));
  weights.add("d", counting({}));
  for (WeightFormat form : {WeightFormat::kWtsRaw, WeightFormat::kWtsDims}) {
    std::string bytes = wts_bytes(weights, {.form = form, .legacy_type0 = true});
    WeightMap back = reread(bytes, {.legacy_type0 = true});
    for (const auto& [name, tensor] : weights) EXPECT_EQ(back.at(name), tensor) << name;
    std::string message = message_of([&] { reread(bytes); });
    EXPECT_NE(message.find("--legacy-type0"), std::string::npos) << message;
  }
}

TEST(Wts, DamageIsAnErrorOrOnlyAnotherValue) {
  for (WeightFormat form : kForms) {
    std::string bytes = wts_bytes(floats_only(), {.form = form});
    ScratchFolder folder;
    flip_every_byte(
        bytes, [&](const std::string& variant) { folder.write("file.wts", variant); },
        [&] { load_weights(folder.path("file.wts")); },
        // The format has no checksums: a flipped element, digit or letter of a name is not noticed, a cut tail is.
        [&] { return read_bytes(folder.path("file.wts")).size() + 1 >= bytes.size(); });
  }
}

TEST(Wts, RefusesWhatItCannotSay) {
  WeightMap doubles, twins, spaced;
  doubles.add("d", of_bytes(ElementType::kF64, {1}, "12345678"));
  twins.add("a/b", counting({1}));
  twins.add("a_b", counting({1}));
  spaced.add("a b", counting({1}));
  EXPECT_NE(message_of([&] { wts_bytes(doubles); }).find("tensor 'd'"), std::string::npos);
  EXPECT_NE(message_of([&] { wts_bytes(twins); }).find("'a_b'"), std::string::npos);
  EXPECT_NE(message_of([&] { wts_bytes(spaced); }).find("'a b'"), std::string::npos);
  EXPECT_NE(message_of([&] { reread("1\nx 0 9 3f800000 \n"); }), "");
  EXPECT_NE(message_of([&] { reread("99999999999\n"); }), "");
  EXPECT_NE(message_of([&] { reread("1\nx 0 (4611686018427387904, 4) abc\n"); }), "");
}

}  // namespace
}  // namespace rondo::importers
