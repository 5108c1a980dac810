#pragma once

#include "binding.h"

namespace rondo::python {

/// rondo.Weights: elements that someone else owns. `owner` (an array, or nothing for an address) is kept alive.
struct PyWeights {
  Weights value{DataType::kFLOAT, nullptr, 0};
  nb::object owner;
};

/// Weights of a Weights object, an array (C-contiguous; f4 f2 i8 i4 i1 b1 u1) or None (empty). The Python object `network` keeps
/// the elements alive from then on.
/// Errors    ValueError for another layout or dtype, TypeError for another object
Weights take_weights(nb::handle weights, nb::handle network);

/// The elements as a flat read-only numpy array; a Weights object for dtypes that numpy lacks. `network` stays alive with it.
nb::object weights_object(const Weights& weights, nb::handle network);

/// The Python network of a layer, loop or conditional, as announced when it was made or found.
nb::object network_of(const void* member);
void announce_member(const void* member, nb::handle network);
/// Drops what was announced of a network that is going.
void forget_network(PyObject* network);

}  // namespace rondo::python
