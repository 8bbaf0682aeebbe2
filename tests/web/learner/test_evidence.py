"""The evidence page without script: nothing typed is lost, whatever else is refused."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT, encode_multipart

from fieldstone.server.assessment.models import Review
from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy, Submission
from fieldstone.server.ledger.ids import new_id
from tests.cast import Cast, make_version
from tests.evidence import files
from tests.web.learner.helpers import REFLECTION, SETTING, begin, complete, form, photo


@pytest.fixture
def work(client: Client, cast: Cast) -> Enrollment:
    """The learner, signed in, has started."""
    return begin(client, cast)


def page(client: Client, work: Enrollment) -> str:
    answer = client.get(f"/path/{work.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def decide(sent: Submission, at: datetime, by: Any, **levels: str) -> Review:
    """Close a review with these levels, as the assessors' part would."""
    review = sent.review
    outcome = "demonstrated" if set(levels.values()) == {"demonstrated"} else "not_yet"
    Review.objects.filter(pk=review.pk).update(
        state="decided",
        outcome=outcome,
        decided_at=at,
        decided_by=by.pk,
        result={
            "levels": levels,
            "assessors": 2,
            "comments": [
                {"criterion": "links", "comment": "Make it for this child.", "phrases": [{"en": "Say which.", "es": "Diga cuál."}]}
            ],
        },
    )
    review.refresh_from_db()
    return review


def test_a_save_keeps_everything_and_comes_back_to_the_page(client: Client, work: Enrollment) -> None:
    data = form(client, work, text_setting="my first words", file_notes=[photo(), photo((9, 9, 9), name="b.jpg")])
    data |= {"link_notes": "https://example.org/a", "linktitle_notes": "Album", "permission": "on", "prior_learning": "on"}
    answer = client.post(f"/path/{work.pk}/", data)
    assert (answer.status_code, answer["Location"]) == (302, f"/path/{work.pk}/")
    again = form(client, work)
    assert again["text_setting"] == "my first words"
    assert (again["permission"], again["prior_learning"]) == ("on", "on")
    html = page(client, work)
    assert [html.count(words) for words in ("notes</h3>", "b</h3>", "Album</a>")] == [1, 1, 1]
    assert html.count('class="chip c-bad"') >= 1  # the dark one is told apart


