import json
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model import MODEL
from tools.browser.digits import DIGITS
from training import data, gather
from training import train as training
from training.augment import augment
from training.evaluate import auroc
from training.export import OUTPUTS, export, parity, run
from training.gather import Data
from training.tables import wilson
from training.train import State, train


@pytest.fixture(scope="module")
def glyphs() -> data.Glyphs:
    digits = [data.Symbol(name[0], name, strokes) for name, strokes in DIGITS.items()]
    waves = [[x for i in range(60) for x in (100 + 13 * i, 500 + (60 if i % 4 < 2 else -60))]]
    return data.varied([*digits, *[data.Symbol("~", "waves", waves)] * 5], renderings=16, seed=0)


@pytest.fixture(scope="module")
def small(glyphs: data.Glyphs) -> Data:
    """All sets are the same few symbols: enough to see a training run, and not to see it learn."""
    digits = data.Glyphs(glyphs.images[:320], glyphs.labels[:320])
    others = data.Glyphs(glyphs.images[320:], glyphs.labels[320:])
    few = data.Glyphs(digits.images[::20], digits.labels[::20])
    return Data(few, digits, others, few, few, few, few, few, others, few, few)


@pytest.fixture(scope="module", autouse=True)
def small_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training, "BATCH", 64)
        patched.setattr(training, "USPS_EPOCHS", 2)
        yield


@pytest.fixture(scope="module")
def trained(small: Data, tmp_path_factory: pytest.TempPathFactory) -> keras.Model:
    return train(small, epochs=3, states=tmp_path_factory.mktemp("states"))[0]


@pytest.fixture(scope="module")
def exported(trained: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    export(trained, path)
    return path


def test_keras_and_onnx_say_the_same(trained: keras.Model, exported: Path, glyphs: data.Glyphs) -> None:
    expected = trained.predict(glyphs.images.astype(np.float32) / 255, verbose=0)
    actual = run(exported, glyphs.images)
    for name in OUTPUTS:
        np.testing.assert_allclose(actual[name], expected[name], atol=1e-4, err_msg=name)
    assert len(np.unique(expected["probabilities"].argmax(axis=1))) > 1, "the same answer to all shows no parity"
    measured = parity(trained, exported, glyphs.images)
    assert (measured["images"], measured["differ"]) == (len(glyphs), 0)
    assert measured["largest"] < 1e-4


def test_a_training_that_was_stopped_goes_on_where_it_was(
    small: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = State.save

    def stop_after_two(state: State, learner: keras.Model, history: list[dict]) -> None:
        save(state, learner, history)
        if len(history) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(State, "save", stop_after_two)
        train(small, epochs=4, states=tmp_path)
    kept, history = State(tmp_path).load() or pytest.fail("nothing was kept")
    assert [row["epoch"] for row in history] == [1, 2]
    steps = int(kept.optimizer.iterations)
    finished, history = train(small, epochs=4, states=tmp_path)
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    resumed, _ = State(tmp_path).load() or pytest.fail("nothing was kept")
    assert int(resumed.optimizer.iterations) == 2 * steps
    assert [row["USPS learned"] for row in history] == [False, False, True, True]
    # Stopped after the last epoch, but before the model was written.
    again, _ = train(small, epochs=4, states=tmp_path)
    for one, other in zip(finished.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_what_was_learned_elsewhere_is_calibrated_and_exported(
    small: Data, trained: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "model.weights.h5"
    trained.save_weights(weights)
    (tmp_path / "model.history.json").write_text('[{"epoch": 1, "seconds": 1}]')
    monkeypatch.setattr(gather, "gather", lambda *_: small)
    out = tmp_path / "out" / "model.onnx"
    monkeypatch.setattr(sys, "argv", ["train", "--data", str(tmp_path), "--out", str(out), "--weights", str(weights)])
    training.main()
    told = json.loads((out.parent / "history.json").read_text())
    assert told["epochs"] == [{"epoch": 1, "seconds": 1}]
    assert told["parity"]["differ"] == 0
    expected = np.asarray(trained(small.digits.images.astype(np.float32) / 255)["features"])
    np.testing.assert_allclose(run(out, small.digits.images)["features"], expected, atol=1e-4)


@pytest.mark.parametrize("which", ["exported", "committed"])
def test_the_model_keeps_its_contract(exported: Path, which: str) -> None:
    path = exported if which == "exported" else MODEL
    assert path.stat().st_size < 1_000_000
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [(i.name, i.type, i.shape[1:]) for i in session.get_inputs()] == [("images", "tensor(float)", [28, 28])]
    for count in (1, 7):
        images = np.random.default_rng(count).random((count, 28, 28), np.float32)
        outputs = dict(zip([o.name for o in session.get_outputs()], session.run(None, {"images": images}), strict=True))
        assert sorted(outputs) == sorted(OUTPUTS)
        assert outputs["probabilities"].shape == (count, 10)
        np.testing.assert_allclose(outputs["probabilities"].sum(axis=1), 1, atol=1e-5)
        assert outputs["is_digit"].shape == (count,)
        assert ((outputs["is_digit"] >= 0) & (outputs["is_digit"] <= 1)).all()
        assert outputs["features"].ndim == 2


def test_deformed_images_are_a_little_different_each_time(glyphs: data.Glyphs) -> None:
    images = glyphs.images[:64].astype(np.float32) / 255
    first, second = (np.asarray(augment(images)) for _ in range(2))
    assert first.shape == images.shape
    assert first.min() >= 0
    assert first.max() <= 1
    assert np.abs(first - second).mean() > 0.01
    # Ink moves, but next to nothing leaves the frame.
    assert first.sum() == pytest.approx(images.sum(), rel=0.1)


def test_the_interval_holds_what_it_should() -> None:
    # The example in Newcombe, Statistics in Medicine 17 (1998): 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
)
def test_auroc_is_the_share_of_pairs_in_order(digits: list[int], others: list[int]) -> None:
    pairs = [1.0 if d > o else 0.5 if d == o else 0.0 for d in digits for o in others]
    expected = sum(pairs) / len(pairs)
    assert auroc(np.array(digits, np.float32), np.array(others, np.float32)) == pytest.approx(expected)


def test_the_committed_model_reads_what_it_has_not_seen(shared_data: Path) -> None:
    """The figures that were measured are in training/REPORT.md; these leave room for other machines' rounding."""
    _, test = data.mnist(shared_data / "mnist")
    unseen = [s for s in data.read_symbols(shared_data / "ink/digits_train.jsonl.gz") if data.is_validation(s.writer)]
    for glyphs, goal in ((data.normalised(test), 0.994), (data.as_written(unseen, seed=3), 0.975)):
        read = run(MODEL, glyphs.images)["probabilities"].argmax(axis=1)
        assert (read == glyphs.labels).mean() >= goal
