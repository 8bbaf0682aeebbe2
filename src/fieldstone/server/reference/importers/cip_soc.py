"""NCES and BLS crosswalk from fields of study to occupations: CIP2020_SOC2018_Crosswalk.xlsx, or csv."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source, positions
from fieldstone.server.reference.importers.workbook import sheets, table

KIND: Final = "cip-soc"
WHAT: Final = "the CIP–SOC crosswalk"
TABLES: Final = {"CipSoc": ("cip", "cip_title", "soc", "soc_title")}
NO_MATCH: Final = "99-9999"


def recognizes(head: Head) -> bool:
    """By its columns."""
    return head.matches(r"^cip20\d\dcode$") and head.matches(r"^soc20\d\dcode$")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One row for each pair; fields that lead to no occupation (99-9999) are dropped."""
    at: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    sheet = next((name for name in sheets(source) if "cip" in name.casefold()), "") if source.is_workbook else ""
    for line, cells in table(source, sheet):
        if not at:
            at = _columns(cells, source.name, notes)
            continue
        if len(cells) <= max(at.values()):
            if any(cells):
                raise BadFile(f"{source.name}, line {line} is cut short: the file is damaged. Download it again.")
            continue
        row = {key: cells[index].strip().strip('="') for key, index in at.items()}
        pair = (_cip(row["cip"]), row["soc"])
        if row["soc"] == NO_MATCH:
            notes.drop("No occupation belongs to this field of study", source.name, line, row["cip_title"])
        elif not (re.fullmatch(r"\d\d\.\d{4}", pair[0]) and re.fullmatch(r"\d\d-\d{4}", pair[1])):
            notes.drop("The codes cannot be read", source.name, line, " ".join(pair))
        elif pair in seen:
            notes.drop("The pair stands there twice", source.name, line, " ".join(pair))
        else:
            seen.add(pair)
            yield "CipSoc", (pair[0], row["cip_title"], row["soc"], row["soc_title"])


def _cip(code: str) -> str:
    """Six digits ("01.0000"), also where a spreadsheet took the code for a number ("1")."""
    return f"{float(code):07.4f}" if re.fullmatch(r"\d{1,2}(\.\d{0,4})?", code) else code


def _columns(header: list[str], name: str, notes: Notes) -> dict[str, int]:
    text = " ".join(header)
    years = re.search(r"CIP(20\d\d)Code.*SOC(20\d\d)Code", text, re.I)
    if years is None:
        raise BadFile(f"{name} has no columns CIP2020Code and SOC2018Code. Use the official file, unchanged.")
    notes.version = notes.version or f"CIP {years[1]}, SOC {years[2]}"
    cip, soc = years[1], years[2]
    return positions(
        header,
        {"cip": (f"CIP{cip}Code",), "cip_title": (f"CIP{cip}Title",), "soc": (f"SOC{soc}Code",),
         "soc_title": (f"SOC{soc}Title",)},
        name,
    )  # fmt: skip
