"""What a learner holds, and what is on offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from .requirement import Amount, Hold, Measure, exact

State = Literal["earned", "in_review", "draft"]
MAXIMUM_HOURS = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def is_amount(value: object) -> bool:
    """Whether this is a number of hours that sums exactly: 0 to 100,000, with at most two decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    exact = Decimal(value)
    return exact.is_finite() and 0 <= exact <= MAXIMUM_HOURS and exact == round(exact, 2)


def is_moment(value: datetime) -> bool:
    """Whether the moment states its offset from UTC."""
    return value.utcoffset() is not None


def _check(hours: Mapping[str, Amount], *moments: datetime | None) -> None:
    if not all(is_amount(amount) for amount in hours.values()):
        raise ValueError("hours must be from 0 to 100,000 with at most two decimals")
    if not all(moment is None or is_moment(moment) for moment in moments):
        raise ValueError("dates must state their offset from UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One credential in a learner's hands, or on its way there.

    `level` 0 means that the credential states no level. `hours` are clock hours by subject area.
    It counts from `earned_at` up to, not including, `valid_until` and `revoked_at`.
    Raises ValueError for an earned holding without `earned_at`, a date without offset, or hours out of range.
    """

    credential: str
    level: int = 0
    hours: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    earned_at: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    state: State = "earned"

    def __post_init__(self) -> None:
        _check(self.hours, self.earned_at, self.valid_until, self.revoked_at)
        if self.state == "earned" and self.earned_at is None:
            raise ValueError("an earned holding states when it was earned")

    def earned_by(self, at: datetime) -> bool:
        """Whether it had been earned at that moment, whatever happened later."""
        return self.state == "earned" and self.earned_at is not None and self.earned_at <= at

    def revoked_by(self, at: datetime) -> bool:
        """Whether its issuer had revoked it at that moment."""
        return self.revoked_at is not None and self.revoked_at <= at

    def expired_by(self, at: datetime) -> bool:
        """Whether its validity had ended at that moment."""
        return self.valid_until is not None and self.valid_until <= at

    def counts(self, at: datetime, *, valid: bool) -> bool:
        """Whether it counts at that moment; `valid=False` lets an expired one count."""
        return self.earned_by(at) and not self.revoked_by(at) and not (valid and self.expired_by(at))


def preference(holding: Holding) -> tuple[object, ...]:
    """Sort key over holdings, total up to equality: by credential, then the strongest first."""
    return (
        holding.credential,
        -holding.level,
        holding.valid_until is not None,
        _EPOCH - (holding.valid_until or _EPOCH),
        (holding.earned_at or _LAST) - _EPOCH,
        (holding.revoked_at or _LAST) - _EPOCH,
        holding.state,
        sorted(holding.hours.items()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A micro-credential that can be earned: what it would bring, and how many hours of work it takes.

    One offer for each level. Open for beginning from `opens_at` up to, not including, `closes_at`.
    `cost` is what a learner pays, in US cents. Each of `prerequisites` must be earned before this begins: a credential
    id, or a `Hold` where a level or equivalents matter. `shows` is the level shown of each skill.
    Raises ValueError where `effort` is not above 0, `cost` or a level is below 0, a date has no offset, or hours are
    out of range.
    """

    credential: str
    effort: Amount
    level: int = 0
    hours: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    cost: int = 0
    prerequisites: tuple[str | Hold, ...] = ()
    shows: Mapping[str, Measure] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check(self.hours, self.opens_at, self.closes_at)
        if not is_amount(self.effort) or not self.effort:
            raise ValueError("effort must be more than 0 hours")
        if self.cost < 0:
            raise ValueError("the cost is 0 cents or more")
        for level in self.shows.values():
            exact(level)

    def is_open(self, at: datetime) -> bool:
        """Whether a learner could begin at that moment."""
        return (self.opens_at is None or self.opens_at <= at) and (
            self.closes_at is None or at < self.closes_at
        )

    def as_held(self, at: datetime) -> Holding:
        """The holding it would become if earned at that moment."""
        return Holding(credential=self.credential, level=self.level, hours=self.hours, earned_at=at)
