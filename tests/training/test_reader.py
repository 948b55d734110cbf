from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest

from digitpad.line import BLANK, HEIGHT, STRIDE, SYMBOLS, Lines
from tests.training.conftest import write_symbols
from training import reader
from training.lines import IGNORED, batch, lines, sources


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    return reader.build()


def test_keras_and_onnx_say_the_same_at_any_width(network: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "reader.onnx"
    reader.export(network, path)
    assert path.stat().st_size <= 2_500_000
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for width in (16, 52, 300):
        pictures = np.random.default_rng(width).normal(size=(2, HEIGHT, width)).astype(np.float32)
        found = Lines(*session.run(["frames", "extents"], {"lines": pictures}))
        assert found.frames.shape == (2, width // STRIDE, BLANK + 1)
        assert found.extents.shape == (2, width // STRIDE, 4)
        said = network.predict(pictures, verbose=0)
        assert np.allclose(found.frames, reader.frames_of(said["logits"]), atol=1e-3)
        assert np.allclose(found.extents, said["extents"], atol=0.2)


def test_a_network_learns_goes_on_and_its_weights_are_kept(folder: Path, tmp_path: Path) -> None:
    write_symbols(folder / "ink/digits_train.jsonl.gz", "0123456789" * 30, writers=7)
    rng = np.random.default_rng(0)
    made = batch([lines(sources(folder), rng)[0] for _ in range(16)])
    network = reader.build()
    reader.ready(network, 60, 2e-3)
    losses = [network.train_on_batch(made.pictures, reader.targets(made), return_dict=True)["loss"] for _ in range(30)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0] / 2
    kept = tmp_path / "state.weights.h5"
    network.save_weights(kept)
    again = reader.build()
    reader.ready(again, 60, 2e-3)
    again.optimizer.build(again.trainable_variables)
    again.load_weights(kept)
    assert int(again.optimizer.iterations) == 30
    assert np.allclose(
        again.predict(made.pictures, verbose=0)["logits"],
        network.predict(made.pictures, verbose=0)["logits"],
        atol=1e-4,
    )


def test_it_learns_from_batches_of_any_width(folder: Path) -> None:
    write_symbols(folder / "ink/digits_train.jsonl.gz", "0123456789" * 30, writers=7)
    rng = np.random.default_rng(0)
    made = [batch([lines(sources(folder), rng)[0] for _ in range(2)]) for _ in range(4)]
    assert len({one.pictures.shape[2] for one in made}) > 2
    network = reader.build()
    reader.ready(network, 60, 2e-3)
    losses = [network.train_on_batch(one.pictures, reader.targets(one), return_dict=True)["loss"] for one in made]
    assert np.isfinite(losses).all()


def test_where_only_digits_are_named_signs_may_stand_anywhere() -> None:
    """A line `1.7`, of which `17` is known: to see the point costs nothing, to see another digit does."""
    wanted = np.full((1, 2 + reader.LONGEST + 8), BLANK, np.int32)
    wanted[0, :4] = 0, 2, 1, 7
    wanted[0, 2 + reader.LONGEST :] = IGNORED

    def loss(*seen: int) -> float:
        logits = np.zeros((1, 8, reader.CLASSES), np.float32)
        for frame, number in enumerate(seen):
            logits[0, frame, number] = 20
        return float(reader.symbol_loss(keras.ops.array(wanted), keras.ops.array(logits))[0])

    point, every = SYMBOLS.index("."), [BLANK] * 5
    assert loss(1, point, 7, *every) < 0.1
    assert loss(1, BLANK, 7, *every) < 0.1
    assert loss(1, 4, 7, *every) > 10
    wanted[0, 0] = 1
    assert loss(1, point, 7, *every) > 10


def test_another_recipe_does_not_go_on_from_its_state() -> None:
    assert reader.recipe(reader.ROUNDS) == reader.recipe(reader.ROUNDS)
    assert reader.recipe(reader.ROUNDS) != reader.recipe([reader.Round(1000, 1e-3)])
