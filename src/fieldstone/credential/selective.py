"""Credentials of which the holder can show parts: `sign_selective`, then `derive` (proof suite ecdsa-sd-2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fieldstone.credential import proofs
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.errors import ProofError
from fieldstone.credential.keys import Signer
from fieldstone.credential.proofs import ecdsa_sd_2023


def sign_selective(
    document: Mapping[str, Any],
    *,
    key: Signer,
    created: datetime,
    mandatory: Sequence[str] = ("/issuer",),
    contexts: Contexts = KNOWN,
) -> dict[str, Any]:
    """A copy of `document` with a base proof, for its holder alone, by a P-256 key.

    `mandatory` are JSON Pointers (RFC 6901) to what every derived document must show. An Open Badge that is to be
    verified as one must always show all that an Open Badge needs. Raises ProofError, JsonLdError or TooComplex.
    """
    if key.kind != "P-256":
        raise ProofError("unknown_suite", f"ecdsa-sd-2023 cannot be made with a key of kind {key.kind}.")
    if "proof" in document:
        raise ProofError("already_signed", "The document already has a proof.")
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if issuer is not None and issuer != key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the issuer that the document names.")
    options = {
        "type": proofs.DATA_INTEGRITY,
        "cryptosuite": ecdsa_sd_2023.SUITE.name,
        "created": proofs.timestamp(created),
        "verificationMethod": key.id,
        "proofPurpose": "assertionMethod",
    }
    value = ecdsa_sd_2023.base_proof(document, options, mandatory, key=key, contexts=contexts)
    return {**document, "proof": {**options, "proofValue": value}}


def derive(document: Mapping[str, Any], *, show: Sequence[str], contexts: Contexts = KNOWN) -> dict[str, Any]:
    """What a holder shows of a document signed by `sign_selective`: what `show` points to, and what is mandatory.

    Raises ProofError, ParseError, JsonLdError or TooComplex.
    """
    return ecdsa_sd_2023.derive(document, show, contexts)
