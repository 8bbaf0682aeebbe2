"""Picking a credential up by a link: without an account, with one, too late, by the wrong person."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Listed
from fieldstone.server.backpack import actions
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.web.shared.access import now
from tests.cast import Cast


@pytest.fixture
def link(cast: Cast) -> str:
    award, _new = awards.issue_listed(
        version=cast.home.version, learner=None, name="Ana Example", said=Listed("Did it.", None, 1), valid_until=None,
        by=cast.home.issuer, at=now(),
    )  # fmt: skip
    pickup = actions.make_pickup(
        award=award, name="Ana Example", email="ana@example.org", language="en", by=None, at=now()
    )
    return f"/pickup/{actions.pickup_token(pickup)}/"


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"Accept-Language": "en"})


def test_seen_and_downloaded_without_an_account(visitor: Client, link: str) -> None:
    page = visitor.get(link).content.decode()
    assert (
        "Ana Example" in page and "Make it mine" in page and "ana@example.org" not in page and "a…@example.org" in page
    )
    assert "noindex" in page
    code = Award.objects.get().code
    for path in ("credential.json", "badge.png"):
        assert f"/c/{code}/{path}" in page and visitor.get(f"/c/{code}/{path}").status_code == 200
    assert len(visitor.get(link).content) < 14_000
    assert visitor.get("/pickup/" + "0" * 40 + "/").status_code == 404


def test_its_forms_come_with_their_origin_and_the_link_leaks_to_nobody(visitor: Client, link: str) -> None:
    """From a page that asks for no referrer at all, browsers send a form without its origin, and it is refused."""
    for path in (link, f"{link}not-me/"):
        answer = visitor.get(path)
        assert answer.headers["Referrer-Policy"] == "same-origin" and "no-referrer" not in answer.content.decode()


def test_one_tap_and_the_mailed_code(visitor: Client, link: str) -> None:
    answer = visitor.post(link, {"do": "mine"}, follow=True)
    assert "It is yours now" in answer.content.decode()
    award = Award.objects.get()
    assert award.learner is not None and award.learner.email == "ana@example.org"
    found = re.search(r"\b([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\b", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    confirm = str(answer.redirect_chain[-1][0])
    after = visitor.post(confirm, {"code": found[1], "next": f"/credentials/{award.pk}/"}, follow=True)
    assert after.status_code == 200 and "Share or move" in after.content.decode(), after.content.decode()[-1500:]
    assert "It has been picked up" in Client(headers={"Accept-Language": "en"}).get(link).content.decode()
    assert visitor.post(link, {"do": "mine"}).status_code == 409
    assert visitor.post(link, {}).status_code == 400


def test_signed_in_it_goes_to_that_page(visitor: Client, link: str, cast: Cast) -> None:
    visitor.force_login(cast.learner)
    assert "It goes to your page here, Marisol Vega" in visitor.get(link).content.decode()
    assert visitor.post(link, {"do": "mine"}).headers["Location"] == f"/credentials/{Award.objects.get().pk}/"
    assert Award.objects.get().learner == cast.learner


def test_it_waits_on_the_page_of_the_address(visitor: Client, link: str, cast: Cast) -> None:
    type(cast.learner).objects.filter(pk=cast.learner.pk).update(email="ana@example.org")
    visitor.force_login(cast.learner)
    page = visitor.get("/credentials/").content.decode()
    assert "A credential waits for you" in page and link in page


def test_too_late_a_new_link_goes_to_the_same_address(visitor: Client, link: str, at: datetime) -> None:
    Pickup.objects.update(expires_at=now() - timedelta(days=1))
    assert "This link is too old" in visitor.get(link).content.decode()
    assert visitor.post(link, {"do": "mine"}).status_code == 409
    assert "a…@example.org" in visitor.post(link, {"do": "again"}).content.decode()
    assert Pickup.objects.count() == 2 and set(Pickup.objects.values_list("email", flat=True)) == {"ana@example.org"}
    assert "There is a newer link" in visitor.get(link).content.decode()


def test_this_is_not_me(visitor: Client, link: str) -> None:
    assert "Yes, it is not me" in visitor.get(f"{link}not-me/").content.decode()
    assert visitor.post(f"{link}not-me/", {}).status_code == 400
    for _twice in range(2):
        assert "The link has ended" in visitor.post(f"{link}not-me/", {"do": "not_me"}).content.decode()
    assert Pickup.objects.get().not_me_at is not None
    assert "Make it mine" not in visitor.get(link).content.decode()


def test_withdrawn(visitor: Client, link: str, cast: Cast) -> None:
    awards.withdraw(award=Award.objects.get(), reason="By mistake", by=cast.home.issuer, at=now())
    page = visitor.get(link).content.decode()
    assert "withdrew it" in page and "Make it mine" not in page
    assert visitor.post(link, {"do": "mine"}).status_code == 409
