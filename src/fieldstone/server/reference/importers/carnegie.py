"""Carnegie classification: which schools serve whom. The public data file, or its csv."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers.base import Head, Notes, Row, Source, positions, whole
from fieldstone.server.reference.importers.workbook import sheets, table

KIND: Final = "carnegie"
WHAT: Final = "the Carnegie classification"
TABLES: Final = {"InstitutionFlag": ("unitid", "hbcu", "tribal", "hsi", "msi", "womens")}
WANTED: Final = {
    "unitid": ("unitid",), "hbcu": ("hbcu",), "tribal": ("tribal",), "hsi": ("hsi",), "msi": ("msi",),
    "womens?": ("womens",),
}  # fmt: skip


def recognizes(head: Head) -> bool:
    """By its columns."""
    return head.has("unitid", "hsi", "msi")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One row for each school. In HBCU and tribal 1 is yes and 2 is no (as IPEDS); elsewhere 1 is yes and 0 is no."""
    if year := re.search(r"(20\d\d)", source.name):
        notes.version = notes.version or year[1]
    at: dict[str, int] = {}
    seen: set[int] = set()
    for line, cells in table(source, "Data" if source.is_workbook and "Data" in sheets(source) else ""):
        if not at:
            at = positions(cells, WANTED, source.name)
            continue
        row = {key: cells[index].strip() if index < len(cells) else "" for key, index in at.items()}
        unitid = whole(row["unitid"])
        if unitid is None or unitid in seen:
            if any(cells):
                notes.drop("The school has no number of its own", source.name, line, row["unitid"])
            continue
        seen.add(unitid)
        yield "InstitutionFlag", (
            unitid,
            *({"1": True, "2": False, "0": False}.get(row.get(key, "")) for key in ("hbcu", "tribal", "hsi", "msi")),
            {"1": True, "0": False, "2": False}.get(row.get("womens?", "")),
        )
