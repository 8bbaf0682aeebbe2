"""A confirmed list becomes credentials: one for each row, once, a while at a time.

Each row has its own transaction, in which its credential is signed and the row is marked. A worker that is killed
leaves whole rows, and the next one goes on. Somebody who has signed in here before gets it on her page; everybody
else gets a link by mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from fieldstone.credential import CredentialError
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Listed
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.backpack.lists import Line
from fieldstone.server.backpack.models import Batch, BatchRow
from fieldstone.server.journeys.confirm_decision import award_stacks
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import User

WHILE = 200
"""Rows that are awarded before the worker looks at its other tasks."""


def award_list(*, batch: Batch, at: datetime, rows: int = WHILE) -> None:
    """Award the next rows of a list that is at work, and order the next while or the end."""
    number = 0
    for _row in range(rows):
        done = _award_next(batch, number, at)
        if done is None:
            break
        number = done
    backpack.settle_list(batch=batch, at=at)


@transaction.atomic
def _award_next(batch: Batch, after: int, at: datetime) -> int | None:
    """Award one row; its number, or None when nothing waits."""
    row = backpack.waiting_row(batch=batch, after=after)
    if row is None:
        return None
    try:
        with transaction.atomic():
            award, new = _award(batch, row, at)
    except awards.KeysAway:  # nothing is wrong with the row: the worker tries again
        raise
    except (Refused, CredentialError) as error:
        backpack.row_done(row=row, award=None, state="refused", reason=str(error), at=at)
    else:
        backpack.row_done(row=row, award=award, state="issued" if new else "held", at=at)
    return row.number


def already(*, batch: Batch, lines: Sequence[Line], at: datetime) -> int:
    """How many people of a list, as it was read, hold its credential already and get no second one."""
    held = set()
    for start in range(0, len(lines), 500):
        emails = [line.email for line in lines[start : start + 500]]
        waits = Award.objects.live().filter(
            version=batch.version, pickups__email__in=emails, pickups__not_me_at=None, pickups__ended_at=None
        )
        theirs = Award.objects.live().filter(
            version=batch.version, learner__in=User.objects.annotate(small=Lower("email")).filter(
                small__in=emails, is_active=True, last_login__isnull=False
            ),
        )  # fmt: skip
        lasting = Q(valid_until=None) | Q(valid_until__gt=at)
        held |= set(waits.filter(lasting).values_list("pickups__email", flat=True))
        held |= {email.lower() for email in theirs.filter(lasting).values_list("learner__email", flat=True) if email}
    return len(held & {line.email for line in lines})


def _award(batch: Batch, row: BatchRow, at: datetime) -> tuple[Award, bool]:
    learner = User.objects.filter(email__iexact=row.email, is_active=True, last_login__isnull=False).first()
    told = {"pickups__email": row.email, "pickups__not_me_at": None, "pickups__ended_at": None}
    sent = Award.objects.live().filter(version=batch.version, **told).first()
    if sent is not None and (sent.valid_until is None or sent.valid_until > at):
        return sent, False
    award, new = awards.issue_listed(
        version=batch.version,
        learner=learner,
        name=row.name,
        said=Listed(row.narrative, _moment(row.awarded), batch.people),
        valid_until=_last(row.until),
        by=batch.started_by,
        at=at,
    )
    if learner is not None:
        award_stacks(learner=learner, by=batch.started_by, at=at)
    elif new:
        backpack.make_pickup(
            award=award, name=row.name, email=row.email, language=row.language, by=batch.started_by, at=at
        )
    return award, new


def _last(day: date | None) -> datetime | None:
    """The end of a day in UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC) if day else None


def _moment(day: date | None) -> datetime | None:
    """Noon of a day in UTC: the same day everywhere in the Americas."""
    return datetime.combine(day, time(12), UTC) if day else None
