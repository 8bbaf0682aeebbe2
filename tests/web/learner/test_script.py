"""What the script posts: autosave and single files, with every wrong thing it could send."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy
from fieldstone.server.people.models import User
from tests.cast import Cast
from tests.evidence import files
from tests.web.learner.helpers import begin, photo


@pytest.fixture
def work(client: Client, cast: Cast) -> Enrollment:
    """The learner, signed in, has started."""
    return begin(client, cast)


def post(client: Client, work: Enrollment, body: Any, person: User | None = None) -> Any:
    return client.post(
        f"/path/{work.pk}/draft/",
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
        headers={"X-Person": str((person or work.learner).pk), "Accept": "application/json"},
    )


def typed(text: str, base: int = 0, key: str = "", **more: Any) -> dict[str, Any]:
    return {"key": key or str(uuid4()), "answers": {"setting": {"text": text, "base": base, **more}}}


def test_a_draft_saves_itself_and_answers_with_its_revision(client: Client, work: Enrollment) -> None:
    answer = post(client, work, typed("my words", key="key-number-1"))
    assert answer.status_code == 200
    assert answer.json()["saved"]["setting"]["revision"] == 1
    assert post(client, work, typed("my words", key="key-number-1")).json() == answer.json()
    page = client.get(f"/path/{work.pk}/").content.decode()
    assert f'name="mark_setting" value="{answer.json()["saved"]["setting"]["mark"]}"' in page


def test_a_conflict_is_answered_with_both_kept(client: Client, work: Enrollment) -> None:
    post(client, work, typed("from the phone"))
    answer = post(client, work, typed("from the library"))
    saved = answer.json()["saved"]["setting"]
    assert answer.status_code == 409
    assert client.get(saved["url"]).status_code == 200
    assert post(client, work, typed("from the library, more", 1, copy=saved["copy"])).status_code == 409
    assert (Answer.objects.get().text, KeptCopy.objects.get().text) == ("from the phone", "from the library, more")


def test_nobody_signed_in_is_told_and_nothing_is_written(client: Client, work: Enrollment) -> None:
    client.logout()
    assert post(client, work, typed("words")).status_code == 401
    answer = client.post(f"/path/{work.pk}/files/notes/", {"file": photo(), "key": "k", "end": "1"})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")
    assert (Answer.objects.count(), Artifact.objects.count()) == (0, 0)


def test_a_draft_of_somebody_else_on_the_same_phone_is_not_mixed_in(client: Client, work: Enrollment, cast: Cast) -> None:
    client.force_login(cast.other_learner)
    mine = begin(client, cast, cast.other_learner)
    assert post(client, work, typed("words")).status_code == 403
    assert post(client, mine, typed("words"), cast.learner).status_code == 403
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        ([], "answers"),
        ({"answers": []}, "answers"),
        ({"answers": {}}, "key"),
        ({"key": 7, "answers": {}}, "key"),
        ({"key": "k" * 101, "answers": {}}, "key"),
        (typed("x") | {"answers": {"setting": "x"}}, "answers.setting.text"),
        (typed("x") | {"answers": {"setting": {"text": None, "base": 0}}}, "answers.setting.text"),
        (typed("x", True), "answers.setting.base"),
        (typed("x", -1), "answers.setting.base"),
        (typed("x", 2**40), "answers.setting.base"),
        (typed("x", copy="no"), "answers.setting.copy"),
        (typed("x") | {"answers": {"nothing": {"text": "x", "base": 0}}}, "parts.nothing"),
        (typed("x") | {"answers": {"notes": {"text": "x", "base": 0}}}, "parts.notes"),
        (typed("x" * 40_001), "parts.setting"),
    ],
)
def test_rubbish_is_refused_by_name(client: Client, work: Enrollment, body: Any, field: str) -> None:
    answer = post(client, work, body)
    assert answer.status_code in (400, 422)
    assert answer.json()["problems"][0]["field"] == field
    assert Answer.objects.count() == 0


def test_more_than_two_megabytes_are_refused(client: Client, work: Enrollment) -> None:
    assert post(client, work, typed("x" * 2_100_000)).status_code in (400, 413)


def test_signs_that_no_database_holds_do_no_harm(client: Client, work: Enrollment) -> None:
    body = b'{"key": "key-number-1", "answers": {"setting": {"text": "a\\u0000b\\ud800c", "base": 0}}}'
    assert post(client, work, body).status_code == 200
    assert Answer.objects.get().text == "ab?c"


def send(client: Client, work: Enrollment, file: Any, part: str = "notes", **more: str) -> Any:
    data = {"key": "k-1", "file": file, "end": "1", **more}
    headers = {"X-Person": str(work.learner.pk), "Accept": "application/json"}
    return client.post(f"/path/{work.pk}/files/{part}/", {k: v for k, v in data.items() if v is not None}, headers=headers)


def test_a_file_is_answered_with_its_card_once(client: Client, work: Enrollment) -> None:
    first, second = send(client, work, photo(name="<b>x</b>.jpg")), send(client, work, photo(name="<b>x</b>.jpg"))
    assert first.status_code == 200
    assert first.json()["id"] == second.json()["id"]
    assert "<b>x" not in first.json()["card"]
    assert Artifact.objects.count() == 1


def test_a_refused_file_says_why(client: Client, work: Enrollment, settings: Any) -> None:
    assert send(client, work, SimpleUploadedFile("a.jpg", files.SVG)).status_code == 422
    assert send(client, work, photo(), part="setting").status_code == 422
    assert send(client, work, "no file").status_code == 400
    assert send(client, work, photo(), end="0").status_code == 400
    assert send(client, work, photo(), key="").status_code == 400
    settings.EVIDENCE_MAX_BYTES = 1000
    answer = send(client, work, SimpleUploadedFile("a.pdf", b"%PDF-" + b"0" * 5000))
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (413, "file")
    assert Artifact.objects.count() == 0
