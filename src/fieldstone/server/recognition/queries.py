"""Reads about promises that several screens need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from fieldstone import credential
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.queries import state_of
from fieldstone.server.catalog import queries as catalog
from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.catalog.rules import Text, fold
from fieldstone.server.pathways.models import Stack, StackVersion
from fieldstone.server.people.models import Organization, User
from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.recognition.rules import record, standing


@dataclass(frozen=True)
class Told:
    """A promise with its public record."""

    promise: Promise
    record: dict[str, int]


def standings(claims: Iterable[Claim], at: datetime) -> list[str]:
    """Where each claim stands."""
    return [standing(due_at=c.due_at, answered_at=c.answered_at, outcome=c.outcome, at=at) for c in claims]


def open_promises(at: datetime) -> QuerySet[Promise]:
    """Promises that can be claimed now, with their organization."""
    today = localtime(at).date()
    return (
        Promise.objects.filter(withdrawn_at=None, starts_on__lte=today)
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .select_related("organization", "micro_credential", "stack")
    )


def told(promises: Iterable[Promise], at: datetime) -> list[Told]:
    """Promises with their records, in two queries however many they are."""
    rows = list(promises)
    by_promise: dict[UUID, list[Claim]] = defaultdict(list)
    for claim in Claim.objects.filter(promise__in=[p.pk for p in rows]):
        by_promise[claim.promise_id].append(claim)
    return [Told(p, record(standings(by_promise[p.pk], at))) for p in rows]


def for_credentials(*, micro_credentials: Iterable[UUID] = (), stacks: Iterable[UUID] = (), at: datetime) -> list[Told]:
    """What follows from any of these, with the records."""
    rows = open_promises(at).filter(Q(micro_credential__in=list(micro_credentials)) | Q(stack__in=list(stacks)))
    return told(rows, at)


# --- the recognizer -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """What a promise is, or can be, for. `kind` is "m" (micro-credential) or "s" (stack)."""

    kind: str
    id: UUID
    title: Text
    level: int
    glyph: str
    organization: Organization
    slug: str


def _of_version(version: Version) -> Target:
    owner = version.micro_credential
    body = version.definition
    return Target("m", owner.pk, body["title"], version.level, body["glyph"], owner.organization, owner.slug)


def _of_stack(version: StackVersion) -> Target:
    owner, body = version.stack, version.definition
    return Target(
        "s", owner.pk, body["title"], body.get("level", 1), body.get("glyph", "stairs"), owner.organization, owner.slug
    )


@dataclass(frozen=True)
class Found:
    """What a search shows, and how many more there are."""

    shown: list[Target]
    more: int


def search_targets(words: str, *, limit: int = 12) -> Found:
    """Published micro-credentials and stacks of any organization that hold these words.

    First those whose title begins with the words, then those that hold them in the title, then the others; stacks
    before micro-credentials in each.
    """
    asked = fold(words).split()[:12]
    stacks = [
        _of_stack(version)
        for version in StackVersion.objects.current().select_related("stack__organization").order_by("pk")
        if all(word in fold(" ".join(str(t) for t in version.definition["title"].values())) for word in asked)
    ]
    found = [*stacks, *(_of_version(v) for v in catalog.search(catalog.Search(words=words)))]
    found.sort(key=lambda target: _distance(target, asked))
    return Found(found[:limit], max(0, len(found) - limit))


def _distance(target: Target, asked: list[str]) -> int:
    """0: a title begins so; 1: a title holds each word; 2: they stand elsewhere."""
    titles = [fold(str(title)) for title in target.title.values()]
    if any(title.startswith(" ".join(asked)) for title in titles):
        return 0
    return 1 if any(all(word in title for word in asked) for title in titles) else 2


def target(kind: str, pk: UUID) -> Target | None:
    """One published micro-credential ("m") or stack ("s") that is not retired."""
    if kind == "s":
        stack = StackVersion.objects.current().filter(stack=pk).select_related("stack__organization").first()
        return _of_stack(stack) if stack else None
    versions = Version.objects.current().filter(micro_credential=pk).select_related("micro_credential__organization")
    version = versions.first() if kind == "m" else None
    return _of_version(version) if version else None


def micro_credential_of(chosen: Target) -> MicroCredential | None:
    """The micro-credential that was chosen, or None for a stack."""
    return MicroCredential.objects.get(pk=chosen.id) if chosen.kind == "m" else None


def stack_of(chosen: Target) -> Stack | None:
    """The stack that was chosen, or None for a micro-credential."""
    return Stack.objects.get(pk=chosen.id) if chosen.kind == "s" else None


def targets(promises: Iterable[Promise]) -> dict[UUID, Target]:
    """What each promise is for, by the promise's id, retired ones too. Two queries."""
    rows = list(promises)
    found: dict[UUID, Target] = {}
    versions = Version.objects.filter(
        micro_credential__in=[p.micro_credential_id for p in rows], published_at__isnull=False
    )
    for version in versions.select_related("micro_credential__organization").order_by("number"):
        found[version.micro_credential_id] = _of_version(version)
    stacks = StackVersion.objects.filter(stack__in=[p.stack_id for p in rows], published_at__isnull=False)
    for stack in stacks.select_related("stack__organization").order_by("number"):
        found[stack.stack_id] = _of_stack(stack)
    by_promise = {p.pk: found.get(p.micro_credential_id or p.stack_id or p.pk) for p in rows}
    return {pk: each for pk, each in by_promise.items() if each is not None}


