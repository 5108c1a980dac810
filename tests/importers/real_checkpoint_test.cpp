// A checkpoint that TensorFlow itself has written: RONDO_TEST_DATA/char-rnn/model-70280, of
// crazydonkey200/tensorflow-char-rnn.
#include <gtest/gtest.h>

#include <cstdlib>

#include "importers/files.h"
#include "rondo/importers/cell_weights.h"

namespace rondo::importers {
namespace {

std::string prefix() {
  const char* folder = std::getenv("RONDO_TEST_DATA");
  return folder ? std::string(folder) + "/char-rnn/model-70280" : "";
}

TEST(RealCheckpoint, ListsVerifiesAndReads) {
  if (prefix().empty()) GTEST_SKIP() << "RONDO_TEST_DATA is not set";
  auto file = open_any(prefix());
  EXPECT_EQ(file->entries().size(), 27u);
  for (size_t i = 0; i < file->entries().size(); ++i) EXPECT_NO_THROW(file->verify(i));
  WeightMap weights = load_weights(*file);
  ASSERT_EQ(weights.size(), 6u);
  const std::string cell = "rnn/multi_rnn_cell/cell_";
  EXPECT_EQ(weights.at(cell + "0/basic_lstm_cell/weights").dims, (std::vector<int64_t>{193, 512}));
  EXPECT_EQ(weights.at(cell + "0/basic_lstm_cell/biases").dims, (std::vector<int64_t>{512}));
  EXPECT_EQ(weights.at(cell + "1/basic_lstm_cell/weights").dims, (std::vector<int64_t>{256, 512}));
  EXPECT_EQ(weights.at("softmax/softmax_w").dims, (std::vector<int64_t>{128, 65}));
  EXPECT_EQ(weights.at("softmax/softmax_b").dims, (std::vector<int64_t>{65}));
  CellWeights first =
      read_cell(Framework::kTensorFlow, CellKind::kLstm, weights, {.prefix = cell + "0/basic_lstm_cell/"});
  EXPECT_EQ(first.input, 65);
  EXPECT_EQ(first.hidden, 128);
}

TEST(RealCheckpoint, DamageInEitherFileIsAnError) {
  if (prefix().empty()) GTEST_SKIP() << "RONDO_TEST_DATA is not set";
  const std::string index = read_bytes(prefix() + ".index"), data = read_bytes(prefix() + ".data-00000-of-00001");
  ScratchFolder folder;
  folder.write("m.data-00000-of-00001", data);
  for (size_t i = 0; i < index.size(); ++i) {
    std::string damaged = index;
    damaged[i] ^= 0x20;
    folder.write("m.index", damaged);
    EXPECT_NE(message_of([&] { load_weights(folder.path("m")); }), "") << i;
  }
  folder.write("m.index", index);
  for (size_t i = 0; i < data.size(); i += 97'001) {
    std::string damaged = data;
    damaged[i] ^= 1;
    folder.write("m.data-00000-of-00001", damaged);
    EXPECT_NE(message_of([&] { load_weights(folder.path("m")); }).find("tensor '"), std::string::npos) << i;
  }
}

}  // namespace
}  // namespace rondo::importers
