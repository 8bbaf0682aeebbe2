"""Every mail: to whom, in which language, and nothing in it that belongs behind the sign-in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail

from fieldstone.server.awards import actions as awards
from fieldstone.server.evidence.models import Submission
from fieldstone.server.journeys import confirm_decision, withdraw_award
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.models import Row
from fieldstone.server.recognition.models import Claim, Promise
from tests.awards.makers import make_review
from tests.cast import Cast, text
from tests.pathways.makers import hold, make_stack


def run(handler: str, subject: Row, at: datetime) -> list[str]:
    """Do one task twice, as after a crash; the subjects of the first time's mails."""
    entry = ledger.record(verb="tested", subject=subject, by=None, at=at)
    for _twice in range(2):
        mail.outbox.clear()
        HANDLERS[handler](entry, at)
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(set(ids)) == len(ids)
    return [message.subject for message in mail.outbox]


def test_the_receipt_has_code_and_date(cast: Cast, at: datetime) -> None:
    review = make_review(cast.learner, cast.home.version, at, outcome="")
    assert run("mail_received", review.submission, at) == ["Recibido: Observar y registrar la conducta"]
    assert review.submission.code in mail.outbox[0].body
    assert "13 de diciembre de 2026" in mail.outbox[0].body
    review.delete()
    submission = Submission.objects.get()
    assert len(run("mail_received", submission, at)) == 1


@pytest.mark.parametrize("outcome", ["demonstrated", "not_yet", "incomplete", "withdrawn"])
def test_the_answer_is_told_and_read_behind_the_sign_in(cast: Cast, at: datetime, outcome: str) -> None:
    review = make_review(cast.other_learner, cast.home.version, at, outcome=outcome)
    assert run("mail_decision", review, at) == ["Your answer: Observing and recording behavior"]
    assert "/path/" in mail.outbox[0].body
    assert run("mail_appeal", review, at) == ["Second look: Observing and recording behavior"]


def test_nothing_is_told_before_the_decision(cast: Cast, at: datetime) -> None:
    assert run("mail_decision", make_review(cast.learner, cast.home.version, at, outcome=""), at) == []


def test_awards_in_the_holders_language(cast: Cast, at: datetime) -> None:
    cast.home.organization.email = "credentials@example.org"
    cast.home.organization.save()
    make_stack(cast.home.program, hold(cast.home.version), at)
    part = confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    from fieldstone.server.awards.models import Award

    stack = Award.objects.get(stack_id__isnull=False)
    assert run("mail_award", part, at) == ["Usted obtuvo: Observar y registrar la conducta"]
    assert run("mail_award", stack, at) == ["Usted obtuvo: Asociado en Desarrollo Infantil"]
    assert run("mail_suspended", part, at) == ["En pausa: Observar y registrar la conducta"]
    assert "credentials@example.org" in mail.outbox[0].body
    assert run("mail_reinstated", part, at) == ["Válida de nuevo: Observar y registrar la conducta"]
    withdraw_award.withdraw(award=part, reason="Error", by=cast.home.issuer, at=at)
    awards.forget(learner=cast.learner, at=at)
    assert run("mail_withdrawn", part, at) == []


def test_who_has_no_address_gets_no_mail(cast: Cast, at: datetime) -> None:
    cast.learner.email = None
    cast.learner.save()
    assert run("mail_decision", make_review(cast.learner, cast.home.version, at), at) == []


def test_promises(cast: Cast, at: datetime) -> None:
    award = confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    promise = Promise.objects.create(
        organization=cast.away.organization, micro_credential=cast.home.micro_credential, kind="interview",
        headline=text("An interview", "Una entrevista"), terms=text("Within two weeks"), starts_on=at.date(), made_at=at,
    )  # fmt: skip
    claim = Claim.objects.create(
        promise=promise, award=award, learner=cast.learner, claimed_at=at, due_at=at + timedelta(days=14)
    )
    assert run("mail_claimed", claim, at) == ["A promise was claimed: An interview"]
    assert mail.outbox[0].to == [cast.away.recognizer.email]
    assert "Marisol" not in mail.outbox[0].body
    for outcome, words in (("kept", "cumplió su promesa"), ("declined", "Motivo: No place")):
        claim.outcome, claim.reason = outcome, "No place" if outcome == "declined" else ""
        claim.answered_at, claim.answered_by = at, cast.away.recognizer.pk
        claim.save()
        assert run("mail_claim_answered", claim, at) == ["Respuesta sobre una promesa: Una entrevista"]
        assert words in mail.outbox[0].body
    claim.learner = None
    claim.save()
    assert run("mail_claim_answered", claim, at) == []


def test_every_task_that_the_code_names_has_a_handler() -> None:
    import re
    from pathlib import Path

    source = Path(__file__).resolve().parents[2] / "src" / "fieldstone" / "server"
    named = set()
    for path in source.rglob("*.py"):
        named |= set(re.findall(r'"(mail_[a-z_]+|award(?:_ended)?)"(?=[,)}:])', path.read_text()))
    tasks = {name for name in named if name.startswith("mail_") or name == "award_ended"}
    assert {name for name in tasks if name.startswith("mail_")} <= set(HANDLERS)
