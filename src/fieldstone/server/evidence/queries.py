"""Reads of evidence that several screens need. Other people's things do not exist (None)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from fieldstone.server.evidence import rules
from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy, Submission
from fieldstone.server.people.models import User


def enrollment_for(user: User, enrollment_id: UUID) -> Enrollment | None:
    """The learner's own enrollment with its version, organization and program; None if it is not hers."""
    return (
        Enrollment.objects.filter(pk=enrollment_id, learner=user)
        .select_related("version__micro_credential__organization", "version__micro_credential__program", "learner")
        .first()
    )


def enrollments_of(user: User) -> QuerySet[Enrollment]:
    """All her enrollments, last touched first, with what a list shows about each.

    Four queries in all; `artifacts` holds only what is not removed.
    """
    return (
        Enrollment.objects.filter(learner=user)
        .select_related("version__micro_credential__organization", "version__micro_credential__program")
        .prefetch_related("answers", "submissions", Prefetch("artifacts", Artifact.objects.filter(removed_at=None)))
        .order_by("-touched_at")
    )


def own_artifact(user: User, enrollment_id: UUID, artifact_id: UUID) -> Artifact | None:
    """A file or link of the learner's own enrollment, also a removed one."""
    return (
        Artifact.objects.filter(pk=artifact_id, enrollment_id=enrollment_id, enrollment__learner=user)
        .select_related("enrollment__version__micro_credential", "blob")
        .first()
    )


def own_copy(user: User, enrollment_id: UUID, copy_id: UUID) -> KeptCopy | None:
    """A kept copy of the learner's own words."""
    return (
        KeptCopy.objects.filter(pk=copy_id, answer__enrollment_id=enrollment_id, answer__enrollment__learner=user)
        .select_related("answer__enrollment__version__micro_credential__organization")
        .first()
    )


def waiting_copies(enrollment: Enrollment) -> dict[str, KeptCopy]:
    """Per part the newest kept copy that waits for her choice."""
    rows = KeptCopy.objects.filter(answer__enrollment=enrollment, settled_at=None).select_related("answer")
    return {row.answer.part: row for row in rows.order_by("written_at")}


def _sent_in(submission: Submission) -> set[str]:
    lists: Iterable[list[str]] = submission.content.get("artifacts", {}).values()
    return {artifact_id for ids in lists for artifact_id in ids}


def artifact_in(submission: Submission, artifact_id: UUID) -> Artifact | None:
    """A file that was sent with this submission; None for any other."""
    if str(artifact_id) not in _sent_in(submission):
        return None
    return Artifact.objects.filter(pk=artifact_id, enrollment=submission.enrollment_id).select_related("blob").first()


def artifact_for(user: User, artifact_id: UUID) -> Artifact | None:
    """A file that this person may open: her own, or one sent to a review in which she has a seat."""
    artifact = Artifact.objects.filter(pk=artifact_id).select_related("blob", "enrollment").first()
    if artifact is None or artifact.enrollment.learner_id == user.pk:
        return artifact
    seated = Submission.objects.filter(enrollment=artifact.enrollment_id, review__seats__assessor=user)
    return artifact if any(str(artifact_id) in _sent_in(s) for s in seated) else None


def public_artifact(artifact_id: UUID) -> Artifact | None:
    """A file or link that its learner shows with her credential and that was sent; None for any other."""
    artifact = (
        Artifact.objects.filter(pk=artifact_id, is_public=True, removed_at=None)
        .select_related("blob", "enrollment__version")
        .first()
    )
    if artifact is None or not rules.may_publish(artifact.enrollment.version.parsed):
        return None
    return artifact


def answers_of(enrollment: Enrollment) -> Mapping[str, Answer]:
    """Her newest words by part."""
    return {answer.part: answer for answer in Answer.objects.filter(enrollment=enrollment)}
