"""Two tables: what happened (never changed), and what is still to be done about it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, When

from fieldstone.server.ledger.ids import new_id


class Row(models.Model):
    """Every table's key: a time-ordered UUID, so that rows may be made on any machine."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class Entry(models.Model):
    """One line of the record. No foreign keys: it outlives what it speaks of. A trigger refuses change."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=60, db_index=True)
    by = models.UUIDField(null=True)
    organization = models.UUIDField(null=True, db_index=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(db_index=True)
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        ordering: ClassVar = ["id"]


class Tally(models.Model):
    """How often something was tried within a stretch of time; past `ends_at` it counts from the start again."""

    key = models.CharField(max_length=80, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=1)


class TaskQuerySet(models.QuerySet["Task"]):
    """Reads and the conditional claim of the worker's table."""

    def ready(self, at: datetime) -> TaskQuerySet:
        """Not done, due, and not leased by a living worker."""
        return self.filter(done_at=None, run_after__lte=at).filter(Q(lease_until=None) | Q(lease_until__lt=at))

    def claim(self, *, at: datetime, lease: timedelta, last: Collection[str] = ()) -> Task | None:
        """Lease the oldest ready task: one conditional update, safe with many workers on any database.

        Those of the handlers `last` come after all others.
        """
        later = [Case(When(handler__in=sorted(last), then=1), default=0)] if last else []
        for task in self.ready(at).order_by(*later, "run_after", "id")[:5]:
            token = uuid.uuid4()
            won = (
                self.ready(at)
                .filter(pk=task.pk)
                .update(lease_until=at + lease, lease_token=token, attempts=F("attempts") + 1)
            )
            if won:
                return self.get(pk=task.pk)
        return None


class Task(Row):
    """A job born in the same transaction as its entry; done once, retried with growing waits."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="tasks")
    handler = models.CharField(max_length=60)
    run_after = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "handler"], name="task_once_per_entry")]
        indexes: ClassVar = [models.Index(fields=["run_after"], condition=Q(done_at=None), name="task_waiting")]
