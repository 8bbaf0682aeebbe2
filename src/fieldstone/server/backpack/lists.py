"""Reading a list of awards as spreadsheets write it: CSV in the encodings, separators and dates that people send.

Pure: bytes in, lines and problems out. Rows are numbered as a spreadsheet numbers them: the head is row 1.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.rules import is_email

MAX_BYTES = 8_000_000
MAX_ROWS = 10_000
MAX_NAME, MAX_NARRATIVE = 120, 2_000
EARLIEST, LATEST = 1990, 2100
"""Years that a date may have."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "learner", "nombre", "nombre completo"),
    "email": ("email", "e mail", "email address", "e mail address", "correo", "correo electronico"),
    "narrative": ("narrative", "evidence", "evidence description", "description", "narrativa", "evidencia"),
    "awarded": ("date", "date awarded", "awarded", "awarded on", "fecha", "fecha de obtencion"),
    "until": ("valid until", "expires", "expiration date", "valida hasta", "vence", "fecha de vencimiento"),
    "language": ("language", "lang", "idioma", "lengua"),
}  # fmt: skip
"""Our name of a column, and the heads that stand for it: in small letters, without accents and signs."""
DATES = ("awarded", "until")
NEEDED = ("name", "email", "narrative")
OWN = frozenset({"row", "problems", "fila", "problemas"})
"""Columns that we add to what we give back; a list that comes back with them is read without them."""
LANGUAGES = {"en": "en", "english": "en", "ingles": "en", "es": "es", "spanish": "es", "espanol": "es"}
_ACCENTS = str.maketrans("áéíóúüñ", "aeiouun")


@dataclass(frozen=True)
class Line:
    """One person of a list. `key` is the same for the same address, however it was written."""

    number: int
    name: str
    email: str
    narrative: str
    awarded: date | None
    until: date | None
    language: str

    @property
    def key(self) -> str:
        """What makes a row of a list one and the same: the address, hashed."""
        return hashlib.sha256(self.email.encode()).hexdigest()


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell. Row 0 speaks of the whole file."""

    row: int
    column: str
    problem: Problem


@dataclass
class Sheet:
    """A list as read. `cells` are the rows as they stood, for what is given back; `heads` are the list's own words
    for our columns."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    cells: list[tuple[int, list[str]]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    encoding: str = ""

    @property
    def faulty_rows(self) -> int:
        """How many rows have something to mend."""
        return len({fault.row for fault in self.faults if fault.row})

    def by_row(self) -> dict[int, list[Fault]]:
        """The faults of each row."""
        found: dict[int, list[Fault]] = {}
        for fault in self.faults:
            found.setdefault(fault.row, []).append(fault)
        return found


class _Unreadable(Exception):
    def __init__(self, message: str, **params: object) -> None:
        self.fault = Fault(0, "file", Problem("file", message, params))


def read(data: bytes, *, today: date, language: str) -> Sheet:
    """Every line and every fault of a list. `language` is for rows that name none; nothing is raised."""
    sheet = Sheet()
    try:
        text, sheet.encoding = _text(data)
        rows = list(islice(_rows(text), MAX_ROWS + 2))  # the head, and one too many
        if not rows:
            raise _Unreadable(_("The file is empty."))
        _number, sheet.head = rows[0]
        places = _places(sheet)
        sheet.cells = rows[1:]
        if not sheet.cells:
            raise _Unreadable(_("The file has a head and no rows."))
        if len(sheet.cells) > MAX_ROWS:
            raise _Unreadable(_("The file has more than %(limit)s rows. Split it."), limit=MAX_ROWS)
    except _Unreadable as unreadable:
        sheet.faults.append(unreadable.fault)
        return sheet
    first: dict[str, int] = {}
    said = [cells[places[c]] for _number, cells in sheet.cells for c in DATES if places.get(c, len(cells)) < len(cells)]
    american = any(_slashed(text) and _day(text) and int(_slashed(text)[1]) > 12 for text in said)
    for number, cells in sheet.cells:
        line = _line(number, cells, places, today, language, american, sheet)
        if line.email and line.email in first:
            message = _("Row %(first)s has the same address. One person stands in a list once.")
            sheet.faults.append(Fault(number, "email", Problem("email", message, {"first": first[line.email]})))
        first.setdefault(line.email, number)
        sheet.lines.append(line)
    return sheet


