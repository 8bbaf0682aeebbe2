"""Evaluate many trees for many people at once.

Most people hold a handful of credentials, so most trees are untouched for most people. For each tree only those are
looked at who hold something that it names: their rows of ones and zeros are filled from the holders of each column,
and the program runs over the rows as NumPy arrays. Work grows with what is held, not with people times trees.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiling import Clock, Compiled, Fewest, Lack, Node, Tree

Array = NDArray[Any]
BLOCK_BITS = 18
"""People in a block, as a power of two: what is looked up for each of them stays near the processor."""
CELLS = 1 << 25
"""Cells of the largest table of rows that is made at once."""


class Index:
    """Holders of each column, block by block of people, ascending."""

    def __init__(self, people: int, columns: int, learner: Array, column: Array) -> None:
        self.people, self.columns = people, columns
        self.block = 1 << BLOCK_BITS
        self.blocks = -(-people // self.block)
        if len(learner) and np.any(learner[1:] < learner[:-1]):
            order = np.argsort(learner, kind="stable")
            learner, column = learner[order], column[order]
        bounds = np.searchsorted(learner, np.arange(self.blocks + 1) * self.block)
        narrow = np.uint16 if columns <= 1 << 16 else np.int64
        self.holders, self.starts = [], []
        for number, (first, last) in enumerate(pairwise(bounds.tolist())):
            mine = column[first:last].astype(narrow)
            order = np.argsort(mine, kind="stable")
            self.holders.append((learner[first:last] - number * self.block)[order].astype(np.intp))
            counts = np.bincount(mine, minlength=columns)
            self.starts.append([0, *np.cumsum(counts).tolist()])


class Sweep:
    """One walk over the blocks: for each tree, those who are nearer than with empty hands, and how much is left."""

    def __init__(self, compiled: Compiled, index: Index) -> None:
        self.compiled, self.index = compiled, index
        self.place = np.zeros(index.block, np.intp)
        self.counter = np.arange(0, dtype=np.intp)

    def block(self, number: int, only: range | None = None) -> Iterator[tuple[int, Array, Array]]:
        """Yield (tree, people in the block, units left) for each tree that somebody in the block has begun."""
        holders, starts = self.index.holders[number], self.index.starts[number]
        for tree in only or range(len(self.compiled.trees)):
            program = self.compiled.trees[tree]
            if not program.empty:
                continue
            found = [
                [
                    holders[starts[column] : starts[column + 1]]
                    for column in columns
                    if starts[column] < starts[column + 1]
                ]
                for columns in program.rows
            ]
            if program.ahead:
                found.append([np.arange(min(self.index.block, self.index.people - number * self.index.block))])
            total = sum(len(some) for row in found for some in row)
            if not total:
                continue
            parts = -(-min(total, self.index.block) * len(found) // CELLS)
            for some in [found] if parts == 1 else _cut(found, self.index.block, parts):
                who, left = self._touched(program, some)
                begun = np.flatnonzero(left < program.whole)
                if len(begun):
                    yield tree, who[begun], left[begun]

    def _touched(self, program: Tree, found: list[list[Array]]) -> tuple[Array, Array]:
        """Everybody who holds one of the tree's columns, once, and the units left for each."""
        every = [some for row in found for some in row]
        people = np.concatenate(every) if every else np.zeros(0, np.intp)
        if len(people) > len(self.counter):
            self.counter = np.arange(len(people), dtype=np.intp)
        counter = self.counter[: len(people)]
        place = self.place
        place[people] = counter  # of repeated people the last one counts
        who = people[place[people] == counter]
        place[who] = self.counter[: len(who)]
        lacks = np.ones((len(found), len(who)), np.uint8)
        for row, some in zip(lacks, found, strict=True):
            for holders in some:
                row[place[holders]] = 0
        return who, left_of(program, lacks)


def _cut(found: list[list[Array]], block: int, parts: int) -> Iterator[list[list[Array]]]:
    """The same holders in several stretches of people."""
    bounds = np.linspace(0, block, parts + 1).astype(np.intp)
    for first, last in pairwise(bounds.tolist()):
        yield [[some[np.searchsorted(some, first) : np.searchsorted(some, last)] for some in row] for row in found]


def left_of(program: Tree, lacks: Array) -> Array:
    """Units left, from a table of rows x people that has 1 where somebody lacks the row."""
    kind: Any = np.object_
    for narrow, bits in ((np.int64, 62), (np.uint16, 16), (np.uint8, 8)):
        if program.peak < 1 << bits:
            kind = narrow
    return _left(program.root, lacks, program.unit, kind)


def _left(node: Node, lacks: Array, unit: int, kind: Any) -> Array:
    match node:
        case Lack():
            lack: Array = lacks[node.row]
            return lack if kind is np.uint8 and unit == 1 else lack.astype(kind) * unit
        case Fewest():
            return _fewest(node, lacks, unit, kind)
        case _:
            return _clock(node, lacks, kind)


def _fewest(node: Fewest, lacks: Array, unit: int, kind: Any) -> Array:
    children = [_left(child, lacks, unit, kind) for child in node.of]
    count = min(node.at_least, len(children))
    if not count:
        return np.full(lacks.shape[1], node.absent * unit, kind)
    if count == len(children):
        best = _sum(children)
    elif count == 1:
        best = children[0]
        for child in children[1:]:
            best = np.minimum(best, child)
    elif node.flat:
        spare = (len(children) - count) * unit
        best = _sum(children)
        best = np.maximum(best, best.dtype.type(spare) if kind is not np.object_ else spare) - spare
    else:
        best = _sum(_smallest(children, count))
    return best + node.absent * unit if node.absent else best


def _sum(parts: list[Array]) -> Array:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _smallest(children: list[Array], count: int) -> list[Array]:
    """The `count` smallest of the children, person by person: each round carries the smallest to the front."""
    children = list(children)
    for first in range(count):
        for other in range(first + 1, len(children)):
            low = np.minimum(children[first], children[other])
            children[other] = np.maximum(children[first], children[other])
            children[first] = low
    return children[:count]


def _clock(node: Clock, lacks: Array, kind: Any) -> Array:
    people = lacks.shape[1]
    counted = np.zeros(people, np.int64)
    short = np.zeros(people, np.int64)
    for minimum, credentials in node.areas:
        hours = np.zeros(people, np.int64)
        for forms in credentials:
            best = np.zeros(people, np.int64)
            for row, amount in forms:
                best = np.maximum(best, np.where(lacks[row], 0, amount))
            hours += best
        counted += hours
        short += np.maximum(minimum - hours, 0)
    missing = np.maximum(np.maximum(node.needed - counted, short), 0)
    spent: Array = missing.astype(kind) * node.share
    return spent
