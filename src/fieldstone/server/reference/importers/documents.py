"""JSON documents read as a whole: bounded in size, in the right encoding, and fit for the tables."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, NoReturn

from fieldstone.server.reference.importers.base import BadFile, Notes, Source, decode

LARGEST_JSON: Final = 96 << 20
"""Bytes of a JSON document. The largest published frameworks have about 40 MB; reading takes some ten times that."""
IDENTIFIER: Final = 300
CODE: Final = 100
DEEPEST: Final = 200
"""Levels of nesting; no framework has more than a dozen."""


def read_document(source: Source) -> tuple[str, Any]:
    """The name of the one JSON document of a source, and what it says.

    Raises BadFile where it is too large, cut off, mis-encoded, or no JSON, with line and column.
    """
    members = source.with_suffix(".json", ".jsonld") or source.members
    if len(members) > 1:
        raise BadFile(f"{source.name} holds {len(members)} documents. Import them one by one.")
    if not members:
        raise BadFile(f"{source.name} is empty.")
    name = PurePosixPath(members[0]).name
    with source.open(members[0]) as file:
        data = file.read(LARGEST_JSON + 1)
    if len(data) > LARGEST_JSON:
        raise BadFile(
            f"{name} is larger than {LARGEST_JSON >> 20} MB, which is more than we read at once. Split the framework."
        )
    written = io.StringIO()
    for line in decode(io.BytesIO(data), name):
        written.write(line)
    del data
    text = written.getvalue()
    del written
    if not text.strip():
        raise BadFile(f"{name} is empty.")
    return name, parse_json(text, name)


def parse_json(text: str, name: str) -> Any:
    """What a JSON text says. Raises BadFile, also for what no table can hold."""

    def no_number(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    try:
        found = json.loads(text, parse_constant=no_number)
    except json.JSONDecodeError as error:
        cut = not text[error.pos :].strip() or "Unterminated" in error.msg
        what = "it ends too early and was cut off" if cut else error.msg[0].lower() + error.msg[1:]
        raise BadFile(
            f"{name}, line {error.lineno}, column {error.colno} is not JSON: {what}. Download it again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{name} cannot be read as JSON ({error}). Use the file as it was published.") from error
    if _too_deep(found):
        raise BadFile(f"{name} is nested more than {DEEPEST} levels deep; no framework is.")
    if re.search(r"\\u(0000|[dD][89a-fA-F])", text):
        _storable(found, name)
    return found


def _too_deep(found: Any) -> bool:
    level = [found]
    for _ in range(DEEPEST):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _storable(found: Any, name: str) -> None:
    written = json.dumps(found, ensure_ascii=False)
    if r"\u0000" in written.replace(r"\\", ""):
        raise BadFile(f"{name} holds a zero character, which no text has. Use the file as it was published.")
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise BadFile(f"{name} holds half a letter (a lone surrogate). Use the file as it was published.") from error


def rows_of(value: Any, where: str, name: str, notes: Notes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list, each with its number from 1. What is no object is dropped with a note.

    Raises BadFile where there is something other than a list.
    """
    if value is None:
        return
    if not isinstance(value, list):
        raise BadFile(f"{where} of {name} is no list. Use the file as it was published.")
    for number, row in enumerate(value, 1):
        if isinstance(row, dict):
            yield number, row
        else:
            notes.drop(f"An entry of {where} is no object", name, number, str(row))


def text_of(value: Any) -> str:
    """Text as it is, other plain values as text, nothing for the rest."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def without(row: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row the columns do not hold exactly as it is."""
    return {key: value for key, value in row.items() if key not in held or held[key] != value}
