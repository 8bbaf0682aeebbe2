"""What a learner told us about her goal, read from what she typed: pay, hours a week, money. Pure, as `rules` is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

LEAST_WAGE: Final = 100
MOST_WAGE: Final = 50_000
MOST_HOURS: Final = 80
MOST_MONEY: Final = 10_000_000
USUAL_HOURS: Final = 5
"""Hours a week that a plan reckons with where nobody said another number."""

_DOLLARS = re.compile(r"\d{1,9}(\.\d{1,9})?")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,2})?")
_COUNTY = re.compile(r"\d{5}", re.ASCII)
_AREA = re.compile(r"\d{7}", re.ASCII)


@dataclass(frozen=True)
class Wishes:
    """What somebody said about the work that she wants. Wages and money are US cents, None where nothing was said.

    `county` has five digits (FIPS) or is empty; `area` is the code of the wage area that she chose in its state, or
    empty. `own_business`: she works for herself.
    """

    county: str = ""
    area: str = ""
    wage_cents: int | None = None
    own_business: bool = False
    hours_a_week: int | None = None
    money_cents: int | None = None

    @property
    def pace(self) -> int:
        """The hours a week that a plan reckons with."""
        return self.hours_a_week or USUAL_HOURS

    def to_json(self) -> dict[str, Any]:
        """As a session keeps it."""
        return {
            "county": self.county,
            "area": self.area,
            "wage_cents": self.wage_cents,
            "own_business": self.own_business,
            "hours_a_week": self.hours_a_week,
            "money_cents": self.money_cents,
        }


def kept(data: object) -> Wishes:
    """What a session kept; nothing where it cannot be read."""
    if not isinstance(data, dict) or set(data) - set(_TYPES) or any(type(v) not in _TYPES[k] for k, v in data.items()):
        return Wishes()
    found = Wishes(**data)
    return found if not problems_of(found) else Wishes()


_TYPES: Final = {
    "county": (str,), "area": (str,), "own_business": (bool,), "wage_cents": (int, type(None)),
    "hours_a_week": (int, type(None)), "money_cents": (int, type(None)),
}  # fmt: skip


def problems_of(wishes: Wishes) -> list[Problem]:
    """What no table would keep."""
    found = []
    if wishes.county and not _COUNTY.fullmatch(wishes.county):
        found.append(Problem("near", _("Choose a county from the list.")))
    if wishes.area and not _AREA.fullmatch(wishes.area):
        found.append(Problem("area", _("Choose an area from the list.")))
    if not _within(wishes.wage_cents, LEAST_WAGE, MOST_WAGE):
        found.append(Problem("wage", _WAGE))
    if not _within(wishes.hours_a_week, 1, MOST_HOURS):
        found.append(Problem("hours", _HOURS))
    if not _within(wishes.money_cents, 0, MOST_MONEY):
        found.append(Problem("money", _MONEY))
    return found


def _within(value: int | None, low: int, high: int) -> bool:
    return value is None or low <= value <= high


_WAGE = _("Write what you earn in one hour, in dollars, such as 13.50. Or leave it empty.")
_COMMA = _("Write cents after a point, not a comma, such as 13.50.")
_TOO_LITTLE = _("Write at least 1 dollar an hour, or leave it empty if you earn nothing now.")
_TOO_MUCH = _("This is more than 500 dollars. Write what you earn in one hour, not in a week or a year.")
_HOURS = _("Write a whole number of hours from 1 to 80, or leave it empty.")
_MONEY = _("Write whole dollars or dollars and cents, such as 60, from 0 to 100,000. Or leave it empty.")


def read(
    county: str, wage: str, own_business: bool, hours: str, money: str, area: str = ""
) -> tuple[Wishes, list[Problem]]:
    """What was typed, and what must be mended. What cannot be read is left out of the wishes.

    `county` and `area` are known to exist, or empty. Problems name the fields near, wage, hours, money.
    """
    problems: list[Problem] = []
    wishes = Wishes(county=county, area=area, own_business=own_business)
    cents, problem = _wage(wage)
    if problem:
        problems.append(Problem("wage", problem))
    wishes = replace(wishes, wage_cents=cents)
    typed = hours.strip()
    amount = int(typed[:40]) if typed.isascii() and typed.isdigit() else 0
    if typed and not 1 <= amount <= MOST_HOURS:
        problems.append(Problem("hours", _HOURS))
    elif typed:
        wishes = replace(wishes, hours_a_week=amount)
    cents, problem = _money(money)
    if problem:
        problems.append(Problem("money", problem))
    return replace(wishes, money_cents=cents), problems


def _wage(text: str) -> tuple[int | None, str]:
    cents, problem = _dollars(text, _WAGE)
    if cents is None:
        return None, problem
    if cents < LEAST_WAGE:
        return None, _TOO_LITTLE
    return (cents, "") if cents <= MOST_WAGE else (None, _TOO_MUCH)


def _money(text: str) -> tuple[int | None, str]:
    cents, problem = _dollars(text, _MONEY)
    return (cents, problem) if cents is None or cents <= MOST_MONEY else (None, _MONEY)


def _dollars(text: str, wrong: str) -> tuple[int | None, str]:
    """An amount in cents, None where nothing was typed; or what must be mended."""
    bare = text.strip().removeprefix("$").strip()
    if not bare:
        return None, ""
    if re.fullmatch(r"\d+,\d{1,2}", bare):
        return None, _COMMA
    cents = _cents(bare)
    return (cents, "") if cents is not None else (None, wrong)


def _cents(bare: str) -> int | None:
    """Dollars as cents, part cents rounded; None for what is no plain number."""
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    if not bare.isascii() or not _DOLLARS.fullmatch(bare):
        return None
    return int((Decimal(bare) * 100).to_integral_value())


MINIMIZE: Final = ("cost", "hours", "date")


@dataclass(frozen=True)
class Asked:
    """What a plan was asked for: what to spare (`by`), hours a week, money in cents, and which goal.

    `goal` is "stack:<id>" or "skills"; empty for the nearest.
    """

    by: str
    hours_a_week: int
    money_cents: int | None
    goal: str


def asked(by: str, hours: str | None, money: str | None, goal: str, wishes: Wishes) -> tuple[Asked, list[Problem]]:
    """What an address asks of a plan; None stands for what the address does not name and `wishes` decide.

    What cannot be read is a problem of its field, and the wishes stand in.
    """
    typed, problems = read("", "", False, hours or "", money or "")
    return (
        Asked(
            by=by if by in MINIMIZE else "cost",
            hours_a_week=typed.hours_a_week or wishes.pace,
            money_cents=wishes.money_cents if money is None else typed.money_cents,
            goal=goal[:60],
        ),
        problems,
    )
