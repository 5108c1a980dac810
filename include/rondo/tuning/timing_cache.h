/// ITimingCache: measured times of kernels, kept from build to build.
///
/// Rondo chooses kernels by a cost model and measures none, so a build neither reads nor adds entries. What a program puts in is kept,
/// serialized and combined faithfully.
#pragma once

#include "rondo/memory.h"

namespace rondo {

/// Names one measurement.
struct TimingCacheKey {
  uint8_t data[16];
};

/// Result of one measurement.
struct TimingCacheValue {
  uint64_t tacticHash;  ///< the kernel that was fastest
  float timingMSec;     ///< its time in milliseconds
};

/// A set of measurements.
/// Memory    owned by the user: `delete`
/// Threads   one thread at a time
class ITimingCache : public INoCopy {
 public:
  ~ITimingCache() noexcept override = default;

  /// Returns all entries as bytes, equal for equal caches; the user owns the block.
  virtual IHostMemory* serialize() const noexcept = 0;

  /// Adds the entries of another cache; on a key of both this cache's entry stays. ignoreMismatch: accepted, all caches match.
  /// Errors    kINVALID_ARGUMENT, false, if inputCache is this cache
  virtual bool combine(ITimingCache const& inputCache, bool ignoreMismatch) noexcept = 0;

  /// Removes all entries; true.
  virtual bool reset() noexcept = 0;

  /// Writes up to capacity keys in ascending order to keyBuffer; returns the number of all keys.
  virtual int64_t queryKeys(TimingCacheKey* keyBuffer, int64_t capacity) const noexcept = 0;

  /// Returns the entry of a key, {0, 0} without one.
  virtual TimingCacheValue query(TimingCacheKey const& key) const noexcept = 0;

  /// Sets the entry of a key; a tacticHash of 0 removes it. False if there is nothing to remove.
  virtual bool update(TimingCacheKey const& key, TimingCacheValue const& value) noexcept = 0;
};

}  // namespace rondo
