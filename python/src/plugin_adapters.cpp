// reason: one adapter per class of plugin that Python may derive from; they share how calls cross.
// Plugins written in Python, as C++ sees them. An adapter holds the Python object and calls its methods with the GIL.
// What a method raises is reported with its traceback; IPluginV2DynamicExt hands the text on as an exception, which the
// engine makes part of its own message, IPluginV3 can only hand on a status.
#include <algorithm>

#include "plugins.h"

namespace rondo::python {
namespace {

int32_t status_of(nb::handle result) { return result.is_none() ? 0 : nb::cast<int32_t>(result); }

template <class T>
nb::list list_of(T const* items, int32_t count) {
  nb::list all;
  for (int32_t i = 0; i < count; ++i) all.append(nb::cast(items[i]));
  return all;
}

nb::list addresses(void const* const* from, int32_t count) {
  nb::list all;
  for (int32_t i = 0; i < count; ++i) all.append(nb::int_(reinterpret_cast<uintptr_t>(from[i])));
  return all;
}

nb::object integer_of(void const* address) { return nb::int_(reinterpret_cast<uintptr_t>(address)); }

/// The text of an attribute, kept so that C++ may hold on to it.
char const* keep_text(const Held& object, const char* attribute, std::string& text) {
  text = throwing_callback(attribute, [&] { return nb::cast<std::string>(object.attr(attribute)); });
  return text.c_str();
}

class PythonV2 final : public IPluginV2DynamicExt {
 public:
  explicit PythonV2(nb::object object) : object_(std::move(object)) {}
  nb::handle object() const { return object_.get(); }

  int32_t getTensorRTVersion() const override {
    return (static_cast<int32_t>(PluginVersion::kV2_DYNAMICEXT_PYTHON) << 24) | kFACE_VERSION;
  }
  char const* getPluginType() const override { return keep_text(object_, "plugin_type", type_); }
  char const* getPluginVersion() const override { return keep_text(object_, "plugin_version", version_); }
  char const* getPluginNamespace() const override { return keep_text(object_, "plugin_namespace", namespace_); }
  void setPluginNamespace(char const* name) override {
    throwing_callback("plugin_namespace", [&] { nb::setattr(object(), "plugin_namespace", nb::str(name)); });
  }
  int32_t getNbOutputs() const override {
    return throwing_callback("num_outputs", [&] { return nb::cast<int32_t>(object_.attr("num_outputs")); });
  }
  DimsExprs getOutputDimensions(int32_t output, DimsExprs const* in, int32_t count, IExprBuilder& builder) override {
    return throwing_callback("get_output_dimensions", [&] {
      nb::object b = nb::cast(&builder, nb::rv_policy::reference);
      return nb::cast<DimsExprs>(object_.attr("get_output_dimensions")(output, list_of(in, count), b));
    });
  }
  DataType getOutputDataType(int32_t index, DataType const* types, int32_t count) const override {
    return throwing_callback("get_output_datatype", [&] {
      return nb::cast<DataType>(object_.attr("get_output_datatype")(index, list_of(types, count)));
    });
  }
  bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* d, int32_t inputs, int32_t outputs) override {
    return throwing_callback("supports_format_combination", [&] {
      return nb::cast<bool>(object_.attr("supports_format_combination")(pos, list_of(d, inputs + outputs), inputs));
    });
  }
  void configurePlugin(DynamicPluginTensorDesc const* in, int32_t inputs, DynamicPluginTensorDesc const* out,
                       int32_t outputs) override {
    inputs_ = inputs;
    outputs_ = outputs;
    throwing_callback("configure_plugin",
                      [&] { object_.attr("configure_plugin")(list_of(in, inputs), list_of(out, outputs)); });
  }
  size_t getWorkspaceSize(PluginTensorDesc const* in, int32_t inputs, PluginTensorDesc const* out,
                          int32_t outputs) const override {
    return throwing_callback("get_workspace_size", [&] {
      return nb::cast<size_t>(object_.attr("get_workspace_size")(list_of(in, inputs), list_of(out, outputs)));
    });
  }
  int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* inputs,
                  void* const* outputs, void* workspace, cudaStream_t stream) override {
    return throwing_callback("enqueue", [&] {
      return status_of(object_.attr("enqueue")(list_of(in, inputs_), list_of(out, outputs_), addresses(inputs, inputs_),
                                               addresses(outputs, outputs_), integer_of(workspace),
                                               integer_of(stream)));
    });
  }
  int32_t initialize() override {
    return throwing_callback("initialize", [&] { return status_of(object_.attr("initialize")()); });
  }
  void terminate() override {
    throwing_callback("terminate", [&] { object_.attr("terminate")(); });
  }
  size_t getSerializationSize() const override { return bytes().size(); }
  void serialize(void* to) const override {
    const std::string all = bytes();
    std::copy(all.begin(), all.end(), static_cast<char*>(to));
  }
  void destroy() override {
    guarded_callback([&] { object_.attr("destroy")(); });
    delete this;
  }
  IPluginV2DynamicExt* clone() const override {
    return throwing_callback("clone", [&] {
      nb::object other = object_.attr("clone")();
      require_base(other, "IPluginV2DynamicExt");
      auto* made = new PythonV2(std::move(other));
      made->inputs_ = inputs_;
      made->outputs_ = outputs_;
      return made;
    });
  }

