import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.model import MODEL
from training import baselines, evaluate
from training.gather import gather

EPOCH = {"epoch": 1, "seconds": 1, "loss": 0.1, "unseen writers": 0.9, "MNIST kept back": 0.9, "USPS": 0.95}
HISTORY = {
    "temperature": 1.1,
    "parity": {"images": 10, "differ": 0, "largest": 1e-6},
    "epochs": [{**EPOCH, "USPS learned": False}, {**EPOCH, "epoch": 2, "USPS learned": True}],
}


def test_the_report_has_every_figure_and_every_picture(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baselines, "EPOCHS", 1)
    monkeypatch.setattr(evaluate, "FIGURES", tmp_path / "figures")
    monkeypatch.setattr(evaluate, "HISTORY", tmp_path / "history.json")
    (tmp_path / "history.json").write_text(json.dumps(HISTORY))
    report = evaluate.report(MODEL, folder, gather(folder, tmp_path / "cache"))
    for line in (
        "| MNIST's test images | 100.00% of 20 |",
        "| USPS, all of it, before it was learned | 95.00% of 20 |",
        "| (a) conv 32, pool, dropout, conv 64, pool, dropout, dense 64 | squeezing the pad to 28 × 28 |",
        "| **Digitpad's** | `digitpad.normalise` | 100.00% | 100.00% |",
        "expected calibration error",
    ):
        assert line in report
    pictures = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert pictures == sorted(re.findall(r"\(figures/(\S+)\)", report))
    for name in pictures:
        assert Image.open(tmp_path / "figures" / name).size > (200, 200)
