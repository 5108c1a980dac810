#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// Opens a checkpoint of generation V1: one file.
std::unique_ptr<WeightFile> open_saved_slices(const std::string& path);

/// Whether a table's value of key "" is that of V1 (a message in field 1) rather than a bundle's header (a number there).
bool is_saved_slices_meta(std::string_view value);

}  // namespace rondo::importers
