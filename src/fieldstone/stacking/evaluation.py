"""Evaluate a requirement against holdings: a frozen tree of results, parallel to the requirement.

Laws (property-tested): total on every parsed tree; more holdings never turn met into unmet; the order of
holdings and repeated holdings make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from .holding import Holding, is_moment, preference
from .requirement import Amount, Count, Hold, Hours, Level, Requirement

Standing = Literal["held", "in_review", "draft", "level_too_low", "expired", "revoked", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaHours:
    """Clock hours in one subject area: counted, needed here, and more that are in review."""

    area: str
    counted: Amount
    needed: Amount
    in_review: Amount

    @property
    def missing(self) -> Amount:
        """Hours that this area still lacks, those in review not counted."""
        return max(0, self.needed - self.counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One node's result.

    `done`, `needed` and `in_review` count children (Count), credentials (Hold, Level) or clock hours (Hours).
    `in_review` is what would come on top if everything in review were earned.
    On leaves, `used` are the holdings that count, `waiting` those in review that would, `started` the
    relevant drafts.
    """

    requirement: Requirement
    satisfied: bool
    done: Amount
    needed: Amount
    in_review: Amount
    of: tuple[Result, ...] = ()
    areas: tuple[AreaHours, ...] = ()
    used: tuple[Holding, ...] = ()
    waiting: tuple[Holding, ...] = ()
    started: tuple[Holding, ...] = ()
    standing: Standing | None = None

    @property
    def missing(self) -> Amount:
        """What is still lacking, in the unit of `needed`; for hours, enough for the total and every area."""
        return max(self.needed - self.done, sum(area.missing for area in self.areas), 0)

    @property
    def expected(self) -> bool:
        """Whether this is met already, or will be once everything in review is earned."""
        lacking = (max(0, area.missing - area.in_review) for area in self.areas)
        return self.done + self.in_review >= self.needed and not any(lacking)


class _Wallet:
    """Holdings by credential, each kept once, the strongest first."""

    def __init__(self, holdings: Iterable[Holding], at: datetime) -> None:
        self.at = at
        self.by_credential: dict[str, list[Holding]] = {}
        for holding in sorted(dict.fromkeys(holdings), key=preference):
            self.by_credential.setdefault(holding.credential, []).append(holding)

    def of(self, credentials: Iterable[str]) -> list[Holding]:
        return [each for name in dict.fromkeys(credentials) for each in self.by_credential.get(name, ())]

    def among(self, credentials: tuple[str, ...]) -> list[Holding]:
        return self.of(sorted(credentials) if credentials else self.by_credential)

    def split(
        self, holdings: Iterable[Holding], *, valid: bool
    ) -> tuple[list[Holding], list[Holding], list[Holding]]:
        """Those that count, those in review, and drafts."""
        parts: tuple[list[Holding], list[Holding], list[Holding]] = ([], [], [])
        for holding in holdings:
            if holding.counts(self.at, valid=valid):
                parts[0].append(holding)
            elif holding.state == "in_review":
                parts[1].append(holding)
            elif holding.state == "draft":
                parts[2].append(holding)
        return parts


def evaluate(requirement: Requirement, holdings: Iterable[Holding], at: datetime) -> Result:
    """Evaluate the tree at one moment.

    Total: never raises on a parsed tree. Raises ValueError where `at` states no offset from UTC.
    """
    if not is_moment(at):
        raise ValueError("`at` must state its offset from UTC")
    return _evaluate(requirement, _Wallet(holdings, at))


def _evaluate(requirement: Requirement, wallet: _Wallet) -> Result:
    match requirement:
        case Count():
            return _count(requirement, wallet)
        case Hold():
            return _hold(requirement, wallet)
        case Hours():
            return _hours(requirement, wallet)
        case _:
            return _level(requirement, wallet)


def _count(requirement: Count, wallet: _Wallet) -> Result:
    children = tuple(_evaluate(child, wallet) for child in requirement.of)
    done = sum(child.satisfied for child in children)
    return Result(
        requirement=requirement,
        satisfied=done >= requirement.at_least,
        done=done,
        needed=requirement.at_least,
        in_review=sum(child.expected and not child.satisfied for child in children),
        of=children,
    )


def _hold(requirement: Hold, wallet: _Wallet) -> Result:
    every = wallet.of(requirement.accepted)
    enough = [holding for holding in every if holding.level >= requirement.level]
    earned, waiting, started = wallet.split(enough, valid=requirement.valid)
    standing: Standing
    if earned:
        standing = "held"
    elif waiting:
        standing = "in_review"
    elif started:
        standing = "draft"
    else:
        standing = _why_not(requirement, every, wallet.at)
    return Result(
        requirement=requirement,
        satisfied=bool(earned),
        done=int(bool(earned)),
        needed=1,
        in_review=int(standing == "in_review"),
        used=tuple(earned[:1]),
        waiting=tuple(waiting),
        started=tuple(started),
        standing=standing,
    )


