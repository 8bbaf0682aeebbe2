"""What is kept of secrets and of forms' keys: their digests, never the words themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from uuid import UUID


def digest(secret: str) -> str:
    """What is kept of a code, token, nonce or key: its SHA-256, 64 hexadecimal signs.

    Secrets are long and random, so a plain hash cannot be turned back. Any text has one, also what no file could hold.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def stored_key(owner: UUID, key: str) -> str | None:
    """A form's key as it is stored: bound to whose form it is; None for a form without."""
    return digest(f"{owner} {key}") if key else None


def proves(verifier: str, challenge: str) -> bool:
    """Whether a PKCE verifier (RFC 7636 section 4.1: 43 to 128 unreserved signs) fits its S256 challenge (4.6)."""
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
