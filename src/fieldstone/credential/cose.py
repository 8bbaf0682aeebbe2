"""Credentials secured with COSE_Sign1 (RFC 9052 section 4.2; VC-JOSE-COSE section 3.3): `vc+cose` and `vp+cose`.

A COSE_Sign1 holds what a compact JWT holds, in CBOR: `read` gives it as a `jwt.Token`, so that all checks are shared.
Its algorithm and its type must stand in the protected header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fieldstone.credential import cbor, jwt
from fieldstone.credential.errors import ParseError, ProofError
from fieldstone.credential.jsontext import MAX_BYTES, dumps, loads
from fieldstone.credential.keys import Signer

_TAG: Final = b"\xd2"
_ALG, _CRIT, _CONTENT, _KID, _TYPE = 1, 2, 3, 4, 16
# IANA COSE Algorithms: RFC 9053, and the numbers that name the curve, too (RFC 9864).
_ALGORITHMS: Final[Mapping[int, str]] = {
    -7: "ES256",
    -35: "ES384",
    -36: "ES512",
    -8: "EdDSA",
    -9: "ES256",
    -51: "ES384",
    -52: "ES512",
    -19: "EdDSA",
}
_NUMBERS: Final = {jwt.ALGORITHMS[name]: number for number, name in list(_ALGORITHMS.items())[:4]}
_START: Final = b"\xd2\x84"


def looks_like_cose(data: bytes) -> bool:
    """Whether the bytes begin as a tagged COSE_Sign1 does; no JSON text and no JWT does."""
    return data.startswith(_START)


def read(data: bytes) -> jwt.Token:
    """Take a COSE_Sign1 with a JSON payload apart, with or without its tag; raises ParseError."""
    if len(data) > MAX_BYTES:
        raise ParseError("too_big", f"The document is larger than {MAX_BYTES} bytes.")
    header, payload, message, signature = take_apart(data)
    claims = loads(payload)
    if not isinstance(claims, dict):
        raise ParseError("not_cose", "What was signed is not an object.")
    return jwt.Token(header, claims, message, signature, "cose")


def take_apart(data: bytes) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    """Header (with the names of JOSE), payload, the bytes that were signed, and the signature; raises ParseError."""
    parts = cbor.decode(data.removeprefix(_TAG), in_order=False)
    kinds = (bytes, dict, bytes, bytes)
    if not isinstance(parts, list) or len(parts) != 4 or not all(map(isinstance, parts, kinds)):
        raise ParseError("not_cose", "The bytes are not a COSE_Sign1 with its payload.")
    protected, outside, payload, signature = parts
    inside = cbor.decode(protected, in_order=False) if protected else {}
    if not isinstance(inside, dict) or inside.keys() & outside.keys():
        raise ParseError("not_cose", "The headers of the COSE_Sign1 contradict each other.")
    header: dict[str, Any] = {"typ": inside.get(_TYPE)}
    if isinstance(inside.get(_ALG), int):
        header["alg"] = _ALGORITHMS.get(inside[_ALG], str(inside[_ALG]))
    kid = inside.get(_KID, outside.get(_KID))
    if isinstance(kid, bytes):
        header["kid"] = kid.decode(errors="replace")
    if _CRIT in inside or _CRIT in outside:
        header["crit"] = inside.get(_CRIT)
    message = cbor.encode(["Signature1", protected, b"", payload])
    return header, payload, message, signature


def sign(document: Mapping[str, Any], *, key: Signer) -> bytes:
    """A credential as `application/vc+cose`: a tagged COSE_Sign1; raises ProofError, or ParseError for what JSON
    cannot hold.
    """
    jwt.check_signable(document, key)
    return write("vc", document, key)


def write(content: str, document: Mapping[str, Any], key: Signer) -> bytes:
    """A document of the media type `application/` + `content` (`vc` or `vp`), signed with `key`."""
    if key.kind not in _NUMBERS:
        raise ProofError("unknown_suite", f"COSE cannot be signed with a key of kind {key.kind}.")
    header = {
        _ALG: _NUMBERS[key.kind],
        _CONTENT: f"application/{content}",
        _KID: key.id.encode(),
        _TYPE: f"application/{content}+cose",
    }
    protected, payload = cbor.encode(header), dumps(document)
    signature = key.sign(cbor.encode(["Signature1", protected, b"", payload]))
    return _TAG + cbor.encode([protected, {}, payload, signature])
