// Plugins at run time. One engine holds the plugin that its creator made; each context holds a clone of it. What
// differs between the generations is how the clone is made and told shapes.
#include "plugin/loaded_plugin.h"

#include "plugin/fields.h"
#include "plugin/first_generation.h"
#include "plugin/layer_plugin.h"
#include "plugin/registry.h"

namespace rondo::plugin {
namespace {

using Descs = std::span<const PluginTensorDesc>;

int32_t count(Descs descs) { return static_cast<int32_t>(descs.size()); }

DynamicPluginTensorDesc fixed(const PluginTensorDesc& desc) { return {desc, desc.dims, desc.dims, desc.dims}; }

/// IPluginV2, IPluginV2Ext, IPluginV2IOExt and IPluginV2DynamicExt.
class V2Context final : public ContextPlugin {
 public:
  V2Context(PluginV2Ptr plugin, IGpuAllocator* allocator, std::string who)
      : plugin_(std::move(plugin)), kind_(class_of(*plugin_)), who_(std::move(who)) {
    if (kind_ == PluginVersion::kV2) return;
    ask(who_, "attachToContext",
        [&] { static_cast<IPluginV2Ext&>(*plugin_).attachToContext(nullptr, nullptr, allocator); });
  }
  ~V2Context() override {
    if (kind_ == PluginVersion::kV2) return;
    try {
      static_cast<IPluginV2Ext&>(*plugin_).detachFromContext();
    } catch (...) {
      return;  // the context ends; nobody is left to be told
    }
  }

  size_t configure(Descs in, Descs out) override {
    in_.assign(in.begin(), in.end());
    out_.assign(out.begin(), out.end());
    if (kind_ != PluginVersion::kV2_DYNAMICEXT) return configure_batch();
    std::vector<DynamicPluginTensorDesc> ins, outs;
    for (const PluginTensorDesc& d : in) ins.push_back(fixed(d));
    for (const PluginTensorDesc& d : out) outs.push_back(fixed(d));
    ask(who_, "configurePlugin", [&] { dynamic().configurePlugin(ins.data(), count(in), outs.data(), count(out)); });
    return ask(who_, "getWorkspaceSize",
               [&] { return dynamic().getWorkspaceSize(in_.data(), count(in), out_.data(), count(out)); });
  }

  int32_t enqueue(void const* const* inputs, void* const* outputs, void* workspace, cudaStream_t stream) override {
    if (kind_ != PluginVersion::kV2_DYNAMICEXT) return plugin_->enqueue(batch_, inputs, outputs, workspace, stream);
    return dynamic().enqueue(in_.data(), out_.data(), inputs, outputs, workspace, stream);
  }

 private:
  IPluginV2DynamicExt& dynamic() { return static_cast<IPluginV2DynamicExt&>(*plugin_); }

  size_t configure_batch() {
    int64_t batch = 0;
    for (size_t i = 0; i < in_.size(); ++i) {
      const Dims& dims = in_[i].dims;
      if (dims.nbDims < 1) fail(Code::kInvalidArgument, who_, ": input ", i, " has no batch dimension (plugin C3)");
      if (i > 0 && dims.d[0] != batch) {
        fail(Code::kInvalidArgument, who_, ": inputs have batches of ", batch, " and ", dims.d[0],
             "; dimension 0 is the batch and must be the same in all (plugin C3)");
      }
      batch = dims.d[0];
    }
    if (batch > INT32_MAX) fail(Code::kInvalidArgument, who_, ": a batch of ", batch);
    batch_ = static_cast<int32_t>(batch);
    return ask(who_, "getWorkspaceSize", [&] { return plugin_->getWorkspaceSize(batch_); });
  }

  PluginV2Ptr plugin_;
  PluginVersion kind_;
  std::string who_;
  std::vector<PluginTensorDesc> in_, out_;
  int32_t batch_ = 0;
};

class LoadedV2 final : public LoadedPlugin {
 public:
  LoadedV2(PluginV2Ptr plugin, std::string who) : plugin_(std::move(plugin)), who_(std::move(who)) {
    const int32_t status = ask(who_, "initialize", [&] { return plugin_->initialize(); });
    if (status != 0) fail(Code::kFailedInitialization, who_, ": initialize returned ", status);
  }
  ~LoadedV2() override {
    try {
      plugin_->terminate();
    } catch (...) {
      return;  // the engine ends; nobody is left to be told
    }
  }
  std::unique_ptr<ContextPlugin> attach(IGpuAllocator* allocator, IErrorRecorder*) const override {
    return std::make_unique<V2Context>(clone_of(*plugin_), allocator, who_);
  }

 private:
  PluginV2Ptr plugin_;
  std::string who_;
};

class ResourceContext final : public IPluginResourceContext {
 public:
  ResourceContext(IGpuAllocator* allocator, IErrorRecorder* recorder) : allocator_(allocator), recorder_(recorder) {}
  IGpuAllocator* getGpuAllocator() const noexcept override { return allocator_; }
  IErrorRecorder* getErrorRecorder() const noexcept override { return recorder_; }

