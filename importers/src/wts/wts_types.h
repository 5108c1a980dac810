#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// Type codes of `.wts`: the integers of TensorRT's DataType. None for types without a code, or codes without a type.
std::optional<int> wts_code(ElementType type);
std::optional<ElementType> wts_type(int64_t code);

/// Whether a file may be `.wts`: its first line is a decimal number.
bool looks_like_wts(const std::string& first_bytes);

/// Opens a `.wts` file of any of the four forms.
std::unique_ptr<WeightFile> open_wts(const std::string& path, const ReadOptions& options);

}  // namespace rondo::importers
