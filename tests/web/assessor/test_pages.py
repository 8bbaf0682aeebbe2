"""The assessor's screens, through the front door: what they show, refuse, keep, and never show."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from fieldstone.server.assessment import actions, queries
from fieldstone.server.assessment.models import Conflict, Phrase, Review, Score, Seat
from fieldstone.server.calibration.models import Calibration, Exemplar
from fieldstone.server.evidence.models import Artifact, Blob
from fieldstone.server.people.models import User
from fieldstone.server.web.shared import access
from tests.assessment.kit import (
    ANSWERS,
    NO,
    ONE,
    YES,
    calibrate,
    enroll,
    exemplar,
    fill,
    hand,
    opened,
    scoring,
    submission,
)  # fmt: skip
from tests.cast import Cast, make_person, make_version


@pytest.fixture(autouse=True)
def _clock(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages read the test's clock."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    assert access.now() == at


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"assessor:{name}", args=["home", *args])


def photo(review_work: Any, at: datetime, title: str = "marisol-vega.jpg") -> Artifact:
    """A stored picture of one enrollment."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "tan").save(out, "JPEG")
    blob, new = Blob.objects.get_or_create(
        sha256="ab" * 32, defaults={"size": len(out.getvalue()), "media_type": "image/jpeg", "stored_at": at}
    )
    if new:
        default_storage.save(blob.path, ContentFile(out.getvalue()))
    return Artifact.objects.create(
        enrollment=review_work, part="notes", kind="photo", title=title, blob=blob, added_at=at
    )


@pytest.fixture
def review(cast: Cast, at: datetime) -> Review:
    """A submission with a photo and a link, in the assessors' queue."""
    work = enroll(cast.learner, cast.home.version, at)
    picture = photo(work, at)
    link = Artifact.objects.create(
        enrollment=work, part="notes", kind="link", title="My page", url="https://example.org/v", added_at=at
    )
    sent = submission(
        work, at, answers=ANSWERS | {"setting": "I am Marisol Vega and I watched L."},
        artifacts={"notes": [str(picture.pk), str(link.pk), str(uuid4())]},
    )  # fmt: skip
    opened_ = actions.open_review(submission=sent, by=cast.learner, at=at)
    return actions.check_complete(review=opened_, by=cast.home.first, at=at)


def taken(review: Review, kind: str, by: User, at: datetime) -> Seat:
    return actions.take(seat=Seat.objects.get(review=review, kind=kind), by=by, at=at)


# --- the queue ------------------------------------------------------------------------------------------


def test_the_queue_shows_dates_and_takes(cast: Cast, at: datetime, review: Review) -> None:
    client = as_(cast.home.first)
    page = client.get(url("queue")).content.decode()
    assert "Observing and recording behavior" in page and "Fri, Dec 11" in page and "In 14 business days" in page
    assert "Free to take" in page and "Take the next one" in page and review.submission.code in page
    assert "Marisol" not in page
    answer = client.post(url("take"), {"count": "1"})
    assert answer.status_code == 302 and Seat.objects.get(review=review, kind="first").assessor == cast.home.first
    page = client.get(url("queue")).content.decode()
    assert "Held by you" in page and "I am away: give mine back" in page


def test_one_is_taken_by_its_button_and_refusals_are_said(cast: Cast, at: datetime, review: Review) -> None:
    seat = Seat.objects.get(review=review, kind="first")
    client = as_(cast.home.first)
    assert client.post(url("take"), {"seat": str(seat.pk)})["Location"] == url("score", seat.pk)
    other = as_(cast.home.second).post(url("take"), {"seat": str(seat.pk)}, follow=True)
    assert "Somebody else has taken this one" in other.content.decode()
    for value in ("x", str(uuid4())):
        assert client.post(url("take"), {"seat": value}).status_code == 404
    assert "Nothing is free" in client.post(url("take"), {"count": "rubbish"}, follow=True).content.decode()
    away = opened(cast.learner, cast.away, at)
    assert client.post(url("take"), {"seat": str(away.seats.first().pk)}).status_code == 404