 private:
  IGpuAllocator* allocator_;
  IErrorRecorder* recorder_;
};

class V3Context final : public ContextPlugin {
 public:
  V3Context(IPluginV3OneRuntime& from, const Record& record, IGpuAllocator* allocator, IErrorRecorder* recorder,
            const std::string& who)
      : resources_(allocator, recorder), who_(who), workspace_(record.workspace_bytes) {
    plugin_.reset(from.attachToContext(&resources_));
    if (plugin_ == nullptr) fail(Code::kFailedInitialization, who_, ": attachToContext returned null");
    run_ = &capability<IPluginV3OneRuntime>(*plugin_, PluginCapabilityType::kRUNTIME, who_);
    const int32_t status = run_->setTactic(record.tactic);
    if (status != 0) fail(Code::kFailedInitialization, who_, ": setTactic(", record.tactic, ") returned ", status);
  }

  size_t configure(Descs in, Descs out) override {
    in_.assign(in.begin(), in.end());
    out_.assign(out.begin(), out.end());
    const int32_t status = run_->onShapeChange(in_.data(), count(in), out_.data(), count(out));
    if (status != 0) fail(Code::kFailedExecution, who_, ": onShapeChange returned ", status);
    return static_cast<size_t>(workspace_);
  }

  int32_t enqueue(void const* const* inputs, void* const* outputs, void* workspace, cudaStream_t stream) override {
    return run_->enqueue(in_.data(), out_.data(), inputs, outputs, workspace, stream);
  }

 private:
  ResourceContext resources_;
  std::string who_;
  uint64_t workspace_;
  std::unique_ptr<IPluginV3> plugin_;
  IPluginV3OneRuntime* run_ = nullptr;
  std::vector<PluginTensorDesc> in_, out_;
};

class LoadedV3 final : public LoadedPlugin {
 public:
  LoadedV3(std::unique_ptr<IPluginV3> plugin, const Record& record, std::string who)
      : plugin_(std::move(plugin)), record_(record), who_(std::move(who)) {
    run_ = &capability<IPluginV3OneRuntime>(*plugin_, PluginCapabilityType::kRUNTIME, who_);
  }
  std::unique_ptr<ContextPlugin> attach(IGpuAllocator* allocator, IErrorRecorder* recorder) const override {
    return std::make_unique<V3Context>(*run_, record_, allocator, recorder, who_);
  }

 private:
  std::unique_ptr<IPluginV3> plugin_;
  Record record_;
  std::string who_;
  IPluginV3OneRuntime* run_ = nullptr;
};

IPluginCreatorInterface* find(const Record& record, IPluginRegistry& registry) {
  const Identity& id = record.identity;
  return registry.getCreator(id.type.c_str(), id.version.c_str(), id.name_space.c_str());
}

[[noreturn]] void refused(const std::string& who, const char* method) {
  fail(
      Code::kFailedInitialization, who, ": ", method,
      " returned null: its creator does not accept what the plan holds; load the library that the plan was built with");
}

}  // namespace

bool has_creator(const Record& record, IPluginRegistry& registry) {
  return record.generation == 1 || find(record, registry) != nullptr;
}

std::unique_ptr<LoadedPlugin> LoadedPlugin::load(const Record& record, IPluginRegistry& registry,
                                                 IPluginFactory* factory) {
  const std::string who = "plugin " + record.identity.text(), &type = record.identity.type;
  if (record.generation == 1) {
    return std::make_unique<LoadedV2>(PluginV2Ptr(FirstGeneration::load(record, factory)), who);
  }
  IPluginCreatorInterface* creator = find(record, registry);
  if (creator == nullptr) {
    fail(Code::kFailedInitialization, "the plan needs ", who,
         ", and no creator of it is registered; load its library before the plan, by IPluginRegistry::loadLibrary or "
         "dlopen, or register it with REGISTER_TENSORRT_PLUGIN; call initLibNvInferPlugins for the bundled ones");
  }
  if (record.generation == 2 && is_v1(*creator)) {
    PluginV2Ptr plugin(ask(who, "deserializePlugin", [&] {
      return static_cast<IPluginCreator*>(creator)->deserializePlugin(type.c_str(), record.data.data(),
                                                                      record.data.size());
    }));
    if (plugin == nullptr) refused(who, "deserializePlugin");
    return std::make_unique<LoadedV2>(std::move(plugin), who);
  }
  if (record.generation == 3 && is_v3(*creator)) {
    const DecodedFields fields(record.data, who);
    std::unique_ptr<IPluginV3> plugin(static_cast<IPluginCreatorV3One*>(creator)->createPlugin(
        type.c_str(), &fields.collection(), TensorRTPhase::kRUNTIME));
    if (plugin == nullptr) refused(who, "createPlugin");
    return std::make_unique<LoadedV3>(std::move(plugin), record, who);
  }
  fail(Code::kFailedInitialization, who, " of the plan is of generation ", int{record.generation},
       ", its creator of another; register the creator that the plan was built with");
}

}  // namespace rondo::plugin
