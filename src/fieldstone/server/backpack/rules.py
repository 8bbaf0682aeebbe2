"""What is kept of a credential from elsewhere, when it is checked again, and whether it can be told whose it is."""

from __future__ import annotations

import hashlib
import hmac
import struct
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from fieldstone import credential
from fieldstone.credential.baked import PNG
from fieldstone.credential.jwt import looks_like_jwt

SOURCES = ("file", "url", "text", "api")
VERDICTS = tuple(str(verdict) for verdict in credential.Verdict)
BELONGS = ("email", "key", "name", "other_email", "other_name", "unknown")
"""Why we think that it is hers (her e-mail address, her key, her name), why not, or that nothing in it says."""

BATCH_STATES = ("read", "handed", "running", "paused", "done", "stopped", "dropped")
"""read: looked at, nothing awarded · handed: a second person has to confirm · running, paused · done · stopped: ended
early by a person · dropped: thrown away before it began."""
ROW_STATES = ("waiting", "issued", "held", "refused", "stopped")
"""held: the person has this credential already · refused: it could not be issued, with the reason."""
PICKUP_DAYS = 90
"""How long a link can be used."""

MAX_FILE = 2_000_000
"""Bytes of one file; a badge picture may be big."""
MAX_NUMBER = 200
"""Credentials that one learner may bring."""
MAX_BYTES = 40_000_000
"""Bytes of all files that one learner may bring."""
MAX_SIDE = 2_000
"""Dots a side of a picture that is shown."""
WEEK = timedelta(days=7)
RETRIES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""When somebody did not answer: the waits before we ask again; after them weekly."""


@dataclass(frozen=True)
class Person:
    """What we know of a learner that a credential may name. `keys` are DIDs that she proved to hold."""

    name: str
    email: str
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """What a list shows of a credential, cut to what the table holds."""

    credential_id: str
    title: str
    issuer_id: str
    issuer_name: str
    recipient: str
    issued_at: datetime | None
    valid_until: datetime | None


def facts(report: credential.Report) -> Facts:
    """The facts for the list; a document that is not verified may say anything."""
    document = report.document or {}
    return Facts(
        credential_id=_cut(document.get("id"), 1000),
        title=_cut(report.title, 300),
        issuer_id=_cut(report.issuer_id, 1000),
        issuer_name=_cut(report.issuer_name, 300),
        recipient=_cut(report.recipient_name, 200),
        issued_at=_moment(report.valid_from),
        valid_until=_moment(report.valid_until),
    )


def plain(value: object, limit: int) -> str:
    """One line without signs that no database keeps, cut."""
    return _cut(value, limit)


def rows(report: credential.Report) -> list[dict[str, Any]]:
    """The numbered checks as plain values; what they quote of the document is cut to what a database keeps."""
    return [{**check.to_json(), "detail": _cut(check.detail, 500)} for check in report.checks]


def _cut(value: object, limit: int) -> str:
    """One line without signs that no database keeps."""
    if not isinstance(value, str):
        return ""
    clean = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in value)
    return " ".join(clean.split())[:limit]


def _moment(words: str) -> datetime | None:
    try:
        return credential.parse_timestamp(words).astimezone(UTC)
    except (credential.CredentialError, ValueError, OverflowError):
        return None


def readable(report: credential.Report) -> bool:
    """Whether it is a credential at all: it can be read, and has the form of one."""
    passed = {check.name for check in report.checks if check.outcome is not credential.Outcome.FAILED}
    return {"parse", "schema"} <= passed


def next_check(verdict: str, unanswered: int, at: datetime) -> datetime:
    """When to check again. `unanswered` counts the checks in a row that could not tell, this one included."""
    if verdict == credential.Verdict.COULD_NOT_TELL and unanswered <= len(RETRIES):
        return at + RETRIES[unanswered - 1]
    return at + WEEK


def media_type(data: bytes) -> str:
    """What a file is, by its own bytes."""
    if data.startswith(PNG):
        return "image/png"
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return "image/svg+xml"
    if looks_like_jwt(start.decode("ascii", "replace").strip()) or start.startswith(b"eyJ"):
        return "application/jwt"
    return "application/json"


def suffix(media_type: str) -> str:
    """The end of a file's name for what `media_type` said."""
    return {"image/png": "png", "image/svg+xml": "svg", "application/jwt": "jwt"}.get(media_type, "json")


