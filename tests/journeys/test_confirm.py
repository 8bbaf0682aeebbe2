"""From the decision to the credential in one transaction, with assessment as it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core import mail

from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.journeys.write_name import change_profile
from fieldstone.server.ledger.models import Entry
from fieldstone.server.management import worker
from tests.awards.makers import make_review
from tests.cast import Cast


def settle(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str, outcome: str = "demonstrated") -> None:
    """One step of the assessment ends in this outcome (its own tests show how)."""
    review = make_review(cast.learner, cast.home.version, at, outcome=outcome)
    monkeypatch.setattr(f"fieldstone.server.journeys.confirm_decision.assessment.{step}", lambda **_given: review)


@pytest.mark.parametrize(
    ("step", "arguments"),
    [
        ("hand_in", {"seat": None}),
        ("approve", {"seat": None, "approved": True, "note": ""}),
        ("moderate", {"seat": None}),
        ("close_appeal", {"appeal": None, "upheld": True, "answer": "Yes"}),
    ],
)
def test_each_way_to_a_decision_leads_to_the_credential(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str, arguments: dict[str, object]
) -> None:
    settle(cast, at, monkeypatch, step)
    getattr(confirm_decision, step)(by=cast.home.approver, at=at, **arguments)
    assert Award.objects.get().learner == cast.learner


@pytest.mark.parametrize("outcome", ["", "not_yet"])
def test_no_other_outcome_does(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch, outcome: str) -> None:
    settle(cast, at, monkeypatch, "hand_in", outcome)
    confirm_decision.hand_in(seat=None, by=cast.home.first, at=at)  # type: ignore[arg-type]
    assert not Award.objects.exists()


def test_a_credential_waits_for_a_name(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.learner.name = ""
    cast.learner.save()
    settle(cast, at, monkeypatch, "hand_in")
    confirm_decision.hand_in(seat=None, by=None, at=at)  # type: ignore[arg-type]
    assert Entry.objects.filter(verb="awards.waiting_for_name").exists()
    worker.drain(at=at)
    assert not Award.objects.exists()
    assert [m.subject for m in mail.outbox] == ["Hace falta su nombre: Observar y registrar la conducta"]
    for _twice in range(2):
        change_profile(user=cast.learner, name="Marisol Vega", language="es", phone="", area="", keys_on=True, at=at)
    worker.drain(at=at)
    assert Award.objects.get().learner == cast.learner
    assert mail.outbox[-1].subject == "Usted obtuvo: Observar y registrar la conducta"
