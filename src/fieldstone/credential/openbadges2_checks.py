"""Verify an assertion of Open Badges 2.0: the same numbered checks, answered the way 2.0 proves things.

A *hosted* assertion (2.0, "Hosted Verification") is believed because its own address, which must lie where the issuer
says that its assertions lie, answers with the same assertion. A *signed* one ("Signed Verification") is a compact JWS,
by a key whose document names the issuer as owner and which the issuer's document lists. In both, the issuer is only
ever what its own address answers: a profile that a stranger wrote into an assertion proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fieldstone.credential import jwt, openbadges2
from fieldstone.credential.errors import CredentialError, Gone, KeyFormatError, Missing, ParseError, Unreachable
from fieldstone.credential.jsontext import canonical, loads
from fieldstone.credential.keys import RSA, PublicKey
from fieldstone.credential.openbadges2 import is_address, listed, moment, problems, verification_kind
from fieldstone.credential.policy import Policy
from fieldstone.credential.proofs import timestamp
from fieldstone.credential.report import NEEDED, Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Resolver

PASSED, FAILED, UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.COULD_NOT_TELL
MAX_ENDORSEMENTS: Final = 10
MAX_KEYS: Final = 5
MAX_ADDRESS: Final = 2000
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
SECTIONS: Final = {
    "parse": "Open Badges 2.0, Badge Baking",
    "schema": "Open Badges 2.0, Data Classes",
    "proof": "Open Badges 2.0, Assertion Verification",
    "key": "Open Badges 2.0, Assertion Verification",
    "signature": "Open Badges 2.0, Hosted and Signed Verification",
    "controller": "Open Badges 2.0, VerificationObject",
    "dates": "Open Badges 2.0, Assertion",
    "status": "Open Badges 2.0, RevocationList",
    "issuer": "Open Badges 2.0, Issuer",
    "recipient": "Open Badges 2.0, IdentityObject",
    "endorsements": "Open Badges 2.0, Endorsement",
}


@dataclass(slots=True)
class _Case:
    """An assertion or endorsement on its way through the checks."""

    kind: str
    document: dict[str, Any]
    token: jwt.Token | None
    resolver: Resolver
    badge: dict[str, Any] = field(default_factory=dict)
    issuer: dict[str, Any] = field(default_factory=dict)
    hosted: dict[str, Any] | None = None
    keys: list[tuple[dict[str, Any], PublicKey]] = field(default_factory=list)
    signer: dict[str, Any] | None = None

    @property
    def is_hosted(self) -> bool:
        return verification_kind(self.document) == "hosted"


def verify(
    document: dict[str, Any], token: jwt.Token | None, *, resolver: Resolver, at: datetime, policy: Policy
) -> Report:
    """Every check of an assertion: `document` as read, or the payload of `token`. Raises nothing."""
    case = _Case("Assertion", document, token, resolver)
    checks = [made("parse", PASSED, "readable", "The document can be read."), *_core(case, at)]
    checks.append(_check_issuer(case, policy))
    checks.append(made("recipient", UNKNOWN, "compare", "Compare the name or e-mail address with whoever shows it."))
    found = [item for holder in (case.document, case.badge, case.issuer) for item in listed(holder.get("endorsement"))]
    if found:
        checks.append(_check_endorsements(case, found, at, checks[4].outcome is PASSED))
    return Report(tuple(checks), case.document, view=_view(case))


def address_in(document: object) -> str | None:
    """The address of a hosted assertion, where that is all that a picture holds (2.0, "Badge Baking")."""
    text = document.decode("ascii", "replace") if isinstance(document, bytes) else document
    text = text.strip() if isinstance(text, str) and len(text) < MAX_ADDRESS else ""
    return text if _on_web(text) else None


def verify_at(address: str, *, resolver: Resolver, at: datetime, policy: Policy) -> Report:
    """Every check of the assertion that is hosted at `address`. Raises nothing."""
    try:
        document = _page(address, resolver)
    except Unreachable as error:
        return Report((made("parse", UNKNOWN, error.left_open("page_unreachable"), error.detail),), None)
    except CredentialError as error:
        return Report((made("parse", FAILED, "page_missing", error.detail),), None)
    if not openbadges2.is_openbadges2(document):
        words = "What this address answers is no assertion of Open Badges 2.0."
        return Report((made("parse", FAILED, "not_assertion", words),), None)
    return verify(document, None, resolver=resolver, at=at, policy=policy)


def _core(case: _Case, at: datetime) -> list[Check]:
    """Checks 2 to 8. Nobody is asked on behalf of a document that is malformed."""
    schema = _check_schema(case)  # 2
    if schema.outcome is FAILED:
        words = "Its form must be right first."
        names = ("proof", "key", "signature", "controller", "dates", "status")
        return [schema, *(made(name, UNKNOWN, "not_reached", words) for name in names)]
    proof = _check_proof(case)  # 3
    key = _check_key(case, proof)  # 4
    signature = _check_signature(case)  # 5
    controller = _check_controller(case)  # 6
    return [schema, proof, key, signature, controller, _check_dates(case, at), _check_status(case, key, signature)]


def made(name: str, outcome: Outcome, code: str, detail: str) -> Check:
    return Check(name, outcome, code, detail, name in NEEDED, SECTIONS[name])


# 2: the assertion, its badge class and its issuer


def _check_schema(case: _Case) -> Check:
    found = list(problems(case.document, case.kind))
    if found:
        return made("schema", FAILED, "wrong_shape", " ".join(found[:5]))
    try:
        if case.kind == "Assertion":
            case.badge = _badge_class(case.document["badge"], case.resolver)
            found = list(problems(case.badge, "BadgeClass"))
        if not found:
            holder = case.badge or case.document
            case.issuer = _named(_id_of(holder["issuer"]), case.resolver)
            found = list(problems(case.issuer, "Issuer"))
    except Unreachable as error:
        return made("schema", UNKNOWN, error.left_open("badge_unreachable"), error.detail)
    except CredentialError as error:
        return made("schema", FAILED, error.code, error.detail)
    if found:
        return made("schema", FAILED, "wrong_shape", " ".join(found[:5]))
    return made("schema", PASSED, "right_shape_2", "It has the form of an Open Badge of version 2.0.")


def _badge_class(value: Any, resolver: Resolver) -> dict[str, Any]:
    """The BadgeClass, which must say at its own address what an assertion that carries it says."""
    if not isinstance(value, dict):
        return _named(value, resolver)
    inside = {"@context": openbadges2.CONTEXT, **value}
    if not _on_web(value.get("id")):
        return inside
    found = _named(value["id"], resolver)
    for name, item in value.items():
        same = found.get(name)
        if name == "issuer":
            item, same = _id_of(item), _id_of(same)
        if name != "@context" and not _same(item, same):
            raise CredentialError("badge_differs", f"The badge's own page says another {name}.")
    return found


def _page(url: str, resolver: Resolver) -> dict[str, Any]:
    try:
        document = loads(resolver.fetch(url))
    except ParseError:
        raise Missing(f"{url} did not answer with JSON.") from None
    if not isinstance(document, dict):
        raise Missing(f"{url} did not answer with an object.")
    return document


def _named(url: Any, resolver: Resolver) -> dict[str, Any]:
    """What an address answers about itself. Where it answers under another address, that one is asked instead."""
    if not _on_web(url):
        raise CredentialError("no_address", "It names a badge or an issuer that has no address on the web.")
    document = _page(url, resolver)
    own = document.get("id")
    if own != url and _on_web(own):
        document = _page(str(own), resolver)
    if document.get("id") != own or not _on_web(own):
        raise Missing(f"What {url} answered is about something else.")
    return document


def _id_of(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value


def _on_web(value: Any) -> bool:
    return is_address(value) and value.startswith(("https://", "http://"))


def _same(one: Any, other: Any) -> bool:
    return canonical(one) == canonical(other)


# 3 to 6: what proves it


def _check_proof(case: _Case) -> Check:
    """Check 3: hosted, or signed with an algorithm for public keys."""
    if case.is_hosted:
        if not _on_web(case.document["id"]):
            return made("proof", FAILED, "not_hosted", "It says that it is hosted, and has no address on the web.")
        return made("proof", PASSED, "hosted", "It is not signed: the issuer's own page repeats it.")
    if case.token is None:
        return made("proof", FAILED, "no_proof", "It says that it is signed, and comes without its signature.")
    header = case.token.header
    algorithm = header.get("alg")
    if "crit" in header or "b64" in header:
        return made("proof", FAILED, "bad_proof", "The signature asks for extensions that we do not know.")
    if not isinstance(algorithm, str) or algorithm.lower() == "none" or algorithm.startswith("HS"):
        return made("proof", FAILED, "bad_proof", f"{algorithm!r} is no way to sign with a public key.")
    if algorithm not in jwt.ALGORITHMS:
        return made("proof", UNKNOWN, "unknown_suite", f"We do not know the algorithm {algorithm!r}.")
    return made("proof", PASSED, "jws", f"It is a signed token ({algorithm}).")


def _check_key(case: _Case, proof: Check) -> Check:
    """Check 4: the assertion's own page, or the keys that may have signed."""
    if proof.outcome is not PASSED:
        return made("key", UNKNOWN, "no_signature", "There is nothing that we could look up.")
    try:
        if case.is_hosted:
            case.hosted = _page(case.document["id"], case.resolver)
            return made("key", PASSED, "page_found", "The assertion's own page was found.")
        case.keys = [(item, _public_key(item)) for item in _key_documents(case)]
    except Unreachable as error:
        return made("key", UNKNOWN, error.left_open("key_unreachable"), error.detail)
    except Gone:
        return made("key", UNKNOWN, "page_gone", "The assertion's page says that it is gone.")
    except Missing as error:
        return made("key", FAILED, "key_missing", error.detail)
    except CredentialError as error:
        return made("key", FAILED, error.code, error.detail)
    if not case.keys:
        return made("key", FAILED, "key_missing", "The assertion names no key, and the issuer publishes none.")
    return made("key", PASSED, "found", "The signer's key was found.")


