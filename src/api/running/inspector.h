#pragma once

#include <string>
#include <vector>

#include "api/running/engine.h"
#include "api/running/layer_list.h"
#include "rondo/inspector.h"

namespace rondo::api {

/// IEngineInspector: the layer information that the plan carries, cut to layers, and the engine's bindings.
class EngineInspector final : public IEngineInspector {
 public:
  explicit EngineInspector(const CudaEngine& engine)
      : engine_(engine),
        sink_(engine.sink().logger(), engine.sink().recorder()),
        layers_(layers_of(engine.program())) {}

  bool setExecutionContext(IExecutionContext const* context) noexcept override;
  IExecutionContext const* getExecutionContext() const noexcept override { return context_; }
  char const* getLayerInformation(int32_t layerIndex, LayerInformationFormat format) const noexcept override;
  char const* getEngineInformation(LayerInformationFormat format) const noexcept override;
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override { sink_.set_recorder(recorder); }
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }

 private:
  std::string bindings_json() const;
  std::string tensor_text(int32_t tensor) const;
  /// Of the weights section; of packed matrices in it that kernels read there; of those that were packed beside it.
  struct WeightBytes {
    size_t all = 0, packed_in_plan = 0, packed_at_load = 0;
  };
  WeightBytes weight_bytes() const;

  const CudaEngine& engine_;
  ErrorSink sink_;
  std::vector<LayerText> layers_;
  IExecutionContext const* context_ = nullptr;
  mutable std::string answer_;
};

}  // namespace rondo::api
