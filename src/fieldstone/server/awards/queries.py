"""Reads about credentials: by code, by issuer, what was built on what, and what the world may ask us."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from fieldstone import credential
from fieldstone.credential import did as dids
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import rules
from fieldstone.server.awards.models import (
    Award,
    HostedAssertion,
    SignedDocument,
    SignedRecord,
    SigningKey,
    StatusList,
)
from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence.models import Artifact, Submission
from fieldstone.server.ledger.ids import fold_code
from fieldstone.server.people.models import Organization, User

_WITH = ("organization", "learner", "micro_credential", "version", "signing_key", "document")


def by_code(code: str) -> Award | None:
    """The award of a typed or scanned code, with everything that its page shows. One query."""
    return Award.objects.filter(code=fold_code(code)).select_related(*_WITH).first()


def document(award: Award) -> str | None:
    """The signed bytes as text, or None after the holder's account was erased."""
    try:
        return award.document.body
    except SignedDocument.DoesNotExist:
        return None


def learner_record(award: Award) -> str | None:
    """The signed learner record of a stack's award as text, or None where none was made."""
    return SignedRecord.objects.filter(award=award).values_list("body", flat=True).first()


def public_record(award: Award) -> str | None:
    """The same for everybody: only while neither the award nor a part in it is private."""
    made = SignedRecord.objects.filter(award=award).first()
    if made is None or award.audience == "private":
        return None
    return None if Award.objects.filter(pk__in=made.parts, audience="private").exists() else made.body


def hosted(code: str) -> tuple[str, bool] | None:
    """What the address of an award's 2.0 form answers, and whether it still stands; None where there is nothing."""
    award = by_code(code)
    return older_form(award) if award is not None and award.audience != "private" else None


def older_form(award: Award) -> tuple[str, bool] | None:
    """The same for whoever may see the award."""
    made = HostedAssertion.objects.filter(award=award).first()
    if made is None:
        return None
    if award.revoked_at or award.suspended_at:
        reason = award.revoked_reason or award.suspended_reason
        return credential.dumps(rules.withdrawn_assertion(settings.BASE_URL, award.code, reason)).decode(), False
    return made.body, True


def badge_class(version: Version) -> dict[str, Any]:
    """A version of a micro-credential as a BadgeClass of Open Badges 2.0."""
    owner = version.micro_credential
    return rules.badge_class(
        _described(version, base_url=settings.BASE_URL),
        base_url=settings.BASE_URL,
        version=version.pk,
        slug=owner.organization.slug,
    )


def older_issuer(organization: Organization) -> dict[str, Any]:
    """An organization as an Issuer of Open Badges 2.0."""
    return rules.older_issuer(
        base_url=settings.BASE_URL,
        slug=organization.slug,
        name=organization.full_name,
        url=organization.url,
        email=organization.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
    )


def newest(award: Award) -> Award:
    """The last of those that took an award's place one after the other; itself where none did."""
    seen = {award.pk}
    while award.replaced_by_id is not None and award.replaced_by_id not in seen:
        seen.add(award.replaced_by_id)
        award = Award.objects.select_related("document").get(pk=award.replaced_by_id)
    return award


def refreshed(code: str) -> tuple[str, bool] | None:
    """What the refresh service answers for a code: the newest signed text and True; "" and False where it was
    withdrawn and nothing took its place; None where there is nothing for others to see."""
    found = by_code(code)
    if found is None or found.audience == "private":
        return None
    last = newest(found)
    body = document(last)
    if last.audience == "private" or body is None:
        return None
    return (body, True) if last.revoked_at is None else ("", False)


def without_successor(learner: User, stack_id: UUID) -> Award | None:
    """Her newest credential of a stack, if software withdrew it and nothing has taken its place."""
    last = Award.objects.filter(learner=learner, stack_id=stack_id).order_by("-issued_at", "-id").first()
    if last is None or last.replaced_by_id is not None or not rules.is_automatic(last.revoked_reason):
        return None
    return last


def state_of(award: Award, at: datetime) -> str:
    """valid, withdrawn, paused or ended."""
    return rules.state(
        revoked_at=award.revoked_at, suspended_at=award.suspended_at, valid_until=award.valid_until, at=at
    )


def of_learner(learner: User) -> QuerySet[Award]:
    """Everything she was ever awarded, newest first, with what a list of it shows."""
    return Award.objects.filter(learner=learner).select_related(*_WITH).order_by("-issued_at", "-id")


def of_organization(
    organization: Organization,
    *,
    words: str = "",
    state: str = "",
    at: datetime,
    stacks: Mapping[UUID, str] | None = None,
) -> QuerySet[Award]:
    """An organization's awards, newest first; `words` are looked for in name, title and code.

    `stacks` are the titles of its stacks, which live in a higher layer: id to text in small letters.
    """
    rows = Award.objects.filter(organization=organization).select_related(*_WITH).order_by("-issued_at", "-id")
    for word in words.split()[:8]:
        rows = rows.filter(
            Q(learner__name__icontains=word)
            | Q(version__title_en__icontains=word)
            | Q(version__title_es__icontains=word)
            | Q(code__icontains=fold_code(word) or word)
            | Q(stack_id__in=[pk for pk, text in (stacks or {}).items() if word.lower() in text])
        )
    if state == "withdrawn":
        return rows.filter(revoked_at__isnull=False)
    if state == "paused":
        return rows.filter(revoked_at=None, suspended_at__isnull=False)
    if state == "ended":
        return rows.filter(revoked_at=None, suspended_at=None, valid_until__lte=at)
    if state == "valid":
        return rows.filter(revoked_at=None, suspended_at=None).filter(Q(valid_until=None) | Q(valid_until__gt=at))
    return rows


