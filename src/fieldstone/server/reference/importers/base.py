"""What every importer stands on: a file that may be packed, read in bounded pieces, and notes of what was left out.

An importer is a module with
    KIND        the word after `fieldstone import`
    WHAT        what the file is called by people
    TABLES      table name -> its columns, in the order of the rows
    recognizes(head)        whether the file's first look is that of this kind
    read(source, notes)     rows as (table name, values); `notes.version` is set by the end
and, where it wants them, `series(head)`. Reading is pure: no database, no clock, no network.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol, cast

from fieldstone.server.ledger.problems import Refused

LONGEST_LINE = 1 << 20
"""Bytes in a line: the longest in an official file has under 5,000."""
LARGEST = 4 << 30
"""Bytes read from one file after unpacking; the largest official file (OEWS, all areas) has 80 MB."""
LARGEST_DOCUMENT = 256 << 20
"""Bytes of a document that is read as a whole, such as a JSON framework."""
MOST = 1e9
"""No number in an official file is larger: it counts at most the people of the nation."""
MEMBERS = 2000
EXAMPLES = 5
FOREIGN = "cp1252"
"""What files of Windows and of older federal sites are written in when they are not UTF-8."""

Row = tuple[str, tuple[Any, ...]]
Progress = Callable[[float], None]


class BadFile(Refused):
    """The file is damaged, of another kind, or not in its encoding; says what it is and what to do."""


class Importer(Protocol):
    """The shape of a module of this package."""

    KIND: str
    WHAT: str
    TABLES: Mapping[str, Sequence[str]]

    def recognizes(self, head: Head) -> bool: ...

    def read(self, source: Source, notes: Notes) -> Iterator[Row]: ...


@dataclass
class Notes:
    """What an importer says beside its rows: the version, what was left out and why, and what needs a word."""

    version: str = ""
    series: str = ""
    dropped: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def drop(self, why: str, file: str, line: int, text: str = "") -> None:
        """Count a row that is left out; the first few are kept with file, line and what stood there."""
        self.dropped[why] = self.dropped.get(why, 0) + 1
        shown = self.examples.setdefault(why, [])
        if len(shown) < EXAMPLES:
            shown.append(f"{file}, line {line}" + (f": {text[:80]}" if text else ""))

    def to_json(self) -> dict[str, Any]:
        """The report as it is kept with the release."""
        dropped = [{"why": why, "rows": n, "examples": self.examples[why]} for why, n in self.dropped.items()]
        return {"rows": self.counts, "dropped": dropped, "remarks": self.remarks}


@dataclass(frozen=True)
class Head:
    """The first look at a file: its name, the names inside, and the words of its first rows (small letters).

    `text` is how a JSON document begins; "" for anything else.
    `damage` is what kept it from being looked at.
    """

    name: str
    members: tuple[str, ...]
    rows: tuple[frozenset[str], ...]
    text: str = ""
    damage: BadFile | None = None

    def has(self, *columns: str) -> bool:
        """Whether one of the first rows has all these columns."""
        return any(set(columns) <= row for row in self.rows)

    def matches(self, pattern: str) -> bool:
        """Whether a cell of the first rows is like this."""
        return any(re.search(pattern, cell) for row in self.rows for cell in row)


class Source:
    """A file, a packed file, or a folder, read in bounded pieces.

    Members are the files inside a zip or a folder, by their path; a plain or gzipped file has one, itself.
    """

    def __init__(self, path: Path, progress: Progress | None = None, name: str = "") -> None:
        if not path.exists():
            raise BadFile(f"There is no file {path}. Look at the name again.")
        if not (path.is_file() or path.is_dir()):
            raise BadFile(f"{path} is neither a file nor a folder. Look at the name again.")
        self.path = path
        self.name = name or path.name
        self.progress = progress or (lambda _share: None)
        self.read_bytes = 0
        self._zip: zipfile.ZipFile | None = None
        self._inner: Source | None = None
        self._passing: Path | None = None
        self._sizes: dict[str, int] = {}
        self.total = 1
        self._open()

    def _open(self) -> None:
        if self.path.is_dir():
            files = sorted(p for p in self.path.iterdir() if p.is_file() and not p.name.startswith("."))
            self._sizes = {p.name: p.stat().st_size for p in files[:MEMBERS]}
        elif self.starts(b"PK"):
            self._open_zip()
        else:
            self._sizes = {self.name: self.path.stat().st_size}
        self.total = max(1, sum(self._sizes.values()))

    def _open_zip(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self.path)
            inside = [info for info in self._zip.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BadFile(
                f"{self.name} begins like a zip file but does not end like one: it is damaged or was cut off. "
                "Download it again."
            ) from error
        if len(inside) > MEMBERS:
            raise BadFile(f"{self.name} holds {len(inside)} files; no official file holds more than {MEMBERS}.")
        for info in inside:
            if info.flag_bits & 1:
                raise BadFile(f"{self.name} is locked with a password. Use the file as it was published.")
            if info.file_size > LARGEST:
                raise BadFile(f"{info.filename} in {self.name} would unpack to {info.file_size} bytes.")
        self._sizes = {info.filename: info.file_size for info in inside}

    def starts(self, mark: bytes) -> bool:
        """Whether the file itself begins with these bytes."""
        if self.path.is_dir():
            return False
        with self.path.open("rb") as file:
            return file.read(len(mark)) == mark

    @property
    def members(self) -> list[str]:
        """The names inside, as paths with slashes."""
        return list(self._sizes)

    @property
    def is_workbook(self) -> bool:
        """Whether this is an Excel workbook (a zip with xl/workbook.xml)."""
        return "xl/workbook.xml" in self._sizes

    def member(self, name: str) -> str | None:
        """The member with this file name, in whatever folder of the zip; without case."""
        wanted = name.casefold()
        return next((m for m in self._sizes if PurePosixPath(m).name.casefold() == wanted), None)

    def with_suffix(self, *suffixes: str) -> list[str]:
        """Members that end so, without those that systems add beside ours."""
        return [
            m
            for m in self._sizes
            if m.casefold().endswith(suffixes)
            and not m.startswith("__MACOSX/")
            and not PurePosixPath(m).name.startswith(("._", "~$"))
        ]

    def open(self, member: str) -> IO[bytes]:
        """The bytes of a member, unpacked; damage is told in words, and there is an end to what is read."""
        try:
            return io.BufferedReader(_Bounded(self._raw(member), self, member), 1 << 16)
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error) as error:
            raise _damaged(self.name, member) from error

    def _raw(self, member: str) -> IO[bytes]:
        if self._zip is not None:
            return self._zip.open(member)
        path = self.path / member if self.path.is_dir() else self.path
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")

    def document(self, member: str | None = None) -> bytes:
        """A member as a whole, for what is no table; refused when it is larger than any framework."""
        name = member or self.only()
        with self.open(name) as file:
            data = file.read(LARGEST_DOCUMENT + 1)
        if len(data) > LARGEST_DOCUMENT:
            raise BadFile(f"{name} is larger than {LARGEST_DOCUMENT >> 20} MB; no framework is.")
        return data

    def only(self) -> str:
        """The one member of a file that holds one thing."""
        if not self._sizes:
            raise BadFile(f"{self.name} is empty.")
        return next(iter(self._sizes))

    def lines(self, member: str, *, foreign: bool = False) -> Iterator[str]:
        """The lines of a text member, decoded. See `decode`."""
        with self.open(member) as file:
            yield from decode(_bounded_lines(file, PurePosixPath(member).name), PurePosixPath(member).name, foreign)

    def table(
        self, member: str, *, tabs: bool = False, foreign: bool = False, skip: int = 0
    ) -> Iterator[tuple[int, list[str]]]:
        """Rows of a table with the number of the line each ends on. Tab separated files have no quoting.

        Raises BadFile where the file ends in the middle of a line that has too few cells.
        """
        lines = self.lines(member, foreign=foreign)
        if tabs:
            for number, line in enumerate(lines, 1):
                if number > skip:
                    yield number, line.rstrip("\r\n").split("\t")
            return
        end = ""

        def noted() -> Iterator[str]:
            nonlocal end
            for line in lines:
                end = line[-1:]
                yield line

        reader, widest, row = csv.reader(noted()), 0, list[str]()
        try:
            for row in reader:
                widest = max(widest, len(row))
                if reader.line_num > skip:
                    yield reader.line_num, row
        except csv.Error as error:
            raise BadFile(
                f"{PurePosixPath(member).name}, line {reader.line_num}: the quotes of this table do not close "
                f"({error}). It is damaged, or not a CSV file. Download it again."
            ) from error
        if 0 < len(row) < widest and end not in "\r\n":
            raise BadFile(
                f"{PurePosixPath(member).name}, line {reader.line_num}: the file ends here in the middle of a line, "
                f"after {len(row)} of {widest} cells: it was cut off. Download it again."
            )

    def inner(self, member: str) -> Source:
        """A packed file inside a zip (a workbook), unpacked into a passing file that goes with this source."""
        if self._inner is None:
            with self.open(member) as file, tempfile.NamedTemporaryFile(delete=False) as copy:
                self._passing = Path(copy.name)
                while piece := file.read(1 << 20):
                    copy.write(piece)
            self._inner = Source(self._passing, self.progress, PurePosixPath(member).name)
            self.read_bytes = 0
        return self._inner

    def advance(self, count: int) -> None:
        """Tell how far the reading is; more than any official file holds is refused."""
        self.read_bytes += count
        if self.read_bytes > LARGEST:
            raise BadFile(f"{self.name} unpacks to more than {LARGEST >> 30} GB; no official file does.")
        self.progress(min(1.0, self.read_bytes / self.total))

    def close(self) -> None:
        """Let the file go."""
        if self._inner is not None:
            self._inner.close()
        if self._passing is not None:
            self._passing.unlink(missing_ok=True)
        if self._zip is not None:
            self._zip.close()


class _Bounded(io.RawIOBase):
    """Reads through to a packed file; turns damage into words and counts what came."""

    def __init__(self, raw: IO[bytes], source: Source, member: str) -> None:
        self._raw, self._source, self._member = raw, source, member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._raw.read(len(buffer))
        except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, OSError) as error:
            raise _damaged(self._source.name, self._member) from error
        buffer[: len(data)] = data
        self._source.advance(len(data))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


def _damaged(name: str, member: str) -> BadFile:
    where = name if member == name else f"{PurePosixPath(member).name} in {name}"
    return BadFile(f"{where} is damaged or was cut off: it cannot be unpacked to its end. Download it again.")


def _bounded_lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadFile(f"{name}, line {number} is longer than {LONGEST_LINE >> 20} MB: this is not a table of text.")
        yield line


def decode(lines: Iterable[bytes], name: str, foreign: bool = False) -> Iterator[str]:
    """Lines of UTF-8; with `foreign`, of UTF-8 or Windows-1252 (Latin-1), one of them throughout.

    Raises BadFile with line and column where a letter cannot be read, where both encodings are mixed, where text was
    stored in the wrong encoding once before ("Ã±"), and for UTF-16.
    """
    utf8 = other = 0
    for number, line in enumerate(lines, 1):
        if number == 1:
            if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise _encoding(name, 1, 1, "the file is in UTF-16")
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in line:
            column = _column(line, line.index(b"\0"))
            raise _encoding(name, number, column, "there is a zero byte, which no text has")
        if line.isascii():
            yield line.decode("ascii")
            continue
        try:
            text = line.decode("utf-8")
            utf8 = utf8 or number
        except UnicodeDecodeError as error:
            if not foreign:
                raise _encoding(name, number, _column(line, error.start), "this letter is not UTF-8") from error
            other = other or number
            text, column = _foreign(line)
            if column:
                raise _encoding(name, number, column, "this letter is neither UTF-8 nor Windows-1252") from error
        if utf8 and other:
            at = next(i for i, byte in enumerate(line) if byte > 127)
            raise _encoding(
                name, number, _column(line, at), f"UTF-8 (line {utf8}) and Windows-1252 (line {other}) are mixed"
            )
        if (twice := _twice(text)) and utf8:
            raise _encoding(name, number, twice, "an accented letter was stored in the wrong encoding once before")
        yield text


def _column(line: bytes, at: int) -> int:
    return len(line[:at].decode("utf-8", errors="replace")) + 1


def _foreign(line: bytes) -> tuple[str, int]:
    try:
        return line.decode(FOREIGN), 0
    except UnicodeDecodeError as error:
        return "", error.start + 1


def _twice(text: str) -> int:
    """The column of a letter that is UTF-8 read as Windows-1252, such as "Ã±"; 0 where there is none."""
    for lead in ("Ã", "Â"):
        at = text.find(lead)
        while at >= 0:
            pair = text[at : at + 2]
            try:
                if len(pair) == 2 and pair.encode(FOREIGN).decode("utf-8"):
                    return at + 1
            except UnicodeError:
                pass
            at = text.find(lead, at + 1)
    return 0


def _encoding(name: str, line: int, column: int, what: str) -> BadFile:
    return BadFile(
        f"{name}, line {line}, column {column}: {what}. Nothing was changed. Use the file as it was published, or "
        "save it again as “CSV UTF-8”."
    )


def digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, over the names and digests of its files."""
    whole = hashlib.sha256()
    if path.is_dir():
        for file in sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")):
            whole.update(f"{file.name}\0{digest(file)}\n".encode())
        return whole.hexdigest()
    with path.open("rb") as opened:
        while piece := opened.read(1 << 20):
            whole.update(piece)
    return whole.hexdigest()


def whole(text: str) -> int | None:
    """A whole number of at most nine digits, with or without commas; None for anything else."""
    digits = text.replace(",", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def number(text: str) -> float:
    """A number of people, percent or dollars, with or without commas. Raises ValueError for anything else."""
    value = float(text.replace(",", ""))
    if not abs(value) < MOST or "_" in text:
        raise ValueError(text)
    return value


def positions(header: Sequence[str], wanted: Mapping[str, Sequence[str]], name: str) -> dict[str, int]:
    """Where each wanted column stands; any of its names counts, without case. Raises BadFile with those missing."""
    at = {cell.strip().casefold(): index for index, cell in reversed(list(enumerate(header)))}
    found = {
        key: next(at[label.casefold()] for label in labels if label.casefold() in at)
        for key, labels in wanted.items()
        if any(label.casefold() in at for label in labels)
    }
    missing = [labels[0] for key, labels in wanted.items() if key not in found and not key.endswith("?")]
    if missing:
        raise BadFile(f"{name} has no column {', '.join(missing)}. Is it the official file, unchanged?")
    return found