def _why_not(requirement: Hold, holdings: list[Holding], at: datetime) -> Standing:
    """Say why nothing held counts: the reason nearest to being mended."""
    if any(holding.counts(at, valid=requirement.valid) for holding in holdings):
        return "level_too_low"
    earned = [holding for holding in holdings if holding.earned_by(at)]
    if not earned:
        return "missing"
    return "revoked" if all(holding.revoked_by(at) for holding in earned) else "expired"


def _hours(requirement: Hours, wallet: _Wallet) -> Result:
    earned, waiting, started = wallet.split(wallet.among(requirement.among), valid=requirement.valid)
    limits = requirement.minimum_per_area
    areas = sorted(limits or {area for holding in (*earned, *waiting) for area in holding.hours})
    rows = []
    used: dict[Holding, None] = {}
    hoped: dict[Holding, None] = {}
    for area in areas:
        now = _best(earned, area, requirement.maximum_each)
        later = _best([*earned, *waiting], area, requirement.maximum_each)
        counted = sum(amount for amount, _ in now.values())
        more = sum(amount for amount, _ in later.values()) - counted
        rows.append(AreaHours(area=area, counted=counted, needed=limits.get(area, 0), in_review=more))
        used.update(dict.fromkeys(holding for _, holding in now.values()))
        hoped.update(dict.fromkeys(holding for _, holding in later.values() if holding.state == "in_review"))
    done = sum(row.counted for row in rows)
    return Result(
        requirement=requirement,
        satisfied=done >= requirement.needed and not any(row.missing for row in rows),
        done=done,
        needed=requirement.needed,
        in_review=sum(row.in_review for row in rows),
        areas=tuple(rows),
        used=tuple(sorted(used, key=preference)),
        waiting=tuple(sorted(hoped, key=preference)),
        started=tuple(started),
    )


def _best(holdings: list[Holding], area: str, most: Amount | None) -> dict[str, tuple[Amount, Holding]]:
    """Each credential's hours in one area, counted once, with the holding that brings them."""
    best: dict[str, tuple[Amount, Holding]] = {}
    for holding in holdings:
        hours = holding.hours.get(area, 0)
        amount = hours if most is None else min(hours, most)
        if amount > (best[holding.credential][0] if holding.credential in best else 0):
            best[holding.credential] = (amount, holding)
    return best


def _level(requirement: Level, wallet: _Wallet) -> Result:
    high = [holding for holding in wallet.among(requirement.among) if holding.level >= requirement.at_least]
    earned, waiting, started = wallet.split(high, valid=requirement.valid)
    used: dict[str, Holding] = {}
    hoped: dict[str, Holding] = {}
    for holding in earned:
        used.setdefault(holding.credential, holding)
    for holding in waiting:
        if holding.credential not in used:
            hoped.setdefault(holding.credential, holding)
    return Result(
        requirement=requirement,
        satisfied=len(used) >= requirement.count,
        done=len(used),
        needed=requirement.count,
        in_review=len(hoped),
        used=tuple(used.values()),
        waiting=tuple(hoped.values()),
        started=tuple(started),
    )


def leaves(result: Result) -> Iterator[Result]:
    """Yield the results of the leaves, in tree order."""
    if isinstance(result.requirement, Count):
        for child in result.of:
            yield from leaves(child)
    else:
        yield result


def components(result: Result) -> tuple[str, ...]:
    """The credential ids that a stack credential is made of, each once, in tree order; empty while unmet.

    Only met branches contribute: what was begun in a branch that was not needed is no part of the stack.
    """
    return tuple(dict.fromkeys(_components(result)))


def _components(result: Result) -> Iterator[str]:
    if result.satisfied:
        yield from (holding.credential for holding in result.used)
        for child in result.of:
            yield from _components(child)


def size(requirement: Requirement) -> int:
    """How many steps the requirement takes from nothing: one for a credential, one for each area of hours.

    A branch takes as many as its `at_least` shortest children, and one for each child that it lacks.
    """
    match requirement:
        case Count():
            lengths = sorted(size(child) for child in requirement.of)
            return sum(lengths[: requirement.at_least]) + max(0, requirement.at_least - len(lengths))
        case Hold():
            return 1
        case Hours():
            return max(1, len(requirement.minimum_per_area))
        case _:
            return requirement.count


def remaining(result: Result, best: Result | None = None) -> Fraction:
    """How many steps are left, in the unit of `size`; hours count in part; 0 if and only if met.

    Where `best` is given, the result with all that could still be earned, a branch leaves aside children that
    cannot be met as long as it has enough others.
    """
    if result.satisfied:
        return Fraction(0)
    if not isinstance(result.requirement, Count):
        return Fraction(result.missing) / Fraction(result.needed) * size(result.requirement)
    ceilings = [None] * len(result.of) if best is None else best.of
    lengths = sorted(
        (ceiling is not None and not ceiling.satisfied, remaining(child, ceiling))
        for child, ceiling in zip(result.of, ceilings, strict=True)
    )
    at_least = result.requirement.at_least
    return sum((length for _, length in lengths[:at_least]), Fraction(max(0, at_least - len(lengths))))


def progress(result: Result) -> Fraction:
    """How far along by steps, from 0 to 1, exactly; 1 if and only if met."""
    return Fraction(1) if result.satisfied else 1 - remaining(result) / size(result.requirement)
