#pragma once

#include <memory>
#include <string>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// Opens a safetensors file.
std::unique_ptr<WeightFile> open_safetensors(const std::string& path);

}  // namespace rondo::importers
