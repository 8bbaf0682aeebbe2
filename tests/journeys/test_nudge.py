"""Learners who are one step from a stack are told: when, how often, in which words, and what stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog import actions as catalog
from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.journeys import confirm_decision, nudge, survey_stacks, withdraw_award
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.management import worker
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries, rules
from fieldstone.server.pathways.models import Nearness, Nudge, StackVersion
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import User
from tests.awards.makers import make_review
from tests.cast import Cast, make_version, text
from tests.pathways.makers import all_of, hold, make_stack, some_of
from tests.recognition.makers import make_award
from tests.workplace.makers import make_form

QUIET = timedelta(days=rules.NUDGE_DAYS + 1)


@pytest.fixture
def second(cast: Cast, at: datetime) -> Version:
    return make_version(cast.home.program, at, slug="second", title=text("Working with families", "Trabajar con familias"))


@pytest.fixture
def near(cast: Cast, second: Version, at: datetime) -> Callable[[], StackVersion]:
    """Marisol holds one of two."""

    def make() -> StackVersion:
        stack = make_stack(cast.home.program, all_of(hold(cast.home.version), hold(second)), at)
        confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
        Enrollment.objects.update(touched_at=at)
        return stack

    return make


def tell(cast: Cast, at: datetime) -> int:
    return nudge.nudge_learners(organization=cast.home.organization, at=at)


def test_once_a_day_in_the_daytime_by_the_worker(
    cast: Cast, near: Callable[[], StackVersion], second: Version, at: datetime
) -> None:
    stack = near()
    day = at + QUIET
    early, late = day.replace(hour=11, minute=0), day.replace(hour=23, minute=59)  # 6:00 and 18:59 in New York
    assert nudge.order_nudges(at=early) == 0
    assert nudge.order_nudges(at=late) == 1
    assert nudge.order_nudges(at=late) == 0
    worker.drain(at=late)
    told = Nudge.objects.get()
    assert (told.learner, told.stack_id, told.credential) == (cast.learner, stack.stack_id, str(second.micro_credential_id))
    (letter,) = [m for m in mail.outbox if m.subject.startswith("Falta un paso")]
    assert letter.subject == "Falta un paso: Asociado en Desarrollo Infantil" and letter.to == [cast.learner.email]
    assert "Trabajar con familias" in letter.body and "15 horas" in letter.body and "!" not in letter.body
    assert "/m/home/second/" in letter.body and "/account/" in letter.body
    worker.each_minute(late + timedelta(days=60))
    assert not Task.objects.filter(handler="nudge_learners", done_at=None).exists()  # nobody is left to tell
    assert Entry.objects.filter(verb="pathways.nudged").count() == 1


def test_two_workers_order_one_round(cast: Cast, near: Callable[[], StackVersion], at: datetime,
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    near()
    assert nudge.order_nudges(at=at + QUIET) == 1
    looked = SimpleNamespace(objects=SimpleNamespace(filter=lambda **_q: Nudge.objects.none()))
    monkeypatch.setattr(nudge, "Tally", looked)  # this one looked before the other wrote
    assert nudge.order_nudges(at=at + QUIET) == 0


def test_at_most_one_in_two_weeks_and_one_for_each_stack(
    cast: Cast, near: Callable[[], StackVersion], second: Version, at: datetime
) -> None:
    first = near()
    other = make_stack(cast.home.program, all_of(hold(second), hold(cast.home.version)), at)
    survey_stacks.everybody(at=at)
    day = at + QUIET
    assert [tell(cast, day + timedelta(days=n)) for n in (0, 0, 1, 13)] == [1, 0, 0, 0]
    assert [tell(cast, day + timedelta(days=n)) for n in (15, 16, 40, 400)] == [1, 0, 0, 0]
    assert list(Nudge.objects.order_by("told_at").values_list("stack", flat=True)) == [first.stack_id, other.stack_id]
    with pytest.raises(IntegrityError), transaction.atomic():
        Nudge.objects.create(learner=cast.learner, stack=first.stack, credential="x", told_at=day)


def test_not_right_after_a_word_from_us_or_a_touch_of_hers(
    cast: Cast, near: Callable[[], StackVersion], at: datetime
) -> None:
    near()
    days = timedelta(days=rules.NUDGE_DAYS)
    assert tell(cast, at) == tell(cast, at + days - timedelta(seconds=1)) == 0
    Enrollment.objects.update(touched_at=at + timedelta(days=3))
    assert tell(cast, at + days) == tell(cast, at + days + timedelta(days=2)) == 0
    assert tell(cast, at + days + timedelta(days=3)) == 1


def hints_off(cast: Cast, second: Version, at: datetime) -> None:
    for _twice in range(2):
        people.change_hints(user=cast.learner, on=False, at=at)
    assert Entry.objects.filter(verb="people.hints_changed").count() == 1


def program_off(cast: Cast, second: Version, at: datetime) -> None:
    catalog.set_nudges(program=cast.home.program, on=False, by=cast.home.lead, at=at)


def gone(cast: Cast, second: Version, at: datetime) -> None:
    delete_account(user=cast.learner, at=at)


def withdrawn(cast: Cast, second: Version, at: datetime) -> None:
    withdraw_award.withdraw(award=Award.objects.get(), reason="Error.", by=cast.home.issuer, at=at)


def paused(cast: Cast, second: Version, at: datetime) -> None:
    withdraw_award.suspend(award=Award.objects.get(), reason="A question.", by=cast.home.issuer, at=at)


def another_paused(cast: Cast, second: Version, at: datetime) -> None:
    third = make_version(cast.home.program, at, slug="third")
    award = make_award(cast.learner, third, at - QUIET)
    awards.suspend(award=award, reason="A question.", by=cast.home.issuer, at=at)


def waiting(cast: Cast, second: Version, at: datetime) -> None:
    make_review(cast.learner, second, at, outcome="")
    Enrollment.objects.update(touched_at=at)


def put_aside(cast: Cast, second: Version, at: datetime) -> None:
    made = evidence.start(micro_credential=second.micro_credential, by=cast.learner, at=at)
    evidence.leave(enrollment=made, by=cast.learner, at=at)


def retired(cast: Cast, second: Version, at: datetime) -> None:
    pathways.retire(stack=StackVersion.objects.get().stack, by=cast.home.author, at=at)


def not_offered(cast: Cast, second: Version, at: datetime) -> None:
    type(second.micro_credential).objects.filter(pk=second.micro_credential_id).update(retired_at=at)


def stranger_here(cast: Cast, second: Version, at: datetime) -> None:
    Enrollment.objects.update(micro_credential=cast.away.micro_credential)


@pytest.mark.parametrize(
    "stop",
    [hints_off, program_off, gone, withdrawn, paused, another_paused, waiting, put_aside, retired, not_offered,
     stranger_here],
)  # fmt: skip
def test_what_stops_it(
    cast: Cast, near: Callable[[], StackVersion], second: Version, at: datetime,
    stop: Callable[[Cast, Version, datetime], None],
) -> None:  # fmt: skip
    near()
    stop(cast, second, at)
    assert tell(cast, at + QUIET) == 0 and not Nudge.objects.exists()


@pytest.mark.parametrize("stop", [hints_off, program_off, gone, withdrawn, paused, retired, not_offered])
def test_what_stops_it_between_the_note_and_the_mail(
    cast: Cast, near: Callable[[], StackVersion], second: Version, at: datetime,
    stop: Callable[[Cast, Version, datetime], None],
) -> None:  # fmt: skip
    near()
    assert tell(cast, at + QUIET) == 1
    (entry,) = Entry.objects.filter(verb="pathways.nudged")
    stop(cast, second, at + QUIET)
    mail.outbox.clear()
    HANDLERS["mail_nudge"](entry, at + QUIET)
    assert mail.outbox == []


def test_who_had_the_stacks_credential_is_not_told_of_it_again(cast: Cast, second: Version, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at).stack
    confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    draft = pathways.new_version(stack=stack, by=cast.home.author, at=at)
    body = {**draft.definition, "tree": all_of(hold(cast.home.version), hold(second))}
    draft = pathways.save_draft(version=draft, body=body, revision=draft.revision, by=cast.home.author, at=at)
    pathways.publish(version=draft, by=cast.home.author, at=at)
    survey_stacks.everybody(at=at)
    Enrollment.objects.update(touched_at=at)
    assert Nearness.objects.filter(learner=cast.learner, left__lte=rules.STEP).count() == 1
    assert tell(cast, at + QUIET) == 0


def test_work_and_several_steps_are_not_spoken_of(cast: Cast, second: Version, at: datetime) -> None:
    form = make_form(cast.home.program, at)
    hours = {"hours": {"total": 480, "among": [f"hours:{form.form_id}"]}}
    at_work = make_stack(cast.home.program, all_of(hold(cast.home.version), hours), at)
    make_version(cast.home.program, at, slug="third")
    more = make_stack(cast.home.program, {"hours": {"total": 45}}, at)  # 30 of 45 hours are two more of 15
    confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    Enrollment.objects.update(touched_at=at)
    assert Nearness.objects.filter(left__lte=rules.STEP).count() == 2
    assert queries.last_step(at_work, cast.learner, at) is None and queries.last_step(more, cast.learner, at) is None
    assert tell(cast, at + QUIET) == 0
    unreadable = StackVersion(stack=more.stack, definition={})
    assert queries.last_step(unreadable, cast.learner, at) is None


def test_any_of_two_that_would_be_the_last(cast: Cast, second: Version, at: datetime) -> None:
    third = make_version(cast.home.program, at, slug="third", notional_hours=6)
    make_stack(cast.home.program, all_of(hold(cast.home.version), some_of(1, hold(second), hold(third))), at)
    confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    Enrollment.objects.update(touched_at=at)
    assert tell(cast, at + QUIET) == 1
    assert Nudge.objects.get().credential == str(third.micro_credential_id)  # the shorter one


def test_the_note_stands_on_my_path_until_it_is_put_away(
    client: Client, cast: Cast, near: Callable[[], StackVersion], at: datetime
) -> None:
    near()
    tell(cast, at + QUIET)
    told = Nudge.objects.get()
    User.objects.filter(pk=cast.learner.pk).update(language="en", email=None)
    client.force_login(cast.learner)
    page = client.get("/path/", headers={"Accept-Language": "en"}).content.decode()
    assert "One step is left to “Child Development Associate”." in page and "/m/home/second/" in page
    assert len(held_on(cast.learner)["notes"]) == 1
    mail.outbox.clear()
    worker.drain(at=at + QUIET)
    assert mail.outbox == []  # no address: the page is enough
    address = f"/path/note/{told.pk}/close/"
    other = Client()
    other.force_login(cast.stranger)
    assert other.post(address).status_code == 404 and client.get(address).status_code == 405
    for _twice in range(2):
        assert client.post(address)["Location"] == "/path/"
    assert "One step is left" not in client.get("/path/").content.decode()
    assert Entry.objects.filter(verb="pathways.note_closed").count() == 1


def test_the_note_is_turned_off_in_the_account(client: Client, cast: Cast) -> None:
    client.force_login(cast.learner)
    assert 'name="hints_on" checked' in client.get("/account/").content.decode()
    form = {"name": "Marisol Vega", "language": "en", "phone": "", "area": ""}
    assert client.post("/account/", form).status_code == 302
    assert not User.objects.get(pk=cast.learner.pk).hints_on
    wrong = client.post("/account/", {**form, "phone": "no", "hints_on": "on"})
    assert wrong.status_code == 422 and 'name="hints_on" checked' in wrong.content.decode()
    client.post("/account/", {**form, "hints_on": "on"})
    assert User.objects.get(pk=cast.learner.pk).hints_on


@pytest.mark.parametrize(("hour", "fits"), [(8, False), (9, True), (18, True), (19, False), (3, False)])
def test_daytime(hour: int, fits: bool) -> None:
    assert rules.in_daytime(datetime(2026, 6, 1, hour, 59, tzinfo=UTC)) is fits
