"""Credentials inside pictures."""

from __future__ import annotations

import struct
import zlib

import pytest

from fieldstone.credential import baked
from fieldstone.credential.baked import unbake
from fieldstone.credential.errors import ParseError

NS = 'xmlns:ob="https://purl.imsglobal.org/ob/v3p0"'


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of chunks; only their frame matters here."""
    return baked.PNG + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _text(text: bytes, keyword: bytes = b"openbadgecredential", packed: bytes = b"\0", method: bytes = b"\0") -> bytes:
    return keyword + b"\0" + packed + method + b"\0" + b"\0" + text


@pytest.mark.parametrize("data", [b"{}", b"a.b.c", b"", b" {"])
def test_other_files_are_left_alone(data: bytes) -> None:
    assert unbake(data) == data


def test_png() -> None:
    other = (b"iTXt", _text(b"no", keyword=b"Comment"))
    assert unbake(_png((b"IHDR", b"x" * 13), other, (b"iTXt", _text(b'{"a":1}')), (b"IEND", b""))) == b'{"a":1}'
    packed = _text(zlib.compress(b'{"a":2}'), packed=b"\1")
    assert unbake(_png((b"iTXt", packed), (b"IEND", b""))) == b'{"a":2}'


@pytest.mark.parametrize(
    "data",
    [
        _png(), _png((b"IEND", b""), (b"iTXt", _text(b"late"))), _png((b"tEXt", _text(b"x"))),
        _png((b"iTXt", b"openbadgecredential\0\0")), _png((b"iTXt", _text(b"x", method=b"\5"))),
        _png((b"iTXt", _text(b"not zlib", packed=b"\1"))), baked.PNG + b"\xff\xff\xff\xffiTXt",
        _png((b"iTXt", _text(zlib.compress(bytes(5_000_000)), packed=b"\1"))), b"<svg/>", b"<svg>", b"<?xml", b"<html>",
        f'<svg {NS}><ob:credential verify=" "/></svg>'.encode(), b"<" + b" " * 17_000_000,
        f'<!DOCTYPE svg [<!ENTITY a "b">]><svg {NS}><ob:credential>&a;</ob:credential></svg>'.encode(),
        f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg {NS}/>'.encode(),
    ],
)  # fmt: skip
def test_pictures_without_a_credential(data: bytes) -> None:
    with pytest.raises(ParseError):
        unbake(data)


def test_svg() -> None:
    inside = f'<svg {NS}><text>x</text><ob:credential><![CDATA[ {{"a":"é"}} ]]></ob:credential><g>y</g></svg>'
    assert unbake(inside.encode()) == '{"a":"é"}'.encode()
    token = f'<?xml version="1.0"?>\n<svg {NS}><ob:credential verify="a.b.c"></ob:credential></svg>'
    assert unbake(token.encode()) == b"a.b.c"
    assert unbake(b"\xef\xbb\xbf" + token.partition("\n")[2].encode()) == b"a.b.c"
