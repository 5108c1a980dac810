#pragma once

#include <array>
#include <optional>
#include <string>

#include "rondo/tensor.h"

namespace rondo::api {

class LayerNode;
class Network;

/// ITensor: a network input, or output `index` of a layer.
class Tensor final : public ITensor {
 public:
  /// A network input.
  Tensor(Network& network, std::string name, DataType type, const Dims& dims);
  /// Output `index` of a layer.
  Tensor(Network& network, LayerNode& producer, int32_t index);
  ~Tensor() noexcept override = default;

  void setName(char const* name) noexcept override;
  char const* getName() const noexcept override;
  void setDimensions(Dims const& dimensions) noexcept override;
  Dims getDimensions() const noexcept override;
  void setType(DataType type) noexcept override;
  DataType getType() const noexcept override;
  bool setDynamicRange(float min, float max) noexcept override;
  bool dynamicRangeIsSet() const noexcept override { return range_.has_value(); }
  void resetDynamicRange() noexcept override { range_.reset(); }
  float getDynamicRangeMin() const noexcept override { return range_ ? (*range_)[0] : 0; }
  float getDynamicRangeMax() const noexcept override { return range_ ? (*range_)[1] : 0; }
  bool isNetworkInput() const noexcept override { return producer_ == nullptr; }
  bool isNetworkOutput() const noexcept override;
  void setBroadcastAcrossBatch(bool) noexcept override {}
  bool getBroadcastAcrossBatch() const noexcept override { return false; }
  void setLocation(TensorLocation location) noexcept override;
  TensorLocation getLocation() const noexcept override { return location_; }
  void setAllowedFormats(TensorFormats formats) noexcept override;
  TensorFormats getAllowedFormats() const noexcept override { return formats_; }
  bool isShapeTensor() const noexcept override;
  bool isExecutionTensor() const noexcept override;
  void setDimensionName(int32_t index, char const* name) noexcept override;
  char const* getDimensionName(int32_t index) const noexcept override;

  Network& network() const { return network_; }
  LayerNode* producer() const { return producer_; }
  int32_t index() const { return index_; }
  /// As declared; network inputs only.
  const Dims& declared_dims() const { return dims_; }
  DataType declared_type() const { return type_; }
  /// The type that the user asked for with setType or ILayer::setOutputType, if any.
  std::optional<DataType>& requested_type() { return requested_type_; }
  const std::optional<DataType>& requested_type() const { return requested_type_; }
  /// The name the user gave, or empty.
  const std::string& given_name() const { return name_; }
  /// "tensor 'h'" for messages.
  std::string who() const;

 private:
  std::string default_name() const;

  Network& network_;
  LayerNode* producer_ = nullptr;
  int32_t index_ = 0;
  std::string name_;
  mutable std::string shown_name_;  ///< what getName last returned for an unnamed tensor
  DataType type_ = DataType::kFLOAT;
  Dims dims_{-1, {}};
  std::optional<DataType> requested_type_;
  std::optional<std::array<float, 2>> range_;
  TensorLocation location_ = TensorLocation::kDEVICE;
  TensorFormats formats_ = (1U << EnumMax<TensorFormat>()) - 1;
  std::array<std::string, Dims::MAX_DIMS> dim_names_;
};

}  // namespace rondo::api