def built_on(award: Award) -> list[Award]:
    """The live stack credentials that name this award among their parts."""
    rows = Award.objects.live().filter(stack_id__isnull=False, learner_id=award.learner_id)
    named = rows.annotate(parts=Cast("components", TextField())).filter(parts__contains=str(award.pk))
    return list(named.select_related("organization", "learner").order_by("issued_at", "id"))


def parts_of(award: Award) -> QuerySet[Award]:
    """The awards that a stack credential names."""
    return Award.objects.filter(pk__in=[UUID(row["award"]) for row in award.components])


def did_document(did: str) -> dict[str, Any] | None:
    """What one of our issuers publishes: its active key first, retired ones after; None for a DID not ours."""
    rows = list(SigningKey.objects.filter(did=did, removed_at=None).order_by("-made_at", "-id"))
    if not rows:
        return None
    if did.startswith("did:key:"):
        return dids.resolve_offline(did)
    keys: dict[bool, list[credential.PublicKey]] = {True: [], False: []}
    for row in rows:
        keys[row.retired_at is None].append(credential.PublicKey.from_multikey(row.public_multibase))
    return dids.did_document(did, keys[True], retired=keys[False])


def issuer_of(did: str) -> Organization | None:
    """The organization here that signs, or has signed, under this DID."""
    row = SigningKey.objects.filter(did=did).select_related("organization").first()
    return row.organization if row else None


def issuer(organization: Organization) -> rules.Issuer | None:
    """How the organization signs now; None before its first key."""
    did = SigningKey.objects.filter(organization=organization, retired_at=None).values_list("did", flat=True).first()
    if did is None:
        return None
    return rules.Issuer(did=did, name=organization.full_name, url=organization.url, email=organization.email)


def profile(organization: Organization, *, base_url: str) -> dict[str, Any]:
    """The organization as an Open Badges Profile: its DID is its id, once it has a key."""
    here = rules.issuer_url(base_url, organization.pk)
    signs = issuer(organization) or rules.Issuer(
        did=here, name=organization.full_name, url=organization.url, email=organization.email
    )
    return rules.profile_json(signs, here=here)


def achievement(version: Version, *, base_url: str) -> dict[str, Any]:
    """A version of a micro-credential as an Open Badges Achievement."""
    return rules.achievement_json(_described(version, base_url=base_url))


def _described(version: Version, *, base_url: str) -> credential.Achievement:
    owner = version.micro_credential
    return rules.achievement(
        version.parsed,
        base_url=base_url,
        version=version.pk,
        number=version.number,
        slug=owner.slug,
        issuer=issuer(owner.organization),
    )


def status_list(list_id: UUID) -> str | None:
    """A status list as signed."""
    return StatusList.objects.filter(pk=list_id).values_list("body", flat=True).first()


def title(award: Award) -> Mapping[str, str]:
    """What an award is for: the pinned version's title in both languages, else the signed one."""
    if award.version is not None:
        words: Mapping[str, str] = award.version.definition["title"]
        return words
    name = signed_name(award)
    return {"en": name} if name else {}


def signed_name(award: Award) -> str:
    """What the signed document calls itself; empty after it was erased."""
    body = document(award)
    return str(credential.loads(body.encode())["name"]) if body else ""


def signed_recipient(award: Award) -> str:
    """The name that the signed document carries; empty after it was erased."""
    body = document(award)
    if not body:
        return ""
    named = credential.loads(body.encode())["credentialSubject"].get("identifier") or [{}]
    return str(named[0].get("identityHash", ""))


def judged(review: Review, *, page: str) -> rules.Judged:
    """How the work behind a decided review was judged; `page` is the address of the credential's page."""
    enrollment = review.submission.enrollment
    submissions = list(Submission.objects.filter(enrollment=enrollment).order_by("number"))
    pieces = {str(pk) for sent in submissions for ids in sent.content.get("artifacts", {}).values() for pk in ids}
    artifacts = list(Artifact.objects.filter(pk__in=pieces))
    answers = {part for sent in submissions for part, words in sent.content.get("answers", {}).items() if words}
    counts = Counter(a.kind for a in artifacts)
    return rules.Judged(
        two_person=review.two_person,
        sent={**counts, "reflection": int("reflection" in answers), "answer": len(answers - {"reflection"})},
        levels=_levels(review, enrollment.pk),
        shown=[
            rules.Shown(a.title, a.kind, a.url or f"{page}evidence/{a.pk}")
            for a in artifacts
            if a.is_public and a.removed_at is None
        ],
        prior_learning=enrollment.prior_learning,
    )


def _levels(review: Review, enrollment: UUID) -> dict[str, str]:
    """The level reached for each criterion: later tries judged only what was still open."""
    levels: dict[str, str] = {}
    decided = Review.objects.filter(submission__enrollment=enrollment, state="decided")
    for result in decided.order_by("submission__number").values_list("result", flat=True):
        levels.update(result.get("levels", {}))
    levels.update(review.result.get("levels", {}))
    return levels


def public_artifact(award: Award, artifact: UUID) -> Artifact | None:
    """A file of the award's evidence that its holder made public."""
    if award.review is None:
        return None
    rows = Artifact.objects.filter(pk=artifact, is_public=True, removed_at=None, blob__isnull=False)
    return rows.filter(enrollment=award.review.submission.enrollment_id).select_related("blob").first()