def test_the_queue_costs_the_same_however_long_it_is(
    cast: Cast, at: datetime, django_assert_max_num_queries: Any
) -> None:
    calibrate(at, cast.home.first, house=cast.home)
    for i in range(8):
        learner = make_person(f"Learner {i}", at)
        (scoring if i % 2 else opened)(learner, cast.home, at)
    client = as_(cast.home.first)
    client.post(url("take"), {"count": "2"})
    with django_assert_max_num_queries(28):
        client.get(url("queue"))
    first = _count(client)
    for i in range(8):
        (scoring if i % 2 else opened)(make_person(f"More {i}", at), cast.home, at)
    assert _count(client) <= first + 1


def _count(client: Client) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as context:
        client.get(url("queue"))
    return len(context)


def test_giving_back_asks_first(cast: Cast, at: datetime, review: Review) -> None:
    taken(review, "first", cast.home.first, at)
    client = as_(cast.home.first)
    assert "You hold 1 submission" in client.get(url("give_back")).content.decode()
    assert client.post(url("give_back")).status_code == 302
    assert Seat.objects.get(review=review, kind="first").assessor is None


def test_keys_turn_off_and_come_back_to_the_page(cast: Cast, at: datetime, review: Review) -> None:
    seat = taken(review, "first", cast.home.first, at)
    client = as_(cast.home.first)
    assert 'data-keys="1"' in client.get(url("score", seat.pk)).content.decode()
    back = client.post(url("keys"), {"on": "0", "back": url("score", seat.pk)})
    assert back["Location"] == url("score", seat.pk)
    assert 'data-keys="0"' in client.get(url("score", seat.pk)).content.decode()
    for evil in ("https://example.org/", "//example.org", url("queue") + "//example.org"):
        assert client.post(url("keys"), {"on": "1", "back": evil})["Location"] == url("queue")


# --- the completeness check -----------------------------------------------------------------------------


def test_the_check_lists_what_was_asked_and_passes_it_on(cast: Cast, at: datetime) -> None:
    one, two = opened(cast.learner, cast.home, at), opened(cast.other_learner, cast.home, at)
    client = as_(cast.home.first)
    page = client.get(url("check", one.pk)).content.decode()
    assert "0 sent; at least 1 asked" in page and "Is everything there?" in page
    assert client.post(url("check", one.pk), {"do": "complete"}).status_code == 302
    again = client.post(url("check", two.pk), {"do": "incomplete", "missing": ""})
    assert again.status_code == 422 and b'href="#missing"' in again.content
    assert client.post(url("check", two.pk), {"do": "incomplete", "missing": "A photo."}).status_code == 302
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.state, two.outcome) == ("scoring", "incomplete")
    assert client.get(url("check", one.pk)).status_code == 404


def test_the_learner_never_sees_her_own_from_this_side(cast: Cast, at: datetime) -> None:
    own = opened(cast.home.second, cast.home, at)
    client = as_(cast.home.second)
    assert client.get(url("check", own.pk)).status_code == 404
    assert client.post(url("hand_on", own.pk)).status_code == 404


def test_handing_on_leaves_no_way_back(cast: Cast, at: datetime, review: Review) -> None:
    seat = taken(review, "first", cast.home.first, at)
    client = as_(cast.home.first)
    assert client.post(url("hand_on", review.pk)).status_code == 302
    assert Conflict.objects.count() == 1 and client.get(url("score", seat.pk)).status_code == 404
    assert client.post(url("hand_on", review.pk)).status_code == 404


# --- the score sheet ------------------------------------------------------------------------------------


def test_the_sheet_is_blind(cast: Cast, at: datetime, review: Review) -> None:
    hand(review, "second", NO, cast.home.second, at)
    seat = taken(review, "first", cast.home.first, at)
    page = as_(cast.home.first).get(url("score", seat.pk)).content.decode()
    assert "I am ▇▇▇ ▇▇▇ and I watched L." in page and "The software hid 2 words" in page
    for secret in ("Marisol", "Vega", "marisol-vega", "My page", cast.learner.email, cast.home.second.name):
        assert secret not in page
    assert "Photo 1 of 1" in page and "Link 1 of 1" in page and "This file is no longer here." in page
    assert 'value="not_yet" checked' not in page, "the other sheet stays closed"


