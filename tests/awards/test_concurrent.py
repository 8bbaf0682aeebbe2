"""Many at once: one decision becomes one credential, and no status slot is used twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connection, connections

from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import actions
from fieldstone.server.awards.models import Award, SigningKey, StatusList, StatusSlot
from fieldstone.server.journeys.issue_again import issue_again
from tests.awards.makers import make_review
from tests.cast import make_cast, make_person


@pytest.fixture
def _threads(transactional_db: None) -> Iterator[None]:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("an in-memory SQLite is one connection: set FIELDSTONE_TEST_SQLITE to a file, or use PostgreSQL")
    yield


@pytest.mark.usefixtures("_threads")
def test_the_same_decisions_from_many_threads_are_issued_once(at: datetime) -> None:
    cast = make_cast(at)
    learners = [make_person(f"Learner {n}", at) for n in range(3)]
    reviews = [make_review(learner, cast.home.version, at) for learner in learners]
    start = threading.Barrier(6)
    errors: list[BaseException] = []
    made: list[Award] = []

    def issue(review: Review) -> None:
        try:
            start.wait(10)
            made.append(actions.issue(review=review, by=None, at=at))
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=issue, args=(review,)) for review in reviews for _twice in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert (len(made), Award.objects.count()) == (6, 3)
    assert len({award.pk for award in made}) == 3
    assert (SigningKey.objects.count(), StatusList.objects.count(), StatusSlot.objects.count()) == (1, 1, 3)
    assert set(StatusList.objects.values_list("used", flat=True)) == {3}


@pytest.mark.usefixtures("_threads")
def test_one_that_is_issued_again_from_many_threads_has_one_successor(at: datetime) -> None:
    cast = make_cast(at)
    old = actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    actions.withdraw(award=old, reason="Misspelled", by=cast.home.issuer, at=at)
    start = threading.Barrier(4)
    errors: list[BaseException] = []
    made: list[Award] = []

    def again() -> None:
        try:
            start.wait(10)
            made.append(issue_again(award=Award.objects.get(pk=old.pk), by=cast.home.issuer, at=at))
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=again) for _person in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert (len(made), len({award.pk for award in made}), Award.objects.count()) == (4, 1, 2)
