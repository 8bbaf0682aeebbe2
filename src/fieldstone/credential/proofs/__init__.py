"""Proof suites: one module each, all with the same two functions.

A suite module gives `NAME`, `KINDS` (kinds of keys it takes), `message(document, options, contexts)` — the
bytes that are signed, from the document without its proof and the proof without its value — and nothing
else. What all suites share, making and reading the `proof` member, is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from fieldstone.credential import multibase
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.errors import ProofError
from fieldstone.credential.keys import SigningKey
from fieldstone.credential.proofs import eddsa_jcs_2022, eddsa_rdfc_2022

Message = Callable[[Mapping[str, Any], Mapping[str, Any], str, Contexts], bytes]


@dataclass(frozen=True, slots=True)
class Suite:
    """What a proof suite is made of; `message` gives the bytes that are signed."""

    name: str
    kinds: frozenset[str]
    message: Message


SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {
        module.NAME: Suite(module.NAME, module.KINDS, module.message)
        for module in (eddsa_rdfc_2022, eddsa_jcs_2022)
    }
)


def sign(
    document: Mapping[str, Any],
    *,
    key: SigningKey,
    created: datetime,
    suite: str = eddsa_rdfc_2022.NAME,
    purpose: str = "assertionMethod",
    contexts: Contexts = KNOWN,
) -> dict[str, Any]:
    """A copy of `document` with a Data Integrity proof made by `key` (VC Data Integrity section 4.2).

    `created` needs a time zone and is written in whole seconds of UTC. Where the document names an issuer,
    it must be the key's controller. Raises ProofError, JsonLdError or TooComplex.
    """
    chosen = SUITES.get(suite)
    if chosen is None or key.kind not in chosen.kinds:
        raise ProofError("unknown_suite", f"{suite} cannot be made with a key of kind {key.kind}.")
    if "proof" in document:
        raise ProofError("already_signed", "The document already has a proof.")
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if issuer is not None and issuer != key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the issuer that the document names.")
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": timestamp(created),
        "verificationMethod": key.id,
        "proofPurpose": purpose,
    }
    signature = key.sign(chosen.message(document, options, key.kind, contexts))
    return {**document, "proof": {**options, "proofValue": multibase.encode(signature)}}


def timestamp(moment: datetime) -> str:
    """A moment as `2026-11-23T16:00:00Z`; raises ProofError without a time zone."""
    if moment.tzinfo is None:
        raise ProofError("no_time_zone", "A moment needs a time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
