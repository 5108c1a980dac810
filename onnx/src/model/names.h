/// Texts of a model: names must be UTF-8, and what is shown of them must not garble a terminal or a log.
#pragma once

#include <string>
#include <string_view>

namespace rondo::onnx {

/// Refuses a name that is no UTF-8 or holds a zero byte: no interface of the network could give it back.
/// Errors    kINVALID_GRAPH
void check_name(std::string_view name);

/// The text with everything that is no UTF-8, and control characters, as \xNN.
std::string printable(std::string_view text);

}  // namespace rondo::onnx
