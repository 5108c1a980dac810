#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/byte_cursor.h"

namespace rondo::importers {

/// One field of a protocol buffer message, as it lies on the wire.
struct WireField {
  enum class Kind { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  uint32_t number = 0;
  Kind kind = Kind::kVarint;
  uint64_t value = 0;      ///< of kVarint, kFixed64, kFixed32
  std::string_view bytes;  ///< of kBytes: text, a message or packed values; points into the message

  /// The values, after checking that the field is of that kind. Errors: ImportError naming `what`.
  int64_t integer(const std::string& what) const;
  std::string_view contents(const std::string& what) const;
  uint32_t fixed32(const std::string& what) const;
};

/// Reads the fields of a message one after the other. Fields a caller does not know it skips by ignoring them.
class WireReader {
 public:
  /// `message` and `what` must outlive the reader.
  WireReader(std::string_view message, const std::string& what) : cursor_(message, what), what_(what) {}

  /// The next field, or none at the end.
  std::optional<WireField> next();

 private:
  ByteCursor cursor_;
  const std::string& what_;
};

}  // namespace rondo::importers
