#include <cmath>
#include <numbers>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// random([stream]) {shape: Dims, distribution, seed}: f32 numbers that depend on (seed, stream, position) and nothing
// else; stream is a 0-d i64, 0 without the operand. The bits are those of Philox 4x32-10 (Salmon et al., "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011): block b = i / 4 of element i in row-major order has the counter words
// (b, b >> 32, stream, stream >> 32) and the key (seed, seed >> 32), all low word first, and gives w0 .. w3.
//   0 uniform  element 4b + j is (wj >> 8) * 2^-24, in [0, 1)
//   1 normal   Box-Muller of (w0, w1) for elements 0 and 1, of (w2, w3) for 2 and 3: with u = ((w >> 8) + 1) * 2^-24
//   and
//              v = (w' >> 8) * 2^-24, sqrt(-2 ln u) cos(2 pi v) and sqrt(-2 ln u) sin(2 pi v), in double, rounded once
//   C1 there are distributions 0 and 1   C2 no extent negative   C3 stream is a 0-d i64

namespace rondo::ops {
namespace {

struct Block {
  uint32_t word[4];
};

Block philox(uint64_t seed, uint64_t stream, uint64_t block) {
  Block c{{static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), static_cast<uint32_t>(stream),
           static_cast<uint32_t>(stream >> 32)}};
  auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c.word[0], b = uint64_t{0xCD9E8D57} * c.word[2];
    c = {{static_cast<uint32_t>(b >> 32) ^ c.word[1] ^ k0, static_cast<uint32_t>(b),
          static_cast<uint32_t>(a >> 32) ^ c.word[3] ^ k1, static_cast<uint32_t>(a)}};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

double uniform(uint32_t word) { return (word >> 8) * 0x1p-24; }

double normal(const Block& c, size_t j) {
  const double radius = std::sqrt(-2 * std::log(((c.word[j & 2] >> 8) + 1) * 0x1p-24));
  const double angle = 2 * std::numbers::pi * uniform(c.word[(j & 2) + 1]);
  return radius * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const int64_t distribution = in.attrs.integer("distribution");
  if (distribution != 0 && distribution != 1) refuse(in, 1, "there is no distribution ", distribution);
  ir::ValueInfo result{{DType::kFloat32, in.attrs.dims("shape")}, {}};
  for (ir::Dim& dim : result.type.dims) {
    dim = in.dims.resolve(dim);
    if (in.dims.range(dim).max < 0) refuse(in, 2, "extent ", in.dims.to_string(dim), " is negative");
  }
  if (!in.operands.empty() && (in.operands[0].type.rank() != 0 || in.operands[0].type.dtype != DType::kInt64)) {
    refuse(in, 3, "the stream is ", type_text(in.dims, in.operands[0].type), ", a 0-d i64 is needed");
  }
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const auto seed = static_cast<uint64_t>(op.attrs.integer("seed"));
  const uint64_t stream = x.empty() ? 0 : static_cast<uint64_t>(static_cast<int64_t>(x[0].data[0]));
  for (size_t i = 0; i < result.data.size(); ++i) {
    const Block c = philox(seed, stream, i / 4);
    result.data[i] =
        op.attrs.integer("distribution") == 0 ? uniform(c.word[i % 4]) : round_to(DType::kFloat32, normal(c, i % 4));
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_random() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
