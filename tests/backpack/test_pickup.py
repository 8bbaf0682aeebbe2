"""A link to pick a credential up: it works once, ends, can be sent again, and can be given back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award, AwardQuerySet
from fieldstone.server.awards.rules import Listed
from fieldstone.server.backpack import actions, queries, rules
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.journeys import withdraw_award
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.mail_again import mail_again
from fieldstone.server.journeys.pick_up import pick_up
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.management.worker import drain
from fieldstone.server.people.models import User
from tests.cast import Cast


def waiting(cast: Cast, at: datetime) -> Award:
    award, _new = awards.issue_listed(
        version=cast.home.version, learner=None, name="Ana Example", said=Listed("Did it.", None, 1), valid_until=None,
        by=cast.home.issuer, at=at,
    )  # fmt: skip
    return award


def link(award: Award, at: datetime, email: str = "ana@example.org") -> Pickup:
    return actions.make_pickup(award=award, name="Ana Example", email=email, language="es", by=None, at=at)


def test_only_the_hash_is_kept_and_the_mail_carries_the_secret(cast: Cast, at: datetime) -> None:
    pickup = link(waiting(cast, at), at, " ANA@example.org ")
    token = actions.pickup_token(pickup)
    assert token not in str(Pickup.objects.values().get()) and pickup.token_hash == digest(token)
    assert queries.pickup(token) == pickup and queries.pickup("x" * 40) is None
    drain(at=at)
    (sent,) = mail.outbox
    assert sent.to == ["ana@example.org"] and f"/pickup/{token}/" in sent.body and "Una credencial" in sent.subject


def test_picked_up_without_an_account_it_goes_to_the_address(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    pickup = link(award, at)
    learner = pick_up(pickup=pickup, user=None, at=at)
    award.refresh_from_db()
    assert (learner.email, learner.name, learner.language, award.learner) == (
        "ana@example.org",
        "Ana Example",
        "es",
        learner,
    )
    with pytest.raises(actions.LinkEnded):
        pick_up(pickup=pickup, user=cast.learner, at=at)
    with pytest.raises(actions.LinkEnded):
        link(award, at)
    assert Entry.objects.filter(verb="awards.handed_over").count() == 1
    assert awards.hand_over(award=award, learner=learner, by=learner, at=at) == award
    with pytest.raises(awards.NotHers):
        awards.hand_over(award=award, learner=cast.learner, by=None, at=at)


def test_signed_in_it_goes_to_her_page_and_keeps_her_name(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    pickup = link(award, at, cast.learner.email or "")
    assert [p.pk for p in queries.waiting_for(cast.learner, at)] == [pickup.pk]
    assert pick_up(pickup=pickup, user=cast.learner, at=at).name == "Marisol Vega"
    assert queries.waiting_for(cast.learner, at) == []
    second = link(waiting(cast, at), at)
    with pytest.raises(awards.HeldAlready):
        pick_up(pickup=second, user=cast.learner, at=at)
    second.refresh_from_db()
    assert rules.pickup_state(second, at) == "open"
    nobody = User.objects.create_user(name="Paper", joined_at=at)
    assert queries.waiting_for(nobody, at) == []


def test_a_new_link_ends_the_old_one_and_time_ends_it_too(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    first, second = link(award, at), link(award, at)
    first.refresh_from_db()
    assert rules.pickup_state(first, at) == "replaced" and rules.pickup_state(second, at) == "open"
    with pytest.raises(IntegrityError), transaction.atomic():
        Pickup.objects.filter(pk=first.pk).update(ended_at=None)
    drain(at=at)
    assert len(mail.outbox) == 1, "a link that was replaced is not sent"
    late = at + timedelta(days=rules.PICKUP_DAYS)
    assert rules.pickup_state(second, late) == "expired"
    with pytest.raises(actions.LinkEnded):
        pick_up(pickup=second, user=None, at=late)
    with pytest.raises(Refused):
        link(award, at, "nobody")


def test_this_is_not_me(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    pickup = link(award, at)
    drain(at=at)
    mail.outbox.clear()
    for _twice in range(2):
        actions.not_me(pickup=pickup, at=at)
    drain(at=at)
    (sent,) = mail.outbox
    assert sent.to == [cast.home.issuer.email] and "Ana Example" in sent.body
    pickup.refresh_from_db()
    assert rules.pickup_state(pickup, at) == "not_me"
    with pytest.raises(actions.LinkEnded):
        pick_up(pickup=pickup, user=None, at=at)
    assert list(queries.not_theirs(cast.home.organization)) == [pickup]
    link(award, at + timedelta(hours=1), "right@example.org")
    assert list(queries.not_theirs(cast.home.organization)) == []
    other = link(waiting(cast, at), at, "x@example.org")
    pick_up(pickup=other, user=None, at=at)
    with pytest.raises(actions.LinkEnded):
        actions.not_me(pickup=other, at=at)


def test_a_withdrawn_one_is_not_picked_up(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    pickup = link(award, at)
    withdraw_award.withdraw(award=award, reason="By mistake", by=cast.home.issuer, at=at)
    with pytest.raises(actions.LinkEnded):
        pick_up(pickup=Pickup.objects.get(pk=pickup.pk), user=None, at=at)
    drain(at=at)
    assert mail.outbox == []


def test_sent_again_by_the_issuer(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    first = link(award, at)
    facts = {"award": award, "name": "Ana Example", "by": cast.home.issuer}
    mail_again(**facts, email="ana@example.org", last=first, at=at)
    assert Pickup.objects.count() == 1, "pressed twice within a minute it is one"
    mail_again(**facts, email="new@example.org", last=first, at=at)
    mail_again(**facts, email="new@example.org", last=None, at=at + timedelta(hours=1))
    assert list(Pickup.objects.order_by("made_at", "id").values_list("email", "language")) == [
        ("ana@example.org", "es"), ("new@example.org", "es"), ("new@example.org", "es")
    ]  # fmt: skip
    other = waiting(cast, at)
    mail_again(award=other, name="B", email="b@example.org", last=None, by=None, at=at)
    assert other.pickups.get().language == "en"
    learner = pick_up(pickup=award.pickups.latest("made_at"), user=None, at=at + timedelta(hours=1))
    drain(at=at)
    mail.outbox.clear()
    award.refresh_from_db()
    for moment in (at, at + timedelta(seconds=9), at + timedelta(hours=2)):
        mail_again(award=award, name="A", email="", last=None, by=cast.home.issuer, at=moment)
    drain(at=at + timedelta(hours=2))
    assert [m.to for m in mail.outbox if m.to == [learner.email]] == [[learner.email]] * 2


def test_she_leaves_and_her_words_go(cast: Cast, at: datetime) -> None:
    award = waiting(cast, at)
    learner = pick_up(pickup=link(award, at), user=None, at=at)
    delete_account(user=learner, at=at)
    pickup = Pickup.objects.get()
    assert (pickup.name, pickup.email) == ("", "")


def test_attack_what_a_person_erased_is_not_given_to_a_stranger(cast: Cast, at: datetime, client: Client) -> None:
    award = waiting(cast, at)
    pickup = link(award, at)
    delete_account(user=pick_up(pickup=pickup, user=None, at=at), at=at)
    with pytest.raises(actions.LinkEnded, match="erased"):
        link(award, at, "stranger@example.org")
    with pytest.raises(awards.NotHers, match="erased"):
        awards.hand_over(award=award, learner=cast.learner, by=None, at=at)
    client.force_login(cast.home.issuer)
    address = reverse("issuer:link", args=["home", award.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"email": "stranger@example.org"}).status_code == 404
    award.refresh_from_db()
    assert award.learner is None and Pickup.objects.count() == 1


def test_two_of_one_kind_at_the_same_moment(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    awards.hand_over(award=waiting(cast, at), learner=cast.learner, by=None, at=at)
    second = waiting(cast, at)
    monkeypatch.setattr(AwardQuerySet, "live", lambda rows: rows.none())  # the other is not seen yet
    with pytest.raises(awards.HeldAlready):
        awards.hand_over(award=second, learner=cast.learner, by=None, at=at)
    second.refresh_from_db()
    assert second.learner is None
