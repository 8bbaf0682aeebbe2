"""Sending evidence, also from many places at once: one submission, one review, no word lost."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection, connections

from fieldstone.server.assessment.models import Review
from fieldstone.server.evidence import actions
from fieldstone.server.evidence.actions import Draft, Typed
from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy, Submission
from fieldstone.server.journeys.follow_stack import follow_stack
from fieldstone.server.journeys.submit_evidence import InReview, submit_evidence
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from tests.cast import Cast, make_cast, make_version
from tests.evidence import files

WORDS = Typed("one two three four five six", 0)


def ready(cast: Cast, at: datetime) -> Enrollment:
    """A draft in which nothing is missing."""
    work = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)
    draft = Draft(answers={"setting": WORDS, "reflection": WORDS}, permission=True)
    actions.save(enrollment=work, draft=draft, by=cast.learner, at=at)
    actions.attach(enrollment=work, part="notes", file=io.BytesIO(files.jpeg()), name="a.jpg", by=cast.learner, at=at)
    return work


def together(*jobs: Callable[[], object]) -> list[object]:
    """Run all at the same time; each one's answer, or the refusal it met."""
    if connection.vendor == "sqlite" and "mode=memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("threads need a database file (set FIELDSTONE_TEST_SQLITE) or PostgreSQL")
    gate = threading.Barrier(len(jobs))
    answers: list[object] = [None] * len(jobs)

    def run(i: int) -> None:
        try:
            gate.wait()
            answers[i] = jobs[i]()
        except Refused as refused:
            answers[i] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_sending_opens_a_review_with_its_date(cast: Cast, at: datetime) -> None:
    sent = submit_evidence(enrollment=ready(cast, at), by=cast.learner, at=at, key="k")
    assert sent.review.organization == cast.home.organization
    assert (sent.review.due_at.date().isoformat(), sent.review.check_due_at.date().isoformat()) == ("2026-12-11", "2026-11-24")
    assert submit_evidence(enrollment=sent.enrollment, by=cast.learner, at=at, key="k") == sent
    with pytest.raises(InReview):
        submit_evidence(enrollment=sent.enrollment, by=cast.learner, at=at, key="other")
    with pytest.raises(InReview):
        submit_evidence(enrollment=sent.enrollment, by=cast.learner, at=at)


def test_what_is_refused_leaves_nothing(cast: Cast, at: datetime) -> None:
    work = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)
    with pytest.raises(actions.NotComplete):
        submit_evidence(enrollment=work, by=cast.learner, at=at)
    assert (Submission.objects.count(), Review.objects.count()) == (0, 0)
    assert not Entry.objects.filter(verb="evidence.submitted").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [["k"] * 6, [f"k{i}" for i in range(6)]])
def test_sent_from_six_places_at_once_it_is_one(at: datetime, keys: list[str]) -> None:
    cast = make_cast(at)
    work = ready(cast, at)
    answers = together(
        *[lambda key=key: submit_evidence(enrollment=work, by=cast.learner, at=at, key=key) for key in keys]
    )
    assert (Submission.objects.count(), Review.objects.count()) == (1, 1)
    refused = [a for a in answers if isinstance(a, InReview)]
    assert len(refused) == len(set(keys)) - 1
    assert len([a for a in answers if isinstance(a, Submission)]) == len(keys) - len(refused)


@pytest.mark.django_db(transaction=True)
def test_six_screens_that_save_at_once_lose_no_words(at: datetime) -> None:
    cast = make_cast(at)
    work = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)
    words = [f"screen {letter}" for letter in "abcdef"]
    together(
        *[
            lambda text=text: actions.save(
                enrollment=work, draft=Draft(answers={"setting": Typed(text, 0)}), by=cast.learner, at=at
            )
            for text in words
        ]
    )
    kept = [Answer.objects.get().text, *KeptCopy.objects.values_list("text", flat=True)]
    assert sorted(kept) == words


@pytest.mark.django_db(transaction=True)
def test_one_photo_sent_six_times_at_once_is_one_row(at: datetime) -> None:
    cast = make_cast(at)
    work = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)

    def attach() -> Artifact:
        file = io.BytesIO(files.jpeg())
        return actions.attach(enrollment=work, part="notes", file=file, name="a.jpg", by=cast.learner, at=at, key="k")

    answers = together(*[attach] * 6)
    assert {a.pk for a in answers if isinstance(a, Artifact)} == {Artifact.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_started_six_times_at_once_is_one_enrollment(at: datetime) -> None:
    cast = make_cast(at)
    answers = together(
        *[lambda: actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at, key="k")] * 6
    )
    assert {a.pk for a in answers if isinstance(a, Enrollment)} == {Enrollment.objects.get().pk}


def test_following_a_stack_without_a_name_awards_nothing_yet(cast: Cast, at: datetime) -> None:
    from tests.web.learner.test_path import stack_of

    more = make_version(cast.home.program, at, slug="more").micro_credential
    stack = stack_of(cast, at, cast.home.micro_credential, more)
    cast.learner.name = ""
    first = follow_stack(stack=stack, by=cast.learner, at=at)
    assert follow_stack(stack=stack, by=cast.learner, at=at) == first
