"""eddsa-2022: the name eddsa-rdfc-2022 had in drafts until 2023; found in older credentials."""

from __future__ import annotations

from typing import Final

from fieldstone.credential.keys import ED25519
from fieldstone.credential.proofs.suite import RDF, Suite

SUITE: Final = Suite(name="eddsa-2022", form=RDF, hashes={ED25519: "sha256"}, verify_only=True)
