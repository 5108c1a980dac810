#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binding.h"

namespace rondo::python {

/// A PluginField with memory of its own.
struct OwnField {
  std::string name;
  std::vector<char> bytes;
  PluginFieldType type = PluginFieldType::kUNKNOWN;
  int32_t length = 0;  ///< elements
};

/// Python's fields as a collection that C++ plugins can read.
class FieldList {
 public:
  FieldList() = default;
  /// Takes None or an iterable of PluginField. Raises TypeError for anything else
  explicit FieldList(nb::handle fields);
  PluginFieldCollection const* collection() const { return &collection_; }

 private:
  std::vector<OwnField> own_;
  std::vector<PluginField> views_;
  PluginFieldCollection collection_{0, nullptr};
};

/// A PluginFieldCollection of Python with copies of the fields.
nb::object fields_object(PluginFieldCollection const* fields);

void bind_plugin_values(nb::module_& m);
void bind_plugin_registry(nb::module_& m);

/// A C++ plugin for a plugin of Python, or of C++ behind it: a new one that the caller ends with destroy().
/// Raises TypeError unless the object is an IPluginV2, or derives from IPluginV2DynamicExt and called its __init__
IPluginV2* plugin_v2_of(nb::handle plugin);
/// The same for IPluginV3; the caller ends it with delete.
IPluginV3* plugin_v3_of(nb::handle plugin);
/// The Python object of a plugin: the one that it was made of, or a reference to one of C++ that `owner` keeps.
nb::object plugin_object(IPluginV2& plugin, nb::handle owner);
nb::object plugin_object(IPluginV3& plugin, nb::handle owner);

/// The registry as Python sees it. None for null.
nb::object registry_object(IPluginRegistry* registry, nb::handle owner);

/// Holds a Python object that C++ may drop on any thread, with or without the GIL, and after the interpreter has ended.
class __attribute__((visibility("hidden"))) Held {
 public:
  explicit Held(nb::object object) : object_(std::move(object)) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held();
  nb::handle get() const { return object_; }
  nb::object attr(const char* name) const { return object_.attr(name); }

 private:
  nb::object object_;
};

/// Raises TypeError unless the object derives from the Python base class `base` and has run its __init__.
void require_base(nb::handle object, const char* base);

}  // namespace rondo::python
