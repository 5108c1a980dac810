#pragma once

#include "binding.h"

namespace rondo::python {

/// The layer as the Python class of its kind. Written by codegen/generate.py from the list of layer interfaces.
nb::object cast_layer(ILayer* layer);
/// The Python class of a kind, ILayer for those without one.
nb::handle class_of_kind(LayerType kind);

}  // namespace rondo::python
