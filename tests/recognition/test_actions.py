"""Writes about promises and claims."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from fieldstone.server.awards import actions as awards
from fieldstone.server.journeys.claim_promise import claim_promise
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.recognition import actions
from fieldstone.server.recognition.models import Claim, Promise
from tests.cast import Cast, text
from tests.pathways.makers import hold, make_stack
from tests.recognition.makers import make_award, make_promise


def test_a_promise_is_stated_and_recorded(cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at, headline={"en": " Interview ", "es": " \x00"}, amount=" $2 ")
    assert promise.headline == {"en": "Interview"}
    assert promise.amount == "$2"
    entry = Entry.objects.get(verb="recognition.promised")
    assert (entry.subject_id, entry.by, entry.data) == (promise.pk, cast.away.recognizer.pk, {"kind": "interview"})


def test_the_installation_can_state_one(cast: Cast, at: datetime) -> None:
    assert make_promise(cast, at, by=None).made_by is None
    assert Entry.objects.get(verb="recognition.promised").by is None


def test_the_same_form_twice_is_one_promise(cast: Cast, at: datetime) -> None:
    key = str(uuid4())
    assert make_promise(cast, at, key=key) == make_promise(cast, at, key=key)
    assert make_promise(cast, at, key=key, organization=cast.home.organization).pk
    assert make_promise(cast, at).pk and make_promise(cast, at).pk
    assert Promise.objects.count() == 4


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"headline": {"en": " ", "es": ""}}, ["headline"]),
        ({"terms": {}}, ["terms"]),
        ({"headline": {"en": "x" * 121}}, ["headline.en"]),
        ({"terms": {"en": "fine", "es": "x" * 2001}}, ["terms.es"]),
        ({"kind": "love"}, ["kind"]),
        ({"answer_days": 0}, ["answer_days"]),
        ({"answer_days": 366}, ["answer_days"]),
        ({"ends_on": date(2025, 12, 31)}, ["ends_on"]),
        ({"micro_credential": None}, ["target"]),
        ({"amount": "x" * 61}, ["amount"]),
        ({"kind": "", "answer_days": -1, "amount": "x" * 99}, ["kind", "answer_days", "amount"]),
    ],
)
def test_what_a_promise_needs(cast: Cast, at: datetime, changes: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        make_promise(cast, at, **changes)
    assert [p.field for p in refused.value.problems] == fields
    assert not Promise.objects.exists()


def test_a_promise_can_be_for_a_stack(cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at, by=cast.home.author).stack
    promise = make_promise(cast, at, micro_credential=None, stack=stack)
    assert promise.stack == stack


def test_withdrawing_stops_new_claims_and_keeps_old_ones(cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at)
    award = make_award(cast.learner, cast.home.version, at)
    claim = actions.claim(promise=promise, award=award, note="", key="", by=cast.learner, at=at)
    actions.withdraw(promise=promise, by=cast.away.recognizer, at=at)
    actions.withdraw(promise=promise, by=cast.away.recognizer, at=at + timedelta(days=1))
    promise.refresh_from_db()
    assert promise.withdrawn_at == at
    assert Entry.objects.filter(verb="recognition.withdrawn").count() == 1
    other = make_award(cast.other_learner, cast.home.version, at)
    with pytest.raises(Refused, match="has ended"):
        actions.claim(promise=promise, award=other, note="", key="", by=cast.other_learner, at=at)
    assert actions.answer(claim=claim, kept=True, reason="", by=cast.away.recognizer, at=at).outcome == "kept"


def test_a_claim_is_made_once_and_the_recognizer_is_told(cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at)
    award = make_award(cast.learner, cast.home.version, at)
    key = "x" * 300
    claim = actions.claim(promise=promise, award=award, note=" Call me. ", key=key, by=cast.learner, at=at)
    assert (claim.note, claim.due_at) == ("Call me.", at + timedelta(days=14))
    again = actions.claim(promise=promise, award=award, note="", key=key, by=cast.learner, at=at)
    other_form = actions.claim(promise=promise, award=award, note="", key="", by=cast.learner, at=at)
    assert claim == again == other_form
    entry = Entry.objects.get(verb="recognition.claimed")
    assert list(Task.objects.filter(entry=entry).values_list("handler", flat=True)) == ["mail_claimed"]
    HANDLERS["mail_claimed"](entry, at)
    assert [m.to for m in mail.outbox] == [[cast.away.recognizer.email]]
    assert "Interview within 14 days" in mail.outbox[0].subject
    assert "/o/away/promises/claims/" in mail.outbox[0].body
    assert cast.learner.name not in mail.outbox[0].body


def test_a_form_key_serves_one_claim(cast: Cast, at: datetime) -> None:
    award = make_award(cast.learner, cast.home.version, at)
    actions.claim(promise=make_promise(cast, at), award=award, note="", key="k", by=cast.learner, at=at)
    with pytest.raises(Conflict):
        actions.claim(promise=make_promise(cast, at), award=award, note="", key="k", by=cast.learner, at=at)
    other = make_award(cast.other_learner, cast.home.version, at)
    actions.claim(promise=make_promise(cast, at), award=other, note="", key="k", by=cast.other_learner, at=at)
    assert Claim.objects.count() == 2


def test_only_the_holder_claims_and_only_what_fits(cast: Cast, at: datetime) -> None:
    award = make_award(cast.learner, cast.home.version, at)
    promise = make_promise(cast, at)
    with pytest.raises(NotAllowed):
        actions.claim(promise=promise, award=award, note="", key="", by=cast.stranger, at=at)
    other = make_promise(cast, at, micro_credential=cast.away.micro_credential)
    with pytest.raises(Refused, match="another credential"):
        actions.claim(promise=other, award=award, note="", key="", by=cast.learner, at=at)
    with pytest.raises(Refused, match="2000"):
        actions.claim(promise=promise, award=award, note="x" * 2001, key="", by=cast.learner, at=at)
    award = awards.suspend(award=award, reason="Being looked into.", by=cast.home.issuer, at=at)
    with pytest.raises(Refused, match="not valid"):
        actions.claim(promise=promise, award=award, note="", key="", by=cast.learner, at=at)
    assert not Claim.objects.exists()


def test_days_are_counted_where_the_people_are(cast: Cast, at: datetime) -> None:
    """At 03:00 UTC it is still the evening before in the site's own zone."""
    award = make_award(cast.learner, cast.home.version, at)
    evening = datetime(2026, 12, 1, 3, 0, tzinfo=at.tzinfo)
    last_day = make_promise(cast, at, ends_on=date(2026, 11, 30))
    assert actions.claim(promise=last_day, award=award, note="", key="", by=cast.learner, at=evening)
    begins = make_promise(cast, at, starts_on=date(2026, 12, 1))
    with pytest.raises(Refused, match="not begun"):
        actions.claim(promise=begins, award=award, note="", key="", by=cast.learner, at=evening)


