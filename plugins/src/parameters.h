#pragma once

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "rondo/plugin.h"

namespace rondo::bundled {

/// A parameter that does not fit; creators turn it into null and a message.
class BadParameter : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Constant numbers that clones of a plugin share.
using Numbers = std::shared_ptr<std::vector<float> const>;

/// The fields of a program, read by name.
class Fields {
 public:
  /// Errors    BadParameter for a list that is null and has a length
  explicit Fields(PluginFieldCollection const* collection);

  bool has(char const* name) const { return find(name) != nullptr; }
  /// First element of an integer field, or `instead`.
  int32_t integer(char const* name, int32_t instead) const;
  /// First element of a float field, or `instead`.
  float real(char const* name, float instead) const;
  /// All elements of a float field (kFLOAT32, kFLOAT16, kBF16), none if it is missing.
  Numbers numbers(char const* name) const;
  /// The same; BadParameter if it is missing or empty.
  Numbers required(char const* name) const;

 private:
  PluginField const* find(char const* name) const;
  PluginFieldCollection const* collection_;
};

/// A name and type of a field that a creator lists.
struct FieldName {
  char const* name;
  PluginFieldType type;
};

/// The parameters of a plugin for a plan: as bytes, by their order, or as fields, by their names.
class Writer {
 public:
  Writer() = default;
  Writer(Writer const&) = delete;
  Writer& operator=(Writer const&) = delete;

  /// Names are static text.
  void integer(char const* name, int32_t value);
  void real(char const* name, float value);
  void numbers(char const* name, Numbers const& list);

  std::string bytes() const;
  /// Memory    of the Writer; valid until the next call
  PluginFieldCollection const* fields();

 private:
  struct Parameter {
    char const* name;
    PluginFieldType type;
    int32_t scalar;  ///< bits of an integer or real
    Numbers list;    ///< null for those
  };
  std::deque<Parameter> parameters_;
  std::vector<PluginField> fields_;
  PluginFieldCollection collection_{};
};

/// Parameters from the bytes of a Writer. They may be hostile: BadParameter then.
class Reader {
 public:
  Reader(void const* data, size_t size) : at_(static_cast<char const*>(data)), left_(size) {}
  int32_t integer();
  float real();
  Numbers numbers();
  /// Requires that nothing is left.
  void finish() const;

 private:
  void take(void* to, size_t size);
  char const* at_;
  size_t left_;
};

/// DataType of `type_id`: 0 kFLOAT, 1 kHALF. BadParameter otherwise: quantized forms are not part of this version.
DataType type_of_id(int32_t type_id);

}  // namespace rondo::bundled
