"""NCES IPEDS header file (HDyyyy.csv): schools with their county, and what kind they are. Latin-1 as published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source, positions, whole

KIND: Final = "institutions"
WHAT: Final = "the IPEDS directory of institutions (HD)"
TABLES: Final = {"Institution": ("unitid", "name", "city", "state", "county", "hbcu", "tribal", "locale")}
WANTED: Final = {
    "unitid": ("UNITID",), "name": ("INSTNM",), "city": ("CITY",), "state": ("STABBR",), "county": ("COUNTYCD",),
    "hbcu": ("HBCU",), "tribal": ("TRIBAL",), "locale": ("LOCALE",),
}  # fmt: skip
LOCALES: Final = frozenset(("11", "12", "13", "21", "22", "23", "31", "32", "33", "41", "42", "43"))
YES_NO: Final = {"1": True, "2": False}


def recognizes(head: Head) -> bool:
    """By its columns."""
    return head.has("unitid", "instnm", "countycd")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One row for each school."""
    member = next(iter(source.with_suffix(".csv")), None) or source.only()
    if year := re.search(r"hd(\d{4})", member, re.I):
        notes.version = notes.version or year[1]
    at: dict[str, int] = {}
    width = 0
    seen: set[int] = set()
    for line, cells in source.table(member, foreign=True):
        if not at:
            at, width = positions(cells, WANTED, member), len(cells)
            continue
        if len(cells) != width:
            if not any(cells):
                continue
            raise BadFile(
                f"{member}, line {line} has {len(cells)} columns where the first line has {width}: the file is damaged "
                "or was cut off. Download it again."
            )
        row = {key: cells[index].strip() for key, index in at.items()}
        unitid = whole(row["unitid"])
        if unitid is None or unitid in seen:
            notes.drop("The school has no number of its own", member, line, row["name"])
            continue
        seen.add(unitid)
        yield "Institution", (
            unitid, row["name"], row["city"], row["state"], _county(row["county"]),
            YES_NO.get(row["hbcu"]), YES_NO.get(row["tribal"]),
            int(row["locale"]) if row["locale"] in LOCALES else None,
        )  # fmt: skip


def _county(code: str) -> str:
    """Five digits; negative codes mean that IPEDS does not know."""
    return code.zfill(5) if whole(code) and len(code) <= 5 else ""
