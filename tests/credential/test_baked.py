"""Credentials inside pictures."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fieldstone.credential import baked
from fieldstone.credential.baked import bake, unbake
from fieldstone.credential.errors import ParseError
from tests.credential.shared import VECTORS, needs_data

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


# Putting them in

RED_DOT = _png(
    (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
    (b"IDAT", zlib.compress(b"\0\xff\0\0")),
    (b"IEND", b""),
)
SVG = b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- > --><svg xmlns="http://www.w3.org/2000/svg" id="a>b"><g/></svg>'
TOKEN = "eyJhbGciOiJFZERTQSJ9.e30.c2ln"
JSON = '{"a":"é ]]> <b> & \\"q\\""}'.encode()


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("text", [JSON, TOKEN, TOKEN.encode()])
@pytest.mark.parametrize(
    "image", [RED_DOT, SVG, b"<s:svg xmlns:s='http://www.w3.org/2000/svg'/>"], ids=["png", "svg", "prefix"]
)
def test_what_goes_in_comes_out(image: bytes, text: bytes | str, version: str) -> None:
    made = bake(image, text, version=version)
    assert unbake(made) == (text.encode() if isinstance(text, str) else text)
    assert (baked.KEYWORDS[version] in made) if image is RED_DOT else (baked.ELEMENTS[version][0].encode() in made)
    with pytest.raises(ParseError) as caught:
        bake(made, text)
    assert caught.value.code == "already_baked"


def test_the_picture_itself_stays_as_it_was() -> None:
    assert Image.open(io.BytesIO(bake(RED_DOT, TOKEN))).convert("RGB").getpixel((0, 0)) == (255, 0, 0)
    made = bake(SVG, TOKEN)
    element = made[made.index(b"<openbadges") : made.index(b"/>") + 2]
    assert made.replace(element, b"") == SVG


def test_open_badges_of_both_versions_in_one_picture() -> None:
    both = _png((b"iTXt", _text(b"old", keyword=b"openbadges")), (b"iTXt", _text(b"new")), (b"IEND", b""))
    assert unbake(both) == b"new"
    old = '<svg xmlns:o="http://openbadges.org"><o:assertion verify="https://x.example/a"><![CDATA[{"b":1}]]></o:assertion></svg>'
    assert unbake(old.encode()) == b'{"b":1}'


def test_attack_two_credentials_in_one_picture() -> None:
    twice = (b"iTXt", _text(b"a")), (b"iTXt", _text(b"b"))
    svg = f'<svg {NS}><ob:credential verify="a.b.c"/><ob:credential verify="d.e.f"/></svg>'.encode()
    for image in (_png(*twice, (b"IEND", b"")), svg):
        with pytest.raises(ParseError) as caught:
            unbake(image)
        assert caught.value.code == "baked_twice"


def test_attack_a_credential_hidden_in_a_credential() -> None:
    nested = f'<svg {NS}><ob:credential>{{"a":1}}<ob:credential verify="d.e.f"/></ob:credential></svg>'
    with pytest.raises(ParseError):
        unbake(nested.replace("{", "", 1).encode() + b"<")
    assert unbake(nested.encode()) == b'{"a":1}'


BILLION = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("image", "text", "code"),
    [
        (b"GIF89a", TOKEN, "not_image"), (b"<html/>", TOKEN, "not_image"), (b"<svg/>", TOKEN, "not_image"),
        (RED_DOT[:40] + b"x" + RED_DOT[41:], TOKEN, "bad_image"), (RED_DOT[:-12], TOKEN, "bad_image"),
        (baked.PNG, TOKEN, "bad_image"), (RED_DOT, b"", "bad_bake"), (RED_DOT, b" ", "bad_bake"),
        (BILLION + SVG.partition(b"\n")[2], TOKEN, "not_baked"), (SVG, b"\xff", "not_utf8"),
        (SVG.replace(b"UTF-8", b"ISO-8859-1"), TOKEN, "bad_image"), (SVG[50:].decode().encode("utf-16"), TOKEN, "not_image"),
        (SVG.partition(b"\n")[2].decode().encode("utf-16-le"), TOKEN, "bad_image"), (SVG, "\x01", "not_baked"),
        (SVG.replace(b"<g/>", b"<script>1</script>"), TOKEN, "active_image"),
        (SVG.replace(b"<g/>", b"<foreignObject/>"), TOKEN, "active_image"),
        (SVG.replace(b"<g/>", b"<g onload='1'/>"), TOKEN, "active_image"),
        (SVG.replace(b"<g/>", b"<a href=' java\tscript:1'/>"), TOKEN, "active_image"),
        (SVG, b"a\r\nb", "bad_bake"), (SVG, b"x" * 5_000_000, "too_big"),
    ],
)  # fmt: skip
def test_attack_pictures_that_are_not_baked(image: bytes, text: bytes | str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        bake(image, text)
    assert caught.value.code == code


def test_versions_we_do_not_know() -> None:
    with pytest.raises(ParseError):
        bake(RED_DOT, TOKEN, version="4.0")


@needs_data
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("ob30/simple-json.png", b"{"), ("ob30/simple-json.svg", b"{"), ("ob30/simple-jwt.png", b"eyJ"),
        ("ob30/simple-jwt.svg", b"eyJ"), ("ob20/simple-badge.png", b'{"@context":"https://w3id.org/openbadges/v2"'),
    ],
)  # fmt: skip
def test_the_publishers_pictures(name: str, start: bytes) -> None:
    assert unbake(VECTORS.joinpath("1edtech", name).read_bytes()).startswith(start)


def test_openbadgeslib_reads_ours_and_we_read_theirs() -> None:
    from openbadgeslib import baking

    for image, write, read in (
        (RED_DOT, baking.bake_png, baking.extract_png),
        (SVG, baking.bake_svg, baking.extract_svg),
    ):
        token = read(bake(image, TOKEN, version="2.0"))
        assert (token if isinstance(token, str) else token.decode()) == TOKEN
        assert unbake(write(image, TOKEN)) == TOKEN.encode()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", baked.PNG, SVG[:90], b"<svg>", RED_DOT[:60]]))
def test_attack_any_bytes_give_only_our_own_error(data: bytes, start: bytes) -> None:
    for work in (unbake, lambda image: bake(image, TOKEN)):
        try:
            work(start + data)
        except ParseError:
            continue
