"""Bringing a badge on the screen: by file, text and address; what is refused; who sees what."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fieldstone.credential.baked import bake
from fieldstone.server.awards import checking
from fieldstone.server.backpack import rules
from fieldstone.server.backpack.models import Brought
from fieldstone.server.journeys import bring_credential
from fieldstone.server.net import NetResolver
from fieldstone.server.net.door import Door, FetchError, Response
from tests.backpack.makers import PNG, SVG, signed, unsigned_change
from tests.cast import Cast


class Web(Door):
    """The world outside: pages by address."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        super().__init__()
        object.__setattr__(self, "pages", pages)

    def fetch(self, url: str, **_more: Any) -> Response:
        pages: dict[str, bytes] = self.pages  # type: ignore[attr-defined]
        self.check(url)
        if url not in pages:
            raise FetchError("http_status", "404", status=404)
        return Response(url, "", pages[url])


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    pages: dict[str, bytes] = {}
    monkeypatch.setattr(checking, "WORLD", NetResolver(Web(pages), local=checking.Own(), ttl=0))
    return pages


@pytest.fixture
def learner(cast: Cast, client: Client, web: dict[str, bytes]) -> Iterator[Client]:
    client.force_login(cast.learner)
    yield client


def upload(data: bytes, name: str = "badge.png") -> io.BytesIO:
    out = io.BytesIO(data)
    out.name = name
    return out


def test_a_file_comes_to_her_page_apart_from_ours(learner: Client, cast: Cast) -> None:
    empty = learner.get("/credentials/", headers={"Accept-Language": "en"}).content.decode()
    assert "From elsewhere" in empty and "Food safety" not in empty
    answer = learner.post("/credentials/bring/", {"file": upload(bake(PNG, signed()))})
    row = Brought.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == f"/credentials/brought/{row.pk}/"
    page = learner.get(answer.headers["Location"], headers={"Accept-Language": "en"}).content.decode()
    for words in (
        "Food safety",
        "Elsewhere School",
        "June 1, 2025",
        "It is unchanged, but we do not know who issued it",
        "We cannot tell that this is yours",
    ):
        assert words in page, words
    assert "?show" in page and page.count('class="how"') >= 8
    listed = learner.get("/credentials/", headers={"Accept-Language": "en"}).content.decode()
    assert "Food safety" in listed and "Unchanged; its issuer is not known here" in listed
    assert "The file says: Elsewhere School." in listed and "Genuine and valid" not in listed
    again = learner.post(
        "/credentials/bring/", {"text": signed().decode()}, follow=True, headers={"Accept-Language": "en"}
    )
    assert "You brought this one before" in again.content.decode() and Brought.objects.count() == 1


def test_one_that_only_ended_is_told_apart_from_one_that_was_changed(learner: Client, at: datetime) -> None:
    learner.post("/credentials/bring/", {"text": signed("Old", valid_until=at.replace(year=2026, month=1)).decode()})
    page = learner.get("/credentials/", headers={"Accept-Language": "en"}).content.decode()
    assert "Ended" in page and "Did not pass the check" not in page
    learner.post("/credentials/bring/", {"text": unsigned_change(signed("Changed")).decode()})
    page = learner.get("/credentials/", headers={"Accept-Language": "en"}).content.decode()
    assert page.count("Did not pass the check") == 1


