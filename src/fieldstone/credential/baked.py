"""Reading a credential out of a badge image (Open Badges 3.0 section 5.3, "baking").

PNG: an iTXt chunk named `openbadgecredential`. SVG: an `openbadges:credential` element, with a JWT in its `verify`
attribute or JSON as its text. The images are written by strangers: sizes are limited, entities refused.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final
from xml.parsers import expat

from fieldstone.credential.errors import ParseError

PNG: Final = b"\x89PNG\r\n\x1a\n"
KEYWORD: Final = b"openbadgecredential"
NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
MAX_IMAGE: Final = 16 * 1024 * 1024
MAX_TEXT: Final = 4 * 1024 * 1024


def unbake(data: bytes) -> bytes:
    """The credential inside a PNG or SVG; anything else is given back as it is. Raises ParseError."""
    if len(data) > MAX_IMAGE:
        raise ParseError("too_big", f"The file is larger than {MAX_IMAGE} bytes.")
    if data.startswith(PNG):
        return _from_png(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _from_svg(data)
    return data


def _from_png(data: bytes) -> bytes:
    place = len(PNG)
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        if kind == b"iTXt" and body.startswith(KEYWORD + b"\0"):
            return _text_of(body[len(KEYWORD) + 1 :])
        if kind == b"IEND":
            break
        place += 12 + length
    raise ParseError("not_baked", "The picture holds no credential.")


def _text_of(body: bytes) -> bytes:
    """An iTXt chunk's text, after its keyword (PNG specification section 11.3.3.4)."""
    packed, method = body[:1], body[1:2]
    parts = body[2:].split(b"\0", 2)
    if len(parts) != 3 or method != b"\0":
        raise ParseError("not_baked", "The picture's credential cannot be read.")
    if packed == b"\0":
        return parts[2]
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(parts[2], MAX_TEXT + 1)
    except zlib.error:
        raise ParseError("not_baked", "The picture's credential cannot be unpacked.") from None
    if len(text) > MAX_TEXT:
        raise ParseError("too_big", f"The picture's credential is larger than {MAX_TEXT} bytes.")
    return text


def _from_svg(data: bytes) -> bytes:
    found: list[str] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name == f"{NAMESPACE} credential":
            inside = True
            found.append(attributes.get("verify", ""))

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != f"{NAMESPACE} credential"

    def text(value: str) -> None:
        if inside:
            found.append(value)

    def entity(*_: object) -> None:
        raise ParseError("not_baked", "The picture defines entities, which we do not read.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise ParseError("not_baked", "The picture is not well-formed SVG.") from None
    credential = "".join(found).strip()
    if not credential:
        raise ParseError("not_baked", "The picture holds no credential.")
    return credential.encode()
