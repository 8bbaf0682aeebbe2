"""Which stacks learners are nearest to: for everybody at once, and for one at each award."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fieldstone import stacking
from fieldstone.server.journeys import survey_stacks
from fieldstone.server.ledger.models import Task
from fieldstone.server.pathways import actions, queries, rules
from fieldstone.server.pathways.models import Nearness
from fieldstone.server.people.models import User
from tests.cast import Cast, make_person, make_version
from tests.pathways.makers import all_of, hold, make_stack
from tests.recognition.makers import make_award


def rows(learner: User) -> list[tuple[UUID, int, int]]:
    found = Nearness.objects.filter(learner=learner).order_by("rank")
    assert [row.rank for row in found] == list(range(1, len(found) + 1))
    return [(row.stack_version_id, row.left, row.whole) for row in found]


def test_the_nearest_are_found_at_an_award_and_for_everybody_alike(cast: Cast, at: datetime) -> None:
    home = cast.home
    second, third = make_version(home.program, at, slug="second"), make_version(home.program, at, slug="third")
    pair = make_stack(home.program, all_of(hold(home.version), hold(second)), at)
    triple = make_stack(home.program, all_of(hold(home.version), hold(second), hold(third)), at)
    make_stack(home.program, hold(home.version), at)  # met at once
    make_stack(home.program, hold(third), at)  # not begun
    elsewhere = make_stack(cast.away.program, all_of(hold(home.version), hold(cast.away.version)), at)
    open_to_all = {"hours": {"total": 40}}
    hours = make_stack(home.program, open_to_all, at)
    make_stack(cast.away.program, {"hours": {"total": 15}}, at)  # counts none of another institution
    make_award(cast.learner, home.version, at)
    actions.refresh(learner=cast.learner, at=at)
    alone = rows(cast.learner)
    assert alone == [
        (pair.pk, 1000, 2000), (elsewhere.pk, 1000, 2000), (hours.pk, 625, 1000), (triple.pk, 2000, 3000)
    ]  # fmt: skip
    Nearness.objects.all().delete()
    assert survey_stacks.everybody(at=at) == 1
    assert rows(cast.learner) == alone


def test_those_with_an_older_version_or_work_are_looked_at_alone(cast: Cast, at: datetime) -> None:
    home = cast.home
    second = make_version(home.program, at, slug="second")
    old = make_stack(home.program, all_of(hold(home.version), hold(second)), at)
    make_award(cast.learner, home.version, at)
    actions.follow(learner=cast.learner, stack=old.stack, at=at)
    draft = actions.new_version(stack=old.stack, by=home.author, at=at)
    new = actions.publish(version=draft, by=home.author, at=at + timedelta(days=1))
    make_award(cast.other_learner, home.version, at)
    assert queries.apart([cast.learner.pk, cast.other_learner.pk]) == {cast.learner.pk}
    assert survey_stacks.everybody(at=at) == 2
    assert rows(cast.learner) == [(old.pk, 1000, 2000)] and rows(cast.other_learner) == [(new.pk, 1000, 2000)]


def test_what_is_gone_is_near_to_nobody(cast: Cast, at: datetime) -> None:
    home = cast.home
    stack = make_stack(home.program, all_of(hold(home.version), hold(make_version(home.program, at, slug="second"))), at)
    assert list(Task.objects.values_list("handler", flat=True)).count("survey_stacks") == 1
    award = make_award(cast.learner, home.version, at)
    survey_stacks.everybody(at=at)
    assert len(rows(cast.learner)) == 1
    actions.retire(stack=stack.stack, by=home.author, at=at)
    survey_stacks.everybody(at=at)
    assert rows(cast.learner) == []
    actions.restore(stack=stack.stack, by=home.author, at=at)
    assert Task.objects.filter(handler="survey_stacks").count() == 3
    survey_stacks.everybody(at=at)
    assert len(rows(cast.learner)) == 1
    type(award).objects.filter(pk=award.pk).update(suspended_at=at, suspended_reason="x")
    survey_stacks.everybody(at=at)
    assert rows(cast.learner) == []
    type(award).objects.filter(pk=award.pk).update(suspended_at=None, suspended_reason="")
    survey_stacks.everybody(at=at)
    actions.forget(learner=cast.learner, at=at)
    assert rows(cast.learner) == []


def test_everybody_at_once_asks_few_questions(
    cast: Cast, at: datetime
) -> None:
    home = cast.home
    make_stack(home.program, all_of(hold(home.version), hold(make_version(home.program, at, slug="second"))), at)
    for number in range(12):
        make_award(make_person(f"Person {number}", at), home.version, at)
    with CaptureQueriesContext(connection) as asked:
        assert actions.look_again(learners=sorted(queries.people().values_list("pk", flat=True)), at=at) == []
    assert len(asked) <= 14 and Nearness.objects.count() == 12
    before = sorted(Nearness.objects.values_list("learner", "left"))
    survey = actions.ask_survey(by=None, at=at)
    for seen in (5, 10, 12):
        survey_stacks.survey_stacks(survey=survey, at=at, people=5)
        survey.refresh_from_db()
        assert (survey.seen, survey.people, survey.finished_at is None) == (seen, 12, seen < 12)
    assert sorted(Nearness.objects.values_list("learner", "left")) == before


def test_a_row_that_cannot_be_is_refused(cast: Cast, at: datetime) -> None:
    version = make_stack(cast.home.program, hold(cast.home.version), at)
    good = {"learner": cast.learner, "stack_version": version, "rank": 1, "left": 1, "whole": 2, "evaluated_at": at}
    for wrong in ({"rank": 0}, {"rank": 6}, {"left": 0}, {"left": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Nearness.objects.create(**{**good, **wrong})
    Nearness.objects.create(**good)
    with pytest.raises(IntegrityError), transaction.atomic():
        Nearness.objects.create(**{**good, "rank": 2})


def test_the_five_nearest() -> None:
    ids = [uuid4() for _ in range(8)]
    half = Fraction(1, 2)
    found = [
        (ids[0], Fraction(0), Fraction(3)), (ids[1], Fraction(1), Fraction(0)), (ids[2], half, Fraction(2)),
        (ids[3], half, Fraction(1)), (ids[4], Fraction(2, 3), Fraction(1)), (ids[5], half, Fraction(1)),
        (ids[6], Fraction(1, 9), Fraction(8)), (ids[7], Fraction(1, 10), Fraction(9)),
    ]  # fmt: skip
    assert [near.stack for near in rules.nearest(found)] == [ids[4], ids[3], ids[5], ids[2], ids[6]]
    assert rules.near(ids[0], half, Fraction(1)) == rules.Near(ids[0], 1000, 2000)
    assert rules.near(ids[0], Fraction(1, 9000), Fraction(8999, 9000)) == rules.Near(ids[0], 999, 1000)


def test_parts_open_to_all_count_what_is_named_and_own() -> None:
    hours = stacking.Hours(total=10)
    tree = stacking.Count(at_least=1, of=(hours, stacking.Hold(credential="a"), stacking.Level(at_least=1)))
    closed = rules.closed(tree, ["b"])
    assert isinstance(closed, stacking.Count)
    assert [getattr(child, "among", None) for child in closed.of] == [("a", "b"), None, ("a", "b")]
    assert rules.closed(hours, []) == stacking.Hours(total=10, among=("",))
    kept = stacking.Hours(total=10, among=("z",))
    assert rules.closed(kept, ["b"]) == kept