def test_the_file_comes_back_as_it_was_and_runs_nothing(learner: Client, cast: Cast) -> None:
    for data, kind in ((bake(PNG, signed("A")), "image/png"), (bake(SVG, signed("B")), "application/octet-stream")):
        learner.post("/credentials/bring/", {"file": upload(data)})
        row = Brought.objects.order_by("-brought_at", "-id")[0]
        answer = learner.get(f"/credentials/brought/{row.pk}/file")
        assert answer.content == data and answer.headers["Content-Type"] == kind
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        shown = learner.get(f"/credentials/brought/{row.pk}/file?show")
        assert ("Content-Disposition" in shown.headers) is (kind != "image/png")
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "pages",
    [
        {"https://elsewhere.example/b/1": signed()},
        {"https://elsewhere.example/b/1": bake(PNG, signed())},
        {
            "https://elsewhere.example/b/1": b"<!doctype html><link rel='alternate' type='application/ld+json' href='/b/1.json'>",
            "https://elsewhere.example/b/1.json": signed(),
        },
        {
            "https://elsewhere.example/b/1": b"<!-- x --><html><head><link rel='me alternate' type='application/json' href='//['>"
            b"<link rel=alternate type=text/html href=/es><link rel=alternate><link rel=alternate type=image/png>"
            b"<link rel=alternate type=application/json href=/gone><link rel=alternate type=application/json href=/b/2>"
            b"<LINK REL=ALTERNATE TYPE=image/png HREF=https://cdn.example/1.png>",
            "https://elsewhere.example/b/2": b"<html>no</html>",
            "https://cdn.example/1.png": bake(PNG, signed()),
        },
    ],
    ids=["hosted", "picture", "share page", "share page with false trails"],
)
def test_by_its_address(learner: Client, web: dict[str, bytes], pages: dict[str, bytes]) -> None:
    web.update(pages)
    field = "url" if len(pages) == 1 else "text"  # an address in the big field will do
    assert learner.post("/credentials/bring/", {field: "https://elsewhere.example/b/1"}).status_code == 302
    row = Brought.objects.get()
    assert (row.source, row.source_url, row.verdict) == ("url", "https://elsewhere.example/b/1", "verified")


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({}, "file", "Choose a file"),
        ({"text": "hello"}, "text", "no badge in this"),
        ({"text": "x" * 300_001}, "text", "longer than any badge"),
        ({"url": "ftp://x.example/1"}, "url", "begins with https"),
        ({"url": "https://elsewhere.example/" + "x" * 990}, "url", "begins with https"),
        ({"url": "http://elsewhere.example/1"}, "url", "could not open"),
        ({"url": "https://127.0.0.1/1"}, "url", "could not open"),
        ({"url": "https://elsewhere.example/none"}, "url", "could not open"),
        ({"url": "https://elsewhere.example/page"}, "url", "does not hand it out"),
        ({"url": "http://127.0.0.1:8000/c/7K3M-Q9TD-2XWP/credential.json"}, "url", "nothing at this address"),
        ({"file": upload(b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000_001)}, "file", "larger than any badge"),
        ({"file": upload(PNG)}, "file", "no badge in this"),
        (
            {"file": upload(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><svg>&x;</svg>')},
            "file",
            "no badge in this",
        ),
        (
            {"file": upload(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXt" + b"openbadgecredential\0\1\0\0\0\0" + b"x" * 99)},
            "file",
            "no badge in this",
        ),
    ],
)
def test_what_is_refused_says_why(
    learner: Client, web: dict[str, bytes], form: dict[str, Any], field: str, words: str
) -> None:
    web["https://elsewhere.example/page"] = b"<html>a page</html>"
    answer = learner.post("/credentials/bring/", form, headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and f'href="#{field}"' in page
    assert str(form.get("url", ""))[:300] in page
    assert not Brought.objects.exists()


def test_somebody_elses_looks_and_hers(learner: Client, cast: Cast, at: datetime) -> None:
    learner.post("/credentials/bring/", {"text": unsigned_change(signed()).decode()})
    row = Brought.objects.get()
    here = f"/credentials/brought/{row.pk}/"
    page = learner.get(here, headers={"Accept-Language": "en"}).content.decode()
    assert "Do not rely on this one" in page
    public = f"/b/{row.pk}/"
    visitor = Client(headers={"Accept-Language": "en"})
    assert visitor.get(public).status_code == visitor.get(public + "file").status_code == 404
    assert learner.post(here + "audience/", {"audience": "nobody"}).status_code == 422
    assert learner.post(here + "audience/", {"audience": "link"}).status_code == 302
    seen = visitor.get(public).content.decode()
    assert "Do not rely on this one" in seen and "Marisol Vega keeps this badge here" in seen and "noindex" in seen
    assert visitor.post(public).status_code == 200
    assert visitor.get(public + "file").content == unsigned_change(signed())
    assert learner.post(here + "check/").status_code == 302
    other = Client()
    other.force_login(cast.other_learner)
    for path in ("", "check/", "audience/", "remove/", "file"):
        method = other.get if path in ("", "file") else other.post
        assert method(here + path).status_code == 404
    assert learner.get(here + "remove/").status_code == 200
    assert learner.post(here + "remove/").status_code == 302
    assert not Brought.objects.exists() and visitor.get(public).status_code == 404


def test_often_is_limited(learner: Client) -> None:
    answers = [learner.post("/credentials/bring/", {"text": "x"}).status_code for _ in range(42)]
    assert answers[:40] == [422] * 40 and answers[41] == 429


def test_the_list_asks_the_database_no_more_for_more(
    learner: Client, cast: Cast, at: datetime, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        bring_credential.bring(learner=cast.learner, data=signed(f"Badge {n}"), source="text", at=at)
    with django_assert_max_num_queries(8):
        assert learner.get("/credentials/").content.decode().count("/credentials/brought/") == 12


def test_it_goes_with_her_data_and_with_her(learner: Client, cast: Cast, at: datetime) -> None:
    row, _new = bring_credential.bring(learner=cast.learner, data=bake(SVG, signed()), source="file", at=at)
    answer = learner.get(reverse("shared:export"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert archive.read(f"brought/{row.pk}.svg") == bake(SVG, signed())
    assert b'"issuer_name": "Elsewhere School"' in archive.read("data.json")


def test_a_page_is_small_pictures_only() -> None:
    assert rules.small_picture(PNG) and not rules.small_picture(SVG) and not rules.small_picture(PNG[:20])
    assert not rules.small_picture(PNG[:16] + b"\x00\x01\x00\x00\x00\x00\x00\x01")
    assert not rules.small_picture(PNG[:16] + b"\x00\x00\x00\x00\x00\x00\x00\x01")


def test_a_huge_file_is_called_too_large_not_missing(learner: Client) -> None:
    huge = io.BytesIO(b"x" * 25_000_001)
    huge.name = "huge.png"
    for path, words in (("/credentials/bring/", "larger than any badge"), ("/check/", "larger than any credential")):
        huge.seek(0)
        page = learner.post(path, {"file": huge}, headers={"Accept-Language": "en"})
        assert page.status_code == 422 and words in page.content.decode()
        assert "A file has to be chosen again" in page.content.decode()


def test_two_things_at_once_are_asked_about_and_nothing_is_taken(learner: Client) -> None:
    text, url = signed().decode(), "https://elsewhere.example/b/1"
    for path in ("/credentials/bring/", "/check/"):
        for form in (
            {"file": upload(signed()), "text": text},
            {"file": upload(signed()), "url": url},
            {"text": text, "url": url},
        ):
            page = learner.post(path, form, headers={"Accept-Language": "en"})
            assert page.status_code == 422 and "Give one thing only" in page.content.decode()
        page = learner.post(path, {}, headers={"Accept-Language": "en"}).content.decode()
        assert "has to be chosen again" not in page
    assert not Brought.objects.exists()
