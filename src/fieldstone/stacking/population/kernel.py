"""Evaluate many trees for many people at once, block by block of people.

Who meets a tree is found on bits: a column is one bit for each person, 64 to a word, and a branch is a few operations
on words. How much is left is found on bytes: a column is 1 for each person who lacks it. Both are plain NumPy over
arrays that fit the processor's memory, so that work is trees x people / 64 and trees x people, with small factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiling import Clock, Columns, Compiled, Fewest, Lack, Node, Tree

Array = NDArray[Any]
BLOCK_BITS = 16
"""People in a block at most, as a power of two."""
CELLS = 1 << 28
"""Bytes that the tables of one block may take."""


class Index:
    """Holders of each column, block by block of people, ascending."""

    def __init__(self, people: int, compiled: Compiled, learner: Array, column: Array, *, wide: bool = False) -> None:
        """`wide`: blocks of four times as many people, for bits alone."""
        columns, trees = len(compiled.forms), len(compiled.trees)
        room = max(8, CELLS // (columns + 2 * trees + 1))
        self.people, self.columns = people, columns
        self.block = 1 << min(BLOCK_BITS, room.bit_length() - 1) + 2 * wide
        self.blocks = -(-people // self.block)
        if len(learner) and np.any(learner[1:] < learner[:-1]):
            order = np.argsort(learner, kind="stable")
            learner, column = learner[order], column[order]
        bounds = np.searchsorted(learner, np.arange(self.blocks + 1) * self.block).tolist()
        narrow = np.uint16 if columns <= 1 << 16 else np.int64
        self.holders: list[Array] = []
        self.starts: list[list[int]] = []
        self.table: Array | None = None
        for number, (first, last) in enumerate(pairwise(bounds)):
            mine = column[first:last].astype(narrow)
            order = np.argsort(mine, kind="stable")
            self.holders.append((learner[first:last] - number * self.block)[order].astype(np.int32))
            counts = np.bincount(mine, minlength=columns)
            self.starts.append([0, *np.cumsum(counts).tolist()])

    def size(self, number: int) -> int:
        """How many people are in a block."""
        return min(self.block, self.people - number * self.block)

    def bits(self, number: int) -> Array:
        """Who holds each column: columns x words of 64 people, the lowest bit first."""
        width = -(-self.block // 64) * 8
        table = np.zeros(self.columns * width, np.uint8)
        holders, starts = self.holders[number], np.array(self.starts[number])
        column = np.repeat(np.arange(self.columns), np.diff(starts))
        place = column * width + (holders >> 3)
        if len(place):
            new = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
            one = np.left_shift(np.uint8(1), (holders & 7).astype(np.uint8))
            table[place[new]] = np.bitwise_or.reduceat(one, new)
        return table.reshape(self.columns, width).view(np.uint64)

    def lacks(self, number: int) -> Array:
        """Who lacks each column: columns x people, 1 or 0; the last row is for a column that nobody holds.

        Valid until the next call: the same memory is filled again.
        """
        if self.table is None:
            self.table = np.empty((self.columns + 1, min(self.block, self.people)), np.uint8)
        table = self.table[:, : self.size(number)]
        table[:] = 1
        holders, starts = self.holders[number], self.starts[number]
        for row, (first, last) in zip(table, pairwise(starts), strict=False):
            row[holders[first:last]] = 0
        return table


# Bits


def met(program: Tree, bits: Array) -> Array | None:
    """Who meets a tree, as words of bits; None where hours must be added up."""
    return _met(program.root, program.rows, bits)


def _met(node: Node, rows: Sequence[Columns], bits: Array) -> Array | None:
    if isinstance(node, Lack):
        return _either([bits[column] for column in rows[node.row]], bits)
    if isinstance(node, Clock):
        return None
    if node.absent:
        return np.zeros(bits.shape[1], np.uint64)
    children = []
    for child in node.of:
        found = _met(child, rows, bits)
        if found is None:
            return None
        children.append(found)
    if node.at_least == len(children):
        return _fold(np.bitwise_and, children)
    if node.at_least == 1:
        return _fold(np.bitwise_or, children)
    return _at_least(node.at_least, children)


def _either(columns: list[Array], bits: Array) -> Array:
    return _fold(np.bitwise_or, columns) if columns else np.zeros(bits.shape[1], np.uint64)


def _fold(work: Callable[..., Array], parts: list[Array]) -> Array:
    """All parts by one operation; no part is changed."""
    if len(parts) == 1:
        return parts[0]
    total = work(parts[0], parts[1])
    for part in parts[2:]:
        work(total, part, out=total)
    return total


def _at_least(count: int, children: list[Array]) -> Array:
    """Whether so many children are met, 1 < count < len(children): `reached[n]` says it of n + 1, child after child.

    Only those numbers are carried that the children to come can still bring to `count`.
    """
    reached = [children[0]]
    for place, child in enumerate(children[1:], 1):
        lowest = max(0, count - len(children) + place)
        if place < count:
            reached.append(reached[-1] & child)
        for level in range(min(place, count) - 1, max(lowest, 1) - 1, -1):
            step = reached[level - 1] & child
            step |= reached[level]
            reached[level] = step
        if not lowest:
            reached[0] = reached[0] | child
    return reached[-1]


# Bytes


def left_of(program: Tree, lacks: Array) -> Array:
    """Units left for each person of a block, in the narrowest type that holds the tree's `peak`."""
    kind: Any = np.object_
    for narrow, bits in ((np.int64, 62), (np.uint16, 16), (np.uint8, 8)):
        if program.peak < 1 << bits:
            kind = narrow
    rows = [
        lacks[columns[0]] if len(columns) == 1 else _fold(np.minimum, [lacks[each] for each in columns or (-1,)])
        for columns in program.rows
    ]
    return _left(program.root, rows, program.unit, kind, lacks.shape[1])


