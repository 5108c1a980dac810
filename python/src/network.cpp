// INetworkDefinition, ILoop and IIfConditional. Their add methods are generated; this file has the rest, and the rule
// by which Python objects find their network: it is announced whenever a layer, loop or conditional crosses into
// Python.
#include <nanobind/make_iterator.h>

#include "layer_kinds.h"
#include "network_binding.h"
#include "plugins.h"

namespace rondo::python {

nb::object layer_object(ILayer* layer, nb::handle network) {
  if (layer == nullptr) return nb::none();
  announce_member(layer, network);
  nb::object result = cast_layer(layer);
  nb::detail::keep_alive(result.ptr(), network.ptr());
  return result;
}

INetworkDefinition* owner(ILoop& loop) { return nb::cast<INetworkDefinition*>(network_of(&loop)); }
INetworkDefinition* owner(IIfConditional& conditional) {
  return nb::cast<INetworkDefinition*>(network_of(&conditional));
}

nb::object layer_of(ILayer* layer, INetworkDefinition& from) { return layer_object(layer, nb::find(from)); }
nb::object layer_of(ILayer* layer, ILoop& from) { return layer_object(layer, network_of(&from)); }
nb::object layer_of(ILayer* layer, IIfConditional& from) { return layer_object(layer, network_of(&from)); }

namespace {

template <class T>
nb::object part_of(T* part, nb::handle network) {
  if (part == nullptr) return nb::none();
  announce_member(part, network);
  nb::object result = nb::cast(part, nb::rv_policy::reference);
  nb::detail::keep_alive(result.ptr(), network.ptr());
  return result;
}

nb::typed<nb::object, ITensor> tensor_at(nb::handle self, ITensor* tensor) {
  if (tensor == nullptr) return nb::none();
  nb::object result = nb::cast(tensor, nb::rv_policy::reference);
  nb::detail::keep_alive(result.ptr(), self.ptr());
  return result;
}

/// As in TensorRT a bare ILayer; programs assign __class__.
nb::typed<nb::object, ILayer> layer_at(nb::handle self, int64_t index) {
  auto& network = nb::cast<INetworkDefinition&>(self);
  const int64_t count = network.getNbLayers();
  if (index < 0) index += count;
  if (index < 0 || index >= count) throw nb::index_error("the network has fewer layers");
  ILayer* layer = network.getLayer(static_cast<int32_t>(index));
  announce_member(layer, self);
  return nb::inst_reference(nb::type<ILayer>(), layer, self);
}

void bind_parts(nb::module_& m) {
  nb::class_<ILoop> loop(m, "ILoop", "A loop of a network.");
  loop.def_prop_rw("name", &ILoop::getName, &ILoop::setName);
  bind_adders(loop);
  nb::class_<IIfConditional> conditional(m, "IIfConditional", "A conditional of a network.");
  conditional.def_prop_rw("name", &IIfConditional::getName, &IIfConditional::setName);
  bind_adders(conditional);
}

void bind_io(nb::class_<INetworkDefinition>& c) {
  c.def(
       "add_input",
       [](nb::handle self, const char* name, DataType type, const Dims& shape) {
         return tensor_at(self, nb::cast<INetworkDefinition&>(self).addInput(name, type, shape));
       },
       "name"_a, "dtype"_a, "shape"_a)
      .def("mark_output", &INetworkDefinition::markOutput, "tensor"_a)
      .def("unmark_output", &INetworkDefinition::unmarkOutput, "tensor"_a)
      .def("mark_output_for_shapes", &INetworkDefinition::markOutputForShapes, "tensor"_a)
      .def("unmark_output_for_shapes", &INetworkDefinition::unmarkOutputForShapes, "tensor"_a)
      .def("mark_debug", &INetworkDefinition::markDebug, "tensor"_a)
      .def("unmark_debug", &INetworkDefinition::unmarkDebug, "tensor"_a)
      .def("is_debug_tensor", &INetworkDefinition::isDebugTensor, "tensor"_a)
      .def("remove_tensor", &INetworkDefinition::removeTensor, "tensor"_a)
      .def_prop_ro("num_inputs", &INetworkDefinition::getNbInputs)
      .def_prop_ro("num_outputs", &INetworkDefinition::getNbOutputs)
      .def(
          "get_input",
          [](nb::handle self, int32_t i) { return tensor_at(self, nb::cast<INetworkDefinition&>(self).getInput(i)); },
          "index"_a)
      .def(
          "get_output",
          [](nb::handle self, int32_t i) { return tensor_at(self, nb::cast<INetworkDefinition&>(self).getOutput(i)); },
          "index"_a);
}

nb::object add_plugin_v2(INetworkDefinition& n, const std::vector<ITensor*>& inputs, nb::handle plugin) {
  IPluginV2* own = plugin_v2_of(plugin);  // the network clones it
  if (own == nullptr) throw nb::value_error("the plugin cannot be cloned");
  IPluginV2Layer* layer = n.addPluginV2(inputs.data(), static_cast<int32_t>(inputs.size()), *own);
  own->destroy();
  return layer_of(layer, n);
}

nb::object add_plugin_v3(INetworkDefinition& n, const std::vector<ITensor*>& inputs,
                         const std::vector<ITensor*>& shape_inputs, nb::handle plugin) {
  const std::unique_ptr<IPluginV3> own(plugin_v3_of(plugin));
  if (own == nullptr) throw nb::value_error("the plugin cannot be cloned");
  return layer_of(n.addPluginV3(inputs.data(), static_cast<int32_t>(inputs.size()), shape_inputs.data(),
                                static_cast<int32_t>(shape_inputs.size()), *own),
                  n);
}

/// What `tensorrt.plugin.op.namespace.name(..)` returns: inputs, shape inputs and plugin.
nb::object add_plugin(INetworkDefinition& n, nb::tuple made, std::optional<bool> aot) {
  if (aot.value_or(false)) throw nb::value_error("aot=True asks for a CUDA kernel, which no CPU runs; leave it out");
  if (made.size() != 3) throw nb::value_error("add_plugin takes inputs, shape inputs and a plugin in one tuple");
  const auto inputs = nb::cast<std::vector<ITensor*>>(made[0]), shapes = nb::cast<std::vector<ITensor*>>(made[1]);
  return add_plugin_v3(n, inputs, shapes, made[2]);
}

}  // namespace

nb::object layer_of(ILoop* loop, INetworkDefinition& from) { return part_of(loop, nb::find(from)); }
nb::object layer_of(IAttention* attention, INetworkDefinition& from) { return part_of(attention, nb::find(from)); }
nb::object layer_of(IIfConditional* conditional, INetworkDefinition& from) {
  return part_of(conditional, nb::find(from));
}

void bind_network(nb::module_& m) {
  bind_parts(m);
  nb::class_<INetworkDefinition> c(m, "INetworkDefinition", nb::is_weak_referenceable(),
                                   "A network under construction.");
  bind_io(c);
  bind_adders(c);
  c.def("add_plugin_v2", &add_plugin_v2, "inputs"_a, "plugin"_a);
  c.def("add_plugin_v3", &add_plugin_v3, "inputs"_a, "shape_inputs"_a, "plugin"_a);
  c.def("add_plugin", &add_plugin, "tuple"_a, "aot"_a.none() = nb::none());
  c.def_prop_rw("name", &INetworkDefinition::getName, &INetworkDefinition::setName)
      .def_prop_ro("num_layers", &INetworkDefinition::getNbLayers)
      .def_prop_ro("flags", &INetworkDefinition::getFlags)
      .def("get_flag", &INetworkDefinition::getFlag, "flag"_a)
      .def_prop_ro("has_implicit_batch_dimension", &INetworkDefinition::hasImplicitBatchDimension)
      .def_prop_ro("has_explicit_precision", &INetworkDefinition::hasExplicitPrecision)
      .def_prop_ro("builder", [](INetworkDefinition& n) { return nb::find(n.getBuilder()); })
      .def(
          "set_weights_name",
          [](nb::handle self, nb::object weights, const char* name) {
            return nb::cast<INetworkDefinition&>(self).setWeightsName(take_weights(weights, self), name);
          },
          "weights"_a, "name"_a)
      .def_prop_rw(
          "error_recorder", &INetworkDefinition::getErrorRecorder,
          [](nb::handle self, IErrorRecorder* recorder) {
            nb::cast<INetworkDefinition&>(self).setErrorRecorder(recorder);
            if (recorder != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(recorder).ptr());
          },
          nb::arg("recorder").none())
      .def("get_layer", &layer_at, "index"_a)
      .def("__len__", &INetworkDefinition::getNbLayers)
      .def("__getitem__", &layer_at, "index"_a)
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});
}

}  // namespace rondo::python
