#pragma once

#include <memory>
#include <string>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// Opens a zip archive whose members are npy arrays. A PyTorch archive is refused with the way out.
std::unique_ptr<WeightFile> open_npz(const std::string& path);

/// Opens one npy array; its name is that of the file without `.npy`.
std::unique_ptr<WeightFile> open_npy(const std::string& path);

}  // namespace rondo::importers
