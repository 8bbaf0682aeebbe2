"""Our own words: Spanish for skills and occupations, other names, hints, and which work can be done from anywhere.

They stand in two tables beside the starter facts, and are added to every release of O*NET.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class OwnOccupation:
    """What we say of an occupation ourselves. `remote` is yes, part or no, and `reason` a key of `rules.PLACES`."""

    code: str
    es: str
    also_en: tuple[str, ...]
    also_es: tuple[str, ...]
    remote: str
    reason: str


@dataclass(frozen=True)
class OwnElement:
    """What we say of a skill: its name in Spanish, and everyday words that point to it."""

    code: str
    es: str
    hints_en: str
    hints_es: str


def _table(name: str) -> Iterator[dict[str, str]]:
    text = files("fieldstone.server.reference").joinpath("starter", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


@cache
def occupations() -> dict[str, OwnOccupation]:
    """By O*NET-SOC code."""
    return {
        row["code"]: OwnOccupation(
            row["code"], row["es"], _split(row["also_en"]), _split(row["also_es"]), row["remote"], row["reason"]
        )
        for row in _table("occupations.csv")
    }


@cache
def elements() -> dict[str, OwnElement]:
    """By element id."""
    return {
        row["code"]: OwnElement(row["code"], row["es"], row["hints_en"], row["hints_es"])
        for row in _table("elements.csv")
    }
