"""Who holds what in a whole population, and what follows from it for every tree."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..holding import Holding
from ..requirement import Requirement
from .compiling import Compiled, Tree, compile
from .forms import Form
from .kernel import FULL, Array, Index, is_short, left_of, limit_of, met, place_of
from .ranking import SMALL, Ranking, order

NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """One tree that a learner has not met, and how far along she is; `left` counts steps."""

    tree: str
    progress: Fraction
    left: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One tree for which a learner stands elsewhere now."""

    tree: str
    before: Fraction
    after: Fraction

    @property
    def met(self) -> bool:
        """Whether it is met now."""
        return self.after == 1


class State:
    """A population. Learners are positions 0, 1, …; `learners` says who they are."""

    def __init__(self, compiled: Compiled, learners: Sequence[Hashable], learner: Array, column: Array) -> None:
        """Take pairs of positions: `learner[i]` holds the form `compiled.forms[column[i]]`.

        Raises ValueError where a position is out of range.
        """
        learner, column = np.asarray(learner), np.asarray(column)
        if len(learner) != len(column):
            raise ValueError("there must be as many columns as learners")
        if len(learner) and not (learner.min() >= 0 and learner.max() < len(learners)):
            raise ValueError("a learner is out of range")
        if len(column) and not (column.min() >= 0 and column.max() < len(compiled.forms)):
            raise ValueError("a column is out of range")
        self.compiled, self.learners = compiled, learners
        self._learner, self._column = learner, column
        self._index: Index | None = None
        self._moved: dict[int, frozenset[int]] = {}
        self._bits: Array | None = None
        self._near: Array | None = None

    @classmethod
    def of(
        cls,
        compiled: Compiled,
        learners: Iterable[Hashable],
        held: Iterable[tuple[Hashable, Form | str]],
    ) -> State:
        """Take pairs (learner, form). Raises KeyError for a learner or a form that is not known."""
        people = tuple(dict.fromkeys(learners))
        position = {learner: index for index, learner in enumerate(people)}
        pairs = [
            (position[learner], compiled.column[Form(credential=form) if isinstance(form, str) else form])
            for learner, form in held
        ]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        return cls(compiled, people, table[:, 0], table[:, 1])

    @classmethod
    def of_holdings(
        cls, requirements: Mapping[str, Requirement], wallets: Mapping[Hashable, Iterable[Holding]], at: datetime
    ) -> State:
        """Take everybody's holdings at one moment, and compile the requirements for the forms that occur."""
        held = [
            (learner, form)
            for learner, holdings in wallets.items()
            for holding in holdings
            if (form := Form.of(holding, at)) is not None
        ]
        return cls.of(compile(requirements, [form for _, form in held]), wallets, held)

    # What everybody has reached

    def eligible(self) -> Array:
        """Who meets what: trees x learners as bits, `numpy.packbits(..., bitorder="little")`.

        The bit of a learner is `bits[tree, learner // 8] >> learner % 8 & 1`. The array is kept up to date by
        `award`, `revoke` and `replace_tree`.
        """
        if self._bits is None:
            self._bits = self._eligible()
        return self._bits

    def nearest(self) -> Array:
        """The five nearest unmet trees of everybody: learners x 5 positions of trees, the nearest first, -1 for none.

        Near is who has come far: most progress first, then fewest steps left, then the order of the trees.
        """
        if self._near is None:
            self._run(bits=self._bits is None)
        assert self._near is not None
        return self._near

    def scores(self) -> Iterator[tuple[int, int, Array]]:
        """Everybody's score for every tree, in stretches: (tree, first learner, units left of each from there on).

        Progress is 1 - left / `compiled.trees[tree].whole`, steps left are left / `unit`; `progress` says them for
        one learner. Not kept: a million learners by a thousand trees are a thousand million scores.
        """
        index = self._settled()
        for number in range(index.blocks):
            lacks = index.lacks(number)
            for tree, program in enumerate(self.compiled.trees):
                yield tree, number * index.block, left_of(program, lacks)

    def _eligible(self) -> Array:
        self._settle()
        index = Index(len(self.learners), self.compiled, self._learner, self._column, wide=True)
        trees = self.compiled.trees
        table = np.zeros((len(trees), -(-len(self.learners) // 8)), np.uint8)
        for number in range(index.blocks):
            bits = index.bits(number)
            lacks: Array | None = None
            some = slice(number * index.block // 8, (number * index.block + index.size(number) + 7) // 8)
            for tree, program in enumerate(trees):
                found = met(program, bits)
                if found is not None:
                    table[tree, some] = found.view(np.uint8)[: some.stop - some.start]
                    continue
                lacks = index.lacks(number) if lacks is None else lacks
                table[tree, some] = np.packbits(left_of(program, lacks) == 0, bitorder="little")
        if len(self.learners) % 8:
            table[:, -1] &= (1 << len(self.learners) % 8) - 1
        return table

    def _run(self, *, bits: bool) -> None:
        """Find the nearest, and who meets what where it is not known yet, in one walk."""
        index = self._settled()
        people, trees = len(self.learners), self.compiled.trees
        table = np.zeros((len(trees), -(-people // 8)), np.uint8) if bits else None
        near = np.full((people, NEAREST), -1, np.int32)
        known = Ranking(self.compiled, {}) if all(tree.whole <= SMALL for tree in trees) else None
        memory = np.empty((len(trees), min(index.block, people)), np.uint16)
        for number in range(index.blocks):
            first, count = number * index.block, index.size(number)
            lacks, places = index.lacks(number), memory[:, :count]
            for tree, program in enumerate(trees):
                left = left_of(program, lacks)
                if table is not None:
                    table[tree, first // 8 : (first + count + 7) // 8] = np.packbits(left == 0, bitorder="little")
                places[tree] = place_of(program, left)
            pieces = list(_begun(trees, places, lacks))
            ranking = known or Ranking(self.compiled, _seen(trees, pieces))
            starts, codes = _ranked(ranking, pieces, count)
            _fill(near[first : first + count], self.compiled, ranking, starts, codes, lacks)
        self._near = near
        if table is not None:
            self._bits = table

    def _settle(self) -> None:
        """Put all that was awarded or revoked since the last time among the pairs."""
        if self._moved:
            moved = np.fromiter(self._moved, np.int64, len(self._moved))
            stays = ~np.isin(self._learner, moved)
            fresh = [(learner, column) for learner, held in self._moved.items() for column in sorted(held)]
            table = np.array(fresh, np.int64).reshape(-1, 2)
            self._learner = np.concatenate([self._learner[stays], table[:, 0]])
            self._column = np.concatenate([self._column[stays], table[:, 1]])
            self._moved = {}
            self._index = None
            self.__dict__.pop("_by_learner", None)

    def _settled(self) -> Index:
        """The holders of each column, as they are now."""
        self._settle()
        if self._index is None:
            self._index = Index(len(self.learners), self.compiled, self._learner, self._column)
        return self._index

    # One learner

    @cached_property
    def _by_learner(self) -> tuple[Array, Array]:
        """Where each learner's columns start, and the columns in that order."""
        column = self._column
        if len(column) and np.any(self._learner[1:] < self._learner[:-1]):
            column = column[np.argsort(self._learner, kind="stable")]
        counts = np.bincount(self._learner, minlength=len(self.learners))
        return np.concatenate([[0], np.cumsum(counts)]), column

    @cached_property
    def _position(self) -> dict[Hashable, int]:
        return {learner: index for index, learner in enumerate(self.learners)}

    def position(self, learner: Hashable) -> int:
        """The position of a learner. Raises KeyError where there is none."""
        if isinstance(self.learners, range):
            if not isinstance(learner, int) or learner not in self.learners:
                raise KeyError(learner)
            return self.learners.index(learner)
        return self._position[learner]

    def held(self, learner: Hashable) -> frozenset[int]:
        """The columns that a learner holds."""
        at = self.position(learner)
        if at in self._moved:
            return self._moved[at]
        starts, columns = self._by_learner
        return frozenset(columns[starts[at] : starts[at + 1]].tolist())

    def near(self, learner: Hashable) -> tuple[Near, ...]:
        """The five nearest unmet trees of one learner, with the figures."""
        held = self.held(learner)
        found = self._nearest_of(held) if self._near is None else self._near[self.position(learner)].tolist()
        return tuple(self._told(tree, self.compiled.trees[tree].left(held)) for tree in found if tree >= 0)

    def progress(self, learner: Hashable) -> dict[str, Fraction]:
        """How far along a learner is with every tree, from 0 to 1."""
        held = self.held(learner)
        return {
            name: tree.progress(tree.left(held))
            for name, tree in zip(self.compiled.names, self.compiled.trees, strict=True)
        }

    def _told(self, tree: int, left: int) -> Near:
        program = self.compiled.trees[tree]
        return Near(tree=self.compiled.names[tree], progress=program.progress(left), left=program.steps(left))

    def award(self, learner: Hashable, form: Form | str) -> tuple[Change, ...]:
        """Let a learner hold one form more, keep everything known up to date, and say for which trees that matters.

        Raises KeyError for an unknown learner.
        """
        form = Form(credential=form) if isinstance(form, str) else form
        self.position(learner)
        if form not in self.compiled.column:
            self.compiled = self.compiled.adding(form)
            self._index = None
        return self._move(learner, form, self.held(learner) | {self.compiled.column[form]})

    def revoke(self, learner: Hashable, form: Form | str) -> tuple[Change, ...]:
        """Take one form from a learner. What she does not hold changes nothing. Raises KeyError as `award` does."""
        form = Form(credential=form) if isinstance(form, str) else form
        held = self.held(learner)
        if form not in self.compiled.column:
            return ()
        return self._move(learner, form, held - {self.compiled.column[form]})

    def _move(self, learner: Hashable, form: Form, now: frozenset[int]) -> tuple[Change, ...]:
        before = self.held(learner)
        if now == before:
            return ()
        at = self.position(learner)
        self._moved[at] = now
        changes: list[Change] = []
        changed: dict[int, int] = {}
        for tree in self.compiled.touches[self.compiled.column[form]]:
            program = self.compiled.trees[tree]
            was, left = program.left(before), program.left(now)
            if was != left:
                changed[tree] = left
                changes.append(
                    Change(tree=self.compiled.names[tree], before=program.progress(was), after=program.progress(left))
                )
                if self._bits is not None:
                    self._set(tree, at, met=not left)
        if changed and self._near is not None:
            self._near[at] = self._renewed(self._near[at].tolist(), now, changed, more=now > before)
        return tuple(changes)

    def _set(self, tree: int, at: int, *, met: bool) -> None:
        assert self._bits is not None
        bit = 1 << at % 8
        if met:
            self._bits[tree, at // 8] |= bit
        else:
            self._bits[tree, at // 8] &= 255 ^ bit

    def _renewed(self, old: list[int], held: frozenset[int], changed: dict[int, int], *, more: bool) -> list[int]:
        """The five nearest after some trees changed. Where all came nearer and none of the old five is met, the
        five are among the old ones and those that changed."""
        if not more or any(changed.get(tree) == 0 for tree in old):
            return self._nearest_of(held)
        left = {tree: self.compiled.trees[tree].left(held) for tree in old if tree >= 0} | changed
        return self._first(left)

    def _nearest_of(self, held: frozenset[int]) -> list[int]:
        touched = {tree for column in held for tree in self.compiled.touches[column]}.union(self.compiled.ahead)
        left = {tree: self.compiled.trees[tree].left(held) for tree in touched}
        untouched = 0
        for tree in self.compiled.empty_order:
            if untouched == NEAREST:
                break
            if tree not in left:
                left[tree] = self.compiled.trees[tree].whole
                untouched += 1
        return self._first(left)

    def _first(self, left: dict[int, int]) -> list[int]:
        trees = self.compiled.trees
        unmet = [(order(trees[tree], units, tree), tree) for tree, units in left.items() if units]
        found = [tree for _, tree in sorted(unmet)[:NEAREST]]
        return found + [-1] * (NEAREST - len(found))

    # When a stack changes

    def replace_tree(self, name: str, requirement: Requirement) -> int:
        """Put another requirement under a name, and say how many learners meet it now.

        Who meets it is known at once; the nearest five are found anew when they are asked for. Raises KeyError where
        the name is not known.
        """
        self.compiled = self.compiled.replacing(name, requirement)
        self._near = None
        tree = self.compiled.tree[name]
        index = self._settled()
        people = len(self.learners)
        flags = np.zeros(people, bool)
        for number in range(index.blocks):
            left = left_of(self.compiled.trees[tree], index.lacks(number))
            flags[number * index.block :][: len(left)] = left == 0
        if self._bits is not None:
            self._bits[tree] = np.packbits(flags, bitorder="little")
        return int(np.count_nonzero(flags))


Piece = tuple[int, Array, Array]
"""A tree, people of a block, and the units left for each."""


def _begun(trees: tuple[Tree, ...], places: Array, lacks: Array) -> Iterator[Piece]:
    """For each tree those for whom it may be among the nearest."""
    if not trees:
        return
    limit = limit_of(places, NEAREST)
    for tree, (program, row) in enumerate(zip(trees, places, strict=True)):
        who = np.flatnonzero(row < limit)
        if len(who):
            if is_short(program):
                yield tree, who, (row[who] + 1) // (FULL // program.whole)
            else:
                yield tree, who, left_of(program, lacks[:, who])


def _seen(trees: tuple[Tree, ...], pieces: list[Piece]) -> dict[int, Array]:
    found: dict[int, list[Array]] = {}
    for tree, _, left in pieces:
        if trees[tree].whole > SMALL:
            found.setdefault(tree, []).append(left)
    return {tree: np.unique(np.concatenate(some)) for tree, some in found.items()}


def _ranked(ranking: Ranking, pieces: list[Piece], people: int) -> tuple[Array, Array]:
    """Where each person's codes start, and all codes, person by person, the nearest tree first."""
    wide: Any = np.uint32 if (people - 1).bit_length() + ranking.bits <= 32 else np.uint64
    keys = np.empty(sum(len(who) for _, who, _ in pieces), wide)
    first = 0
    for tree, who, left in pieces:
        last = first + len(who)
        np.left_shift(who.astype(wide), wide(ranking.bits), out=keys[first:last])
        keys[first:last] |= ranking.of(tree, left)
        first = last
    keys.sort()
    counts = np.bincount((keys >> wide(ranking.bits)).astype(np.intp), minlength=people)
    starts = np.concatenate([[0], np.cumsum(counts)])
    keys &= wide((1 << ranking.bits) - 1)
    return starts, keys


def _fill(near: Array, compiled: Compiled, ranking: Ranking, starts: Array, codes: Array, lacks: Array) -> None:
    """Write the nearest five of a block: trees that were begun, then those that were not, the shortest first."""
    count = np.zeros(len(near), np.intp)
    for rank in range(NEAREST):
        place = starts[:-1] + rank
        who = np.flatnonzero(place < starts[1:])
        near[who, rank] = ranking.tree_of[codes[place[who]]]
        count[who] = rank + 1
    short = np.flatnonzero(count < NEAREST)
    for tree in compiled.empty_order:
        if not len(short):
            break
        program = compiled.trees[tree]
        takes = short[left_of(program, lacks)[short] == program.whole]
        near[takes, count[takes]] = tree
        count[takes] += 1
        short = short[count[short] < NEAREST]
