"""Two people at once, with real threads and real connections."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import connection, connections

from fieldstone.server.assessment import actions
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import User
from tests.assessment.kit import YES, calibrate, fill, scoring
from tests.cast import make_cast, make_person


def in_memory() -> bool:
    return connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"])


def together(*jobs: object) -> list[object]:
    """Run all jobs at the same moment; what each returned or raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(i: int) -> None:
        gate.wait()
        try:
            results[i] = jobs[i]()  # type: ignore[operator]
        except Refused as refused:
            results[i] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_seat_that_somebody_else_got(at: datetime) -> None:
    if in_memory():
        pytest.skip("threads need a database file (set FIELDSTONE_TEST_SQLITE) or PostgreSQL")
    cast = make_cast(at)
    for i in range(4):
        scoring(make_person(f"Learner {i}", at), cast.home, at)
    people = [cast.home.first, cast.home.second, cast.home.approver]

    def claim(user: User) -> object:
        return actions.claim(organization=cast.home.organization, count=4, by=user, at=at)

    together(*[lambda u=user: claim(u) for user in [*people, *people]])
    taken = Seat.objects.exclude(assessor=None)
    assert len(set(taken.values_list("review", "assessor"))) == taken.count() == 8
    for user in people:
        assert taken.filter(assessor=user).count() <= cast.home.organization.hold_limit


@pytest.mark.django_db(transaction=True)
def test_two_sheets_handed_in_at_once_decide_once(at: datetime) -> None:
    if in_memory():
        pytest.skip("threads need a database file (set FIELDSTONE_TEST_SQLITE) or PostgreSQL")
    cast = make_cast(at)
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    jobs = []
    for kind, who in (("first", cast.home.first), ("second", cast.home.second)):
        seat = actions.take(seat=Seat.objects.get(review=review, kind=kind), by=who, at=at)
        fill(seat, YES, who, at)
        jobs += [lambda s=seat, w=who: actions.hand_in(seat=s, by=w, at=at)] * 2
    together(*jobs)
    stored = Review.objects.get(pk=review.pk)
    assert (stored.state, stored.outcome, stored.result["assessors"]) == ("decided", "demonstrated", 2)
