"""The three doors: a mailed code, a code on paper, a demonstration's link."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from fieldstone.server.people import actions
from fieldstone.server.people.models import Membership, User
from fieldstone.server.web.shared.views_account import demo_token
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def mailed_code() -> str:
    """The code in the newest mail."""
    found = re.search(r"^    (\S+)$", str(mail.outbox[-1].body), re.M)
    assert found
    return found[1]


def test_a_new_person_signs_in_with_a_mailed_code(client: Client, cast: Cast) -> None:
    answer = client.post("/sign-in/", {"email": " New.Person@Example.org ", "next": "/path/"})
    assert answer.status_code == 302
    onward = answer.headers["Location"]
    wrong = client.post(onward, {"code": "XXXX-XXXX", "action": "verify"})
    assert wrong.status_code == 200
    assert b"That is not the code" in wrong.content
    answer = client.post(onward, {"code": mailed_code(), "action": "verify"})
    assert answer.status_code == 302
    user = User.objects.get(email="new.person@example.org")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.get_expiry_age() > 86400 * 30


def test_asking_tells_nobody_who_has_an_account(client: Client, cast: Cast) -> None:
    known = client.post("/sign-in/", {"email": cast.learner.email})
    unknown = client.post("/sign-in/", {"email": "nobody@example.org"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


@pytest.mark.parametrize("email", ["", "no-at-sign", "a@b", "x" * 300 + "@example.org", "<a>@example.org", "a b@c.org"])
def test_a_bad_address_is_told_and_kept(client: Client, email: str) -> None:
    answer = client.post("/sign-in/", {"email": email})
    assert answer.status_code == 422
    assert b"name@example.org" in answer.content


def test_only_this_site_is_an_onward_address(client: Client, cast: Cast) -> None:
    answer = client.get("/sign-in/", {"next": "https://evil.example/"})
    assert b"evil.example" not in answer.content.split(b"<main")[1].split(b"</main")[0]


def test_too_many_tries_are_told_to_wait(client: Client) -> None:
    answers = [client.post("/sign-in/", {"email": "x"}).status_code for _ in range(7)]
    assert answers[-2:] == [422, 429]
    assert client.post("/sign-in/", {"email": "y"}).status_code == 422
    papers = [client.post("/sign-in/paper/", {"code": "x"}).status_code for _ in range(61)]
    assert papers[-2:] == [422, 429]


def test_a_code_on_paper_opens_a_learners_account_until_it_ends(client: Client, cast: Cast, at: datetime) -> None:
    coach, home = cast.home.coach, cast.home.organization
    user, code = actions.add_learner(organization=home, name="Ada Brook", language="es", by=coach, at=at)
    answer = client.post("/sign-in/paper/", {"code": code.lower().replace("-", " ")})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert answer.cookies["django_language"].value == "es"
    actions.make_printed_code(user=user, organization=home, by=coach, at=at)
    answer = Client().post("/sign-in/paper/", {"code": code})
    assert answer.status_code == 422


def test_a_paper_code_runs_out(cast: Cast, at: datetime) -> None:
    _user, code = actions.add_learner(
        organization=cast.home.organization, name="Ada Brook", language="en", by=cast.home.coach, at=at
    )
    with pytest.raises(actions.BadCode):
        actions.use_printed_code(code=code, at=at + timedelta(days=91))


def test_demo_links_work_only_in_the_demonstration(client: Client, cast: Cast, settings: object) -> None:
    token = demo_token(cast.home.first)
    assert client.get(f"/demo/in/{token}/").status_code == 404
    settings.DEMO = True  # type: ignore[attr-defined]
    assert client.get(f"/demo/in/{token}x/").status_code == 404
    real = User.objects.create_user(email="real@example.org", joined_at=cast.learner.joined_at)
    assert client.get(f"/demo/in/{demo_token(real)}/").status_code == 404
    assert client.get(f"/demo/in/{token}/").status_code == 302


def test_everybody_is_sent_to_where_the_work_is(client: Client, cast: Cast) -> None:
    client.force_login(cast.stranger)
    assert client.get("/home/").status_code == 302
    user = cast.home.first
    Membership.objects.create(
        user=user, organization=cast.away.organization, role="lead", granted_at=user.joined_at
    )
    client.force_login(user)
    assert b"Away College" in client.get("/home/").content


def test_the_account_page_names_the_field(client: Client, cast: Cast) -> None:
    client.force_login(cast.learner)
    good = {"name": "Marisol Vega Ruiz", "language": "es", "phone": "931 555 0142", "area": "White County"}
    assert client.post("/account/", good).status_code == 302
    answer = client.post("/account/", {**good, "name": "", "phone": "call me"})
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.content.decode()
    cast.learner.refresh_from_db()
    assert cast.learner.name == "Marisol Vega Ruiz"


def test_the_same_request_adds_one_learner_with_one_code(cast: Cast, at: datetime) -> None:
    given = {"organization": cast.home.organization, "by": cast.home.coach, "at": at, "key": "once"}
    user, code = actions.add_learner(name="Ada Brook", language="en", **given)
    assert actions.add_learner(name="Ada Brook", language="en", **given) == (user, code)
    assert actions.make_printed_code(user=user, **{**given, "key": "again"}) != code
    assert actions.use_printed_code(code=actions.make_printed_code(user=user, **{**given, "key": "again"}), at=at) == user
    assert User.objects.filter(name="Ada Brook").count() == 1
