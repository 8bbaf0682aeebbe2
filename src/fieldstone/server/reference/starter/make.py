"""Makes the starter facts from official files: `python -m fieldstone.server.reference.starter.make FOLDER`.

The folder holds the files of docs/imports.md by the names in FILES. Only codes, titles, numbers and names of skills
are taken; no sentence of O*NET is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fieldstone.server.reference.importers import IMPORTERS, Notes, Source
from fieldstone.server.reference.importers.oews import NATION
from fieldstone.server.reference.importers.own import occupations
from fieldstone.server.reference.rules import published_codes

FILES: Final = {
    "onet": "onet_29_0_text",
    "oews": "oews_2025_national_state_nonmetro.csv.gz",
    "projections": "bls_projections_2022_32_table_1_7.csv",
    "rucc": "RUCC2023.csv",
}
STATES: Final = {"13": "GA", "21": "KY", "23": "ME", "47": "TN"}
SOURCES: Final = {
    "onet": "O*NET {version} Database, U.S. Department of Labor, Employment and Training Administration, CC BY 4.0; "
    "a part of it, with names in Spanish by Fieldstone",
    "oews": "Occupational Employment and Wage Statistics, {version}, U.S. Bureau of Labor Statistics; a part of it",
    "projections": "Employment Projections {version}, U.S. Bureau of Labor Statistics; a part of it",
    "rucc": "Rural-Urban Continuum Codes {version}, U.S. Department of Agriculture; a part of them",
}
ALL_OCCUPATIONS: Final = "00-0000"


def wanted(kind: str, table: str, values: tuple[Any, ...]) -> bool:
    """Whether a row belongs to the starter facts."""
    codes = set(occupations())
    socs = {soc for code in codes for soc in published_codes(code)} | {ALL_OCCUPATIONS}
    if kind == "onet":
        return table == "Element" or (table in ("Occupation", "Rating") and values[0] in codes)
    if kind == "oews":
        near = values[0][:2] in STATES or values[0] == NATION
        return near and (table == "Area" or values[1] in socs)
    if kind == "projections":
        return values[0] in socs
    return values[1] in STATES.values()


def rows(kind: str, path: Path) -> Iterator[str]:
    """The lines of one starter file, the first saying where they come from."""
    notes = Notes()
    source = Source(path)
    kept = [
        json.dumps([table, *values], ensure_ascii=False, separators=(",", ":"))
        for table, values in IMPORTERS[kind].read(source, notes)
        if wanted(kind, table, values)
    ]
    yield json.dumps({"source": SOURCES[kind].format(version=notes.version)}, ensure_ascii=False)
    yield from kept


def main(folder: Path, target: Path) -> None:
    """Write the four files."""
    for kind, name in FILES.items():
        text = "\n".join(rows(kind, folder / name)) + "\n"
        (target / f"{kind}.jsonl").write_text(text, encoding="utf-8")
        print(f"{kind}: {text.count(chr(10)) - 1} rows, {len(text.encode())} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
