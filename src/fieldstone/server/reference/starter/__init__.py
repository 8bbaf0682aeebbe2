"""Starter facts: enough of the official files for the occupations that the four programs lead to.

Each `KIND.jsonl` (gzipped where it is long) holds rows as the importer of that kind yields them, one JSON array a
line, made by `make.py`. The words to search by are made anew when they are loaded. Sources and their terms stand in
NOTICE.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from fieldstone.server.reference.importers.base import Notes, Row
from fieldstone.server.reference.importers.onet import element_words, occupation_words

VERSION: Final = "starter"
KINDS: Final = ("onet", "oews", "projections", "rucc", "areas", "places", "zip-codes")
PACKED: Final = ("places", "zip-codes")


def text(kind: str) -> str:
    """The rows of a kind as they are kept."""
    folder = files(__package__ or __name__)
    if kind in PACKED:
        return gzip.decompress(folder.joinpath(f"{kind}.jsonl.gz").read_bytes()).decode()
    return folder.joinpath(f"{kind}.jsonl").read_text(encoding="utf-8")


def sha256(kind: str) -> str:
    """The digest of all that decides what is loaded: the rows, and for occupations our own words."""
    whole = hashlib.sha256(text(kind).encode())
    if kind == "onet":
        for name in ("occupations.csv", "elements.csv"):
            whole.update(files(__package__ or __name__).joinpath(name).read_bytes())
    return whole.hexdigest()


def read(kind: str, notes: Notes) -> Iterator[Row]:
    """The rows, and the words to search occupations and skills by. The first line says where they come from."""
    lines = text(kind).splitlines()
    notes.remarks.append(json.loads(lines[0])["source"])
    for line in lines[1:]:
        table, *values = json.loads(line)
        yield table, tuple(values)
        if table == "Occupation":
            code, _soc, title, es, _zone = values
            yield from occupation_words(code, title, es)
        elif table == "Element":
            yield from element_words(*values)
