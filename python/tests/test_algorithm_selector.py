"""IAlgorithmSelector written in Python: what it is asked, what it decides, what goes wrong."""

import numpy as np
import pytest
import rondo as trt

WEIGHTS = np.full((6, 4), 0.5, np.float32)


class Selector(trt.IAlgorithmSelector):
    def __init__(self, answer):
        trt.IAlgorithmSelector.__init__(self)
        self.answer, self.asked, self.reported = answer, [], []

    def select_algorithms(self, context, choices):
        self.asked.append((context.name, [choice.algorithm_variant.tactic for choice in choices]))
        assert (context.num_inputs, context.num_outputs) == (2, 1)
        assert [tuple(shape) for shape in context.get_shape(0)] == [(3, 6)] * 3
        for choice in choices:
            assert choice.algorithm_variant.implementation == 1
            assert choice.timing_msec > 0 and choice.workspace_size == 0
            info = choice.get_algorithm_io_info(0)
            assert (info.dtype, info.tensor_format, tuple(info.strides)) == (trt.float32, trt.TensorFormat.LINEAR, (6, 1))
            assert int(choice.get_algorithm_io_info(1).dtype) == choice.algorithm_variant.tactic
        return self.answer(choices)

    def report_algorithms(self, contexts, choices):
        self.reported += [(c.name, a.algorithm_variant.tactic) for c, a in zip(contexts, choices)]


def build(logger, selector):
    builder = trt.Builder(logger)
    network = builder.create_network()
    w = network.add_constant(WEIGHTS.shape, WEIGHTS).get_output(0)
    none = trt.MatrixOperation.NONE
    layer = network.add_matrix_multiply(network.add_input("x", trt.float32, (3, 6)), none, w, none)
    layer.name = "dense"
    network.mark_output(layer.get_output(0))
    config = builder.create_builder_config()
    config.set_flag(trt.BuilderFlag.FP16)
    config.set_flag(trt.BuilderFlag.BF16)
    config.algorithm_selector = selector
    return builder.build_serialized_network(network, config)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_choice_is_taken_and_reported(logger, index):
    selector = Selector(lambda choices: [index])
    assert build(logger, selector) is not None
    tactics = [int(trt.float32), int(trt.float16), int(trt.bfloat16)]
    assert selector.asked == [("dense", tactics)]
    assert selector.reported == [("dense", tactics[index])]


def test_no_preference(logger):
    selector = Selector(lambda choices: [])
    assert build(logger, selector) is not None
    assert selector.reported == [("dense", int(trt.float32))]


def test_base_class_has_no_preference(logger):
    assert build(logger, trt.IAlgorithmSelector()) is not None


def test_selections_that_are_none_fail_the_build(logger):
    for answer in ([7], [0, 1, 2, 0]):
        assert build(logger, Selector(lambda choices, answer=answer: answer)) is None


def test_what_it_raises_fails_the_build(logger, unraisable):
    def broken(choices):
        raise ValueError("no opinion")

    assert build(logger, Selector(broken)) is None
    assert any("no opinion" in str(error) for error in unraisable)
