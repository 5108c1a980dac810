#include "api/network/tensor.h"

#include <cmath>

#include "api/network/network.h"
#include "api/network/shape_tensors.h"

namespace rondo::api {

Tensor::Tensor(Network& network, std::string name, DataType type, const Dims& dims)
    : network_(network), name_(std::move(name)), type_(type), dims_(dims) {}

Tensor::Tensor(Network& network, LayerNode& producer, int32_t index)
    : network_(network), producer_(&producer), index_(index) {}

std::string Tensor::default_name() const {
  const std::string suffix = index_ == 0 ? "_output" : text("_output_", index_);
  return producer_ ? producer_->name() + suffix : name_;
}

std::string Tensor::who() const { return "tensor '" + (name_.empty() ? default_name() : name_) + "'"; }

void Tensor::setName(char const* name) noexcept {
  guarded(network_.sink(), "ITensor::setName", [&] {
    require_name(name, "ITensor::setName: the new name");
    for (const auto& input : network_.inputs()) {
      require(producer_ || input.get() == this || input->name_ != name, "network input '", name,
              "' exists already; names of inputs are unique");
    }
    name_ = name;
  });
}

char const* Tensor::getName() const noexcept {
  if (!name_.empty()) return name_.c_str();
  guarded(network_.sink(), "ITensor::getName", [&] { shown_name_ = default_name(); });
  return shown_name_.c_str();
}

void Tensor::setDimensions(Dims const& dimensions) noexcept {
  guarded(network_.sink(), "ITensor::setDimensions", [&] {
    require(isNetworkInput(), who(), ": dimensions can be set on network inputs only; those of others are inferred");
    require_shape(dimensions, true, who() + ": shape");
    dims_ = dimensions;
    network_.inference().forget();
  });
}

Dims Tensor::getDimensions() const noexcept {
  Dims none{-1, {}};
  if (isNetworkInput()) return dims_;
  return guarded(network_.sink(), "ITensor::getDimensions", none, [&] { return network_.inference().dims(*this); });
}

void Tensor::setType(DataType type) noexcept {
  guarded(network_.sink(), "ITensor::setType", [&] {
    to_dtype(type, who());
    if (isNetworkInput()) {
      type_ = type;
    } else {
      requested_type_ = type;
    }
    network_.inference().forget();
  });
}

DataType Tensor::getType() const noexcept {
  if (isNetworkInput()) return type_;
  if (requested_type_) return *requested_type_;
  return guarded(network_.sink(), "ITensor::getType", DataType::kFLOAT, [&] {
    const ir::ValueInfo* info = network_.inference().find(*this);
    return info ? to_public(info->type.dtype) : DataType::kFLOAT;
  });
}

bool Tensor::setDynamicRange(float min, float max) noexcept {
  return guarded(network_.sink(), "ITensor::setDynamicRange", [&] {
    require(std::isfinite(min) && std::isfinite(max) && min <= max, who(), ": dynamic range ", min, " .. ", max,
            " is not a finite range");
    range_ = {min, max};
  });
}

bool Tensor::isNetworkOutput() const noexcept {
  for (const Tensor* output : network_.outputs()) {
    if (output == this) return true;
  }
  return false;
}

void Tensor::setLocation(TensorLocation location) noexcept {
  guarded(network_.sink(), "ITensor::setLocation", [&] {
    require_enum(location, "ITensor::setLocation: TensorLocation");
    location_ = location;
  });
}

void Tensor::setAllowedFormats(TensorFormats formats) noexcept {
  guarded(network_.sink(), "ITensor::setAllowedFormats", [&] {
    require((formats & 1U) != 0, who(), ": formats ", formats, " leave out kLINEAR, the only one in use; add it");
    formats_ = formats;
  });
}

bool Tensor::isShapeTensor() const noexcept {
  return guarded(network_.sink(), "ITensor::isShapeTensor", false,
                 [&] { return ShapeTensors(network_).contains(*this); });
}

bool Tensor::isExecutionTensor() const noexcept {
  return guarded(network_.sink(), "ITensor::isExecutionTensor", true,
                 [&] { return ShapeTensors(network_).is_executed(*this); });
}

void Tensor::setDimensionName(int32_t index, char const* name) noexcept {
  guarded(network_.sink(), "ITensor::setDimensionName", [&] {
    require(isNetworkInput(), who(), ": dimensions can be named on network inputs only");
    require(index >= 0 && index < dims_.nbDims, who(), " ", dims_text(dims_), " has no dimension ", index);
    require_name(name, "ITensor::setDimensionName: name");
    dim_names_[static_cast<size_t>(index)] = name;
    network_.inference().forget();
  });
}

char const* Tensor::getDimensionName(int32_t index) const noexcept {
  if (index < 0 || index >= Dims::MAX_DIMS || dim_names_[static_cast<size_t>(index)].empty()) return nullptr;
  return dim_names_[static_cast<size_t>(index)].c_str();
}

}  // namespace rondo::api
