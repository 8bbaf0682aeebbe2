"""Lists as people send them: encodings, separators, Excel's ways; every fault with its row, column and mend."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.backpack import lists
from fieldstone.server.web.shared.tables import csv_file

TODAY = date(2026, 11, 23)
HEAD = "name,email,narrative,date,valid until,language"
GOOD = "Ana Reyes,ana@example.org,Led the group.,2026-05-31,2028-05-31,es"


def read(text: str | bytes) -> lists.Sheet:
    return lists.read(text.encode() if isinstance(text, str) else text, today=TODAY, language="en")


def faults(text: str | bytes) -> list[tuple[int, str, str]]:
    return [(f.row, f.column, f.problem.english()) for f in read(text).faults]


WHOLE = lists.Line(2, "Ana Reyes", "ana@example.org", "Led the group.", date(2026, 5, 31), date(2028, 5, 31), "es")


@pytest.mark.parametrize(
    "data",
    [
        f"{HEAD}\n{GOOD}\n",
        f"{HEAD}\r\n{GOOD}\r\n\r\n,,,,,\r\n",
        "\ufeff" + f"{HEAD}\n{GOOD}",
        f"{HEAD}\n{GOOD}".encode("utf-16"),
        f"sep=;\r\n{HEAD}\n{GOOD}".replace(",", ";"),
        f"{HEAD}\n{GOOD}".replace(",", ";"),
        f"{HEAD}\n{GOOD}".replace(",", "\t"),
        f"{HEAD}\n{GOOD}".replace(",", "|"),
        "Idioma;Nombre completo;Correo electrónico;Evidencia;Fecha de obtención;Válida hasta\n"
        "Español;Ana Reyes;ANA@example.org ;Led the group.;5/31/2026;2028-05-31 00:00:00\n",
        "Full Name,E-mail Address,Evidence description,Date awarded,Expires,Language\n"
        'Ana  Reyes,mailto:ana@example.org,"Led the group.",2026-5-31T10:00,5/31/2028 0:00,spanish\n',
        f"Row,Problems,{HEAD},Grade\n2,old words,{GOOD},A\n",
        f"{HEAD}\n\u00a0Ana\u00a0Reyes,'=ana@example.org,Led the group.,2026-05-31,2028-05-31,es".replace(
            "'=", "\u200b"
        ),
    ],
)
def test_one_list_in_many_coats(data: str | bytes) -> None:
    sheet = read(data)
    assert sheet.faults == [] and sheet.lines == [WHOLE]


def test_old_excel_writes_windows_letters() -> None:
    sheet = read("name,email,narrative\nJosé Núñez “Pepe”,jose@example.org,Enseñó\n".encode("cp1252"))
    assert sheet.encoding == "cp1252"
    assert (sheet.lines[0].name, sheet.lines[0].narrative) == ("José Núñez “Pepe”", "Enseñó")


def test_a_cell_may_hold_lines_and_rows_keep_the_numbers_of_the_spreadsheet() -> None:
    sheet = read('name,email,narrative\nA,a@example.org,"one\r\ntwo, three"\n\nB,b@example.org,x\n')
    assert [(line.number, line.narrative) for line in sheet.lines] == [(2, "one\ntwo, three"), (4, "x")]


def test_columns_that_nobody_asked_for_are_named() -> None:
    assert read(f"{HEAD},Grade,\n{GOOD},A,\n").unused == ["Grade"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"\n\n,,\n", "The file is empty."),
        (HEAD, "The file has a head and no rows."),
        ("name,email\nA,a@example.org\n", "The first row must name the columns. Missing: narrative."),
        (f"{GOOD}\n{GOOD}", "The first row must name the columns. Missing: name, email, narrative."),
        (f"{HEAD},Correo\n{GOOD},x", "The columns “email” and “Correo” mean the same. Keep one."),
        (b"PK\x03\x04rest", "This is an Excel workbook. Save it as CSV (“Save as”, CSV UTF-8) and send that."),
        (b"name\0,email", "The file is no text that we can read. Save it as CSV UTF-8."),
        (b"\xff\xfea", "The file is no text that we can read. Save it as CSV UTF-8."),
        (b"name,email,narrative\n\x81\x8d,x,y", "The file is no text that we can read. Save it as CSV UTF-8."),
        (f'{HEAD}\n{GOOD}\nB,"b"b@example.org,x\n', "Row 3 cannot be read: a quotation mark stands alone."),
        ("x" * (lists.MAX_BYTES + 1), "The file is larger than 8 MB. Split it."),
        (f"{HEAD}\n" + "a,b,c\n" * 10_001, "The file has more than 10000 rows. Split it."),
        (f"{HEAD}\n{'x' * 140_000},a,b", "Row 2 cannot be read: a quotation mark stands alone."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: str | bytes, words: str) -> None:
    assert faults(data) == [(0, "file", words)]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",a@example.org,x", "name", "Write a name."),
        ("<b>,a@example.org,x", "name", "Use at most 120 signs, without < or >."),
        (f"{'n' * 121},a@example.org,x", "name", "Use at most 120 signs, without < or >."),
        ("A,a@example,x", "email", "Write an e-mail address such as name@example.org."),
        ("A,,x", "email", "Write an e-mail address such as name@example.org."),
        ("A,a@example.org", "narrative", "Say what the person did. The credential carries it."),
        (f"A,a@example.org,{'x' * 2001}", "narrative", "Shorten this to 2000 signs."),
        (
            "A,a@example.org,one,,,,two",
            "narrative",
            "This row has more cells than the head. Put text with separators in quotation marks.",
        ),
        ("A,a@example.org,x,31.5.2026", "awarded", "Write the date as 2026-05-31 (year, month, day)."),
        ("A,a@example.org,x,31/5/2026", "awarded", "Write the date as 2026-05-31 (year, month, day)."),
        ("A,a@example.org,x,46173", "awarded", "Write the date as 2026-05-31 (year, month, day)."),
        ("A,a@example.org,x,1889-05-31", "awarded", "Write the date as 2026-05-31 (year, month, day)."),
        ("A,a@example.org,x,2026-11-24", "awarded", "This day is still to come."),
        ("A,a@example.org,x,,2026-11-23", "until", "This day has passed. Write a later one, or leave it blank."),
        ("A,a@example.org,x,,2999-01-01", "until", "Write the date as 2026-05-31 (year, month, day)."),
        ("A,a@example.org,x,,,fr", "language", "Write en or es."),
    ],
)
def test_each_fault_names_row_column_and_mend(row: str, column: str, words: str) -> None:
    assert faults(f"{HEAD}\n{GOOD.replace('ana@', 'other@')}\n{row}\n") == [(3, column, words)]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("03/04/2026", "", [(2, "awarded", "2026-03-04 or 2026-04-03")]),
        ("10/1/2026", "2/3/2027 0:00", [(2, "awarded", "2026-10-01 or 2026-01-10"), (2, "until", "2027-02-03 or 2027-03-02")]),
        ("5/5/2026", "12/31/2027", []),
        ("03/04/2026", "12/31/2027", []),  # another date of the list says which is the month
        ("2026-03-04", "", []),
    ],
)
def test_a_date_of_two_meanings_is_asked_about(one: str, other: str, found: list[tuple[int, str, str]]) -> None:
    sheet = read(f"{HEAD}\nA,a@example.org,x,{one},{other},\n")
    assert [(f.row, f.column) for f in sheet.faults] == [row[:2] for row in found]
    for fault, (_row, _column, words) in zip(sheet.faults, found, strict=True):
        assert words in fault.problem.english()


def test_a_sheet_keeps_its_own_words_for_our_columns() -> None:
    sheet = read("Nombre,E-mail,Evidence,Date awarded\nA,a@example.org,x,soon\n")
    assert sheet.heads == {"name": "Nombre", "email": "E-mail", "narrative": "Evidence", "awarded": "Date awarded"}


def test_one_person_stands_in_a_list_once() -> None:
    text = f"{HEAD}\n{GOOD}\n{GOOD.replace('ana@', 'ANA@')}\n{GOOD}\n"
    words = "Row 2 has the same address. One person stands in a list once."
    assert faults(text) == [(3, "email", words), (4, "email", words)]
    assert read(text).faulty_rows == 2 and set(read(text).by_row()) == {3, 4}
    keys = {line.key for line in read(text).lines}
    assert len(keys) == 1


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_an_answer(data: bytes) -> None:
    sheet = lists.read(data, today=TODAY, language="en")
    assert sheet.faults or sheet.lines


@given(st.lists(st.text(alphabet='=+-@ab,;"\n\t|é', min_size=1, max_size=12), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_what_is_given_back_is_no_formula_and_reads_the_same_again(words: list[str]) -> None:
    rows = [(f"N{n}", f"n{n}@example.org", word) for n, word in enumerate(words)]
    given_back = csv_file("x", ("name", "email", "narrative"), rows).content
    sheet = lists.read(given_back, today=TODAY, language="en")
    by_key = {line.email: line.narrative for line in sheet.lines}
    for n, word in enumerate(words):
        tidy = lists._tidy(word).replace("\r\n", "\n")
        if f"n{n}@example.org" in by_key:
            assert " ".join(by_key[f"n{n}@example.org"].split()) == " ".join(tidy.replace("\t", " ").split())


def test_attack_rows_beyond_the_limit_are_not_read() -> None:
    text = "name,email,narrative\n" + "a,b,c\n" * (lists.MAX_ROWS + 5)
    assert "more than" in faults(text + '"alone')[0][2]