def _key_documents(case: _Case) -> list[dict[str, Any]]:
    """The CryptographicKey that `creator` names, or else those the issuer lists."""
    creator = case.document["verification"].get("creator")
    named = [creator] if creator is not None else listed(case.issuer.get("publicKey"))
    if len(named) > MAX_KEYS:
        raise KeyFormatError("too_many", "The issuer lists more keys than we try.")
    return [_key_document(_id_of(item), case) for item in named]


def _key_document(address: Any, case: _Case) -> dict[str, Any]:
    for item in listed(case.issuer.get("publicKey")):  # a key may stand inside its issuer's own document
        if isinstance(item, dict) and "publicKeyPem" in item and item.get("id") == address:
            return item
    return _named(address, case.resolver)


def _public_key(document: Mapping[str, Any]) -> PublicKey:
    """The key of a CryptographicKey document; its kind is what the bytes are, whatever a header says."""
    pem = document.get("publicKeyPem")
    try:
        key = load_pem_public_key(pem.encode() if isinstance(pem, str) else b"")
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormatError("bad_key", "The issuer's key cannot be read.") from None
    if isinstance(key, Ed25519PublicKey):
        return PublicKey("Ed25519", key)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return PublicKey(_CURVES[key.curve.name], key)
    if isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size <= 8192:
        return PublicKey(RSA, key)
    raise KeyFormatError("unknown_key_kind", "The issuer's key is of a kind we do not use.")


