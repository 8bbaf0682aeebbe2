"""Readiness for a job: what somebody has shown, of what the job asks, skill by skill.

    readiness = 1 - sum(importance * max(0, level asked - level shown)) / sum(importance * level asked)

Showing more than is asked adds nothing, and makes up for nothing elsewhere. Every number is exact, and every part
of the gap belongs to one skill, so that each can be said in words. Levels may be on any scale, the same for both
sides; with O*NET it is 0 to 7, and importance 1 to 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .explanation import Line
from .requirement import Language, Measure, exact
from .words import Names, name, number, series


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One skill that a job asks for: how much it matters there, and at which level."""

    skill: str
    importance: Measure
    level: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One skill that one credential shows, at a level."""

    skill: str
    level: Measure
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One skill of a job: asked, shown, and by which credentials (the highest level first, each once).

    `weight` is its share of all that the job asks, `missing` the part of that share that is not shown (both 0 to 1).
    `useful` are the credentials that show the highest level.
    """

    skill: str
    importance: Fraction
    asked: Fraction
    shown: Fraction
    by: tuple[tuple[str, Fraction], ...]
    weight: Fraction
    missing: Fraction

    @property
    def met(self) -> bool:
        """Whether the level asked is shown."""
        return self.shown >= self.asked

    @property
    def useful(self) -> tuple[str, ...]:
        """The credentials that show the highest level."""
        return tuple(credential for credential, level in self.by if level == self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The share of what a job asks that is shown (`value`, 0 to 1, exactly), and its skills, the biggest gap first.

    1 if and only if nothing that counts is missing; so also where nothing is asked (`asks` is then False).
    """

    value: Fraction
    rows: tuple[Skill, ...]

    @property
    def asks(self) -> bool:
        """Whether the job asks for anything that counts."""
        return any(row.weight for row in self.rows)

    @property
    def percent(self) -> int:
        """The value as people read it: 100 only where nothing is missing, 0 only where nothing is shown."""
        return percent(self.value)


def percent(share: Fraction) -> int:
    """A share in whole percent, half rounded up; what lies between none and all stays between 1 and 99."""
    if share in (0, 1):
        return int(share) * 100
    return min(99, max(1, int(share * 100 + Fraction(1, 2))))


def readiness(asked: Iterable[Asked], shown: Iterable[Shown]) -> Readiness:
    """Compare what a job asks with what is shown.

    Of several credentials that show one skill the highest level counts. Skills that are shown and not asked make no
    difference. Raises ValueError where one skill is asked twice, or a number is below 0.
    """
    job = tuple(asked)
    if len({each.skill for each in job}) < len(job):
        raise ValueError("a skill is asked once")
    wanted = {each.skill for each in job}
    levels: dict[str, dict[str, Fraction]] = {}
    for each in shown:
        level = exact(each.level)
        if each.skill in wanted and level > 0:
            best = levels.setdefault(each.skill, {})
            best[each.credential] = max(level, best.get(each.credential, level))
    whole = sum((exact(each.importance) * exact(each.level) for each in job), Fraction(0))
    rows = tuple(sorted((_row(each, levels.get(each.skill, {}), whole) for each in job), key=_biggest_gap))
    return Readiness(value=1 - sum((row.missing for row in rows), Fraction(0)), rows=rows)


def _row(each: Asked, levels: dict[str, Fraction], whole: Fraction) -> Skill:
    importance, level = exact(each.importance), exact(each.level)
    highest = max(levels.values(), default=Fraction(0))
    gap = importance * max(Fraction(0), level - highest)
    return Skill(
        skill=each.skill,
        importance=importance,
        asked=level,
        shown=highest,
        by=tuple(sorted(levels.items(), key=lambda pair: (-pair[1], pair[0]))),
        weight=importance * level / whole if whole else Fraction(0),
        missing=gap / whole if whole else Fraction(0),
    )


def _biggest_gap(row: Skill) -> tuple[object, ...]:
    return (-row.missing, -row.weight, row.skill)


def explain_readiness(found: Readiness, names: Names, language: Language) -> list[Line]:
    """Say what the number means, then every skill: asked, shown with which credentials, and what is missing.

    The path of the first line is empty, that of each other line is the skill. `names` maps skills and credentials to
    texts.
    """
    return list(_lines(found, names, language))


def _lines(found: Readiness, names: Names, language: Language) -> Iterator[Line]:
    spanish = language == "es"
    if not found.asks:
        text = (
            "La lista de este trabajo no pide ninguna habilidad; por eso no falta nada."
            if spanish
            else "The list for this job asks for no skills, so nothing is missing."
        )
    elif found.value == 1:
        text = (
            "Lo que usted ha demostrado cubre todo lo que pide este trabajo."
            if spanish
            else "What you have shown covers everything this job asks."
        )
    else:
        text = (
            f"Lo que usted ha demostrado cubre el {found.percent} % de lo que pide este trabajo, "
            "contando cada habilidad según su importancia."
            if spanish
            else f"What you have shown covers {found.percent}% of what this job asks, "
            "counted by how much each skill matters."
        )
    yield Line(path="", depth=0, status="done" if found.value == 1 else "missing", text=text)
    for row in found.rows:
        yield Line(
            path=row.skill,
            depth=1,
            status="missing" if row.missing else "done",
            text=f"{name(names, row.skill, language)}: {_said(row, names, language)}",
        )


def _said(row: Skill, names: Names, language: Language) -> str:
    spanish = language == "es"
    asked = _level(row.asked)
    if not row.weight:
        text = "Este trabajo no lo pide." if spanish else "This job does not ask for it."
    elif spanish:
        text = f"Se pide el nivel {asked}."
    else:
        text = f"Level {asked} is asked."
    if row.by:
        shown = series(f"{_level(level)} ({name(names, credential, language)})" for credential, level in row.by)
        text += f" Usted ha demostrado: {shown}." if spanish else f" You have shown: {shown}."
    elif row.weight:
        text += " Usted aún no ha demostrado nada aquí." if spanish else " You have shown nothing here yet."
    if row.missing:
        lack = percent(row.missing)
        text += (
            f" Falta: el {lack} % de lo que pide este trabajo."
            if spanish
            else f" Missing: {lack}% of what this job asks."
        )
    return text


def _level(level: Fraction) -> str:
    """A level with at most two decimals, never 0 for what is above 0 and never raised to a level that is not met."""
    cut = Decimal(int(level * 100)) / 100
    return number(cut) if cut or not level else "0.01"
