"""Verify a credential: twelve numbered checks, each passed, failed or "could not tell".

The numbers here are those of the report and of the page that employers see. Nothing is asked but through `resolver`,
the moment is `at`, and whom to trust is `policy`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from fieldstone.credential import (
    attached,
    cose,
    data_model,
    jwt,
    methods,
    openbadges2,
    openbadges2_checks,
    proofs,
    schema_check,
    sd_jwt,
    sd_jwt_vc,
    shape,
    withdrawal,
)
from fieldstone.credential.contexts import CREDENTIALS_V2, KNOWN, Contexts
from fieldstone.credential.errors import (
    CredentialError,
    JsonLdError,
    Missing,
    ParseError,
    ProofError,
    Spent,
    Unreachable,
)
from fieldstone.credential.jsontext import check_tree, loads
from fieldstone.credential.keys import PublicKey
from fieldstone.credential.lists import Lists
from fieldstone.credential.multibase import base64_decode
from fieldstone.credential.policy import AnyIssuer, Policy
from fieldstone.credential.proofs.suite import Suite
from fieldstone.credential.report import NEEDED, Check, Outcome, Report
from fieldstone.credential.resolver import Once, Resolver

PASSED, FAILED, UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.COULD_NOT_TELL
MAX_ENDORSEMENTS: Final = 20
MAX_FILES: Final = 20
ENVELOPES: Final = {
    "EnvelopedVerifiableCredential": "data:application/vc+jwt,",
    "EnvelopedVerifiablePresentation": "data:application/vp+jwt,",
}
SD_ENVELOPE: Final = "data:application/vc+sd-jwt,"


@dataclass(frozen=True, slots=True)
class Ask:
    """What every step may use."""

    resolver: Resolver
    at: datetime
    policy: Policy
    contexts: Contexts
    any_kind: bool = False
    bound: bool = False
    challenge: str | None = None
    domain: str | None = None
    lists: Lists = field(default_factory=Lists)
    schemas: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Signature:
    """One signature over the credential, and how to check it once its key is known."""

    kinds: frozenset[str]
    address: str | None
    embedded: PublicKey | None
    purpose: str
    matches: Callable[[PublicKey], bool]
    expires: datetime | None = None
    method: methods.Method | None = None
    named: PublicKey | None = None
    look: Callable[[Resolver], methods.Method] | None = None


@dataclass(slots=True)
class Case:
    """A credential, or a presentation, on its way through the checks; `text` is JSON that holds all of `document`."""

    document: dict[str, Any]
    token: jwt.Token | None = None
    parts: sd_jwt.SdJwt | None = None
    text: bytes | None = None
    purpose: str = methods.ASSERTION
    signatures: list[_Signature] = field(default_factory=list)
    digests: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Who must have signed: the issuer, or the holder who presents."""
        issuer = self.document.get("issuer" if self.purpose == methods.ASSERTION else "holder")
        issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
        return issuer if isinstance(issuer, str) else ""


def verify(
    document: bytes | str | Mapping[str, Any],
    *,
    resolver: Resolver,
    at: datetime,
    policy: Policy | None = None,
    contexts: Contexts = KNOWN,
    any_kind: bool = False,
    challenge: str | None = None,
    domain: str | None = None,
    lists: Lists | None = None,
    schemas: Mapping[str, Any] | None = None,
) -> Report:
    """Check a credential as JSON bytes or text, a compact JWT, an SD-JWT, or a parsed document.

    `any_kind` lets in credentials that are no Open Badges, learner records, endorsements or status lists. `lists`,
    shared between calls, spares asking for the same status list again. `schemas` are JSON Schemas by address, which
    then are not fetched.
    With a `challenge` or `domain` (an SD-JWT's nonce and audience), the holder must have bound the credential to
    them. Whatever the document holds, the answer is a Report. Raises CredentialError only where `at` has no time zone.
    """
    if at.tzinfo is None:
        raise CredentialError("no_time_zone", "The moment of verification needs a time zone.")
    bound = challenge is not None or domain is not None
    ask = Ask(
        Once(resolver), at, policy or AnyIssuer(), contexts, any_kind, bound, challenge, domain, lists or Lists(),
        schemas or {},
    )  # fmt: skip
    return run(document, ask, last=12)


