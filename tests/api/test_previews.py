"""What a page says to machines that only look at its head: link previews, search engines, badge importers."""

from __future__ import annotations

from datetime import datetime
from html.parser import HTMLParser

import pytest
from django.test import Client

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from tests.awards.makers import make_review
from tests.cast import Cast
from tests.pathways.makers import hold, make_stack

BASE = "http://127.0.0.1:8000"


class Head(HTMLParser):
    """The `meta` and `link` elements of a page."""

    def __init__(self, path: str, client: Client | None = None) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[tuple[str, str], str] = {}
        answer = (client or Client()).get(path)
        assert answer.status_code == 200
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one of them."""
        named = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[named.get("property") or named.get("name", "")] = named.get("content", "")
        elif tag == "link":
            self.links[named.get("rel", ""), named.get("type", "")] = named.get("href", "")


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return awards.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)


def test_a_credentials_page_names_its_signed_document_and_its_picture(award: Award) -> None:
    head = Head(f"/c/{award.code}/")
    assert head.links["canonical", ""] == head.meta["og:url"] == f"{BASE}/c/{award.code}/"
    signed = head.links["alternate", "application/vc+ld+json"]
    assert Client().get(signed.removeprefix(BASE)).content.decode() == award.document.body
    picture = Client().get(head.links["alternate", "image/svg+xml"].removeprefix(BASE))
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert Client().get(head.meta["og:image"].removeprefix(BASE)).headers["Content-Type"] == "image/png"
    assert head.meta["og:title"] and head.meta["og:description"]


def test_search_engines_find_only_what_its_holder_made_public(award: Award) -> None:
    assert Head(f"/c/{award.code}/").meta["robots"] == "noindex"
    Award.objects.filter(pk=award.pk).update(audience="public")
    assert "robots" not in Head(f"/c/{award.code}/").meta


def test_catalog_pages_name_their_achievement(cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    for path, version in (
        ("/m/home/observing/", cast.home.version.pk),
        ("/s/home/child-development-associate/", stack.pk),
    ):
        head = Head(path)
        data = Client().get(head.links["alternate", "application/ld+json"], headers={"Accept": "application/ld+json"})
        assert data.json()["id"] == f"{BASE}/achievements/{version}"
        assert data.json()["name"] == head.meta["og:title"]
