"""BLS Occupational Employment and Wage Statistics, the all-areas file: a zip with one xlsx, the xlsx, or csv (.gz).

Column names are those of the file. "#" is a wage over the top ($115.00 an hour, $239,200 a year in recent years), "*"
and "**" are not released. Relative standard errors are in percent. Rows of single industries and single ownerships
are dropped: pages speak of all of them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source, number, positions
from fieldstone.server.reference.importers.look import workbook_inside
from fieldstone.server.reference.importers.workbook import table

KIND: Final = "oews"
WHAT: Final = "the OEWS file"
PERCENTILES: Final = ("10", "25", "50", "75", "90")
TABLES: Final = {
    "Area": ("code", "title", "kind", "state_fips"),
    "Wage": (
        "area", "soc", "title", "employment", "emp_prse", "mean_prse", "jobs_1000", "quotient",
        *(f"hourly_p{p}" for p in PERCENTILES), *(f"annual_p{p}" for p in PERCENTILES), "hourly_top", "annual_top",
    ),
}  # fmt: skip
KINDS: Final = {"1": "nation", "2": "state", "3": "territory", "4": "metro", "6": "nonmetro"}
NATION: Final = "0000000"
SOC: Final = re.compile(r"\d\d-\d{4}")
_HOURLY: Final = ("H_PCT10", "H_PCT25", "H_MEDIAN", "H_PCT75", "H_PCT90")
_ANNUAL: Final = ("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90")
WANTED: Final = {
    "area": ("AREA",), "title": ("AREA_TITLE",), "type": ("AREA_TYPE",), "soc": ("OCC_CODE",),
    "occupation": ("OCC_TITLE",), "group": ("O_GROUP", "OCC_GROUP"), "employment": ("TOT_EMP",),
    "emp_prse": ("EMP_PRSE",), "mean_prse": ("MEAN_PRSE",),
    "jobs_1000": ("JOBS_1000",), "quotient": ("LOC_QUOTIENT", "LOC QUOTIENT"),
    "naics?": ("NAICS",), "own?": ("OWN_CODE",),
    **{name: (name,) for name in (*_HOURLY, *_ANNUAL)},
}  # fmt: skip
NOTHING: Final = frozenset(("", "*", "**", "~"))
TOP: Final = "#"
HIGHEST: Final = 2_000_000_00
"""Cents; wages above $239,200 a year are not published."""


def recognizes(head: Head) -> bool:
    """By its columns."""
    return head.has("occ_code", "area_title")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """Areas and wages: the nation, states, metropolitan and nonmetropolitan areas, all industries together."""
    inner = workbook_inside(source)
    notes.version = notes.version or version(source)
    at: dict[str, int] = {}
    areas: set[str] = set()
    seen: set[tuple[str, str]] = set()
    name = inner.name
    for line, cells in table(inner):
        if not at:
            at = positions(cells, WANTED, name)
            width = len(cells)
            continue
        if len(cells) != width:
            if not any(cells):
                continue
            cells = _full(cells, width, name, line, is_workbook=inner.is_workbook)
        row = {key: cells[index].strip() for key, index in at.items()}
        if why := _left_out(row, seen):
            notes.drop(why, name, line, f"{row['title']} {row['soc']}")
            continue
        code = area_code(row["type"], row["area"])
        if code not in areas:
            areas.add(code)
            yield "Area", (code, row["title"], KINDS[row["type"]], "" if row["type"] in "14" else code[:2])
        seen.add((code, row["soc"]))
        yield "Wage", _wage(row, code, notes, name, line)


def _full(cells: list[str], width: int, name: str, line: int, *, is_workbook: bool) -> list[str]:
    """Workbooks leave out empty cells at the end of a row; a csv does not."""
    if is_workbook and len(cells) < width:
        return [*cells, *[""] * (width - len(cells))]
    raise BadFile(
        f"{name}, line {line} has {len(cells)} columns where the first line has {width}: the file is damaged or was "
        "cut off. Download it again."
    )


def _left_out(row: dict[str, str], seen: set[tuple[str, str]]) -> str:
    if row["type"] not in KINDS:
        return "The type of the area is unknown"
    if not SOC.fullmatch(row["soc"]):
        return "The occupation code is no SOC code"
    if row.get("naics?", "000000") not in ("000000", "0"):
        return "One industry only"
    if row.get("own?", "1235") not in ("1235", ""):
        return "One kind of owner only"
    if (area_code(row["type"], row["area"]), row["soc"]) in seen:
        return "The same occupation and place stand there twice"
    return ""


def area_code(kind: str, code: str) -> str:
    """Seven digits for any area: files name a state by two ("13") or seven ("1300000"), a metro by five."""
    if kind == "1":
        return NATION
    return code.zfill(2).ljust(7, "0") if kind in "23" and len(code) <= 2 else code.zfill(7)


def _wage(row: dict[str, str], code: str, notes: Notes, name: str, line: int) -> tuple[object, ...]:
    def figure(key: str) -> float | None:
        text = row[key]
        if text in NOTHING:
            return None
        try:
            return number(text)
        except ValueError:
            notes.drop(f"A number cannot be read in {key}; it is left out", name, line, text)
            return None

    hourly, hourly_top = _percentiles([row[key] for key in _HOURLY], name, line)
    annual, annual_top = _percentiles([row[key] for key in _ANNUAL], name, line)
    people = figure("employment")
    return (
        code, row["soc"], row["occupation"], None if people is None else max(0, int(people)), figure("emp_prse"),
        figure("mean_prse"), figure("jobs_1000"), figure("quotient"), *hourly, *annual, hourly_top, annual_top,
    )  # fmt: skip


def _percentiles(texts: list[str], name: str, line: int) -> tuple[list[int | None], int]:
    """Five wages in cents, and the bits of those over the top."""
    values: list[int | None] = []
    top = 0
    for bit, text in enumerate(texts):
        if text == TOP:
            top |= 1 << bit
        values.append(_cents(text, name, line))
    return values, top


def _cents(text: str, name: str, line: int) -> int | None:
    if text in NOTHING or text == TOP:
        return None
    try:
        cents = round(number(text) * 100)
    except ValueError as error:
        raise BadFile(f"{name}, line {line}: “{text[:20]}” is no wage. Download the file again.") from error
    return cents if 0 <= cents < HIGHEST else None


def version(source: Source) -> str:
    """The year and month from the file's name, such as oesm24all.zip, all_data_M_2024.xlsx, oews_2025_…."""
    for name in (source.name, *source.members):
        if found := re.search(r"(?:oesm|oews_?m?_?|all_data_M_|area_definitions_m)(20)?(\d\d)(?!\d)", name, re.I):
            return f"May 20{found[2]}"
    return ""
