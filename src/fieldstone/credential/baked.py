"""Credentials inside badge images: reading them out ("unbaking") and putting them in ("baking").

PNG: an iTXt chunk, named `openbadgecredential` (Open Badges 3.0 section 5.3.1) or `openbadges` (2.0). SVG: an element
`credential` (3.0) or `assertion` (2.0) of the version's own namespace, with a JWT in its `verify` attribute or JSON as
its text. The images are written by strangers: sizes are limited, entities refused, and a picture that holds two
credentials is refused, because two readers could read two different ones.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from fieldstone.credential.errors import ParseError
from fieldstone.credential.jwt import looks_like_jwt

PNG: Final = b"\x89PNG\r\n\x1a\n"
KEYWORDS: Final = {"3.0": b"openbadgecredential", "2.0": b"openbadges"}
ELEMENTS: Final = {
    "3.0": ("https://purl.imsglobal.org/ob/v3p0", "credential"),
    "2.0": ("http://openbadges.org", "assertion"),
}
MAX_IMAGE: Final = 16 * 1024 * 1024
MAX_TEXT: Final = 4 * 1024 * 1024
_SVG: Final = "http://www.w3.org/2000/svg svg"
_ACTIVE: Final = frozenset({"script", "foreignobject", "iframe", "handler", "listener"})


def is_image(data: bytes) -> bool:
    """Whether the bytes begin as a PNG or as an XML document."""
    return data.startswith(PNG) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def unbake(data: bytes) -> bytes:
    """The credential inside a PNG or SVG; anything else is given back as it is. Raises ParseError.

    A credential of Open Badges 3.0 is preferred where the picture also holds one of 2.0.
    """
    _small(data, MAX_IMAGE, "file")
    if not is_image(data):
        return data
    found = _in_png(data) if data.startswith(PNG) else _in_svg(data)
    for version in ("3.0", "2.0"):
        if len(found[version]) > 1:
            raise ParseError("baked_twice", "The picture holds more than one credential.")
        if found[version]:
            return found[version][0]
    raise ParseError("not_baked", "The picture holds no credential.")


def bake(image: bytes, credential: bytes | str, *, version: str = "3.0") -> bytes:
    """A PNG or SVG `image` with `credential` inside: its JSON bytes, or a compact JWT (2.0: JWS) as text.

    `version` is of Open Badges, "3.0" or "2.0". Raises ParseError for a picture that is damaged, already baked, holds
    active content (scripts), or is neither PNG nor SVG.
    """
    text = (credential.encode() if isinstance(credential, str) else credential).strip()
    _small(image, MAX_IMAGE, "picture")
    _small(text, MAX_TEXT, "credential")
    if version not in KEYWORDS or not text:
        raise ParseError("bad_bake", "There is nothing to bake, or no such version of Open Badges.")
    if not is_image(image):
        raise ParseError("not_image", "The picture is neither PNG nor SVG.")
    result = (_into_png if image.startswith(PNG) else _into_svg)(image, text, version)
    if unbake(result) != text:
        raise ParseError("bad_bake", "The credential holds characters that the picture cannot.")
    return result


def _small(data: bytes, limit: int, what: str) -> None:
    if len(data) > limit:
        raise ParseError("too_big", f"The {what} is larger than {limit} bytes.")


# PNG


def _chunks(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Place, kind and body of each chunk up to IEND (PNG specification section 5.3)."""
    place = len(PNG)
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        yield place, kind, data[place + 8 : place + 8 + length]
        if kind == b"IEND":
            return
        place += 12 + length


def _in_png(data: bytes) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {version: [] for version in KEYWORDS}
    for _, kind, body in _chunks(data):
        for version, keyword in KEYWORDS.items():
            if kind == b"iTXt" and body.startswith(keyword + b"\0"):
                found[version].append(_text_of(body[len(keyword) + 1 :]))
    return found


def _text_of(body: bytes) -> bytes:
    """An iTXt chunk's text, after its keyword (PNG specification section 11.3.3.4)."""
    packed, method = body[:1], body[1:2]
    parts = body[2:].split(b"\0", 2)
    if len(parts) != 3 or method != b"\0":
        raise ParseError("not_baked", "The picture's credential cannot be read.")
    if packed == b"\0":
        return parts[2].strip()
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(parts[2], MAX_TEXT + 1)
    except zlib.error:
        raise ParseError("not_baked", "The picture's credential cannot be unpacked.") from None
    _small(text, MAX_TEXT, "picture's credential")
    return text.strip()