def _check_signature(case: _Case) -> Check:
    """Check 5: the page repeats the assertion, or a key fits the signature."""
    if case.hosted is not None:
        if case.hosted.get("revoked") is True and case.hosted.get("id") == case.document["id"]:
            return made("signature", UNKNOWN, "not_reached", "Its page says only that it was withdrawn.")
        if not _same(case.hosted, case.document):
            words = "The issuer's page says something else. It was changed, or is not theirs."
            return made("signature", FAILED, "differs_from_page", words)
        return made("signature", PASSED, "same_as_page", "It is what the issuer's page says.")
    if case.token is None or not case.keys:
        return made("signature", UNKNOWN, "no_key", "Without the issuer's page or key nobody can tell.")
    kind = jwt.ALGORITHMS[case.token.header["alg"]]
    fitting = [(document, key) for document, key in case.keys if key.kind == kind]
    if not fitting:
        return made("signature", FAILED, "wrong_key_kind", "The key is of another kind than the signature.")
    for document, key in fitting:
        if jwt.signature_matches(case.token, key):
            case.signer = document
            return made("signature", PASSED, "unchanged", "Not one character was changed since it was signed.")
    words = "It was changed after it was signed, or signed with another key."
    return made("signature", FAILED, "wrong_signature", words)


def _check_controller(case: _Case) -> Check:
    """Check 6: the issuer vouches for the page or for the key."""
    if not case.issuer:
        return made("controller", UNKNOWN, "issuer_unreachable", "The issuer's page was not found.")
    if case.is_hosted:
        if not _in_scope(case.document["id"], case.issuer):
            words = "Its page does not lie where the issuer's assertions lie."
            return made("controller", FAILED, "out_of_scope", words)
        return made("controller", PASSED, "in_scope", "Its page lies where the issuer's assertions lie.")
    if case.signer is None:
        return made("controller", UNKNOWN, "no_key", "Without the signer's key nobody can tell.")
    names = [_id_of(item) for item in listed(case.issuer.get("publicKey"))]
    if case.signer.get("owner") != case.issuer["id"] or case.signer.get("id") not in names:
        return made("controller", FAILED, "not_issuer", "The key does not belong to the issuer.")
    return made("controller", PASSED, "listed_key", "The issuer lists this key as its own.")


