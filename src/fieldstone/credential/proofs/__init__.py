"""Proof suites, one module each; here is what all share: choosing a suite, making a proof, checking one.

VC Data Integrity 1.0 sections 4.2 (add proof) and 4.4 to 4.6 (verify proof, proof sets and chains).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from fieldstone.credential import multibase
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.errors import ProofError
from fieldstone.credential.keys import PublicKey, Signer
from fieldstone.credential.proofs import (
    ecdsa_jcs_2019,
    ecdsa_rdfc_2019,
    ecdsa_sd_2023,
    ed25519_signature_2020,
    eddsa_2022,
    eddsa_jcs_2022,
    eddsa_rdfc_2022,
)
from fieldstone.credential.proofs.suite import Suite

DATA_INTEGRITY: Final = "DataIntegrityProof"
MAX_PROOFS: Final = 20
SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {
        module.SUITE.name: module.SUITE
        for module in (
            eddsa_rdfc_2022,
            eddsa_jcs_2022,
            eddsa_2022,
            ecdsa_rdfc_2019,
            ecdsa_jcs_2019,
            ecdsa_sd_2023,
            ed25519_signature_2020,
        )
    }
)


def sign(
    document: Mapping[str, Any],
    *,
    key: Signer,
    created: datetime,
    suite: str = "eddsa-rdfc-2022",
    purpose: str = "assertionMethod",
    contexts: Contexts = KNOWN,
) -> dict[str, Any]:
    """A copy of `document` with a Data Integrity proof made by `key` (VC Data Integrity section 4.2).

    `created` needs a time zone and is written in whole seconds of UTC. Where the document names an issuer,
    it must be the key's controller. Raises ProofError, JsonLdError or TooComplex.
    """
    chosen = SUITES.get(suite)
    if chosen is None or chosen.verify_only or key.kind not in chosen.hashes:
        raise ProofError("unknown_suite", f"{suite} cannot be made with a key of kind {key.kind}.")
    if "proof" in document:
        raise ProofError("already_signed", "The document already has a proof.")
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if issuer is not None and issuer != key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the issuer that the document names.")
    options: dict[str, Any] = {
        "type": DATA_INTEGRITY,
        "cryptosuite": suite,
        "created": timestamp(created),
        "verificationMethod": key.id,
        "proofPurpose": purpose,
    }
    if chosen.form == "jcs":
        options = {"@context": document.get("@context"), **options}
    signature = key.sign(chosen.message(document, options, key.kind, contexts))
    return {**document, "proof": {**options, "proofValue": multibase.encode(signature)}}


def suite_of(proof: Mapping[str, Any]) -> Suite | None:
    """The suite that made a proof, or None where we do not know it."""
    kind = proof.get("type")
    name = proof.get("cryptosuite") if kind == DATA_INTEGRITY else kind
    suite = SUITES.get(name) if isinstance(name, str) else None
    return suite if suite is not None and suite.legacy == (kind != DATA_INTEGRITY) else None


def without_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it was before it was secured."""
    return {name: value for name, value in document.items() if name != "proof"}


def proofs_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The document's proofs: `proof` may be an object or an array; raises ProofError."""
    value = document.get("proof")
    if value is None or value == []:
        raise ProofError("no_proof", "The document is not signed.")
    found = value if isinstance(value, list) else [value]
    proofs = [proof for proof in found if isinstance(proof, dict)]
    if len(proofs) != len(found) or len(found) > MAX_PROOFS:
        raise ProofError("bad_proof", f"A proof must be an object, and there may be {MAX_PROOFS}.")
    return proofs


def check_form(proof: Mapping[str, Any], suite: Suite) -> None:
    """Refuse a proof whose members are missing or of the wrong form; raises ProofError."""
    for name in ("verificationMethod", "proofPurpose", "proofValue"):
        if not isinstance(proof.get(name), str) or not proof[name]:
            raise ProofError("bad_proof", f"The proof has no usable {name}.")
    if suite.form == ecdsa_sd_2023.FORM:
        ecdsa_sd_2023.check_value(proof["proofValue"])
    elif proof["proofValue"][0] != "z":
        raise ProofError("bad_proof", "The proof's value is not base58-btc multibase text.")
    for name in ("created", "expires"):
        if name in proof:
            parse_timestamp(proof[name])


def secured_form(document: Mapping[str, Any], proof: Mapping[str, Any], proofs: list[dict[str, Any]]) -> dict[str, Any]:
    """What one proof covers: the document, with the proofs that came before it in a chain.

    Raises ProofError for a chain that names a proof that is not there, and for a proof with contexts of its
    own with which the document does not begin.
    """
    bare = without_proof(document)
    before = proof.get("previousProof", [])
    wanted = before if isinstance(before, list) else [before]
    if wanted:
        found = [other for other in proofs if other is not proof and other.get("id") in wanted]
        if not all(any(other["id"] == name for other in found) for name in wanted):
            raise ProofError("bad_chain", "The proof builds on another proof that is not there.")
        bare["proof"] = found
    if "@context" in proof:
        own, all_contexts = (v if isinstance(v, list) else [v] for v in (proof["@context"], bare.get("@context")))
        if all_contexts[: len(own)] != own:
            raise ProofError("bad_proof", "The proof was made with other contexts than the document has.")
        bare["@context"] = proof["@context"]
    return bare


def signature_matches(
    secured: Mapping[str, Any],
    proof: Mapping[str, Any],
    suite: Suite,
    key: PublicKey,
    contexts: Contexts,
    document_digest: bytes | None = None,
) -> bool:
    """Whether `proof` is this key's over `secured_form(…)`, whose digest may be given where it is known.

    Raises JsonLdError, TooComplex or KeyFormatError.
    """
    if suite.form == ecdsa_sd_2023.FORM:
        return ecdsa_sd_2023.matches(secured, proof, key, contexts)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    hash_name = suite.hashes[key.kind]
    if document_digest is None:
        document_digest = suite.digest(secured, hash_name, contexts)
    first = suite.options_digest(secured, options, hash_name, contexts)
    return key.verify(multibase.decode(proof["proofValue"]), first + document_digest)


def timestamp(moment: datetime) -> str:
    """A moment as `2026-11-23T16:00:00Z`; raises ProofError without a time zone."""
    if moment.tzinfo is None:
        raise ProofError("no_time_zone", "A moment needs a time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: object) -> datetime:
    """The moment an XML Schema dateTimeStamp names (its offset is required); raises ProofError."""
    try:
        if not isinstance(text, str) or "T" not in text or len(text) > 40:
            raise ValueError
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ProofError("bad_date", f"{text!r} is not a date and time.") from None
    if moment.tzinfo is None:
        raise ProofError("bad_date", f"{text!r} has no time zone.")
    return moment
