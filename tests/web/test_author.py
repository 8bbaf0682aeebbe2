"""Authors write, check, publish, change, retire, copy and exchange micro-credentials: all without script."""

from __future__ import annotations

import json
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fieldstone.server.catalog import actions, rules
from fieldstone.server.catalog.models import MicroCredential, Program, Version
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.people.models import ConsortiumMember, Membership, Organization
from tests.cast import Cast, definition, make_version, text

pytestmark = pytest.mark.django_db


class Form(HTMLParser):
    """What a browser without script would send from the page's main form: (name, value) pairs."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[tuple[str, str]] = []
        self.buttons: list[str] = []
        self.inside = False
        self.area: str | None = None
        self.words = ""
        self.select: str | None = None
        self.first: str | None = None
        self.chosen: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.inside = a.get("method") == "post" and "novalidate" in a
        if not self.inside:
            return
        name = a.get("name", "")
        if tag == "input" and name:
            if a.get("type") not in {"checkbox", "radio", "file"} or "checked" in a:
                self.sent.append((name, a.get("value", "on" if a.get("type") else "")))
        elif tag == "textarea":
            self.area, self.words = name, ""
        elif tag == "select":
            self.select, self.first, self.chosen = name, None, None
        elif tag == "option":
            self.first = a.get("value", "") if self.first is None else self.first
            self.chosen = a.get("value", "") if "selected" in a else self.chosen
        elif tag == "button" and name == "do":
            self.buttons.append(a["value"])

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.area is not None:
            self.sent.append((self.area, self.words.removeprefix("\n")))
            self.area = None
        elif tag == "select" and self.select is not None:
            chosen = self.chosen if self.chosen is not None else self.first or ""
            self.sent.append((self.select, chosen))
            self.select = None


def send(client: Client, url: str, pairs: list[tuple[str, str]], **changes: Any) -> Any:
    """Post these pairs with some values replaced or added (a list gives several, None takes one out)."""
    kept = [(k, v) for k, v in pairs if k not in changes]
    for name, value in changes.items():
        kept += [(name, v) for v in ([] if value is None else value if isinstance(value, list) else [value])]
    return client.post(url, urlencode(kept), content_type="application/x-www-form-urlencoded")


def press(client: Client, url: str, button: str = "save", **changes: Any) -> Any:
    """Open the page, change some fields, press a button of it."""
    answer = client.get(url)
    form = Form(answer.content.decode())
    assert button in form.buttons, (button, form.buttons)
    return send(client, url.split("?")[0], form.sent, do=button, **changes)


@pytest.fixture
def author(client: Client, cast: Cast) -> Client:
    client.force_login(cast.home.author)
    return client


def draft_of(cast: Cast, at: datetime, **changes: Any) -> Version:
    body = definition(**changes)
    return actions.create(program=cast.home.program, body=body, by=cast.home.author, at=at)


def url(name: str, *args: object) -> str:
    return reverse(f"author:{name}", args=("home", *args))


# --- beginning ---------------------------------------------------------------------------------------


def test_the_list_shows_states_and_the_empty_ones_say_how_to_begin(author: Client, cast: Cast, at: datetime) -> None:
    draft_of(cast, at, title=text("A new one"))
    gone = make_version(cast.home.program, at, slug="gone", title=text("An old one")).micro_credential
    actions.retire(micro_credential=gone, by=cast.home.author, at=at)
    page = author.get(url("micro_credentials")).content.decode()
    for words in ("A new one", "Draft, version 1", "Published, version 1", "An old one", "Retired"):
        assert words in page
    organization = Organization.objects.create(slug="fresh", name="Fresh", kind="college", created_at=at)
    Membership.objects.create(user=cast.home.author, organization=organization, role="author", granted_at=at)
    assert "Begin with a program" in author.get("/o/fresh/author/").content.decode()
    assert "Begin with a program" in author.get("/o/fresh/author/new/").content.decode()
    Program.objects.create(organization=organization, slug="p", title=text("P"))
    assert "Nothing written yet" in author.get("/o/fresh/author/").content.decode()


def test_a_title_begins_a_draft_once(author: Client, cast: Cast) -> None:
    page = author.get(url("new"))
    form = Form(page.content.decode())
    refused = send(author, url("new"), form.sent)
    assert refused.status_code == 422 and "title.en" in refused.content.decode()
    first = send(author, url("new"), form.sent, **{"title.es": "Solo en español", "summary.es": "Resumen"})
    again = send(author, url("new"), form.sent, **{"title.es": "Solo en español", "summary.es": "Resumen"})
    assert first.status_code == 302 and first["Location"] == again["Location"]
    version = Version.objects.latest("created_at")
    assert version.definition["languages"] == ["es"] and version.definition["title"] == {"es": "Solo en español"}
    assert MicroCredential.objects.filter(organization=cast.home.organization).count() == 2


def test_another_organizations_program_is_not_there(author: Client, cast: Cast) -> None:
    form = Form(author.get(url("new")).content.decode())
    for program in (str(cast.away.program.pk), "rubbish"):
        answer = send(author, url("new"), form.sent, program=program, **{"title.en": "X"})
        assert answer.status_code == 404
    answer = send(author, url("new"), form.sent, program=None, **{"title.en": "Kept words"})
    assert answer.status_code == 422 and "Kept words" in answer.content.decode()


# --- the long form -----------------------------------------------------------------------------------


def test_opening_and_saving_changes_nothing(author: Client, cast: Cast, at: datetime) -> None:
    whole = definition(
        cost_cents=2550, prerequisites=[str(cast.home.micro_credential.pk)],
        research=[{"citation": "Someone, 2020", "url": ""}],
        resources=[{"title": text("A guide"), "url": "https://example.org/guide"}],
        alignments=[
            {"framework": "O*NET", "code": "2.A.1.b", "name": "Watching", "url": "https://example.org/1", "level": 3.25},
        ],
        level_name=text("Practice"), credit_framework="EQF level 4",
        participation="work", assessment_type="observation", supervision="supervisor_at_work",
    )  # fmt: skip
    whole["reflection"] |= {"hint": {}, "id": "reflection"}
    version = draft_of(cast, at, **whole)
    answer = press(author, url("edit", version.micro_credential_id))
    assert answer.status_code == 302
    version.refresh_from_db()
    saved = version.definition
    saved["reflection"]["id"] = "reflection"
    assert rules.differences(whole, saved) == []
    assert version.revision == 2 and rules.parse(saved)[1] == []


def test_the_largest_definition_fits_in_one_form(author: Client, cast: Cast, at: datetime, settings: Any) -> None:
    level = {"title": text("L"), "text": text("T"), "demonstrated": False}
    question = {"prompt": text("Q"), "hint": text("H"), "min_words": 1, "max_words": 9}
    part = {"title": text("P"), "instructions": text("I"), "kinds": list(rules.ARTIFACT_KINDS), "min": 1, "max": 2}
    questions = [{"id": f"q{i}", **question} for i in range(12)]
    artifacts = [{"id": f"a{i}", **part} for i in range(12)]
    parts = [row["id"] for row in (*questions, *artifacts)] + ["reflection"]
    rubric = [
        {
            "id": f"c{i}", "title": text("C"), "parts": parts, "phrases": [text("F")] * 12,
            "levels": [{"id": f"l{n}", **level, "demonstrated": n == 0} for n in range(6)],
        }
        for i in range(20)
    ]  # fmt: skip
    body = definition(
        questions=questions, artifacts=artifacts, rubric=rubric, method_components=[text("M")] * 12,
        research=[{"citation": "C", "url": ""}] * 30, resources=[{"title": text("R"), "url": ""}] * 30,
        alignments=[{"framework": "F", "code": "1", "name": "N", "url": "https://example.org/"}] * 40,
        prerequisites=[str(cast.home.micro_credential.pk)] * 12,
    )  # fmt: skip
    version = draft_of(cast, at, **body)
    page = author.get(url("edit", version.micro_credential_id)).content.decode()
    assert len(Form(page).sent) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert press(author, url("edit", version.micro_credential_id)).status_code == 302
    version.refresh_from_db()
    assert rules.differences(body["rubric"], version.definition["rubric"]) == []


def test_rows_are_added_moved_and_taken_out_and_every_word_is_kept(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at)
    page = url("edit", version.micro_credential_id)
    answer = press(author, page, "add:questions", **{"title.en": "Changed before adding"})
    assert answer["Location"].endswith("#questions.1")
    answer = press(author, page, "add:rubric.1.phrases", **{"questions.1.prompt.en": "Second?"})
    assert answer["Location"].endswith("#rubric.1.phrases.0")
    answer = press(author, page, "up:questions.1", **{"rubric.1.phrases.0.en": "Say more."})
    assert answer["Location"].endswith("#questions.0")
    version.refresh_from_db()
    body = version.definition
    assert body["title"]["en"] == "Changed before adding"
    assert [q["prompt"]["en"] for q in body["questions"]] == ["Second?", "Who did you watch?"]
    assert body["questions"][0]["id"] == "q1" and body["rubric"][1]["phrases"] == [{"en": "Say more."}]
    press(author, page, "add:rubric.0.levels")
    press(author, page, "remove:questions.1")
    press(author, page, "add:rubric")
    press(author, page, "add:artifacts")
    press(author, page, "add:method_components")
    version.refresh_from_db()
    assert (
        len(version.definition["rubric"][0]["levels"]) == 3
        and version.definition["rubric"][0]["levels"][2]["id"] == "l1"
    )
    assert [q["id"] for q in version.definition["questions"]] == ["q1"]
    assert version.definition["rubric"][2]["levels"][0]["demonstrated"] is True
    assert version.definition["artifacts"][1]["id"] == "a1"
    assert len(version.definition["method_components"]) == 2
    press(author, page)
    version.refresh_from_db()
    assert len(version.definition["method_components"]) == 1, "a blank row goes with the next save"


@pytest.mark.parametrize(
    "wish",
    ["add:nothing", "add:title", "add:rubric.9.levels", "remove:questions.7", "remove:questions.²", "up:questions.0",
     "remove:title.en", "remove:", "up:rubric.0.levels.99999999999", "fly:questions.0", "add:" + "rubric.0." * 40, "\x00"],
)  # fmt: skip
def test_buttons_that_are_not_there_only_save(author: Client, cast: Cast, at: datetime, wish: str) -> None:
    version = draft_of(cast, at)
    page = url("edit", version.micro_credential_id)
    form = Form(author.get(page).content.decode())
    assert send(author, page, form.sent, do=wish).status_code == 302
    version.refresh_from_db()
    assert version.revision == 2 and len(version.definition["questions"]) == 1


def test_what_was_taken_out_can_be_put_back(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at)
    page = url("edit", version.micro_credential_id)
    form = Form(author.get(page).content.decode())
    assert "back" not in form.buttons and send(author, page, form.sent, do="back").status_code == 302
    press(author, page, "remove:rubric.0", **{"title.en": "Kept too"})
    version.refresh_from_db()
    assert [c["id"] for c in version.definition["rubric"]] == ["links"]
    answer = press(author, page, "back")
    assert answer["Location"].endswith("#rubric.0")
    version.refresh_from_db()
    assert version.definition["title"]["en"] == "Kept too"
    assert rules.differences(definition()["rubric"], version.definition["rubric"]) == []
    assert "back" not in Form(author.get(page).content.decode()).buttons


def test_problems_stand_at_their_fields_and_what_was_typed_stays(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at, title={})
    page = url("edit", version.micro_credential_id)
    changes = {
        "notional_hours": "many", "cost_cents": "a lot", "valid_months": "0", "questions.0.max_words": "1",
        "clock_hours.cda_7": "7.5", "alignments.0.url": "nowhere", "alignments.0.level": "high", "summary.es": "x" * 601,
    }  # fmt: skip
    form = Form(author.get(page).content.decode())
    assert send(author, page, form.sent, do="check", **changes)["Location"].endswith("?check=1")
    shown = author.get(page + "?check=1").content.decode()
    for value in ("many", "a lot", "7.5", "nowhere", "high", "x" * 601):
        assert value in shown
    assert 'id="title.en-error"' in shown and 'id="notional_hours-error"' in shown
    quiet = author.get(page).content.decode()
    assert 'id="title.en-error"' not in quiet and 'id="notional_hours-error"' in quiet
    assert "Alignments" not in quiet and "Ties to public frameworks 1" not in quiet and "Tie 1, Web address" in quiet
    assert 'href="#title.en"' in quiet and "Title (English)" in quiet


def test_the_checklist_names_gaps_with_reasons_and_follows_each_save(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at, quality_assurance={})
    page = url("edit", version.micro_credential_id)
    shown = author.get(page).content.decode()
    assert "2022/C 243/02" in shown and "Type of quality assurance" in shown
    assert "Readers cannot tell how the assessment is kept good." in shown and 'href="#quality_assurance"' in shown
    press(author, page, **{"quality_assurance.en": "Two calibrated assessors."})
    assert "Readers cannot tell how" not in author.get(page).content.decode()


def test_two_authors_lose_nothing(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at)
    page = url("edit", version.micro_credential_id)
    mine = Form(author.get(page).content.decode()).sent
    press(author, page, **{"summary.en": "Theirs, saved first", "competency.en": "Their competency"})
    answer = send(author, page, mine, do="save", **{"summary.en": "Mine, typed meanwhile", "can_do.en": "My sentence"})
    assert answer.status_code == 409
    shown = answer.content.decode()
    for words in (
        "Theirs, saved first",
        "Mine, typed meanwhile",
        "My sentence",
        "Their competency",
        "Two people wrote",
    ):
        assert words in shown
    assert "{&#x27;" not in shown, "texts are shown as words"
    version.refresh_from_db()
    assert version.definition["summary"]["en"] == "Theirs, saved first"
    settled = send(author, page, Form(shown).sent, do="save", take=["competency", "nonsense"])
    assert settled.status_code == 302
    version.refresh_from_db()
    assert version.definition["summary"]["en"] == "Mine, typed meanwhile"
    assert version.definition["competency"]["en"] == "Their competency"


def test_words_typed_while_it_was_published_begin_the_next_version(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at)
    page = url("edit", version.micro_credential_id)
    mine = Form(author.get(page).content.decode()).sent
    actions.publish(version=version, by=cast.home.author, at=at)
    answer = send(author, page, mine, do="save", **{"summary.en": "Typed meanwhile"})
    assert answer.status_code == 302
    second = Version.objects.get(micro_credential=version.micro_credential, number=2)
    assert second.definition["summary"]["en"] == "Typed meanwhile" and second.published_at is None
    actions.publish(version=second, by=cast.home.author, at=at)
    late = send(author, page, mine, do="save", **{"summary.en": "Very late"})
    assert (
        late.status_code == 409 and "Very late" in late.content.decode() and "Typed meanwhile" in late.content.decode()
    )
    assert send(author, page, Form(late.content.decode()).sent, do="save").status_code == 302
    assert (
        Version.objects.get(micro_credential=version.micro_credential, number=3).definition["summary"]["en"]
        == "Very late"
    )


# --- publishing and after ----------------------------------------------------------------------------


def test_publishing_says_what_changes_and_publishes_what_was_read(author: Client, cast: Cast, at: datetime) -> None:
    micro = cast.home.micro_credential
    Enrollment.objects.create(
        learner=cast.learner, micro_credential=micro, version=cast.home.version, started_at=at, touched_at=at
    )
    begun = author.post(url("new_version", micro.pk))
    assert begun["Location"] == url("edit", micro.pk)
    answer = press(author, url("edit", micro.pk), "publish", **{"summary.en": "New summary"})
    assert answer["Location"] == url("publish", micro.pk)
    page = author.get(url("publish", micro.pk)).content.decode()
    for words in ("New summary", "Summary (English)", "You watch a child at play", "One learner who has started keeps"):
        assert words in page
    stale = author.post(url("publish", micro.pk), {"revision": "1"})
    assert stale.status_code == 409
    done = author.post(url("publish", micro.pk), {"revision": "2"})
    assert done.status_code == 302
    assert Enrollment.objects.get().version == cast.home.version
    current = Version.objects.current().get(micro_credential=micro)
    assert current.number == 2
    history = author.get(url("micro_credential", micro.pk)).content.decode()
    assert "Current since" in history and "Published, version 2" in history
    assert "New summary" in author.get(url("version", micro.pk, 2)).content.decode()
    assert "It is the first version." in author.get(url("version", micro.pk, 1)).content.decode()
    assert author.get(url("version", micro.pk, 9)).status_code == 404
    for name in ("edit", "publish"):
        assert author.get(url(name, micro.pk)).status_code == 302


def test_gaps_stop_publishing_with_links(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at, title={}, prerequisites=["no-id"], competency={})
    page = author.get(url("publish", version.micro_credential_id)).content.decode()
    assert "It cannot be published yet." in page and "#title.en" in page
    answer = author.post(url("publish", version.micro_credential_id), {"revision": "1"})
    assert answer.status_code == 422
    version.refresh_from_db()
    assert version.published_at is None


def test_preview_is_the_public_page_without_a_start_button(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at, title=text("Soon public"))
    page = author.get(url("preview", version.micro_credential_id, 1)).content.decode()
    assert "Soon public" in page and "Only authors see this page." in page and "The whole rubric" in page
    assert "Start this micro-credential" not in page
    blank = actions.create(program=cast.home.program, body=rules.EMPTY, by=None, at=at)
    assert author.get(url("preview", blank.micro_credential_id, 1)).status_code == 200


def test_retire_and_put_back(author: Client, cast: Cast) -> None:
    micro = cast.home.micro_credential
    assert "Retire this micro-credential?" in author.get(url("retire", micro.pk)).content.decode()
    author.post(url("retire", micro.pk), {"do": "retire"})
    micro.refresh_from_db()
    assert micro.retired_at and "Put it back" in author.get(url("retire", micro.pk)).content.decode()
    author.post(url("retire", micro.pk), {"do": "restore"})
    micro.refresh_from_db()
    assert micro.retired_at is None


# --- sharing -----------------------------------------------------------------------------------------


@pytest.fixture
def consortium(cast: Cast, at: datetime) -> Organization:
    together = Organization.objects.create(slug="together", name="Together", kind="consortium", created_at=at)
    for member in (cast.home.organization, cast.away.organization):
        ConsortiumMember.objects.create(organization=member, consortium=together, joined_at=at)
    return together


def test_copying_from_a_partner_and_to_a_partner(
    author: Client, cast: Cast, at: datetime, consortium: Organization
) -> None:
    theirs = make_version(cast.away.program, at, slug="theirs", title=text("Their micro-credential"))
    assert "Their micro-credential" in author.get(url("shared")).content.decode()
    assert "Their micro-credential" not in author.get(url("shared") + "?q=zzz").content.decode()
    page = author.get(url("copy", theirs.pk))
    form = Form(page.content.decode().replace('<form method="post">', '<form method="post" novalidate>')).sent
    assert "Home College" in page.content.decode() and "Away College:" not in page.content.decode()
    first, again = (send(author, url("copy", theirs.pk), form) for _ in range(2))
    assert first.status_code == 302 and first["Location"] == again["Location"]
    made = Version.objects.latest("created_at")
    assert made.micro_credential.organization == cast.home.organization and made.micro_credential.copied_from == theirs
    assert "Begun as a copy" in author.get(url("micro_credential", made.micro_credential_id)).content.decode()
    away = send(author, url("copy", theirs.pk), form, program=str(cast.away.program.pk))
    assert away.status_code == 404
    assert send(author, url("copy", theirs.pk), form, program="").status_code == 422
    Membership.objects.create(user=cast.home.author, organization=cast.away.organization, role="author", granted_at=at)
    out = send(author, url("copy", cast.home.version.pk), form, program=str(cast.away.program.pk), key="other")
    assert out["Location"].startswith("/o/away/author/")


def test_without_a_consortium_nothing_is_shared(author: Client, cast: Cast) -> None:
    assert "Nothing here" in author.get(url("shared")).content.decode()
    assert author.get(url("copy", cast.away.version.pk)).status_code == 404
    assert author.post(url("copy", cast.away.version.pk), {"program": str(cast.home.program.pk)}).status_code == 404


# --- files -------------------------------------------------------------------------------------------


def take_in(client: Client, cast: Cast, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("d.json", content, content_type="application/json")
    return client.post(url("import"), {"program": str(cast.home.program.pk), "key": "k", "file": file, **more})


def test_a_definition_goes_out_and_comes_in(author: Client, cast: Cast) -> None:
    answer = author.get(url("file", cast.home.micro_credential.pk, 1))
    assert answer["Content-Disposition"] == 'attachment; filename="observing-v1.json"'
    sent = json.loads(answer.content)
    assert sent["definition"] == cast.home.version.definition
    back = take_in(author, cast, answer.content)
    assert back.status_code == 302 and take_in(author, cast, answer.content)["Location"] == back["Location"]
    made = Version.objects.latest("created_at")
    assert rules.differences({**rules.EMPTY, **cast.home.version.definition}, made.definition) == []
    assert made.micro_credential.slug == "observing-and-recording-behavior"
    pasted = author.post(
        url("import"),
        {"program": str(cast.home.program.pk), "key": "p", "json": json.dumps(definition(title=text("Pasted")))},
    )
    assert pasted.status_code == 302
    nothing = author.post(url("import"), {"program": str(cast.home.program.pk), "key": "n"})
    assert nothing.status_code == 422 and "Choose a file, or paste its text." in nothing.content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[1]", "holds no definition"),
        (b'{"format": "something"}', "fieldstone-definition-1"),
        (b'{"format": "fieldstone-definition-1", "definition": 3}', "holds no definition"),
        (b"\xff\xfe{}", "UTF-8"),
        (b'{"title": 1, "title": 2}', "twice"),
        (b'{"level": 99999999999999999999}', "too large"),
        (b"[" * 90 + b"]" * 90, "nested too deep"),
        (b'{"title": "' + b"x" * 210_000 + b'"}', "too large"),
        (b'{"title": 5}', "title: This entry is not readable."),
        (b'{"questions": [{"prompt": {"fr": "Qui"}}]}', "questions.0.prompt.fr: No such field."),
        (b'{"rubric": {"a": 1}, "level": "2", "offline": 1}', "rubric: Give a list."),
        (b'{"reflection": {"prompt": {"en": "\\u0000"}}}', "control characters"),
        (b'{"bogus": 1}', "bogus: No such field."),
    ],
)
def test_files_that_cannot_be_taken_in_say_where(author: Client, cast: Cast, content: bytes, words: str) -> None:
    before = MicroCredential.objects.count()
    answer = take_in(author, cast, content)
    assert 400 <= answer.status_code < 500
    assert words in answer.content.decode()
    assert MicroCredential.objects.count() == before


# --- programs ----------------------------------------------------------------------------------------


def test_programs_with_subject_areas(author: Client, cast: Cast) -> None:
    form = Form(author.get(url("new_program")).content.decode()).sent
    grown = send(author, url("new_program"), form, do="add:areas", **{"title.en": "Welding"})
    assert grown.status_code == 200 and not Program.objects.filter(slug="welding").exists()
    form = Form(grown.content.decode()).sent
    bad = send(author, url("new_program"), form, do="save", **{"areas.0.code": "Not good"})
    assert bad.status_code == 422 and "areas.0.name.en" in bad.content.decode() and "Not good" in bad.content.decode()
    good = {"areas.0.code": "safety", "areas.0.name.es": "Seguridad"}
    for _ in range(2):
        assert send(author, url("new_program"), form, do="save", **good).status_code == 302
    program = Program.objects.get(slug="welding")
    assert program.areas == [{"code": "safety", "name": {"es": "Seguridad"}}]
    assert "Welding" in author.get(url("programs")).content.decode()
    changed = press(author, url("program", program.pk), **{"summary.en": "For welders"})
    assert changed.status_code == 302
    program.refresh_from_db()
    assert program.summary == {"en": "For welders"}
    kept = send(author, url("program", cast.home.program.pk), [], do="save", **{"title.en": "Early childhood"})
    assert kept.status_code == 422 and "cda_7" in kept.content.decode()


# --- hostile -----------------------------------------------------------------------------------------


def addresses(cast: Cast, micro: MicroCredential, program: Program) -> list[str]:
    pk = micro.pk
    return [
        url("micro_credential", pk), url("edit", pk), url("publish", pk), url("retire", pk), url("version", pk, 1),
        url("preview", pk, 1), url("file", pk, 1), url("program", program.pk),
    ]  # fmt: skip


def test_another_organizations_things_are_not_there(author: Client, cast: Cast) -> None:
    for address in addresses(cast, cast.away.micro_credential, cast.away.program):
        assert author.get(address).status_code == 404, address
        assert author.post(address, {"do": "save", "revision": "1"}).status_code in {404, 405}, address
    assert author.post(url("new_version", cast.away.micro_credential.pk)).status_code == 404


def test_only_authors_and_administrators_come_in(client: Client, cast: Cast) -> None:
    every = [url(n) for n in ("micro_credentials", "new", "import", "shared", "programs", "new_program")]
    every += addresses(cast, cast.home.micro_credential, cast.home.program)
    for person, status in (
        (cast.stranger, 404),
        (cast.away.author, 404),
        (cast.home.coach, 403),
        (cast.home.administrator, 0),
    ):
        client.force_login(person)
        for address in every:
            got = client.get(address).status_code
            assert got == status if status else got in {200, 302}, (person.name, address)
    client.logout()
    assert all(client.get(address).status_code == 302 for address in every)


def test_hostile_forms_get_a_clear_answer(author: Client, cast: Cast, at: datetime) -> None:
    version = draft_of(cast, at)
    page = url("edit", version.micro_credential_id)
    odd = {
        "title.en": "nul\x00l \U0001f9f1", "questions.9999.prompt.en": "far", "questions.99999999999.id": "x",
        "questions.-1.id": "x", "questions.0.id": "../../etc", "level": "12", "glyph": "skull", "languages": "fr",
        "rubric.0.levels.0.id": "<script>", "clock_hours.nothing": "5", "a" * 300: "b", ".".join("0" * 60): "c",
        "rubric.0.parts": ["gone", "notes"], "artifacts.0.kinds": ["exe"], "prerequisites.0": "not-a-uuid",
    }  # fmt: skip
    form = Form(author.get(page).content.decode()).sent
    assert send(author, page, form, **odd).status_code == 302
    shown = author.get(page + "?check=1")
    assert shown.status_code == 200 and "<script>&" not in shown.content.decode()
    version.refresh_from_db()
    assert version.definition["title"]["en"] == "null \U0001f9f1" and len(version.definition["questions"]) == 2
    many = [(f"research.{i}.citation", "x") for i in range(4100)]
    assert send(author, page, many).status_code == 400
    rows = [(f"research.{i}.citation", "x") for i in range(3000)]
    assert send(author, page, [*form, *rows][:3900], revision="2").status_code in {302, 422}
    huge = send(author, page, form, **{"summary.en": "y" * 250_000})
    assert "{&#x27;" not in huge.content.decode()
    assert huge.status_code == 422 and "too large" in huge.content.decode() and "y" * 1000 in huge.content.decode()
    assert send(author, page, [("summary.en", "z" * 2_100_000)]).status_code in {400, 413}
    assert author.get("/o/home/author/not-a-uuid/edit/").status_code == 404


def test_the_list_asks_the_database_the_same_however_long_it_is(
    author: Client, cast: Cast, at: datetime, django_assert_max_num_queries: Any
) -> None:
    for i in range(25):
        make_version(cast.home.program, at, slug=f"m{i}", title=text(f"M {i}"))
    with django_assert_max_num_queries(9):
        author.get(url("micro_credentials"))
    version = draft_of(cast, at)
    with django_assert_max_num_queries(14):
        author.get(url("edit", version.micro_credential_id))
    with django_assert_max_num_queries(12):
        author.get(url("micro_credential", version.micro_credential_id))
    with django_assert_max_num_queries(9):
        author.get(url("programs"))
