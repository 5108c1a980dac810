#pragma once

#include <array>
#include <map>
#include <span>

#include "api/running/error_sink.h"
#include "rondo/tuning/timing_cache.h"

namespace rondo::api {

/// ITimingCache: a sorted map. Serialized: the magic "RTC1", the number of entries as uint64, then per entry key, hash and time.
class TimingCache final : public ITimingCache {
 public:
  /// Errors    kInvalidArgument if blob is neither empty nor a serialized cache
  explicit TimingCache(std::span<const uint8_t> blob);

  IHostMemory* serialize() const noexcept override;
  bool combine(ITimingCache const& inputCache, bool ignoreMismatch) noexcept override;
  bool reset() noexcept override;
  int64_t queryKeys(TimingCacheKey* keyBuffer, int64_t capacity) const noexcept override;
  TimingCacheValue query(TimingCacheKey const& key) const noexcept override;
  bool update(TimingCacheKey const& key, TimingCacheValue const& value) noexcept override;

 private:
  using Key = std::array<uint8_t, 16>;
  const ErrorSink sink_{nullptr};  // a cache outlives builders; its calls say by their result that they failed
  std::map<Key, TimingCacheValue> entries_;
};

}  // namespace rondo::api