def test_sending_what_is_incomplete_leads_to_what_is_missing_and_keeps_it(client: Client, work: Enrollment) -> None:
    answer = client.post(f"/path/{work.pk}/send/", form(client, work, text_setting="three words here"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "three words here" in html
    for anchor in ("part-setting", "part-notes", "part-reflection", "permission"):
        assert f'href="#{anchor}"' in html
        assert f'id="{anchor}"' in html
    assert "Reflection: Write at least 5 words." in html
    assert "Photos of your notes: Add 1 file or link." in html
    assert Answer.objects.get().text == "three words here"
    assert Submission.objects.count() == 0


def test_the_same_send_twice_is_one_submission(client: Client, work: Enrollment) -> None:
    data = complete(client, work)
    for _twice in range(2):
        data["file_notes"] = photo()
        answer = client.post(f"/path/{work.pk}/send/", data)
        assert answer.status_code == 302
    assert (Submission.objects.count(), Artifact.objects.count()) == (1, 1)
    data = {**data, "key": str(new_id())}
    data.pop("file_notes")
    assert client.post(f"/path/{work.pk}/send/", data).status_code == 409
    assert Submission.objects.count() == 1


def test_a_second_tab_that_touched_nothing_changes_nothing(client: Client, work: Enrollment) -> None:
    old = form(client, work)
    client.post(f"/path/{work.pk}/", form(client, work, text_setting="newer words"))
    answer = client.post(f"/path/{work.pk}/", {**old, "key": str(new_id()), "text_reflection": "elsewhere"})
    assert answer["Location"] == f"/path/{work.pk}/"
    assert dict(Answer.objects.values_list("part", "text")) == {"setting": "newer words", "reflection": "elsewhere"}


@pytest.mark.parametrize(("keep", "left"), [("answer", "from the phone"), ("copy", "from the library"), ("both", "from the phone\n\nfrom the library")])
def test_two_tabs_that_differ_are_read_side_by_side(client: Client, work: Enrollment, keep: str, left: str) -> None:
    first, second = form(client, work), form(client, work)
    client.post(f"/path/{work.pk}/", {**first, "text_setting": "from the phone"})
    answer = client.post(f"/path/{work.pk}/", {**second, "text_setting": "from the library"})
    copy = KeptCopy.objects.get()
    assert answer["Location"] == f"/path/{work.pk}/both/{copy.pk}/"
    both = client.get(answer["Location"]).content.decode()
    assert "from the phone" in both
    assert "from the library" in both
    assert f"/path/{work.pk}/both/{copy.pk}/" in page(client, work)
    assert client.post(answer["Location"], {"keep": "neither"}).status_code == 400
    assert client.post(answer["Location"], {"keep": keep}).status_code == 302
    assert Answer.objects.get().text == left
    assert client.post(answer["Location"], {"keep": keep}).status_code == 409
    assert client.get(answer["Location"]).status_code == 200


def test_sending_while_two_wordings_wait_asks_first(client: Client, work: Enrollment) -> None:
    first, second = form(client, work), complete(client, work)
    client.post(f"/path/{work.pk}/", {**first, "text_setting": "one two three four five six"})
    answer = client.post(f"/path/{work.pk}/send/", second)
    assert "/both/" in answer["Location"]
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (files.SVG, "drawing.svg"),
        (files.HTML, "page.jpg"),
        (files.jpeg((300, 300))[:400], "half.jpg"),
        (files.huge_png(), "huge.png"),
        (files.package("../../../../etc/cron.d/x"), "../../bomb.docx"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "setup.pdf"),
        (b"", "empty.jpg"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 30, "IMG_1.HEIC"),
    ],
)
def test_a_hostile_file_is_refused_by_name_and_the_words_stay(client: Client, work: Enrollment, data: bytes, name: str) -> None:
    upload = SimpleUploadedFile(name, data, "image/jpeg")
    answer = client.post(f"/path/{work.pk}/", form(client, work, text_setting="kept words", file_notes=upload))
    assert answer.status_code == 422
    assert 'href="#part-notes"' in answer.content.decode()
    assert Answer.objects.get().text == "kept words"
    assert Artifact.objects.count() == 0


def test_a_picture_with_a_page_behind_it_is_only_a_picture(client: Client, work: Enrollment) -> None:
    upload = SimpleUploadedFile("a.html", files.located() + files.HTML, "text/html")
    client.post(f"/path/{work.pk}/", form(client, work, file_notes=upload))
    answer = client.get(f"/evidence/{Artifact.objects.get().pk}/")
    body = b"".join(answer.streaming_content)
    assert body.startswith(b"\xff\xd8")
    assert b"script" not in body
    assert b"SECRET" not in body


