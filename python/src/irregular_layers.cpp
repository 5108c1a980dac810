// What the generator leaves out: properties whose C++ accessors take an index or an array.
#include <algorithm>

#include "binding.h"
#include "plugins.h"
#include "weights.h"

namespace rondo::python {
namespace {

nb::object class_of(nb::module_& m, const char* name) { return m.attr(name); }

template <class Layer, class... Extra>
void property(nb::module_& m, const char* cls, const char* name, nb::object get, nb::object set) {
  nb::setattr(class_of(m, cls), name, nb::module_::import_("builtins").attr("property")(get, set));
}

void bind_matrix_multiply(nb::module_& m) {
  for (int32_t i = 0; i < 2; ++i) {
    property<IMatrixMultiplyLayer>(
        m, "IMatrixMultiplyLayer", i == 0 ? "op0" : "op1",
        nb::cpp_function([i](const IMatrixMultiplyLayer& l) { return l.getOperation(i); }),
        nb::cpp_function([i](IMatrixMultiplyLayer& l, MatrixOperation op) { l.setOperation(i, op); }));
  }
}

/// Adds methods to a class that the generator made.
struct Methods {
  nb::object cls;
  template <class Function, class... Extra>
  void operator()(const char* name, Function function, const Extra&... extra) const {
    nb::setattr(cls, name, nb::cpp_function(function, nb::scope(cls), nb::name(name), nb::is_method(), extra...));
  }
};

void bind_resize(nb::module_& m) {
  nb::object get = nb::cpp_function([](const IResizeLayer& l) {
    std::vector<float> scales(static_cast<size_t>(std::max(l.getScales(0, nullptr), 0)));
    l.getScales(static_cast<int32_t>(scales.size()), scales.data());
    return scales;
  });
  nb::object set = nb::cpp_function([](IResizeLayer& l, const std::vector<float>& scales) {
    l.setScales(scales.data(), static_cast<int32_t>(scales.size()));
  });
  property<IResizeLayer>(m, "IResizeLayer", "scales", get, set);
}

void bind_attention(nb::module_& m) {
  const Methods method{class_of(m, "IAttention")};
  method(
      "get_input", [](IAttention& a, int32_t i) { return a.getInput(i); }, "index"_a, nb::rv_policy::reference);
  method(
      "set_input", [](IAttention& a, int32_t i, ITensor& t) { return a.setInput(i, t); }, "index"_a, "tensor"_a);
  method(
      "get_output", [](IAttention& a, int32_t i) { return a.getOutput(i); }, "index"_a, nb::rv_policy::reference);
}

void bind_rnn(nb::module_& m) {
  const Methods method{class_of(m, "IRNNv2Layer")};
  method(
      "set_weights_for_gate",
      [](IRNNv2Layer& l, int32_t layer, RNNGateType gate, bool is_w, nb::object weights) {
        l.setWeightsForGate(layer, gate, is_w, take_weights(weights, network_of(&l)));
      },
      "layer_index"_a, "gate"_a, "is_w"_a, "weights"_a);
  method(
      "get_weights_for_gate",
      [](const IRNNv2Layer& l, int32_t layer, RNNGateType gate, bool is_w) {
        return weights_object(l.getWeightsForGate(layer, gate, is_w), network_of(&l));
      },
      "layer_index"_a, "gate"_a, "is_w"_a);
  method(
      "set_bias_for_gate",
      [](IRNNv2Layer& l, int32_t layer, RNNGateType gate, bool is_w, nb::object bias) {
        l.setBiasForGate(layer, gate, is_w, take_weights(bias, network_of(&l)));
      },
      "layer_index"_a, "gate"_a, "is_w"_a, "bias"_a);
  method(
      "get_bias_for_gate",
      [](const IRNNv2Layer& l, int32_t layer, RNNGateType gate, bool is_w) {
        return weights_object(l.getBiasForGate(layer, gate, is_w), network_of(&l));
      },
      "layer_index"_a, "gate"_a, "is_w"_a);
}

template <class Layer>
void bind_plugin_layer(nb::module_& m, const char* cls) {
  const auto plugin = [](nb::handle self) { return plugin_object(nb::cast<Layer&>(self).getPlugin(), self); };
  nb::setattr(class_of(m, cls), "plugin", nb::module_::import_("builtins").attr("property")(nb::cpp_function(plugin)));
}

}  // namespace

void bind_irregular_layers(nb::module_& m) {
  bind_plugin_layer<IPluginV2Layer>(m, "IPluginV2Layer");
  bind_plugin_layer<IPluginV3Layer>(m, "IPluginV3Layer");
  bind_matrix_multiply(m);
  bind_rnn(m);
  bind_resize(m);
  bind_attention(m);
}

}  // namespace rondo::python