def run(document: bytes | str | Mapping[str, Any], ask: Ask, *, last: int) -> Report:
    """The checks up to number `last`; all twelve also of Open Badges 2.0, which are proven in other ways."""
    other = last >= 12 and not ask.bound  # nothing in that form answers a question
    if other and (address := openbadges2_checks.address_in(document)) is not None:
        return openbadges2_checks.verify_at(address, resolver=ask.resolver, at=ask.at, policy=ask.policy)
    try:
        case = parse(document, "EnvelopedVerifiableCredential")  # 1
    except CredentialError as error:
        return Report((made("parse", FAILED, error.code, error.detail),), None)
    claims = case.document if case.token is None else dict(case.token.claims)
    if other and case.parts is None and openbadges2.is_openbadges2(claims):
        return openbadges2_checks.verify(claims, case.token, resolver=ask.resolver, at=ask.at, policy=ask.policy)
    proof = check_proof(case, ask)  # 3
    schema = _check_schema(case, ask)  # 2, which needs to know how the document is secured
    key = check_key(case, ask)  # 4
    signature = check_signature(case, schema)  # 5
    schema = _check_named_schema(case, ask, schema, signature)
    controller = check_controller(case, ask)  # 6
    checks = [READABLE, schema, proof, key, signature, controller, _check_dates(case, ask)]  # 7
    if last >= 8:
        checks.append(_check_status(case, ask, signature))
    if last >= 12:
        checks.append(_check_issuer(case, ask))  # 9
        checks.append(_check_recipient(case, ask))  # 10
        checks.extend(_check_attached(case, ask, signature))  # 11 and 12
    return Report(tuple(checks), case.document)


def made(name: str, outcome: Outcome, code: str, detail: str, *, needed: bool | None = None) -> Check:
    return Check(name, outcome, code, detail, name in NEEDED if needed is None else needed)


# what is said most often, made once
READABLE: Final = made("parse", PASSED, "readable", "The document can be read.")
KEY_FOUND: Final = made("key", PASSED, "found", "The signer's key was found.")
UNCHANGED: Final = made("signature", PASSED, "unchanged", "Not one character was changed since it was signed.")
ISSUER_KEY: Final = made("controller", PASSED, "issuer_key", "The key belongs to the issuer.")
IN_TIME: Final = made("dates", PASSED, "in_time", "It is within its dates.")
NO_LIST: Final = made("issuer", UNKNOWN, "no_list", "No list of trusted issuers was given.")
COMPARE: Final = made(
    "recipient", UNKNOWN, "compare", "Compare the name or e-mail address with the person who shows it."
)
_KINDS: Final = {"achievement": "an Open Badge", "endorsement": "an endorsement", "record": "a learner record"}


@cache
def _right_shape(words: str) -> Check:
    return made("schema", PASSED, "right_shape", f"It has the form of {words}.")


@cache
def _secured(form: str, algorithm: str) -> Check:
    return made("proof", PASSED, form, f"It is secured as a token ({algorithm}).")


