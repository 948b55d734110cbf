"""Damaged, truncated and absurd image files: each is read or refused in words, and that soon."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests import fuzz
from tests.conftest import ROOT

MOST_ENDED = 10
"""Processes that are started again: with more of them ending, what is wrong is told already."""


@pytest.mark.parametrize("what", fuzz.whole_files())
def test_what_is_to_be_damaged_is_read_as_long_as_it_is_whole(what: str) -> None:
    outcome, text = fuzz.outcome_of(fuzz.whole_files()[what])
    assert (outcome, bool(text)) == ("read", True), text


@pytest.mark.timeout(0)  # the process that reads has a limit for each file
def test_a_damaged_file_is_read_or_refused_in_words(request: pytest.FixtureRequest) -> None:
    seed, files = request.config.getoption("--fuzz-seed"), request.config.getoption("--fuzz")
    outcomes = outcomes_of(seed, files)

    kinds = Counter(outcome["outcome"] for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome["seconds"])
    print(f"{kinds['read']} read, {kinds['refused']} refused, {kinds['fault']} faults; the slowest: {slowest}")
    faults = [outcome for outcome in outcomes if outcome["outcome"] == "fault"]
    assert not faults, "\n\n".join(
        f"python -m tests.fuzz {seed} {fault['index']} {fault['index'] + 1}  # {fault['what']}\n{fault['words']}"
        for fault in faults
    )
    # Damage that leaves nothing to read, or nothing to refuse, would not try much.
    assert min(kinds["read"], kinds["refused"]) > files / 10


def outcomes_of(seed: int, files: int) -> list[fuzz.Outcome]:
    """Read the files in a process that may crash, or end itself over one that takes too long; another one goes on."""
    outcomes: list[fuzz.Outcome] = []
    ended = 0
    while len(outcomes) < files and ended < MOST_ENDED:
        first = len(outcomes)
        process = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", str(seed), str(first), str(files)],
            cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        outcomes += [json.loads(line) for line in process.stdout.splitlines()]
        if process.returncode != 0:
            ended += 1
            index = len(outcomes)
            outcomes.append(
                fuzz.Outcome(
                    index=index,
                    what=fuzz.file_of(seed, index)[0],
                    outcome="fault",
                    words=f"exit status {process.returncode}\n{process.stderr[-5000:]}",
                    seconds=0,
                )
            )
    return outcomes
