"""Programs, micro-credentials and their versions."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from fieldstone.server.catalog import rules
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User

_PARSED: dict[UUID, rules.Definition] = {}


class Program(Row):
    """A shelf of micro-credentials and stacks of one organization, with its subject areas.

    `areas` is a list of `{"code": "cda_1", "name": {"en", "es"}}`.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="programs")
    slug = models.SlugField(max_length=60)
    title = models.JSONField()
    summary = models.JSONField(default=dict)
    areas = models.JSONField(default=list)
    lists = models.CharField(max_length=3, default="no", choices=[(p, p) for p in rules.LIST_POLICIES])
    """Whether its micro-credentials may be recorded from a list, and by how many people."""
    nudges = models.BooleanField(default=True)
    """Whether learners are told when one step is left to one of its stacks."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "slug"], name="program_slug_once"),
            models.CheckConstraint(condition=Q(lists__in=rules.LIST_POLICIES), name="program_lists_known"),
        ]


class MicroCredential(Row):
    """What stays the same while versions come and go: owner, address, stone."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="micro_credentials")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="micro_credentials")
    slug = models.SlugField(max_length=80)
    copied_from = models.ForeignKey("Version", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "slug"], name="micro_credential_slug_once")
        ]


class VersionQuerySet(models.QuerySet["Version"]):
    """Common cuts through the versions."""

    def current(self) -> VersionQuerySet:
        """The one published version of each micro-credential that is not retired."""
        return self.filter(published_at__isnull=False, superseded_at=None, micro_credential__retired_at=None)


class Version(Row):
    """One version. A draft while `published_at` is null; unchangeable afterwards (a trigger refuses).

    The columns besides `definition` are copies for search, written with it.
    """

    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    title_en = models.CharField(max_length=120, blank=True)
    title_es = models.CharField(max_length=120, blank=True)
    search = models.TextField(blank=True)
    level = models.PositiveSmallIntegerField(default=1)
    hours = models.PositiveIntegerField(default=0)
    cost_cents = models.PositiveIntegerField(default=0)
    in_spanish = models.BooleanField(default=False)
    offline = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["micro_credential", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["micro_credential"], condition=Q(published_at=None), name="version_one_draft"
            ),
            models.UniqueConstraint(
                fields=["micro_credential"],
                condition=Q(published_at__isnull=False, superseded_at=None),
                name="version_one_current",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(published_at__isnull=False), name="version_superseded_was_published"
            ),
        ]

    @cached_property
    def parsed(self) -> rules.Definition:
        """The definition as typed data. Drafts may have blanks.

        A published definition never changes, so each process reads it once.
        """
        if self.published_at is None:
            return rules.parse(self.definition)[0]
        if self.pk not in _PARSED:
            if len(_PARSED) >= 2000:
                _PARSED.clear()
            _PARSED[self.pk] = rules.parse(self.definition)[0]
        return _PARSED[self.pk]

    @property
    def cost(self) -> float:
        """What a learner pays, in US dollars."""
        return self.cost_cents / 100
