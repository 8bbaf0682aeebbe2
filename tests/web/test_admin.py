"""The administrator's screens."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from fieldstone.server.ledger import actions as ledger
from fieldstone.server.people import actions
from fieldstone.server.people.models import Membership, User
from fieldstone.server.people.rules import ROLES
from fieldstone.server.web.admin import record_words
from fieldstone.server.web.admin.views import ROLE_WORDS
from tests.cast import Cast, make_person
from tests.docs.reading import recorded_verbs


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    """Signed in as the home institution's administrator."""
    client.force_login(cast.home.administrator)
    return client


def test_every_role_but_the_learners_has_a_name_here() -> None:
    assert set(ROLE_WORDS) == set(ROLES) - {"learner"}


def test_who_works_here(admin: Client, cast: Cast) -> None:
    html = admin.get("/o/home/admin/").content.decode()
    assert "Coach Home" in html and "Program lead" in html and "Away" not in html
    admin.cookies["django_language"] = "es"
    spanish = admin.get("/o/home/admin/").content.decode()
    assert "Dirección del programa" in spanish and "Evaluación" in spanish
    assert "Give a role" not in spanish and "administrator<" not in spanish


def test_a_role_by_address(admin: Client, cast: Cast) -> None:
    answer = admin.post("/o/home/admin/", {"email": "New@example.org", "role": "coach"})
    assert answer.status_code == 302
    assert Membership.objects.filter(user__email="new@example.org", role="coach").exists()
    assert admin.post("/o/home/admin/", {"email": "New@example.org", "role": "coach"}).status_code == 302
    assert Membership.objects.filter(user__email="new@example.org").count() == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "no", "role": "coach"}, "email"),
        ({"email": "a\x00@example.org", "role": ""}, "role"),
        ({"email": "x" * 400, "role": "coach"}, "email"),
        ({"email": "a@example.org", "role": "king"}, "role"),
        ({"email": "a@example.org", "role": "learner"}, "role"),
        ({}, "role"),
    ],
)
def test_what_is_wrong_stands_at_its_field(admin: Client, form: dict[str, str], field: str) -> None:
    answer = admin.post("/o/home/admin/", form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    assert not User.objects.filter(email="a@example.org").exists()


def test_ending_a_role_asks_first(admin: Client, cast: Cast) -> None:
    row = Membership.objects.get(user=cast.home.coach)
    address = f"/o/home/admin/{row.pk}/end/"
    assert "Coach Home: Coach" in admin.get(address).content.decode()
    row.refresh_from_db()
    assert row.ended_at is None
    assert admin.post(address).status_code == 302
    assert admin.post(address).status_code == 404
    mine = Membership.objects.get(user=cast.home.administrator)
    answer = admin.post(f"/o/home/admin/{mine.pk}/end/")
    assert answer.status_code == 409 and "somebody else" in answer.content.decode()
    away = Membership.objects.get(user=cast.away.coach)
    assert admin.post(f"/o/home/admin/{away.pk}/end/").status_code == 404
    assert admin.post(f"/o/home/admin/{uuid4()}/end/").status_code == 404


def test_how_we_assess(admin: Client, cast: Cast) -> None:
    assert 'value="14"' in admin.get("/o/home/admin/settings/").content.decode()
    form = {"review_days": "10", "check_days": "2", "hold_limit": "4", "two_person": "approver"}
    assert admin.post("/o/home/admin/settings/", form).status_code == 302
    cast.home.organization.refresh_from_db()
    assert (cast.home.organization.review_days, cast.home.organization.two_person) == (10, "approver")
    wrong = admin.post("/o/home/admin/settings/", {**form, "review_days": "many", "two_person": "one"})
    html = wrong.content.decode()
    assert wrong.status_code == 422 and 'id="review_days-error"' in html and 'value="many"' in html
    assert 'href="#two_person"' in html and 'id="two_person"' in html
    assert admin.post("/o/home/admin/settings/", {}).status_code == 422


def test_the_record_is_read_only_and_in_words(admin: Client, cast: Cast, at: datetime) -> None:
    actions.grant_role(
        organization=cast.home.organization, user=cast.stranger, role="coach", by=cast.home.administrator, at=at
    )
    actions.grant_role(
        organization=cast.away.organization, user=cast.stranger, role="issuer", by=cast.away.administrator, at=at
    )
    html = admin.get("/o/home/admin/record/").content.decode()
    assert html.count("A person got a role.") == 1 and "people.role_granted" not in html
    assert cast.home.administrator.name in html.split("<main")[1]
    ledger.record(verb="evidence.started", subject=cast.learner, by=cast.learner.pk, at=at,
                  organization=cast.home.organization.pk)  # fmt: skip
    ledger.record(verb="people.role_ended", subject=cast.learner, by=None, at=at,
                  organization=cast.home.organization.pk)  # fmt: skip
    html = admin.get("/o/home/admin/record/").content.decode()
    assert "A learner or visitor" in html and "The software" in html and cast.learner.name not in html
    spanish = admin.get("/o/home/admin/record/", headers={"Accept-Language": "es"}).content.decode()
    assert "Una persona recibió una función." in spanish and "A person" not in spanish
    assert admin.post("/o/home/admin/record/").status_code == 405
    assert admin.get("/o/home/admin/record/?page=x").status_code == 200


def test_every_kind_of_line_has_words_in_both_languages() -> None:
    assert set(record_words.VERBS) == recorded_verbs()
    for words in record_words.VERBS.values():
        with translation.override("es"):
            assert gettext(words) != words, words
    assert record_words.said("nothing.known") == "Something was recorded."


def test_the_list_asks_a_fixed_number_of_questions(admin: Client, cast: Cast, at: datetime) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            admin.get("/o/home/admin/")
        return len(asked)

    few = questions()
    for i in range(5):
        actions.grant_role(
            organization=cast.home.organization, user=make_person(f"More {i}", at), role="assessor", by=None, at=at
        )
    assert questions() == few <= 6


@pytest.mark.parametrize("path", ["", "settings/", "record/", "{m}/end/"])
def test_nobody_else_gets_in(client: Client, cast: Cast, path: str) -> None:
    row = Membership.objects.get(user=cast.home.coach)
    address = "/o/home/admin/" + path.format(m=row.pk)
    assert client.get(address).headers["Location"].startswith("/sign-in/")
    for user, status in ((cast.stranger, 404), (cast.away.administrator, 404), (cast.home.lead, 403)):
        client.force_login(user)
        assert client.get(address).status_code == status
        assert client.post(address).status_code in (status, 405)
    row.refresh_from_db()
    assert row.ended_at is None
