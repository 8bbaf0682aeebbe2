"""eddsa-jcs-2022: Ed25519 over canonical JSON (Data Integrity EdDSA Cryptosuites 1.0 section 3.3)."""

from __future__ import annotations

from typing import Final

from fieldstone.credential.keys import ED25519
from fieldstone.credential.proofs.suite import JSON, Suite

SUITE: Final = Suite(name="eddsa-jcs-2022", form=JSON, hashes={ED25519: "sha256"})
