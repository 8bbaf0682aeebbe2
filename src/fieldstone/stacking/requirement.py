"""The requirement algebra: one kind of branch and three kinds of leaf.

All-of, any-of and n-of-m are one thing: a `Count` of met children. The leaves say what a learner must hold.
Everything here is a frozen value; `parsing.parse` is the checked way in from JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Language = Literal["en", "es"]
Text = Mapping[str, str]
"""One text in each language: {"en": …, "es": …}."""
Amount = int | Decimal
"""Clock hours, or a count of things. Exact: never a float."""
Measure = int | float | Decimal | Fraction
"""An importance or a level. A float means the decimal that it is written as: 3.12 is 312/100."""


def exact(value: Measure) -> Fraction:
    """The number as a fraction. Raises ValueError for what is below 0, endless or no number."""
    try:
        found = Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    except (OverflowError, ValueError) as problem:
        raise ValueError("an importance or level is a number, 0 or more") from problem
    if found < 0:
        raise ValueError("an importance or level is a number, 0 or more")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Met when at least `at_least` of the children are met."""

    at_least: int
    of: tuple[Requirement, ...]
    label: Text | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Met when the credential, or one of its equivalents, is held at `level` or above.

    `valid=True` asks that it has not expired; `valid=False` accepts one that was earned and has since
    expired.
    A revoked credential never counts.
    """

    credential: str
    equivalents: tuple[str, ...] = ()
    level: int = 0
    valid: bool = True
    label: Text | None = field(default=None, hash=False)

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every credential id that meets this leaf, the preferred one first."""
        return (self.credential, *self.equivalents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Met when held credentials bring `total` clock hours, and in each area at least its minimum.

    Where `minimum_per_area` names areas, only hours in those areas count (0: counts, without a minimum of
    its own); where it names none, hours in every area count. `among` limits which credentials may bring
    hours; empty means any.
    A credential counts once, however often it was earned: the larger figure in each area.
    `maximum_each` is the most hours that one credential may bring to one area.
    """

    total: Amount
    minimum_per_area: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    among: tuple[str, ...] = ()
    maximum_each: Amount | None = None
    valid: bool = True
    label: Text | None = field(default=None, hash=False)

    @property
    def needed(self) -> Amount:
        """Hours to reach in all: the total, or the sum of the minimums where that is more."""
        return max(self.total, sum(self.minimum_per_area.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Met when `count` different credentials are held at level `at_least` or above.

    `among` limits which credentials count; empty means any.
    """

    at_least: int
    count: int = 1
    among: tuple[str, ...] = ()
    valid: bool = True
    label: Text | None = field(default=None, hash=False)


Leaf = Hold | Hours | Level
Requirement = Count | Hold | Hours | Level

KEYS: Mapping[type[Leaf], str] = {Hold: "hold", Hours: "hours", Level: "level"}
"""The JSON key of each kind of leaf."""


def join(path: str, key: str) -> str:
    """Add one key to a path such as `of[2].hours`."""
    return f"{path}.{key}" if path else key


def walk(requirement: Requirement, path: str = "") -> Iterator[tuple[str, Requirement]]:
    """Yield every node with its path, parents first. The path of a root branch is empty."""
    if isinstance(requirement, Count):
        yield path, requirement
        for index, child in enumerate(requirement.of):
            yield from walk(child, join(path, f"of[{index}]"))
    else:
        yield join(path, KEYS[type(requirement)]), requirement


def named(requirement: Requirement) -> tuple[str, ...]:
    """Every credential id that the tree names, each once, in tree order."""
    found: dict[str, None] = {}
    for _, node in walk(requirement):
        if isinstance(node, Hold):
            found.update(dict.fromkeys(node.accepted))
        elif not isinstance(node, Count):
            found.update(dict.fromkeys(node.among))
    return tuple(found)
