"""Every write of evidence. Nothing that a learner typed is ever overwritten by anything but her own next words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.core.files.storage import Storage
from django.db import transaction

from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.catalog.rules import ArtifactPart, Question
from fieldstone.server.evidence import rules
from fieldstone.server.evidence.models import Answer, Artifact, Blob, Enrollment, KeptCopy, Submission
from fieldstone.server.evidence.storage import Stored, take_in
from fieldstone.server.ledger.actions import once, record
from fieldstone.server.ledger.ids import new_code
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


class NotOffered(Refused):
    """The micro-credential takes no new learners."""


class NoSuchPart(Refused):
    """The evidence has no part of that name and kind."""


class NotComplete(Refused):
    """Something is missing; `problems` names each part."""


class NothingToSend(Conflict):
    """Every criterion is demonstrated already."""


class TooMany(Refused):
    """The part holds as many files and links as it may."""


class TooLong(Refused):
    """An answer beyond the limit."""


class Settled(Conflict):
    """The choice between two wordings was made already."""


class LinkRefused(Refused):
    """An address that is not kept."""


class NotPublic(NotAllowed):
    """Evidence in which a child may appear is never shown to the world."""


@dataclass(frozen=True)
class Typed:
    """Words from one screen: typed on top of `base`, or going on in the kept copy `copy`."""

    text: str
    base: int
    copy: UUID | None = None


@dataclass(frozen=True)
class Saved:
    """What became of them: the answer's revision now, and the kept copy when another screen was first."""

    revision: int
    copy: UUID | None = None


@dataclass(frozen=True)
class Draft:
    """One save of the evidence page. None means: not on this screen, leave it."""

    answers: Mapping[str, Typed] = field(default_factory=dict)
    captions: Mapping[UUID, str] = field(default_factory=dict)
    permission: bool | None = None
    prior_learning: bool | None = None


def _lock(enrollment: Enrollment) -> Enrollment:
    """The row as it is now, held until the transaction ends: saves of one learner queue up behind each other."""
    return Enrollment.objects.select_for_update(of=("self",)).select_related("version").get(pk=enrollment.pk)


def stored_key(owner: UUID, key: str | None) -> str | None:
    """A request's key as it is stored: bound to whose request it is, of any length and signs."""
    return f"{owner.hex[-20:]}:{hashlib.sha256(key.encode()).hexdigest()[:40]}" if key else None


@transaction.atomic
def start(
    *, micro_credential: MicroCredential, by: User, at: datetime, key: str | None = None
) -> Enrollment:
    """Begin a micro-credential under its current version; whoever began before comes back to that place.

    Raises NotOffered when it is retired or was never published and she has no work on it.
    """
    mine = Enrollment.objects.filter(learner=by, micro_credential=micro_credential)
    known = mine.filter(left_at=None).first() or mine.order_by("-touched_at").first()
    if known:
        return _return_to(known, by, at) if known.left_at else known
    version = Version.objects.current().filter(micro_credential=micro_credential).first()
    if version is None:
        raise NotOffered(_("This micro-credential takes no new learners."))
    enrollment = once(
        lambda: Enrollment.objects.create(
            learner=by,
            micro_credential=micro_credential,
            version=version,
            started_at=at,
            touched_at=at,
            key=stored_key(by.pk, key),
        )
    )
    if enrollment is None:
        return mine.get(left_at=None)
    _log("evidence.started", enrollment, by, at, version=version.number)
    return enrollment


def _log(verb: str, enrollment: Enrollment, by: User, at: datetime, key: str | None = None, **data: object) -> None:
    record(
        verb=verb,
        subject=enrollment,
        by=by.pk,
        at=at,
        organization=enrollment.version.micro_credential.organization_id,
        data=data,
        key=key,
    )


def _return_to(enrollment: Enrollment, by: User, at: datetime) -> Enrollment:
    enrollment.left_at = None
    enrollment.touched_at = at
    enrollment.save(update_fields=["left_at", "touched_at"])
    _log("evidence.returned", enrollment, by, at)
    return enrollment


@transaction.atomic
def leave(*, enrollment: Enrollment, by: User, at: datetime) -> Enrollment:
    """Put the work aside. Every word and file stays, for as many years as it takes."""
    enrollment = _lock(enrollment)
    if enrollment.left_at is None:
        enrollment.left_at = at
        enrollment.save(update_fields=["left_at"])
        _log("evidence.left", enrollment, by, at)
    return enrollment


