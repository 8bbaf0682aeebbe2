"""BLS area definitions (area_definitions_mYYYY.xlsx, or csv): the counties of each area of the wage survey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers.base import Head, Notes, Row, Source, positions, whole
from fieldstone.server.reference.importers.look import workbook_inside
from fieldstone.server.reference.importers.oews import version
from fieldstone.server.reference.importers.workbook import table

KIND: Final = "areas"
WHAT: Final = "the OEWS area definitions"
TABLES: Final = {"CountyArea": ("fips", "area", "title")}


def recognizes(head: Head) -> bool:
    """By its columns."""
    return head.has("county code") and head.matches(r"msa code|area code|^new_area$")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One row for each county. The file may name townships of New England; the first area of a county counts."""
    inner = workbook_inside(source)
    notes.version = notes.version or version(source)
    at: dict[str, int] = {}
    seen: dict[str, str] = {}
    for line, cells in table(inner):
        if not at:
            at = _columns(cells, inner.name)
            continue
        row = {key: cells[index].strip() if index < len(cells) else "" for key, index in at.items()}
        if None in (whole(row["state"]), whole(row["county"]), whole(row["area"])):
            if any(row.values()):
                notes.drop("No county or no area", inner.name, line, " ".join(row.values()))
            continue
        fips, area = row["state"].zfill(2) + row["county"].zfill(3), row["area"].zfill(7)
        if fips in seen:
            if seen[fips] != area:
                notes.drop("A part of a county lies in another area; the first counts", inner.name, line, row["title"])
            continue
        seen[fips] = area
        yield "CountyArea", (fips, area, row["title"])


def _columns(header: list[str], name: str) -> dict[str, int]:
    """Where the columns stand; those of areas carry the year, and older files have a second, aggregated pair."""

    def label(words: str) -> str:
        return next((c for c in header if re.search(words, c, re.I) and "aggreg" not in c.casefold()), words)

    wanted = {
        "state": ("FIPS code", "FIPS"),
        "county": ("County code",),
        "area": (label("MSA code|area code|^new_area$"),),
        "title": (label("MSA name|area title|^msa$"),),
    }
    return positions(header, wanted, name)
