/// ITensor: a value that flows between the layers of a network.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// A network input or the output of a layer.
/// Memory    owned by the network; valid until the network is destroyed or removeTensor takes it out
/// Threads   one thread at a time per network
class ITensor : public INoCopy {
 public:
  /// Names the tensor. Names of inputs and outputs become the names of the engine's tensors and must be unique.
  /// Errors    kINVALID_ARGUMENT if name is null, or taken by another network input
  virtual void setName(char const* name) noexcept = 0;

  /// Returns the name: the one given, else `(Unnamed Layer* N) [Kind]_output`.
  virtual char const* getName() const noexcept = 0;

  /// Sets the shape of a network input; -1 marks dimensions that come at run time.
  /// Errors    kINVALID_ARGUMENT if the tensor is no network input or dimensions is no shape
  virtual void setDimensions(Dims const& dimensions) noexcept = 0;

  /// Returns the shape as far as it is known, -1 where it comes at run time.
  /// The shape is inferred from the layers before the tensor; where they are inconsistent or unfinished the rank is -1.
  virtual Dims getDimensions() const noexcept = 0;

  /// Sets the element type of a network input, or asks for one of an output (gone in 11).
  RONDO_DEPRECATED virtual void setType(DataType type) noexcept = 0;

  /// Returns the element type.
  virtual DataType getType() const noexcept = 0;

  /// Records the range of real values for int8 (gone in 11); kept, reported by the getters.
  /// Errors    kINVALID_ARGUMENT, false, if min > max or either is not finite
  RONDO_DEPRECATED virtual bool setDynamicRange(float min, float max) noexcept = 0;

  /// Tells whether a range is recorded.
  virtual bool dynamicRangeIsSet() const noexcept = 0;

  /// Forgets the range.
  virtual void resetDynamicRange() noexcept = 0;

  /// Returns the recorded bound, 0 without a range.
  virtual float getDynamicRangeMin() const noexcept = 0;
  virtual float getDynamicRangeMax() const noexcept = 0;

  /// Tells whether addInput made the tensor.
  virtual bool isNetworkInput() const noexcept = 0;

  /// Tells whether markOutput marked the tensor.
  virtual bool isNetworkOutput() const noexcept = 0;

  /// Has no effect in networks with an explicit batch, which are the only ones here; getBroadcastAcrossBatch is false.
  RONDO_DEPRECATED virtual void setBroadcastAcrossBatch(bool broadcastAcrossBatch) noexcept = 0;
  RONDO_DEPRECATED virtual bool getBroadcastAcrossBatch() const noexcept = 0;

  /// Says where the bytes of an input or output live; kHOST suits shape tensors.
  virtual void setLocation(TensorLocation location) noexcept = 0;

  /// Returns where the bytes live.
  virtual TensorLocation getLocation() const noexcept = 0;

  /// Sets the allowed layouts of an input or output as a mask. kLINEAR is the one in use.
  /// Errors    kINVALID_ARGUMENT if the mask leaves out kLINEAR; the former mask stays
  virtual void setAllowedFormats(TensorFormats formats) noexcept = 0;

  /// Returns the mask; all bits until it is set.
  virtual TensorFormats getAllowedFormats() const noexcept = 0;

  /// Tells whether the tensor's value decides a shape: it feeds a shape operand such as the dimensions of a shuffle.
  virtual bool isShapeTensor() const noexcept = 0;

  /// Tells whether the tensor's value is computed on the device. A tensor can be both.
  virtual bool isExecutionTensor() const noexcept = 0;

  /// Names dimension index of a network input. Equal names mean equal extents at run time.
  /// Errors    kINVALID_ARGUMENT if index is out of range or the tensor is no network input
  virtual void setDimensionName(int32_t index, char const* name) noexcept = 0;

  /// Returns the name of dimension index, or null.
  virtual char const* getDimensionName(int32_t index) const noexcept = 0;

 protected:
  ~ITensor() noexcept override = default;
};

}  // namespace rondo
