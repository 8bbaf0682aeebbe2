"""Names of places and ZIP codes on short pages, so that a look-up reads one small row of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source
from fieldstone.server.reference.places import FIPS_OF, key

TABLES: Final = {"PlacePage": ("key", "lines")}
ZIP: Final = re.compile(r"\d{5}", re.ASCII)
COUNTY: Final = re.compile(r"\d{5}", re.ASCII)
_WITHIN: Final = 9
"""So many columns a line of GeoNames has at least, up to the code of the county."""


def pages(lines: Iterable[tuple[str, str, list[str]]]) -> Iterator[Row]:
    """A page for each beginning, in order; `lines` are (page, name, counties)."""
    found: dict[str, list[str]] = {}
    for page, name, counties in lines:
        found.setdefault(page, []).append(f"{name}\t{' '.join(counties)}")
    for page in sorted(found):
        yield "PlacePage", (page, "\n".join(found[page]))


def town_pages(towns: Mapping[str, Iterable[str]]) -> Iterator[Row]:
    """Pages by the first two letters of a town."""
    yield from pages((key(name)[:2], name, list(towns[name])) for name in sorted(towns) if key(name))


def zip_pages(codes: Mapping[str, Iterable[str]]) -> Iterator[Row]:
    """Pages by the first three digits of a ZIP code."""
    yield from pages((code[:3], code, list(codes[code])) for code in sorted(codes))


def is_postal(head: Head) -> bool:
    """Whether this is GeoNames' list of postal codes of the United States (no header, tabs)."""
    return any("us" in row and any(ZIP.fullmatch(cell) for cell in row) for row in head.rows[:1])


def postal(source: Source, notes: Notes) -> Iterator[tuple[str, str, str]]:
    """(ZIP code, town, county) of each line of GeoNames' US.txt; what lies in no county is left out."""
    member = source.member("US.txt") or source.only()
    for line, cells in source.table(member, tabs=True):
        if len(cells) < _WITHIN or not ZIP.fullmatch(cells[1]):
            notes.drop("The line has no ZIP code", member, line, " ".join(cells))
            continue
        state = FIPS_OF.get(cells[4], "")
        county = state + cells[6].zfill(3)
        if not state or not COUNTY.fullmatch(county) or not cells[2].strip():
            notes.drop("No town, or no county of a state", member, line, f"{cells[1]} {cells[2]}")
            continue
        yield cells[1], cells[2].strip(), county


def piped(source: Source, wanted: tuple[str, ...], notes: Notes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The wanted columns of a table of the Census Bureau whose columns are parted by "|"."""
    member = source.only()
    at: list[int] = []
    for number, line in enumerate(source.lines(member, foreign=True), 1):
        cells = [cell.strip() for cell in line.split("|")]
        if not at:
            missing = [name for name in wanted if name not in cells]
            if missing:
                raise BadFile(f"{member} has no column {missing[0]}. Use the file as it was published.")
            at = [cells.index(name) for name in wanted]
            continue
        if len(cells) <= max(at):
            if any(cells):
                notes.drop("The line is short", member, number, line.strip())
            continue
        yield number, tuple(cells[index] for index in at)