 private:
  std::string bytes() const {
    return throwing_callback("serialize", [&] {
      nb::object all = nb::module_::import_("builtins").attr("bytes")(object_.attr("serialize")());
      const auto text = nb::cast<nb::bytes>(all);
      return std::string(text.c_str(), text.size());
    });
  }

  Held object_;
  int32_t inputs_ = 0, outputs_ = 0;
  mutable std::string type_, version_, namespace_;
};

/// One adapter is all capabilities; each asks the Python object that get_capability_interface returns for its kind.
class PythonV3 final : public IPluginV3,
                       public IPluginV3OneCore,
                       public IPluginV3OneBuildV2,
                       public IPluginV3OneRuntime {
 public:
  explicit PythonV3(nb::object object) : object_(std::move(object)) {}
  nb::handle object() const { return object_.get(); }

  IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
    const bool has = guarded_callback(false, [&] { return !part(type).is_none(); });
    if (!has) return nullptr;
    if (type == PluginCapabilityType::kBUILD) return static_cast<IPluginV3OneBuild*>(this);
    if (type == PluginCapabilityType::kRUNTIME) return static_cast<IPluginV3OneRuntime*>(this);
    return static_cast<IPluginV3OneCore*>(this);
  }
  PythonV3* clone() noexcept override {
    return adapt("clone", [&] { return object_.attr("clone")(); });
  }

  char const* getPluginName() const noexcept override { return core_text("plugin_name", name_); }
  char const* getPluginVersion() const noexcept override { return core_text("plugin_version", version_); }
  char const* getPluginNamespace() const noexcept override { return core_text("plugin_namespace", namespace_); }

  int32_t getNbOutputs() const noexcept override {
    return guarded_callback(0, [&] { return nb::cast<int32_t>(build().attr("num_outputs")); });
  }
  int32_t configurePlugin(DynamicPluginTensorDesc const* in, int32_t inputs, DynamicPluginTensorDesc const* out,
                          int32_t outputs) noexcept override {
    return guarded_callback(
        1, [&] { return status_of(build().attr("configure_plugin")(list_of(in, inputs), list_of(out, outputs))); });
  }
  int32_t getOutputDataTypes(DataType* out, int32_t outputs, DataType const* in,
                             int32_t inputs) const noexcept override {
    return guarded_callback(1, [&] {
      nb::object types = build().attr("get_output_data_types")(list_of(in, inputs));
      for (int32_t i = 0; i < outputs; ++i) out[i] = nb::cast<DataType>(types[i]);
      return 0;
    });
  }
  int32_t getOutputShapes(DimsExprs const* in, int32_t inputs, DimsExprs const* shapes, int32_t shape_inputs,
                          DimsExprs* out, int32_t outputs, IExprBuilder& builder) noexcept override {
    return guarded_callback(1, [&] {
      nb::object b = nb::cast(&builder, nb::rv_policy::reference);
      nb::object all = build().attr("get_output_shapes")(list_of(in, inputs), list_of(shapes, shape_inputs), b);
      for (int32_t i = 0; i < outputs; ++i) out[i] = nb::cast<DimsExprs>(all[i]);
      return 0;
    });
  }
  bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* d, int32_t inputs,
                                 int32_t outputs) noexcept override {
    return guarded_callback(false, [&] {
      return nb::cast<bool>(build().attr("supports_format_combination")(pos, list_of(d, inputs + outputs), inputs));
    });
  }
  size_t getWorkspaceSize(DynamicPluginTensorDesc const* in, int32_t inputs, DynamicPluginTensorDesc const* out,
                          int32_t outputs) const noexcept override {
    return guarded_callback(size_t{0}, [&] {
      return nb::cast<size_t>(build().attr("get_workspace_size")(list_of(in, inputs), list_of(out, outputs)));
    });
  }
  int32_t getNbTactics() noexcept override {
    return guarded_callback(0, [&] { return static_cast<int32_t>(nb::len(build().attr("get_valid_tactics")())); });
  }
  int32_t getValidTactics(int32_t* tactics, int32_t count) noexcept override {
    return guarded_callback(1, [&] {
      nb::object all = build().attr("get_valid_tactics")();
      for (int32_t i = 0; i < count; ++i) tactics[i] = nb::cast<int32_t>(all[i]);
      return 0;
    });
  }
  int32_t getFormatCombinationLimit() noexcept override {
    return guarded_callback(kDEFAULT_FORMAT_COMBINATION_LIMIT,
                            [&] { return nb::cast<int32_t>(build().attr("format_combination_limit")); });
  }
  int32_t getAliasedInput(int32_t output) noexcept override {
    return guarded_callback(-1, [&] {
      nb::object own = build();
      return nb::hasattr(own, "get_aliased_input") ? nb::cast<int32_t>(own.attr("get_aliased_input")(output)) : -1;
    });
  }

  int32_t setTactic(int32_t tactic) noexcept override {
    return guarded_callback(1, [&] { return status_of(run().attr("set_tactic")(tactic)); });
  }
  int32_t onShapeChange(PluginTensorDesc const* in, int32_t inputs, PluginTensorDesc const* out,
                        int32_t outputs) noexcept override {
    inputs_ = inputs;
    outputs_ = outputs;
    return guarded_callback(
        1, [&] { return status_of(run().attr("on_shape_change")(list_of(in, inputs), list_of(out, outputs))); });
  }
  int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* inputs,
                  void* const* outputs, void* workspace, cudaStream_t stream) noexcept override {
    return guarded_callback(1, [&] {
      return status_of(run().attr("enqueue")(list_of(in, inputs_), list_of(out, outputs_), addresses(inputs, inputs_),
                                             addresses(outputs, outputs_), integer_of(workspace), integer_of(stream)));
    });
  }
  IPluginV3* attachToContext(IPluginResourceContext*) noexcept override {
    return adapt("attach_to_context", [&] { return run().attr("attach_to_context")(nb::none()); });
  }
  PluginFieldCollection const* getFieldsToSerialize() noexcept override {
    return guarded_callback<PluginFieldCollection const*>(nullptr, [&] {
      fields_ = std::make_unique<FieldList>(run().attr("get_fields_to_serialize")());
      return fields_->collection();
    });
  }

 private:
  nb::object part(PluginCapabilityType type) const { return object_.attr("get_capability_interface")(type); }
  nb::object build() const { return part(PluginCapabilityType::kBUILD); }
  nb::object run() const { return part(PluginCapabilityType::kRUNTIME); }

  char const* core_text(const char* attribute, std::string& text) const {
    return guarded_callback<char const*>(nullptr, [&] {
      text = nb::cast<std::string>(part(PluginCapabilityType::kCORE).attr(attribute));
      return text.c_str();
    });
  }
  template <class Make>
  static PythonV3* adapt(const char*, Make make) noexcept {
    return guarded_callback<PythonV3*>(nullptr, [&]() -> PythonV3* {
      nb::object other = make();
      if (other.is_none()) return nullptr;
      require_base(other, "IPluginV3");
      return new PythonV3(std::move(other));
    });
  }

  Held object_;
  int32_t inputs_ = 0, outputs_ = 0;
  mutable std::string name_, version_, namespace_;
  std::unique_ptr<FieldList> fields_;
};

}  // namespace

