"""USDA rural-urban continuum codes by county: the long file (a row for each Attribute) or a wide one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fieldstone.server.reference.importers.base import Head, Notes, Row, Source, positions, whole

KIND: Final = "rucc"
WHAT: Final = "the USDA rural-urban continuum codes"
TABLES: Final = {"County": ("fips", "state", "name", "population", "rucc", "metro")}
_BASE: Final = {"fips": ("FIPS",), "state": ("State",), "name": ("County_Name", "County name")}
_LONG: Final = _BASE | {"attribute": ("Attribute",), "value": ("Value",)}


@dataclass
class _County:
    fips: str
    state: str
    name: str
    line: int
    population: int | None = None
    rucc: int | None = None

    def row(self) -> Row:
        metro = None if self.rucc is None else self.rucc <= 3
        return "County", (self.fips, self.state, self.name, self.population, self.rucc, metro)


def recognizes(head: Head) -> bool:
    """By FIPS with either a column of codes or rows of attributes."""
    return head.has("fips") and head.matches(r"^rucc_\d{4}$")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One row for each county that has a code."""
    member = source.only()
    found: dict[str, _County] = {}
    at: dict[str, int] = {}
    long = False
    for line, cells in source.table(member, foreign=True):
        if not at:
            long = "attribute" in {cell.strip().casefold() for cell in cells}
            at = positions(cells, _LONG if long else _wide(cells), member)
            year = next((m[1] for cell in cells if (m := re.fullmatch(r"RUCC_(\d{4})", cell.strip()))), "")
            notes.version = notes.version or year
            continue
        if len(cells) <= max(at.values()) or whole(cells[at["fips"]].strip()) is None:
            if any(cells):
                notes.drop("The row is short or has no county code", member, line, ",".join(cells))
            continue
        row = {key: cells[index].strip() for key, index in at.items()}
        fips = row["fips"].zfill(5)
        if not long and fips in found:
            notes.drop("The county stands there twice", member, line, row["name"])
            continue
        county = found.setdefault(fips, _County(fips, row["state"], row["name"], line))
        for key, value in _facts(row, long):
            _take(county, key, value, notes, member, line)
    for county in found.values():
        if county.rucc is None:
            notes.drop("The county has no code", member, county.line, county.name)
            continue
        yield county.row()


def _wide(header: list[str]) -> dict[str, tuple[str, ...]]:
    code = next((cell for cell in header if re.fullmatch(r"RUCC_\d{4}", cell.strip(), re.I)), "RUCC_2023")
    people = next((cell for cell in header if re.fullmatch(r"Population_\d{4}", cell.strip(), re.I)), "Population_2020")
    return _BASE | {"RUCC_": (code,), "Population_": (people,)}


def _facts(row: dict[str, str], long: bool) -> list[tuple[str, str]]:
    return [(row["attribute"], row["value"])] if long else [(key, row[key]) for key in ("RUCC_", "Population_")]


def _take(county: _County, key: str, value: str, notes: Notes, name: str, line: int) -> None:
    number = whole(value)
    if key.startswith("RUCC_"):
        notes.version = notes.version or key.removeprefix("RUCC_")
        if number is None or not 1 <= number <= 9:
            if value:
                notes.drop("The code is not from 1 to 9", name, line, value)
            return
        county.rucc = number
    elif key.startswith("Population_"):
        county.population = number
