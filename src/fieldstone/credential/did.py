"""DIDs: what did:key and did:jwk say by themselves, where did:web documents are, and what we publish.

A resolved DID is a plain `dict` in the form of W3C Controlled Identifiers 1.0 (`verificationMethod`,
`assertionMethod`…).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from fieldstone.credential import multibase
from fieldstone.credential.contexts import DID, MULTIKEY
from fieldstone.credential.errors import KeyFormatError, ParseError
from fieldstone.credential.jsontext import loads
from fieldstone.credential.keys import PublicKey

_DID: Final = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-]")
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*(?:%3[Aa][0-9]{1,5})?")
_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")
_PURPOSES: Final = (
    "authentication",
    "assertionMethod",
    "capabilityInvocation",
    "capabilityDelegation",
)


def is_did(text: object) -> bool:
    """Whether `text` is a DID without path, query or fragment (DID Core section 3.1)."""
    return isinstance(text, str) and _DID.fullmatch(text) is not None


def resolve_offline(did: str) -> dict[str, Any] | None:
    """The document of a did:key or did:jwk, which needs no network; None for other methods.

    Raises KeyFormatError for a malformed one.
    """
    if did.startswith("did:key:"):
        name = did.removeprefix("did:key:")
        method = {"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": _multikey(name)}
    elif did.startswith("did:jwk:"):
        try:
            jwk = loads(multibase.base64url_decode(did.removeprefix("did:jwk:")))
        except ParseError:
            raise KeyFormatError("bad_did", "The did:jwk does not hold a JSON Web Key.") from None
        PublicKey.from_jwk(jwk)
        method = {"id": f"{did}#0", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
    else:
        return None
    return {
        "@context": [DID, MULTIKEY],
        "id": did,
        "verificationMethod": [method],
        **{purpose: [method["id"]] for purpose in _PURPOSES},
    }


@lru_cache(maxsize=1024)
def _multikey(name: str) -> str:
    """The Multikey in a did:key, in its usual form; those met last are kept."""
    return PublicKey.from_multikey(name).multikey()


def did_web_url(did: str) -> str:
    """The https address of a did:web's document (did:web method section 3.2); raises KeyFormatError."""
    host, *path = did.removeprefix("did:web:").split(":")
    safe = all(_SEGMENT.fullmatch(part) and unquote(part).strip(".") for part in path)
    if not did.startswith("did:web:") or not _HOST.fullmatch(host) or not safe:
        raise KeyFormatError("bad_did", f"{did!r} is not a did:web.")
    place = "/".join(path) if path else ".well-known"
    return f"https://{unquote(host)}/{place}/did.json"


def did_web(host: str, *path: str) -> str:
    """The did:web of a host (with `:port` where needed) and path segments; raises KeyFormatError."""
    did = ":".join(["did:web", host.replace(":", "%3A"), *(quote(part, safe="~") for part in path)])
    did_web_url(did)
    return did


def did_document(did: str, keys: Iterable[PublicKey], *, retired: Iterable[PublicKey] = ()) -> dict[str, Any]:
    """What `did` publishes at `did_web_url(did)`: keys in use, and `retired` ones that only verify.

    Retired keys stay listed for assertions, so that what they signed keeps verifying; they are left out of
    `authentication`. Take a key out altogether when its secret is lost to others.
    """
    active = [_multikey_method(did, key.multikey(), key) for key in keys]
    old = [_multikey_method(did, key.multikey(), key) for key in retired]
    return {
        "@context": [DID, MULTIKEY],
        "id": did,
        "verificationMethod": [*active, *old],
        "authentication": [method["id"] for method in active],
        "assertionMethod": [method["id"] for method in (*active, *old)],
    }


def _multikey_method(did: str, fragment: str, key: PublicKey) -> dict[str, Any]:
    return {
        "id": f"{did}#{fragment}",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": key.multikey(),
    }
