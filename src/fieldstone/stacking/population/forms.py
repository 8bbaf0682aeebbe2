"""The forms in which credentials are held: what a requirement can tell apart, without who holds it or since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..holding import Holding
from ..requirement import Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a credential: its level, its clock hours by subject area, and whether its validity is over."""

    credential: str
    level: int = 0
    hours: tuple[tuple[str, Amount], ...] = ()
    lapsed: bool = False

    @classmethod
    def of(cls, holding: Holding, at: datetime) -> Form | None:
        """The form that a holding has at one moment; None where it does not count then in any requirement."""
        if not holding.counts(at, valid=False):
            return None
        return cls(
            credential=holding.credential,
            level=holding.level,
            hours=tuple(sorted(holding.hours.items())),
            lapsed=holding.expired_by(at),
        )
