/// PluginFields: the attributes of a node in the form that the creator of a plugin takes.
#pragma once

#include <memory>

#include "import/attributes.h"
#include "model/tensor_data.h"
#include "rondo/plugin.h"

namespace rondo::onnx {

/// Fields made of attributes.
///
/// A field that the creator lists gets the type that is listed: numbers are converted where nothing is lost. Others keep their own:
/// float32 for floats, int32 for integers, kCHAR for strings (a NUL follows the text; several strings stand one after the other, the
/// NULs between them counted), that of its elements for a tensor; doubles in a tensor are float32 first, as everywhere in the parser.
class PluginFields {
 public:
  /// Fields in the order of `listed` (null: nothing is listed), then what it does not list in that of the file; those are kept in
  /// unlisted(). `others` are attributes that are no fields.
  /// Errors    kUNSUPPORTED_NODE_ATTR for graphs, types and lists of tensors; kINVALID_NODE for a number that the listed type cannot hold
  PluginFields(Attributes& attributes, std::span<char const* const> others, PluginFieldCollection const* listed,
               TensorSource const& source);

  PluginFieldCollection collection() const { return {static_cast<int32_t>(fields_.size()), fields_.data()}; }
  std::vector<std::string> const& unlisted() const { return unlisted_; }

 private:
  void add(Attributes& attributes, std::string const& name, PluginFieldType const* type, TensorSource const& source);

  std::vector<std::string> names_;
  std::vector<std::unique_ptr<std::max_align_t[]>> data_;
  std::vector<PluginField> fields_;
  std::vector<std::string> unlisted_;
};

/// "gamma (FLOAT32, 768), eps (FLOAT32, 1)", or "none".
std::string fields_text(PluginFieldCollection const& fields);

}  // namespace rondo::onnx