def _in_scope(address: str, issuer: Mapping[str, Any]) -> bool:
    """Whether an assertion may lie at `address`: what the issuer declares, or else the issuer's own host."""
    place = _place(address)
    rules = issuer.get("verification")
    rules = rules if isinstance(rules, dict) else {}
    starts, origins = listed(rules.get("startsWith")), listed(rules.get("allowedOrigins"))
    if place is None:
        return False
    if not starts and not origins:
        origins = [issuer["id"]]
    if origins and not any(_is_origin(place, item) for item in origins):
        return False
    return not starts or any(_place(item) == place and address.startswith(item) for item in starts)


def _place(address: Any) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address without tricks in its path; None for any other."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if "\\" in path or any(step in (".", "..") for step in path.split("/")):
        return None
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def _is_origin(place: tuple[str, str, int], allowed: Any) -> bool:
    """Whether a place is of an allowed origin: an address, or a bare host name, which means https's own port."""
    if not isinstance(allowed, str):
        return False
    if "://" not in allowed:
        return place[1] == allowed.lower().rstrip(".") and place[2] in (80, 443)
    other = _place(allowed)
    if other is None or other[1] != place[1]:
        return False
    return other == place or (other[0] == "http" and place[0] == "https" and place[2] == 443)


# 7 and 8: still good


def _check_dates(case: _Case, at: datetime) -> Check:
    starts, ends = moment(case.document.get("issuedOn")), moment(case.document.get("expires"))
    if starts is not None and ends is not None and ends < starts:
        return made("dates", FAILED, "bad_date", "It ended before it began.")
    if starts is not None and at < starts:
        return made("dates", FAILED, "not_yet", f"It is valid only from {starts:%Y-%m-%d}.")
    if ends is not None and at > ends:
        return made("dates", FAILED, "expired", f"It was valid until {ends:%Y-%m-%d}.")
    return made("dates", PASSED, "in_time", "It is within its dates.")


def _check_status(case: _Case, key: Check, signature: Check) -> Check:
    """Check 8: a hosted assertion's page is asked anyway; for a signed one, the issuer's list."""
    withdrawn = "The issuer has withdrawn this credential."
    if case.document.get("revoked") is True or key.code == "page_gone":
        return made("status", FAILED, "revoked", withdrawn)
    if case.is_hosted:
        if case.hosted is None:
            return made("status", UNKNOWN, "not_reached", "Its page could not be asked.")
        if case.hosted.get("revoked") is True:
            return made("status", FAILED, "revoked", withdrawn)
        return made("status", PASSED, "page_stands", "The issuer's page still stands by it.")
    if signature.outcome is not PASSED:
        return made("status", UNKNOWN, "not_reached", "The signature must be right first.")
    address = case.issuer.get("revocationList")
    if address is None:
        return made("status", PASSED, "none_published", "The issuer publishes no list of withdrawals.")
    try:
        found = _named(_id_of(address), case.resolver)
    except Unreachable as error:
        return made("status", UNKNOWN, error.left_open("list_unreachable"), error.detail)
    except CredentialError as error:
        return made("status", UNKNOWN, "list_missing", error.detail)
    revoked = found.get("revokedAssertions", [])
    if not isinstance(revoked, list) or found.get("issuer", case.issuer["id"]) != case.issuer["id"]:
        return made("status", UNKNOWN, "bad_list", "The list of withdrawals has another form, or another issuer.")
    if case.document["id"] in [_id_of(item) for item in revoked]:
        return made("status", FAILED, "revoked", withdrawn)
    return made("status", PASSED, "not_withdrawn", "The issuer has not withdrawn it.")


