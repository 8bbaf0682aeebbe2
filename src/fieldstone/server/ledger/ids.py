"""Identifiers: time-ordered UUIDs for rows, short codes for people to read aloud."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L, U: thirty signs that survive handwriting."""


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits."""
    millis = time.time_ns() // 1_000_000
    head = (millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return uuid.UUID(int=head | 0b10 << 62 | secrets.randbits(62))


def uuid_of(value: Any) -> uuid.UUID | None:
    """An identifier that somebody sent; None for what is none."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def new_code(groups: int = 3, size: int = 4) -> str:
    """A code such as `7K3M-Q9TD-2XWP`; twelve signs are 58 random bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(size)) for _ in range(groups))


def code_from(secret: bytes, groups: int = 3, size: int = 4) -> str:
    """The code that these bytes stand for: the same bytes give the same code."""
    number, signs = int.from_bytes(secret, "big"), []
    for _ in range(groups * size):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    return "-".join("".join(signs[i : i + size]) for i in range(0, len(signs), size))


def fold_code(typed: str) -> str:
    """What a person typed, in the form of `new_code`: capitals, groups of four, look-alikes mended."""
    signs = typed.upper().translate(str.maketrans("O0I1LU", "QQJJJV"))
    kept = [s for s in signs if s in ALPHABET]
    return "-".join("".join(kept[i : i + 4]) for i in range(0, len(kept), 4))
