"""rondo.build and calling an engine."""

import threading

import numpy as np
import pytest
import rondo


def make_network(shape=(-1, 3)):
    builder = rondo.Builder(rondo.Logger(rondo.Logger.INTERNAL_ERROR))
    network = builder.create_network()
    x = network.add_input("x", rondo.float32, shape)
    b = network.add_input("b", rondo.float32, (1, 3))
    y = network.add_elementwise(x, b, rondo.ElementWiseOperation.SUM).get_output(0)
    y.name = "y"
    network.mark_output(y)
    return network


@pytest.fixture(scope="module")
def engine():
    return rondo.build(make_network(), shapes={"x": ((1, 3), (2, 3), (8, 3))})


X = np.arange(6, dtype=np.float32).reshape(2, 3)
B = np.ones((1, 3), np.float32)


def test_positions_and_names(engine):
    for result in (engine(X, B), engine(X, b=B), engine(b=B, x=X)):
        assert list(result) == ["y"] and np.array_equal(result["y"], X + B)
    assert engine.inputs["x"].shape == (-1, 3) and "x FLOAT[-1, 3]" in repr(engine)


def test_any_source_of_numbers(engine):
    class Dlpack:
        def __dlpack__(self, **kwargs):
            return X.__dlpack__(**kwargs)

        def __dlpack_device__(self):
            return X.__dlpack_device__()

    for x in (X, Dlpack(), memoryview(X), X[:, ::-1][:, ::-1], np.asfortranarray(X)):
        assert np.array_equal(engine(x, B)["y"], X + B)


def test_mistakes_name_the_input(engine):
    with pytest.raises(TypeError, match=r"input 'x' is float64, the engine takes float32; convert"):
        engine(X.astype(np.float64), B)
    with pytest.raises(ValueError, match=r"input 'x' has shape \(2, 4\), the engine takes \(-1, 3\)"):
        engine(np.zeros((2, 4), np.float32), B)
    with pytest.raises(rondo.RondoError, match=r"input 'x' of shape \(9, 3\)"):
        engine(np.zeros((9, 3), np.float32), B)
    with pytest.raises(TypeError, match="missing inputs: b"):
        engine(X)
    with pytest.raises(TypeError, match="no input 'z'"):
        engine(X, z=B)
    with pytest.raises(TypeError, match="given twice"):
        engine(X, x=X)
    with pytest.raises(TypeError, match="3 inputs are given"):
        engine(X, B, B)


def test_failed_build_says_why():
    with pytest.raises(rondo.RondoError, match="profile"):
        rondo.build(make_network())
    with pytest.raises(ValueError, match="takes a network"):
        rondo.build(42)
    with pytest.raises(rondo.RondoError, match="cannot be loaded"):
        rondo.build(b"no plan")


def test_file_round_trip(engine, tmp_path):
    engine.save(tmp_path / "add.plan")
    again = rondo.build(tmp_path / "add.plan")
    assert np.array_equal(again(X, B)["y"], X + B)
    assert np.array_equal(rondo.build(bytes(engine.raw.serialize()))(X, B)["y"], X + B)


def test_a_file_in_use_can_be_saved_over_and_removed(engine, tmp_path):
    path = tmp_path / "add.plan"
    engine.save(path)
    loaded = rondo.build(path)
    loaded.save(path)
    path.unlink()
    assert np.array_equal(loaded(X, B)["y"], X + B)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        rondo.build(path)


def test_threads_run_side_by_side(engine):
    wrong = []

    def work(seed):
        x = np.random.default_rng(seed).standard_normal((4, 3)).astype(np.float32)
        wrong.extend(seed for _ in range(100) if not np.array_equal(engine(x, B)["y"], x + B))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_values_that_shapes_depend_on_may_change_between_calls():
    network = rondo.Builder(rondo.Logger(rondo.ILogger.Severity.ERROR)).create_network()
    count = network.add_input("count", rondo.int32, ())
    x = network.add_input("x", rondo.float32, (4,))
    loop = network.add_loop()
    loop.add_trip_limit(count, rondo.TripLimit.COUNT)
    state = loop.add_recurrence(x)
    state.set_input(1, network.add_unary(state.get_output(0), rondo.UnaryOperation.NEG).get_output(0))
    every = loop.add_loop_output(state.get_output(0), rondo.LoopOutput.CONCATENATE, 0)
    every.set_input(1, count)
    network.mark_output(every.get_output(0))
    config = network.builder.create_builder_config()
    profile = network.builder.create_optimization_profile()
    profile.set_shape_input("count", [0], [5], [9])
    config.add_optimization_profile(profile)
    run = rondo.build(network.builder.build_serialized_network(network, config))
    for steps in (1, 5, 0, 9):
        (states,) = run(count=np.array(steps, np.int32), x=np.ones(4, np.float32)).values()
        assert np.array_equal(states, np.repeat([[1], [-1]] * 5, 4, axis=1)[:steps])