def parse(document: Any, envelope: str) -> Case:
    """Check 1: strict JSON or a compact JWT, bare or in an `envelope`; raises ParseError."""
    if isinstance(document, bytes):
        if cose.looks_like_cose(document):
            return _from_parts(cose.read(document))
        try:
            text = document.decode("utf-8")
        except UnicodeDecodeError:
            raise ParseError("not_utf8", "The document is not UTF-8 text.") from None
        return parse(text, envelope)
    if isinstance(document, str):
        if "~" not in document and not document.startswith("{"):  # most often a JWT, and then that is all
            with suppress(ParseError):
                return _from_parts(jwt.read(document))
        if jwt.looks_like_jwt(document) or sd_jwt.looks_like_sd_jwt(document):
            return _from_token(document)
        value = loads(document)
    else:
        value = dict(document) if isinstance(document, Mapping) else document
        check_tree(value)
    if not isinstance(value, dict):
        raise ParseError("not_object", "The document is not a JSON object.")
    types = value.get("type")
    if envelope in (types if isinstance(types, list) else [types]):
        address, words = value.get("id"), value.get("@context")
        if CREDENTIALS_V2 not in (words if isinstance(words, list) else [words]):
            raise ParseError("unknown_envelope", "The envelope's @context does not say what an envelope is.")
        # the token's own type is checked later
        for start in (ENVELOPES[envelope], "data:application/jwt,", SD_ENVELOPE, "data:application/dc+sd-jwt,"):
            if isinstance(address, str) and address.startswith(start):
                return _from_token(address.removeprefix(start))
            if isinstance(address, str) and address.startswith(start.replace("+jwt,", "+cose;base64,")):
                return _from_parts(cose.read(base64_decode(address.partition(",")[2])))
        raise ParseError("unknown_envelope", "The envelope holds no secured credential.")
    return Case(value)


def _from_token(text: str) -> Case:
    if "~" in text:
        parts = sd_jwt.read(text)
        return Case(sd_jwt_vc.document_of(parts), parts.token, parts)
    return _from_parts(jwt.read(text))


def _from_parts(token: jwt.Token) -> Case:
    return Case(token.credential, token, text=token.payload)


def check_proof(case: Case, ask: Ask) -> Check:
    """Check 3: at least one signature of a suite we know, and all of those well formed."""
    try:
        if case.token is not None:
            case.signatures.append(
                _token_signature(case.token, case.purpose) if case.parts is None else _parts_signature(case.parts)
            )
            return _secured(case.token.form, case.token.header["alg"])
        found = proofs.proofs_of(case.document)
        unknown: list[str] = []
        for proof in found:
            suite = proofs.suite_of(proof)
            if suite is None:
                unknown.append(str(proof.get("cryptosuite", proof.get("type"))))
            else:
                proofs.check_form(proof, suite)
                case.signatures.append(_proof_signature(case, proof, found, suite, ask))
    except ProofError as error:
        case.signatures.clear()
        outcome = UNKNOWN if error.code == "unknown_suite" else FAILED
        return made("proof", outcome, error.code, error.detail)
    others = f" We do not know: {', '.join(unknown)}." if unknown else ""
    if not case.signatures:
        return made("proof", UNKNOWN, "unknown_suite", f"It is signed in a way that we cannot check.{others}")
    return made("proof", PASSED, "known_suite", f"It is signed in a way we know.{others}")


def _token_signature(token: jwt.Token, purpose: str) -> _Signature:
    kind = jwt.check_form(token) if purpose == methods.ASSERTION else jwt.check_head(token, jwt.PRESENTATION_TYPES)
    address = token.header.get("kid")
    embedded = None
    if isinstance(address, str) and ":" not in address:
        address = f"{token.claims.get('iss', '')}#{address.removeprefix('#')}"
    if not isinstance(address, str) and "jwk" in token.header:
        try:
            embedded = PublicKey.from_jwk(token.header["jwk"])
        except CredentialError as error:
            raise ProofError(error.code, error.detail) from None
    if not isinstance(address, str) and embedded is None:
        address = str(token.claims.get("iss", ""))
    return _Signature(
        kinds=frozenset({kind}),
        address=address if isinstance(address, str) else None,
        embedded=embedded,
        purpose=purpose,
        matches=lambda key: jwt.signature_matches(token, key),
        expires=jwt.moment(token.claims.get("exp")),
    )


def _parts_signature(parts: sd_jwt.SdJwt) -> _Signature:
    return _Signature(
        kinds=frozenset({sd_jwt_vc.check_form(parts)}),
        address=None,
        embedded=None,
        purpose=methods.ASSERTION,
        matches=lambda key: jwt.signature_matches(parts.token, key),
        expires=jwt.moment(parts.claims.get("exp")),
        look=lambda resolver: sd_jwt_vc.find_key(parts, resolver),
    )