@transaction.atomic
def come_back(*, enrollment: Enrollment, by: User, at: datetime) -> Enrollment:
    """Take the work up again, exactly where it was."""
    enrollment = _lock(enrollment)
    return _return_to(enrollment, by, at) if enrollment.left_at else enrollment


def _question(enrollment: Enrollment, part: str) -> Question:
    for found in enrollment.version.parsed.parts():
        if found.id == part and isinstance(found, Question):
            return found
    raise NoSuchPart(_("This page has no such question."), rules.field_of(part))


def _file_part(enrollment: Enrollment, part: str) -> ArtifactPart:
    for found in enrollment.version.parsed.artifacts:
        if found.id == part:
            return found
    raise NoSuchPart(_("This page has no such part for files."), rules.field_of(part))


def _save_words(enrollment: Enrollment, part: str, typed: Typed, at: datetime) -> Saved:
    text = rules.tidy(typed.text)
    answer = Answer.objects.filter(enrollment=enrollment, part=part).first()
    copy = (
        KeptCopy.objects.filter(pk=typed.copy, answer=answer, settled_at=None).first()
        if typed.copy and answer
        else None
    )
    revision = answer.revision if answer else 0
    verdict = rules.merge(
        stored=answer.text if answer else "", revision=revision, text=text, base=typed.base, copy_open=bool(copy)
    )
    if verdict.do == "copy" and copy:
        KeptCopy.objects.filter(pk=copy.pk).update(text=text, written_at=at)
        return Saved(revision, copy.pk)
    if verdict.do == "same":
        return Saved(revision)
    if answer is None:
        Answer.objects.create(enrollment=enrollment, part=part, text=text, saved_at=at)
        return Saved(1)
    if verdict.do == "over" and answer.text:
        KeptCopy.objects.create(answer=answer, text=answer.text, written_at=answer.saved_at, settled_at=at)
    if verdict.do in ("write", "over"):
        Answer.objects.filter(pk=answer.pk).update(text=text, revision=revision + 1, saved_at=at)
        return Saved(revision + 1)
    return Saved(revision, KeptCopy.objects.create(answer=answer, text=text, written_at=at).pk)


@transaction.atomic
def save(*, enrollment: Enrollment, draft: Draft, by: User, at: datetime, key: str | None = None) -> dict[str, Saved]:
    """Keep what is typed on one screen; per part, its revision and the kept copy if there was a conflict.

    The same request twice (same `key`, same words) writes once and answers the same. Raises NoSuchPart or TooLong; then
    nothing of this request is written and the screen still holds it.
    """
    enrollment = _lock(enrollment)
    full_key = stored_key(enrollment.pk, f"save {key} {draft!r}") if key else None
    earlier = Entry.objects.filter(key=full_key).first() if full_key else None
    if earlier:
        return {p: Saved(r, UUID(c) if c else None) for p, (r, c) in earlier.data["saved"].items()}
    problems = [rules.too_long(part, typed.text) for part, typed in draft.answers.items()]
    if any(problems):
        raise TooLong([p for p in problems if p])
    for part in draft.answers:
        _question(enrollment, part)
    saved = {part: _save_words(enrollment, part, typed, at) for part, typed in draft.answers.items()}
    for artifact_id, caption in draft.captions.items():
        title = rules.shown_name(caption, "")
        if title:
            Artifact.objects.filter(pk=artifact_id, enrollment=enrollment).update(title=title)
    if draft.permission is not None and draft.permission != (enrollment.permission_at is not None):
        enrollment.permission_at = at if draft.permission else None
    if draft.prior_learning is not None:
        enrollment.prior_learning = draft.prior_learning
    enrollment.touched_at, enrollment.left_at = at, None
    enrollment.save(update_fields=["permission_at", "prior_learning", "touched_at", "left_at"])
    answer = {part: [one.revision, str(one.copy) if one.copy else None] for part, one in saved.items()}
    _log("evidence.saved", enrollment, by, at, key=full_key, saved=answer)
    return saved


