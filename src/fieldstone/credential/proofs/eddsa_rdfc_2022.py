"""eddsa-rdfc-2022: Ed25519 over canonical RDF (Data Integrity EdDSA Cryptosuites 1.0 section 3.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from fieldstone.credential.contexts import Contexts
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.rdfc import canonicalize

NAME: Final = "eddsa-rdfc-2022"
KINDS: Final = frozenset({"Ed25519"})


def message(document: Mapping[str, Any], options: Mapping[str, Any], kind: str, contexts: Contexts) -> bytes:
    """Hash of the proof options, then hash of the document: 64 bytes."""
    return rdf_message(document, options, contexts, "sha256")


def rdf_message(
    document: Mapping[str, Any], options: Mapping[str, Any], contexts: Contexts, hash_name: str
) -> bytes:
    """What every RDF suite signs; raises JsonLdError or TooComplex."""
    options = {"@context": document.get("@context"), **options}
    return _digest(options, contexts, hash_name) + _digest(document, contexts, hash_name)


def _digest(document: Mapping[str, Any], contexts: Contexts, hash_name: str) -> bytes:
    lines = canonicalize(to_quads(document, contexts), hash_name=hash_name)
    return hashlib.new(hash_name, "".join(lines).encode()).digest()