def _text(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: a byte order mark decides, then UTF-8, then what old Excel writes."""
    if len(data) > MAX_BYTES:
        raise _Unreadable(_("The file is larger than %(limit)s MB. Split it."), limit=MAX_BYTES // 1_000_000)
    if data.startswith(b"PK\x03\x04"):
        raise _Unreadable(_("This is an Excel workbook. Save it as CSV (“Save as”, CSV UTF-8) and send that."))
    tries = ["utf-8-sig", "cp1252"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    for encoding in tries:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise _Unreadable(_("The file is no text that we can read. Save it as CSV UTF-8."))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with their numbers. Excel's first line `sep=;` is obeyed."""
    said = re.match(r"\ufeff?sep=(.)\r?\n", text, re.I)
    number = 0
    text = text[said.end() :] if said else text
    separator = said[1] if said else _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            number += 1
            tidy = [_tidy(cell) for cell in cells]
            if any(tidy):
                yield number, tidy
    except csv.Error:
        raise _Unreadable(_("Row %(row)s cannot be read: a quotation mark stands alone."), row=number + 1) from None


def _separator(text: str) -> str:
    """The one of the four that gives the most heads that we know."""
    head = text[:5000].lstrip("\r\n").partition("\n")[0]
    return max(",;\t|", key=lambda s: sum(_folded(cell) in _HEADS for cell in head.split(s)))


def _tidy(cell: str) -> str:
    """A cell without spaces around, odd spaces within, and the apostrophe with which we disarm formulas."""
    clean = cell.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").strip()
    return clean[1:].strip() if re.match(r"'(\s|[=+\-@＝＋－＠]|$)", clean) else clean


def _folded(head: str) -> str:
    """A head in small letters, without accents and signs."""
    plain = _tidy(head).strip('"').lower().translate(_ACCENTS)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


_HEADS = {head: column for column, heads in COLUMNS.items() for head in heads}


def column_of(head: str) -> str | None:
    """Our name of the column that a head stands for, "" for one that we add ourselves, None for any other."""
    return _HEADS.get(_folded(head), "" if _folded(head) in OWN else None)


def _places(sheet: Sheet) -> dict[str, int]:
    """Where each column stands. Raises _Unreadable when one is missing or doubled."""
    places: dict[str, int] = {}
    for place, head in enumerate(sheet.head):
        column = _HEADS.get(_folded(head))
        if column is None:
            if head and _folded(head) not in OWN:
                sheet.unused.append(head[:60])
        elif column in places:
            one, other = sheet.heads[column], head[:60]
            raise _Unreadable(_("The columns “%(one)s” and “%(other)s” mean the same. Keep one."), one=one, other=other)
        else:
            places[column], sheet.heads[column] = place, head[:60]
    missing = [column for column in NEEDED if column not in places]
    if missing:
        raise _Unreadable(_("The first row must name the columns. Missing: %(columns)s."), columns=", ".join(missing))
    return places


def _line(
    number: int, cells: Sequence[str], places: dict[str, int], today: date, language: str, american: bool, sheet: Sheet
) -> Line:
    def cell(column: str) -> str:
        place = places.get(column, len(cells))
        return cells[place] if place < len(cells) else ""

    def fault(column: str, message: str, **params: object) -> None:
        sheet.faults.append(Fault(number, column, Problem(column, message, params)))

    name = " ".join(cell("name").split())
    if not name:
        fault("name", _("Write a name."))
    elif len(name) > MAX_NAME or re.search(r"[\x00-\x1f\x7f<>]", name):
        fault("name", _("Use at most 120 signs, without < or >."))
    email = re.sub(r"^mailto:", "", cell("email").lower())
    if not is_email(email):
        fault("email", _("Write an e-mail address such as name@example.org."))
    narrative = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", cell("narrative").replace("\r\n", "\n"))
    if not narrative:
        fault("narrative", _("Say what the person did. The credential carries it."))
    elif len(narrative) > MAX_NARRATIVE:
        fault("narrative", _("Shorten this to %(limit)s signs."), limit=MAX_NARRATIVE)
    if len(cells) > len(sheet.head) and any(cells[len(sheet.head) :]):
        fault("narrative", _("This row has more cells than the head. Put text with separators in quotation marks."))
    awarded, until = (_day(cell(column)) for column in DATES)
    for column, day in zip(DATES, (awarded, until), strict=True):
        if day is None and cell(column):
            fault(column, _("Write the date as 2026-05-31 (year, month, day)."))
        elif day is not None and not american and (other := _other_reading(cell(column), day)):
            words = _("“%(text)s” can be %(one)s or %(other)s. Write the one that you mean.")
            fault(column, words, text=cell(column)[:20], one=day.isoformat(), other=other.isoformat())
    if awarded and awarded > today:
        fault("awarded", _("This day is still to come."))
    if until and until <= max(today, awarded or today):
        fault("until", _("This day has passed. Write a later one, or leave it blank."))
    spoken = LANGUAGES.get(_folded(cell("language")), "") if cell("language") else language
    if not spoken:
        fault("language", _("Write en or es."))
    return Line(number, name, email, narrative, awarded, until, spoken)


def _slashed(text: str) -> tuple[str, ...]:
    """Month, day and year of a date with strokes, as Excel writes it in the United States; else nothing."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?", text.strip())
    return found.groups() if found else ()


def _other_reading(text: str, day: date) -> date | None:
    """What 3/4/2026 means where the day is written first. A list in which another date has its month first, such as
    5/31/2026, is not asked."""
    two = bool(_slashed(text)) and day.day <= 12 and day.day != day.month
    return day.replace(month=day.day, day=day.month) if two else None


def _day(text: str) -> date | None:
    """A date as ISO writes it, or as Excel does in the United States (5/31/2026); a time of day after it is cut."""
    day = text.strip()
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", day)
    year, month, number = found.groups() if found else ("", "", "")
    if slashed := _slashed(day):
        month, number, year = slashed
    try:
        made = date(int(year), int(month), int(number))
    except ValueError:
        return None
    return made if EARLIEST <= made.year <= LATEST else None
