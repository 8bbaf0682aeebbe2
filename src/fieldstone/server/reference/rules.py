"""Decisions about what others publish: codes of jobs, work from home, what counts as in demand, words to search by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from math import floor
from typing import Any, Final

from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

# --- words --------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Text without accents and capitals, as the full-text index holds it: "Niñera" is "ninera"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


_STOP = (
    "a about after all also an and any are as at be been before but by can could do does each for from had has have "
    "her his how i if in into is it its may more most my new not of on or other our out over own she should so some "
    "such than that the their them then there these they this those to under up use used using was we were what when "
    "where which who will with work would you your al algo como con cual cuando de del desde donde el ella ellos en "
    "entre es esta este esto estos fue ha hace hay la las le les lo los mas mi muy no nos o para pero por porque que "
    "se ser si sin sobre son su sus tambien tiene todo un una uno y ya"
)
STOP: Final = frozenset(_STOP.split())
"""Words that tell nothing about a job, in both languages, folded."""

_ENDINGS: Final = (
    "aciones", "iciones", "amiento", "imiento", "ciones", "mente", "acion", "icion", "ings", "cion", "ing", "ers",
    "ies", "ado", "ada", "ido", "ida", "ar", "er", "ir", "ed", "es", "os", "as", "s", "y", "e", "o", "a",
)  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words of a text, folded, in their order, each once; without words that tell nothing."""
    found = re.findall(r"\w+", fold(text))
    return list(dict.fromkeys(word for word in found if len(word) > 1 and word not in STOP))


def stem(word: str) -> str:
    """The front of a word that its forms share, at least four letters: "teaching" and "teach" are "teach"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


# --- codes --------------------------------------------------------------------------------------------------

MERGED_VERSION: Final = "SOC 2018"
MERGED: Final[Mapping[str, str]] = {
    "13-1021": "13-1020", "13-1022": "13-1020", "13-1023": "13-1020",
    "13-2022": "13-2020", "13-2023": "13-2020",
    "21-1011": "21-1018", "21-1014": "21-1018",
    "25-2055": "25-2052", "25-2056": "25-2052",
    "25-9042": "25-9045", "25-9043": "25-9045", "25-9049": "25-9045",
    "29-2011": "29-2010", "29-2012": "29-2010",
    "31-1121": "31-1120", "31-1122": "31-1120",
    "39-7011": "39-7010", "39-7012": "39-7010",
    "47-4091": "47-4090", "47-4099": "47-4090",
    "51-2022": "51-2028", "51-2023": "51-2028",
    "51-2092": "51-2090", "51-2099": "51-2090",
    "53-1042": "53-1047", "53-1043": "53-1047", "53-1044": "53-1047", "53-1049": "53-1047",
}  # fmt: skip
"""Occupations of SOC 2018 that the wage survey and the projections publish only together with their neighbors."""


def published_codes(code: str) -> tuple[str, ...]:
    """The codes that figures for an occupation may stand under, the closest first.

    `code` is an O*NET-SOC code of eight digits or an SOC code of six.
    """
    soc = code[:7]
    return (soc, MERGED[soc]) if soc in MERGED else (soc,)


# --- work from home -----------------------------------------------------------------------------------------

CONTEXT: Final[Mapping[str, tuple[str, float, str]]] = {
    "4.C.1.a.2.h": ("below", 2.0, "little_mail"),
    "4.C.1.d.3": ("above", 4.0, "violent_people"),
    "4.C.2.a.1.c": ("above", 4.0, "outdoors"),
    "4.C.2.a.1.d": ("above", 4.0, "outdoors"),
    "4.C.2.c.1.b": ("above", 4.0, "infections"),
    "4.C.2.c.1.f": ("above", 4.0, "injuries"),
    "4.C.2.d.1.d": ("above", 3.5, "on_foot"),
    "4.C.2.e.1.d": ("above", 3.5, "protective_gear"),
    "4.C.2.e.1.e": ("above", 3.5, "protective_gear"),
}
"""Work Context elements (scale CX, 1 to 5) that keep work in a place, after Dingel and Neiman (2020), "How many jobs
can be done at home?", Journal of Public Economics 189; the part of their rule that reads Work Context."""


