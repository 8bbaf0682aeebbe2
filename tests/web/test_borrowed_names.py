"""A key of one's own and somebody else's name: nothing that the site shows calls this genuine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from fieldstone import credential as c
from fieldstone.cli import plain
from fieldstone.server.backpack.models import Brought
from fieldstone.server.people import queries
from fieldstone.server.people.models import Organization
from fieldstone.server.people.rules import folded
from tests.backpack.makers import AWARDED, KEY, signed
from tests.cast import Cast


def by(name: str, **more: Any) -> bytes:
    return signed(issuer=name, **more)


@pytest.fixture
def learner(cast: Cast) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.learner)
    return client


SPELLINGS = ("{}", "{} ", "The Office of {}", "{}, Department of Forgery", "  {}\u200b")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_name_of_an_organization_here_without_its_key(learner: Client, cast: Cast, spelling: str) -> None:
    name = spelling.format(cast.home.organization.full_name)
    body = by(name)
    page = Client(headers={"Accept-Language": "en"}).post("/check/", {"text": body.decode()}).content.decode()
    learner.post("/credentials/bring/", {"text": body.decode()})
    row = Brought.objects.get()
    mine = learner.get(f"/credentials/brought/{row.pk}/").content.decode()
    learner.post(f"/credentials/brought/{row.pk}/audience/", {"audience": "public"})
    public = Client(headers={"Accept-Language": "en"}).get(f"/b/{row.pk}/").content.decode()
    again = Client(headers={"Accept-Language": "en"}).post(f"/b/{row.pk}/").content.decode()
    for shown in (page, mine, public, again):
        assert "It bears a name that is known here, but not the key" in shown
        assert "Somebody may have borrowed the name" in shown
        assert 'class="verdict ask"' in shown and "genuine and valid" not in shown
        assert KEY.controller in shown
    for shown in (page, public, again):
        assert "The file says of itself:" in shown
    assert "Genuine and valid" not in learner.get("/credentials/").content.decode()


def test_a_stranger_with_a_name_of_her_own_is_unknown_not_a_borrower(learner: Client, cast: Cast) -> None:
    page = learner.post("/check/", {"text": by("Valley Guild of Bakers").decode()}).content.decode()
    assert "It is unchanged, but we do not know who issued it" in page and "borrowed" not in page
    spanish = Client(headers={"Accept-Language": "es"}).post("/check/", {"text": by("").decode()}).content.decode()
    assert "No ha cambiado, pero no sabemos quién la emitió" in spanish and "El archivo no nombra a nadie." in spanish


def test_ended_and_unknown_is_not_said_to_have_been_genuine(learner: Client, cast: Cast) -> None:
    body = by("Valley Guild of Bakers", valid_until=datetime(2026, 1, 2, tzinfo=UTC))
    page = learner.post("/check/", {"text": body.decode()}).content.decode()
    assert "it has ended" in page and "It was genuine" not in page and "we do not know who issued it" in page


@pytest.mark.parametrize(
    ("one", "other"),
    [("Tennessee State University", "tennessee  state-university."), ("Café Ñandú", "cafe nandu"),
     ("Berea College", "Веrеа Соllеgе"), ("Berea College", "Ｂｅｒｅａ\u00a0College")],
)  # fmt: skip
def test_names_are_compared_as_the_eye_does(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


def test_short_names_are_borrowed_only_whole(cast: Cast) -> None:
    organization = Organization.objects.create(
        slug="tsu", name="TSU", unit="Center of Excellence", kind="college", created_at=AWARDED
    )
    assert queries.bearing("tsu") == organization == queries.bearing("Center of Excellence")
    assert queries.bearing("Center of Excellence, TSU") == organization
    assert queries.bearing("Atsugi School") is None and queries.bearing("…") is None


def test_programs_and_the_command_read_the_same() -> None:
    def told(policy: c.AnyIssuer | c.TrustedIssuers) -> c.Report:
        return c.verify(by("Home College"), resolver=c.Offline(), at=datetime(2026, 3, 1, tzinfo=UTC), policy=policy)

    unknown, known = told(c.AnyIssuer()), told(c.TrustedIssuers([KEY.controller]))
    assert unknown.verdict == known.verdict == "verified"
    assert (unknown.issuer_known, known.issuer_known) == (False, True)
    assert unknown.to_json()["issuer"] == {"id": KEY.controller, "name": "Home College", "known": False}
    assert "genuine" not in plain(unknown).splitlines()[0] and "genuine" in plain(known).splitlines()[0]
