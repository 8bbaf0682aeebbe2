"""Inputs made of other inputs: bytes are bent, and JSON, tokens, PNG and gzip are bent inside, then put together again."""

from __future__ import annotations

import base64
import gzip
import json
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from fieldstone.credential import CredentialError, cbor

WORDS: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**53 - 1, 2**53, -(2**53), 2**64, 10**30, 0.5, 5.0, 1e308, -0.0, 5e-324, "", " ", "x",
    "@id", "@type", "@json", "@none", "@vocab", "@context", "@graph", "@list", "@set", "@reverse", "@nest", "@included",
    "_:b0", "_:", ":", "::", "a:b", "urn:x", "https://", "https://a.example/", "http://[", "http://[::1", "//x", "#", "#x",
    "did:", "did:key:", "did:key:z", "did:key:z6Mk", "did:web:", "did:web:a.example", "did:web:a.example%3A99999", "did:jwk:e30", "d:0", "d:1", {"...": "d:0"}, {"_sd": ["d:0", "d:1"]},
    "did:web:%00", "did:web:..", "z", "u", "m", "zzz", "u_", "2026-01-01", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-W01-1T00:00:00Z", "2026-01-01T24:00:00Z", "en", "en-", "x-" + "a" * 40, "\x00", "\x7f",
    "\x85", "\u2028", "\u202e", "\ufeff", "\uffff", "\U0010ffff", "\ud800", "é", "e\u0301", "VerifiableCredential", "vc+jwt",
    "EnvelopedVerifiableCredential", "DataIntegrityProof", "none", "HS256", "EdDSA", "eddsa-rdfc-2022", "ecdsa-sd-2023",
    "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1", "data:application/vc+jwt,", "%s", "%",
    [], {}, [[]], [None], [{}], {"@value": "x"}, {"@list": []}, {"@set": [[]]}, {"@id": "urn:x"}, {"@vocab": "urn:x:"},
    {"id": "urn:x", "type": "x"}, {"@context": {"x": "urn:x"}}, {"@value": 1, "@type": "@json"}, {"": ""},
)  # fmt: skip
NAMES = (
    "@context", "@id", "@type", "@value", "@list", "@set", "@graph", "@reverse", "@nest", "@included", "@index", "@language",
    "@direction", "@vocab", "@base", "@protected", "@propagate", "@import", "id", "type", "proof", "vc", "vp", "x", "", "constructor",
    "__class__", "__proto__", "previousProof", "credentialStatus", "credentialSubject", "endorsement", "evidence", "created",
    "verifiableCredential", "alg", "crit", "b64", "typ", "cty", "kid", "jwk", "iss", "sub", "nbf", "exp", "aud", "nonce", "_sd", "...",
    "_sd_alg", "cnf", "vct", "controller", "publicKeyJwk", "publicKeyMultibase", "revoked", "expires", "d", "kty", "crv", "y", "n", "e",
)  # fmt: skip
VOCABULARIES = (
    "https://www.w3.org/2018/credentials#", "https://purl.imsglobal.org/spec/vc/ob/vocab.html#", "https://w3id.org/security#",
    "@",
)  # fmt: skip
PIECES = (
    b"\x00", b"\xff", b"\x80", b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b'"', b"{", b"}",
    b"[", b"]", b",", b":", b".", b"~", b"null", b"NaN", b"Infinity", b"1e999", b"9" * 40, b"-", b"<", b">", b"&", b"&x;", b"<!DOCTYPE x [",
    b"<!ENTITY x 'y'>", b"]>", b"<![CDATA[", b"<?xml version='1.0' encoding='utf-16'?>", b"xmlns=''", b"iTXt", b"IEND", b"IHDR",
    b"\x1f\x8b", b"\x89PNG\r\n\x1a\n", b"=", b"==", b"-_", b"\xef\xbb\xbf", b"\r\n", b"\xbf", b"\x9f", b"\xd9\x5d\x00", b"\xd9\x5d\x01",
)  # fmt: skip
LONGEST = 64 * 1024  # what grows longer than this is cut

Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def bent(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """A few bytes changed, moved, doubled, dropped, or taken from another input."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at, size = rng.randrange(len(made) + 1), rng.choice((1, 1, 2, 4, 16, 64))
        way = rng.randrange(7)
        if way == 0 and made:
            made[at % len(made)] ^= 1 << rng.randrange(8)
        elif way == 1:
            made[at:at] = rng.choice(PIECES) * rng.choice((1, 1, 1, 2, 50))
        elif way == 2:
            del made[at : at + size]
        elif way == 3:
            made[at:at] = made[at : at + size] * rng.choice((1, 2, 20))
        elif way == 4:
            made[at : at + size] = rng.randbytes(size)
        elif way == 5:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            made[at : at + size] = other[start : start + rng.choice((1, 8, 64, 512))]
        else:
            made[at : at + 1] = rng.choice(PIECES)
    return bytes(made[:LONGEST])


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON tree, the topmost first."""
    found: list[tuple[Any, Any]] = []
    queue = [value]
    for node in queue:
        keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
        for key in keys:
            found.append((node, key))
            queue.append(node[key])
    return found


def junk(rng: random.Random) -> Any:
    """A value that hardly any member expects."""
    value = rng.choice(WORDS)
    if not rng.randrange(40):
        for _ in range(rng.choice((5, 30, 70, 300))):
            value = [value] if rng.randrange(2) else {rng.choice(NAMES): value}
    elif not rng.randrange(40):
        value = [value] * rng.choice((2, 25, 400))
    elif not rng.randrange(10):
        value = {rng.choice(NAMES): rng.choice(WORDS) for _ in range(rng.randrange(4))}
    return json.loads(json.dumps(value))


def change_tree(value: Any, rng: random.Random, others: Sequence[Any]) -> Any:
    """A JSON tree with a few members replaced, dropped, added, renamed, wrapped, doubled or taken from others."""
    root = [json.loads(json.dumps(value))]
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        found = places(root)
        container, key = rng.choice(found if rng.randrange(3) else found[:40])
        item = container[key]
        way = rng.randrange(11)
        if way <= 1:
            container[key] = junk(rng)
        elif way == 2 and container is not root:
            del container[key]
        elif way == 3 and isinstance(item, dict):
            item[rng.choice(NAMES)] = junk(rng)
        elif way == 4 and isinstance(item, list):
            item.insert(rng.randrange(len(item) + 1), junk(rng))
        elif way == 5 and isinstance(container, dict):
            container[rng.choice(NAMES)] = container.pop(key)
        elif way == 10 and isinstance(container, dict):
            container[rng.choice(VOCABULARIES) + key] = container.pop(key)
        elif way == 6:
            container[key] = rng.choice(([item], [item, item], {rng.choice(NAMES): item}, {"@set": item}))
            container[key] = json.loads(json.dumps(container[key]))
        elif way == 7:
            donor, name = rng.choice(places([rng.choice(others)]))
            container[key] = json.loads(json.dumps(donor[name]))
        elif way == 8 and isinstance(item, str):
            cut = rng.randrange(len(item) + 1)
            word = rng.choice(WORDS)
            container[key] = (
                item[:cut] + (word if isinstance(word, str) else str(word)[:50]) + item[cut + rng.randrange(3) :]
            )
        else:
            other, name = rng.choice(places(root))
            container[key] = json.loads(json.dumps(other[name])) if len(json.dumps(other[name])) < LONGEST else None
    return root[0]


def _tree(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def written(value: Any, rng: random.Random) -> bytes:
    """JSON text, now and then with escapes, and now and then with a member twice."""
    try:
        text = json.dumps(value, ensure_ascii=not rng.randrange(3))
    except RecursionError:  # it grew deeper than can be written; to read, it is deep enough like this
        return b'{"a":' * 1000
    if not rng.randrange(30) and text.startswith("{") and len(text) > 2:
        text = '{"' + rng.choice(NAMES) + '":1,' + text[1:]
    return text.encode(errors="surrogatepass")[: 4 * LONGEST]


def of_json(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """JSON with another tree; one in five inputs is bent as bytes."""
    tree = _tree(data)
    if tree is None or not rng.randrange(5):
        return bent(data, rng, others)
    return written(
        change_tree(
            tree, rng, [t for o in rng.sample(others, min(4, len(others))) if (t := _tree(o)) is not None] or [{}]
        ),
        rng,
    )


def base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def unbase64url(text: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except ValueError:
        return b""


def of_token(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """A token whose parts, between dots and tildes, are changed inside."""
    if not rng.randrange(5):
        return bent(data, rng, others)
    mark = b"~" if b"~" in data and rng.randrange(2) else b"."
    parts = data.split(mark)
    at = rng.randrange(len(parts))
    if mark == b"~" and at == 0:
        parts[0] = of_token(parts[0], rng, others) if b"." in parts[0] else bent(parts[0], rng, others)
    else:
        inner = unbase64url(parts[at])
        parts[at] = base64url(of_json(inner, rng, [b"{}", *(unbase64url(o.split(b".")[0]) for o in others[:3])]))
    way = rng.randrange(12)
    if way == 0:
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(parts))
    elif way == 1:
        rng.shuffle(parts)
    elif way == 2:
        del parts[rng.randrange(len(parts))]
    return mark.join(parts)[: 4 * LONGEST]


def of_png(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """A PNG with its chunks changed, and their sums mostly right."""
    head, place, chunks = data[:8], 8, []
    while place + 12 <= len(data) and len(chunks) < 200:
        (length,) = struct.unpack_from(">I", data, place)
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    if not chunks or not rng.randrange(5):
        return bent(data, rng, others)
    at = rng.randrange(len(chunks))
    kind, body = chunks[at]
    way = rng.randrange(6)
    if way == 0:
        del chunks[at]
    elif way == 1:
        chunks.insert(rng.randrange(len(chunks) + 1), (kind, body))
    elif way == 2:
        text = zlib.compress(bent(body, rng, others) * rng.choice((1, 1, 1000)))
        chunks.insert(at, (b"iTXt", rng.choice((b"openbadgecredential", b"openbadges")) + b"\0\1\0\0\0" + text))
    elif way == 3:
        chunks.insert(
            at,
            (b"iTXt", rng.choice((b"openbadgecredential", b"openbadges", b"x")) + bent(b"\0\0\0\0\0{}", rng, others)),
        )
    else:
        chunks[at] = (kind if way == 4 else rng.choice((b"iTXt", b"tEXt", b"IEND", b"IHDR")), bent(body, rng, others))
    made = head
    for kind, body in chunks:
        total = zlib.crc32(kind + body) if rng.randrange(20) else 0
        made += (
            struct.pack(">I", len(body) if rng.randrange(30) else rng.getrandbits(32))
            + kind
            + body
            + struct.pack(">I", total)
        )
    return made[: 16 * LONGEST]


@cache
def _packed() -> tuple[bytes, ...]:
    """Lists of lengths at the limits, and a bomb of 64 MB."""
    sizes = (16384, 0, 1, 16383, 16385, 40_000, 2**21, 2**21 + 1, 2**26)
    return tuple(gzip.compress(bytes(size), compresslevel=9, mtime=0) for size in sizes)


def of_list(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """A packed list: other bits, other lengths, other packing, bombs."""
    way = rng.randrange(6)
    if way == 0:
        return bent(data, rng, others)
    packed = rng.choice(_packed())
    if way == 1:
        return b"u" + base64url(zlib.compress(gzip.decompress(_packed()[0])))
    if way == 2:
        packed += rng.choice((packed, b"\0", b"\x1f\x8b", gzip.compress(b"x")))
    elif way == 3:
        packed = bent(packed, rng, others)
    elif way == 4:
        packed = gzip.compress(packed, mtime=0)
    return rng.choice((b"u", b"u", b"u", b"z", b"")) + base64url(packed)


def _other_value(value: Any, rng: random.Random, others: Sequence[bytes]) -> Any:
    """A value of CBOR with one of its parts changed."""
    if isinstance(value, list | dict) and value and rng.randrange(6):
        made = value.copy()
        at = rng.choice(list(made) if isinstance(made, dict) else range(len(made)))
        if not rng.randrange(8):
            del made[at]
        elif isinstance(made, list) and not rng.randrange(8):
            made.insert(at, rng.choice(made))
        else:
            made[at] = _other_value(made[at], rng, others)
        return made
    if isinstance(value, bytes) and rng.randrange(4):
        return bent(value, rng, others)
    if isinstance(value, int) and rng.randrange(4):
        return max(0, value + rng.choice((-1, 1, 1000, 2**33)))
    return rng.choice((0, 1, 2**63, b"", b"x" * 32, "", "/", "/name", "/a/0/~1", "é", [], {}, [0], {0: b""}))


def of_cbor(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """CBOR with other heads: another kind, another length, deeper."""
    way = rng.randrange(7)
    if way == 0 or not data:
        return bent(data, rng, others)
    if way > 4:
        with suppress(CredentialError):
            return cbor.encode(_other_value(cbor.decode(data), rng, others))
    made = bytearray(data)
    at = rng.randrange(len(made))
    if way == 1:
        made[at] = rng.randrange(8) << 5 | rng.choice((0, 1, 23, 24, 25, 26, 27, 28, 31))
    elif way == 2:
        made[at:at] = bytes([rng.randrange(8) << 5 | 27]) + rng.choice((bytes(8), b"\xff" * 8, bytes(7) + b"\1"))
    elif way == 3:
        made[at:at] = bytes([rng.choice((0x81, 0x82, 0xA1, 0xC1, 0xD2, 0x9F, 0xBF, 0x5F))]) * rng.choice((1, 5, 500))
    else:
        made = bytearray(bytes(made[:at]) + rng.choice(others))
    return bytes(made[:LONGEST])
