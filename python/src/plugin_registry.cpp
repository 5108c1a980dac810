// reason: creators cross in both directions, and the registry is where they meet.
// Creators and their registry. A creator written in Python is registered by an adapter that lives until it is taken
// out; one of C++ is shown by a small class of its own. Which is which is seen from the adapter's class.
#include <map>

#include "plugins.h"

namespace rondo::python {
namespace {

/// A registry of C++, under one Python class whoever owns it.
struct RegistryView {
  IPluginRegistry* registry;
};

char const* keep(const Held& object, const char* attribute, std::string& text) {
  return guarded_callback<char const*>(nullptr, [&] {
    text = nb::cast<std::string>(object.attr(attribute));
    return text.c_str();
  });
}

/// A plugin that a creator of Python returned; null with a report for anything else.
template <class Result, class Make, class Convert>
Result* created(Make make, Convert convert) {
  return guarded_callback<Result*>(nullptr, [&]() -> Result* {
    nb::object plugin = make();
    return plugin.is_none() ? nullptr : convert(plugin);
  });
}

class PythonCreator final : public IPluginCreator {
 public:
  explicit PythonCreator(nb::object object) : object_(std::move(object)) {}
  nb::handle object() const { return object_.get(); }
  char const* getPluginName() const override { return keep(object_, "name", name_); }
  char const* getPluginVersion() const override { return keep(object_, "plugin_version", version_); }
  char const* getPluginNamespace() const override { return keep(object_, "plugin_namespace", namespace_); }
  void setPluginNamespace(char const* name) override {
    guarded_callback([&] { nb::setattr(object(), "plugin_namespace", nb::str(name)); });
  }
  PluginFieldCollection const* getFieldNames() override {
    return guarded_callback<PluginFieldCollection const*>(nullptr, [&] {
      fields_ = std::make_unique<FieldList>(object_.attr("field_names"));
      return fields_->collection();
    });
  }
  IPluginV2* createPlugin(char const* name, PluginFieldCollection const* fc) override {
    return created<IPluginV2>([&] { return object_.attr("create_plugin")(name, fields_object(fc)); }, plugin_v2_of);
  }
  IPluginV2* deserializePlugin(char const* name, void const* data, size_t size) override {
    return created<IPluginV2>([&] { return object_.attr("deserialize_plugin")(name, nb::bytes(data, size)); },
                              plugin_v2_of);
  }

 private:
  Held object_;
  mutable std::string name_, version_, namespace_;
  std::unique_ptr<FieldList> fields_;
};

class PythonCreatorV3 final : public IPluginCreatorV3One {
 public:
  explicit PythonCreatorV3(nb::object object) : object_(std::move(object)) {}
  nb::handle object() const { return object_.get(); }
  char const* getPluginName() const noexcept override { return keep(object_, "name", name_); }
  char const* getPluginVersion() const noexcept override { return keep(object_, "plugin_version", version_); }
  char const* getPluginNamespace() const noexcept override { return keep(object_, "plugin_namespace", namespace_); }
  PluginFieldCollection const* getFieldNames() noexcept override {
    return guarded_callback<PluginFieldCollection const*>(nullptr, [&] {
      fields_ = std::make_unique<FieldList>(object_.attr("field_names"));
      return fields_->collection();
    });
  }
  IPluginV3* createPlugin(char const* name, PluginFieldCollection const* fc, TensorRTPhase phase) noexcept override {
    return created<IPluginV3>([&] { return object_.attr("create_plugin")(name, fields_object(fc), phase); },
                              plugin_v3_of);
  }

