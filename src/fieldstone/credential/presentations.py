"""Presentations: credentials that a holder shows to one verifier, at one moment.

A presentation is signed for `authentication`, with the verifier's `challenge` and `domain`, so that nobody else can
show it again (VC Data Integrity 1.0 section 2.1; VC-JOSE-COSE section 3.1.2, where they are `nonce` and `aud`).
Open Badges and most wallets also know presentations without a signature: those prove nothing about who shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from fieldstone.credential import checks, data_model, jwt, methods, proofs
from fieldstone.credential.checks import FAILED, PASSED, UNKNOWN, Ask, Case, made
from fieldstone.credential.contexts import CREDENTIALS_V2, KNOWN, Contexts
from fieldstone.credential.errors import CredentialError, ProofError
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.keys import Signer
from fieldstone.credential.lists import Lists
from fieldstone.credential.multibase import encode
from fieldstone.credential.policy import AnyIssuer, Policy
from fieldstone.credential.report import Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Once, Resolver
from fieldstone.credential.sd_jwt import looks_like_sd_jwt

MAX_CREDENTIALS: Final = 50


@dataclass(frozen=True, slots=True)
class PresentationReport:
    """The presentation's own checks, and a `Report` for each credential in it, in order.

    The checks have the numbers and names of a credential's; number 10 asks whether it was made for this verifier.
    """

    checks: tuple[Check, ...]
    credentials: tuple[Report, ...]
    document: Mapping[str, Any] | None

    @property
    def verdict(self) -> Verdict:
        """As for a credential, over the presentation and all that is in it."""
        verdicts = [Report(self.checks, self.document).verdict, *(report.verdict for report in self.credentials)]
        for verdict in (Verdict.NOT_VERIFIED, Verdict.COULD_NOT_TELL):
            if verdict in verdicts:
                return verdict
        return Verdict.VERIFIED

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": str(self.verdict),
            "checks": [check.to_json() for check in self.checks],
            "credentials": [report.to_json() for report in self.credentials],
        }


def build_presentation(
    credentials: Iterable[Mapping[str, Any] | str], *, holder: str | None = None, id: str | None = None
) -> dict[str, Any]:
    """The unsigned presentation of signed credentials: documents, or JWTs, which go into envelopes."""
    return {
        "@context": [CREDENTIALS_V2],
        **({} if id is None else {"id": id}),
        "type": ["VerifiablePresentation"],
        **({} if holder is None else {"holder": holder}),
        "verifiableCredential": [_enveloped(item) if isinstance(item, str) else dict(item) for item in credentials],
    }


def sign_presentation(
    document: Mapping[str, Any],
    *,
    key: Signer,
    created: datetime,
    challenge: str,
    domain: str,
    suite: str = "eddsa-rdfc-2022",
    contexts: Contexts = KNOWN,
) -> dict[str, Any]:
    """A copy with the holder's proof for one verifier (`domain`) and one question (`challenge`).

    Raises ProofError where `key` is not the holder's, JsonLdError or TooComplex.
    """
    _same_holder(document, key)
    chosen = proofs.SUITES.get(suite)
    if chosen is None or chosen.verify_only or key.kind not in chosen.hashes:
        raise ProofError("unknown_suite", f"{suite} cannot be made with a key of kind {key.kind}.")
    options = {
        **({"@context": document.get("@context")} if chosen.form == "jcs" else {}),
        "type": proofs.DATA_INTEGRITY,
        "cryptosuite": suite,
        "created": proofs.timestamp(created),
        "verificationMethod": key.id,
        "proofPurpose": methods.AUTHENTICATION,
        "challenge": challenge,
        "domain": domain,
    }
    signature = key.sign(chosen.message(document, options, key.kind, contexts))
    return {**document, "proof": {**options, "proofValue": encode(signature)}}


def sign_presentation_jwt(document: Mapping[str, Any], *, key: Signer, challenge: str, domain: str) -> str:
    """The presentation as a compact `vp+jwt`; raises ProofError where `key` is not the holder's."""
    _same_holder(document, key)
    claims = {**document, "iss": key.controller, "aud": domain, "nonce": challenge}
    return jwt.write({"typ": "vp+jwt", "cty": "vp", "kid": key.id}, claims, key)


