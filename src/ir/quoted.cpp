#include "ir/quoted.h"

#include <cstdint>

namespace rondo::ir {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_character(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.'; }

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c < 0x20 || c > 0x7e) {
      result += "\\x";
      append_hex(&c, 1, &result);
    } else {
      result += c;
    }
  }
  return result + '"';
}

size_t parse_quoted(std::string_view text, std::string* result) {
  result->clear();
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\n') return 0;
    if (text[i] != '\\') {
      *result += text[i];
      continue;
    }
    if (++i == text.size()) return 0;
    switch (text[i]) {
      case 'n':
        *result += '\n';
        break;
      case 't':
        *result += '\t';
        break;
      case '"':
      case '\\':
        *result += text[i];
        break;
      case 'x': {
        if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return 0;
        *result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
        break;
      }
      default:
        return 0;
    }
  }
  return 0;
}

size_t plain_name_length(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  size_t length = 1;
  while (length < text.size() && is_name_character(text[length])) ++length;
  return length;
}

void append_hex(const void* data, size_t size, std::string* out) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < size; ++i) {
    *out += kHexDigits[bytes[i] >> 4];
    *out += kHexDigits[bytes[i] & 15];
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace rondo::ir
