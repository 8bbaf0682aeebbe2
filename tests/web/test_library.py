"""An author reads a framework of others and ties a draft to an item of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from fieldstone.server.catalog.models import Version
from fieldstone.server.reference.actions import load
from fieldstone.server.reference.models import Framework
from tests.cast import Cast, make_version
from tests.reference.test_frameworks import BELOW, ITEM, PACKAGE, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(cast: Cast, at: datetime, tmp_path: Path) -> Client:
    """The author, signed in, with a framework imported."""
    load(kind="case", path=put(tmp_path / "p.json", PACKAGE), by=None, at=at)
    client = Client()
    client.force_login(cast.home.author)
    return client


def test_an_author_finds_the_tree_and_the_words(author: Client) -> None:
    where = f"/o/home/author/frameworks/{Framework.objects.get().pk}/"
    shelves = author.get("/o/home/author/frameworks/").content.decode()
    assert where in shelves and "2 of 2026-01-02" in shelves
    top = author.get(where).content.decode()
    assert "Cuida a la niñez" in top and "1 entry below" in top and "Watches over sleep" not in top
    below = author.get(where, {"at": ITEM}).content.decode()
    assert "Watches over sleep" in below
    assert "Cuida a la niñez" in author.get(where, {"q": "NINEZ"}).content.decode()
    assert "Nothing here has these words" in author.get(where, {"q": "volcano"}).content.decode()
    assert author.get("/o/home/author/frameworks/999999/").status_code == 404


def test_a_button_ties_an_item_to_the_chosen_draft(author: Client, cast: Cast, at: datetime) -> None:
    where = f"/o/home/author/frameworks/{Framework.objects.get().pk}/"
    draft = make_version(cast.home.program, at, slug="draft", published=False, alignments=[])
    assert "None: only read" in author.get(where).content.decode()
    post = {"draft": str(draft.pk), "item": BELOW, "revision": str(draft.revision)}
    answer = author.post(f"{where}?q=sleep", post)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{where}?q=sleep&draft={draft.pk}")
    draft = Version.objects.get(pk=draft.pk)
    assert draft.definition["alignments"] == [
        {"framework": "Caring for children", "code": "A.1", "name": "Watches over sleep", "url": "https://example.org/2"}
    ]
    assert "Tied" in author.get(f"{where}?q=sleep&draft={draft.pk}").content.decode()
    for wrong in ({**post, "draft": ""}, {**post, "item": "gone", "revision": str(draft.revision)}, post):
        assert author.post(where, wrong).status_code >= 400
    assert Version.objects.get(pk=draft.pk).definition == draft.definition


def test_a_program_offers_what_it_published_as_files(author: Client, cast: Cast) -> None:
    page = author.get("/o/home/author/programs/").content.decode()
    for address in (f"/ctdl/programs/{cast.home.program.pk}", f"/ims/case/v1p1/CFPackages/{cast.home.program.pk}"):
        assert address in page
        assert author.get(address).status_code == 200
    Version.objects.filter(micro_credential__program=cast.home.program).update(superseded_at=cast.home.version.created_at)
    assert "/ctdl/programs/" not in author.get("/o/home/author/programs/").content.decode()
