#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/bulk_memory.h"
#include "rondo/memory.h"

namespace rondo::api {

/// The plan of an engine that was serialized again.
class SerializedEngine final : public IHostMemory {
 public:
  explicit SerializedEngine(Bytes bytes) : bytes_(std::move(bytes)) {}

  void* data() const noexcept override { return const_cast<uint8_t*>(bytes_.data()); }
  std::size_t size() const noexcept override { return bytes_.size(); }
  DataType type() const noexcept override { return DataType::kINT8; }

 private:
  Bytes bytes_;
};

}  // namespace rondo::api
