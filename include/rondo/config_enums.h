/// Enums of IBuilderConfig: flags, memory pools, devices, preview features and tactic sources.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Mask of BuilderFlag bits.
using BuilderFlags = uint32_t;

/// Switch of a build, as a bit position. 0 to 17 are the integers of 8.6, 18 to 21 those of 9; later flags follow.
enum class BuilderFlag : int32_t {
  kFP16 = 0,                           ///< 16-bit kernels are allowed
  kINT8 = 1,                           ///< 8-bit kernels are allowed
  kDEBUG = 2,                          ///< wait after each layer
  kGPU_FALLBACK = 3,                   ///< accepted, no effect
  kSTRICT_TYPES RONDO_DEPRECATED = 4,  ///< same as kPREFER_PRECISION_CONSTRAINTS, kDIRECT_IO, kREJECT_EMPTY_ALGORITHMS
  kREFIT = 5,                          ///< weights can be replaced in the engine
  kDISABLE_TIMING_CACHE = 6,           ///< measure afresh
  kTF32 = 7,                           ///< on by default; Rondo's fp32 is at least as precise
  kSPARSE_WEIGHTS = 8,                 ///< zeros in weights may be used
  kSAFETY_SCOPE = 9,                   ///< accepted, no effect
  kOBEY_PRECISION_CONSTRAINTS = 10,    ///< precisions of layers are orders
  kPREFER_PRECISION_CONSTRAINTS = 11,  ///< precisions of layers are wishes
  kDIRECT_IO = 12,                     ///< no reformatting at inputs and outputs; always so
  kREJECT_EMPTY_ALGORITHMS = 13,       ///< an algorithm selector must choose
  kENABLE_TACTIC_HEURISTIC = 14,       ///< choose kernels by model instead of by timing
  kVERSION_COMPATIBLE = 15,            ///< plans are always so within a format version
  kEXCLUDE_LEAN_RUNTIME = 16,          ///< plans never carry a runtime
  kFP8 = 17,                           ///< fp8 kernels are allowed
  kERROR_ON_TIMING_CACHE_MISS = 18,    ///< fail instead of measuring
  kBF16 = 19,                          ///< bf16 kernels are allowed
  kDISABLE_COMPILATION_CACHE = 20,     ///< generate code afresh
  kSTRIP_PLAN = 21,                    ///< leave weights out of the plan
  kWEIGHTLESS RONDO_DEPRECATED = kSTRIP_PLAN,  ///< former name
  kREFIT_IDENTICAL = 22,                       ///< refitted weights will equal the stripped ones
  kWEIGHT_STREAMING = 23,                      ///< weights may stay in host memory
  kINT4 = 24,                                  ///< 4-bit weights are allowed
  kREFIT_INDIVIDUAL = 25,                      ///< only marked weights can be replaced
  kSTRICT_NANS = 26,                           ///< no optimization that changes NaN results
  kMONITOR_MEMORY = 27,                        ///< log memory use of the build
  kFP4 = 28,                                   ///< fp4 is allowed
  kEDITABLE_TIMING_CACHE = 29,                 ///< timing caches can be edited
  kDISTRIBUTIVE_INDEPENDENCE = 30              ///< results do not depend on the place in a batch; always so
};

template <>
constexpr int32_t EnumMax<BuilderFlag>() noexcept {
  return 31;
}

/// Memory that a build or run may use.
enum class MemoryPoolType : int32_t {
  kWORKSPACE = 0,            ///< temporary memory of one context
  kDLA_MANAGED_SRAM = 1,     ///< accepted, no effect
  kDLA_LOCAL_DRAM = 2,       ///< accepted, no effect
  kDLA_GLOBAL_DRAM = 3,      ///< accepted, no effect
  kTACTIC_DRAM = 4,          ///< memory while measuring kernels
  kTACTIC_SHARED_MEMORY = 5  ///< shared memory per block while measuring kernels
};

template <>
constexpr int32_t EnumMax<MemoryPoolType>() noexcept {
  return 6;
}

/// Device that runs a layer. kGPU is the device of the plan, the CPU included; there is no DLA.
enum class DeviceType : int32_t { kGPU = 0, kDLA = 1 };

template <>
constexpr int32_t EnumMax<DeviceType>() noexcept {
  return 2;
}

/// Source of kernels, as a bit position in TacticSources.
enum class TacticSource : int32_t {
  kCUBLAS = 0,
  kCUBLAS_LT = 1,
  kCUDNN = 2,
  kEDGE_MASK_CONVOLUTIONS = 3,
  kJIT_CONVOLUTIONS = 4
};

template <>
constexpr int32_t EnumMax<TacticSource>() noexcept {
  return 5;
}

/// Feature that TensorRT introduced behind a switch. All are accepted; what they switch on is always on.
enum class PreviewFeature : int32_t {
  kFASTER_DYNAMIC_SHAPES_0805 = 0,
  kDISABLE_EXTERNAL_TACTIC_SOURCES_FOR_CORE_0805 = 1,
  kPROFILE_SHARING_0806 = 2,  ///< several contexts may use one profile at a time
  kALIASED_PLUGIN_IO_10_03 = 3,
  kRUNTIME_ACTIVATION_RESIZE_10_10 = 4,
  kMULTIDEVICE_RUNTIME_10_16 = 5
};

template <>
constexpr int32_t EnumMax<PreviewFeature>() noexcept {
  return 6;
}

/// Where the plan will run. Rondo's plans run on all.
enum class RuntimePlatform : int32_t { kSAME_AS_BUILD = 0, kWINDOWS_AMD64 = 1 };

template <>
constexpr int32_t EnumMax<RuntimePlatform>() noexcept {
  return 2;
}

/// Effort of choosing tiles; stored.
enum class TilingOptimizationLevel : int32_t { kNONE = 0, kFAST = 1, kMODERATE = 2, kFULL = 3 };

template <>
constexpr int32_t EnumMax<TilingOptimizationLevel>() noexcept {
  return 4;
}

}  // namespace rondo
