"""More than one proof on a document: sets, and chains in which one proof builds on others.

VC Data Integrity 1.0 sections 4.3 (add proof set/chain) and 2.1.1, 2.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fieldstone.credential import multibase, proofs
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.errors import ProofError
from fieldstone.credential.keys import Signer


def add_proof(
    document: Mapping[str, Any],
    *,
    key: Signer,
    created: datetime,
    suite: str = "eddsa-rdfc-2022",
    purpose: str = "assertionMethod",
    id: str | None = None,
    previous: Sequence[str] = (),
    contexts: Contexts = KNOWN,
) -> dict[str, Any]:
    """A copy of `document` with one proof more, after those it has.

    `id` is the proof's own address, by which later proofs can name it in `previous`; a proof with `previous` covers
    those proofs too. Whoever holds `key` vouches beside the issuer and need not be the issuer.
    Raises ProofError (`bad_chain` where a proof named in `previous` is not there), JsonLdError or TooComplex.
    """
    chosen = proofs.SUITES.get(suite)
    if chosen is None or chosen.verify_only or key.kind not in chosen.hashes:
        raise ProofError("unknown_suite", f"{suite} cannot be made with a key of kind {key.kind}.")
    existing = proofs.proofs_of(document) if "proof" in document else []
    if len(existing) >= proofs.MAX_PROOFS:
        raise ProofError("bad_proof", f"There may be {proofs.MAX_PROOFS} proofs.")
    if id is not None and any(proof.get("id") == id for proof in existing):
        raise ProofError("bad_proof", f"There already is a proof {id}.")
    proof: dict[str, Any] = {"type": proofs.DATA_INTEGRITY}
    if id is not None:
        proof["id"] = id
    proof |= {
        "cryptosuite": suite,
        "created": proofs.timestamp(created),
        "verificationMethod": key.id,
        "proofPurpose": purpose,
    }
    if previous:
        proof["previousProof"] = previous[0] if len(previous) == 1 else list(previous)
    if chosen.form == "jcs":
        proof = {"@context": document.get("@context"), **proof}
    secured = proofs.secured_form(document, proof, existing)
    signature = key.sign(chosen.message(secured, proof, key.kind, contexts))
    return {**document, "proof": [*existing, {**proof, "proofValue": multibase.encode(signature)}]}
