#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugin/layer_plugin.h"

namespace rondo::api {

/// What the tensors of a plugin layer may become.
struct TypeWishes {
  std::vector<DataType> inputs;       ///< types that the inputs have
  std::optional<DataType> precision;  ///< type that the user asks for, tried first for floats
  bool may_convert = true;            ///< false in strongly typed networks
};

/// Finds types that the plugin accepts, one per input and output.
///
/// Tensor by tensor, as supportsFormatCombination is asked: an input keeps its type if it can, else takes another type of its kind
/// (floats: f32, f16, bf16; integers: i32, i64); an output takes the type that the plugin computes from its inputs, else another
/// float. A choice that leads nowhere is taken back.
/// Takes     descs: shapes of all tensors, inputs first
/// Gives     descs with the types set; false if there is no combination
bool negotiate(plugin::LayerPlugin& plugin, const TypeWishes& wishes, std::vector<DynamicPluginTensorDesc>& descs);

}  // namespace rondo::api