@transaction.atomic
def settle(*, copy: KeptCopy, keep: str, by: User, at: datetime) -> Answer:
    """Go on with one of two wordings: `keep` is "answer", "copy" or "both" (one below the other).

    The wording not chosen stays in the record of kept copies. Raises Settled when the choice was made before.
    """
    enrollment = _lock(copy.answer.enrollment)
    copy = KeptCopy.objects.select_related("answer").get(pk=copy.pk)
    answer = copy.answer
    if copy.settled_at:
        raise Settled(_("You have chosen already. Both wordings are still kept."))
    if keep != "answer":
        KeptCopy.objects.create(answer=answer, text=answer.text, written_at=answer.saved_at, settled_at=at)
        answer.text = copy.text if keep == "copy" else f"{answer.text}\n\n{copy.text}"
        answer.revision += 1
        answer.saved_at = at
        answer.save(update_fields=["text", "revision", "saved_at"])
    copy.settled_at = at
    copy.save(update_fields=["settled_at"])
    _log("evidence.settled", enrollment, by, at, part=answer.part, keep=keep)
    return answer


def _room(enrollment: Enrollment, part: ArtifactPart) -> None:
    held = Artifact.objects.filter(enrollment=enrollment, part=part.id, removed_at=None).count()
    if held >= part.max:
        one, many = _("This part holds 1 file or link. Remove it first."), _(
            "This part holds %(most)s files or links. Remove one first."
        )
        raise TooMany(one if part.max == 1 else many, rules.field_of(part.id), most=part.max)


def _add(
    enrollment: Enrollment, part: ArtifactPart, by: User, at: datetime, key: str | None, **fields: object
) -> Artifact:
    """The row of a file or link, once per key."""
    enrollment = _lock(enrollment)
    full_key = stored_key(enrollment.pk, key)
    known = Artifact.objects.filter(key=full_key).first() if full_key else None
    if known:
        return known
    _room(enrollment, part)
    artifact = Artifact.objects.create(enrollment=enrollment, part=part.id, added_at=at, key=full_key, **fields)
    Enrollment.objects.filter(pk=enrollment.pk).update(touched_at=at)
    _log("evidence.added", enrollment, by, at, artifact=str(artifact.pk), part=part.id, kind=artifact.kind)
    return artifact


def attach(
    *,
    enrollment: Enrollment,
    part: str,
    file: BinaryIO,
    name: str,
    by: User,
    at: datetime,
    key: str | None = None,
) -> Artifact:
    """Keep a file under one part: the bytes first, checked and cleaned, then its row.

    Not one transaction: the database is not held while a photo is decoded. A crash in between leaves bytes that
    nobody names, and the same request again finds them. The same `key` twice is one artifact.
    Raises NoSuchPart, TooMany, storage.FileRefused.
    """
    where = _file_part(enrollment, part)
    known = Artifact.objects.filter(key=stored_key(enrollment.pk, key)).first() if key else None
    if known:
        return known
    _room(enrollment, where)
    stored, kind = take_in(file, part=part, kinds=where.kinds)
    return _attach(enrollment, where, stored, kind, rules.caption_of(name, kind), by, at, key)


@transaction.atomic
def _attach(
    enrollment: Enrollment,
    part: ArtifactPart,
    stored: Stored,
    kind: str,
    title: str,
    by: User,
    at: datetime,
    key: str | None,
) -> Artifact:
    blob, _made = Blob.objects.get_or_create(
        sha256=stored.sha256,
        defaults={
            "size": stored.size,
            "media_type": stored.media_type,
            "stored_at": at,
            "light": stored.light,
        },
    )
    return _add(
        enrollment, part, by, at, key, kind=kind, title=title, blob=blob, sent_sha256=stored.sent_sha256
    )


@transaction.atomic
def attach_link(
    *, enrollment: Enrollment, part: str, url: str, title: str, by: User, at: datetime, key: str | None = None
) -> Artifact:
    """Keep a web address under one part. Raises NoSuchPart, TooMany, LinkRefused."""
    where = _file_part(enrollment, part)
    url = url.strip()
    problem = rules.link_problem(part, url)
    if problem:
        raise LinkRefused(problem)
    if "link" not in where.kinds:
        raise LinkRefused(_("This part asks for files, not for links."), rules.field_of(part))
    return _add(enrollment, where, by, at, key, kind="link", title=rules.shown_name(title, "") or url[:200], url=url)


