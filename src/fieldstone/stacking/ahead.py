"""What one more credential would change in a result, without evaluating the whole tree again.

Only the leaves that the credential touches are looked at, and the branches above them. More never takes away, so a
branch's sum of shortest children changes in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from .evaluation import Result, remaining, size
from .holding import Holding, Offer
from .requirement import Amount, Count, Hold, Hours, Level, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What an offer would bring: `gain` in steps, hours added by area, labels of groups completed, and whether the
    whole is then met."""

    gain: Fraction
    hours: tuple[tuple[str, Amount], ...] = ()
    completes: tuple[Text, ...] = ()
    last: bool = False


@dataclass(slots=True)
class _Node:
    """An unmet node whose ancestors are all unmet: its length, and for a branch its children in order of length."""

    result: Result
    parent: int | None
    place: int
    length: Fraction
    lengths: list[tuple[bool, Fraction]] = field(default_factory=list)
    ordered: list[tuple[bool, Fraction]] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    brought: dict[str, dict[str, Amount]] = field(default_factory=dict)


class Ahead:
    """Looks one credential ahead from a result `now`, that `held` gave.

    `best`, where given, is what could still be reached: lengths are those of `remaining(now, best)`.
    """

    def __init__(self, now: Result, best: Result | None, held: Iterable[Holding], at: datetime) -> None:
        self._held = tuple(held)
        self._at = at
        self._nodes: list[_Node] = []
        self._touched: dict[str, list[int]] = {}
        self._open: list[int] = []
        if not now.satisfied:
            self._add(now, best, None, 0)

    def _add(self, now: Result, best: Result | None, parent: int | None, place: int) -> None:
        index = len(self._nodes)
        node = _Node(result=now, parent=parent, place=place, length=remaining(now, best))
        self._nodes.append(node)
        requirement = now.requirement
        if isinstance(requirement, Count):
            ceilings = [None] * len(now.of) if best is None else best.of
            pairs = list(zip(now.of, ceilings, strict=True))
            node.lengths = [
                (ceiling is not None and not ceiling.satisfied, remaining(child, ceiling)) for child, ceiling in pairs
            ]
            order = sorted(range(len(pairs)), key=node.lengths.__getitem__)
            node.ordered = [node.lengths[child_place] for child_place in order]
            node.ranks = [0] * len(pairs)
            for rank, child_place in enumerate(order):
                node.ranks[child_place] = rank
            for child_place, (child, ceiling) in enumerate(pairs):
                if not child.satisfied:
                    self._add(child, ceiling, index, child_place)
            return
        names = requirement.accepted if isinstance(requirement, Hold) else requirement.among
        for name in dict.fromkeys(names):
            self._touched.setdefault(name, []).append(index)
        if not names:
            self._open.append(index)
        if isinstance(requirement, Hours):
            node.brought = self._brought(requirement)

    def _brought(self, requirement: Hours) -> dict[str, dict[str, Amount]]:
        """What each credential held brings to each area already."""
        found: dict[str, dict[str, Amount]] = {}
        for holding in self._held:
            named = not requirement.among or holding.credential in requirement.among
            if named and holding.counts(self._at, valid=requirement.valid):
                areas = found.setdefault(holding.credential, {})
                for area, hours in holding.hours.items():
                    amount = hours if requirement.maximum_each is None else min(hours, requirement.maximum_each)
                    areas[area] = max(amount, areas.get(area, 0))
        return found

    def with_one(self, offer: Offer) -> Then:
        """What earning this offer now would bring. `gain` is 0 where it brings nothing."""
        lengths: dict[int, Fraction] = {}
        added: dict[str, Amount] = {}
        for index in (*self._touched.get(offer.credential, ()), *self._open):
            node = self._nodes[index]
            length = self._leaf(node, offer, added)
            if length < node.length:
                lengths[index] = length
        changed: dict[int, list[int]] = {}
        for index in lengths:
            self._report(index, changed)
        # Parents stand before their children: from the last to the first, every child is done before its parent.
        completes: dict[int, Text] = {}
        agenda = sorted(changed, reverse=True)
        while agenda:
            index = agenda.pop(0)
            node = self._nodes[index]
            length = self._branch(node, {self._nodes[child].place: lengths[child] for child in changed[index]})
            label = node.result.requirement.label
            if not length and label is not None:
                completes[index] = label
            if length < node.length:
                lengths[index] = length
                if node.parent is not None and node.parent not in changed:
                    agenda = sorted([*agenda, node.parent], reverse=True)
                self._report(index, changed)
        root = lengths.get(0)
        if root is None:
            return Then(gain=Fraction(0))
        return Then(
            gain=self._nodes[0].length - root,
            hours=tuple(sorted(added.items())),
            completes=tuple(completes[index] for index in sorted(completes)),
            last=not root,
        )

    def _report(self, index: int, changed: dict[int, list[int]]) -> None:
        parent = self._nodes[index].parent
        if parent is not None:
            changed.setdefault(parent, []).append(index)

    def _leaf(self, node: _Node, offer: Offer, added: dict[str, Amount]) -> Fraction:
        """The length of a leaf with the offer earned; `added` gets the hours that it would add."""
        result, requirement = node.result, node.result.requirement
        lacking: Amount = 0
        if isinstance(requirement, Hold):
            return Fraction(0) if offer.level >= requirement.level else node.length
        if isinstance(requirement, Level):
            fits = offer.level >= requirement.at_least
            new = fits and all(holding.credential != offer.credential for holding in result.used)
            done = result.done + new
        else:
            assert isinstance(requirement, Hours)
            more = self._more(node, requirement, offer)
            for area, hours in more.items():
                added[area] = max(hours, added.get(area, 0))
            done = result.done + sum(more.values())
            lacking = sum(max(row.missing - more.get(row.area, 0), Decimal(0)) for row in result.areas)
        missing = max(result.needed - done, lacking, 0)
        return Fraction(missing) / Fraction(result.needed) * size(requirement)

    def _more(self, node: _Node, requirement: Hours, offer: Offer) -> dict[str, Amount]:
        """The hours that an offer adds, by area."""
        before = node.brought.get(offer.credential, {})
        found: dict[str, Amount] = {}
        for area, hours in offer.hours.items():
            if not requirement.minimum_per_area or area in requirement.minimum_per_area:
                amount = hours if requirement.maximum_each is None else min(hours, requirement.maximum_each)
                if amount > before.get(area, 0):
                    found[area] = amount - before.get(area, 0)
        return found

    def _branch(self, node: _Node, children: dict[int, Fraction]) -> Fraction:
        """The length of a branch in which these children, by place, have become shorter."""
        at_least = int(node.result.needed)
        if node.result.done + sum(not length for length in children.values()) >= at_least:
            return Fraction(0)
        if len(children) > 1:
            lengths = list(node.lengths)
            for place, length in children.items():
                lengths[place] = (lengths[place][0], length)
            first = sorted(lengths)[:at_least]
            return sum((length for _, length in first), Fraction(max(0, at_least - len(lengths))))
        ((place, length),) = children.items()
        out_of_reach, before = node.lengths[place]
        if node.ranks[place] < at_least:
            return node.length - before + length
        last = node.ordered[at_least - 1]
        return node.length - last[1] + length if (out_of_reach, length) < last else node.length
