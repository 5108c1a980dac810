"""Models whose inputs or outputs are sequences or optional values, as models of tensors.

The inputs and outputs of an engine are tensors, but inside of a model sequences of a known number of elements are fine. So a sequence that a
caller gives becomes one input per element and a SequenceConstruct; an optional value becomes its element, or an empty Optional; a sequence
that comes out becomes one output per element, whose number a first run asks for.
"""

from onnx import ModelProto, TensorProto, helper

_LENGTH, _ELEMENT = "/length", "/element"


def _kind(value_info):
    return value_info.type.WhichOneof("value")


def is_plain(model):
    """Whether all inputs and outputs are tensors."""
    return all(_kind(v) == "tensor_type" for v in (*model.graph.input, *model.graph.output))


def _inner(value_type):
    """The type inside of an optional type; any other as it is."""
    return value_type.optional_type.elem_type if value_type.WhichOneof("value") == "optional_type" else value_type


def tensor_type_of(value_type):
    """The tensor type inside of sequences and optional types."""
    value_type = _inner(value_type)
    if value_type.WhichOneof("value") == "sequence_type":
        value_type = value_type.sequence_type.elem_type
    return value_type.tensor_type


def _copy(model):
    copy = ModelProto()
    copy.CopyFrom(model)
    return copy


def _tensor_info(name, array):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)


def _lower_input(value, given, inputs, nodes, feeds):
    """One input of the model as tensors and the nodes that make of them what it was."""
    kind = _inner(value.type)
    if given is None:
        nodes.append(helper.make_node("Optional", [], [value.name], type=kind))
    elif kind.WhichOneof("value") == "sequence_type":
        names = [f"{value.name}{_ELEMENT}/{i}" for i in range(len(given))]
        inputs.extend(map(_tensor_info, names, given))
        feeds.update(zip(names, given))
        if names:
            nodes.append(helper.make_node("SequenceConstruct", names, [value.name]))
        else:
            dtype = kind.sequence_type.elem_type.tensor_type.elem_type
            nodes.append(helper.make_node("SequenceEmpty", [], [value.name], dtype=dtype))
    else:
        inputs.append(_tensor_info(value.name, given))
        feeds[value.name] = given


def _lower_inputs(model, given):
    lowered, feeds, inputs, nodes = _copy(model), {}, [], []
    for value in model.graph.input:
        if _kind(value) == "tensor_type":
            inputs.append(value)
            if value.name in given:
                feeds[value.name] = given[value.name]
        else:
            _lower_input(value, given[value.name], inputs, nodes, feeds)
    nodes.extend(lowered.graph.node)
    del lowered.graph.input[:], lowered.graph.node[:]
    lowered.graph.input.extend(inputs)
    lowered.graph.node.extend(nodes)
    return lowered, feeds


def _sequences(model):
    return [o for o in model.graph.output if _inner(o.type).WhichOneof("value") == "sequence_type"]


def _with_outputs(model, outputs, nodes):
    changed = _copy(model)
    changed.graph.node.extend(nodes)
    del changed.graph.output[:]
    changed.graph.output.extend(outputs)
    return changed


def _lengths(model, feeds, run):
    """How many elements each sequence among the outputs has."""
    names = [o.name for o in _sequences(model)]
    if not names:
        return {}
    nodes = [helper.make_node("SequenceLength", [n], [n + _LENGTH]) for n in names]
    outputs = [helper.make_tensor_value_info(n + _LENGTH, TensorProto.INT64, []) for n in names]
    results = run(_with_outputs(model, outputs, nodes), feeds)
    return {n: int(results[n + _LENGTH]) for n in names}


def _lower_outputs(model, lengths):
    nodes, outputs = [], []
    for value in model.graph.output:
        kind = _inner(value.type)
        if value.name not in lengths:
            outputs.append(helper.make_value_info(value.name, kind))
            continue
        element = kind.sequence_type.elem_type.tensor_type.elem_type
        for i in range(lengths[value.name]):
            name = f"{value.name}{_ELEMENT}/{i}"
            place = helper.make_node("Constant", [], [name + "/index"], value_int=i)
            nodes += [place, helper.make_node("SequenceAt", [value.name, name + "/index"], [name])]
            outputs.append(helper.make_tensor_value_info(name, element, None))
    return _with_outputs(model, outputs, nodes)


def run_through_tensors(model, given, run):
    """Runs a model on values by name; run(model, arrays by name) runs one of tensors and gives arrays by name."""
    lowered, feeds = _lower_inputs(model, given)
    lengths = _lengths(lowered, feeds, run)
    results = run(_lower_outputs(lowered, lengths), feeds) if any(lengths.values()) or len(lengths) < len(model.graph.output) else {}
    return {
        o.name: [results[f"{o.name}{_ELEMENT}/{i}"] for i in range(lengths[o.name])] if o.name in lengths else results[o.name]
        for o in model.graph.output
    }
