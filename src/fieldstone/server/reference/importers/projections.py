"""BLS Employment Projections: occupation.xlsx (tables 1.7 and 1.10), or either table as csv. Counts are in thousands.

The tables use codes of the National Employment Matrix: mostly SOC 2018, some merged; `rules.MERGED` says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source, number
from fieldstone.server.reference.importers.workbook import rows as sheet_rows
from fieldstone.server.reference.importers.workbook import sheets

KIND: Final = "projections"
WHAT: Final = "the BLS employment projections"
TABLES: Final = {
    "Projection": (
        "code", "title", "line_item", "employment", "employment_then", "growth", "openings", "self_employed",
        "education", "experience", "training",
    ),
}  # fmt: skip
OPENINGS_ONLY: Final = "1.10"
"""The series of a csv of table 1.10 alone, which knows no education."""
SOC: Final = re.compile(r"\d\d-\d{4}")
_DASHES: Final = frozenset(("", "—", "-", "–", "None "))


def recognizes(head: Head) -> bool:
    """By the head of table 1.7 or 1.10."""
    return head.matches("national employment matrix code")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One row for each code; from both tables where both are there, 1.7 first."""
    if source.is_workbook:
        found = sheets(source)
        tables = [m for number in ("1.7", "1.10") for name, m in found.items() if name.strip().endswith(number)]
        if not tables:
            raise BadFile(f"{source.name} has neither a sheet Table 1.7 nor Table 1.10. It has: {', '.join(found)}.")
        yield from _table(source.name, sheet_rows(source, tables[0]), notes)
        return
    for member in [m for m in source.members if m.casefold().endswith((".csv", ".gz"))][:1] or source.members[:1]:
        yield from _table(member, source.table(member), notes)


def _columns(header: list[str]) -> dict[str, int]:
    """Columns by what their names begin with; years stand inside the names."""
    patterns = {
        "title": r"matrix title",
        "code": r"matrix code",
        "type": r"occupation type",
        "growth": r"employment change, percent",
        "openings": r"occupational openings",
        "self_employed": r"percent self.?employed",
        "education": r"typical education",
        "experience": r"work experience",
        "training": r"typical on-the-job",
    }
    found = {
        key: next(i for i, cell in enumerate(header) if re.search(pattern, cell, re.I))
        for key, pattern in patterns.items()
        if any(re.search(pattern, cell, re.I) for cell in header)
    }
    years = [i for i, cell in enumerate(header) if re.fullmatch(r"\s*employment, \d{4}\s*", cell, re.I)]
    if len(years) >= 2:
        found |= {"employment": years[0], "employment_then": years[1]}
    return found


def _table(name: str, table: Iterator[tuple[int, list[str]]], notes: Notes) -> Iterator[Row]:
    at: dict[str, int] = {}
    seen: set[str] = set()
    for line, cells in table:
        if not at:
            if any("matrix code" in cell.casefold() for cell in cells):
                at = _columns(cells)
                _complete(at, cells, name, notes)
            continue
        row = {key: cells[i].strip() if i < len(cells) else "" for key, i in at.items()}
        if not SOC.fullmatch(row["code"]):
            if row["code"]:
                notes.drop("The code is no code of the matrix", name, line, row["code"])
            continue
        if row["code"] in seen:
            notes.drop("The code stands there twice", name, line, row["code"])
            continue
        seen.add(row["code"])
        yield "Projection", _row(row, name, line)
    if not at:
        raise BadFile(f"{name} has no column “National Employment Matrix code”. Use table 1.7 or 1.10, unchanged.")


def _complete(at: dict[str, int], header: list[str], name: str, notes: Notes) -> None:
    missing = {"title", "type", "growth", "openings", "employment"} - at.keys()
    if missing:
        raise BadFile(f"{name} lacks {', '.join(sorted(missing))}. Use table 1.7 or 1.10, unchanged.")
    years = [re.sub(r"\D", "", header[at[key]])[-4:] for key in ("employment", "employment_then")]
    notes.version = notes.version or f"{years[0]}–{years[1]}"
    if "education" not in at:
        notes.series = OPENINGS_ONLY
        notes.remarks.append("Table 1.10 has no education; import table 1.7 or occupation.xlsx for it.")


def _row(row: dict[str, str], name: str, line: int) -> tuple[object, ...]:
    def figure(key: str) -> float | None:
        text = row.get(key, "")
        if text in _DASHES:
            return None
        try:
            return number(text)
        except ValueError as error:
            raise BadFile(f"{name}, line {line}: “{text[:20]}” is no number. Use the file as published.") from error

    def people(key: str) -> int | None:
        value = figure(key)
        return None if value is None else max(0, round(min(value, 1e6) * 1000))

    def words(key: str) -> str:
        text = row.get(key, "")
        return "" if text in _DASHES else text

    return (
        row["code"], row["title"], row["type"].casefold() == "line item", people("employment"),
        people("employment_then"), figure("growth"), people("openings"), figure("self_employed"),
        words("education"), words("experience"), words("training"),
    )  # fmt: skip
