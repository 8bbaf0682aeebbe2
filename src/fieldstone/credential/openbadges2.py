"""Open Badges 2.0, the form that older backpacks hold: what an assertion, a badge class and an issuer must look like,
whom an assertion names, and how ours are written in that form.

In 2.0 an assertion is not signed into itself: it is either *hosted* (the issuer's own web page repeats it) or *signed*
(a compact JWS around it). `openbadges2_checks` asks both; this module is values in, values out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from fieldstone.credential.errors import CredentialError
from fieldstone.credential.model import Achievement, Profile, hash_identity

CONTEXT: Final = "https://w3id.org/openbadges/v2"
HOSTED: Final = frozenset({"HostedBadge", "hosted"})
SIGNED: Final = frozenset({"SignedBadge", "signed"})
_ADDRESS: Final = re.compile(r'(https?://[^/?#\s]|urn:|did:)[^\x00-\x20<>"{}|\\^`]*')
_HASH: Final = re.compile(r"sha256\$[0-9A-Fa-f]{64}|md5\$[0-9A-Fa-f]{32}")
_WORDS: Final = {
    "id": "@id",
    "type": "@type",
    "badge": "obi:badge",
    "issuer": "obi:issuer",
    "recipient": "obi:recipient",
    "verification": "obi:verify",
    "allowedOrigins": "obi:allowedOrigins",
    "startsWith": "http://purl.org/dqm-vocabulary/v1/dqm#startsWith",
    "publicKey": "sec:publicKey",
    "revocationList": "obi:revocationList",
    "obi": "https://w3id.org/openbadges#",
    "sec": "https://w3id.org/security#",
}
"""The words that decide, as the published context defines them; old documents carry that context in full."""
_REQUIRED: Final = {
    "Assertion": ("id", "recipient", "badge", "verification", "issuedOn"),
    "BadgeClass": ("id", "name", "description", "image", "criteria", "issuer"),
    "Issuer": ("id", "name", "url", "email"),
    "Endorsement": ("id", "claim", "issuer", "verification", "issuedOn"),
}
_TEXTS: Final = frozenset({"name", "description", "narrative", "email", "@language", "version", "revocationReason"})
_REFERENCES: Final = frozenset({"badge", "issuer", "criteria"})


# What it must look like


def is_openbadges2(document: Mapping[str, Any]) -> bool:
    """Whether a document speaks Open Badges 2.0 and nothing newer."""
    return CONTEXT in listed(document.get("@context"))


def problems(document: Mapping[str, Any], kind: str) -> Iterator[str]:
    """One sentence for each fault of an Assertion, BadgeClass, Issuer or Endorsement (2.0, "Data Classes")."""
    if not _context_is_known(document.get("@context")):
        yield f"The {kind} does not use the words of Open Badges 2.0."
    types = listed(document.get("type"))
    if kind not in types and not (kind == "Issuer" and "Profile" in types):
        yield f"The type is not {kind}."
    for name in _REQUIRED[kind]:
        if name not in document:
            yield f"The {kind} has no {name}."
    for name, value in document.items():
        if name == "id" and not is_address(value):
            yield f"The {kind}'s id is not an absolute address."
        elif name in _TEXTS and not isinstance(value, str):
            yield f"The {kind}'s {name} is not text."
        elif name in _REFERENCES and not isinstance(value, str | dict):
            yield f"The {kind}'s {name} is neither an address nor an object."
        elif name in {"issuedOn", "expires"} and moment(value) is None:
            yield f"The {kind}'s {name} is not a date and time with its offset."
    if kind == "Assertion":
        yield from _recipient_problems(document.get("recipient"))
    if kind in {"Assertion", "Endorsement"}:
        verification = document.get("verification")
        if not isinstance(verification, dict) or verification_kind(document) is None:
            yield f"The {kind} does not say how it is verified."
    if kind == "Endorsement" and not isinstance(document.get("claim"), dict):
        yield "The Endorsement makes no claim."


def _recipient_problems(recipient: Any) -> Iterator[str]:
    if not isinstance(recipient, dict) or not all(isinstance(recipient.get(n), str) for n in ("type", "identity")):
        yield "The recipient has no type or no identity."
    elif not isinstance(recipient.get("hashed"), bool):
        yield "The recipient does not say whether it is hashed."
    elif not isinstance(recipient.get("salt", ""), str):
        yield "The recipient's salt is not text."
    elif recipient["hashed"] and not _HASH.fullmatch(recipient["identity"]):
        yield "The recipient's hash is of a kind we do not know."


def _context_is_known(value: Any) -> bool:
    """The published context by address, or carried in full with the deciding words defined as it defines them."""
    items = listed(value)
    own = [item for item in items if isinstance(item, dict)]
    if not own:
        return CONTEXT in items
    return len(items) == 1 and all(_meaning(own[0].get(word)) == meaning for word, meaning in _WORDS.items())


def _meaning(definition: Any) -> Any:
    return definition.get("@id") if isinstance(definition, dict) else definition


def verification_kind(document: Mapping[str, Any]) -> str | None:
    """ "hosted" or "signed", as the document's `verification` says, or None."""
    verification = document.get("verification")
    kind = verification.get("type") if isinstance(verification, dict) else None
    kinds = {item for item in listed(kind) if isinstance(item, str)}
    if kinds & HOSTED and not kinds & SIGNED:
        return "hosted"
    return "signed" if kinds & SIGNED and not kinds & HOSTED else None


