#include <gtest/gtest.h>

#include "importers/allocation_limit.h"
#include "importers/checkpoint_writer.h"
#include "importers/files.h"

namespace rondo::importers {
namespace {

WeightMap sample() {
  WeightMap weights;
  weights.add("RNN/cell/Matrix", counting({4, 6}));
  weights.add("RNN/cell/Matrix/Adam", counting({4, 6}, 50));
  weights.add("half", of_bytes(ElementType::kF16, {2}, std::string("\0\x3c\0\xc0", 4)));
  weights.add("doubles", of_bytes(ElementType::kF64, {1}, std::string("\0\0\0\0\0\0\xf0\x3f", 8)));
  weights.add("negative", of_bytes(ElementType::kI32, {2}, std::string("\xff\xff\xff\xff\x05\0\0\0", 8)));
  weights.add("bytes", of_bytes(ElementType::kI8, {3}, std::string("\x80\x01\x7f", 3)));
  weights.add("flags", of_bytes(ElementType::kBool, {2}, std::string("\x01\0", 2)));
  weights.add("step", of_bytes(ElementType::kI64, {}, std::string("\x09\0\0\0\0\0\0\0", 8)));
  return weights;
}

TEST(SavedSlices, ReadsTypesAndLeavesTrainingState) {
  for (bool snappy : {false, true}) {
    ScratchFolder folder;
    std::string path = folder.write("model.ckpt", saved_slices_bytes(sample(), {.snappy = snappy}));
    auto file = open_any(path);
    EXPECT_EQ(file->format(), WeightFormat::kTensorFlowV1);
    WeightMap all = load_weights(*file, Selection::kEverything);
    for (const auto& [name, tensor] : sample()) EXPECT_EQ(all.at(name), tensor) << name;
    EXPECT_EQ(load_weights(path).size(), 6u);
  }
}

TEST(SavedSlices, EveryFlippedByteAndTruncationIsAnError) {
  for (bool snappy : {false, true}) {
    ScratchFolder folder;
    flip_every_byte(
        saved_slices_bytes(sample(), {.snappy = snappy}),
        [&](const std::string& variant) { folder.write("model", variant); },
        [&] { load_weights(folder.path("model")); }, [] { return false; });
  }
}

TEST(SavedSlices, DamageBehindTheChecksumsNeverCrashes) {
  saved_slices_bytes(sample());
  const size_t total = last_contents_bytes();
  ScratchFolder folder;
  for (size_t i = 0; i < total; ++i) {
    folder.write("model", saved_slices_bytes(sample(), {.damaged_byte = i}));
    AllocationLimit limit(16u << 20);
    EXPECT_NO_FATAL_FAILURE(message_of([&] { load_weights(folder.path("model"), {}, Selection::kEverything); }));
  }
}

TEST(SavedSlices, RefusesPartitionedVariables) {
  ScratchFolder folder;
  folder.write("model", saved_slices_bytes(sample(), {}, "RNN/cell/Matrix"));
  std::string message = message_of([&] { load_weights(folder.path("model")); });
  EXPECT_NE(message.find("tensor 'RNN/cell/Matrix' of "), std::string::npos) << message;
  EXPECT_NE(message.find("partitioned variable"), std::string::npos) << message;
}

}  // namespace
}  // namespace rondo::importers
