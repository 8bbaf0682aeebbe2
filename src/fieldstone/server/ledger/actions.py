"""Writes of the ledger. `record` is called inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from fieldstone.server.ledger.models import Entry, Row, Tally, Task

Made = TypeVar("Made")


def record(
    *,
    verb: str,
    subject: Row,
    by: UUID | None,
    at: datetime,
    organization: UUID | None = None,
    data: Mapping[str, Any] | None = None,
    tasks: Iterable[str] = (),
    later: Mapping[str, datetime] | None = None,
    key: str | None = None,
) -> Entry:
    """Write one line, and the tasks that follow from it, in the transaction that is open now.

    `tasks` are due at once, `later` at moments of their own.
    """
    entry = Entry.objects.create(
        at=at,
        verb=verb,
        by=by,
        organization=organization,
        subject_type=type(subject).__name__,
        subject_id=subject.pk,
        data=dict(data or {}),
        key=key,
    )
    due = {**dict.fromkeys(tasks, at), **(later or {})}
    Task.objects.bulk_create([Task(entry=entry, handler=name, run_after=when) for name, when in due.items()])
    return entry


def once(make: Callable[[], Made]) -> Made | None:
    """What `make` writes; None when a constraint of the database refuses it, as what stands there already.

    It has a savepoint of its own: after a refusal the transaction that is open now goes on as if nothing was tried.
    """
    try:
        with transaction.atomic():
            return make()
    except IntegrityError:
        return None


def finish(*, task: Task, at: datetime) -> bool:
    """Mark a task done; False when another worker holds it by now."""
    mine = Task.objects.filter(pk=task.pk, lease_token=task.lease_token, done_at=None)
    return bool(mine.update(done_at=at, lease_until=None, error=""))


def postpone(*, task: Task, at: datetime, error: str) -> None:
    """Give a task back with a wait that doubles, one hour at the most."""
    wait = min(timedelta(hours=1), timedelta(seconds=2 ** min(task.attempts, 12)))
    mine = Task.objects.filter(pk=task.pk, lease_token=task.lease_token, done_at=None)
    mine.update(lease_until=None, run_after=at + wait, error=error[:2000])


@transaction.atomic
def count(*, key: str, life: timedelta, at: datetime) -> int:
    """Count one more try under a key; how many there were since its first, which is forgotten after `life`."""
    mine = Tally.objects.filter(key=key)
    if not _one_more(key, life, at):
        Tally.objects.filter(ends_at__lte=at).delete()
        if once(lambda: Tally.objects.create(key=key, ends_at=at + life)) is None:
            _one_more(key, life, at)  # the same key's first try at the same moment
    return mine.get().count


def _one_more(key: str, life: timedelta, at: datetime) -> int:
    """The row that counts already, by one statement that no other comes between; how many rows there are."""
    mine = Tally.objects.filter(key=key)
    return mine.filter(ends_at__gt=at).update(count=F("count") + 1) or mine.filter(ends_at__lte=at).update(
        count=1, ends_at=at + life
    )
