/// Writers: `.wts` in its four forms, and safetensors.
#pragma once

#include <string>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// How to write `.wts`.
struct WtsOptions {
  WeightFormat form = WeightFormat::kWtsRaw;  ///< one of the four kWts... forms
  bool legacy_type0 =
      false;  ///< writes type 0 whatever the tensor's type, as dumpTFWts.py does; not for the two hex forms
};

/// The `.wts` bytes of the tensors, sorted by name. Slashes in names become underscores, as dumpTFWts.py writes them.
/// Errors    ImportError if a name holds a space or control character, two names become equal, or an element type has no code
///           (f64, 16-bit and unsigned integers; kWtsPlainHex takes f32 only)
std::string wts_bytes(const WeightMap& weights, const WtsOptions& options = {});

/// The safetensors bytes of the tensors: names, order of data and types as in the map.
std::string safetensors_bytes(const WeightMap& weights);

/// Writes the bytes to a file: to a neighbour first, which then takes the name, so no half file is left under it.
/// Errors    ImportError naming the path and the system's reason
void write_file(const std::string& path, const std::string& bytes);

}  // namespace rondo::importers
