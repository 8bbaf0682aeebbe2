"""Multibase, multicodec and Multikey text (W3C Controlled Identifiers 1.0 sections 2.2.2, 2.4 and 2.5)."""

from __future__ import annotations

import base64
from typing import Final

import msgspec

from fieldstone.credential.errors import KeyFormatError

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_VALUE: Final = {character: value for value, character in enumerate(_ALPHABET)}
_URL_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST: Final = {  # by the length of the last group, which characters may end it: no bits are left over
    0: frozenset(["", *_URL_ALPHABET.decode()]),
    1: frozenset[str](),
    2: frozenset("AQgw"),
    3: frozenset("AEIMQUYcgkosw048"),
}
MAX_LENGTH: Final = 4096


def base58_encode(data: bytes) -> str:
    """Bytes as base-58 text in the Bitcoin alphabet."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, rest = divmod(number, 58**10)
        for _ in range(5):  # two digits at a time: numbers this small are quick to divide
            rest, pair = divmod(rest, 58**2)
            digits.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits)).lstrip("1")


def base58_decode(text: str) -> bytes:
    """Base-58 text (Bitcoin alphabet) as bytes; raises KeyFormatError."""
    if len(text) > MAX_LENGTH:
        raise KeyFormatError("bad_multibase", "The base-58 value is too long.")
    number = 0
    try:
        for start in range(0, len(text), 10):  # ten digits at a time: small numbers are quick to multiply
            part = text[start : start + 10]
            value = 0
            for character in part:
                value = value * 58 + _VALUE[character]
            number = number * 58 ** len(part) + value
    except KeyError as error:
        raise KeyFormatError("bad_multibase", f"{error.args[0]!r} is not a base-58 character.") from None
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64url_encode(data: bytes) -> str:
    """Bytes as base64url text without padding."""
    text: str = msgspec.to_builtins(data)
    return text.rstrip("=").replace("+", "-").replace("/", "_")


def is_base64url(text: str) -> bool:
    """Whether text holds nothing but characters of base64url."""
    return text.isascii() and not text.encode().translate(None, _URL_ALPHABET)


def base64url_decode(text: str) -> bytes:
    """Base64url text without padding, all bits used, as bytes; raises KeyFormatError."""
    if text.isascii() and "+" not in text and "/" not in text and text[-1:] in _LAST[len(text) % 4]:
        try:
            return msgspec.convert(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), bytes)
        except msgspec.ValidationError:
            pass
    raise KeyFormatError("bad_multibase", "The value is not base64url text without padding.")


def base64_decode(text: str) -> bytes:
    """Base64 text in the common alphabet, with or without its padding, as bytes; raises KeyFormatError."""
    bare = text.strip().rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        raise KeyFormatError("bad_base64", "The text is not base64.") from None


def encode(data: bytes) -> str:
    """Bytes as multibase base58-btc text, which starts with `z`."""
    return "z" + base58_encode(data)


def decode(text: object) -> bytes:
    """Multibase text starting with `z` (base58-btc) or `u` (base64url) as bytes; raises KeyFormatError."""
    if not isinstance(text, str) or text[:1] not in {"z", "u"}:
        raise KeyFormatError("bad_multibase", "The value is not multibase text starting with z or u.")
    return base58_decode(text[1:]) if text[0] == "z" else base64url_decode(text[1:])
