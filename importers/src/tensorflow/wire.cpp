#include "tensorflow/wire.h"

namespace rondo::importers {

int64_t WireField::integer(const std::string& what) const {
  if (kind != Kind::kVarint) refuse(what, ": field ", number, " is no integer");
  return static_cast<int64_t>(value);
}

std::string_view WireField::contents(const std::string& what) const {
  if (kind != Kind::kBytes) refuse(what, ": field ", number, " has no contents");
  return bytes;
}

uint32_t WireField::fixed32(const std::string& what) const {
  if (kind != Kind::kFixed32) refuse(what, ": field ", number, " is no 32-bit word");
  return static_cast<uint32_t>(value);
}

std::optional<WireField> WireReader::next() {
  if (cursor_.at_end()) return std::nullopt;
  uint32_t tag = cursor_.varint32();
  WireField field;
  field.number = tag >> 3;
  if (field.number == 0) refuse(what_, ": a field has the number 0");
  field.kind = static_cast<WireField::Kind>(tag & 7);
  switch (field.kind) {
    case WireField::Kind::kVarint:
      field.value = cursor_.varint64();
      break;
    case WireField::Kind::kFixed64:
      field.value = cursor_.u64();
      break;
    case WireField::Kind::kBytes:
      field.bytes = cursor_.take(cursor_.varint64());
      break;
    case WireField::Kind::kFixed32:
      field.value = cursor_.u32();
      break;
    default:
      refuse(what_, ": field ", field.number, " has the unknown wire type ", tag & 7);
  }
  return field;
}

}  // namespace rondo::importers