def test_claiming_opens_a_private_credential_to_the_recognizer(cast: Cast, at: datetime) -> None:
    award = make_award(cast.learner, cast.home.version, at)
    award = awards.share(award=award, audience="private", by=cast.learner, at=at)
    claim_promise(promise=make_promise(cast, at), award=award, note="", key="", by=cast.learner, at=at)
    award.refresh_from_db()
    assert award.audience == "link"
    award = awards.share(award=award, audience="public", by=cast.learner, at=at)
    claim_promise(promise=make_promise(cast, at), award=award, note="", key="", by=cast.learner, at=at)
    award.refresh_from_db()
    assert award.audience == "public"


@pytest.fixture
def claim(cast: Cast, at: datetime) -> Claim:
    award = make_award(cast.learner, cast.home.version, at)
    return actions.claim(promise=make_promise(cast, at), award=award, note="", key="", by=cast.learner, at=at)


def test_keeping_needs_no_reason_and_the_learner_is_told(cast: Cast, at: datetime, claim: Claim) -> None:
    done = actions.answer(claim=claim, kept=True, reason="", by=cast.away.recognizer, at=at)
    assert (done.outcome, done.answered_by) == ("kept", cast.away.recognizer.pk)
    entry = Entry.objects.get(verb="recognition.kept")
    HANDLERS["mail_claim_answered"](entry, at)
    assert [m.to for m in mail.outbox] == [[cast.learner.email]]
    assert "Away College" in mail.outbox[0].body and "/path/promises/" in mail.outbox[0].body


def test_declining_says_why(cast: Cast, at: datetime, claim: Claim) -> None:
    with pytest.raises(Refused) as refused:
        actions.answer(claim=claim, kept=False, reason=" ", by=cast.away.recognizer, at=at)
    assert refused.value.problems[0].field == "reason"
    actions.answer(claim=claim, kept=False, reason="No place\nis free.", by=cast.away.recognizer, at=at)
    entry = Entry.objects.get(verb="recognition.declined")
    HANDLERS["mail_claim_answered"](entry, at)
    assert "No place is free." in mail.outbox[0].body


def test_an_answer_is_final(cast: Cast, at: datetime, claim: Claim) -> None:
    later = at + timedelta(days=1)
    actions.answer(claim=claim, kept=True, reason="", by=cast.away.recognizer, at=at)
    same = actions.answer(claim=claim, kept=True, reason="Once more", by=cast.away.recognizer, at=later)
    assert (same.answered_at, same.reason) == (at, "")
    with pytest.raises(Conflict):
        actions.answer(claim=claim, kept=False, reason="Changed our mind.", by=cast.away.recognizer, at=later)
    claim.refresh_from_db()
    assert claim.outcome == "kept"
    assert Entry.objects.filter(verb__in=("recognition.kept", "recognition.declined")).count() == 1


def test_a_deleted_account_gets_no_mail(cast: Cast, at: datetime, claim: Claim) -> None:
    actions.answer(claim=claim, kept=True, reason="", by=cast.away.recognizer, at=at)
    Claim.objects.update(learner=None)
    HANDLERS["mail_claim_answered"](Entry.objects.get(verb="recognition.kept"), at)
    assert not mail.outbox


def test_texts_in_one_language_are_enough(cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at, headline={"es": "Entrevista"}, terms={"en": "", "es": "Para quien la tenga."})
    assert promise.terms == {"es": "Para quien la tenga."}
    assert text("x")


def test_a_person_who_leaves_is_forgotten_and_the_record_stays(cast: Cast, at: datetime, claim: Claim) -> None:
    other = make_award(cast.other_learner, cast.home.version, at)
    actions.claim(promise=claim.promise, award=other, note="Mine.", key="", by=cast.other_learner, at=at)
    Claim.objects.filter(pk=claim.pk).update(note="Call Marisol.")
    actions.forget(learner=cast.learner, at=at)
    claim.refresh_from_db()
    assert (claim.learner, claim.note) == (None, "")
    assert Claim.objects.get(learner=cast.other_learner).note == "Mine."
    assert Entry.objects.get(verb="recognition.forgotten").subject_id == claim.pk
