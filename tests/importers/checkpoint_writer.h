#pragma once

#include <map>
#include <string>
#include <vector>

#include "rondo/importers/weight_map.h"

namespace rondo::importers {

/// Protocol buffer fields as bytes.
std::string varint(uint64_t value);
std::string number_field(int number, uint64_t value);
std::string bytes_field(int number, const std::string& bytes);
std::string fixed32_field(int number, uint32_t value);

/// How the writer below deviates.
struct TableOptions {
  size_t block_bytes = 120;  ///< small, so that there are several blocks
  bool snappy = false;
  size_t damaged_byte =
      ~size_t{0};  ///< byte to flip among the contents of all blocks, behind the back of the checksums
};

/// A table of sorted entries.
std::string table_bytes(const std::map<std::string, std::string>& entries, const TableOptions& options = {});

/// Bytes of all block contents of the last table written.
size_t last_contents_bytes();

/// What may be unusual about a bundle.
struct BundleOptions {
  TableOptions table = {};
  int shards = 1;
  bool big_endian = false;
  size_t padding = 0;                             ///< zeros between tensors
  std::map<std::string, std::string> extra = {};  ///< entries of the index, as they are
};

/// File suffix -> bytes: ".index", ".data-00000-of-00001", ..
std::map<std::string, std::string> bundle_files(const WeightMap& weights, const BundleOptions& options = {});

/// A V1 checkpoint; `sliced` is written as two slices of its first dim.
std::string saved_slices_bytes(const WeightMap& weights, const TableOptions& options = {},
                               const std::string& sliced = "");

}  // namespace rondo::importers
