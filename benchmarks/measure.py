"""What all benchmarks share: rates per second of processor time, and the form in which they are printed."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One line: `ratio` says how many times better than the peer; None where the peer was not there.

    `peak` is the memory in MB of the process that worked, where that was not this one. Of `s` and `ms`, less is better.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    peak: float | None = None

    def to_json(self) -> dict[str, Any]:
        peak = self.peak or megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        ratio = None
        if self.peer_value:
            less = self.unit in ("s", "ms")
            ratio = round(self.peer_value / self.value if less else self.value / self.peer_value, 3)
        return {
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value and _short(self.peer_value),
            "ratio": ratio,
            "peak_mb": round(peak, 1),
        }


def _short(value: float) -> float:
    """One place after the point, and three digits where it is small."""
    return round(value, 1) if value >= 100 else float(f"{value:.3g}")


def megabytes(peak: int) -> float:
    """What `getrusage` says of the most memory that a process held, in MB."""
    return peak / (1024 if sys.platform != "darwin" else 1024**2)


def rate(work: Callable[[Any], object], items: Iterable[Any], rounds: int = ROUNDS) -> float:
    """How many of `items` are worked on in a second of processor time of one core: the best of some rounds."""
    items = list(items)
    gc.collect()
    gc.freeze()  # what the benchmark itself holds is not the work's to look after
    best = float("inf")
    try:
        for _ in range(rounds):
            started = time.process_time()
            for item in items:
                work(item)
            best = min(best, time.process_time() - started)
    finally:
        gc.unfreeze()
    return len(items) / max(best, 1e-9)


def show(cases: Iterable[Case], *, as_json: bool) -> None:
    """Print each case as soon as it is known."""
    for case in cases:
        line = case.to_json()
        if as_json:
            print(json.dumps(line), flush=True)
        else:
            peer = (
                "" if case.peer is None else f"  {case.peer}: {line['peer_value'] or '-'}, ratio {line['ratio'] or '-'}"
            )
            print(f"{case.name:<58} {line['value']:>12,} {case.unit:<4}{peer}  ({line['peak_mb']} MB)", flush=True)


def note(text: str) -> None:
    """A sentence for whoever runs the benchmark, beside the figures."""
    print(text, file=sys.stderr, flush=True)
