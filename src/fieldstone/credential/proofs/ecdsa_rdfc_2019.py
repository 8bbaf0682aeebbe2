"""ecdsa-rdfc-2019: ECDSA over canonical RDF (Data Integrity ECDSA Cryptosuites 1.0 section 3.2)."""

from __future__ import annotations

from typing import Final

from fieldstone.credential.proofs.suite import RDF, Suite

SUITE: Final = Suite(name="ecdsa-rdfc-2019", form=RDF, hashes={"P-256": "sha256", "P-384": "sha384"})
