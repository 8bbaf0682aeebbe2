"""The public catalog: found by words, filtered, read whole without an account."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from fieldstone.server.catalog import actions
from fieldstone.server.catalog.models import Version
from fieldstone.server.catalog.queries import Search, search
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Pursuit
from tests.cast import Cast, definition, make_version, text

CDA = "/m/home/observing/"


@pytest.fixture
def shelf(cast: Cast, at: datetime) -> dict[str, Version]:
    """Three more micro-credentials of the home college, of different sizes."""
    rows = {
        "safe": {"title": text("Keeping children safe", "Niñez segura y sana"), "level": 1, "notional_hours": 8},
        "center": {"title": text("Leading a small center"), "level": 3, "notional_hours": 40, "cost_cents": 6000},
        "english": {
            "title": text("Welding basics"),
            "level": 1,
            "notional_hours": 12,
            "languages": ["en"],
            "offline": False,
        },
    }
    made = {}
    for slug, changes in rows.items():
        draft = actions.create(
            program=cast.home.program, body=definition(**changes), slug=slug, by=cast.home.author, at=at
        )
        made[slug] = actions.publish(version=draft, by=cast.home.author, at=at)
    return made


@pytest.mark.parametrize(
    ("asked", "slugs"),
    [
        (Search(words="ninez"), {"safe"}),
        (Search(words="NIÑEZ segura"), {"safe"}),
        (Search(words="welding safe"), set()),
        (Search(levels=(3,)), {"center"}),
        (Search(bands=("short",)), {"safe"}),
        (Search(bands=("short", "long")), {"safe", "center"}),
        (Search(words="center", free=True), set()),
        (Search(words="basics", spanish=True), set()),
        (Search(words="basics", offline=True), set()),
        (Search(words="basics"), {"english"}),
        (Search(program="early-childhood", levels=(3,)), {"center"}),
        (Search(program="nothing"), set()),
    ],
)
def test_search_finds_what_fits(shelf: dict[str, Version], asked: Search, slugs: set[str]) -> None:
    assert {v.micro_credential.slug for v in search(asked)} == slugs


def test_nothing_fits_says_what_to_drop(shelf: dict[str, Version], client: Client) -> None:
    page = client.get("/", {"q": "center", "free": "1", "hours": "long"}).content.decode()
    assert "1 fit if you drop “Free”" in page
    assert "drop “Time it takes”" not in page


def test_odd_filters_are_left_out(shelf: dict[str, Version], client: Client) -> None:
    answer = client.get("/", {"level": ["9", "x"], "hours": "'", "page": "zzz", "q": "%00\x00" * 500})
    assert answer.status_code == 200


def test_the_page_shows_the_rubric_that_assessors_use(cast: Cast, client: Client) -> None:
    page = client.get(CDA).content.decode()
    for criterion in cast.home.version.parsed.criteria:
        assert criterion.title["en"] in page
        for level in criterion.levels:
            assert level.text["en"] in page
    spanish = client.get(CDA, headers={"accept-language": "es"}).content.decode()
    assert 'lang="es"' in spanish
    assert cast.home.version.parsed.criteria[0].levels[0].text["es"] in spanish


def test_drafts_are_nobodys_business(cast: Cast, at: datetime, client: Client) -> None:
    make_version(cast.home.program, at, slug="secret", published=False, title=text("Secret draft"))
    assert client.get("/m/home/secret/").status_code == 404
    assert "Secret draft" not in client.get("/").content.decode()


def test_older_versions_keep_their_address(cast: Cast, at: datetime, client: Client) -> None:
    home = cast.home
    draft = actions.new_version(micro_credential=home.micro_credential, by=home.author, at=at)
    body = {**draft.definition, "title": text("Observing, newly written")}
    actions.save_draft(version=draft, body=body, revision=draft.revision, by=home.author, at=at)
    assert client.get("/m/home/observing/v/2/").status_code == 404
    actions.publish(version=draft, by=home.author, at=at + timedelta(hours=1))
    assert "Observing, newly written" in client.get(CDA).content.decode()
    old = client.get("/m/home/observing/v/1/").content.decode()
    assert "This is an older version." in old
    assert "Observing and recording behavior" in old


def test_a_retired_one_says_so_and_cannot_be_started(cast: Cast, at: datetime, client: Client) -> None:
    actions.retire(micro_credential=cast.home.micro_credential, by=cast.home.author, at=at)
    page = client.get(CDA).content.decode()
    assert "no longer offered" in page
    assert "/start/" not in page
    assert "Observing" not in client.get("/", {"q": "home"}).content.decode().split("<main")[1].split("rows")[0]


def test_a_stack_explains_itself_and_is_followed_once(cast: Cast, at: datetime, client: Client) -> None:
    body = {
        "title": text("A small stack"), "summary": text("One stone."), "can_do": text("do it"), "glyph": "book",
        "level": 3, "valid_months": None, "hours": 15,
        "tree": {"hold": {"credential": str(cast.home.micro_credential.pk)}},
    }  # fmt: skip
    draft = pathways.create(program=cast.home.program, body=body, slug="small", by=cast.home.author, at=at)
    pathways.publish(version=draft, by=cast.home.author, at=at)
    assert "Observing and recording behavior" in client.get("/s/home/small/").content.decode()
    assert client.post("/s/home/small/follow/").status_code == 302
    assert Pursuit.objects.count() == 0
    client.force_login(cast.learner)
    for _n in range(2):
        client.post("/s/home/small/follow/")
    assert Pursuit.objects.get().learner == cast.learner
    assert "A small stack" in client.get("/stacks/").content.decode()


def test_explore_asks_the_database_a_bounded_number_of_times(
    shelf: dict[str, Version], client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        client.get("/")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(CDA)


@pytest.mark.parametrize("path", ["/help/", "/accessibility/", "/promises/", "/stacks/"])
def test_plain_pages_open(path: str, client: Client, cast: Cast) -> None:
    assert client.get(path).status_code == 200
