#include "api/running/inspector.h"

#include "base/dtype.h"
#include "base/error.h"
#include "rondo/context.h"
#include "runtime/shape_binding.h"

namespace rondo::api {

bool EngineInspector::setExecutionContext(IExecutionContext const* context) noexcept {
  return guarded(sink_, "IEngineInspector::setExecutionContext", [&] {
    if (context != nullptr && &context->getEngine() != &engine_) {
      fail(Code::kInvalidArgument, "the context belongs to another engine; pass a context of engine '",
           engine_.getName(), "' or null");
    }
    context_ = context;
  });
}

char const* EngineInspector::getLayerInformation(int32_t layerIndex, LayerInformationFormat format) const noexcept {
  return guarded(sink_, "IEngineInspector::getLayerInformation", static_cast<char const*>(nullptr),
                 [&]() -> char const* {
                   if (layerIndex < 0 || static_cast<size_t>(layerIndex) >= layers_.size()) {
                     fail(Code::kInvalidArgument, "layer index ", layerIndex, " is out of range; the engine has ",
                          layers_.size(), " layers");
                   }
                   const LayerText& layer = layers_[static_cast<size_t>(layerIndex)];
                   answer_ = format == LayerInformationFormat::kJSON ? layer.json : layer.name;
                   return answer_.c_str();
                 });
}

/// `x: f32 [20, 4, 8]`, with the extents of the context where there is one.
std::string EngineInspector::tensor_text(int32_t tensor) const {
  const plan::Binding& binding = engine_.program().bindings[static_cast<size_t>(tensor)];
  std::vector<int64_t> dims = binding.dims;
  if (context_ != nullptr) {
    const Dims actual = context_->getTensorShape(binding.name.c_str());
    dims.assign(actual.d, actual.d + std::max(actual.nbDims, 0));
  }
  return text(binding.name, ": ", dtype_name(binding.dtype), " ", runtime::dims_text(dims));
}

std::string EngineInspector::bindings_json() const {
  std::string out;
  for (int32_t i = 0; i < engine_.getNbBindings(); ++i)
    out += (i == 0 ? "" : ", ") + json_string(engine_.getBindingName(i));
  return "[" + out + "]";
}

EngineInspector::WeightBytes EngineInspector::weight_bytes() const {
  const plan::Program& program = engine_.program();
  WeightBytes bytes{program.weight_size(), 0, 0};
  const auto& matrices = engine_.core()->packed();
  for (const kernels::PackedMatrix& matrix : matrices) {
    (matrix.owns_memory() ? bytes.packed_at_load : bytes.packed_in_plan) += matrix.bytes();
  }
  return bytes;
}

char const* EngineInspector::getEngineInformation(LayerInformationFormat format) const noexcept {
  return guarded(
      sink_, "IEngineInspector::getEngineInformation", static_cast<char const*>(nullptr), [&]() -> char const* {
        std::string out;
        const WeightBytes weights = weight_bytes();
        if (format == LayerInformationFormat::kJSON) {
          for (const LayerText& layer : layers_) out += (out.empty() ? "" : ",\n") + layer.json;
          answer_ = "{\"Layers\": [" + out + "],\n\"Bindings\": " + bindings_json() +
                    text(",\n\"Weights\": {\"Bytes\": ", weights.all, ", \"PackedInPlan\": ", weights.packed_in_plan,
                         ", \"PackedAtLoad\": ", weights.packed_at_load, "}}\n");
          return answer_.c_str();
        }
        for (const LayerText& layer : layers_) out += layer.name + "\n";
        for (int32_t i = 0; i < engine_.getNbIOTensors(); ++i) out += tensor_text(i) + "\n";
        out += text("weights: ", weights.all, " bytes, ", weights.packed_in_plan, " packed in the plan, ",
                    weights.packed_at_load, " more packed at load\n");
        answer_ = out;
        return answer_.c_str();
      });
}

}  // namespace rondo::api
