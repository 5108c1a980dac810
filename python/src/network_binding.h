#pragma once

#include "binding.h"
#include "weights.h"

namespace rondo::python {

/// Which network an object with add methods belongs to. Loops and conditionals are announced when they are made.
inline INetworkDefinition* owner(INetworkDefinition& network) { return &network; }
INetworkDefinition* owner(ILoop& loop);
INetworkDefinition* owner(IIfConditional& conditional);

/// The Python object of a layer (its concrete class), loop, conditional or attention that an add method returned; None for null.
nb::object layer_of(ILayer* layer, INetworkDefinition& from);
nb::object layer_of(ILayer* layer, ILoop& from);
nb::object layer_of(ILayer* layer, IIfConditional& from);
nb::object layer_of(IAttention* attention, INetworkDefinition& from);
nb::object layer_of(ILoop* loop, INetworkDefinition& from);
nb::object layer_of(IIfConditional* conditional, INetworkDefinition& from);

void bind_adders(nb::class_<INetworkDefinition>& c);
void bind_adders(nb::class_<ILoop>& c);
void bind_adders(nb::class_<IIfConditional>& c);

}  // namespace rondo::python