def verify_presentation(
    document: bytes | str | Mapping[str, Any],
    *,
    resolver: Resolver,
    at: datetime,
    challenge: str | None = None,
    domain: str | None = None,
    signed: bool = True,
    policy: Policy | None = None,
    contexts: Contexts = KNOWN,
    any_kind: bool = False,
    lists: Lists | None = None,
) -> PresentationReport:
    """Check a presentation (JSON, `vp+jwt`, an envelope, or an SD-JWT with key binding) and every credential in it.

    Where one of its own checks failed, what is in it is not checked: nobody is asked on behalf of a forgery.

    `challenge` and `domain` are what the verifier asked for; where one is given, the signature must carry it.
    `signed=False` also takes presentations without a signature. Raises CredentialError only where `at` has no zone.
    """
    if at.tzinfo is None:
        raise CredentialError("no_time_zone", "The moment of verification needs a time zone.")
    ask = Ask(Once(resolver), at, policy or AnyIssuer(), contexts, any_kind, lists=lists or Lists())
    if isinstance(document, str) and looks_like_sd_jwt(document):
        return _shown_parts(document, replace(ask, bound=signed, challenge=challenge, domain=domain))
    try:
        case = checks.parse(document, "EnvelopedVerifiablePresentation")
    except CredentialError as error:
        return PresentationReport((made("parse", FAILED, error.code, error.detail),), (), None)
    case.purpose = methods.AUTHENTICATION
    if case.token is not None:
        case.document.pop("nonce", None)
    first = made("parse", PASSED, "readable", "The presentation can be read.")
    if case.token is None and "proof" not in case.document and not signed:
        steps = [first, _check_form(case, ask)]
        holder = None
    else:
        proof = checks.check_proof(case, ask)
        schema = _check_form(case, ask)
        key = checks.check_key(case, ask)
        signature = checks.check_signature(case, schema)
        steps = [first, schema, proof, key, signature, checks.check_controller(case, ask), _check_end(case, at)]
        steps.append(_check_asked(case, challenge, domain))
        good = all(step.outcome is PASSED for step in steps)
        holder = case.signatures[0].method.controller if good and case.signatures[0].method is not None else None
    inner = case.document.get("verifiableCredential", [])
    inner = inner if isinstance(inner, list) else [inner]
    if len(inner) > MAX_CREDENTIALS:
        steps.append(made("endorsements", FAILED, "too_many", f"It holds more than {MAX_CREDENTIALS} credentials."))
    if any(step.outcome is FAILED for step in steps):
        inner = []
    reports = tuple(_held(checks.run(item, ask, last=12), holder) for item in inner)
    return PresentationReport(tuple(steps), reports, case.document)


def _shown_parts(text: str, ask: Ask) -> PresentationReport:
    """An SD-JWT presents itself: what the holder added is its key binding, which is the credential's check 10."""
    report = checks.run(text, ask, last=12)
    own = tuple(check for check in report.checks if check.name in {"parse", "recipient"})
    return PresentationReport(own, (report,), report.document)


def _enveloped(token: str) -> dict[str, Any]:
    return {
        "@context": CREDENTIALS_V2,
        "id": (checks.SD_ENVELOPE if "~" in token else checks.ENVELOPES["EnvelopedVerifiableCredential"]) + token,
        "type": "EnvelopedVerifiableCredential",
    }


def _same_holder(document: Mapping[str, Any], key: Signer) -> None:
    holder = document.get("holder")
    holder = holder.get("id") if isinstance(holder, Mapping) else holder
    if holder is not None and holder != key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the holder that the presentation names.")
    if "proof" in document:
        raise ProofError("already_signed", "The presentation already has a proof.")


def _check_form(case: Case, ask: Ask) -> Check:
    """Check 2, with every word of an unsigned presentation read, too."""
    result = checks.check_words(
        case, ask, data_model.presentation_problems(case.document, ask.contexts), "a presentation"
    )
    if result.outcome is PASSED and not case.signatures:
        try:
            to_quads(proofs.without_proof(case.document), ask.contexts)
        except CredentialError as error:
            return made("schema", FAILED, error.code, error.detail)
    return result


def _check_end(case: Case, at: datetime) -> Check:
    """Check 7: the signature's own end, and a token's `nbf`."""
    ends = [signature.expires for signature in case.signatures if signature.expires is not None]
    start = None if case.token is None else jwt.moment(case.token.claims.get("nbf"))
    if start is not None and at < start:
        return made("dates", FAILED, "not_yet", f"It is valid only from {start:%Y-%m-%d}.")
    if ends and at > min(ends):
        return made("dates", FAILED, "expired", f"It was valid until {min(ends):%Y-%m-%d}.")
    return made("dates", PASSED, "in_time", "It is within its dates.")


def _check_asked(case: Case, challenge: str | None, domain: str | None) -> Check:
    """Check 10: each signature answers this verifier's question."""
    if not case.signatures:
        return made("recipient", UNKNOWN, "no_signature", "There is no signature that we can check.")
    names = ("nonce", "aud") if case.token is not None else ("challenge", "domain")
    for signed in [case.token.claims] if case.token is not None else proofs.proofs_of(case.document):
        for name, expected in zip(names, (challenge, domain), strict=True):
            value = signed.get(name)
            if expected is not None and expected not in (value if isinstance(value, list) else [value]):
                return made("recipient", FAILED, "not_asked", "It was made for another verifier or another question.")
    if challenge is None:
        return made("recipient", UNKNOWN, "no_challenge", "No question was asked that only the holder could answer.")
    return made("recipient", PASSED, "answers", "It was made for this verifier.")


def _held(report: Report, holder: str | None) -> Report:
    """The credential's report, with check 10 answered where its subject is the holder who just signed."""
    subject = (report.document or {}).get("credentialSubject")
    named = subject.get("id") if isinstance(subject, dict) else None
    if holder is None or not isinstance(named, str):
        return report
    if named == holder:
        answer = made("recipient", PASSED, "holder_proved", "Its holder has just proved to hold the key it names.")
    else:
        answer = made("recipient", Outcome.COULD_NOT_TELL, "of_another", "It is about someone other than the holder.")
    return replace(report, checks=tuple(answer if check.name == "recipient" else check for check in report.checks))
