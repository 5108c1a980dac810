/// Settings of two calls of an engine: serializeWithConfig and createExecutionContext; and figures that it reports.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// What a serialized engine leaves out or keeps, bits of SerializationFlags.
enum class SerializationFlag : int32_t {
  kEXCLUDE_WEIGHTS = 0,       ///< refused: plans of this version carry their weights
  kEXCLUDE_LEAN_RUNTIME = 1,  ///< plans never carry a runtime
  kINCLUDE_REFIT = 2          ///< accepted, no effect
};

template <>
constexpr int32_t EnumMax<SerializationFlag>() noexcept {
  return 3;
}

/// Mask of SerializationFlag bits.
using SerializationFlags = uint32_t;

/// Settings of ICudaEngine::serializeWithConfig.
/// Memory    owned by the user: `delete`
class ISerializationConfig : public INoCopy {
 public:
  ~ISerializationConfig() noexcept override = default;

  /// Replaces all flags; false if a bit has no SerializationFlag.
  virtual bool setFlags(SerializationFlags serializationFlags) noexcept = 0;
  virtual SerializationFlags getFlags() const noexcept = 0;

  /// Sets one flag; false if there is none of that value.
  virtual bool setFlag(SerializationFlag serializationFlag) noexcept = 0;

  /// Clears one flag.
  virtual bool clearFlag(SerializationFlag serializationFlag) noexcept = 0;

  /// Tells whether a flag is set.
  virtual bool getFlag(SerializationFlag serializationFlag) const noexcept = 0;
};

/// Who allocates the temporary memory of a context.
enum class ExecutionContextAllocationStrategy : int32_t {
  kSTATIC = 0,             ///< the context, once, for the largest profile
  kON_PROFILE_CHANGE = 1,  ///< the context, for the profile in use
  kUSER_MANAGED = 2        ///< the user, by setDeviceMemory
};

template <>
constexpr int32_t EnumMax<ExecutionContextAllocationStrategy>() noexcept {
  return 3;
}

/// Settings of ICudaEngine::createExecutionContext (10.11).
/// Memory    owned by the user: `delete`
class IRuntimeConfig : public INoCopy {
 public:
  ~IRuntimeConfig() noexcept override = default;

  /// Sets who allocates; kSTATIC without a call.
  virtual void setExecutionContextAllocationStrategy(ExecutionContextAllocationStrategy strategy) noexcept = 0;
  virtual ExecutionContextAllocationStrategy getExecutionContextAllocationStrategy() const noexcept = 0;
};

/// A figure that ICudaEngine::getEngineStat reports, in bytes.
enum class EngineStat : int32_t {
  kTOTAL_WEIGHTS_SIZE = 0,    ///< of all weights
  kSTRIPPED_WEIGHTS_SIZE = 1  ///< of weights left out of the plan; 0
};

template <>
constexpr int32_t EnumMax<EngineStat>() noexcept {
  return 2;
}

/// Where a runtime may put files for a while, bits of TempfileControlFlags.
enum class TempfileControlFlag : int32_t {
  kALLOW_IN_MEMORY_FILES = 0,  ///< accepted; no files are made
  kALLOW_TEMPORARY_FILES = 1   ///< accepted; no files are made
};

template <>
constexpr int32_t EnumMax<TempfileControlFlag>() noexcept {
  return 2;
}

/// Mask of TempfileControlFlag bits.
using TempfileControlFlags = uint32_t;

}  // namespace rondo