def _left(node: Node, rows: list[Array], unit: int, kind: Any, people: int) -> Array:
    match node:
        case Lack():
            lack = rows[node.row]
            return lack if kind is np.uint8 and unit == 1 else lack.astype(kind) * unit
        case Fewest():
            return _fewest(node, rows, unit, kind, people)
        case _:
            return _clock(node, rows, kind, people)


def _fewest(node: Fewest, rows: list[Array], unit: int, kind: Any, people: int) -> Array:
    children = [_left(child, rows, unit, kind, people) for child in node.of]
    count = min(node.at_least, len(children))
    if not count:
        return np.full(people, node.absent * unit, kind)
    if count == len(children):
        best = _fold(np.add, children)
    elif count == 1:
        best = _fold(np.minimum, children)
    elif node.flat:
        spare = (len(children) - count) * unit
        best = np.maximum(_fold(np.add, children), spare if kind is np.object_ else kind(spare)) - spare
    else:
        best = _fold(np.add, _smallest(children, count))
    return best + node.absent * unit if node.absent else best


def _smallest(children: list[Array], count: int) -> list[Array]:
    """The `count` smallest of the children, person by person: each round carries the smallest to the front."""
    children = list(children)
    for first in range(count):
        for other in range(first + 1, len(children)):
            low = np.minimum(children[first], children[other])
            children[other] = np.maximum(children[first], children[other])
            children[first] = low
    return children[:count]


def _clock(node: Clock, rows: list[Array], kind: Any, people: int) -> Array:
    counted = np.zeros(people, np.int64)
    short = np.zeros(people, np.int64)
    for minimum, credentials in node.areas:
        hours = np.zeros(people, np.int64)
        for forms in credentials:
            brought = [np.where(rows[row], 0, amount) for row, amount in forms]
            hours += _fold(np.maximum, brought)
        counted += hours
        short += np.maximum(minimum - hours, 0)
    missing = np.maximum(np.maximum(node.needed - counted, short), 0)
    spent: Array = missing.astype(kind) * node.share
    return spent


# The nearest

FULL = 65_000
"""Where somebody who has not begun stands on a scale from 0, met, that compares trees roughly."""
SLACK = 256
"""How far a place on that scale may lie below the true one."""
NOT_BEGUN = FULL - 2 * SLACK
"""Places from here up say that somebody has not begun; the highest of all, that the tree is met."""
SHORT = 100
"""Steps up to which one step is more than twice SLACK on that scale."""
GROUPS = 32


def is_short(program: Tree) -> bool:
    """Whether the tree takes few enough steps for its places to be exact multiples."""
    return program.whole <= SHORT and program.peak < 1 << 8


def place_of(program: Tree, left: Array) -> Array:
    """Where everybody stands on the scale: never above left / whole * FULL, and less than SLACK below it."""
    if is_short(program):
        places: Array = left * np.uint16(FULL // program.whole)
        places -= np.uint16(1)
        return places
    wide = left.astype(np.int64 if program.whole < 1 << 46 else np.object_)
    rough = (wide * FULL // program.whole).astype(np.int64)
    rough = np.where(left < program.whole, np.clip(rough, 1, NOT_BEGUN), FULL)
    return np.where(left == 0, 0, rough).astype(np.uint16) - np.uint16(1)


def limit_of(places: Array, nearest: int) -> Array:
    """For each person a place at or beyond which nobody of her nearest so many trees stands, not begun left aside.

    Of the first in each group of trees, the one whose rank is `nearest` has as many before it.
    """
    groups = min(GROUPS, len(places))
    if groups < nearest:
        return np.full(places.shape[1], NOT_BEGUN, np.uint16)
    firsts = [_fold(np.minimum, list(places[group::groups])) for group in range(groups)]
    last = _smallest(firsts, nearest)[-1]
    return np.minimum(last, NOT_BEGUN - SLACK) + np.uint16(SLACK)
