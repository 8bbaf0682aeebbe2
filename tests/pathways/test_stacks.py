"""Stacks: defined, published, followed, evaluated."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fieldstone.server.awards import actions as awards
from fieldstone.server.ledger.problems import Conflict, Refused
from fieldstone.server.pathways import actions, queries
from fieldstone.server.pathways.models import Pursuit, StackComponent, StackVersion
from tests.awards.makers import make_enrollment, make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import all_of, hold, make_stack, some_of, stack_body


def test_a_stack_is_written_saved_and_published(cast: Cast, at: datetime) -> None:
    home = cast.home
    version = actions.create(program=home.program, body=stack_body(None), by=home.author, at=at)
    assert version.stack.slug == "child-development-associate"
    again = actions.create(program=home.program, body=stack_body(None), by=home.author, at=at)
    assert again.stack.slug == "child-development-associate-2"
    with pytest.raises(Conflict):
        actions.create(program=home.program, body=stack_body(None), by=None, at=at, slug=again.stack.slug)
    with pytest.raises(Refused) as refused:
        actions.publish(version=version, by=home.author, at=at)
    assert [p.field for p in refused.value.problems] == ["tree"]
    saved = actions.save_draft(version=version, body=stack_body(hold(home.version)), revision=1, by=home.author, at=at)
    assert saved.revision == 2
    with pytest.raises(actions.Stale):
        actions.save_draft(version=version, body=stack_body(None), revision=1, by=home.author, at=at)
    published = actions.publish(version=saved, by=home.author, at=at)
    assert published.published_at == at
    assert [c.credential for c in published.components.all()] == [home.micro_credential.pk]
    with pytest.raises(Conflict):
        actions.save_draft(version=published, body=stack_body(None), revision=2, by=home.author, at=at)
    with pytest.raises(Conflict):
        actions.publish(version=published, by=home.author, at=at)
    with pytest.raises(Refused):
        actions.create(program=home.program, body={"title": {"en": "x" * 300_000}}, by=None, at=at)


def test_what_was_read_is_published_or_nothing(cast: Cast, at: datetime) -> None:
    home = cast.home
    version = actions.create(program=home.program, body=stack_body(hold(home.version)), by=home.author, at=at)
    with pytest.raises(actions.Stale):
        actions.publish(version=version, by=None, at=at, revision=7)
    read_before = StackVersion.objects.get(pk=version.pk)
    saved = actions.save_draft(version=version, body=stack_body(hold(home.version)), revision=1, by=None, at=at)
    with pytest.raises(actions.Stale):
        actions.publish(version=read_before, by=None, at=at, revision=1)
    assert StackVersion.objects.get(pk=version.pk).published_at is None
    assert actions.publish(version=saved, by=home.author, at=at, revision=2).published_at == at


def test_a_new_version_leaves_the_old_one_to_those_who_follow_it(cast: Cast, at: datetime) -> None:
    home = cast.home
    first = make_stack(home.program, hold(home.version), at)
    pursuit = actions.follow(learner=cast.learner, stack=first.stack, at=at)
    draft = actions.new_version(stack=first.stack, by=home.author, at=at)
    assert actions.new_version(stack=first.stack, by=home.author, at=at) == draft
    second = actions.publish(version=draft, by=home.author, at=at + timedelta(days=1))
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert (second.number, pursuit.stack_version_id) == (2, first.pk)
    assert actions.follow(learner=cast.other_learner, stack=first.stack, at=at).stack_version_id == second.pk


def test_what_nobody_could_meet_is_not_published(cast: Cast, at: datetime) -> None:
    tree = all_of(hold(cast.home.version), {"hold": {"credential": str(uuid4())}})
    version = actions.create(program=cast.home.program, body=stack_body(tree), by=None, at=at)
    with pytest.raises(Refused) as refused:
        actions.publish(version=version, by=None, at=at)
    assert {p.field for p in refused.value.problems} == {"tree.at_least", "tree.of[1].hold.credential"}
    assert StackComponent.objects.count() == 0


def test_a_stack_cannot_be_a_part_of_itself(cast: Cast, at: datetime) -> None:
    inner = make_stack(cast.home.program, hold(cast.home.version), at)
    outer = make_stack(cast.home.program, {"hold": {"credential": str(inner.stack_id)}}, at)
    draft = actions.new_version(stack=inner.stack, by=cast.home.author, at=at)
    tree = some_of(1, hold(cast.home.version), {"hold": {"credential": str(outer.stack_id)}})
    actions.save_draft(version=draft, body=stack_body(tree), revision=1, by=cast.home.author, at=at)
    with pytest.raises(Refused, match="part of itself"):
        actions.publish(version=draft, by=cast.home.author, at=at)


def test_a_retired_stack_takes_nobody_new_and_can_come_back(cast: Cast, at: datetime) -> None:
    version = make_stack(cast.home.program, hold(cast.home.version), at)
    actions.follow(learner=cast.learner, stack=version.stack, at=at)
    for _twice in range(2):
        actions.retire(stack=version.stack, by=cast.home.author, at=at)
    with pytest.raises(Refused):
        actions.follow(learner=cast.other_learner, stack=version.stack, at=at)
    review = make_review(cast.learner, cast.home.version, at)
    awards.issue(review=review, by=None, at=at)
    assert [c.version for c in actions.refresh(learner=cast.learner, at=at)] == [version]
    for _twice in range(2):
        actions.restore(stack=version.stack, by=cast.home.author, at=at)
    assert actions.follow(learner=cast.other_learner, stack=version.stack, at=at)


def test_following_twice_is_one_pursuit_and_leaving_ends_it(cast: Cast, at: datetime) -> None:
    version = make_stack(cast.home.program, hold(cast.home.version), at)
    first = actions.follow(learner=cast.learner, stack=version.stack, at=at)
    assert actions.follow(learner=cast.learner, stack=version.stack, at=at) == first
    assert (first.done, first.needed, first.evaluated_at) == (0, 1, at)
    actions.unfollow(learner=cast.learner, stack=version.stack, at=at)
    assert not Pursuit.objects.exists()


def test_a_stack_open_to_all_counts_only_its_own_organization(cast: Cast, at: datetime) -> None:
    version = make_stack(cast.home.program, {"hours": {"total": 15, "minimum_per_area": {"cda_7": 10}}}, at)
    foreign = make_review(cast.learner, cast.away.version, at)
    awards.issue(review=foreign, by=None, at=at)
    assert actions.refresh(learner=cast.learner, at=at) == []
    ours = awards.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    (met,) = actions.refresh(learner=cast.learner, at=at)
    assert (met.version, met.components) == (version, (ours,))


def test_standing_shows_stones_hours_words_and_the_next_step(cast: Cast, at: datetime) -> None:
    home = cast.home
    second = make_version(home.program, at, slug="second", clock_hours={"cda_1": 10}, notional_hours=10)
    third = make_version(home.program, at, slug="third", clock_hours={"cda_1": 5})
    tree = all_of(
        some_of(2, hold(home.version), hold(second), hold(third), label="Areas"),
        {"hours": {"total": 25, "minimum_per_area": {"cda_1": 10, "cda_7": 10}}},
    )
    version = make_stack(home.program, tree, at)
    award = awards.issue(review=make_review(cast.learner, home.version, at), by=None, at=at)
    make_review(cast.learner, second, at, outcome="")
    make_enrollment(cast.learner, third, at)
    pursuit = actions.follow(learner=cast.learner, stack=version.stack, at=at)
    assert pursuit.order == [str(home.micro_credential.pk)]
    seen = queries.standing(pursuit, at=at, language="en")
    assert [(s.id, s.state, s.counted) for s in seen.stones] == [
        (str(home.micro_credential.pk), "earned", 15),
        (str(second.micro_credential_id), "in_review", 10),
        (str(third.micro_credential_id), "draft", 5),
    ]
    assert seen.stones[0].slug == "observing"
    assert seen.stones[0].organization == "home"
    assert (seen.counted, seen.hours_needed, seen.hours_waiting) == (15, 25, 10)
    assert [(code, row.counted) for code, _name, row in seen.areas] == [("cda_1", 0), ("cda_7", 15)]
    assert seen.areas[1][1]["en"] == "Observing and recording behavior"
    assert "Areas" in seen.lines[1].text
    assert seen.award is None
    assert seen.steps == []  # everything is in review
    assert award.code
    spanish = queries.standings(cast.learner, at=at, language="es")
    assert spanish[0].lines[0].status == "in_review"
    visitor = queries.preview(version, None, at=at, language="en")
    assert [s.state for s in visitor.stones] == ["missing", "missing"]
    assert visitor.steps[0][1].startswith("Observing and recording behavior")


def test_standings_take_as_many_queries_for_ten_awards_as_for_one(cast: Cast, at: datetime) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            queries.standings(cast.learner, at=at, language="en")
        return len(queries_made)

    versions = [make_version(cast.home.program, at, slug=f"m{n}") for n in range(10)]
    stack = make_stack(cast.home.program, all_of(*map(hold, versions)), at)
    actions.follow(learner=cast.learner, stack=stack.stack, at=at)
    awards.issue(review=make_review(cast.learner, versions[0], at), by=None, at=at)
    few = count()
    for version in versions[1:]:
        awards.issue(review=make_review(cast.learner, version, at), by=None, at=at)
    assert count() == few <= 16


def test_a_published_tree_is_never_rewritten(cast: Cast, at: datetime) -> None:
    version = make_stack(cast.home.program, hold(cast.home.version), at)
    with pytest.raises(Exception, match="never rewritten"):
        StackVersion.objects.filter(pk=version.pk).update(definition=stack_body(None))


def test_two_follows_at_once_are_one(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at).stack
    first = actions.follow(learner=cast.learner, stack=stack, at=at)
    calls = iter([None])
    real = Pursuit.objects.filter

    def blind(**where: object) -> object:
        return real(pk=None) if next(calls, 1) is None else real(**where)

    monkeypatch.setattr(Pursuit.objects, "filter", blind)
    assert actions.follow(learner=cast.learner, stack=stack, at=at) == first


def test_leaving_forgets_what_was_followed(cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at).stack
    actions.follow(learner=cast.learner, stack=stack, at=at)
    actions.forget(learner=cast.learner, at=at)
    assert not Pursuit.objects.filter(learner=cast.learner).exists()