def _proof_signature(
    case: Case, proof: dict[str, Any], found: list[dict[str, Any]], suite: Suite, ask: Ask
) -> _Signature:
    secured = proofs.secured_form(case.document, proof, found)
    plain = "previousProof" not in proof and "@context" not in proof
    if suite.form == "rdfc":
        case.digests.setdefault((suite.form, next(iter(suite.hashes.values()))), b"")

    def matches(key: PublicKey) -> bool:
        digest = case.digests.get((suite.form, suite.hashes[key.kind])) if plain else None
        return proofs.signature_matches(secured, proof, suite, key, ask.contexts, digest or None)

    return _Signature(
        kinds=frozenset(suite.hashes),
        address=proof["verificationMethod"],
        embedded=None,
        purpose=proof["proofPurpose"],
        matches=matches,
        expires=proofs.parse_timestamp(proof["expires"]) if "expires" in proof else None,
    )


def _check_schema(case: Case, ask: Ask) -> Check:
    """Check 2: known contexts, the shape of its kind, and every word defined."""
    if case.parts is not None:
        return _check_parts(case, case.parts, ask)
    kind = shape.kind_of(case.document)
    general = ask.any_kind and kind is None
    found = (data_model if general else shape).problems(case.document, ask.contexts)
    return check_words(case, ask, found, _KINDS.get(str(kind), "a credential" if general else "a status list"))


def _check_parts(case: Case, parts: sd_jwt.SdJwt, ask: Ask) -> Check:
    """Check 2 for an SD-JWT: its claims; and the whole shape of a W3C document only where nothing in it is hidden."""
    found = sd_jwt_vc.problems(parts)
    known = shape.kind_of(case.document) is not None
    if "vct" in parts.claims:
        known = parts.claims["vct"] in sd_jwt_vc.VCTS.values()
    else:
        whole = known and parts.complete
        found += (shape if whole else data_model).problems(case.document, ask.contexts)
    if not known and not ask.any_kind:
        found.append("The document is not a kind of credential we know, such as an Open Badge.")
    return check_words(case, ask, found, "a credential of which parts can be shown")


def _check_named_schema(case: Case, ask: Ask, schema: Check, signature: Check) -> Check:
    """Check 2, the schema that the credential names: asked only where its signature holds.

    One that nobody could be asked for leaves the answer as it is, and says so.
    """
    found = schema_check.named(case.document)
    if not found or case.parts is not None or schema.outcome is not PASSED or signature.outcome is not PASSED:
        return schema
    open_words = ""
    for entry in found[: schema_check.MAX_SCHEMAS]:
        try:
            if entry.get("type") not in schema_check.TYPES:
                raise Missing("It is of a kind that we do not know.")
            fault = schema_check.fault(case.document, entry.get("id"), ask.resolver, ask.schemas)
        except Spent as error:
            return made("schema", UNKNOWN, error.code, error.detail)
        except (Unreachable, Missing) as error:
            open_words = f" The schema that it names was not asked. {error.detail}"
            continue
        except CredentialError as error:
            return made("schema", UNKNOWN, error.code, error.detail)
        if fault:
            return made("schema", FAILED, "schema_mismatch", fault)
    if open_words:
        return made("schema", PASSED, "schema_not_asked", schema.detail + open_words)
    return made("schema", PASSED, "schema_met", f"{schema.detail} It is as the schema says that it names.")


def check_words(case: Case, ask: Ask, found: list[str], words: str) -> Check:
    """Check 2 once the `found` faults are known: every word must be defined, too."""
    if found:
        return made("schema", FAILED, "wrong_shape", " ".join(found[:5]))
    bare = proofs.without_proof(case.document) if case.digests else {}
    try:
        for form, hash_name in case.digests:
            suite = next(s for s in proofs.SUITES.values() if s.form == form)
            case.digests[form, hash_name] = suite.digest(bare, hash_name, ask.contexts)
    except CredentialError as error:
        return made("schema", FAILED, error.code, error.detail)
    return _right_shape(words)