def is_address(value: Any) -> bool:
    """Whether a value is an absolute address: http(s), urn or did."""
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 date and time with its offset, or None. 2.0 is freer here than 3.0: seconds may be missing."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def listed(value: Any) -> list[Any]:
    """A value as a list: JSON-LD writes one as itself."""
    return value if isinstance(value, list) else [] if value is None else [value]


# Whom it names


def recipient_matches(document: Mapping[str, Any], identity: str) -> bool | None:
    """Whether an assertion names `identity` (an e-mail address, URL or telephone number); None where it cannot say.

    Letters of an e-mail address may be large or small (2.0, "IdentityHash"; issuers hash what they were given).
    """
    recipient = document.get("recipient")
    if not isinstance(recipient, dict) or any(_recipient_problems(recipient)):
        return None
    plain = identity.strip()
    forms = {plain, plain.lower()} if recipient["type"] == "email" else {plain}
    expected = recipient["identity"]
    if not recipient["hashed"]:
        return expected.strip().lower() in forms if recipient["type"] == "email" else expected.strip() in forms
    name, _, digest = expected.partition("$")
    salt = recipient.get("salt", "")
    found = [hashlib.new(name, (form + salt).encode(), usedforsecurity=False).hexdigest() for form in forms]
    return any(hmac.compare_digest(item, digest.lower()) for item in found)


# Writing it


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedAssertion:
    """One award in the form of 2.0, hosted at `id`.

    `badge_id` and `issuer_id` are https addresses that answer with what `build_badge_class` and `build_issuer` give.
    `email` is hashed with `salt`. `credential_url` leads to the signed credential of 3.0, the better proof.
    """

    id: str
    badge_id: str
    email: str
    salt: str
    issued_on: datetime
    expires: datetime | None = None
    narrative: str | None = None
    image: str | None = None
    credential_url: str | None = None


def build_assertion(award: HostedAssertion) -> dict[str, Any]:
    """The Assertion to publish at `award.id`; raises CredentialError for an address nobody could host."""
    return _members(
        **{"@context": CONTEXT},
        type="Assertion",
        id=_web(award.id),
        recipient={"type": "email", "hashed": True, "salt": award.salt, "identity": _hashed(award)},
        badge=_web(award.badge_id),
        verification={"type": "HostedBadge"},
        issuedOn=_timestamp(award.issued_on),
        expires=None if award.expires is None else _timestamp(award.expires),
        narrative=award.narrative,
        image=award.image,
        evidence=None if award.credential_url is None else _web(award.credential_url),
    )


def _hashed(award: HostedAssertion) -> str:
    if "@" not in award.email:
        raise CredentialError("no_email", "An assertion of Open Badges 2.0 names its recipient by e-mail address.")
    return hash_identity(award.email, award.salt)


def build_revoked(identifier: str, reason: str | None = None) -> dict[str, Any]:
    """What stays at a withdrawn assertion's address, answered with status 410 (2.0, "Revocation")."""
    return _members(
        **{"@context": CONTEXT}, type="Assertion", id=_web(identifier), revoked=True, revocationReason=reason
    )


def build_badge_class(achievement: Achievement, *, identifier: str, issuer_id: str, image: str) -> dict[str, Any]:
    """An Achievement as the BadgeClass to publish at `identifier`; `image` is its picture's address."""
    criteria = _members(id=achievement.criteria.id, narrative=achievement.criteria.narrative)
    return _members(
        **{"@context": CONTEXT},
        type="BadgeClass",
        id=_web(identifier),
        **({"@language": achievement.in_language} if achievement.in_language else {}),
        name=achievement.name,
        description=achievement.description,
        image=_web(image),
        criteria=criteria,
        issuer=_web(issuer_id),
        tags=list(achievement.tags),
        version=achievement.version,
        alignment=[
            _members(
                targetName=item.target_name,
                targetUrl=item.target_url,
                targetDescription=item.target_description,
                targetFramework=item.target_framework,
                targetCode=item.target_code,
            )
            for item in achievement.alignments
        ],
        related=[_members(type="BadgeClass", id=item.id, version=item.version) for item in achievement.related],
    )


def build_issuer(profile: Profile, *, identifier: str, url: str, email: str, scope: str) -> dict[str, Any]:
    """An issuer's Profile to publish at `identifier`; its assertions' addresses all start with `scope`."""
    return _members(
        **{"@context": CONTEXT},
        type="Issuer",
        id=_web(identifier),
        name=profile.name,
        url=_web(url),
        email=email,
        description=profile.description,
        image=profile.image,
        verification={"type": "VerificationObject", "startsWith": _web(scope)},
    )


def _members(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def _web(url: str) -> str:
    if not is_address(url) or not url.startswith(("https://", "http://")):
        raise CredentialError("bad_address", f"{url!r} is not an address on the web.")
    return url


def _timestamp(value: datetime) -> str:
    if value.tzinfo is None:
        raise CredentialError("no_time_zone", "A moment needs a time zone.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