Held::~Held() {
  if (!object_.is_valid()) return;
  if (Py_IsInitialized() == 0) {
    object_.release();  // nothing is left to free it
    return;
  }
  nb::gil_scoped_acquire gil;
  object_.reset();
}

void require_base(nb::handle object, const char* base) {
  nb::object cls = nb::module_::import_("rondo._plugins").attr(base);
  const std::string name = nb::cast<std::string>(object.type().attr("__name__"));
  const int derived = PyObject_IsInstance(object.ptr(), cls.ptr());
  if (derived != 1) throw nb::type_error((name + " does not derive from " + base).c_str());
  if (!nb::hasattr(object, "_base_is_ready")) {
    throw nb::type_error((name + ".__init__() must call " + base + ".__init__(self)").c_str());
  }
}

IPluginV2* plugin_v2_of(nb::handle plugin) {
  if (nb::isinstance<IPluginV2>(plugin)) return nb::cast<IPluginV2&>(plugin).clone();
  require_base(plugin, "IPluginV2DynamicExt");
  return new PythonV2(nb::borrow(plugin));
}

IPluginV3* plugin_v3_of(nb::handle plugin) {
  if (nb::isinstance<::rondo::IPluginV3>(plugin)) return nb::cast<::rondo::IPluginV3&>(plugin).clone();
  require_base(plugin, "IPluginV3");
  return new PythonV3(nb::borrow(plugin));
}

nb::object plugin_object(IPluginV2& plugin, nb::handle owner) {
  if (auto* own = dynamic_cast<PythonV2*>(&plugin)) return nb::borrow(own->object());
  nb::object result = nb::cast(&plugin, nb::rv_policy::reference);
  nb::detail::keep_alive(result.ptr(), owner.ptr());
  return result;
}

nb::object plugin_object(IPluginV3& plugin, nb::handle owner) {
  if (auto* own = dynamic_cast<PythonV3*>(&plugin)) return nb::borrow(own->object());
  nb::object result = nb::cast(&plugin, nb::rv_policy::reference);
  nb::detail::keep_alive(result.ptr(), owner.ptr());
  return result;
}

}  // namespace rondo::python
