"""Requirements as straight programs over columns. A column is one form of a credential; a row of a program says who
lacks all columns of one leaf.

How far somebody is, is a whole number here: steps left (`stacking.remaining`) times the tree's `unit`, the smallest
number that makes every share of hours whole. Trees without hours have unit 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from ..evaluation import size
from ..requirement import Amount, Count, Hold, Hours, Level, Requirement, walk
from .forms import Form

Columns = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """A leaf: one step left for those who lack all columns of a row."""

    row: int


@dataclass(frozen=True, slots=True)
class Fewest:
    """A branch: the steps left of its `at_least` nearest children, and `absent` for children that it lacks.

    `flat`: all children are single credentials, so that counting is enough.
    """

    at_least: int
    of: tuple[Node, ...]
    absent: int
    flat: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """Clock hours, in hundredths. `areas`: minimum, and for each credential its (row, hundredths), of which the
    most counts. Each hundredth missing of `needed` is `share` of the tree's units."""

    needed: int
    areas: tuple[tuple[int, tuple[tuple[tuple[int, int], ...], ...]], ...]
    share: int


Node = Lack | Fewest | Clock


@dataclass(frozen=True, slots=True)
class Tree:
    """One requirement as a program.

    `whole`: the units that it takes, as `stacking.size` counts; `empty`: units left for those who hold nothing, less
    than `whole` where a part asks for nothing; `peak`: the most that any sum on the way can be.
    """

    requirement: Requirement
    root: Node
    rows: tuple[Columns, ...]
    unit: int
    whole: int
    empty: int
    peak: int

    @property
    def ahead(self) -> bool:
        """Whether those who hold nothing have begun all the same, and are not done."""
        return 0 < self.empty < self.whole

    def left(self, held: frozenset[int]) -> int:
        """Units left for one person who holds these columns."""
        lacks = [held.isdisjoint(columns) for columns in self.rows]
        return _left(self.root, lacks, self.unit)

    def progress(self, left: int) -> Fraction:
        """How far along, from 0 to 1, as `stacking.progress` says it."""
        return 1 - Fraction(left, self.whole) if left else Fraction(1)

    def steps(self, left: int) -> Fraction:
        """Steps left, as `stacking.remaining` says it."""
        return Fraction(left, self.unit)


def _left(node: Node, lacks: list[bool], unit: int) -> int:
    if isinstance(node, Lack):
        return unit if lacks[node.row] else 0
    if isinstance(node, Fewest):
        parts = sorted([_left(child, lacks, unit) for child in node.of])
        return sum(parts[: node.at_least]) + node.absent * unit
    counted = 0
    short = 0
    for minimum, credentials in node.areas:
        hours = sum(max([0 if lacks[row] else amount for row, amount in forms]) for forms in credentials)
        counted += hours
        short += max(0, minimum - hours)
    return max(node.needed - counted, short, 0) * node.share


class Compiled:
    """Trees by name, compiled for a list of forms; made by `compile`, and not changed afterwards."""

    def __init__(self, names: tuple[str, ...], trees: tuple[Tree, ...], forms: tuple[Form, ...]) -> None:
        self.names, self.trees, self.forms = names, trees, forms
        self.column = {form: index for index, form in enumerate(forms)}
        self.tree = {name: index for index, name in enumerate(names)}

    @cached_property
    def touches(self) -> tuple[tuple[int, ...], ...]:
        """For each column, the trees in which it plays a part."""
        found: list[dict[int, None]] = [{} for _ in self.forms]
        for index, tree in enumerate(self.trees):
            for columns in tree.rows:
                for column in columns:
                    found[column][index] = None
        return tuple(tuple(trees) for trees in found)

    @cached_property
    def ahead(self) -> tuple[int, ...]:
        """Trees that everybody has begun."""
        return tuple(index for index, tree in enumerate(self.trees) if tree.ahead)

    @cached_property
    def empty_order(self) -> tuple[int, ...]:
        """Trees at which those who hold nothing stand at 0, the shortest first."""
        open_trees = [index for index, tree in enumerate(self.trees) if 0 < tree.empty == tree.whole]
        return tuple(sorted(open_trees, key=lambda index: self.trees[index].steps(self.trees[index].whole)))

    def adding(self, form: Form) -> Compiled:
        """The same trees with one more form; columns keep their numbers."""
        forms = (*self.forms, form)
        compiler = _Compiler(forms)
        trees = tuple(
            compiler.tree(tree.requirement) if _may_use(tree.requirement, form.credential) else tree
            for tree in self.trees
        )
        return Compiled(self.names, trees, forms)

    def replacing(self, name: str, requirement: Requirement) -> Compiled:
        """The same with another requirement under a name that is there. Raises KeyError where it is not."""
        trees = list(self.trees)
        trees[self.tree[name]] = _Compiler(self.forms).tree(requirement)
        return Compiled(self.names, tuple(trees), self.forms)


