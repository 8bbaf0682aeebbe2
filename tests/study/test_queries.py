"""What the program lead's overview counts, against figures counted by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.study import queries, rules
from tests.awards.makers import make_enrollment, make_review
from tests.cast import Cast, make_person, make_version
from tests.pathways.makers import hold, make_stack
from tests.recognition.makers import make_award, make_promise
from tests.study.makers import people
from tests.study.test_actions import make_cohort


def read(cast: Cast, at: datetime, **asked: object) -> queries.Overview:
    fields = {"cohort": None, "period": "all", "at": at, **asked}
    return queries.overview(cast.home.organization, **fields)  # type: ignore[arg-type]


def test_a_new_house_shows_zeros(cast: Cast, at: datetime) -> None:
    found = read(cast, at)
    assert found.partners == [] and found.record["due"] == 0
    assert found.steps.total == 0 and found.tries.total == 0 and found.after.total == 0
    assert found.turnaround == queries.Turnaround(0, None, None, None, 14)
    assert (found.waiting.total, found.needs.any_quiet, found.needs.silent) == (0, False, 0)
    assert [row.count for row in found.issued.rows] == [0]


def test_steps_tries_and_what_came_after(cast: Cast, at: datetime) -> None:
    began = at - timedelta(days=40)
    people(cast.home.version, began, started=12, sent=13, name="slow")
    first = people(cast.home.version, began, earned=14, name="quick")
    people(cast.home.version, began, earned=11, tries=5, name="steady")
    found = read(cast, at)
    assert found.steps.cells == {"started": 12, "sent": 13, "earned": 25} and found.steps.total == 50
    assert found.tries.cells == {"1": 14, "2": 0, "3": 0, "4": 11}
    assert found.after.cells == {"nothing": 25, "began": 0, "next": 0, "stack": 0}
    other = make_version(cast.home.program, at, slug="next-one")
    for learner in first[:12]:
        make_enrollment(learner, other, at)
    found = read(cast, at)
    assert found.after.cells == {"nothing": 13, "began": 12, "next": 0, "stack": 0}
    assert found.steps.cells["started"] == 24
    for learner in first[:11]:
        enrollment = Enrollment.objects.get(learner=learner, version=other)
        awards.issue(review=make_review(learner, other, at, enrollment=enrollment), by=None, at=at)
    assert read(cast, at).after.cells == {"nothing": 13, "began": None, "next": None, "stack": 0}
    assert read(cast, at, period="last_year").steps.total == 0


def test_a_withdrawn_credential_is_not_earned_and_a_stack_is_what_came_after(cast: Cast, at: datetime) -> None:
    people(cast.home.version, at, earned=23)
    for award in Award.objects.order_by("pk")[:11]:
        awards.withdraw(award=award, reason="Issued by mistake.", by=cast.home.issuer, at=at)
    stack = make_stack(cast.home.program, hold(cast.home.version), at, by=cast.home.author)
    for row in Award.objects.live():
        Award.objects.create(
            organization=row.organization, learner=row.learner, stack_id=stack.stack_id, stack_version_id=stack.pk,
            code=f"S-{row.code[2:]}", sha256=row.sha256[::-1], signing_key=row.signing_key, issued_at=at,
        )  # fmt: skip
    found = read(cast, at)
    assert found.after.cells["stack"] == 12
    assert found.steps.cells == {"started": 0, "sent": 11, "earned": 12}


def test_a_cohort_alone_and_everybody_else(cast: Cast, at: datetime) -> None:
    spring = make_cohort(cast, at)
    few = make_cohort(cast, at, name="Evening class")
    people(cast.home.version, at, started=15, sent=15, cohort=spring, name="spring")
    people(cast.home.version, at, started=4, cohort=few, name="few")
    people(cast.home.version, at, started=30, sent=30, name="none")
    assert read(cast, at).steps.total == 94
    assert read(cast, at, cohort=few).steps == rules.Shown(dict.fromkeys(rules.STEPS), None, True)
    assert read(cast, at, cohort=spring).steps.total is None  # 94 less 60 less these would be the four
    rows = {group.name if group else "": shown.total for group, shown in read(cast, at).by_cohort}
    assert rows == {"Spring 2027": None, "Evening class": None, "": 60}
    people(cast.home.version, at, started=8, cohort=few, name="more")
    assert read(cast, at, cohort=spring).steps.total == 30
    assert read(cast, at, cohort=few).steps.cells == {"started": 12, "sent": 0, "earned": 0}


def test_turnaround_is_in_business_days_and_needs_eleven_people(cast: Cast, at: datetime) -> None:
    people(cast.home.version, at - timedelta(days=30), earned=10)
    assert read(cast, at).turnaround.middle is None
    people(cast.home.version, at - timedelta(days=30), earned=1, name="eleventh")
    found = read(cast, at).turnaround
    # Saturday, October 24 to Sunday, November 1: Monday to Friday are five business days
    assert (found.answers, found.middle, found.ninth, found.kept, found.promised) == (11, 5, 5, 11, 14)
    Review.objects.update(due_at=at - timedelta(days=29))
    assert read(cast, at).turnaround.kept == 0
    assert read(cast, at, period="last_year").turnaround.answers == 0


def test_what_waits_and_who_is_lacking(cast: Cast, at: datetime) -> None:
    for i, days in enumerate((1, 9, 20, 30)):
        learner = make_person(f"Waiting {i}", at)
        review = make_review(learner, cast.home.version, at - timedelta(days=days), outcome="")
        Review.objects.filter(pk=review.pk).update(due_at=at + timedelta(days=10 - days))
        if days >= 20:
            Seat.objects.create(review=review, kind="first", assessor=cast.home.first if days == 30 else None)
    found = read(cast, at)
    assert [n for _low, _high, n in found.waiting.ages] == [1, 1, 2]
    assert (found.waiting.total, found.waiting.late, found.waiting.lacking) == (4, 2, 1)
    assert (found.needs.late, found.needs.long, found.needs.lacking) == (2, 2, 1)


def test_partners_and_their_record(cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at - timedelta(days=200))
    award = make_award(cast.learner, cast.home.version, at - timedelta(days=150))
    recognition.claim(promise=promise, award=award, note="", key="", by=cast.learner, at=at - timedelta(days=140))
    found = read(cast, at)
    assert [(p.organization, p.promises, p.active) for p in found.partners] == [(cast.away.organization, 1, False)]
    assert (found.record["overdue"], found.needs.unanswered, found.needs.silent) == (1, 1, 1)
    recognition.answer(claim=Claim.objects.get(), kept=False, reason="No.", by=cast.away.recognizer, at=at)
    found = read(cast, at)
    assert found.partners[0].active and found.partners[0].last_at == at
    assert (found.record["declined"], found.needs.broken, found.needs.silent) == (1, 1, 0)
    recognition.withdraw(promise=promise, by=cast.away.recognizer, at=at + timedelta(days=1))
    assert read(cast, at + timedelta(days=2)).partners[0].promises == 0
    assert read(cast, at, period="last_year").record["due"] == 0
    other = make_promise(cast, at, micro_credential=cast.away.micro_credential)
    assert Promise.objects.count() == 2 and other.organization == cast.away.organization
    assert len(read(cast, at).partners) == 1


def test_months_of_credentials(cast: Cast, at: datetime) -> None:
    people(cast.home.version, datetime(2026, 9, 1, 12, tzinfo=at.tzinfo), earned=12, name="a")
    people(cast.home.version, datetime(2026, 10, 1, 12, tzinfo=at.tzinfo), earned=11, name="b")
    found = read(cast, at, period="this_year").issued
    assert [(row.start, row.count) for row in found.rows] == [
        (date(2026, 9, 1), 12), (date(2026, 10, 1), 11), (date(2026, 11, 1), 0),
    ]  # fmt: skip


def test_another_house_counts_apart(cast: Cast, at: datetime) -> None:
    people(cast.away.version, at, started=20)
    make_promise(cast, at, micro_credential=cast.away.micro_credential)
    found = read(cast, at)
    assert found.steps.total == 0 and found.partners == []


def test_quiet_and_stuck_learners(cast: Cast, at: datetime) -> None:
    long_ago = at - timedelta(days=60)
    people(cast.home.version, long_ago, started=3)
    found = read(cast, at)
    assert (found.needs.any_quiet, found.needs.quiet) == (True, None)
    people(cast.home.version, long_ago, started=9, name="more")
    assert read(cast, at).needs.quiet == 10
    for i in range(11):
        learner = make_person(f"Stuck {i}", at)
        make_review(learner, cast.home.version, at, outcome="not_yet", number=3)
        if i == 0:
            assert (read(cast, at).needs.stuck, read(cast, at).needs.any_stuck) == (None, True)
    assert read(cast, at).needs.stuck == 10


def test_names_show_only_of_those_who_learn_here(cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    known = people(cast.home.version, at, started=1, cohort=cohort)[0]
    people(cast.away.version, at, started=1, cohort=cohort, name="elsewhere")
    rows = {row.learner: row.known for row in queries.cohort_members(cohort)}
    assert len(rows) == 2 and rows.pop(known) and not any(rows.values())


def test_work_of_a_deleted_account_is_no_longer_counted(cast: Cast, at: datetime) -> None:
    people(cast.home.version, at - timedelta(days=30), earned=12)
    Award.objects.filter(pk=Award.objects.order_by("pk").first().pk).update(learner=None)  # type: ignore[union-attr]
    found = read(cast, at)
    assert found.issued.total == 12 and found.after.total is None