# 9 and 11: who stands behind it


def _check_issuer(case: _Case, policy: Policy) -> Check:
    trusted = policy.trusts(str(case.issuer.get("id", "")))
    if trusted is None:
        return made("issuer", UNKNOWN, "no_list", "No list of trusted issuers was given.")
    if trusted:
        return made("issuer", PASSED, "trusted", "The issuer is one you trust.")
    return made("issuer", FAILED, "not_trusted", "The issuer is not one you trust.")


def _check_endorsements(case: _Case, found: list[Any], at: datetime, reached: bool) -> Check:
    """Check 11: each endorsement is genuine by its own issuer's page or key, and about this very badge."""
    if not reached or len(found) > MAX_ENDORSEMENTS:
        return made("endorsements", UNKNOWN, "not_reached", "What is attached was not checked.")
    names = [part["id"] for part in (case.document, case.badge, case.issuer) if "id" in part]
    unanswered = lapsed = 0
    for item in found:
        try:
            inner = _endorsement(item, case.resolver)
        except CredentialError:
            unanswered += 1
            continue
        report = Report(tuple(_core(inner, at)), inner.document)
        failed = [check for check in report.checks if check.outcome is FAILED]
        if failed and failed[0].number < 7:
            words = f"One of them is not genuine. {failed[0].detail}"
            return made("endorsements", FAILED, "not_genuine", words)
        if _id_of(inner.document["claim"]) not in names:
            return made("endorsements", FAILED, "of_another", "An endorsement is about something else.")
        lapsed += bool(failed)
        unanswered += report.verdict is Verdict.COULD_NOT_TELL
    if lapsed:
        return made("endorsements", UNKNOWN, "lapsed", f"{lapsed} of {len(found)} no longer hold.")
    if unanswered:
        return made("endorsements", UNKNOWN, "unanswered", f"{unanswered} of {len(found)} could not be checked.")
    return made("endorsements", PASSED, "genuine", f"All are genuine: {len(found)}.")


def _endorsement(item: Any, resolver: Resolver) -> _Case:
    """An endorsement by address, as an object, or as a signed token."""
    if isinstance(item, str) and jwt.looks_like_jwt(item):
        token = jwt.read(item)
        return _Case("Endorsement", dict(token.claims), token, resolver)
    if isinstance(item, dict):
        return _Case("Endorsement", {"@context": openbadges2.CONTEXT, **item}, None, resolver)
    return _Case("Endorsement", _named(item, resolver), None, resolver)


# For display


def _view(case: _Case) -> dict[str, Any]:
    """The assertion in the words of 3.0, for pages that show it."""
    profile, recipient = case.document.get("extensions:recipientProfile"), case.document.get("recipient")
    plain = recipient.get("identity") if isinstance(recipient, dict) and recipient.get("hashed") is False else None
    criteria = case.badge.get("criteria")
    view: dict[str, Any] = {
        "id": case.document.get("id"),
        "name": case.badge.get("name"),
        "issuer": {"id": case.issuer.get("id"), "name": case.issuer.get("name")},
        "credentialSubject": {
            "name": profile.get("name") if isinstance(profile, dict) else plain,
            "achievement": {
                "id": case.badge.get("id"),
                "name": case.badge.get("name"),
                "description": case.badge.get("description"),
                "criteria": criteria if isinstance(criteria, dict) else {"id": criteria},
            },
        },
    }
    for name, member in (("issuedOn", "validFrom"), ("expires", "validUntil")):
        if (found := moment(case.document.get(name))) is not None:
            view[member] = timestamp(found)
    return view
