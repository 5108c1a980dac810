#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rondo::importers {

/// Extends a CRC32C (Castagnoli, reflected polynomial 0x82F63B78) over more bytes; of nothing it is 0.
uint32_t extend_crc32c(uint32_t crc, const void* bytes, size_t count);

inline uint32_t crc32c(std::string_view bytes) { return extend_crc32c(0, bytes.data(), bytes.size()); }

/// What files store instead of a CRC, so that a CRC over bytes that hold CRCs stays sound.
inline uint32_t mask_crc(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8u; }

}  // namespace rondo::importers
