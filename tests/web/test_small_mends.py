"""Small things that people met on their way: tabs that stay, help that is there, words that are true."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from fieldstone.server.catalog.models import Version
from fieldstone.server.people.models import Membership, User
from fieldstone.server.recognition import queries
from tests.cast import Cast, make_person, make_version, text


def signed_in(user: User, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user)
    return client


def nav(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().split("<nav")[1].split("</nav")[0]


def test_the_tabs_of_a_lead_stay_on_each_page_that_they_lead_to(cast: Cast) -> None:
    lead = signed_in(cast.home.lead)
    pages = ("/o/home/lead/", "/o/home/lead/cohorts/", "/o/home/coach/", "/o/home/assess/exemplars/")
    for path in pages:
        shown = nav(lead, path)
        for target in pages:
            assert f'href="{target}"' in shown, (path, target)
        assert shown.count("aria-current") == 1
    coach = nav(signed_in(cast.home.coach), "/o/home/coach/")
    assert "/lead/" not in coach and "/o/home/coach/" in coach
    assert "/lead/" not in nav(signed_in(cast.home.author), "/o/home/assess/exemplars/")


@pytest.mark.parametrize(("number", "foot"), [("", ">Help<"), ("931 555 0142", ">Help by text or phone<")])
def test_help_by_phone_is_promised_only_where_there_is_a_number(
    db: None, settings: object, number: str, foot: str
) -> None:
    settings.HELP_PHONE = number  # type: ignore[attr-defined]  # pytest-django's settings take any name
    page = Client(headers={"Accept-Language": "en"}).get("/help/").content.decode()
    assert foot in page.split("<footer")[1] and page.count(">Help by text or phone<") == bool(number)
    assert ('href="tel:9315550142"' in page) is bool(number)


def test_keys_for_scoring_are_for_assessors(cast: Cast) -> None:
    learner, assessor = signed_in(cast.learner), signed_in(cast.home.first)
    form = {"name": "Marisol Vega", "language": "en", "phone": "", "area": ""}
    assert "keys_on" not in learner.get("/account/").content.decode()
    assert learner.post("/account/", form).status_code == 302
    assert User.objects.get(pk=cast.learner.pk).keys_on
    assert "keys_on" in assessor.get("/account/").content.decode()
    assessor.post("/account/", form)
    assert not User.objects.get(pk=cast.home.first.pk).keys_on


def test_a_role_for_a_new_address_names_it_once(cast: Cast, at: datetime) -> None:
    person = make_person("", at)
    User.objects.filter(pk=person.pk).update(name="", email="new@example.org")
    Membership.objects.create(user=person, organization=cast.home.organization, role="author", granted_at=at)
    page = signed_in(cast.home.administrator).get("/o/home/admin/").content.decode()
    row = page.split("new@example.org")
    assert len(row) == 3 and row[2].startswith(", Author</span>")


def test_a_search_shows_titles_that_begin_so_first_and_counts_the_rest(cast: Cast, at: datetime) -> None:
    for n in range(13):
        make_version(cast.home.program, at, slug=f"s{n}", title=text(f"Feeding {n}"))
    Version.objects.filter(title_en__startswith="Feeding").update(search="feeding for every child")
    make_version(cast.home.program, at, slug="r", title=text("Reading with a child"))
    make_version(cast.home.program, at, slug="g", title=text("Child growth and development"))
    found = queries.search_targets("child")
    assert [t.title["en"] for t in found.shown][:2] == ["Child growth and development", "Reading with a child"]
    assert len(found.shown) == 12 and found.more == 3
    page = signed_in(cast.home.recognizer).get("/o/home/promises/new/", {"q": "child"}).content.decode()
    assert "Child growth and development" in page and f"And {found.more} more." in page
    asks = signed_in(cast.home.recognizer).get("/o/home/promises/asks/new/", {"q": "child"}).content.decode()
    assert "Child growth and development" in asks and f"And {found.more} more." in asks
    few = signed_in(cast.home.recognizer).get("/o/home/promises/new/", {"q": "growth"}).content.decode()
    assert "Child growth and development" in few and "Add a word" not in few
