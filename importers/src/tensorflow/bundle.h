#pragma once

#include <memory>
#include <string>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// Opens a tensor bundle: `prefix`.index and its data shards.
std::unique_ptr<WeightFile> open_bundle(const std::string& prefix);

/// Whether the path is a data shard of a bundle by its name, PREFIX.data-SSSSS-of-NNNNN.
bool is_shard_name(const std::string& path);

}  // namespace rondo::importers
