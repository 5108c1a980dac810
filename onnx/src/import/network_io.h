/// Inputs and outputs of the main graph as inputs and outputs of the network.
#pragma once

#include "import/context.h"

namespace rondo::onnx {

/// Adds a network input of the name, type and shape of a graph input; named dimensions become named, unknown ones -1.
/// Errors    kUNSUPPORTED_GRAPH for inputs that are no tensors or have no shape
ITensor& add_network_input(Context& context, proto::ValueInfoProto const& input);

/// Marks a value as the network output of that name and declared type. What is an input, an output already or a constant goes
/// through an identity layer. Elements of a sequence become outputs name/0, name/1, ..; an empty optional becomes none.
/// Errors    kINVALID_GRAPH if the declared type is not the value's
void mark_network_output(Context& context, proto::ValueInfoProto const& output, Value const& value);

}  // namespace rondo::onnx