def promises_of(organization: Organization) -> QuerySet[Promise]:
    """An organization's promises, those that stand before the withdrawn ones, newest first."""
    return Promise.objects.filter(organization=organization).order_by("withdrawn_at", "-made_at", "-pk")


def claims_on(organization: Organization) -> QuerySet[Claim]:
    """Claims on an organization's promises, with what a row of them shows."""
    return Claim.objects.filter(promise__organization=organization).select_related(
        "promise__organization", "award__organization", "award__version", "award__document"
    )


@dataclass(frozen=True)
class Claimed:
    """A claim as its recognizer sees it: the credential's own words, and nothing else about the person.

    `name` and `can_do` are empty after the holder's account was deleted.
    """

    claim: Claim
    standing: str
    name: str
    title: Text
    can_do: Text
    state: str


def claimed(claims: Iterable[Claim], at: datetime) -> list[Claimed]:
    """Claims with what stands on their credentials. One query."""
    rows = list(claims)
    versions = StackVersion.objects.in_bulk([c.award.stack_version_id for c in rows if c.award.stack_version_id])
    return [_claimed(row, versions, at) for row in rows]


def _claimed(claim: Claim, versions: Mapping[UUID, StackVersion], at: datetime) -> Claimed:
    award = claim.award
    document = getattr(award, "document", None)
    body = award.version.definition if award.version else versions[award.stack_version_id or award.pk].definition
    name = ""
    if document is not None:
        identities = credential.loads(document.body.encode())["credentialSubject"].get("identifier", [])
        name = next((str(each["identityHash"]) for each in identities if each.get("identityType") == "name"), "")
    return Claimed(
        claim=claim,
        standing=standing(due_at=claim.due_at, answered_at=claim.answered_at, outcome=claim.outcome, at=at),
        name=name,
        title=body["title"],
        can_do=body["can_do"],
        state=state_of(award, at),
    )


# --- the learner --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claimable:
    """A promise that she can claim now, with the award that does it."""

    told: Told
    award: Award


def claimable(learner: User, at: datetime) -> list[Claimable]:
    """Promises open now for something she holds and has not claimed with it. Four queries."""
    awards: dict[UUID, Award] = {}
    for award in Award.objects.live().filter(learner=learner).order_by("issued_at", "pk"):
        if state_of(award, at) == "valid":
            awards[award.micro_credential_id or award.stack_id or award.pk] = award
    if not awards:
        return []
    done = set(Claim.objects.filter(learner=learner).values_list("promise", "award"))
    found = for_credentials(micro_credentials=awards, stacks=awards, at=at)
    pairs = [Claimable(each, awards[_subject(each.promise)]) for each in found]
    return [pair for pair in pairs if (pair.told.promise.pk, pair.award.pk) not in done]


def _subject(promise: Promise) -> UUID:
    return promise.micro_credential_id or promise.stack_id or promise.pk


def claims_of(learner: User) -> QuerySet[Claim]:
    """What she has claimed, newest first, with the promise and who made it."""
    return (
        Claim.objects.filter(learner=learner)
        .select_related("promise__organization", "award__version")
        .order_by("-claimed_at", "-pk")
    )
