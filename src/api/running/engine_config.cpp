#include "api/running/engine_config.h"

namespace rondo::api {
namespace {

bool is_flag(SerializationFlag flag) {
  const auto value = static_cast<int32_t>(flag);
  return value >= 0 && value < EnumMax<SerializationFlag>();
}

SerializationFlags bit(SerializationFlag flag) { return 1U << static_cast<int32_t>(flag); }

}  // namespace

bool SerializationConfig::setFlags(SerializationFlags serializationFlags) noexcept {
  if (serializationFlags >> EnumMax<SerializationFlag>() != 0) return false;
  flags_ = serializationFlags;
  return true;
}

bool SerializationConfig::setFlag(SerializationFlag serializationFlag) noexcept {
  if (!is_flag(serializationFlag)) return false;
  flags_ |= bit(serializationFlag);
  return true;
}

bool SerializationConfig::clearFlag(SerializationFlag serializationFlag) noexcept {
  if (!is_flag(serializationFlag)) return false;
  flags_ &= ~bit(serializationFlag);
  return true;
}

bool SerializationConfig::getFlag(SerializationFlag serializationFlag) const noexcept {
  return is_flag(serializationFlag) && (flags_ & bit(serializationFlag)) != 0;
}

}  // namespace rondo::api