def check_key(case: Case, ask: Ask) -> Check:
    """Check 4: the key that each signature names."""
    if not case.signatures:
        return made("key", UNKNOWN, "no_signature", "There is no signature whose key we could look up.")
    worst = KEY_FOUND
    for signature in case.signatures:
        result = _find_key(signature, case, ask)
        if result is not None and (worst.outcome is PASSED or result.outcome is FAILED):
            worst = result
    return worst


def _find_key(signature: _Signature, case: Case, ask: Ask) -> Check | None:
    try:
        if signature.look is not None:
            method = signature.look(ask.resolver)
        elif signature.embedded is not None:
            method = methods.find_same(signature.embedded, case.issuer, ask.resolver)
        else:
            method = methods.find(str(signature.address), ask.resolver)
    except Unreachable as error:
        try:
            signature.named = methods.named_in(str(signature.address or ""))
        except CredentialError as bad:
            return made("key", FAILED, bad.code, bad.detail)
        return made("key", UNKNOWN, error.left_open("key_unreachable"), error.detail)
    except Missing as error:
        return made("key", FAILED, "key_missing", error.detail)
    except CredentialError as error:
        return made("key", FAILED, error.code, error.detail)
    if method.key.kind not in signature.kinds:
        return made("key", FAILED, "wrong_key_kind", "The key is of another kind than the signature.")
    if method.revoked is not None and method.revoked <= ask.at:
        return made("key", FAILED, "key_revoked", "The signer has withdrawn this key.")
    signature.method = method
    return None


def check_signature(case: Case, schema: Check) -> Check:
    """Check 5: every signature whose key was found."""
    keys = [(s, s.method.key if s.method is not None else s.named) for s in case.signatures]
    try:
        for signature, key in keys:
            if key is not None and not signature.matches(key):
                words = "It was changed after it was signed, or signed with another key."
                return made("signature", FAILED, "wrong_signature", words)
    except JsonLdError as error:
        if schema.outcome is FAILED:
            return made("signature", UNKNOWN, "not_reached", "Its form must be right first.")
        return made("signature", FAILED, error.code, error.detail)
    except CredentialError as error:
        return made("signature", FAILED, error.code, error.detail)
    if all(signature.method is None for signature in case.signatures):
        return made("signature", UNKNOWN, "no_key", "Without the signer's key nobody can tell.")
    return UNCHANGED


def check_controller(case: Case, ask: Ask) -> Check:
    """Check 6: the key is the issuer's, and is allowed to vouch for statements."""
    found = [(s, s.method) for s in case.signatures if s.method is not None]
    if not found:
        return made("controller", UNKNOWN, "no_key", "Without the signer's key nobody can tell.")
    for signature, method in found:
        if signature.purpose != case.purpose or case.purpose not in method.purposes:
            return made("controller", FAILED, "wrong_purpose", "The key may not sign statements of this sort.")
        if not method.id.startswith(method.controller + "#"):
            return made("controller", FAILED, "not_controller", "The key's controller does not list it.")
    if case.purpose == methods.AUTHENTICATION and "holder" not in case.document:
        return made("controller", PASSED, "no_holder", "It names no holder; the key is allowed for showing.")
    if any(method.controller == case.issuer for _, method in found):
        return ISSUER_KEY
    return _listed_by_issuer(case, ask, [method for _, method in found])


def _listed_by_issuer(case: Case, ask: Ask, found: list[methods.Method]) -> Check:
    """The key's own address is not the issuer's: then the issuer's document must list the key."""
    if case.issuer.startswith(("urn:", "tag:")):
        words = "The issuer's identifier is a bare name, which cannot say which keys are its own."
        return made("controller", UNKNOWN, "issuer_has_no_keys", words)
    try:
        for method in found:
            same = methods.find_same(method.key, case.issuer, ask.resolver)
            if case.purpose in same.purposes:
                return made("controller", PASSED, "listed_key", "The issuer lists this key as its own.")
    except Unreachable as error:
        return made("controller", UNKNOWN, error.left_open("issuer_unreachable"), error.detail)
    except CredentialError:
        pass
    return made("controller", FAILED, "not_issuer", "The key does not belong to the issuer.")


