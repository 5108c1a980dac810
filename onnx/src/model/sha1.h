/// SHA-1 (FIPS 180-4), which the ONNX format uses for checksums of external data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rondo::onnx {

/// Digests bytes as they come.
class Sha1 {
 public:
  /// Takes the next bytes.
  void add(char const* data, size_t bytes);

  /// Ends the message; forty lower-case digits. The object is good for nothing afterwards.
  std::string hex();

 private:
  void take_block();

  std::array<uint32_t, 5> state_{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U, 0xc3d2e1f0U};
  std::array<uint8_t, 64> block_{};
  size_t filled_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace rondo::onnx
