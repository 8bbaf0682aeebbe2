"""People, organizations, and who may do what where."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from fieldstone.server.ledger.models import Row
from fieldstone.server.people.rules import ORGANIZATION_KINDS, ROLES, SECTORS


class UserManager(BaseUserManager["User"]):
    """Makes people. Nobody has a password: a mailed code, a passkey or a printed code opens the door."""

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        """Create a person without a usable password. `email` may be None (no e-mail at all)."""
        user = self.model(email=self.normalize_email(email) or None if email else None, **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(Row, AbstractBaseUser):
    """A person. `name` is what a credential carries; everything else may be empty."""

    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(null=True, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=5, default="en", choices=[("en", "English"), ("es", "Español")])
    area = models.CharField(max_length=120, blank=True)
    keys_on = models.BooleanField(default=True)
    hints_on = models.BooleanField(default=True)
    """Whether she wants a note when one step is left to a stack."""
    is_active = models.BooleanField(default=True)
    is_synthetic = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(is_active=False, email=None, name="", phone=""),
                name="user_deleted_keeps_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or str(self.pk)


class Organization(Row):
    """A college, cooperative, district, employer, state program, tribal nation or consortium."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    unit = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=20, choices=[(k, k) for k in ORGANIZATION_KINDS])
    place = models.CharField(max_length=120, blank=True)
    url = models.URLField(blank=True)
    email = models.EmailField(blank=True)
    sector = models.CharField(max_length=10, blank=True, choices=[(s, s) for s in SECTORS])
    family = models.CharField(max_length=5, blank=True, choices=[(f, f) for f in ("slate", "moss", "clay", "sky")])
    review_days = models.PositiveSmallIntegerField(default=14)
    check_days = models.PositiveSmallIntegerField(default=1)
    hold_limit = models.PositiveSmallIntegerField(default=5)
    two_person = models.CharField(
        max_length=12, default="double_blind", choices=[("approver", "approver"), ("double_blind", "double_blind")]
    )
    is_synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    consortia: models.ManyToManyField[Organization, ConsortiumMember] = models.ManyToManyField(
        "self", through="ConsortiumMember", symmetrical=False, related_name="members_of_consortium"
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(review_days__gte=1, review_days__lte=60), name="org_review_days"),
            models.CheckConstraint(condition=Q(hold_limit__gte=1, hold_limit__lte=50), name="org_hold_limit"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """Unit and organization as one line for a credential and a page."""
        return f"{self.unit}, {self.name}" if self.unit else self.name


class ConsortiumMember(Row):
    """`organization` belongs to `consortium` and may copy what its members share."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="consortium_links")
    consortium = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="member_links")
    joined_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "consortium"], name="consortium_member_once"),
            models.CheckConstraint(condition=~Q(organization=F("consortium")), name="consortium_not_itself"),
        ]


class Membership(Row):
    """One role of one person in one organization; ended, never deleted."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(r, r) for r in ROLES])
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"], condition=Q(ended_at=None), name="membership_once"
            ),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="membership_role_known"),
        ]


class PrintedCode(Row):
    """A code on paper from a coach, for somebody without e-mail. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="printed_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)


class CalendarFeed(Row):
    """A secret address at which a calendar app reads a person's dates. Only its hash is kept; one is open at most."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="calendar_feed_one_open"),
        ]
