"""eddsa-jcs-2022: Ed25519 over canonical JSON (Data Integrity EdDSA Cryptosuites 1.0 section 3.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

from fieldstone.credential.contexts import Contexts

NAME: Final = "eddsa-jcs-2022"
KINDS: Final = frozenset({"Ed25519"})


def message(document: Mapping[str, Any], options: Mapping[str, Any], kind: str, contexts: Contexts) -> bytes:
    """Hash of the proof options, then hash of the document: 64 bytes."""
    return jcs_message(document, options, "sha256")


def jcs_message(document: Mapping[str, Any], options: Mapping[str, Any], hash_name: str) -> bytes:
    """What every JCS suite signs (RFC 8785)."""
    return b"".join(
        hashlib.new(hash_name, rfc8785.dumps(dict(part))).digest() for part in (options, document)
    )
