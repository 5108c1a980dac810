/// Value types that plugins share: tensor descriptions, fields, phases, and the base of versioned interfaces.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// The TensorRT version whose interfaces these are, as in NvInferVersion.h.
static constexpr int32_t kFACE_VERSION = 8601;

/// Layout of a plugin's tensor, under its older name.
using PluginFormat = TensorFormat;

/// Language that an interface is implemented in.
enum class APILanguage : int32_t { kCPP = 0, kPYTHON = 1 };

template <>
constexpr int32_t EnumMax<APILanguage>() noexcept {
  return 2;
}

/// Name and version of an interface.
struct InterfaceInfo {
  AsciiChar const* kind;  ///< static text, such as "PLUGIN_V3"
  int32_t major;
  int32_t minor;
};

/// Base of interfaces that say what they are. A user class overrides nothing of it.
class IVersionedInterface {
 public:
  /// The language of the implementation.
  virtual APILanguage getAPILanguage() const noexcept { return APILanguage::kCPP; }

  /// Name and version of the interface, given by the library's own classes.
  virtual InterfaceInfo getInterfaceInfo() const noexcept = 0;

  virtual ~IVersionedInterface() noexcept = default;

 protected:
  /// Made and copied by derived classes alone.
  IVersionedInterface() = default;
  IVersionedInterface(IVersionedInterface const&) = default;
  IVersionedInterface(IVersionedInterface&&) = default;
  IVersionedInterface& operator=(IVersionedInterface const&) & = default;
  IVersionedInterface& operator=(IVersionedInterface&&) & = default;
};

/// Bit of a version byte that marks plugins written in Python.
static constexpr int32_t kPLUGIN_VERSION_PYTHON_BIT = 0x40;

/// What an input or output of a plugin is. Rondo describes row-major memory of the host.
struct PluginTensorDesc {
  Dims dims;            ///< -1 where the build does not know an extent
  DataType type;        ///< negotiated by supportsFormatCombination
  TensorFormat format;  ///< always kLINEAR
  float scale;          ///< real value per integer step of kINT8; -1 otherwise
};

/// The same with the range of its extents under the profiles.
struct DynamicPluginTensorDesc {
  PluginTensorDesc desc;  ///< dims hold -1 for extents that only the run knows
  Dims min;               ///< least extents
  Dims max;               ///< largest extents
  Dims opt;               ///< extents to tune for: those of the first profile
};

/// Class of a plugin, in the upper byte of IPluginV2::getTensorRTVersion.
enum class PluginVersion : uint8_t {
  kV2 = 0,             ///< IPluginV2
  kV2_EXT = 1,         ///< IPluginV2Ext
  kV2_IOEXT = 2,       ///< IPluginV2IOExt
  kV2_DYNAMICEXT = 3,  ///< IPluginV2DynamicExt
  kV2_DYNAMICEXT_PYTHON = kPLUGIN_VERSION_PYTHON_BIT | 3
};

/// Class of a creator, in the upper byte of IPluginCreator::getTensorRTVersion.
enum class PluginCreatorVersion : int32_t { kV1 = 0, kV1_PYTHON = kPLUGIN_VERSION_PYTHON_BIT };

/// Element type of a field. Units: bytes per element
enum class PluginFieldType : int32_t {
  kFLOAT16 = 0,  ///< 2
  kFLOAT32 = 1,  ///< 4
  kFLOAT64 = 2,  ///< 8
  kINT8 = 3,     ///< 1
  kINT16 = 4,    ///< 2
  kINT32 = 5,    ///< 4
  kCHAR = 6,     ///< 1
  kDIMS = 7,     ///< sizeof(Dims)
  kUNKNOWN = 8,  ///< 1
  kBF16 = 9,     ///< 2
  kINT64 = 10,   ///< 8
  kFP8 = 11,     ///< 1
  kINT4 = 12,    ///< one half
  kFP4 = 13      ///< one half
};

template <>
constexpr int32_t EnumMax<PluginFieldType>() noexcept {
  return 14;
}

/// A named parameter of a plugin.
/// Memory    name and data are referenced
class PluginField {
 public:
  AsciiChar const* name;                            ///< never null in a collection
  void const* data;                                 ///< length elements; null where a creator only lists what it takes
  PluginFieldType type{PluginFieldType::kUNKNOWN};  ///< of the elements
  int32_t length;                                   ///< elements

  /// All parts may be left out.
  PluginField(AsciiChar const* const name_ = nullptr, void const* const data_ = nullptr,
              PluginFieldType const type_ = PluginFieldType::kUNKNOWN, int32_t const length_ = 0) noexcept
      : name(name_), data(data_), type(type_), length(length_) {}
};

/// A list of fields.
/// Memory    fields are referenced
struct PluginFieldCollection {
  int32_t nbFields;           ///< how many
  PluginField const* fields;  ///< the first of them
};

/// What a plugin is made for.
enum class TensorRTPhase : int32_t {
  kBUILD = 0,   ///< to describe and configure a layer of a network
  kRUNTIME = 1  ///< to run a layer of a plan
};

template <>
constexpr int32_t EnumMax<TensorRTPhase>() noexcept {
  return 2;
}

/// The parts of an IPluginV3.
enum class PluginCapabilityType : int32_t {
  kCORE = 0,    ///< IPluginV3OneCore
  kBUILD = 1,   ///< IPluginV3OneBuild
  kRUNTIME = 2  ///< IPluginV3OneRuntime
};

template <>
constexpr int32_t EnumMax<PluginCapabilityType>() noexcept {
  return 3;
}

}  // namespace rondo
