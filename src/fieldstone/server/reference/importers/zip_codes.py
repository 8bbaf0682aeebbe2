"""ZIP codes by county: the Census Bureau's relationships of ZCTAs to counties, or GeoNames' postal codes (US.txt)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers import pages
from fieldstone.server.reference.importers.base import Head, Notes, Row, Source

KIND: Final = "zip-codes"
WHAT: Final = "a list of ZIP codes by county"
TABLES: Final = pages.TABLES
_COLUMNS: Final = ("GEOID_ZCTA5_20", "GEOID_COUNTY_20", "AREALAND_PART")
LEAST: Final = 10
"""Percent of the land of a ZIP code that a county needs to be offered; the largest part always is."""


def recognizes(head: Head) -> bool:
    """By the header of the Census Bureau, or as postal codes of GeoNames."""
    return head.matches(r"^oid_zcta5_20\|geoid_zcta5_20\|.*\|geoid_county_20\|") or pages.is_postal(head)


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One page for each three digits; the counties of a ZIP code stand by how much of its land they hold."""
    with source.open(source.member("US.txt") or source.only()) as file:
        census = file.read(4).removeprefix(b"\xef\xbb\xbf").upper().startswith(b"O")
    if not census:
        yield from pages.zip_pages({code: [county] for code, _town, county in pages.postal(source, notes)})
        return
    notes.version = notes.version or "2020"
    land: dict[str, dict[str, int]] = {}
    for line, (code, county, part) in pages.piped(source, _COLUMNS, notes):
        if not code:
            continue
        area = int(part) if part.isascii() and part.isdecimal() and len(part) < 16 else None
        if not pages.ZIP.fullmatch(code) or not pages.COUNTY.fullmatch(county) or area is None:
            notes.drop("No ZIP code, no county or no area", source.name, line, f"{code} {county} {part}")
            continue
        land.setdefault(code, {})[county] = area
    yield from pages.zip_pages({code: _parts(found) for code, found in land.items()})


def _parts(found: dict[str, int]) -> list[str]:
    order = sorted(found, key=lambda county: (-found[county], county))
    every = sum(found.values())
    return [county for county in order if county == order[0] or found[county] * 100 >= LEAST * every]