@transaction.atomic
def remove(*, artifact: Artifact, by: User, at: datetime) -> Artifact:
    """Take a file or link out of the draft. It can be put back; what was sent keeps it anyway."""
    enrollment = _lock(artifact.enrollment)
    if Artifact.objects.filter(pk=artifact.pk, removed_at=None).update(removed_at=at, is_public=False):
        _log("evidence.removed", enrollment, by, at, artifact=str(artifact.pk))
    artifact.refresh_from_db()
    return artifact


@transaction.atomic
def put_back(*, artifact: Artifact, by: User, at: datetime) -> Artifact:
    """Undo a removal. Raises TooMany when its place was taken meanwhile."""
    enrollment = _lock(artifact.enrollment)
    artifact.refresh_from_db()
    if artifact.removed_at:
        _room(enrollment, _file_part(enrollment, artifact.part))
        Artifact.objects.filter(pk=artifact.pk).update(removed_at=None)
        artifact.removed_at = None
        _log("evidence.put_back", enrollment, by, at, artifact=str(artifact.pk))
    return artifact


@transaction.atomic
def publish(*, artifact: Artifact, public: bool, by: User, at: datetime) -> Artifact:
    """Let whoever may see the credential see this file or link too, or no longer. Raises NotPublic."""
    enrollment = _lock(artifact.enrollment)
    if public and not rules.may_publish(enrollment.version.parsed):
        raise NotPublic(_("A child may be in this evidence, so only the people who judge it see it."))
    if Artifact.objects.filter(pk=artifact.pk, removed_at=None).exclude(is_public=public).update(is_public=public):
        _log("evidence.published" if public else "evidence.hidden", enrollment, by, at, artifact=str(artifact.pk))
    artifact.refresh_from_db()
    return artifact


@transaction.atomic
def submit(
    *, enrollment: Enrollment, criteria: Collection[str], by: User, at: datetime, key: str | None = None
) -> Submission:
    """Fix the draft as it is now and send it, to be judged on `criteria` (ids, in the rubric's order).

    The same `key` twice is one submission. Raises NotComplete with everything that is missing, NothingToSend
    when `criteria` is empty.
    """
    enrollment = _lock(enrollment)
    full_key = stored_key(enrollment.pk, key)
    known = Submission.objects.filter(key=full_key).first() if full_key else None
    if known:
        return known
    if not criteria:
        raise NothingToSend(_("Every criterion is demonstrated. There is nothing to send again."))
    definition = enrollment.version.parsed
    answers = dict(Answer.objects.filter(enrollment=enrollment).values_list("part", "text"))
    held: dict[str, list[str]] = {}
    for artifact in Artifact.objects.filter(enrollment=enrollment, removed_at=None):
        held.setdefault(artifact.part, []).append(str(artifact.pk))
    permission = enrollment.permission_at is not None
    problems = rules.missing(definition, answers, {p: len(ids) for p, ids in held.items()}, permission, criteria)
    if problems:
        raise NotComplete(problems)
    submission = Submission.objects.create(
        enrollment=enrollment,
        number=Submission.objects.filter(enrollment=enrollment).count() + 1,
        content={"answers": answers, "artifacts": held, "permission": permission},
        criteria=list(criteria),
        sent_at=at,
        key=full_key,
        code=new_code(2),
    )
    Enrollment.objects.filter(pk=enrollment.pk).update(touched_at=at, left_at=None)
    record(
        verb="evidence.submitted",
        subject=submission,
        by=by.pk,
        at=at,
        organization=enrollment.version.micro_credential.organization_id,
        data={"number": submission.number, "code": submission.code},
        tasks=("mail_received",),
    )
    return submission


@transaction.atomic
def erase(*, learner: User, at: datetime) -> int:
    """Erase everything a person wrote and attached, with the reviews of it. Returns how many works.

    Files that nobody else names are deleted from the storage by the task "erase_files", after the commit.
    """
    works = list(Enrollment.objects.filter(learner=learner).select_related("micro_credential"))
    for work in works:
        record(
            verb="evidence.erased",
            subject=work,
            by=learner.pk,
            at=at,
            organization=work.micro_credential.organization_id,
            tasks=("erase_files",),
        )
    Enrollment.objects.filter(learner=learner).delete()
    return len(works)


def erase_orphans(*, storage: Storage) -> int:
    """Delete stored files that no artifact names any more. Safe to run again. Returns how many."""
    orphans = list(Blob.objects.filter(artifacts=None))
    for blob in orphans:
        storage.delete(blob.path)
        blob.delete()
    return len(orphans)
