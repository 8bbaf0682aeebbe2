"""ecdsa-jcs-2019: ECDSA over canonical JSON (Data Integrity ECDSA Cryptosuites 1.0 section 3.3)."""

from __future__ import annotations

from typing import Final

from fieldstone.credential.proofs.suite import JSON, Suite

SUITE: Final = Suite(name="ecdsa-jcs-2019", form=JSON, hashes={"P-256": "sha256", "P-384": "sha384"})
