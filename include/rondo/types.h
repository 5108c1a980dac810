// reason: value types that every other header needs, kept in one.
/// Value types shared by all headers: element types, dimensions, weights, permutations and tensor formats.
///
/// Enum integers follow TensorRT 8.6 where generations disagree; what later generations added follows behind.
#pragma once

#include "rondo/platform.h"

namespace rondo {

/// Type of one tensor element.
/// Units     bytes per element: kFLOAT kINT32 4, kHALF kBF16 2, kINT8 kUINT8 kBOOL kFP8 kE8M0 1, kINT64 8, kINT4 kFP4 one half
enum class DataType : int32_t {
  kFLOAT = 0,  ///< IEEE binary32
  kHALF = 1,   ///< IEEE binary16
  kINT8 = 2,   ///< signed; a quantized real value where a scale belongs to it
  kINT32 = 3,  ///< signed
  kBOOL = 4,   ///< 0 = false, 1 = true
  kUINT8 = 5,  ///< unsigned
  kFP8 = 6,    ///< E4M3
  kBF16 = 7,   ///< upper half of binary32
  kINT64 = 8,  ///< signed
  kINT4 = 9,   ///< signed
  kFP4 = 10,   ///< E2M1
  kE8M0 = 11   ///< power-of-two scale
};

template <>
constexpr int32_t EnumMax<DataType>() noexcept {
  return 12;
}

/// Extents of a tensor, or any other short list of integers (starts, sizes, strides).
///
/// nbDims is the rank, 0 for a scalar; -1 marks an invalid value, returned where an error was reported.
/// In a network shape, -1 in d means "known only at run time".
class Dims64 {
 public:
  /// Largest rank.
  static constexpr int32_t MAX_DIMS{8};

  int32_t nbDims;
  int64_t d[MAX_DIMS];
};

/// Rondo's dimensions are 64 bits wide in every face.
using Dims = Dims64;

/// A view of constant data that the user owns.
/// Units     count = number of elements, not bytes
/// Memory    referenced, not copied: must stay valid and unchanged until the build of the network has ended
struct Weights {
  DataType type;
  void const* values;  ///< null exactly when count is 0
  int64_t count;
};

/// A reordering of dimensions: output dimension i is input dimension order[i]. CHW to HWC is {1, 2, 0}.
struct Permutation {
  int32_t order[Dims::MAX_DIMS];
};

/// Memory layout of a network input or output. Rondo computes in kLINEAR; the other names are accepted in masks.
enum class TensorFormat : int32_t {
  kLINEAR = 0,                       ///< row-major, no padding
  kCHW2 = 1,                         ///< channels in vectors of 2
  kHWC8 = 2,                         ///< channels last, padded to 8
  kCHW4 = 3,                         ///< channels in vectors of 4
  kCHW16 = 4,                        ///< channels in vectors of 16
  kCHW32 = 5,                        ///< channels in vectors of 32
  kDHWC8 = 6,                        ///< 3-D, channels last, padded to 8
  kCDHW32 = 7,                       ///< 3-D, channels in vectors of 32
  kHWC = 8,                          ///< channels last
  kDLA_LINEAR = 9,                   ///< linear for DLA
  kDLA_HWC4 = 10,                    ///< channels last for DLA
  kHWC16 = 11,                       ///< channels last, padded to 16
  kDHWC = 12,                        ///< 3-D, channels last
  kNCHW RONDO_DEPRECATED = kLINEAR,  ///< 7.x
  kNC2HW2 RONDO_DEPRECATED = kCHW2,  ///< 7.x
  kNHWC8 RONDO_DEPRECATED = kHWC8    ///< 7.x
};

template <>
constexpr int32_t EnumMax<TensorFormat>() noexcept {
  return 13;
}

/// Mask of allowed formats: bit i stands for the TensorFormat of integer i.
using TensorFormats = uint32_t;

/// Where the bytes of a tensor live.
enum class TensorLocation : int32_t {
  kDEVICE = 0,  ///< memory of the device that runs the plan (host memory on the CPU)
  kHOST = 1     ///< host memory: shape tensors
};

template <>
constexpr int32_t EnumMax<TensorLocation>() noexcept {
  return 2;
}

/// Role of a named tensor of an engine.
enum class TensorIOMode : int32_t {
  kNONE = 0,  ///< no input and no output has this name
  kINPUT = 1,
  kOUTPUT = 2
};

template <>
constexpr int32_t EnumMax<TensorIOMode>() noexcept {
  return 3;
}

/// How much an engine tells about its layers.
enum class ProfilingVerbosity : int32_t {
  kLAYER_NAMES_ONLY = 0,
  kNONE = 1,
  kDETAILED = 2,
  kDEFAULT RONDO_DEPRECATED = kLAYER_NAMES_ONLY,
  kVERBOSE RONDO_DEPRECATED = kDETAILED
};

template <>
constexpr int32_t EnumMax<ProfilingVerbosity>() noexcept {
  return 3;
}

/// Which restrictions an engine obeys. Rondo builds kSTANDARD engines only.
enum class EngineCapability : int32_t {
  kSTANDARD = 0,
  kSAFETY = 1,
  kDLA_STANDALONE = 2,
  kDEFAULT RONDO_DEPRECATED = kSTANDARD,
  kSAFE_GPU RONDO_DEPRECATED = kSAFETY,
  kSAFE_DLA RONDO_DEPRECATED = kDLA_STANDALONE
};

template <>
constexpr int32_t EnumMax<EngineCapability>() noexcept {
  return 3;
}

/// Which hardware a plan must run on. Rondo's plans retarget themselves, so every level is accepted.
enum class HardwareCompatibilityLevel : int32_t { kNONE = 0, kAMPERE_PLUS = 1, kSAME_COMPUTE_CAPABILITY = 2 };

template <>
constexpr int32_t EnumMax<HardwareCompatibilityLevel>() noexcept {
  return 3;
}

/// Mask of TacticSource bits; accepted and stored, since Rondo owns all its kernels.
using TacticSources = uint32_t;

}  // namespace rondo
