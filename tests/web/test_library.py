"""An author reads a framework of others and ties a draft to an item of it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fieldstone.server.catalog.models import Version
from fieldstone.server.reference.actions import load
from fieldstone.server.reference.models import Framework
from tests.cast import Cast, make_version
from tests.pathways.makers import hold, make_stack
from tests.reference.test_frameworks import BELOW, CTDL, ITEM, PACKAGE, newer, put
from tests.web.test_author import press as press_edit

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
        {"framework": "Caring for children", "code": "A.1", "name": "Watches over sleep", "url": "https://example.org/2",
         "item": BELOW, "version": "2 of 2026-01-02"}
    ]  # fmt: skip
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


# --- levels, versions, rubrics ------------------------------------------------------------------------------


def draft_of(cast: Cast, at: datetime, **changes: Any) -> Version:
    return make_version(cast.home.program, at, slug="draft", published=False, **changes)


def press(client: Client, page: str, **more: str) -> Any:
    """Press a button of a page whose form carries the draft's revision."""
    shown = client.get(page).content.decode()
    revision = re.search(r'name="revision" value="(\d+)"', shown)
    assert revision is not None
    return client.post(page, {"revision": revision[1], **more})


def test_a_tie_keeps_the_level_that_is_said(author: Client, cast: Cast, at: datetime) -> None:
    where = f"/o/home/author/frameworks/{Framework.objects.get().pk}/"
    draft = draft_of(cast, at, alignments=[])
    page = author.get(f"{where}?draft={draft.pk}").content.decode()
    assert "level: PS" in page and "<option selected>PS</option>" in page
    author.post(where, {"draft": str(draft.pk), "item": ITEM, "revision": "1", "level": " PS "})
    ties = f"/o/home/author/{draft.micro_credential_id}/ties/"
    shown = author.get(ties).content.decode()
    assert "shown at level: PS" in shown and "version 2 of 2026-01-02" in shown and '<option value="PS">' in shown
    press(author, ties, **{"do": "level:0", "for:level:0": "Grade  06"})
    draft.refresh_from_db()
    [row] = draft.definition["alignments"]
    assert (row["level_name"], row["item"]) == ("Grade 06", ITEM)
    assert "Move to version" not in author.get(ties).content.decode()


def test_a_tie_to_an_older_version_moves_by_one_button(author: Client, cast: Cast, at: datetime, tmp_path: Path) -> None:
    old = Framework.objects.get()
    draft = draft_of(cast, at, alignments=[])
    where = f"/o/home/author/frameworks/{old.pk}/"
    for revision, item in enumerate((ITEM, BELOW), 1):
        author.post(where, {"draft": str(draft.pk), "item": item, "revision": str(revision), "level": "3"})
    load(kind="case", path=put(tmp_path / "new.json", newer()), by=None, at=at)
    new = Framework.objects.exclude(pk=old.pk).get()
    shown = author.get(where, {"at": ITEM}).content.decode()
    assert "This is an older version." in shown and "Not in the current version" in shown
    assert f"/frameworks/{old.pk}/" in author.get("/o/home/author/frameworks/").content.decode()
    assert "This is an older version." not in author.get(f"/o/home/author/frameworks/{new.pk}/").content.decode()
    ties = f"/o/home/author/{draft.micro_credential_id}/ties/"
    shown = author.get(ties).content.decode()
    assert "Version 3 of 2026-01-02 has this too." in shown and "took its place." in shown
    press(author, ties, do="move:0")
    press(author, ties, do="move:1")
    draft.refresh_from_db()
    assert [(t["name"], t["version"], t["level_name"]) for t in draft.definition["alignments"]] == [
        ("Cuida a cada niño", "3 of 2026-01-02", "3"), ("Watches over rest", "3 of 2026-01-02", "3"),
    ]  # fmt: skip
    assert "Move to version" not in author.get(ties).content.decode()