def _into_png(image: bytes, text: bytes, version: str) -> bytes:
    """Before the image's end: a chunk without compression, as Open Badges asks."""
    chunks = list(_chunks(image))
    for place, kind, body in chunks:
        sum_place = place + 8 + len(body)
        if image[sum_place : sum_place + 4] != struct.pack(">I", zlib.crc32(kind + body)):
            raise ParseError("bad_image", "The picture is damaged.")
    if not chunks or chunks[0][1] != b"IHDR" or chunks[-1][1] != b"IEND":
        raise ParseError("bad_image", "The picture is damaged.")
    if any(_in_png(image).values()):
        raise ParseError("already_baked", "The picture already holds a credential.")
    kind, body = b"iTXt", KEYWORDS[version] + b"\0\0\0\0\0" + text
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    end = chunks[-1][0]
    return image[:end] + chunk + image[end : end + 12]


# SVG


def _parse(data: bytes, start: Callable[[expat.XMLParserType, str, dict[str, str]], None], **more: object) -> None:
    """Run expat over an XML document; raises ParseError. Entities are refused and nothing is ever fetched."""

    def entity(*_: object) -> None:
        raise ParseError("not_baked", "The picture defines entities, which we do not read.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = entity
    parser.StartElementHandler = lambda name, attributes: start(parser, name, attributes)
    for name, handler in more.items():
        setattr(parser, name, handler)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, UnicodeError, LookupError, ValueError):
        raise ParseError("not_baked", "The picture is not well-formed SVG.") from None


def _in_svg(data: bytes) -> dict[str, list[bytes]]:
    names = {f"{space} {name}": version for version, (space, name) in ELEMENTS.items()}
    parts: list[tuple[str, list[str]]] = []
    inside = ""

    def start(_: expat.XMLParserType, name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name in names and not inside:
            inside = name
            parts.append((names[name], [attributes.get("verify", "")]))

    def end(name: str) -> None:
        nonlocal inside
        inside = "" if name == inside else inside

    def text(value: str) -> None:
        if inside:
            parts[-1][1].append(value)

    _parse(data, start, EndElementHandler=end, CharacterDataHandler=text)
    found: dict[str, list[bytes]] = {version: [] for version in ELEMENTS}
    for version, pieces in parts:
        # JSON, where there is any, is the credential; `verify` then only says where it is hosted (2.0)
        credential = "".join(pieces[1:]).strip() or pieces[0].strip()
        _small(credential.encode(), MAX_TEXT, "picture's credential")
        if credential:
            found[version].append(credential.encode())
    return found


def _into_svg(image: bytes, text: bytes, version: str) -> bytes:
    """As the first child of the root element; all else of the picture stays byte for byte."""
    root: list[int] = []

    def start(parser: expat.XMLParserType, name: str, attributes: dict[str, str]) -> None:
        if not root and name != _SVG:
            raise ParseError("not_image", "The picture is neither PNG nor SVG.")
        if name.rpartition(" ")[2].lower() in _ACTIVE or any(_is_active(item) for item in attributes.items()):
            raise ParseError("active_image", "The picture holds a script or another active part.")
        root.append(parser.CurrentByteIndex)

    def declaration(_: str, encoding: str | None, __: int) -> None:
        if (encoding or "utf-8").lower() not in {"utf-8", "us-ascii"}:
            raise ParseError("bad_image", "The picture is not in UTF-8.")

    _parse(image, start, XmlDeclHandler=declaration)
    if b"\0" in image:
        raise ParseError("bad_image", "The picture is not in UTF-8.")
    if any(_in_svg(image).values()):
        raise ParseError("already_baked", "The picture already holds a credential.")
    end = _tag_end(image, root[0])
    empty = image[end - 1 : end] == b"/"
    tag = image[root[0] : end - empty]
    qualified = tag[1:].split(None, 1)[0].rstrip(b"/>")
    close = b"</" + qualified + b">" if empty else b""
    return image[: end - empty] + b">" + _element(text, version) + close + image[end + 1 :]


def _element(text: bytes, version: str) -> bytes:
    space, name = ELEMENTS[version]
    try:
        words = text.decode()
    except UnicodeDecodeError:
        raise ParseError("not_utf8", "The credential is not UTF-8 text.") from None
    head = f"<openbadges:{name} xmlns:openbadges={quoteattr(space)}"
    if looks_like_jwt(words):
        return f"{head} verify={quoteattr(words)}/>".encode()
    inside = words.replace("]]>", "]]]]><![CDATA[>")
    return f"{head}><![CDATA[{inside}]]></openbadges:{name}>".encode()


def _is_active(attribute: tuple[str, str]) -> bool:
    name, value = attribute
    local = name.rpartition(" ")[2].lower()
    address = "".join(value.split()).lower()
    return local.startswith("on") or address.startswith(("javascript:", "vbscript:", "data:text", "data:image/svg"))


def _tag_end(image: bytes, place: int) -> int:
    """Where the `>` of the tag at `place` is: outside of quotes; the document is known to be well-formed."""
    quote = b""
    while True:
        place += 1
        character = image[place : place + 1]
        if quote:
            quote = b"" if character == quote else quote
        elif character in (b'"', b"'"):
            quote = character
        elif character == b">":
            return place
