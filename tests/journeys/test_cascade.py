"""A stack awards itself, and falls with what it was built on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail

from fieldstone import credential
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.checking import check
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Version
from fieldstone.server.journeys import confirm_decision, withdraw_award
from fieldstone.server.ledger.models import Task
from fieldstone.server.management import worker
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Pursuit, StackVersion
from tests.awards.makers import make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import all_of, hold, make_stack, some_of


def earn(cast: Cast, version: Version, at: datetime) -> Award:
    return confirm_decision.award(review=make_review(cast.learner, version, at), by=cast.home.approver, at=at)


@pytest.fixture
def versions(cast: Cast, at: datetime) -> list[Version]:
    return [
        cast.home.version,
        *(make_version(cast.home.program, at, slug=s, valid_months=v) for s, v in (("second", None), ("third", 12))),
    ]


def stack_awards() -> list[Award]:
    return list(Award.objects.filter(stack_id__isnull=False).order_by("issued_at", "id"))


def test_the_last_part_completes_the_stack_by_itself(cast: Cast, versions: list[Version], at: datetime) -> None:
    stack = make_stack(cast.home.program, all_of(*map(hold, versions)), at)
    parts = [earn(cast, v, at) for v in versions]
    (made,) = stack_awards()
    assert [row["award"] for row in made.components] == [str(p.pk) for p in parts]
    body = credential.loads(made.document.body.encode())
    assert body["credentialSubject"]["achievement"]["name"] == "Child Development Associate"
    assert [e["id"] for e in body["evidence"]] == [f"http://127.0.0.1:8000/c/{p.code}/credential.json" for p in parts]
    assert len(body["credentialSubject"]["achievement"]["related"]) == 3
    assert made.stack_version_id == stack.pk
    assert str(check(made.document.body.encode(), at=at).verdict) == "verified"
    assert confirm_decision.award_stacks(learner=cast.learner, by=None, at=at) == []


def test_a_stack_may_count_toward_another(cast: Cast, versions: list[Version], at: datetime) -> None:
    inner = make_stack(cast.home.program, all_of(hold(versions[0]), hold(versions[1])), at)
    make_stack(
        cast.home.program,
        all_of({"hold": {"credential": str(inner.stack_id), "level": 2}}, hold(versions[2])),
        at,
        title={"en": "Ladder", "es": "Escalera"},
    )
    for version in versions:
        earn(cast, version, at)
    small, large = stack_awards()
    assert str(small.pk) in {row["award"] for row in large.components}
    withdraw_award.withdraw(award=Award.objects.get(version=versions[0]), reason="Error", by=cast.home.issuer, at=at)
    for row in (small, large):
        row.refresh_from_db()
        assert row.revoked_at == at
    assert large.revoked_reason == f"It was built on credential {small.code}, which was withdrawn."


def test_withdrawal_of_a_part_withdraws_the_stack_and_tells_the_holder(
    cast: Cast, versions: list[Version], at: datetime
) -> None:
    stack = make_stack(cast.home.program, all_of(*map(hold, versions)), at)
    pathways.follow(learner=cast.learner, stack=stack.stack, at=at)
    part, *_others = [earn(cast, v, at) for v in versions]
    (made,) = stack_awards()
    assert Pursuit.objects.get().satisfied_at == at
    worker.drain(at=at)
    mail.outbox.clear()
    withdraw_award.withdraw(award=part, reason="Issued in error", by=cast.home.issuer, at=at)
    withdraw_award.withdraw(award=part, reason="Issued in error", by=cast.home.issuer, at=at)
    made.refresh_from_db()
    assert made.revoked_reason == f"It was built on credential {part.code}, which was withdrawn."
    assert str(check(made.document.body.encode(), at=at).check("status").code) == "revoked"  # type: ignore[union-attr]
    pursuit = Pursuit.objects.get()
    assert (pursuit.satisfied_at, pursuit.done) == (None, 2)
    worker.drain(at=at)
    assert [m.to for m in mail.outbox] == [["marisol.vega@example.org"]] * 2
    assert part.code in mail.outbox[1].body
    assert not Task.objects.filter(done_at=None, run_after__lte=at).exists()


def test_where_others_still_meet_the_stack_a_new_one_takes_its_place(
    cast: Cast, versions: list[Version], at: datetime
) -> None:
    make_stack(cast.home.program, some_of(1, *map(hold, versions)), at)
    first = earn(cast, versions[0], at)
    earn(cast, versions[1], at)
    (made,) = stack_awards()
    withdraw_award.withdraw(award=first, reason="Error", by=cast.home.issuer, at=at)
    old, new = stack_awards()
    assert old == made
    assert (
        old.revoked_reason == f"It was built on credential {first.code}. A new one, built on others, takes its place."
    )
    assert [row["code"] for row in new.components] == [Award.objects.get(version=versions[1]).code]


def test_the_end_of_a_part_is_a_task_of_its_day(cast: Cast, versions: list[Version], at: datetime) -> None:
    make_stack(cast.home.program, all_of(*map(hold, versions)), at)
    for version in versions:
        earn(cast, version, at)
    (made,) = stack_awards()
    worker.drain(at=at)
    year = at.replace(year=2027)
    third = Award.objects.get(version=versions[2])
    withdraw_award.ended(award=third, at=year - timedelta(days=1))
    made.refresh_from_db()
    assert made.revoked_at is None
    worker.drain(at=year)
    made.refresh_from_db()
    assert made.revoked_reason == f"It was built on credential {third.code}, which has ended."
    again = earn_again(cast, versions[2], year + timedelta(days=1))
    assert [row["award"] for row in stack_awards()[-1].components][-1] == str(again.pk)


def earn_again(cast: Cast, version: Version, at: datetime) -> Award:
    from fieldstone.server.evidence.models import Enrollment

    Enrollment.objects.filter(version=version).update(left_at=at)
    return earn(cast, version, at)


def test_a_stack_that_lets_ended_ones_count_stands(cast: Cast, versions: list[Version], at: datetime) -> None:
    make_stack(cast.home.program, hold(versions[2], valid=False), at)
    earn(cast, versions[2], at)
    withdraw_award.ended(award=Award.objects.get(version=versions[2]), at=at.replace(year=2027))
    (made,) = stack_awards()
    assert made.revoked_at is None


def test_an_ended_stack_is_not_renewed_by_itself_for_the_same_parts(
    cast: Cast, versions: list[Version], at: datetime
) -> None:
    make_stack(cast.home.program, hold(versions[1]), at, valid_months=6)
    earn(cast, versions[1], at)
    later = at + timedelta(days=400)
    worker.drain(at=later)
    assert confirm_decision.award_stacks(learner=cast.learner, by=None, at=later) == []
    assert len(stack_awards()) == 1


def test_an_ended_stack_is_renewed_for_other_parts(cast: Cast, versions: list[Version], at: datetime) -> None:
    make_stack(cast.home.program, some_of(1, hold(versions[1]), hold(versions[0])), at, valid_months=6)
    earn(cast, versions[1], at)
    later = at + timedelta(days=400)
    earn(cast, versions[0], later)
    old, new = stack_awards()
    assert old.revoked_reason == f"It had ended. Credential {new.code} takes its place."


def test_software_does_not_overrule_a_persons_withdrawal(cast: Cast, versions: list[Version], at: datetime) -> None:
    make_stack(cast.home.program, some_of(1, hold(versions[0]), hold(versions[1])), at)
    earn(cast, versions[0], at)
    withdraw_award.withdraw(award=stack_awards()[0], reason="Not hers", by=cast.home.issuer, at=at)
    earn(cast, versions[1], at)
    assert len(stack_awards()) == 1


def test_a_pause_stops_new_stacks_not_old_ones(cast: Cast, versions: list[Version], at: datetime) -> None:
    first, second = (
        make_stack(cast.home.program, tree, at)
        for tree in (hold(versions[0]), all_of(hold(versions[0]), hold(versions[1])))
    )
    part = earn(cast, versions[0], at)
    withdraw_award.suspend(award=part, reason="Looked into", by=cast.home.issuer, at=at)
    earn(cast, versions[1], at)
    assert [a.stack_id for a in stack_awards()] == [first.stack_id]
    assert stack_awards()[0].revoked_at is None
    withdraw_award.reinstate(award=part, by=cast.home.issuer, at=at)
    assert [a.stack_id for a in stack_awards()] == [first.stack_id, second.stack_id]


def test_after_an_account_is_gone_the_parts_alone_decide(cast: Cast, versions: list[Version], at: datetime) -> None:
    make_stack(cast.home.program, all_of(hold(versions[0]), hold(versions[1])), at)
    part = earn(cast, versions[0], at)
    earn(cast, versions[1], at)
    awards.forget(learner=cast.learner, at=at)
    part.refresh_from_db()
    for act in (withdraw_award.suspend,):
        act(award=part, reason="Looked into", by=cast.home.issuer, at=at)
    withdraw_award.reinstate(award=part, by=cast.home.issuer, at=at)
    withdraw_award.withdraw(award=part, reason="Error", by=cast.home.issuer, at=at)
    assert stack_awards()[0].revoked_reason.startswith("It was built on credential")


def test_a_stack_version_without_a_tree_cannot_be_evaluated(cast: Cast, versions: list[Version], at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(versions[0]), at)
    broken = StackVersion(stack=stack.stack, number=9, definition={}, created_at=at, changed_at=at)
    with pytest.raises(ValueError, match="no readable tree"):
        pathways.reckon(broken, [], at)


def test_a_stack_that_is_held_is_not_issued_twice(cast: Cast, versions: list[Version], at: datetime) -> None:
    make_stack(cast.home.program, hold(versions[0]), at)
    earn(cast, versions[0], at)
    (made,) = stack_awards()
    (completion,) = pathways.refresh(learner=cast.learner, at=at)
    assert confirm_decision.issue_stack(completion, learner=cast.learner, by=None, at=at) == made
