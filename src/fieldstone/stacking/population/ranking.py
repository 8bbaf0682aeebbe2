"""One order over all pairs of a tree and what is left of it: the nearest first."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from .compiling import Compiled, Tree
from .kernel import Array

SMALL = 1 << 10
"""Trees with at most so many units have a place for every number of units in the order."""
_EXACT = 1 << 26
"""Below this, quotients of two whole numbers are equal as floats if and only if they are equal."""


def order(tree: Tree, left: int, position: int) -> tuple[Fraction, Fraction, int]:
    """Sort key: least share left, then fewest steps left, then the trees' own order."""
    return Fraction(left, tree.whole), tree.steps(left), position


class Ranking:
    """Codes for pairs (tree, units left): the nearer, the smaller; met ones come last.

    `tree_of` and `left_of` read a code; those from `unmet` on say that the tree is met.
    """

    def __init__(self, compiled: Compiled, seen: dict[int, Array]) -> None:
        """`seen`: for each tree that is not small, the units left that occur, ascending."""
        trees = compiled.trees
        self.values = {
            index: seen.get(index, np.zeros(0, np.int64)) if tree.whole > SMALL else np.arange(tree.whole)
            for index, tree in enumerate(trees)
        }
        sizes = [len(values) for values in self.values.values()]
        self.base = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        tree_of = np.repeat(np.arange(len(trees)), sizes)
        left_of = np.concatenate([np.zeros(0, np.int64), *self.values.values()])
        place = _sorted(trees, tree_of, left_of)
        self.tree_of = tree_of[place].astype(np.uint16 if len(trees) <= 1 << 16 else np.int64)
        narrow: Any = np.uint8 if max([0, *(tree.whole for tree in trees)]) <= 1 << 8 else left_of.dtype
        self.left_of = left_of[place].astype(narrow)
        codes = np.empty(len(place), np.uint32)
        codes[place] = np.arange(len(place))
        self.codes = codes
        self.unmet = int(np.count_nonzero(left_of))
        self.bits = max(1, len(place).bit_length())

    def of(self, tree: int, left: Array) -> Array:
        """The codes of one tree's units left."""
        values = self.values[tree]
        place = left if len(values) and values[-1] == len(values) - 1 else np.searchsorted(values, left)
        return self.codes[self.base[tree] : self.base[tree + 1]][place]


def _sorted(trees: tuple[Tree, ...], tree_of: Array, left_of: Array) -> Array:
    if max([0, *(tree.whole for tree in trees)]) < _EXACT:
        whole = np.array([max(tree.whole, 1) for tree in trees])[tree_of]
        unit = np.array([tree.unit for tree in trees])[tree_of]
        return np.lexsort((tree_of, left_of / unit, left_of / whole, left_of == 0))
    pairs = list(zip(tree_of.tolist(), left_of.tolist(), strict=True))
    keys = [(not left, *order(trees[tree], left, tree)) for tree, left in pairs]
    return np.array(sorted(range(len(pairs)), key=keys.__getitem__), np.intp)
