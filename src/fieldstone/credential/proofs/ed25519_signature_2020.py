"""Ed25519Signature2020: the proof type that came before Data Integrity, still common in Open Badges."""

from __future__ import annotations

from typing import Final

from fieldstone.credential.keys import ED25519
from fieldstone.credential.proofs.suite import RDF, Suite

SUITE: Final = Suite(name="Ed25519Signature2020", form=RDF, hashes={ED25519: "sha256"}, legacy=True, verify_only=True)