def _check_dates(case: Case, ask: Ask) -> Check:
    """Check 7: within its dates, and its signature not past its own end."""
    document = case.document
    try:
        starts = [proofs.parse_timestamp(document[n]) for n in ("validFrom", "issuanceDate") if n in document]
        ends = [proofs.parse_timestamp(document[n]) for n in ("validUntil", "expirationDate") if n in document]
    except ProofError as error:
        return made("dates", FAILED, error.code, error.detail)
    if case.token is not None and (moment := jwt.moment(case.token.claims.get("nbf"))) is not None:
        starts.append(moment)
    ends.extend(s.expires for s in case.signatures if s.expires is not None)
    if starts and ask.at < max(starts):
        return made("dates", FAILED, "not_yet", f"It is valid only from {max(starts):%Y-%m-%d}.")
    if ends and ask.at > min(ends):
        return made("dates", FAILED, "expired", f"It was valid until {min(ends):%Y-%m-%d}.")
    return IN_TIME


def _check_status(case: Case, ask: Ask, signature: Check) -> Check:
    """Check 8: asked only of a document whose signature holds, so that a forgery cannot make us call anyone."""
    if "credentialStatus" in case.document and signature.outcome is not PASSED:
        return made("status", UNKNOWN, "not_reached", "The signature must be right first.")
    desk = withdrawal.Desk(ask.resolver, lambda data: run(data, ask, last=7), ask.at, ask.policy.trusts, ask.lists)
    return withdrawal.check(case.document, desk)


def _check_issuer(case: Case, ask: Ask) -> Check:
    """Check 9: the policy's answer."""
    trusted = ask.policy.trusts(case.issuer)
    if trusted is None:
        return NO_LIST
    if trusted:
        return made("issuer", PASSED, "trusted", "The issuer is one you trust.")
    return made("issuer", FAILED, "not_trusted", "The issuer is not one you trust.")


def _check_recipient(case: Case, ask: Ask) -> Check:
    """Check 10: a document alone cannot show whose hand it is in; an SD-JWT's key binding can."""
    if ask.bound or (case.parts is not None and case.parts.key_binding is not None):
        return _check_key_binding(case.parts, ask)
    subject = case.document.get("credentialSubject")
    if isinstance(subject, dict) and isinstance(subject.get("id"), str):
        words = "It names its holder by a key; the holder was not asked to prove it."
        return made("recipient", UNKNOWN, "holder_not_asked", words)
    return COMPARE


def _check_key_binding(parts: sd_jwt.SdJwt | None, ask: Ask) -> Check:
    if parts is None:
        return made("recipient", FAILED, "no_key_binding", "Whoever shows it did not prove to be its holder.")
    try:
        sd_jwt_vc.check_key_binding(parts, ask.resolver, at=ask.at, challenge=ask.challenge, domain=ask.domain)
    except Unreachable as error:
        return made("recipient", UNKNOWN, error.left_open("key_unreachable"), error.detail, needed=ask.bound)
    except CredentialError as error:
        return made("recipient", FAILED, error.code, error.detail)
    if ask.challenge is None:
        return made("recipient", UNKNOWN, "no_challenge", "No question was asked that only the holder could answer.")
    return made("recipient", PASSED, "holder_proved", "Its holder has just proved to hold the key it names.")


def _check_attached(case: Case, ask: Ask, signature: Check) -> Iterator[Check]:
    """Checks 11 and 12, where there is anything to check; only in a document whose own signature holds."""
    inner = attached.endorsements(case.document, case.text)
    files = attached.files(case.document)
    for name, found, limit in (("endorsements", inner, MAX_ENDORSEMENTS), ("evidence", files, MAX_FILES)):
        if found and (signature.outcome is not PASSED or len(found) > limit):
            yield made(name, UNKNOWN, "not_reached", "What is attached was not checked.")
        elif found and name == "endorsements":
            yield attached.check_endorsements(case.document, inner, lambda item: run(item, ask, last=8))
        elif found:
            yield attached.check_files(files, ask.resolver)
