"""The worker's loop: claim a task, do it and mark it done in one transaction, or give it back with a wait.

A worker that is killed leaves a lease that runs out; the task is then done by the next one. Whatever a handler
writes to the database is committed together with the mark, so it happens once. Mail carries an id made from its
task, so a second delivery after a crash can be recognized.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

from django.db import OperationalError, close_old_connections, transaction

from fieldstone.server.journeys.nudge import order_nudges
from fieldstone.server.journeys.tasks import ALONE, HANDLERS, LAST
from fieldstone.server.ledger import actions
from fieldstone.server.ledger.models import Task

LEASE = timedelta(minutes=2)
IDLE_SECONDS = 0.5
log = logging.getLogger(__name__)


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def work(*, at: datetime) -> bool:
    """Do one task if there is one. Returns whether there was."""
    task = Task.objects.claim(at=at, lease=LEASE, last=LAST)
    if task is None:
        return False
    try:
        if task.handler in ALONE:
            HANDLERS[task.handler](task.entry, at)
            actions.finish(task=task, at=at)
        else:
            with transaction.atomic():
                HANDLERS[task.handler](task.entry, at)
                if not actions.finish(task=task, at=at):
                    transaction.set_rollback(True)
    except Exception as error:  # a task may fail in any way; it is tried again and the reason is kept
        log.exception("task %s (%s) was put back", task.pk, task.handler)
        actions.postpone(task=task, at=at, error=repr(error))
    return True


def drain(*, at: datetime, limit: int = 10_000) -> int:
    """Do every task that is due now; for tests, the demo and one-off runs. Returns how many."""
    done = 0
    while done < limit and work(at=at):
        done += 1
    return done


def each_minute(at: datetime) -> None:
    """What is looked at by the clock: whether the day's notes to learners are ordered."""
    order_nudges(at=at)


def run(*, parent: int | None = None, tick: Callable[[datetime], None] | None = each_minute) -> None:
    """Work until told to stop (SIGTERM, SIGINT) or until the parent process is gone. `tick` runs each minute."""
    going = True

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    next_tick = 0.0
    while going and (parent is None or os.getppid() == parent):
        try:
            if tick and time.monotonic() >= next_tick:
                next_tick = time.monotonic() + 60
                tick(clock())
            if not work(at=clock()):
                time.sleep(IDLE_SECONDS)
        except OperationalError:  # the database is away or busy: wait, then go on
            log.warning("the database did not answer; waiting")
            close_old_connections()
            time.sleep(2)
