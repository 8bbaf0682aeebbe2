"""Every parser meets hostile input for a few seconds in each run of the tests, a minute in all.

The inputs are the same each time, so that what decides about a change does not depend on luck; `make fuzz` draws
others each time. What is found prints the command that shows it again. FIELDSTONE_FUZZ_SECONDS makes it longer,
FIELDSTONE_FUZZ_SEED changes the inputs.
"""

from __future__ import annotations

import base64
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldstone import credential as c
from tests.fuzz import engine
from tests.fuzz.engine import Target, once, run
from tests.fuzz.mutate import bent, written
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("FIELDSTONE_FUZZ_SECONDS", "60")) / len(TARGETS)
SEED = os.environ.get("FIELDSTONE_FUZZ_SEED", "1")


@pytest.mark.skipif(
    bool(os.environ.get("FIELDSTONE_DATABASE_URL")), reason="no parser knows the database: done with SQLite"
)
@pytest.mark.parametrize("name", TARGETS)
def test_only_the_librarys_own_errors_come_out(name: str, tmp_path: Path) -> None:
    """In a process of its own, whose memory is limited."""
    environment = {**os.environ, "PYTHONPATH": "src", "FIELDSTONE_FINDINGS": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--target", name, "--seconds", str(SECONDS), "--seed", SEED],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS * 10 + 120,
    )  # fmt: skip
    inputs = {path.name: base64.b64encode(path.read_bytes())[:4000] for path in tmp_path.rglob("*") if path.is_file()}
    assert found.returncode == 0, f"{found.stdout}\n{found.stderr[-2000:]}\n{inputs}"
    assert " 0 findings" in found.stdout


def _target(read: object) -> Target:
    return Target("broken", read, bent, lambda: [b"a", b"b"])  # type: ignore[arg-type]  # any function here


def _wrong(data: bytes) -> str:
    raise KeyError(data)


def _endless(data: bytes) -> str:
    while True:
        try:
            sum(range(1000))
        except Exception:  # even a parser that swallows everything is cut off
            continue


def _greedy(data: bytes) -> str:
    return str(len(bytes(engine.MEMORY + 1_000_000)))


def _refusing(data: bytes) -> str:
    raise c.CredentialError("no", "No.")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(engine, "SECONDS", 0.05)
    yield


@pytest.mark.parametrize(("read", "words"), [(_wrong, "KeyError"), (_endless, "no end after"), (_greedy, "memory: ")])
@pytest.mark.usefixtures("hasty")
def test_the_fuzzer_sees_what_breaks_the_law(read: object, words: str) -> None:
    _, _, _, finding = once(_target(read), b"x", watch=True)
    assert finding is not None and words in finding.words
    tally = run(_target(read), seconds=0, seed=1)
    assert len(tally.findings) == 1, "one cause counts once"


def test_a_refusal_is_an_answer_and_new_answers_are_grown_from() -> None:
    assert once(_target(_refusing), b"x")[3] is None
    first = run(_target(lambda data: str(len(data) % 7)), seconds=0.05, seed=4)
    assert len(first.outcomes) == 7 and not first.findings


def test_the_same_seed_makes_the_same_inputs() -> None:
    seen: list[list[bytes]] = [[], []]
    for inputs in seen:
        run(_target(lambda data, inputs=inputs: inputs.append(data)), seconds=0.02, seed=9)
    shorter = min(len(inputs) for inputs in seen)
    assert shorter > 10 and seen[0][:shorter] == seen[1][:shorter]


def test_a_tree_that_grew_too_deep_to_write_is_still_an_input() -> None:
    deep: object = {}
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(c.CredentialError):
        c.loads(written(deep, random.Random(1)))
