/// Layers between real and quantized values: quantize and dequantize. This version quantizes to int8.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// Computes clamp(round(x / scale)), halves rounded to even.
/// Shapes    x [any] float, scale: one element, or 1-D along the axis, or of x's rank with one element per block -> y [as x] int8
/// Inputs    0 x, 1 scale, 2 zero point (optional): int8, constant zero
/// Requires  (C1) a float scale   (C2) a scale that fits x   (C3) x float, y int8   (C4) a zero point of constant 0
class IQuantizeLayer : public ILayer {
 public:
  /// The dimension that a 1-D scale runs along; -1, none, until set.
  virtual int32_t getAxis() const noexcept = 0;
  virtual void setAxis(int32_t axis) noexcept = 0;

  /// The extents of a block for a scale of x's rank; rank 0 until set: they follow from the shapes then.
  /// Errors    kINVALID_ARGUMENT, false, if an extent is neither positive nor -1 (all of the dimension)
  virtual bool setBlockShape(Dims const& blockShape) noexcept = 0;
  virtual Dims getBlockShape() const noexcept = 0;

  /// The type of the output: kINT8.
  /// Errors    kINVALID_ARGUMENT for kFP8, kINT4 and kFP4, which this version does not compute with, and for any other type
  virtual void setToType(DataType toType) noexcept = 0;
  virtual DataType getToType() const noexcept = 0;
};

/// Computes q * scale in float32, stored in the output type.
/// Shapes    q [any] int8, scale as IQuantizeLayer's -> y [as q] float
/// Inputs    0 q, 1 scale, 2 zero point (optional): int8, constant zero
/// Requires  (C1) a float scale   (C2) a scale that fits q   (C3) q int8, y float   (C4) a zero point of constant 0
class IDequantizeLayer : public ILayer {
 public:
  /// The dimension that a 1-D scale runs along; -1, none, until set.
  virtual int32_t getAxis() const noexcept = 0;
  virtual void setAxis(int32_t axis) noexcept = 0;

  /// The extents of a block for a scale of q's rank, as in IQuantizeLayer.
  /// Errors    kINVALID_ARGUMENT, false, if an extent is neither positive nor -1
  virtual bool setBlockShape(Dims const& blockShape) noexcept = 0;
  virtual Dims getBlockShape() const noexcept = 0;

  /// The type of the output: kFLOAT, kHALF or kBF16; the scale's until set.
  /// Errors    kINVALID_ARGUMENT for any other type
  virtual void setToType(DataType toType) noexcept = 0;
  virtual DataType getToType() const noexcept = 0;
};

/// Quantizes with scales made at run time, one per block of the input: output 0 are the quantized values, output 1 the scales.
/// No network holds one: its types are not part of this version, addDynamicQuantize and addDynamicQuantizeV2 refuse. The
/// class is here so that programs which mention it compile.
class IDynamicQuantizeLayer : public ILayer {
 public:
  /// The quantized type and the type of the scales.
  virtual void setToType(DataType toType) noexcept = 0;
  virtual DataType getToType() const noexcept = 0;
  virtual void setScaleType(DataType scaleType) noexcept = 0;
  virtual DataType getScaleType() const noexcept = 0;

  /// The blocked dimension and the block's extent along it, or the extents of a block.
  RONDO_DEPRECATED virtual void setAxis(int32_t axis) noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getAxis() const noexcept = 0;
  RONDO_DEPRECATED virtual void setBlockSize(int32_t size) noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getBlockSize() const noexcept = 0;
  virtual void setBlockShape(Dims const& blockShape) noexcept = 0;
  virtual Dims getBlockShape() const noexcept = 0;
};

}  // namespace rondo
