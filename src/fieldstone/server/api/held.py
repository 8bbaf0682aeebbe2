"""What an app may read: a learner's own credentials and those that she brought, byte for byte, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fieldstone import credential
from fieldstone.credential.baked import unbake
from fieldstone.credential.jwt import looks_like_jwt, read
from fieldstone.server.awards.models import Award, SignedDocument
from fieldstone.server.backpack import rules
from fieldstone.server.backpack.models import Brought, BroughtFile
from fieldstone.server.people.models import User

TYPES = {"OpenBadgeCredential", "AchievementCredential"}
VERIFIED = str(credential.Verdict.VERIFIED)


@dataclass(frozen=True, order=True)
class Held:
    """One credential's place in the list; `issued_at` and `pk` give the order, so that a new one comes last."""

    issued_at: datetime
    pk: UUID
    brought: bool


@dataclass(frozen=True)
class Page:
    """One page of the list: documents and compact JWS as they are kept, and how many there are in all."""

    documents: list[str]
    tokens: list[str]
    total: int


def page(learner: User, *, since: datetime | None, offset: int, limit: int) -> Page:
    """A page of what the learner holds: neither withdrawn nor paused, and of those that she brought, verified Open
    Badges 3.0. At most five queries, however many there are."""
    awards = Award.objects.live().filter(learner=learner, suspended_at=None, document__isnull=False)
    brought = Brought.objects.filter(learner=learner, verdict=VERIFIED)
    rows = [Held(issued_at, pk, False) for pk, issued_at in awards.values_list("pk", "issued_at")]
    elsewhere = list(brought.values_list("pk", "sha256", "issued_at", "brought_at"))
    badges = _badges({pk: digest for pk, digest, _issued, _brought in elsewhere})
    rows += [Held(issued or came, pk, True) for pk, _digest, issued, came in elsewhere if pk in badges]
    wanted = sorted(row for row in rows if since is None or row.issued_at > since)
    here = wanted[offset : offset + limit]
    texts = _texts(here)
    return Page(
        documents=[text for text in texts if not looks_like_jwt(text)],
        tokens=[text for text in texts if looks_like_jwt(text)],
        total=len(wanted),
    )


def _texts(rows: Sequence[Held]) -> list[str]:
    ours = SignedDocument.objects.in_bulk([row.pk for row in rows if not row.brought])
    files = BroughtFile.objects.in_bulk([row.pk for row in rows if row.brought])
    return [_inside(bytes(files[row.pk].body)) if row.brought else ours[row.pk].body for row in rows]


def _inside(body: bytes) -> str:
    """The credential as text, also where it came inside a picture."""
    return unbake(body).decode("utf-8-sig").strip()


_known: dict[str, bool] = {}


def _badges(digests: dict[UUID, str]) -> set[UUID]:
    """Which of these are Open Badges 3.0. Each file is read once by each process; a digest never changes its kind."""
    new = [pk for pk, digest in digests.items() if digest not in _known]
    if len(_known) > 50_000:
        _known.clear()
    for file in BroughtFile.objects.filter(pk__in=new).iterator(20) if new else ():
        _known[digests[file.pk]] = is_badge(bytes(file.body))
    return {pk for pk, digest in digests.items() if _known.get(digest)}


def has_like(learner: User, report: credential.Report) -> bool:
    """Whether she brought one with the same id from the same issuer (section 9: credential equality)."""
    told = rules.facts(report)
    rows = Brought.objects.filter(learner=learner, credential_id=told.credential_id, issuer_id=told.issuer_id)
    return bool(told.credential_id) and rows.exists()


def is_badge(body: bytes) -> bool:
    """Whether this is an Open Badges 3.0 achievement credential, as JSON, JWT or picture."""
    try:
        text = _inside(body)
        document = read(text).credential if looks_like_jwt(text) else credential.loads(text)
    except (credential.CredentialError, UnicodeDecodeError):
        return False
    kinds = document.get("type") if isinstance(document, dict) else None
    return any(kind in TYPES for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))
