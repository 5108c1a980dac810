#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rondo/plugin.h"

namespace rondo::plugin {

/// Bytes of `length` elements of a field type; two 4-bit elements share a byte.
size_t field_bytes(PluginFieldType type, int64_t length);

/// Writes a collection as bytes: names, types, lengths and data.
/// Errors    kInvalidArgument naming `who` for a null name, an unknown type, a negative length, or data missing
std::string encode_fields(const PluginFieldCollection& fields, const std::string& who);

/// A collection read back, with memory of its own.
class DecodedFields {
 public:
  /// Errors    kInvalidArgument naming `who` unless `bytes` is what encode_fields writes: plans may be hostile
  DecodedFields(const std::string& bytes, const std::string& who);
  const PluginFieldCollection& collection() const { return collection_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<std::max_align_t[]>> data_;
  std::vector<PluginField> fields_;
  PluginFieldCollection collection_{0, nullptr};
};

}  // namespace rondo::plugin
