#include "io/byte_cursor.h"

#include <cstdio>

namespace rondo::importers {

std::string in_quotes(std::string_view name) {
  constexpr size_t kShown = 200;
  std::string out = "'";
  for (char c : name.substr(0, kShown)) {
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<uint8_t>(c)));
      out += hex;
    }
  }
  return out + (name.size() > kShown ? "...'" : "'");
}

uint64_t add_sizes(uint64_t a, uint64_t b, std::string_view what) {
  uint64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) refuse(what, ": a size does not fit 64 bits");
  return sum;
}

uint64_t multiply_sizes(uint64_t a, uint64_t b, std::string_view what) {
  uint64_t product;
  if (__builtin_mul_overflow(a, b, &product)) refuse(what, ": a size does not fit 64 bits");
  return product;
}

std::string_view ByteCursor::take(uint64_t count) {
  if (count > left()) refuse(what_, ": ends at byte ", bytes_.size(), ", ", count, " bytes expected at ", at_);
  std::string_view taken = bytes_.substr(at_, static_cast<size_t>(count));
  at_ += static_cast<size_t>(count);
  return taken;
}

uint64_t ByteCursor::fixed(int count) {
  std::string_view bytes = take(static_cast<uint64_t>(count));
  uint64_t value = 0;
  for (int i = count; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[static_cast<size_t>(i)]);
  return value;
}

uint64_t ByteCursor::varint64() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint64_t byte = u8();
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  refuse(what_, ": a number before byte ", at_, " does not fit 64 bits");
}

uint32_t ByteCursor::varint32() {
  uint64_t value = varint64();
  if (value > 0xffffffffu) refuse(what_, ": a number before byte ", at_, " does not fit 32 bits");
  return static_cast<uint32_t>(value);
}

}  // namespace rondo::importers
