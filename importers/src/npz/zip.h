#pragma once

#include <string>
#include <vector>

#include "io/file_bytes.h"

namespace rondo::importers {

/// A member of a zip archive, as the central directory tells it.
struct ZipMember {
  std::string name;
  uint16_t method = 0;  ///< 0 stored, 8 deflated
  uint32_t checksum = 0;
  uint64_t packed_bytes = 0;
  uint64_t bytes = 0;
  uint64_t local_header = 0;  ///< offset
};

/// The members of an archive in the order of its directory; zip64 too.
/// Errors    ImportError for damaged directories, encryption, members that together are longer than the file
std::vector<ZipMember> read_zip_directory(const FileBytes& file);

/// The contents of a member, its checksum verified.
/// Errors    ImportError naming the member
std::string read_zip_member(const FileBytes& file, const ZipMember& member);

}  // namespace rondo::importers