def compile(
    requirements: Mapping[str, Requirement] | Iterable[tuple[str, Requirement]], forms: Iterable[Form | str]
) -> Compiled:
    """Compile requirements for the forms in which credentials are held; a name alone is a form without level or hours.

    The order of `requirements` decides between trees that are equally near. Requirements are taken as parsed
    (`stacking.parse`). Credentials that are in no form are held by nobody.
    """
    columns = tuple(dict.fromkeys(Form(credential=form) if isinstance(form, str) else form for form in forms))
    compiler = _Compiler(columns)
    pairs = dict(requirements)
    return Compiled(tuple(pairs), tuple(compiler.tree(each) for each in pairs.values()), columns)


class _Compiler:
    def __init__(self, forms: tuple[Form, ...]) -> None:
        self.by_credential: dict[str, list[tuple[int, Form]]] = {}
        for column, form in enumerate(forms):
            self.by_credential.setdefault(form.credential, []).append((column, form))

    def tree(self, requirement: Requirement) -> Tree:
        unit = lcm(*_denominators(requirement))
        rows: dict[Columns, int] = {}
        root = self._node(requirement, rows, unit)
        whole, empty = size(requirement) * unit, _left(root, [True] * len(rows), unit)
        return Tree(requirement, root, tuple(rows), unit, whole, empty, max(_peak(root, unit), whole))

    def _node(self, node: Requirement, rows: dict[Columns, int], unit: int) -> Node:
        match node:
            case Count():
                children = tuple(self._node(child, rows, unit) for child in node.of)
                flat = all(isinstance(child, Lack) for child in children)
                return Fewest(node.at_least, children, max(0, node.at_least - len(children)), flat)
            case Hold():
                return self._lack(node.accepted, node.level, node.valid, rows)
            case Level():
                among = tuple(dict.fromkeys(node.among)) or tuple(self.by_credential)
                leaves = tuple(self._lack((each,), node.at_least, node.valid, rows) for each in among)
                return Fewest(node.count, leaves, max(0, node.count - len(leaves)), True)
            case _:
                return self._clock(node, rows, unit)

    def _lack(self, credentials: tuple[str, ...], level: int, valid: bool, rows: dict[Columns, int]) -> Lack:
        columns = {
            column
            for credential in credentials
            for column, form in self.by_credential.get(credential, ())
            if form.level >= level and not (valid and form.lapsed)
        }
        return Lack(rows.setdefault(tuple(sorted(columns)), len(rows)))

    def _clock(self, node: Hours, rows: dict[Columns, int], unit: int) -> Clock:
        among = tuple(dict.fromkeys(node.among)) or tuple(self.by_credential)
        forms = [
            [(column, form) for column, form in self.by_credential.get(each, ()) if not (node.valid and form.lapsed)]
            for each in among
        ]
        limits = node.minimum_per_area
        areas = sorted(limits or {area for some in forms for _, form in some for area, _ in form.hours})
        most = None if node.maximum_each is None else _hundredths(node.maximum_each)
        found = []
        for area in areas:
            credentials = []
            for some in forms:
                brings = [(column, amount) for column, form in some if (amount := _brought(form, area, most))]
                if brings:
                    credentials.append(
                        tuple((rows.setdefault((column,), len(rows)), amount) for column, amount in brings)
                    )
            found.append((_hundredths(limits.get(area, 0)), tuple(credentials)))
        needed = _hundredths(node.needed)
        return Clock(needed, tuple(found), size(node) * unit // needed if needed else 0)


def _may_use(requirement: Requirement, credential: str) -> bool:
    for _, node in walk(requirement):
        if isinstance(node, Hold):
            if credential in node.accepted:
                return True
        elif not isinstance(node, Count) and (not node.among or credential in node.among):
            return True
    return False


def _hundredths(amount: Amount) -> int:
    return int(amount * 100)


def _brought(form: Form, area: str, most: int | None) -> int:
    amount = _hundredths(dict(form.hours).get(area, 0))
    return amount if most is None else min(amount, most)


def _denominators(node: Requirement) -> Iterable[int]:
    yield 1
    if isinstance(node, Count):
        for child in node.of:
            yield from _denominators(child)
    elif isinstance(node, Hours):
        needed = _hundredths(node.needed)
        if needed:
            yield needed // gcd(needed, size(node))


def _peak(node: Node, unit: int) -> int:
    """The most units that any sum in a branch can come to."""
    if isinstance(node, Lack):
        return unit
    if isinstance(node, Clock):
        return node.needed * node.share
    return sum(_peak(child, unit) for child in node.of) + node.absent * unit