def test_a_file_beyond_the_limit_costs_no_words(client: Client, work: Enrollment, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1_000_000
    big = SimpleUploadedFile("big.pdf", b"%PDF-" + b"0" * 3_000_000)
    answer = client.post(f"/path/{work.pk}/", form(client, work, text_setting="kept words", file_notes=[big, photo()]))
    assert answer.status_code == 422
    assert "1 MB" in answer.content.decode()
    assert Answer.objects.get().text == "kept words"
    assert Artifact.objects.get().title == "notes"


def test_an_upload_that_was_cut_off_leaves_nothing(client: Client, work: Enrollment) -> None:
    data = form(client, work, text_setting="half", file_notes=photo(size=(900, 900)))
    data["end"] = data.pop("end")  # the last field of the page
    whole = encode_multipart("BoUnDaRyStRiNg", data)
    assert page(client, work).index('name="end"') > page(client, work).rindex("<textarea")
    for cut in (len(whole) // 4, len(whole) // 2, len(whole) - 60):
        answer = client.generic("POST", f"/path/{work.pk}/", whole[:cut], content_type=MULTIPART_CONTENT)
        assert answer.status_code == 400
    assert (Answer.objects.count(), Artifact.objects.count()) == (0, 0)


def test_a_bad_link_is_put_back_into_its_field(client: Client, work: Enrollment) -> None:
    answer = client.post(f"/path/{work.pk}/", form(client, work, link_notes="javascript:alert(1)", linktitle_notes="Mine"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="javascript:alert(1)"' in html
    assert 'value="Mine"' in html
    assert 'href="javascript' not in html


def test_too_many_words_to_keep_are_put_back_into_their_field(client: Client, work: Enrollment) -> None:
    answer = client.post(f"/path/{work.pk}/", form(client, work, text_setting="x" * 40_001, text_reflection="kept"))
    assert answer.status_code == 422
    assert "x" * 40_001 in answer.content.decode()
    assert Answer.objects.get().text == "kept"


def test_a_file_is_removed_and_put_back(client: Client, work: Enrollment) -> None:
    client.post(f"/path/{work.pk}/", form(client, work, file_notes=photo()))
    one = Artifact.objects.get()
    answer = client.post(f"/path/{work.pk}/remove/{one.pk}/", form(client, work, text_setting="typed meanwhile"))
    assert answer["Location"] == f"/path/{work.pk}/#part-notes"
    assert f"/put-back/{one.pk}/" in page(client, work)
    assert Answer.objects.get().text == "typed meanwhile"
    client.post(f"/path/{work.pk}/put-back/{one.pk}/", form(client, work))
    one.refresh_from_db()
    assert one.removed_at is None


def test_putting_back_into_a_full_part_says_so(client: Client, work: Enrollment) -> None:
    client.post(f"/path/{work.pk}/", form(client, work, file_notes=photo()))
    one = Artifact.objects.get()
    client.post(f"/path/{work.pk}/remove/{one.pk}/", form(client, work))
    client.post(f"/path/{work.pk}/", form(client, work, file_notes=[photo((i, i, i)) for i in range(6)]))
    answer = client.post(f"/path/{work.pk}/put-back/{one.pk}/", form(client, work))
    assert answer.status_code == 422
    assert "holds 6" in answer.content.decode()


def test_only_what_is_not_demonstrated_is_asked_again(client: Client, work: Enrollment, cast: Cast, at: datetime) -> None:
    client.post(f"/path/{work.pk}/send/", complete(client, work))
    assert client.get(f"/path/{work.pk}/")["Location"] == f"/path/{work.pk}/status/"
    decide(Submission.objects.get(), at, cast.home.first, describes="demonstrated", links="not_yet")
    status = client.get(f"/path/{work.pk}/status/").content.decode()
    assert "Make it for this child." in status
    assert "Say which." in status
    html = page(client, work)
    assert REFLECTION in html
    assert html.count("not asked again") >= 2
    one = Artifact.objects.get()
    client.post(f"/path/{work.pk}/remove/{one.pk}/", form(client, work))
    answer = client.post(f"/path/{work.pk}/send/", form(client, work, text_reflection=REFLECTION + " and more"))
    assert answer.status_code == 302
    second = Submission.objects.get(number=2)
    assert second.criteria == ["links"]
    decide(second, at, cast.home.first, links="demonstrated", describes="demonstrated")
    status = client.get(f"/path/{work.pk}/status/").content.decode()
    assert [status.count(words) for words in ("Try 1", "Try 2", "The stone is set")] == [1, 1, 1]
    answer = client.post(f"/path/{work.pk}/send/", complete_again(work))
    assert answer.status_code == 409


def complete_again(work: Enrollment) -> dict[str, str]:
    """A page left open since before the decision."""
    return {"key": str(new_id()), "end": "1"}


def test_an_appeal_is_made_once(client: Client, work: Enrollment, cast: Cast, at: datetime) -> None:
    client.post(f"/path/{work.pk}/send/", complete(client, work))
    review = decide(Submission.objects.get(), at, cast.home.first, describes="demonstrated", links="not_yet")
    address = f"/path/{work.pk}/appeal/{review.pk}/"
    assert address in client.get(f"/path/{work.pk}/status/").content.decode()
    empty = client.post(address, {"reason": " ", "key": str(new_id())})
    assert empty.status_code == 422
    key = str(new_id())
    for _twice in range(2):
        assert client.post(address, {"reason": "The plan names L.", "key": key}).status_code == 302
    assert review.appeals.count() == 1
    again = client.post(address, {"reason": "Once more", "key": str(new_id())})
    assert again.status_code in (409, 422)
    assert client.post(f"/path/{work.pk}/appeal/{uuid4()}/", {"reason": "x", "key": key}).status_code == 404


def test_who_has_it_is_told_by_role_and_never_by_name(client: Client, work: Enrollment, cast: Cast) -> None:
    from fieldstone.server.assessment.models import Seat

    client.post(f"/path/{work.pk}/send/", complete(client, work))
    review = Submission.objects.get().review
    seen = []
    for state in ("checking", "scoring", "moderating", "confirming"):
        Review.objects.filter(pk=review.pk).update(state=state)
        seen.append(client.get(f"/path/{work.pk}/status/").content.decode())
    Review.objects.filter(pk=review.pk).update(state="scoring")
    for kind, assessor in (("first", cast.home.first), ("second", cast.home.second)):
        Seat.objects.update_or_create(review=review, kind=kind, defaults={"assessor": assessor, "claimed_at": review.opened_at})
        seen.append(client.get(f"/path/{work.pk}/status/").content.decode())
    words = ["checks that everything", "waits for an assessor", "third person", "approver is confirming", "one person is reading", "two people are reading"]
    assert [w in html for w, html in zip(words, seen, strict=True)] == [True] * 6
    assert not any(person.name in html for html in seen for person in (cast.home.first, cast.home.second))


def test_a_late_answer_is_admitted(client: Client, work: Enrollment) -> None:
    client.post(f"/path/{work.pk}/send/", complete(client, work))
    Review.objects.update(due_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00"))
    assert "is late" in client.get(f"/path/{work.pk}/status/").content.decode()
    assert "is late" in client.get("/path/").content.decode()


# --- files ----------------------------------------------------------------------------------------------


def test_files_are_served_asleep(client: Client, work: Enrollment) -> None:
    pdf = SimpleUploadedFile("plän.pdf", b"%PDF-1.7 words", "application/pdf")
    client.post(f"/path/{work.pk}/", form(client, work, file_notes=[photo(), pdf]))
    for one in Artifact.objects.all():
        answer = client.get(f"/evidence/{one.pk}/")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "private" in answer["Cache-Control"]
        disposition = answer["Content-Disposition"]
        assert disposition.startswith("inline" if one.kind == "photo" else "attachment")
        assert client.get(f"/evidence/{one.pk}/", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    picture = Artifact.objects.get(kind="photo")
    small = client.get(f"/evidence/{picture.pk}/?small=1")
    assert small["Content-Type"] == "image/jpeg"
    assert small["ETag"] != client.get(f"/evidence/{picture.pk}/")["ETag"]


def test_a_link_and_lost_bytes_are_not_found(client: Client, work: Enrollment) -> None:
    from django.core.files.storage import default_storage

    client.post(f"/path/{work.pk}/", form(client, work, file_notes=photo(), link_notes="https://example.org/"))
    link, picture = Artifact.objects.get(kind="link"), Artifact.objects.get(kind="photo")
    assert client.get(f"/evidence/{link.pk}/").status_code == 404
    assert picture.blob
    default_storage.delete(picture.blob.path)
    assert client.get(f"/evidence/{picture.pk}/").status_code == 404


def test_showing_a_file_with_the_credential(client: Client, cast: Cast, at: datetime) -> None:
    version = make_version(cast.home.program, at, slug="adults", children="none")
    client.force_login(cast.learner)
    client.post("/m/home/adults/start/", {"key": str(new_id())})
    work = Enrollment.objects.get(version=version)
    client.post(f"/path/{work.pk}/send/", complete(client, work))
    decide(Submission.objects.get(), at, cast.home.first, describes="demonstrated", links="demonstrated")
    one = Artifact.objects.get()
    assert f"/show/{one.pk}/" in client.get(f"/path/{work.pk}/status/").content.decode()
    for public in (True, False):
        client.post(f"/path/{work.pk}/show/{one.pk}/", {"public": "1" if public else "0"})
        one.refresh_from_db()
        assert one.is_public is public


def test_a_childs_evidence_cannot_be_shown(client: Client, work: Enrollment) -> None:
    client.post(f"/path/{work.pk}/", form(client, work, file_notes=photo()))
    one = Artifact.objects.get()
    assert client.post(f"/path/{work.pk}/show/{one.pk}/", {"public": "1"}).status_code == 403


# --- other people's things, and rubbish -----------------------------------------------------------------


def addresses(work: Enrollment, artifact: Artifact, copy: KeptCopy, review: Review) -> list[tuple[str, str]]:
    base = f"/path/{work.pk}"
    return [
        ("get", f"{base}/"),
        ("post", f"{base}/"),
        ("post", f"{base}/send/"),
        ("post", f"{base}/draft/"),
        ("post", f"{base}/files/notes/"),
        ("post", f"{base}/remove/{artifact.pk}/"),
        ("post", f"{base}/put-back/{artifact.pk}/"),
        ("post", f"{base}/show/{artifact.pk}/"),
        ("get", f"{base}/both/{copy.pk}/"),
        ("post", f"{base}/both/{copy.pk}/"),
        ("get", f"{base}/status/"),
        ("post", f"{base}/appeal/{review.pk}/"),
        ("post", f"{base}/leave/"),
        ("post", f"{base}/return/"),
        ("get", f"/evidence/{artifact.pk}/"),
    ]


def test_other_peoples_things_do_not_exist(client: Client, work: Enrollment, cast: Cast) -> None:
    first, second = form(client, work), form(client, work)
    client.post(f"/path/{work.pk}/", {**first, "text_setting": "x"})
    client.post(f"/path/{work.pk}/", {**second, "text_setting": "y"})
    data = complete(client, work, text_setting=SETTING + " x")
    assert client.post(f"/path/{work.pk}/send/", data).status_code == 302
    artifact, copy, review = Artifact.objects.get(), KeptCopy.objects.filter(settled_at=None).latest("written_at"), Review.objects.get()
    everywhere = addresses(work, artifact, copy, review)
    for user in (cast.other_learner, cast.stranger, cast.home.administrator, cast.home.coach, cast.away.first):
        client.force_login(user)
        sent = {**data, "reason": "x", "keep": "copy", "public": "1"}
        sent.pop("file_notes")
        found = [
            (method, url, getattr(client, method)(url, sent if method == "post" else {}, headers={"X-Person": str(user.pk)}).status_code)
            for method, url in everywhere
        ]
        assert [row for row in found if row[2] != 404] == []
    mine = begin(client, cast, cast.other_learner)
    assert client.post(f"/path/{mine.pk}/remove/{artifact.pk}/", {"key": "k", "end": "1"}).status_code == 404
    assert client.get(f"/path/{mine.pk}/both/{copy.pk}/").status_code == 404
    client.logout()
    for method, url in everywhere:
        answer = getattr(client, method)(url)
        assert answer.status_code in (302, 401), url


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"end": "1"},
        {"key": "k"},
        {"end": "1", "key": "x" * 101},
        {"end": "1", "key": "k", "base_setting": "\x00", "text_setting": "a\x00b", "copy_setting": "no", "mark_setting": "\ud7ff"},
        {"end": "1", "key": "k", "text_setting": "a", "base_setting": "-99999999999999999999"},
        {"end": "1", "key": "k", "caption_no": "a", f"caption_{uuid4()}": "b" * 5000, "text_nothing": "c"},
        {"end": "1", "key": "k", "link_notes": "h" * 5000, "part": "../../x"},
        {"end": "1", "key": "k", "part": "\r\nSet-Cookie: a=b"},
    ],
)
@pytest.mark.parametrize("place", ["", "send/"])
def test_rubbish_gets_a_clear_answer(client: Client, work: Enrollment, data: dict[str, str], place: str) -> None:
    answer = client.post(f"/path/{work.pk}/{place}", data)
    assert answer.status_code in (302, 400, 422)
    assert client.post(f"/path/{work.pk}/{place}", b"\xff\x00{", content_type="application/json").status_code == 400


def test_a_page_is_only_read_by_get(client: Client, work: Enrollment) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for url in (f"/path/{work.pk}/", f"/path/{work.pk}/status/", "/path/", "/credentials/", "/m/home/observing/start/"):
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        assert not [q for q in seen.captured_queries if re.match(r"\s*(INSERT|UPDATE|DELETE)", q["sql"])], url
