"""Reading files in bounded pieces: packed, damaged, in the wrong encoding, or made to be too large."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from fieldstone.server.reference.importers import base
from fieldstone.server.reference.importers.base import (
    BadFile,
    Notes,
    Source,
    decode,
    digest,
    number,
    positions,
    whole,
)
from fieldstone.server.reference.importers.look import head, workbook_inside
from fieldstone.server.reference.importers.workbook import rows, sheets, table
from tests.reference import files


def read(lines: Iterable[bytes], foreign: bool = False) -> list[str]:
    return list(decode(lines, "a.csv", foreign))


def test_utf8_with_and_without_a_mark() -> None:
    assert read([b"\xef\xbb\xbfa\n", "ñ\n".encode()]) == ["a\n", "ñ\n"]


def test_windows_letters_only_where_they_are_allowed() -> None:
    assert read([b"a\n", b"Do\xf1a Ana\n", b"\x93x\x94\n"], foreign=True) == ["a\n", "Doña Ana\n", "“x”\n"]
    with pytest.raises(BadFile, match=r"a\.csv, line 2, column 3: this letter is not UTF-8"):
        read([b"a\n", b"Do\xf1a Ana\n"])


@pytest.mark.parametrize(
    ("lines", "foreign", "message"),
    [
        ([b"\xff\xfea\0"], True, "line 1, column 1: the file is in UTF-16"),
        ([b"a\n", b"bc\0d\n"], True, "line 2, column 3: there is a zero byte"),
        ([b"a\n", "ñb\0d\n".encode()], False, "line 2, column 3: there is a zero byte"),
        ([b"a\n", b"\xf1b\0d\n"], True, "line 2, column 3: there is a zero byte"),
        (["ña\n".encode(), b"a\xf1\n"], True, "line 2, column 2: UTF-8 .line 1. and Windows-1252 .line 2. are mixed"),
        ([b"a\xf1\n", "aaaña\n".encode()], True, "line 2, column 4: UTF-8 .line 2. and Windows-1252 .line 1. are mixed"),
        ([b"ab\x81\n"], True, "line 1, column 3: this letter is neither"),
        (["x Doña\n".encode().decode("cp1252").encode()], True, "line 1, column 5: .*wrong encoding once before"),
        (["x Doña\n".encode().decode("cp1252").encode()], False, "line 1, column 5: .*wrong encoding once before"),
        (["ñ x".encode() + b"\xff\n"], False, "line 1, column 4: this letter is not UTF-8"),
    ],
)  # fmt: skip
def test_a_wrong_encoding_is_told_with_line_and_column(lines: list[bytes], foreign: bool, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        read(lines, foreign)


def test_letters_that_only_look_twice_encoded_pass() -> None:
    assert read(["Ã\n".encode(), "São Ângelo Â\n".encode()]) == ["Ã\n", "São Ângelo Â\n"]


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"x" * (base.LONGEST_LINE + 5))
    with pytest.raises(BadFile, match=r"a\.csv, line 2 is longer than 1 MB"):
        list(Source(path).table("a.csv"))


def test_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"x\n' + "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n" * 5000)
    with pytest.raises(BadFile, match="the quotes of this table do not close"):
        list(Source(path).table("a.csv"))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="There is no file"):
        Source(tmp_path / "a.csv")


def test_gzip_is_read_and_a_cut_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    whole = gzip.compress(b"".join(b"a,%d\n" % n for n in range(50_000)))
    path.write_bytes(whole)
    source = Source(path)
    assert sum(1 for _ in source.table("a.csv.gz")) == 50_000
    for damaged in (whole[: len(whole) // 2], whole[:-4] + b"\0\0\0\0", whole[:200] + b"\xff" * 50 + whole[250:]):
        path.write_bytes(damaged)
        with pytest.raises(BadFile, match="damaged or was cut off"):
            list(Source(path).table("a.csv.gz"))


def test_zip_members_are_found_in_folders_and_without_case(tmp_path: Path) -> None:
    path = files.zipped(tmp_path / "db_29_0_text.zip", {"db_29_0_text/Skills.txt": "x", "__MACOSX/._a.csv": "", "b.CSV": ""})
    source = Source(path)
    assert source.member("skills.TXT") == "db_29_0_text/Skills.txt"
    assert source.member("other.txt") is None
    assert source.with_suffix(".csv") == ["b.CSV"]
    source.close()


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_cut_zip_is_told(tmp_path: Path, keep: float) -> None:
    whole = files.zipped(tmp_path / "whole.zip", {"a.csv": "a,b\n" * 1000}).read_bytes()
    path = tmp_path / "a.zip"
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(BadFile, match=r"a\.zip begins like a zip file but does not end like one"):
        Source(path)


def test_a_zip_with_a_changed_byte_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", "a,b\n" * 1000)
    path.write_bytes(path.read_bytes().replace(b"a,b\n", b"a,c\n", 1))
    with pytest.raises(BadFile, match=r"a\.csv in a\.zip is damaged"):
        list(Source(path).table("a.csv"))


def test_a_locked_zip_is_told(tmp_path: Path) -> None:
    path = files.zipped(tmp_path / "a.zip", {"a.csv": "a"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(BadFile, match="locked with a password"):
        Source(path)


def test_zip_bombs_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MEMBERS", 3)
    with pytest.raises(BadFile, match="holds 4 files"):
        Source(files.zipped(tmp_path / "many.zip", {f"{n}.txt": "" for n in range(4)}))
    path = files.zipped(tmp_path / "large.zip", {"a.csv": "a,b\n" * 50_000, "b.csv": "a,b\n" * 50_000})
    monkeypatch.setattr(base, "LARGEST", 150_000)
    with pytest.raises(BadFile, match="would unpack to 200000 bytes"):
        Source(path)
    monkeypatch.setattr(base, "LARGEST", 300_000)
    source = Source(path)
    with pytest.raises(BadFile, match="unpacks to more than"):
        for member in source.members:
            list(source.table(member))


def test_a_document_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"{}" * 10)
    assert Source(path).document() == b"{}" * 10
    monkeypatch.setattr(base, "LARGEST_DOCUMENT", 10)
    with pytest.raises(BadFile, match="larger than"):
        Source(path).document("a.json")


def test_progress_ends_at_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" * 100_000)
    shares: list[float] = []
    list(Source(path, shares.append).table("a.csv"))
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 3


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    source = Source(tmp_path)
    assert not source.starts(b"PK") and head(source).rows == ()
    with pytest.raises(BadFile, match="is empty"):
        source.only()


def test_the_digest_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    before = digest(tmp_path)
    (tmp_path / ".hidden").write_text("x")
    assert digest(tmp_path) == before
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert digest(tmp_path) != before


def test_columns_are_found_by_any_of_their_names() -> None:
    wanted = {"a": ("First", "Alpha"), "b": ("Second",), "c?": ("Third",)}
    assert positions(["second", "ALPHA ", "x"], wanted, "a.csv") == {"a": 1, "b": 0}
    with pytest.raises(BadFile, match=r"a\.csv has no column First, Second"):
        positions(["third"], wanted, "a.csv")


def test_notes_count_all_and_show_the_first() -> None:
    notes = Notes()
    for line in range(9):
        notes.drop("Twice", "a.csv", line, "x" * 200)
    notes.drop("Other", "a.csv", 3)
    assert notes.to_json()["dropped"][0]["rows"] == 9
    assert len(notes.to_json()["dropped"][0]["examples"]) == base.EXAMPLES
    assert notes.examples["Other"] == ["a.csv, line 3"]


# --- workbooks ----------------------------------------------------------------------------------------------


def test_a_workbook_is_read_cell_by_cell(tmp_path: Path) -> None:
    path = files.workbook(tmp_path / "a.xlsx", {"One": [["x", "", "1.50"], [], ["", "ñ & <"]], "Two": [["y"]]})
    source = Source(path)
    assert source.is_workbook
    found = sheets(source)
    assert list(found) == ["One", "Two"]
    assert list(rows(source, found["One"])) == [(1, ["x", "", "1.50"]), (2, []), (3, ["", "ñ & <"])]
    assert list(table(source, "two")) == [(1, ["y"])]
    with pytest.raises(BadFile, match=r"has no sheet Three. It has: One, Two"):
        list(table(source, "Three"))


SHEET = '<worksheet xmlns="x"><sheetData>{}</sheetData></worksheet>'


def book(path: Path, cells: str, texts: str = "", relation: str = "worksheets/sheet1.xml") -> Source:
    return Source(files.zipped(path, {
        "xl/workbook.xml": '<x:workbook xmlns:x="x" xmlns:r="y"><x:sheets><x:sheet name="S" r:id="a"/></x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="a" Target="{relation}"/></Relationships>',
        "xl/worksheets/sheet1.xml": cells,
        **({"xl/sharedStrings.xml": texts} if texts else {}),
    }))  # fmt: skip


def test_inline_texts_runs_hints_and_rows_without_numbers(tmp_path: Path) -> None:
    texts = "<sst><si><r><t>a</t></r><r><t>b</t></r><rPh><t>hint</t></rPh></si></sst>"
    cells = SHEET.format(
        '<row><c t="inlineStr"><is><t>in</t></is></c><c t="s"><v>0</v></c><c t="b"><v>1</v></c></row><row r="7"><c/></row>'
    )
    source = book(tmp_path / "a.xlsx", cells, texts, "/xl/worksheets/sheet1.xml")
    assert list(table(source)) == [(1, ["in", "ab", "1"]), (7, [""])]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + SHEET.format(""), "declares a document type"),
        (SHEET.format("<row>"), "is damaged or was cut off"),
        (SHEET.format('<row><c t="s"><v>9</v></c></row>'), "points to a text that is not there"),
        (SHEET.format('<row r="3"><c r="ZZZ3"><v>1</v></c></row>'), "Row 3 of the workbook has more than 1000 columns"),
    ],
)
def test_a_workbook_that_is_none_is_told(tmp_path: Path, cells: str, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        list(table(book(tmp_path / "a.xlsx", cells)))


def test_the_text_of_a_workbook_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.server.reference.importers.workbook.MOST_TEXT", 10)
    source = book(tmp_path / "a.xlsx", SHEET.format(""), "<sst><si><t>more than ten letters</t></si></sst>")
    with pytest.raises(BadFile, match="more text than any official table"):
        list(table(source))


def test_attack_texts_without_letters_have_an_end_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.server.reference.importers.workbook.MOST_TEXT", 1000)
    source = book(tmp_path / "a.xlsx", SHEET.format(""), "<sst>" + "<si/>" * 11 + "</sst>")
    with pytest.raises(BadFile, match="more text than any official table"):
        list(table(source))


def test_attack_a_workbook_of_endless_parts_is_refused_before_memory_fills(tmp_path: Path) -> None:
    """Each of these packs to a few kilobytes and would unpack to as much as the machine has."""
    much = "x" * (6 << 20)
    for name, cells, message in (
        ("cell", f"<row><c><v>{much}</v></c></row>", "A cell of row 1 of the workbook holds more text"),
        ("tag", f'<row r="{much}"></row>', "a tag without end"),
    ):
        with pytest.raises(BadFile, match=message):
            list(table(book(tmp_path / f"{name}.xlsx", SHEET.format(cells))))
    inside = {"xl/workbook.xml": "<workbook>" + "<a/>" * 150_000 + "</workbook>"}
    with pytest.raises(BadFile, match="lists more than any workbook has"):
        sheets(Source(files.zipped(tmp_path / "list.xlsx", inside)))


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadFile, match="neither a file nor a folder"):
        Source(tmp_path / "pipe")


def test_damage_inside_a_zip_names_the_file_inside(tmp_path: Path) -> None:
    source = Source(files.zipped(tmp_path / "a.zip", {"folder/inner.xlsx": b"PK, and no more"}))
    with pytest.raises(BadFile, match=r"^inner\.xlsx begins like a zip file"):
        workbook_inside(source)
    source.close()


def test_a_workbook_without_sheets_is_told(tmp_path: Path) -> None:
    source = Source(files.zipped(tmp_path / "a.xlsx", {"xl/workbook.xml": "<workbook/>"}))
    with pytest.raises(BadFile, match=r"has no sheet at all. It has: none"):
        list(table(source))


def test_a_workbook_in_a_zip_is_unpacked_beside_and_goes(tmp_path: Path) -> None:
    inner = files.workbook(tmp_path / "a.xlsx", {"One": [["x"]]}).read_bytes()
    source = Source(files.zipped(tmp_path / "a.zip", {"folder/a.xlsx": inner}))
    unpacked = workbook_inside(source)
    assert (unpacked.name, list(table(unpacked))) == ("a.xlsx", [(1, ["x"])])
    assert workbook_inside(source) is unpacked and unpacked.path.exists()
    source.close()
    assert not unpacked.path.exists()


def test_a_first_look_never_complains(tmp_path: Path) -> None:
    for name, data in (("a.xlsx", b"PK"), ("a.gz", b"\x1f\x8b\x08"), ("a.csv", b"\xff\xfe\0\0"), ("b.csv", b'"')):
        path = tmp_path / name
        path.write_bytes(data)
        if name != "a.xlsx":
            assert head(Source(path)).name == name
    broken = files.zipped(tmp_path / "b.zip", {"x.xlsx": b"PK\x03\x04 nothing"})
    assert head(Source(broken)).rows == () and head(Source(broken)).damage


def test_bytes_are_not_read_beyond_what_is_asked() -> None:
    source = io.BytesIO(b"a\nb\n")
    assert next(iter(base._bounded_lines(source, "a"))) == b"a\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("1,200", 1200), ("", None), ("-1", None), ("1.5", None), ("²", None), ("٣", None), ("9" * 10, None)],
)
def test_whole_numbers(text: str, value: int | None) -> None:
    assert whole(text) == value


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1e12", "1_000", "x"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError):
        number(text)


def test_numbers() -> None:
    assert [number(text) for text in ("1,234.5", "-2.0", "3.7155E3")] == [1234.5, -2.0, 3715.5]