def test_a_tie_that_the_newer_version_has_not_says_so(author: Client, cast: Cast, at: datetime, tmp_path: Path) -> None:
    old = Framework.objects.get()
    draft = draft_of(cast, at, alignments=[])
    author.post(f"/o/home/author/frameworks/{old.pk}/", {"draft": str(draft.pk), "item": BELOW, "revision": "1"})
    load(kind="case", path=put(tmp_path / "new.json", {**newer(), "CFAssociations": []}), by=None, at=at)
    ties = f"/o/home/author/{draft.micro_credential_id}/ties/"
    assert "This is not in version 3 of 2026-01-02 any more" in author.get(ties).content.decode()
    answer = press(author, ties, do="move:0")
    assert answer.status_code == 422 and "Take the tie out." in answer.content.decode()


def test_two_versions_are_compared(author: Client, at: datetime, tmp_path: Path) -> None:
    old = Framework.objects.get()
    where = f"/o/home/author/frameworks/{old.pk}/"
    assert author.get(f"{where}compare/").headers["Location"] == where
    load(kind="case", path=put(tmp_path / "new.json", newer()), by=None, at=at)
    load(kind="case", path=put(tmp_path / "last.json", newer(version="4")), by=None, at=at)
    page = author.get(f"{where}compare/").content.decode()
    assert "Watches over sleep" in page and "In its place:" in page and "Not there any more: 1" in page
    page = author.get(f"{where}compare/", {"what": "changed"}).content.decode()
    assert "Cuida a la niñez" in page and "Cuida a cada niño" in page
    page = author.get(f"{where}compare/", {"what": "new"}).content.decode()
    assert "Watches over rest" in page and "Beside version" in page
    third = Framework.objects.get(release__is_current=True)
    second = Framework.objects.exclude(pk__in=(old.pk, third.pk)).get()
    page = author.get(f"/o/home/author/frameworks/{third.pk}/compare/", {"with": str(second.pk)}).content.decode()
    assert "Nothing: in this the two versions are alike." in page
    assert author.get("/o/home/author/frameworks/999999/compare/").status_code == 404


def test_a_rubric_of_a_framework_comes_into_a_draft(author: Client, cast: Cast, at: datetime) -> None:
    where = f"/o/home/author/frameworks/{Framework.objects.get().pk}/"
    rubric = PACKAGE["CFRubrics"][0]["identifier"]
    draft = draft_of(cast, at, rubric=[{"id": "c1", "title": {}, "levels": [{"text": {}}]}])
    assert f"item={rubric}" in author.get(where).content.decode()
    page = f"{where}rubric/?item={rubric}&draft={draft.pk}"
    shown = author.get(page).content.decode()
    assert "Take one criterion into the draft" in shown and "Looks often" in shown and "Replace its rubric" not in shown
    answer = press(author, page, draft=str(draft.pk), do="replace")
    edit = f"/o/home/author/{draft.micro_credential_id}/edit/"
    assert answer.headers["Location"] == f"{edit}#rubric"
    draft.refresh_from_db()
    [row] = draft.definition["rubric"]
    assert (row["title"], [x["demonstrated"] for x in row["levels"]]) == ({"es": "Looks often"}, [False, True])
    shown = author.get(edit).content.decode()
    assert "The rubric came from a framework." in shown and "Put back the one that was there" in shown
    assert "Save and take a rubric from a framework" in shown


def test_a_rubric_is_added_or_replaced_and_put_back(author: Client, cast: Cast, at: datetime) -> None:
    where = f"/o/home/author/frameworks/{Framework.objects.get().pk}/"
    rubric = PACKAGE["CFRubrics"][0]["identifier"]
    draft = draft_of(cast, at)
    before = json.loads(json.dumps(draft.definition["rubric"]))
    page = f"{where}rubric/?item={rubric}&draft={draft.pk}"
    shown = author.get(page).content.decode()
    assert "The draft has a rubric of 2 criteria already." in shown
    press(author, page, draft=str(draft.pk), do="add")
    draft.refresh_from_db()
    assert (draft.definition["rubric"][:2], len(draft.definition["rubric"])) == (before, 3)
    assert len({row["id"] for row in draft.definition["rubric"]}) == 3
    press(author, page, draft=str(draft.pk), do="replace")
    draft.refresh_from_db()
    assert len(draft.definition["rubric"]) == 1
    press_edit(author, f"/o/home/author/{draft.micro_credential_id}/edit/", "back")
    draft.refresh_from_db()
    assert (len(draft.definition["rubric"]), draft.definition["rubric"][:2]) == (3, before)
    many = [{**before[0], "id": f"c{n}"} for n in range(20)]
    full = make_version(cast.home.program, at, slug="full", published=False, rubric=many)
    page = f"{where}rubric/?item={rubric}&draft={full.pk}"
    answer = press(author, page, draft=str(full.pk), do="add")
    assert answer.status_code == 422 and "at most 20 criteria. The draft has 20, and 1 would come in." in answer.content.decode()
    assert author.post(page, {"revision": "7", "draft": str(full.pk), "do": "replace"}).status_code == 409
    assert author.post(f"{where}rubric/?item={rubric}", {"do": "replace"}).status_code == 422
    assert author.get(f"{where}rubric/?item={ITEM}").status_code == 404
    assert author.get(f"{where}rubric/").status_code == 404


