#include <gtest/gtest.h>

#include <cstring>

#include "importers/allocation_limit.h"
#include "importers/checkpoint_writer.h"
#include "importers/files.h"
#include "tensorflow/crc32c.h"

namespace rondo::importers {
namespace {

WeightMap sample() {
  WeightMap weights;
  weights.add("embedding", counting({3, 2}));
  weights.add("global_step", of_bytes(ElementType::kI64, {}, std::string("\x07\0\0\0\0\0\0\0", 8)));
  weights.add("rnn/cell_0/kernel", counting({5, 8}, 10));
  weights.add("rnn/cell_0/kernel/Adam", counting({5, 8}, 100));
  weights.add("rnn/cell_0/kernel/Adam_1", counting({5, 8}, 200));
  weights.add("softmax/softmax_b", of_bytes(ElementType::kF64, {1}, std::string("\0\0\0\0\0\0\xf0\x3f", 8)));
  weights.add("softmax/softmax_w", of_bytes(ElementType::kF16, {2, 1}, std::string("\0\x3c\0\xc0", 4)));
  weights.add("training/beta1_power", counting({}, 0.5f));
  return weights;
}

void write_bundle(const ScratchFolder& folder, const std::map<std::string, std::string>& files) {
  for (const auto& [suffix, bytes] : files) folder.write("model" + suffix, bytes);
}

void expect_same(const WeightMap& found, const WeightMap& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) EXPECT_EQ(found.at(name), tensor) << name;
}

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(mask_crc(crc32c("foo")), 0xa282ead8u + (crc32c("foo") >> 15 | crc32c("foo") << 17));
}

TEST(Bundle, ReadsAllVariants) {
  for (bool snappy : {false, true}) {
    for (int shards : {1, 3}) {
      for (bool big_endian : {false, true}) {
        ScratchFolder folder;
        BundleOptions options{
            .table = {.snappy = snappy}, .shards = shards, .big_endian = big_endian, .padding = big_endian ? 24u : 0u};
        write_bundle(folder, bundle_files(sample(), options));
        auto file = open_any(folder.path("model"));
        EXPECT_EQ(file->format(), WeightFormat::kTensorFlowV2);
        expect_same(load_weights(*file, Selection::kEverything), sample());
      }
    }
  }
}

TEST(Bundle, TakesWeightsAndLeavesTrainingState) {
  ScratchFolder folder;
  write_bundle(folder, bundle_files(sample()));
  WeightMap weights = load_weights(folder.path("model.index"));
  ASSERT_EQ(weights.size(), 4u);
  EXPECT_EQ(weights.items()[0].first, "embedding");
  EXPECT_EQ(weights.at("rnn/cell_0/kernel").floats("k")[39], 49.0f);
  std::map<std::string, std::string> reasons;
  auto file = open_any(folder.path("model"));
  for (const WeightEntry& entry : file->entries()) reasons[entry.name] = entry.skipped;
  EXPECT_EQ(reasons["rnn/cell_0/kernel/Adam_1"], "optimizer slot");
  EXPECT_EQ(reasons["global_step"], "scalar");
}

TEST(Bundle, OpensByFolderAndByItsTextFile) {
  ScratchFolder folder;
  write_bundle(folder, bundle_files(sample()));
  folder.write("checkpoint", "model_checkpoint_path: \"model\"\nall_model_checkpoint_paths: \"model\"\n");
  EXPECT_EQ(load_weights(folder.path("")).size(), 4u);
  EXPECT_EQ(load_weights(folder.path("checkpoint")).size(), 4u);
  folder.write("checkpoint", "model_checkpoint_path: \"checkpoint\"\n");
  EXPECT_NE(message_of([&] { load_weights(folder.path("checkpoint")); }).find("which is no checkpoint"),
            std::string::npos);
}

TEST(Bundle, EveryFlippedByteAndTruncationIsAnError) {
  for (bool snappy : {false, true}) {
    ScratchFolder folder;
    auto files = bundle_files(sample(), {.table = {.snappy = snappy}, .shards = 2, .padding = 3});
    write_bundle(folder, files);
    for (const auto& [suffix, bytes] : files) {
      // Without its last padding a shard still holds all tensors.
      bool is_shard = suffix != ".index";
      flip_every_byte(
          bytes, [&, name = "model" + suffix](const std::string& variant) { folder.write(name, variant); },
          [&] { load_weights(folder.path("model")); },
          [&, name = "model" + suffix] {
            return is_shard && bytes.size() - read_bytes(folder.path(name)).size() - 1 < 3;
          });
    }
  }
}