def remote_work(context: Mapping[str, float]) -> tuple[bool, str]:
    """Whether work can be done from anywhere, and what speaks against it ("" where nothing does)."""
    for element, (side, bound, reason) in CONTEXT.items():
        value = context.get(element)
        if value is not None and (value < bound if side == "below" else value >= bound):
            return False, reason
    return bool(context), "" if context else "unknown"


PLACES: Final[Mapping[str, str]] = {
    "little_mail": _("People in this job seldom write e-mail, so it is seldom done at a desk."),
    "violent_people": _("People in this job meet upset or violent people in person."),
    "outdoors": _("The work is outdoors."),
    "infections": _("The work is near people who are ill."),
    "injuries": _("The work brings small burns, cuts or bites, as only work with the hands does."),
    "on_foot": _("The work is done walking or standing about."),
    "protective_gear": _("The work needs protective gear, so it is done where the danger is."),
    "in_person_children": _("The work is with children, in person."),
    "in_person": _("The work is with people, in person."),
    "patients": _("The work is with patients, in person."),
    "machines": _("The work is at machines."),
    "equipment": _("Part of the work is at the equipment of a site."),
    "on_site": _("The work is to run a place, and to be there."),
    "office": _("Some offices let people work from home part of the week."),
    "screen_work": _("The work is on a screen or by phone, and can be done from home where the internet is good."),
    "unknown": _("Nothing is published about where this work is done."),
    "": _("Nothing in the published facts ties the work to a place."),
}
"""Why work can or cannot be done from anywhere, by the keys that releases and our own list hold."""


# --- how sure a wage is -------------------------------------------------------------------------------------

STEADY: Final = 5.0
ROUGH: Final = 15.0


def sureness(rse: float | None) -> str:
    """How sure an average wage is, from its relative standard error in percent, as a message."""
    if rse is None:
        return _("How sure this number is was not published.")
    if rse <= STEADY:
        return _("This number is steady: another survey would come out close to it.")
    if rse <= ROUGH:
        return _("This number is rough: few employers answered.")
    return _("This number is very rough: only a handful of employers answered.")


# --- where a figure is from ---------------------------------------------------------------------------------

WHY: Final[Mapping[str, str]] = {
    "area": _("Pay in %(place)s, where %(county)s lies."),
    "chosen": _("Pay in %(place)s, the area that was chosen."),
    "only_area": _("Pay in %(place)s, the only area of the state outside its cities."),
    "metro": _("%(county)s belongs to a city area. The pay shown is that of the whole state, %(place)s."),
    "unknown_area": _("It is not known here which area %(county)s belongs to. The pay shown is that of %(place)s."),
    "not_released": _("Pay near %(county)s was not published for this job. The pay shown is that of %(place)s."),
    "no_county": _("No county was named. The pay shown is that of %(place)s."),
    "nothing": _("No pay was published for this job."),
}


# --- in demand ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DemandRule:
    """What a program calls "in demand": all of the bounds that it sets must be met. None sets no bound.

    `min_openings`: openings a year in the nation. `min_growth`: percent over the ten years of the projection.
    `min_wage_share`: the median wage as a percentage of the median of all jobs in the same place.
    """

    min_openings: int | None = 5000
    min_growth: float | None = 0.0
    min_wage_share: int | None = 60

    def to_json(self) -> dict[str, Any]:
        """As it is stored by those who let a lead change it."""
        return asdict(self)

    def words(self) -> list[tuple[str, Mapping[str, object]]]:
        """The rule as messages with their values, one for each bound."""
        lines: list[tuple[str, Mapping[str, object]]] = []
        if self.min_openings is not None:
            lines.append((_("At least %(openings)s openings a year in the nation."), {"openings": self.min_openings}))
        if self.min_growth is not None:
            lines.append((_("Jobs grow by at least %(growth)s percent in ten years."), {"growth": self.min_growth}))
        if self.min_wage_share is not None:
            lines.append(
                (_("Half of the people earn at least %(share)s percent of what half of all people there earn."),
                 {"share": self.min_wage_share})
            )  # fmt: skip
        return lines or [(_("Every job counts as in demand."), {})]