 private:
  Held object_;
  mutable std::string name_, version_, namespace_;
  std::unique_ptr<FieldList> fields_;
};

/// Creators of Python that are registered, by their objects. Never freed as a whole: registries outlive the interpreter.
std::map<PyObject*, std::unique_ptr<IPluginCreatorInterface>>& adapters() {
  static auto* const all = new std::map<PyObject*, std::unique_ptr<IPluginCreatorInterface>>();
  return *all;
}

IPluginCreatorInterface& adapter_of(nb::handle creator) {
  if (nb::isinstance<IPluginCreatorInterface>(creator)) return nb::cast<IPluginCreatorInterface&>(creator);
  std::unique_ptr<IPluginCreatorInterface>& own = adapters()[creator.ptr()];
  if (own != nullptr) return *own;
  nb::object v3 = nb::module_::import_("rondo._plugins").attr("IPluginCreatorV3One");
  if (PyObject_IsInstance(creator.ptr(), v3.ptr()) == 1) {
    require_base(creator, "IPluginCreatorV3One");
    own = std::make_unique<PythonCreatorV3>(nb::borrow(creator));
  } else {
    require_base(creator, "IPluginCreator");
    own = std::make_unique<PythonCreator>(nb::borrow(creator));
  }
  return *own;
}

nb::object creator_object(IPluginCreatorInterface* creator) {
  if (creator == nullptr) return nb::none();
  if (auto* v1 = dynamic_cast<PythonCreator*>(creator)) return nb::borrow(v1->object());
  if (auto* v3 = dynamic_cast<PythonCreatorV3*>(creator)) return nb::borrow(v3->object());
  if (std::string(creator->getInterfaceInfo().kind) == "PLUGIN CREATOR_V1") {
    return nb::cast(static_cast<IPluginCreator*>(creator), nb::rv_policy::reference);
  }
  return nb::cast(static_cast<IPluginCreatorV3One*>(creator), nb::rv_policy::reference);
}

template <class Creator>
nb::list creators(Creator* const* list, int32_t count) {
  nb::list all;
  for (int32_t i = 0; i < count; ++i) all.append(creator_object(list[i]));
  return all;
}

/// A plugin that a creator of C++ made, Python's until it drops it.
nb::object owned(IPluginV2* plugin) {
  if (plugin == nullptr) return nb::none();
  nb::object result = nb::cast(plugin, nb::rv_policy::reference);
  nb::capsule ender(plugin, [](void* p) noexcept { static_cast<IPluginV2*>(p)->destroy(); });
  nb::detail::keep_alive(result.ptr(), ender.ptr());
  return result;
}

nb::object owned(IPluginV3* plugin) {
  return plugin == nullptr ? nb::none() : nb::cast(plugin, nb::rv_policy::take_ownership);
}

void bind_plugins(nb::module_& m) {
  using P = IPluginV2;
  const auto serialized = [](P& p) {
    std::string bytes(p.getSerializationSize(), '\0');
    p.serialize(bytes.data());
    return nb::bytes(bytes.data(), bytes.size());
  };
  nb::class_<P>(m, "IPluginV2", "A plugin of C++.")
      .def_prop_ro("plugin_type", &P::getPluginType)
      .def_prop_ro("plugin_version", &P::getPluginVersion)
      .def_prop_rw("plugin_namespace", &P::getPluginNamespace, &P::setPluginNamespace)
      .def_prop_ro("num_outputs", &P::getNbOutputs)
      .def_prop_ro("tensorrt_version", &P::getTensorRTVersion)
      .def_prop_ro("serialization_size", &P::getSerializationSize)
      .def("get_serialization_size", &P::getSerializationSize)
      .def("serialize", serialized)
      .def("initialize", &P::initialize)
      .def("terminate", &P::terminate)
      .def(
          "destroy", [](nb::handle) {}, "Nothing to do: Python ends it.")
      .def("clone", [](P& p) { return owned(p.clone()); });
  nb::class_<IPluginV3>(m, "_PluginV3", "A plugin of C++.")
      .def("clone", [](IPluginV3& p) { return owned(p.clone()); })
      .def(
          "destroy", [](nb::handle) {}, "Nothing to do: Python ends it.");
}

void bind_creators(nb::module_& m) {
  using C = IPluginCreator;
  nb::class_<IPluginCreatorInterface>(m, "_PluginCreatorInterface");
  nb::class_<C, IPluginCreatorInterface>(m, "_PluginCreator", "A creator of C++.")
      .def_prop_ro("name", &C::getPluginName)
      .def_prop_ro("plugin_version", &C::getPluginVersion)
      .def_prop_rw("plugin_namespace", &C::getPluginNamespace, &C::setPluginNamespace)
      .def_prop_ro("tensorrt_version", &C::getTensorRTVersion)
      .def_prop_ro("field_names", [](C& c) { return fields_object(c.getFieldNames()); })
      .def(
          "create_plugin",
          [](C& c, const char* name, nb::handle fields) {
            const FieldList list(fields);
            return owned(c.createPlugin(name, list.collection()));
          },
          "name"_a, "field_collection"_a)
      .def(
          "deserialize_plugin",
          [](C& c, const char* name, nb::bytes data) {
            return owned(c.deserializePlugin(name, data.c_str(), data.size()));
          },
          "name"_a, "serialized_plugin"_a);
  using V = IPluginCreatorV3One;
  nb::class_<V, IPluginCreatorInterface>(m, "_PluginCreatorV3One", "A creator of C++.")
      .def_prop_ro("name", &V::getPluginName)
      .def_prop_ro("plugin_version", &V::getPluginVersion)
      .def_prop_ro("plugin_namespace", &V::getPluginNamespace)
      .def_prop_ro("field_names", [](V& c) { return fields_object(c.getFieldNames()); })
      .def(
          "create_plugin",
          [](V& c, const char* name, nb::handle fields, TensorRTPhase phase) {
            const FieldList list(fields);
            return owned(c.createPlugin(name, list.collection(), phase));
          },
          "name"_a, "field_collection"_a, "phase"_a);
}

class PythonResource final : public IPluginResource {
 public:
  explicit PythonResource(nb::object object) : object_(std::move(object)) {}
  nb::handle object() const { return object_.get(); }
  int32_t release() noexcept override {
    return guarded_callback(-1, [&] {
      nb::object result = object_.attr("release")();
      return result.is_none() ? 0 : nb::cast<int32_t>(result);
    });
  }
  IPluginResource* clone() noexcept override {
    return guarded_callback<IPluginResource*>(nullptr, [&] { return new PythonResource(object_.attr("clone")()); });
  }

