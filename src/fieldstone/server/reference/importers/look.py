"""The first look at a file, to tell what it is before anything is read into tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import islice

from fieldstone.server.reference.importers import workbook
from fieldstone.server.reference.importers.base import BadFile, Head, Source

ROWS = 12
SHEETS = 30
SHORT = 1 << 14


def head(source: Source) -> Head:
    """The first rows of a table, or of each sheet of a workbook, also inside a zip; what came before damage."""
    rows: list[frozenset[str]] = []
    text = ""
    damage = None
    try:
        inner = workbook_inside(source)
        if inner.is_workbook:
            for member in islice(workbook.sheets(inner).values(), SHEETS):
                rows += (_words(cells) for _, cells in islice(workbook.rows(inner, member), ROWS))
        else:
            tables = source.with_suffix(".csv", ".txt", ".gz", ".tsv") or source.members
            for member in tables[:1]:
                rows += _text_rows(source, member)
            text = _document(source)
    except BadFile as error:
        damage = error
    finally:
        source.read_bytes = 0
    return Head(source.name, tuple(source.members), tuple(rows), text, damage)


def _text_rows(source: Source, member: str) -> list[frozenset[str]]:
    with source.open(member) as file:
        lines = file.read(SHORT).decode("utf-8-sig", errors="replace").splitlines()[:ROWS]
    if any("\t" in line for line in lines[:1]):
        return [_words(line.split("\t")) for line in lines]
    return [_words(row) for line in lines for row in csv.reader([line])]


def _document(source: Source) -> str:
    """How a JSON document begins, in small letters; "" where none does."""
    for member in (source.with_suffix(".json", ".jsonld") or source.members)[:1]:
        with source.open(member) as file:
            start = file.read(SHORT).decode("utf-8-sig", errors="replace").lstrip()
        if start.startswith(("{", "[")):
            return start.casefold()
    return ""


def _words(cells: Iterable[str]) -> frozenset[str]:
    return frozenset(word for cell in cells if (word := cell.strip().casefold()))


def workbook_inside(source: Source) -> Source:
    """The workbook of a zip as published, or the source itself."""
    if source.is_workbook or not source.starts(b"PK"):
        return source
    books = source.with_suffix(".xlsx")
    return source.inner(books[0]) if books else source
