"""A stack is published: everybody is looked at again, a while at a time, and who meets it gets its credential."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision, survey_stacks
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.management import worker
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Survey
from fieldstone.server.people.models import User
from tests.awards.makers import make_review
from tests.cast import Cast, make_person, make_version
from tests.pathways.makers import all_of, hold, make_stack
from tests.recognition.makers import make_award
from tests.workplace.makers import make_form, place


def earn(cast: Cast, learner: User, at: datetime) -> Award:
    return confirm_decision.award(review=make_review(learner, cast.home.version, at), by=cast.home.approver, at=at)


def of(stack: UUID) -> list[Award]:
    return list(Award.objects.filter(stack_id=stack).order_by("issued_at"))


def test_who_meets_a_new_stack_gets_its_credential_by_the_worker(cast: Cast, at: datetime) -> None:
    part = earn(cast, cast.learner, at)
    stack = make_stack(cast.home.program, hold(cast.home.version), at, by=cast.home.author)
    both = make_stack(cast.home.program, all_of(hold(cast.home.version), {"hold": {"credential": str(stack.stack_id)}}), at)
    assert not of(stack.stack_id)
    mail.outbox.clear()
    worker.drain(at=at)
    (made,) = of(stack.stack_id)
    assert made.learner == cast.learner and made.stack_version_id == stack.pk
    assert [row["award"] for row in made.components] == [str(part.pk)]
    assert len(of(both.stack_id)) == 1  # one stack completed the next
    assert [letter.subject for letter in mail.outbox].count("Usted obtuvo: Asociado en Desarrollo Infantil") == 2
    newest = Survey.objects.get(seen=1)
    assert (newest.seen, newest.people, newest.awarded, newest.percent) == (1, 1, 2, 100)
    assert not Survey.objects.filter(finished_at=None).exists()
    assert Entry.objects.filter(verb="pathways.surveyed").count() == 1  # the one before was replaced by it
    before = Award.objects.count()
    for entry in Entry.objects.filter(verb="pathways.survey_asked"):
        HANDLERS["survey_stacks"](entry, at)
    survey_stacks.everybody(at=at)
    assert Award.objects.count() == before


def test_a_new_version_counts_for_others_and_not_for_who_follows_the_old_one(cast: Cast, at: datetime) -> None:
    home = cast.home
    second = make_version(home.program, at, slug="second")
    old = make_stack(home.program, all_of(hold(home.version), hold(second)), at)
    pathways.follow(learner=cast.learner, stack=old.stack, at=at)
    for learner in (cast.learner, cast.other_learner):
        earn(cast, learner, at)
    draft = pathways.new_version(stack=old.stack, by=home.author, at=at)
    body = {**draft.definition, "tree": hold(home.version)}
    draft = pathways.save_draft(version=draft, body=body, revision=draft.revision, by=home.author, at=at)
    pathways.publish(version=draft, by=home.author, at=at)
    worker.drain(at=at)
    assert [award.learner for award in of(old.stack_id)] == [cast.other_learner]


def test_software_overrules_nobody(cast: Cast, at: datetime) -> None:
    earn(cast, cast.learner, at)
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    survey_stacks.everybody(at=at)
    (made,) = of(stack.stack_id)
    awards.withdraw(award=made, reason="It was somebody else.", by=cast.home.issuer, at=at)
    survey_stacks.everybody(at=at)
    assert of(stack.stack_id) == [made]


def test_a_stack_that_ran_out_or_is_paused_is_not_given_twice(cast: Cast, at: datetime) -> None:
    earn(cast, cast.learner, at)
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    survey_stacks.everybody(at=at)
    (made,) = of(stack.stack_id)
    awards.suspend(award=made, reason="We are looking into it.", by=cast.home.issuer, at=at)
    survey_stacks.everybody(at=at)
    survey_stacks.everybody(at=at + timedelta(days=36 * 31 + 40))
    assert of(stack.stack_id) == [made]


def test_without_a_name_the_credential_waits(cast: Cast, at: datetime) -> None:
    earn(cast, cast.learner, at)
    User.objects.filter(pk=cast.learner.pk).update(name="")
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    assert survey_stacks.everybody(at=at) == 1
    assert not of(stack.stack_id)
    assert survey_stacks._award(cast.stranger.pk, at) == 0
    User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    assert survey_stacks._award(cast.stranger.pk, at) == 0


def test_a_survey_goes_on_where_it_was_and_one_person_stops_nobody(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted((make_person(f"Person {n}", at) for n in range(7)), key=lambda person: person.pk)
    for person in people:
        make_award(person, cast.home.version, at)
    form = make_form(cast.home.program, at)
    place(form, cast.other_learner, at)  # looked at alone, holds nothing
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    survey = Survey.objects.get()
    real, tried = confirm_decision.award_stacks, []

    def award(*, learner: User, by: User | None, at: datetime) -> list[Award]:
        tried.append(learner)
        if learner == people[1]:
            raise Refused("Not this one.")
        if learner == people[4] and tried.count(learner) == 1:
            raise awards.KeysAway
        return real(learner=learner, by=by, at=at)

    monkeypatch.setattr(survey_stacks, "award_stacks", award)
    survey_stacks.survey_stacks(survey=survey, at=at, people=5, alone=2)
    survey.refresh_from_db()
    assert (survey.people, survey.seen, survey.awarded, survey.percent) == (8, 2, 1, 25)
    again = Survey.objects.get()
    with pytest.raises(awards.KeysAway):
        while True:
            survey_stacks.survey_stacks(survey=again, at=at, people=5, alone=2)
            again.refresh_from_db()
    seen = again.seen
    assert again.finished_at is None and 2 <= seen <= 4
    survey_stacks.survey_stacks(survey=survey, at=at, people=5, alone=8)
    pathways.went_on(survey=again, last=None, people=3, awarded=3, more=True, at=at)  # a second worker, too late
    survey.refresh_from_db()
    assert survey.seen > seen
    worker.drain(at=at)
    survey.refresh_from_db()
    assert (survey.seen, survey.people, survey.percent) == (8, 8, 100) and survey.finished_at == at
    assert {award.learner for award in of(stack.stack_id)} == {*people} - {people[1]}
    assert Task.objects.filter(done_at=None, handler="survey_stacks").count() == 0


def test_the_authors_page_says_how_far_it_is(client: Client, cast: Cast, at: datetime) -> None:
    earn(cast, cast.learner, at)
    draft = pathways.create(
        program=cast.home.program, by=cast.home.author, at=at,
        body={"title": {"en": "Draft", "es": "Borrador"}, "tree": hold(cast.home.version)},
    )  # fmt: skip
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    client.force_login(cast.home.author)
    address = f"/o/home/author/stacks/{stack.stack_id}/"
    page = client.get(address).content.decode()
    assert "being looked at: 0 percent done" in page and "0 learners hold its credential." in page
    survey_stacks.everybody(at=at)
    page = client.get(address).content.decode()
    assert "were looked at on" in page and "1 learner holds its credential." in page
    assert 'id="survey"' not in client.get(f"/o/home/author/stacks/{draft.stack_id}/").content.decode()
    Survey.objects.create(asked_at=at, people=40, seen=39)
    assert "97 percent done" in client.get(address).content.decode()
