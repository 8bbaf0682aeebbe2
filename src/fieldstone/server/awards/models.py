"""Awards: the signed document (never changed) and the state around it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fieldstone.server.assessment.models import Review
from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User


class SigningKey(Row):
    """An organization's key; `sealed_private` is its secret, encrypted, or says which keeper has it (`awards.keys`).

    A retired key still verifies what it signed; a removed one, lost or stolen, is published no more.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="signing_keys")
    did = models.CharField(max_length=300)
    public_multibase = models.CharField(max_length=100)
    sealed_private = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(retired_at=None), name="signing_key_one_active"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(retired_at__isnull=False), name="signing_key_removed_is_retired"
            ),
        ]


class StatusList(Row):
    """One Bitstring Status List of an issuer, signed under `did`. Slots are given out at random."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="status_lists")
    did = models.CharField(max_length=300, default="")
    length = models.PositiveIntegerField(default=131_072)
    used = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    body = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)


class StatusSlot(Row):
    """A bit of a list, used once."""

    list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="slots")
    index = models.PositiveIntegerField()
    award = models.ForeignKey("Award", on_delete=models.PROTECT, related_name="slots")
    is_set = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "index"], name="status_slot_once"),
            models.UniqueConstraint(fields=["list", "award"], name="status_slot_one_per_award"),
        ]


class AwardQuerySet(models.QuerySet["Award"]):
    """Common cuts through the awards."""

    def live(self) -> AwardQuerySet:
        """Not revoked and not replaced; suspension and dates are judged separately."""
        return self.filter(revoked_at=None)


class Award(Row):
    """A credential that was issued, and what has happened to it since.

    Either a micro-credential's (with the review that confirmed it) or a stack's (`stack_id` names it;
    a plain UUID because stacks live in a higher layer). `learner` is null after an account was deleted.
    `replaced_by` is the award that took the place of a withdrawn one; the review goes with it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="awards")
    learner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="awards")
    micro_credential = models.ForeignKey(
        MicroCredential, on_delete=models.PROTECT, null=True, blank=True, related_name="awards"
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, blank=True, related_name="awards")
    review = models.OneToOneField(Review, on_delete=models.SET_NULL, null=True, blank=True, related_name="award")
    stack_id = models.UUIDField(null=True, blank=True, db_index=True)
    stack_version_id = models.UUIDField(null=True, blank=True)
    components = models.JSONField(default=list)
    code = models.CharField(max_length=20, unique=True)
    sha256 = models.CharField(max_length=64)
    signing_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="awards")
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    audience = models.CharField(
        max_length=8, default="link", choices=[("private", "private"), ("link", "link"), ("public", "public")]
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)
    revoked_by = models.UUIDField(null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )

    objects = AwardQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(micro_credential__isnull=False, version__isnull=False, stack_id=None)
                | Q(micro_credential=None, version=None, stack_id__isnull=False),
                name="award_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["learner", "version"],
                condition=Q(revoked_at=None, learner__isnull=False, version__isnull=False),
                name="award_one_live_per_version",
            ),
            models.UniqueConstraint(
                fields=["learner", "stack_id"],
                condition=Q(revoked_at=None, learner__isnull=False, stack_id__isnull=False),
                name="award_one_live_per_stack",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_reason="", revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason=""),
                name="award_revoked_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_reason="")
                | Q(suspended_at__isnull=False) & ~Q(suspended_reason=""),
                name="award_suspended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(revoked_at__isnull=False) & ~Q(replaced_by=F("id")),
                name="award_replaced_is_withdrawn",
            ),
        ]


class SignedDocument(models.Model):
    """The credential's bytes as signed. A trigger refuses updates; deletion only with an account."""

    award = models.OneToOneField(Award, on_delete=models.PROTECT, primary_key=True, related_name="document")
    body = models.TextField()
    signed_at = models.DateTimeField()


class Copy(Row):
    """The same award, signed once more in another form or for a wallet's key; a trigger refuses updates.

    `holder` is the DID of that key, empty where the copy is tied to none. It names the award's own status slot, so
    what happens to the award reaches every copy. Deleted only with an account.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="copies")
    form = models.CharField(max_length=12)
    holder = models.CharField(max_length=600, blank=True)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["award", "form", "holder"], name="copy_one_per_form_and_holder")
        ]


class SignedRecord(models.Model):
    """A stack's credential with those it is built on, as one signed learner record (CLR 2.0). Kept like a document.

    `parts` are the ids of the awards whose documents it encloses.
    """

    award = models.OneToOneField(Award, on_delete=models.PROTECT, primary_key=True, related_name="record")
    body = models.TextField()
    parts = models.JSONField(default=list)
    signed_at = models.DateTimeField()


class HostedAssertion(models.Model):
    """An award in the form of Open Badges 2.0, as its page repeats it for ever. Made when its holder asks for it."""

    award = models.OneToOneField(Award, on_delete=models.PROTECT, primary_key=True, related_name="hosted")
    body = models.TextField()
    made_at = models.DateTimeField()