class Link(Protocol):
    """What decides how a link stands."""

    claimed_at: datetime | None
    not_me_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime


def pickup_state(link: Link, at: datetime) -> str:
    """How a link stands: claimed, not_me, replaced, expired or open."""
    if link.claimed_at is not None:
        return "claimed"
    if link.not_me_at is not None:
        return "not_me"
    if link.ended_at is not None:
        return "replaced"
    return "expired" if link.expires_at <= at else "open"


def small_picture(data: bytes) -> bool:
    """Whether it is a PNG that a phone can show without harm: at most 2,000 dots a side."""
    if not data.startswith(PNG) or len(data) < 24:
        return False
    width, height = (int(n) for n in struct.unpack(">II", data[16:24]))
    return 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE


def belongs(document: Mapping[str, Any], person: Person) -> str:
    """One of BELONGS: whether what the credential says of its holder is true of this person.

    Open Badges 3.0: the subject's `id` and `identifier`s (section B.1.14); 2.0: `recipient`. A strong sign (address,
    key) counts before a weak one (name); that another address or name stands there counts only if no sign is hers.
    """
    found = {_sign(kind, value, person) for kind, value in _named(document)}
    return next((sign for sign in BELONGS if sign in found), "unknown")


_EMAIL = {"emailaddress", "email", "mailto"}
_NAMES = {"name", "fullname"}


def _sign(kind: str, value: tuple[str, bool, str], person: Person) -> str:
    text, hashed, salt = value
    if kind in _EMAIL:
        mine = person.email.strip().lower()
        if not hashed:
            same = bool(mine) and text.removeprefix("mailto:").strip().lower() == mine
        else:
            same = bool(mine) and any(_hash_fits(text, form, salt) for form in {mine, person.email.strip()})
        return "email" if same else "other_email"
    if kind in _NAMES:
        if hashed:
            return "name" if person.name and _hash_fits(text, person.name, salt) else "unknown"
        return "name" if _folded(text) and _folded(text) == _folded(person.name) else "other_name"
    return "key" if kind == "did" and text.partition("#")[0] in person.keys else "unknown"


def _hash_fits(hashed: str, value: str, salt: str) -> bool:
    """Open Badges: the algorithm, a dollar sign, and the hex digest of value and salt."""
    name, _, kept = hashed.partition("$")
    if name not in ("sha256", "md5"):
        return False
    made = hashlib.new(name, (value + salt).encode(errors="replace"), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(made.encode(), kept.strip().lower().encode("utf-8", "replace"))


def _folded(name: str) -> str:
    """A name without accents, case and double spaces, so that "María  Vega" is "maria vega"."""
    plain = unicodedata.normalize("NFKD", name)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def _named(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, bool, str]]]:
    """Every way in which the document names its holder: kind, then text, whether it is hashed, and the salt."""
    recipient = document.get("recipient")
    if isinstance(recipient, Mapping):
        yield from _identity(recipient, "type", "identity", clear=recipient.get("hashed") is not True)
    subject = document.get("credentialSubject")
    for part in subject if isinstance(subject, list) else [subject]:
        if not isinstance(part, Mapping):
            continue
        address = part.get("id")
        if isinstance(address, str):
            yield address.partition(":")[0].lower(), (address, False, "")
        for name in ("name", "email"):
            if isinstance(part.get(name), str):
                yield name, (part[name], False, "")
        identities = part.get("identifier")
        for identity in identities if isinstance(identities, list) else [identities]:
            if isinstance(identity, Mapping):
                yield from _identity(identity, "identityType", "identityHash", clear=identity.get("hashed") is False)


def _identity(
    identity: Mapping[str, Any], kind: str, value: str, *, clear: bool
) -> Iterator[tuple[str, tuple[str, bool, str]]]:
    kinds, text, salt = identity.get(kind), identity.get(value), identity.get("salt")
    kinds = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if isinstance(kinds, str) and isinstance(text, str):
        hashed = not clear or text.startswith("sha256$")
        yield kinds.lower(), (text, hashed, salt if isinstance(salt, str) else "")