TEST(Bundle, DamageNamesTheBlockOrTheTensor) {
  ScratchFolder folder;
  auto files = bundle_files(sample());
  write_bundle(folder, files);
  std::string data = files[".data-00000-of-00001"];
  data[24 + 8] ^= 1;  // behind embedding and global_step
  folder.write("model.data-00000-of-00001", data);
  EXPECT_NE(message_of([&] { load_weights(folder.path("model")); }).find("tensor 'rnn/cell_0/kernel' of "),
            std::string::npos);
  std::string index = files[".index"];
  index[2] ^= 1;
  folder.write("model.index", index);
  EXPECT_NE(message_of([&] { open_any(folder.path("model")); }).find("data block 0 of "), std::string::npos);
}

TEST(Bundle, DamageBehindTheChecksumsNeverCrashes) {
  bundle_files(sample());
  const size_t total = last_contents_bytes();
  ASSERT_GT(total, 300u);
  ScratchFolder folder;
  for (size_t i = 0; i < total; ++i) {
    write_bundle(folder, bundle_files(sample(), {.table = {.damaged_byte = i}}));
    AllocationLimit limit(16u << 20);
    EXPECT_NO_FATAL_FAILURE(message_of([&] { load_weights(folder.path("model"), {}, Selection::kEverything); }));
  }
}

TEST(Bundle, LengthsAreNotBelieved) {
  ScratchFolder folder;
  std::string shape;
  for (int i = 0; i < 3; ++i) shape += bytes_field(2, number_field(1, uint64_t{1} << 30));
  std::string entry = number_field(1, 1) + bytes_field(2, shape) + number_field(5, uint64_t{1} << 62);
  write_bundle(folder, bundle_files(sample(), {.extra = {{"huge", entry}}}));
  EXPECT_NE(message_of([&] { open_any(folder.path("model")); }).find("tensor 'huge'"), std::string::npos);
  std::string long_offset = number_field(1, 1) + number_field(4, ~uint64_t{0} >> 1) + number_field(5, 4);
  write_bundle(folder, bundle_files(sample(), {.extra = {{"far", long_offset}}}));
  EXPECT_NE(message_of([&] { open_any(folder.path("model")); }).find("tensor 'far'"), std::string::npos);
}

TEST(Bundle, RefusesPartitionedVariables) {
  ScratchFolder folder;
  std::string full =
      number_field(1, 1) + bytes_field(2, bytes_field(2, number_field(1, 4))) + bytes_field(7, bytes_field(1, ""));
  write_bundle(folder, bundle_files(sample(), {.extra = {{"emb", full}}}));
  EXPECT_NE(message_of([&] { load_weights(folder.path("model")); }).find("tensor 'emb' of "), std::string::npos);
  EXPECT_NE(message_of([&] { load_weights(folder.path("model")); }).find("partitioned variable"), std::string::npos);
}

TEST(Bundle, VerifiesStringsAndSkipsThem) {
  ScratchFolder folder;
  std::string text = "graph", lengths = varint(text.size());
  uint32_t length = 5, crc = extend_crc32c(0, &length, 4), check = mask_crc(crc);
  std::string bytes = lengths + std::string(reinterpret_cast<const char*>(&check), 4) + text;
  crc = extend_crc32c(extend_crc32c(crc, &check, 4), text.data(), text.size());
  auto files = bundle_files(WeightMap{});
  std::string entry =
      number_field(1, 7) + bytes_field(2, "") + number_field(5, bytes.size()) + fixed32_field(6, mask_crc(crc));
  files = bundle_files(WeightMap{}, {.extra = {{"_CHECKPOINTABLE_OBJECT_GRAPH", entry}}});
  files[".data-00000-of-00001"] = bytes;
  write_bundle(folder, files);
  EXPECT_EQ(load_weights(folder.path("model")).size(), 0u);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 4;
    folder.write("model.data-00000-of-00001", damaged);
    EXPECT_NE(message_of([&] { load_weights(folder.path("model")); }).find("_CHECKPOINTABLE_OBJECT_GRAPH"),
              std::string::npos)
        << i;
  }
}

TEST(Bundle, RefusesNewerVersionsAndShardsForTheIndex) {
  ScratchFolder folder;
  auto files = bundle_files(sample());
  write_bundle(folder, files);
  EXPECT_NE(message_of([&] { open_any(folder.path("model.data-00000-of-00001")); }).find("not its index"),
            std::string::npos);
  std::map<std::string, std::string> newer = {{"", number_field(1, 1) + bytes_field(3, number_field(2, 2))}};
  folder.write("model.index", table_bytes(newer));
  EXPECT_NE(message_of([&] { open_any(folder.path("model")); }).find("version 2"), std::string::npos);
}

}  // namespace
}  // namespace rondo::importers
