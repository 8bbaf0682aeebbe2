"""Running a target: time and memory are watched, inputs that are answered in a new way are kept to grow from."""

from __future__ import annotations

import contextlib
import hashlib
import random
import signal
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldstone.credential import CredentialError
from tests.fuzz.mutate import Change

SECONDS = 3.0  # of CPU time for one input; a hang is cut off after three times as much
MEMORY = 48 * 1024 * 1024  # bytes at most at once for one input, and 400 more for each of its bytes
WATCH = 25  # memory is measured for one input in so many, since measuring is slow
MOST_KEPT = 2000


@dataclass(frozen=True)
class Target:
    """A parser: what reads the bytes and says how it went, how inputs change, and what they begin from."""

    name: str
    read: Callable[[bytes], object]
    change: Change
    seeds: Callable[[], Sequence[bytes]]


class Hang(BaseException):
    """Raised into a parser that does not come to an end; no parser may catch it."""


@dataclass(frozen=True)
class Finding:
    """An input that broke the law, and how."""

    target: str
    data: bytes
    words: str

    @property
    def place(self) -> str:
        """Where in the code, so that a hundred inputs with one cause count as one."""
        lines = [line.strip() for line in self.words.strip().splitlines()]
        files = [line for line in lines if line.startswith("File ")]
        return "|".join([lines[-1].partition(":")[0], *files[-2:]])


@dataclass
class Tally:
    """What came of a run."""

    target: str
    seed: int
    executions: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    peak: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)

    def line(self) -> str:
        return (
            f"{self.target:14} {self.executions:9,} executions in {self.seconds / 60:6.2f} min, "
            f"{len(self.outcomes):4} kinds of answer, slowest {self.slowest:.2f} s, "
            f"most memory {self.peak / 2**20:.1f} MB, {len(self.findings)} findings"
        )


@contextlib.contextmanager
def _cut_off(seconds: float) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise Hang(f"no end after {seconds} s of CPU time")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def once(target: Target, data: bytes, *, watch: bool = False) -> tuple[str, float, int, Finding | None]:
    """One input: how it was answered, CPU seconds, peak bytes (0 where not watched), and what was wrong."""
    words = outcome = ""
    peak = 0
    if watch:
        tracemalloc.start()
    started = time.process_time()
    try:
        with _cut_off(3 * SECONDS):
            outcome = str(target.read(data))
    except CredentialError as error:
        outcome = f"{type(error).__name__} {error.code}"
        if not isinstance(error.detail, str) or not error.code.isascii():
            words = f"an error without words: {error!r}"
    except (Exception, Hang):
        words = traceback.format_exc(limit=-12)
    spent = time.process_time() - started
    if watch:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    if not words and spent > SECONDS * (10 if watch else 1):
        words = f"slow: {spent:.1f} s of CPU time for {len(data)} bytes"
    if not words and peak > MEMORY + 400 * len(data):
        words = f"memory: {peak} bytes for {len(data)} bytes"
    return outcome, spent, peak, Finding(target.name, data, words) if words else None


def run(target: Target, *, seconds: float, seed: int) -> Tally:
    """Fuzz for so many seconds of wall time; the same seed makes the same inputs."""
    rng = random.Random(int.from_bytes(hashlib.sha256(f"{seed}/{target.name}".encode()).digest()[:8], "big"))
    tally = Tally(target.name, seed)
    seeds = [data for data in target.seeds() if data]
    kept: list[bytes] = list(seeds)
    started = time.monotonic()
    while time.monotonic() - started < seconds or tally.executions < len(seeds):
        number = tally.executions
        data = seeds[number] if number < len(seeds) else _next(target, kept, seeds, rng)
        watch = number % WATCH == 0
        outcome, spent, peak, finding = once(target, data, watch=watch)
        tally.executions += 1
        tally.peak = max(tally.peak, peak)
        tally.slowest = max(tally.slowest, 0.0 if watch else spent)
        if finding is not None:
            tally.findings.setdefault(finding.place, finding)
        elif not tally.outcomes[outcome] and number >= len(seeds) and len(data) < 100_000:
            kept.append(data)
            if len(kept) > MOST_KEPT:
                del kept[rng.randrange(len(seeds), len(kept))]
        if outcome in tally.outcomes or len(tally.outcomes) < 10_000:
            tally.outcomes[outcome] += 1
    tally.seconds = time.monotonic() - started
    return tally


def _next(target: Target, kept: list[bytes], seeds: list[bytes], rng: random.Random) -> bytes:
    data = rng.choice(kept if rng.randrange(3) else seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = target.change(data, rng, kept)
    return data
