"""Work at a workplace in trees: stacks that ask for it are possible, complete, fall, and say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fieldstone import credential, stacking
from fieldstone.server.awards import rules as award_rules
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision, supervise
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.journeys.follow_stack import follow_stack
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import queries, rules
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User
from fieldstone.server.workplace import actions as workplace
from fieldstone.server.workplace.models import FormVersion, Placement
from tests.awards.makers import make_review
from tests.cast import Cast
from tests.pathways.makers import all_of, hold, make_stack
from tests.workplace.makers import SAW, link_of, log, make_form, place, right


@pytest.fixture
def version(cast: Cast, at: datetime) -> FormVersion:
    return make_form(cast.home.program, at)


def review_part(version: FormVersion) -> dict[str, Any]:
    return {"hold": {"credential": f"review:{version.form_id}"}}


def hours_part(version: FormVersion, total: int = 16) -> dict[str, Any]:
    return {"hours": {"total": total, "among": [f"hours:{version.form_id}"]}}


@pytest.fixture
def stack(cast: Cast, version: FormVersion, at: datetime) -> StackVersion:
    tree = all_of(hold(cast.home.version), review_part(version), hours_part(version), label="Three")
    return make_stack(cast.home.program, tree, at)


def earn(cast: Cast, at: datetime) -> Award:
    return confirm_decision.award(
        review=make_review(cast.learner, cast.home.version, at), by=cast.home.approver, at=at
    )


def finish(placement: Placement, at: datetime) -> None:
    """Two days of eight hours, countersigned, and a positive review."""
    link = link_of(placement, at)
    marks = right(log(placement, at), log(placement, at, day=3))
    supervise.countersign(link=link, marks=marks, name="Sam Ledger", by=None, at=at)
    supervise.sign(link=link, answers=SAW, words="", name="Sam Ledger", language="en", by=None, at=at)


def standing(stack: StackVersion, learner: User, at: datetime) -> queries.Standing:
    return queries.preview(stack, learner, at=at, language="en")


def test_a_stack_with_parts_at_work_is_possible_and_explained(
    cast: Cast, stack: StackVersion, version: FormVersion, at: datetime
) -> None:
    seen = standing(stack, cast.learner, at)
    assert [line.text for line in seen.lines] == [
        "Three: 0 of 3 done.",
        "Observing and recording behavior: Still to do.",
        "Positive review at work: Farm crew: Still to do.",
        "0 of 16 hours counted. 16 hours missing.",
    ]
    assert [(s.work, s.form, s.hours, s.slug) for s in seen.stones[1:]] == [
        ("review", version.form_id, 20, None), ("hours", version.form_id, 16, None)
    ]  # fmt: skip
    sentences = [words for _step, words in seen.steps]
    assert any(w.startswith("Hours at work, countersigned: Farm crew: about 16 hours of work. It adds 16 hours in Work.") for w in sentences)
    tree = rules.parse(stack.definition)[0].tree
    assert tree is not None and stacking.parse(stacking.to_json(tree)) == tree
    assert rules.forms(tree) == [version.form_id]


def test_a_form_that_is_unknown_or_retired_makes_a_stack_impossible(
    cast: Cast, version: FormVersion, at: datetime
) -> None:
    workplace.retire_form(form=version.form, by=cast.home.author, at=at)
    for tree in (review_part(version), hours_part(version)):
        with pytest.raises(Refused):
            make_stack(cast.home.program, tree, at)


def test_hours_at_work_are_no_hours_of_study(cast: Cast, version: FormVersion, at: datetime) -> None:
    with pytest.raises(Refused, match="subject areas"):
        make_stack(cast.home.program, all_of(hours_part(version), {"hours": {"total": 10}}), at)
    study = {"hours": {"total": 10, "minimum_per_area": {"cda_7": 10}}}
    both = make_stack(cast.home.program, all_of(hours_part(version), study), at)
    open_to_all = make_stack(cast.home.program, {"hours": {"total": 10}}, at)
    finish(place(version, cast.learner, at), at)
    assert [leaf.done for leaf in stacking.leaves(standing(both, cast.learner, at).result)] == [16, 0]
    assert standing(open_to_all, cast.learner, at).counted == 0


def test_the_supervisors_signature_completes_the_stack(
    cast: Cast, stack: StackVersion, version: FormVersion, at: datetime
) -> None:
    part = earn(cast, at)
    placement = place(version, cast.learner, at)
    link = link_of(placement, at)
    entries = [log(placement, at), log(placement, at, day=3)]
    supervise.sign(link=link, answers=SAW, words="Kind.", name="Sam Ledger", language="en", by=None, at=at)
    assert not Award.objects.filter(stack_id__isnull=False).exists()
    for n, entry in enumerate(entries):
        later = at + timedelta(hours=n)
        supervise.countersign(link=link, marks=right(entry), name="Sam Ledger", by=None, at=later)
    made = Award.objects.get(stack_id=stack.stack_id)
    assert [row["award"] for row in made.components] == [str(part.pk)] and made.issued_at == later
    body = credential.loads(made.document.body.encode())
    narrative = body["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert "Positive review by a workplace supervisor." in narrative
    assert "16 hours of work, countersigned by a supervisor." in narrative
    for private in ("Sam Ledger", "sam@farm", "Two Coves", "Kind."):
        assert private not in made.document.body
    assert supervise.countersign(link=link, marks=right(*entries), name="Sam Ledger", by=None, at=later) == 0
    assert Award.objects.filter(stack_id=stack.stack_id).count() == 1


def test_a_stack_of_work_alone_needs_no_other_credential(cast: Cast, version: FormVersion, at: datetime) -> None:
    stack = make_stack(cast.home.program, review_part(version), at)
    finish(place(version, cast.learner, at), at)
    assert Award.objects.get(stack_id=stack.stack_id).components == []


def test_without_a_name_the_credential_waits(cast: Cast, stack: StackVersion, version: FormVersion, at: datetime) -> None:
    earn(cast, at)
    User.objects.filter(pk=cast.learner.pk).update(name="")
    finish(place(version, User.objects.get(pk=cast.learner.pk), at), at)
    assert not Award.objects.filter(stack_id=stack.stack_id).exists()


def test_states_on_the_way(cast: Cast, stack: StackVersion, version: FormVersion, at: datetime) -> None:
    follow_stack(stack=stack.stack, by=cast.learner, at=at)

    def states() -> dict[str, tuple[str, int]]:
        return {s.work: (s.state, s.counted) for s in standing(stack, cast.learner, at).stones if s.work}

    placement = place(version, cast.learner, at)
    assert states() == {"review": ("draft", 0), "hours": ("missing", 0)}
    entry = log(placement, at)
    link = link_of(placement, at)
    assert states() == {"review": ("in_review", 0), "hours": ("in_review", 8)}
    supervise.countersign(link=link, marks=right(entry), name="Sam Ledger", by=None, at=at)
    assert states() == {"review": ("in_review", 0), "hours": ("draft", 8)}
    log(placement, at, day=3, hours="1.5")
    assert states() == {"review": ("in_review", 0), "hours": ("in_review", 8)}
    seen = standing(stack, cast.learner, at)
    assert (seen.counted, seen.hours_waiting) == (8, Decimal("1.5")) and str(seen.hours_waiting) == "1.5"
    (step,) = [words for each, words in seen.steps if each.offer.credential.startswith("hours:")]
    assert "about 6.5 hours of work. It adds 6.5 hours in Work." in step
    supervise.countersign(link=link, marks=right(log(placement, at, day=4)), name="Sam Ledger", by=None, at=at)
    assert states()["hours"] == ("earned", 16)


def test_reading_costs_as_much_for_many_placements(cast: Cast, stack: StackVersion, version: FormVersion, at: datetime) -> None:
    def queries_of(learner: User) -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.held(learner)
        return len(seen)

    before = queries_of(cast.learner)
    for n in range(3):
        place(version, cast.learner, at, employer=f"Farm {n}")
    assert queries_of(cast.learner) == before == 4


def test_setting_aside_takes_the_stack_back(
    cast: Cast, stack: StackVersion, version: FormVersion, at: datetime
) -> None:
    other = make_stack(cast.home.program, hold(cast.home.version), at, title={"en": "Other", "es": "Otra"})
    earn(cast, at)
    placement = place(version, cast.learner, at)
    finish(placement, at)
    supervise.set_aside(placement=placement, reason="The farm knows nobody.", by=cast.home.coach, at=at)
    award = Award.objects.get(stack_id=stack.stack_id)
    assert award.revoked_at == at and award_rules.is_automatic(award.revoked_reason)
    assert Award.objects.get(stack_id=other.stack_id).revoked_at is None
    assert award_rules.automatic(award.revoked_reason) == (award_rules.WORK_SET_ASIDE, {})
    supervise.take_up_again(placement=placement, by=cast.home.coach, at=at + timedelta(days=1))
    assert [a.revoked_at for a in Award.objects.filter(stack_id=stack.stack_id).order_by("issued_at")] == [at, None]


def test_setting_aside_reaches_what_was_built_on_the_stack(
    cast: Cast, stack: StackVersion, version: FormVersion, at: datetime
) -> None:
    """A stack of the stack, and a third one that names both the form and the second stack."""
    upper = make_stack(cast.home.program, all_of({"hold": {"credential": str(stack.stack_id)}}), at)
    top = make_stack(
        cast.home.program, all_of({"hold": {"credential": str(upper.stack_id)}}, review_part(version)), at
    )
    earn(cast, at)
    placement = place(version, cast.learner, at)
    finish(placement, at)
    built = Award.objects.filter(learner=cast.learner, stack_id__in=[stack.stack_id, upper.stack_id, top.stack_id])
    assert built.filter(revoked_at=None).count() == 3
    supervise.set_aside(placement=placement, reason="The farm knows nobody.", by=cast.home.coach, at=at)
    assert list(built.filter(revoked_at=None)) == []
    supervise.take_up_again(placement=placement, by=cast.home.coach, at=at)
    assert built.filter(revoked_at=None).count() == 3


def test_setting_aside_one_of_two_placements_leaves_the_stack(cast: Cast, version: FormVersion, at: datetime) -> None:
    stack = make_stack(cast.home.program, review_part(version), at)
    for employer in ("One", "Two"):
        placement = place(version, cast.learner, at, employer=employer)
        supervise.sign(
            link=link_of(placement, at), answers=SAW, words="", name="Sam Ledger", language="en", by=None, at=at
        )
    supervise.set_aside(placement=placement, reason="No.", by=cast.home.coach, at=at)
    assert Award.objects.get(stack_id=stack.stack_id).revoked_at is None


def test_withdrawing_a_part_counts_the_work_still(
    cast: Cast, stack: StackVersion, version: FormVersion, at: datetime
) -> None:
    part = earn(cast, at)
    finish(place(version, cast.learner, at), at)
    completion = pathways.reckon(stack, queries.held(cast.learner), at)
    assert completion.result.satisfied and completion.components == (part,)
    assert rules.at_work(completion.result) == [("review", 0), ("hours", 16)]


def test_mails(cast: Cast, version: FormVersion, at: datetime) -> None:
    placement = place(version, cast.learner, at, supervisor_language="es")
    link = link_of(placement, at)
    bad = log(placement, at)
    marks = {bad.pk: workplace.Mark(1, False, "It was Sunday.")}
    supervise.countersign(link=link, marks=marks, name="Sam Ledger", by=None, at=at)
    supervise.sign(link=link, answers=SAW, words="", name="Sam Ledger", language="es", by=None, at=at)
    supervise.set_aside(placement=placement, reason="x", by=cast.home.coach, at=at)
    other = place(version, cast.other_learner, at)
    workplace.not_me(link=link_of(other, at), by=None, at=at)
    for task in Task.objects.select_related("entry").order_by("entry_id"):
        HANDLERS[task.handler](task.entry, at)
    assert {task.handler for task in Task.objects.all()} >= {
        "mail_supervisor", "mail_hours_refused", "mail_reviewed", "mail_set_aside", "mail_not_supervisor"
    }  # fmt: skip
    words = {m.to[0]: m.subject for m in mail.outbox}
    assert "sam@farm.example.org" not in words, "ended links are not mailed"
    assert len(mail.outbox) == 4 and all("Sunday" not in m.body and "Kind" not in m.body for m in mail.outbox)


def test_the_supervisors_mail(cast: Cast, version: FormVersion, at: datetime) -> None:
    link = link_of(place(version, cast.learner, at, supervisor_language="es"), at)
    entry = Entry.objects.get(verb="workplace.link_made")
    HANDLERS["mail_supervisor"](entry, at)
    (sent,) = mail.outbox
    assert sent.to == ["sam@farm.example.org"] and f"/work/{workplace.link_token(link)}/" in sent.body
    assert cast.learner.name in sent.subject and "Two Coves Farm" in sent.subject
    assert (cast.learner.email or "?") not in sent.body


def test_leaving_and_taking_along(cast: Cast, version: FormVersion, at: datetime) -> None:
    finish(place(version, cast.learner, at), at)
    held = held_on(cast.learner)
    assert len(held["workplaces"]) == 1 and len(held["hours_at_work"]) == 2 and held["supervisor_reviews"][0]["text"]
    delete_account(user=cast.learner, at=at)
    assert not Placement.objects.exists()
