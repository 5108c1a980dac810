#include "base/block_hash.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/hash.h"

namespace rondo {
namespace {

std::vector<uint8_t> data_of(size_t size) {
  std::vector<uint8_t> data(size);
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<uint8_t>(i * 31 + (i >> 9));
  return data;
}

TEST(BlockHashTest, IsTheHashOfTheBlocksHashes) {
  const auto data = data_of(2 * kHashBlockBytes + 100);
  const uint64_t sums[] = {hash_bytes(data.data(), kHashBlockBytes),
                           hash_bytes(data.data() + kHashBlockBytes, kHashBlockBytes),
                           hash_bytes(data.data() + 2 * kHashBlockBytes, 100)};
  EXPECT_EQ(hash_blocks(data.data(), data.size()), hash_bytes(sums, sizeof sums));
  EXPECT_EQ(hash_blocks(data.data(), 0), hash_bytes(nullptr, 0));
}

TEST(BlockHashTest, IsTheSameForAnyThreadsAndForCopies) {
  const auto data = data_of(9 * kHashBlockBytes + 7);
  const uint64_t expected = hash_blocks(data.data(), data.size(), 1);
  for (const int threads : {0, 2, 3, 8}) {
    EXPECT_EQ(hash_blocks(data.data(), data.size(), threads), expected);
    std::vector<uint8_t> copy(data.size());
    EXPECT_EQ(copy_hashed(copy.data(), data.data(), data.size(), threads), expected);
    EXPECT_EQ(copy, data);
  }
}

TEST(BlockHashTest, SeesEveryBlock) {
  auto data = data_of(5 * kHashBlockBytes + 3);
  const uint64_t expected = hash_blocks(data.data(), data.size(), 2);
  for (size_t at = 0; at < data.size(); at += kHashBlockBytes / 3) {
    data[at] ^= 1;
    EXPECT_NE(hash_blocks(data.data(), data.size(), 2), expected) << at;
    data[at] ^= 1;
  }
}

}  // namespace
}  // namespace rondo
