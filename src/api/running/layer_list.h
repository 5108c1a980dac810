#pragma once

#include <string>
#include <vector>

#include "plan/program.h"

namespace rondo::api {

/// One layer after optimization, as the inspector and the profiler count them.
struct LayerText {
  std::string name;  ///< plain text
  std::string json;  ///< a JSON value: an object, or a string
};

/// The elements of "Layers" in the program's layer information; without it, one name per step in program order.
std::vector<LayerText> layers_of(const plan::Program& program);

/// `text` as a JSON string, quotes included.
std::string json_string(const std::string& text);

}  // namespace rondo::api
