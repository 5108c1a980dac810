#include "api/timing_cache.h"

#include <cstring>
#include <memory>

#include "api/errors.h"
#include "api/running/host_memory.h"

namespace rondo::api {
namespace {

constexpr char kMagic[4] = {'R', 'T', 'C', '1'};
constexpr size_t kHeadBytes = sizeof kMagic + sizeof(uint64_t);
constexpr size_t kEntryBytes = 16 + sizeof(uint64_t) + sizeof(float);

template <class T>
void append(Bytes* bytes, const T& value) {
  const auto* first = reinterpret_cast<const uint8_t*>(&value);
  bytes->insert(bytes->end(), first, first + sizeof value);
}

template <class T>
T take(const uint8_t** at) {
  T value;
  std::memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

std::array<uint8_t, 16> key_of(const TimingCacheKey& key) {
  std::array<uint8_t, 16> result;
  std::memcpy(result.data(), key.data, sizeof key.data);
  return result;
}

}  // namespace

TimingCache::TimingCache(std::span<const uint8_t> blob) {
  if (blob.empty()) return;
  require(blob.size() >= kHeadBytes && std::memcmp(blob.data(), kMagic, sizeof kMagic) == 0,
          "createTimingCache: the bytes are no timing cache of Rondo; pass those of ITimingCache::serialize, or none");
  const uint8_t* at = blob.data() + sizeof kMagic;
  const auto count = take<uint64_t>(&at);
  require(count == (blob.size() - kHeadBytes) / kEntryBytes && (blob.size() - kHeadBytes) % kEntryBytes == 0,
          "createTimingCache: the cache is cut off: ", blob.size(), " bytes, ", count, " entries");
  for (uint64_t i = 0; i < count; ++i) {
    const auto key = take<Key>(&at);
    const auto hash = take<uint64_t>(&at);
    entries_[key] = {hash, take<float>(&at)};
  }
}

IHostMemory* TimingCache::serialize() const noexcept {
  return guarded<IHostMemory*>(sink_, "ITimingCache::serialize", nullptr, [&] {
    Bytes bytes(kMagic, kMagic + sizeof kMagic);
    append(&bytes, static_cast<uint64_t>(entries_.size()));
    for (const auto& [key, value] : entries_) {
      append(&bytes, key);
      append(&bytes, value.tacticHash);
      append(&bytes, value.timingMSec);
    }
    return new SerializedEngine(std::move(bytes));
  });
}

bool TimingCache::combine(ITimingCache const& inputCache, bool) noexcept {
  return guarded(sink_, "ITimingCache::combine", [&] {
    require(&inputCache != this, "ITimingCache::combine: a cache cannot be combined with itself");
    entries_.insert(static_cast<const TimingCache&>(inputCache).entries_.begin(),
                    static_cast<const TimingCache&>(inputCache).entries_.end());
  });
}

bool TimingCache::reset() noexcept {
  entries_.clear();
  return true;
}

int64_t TimingCache::queryKeys(TimingCacheKey* keyBuffer, int64_t capacity) const noexcept {
  int64_t at = 0;
  for (const auto& [key, value] : entries_) {
    if (keyBuffer == nullptr || at >= capacity) break;
    std::memcpy(keyBuffer[at++].data, key.data(), key.size());
  }
  return static_cast<int64_t>(entries_.size());
}

TimingCacheValue TimingCache::query(TimingCacheKey const& key) const noexcept {
  const auto it = entries_.find(key_of(key));
  return it == entries_.end() ? TimingCacheValue{0, 0} : it->second;
}

bool TimingCache::update(TimingCacheKey const& key, TimingCacheValue const& value) noexcept {
  return guarded(sink_, "ITimingCache::update", [&] {
    if (value.tacticHash != 0) {
      entries_[key_of(key)] = value;
      return;
    }
    require(entries_.erase(key_of(key)) != 0, "ITimingCache::update: there is no entry to remove");
  });
}

}  // namespace rondo::api
