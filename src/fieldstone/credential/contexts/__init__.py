"""The JSON-LD contexts this library knows: pinned copies, found by URL, never fetched.

A context decides what every word of a signed document means, so an unknown one is an error (VC Data Integrity
section 2.4.1). `NOTICE` at the root of the project names each copy's source and license.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from fieldstone.credential.errors import JsonLdError
from fieldstone.credential.jsontext import loads

CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CLR: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
MULTIKEY: Final = "https://w3id.org/security/multikey/v1"
DID: Final = "https://www.w3.org/ns/did/v1"

# URL -> (file beside this module, sha256 of its bytes)
PINNED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "https://www.w3.org/2018/credentials/v1": (
            "credentials-v1.jsonld",
            "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
        ),
        "https://www.w3.org/ns/credentials/v2": (
            "credentials-v2.jsonld",
            "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        ),
        "https://w3id.org/security/data-integrity/v1": (
            "data-integrity-v1.jsonld",
            "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
        ),
        "https://w3id.org/security/data-integrity/v2": (
            "data-integrity-v2.jsonld",
            "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        ),
        "https://w3id.org/security/multikey/v1": (
            "multikey-v1.jsonld",
            "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        ),
        "https://w3id.org/security/suites/ed25519-2020/v1": (
            "ed25519-signature-2020-v1.jsonld",
            "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
        ),
        "https://www.w3.org/ns/did/v1": (
            "did-v1.jsonld",
            "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f",
        ),
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json": (
            "ob-v3p0-context.json",
            "200cbcd7500e7a08d0ca2787f691bfdc0c3b44d9ff1fee2ecd4bbb12103688c8",
        ),
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": (
            "ob-v3p0-context-3.0.1.json",
            "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
        ),
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": (
            "ob-v3p0-context-3.0.2.json",
            "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
        ),
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": (
            "ob-v3p0-context-3.0.3.json",
            "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
        ),
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": (
            "ob-v3p0-extensions.json",
            "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
        ),
        "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": (
            "clr-v2p0-context-2.0.1.json",
            "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6",
        ),
    }
)


class Contexts:
    """A closed set of context documents by URL.

    `extra` adds documents (tests and conformance profiles); `inline` lets a document carry a context of its
    own, which no production caller should allow: an inline context can change what a signature means.
    """

    def __init__(self, extra: Mapping[str, Any] | None = None, *, inline: bool = False) -> None:
        self.inline = inline
        self.compiled: dict[Any, Any] = {}
        self.templates: Any = None
        self._documents: dict[str, Any] = dict(extra or {})

    def __contains__(self, url: object) -> bool:
        return url in self._documents or url in PINNED

    def document(self, url: str) -> Any:
        """The context document at `url`; raises JsonLdError for one that is not in the set."""
        if url not in self._documents:
            if url not in PINNED:
                raise JsonLdError("unknown_context", f"The context {url} is not one we know.")
            self._documents[url] = loads(pinned(url))
        return self._documents[url]


def pinned(url: str) -> bytes:
    """The published bytes of a context in PINNED; raises JsonLdError where our copy is not the one we pinned."""
    name, digest = PINNED[url]
    data = (files(__package__) / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise JsonLdError("changed_context", f"Our copy of {url} is not the one we pinned.")
    return data


KNOWN: Final = Contexts()
