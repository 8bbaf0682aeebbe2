"""The worker: each task once, in the face of failures and of workers that vanish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from fieldstone.server.ledger import actions
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.management import worker
from tests.cast import Cast

Handler = Callable[[Entry, datetime], None]


@pytest.fixture
def task(cast: Cast, at: datetime) -> Task:
    entry = actions.record(verb="tested", subject=cast.learner, by=None, at=at, tasks=("probe",))
    return entry.tasks.get()


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], None]:
    return lambda handler: monkeypatch.setattr(worker, "HANDLERS", {"probe": handler})


def test_a_task_is_done_once(task: Task, handle: Callable[[Handler], None], at: datetime) -> None:
    seen: list[int] = []
    handle(lambda entry, _at: seen.append(entry.pk))
    assert worker.drain(at=at) == 1
    assert worker.drain(at=at + timedelta(days=1)) == 0
    assert seen == [task.entry_id]


def test_a_task_that_fails_is_kept_with_its_reason_and_tried_again(
    task: Task, handle: Callable[[Handler], None], at: datetime
) -> None:
    def fails(entry: Entry, at: datetime) -> None:
        Entry.objects.create(at=at, verb="half", subject_type="x", subject_id=uuid4())
        raise RuntimeError("no line")

    handle(fails)
    assert worker.work(at=at)
    task.refresh_from_db()
    assert (task.done_at, task.attempts) == (None, 1)
    assert "no line" in task.error
    assert not Entry.objects.filter(verb="half").exists()
    assert not worker.work(at=at)
    handle(lambda entry, _at: None)
    assert worker.work(at=at + timedelta(seconds=3))
    task.refresh_from_db()
    assert task.done_at


def test_waits_grow_to_an_hour(task: Task, handle: Callable[[Handler], None], at: datetime) -> None:
    handle(lambda entry, _at: 1 / 0)  # type: ignore[arg-type, return-value]
    waits = []
    for _n in range(16):
        worker.work(at=at)
        task.refresh_from_db()
        waits.append(task.run_after - at)
        at = task.run_after
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=2)
    assert waits[-1] == timedelta(hours=1)


def test_a_worker_that_vanishes_leaves_its_task_to_the_next(
    task: Task, handle: Callable[[Handler], None], at: datetime
) -> None:
    gone = Task.objects.claim(at=at, lease=worker.LEASE)
    assert gone is not None
    handle(lambda entry, _at: None)
    assert not worker.work(at=at + worker.LEASE - timedelta(seconds=1))
    assert worker.work(at=at + worker.LEASE + timedelta(seconds=1))
    assert not actions.finish(task=gone, at=at)
    actions.postpone(task=gone, at=at, error="late")
    task.refresh_from_db()
    assert task.done_at
    assert task.error == ""


def test_attack_slow_checks_of_brought_badges_do_not_hold_up_mail(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def handler(name: str) -> Handler:
        return lambda entry, _at: seen.append(name)

    monkeypatch.setattr(worker, "HANDLERS", {name: handler(name) for name in ("check_brought", "mail_award")})
    for _n in range(7):
        actions.record(verb="tested", subject=cast.learner, by=None, at=at, tasks=("check_brought",))
    later = at + timedelta(minutes=1)
    actions.record(verb="tested", subject=cast.learner, by=None, at=later, tasks=("mail_award",))
    assert worker.work(at=at) and worker.work(at=later)
    assert seen == ["check_brought", "mail_award"]
    assert worker.drain(at=later) == 6


def test_work_is_taken_back_when_another_worker_finished_it(
    task: Task, handle: Callable[[Handler], None], at: datetime
) -> None:
    def slow(entry: Entry, at: datetime) -> None:
        Entry.objects.create(at=at, verb="late", subject_type="x", subject_id=uuid4())
        Task.objects.filter(pk=task.pk).update(lease_token=uuid4())

    handle(slow)
    assert worker.work(at=at)
    assert not Entry.objects.filter(verb="late").exists()
