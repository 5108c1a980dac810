"""Dims, weights, enumerations and the small functions."""

import numpy as np
import pytest
import rondo as trt


def test_dims_behave_as_tuples():
    dims = trt.Dims((1, 2, 3))
    assert len(dims) == 3 and dims[0] == 1 and dims[-1] == 3 and dims[1:] == (2, 3)
    assert dims == (1, 2, 3) and dims == [1, 2, 3] and dims != (1, 2)
    assert str(dims) == repr(dims) == "(1, 2, 3)" and str(trt.Dims((3,))) == "(3,)" and str(trt.Dims(())) == "()"
    assert tuple(dims) == (1, 2, 3) and trt.Dims.MAX_DIMS == 8 and hash(dims) == hash((1, 2, 3))
    with pytest.raises(IndexError):
        dims[3]
    with pytest.raises(ValueError, match="at most 8"):
        trt.Dims(range(9))


def test_fixed_dims():
    assert trt.Dims2(1, 2) == trt.Dims2([1, 2]) == (1, 2)
    hw = trt.DimsHW(3, 4)
    hw.h = 5
    assert (hw.h, hw.w) == (5, 4) and trt.Dims4(1, 2, 3, 4)[3] == 4
    with pytest.raises(ValueError):
        trt.Dims3([1, 2])


def test_enums_are_integers_with_names():
    assert int(trt.DataType.HALF) == 1 and str(trt.DataType.HALF) == "DataType.HALF"
    assert 1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH) == 1
    assert trt.float32 == trt.DataType.FLOAT and trt.DataType.FLOAT.itemsize == 4 and trt.int4.itemsize == 0.5
    assert "RELU" in trt.ActivationType.__members__
    assert trt.Logger.ERROR < trt.Logger.INFO and trt.Logger.Severity.ERROR == trt.ILogger.Severity.ERROR


def test_volume_and_nptype():
    assert trt.volume((2, 3, 4)) == 24 and trt.volume(()) == 1 and trt.volume(trt.Dims((5, 2))) == 10
    assert trt.nptype(trt.float32) == np.float32 and trt.nptype(trt.bool) == np.bool_
    with pytest.raises(TypeError, match="no numpy type"):
        trt.nptype(trt.bfloat16)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.int32, np.int8, np.uint8, np.bool_])
def test_weights_of_arrays(dtype):
    array = np.ones((2, 3), dtype)
    weights = trt.Weights(array)
    assert weights.size == len(weights) == 6 and weights.nbytes == array.nbytes
    assert np.array_equal(weights.numpy(), array.ravel()) and weights.numpy().dtype == dtype
    assert trt.nptype(weights.dtype) == dtype


def test_weights_refusals():
    with pytest.raises(ValueError, match="C-contiguous"):
        trt.Weights(np.ones((4, 4), np.float32).T[::2])
    with pytest.raises(ValueError, match="convert with astype"):
        trt.Weights(np.ones(3, np.float64))
    with pytest.raises(TypeError):
        trt.Weights("text")


def test_empty_weights():
    assert len(trt.Weights()) == 0 and trt.Weights(trt.float16).dtype == trt.float16


def test_permutation():
    assert len(trt.Permutation([1, 0])) == 8 and trt.Permutation([1, 0])[0] == 1


def test_face():
    assert trt.face() == "10.16"
    try:
        assert trt.face("8.6") == "8.6"
        with pytest.raises(ValueError, match="known are"):
            trt.face("3.0")
    finally:
        trt.face("10.16")