def test_what_is_typed_is_kept_by_script_and_without(cast: Cast, at: datetime, review: Review) -> None:
    seat = taken(review, "first", cast.home.first, at)
    client = as_(cast.home.first)
    typed = {
        "level-describes": "not_yet",
        "comment-describes": "Half a",
        "phrases-describes": "r0",
        "comment-links": "And",
    }
    said = client.post(url("score", seat.pk), {**typed, "do": "keep"}, headers={"accept": "application/json"})
    assert said.json() == {"kept": "Scores kept, 10:00 AM", "scored": "1 of 2 scored"}
    bad = client.post(url("score", seat.pk), {"level-links": "x" * 99}, headers={"accept": "application/json"})
    assert bad.status_code == 422 and bad.json()["problems"][0]["field"] == "level-links"
    page = client.get(url("score", seat.pk)).content.decode()
    assert "Half a" in page and 'value="r0" checked' in page and "1 of 2 scored" in page
    later = client.post(url("score", seat.pk), {**typed, "do": "later", "comment-links": "And more"})
    assert later["Location"] == url("queue") and Score.objects.get(criterion="links").comment == "And more"
    assert "Held by you, 1 of 2 scored" in client.get(url("queue")).content.decode()


def test_an_unfinished_sheet_says_what_is_missing_and_loses_nothing(cast: Cast, at: datetime, review: Review) -> None:
    seat = taken(review, "first", cast.home.first, at)
    client = as_(cast.home.first)
    answer = client.post(
        url("score", seat.pk), {"level-describes": "not_yet", "comment-links": "kept", "do": "hand_in"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and 'href="#level-links"' in page and 'href="#comment-describes"' in page
    assert "kept</textarea>" in page and Seat.objects.get(pk=seat.pk).scored_at is None
    too_long = client.post(url("score", seat.pk), {"comment-links": "y" * 5000, "do": "hand_in"})
    assert too_long.status_code == 422 and "y" * 5000 in too_long.content.decode()


SHEET = {
    "level-describes": "demonstrated",
    "level-links": "not_yet",
    "comment-links": "Say which note.",
    "do": "hand_in",
}


def test_two_sheets_that_agree_wait_for_the_approver_and_then_decide(cast: Cast, at: datetime, review: Review) -> None:
    for kind, who in (("first", cast.home.first), ("second", cast.home.second)):
        seat = taken(review, kind, who, at)
        client = as_(who)
        for _twice in range(2):
            assert client.post(url("score", seat.pk), SHEET)["Location"] == url("queue")
        assert "You handed this in" in client.get(url("score", seat.pk)).content.decode()
    last = taken(review, "approver", cast.home.approver, at)
    client = as_(cast.home.approver)
    assert "Free to take" not in client.get(url("queue")).content.decode()
    page = client.get(url("approve", last.pk)).content.decode()
    assert "One assessor" in page and page.count("Say which note.") == 2 and cast.home.first.name not in page
    for data, field in (({}, "approved"), ({"approved": "no"}, "note")):
        refused = client.post(url("approve", last.pk), data)
        assert refused.status_code == 422 and f'href="#{field}"' in refused.content.decode()
    for _twice in range(2):
        assert client.post(url("approve", last.pk), {"approved": "yes"}).status_code == 302
    review.refresh_from_db()
    assert (review.outcome, review.result["levels"]) == ("not_yet", ONE)
    assert "It is decided" in client.get(url("approve", last.pk)).content.decode()


def test_a_moderator_sees_both_and_decides_the_rest(cast: Cast, at: datetime, review: Review) -> None:
    hand(review, "first", YES, cast.home.first, at)
    hand(review, "second", ONE, cast.home.second, at)
    seat = taken(review, "moderator", cast.home.approver, at)
    client = as_(cast.home.approver)
    page = client.get(url("moderate", seat.pk)).content.decode()
    assert "They agree. This one is not yours to change." in page and 'name="level-describes"' not in page
    assert client.post(url("moderate", seat.pk), {"do": "hand_in"}).status_code == 422
    typed = {"level-links": "cannot_tell", "comment-links": "The photo is dark."}
    said = client.post(url("moderate", seat.pk), {**typed, "do": "keep"}, headers={"accept": "application/json"})
    assert said.json()["scored"] == "1 of 1 scored"
    bad = client.post(url("moderate", seat.pk), {"level-links": "?"}, headers={"accept": "application/json"})
    assert bad.status_code == 422
    assert client.post(url("moderate", seat.pk), {**typed, "do": "later"}).status_code == 302
    for _twice in range(2):
        assert client.post(url("moderate", seat.pk), {**typed, "do": "hand_in"}).status_code == 302
    review.refresh_from_db()
    assert review.result["levels"]["links"] == "cannot_tell"
    assert "It is decided" in client.get(url("moderate", seat.pk)).content.decode()


def test_an_approver_who_says_no_sends_it_on(cast: Cast, at: datetime, review: Review) -> None:
    hand(review, "first", YES, cast.home.first, at)
    hand(review, "second", YES, cast.home.second, at)
    seat = taken(review, "approver", cast.home.approver, at)
    answer = as_(cast.home.approver).post(
        url("approve", seat.pk), {"approved": "no", "note": "A face in photo 1."}, follow=True
    )
    assert "Somebody else scores it anew" in answer.content.decode()


def test_an_appeal_is_heard_and_answered(cast: Cast, at: datetime, review: Review) -> None:
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    hand(review, "first", ONE, cast.home.first, at)
    hand(review, "second", ONE, cast.home.second, at)
    appeal = actions.open_appeal(review=review, reason="I, Marisol, did say it.", by=cast.learner, at=at)
    assert "A second look is asked for" not in as_(cast.home.first).get(url("queue")).content.decode()
    client = as_(cast.home.approver)
    assert "A second look is asked for" in client.get(url("queue")).content.decode()
    refused = as_(cast.home.first).post(url("take_appeal", appeal.pk), follow=True).content.decode()
    assert "You already sit in this review" in refused
    assert client.get(url("appeal", appeal.pk)).status_code == 404
    assert client.post(url("take_appeal", appeal.pk))["Location"] == url("appeal", appeal.pk)
    page = client.get(url("appeal", appeal.pk)).content.decode()
    assert "I, ▇▇▇, did say it." in page and 'name="level-links"' in page and 'name="level-describes"' not in page
    assert "a second look" in client.get(url("queue")).content.decode()
    typed = {"level-links": "demonstrated", "answer": "Note 3 shows it."}
    assert client.post(url("appeal", appeal.pk), {**typed, "do": "later"}).status_code == 302
    said = client.post(url("appeal", appeal.pk), {**typed, "do": "keep"}, headers={"accept": "application/json"})
    assert said.json()["scored"] == "1 of 1 scored"
    assert (
        client.post(url("appeal", appeal.pk), {"level-links": "?"}, headers={"accept": "application/json"}).status_code
        == 422
    )
    assert client.post(url("appeal", appeal.pk), {**typed, "do": "hand_in"}).status_code == 422
    for _twice in range(2):
        assert client.post(url("appeal", appeal.pk), {**typed, "upheld": "yes", "do": "hand_in"}).status_code == 302
    review.refresh_from_db()
    assert review.outcome == "demonstrated"
    assert client.get(url("appeal", appeal.pk)).status_code == 200


# --- files ----------------------------------------------------------------------------------------------


def test_files_open_for_who_sits_there_and_nobody_else(cast: Cast, at: datetime, review: Review) -> None:
    picture = Artifact.objects.get(kind="photo")
    address = url("file", review.submission.pk, picture.pk)
    assert as_(cast.home.first).get(address).status_code == 404
    taken(review, "first", cast.home.first, at)
    answer = as_(cast.home.first).get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert "marisol" not in str(answer.headers).lower()
    other = photo(review.submission.enrollment, at)
    for wrong in (other.pk, Artifact.objects.get(kind="link").pk, uuid4()):
        assert as_(cast.home.first).get(url("file", review.submission.pk, wrong)).status_code == 404
    default_storage.delete(picture.blob.path)
    assert as_(cast.home.first).get(address).status_code == 404


# --- somebody from outside ------------------------------------------------------------------------------


def invite(cast: Cast, review: Review, **changes: str) -> Any:
    data = {"do": "invite", "name": "Dr. Outside", "until": "2026-12-01", "key": "k1", **changes}
    return as_(cast.home.approver).post(url("outside", review.pk), data)


def link_in(answer: Any) -> str:
    text = answer.content.decode()
    start = text.index("/review/")
    return text[start : text.index("<", start)]


def test_a_link_scores_one_seat_once(cast: Cast, at: datetime, review: Review) -> None:
    assert as_(cast.home.approver).get(url("outside", review.pk)).status_code == 200
    assert invite(cast, review, until="someday").status_code == 422
    assert invite(cast, review, name="").status_code == 422
    link = link_in(invite(cast, review))
    assert link == link_in(invite(cast, review)), "the same request twice gives the same link"
    guest = Client()
    page = guest.get(link)
    assert (
        page.status_code == 200
        and page["X-Robots-Tag"].startswith("noindex")
        and "Dr. Outside" in page.content.decode()
    )
    assert "▇▇▇" in page.content.decode() and "Marisol" not in page.content.decode()
    picture = Artifact.objects.get(kind="photo")
    assert guest.get(f"{link}file/{picture.pk}/").status_code == 200
    assert guest.post(link, {"do": "hand_in"}).status_code == 422
    said = guest.post(link, {**SHEET, "do": "keep"}, headers={"accept": "application/json"})
    assert said.json()["scored"] == "2 of 2 scored"
    assert guest.post(link, {"level-links": "?"}, headers={"accept": "application/json"}).status_code == 422
    assert guest.post(link, SHEET)["Location"] == link
    assert "Your scores are in" in guest.get(link).content.decode()
    assert "Your scores are in" in guest.post(link, {**SHEET, "level-links": "demonstrated"}).content.decode()
    assert Score.objects.get(criterion="links").level == "not_yet", "a used link changes nothing"
    assert guest.get(f"{link}file/{picture.pk}/").status_code == 404
    assert "handed in on" in as_(cast.home.approver).get(url("outside", review.pk)).content.decode()


def test_a_link_ends_with_its_day_or_by_hand_and_cannot_be_guessed(
    cast: Cast, at: datetime, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_in(invite(cast, review))
    monkeypatch.setattr("django.utils.timezone.now", lambda: at + timedelta(days=30))
    assert Client().get(link).status_code == 410 and Client().post(link, SHEET).status_code == 410
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    client = as_(cast.home.approver)
    for _twice in range(2):
        assert client.post(url("outside", review.pk), {"do": "end"}).status_code == 302
    assert Client().get(link).status_code == 404
    answers = {Client().get(f"/review/{i:048d}/").status_code for i in range(40)}
    assert answers == {404, 429}


def test_a_link_waits_for_the_completeness_check(cast: Cast, at: datetime) -> None:
    review = opened(cast.learner, cast.home, at)
    assert "Not ready yet" in Client().get(link_in(invite(cast, review))).content.decode()


# --- calibration, agreement, phrases, exemplars ---------------------------------------------------------


def test_calibrating_from_the_first_example_to_the_seat(cast: Cast, at: datetime) -> None:
    examples = [exemplar(cast.home, at, f"Example {i}", (YES, ONE, NO)[i]) for i in range(3)]
    client = as_(cast.home.first)
    assert "You are not calibrated yet" in client.get(url("queue")).content.decode()
    assert "Score the first example" in client.get(url("calibrate")).content.decode()
    page = client.get(url("example", examples[0].pk)).content.decode()
    assert "checked" not in page, "the true scores stay hidden"
    assert client.post(url("example", examples[0].pk), {}).status_code == 422
    for i, levels in enumerate((YES, ONE, NO)):
        answer = client.post(url("example", examples[i].pk), {f"level-{k}": v for k, v in levels.items()})
        assert answer.status_code == 302
    assert Calibration.objects.get().matched == 6
    assert "You matched 6 of 6" in client.get(url("calibrate")).content.decode()
    assert "You have scored this one" in client.get(url("example", examples[0].pk)).content.decode()
    assert "You matched 6 of 6" in client.get(url("agreement")).content.decode()
    assert "Calibrated until November 23, 2027" in client.get(url("queue")).content.decode()


def test_a_miss_says_when_to_come_back(cast: Cast, at: datetime) -> None:
    one = exemplar(cast.home, at)
    client = as_(cast.home.first)
    missed = client.post(url("example", one.pk), {f"level-{k}": v for k, v in NO.items()}, follow=True).content.decode()
    assert "You matched 1 of 2 true scores; 80% is needed." in missed
    assert "The examples open again on December 7, 2026" in missed
    assert "Not calibrated now" in client.get(url("agreement")).content.decode()


def test_agreement_is_shown_from_eleven_scores_on(cast: Cast, at: datetime) -> None:
    def judge(n: int, second: dict) -> None:
        for _i in range(n):
            review = scoring(make_person(f"Learner {uuid4()}", at), cast.home, at)
            hand(review, "first", YES, cast.home.first, at)
            hand(review, "second", second, cast.home.second, at)

    calibrate(at, cast.home.first, cast.home.second, cast.home.approver, house=cast.home)
    judge(3, YES)
    client = as_(cast.home.first)
    page = client.get(url("agreement")).content.decode()
    assert "6 scores made by two people so far" in page and "Hidden, fewer than 11" in page
    judge(2, YES)
    judge(3, ONE)
    for seat in Seat.objects.filter(kind="moderator"):
        actions.take(seat=seat, by=cast.home.approver, at=at)
        fill(seat, {"links": "not_yet"}, cast.home.approver, at)
        actions.moderate(seat=seat, by=cast.home.approver, at=at)
    figures = queries.agreement(cast.home.micro_credential)
    assert (figures.n, figures.matched, figures.percent) == (16, 13, 13 / 16)
    assert figures.kappa == 0.0 and figures.apart[0][0] == "links"
    page = client.get(url("agreement")).content.decode()
    assert "Links notes to growth" in page and "81%" in page and "Range" in page
    assert "Most often apart" in client.get(url("queue")).content.decode()
    assert queries.agreement(cast.away.micro_credential).n == 0


def test_phrases_come_and_go_and_reach_the_sheet(cast: Cast, at: datetime, review: Review) -> None:
    client = as_(cast.home.first)
    assert "None yet" in client.get(url("phrases")).content.decode()
    refused = client.post(url("phrases"), {"do": "add", "en": "Date each note."})
    assert refused.status_code == 422 and b"Date each note." in refused.content and b'href="#es"' in refused.content
    for _twice in range(2):
        assert (
            client.post(url("phrases"), {"do": "add", "en": "Date each note.", "es": "Feche cada nota."}).status_code
            == 302
        )
    phrase = Phrase.objects.get()
    seat = taken(review, "first", cast.home.first, at)
    page = client.get(url("score", seat.pk)).content.decode()
    assert "Date each note." in page and "Feche cada nota." in page
    client.post(url("score", seat.pk), {"phrases-links": f"p{phrase.pk}", "do": "later"})
    for value in ("rubbish", str(uuid4())):
        assert client.post(url("phrases"), {"do": "retire", "phrase": value}).status_code == 404
    assert client.post(url("phrases"), {"do": "retire", "phrase": str(phrase.pk)}).status_code == 302
    page = client.get(url("score", seat.pk)).content.decode()
    assert "Date each note." in page, "a chosen phrase stays when it is put away"
    assert client.post(url("score", seat.pk), {**SHEET, "phrases-links": "kept0", "do": "later"}).status_code == 302


def test_authors_and_leads_keep_the_exemplars(cast: Cast, at: datetime, review: Review) -> None:
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    hand(review, "first", ONE, cast.home.first, at)
    hand(review, "second", ONE, cast.home.second, at)
    assert as_(cast.home.first).get(url("exemplars")).status_code == 403
    assert as_(cast.away.author).get(url("exemplars")).status_code == 404
    assert as_(cast.home.lead).get(url("exemplars")).status_code == 200
    client = as_(cast.home.author)
    page = client.get(url("exemplars")).content.decode()
    assert "nobody can calibrate" in page and review.submission.code in page
    form = url("exemplar_new", cast.home.version.pk)
    assert client.get(form).status_code == 200
    page = client.get(f"{form}?from={review.pk}").content.decode()
    assert "▇▇▇" in page and "Marisol" not in page and "Show the 3 files" in page
    for bad in ("rubbish", str(uuid4())):
        assert client.get(f"{form}?from={bad}").status_code == 404
    data = {"title": "Two notes", "answer-setting": "I watched L.", "level-describes": "demonstrated"}
    assert client.post(form, data).status_code == 422
    data["level-links"] = "not_yet"
    assert client.post(form, {**data, "from": str(review.pk)}).status_code == 422
    picture = str(Artifact.objects.get(kind="photo").pk)
    assert client.post(form, {**data, "from": str(review.pk), "agreed": "1", "files": "1"}).status_code == 302
    one = Exemplar.objects.get()
    assert one.content["artifacts"]["notes"][0] == picture
    watching = as_(cast.home.approver)
    shown = watching.get(url("example", one.pk)).content.decode()
    address = url("file", review.submission.pk, picture)
    assert address in shown and watching.get(address).status_code == 200
    assert client.post(url("exemplar_put_away", one.pk)).status_code == 302
    assert watching.get(address).status_code == 404 and watching.get(url("example", one.pk)).status_code == 404
    draft = make_version(cast.home.program, at, slug="draft", published=False)
    assert client.get(url("exemplar_new", draft.pk)).status_code == 404


# --- strangers ------------------------------------------------------------------------------------------


def test_no_page_opens_to_strangers_or_other_houses(cast: Cast, at: datetime, review: Review) -> None:
    seat = taken(review, "first", cast.home.first, at)
    example = exemplar(cast.home, at)
    pages = [
        url("queue"), url("give_back"), url("check", review.pk), url("score", seat.pk), url("approve", seat.pk),
        url("moderate", seat.pk), url("outside", review.pk), url("calibrate"), url("example", example.pk),
        url("agreement"), url("phrases"), url("exemplars"), url("exemplar_new", cast.home.version.pk),
        url("file", review.submission.pk, uuid4()), url("appeal", uuid4()),
    ]  # fmt: skip
    posts = [url("take"), url("keys"), url("hand_on", review.pk), url("take_appeal", uuid4()),
             url("exemplar_put_away", example.pk)]  # fmt: skip
    for page in pages:
        assert Client().get(page).status_code == 302, page
        for who in (cast.stranger, cast.away.first, cast.learner):
            assert as_(who).get(page).status_code == 404, page
    for page in posts:
        assert Client().post(page).status_code == 302, page
        assert as_(cast.home.administrator).get(page).status_code == 405, page
        for who in (cast.stranger, cast.away.first):
            assert as_(who).post(page).status_code == 404, page
    assert as_(cast.home.lead).get(url("queue")).status_code == 403
    assert as_(cast.home.second).get(url("score", seat.pk)).status_code == 404, "a colleague's seat"
    assert as_(cast.home.second).get(url("approve", seat.pk)).status_code == 403


def test_pages_speak_spanish(cast: Cast, at: datetime, review: Review) -> None:
    seat = taken(review, "first", cast.home.first, at)
    for page in (url("queue"), url("score", seat.pk), url("calibrate"), url("agreement"), url("phrases")):
        text = as_(cast.home.first).get(page, headers={"accept-language": "es"}).content.decode()
        assert '<html lang="es"' in text and "Hand in my scores" not in text and "Your queue" not in text
