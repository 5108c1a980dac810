#include "model/names.h"

#include <cstdint>

#include "model/import_error.h"

namespace rondo::onnx {
namespace {

/// Bytes of the character that a text begins with; 0 if they are no UTF-8 (a surrogate, a longer form than needed).
size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return 1;
  const size_t bytes = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) return 0;
  uint32_t code = lead & (0xffU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0U) != 0x80U) return 0;
    code = code << 6U | (next & 0x3fU);
  }
  const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  return too_long || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : bytes;
}

}  // namespace

void check_name(std::string_view name) {
  for (size_t at = 0; at < name.size();) {
    const size_t bytes = name[at] == '\0' ? 0 : character_bytes(name.substr(at));
    if (bytes == 0) throw ImportError(ErrorCode::kINVALID_GRAPH, text("the name '", printable(name), "' is not UTF-8"));
    at += bytes;
  }
}

std::string printable(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<uint8_t>(text[at]);
    const size_t bytes = byte < 0x20 || byte == 0x7f ? 0 : character_bytes(text.substr(at));
    if (bytes > 0) {
      out += text.substr(at, bytes);
    } else {
      out += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
    at += bytes > 0 ? bytes : 1;
  }
  return out;
}

}  // namespace rondo::onnx
