"""The part of CBOR (RFC 8949) that proofs need: whole numbers, bytes, text, arrays, and maps by whole numbers.

Written in the shortest form, and read only in that form: what is read has one way of being written. The one freedom is
the order of a map's members, which COSE leaves to its writers.
"""

from __future__ import annotations

from typing import Any, Final

from fieldstone.credential.errors import ParseError

MAX_DEPTH: Final = 4


def encode(value: Any, *, in_order: bool = True) -> bytes:
    """A value as CBOR, maps in the order of their names' bytes; raises ParseError for one that this part does not hold.

    `in_order=False` leaves maps in the order that they have.
    """
    if isinstance(value, int) and not isinstance(value, bool) and -(2**64) <= value < 2**64:
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return _head(3, len(data)) + data
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(encode(item, in_order=in_order) for item in value)
    if isinstance(value, dict):
        pairs = [(encode(name), encode(item, in_order=in_order)) for name, item in value.items()]
        return _head(5, len(value)) + b"".join(name + item for name, item in (sorted(pairs) if in_order else pairs))
    raise ParseError("bad_cbor", "The value has no form in the CBOR that we write.")


def decode(data: bytes, *, in_order: bool = True) -> Any:
    """The value of CBOR bytes, all of them; raises ParseError. `in_order=False` takes maps in any order."""
    value, rest = _read(data, 0, 0)
    if rest != len(data) or encode(value, in_order=in_order) != data:
        raise ParseError("bad_cbor", "The bytes are not CBOR of the form that we read.")
    return value


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for extra, size in ((24, 1), (25, 2), (26, 4)):
        if number < 1 << 8 * size:
            return bytes([kind << 5 | extra]) + number.to_bytes(size, "big")
    return bytes([kind << 5 | 27]) + number.to_bytes(8, "big")


def _read(data: bytes, place: int, depth: int) -> tuple[Any, int]:
    first = data[place] if place < len(data) else 0xFF
    kind, number, place = first >> 5, first & 31, place + 1
    if number >= 24:
        size = 1 << number - 24
        if number > 27 or place + size > len(data):
            raise ParseError("bad_cbor", "The bytes are not CBOR of the form that we read.")
        number, place = int.from_bytes(data[place : place + size], "big"), place + size
    if kind < 2:
        return (number if kind == 0 else -1 - number), place
    if kind not in {2, 3, 4, 5} or number > len(data) - place or depth > MAX_DEPTH:
        raise ParseError("bad_cbor", "The bytes are not CBOR of the form that we read.")
    if kind in {2, 3}:
        chunk = data[place : place + number]
        return (chunk if kind == 2 else chunk.decode(errors="replace")), place + number
    items: list[Any] = []
    for _ in range(number if kind == 4 else 2 * number):
        item, place = _read(data, place, depth + 1)
        items.append(item)
    if kind == 4:
        return items, place
    if not all(isinstance(name, int) for name in items[::2]):
        raise ParseError("bad_cbor", "The bytes are not CBOR of the form that we read.")
    return dict(zip(items[::2], items[1::2], strict=True)), place
