"""Counts that are safe to publish: small ones hidden, and enough others that no hidden one can be worked out.

For one-way tables with a total. The rule: hide every count from 1 up to a limit, at first `threshold` − 1, raised to
the next larger count until the hidden cells together hold at least `threshold` people and not all the same count.

Why nothing can be worked out, even by somebody who knows this rule: which cells are hidden depends only on their
counts, so exchanging two hidden counts gives a table that is published exactly alike. As the hidden counts are not
all equal, each hidden cell has at least two possible values. Equal counts are hidden or shown together for that reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

THRESHOLD = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A table as it may be shown: None stands for a hidden count.

    `small` counts the cells hidden because they are small, `others` those hidden to protect them.
    """

    cells: Mapping[str, int | None]
    total: int | None
    small: int
    others: int


def release(counts: Mapping[str, int], *, threshold: int = THRESHOLD) -> Release:
    """Hide what must not be shown of a one-way table of disjoint groups, whose total is shown too.

    Counts from 1 to `threshold` − 1 are small; 0 is shown. Where no choice of cells protects the small ones, the
    whole table is hidden, its total last. Raises ValueError for a count below 0 or a threshold below 3 (hiding
    only ones would say what they are).
    """
    if threshold < 3:
        raise ValueError("the threshold is at least 3")
    if any(count < 0 for count in counts.values()):
        raise ValueError("counts are not below 0")
    total = sum(counts.values())
    small = sum(0 < count < threshold for count in counts.values())
    hidden = _hidden(counts, threshold) if small else set[str]()
    alone = bool(small) and not _safe([counts[name] for name in hidden], threshold)
    return Release(
        cells={name: None if name in hidden else count for name, count in counts.items()},
        total=None if alone else total,
        small=small,
        others=len(hidden) - small,
    )


def _hidden(counts: Mapping[str, int], threshold: int) -> set[str]:
    """The cells to hide: as few as are safe, else all, those with 0 included."""
    larger = sorted({count for count in counts.values() if count >= threshold})
    for limit in (threshold - 1, *larger):
        hidden = {name for name, count in counts.items() if 0 < count <= limit}
        if _safe([counts[name] for name in hidden], threshold):
            return hidden
    return set(counts)


def _safe(hidden: list[int], threshold: int) -> bool:
    return sum(hidden) >= threshold and len(set(hidden)) > 1