_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "min_openings": (0, 10_000_000),
    "min_growth": (-100, 1000),
    "min_wage_share": (0, 500),
}


def parse_rule(data: Mapping[str, Any]) -> tuple[DemandRule, list[Problem]]:
    """A rule from what was stored or typed; blanks set no bound. Problems name the field that must be mended."""
    values: dict[str, Any] = {}
    problems = []
    for name in (field.name for field in fields(DemandRule)):
        given = data.get(name)
        if given is None or str(given).strip() == "":
            values[name] = None
            continue
        low, high = _BOUNDS[name]
        try:
            number = float(str(given).replace(",", ""))
        except ValueError:
            number = high + 1
        if not low <= number <= high:
            problems.append(Problem(name, _("Write a number from %(low)s to %(high)s, or leave it empty."),
                                    {"low": int(low), "high": int(high)}))  # fmt: skip
            continue
        values[name] = number if name == "min_growth" else round(number)
    return DemandRule(**{name: values.get(name) for name in _BOUNDS}), problems


@dataclass(frozen=True)
class Check:
    """One bound of the rule held against a job: passed, not passed, or None where the fact is not published."""

    passed: bool | None
    message: str
    params: Mapping[str, object]


@dataclass(frozen=True)
class InDemand:
    """Whether a job counts as in demand (None: could not tell), with every bound and what was found."""

    value: bool | None
    checks: tuple[Check, ...]


def in_demand(
    rule: DemandRule, *, openings: int | None, growth: float | None, wage: int | None, all_jobs: int | None
) -> InDemand:
    """Hold a job against a rule. `wage` and `all_jobs` are medians in the same place and unit.

    One bound that is not met decides; otherwise one unknown leaves it open.
    """
    share = None if wage is None or not all_jobs else 100 * wage / all_jobs
    checks = tuple(
        _check(bound, value, met, missed, unknown)
        for bound, value, met, missed, unknown in (
            (rule.min_openings, openings,
             _("%(value)s openings a year in the nation; the rule asks for %(bound)s."),
             _("Only %(value)s openings a year in the nation; the rule asks for %(bound)s."),
             _("How many openings there are was not published.")),
            (rule.min_growth, growth,
             _("Jobs change by %(value)s percent in ten years; the rule asks for %(bound)s."),
             _("Jobs change by only %(value)s percent in ten years; the rule asks for %(bound)s."),
             _("How many jobs there will be was not published.")),
            (rule.min_wage_share, share,
             _("The middle wage is %(value)s percent of that of all jobs there; the rule asks for %(bound)s."),
             _("The middle wage is only %(value)s percent of that of all jobs there; the rule asks for %(bound)s."),
             _("The wage, or that of all jobs there, was not published.")),
        )
        if bound is not None
    )  # fmt: skip
    return InDemand(_all(check.passed for check in checks), checks)


def _check(bound: float, value: float | None, met: str, missed: str, unknown: str) -> Check:
    if value is None:
        return Check(None, unknown, {"bound": bound})
    passed = value >= bound
    said = round(value, 1)
    if not passed and said >= bound:  # missed by less than is said: 59.96 of 60 is not 60
        said = floor(value * 100) / 100
    return Check(passed, met if passed else missed, {"value": said, "bound": bound})


def _all(passed: Iterable[bool | None]) -> bool | None:
    found = list(passed)
    return False if False in found else None if None in found else True
