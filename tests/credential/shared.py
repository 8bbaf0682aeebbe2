"""Where the public test data lives, and small readers for it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from fieldstone.credential.jsonld import Quad

SHARED = Path(os.environ.get("FIELDSTONE_SHARED", Path(__file__).parents[3] / "shared"))
DATA = SHARED / "data"
VECTORS = DATA / "vectors"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"public test data is not at {DATA}")


def read(*parts: str) -> str:
    return VECTORS.joinpath(*parts).read_text(encoding="utf-8")


def read_json(*parts: str) -> Any:
    return json.loads(read(*parts))


_TERM = re.compile(r'\s*(<[^>]*>|_:[^\s.]+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^>]*>)?|\.)')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_AGAIN = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _unescape(text: str) -> str:
    return _ESCAPE.sub(
        lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _SHORT[m[3]],
        text,
    )


def _canonical(term: str) -> str:
    if not term.startswith('"'):
        return _unescape(term) if term.startswith("<") else term
    end = term.rindex('"')
    body, tail = _unescape(term[1:end]), _unescape(term[end + 1 :])
    if tail == "^^<http://www.w3.org/2001/XMLSchema#string>":
        tail = ""
    body = "".join(_AGAIN.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in body)
    return f'"{body}"{tail}'


def parse_nquads(text: str) -> list[Quad]:
    """A small N-Quads reader for test data; terms come out in canonical form."""
    quads: list[Quad] = []
    for row in text.split("\n"):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        terms = [_canonical(t) for t in _TERM.findall(row)]
        assert terms[-1] == "." and len(terms) in {4, 5}, row
        quads.append((terms[0], terms[1], terms[2], terms[3] if len(terms) == 5 else ""))
    return list(dict.fromkeys(quads))