def test_what_of_a_rubric_cannot_come_is_told(author: Client, cast: Cast, at: datetime, tmp_path: Path) -> None:
    odd = json.loads(json.dumps(PACKAGE))
    odd["CFDocument"]["identifier"] = "d3"
    [criterion] = odd["CFRubrics"][0]["CFRubricCriteria"]
    criterion["CFRubricCriterionLevels"] = criterion["CFRubricCriterionLevels"][:1]
    load(kind="case", path=put(tmp_path / "odd.json", odd), by=None, at=at)
    draft = draft_of(cast, at)
    where = f"/o/home/author/frameworks/{Framework.objects.get(identifier='d3').pk}/rubric/?item={odd['CFRubrics'][0]['identifier']}"
    shown = author.get(f"{where}&draft={draft.pk}").content.decode()
    assert "One criterion is left out" in shown and "so there is nothing to take." in shown
    answer = author.post(where, {"draft": str(draft.pk), "revision": "0", "do": "replace"})
    assert answer.status_code == 422


def test_a_framework_without_rubrics_has_no_part_for_them(author: Client, at: datetime, tmp_path: Path) -> None:
    release = load(kind="ctdl", path=put(tmp_path / "g.jsonld", CTDL), by=None, at=at).release
    shown = author.get(f"/o/home/author/frameworks/{Framework.objects.get(release=release).pk}/").content.decode()
    assert "Keeps watch" in shown and 'id="rubrics"' not in shown


# --- what registries still need -----------------------------------------------------------------------------


def test_author_and_lead_see_what_registries_still_need(author: Client, cast: Cast, at: datetime) -> None:
    draft = draft_of(cast, at, title={"en": "Sleep", "es": "Sueño"}, summary={"en": "Too short", "es": "Corto"})
    page = author.get("/o/home/author/programs/registry/").content.decode()
    assert "Something about the organization itself is missing" in page and "not for profit, or for profit" in page
    assert f"/o/home/author/{draft.micro_credential_id}/edit/#summary" in page
    lead = Client()
    lead.force_login(cast.home.lead)
    shown = lead.get("/o/home/lead/registry/").content.decode()
    assert "Too short" not in shown and "at least 15 signs" in shown and "/edit/" not in shown
    boss = Client()
    boss.force_login(cast.home.administrator)
    about = "/o/home/admin/about/"
    assert "Whose it is" in boss.get(about).content.decode()
    wrong = boss.post(about, {"place": "Hazard, Kentucky", "url": "home", "sector": "public"})
    assert wrong.status_code == 422 and "Hazard, Kentucky" in wrong.content.decode()
    told = {"place": "Hazard, Kentucky", "url": "https://home.example", "email": "", "sector": "public"}
    assert boss.post(about, told).status_code == 302
    page = author.get("/o/home/author/programs/registry/").content.decode()
    assert "The organization</h2>" not in page and "1 of 1 published micro-credential has all" in page
    assert "What registries still need" in author.get("/o/home/author/programs/").content.decode()


def test_a_stack_with_short_words_is_on_the_list(author: Client, cast: Cast, at: datetime) -> None:
    tree = hold(cast.home.version)
    make_stack(cast.home.program, tree, at, summary={"en": "Up"})
    assert "<h2>Stacks</h2>" in author.get("/o/home/author/programs/registry/").content.decode()
