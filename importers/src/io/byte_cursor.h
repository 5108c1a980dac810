#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rondo/importers/tensor.h"

namespace rondo::importers {

/// Throws ImportError with the joined parts.
template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  std::string message;
  auto append = [&message](const auto& part) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(part)>>) {
      message += std::to_string(part);
    } else {
      message += part;
    }
  };
  (append(parts), ...);
  throw ImportError(message);
}

/// The name in quotes, with control characters and bytes that are no ASCII as \xNN, and cut after 200 bytes.
std::string in_quotes(std::string_view name);

/// Adds or multiplies sizes. Errors: ImportError naming `what` when the exact value does not fit 64 bits.
uint64_t add_sizes(uint64_t a, uint64_t b, std::string_view what);
uint64_t multiply_sizes(uint64_t a, uint64_t b, std::string_view what);

/// Walks over bytes that it does not own, little-endian. Every step is checked: past the end is an ImportError naming `what`.
class ByteCursor {
 public:
  /// `what` must outlive the cursor.
  ByteCursor(std::string_view bytes, const std::string& what) : bytes_(bytes), what_(what) {}

  bool at_end() const { return at_ == bytes_.size(); }
  size_t position() const { return at_; }
  size_t left() const { return bytes_.size() - at_; }

  std::string_view take(uint64_t count);
  uint8_t u8() { return static_cast<uint8_t>(take(1)[0]); }
  uint16_t u16() { return static_cast<uint16_t>(fixed(2)); }
  uint32_t u32() { return static_cast<uint32_t>(fixed(4)); }
  uint64_t u64() { return fixed(8); }

  /// Base-128 number of at most 10 bytes that fits 64 bits, or 32.
  uint64_t varint64();
  uint32_t varint32();

 private:
  uint64_t fixed(int count);

  std::string_view bytes_;
  const std::string& what_;
  size_t at_ = 0;
};

}  // namespace rondo::importers
