#pragma once

#include "rondo/engine_config.h"

namespace rondo::api {

/// ISerializationConfig: a mask.
class SerializationConfig final : public ISerializationConfig {
 public:
  bool setFlags(SerializationFlags serializationFlags) noexcept override;
  SerializationFlags getFlags() const noexcept override { return flags_; }
  bool setFlag(SerializationFlag serializationFlag) noexcept override;
  bool clearFlag(SerializationFlag serializationFlag) noexcept override;
  bool getFlag(SerializationFlag serializationFlag) const noexcept override;

 private:
  SerializationFlags flags_ = 1U << static_cast<int32_t>(SerializationFlag::kEXCLUDE_LEAN_RUNTIME);
};

/// IRuntimeConfig: an allocation strategy.
class RuntimeConfig final : public IRuntimeConfig {
 public:
  void setExecutionContextAllocationStrategy(ExecutionContextAllocationStrategy strategy) noexcept override {
    strategy_ = strategy;
  }
  ExecutionContextAllocationStrategy getExecutionContextAllocationStrategy() const noexcept override {
    return strategy_;
  }

 private:
  ExecutionContextAllocationStrategy strategy_ = ExecutionContextAllocationStrategy::kSTATIC;
};

}  // namespace rondo::api
