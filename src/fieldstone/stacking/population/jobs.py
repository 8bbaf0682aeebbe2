"""Readiness of everybody for every job, and the best few jobs for each.

Readiness (`stacking.readiness`) is the share of what a job asks that is shown: the sum of importance x min(level asked,
level shown) over the sum of importance x level asked. A level shown of 0 adds nothing, and most people show a few
skills at a few levels; so what each level of each skill brings in every job is tabled once, and a person is the sum of
her rows. Sums are whole numbers (ratings have two decimals), so that equal answers are equal to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .kernel import Array

PEOPLE = 256
"""People whose sums are made at once: they stay in the processor's nearest memory."""
MAXIMUM = 100_000
"""The highest rating, in hundredths."""


def hundredths(ratings: Any) -> Array:
    """Ratings with at most two decimals as whole hundredths. Raises ValueError for others, or below 0."""
    exact = np.asarray(ratings, np.float64) * 100
    whole = np.rint(exact)
    if not np.allclose(exact, whole, rtol=0, atol=1e-6) or np.any(whole < 0) or np.any(whole > MAXIMUM):
        raise ValueError("ratings are from 0 to 1,000 with at most two decimals")
    return whole.astype(np.int32)


class Jobs:
    """What jobs ask: `importance` and `level`, jobs x skills, in hundredths."""

    def __init__(self, importance: Array, level: Array) -> None:
        """Raises ValueError where the shapes differ."""
        if importance.shape != level.shape or importance.ndim != 2:
            raise ValueError("importance and level must both be jobs x skills")
        self.importance, self.level = importance.astype(np.int64), level.astype(np.int64)
        self.whole: Array = (self.importance * self.level).sum(axis=1)
        self.asking = np.flatnonzero(self.whole)

    def best(self, shown: Array, top: int = 5) -> tuple[Array, Array]:
        """The jobs that each person is most ready for: positions and readiness, people x `top`, the most ready first.

        `shown`: people x skills, the level shown of each, in hundredths. Equally ready jobs come in the jobs' order;
        jobs that ask for nothing are left out; where there are fewer jobs, positions are -1 and readiness 0.
        Raises ValueError where `shown` has another number of skills, or a level below 0.
        """
        if shown.ndim != 2 or shown.shape[1] != self.level.shape[1] or (shown.size and shown.min() < 0):
            raise ValueError("shown must be people x skills, none below 0")
        table, row_of = self._table(shown)
        whole = self.whole[self.asking].astype(np.float64)
        positions = np.full((len(shown), top), -1, np.int32)
        values = np.zeros((len(shown), top))
        for first in range(0, len(shown), PEOPLE):
            some = slice(first, first + PEOPLE)
            _best(_sums(table, row_of, shown[some]) / whole, positions[some], values[some])
        found = positions >= 0
        positions[found] = self.asking[positions[found]]
        return positions, values

    def _table(self, shown: Array) -> tuple[Array, Array]:
        """What each level that occurs brings in every job, and for each skill and level the row that says it."""
        skills = shown.shape[1]
        highest = int(shown.max(initial=0))
        row_of = np.zeros((skills, highest + 1), np.int32)
        kind = np.float32 if self.whole.max(initial=0) < 1 << 24 else np.float64
        rows = [np.zeros(len(self.asking), kind)]
        for skill in range(skills):
            occurs = np.flatnonzero(np.bincount(shown[:, skill], minlength=1))
            importance, asked = self.importance[self.asking, skill], self.level[self.asking, skill]
            for level in occurs[occurs > 0].tolist():
                row_of[skill, level] = len(rows)
                rows.append((importance * np.minimum(asked, level)).astype(kind))
        return np.array(rows), row_of


def _sums(table: Array, row_of: Array, shown: Array) -> Array:
    """For each person the sum of her rows: whole numbers, people x jobs."""
    person, skill = np.nonzero(shown)
    row = row_of[skill, shown[person, skill]]
    counts = np.bincount(person, minlength=len(shown))
    order = np.argsort(-counts, kind="stable")  # the longest first, so that each round has a stretch of people
    starts = np.concatenate([[0], np.cumsum(counts)])[order]
    counts = counts[order]
    sums = np.zeros((len(shown), table.shape[1]), table.dtype)
    part = np.empty_like(sums)
    for place in range(int(counts.max(initial=0))):
        people = int(np.searchsorted(-counts, -place, side="left"))
        np.take(table, row[starts[:people] + place], axis=0, out=part[:people], mode="clip")
        sums[:people] += part[:people]
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    found: Array = sums[back]
    return found


def _best(ready: Array, positions: Array, values: Array) -> None:
    """Write the highest values of each row, and where they are, and overwrite them."""
    people = np.arange(len(ready))
    for rank in range(min(positions.shape[1], ready.shape[1])):
        place = ready.argmax(axis=1)
        positions[:, rank] = place
        values[:, rank] = ready[people, place]
        ready[people, place] = -1
