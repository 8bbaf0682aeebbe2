"""Rows of an Excel workbook (ECMA-376 Part 1, SpreadsheetML), read as a stream: a few megabytes for any size.

Only what tables of numbers need: shared and inline text, numbers, empty cells. No formulas, styles or dates. A
document type declaration is refused, so no entity of the file's own can grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from fieldstone.server.reference.importers.base import BadFile, Source, whole

PIECE: Final = 1 << 16
MOST_CELLS: Final = 1000
MOST_TEXT: Final = 256 << 20
"""Characters of shared text, with EACH more for every text; OEWS has under 1 MB."""
EACH: Final = 100
MOST_TAGS: Final = 100_000
"""Tags of the list of sheets, and of where they are; a workbook has some dozens."""
LONGEST: Final = 100_000
"""Characters of a cell; spreadsheet programs write at most 32,767."""
LONGEST_TAG: Final = 4 << 20
"""Bytes between the ends of two tags; in a table they are less than a hundred."""


def sheets(source: Source) -> dict[str, str]:
    """The names of the sheets and the member that holds each, in the order of the tabs."""
    targets: dict[str, str] = {}
    for tag, attributes in _starts(source, "xl/_rels/workbook.xml.rels"):
        if tag == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = {}
    for tag, attributes in _starts(source, "xl/workbook.xml"):
        if tag == "sheet":
            member = targets.get(attributes.get("r:id") or attributes.get("id", ""), "")
            if member in source.members:
                found[attributes.get("name", "")] = member
    return found


def rows(source: Source, member: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of one sheet as texts, each with its number; numbers are written as the file writes them."""
    reader = _Rows(_shared(source))
    for _ in _read(source, member, reader.parser()):
        yield from reader.take()


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise BadFile("The workbook declares a document type, which no spreadsheet program writes.")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _read(source: Source, member: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Feed a member to a parser, piece by piece."""
    fed = 0
    with source.open(member) as file:
        while True:
            piece = file.read(PIECE)
            try:
                parser.Parse(piece, not piece)
            except expat.ExpatError as error:
                raise BadFile(f"{source.name} is damaged or was cut off ({error}). Download it again.") from error
            fed += len(piece)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                raise BadFile(f"{source.name} holds a tag without end, which no spreadsheet program writes.")
            yield
            if not piece:
                return


def _local(tag: str) -> str:
    return tag.rsplit(":", 1)[-1]


def _starts(source: Source, member: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The start tags of a small member."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append((_local(tag), attributes))
    for _ in _read(source, member, parser) if member in source.members else ():
        if len(found) > MOST_TAGS:
            raise BadFile(f"{source.name} lists more than any workbook has.")
    yield from found


def _shared(source: Source) -> list[str]:
    """The texts that cells point to by number; phonetic hints (rPh) are left out."""
    texts: list[str] = []
    state = {"size": 0, "take": 0, "hint": 0}
    parts: list[str] = []
    parser = _parser()

    def start(tag: str, _attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "rPh":
            state["hint"] += 1
        elif name == "t" and not state["hint"]:
            state["take"] = 1

    def end(tag: str) -> None:
        name = _local(tag)
        if name == "rPh":
            state["hint"] -= 1
        elif name == "t":
            state["take"] = 0
        elif name == "si":
            texts.append("".join(parts))
            parts.clear()
            grow(EACH)

    def grow(more: int) -> None:
        state["size"] += more
        if state["size"] > MOST_TEXT:
            raise BadFile(f"{source.name} holds more text than any official table.")

    def characters(text: str) -> None:
        if state["take"]:
            grow(len(text))
            parts.append(text)

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    member = "xl/sharedStrings.xml"
    for _ in _read(source, member, parser) if member in source.members else ():
        pass
    return texts


_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d+)")


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


class _Rows:
    """Collects rows from the events of the parser."""

    def __init__(self, shared: list[str]) -> None:
        self.shared = shared
        self.done: list[tuple[int, list[str]]] = []
        self.number = 0
        self.cells: list[str] = []
        self.kind = ""
        self.column = 0
        self.text: list[str] = []
        self.size = 0
        self.inside = False

    def parser(self) -> expat.XMLParserType:
        """A parser whose events come here."""
        parser = _parser()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        return parser

    def take(self) -> list[tuple[int, list[str]]]:
        """The rows that are whole by now."""
        done, self.done = self.done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            self.number = whole(attributes.get("r", "")) or self.number + 1
            self.cells = []
        elif name == "c":
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            self.column = _column(found[1]) if found else len(self.cells)
            if self.column >= MOST_CELLS:
                raise BadFile(f"Row {self.number} of the workbook has more than {MOST_CELLS} columns.")
            self.kind = attributes.get("t", "n")
            self.text = []
            self.size = 0
        elif name in ("v", "t"):
            self.inside = True

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name in ("v", "t"):
            self.inside = False
        elif name == "c":
            self.cells.extend([""] * (self.column + 1 - len(self.cells)))
            self.cells[self.column] = self._value("".join(self.text))
        elif name == "row":
            self.done.append((self.number, self.cells))

    def _value(self, text: str) -> str:
        if self.kind != "s":
            return text
        index = whole(text)
        if index is None or index >= len(self.shared):
            raise BadFile(f"Row {self.number} of the workbook points to a text that is not there.")
        return self.shared[index]

    def characters(self, text: str) -> None:
        if self.inside:
            self.size += len(text)
            if self.size > LONGEST:
                raise BadFile(f"A cell of row {self.number} of the workbook holds more text than any table.")
            self.text.append(text)


def table(source: Source, sheet: str = "") -> Iterator[tuple[int, list[str]]]:
    """The rows of a table, whatever holds it: a workbook (its first sheet, or one whose name holds `sheet`), a csv."""
    if source.is_workbook:
        found = sheets(source)
        member = next((m for name, m in found.items() if sheet.casefold() in name.casefold()), None)
        if member is None:
            raise BadFile(f"{source.name} has no sheet {sheet or 'at all'}. It has: {', '.join(found) or 'none'}.")
        yield from rows(source, member)
        return
    member = next(iter(source.with_suffix(".csv", ".csv.gz", ".txt")), None) or source.only()
    yield from source.table(member, foreign=True)
