// Philox 4x32-10: ten rounds of two multiplications turn (counter, key) into four random words. Nothing is carried from
// one block to the next, so eight blocks are computed side by side in lanes, any range of elements starts anywhere, and
// the numbers do not depend on how many threads make them.
#include "kernels/cpu/structured/random.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace rondo::kernels {

namespace {

constexpr int kLanes = 8;
constexpr int64_t kBatch = 4 * kLanes;  ///< elements of eight blocks
static_assert(kRandomUnit % kBatch == 0);

struct Blocks {
  uint32_t word[4][kLanes];
};

/// Blocks block .. block + kLanes - 1.
void philox(uint64_t seed, uint64_t stream, uint64_t block, Blocks* out) {
  uint32_t(&c)[4][kLanes] = out->word;
  for (int l = 0; l < kLanes; ++l) {
    const uint64_t counter = block + static_cast<uint64_t>(l);
    c[0][l] = static_cast<uint32_t>(counter);
    c[1][l] = static_cast<uint32_t>(counter >> 32);
    c[2][l] = static_cast<uint32_t>(stream);
    c[3][l] = static_cast<uint32_t>(stream >> 32);
  }
  auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    for (int l = 0; l < kLanes; ++l) {
      const uint64_t a = uint64_t{0xD2511F53} * c[0][l], b = uint64_t{0xCD9E8D57} * c[2][l];
      c[0][l] = static_cast<uint32_t>(b >> 32) ^ c[1][l] ^ k0;
      c[1][l] = static_cast<uint32_t>(b);
      c[2][l] = static_cast<uint32_t>(a >> 32) ^ c[3][l] ^ k1;
      c[3][l] = static_cast<uint32_t>(a);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

void to_uniform(const Blocks& blocks, float* out) {
  for (int l = 0; l < kLanes; ++l) {
    for (int j = 0; j < 4; ++j) out[4 * l + j] = static_cast<float>(blocks.word[j][l] >> 8) * 0x1p-24F;
  }
}

void to_normal(const Blocks& blocks, float* out) {
  for (int l = 0; l < kLanes; ++l) {
    for (int j = 0; j < 4; j += 2) {
      const double radius = std::sqrt(-2 * std::log(((blocks.word[j][l] >> 8) + 1) * 0x1p-24));
      const double angle = 2 * std::numbers::pi * ((blocks.word[j + 1][l] >> 8) * 0x1p-24);
      out[4 * l + j] = static_cast<float>(radius * std::cos(angle));
      out[4 * l + j + 1] = static_cast<float>(radius * std::sin(angle));
    }
  }
}

int64_t volume(const RandomShape& shape) {
  int64_t result = 1;
  for (int i = 0; i < shape.rank; ++i) result *= shape.dims[i];
  return result;
}

bool is_dense(const RandomShape& shape, const Strided& y) {
  int64_t stride = sizeof(float);
  for (int i = shape.rank - 1; i >= 0; --i) {
    if (shape.dims[i] > 1 && y.strides[i] != stride) return false;
    stride *= shape.dims[i];
  }
  return true;
}

}  // namespace

int64_t random_units(const RandomShape& shape) { return (volume(shape) + kRandomUnit - 1) / kRandomUnit; }

void random(const RandomShape& shape, uint64_t stream, const Strided& y, int64_t first, int64_t last) {
  if (first >= last) return;
  const int64_t end = std::min(last * kRandomUnit, volume(shape));
  const bool dense = is_dense(shape, y);
  Odometer<1> walk;
  for (int i = 0; i < shape.rank; ++i) walk.add(shape.dims[i], y.strides[i]);
  walk.seek(first * kRandomUnit);
  for (int64_t at = first * kRandomUnit; at < end; at += kBatch) {
    Blocks blocks;
    float numbers[kBatch];
    philox(shape.seed, stream, static_cast<uint64_t>(at / 4), &blocks);
    shape.distribution == Distribution::kUniform ? to_uniform(blocks, numbers) : to_normal(blocks, numbers);
    const int64_t count = std::min(kBatch, end - at);
    if (dense) {
      std::memcpy(y.data + at * static_cast<int64_t>(sizeof(float)), numbers,
                  static_cast<size_t>(count) * sizeof(float));
      continue;
    }
    for (int64_t i = 0; i < count; ++i, walk.next()) std::memcpy(y.data + walk.offset[0], numbers + i, sizeof(float));
  }
}

}  // namespace rondo::kernels
