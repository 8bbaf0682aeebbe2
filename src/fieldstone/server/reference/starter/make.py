"""Makes the starter facts from official files: `python -m fieldstone.server.reference.starter.make FOLDER`.

The folder holds the files of docs/imports.md by the names in FILES; what it does not hold stays as it is. Only codes,
titles, numbers and names of skills, towns and counties are taken; no sentence of O*NET is. Which county lies in which
wage area stands in areas.csv, written down by hand from the list that the Department of Labor publishes with its wages.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fieldstone.server.reference.importers import IMPORTERS, Notes, Source
from fieldstone.server.reference.importers.oews import NATION
from fieldstone.server.reference.importers.own import occupations
from fieldstone.server.reference.places import county_key
from fieldstone.server.reference.rules import published_codes
from fieldstone.server.reference.starter import PACKED

FILES: Final = {
    "onet": "onet_29_0_text",
    "oews": "oews_2025_national_state_nonmetro.csv.gz",
    "projections": "bls_projections_2022_32_table_1_7.csv",
    "rucc": "RUCC2023.csv",
    "areas": "RUCC2023.csv",
    "places": "US.txt",
    "zip-codes": "US.txt",
}
STATES: Final = {"13": "GA", "21": "KY", "23": "ME", "47": "TN"}
SOURCES: Final = {
    "onet": "O*NET {version} Database, U.S. Department of Labor, Employment and Training Administration, CC BY 4.0; "
    "a part of it, with names in Spanish by Fieldstone",
    "oews": "Occupational Employment and Wage Statistics, {version}, U.S. Bureau of Labor Statistics; a part of it",
    "projections": "Employment Projections {version}, U.S. Bureau of Labor Statistics; a part of it",
    "rucc": "Rural-Urban Continuum Codes {version}, U.S. Department of Agriculture; a part of them",
    "areas": "Area definitions of the Occupational Employment and Wage Statistics as of July 2025, U.S. Department of "
    "Labor; the areas outside cities of four states",
    "places": "Towns and their counties from GeoNames' postal codes of the United States, CC BY 4.0",
    "zip-codes": "ZIP codes and their counties from GeoNames' postal codes of the United States, CC BY 4.0",
}
ALL_OCCUPATIONS: Final = "00-0000"
MENDED: Final = {
    "06066": "09110", "06268": "09110", "06269": "09110", "06279": "09110", "06481": "09130", "06255": "09150",
    "06777": "09160", "06794": "09160", "06333": "09180", "06334": "09180", "06875": "09190", "99689": "02282",
}  # fmt: skip
"""ZIP codes that GeoNames still puts in counties that are no more: of Connecticut before its planning regions, and
Yakutat in Alaska."""


Rows = Iterator[tuple[str, tuple[Any, ...]]]


def areas(rucc: Path) -> Rows:
    """The county of each name in areas.csv, with its wage area. Raises KeyError for a name that is no county."""
    county = {
        (row[1], county_key(row[2])): row[0] for _table, row in IMPORTERS["rucc"].read(Source(rucc), Notes())
    }
    with (Path(__file__).parent / "areas.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            for name in line["counties"].split(";"):
                yield "CountyArea", (county[line["state"], county_key(name)], line["area"], line["title"])


def mended(path: Path, target: Path) -> Path:
    """The list of postal codes with today's counties."""
    with path.open(encoding="utf-8") as old, target.open("w", encoding="utf-8") as new:
        for line in old:
            cells = line.split("\t")
            cells[6] = MENDED.get(cells[1], cells[6])[-3:]
            new.write("\t".join(cells))
    return target


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
    return kind != "rucc" or values[1] in STATES.values()


def rows(kind: str, path: Path) -> Iterator[str]:
    """The lines of one starter file, the first saying where they come from."""
    notes = Notes()
    found = areas(path) if kind == "areas" else IMPORTERS[kind].read(Source(path), notes)
    kept = [
        json.dumps([table, *values], ensure_ascii=False, separators=(",", ":"))
        for table, values in found
        if wanted(kind, table, values)
    ]
    yield json.dumps({"source": SOURCES[kind].format(version=notes.version)}, ensure_ascii=False)
    yield from kept


def main(folder: Path, target: Path) -> None:
    """Write the files that can be made from what the folder holds."""
    for kind, name in FILES.items():
        path = folder / name
        if not path.exists():
            print(f"{kind}: no {name}, left as it is")
            continue
        with tempfile.TemporaryDirectory() as passing:
            if kind in PACKED:
                path = mended(path, Path(passing) / name)
            data = ("\n".join(rows(kind, path)) + "\n").encode()
        if kind in PACKED:
            data = gzip.compress(data, 9, mtime=0)
        (target / f"{kind}.jsonl{'.gz' if kind in PACKED else ''}").write_bytes(data)
        print(f"{kind}: {len(data)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
