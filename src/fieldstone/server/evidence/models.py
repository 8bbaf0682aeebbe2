"""What learners write and attach: drafts that are never lost, submissions that never change."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import User


class Enrollment(Row):
    """A learner's work on one micro-credential, pinned to the version she started under. Never expires."""

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="enrollments")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.PROTECT, related_name="enrollments")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="enrollments")
    started_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    permission_at = models.DateTimeField(null=True, blank=True)
    prior_learning = models.BooleanField(default=False)
    left_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "micro_credential"], condition=Q(left_at=None), name="enrollment_once"
            )
        ]


class Answer(Row):
    """The newest words for one part (a question or the reflection). `revision` grows with each save."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="answers")
    part = models.CharField(max_length=30)
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["enrollment", "part"], name="answer_once_per_part")]


class KeptCopy(Row):
    """Words that lost a race with another screen: kept beside the answer until the learner chooses."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="kept_copies")
    text = models.TextField()
    written_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)


class Blob(models.Model):
    """Stored bytes by their own SHA-256 (hex). Images are stored without EXIF.

    `light` is, for images, the gray (0 to 255) that only the brightest twentieth passes.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=80)
    stored_at = models.DateTimeField()
    light = models.PositiveSmallIntegerField(null=True)

    @property
    def path(self) -> str:
        """Where the bytes lie in the storage."""
        return f"blobs/{self.sha256[:2]}/{self.sha256}"


class Artifact(Row):
    """One file or link under one part. `sent_sha256` is the digest of the bytes as the learner sent them."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="artifacts")
    part = models.CharField(max_length=30)
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="artifacts")
    sent_sha256 = models.CharField(max_length=64, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    is_public = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        ordering: ClassVar = ["added_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(kind="link", blob=None) & ~Q(url="")) | (~Q(kind="link") & Q(blob__isnull=False, url="")),
                name="artifact_file_or_link",
            )
        ]


class Submission(Row):
    """What was sent, as sent: the words, and which artifacts. A trigger refuses change.

    `content` is `{"answers": {part: text}, "artifacts": {part: [artifact ids]}, "permission": bool}`;
    `criteria` are the ids to be judged this time (on a resubmission only those not yet demonstrated).
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    criteria = models.JSONField()
    sent_at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)
    code = models.CharField(max_length=12, unique=True)

    class Meta:
        ordering: ClassVar = ["sent_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrollment", "number"], name="submission_number_once")
        ]