 private:
  Held object_;
};

nb::object acquire(const RegistryView& r, const char* key, nb::object resource) {
  PythonResource given(std::move(resource));
  auto* kept = dynamic_cast<PythonResource*>(r.registry->acquirePluginResource(key, &given));
  return kept == nullptr ? nb::none() : nb::borrow(kept->object());
}

void bind_lists(nb::class_<RegistryView>& c) {
  using R = RegistryView;
  c.def_prop_ro("plugin_creator_list",
                [](const R& r) {
                  int32_t count = 0;
                  auto* const* list = r.registry->getPluginCreatorList(&count);
                  return creators(list, count);
                })
      .def_prop_ro("all_creators",
                   [](const R& r) {
                     int32_t count = 0;
                     auto* const* list = r.registry->getAllCreators(&count);
                     return creators(list, count);
                   })
      .def_prop_ro("all_creators_recursive",
                   [](const R& r) {
                     int32_t count = 0;
                     auto* const* list = r.registry->getAllCreatorsRecursive(&count);
                     return creators(list, count);
                   })
      .def(
          "get_plugin_creator",
          [](const R& r, const char* type, const char* version, const char* name_space) {
            return creator_object(r.registry->getPluginCreator(type, version, name_space));
          },
          "type"_a, "version"_a, "plugin_namespace"_a = "")
      .def(
          "get_creator",
          [](const R& r, const char* type, const char* version, const char* name_space) {
            return creator_object(r.registry->getCreator(type, version, name_space));
          },
          "type"_a, "version"_a, "plugin_namespace"_a = "");
}

void bind_registration(nb::class_<RegistryView>& c) {
  using R = RegistryView;
  c.def(
       "register_creator",
       [](const R& r, nb::handle creator, const char* name_space) {
         return r.registry->registerCreator(adapter_of(creator), name_space);
       },
       "creator"_a, "plugin_namespace"_a = "")
      .def(
          "deregister_creator",
          [](const R& r, nb::handle creator) {
            const bool found = r.registry->deregisterCreator(adapter_of(creator));
            if (found) adapters().erase(creator.ptr());
            return found;
          },
          "creator"_a)
      .def(
          "load_library",
          [](const R& r, const char* path) -> nb::object {
            void* handle = nullptr;
            {
              nb::gil_scoped_release released;
              handle = r.registry->loadLibrary(path);
            }
            return handle == nullptr ? nb::none() : nb::object(nb::capsule(handle, "rondo plugin library"));
          },
          "plugin_path"_a)
      .def(
          "deregister_library", [](const R& r, nb::capsule handle) { r.registry->deregisterLibrary(handle.data()); },
          "handle"_a)
      .def_prop_rw(
          "parent_search_enabled", [](const R& r) { return r.registry->isParentSearchEnabled(); },
          [](const R& r, bool on) { r.registry->setParentSearchEnabled(on); })
      .def_prop_rw(
          "error_recorder", [](const R& r) { return r.registry->getErrorRecorder(); },
          [](nb::handle self, IErrorRecorder* recorder) {
            nb::cast<const R&>(self).registry->setErrorRecorder(recorder);
            if (recorder != nullptr) nb::find(recorder).inc_ref();  // a registry may outlive every Python object
          },
          nb::arg("recorder").none())
      .def("acquire_plugin_resource", &acquire, "key"_a, "resource"_a)
      .def(
          "release_plugin_resource", [](const R& r, const char* key) { return r.registry->releasePluginResource(key); },
          "key"_a);
}

}  // namespace

nb::object registry_object(IPluginRegistry* registry, nb::handle owner) {
  if (registry == nullptr) return nb::none();
  nb::object result = nb::cast(RegistryView{registry});
  if (owner.is_valid()) nb::detail::keep_alive(result.ptr(), owner.ptr());
  return result;
}

void bind_plugin_registry(nb::module_& m) {
  bind_plugins(m);
  bind_creators(m);
  nb::class_<RegistryView> registry(m, "IPluginRegistry", "Creators of plugins, by name, version and namespace.");
  bind_lists(registry);
  bind_registration(registry);
  m.def("get_plugin_registry", [] { return registry_object(::getPluginRegistry(), {}); });
  m.def(
      "get_builder_plugin_registry",
      [](EngineCapability capability) { return registry_object(getBuilderPluginRegistry(capability), {}); },
      "engine_capability"_a);
}

}  // namespace rondo::python
