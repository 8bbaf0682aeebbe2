"""eddsa-rdfc-2022: Ed25519 over canonical RDF (Data Integrity EdDSA Cryptosuites 1.0 section 3.2)."""

from __future__ import annotations

from typing import Final

from fieldstone.credential.keys import ED25519
from fieldstone.credential.proofs.suite import RDF, Suite

SUITE: Final = Suite(name="eddsa-rdfc-2022", form=RDF, hashes={ED25519: "sha256"})
