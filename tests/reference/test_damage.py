"""Whatever happens to a file on its way, an importer reads it or says what is wrong; it never breaks otherwise."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldstone.server.reference.importers import BadFile, Notes, Source, choose
from tests.reference import files

KINDS = ("onet", "oews", "areas", "projections", "rucc", "institutions", "carnegie", "cip-soc", "places", "zip-codes")
TEXTS = {
    "oews": files.OEWS, "areas": files.AREAS, "projections": files.TABLE_17, "rucc": files.RUCC_LONG,
    "institutions": files.HD, "carnegie": files.CARNEGIE, "cip-soc": files.CIP_SOC, "places": files.PLACES,
    "zip-codes": files.ZIP_CODES,
}  # fmt: skip


def whole(kind: str, packing: str, folder: Path) -> bytes:
    """A good file of a kind: plain, gzipped, zipped, or as a workbook."""
    import csv

    if kind == "onet":
        return files.zipped(folder / "a.zip", dict(files.ONET)).read_bytes()
    if packing == "gz":
        return gzip.compress(TEXTS[kind].encode(), mtime=0)
    if packing == "zip":
        return files.zipped(folder / "a.zip", {"a.csv": TEXTS[kind]}).read_bytes()
    if packing == "xlsx":
        table = list(csv.reader(TEXTS[kind].splitlines()))
        return files.workbook(folder / "a.xlsx", {"Table 1.7": table}).read_bytes()
    return TEXTS[kind].encode()


def read_all(kind: str, path: Path) -> Iterator[object]:
    source = Source(path)
    try:
        yield from choose(kind, source).read(source, Notes())
    finally:
        source.close()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    packing=st.sampled_from(["plain", "plain", "gz", "zip", "xlsx"]),
    cut=st.floats(0.0, 1.0),
    changes=st.lists(st.tuples(st.floats(0.0, 0.999), st.integers(0, 255)), max_size=6),
    insert=st.binary(max_size=12),
)
def test_a_changed_file_is_read_or_told(
    kind: str, packing: str, cut: float, changes: list[tuple[float, int]], insert: bytes
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = bytearray(whole(kind, packing, folder))
        for place, value in changes:
            data[int(place * len(data))] = value
        middle = len(data) // 2
        data[middle:middle] = insert
        if cut < 0.5:
            del data[int(2 * cut * len(data)) :]
        path = folder / "changed"
        path.write_bytes(bytes(data))
        try:
            for _row in read_all(kind, path):
                pass
        except BadFile as error:
            assert len(str(error)) > 20


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "onet"])
@pytest.mark.parametrize("packing", ["plain", "gz", "zip"])
def test_every_packing_gives_the_same_rows(kind: str, packing: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(whole(kind, packing, tmp_path))
    plain = tmp_path / "plain"
    plain.write_text(TEXTS[kind], encoding="utf-8")
    assert list(read_all(kind, path)) == list(read_all(kind, plain)) != []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "onet"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    row=st.integers(1, 20), column=st.integers(0, 30),
    value=st.sampled_from(["", "nan", "inf", "1e999", "-5", "²", "9" * 5000, "1_0", "#", "**", "x" * 400, "Ñ", "0x1"]),
)  # fmt: skip
def test_a_strange_value_in_a_cell_is_read_or_told(kind: str, row: int, column: int, value: str) -> None:
    import csv
    import io

    table = list(csv.reader(TEXTS[kind].splitlines()))
    line = table[row % len(table)]
    line[column % len(line)] = value
    out = io.StringIO()
    csv.writer(out).writerows(table)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        try:
            for _table, values in read_all(kind, path):  # type: ignore[misc]
                assert all(not isinstance(v, int) or -1 <= v < 2**31 for v in values)
                assert all(not isinstance(v, float) or abs(v) <= 1e9 for v in values)
        except BadFile as error:
            assert len(str(error)) > 20
