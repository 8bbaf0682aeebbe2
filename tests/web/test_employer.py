"""The recognizer's screens and the learner's claims."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fieldstone.server.awards import actions as awards
from fieldstone.server.people.models import User
from fieldstone.server.recognition import actions
from fieldstone.server.recognition.models import Claim, Promise
from tests.cast import Cast, make_person
from tests.pathways.makers import hold, make_stack
from tests.recognition.makers import make_award, make_promise

FORM: dict[str, Any] = {
    "kind": "raise", "headline_en": "A raise of $1", "headline_es": "", "terms_en": "From the next month on.",
    "terms_es": "", "amount": "$1 an hour", "answer_days": "10", "starts_on": "2026-11-01", "ends_on": "2126-10-31",
}  # fmt: skip


@pytest.fixture
def recognizer(client: Client, cast: Cast) -> Client:
    """Signed in as the other institution's recognizer."""
    client.force_login(cast.away.recognizer)
    return client


@pytest.fixture
def make_claim(cast: Cast, at: datetime) -> Callable[..., Claim]:
    """Claims on one promise, each by somebody new unless a learner is named."""

    def make(promise: Promise | None = None, learner: User | None = None, *, note: str = "", days: int = 0) -> Claim:
        learner = learner or make_person(f"Person {uuid4().hex[:6]}", at)
        when = timezone.now() - timedelta(days=days)
        award = make_award(learner, cast.home.version, timezone.now())
        promise = promise or make_promise(cast, at)
        return actions.claim(promise=promise, award=award, note=note, key="", by=learner, at=when)

    return make


def test_a_promise_from_search_to_the_public_list(recognizer: Client, cast: Cast) -> None:
    assert "No promise yet" in recognizer.get("/o/away/promises/").content.decode()
    assert "Observing and recording" not in recognizer.get("/o/away/promises/new/").content.decode()
    found = recognizer.get("/o/away/promises/new/", {"q": "recording"}).content.decode()
    address = f"/o/away/promises/new/m/{cast.home.micro_credential.pk}/"
    assert address in found
    assert " word" not in found.split("<main")[1].split("</form>")[0]
    form = recognizer.get(address).content.decode()
    assert "One language is enough" in form
    key = str(uuid4())
    answers = [recognizer.post(address, {**FORM, "key": key}) for _twice in range(2)]
    promise = Promise.objects.get()
    assert {a.headers["Location"] for a in answers} == {f"/o/away/promises/{promise.pk}/"}
    assert (promise.headline, promise.answer_days) == ({"en": "A raise of $1"}, 10)
    assert (promise.starts_on, promise.ends_on) == (date(2026, 11, 1), date(2126, 10, 31))
    page = recognizer.get("/o/away/promises/").content.decode()
    assert "A raise of $1" in page and "New. No record yet." in page
    public = Client().get("/m/home/observing/").content.decode()
    assert "A raise of $1" in public


def test_a_stack_can_be_chosen(recognizer: Client, cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at, by=cast.home.author).stack
    page = recognizer.get("/o/away/promises/new/", {"q": "DESARROLLO infantil"}).content.decode()
    assert f"/new/s/{stack.pk}/" in page
    answer = recognizer.post(f"/o/away/promises/new/s/{stack.pk}/", {**FORM, "key": "k"})
    assert answer.status_code == 302
    assert Promise.objects.get().stack == stack
    assert "Nothing fits" in recognizer.get("/o/away/promises/new/", {"q": "welding"}).content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"headline_en": ""}, "headline_en", "Write this. It is needed."),
        ({"headline_en": "", "headline_es": "x" * 121}, "headline_es", "Shorten this to 120 signs."),
        ({"terms_en": "x" * 2001}, "terms_en", "Shorten this to 2000 signs."),
        ({"kind": "love"}, "kind", "Choose what is promised."),
        ({"answer_days": "soon"}, "answer_days", "Give a whole number from 1 to 365."),
        ({"answer_days": "9" * 40}, "answer_days", "Give a whole number from 1 to 365."),
        ({"starts_on": "tomorrow"}, "starts_on", "Write a date such as"),
        ({"ends_on": "2027-02-30"}, "ends_on", "Write a date such as"),
        ({"ends_on": "2026-10-31"}, "ends_on", "The end lies before the beginning."),
        ({"amount": "x" * 61}, "amount", "Shorten this to 60 signs."),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    recognizer: Client, cast: Cast, changes: dict[str, str], field: str, words: str
) -> None:
    address = f"/o/away/promises/new/m/{cast.home.micro_credential.pk}/"
    answer = recognizer.post(address, {**FORM, "terms_es": "Desde el mes que viene.", **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}"' in page and f'id="{field}-error"' in page and words in page
    assert "Desde el mes que viene." in page
    assert not Promise.objects.exists()


def test_rubbish_is_refused_and_nothing_breaks(recognizer: Client, cast: Cast) -> None:
    address = f"/o/away/promises/new/m/{cast.home.micro_credential.pk}/"
    assert recognizer.post(address, {}).status_code == 422
    assert recognizer.post(address, {**FORM, "headline_en": "\x00", "key": "\x00" * 900}).status_code == 422
    assert recognizer.post(address, b"\xff\xfe\x00", content_type="application/octet-stream").status_code == 422
    assert recognizer.get(f"/o/away/promises/new/x/{cast.home.micro_credential.pk}/").status_code == 404
    assert recognizer.get(f"/o/away/promises/new/m/{uuid4()}/").status_code == 404
    assert recognizer.get(f"/o/away/promises/new/s/{cast.home.micro_credential.pk}/").status_code == 404
    assert recognizer.get("/o/away/promises/new/", {"q": "\x00" * 300}).status_code == 200
    assert recognizer.get("/o/away/promises/", {"page": "x"}).status_code == 200


def test_withdrawing_asks_first(recognizer: Client, cast: Cast, at: datetime, make_claim: Any) -> None:
    promise = make_promise(cast, at)
    make_claim(promise)
    address = f"/o/away/promises/{promise.pk}/withdraw/"
    assert "1 claim waits for your answer and stays due." in recognizer.get(address).content.decode()
    promise.refresh_from_db()
    assert promise.withdrawn_at is None
    for _twice in range(2):
        assert recognizer.post(address).status_code == 302
    assert "Withdrawn on" in recognizer.get(f"/o/away/promises/{promise.pk}/").content.decode()
    assert Client().get("/m/home/observing/").content.decode().count("Interview within") == 0


def test_claims_stand_by_due_date_with_the_credential_alone(
    recognizer: Client, cast: Cast, at: datetime, make_claim: Any
) -> None:
    assert "Nothing waits" in recognizer.get("/o/away/promises/claims/").content.decode()
    promise = make_promise(cast, at)
    make_claim(promise, cast.other_learner, days=2)
    late = make_claim(promise, cast.learner, note="Text me: 931 555 0142", days=20)
    User.objects.filter(pk=cast.learner.pk).update(phone="931 555 9999", area="Sparta", name="Changed Later")
    page = recognizer.get("/o/away/promises/claims/").content.decode()
    assert page.index("Marisol Vega") < page.index("Other Learner")
    assert "is late" in page and "observe children and record" in page
    assert f"/c/{late.award.code}/" in page
    one = recognizer.get(f"/o/away/promises/claims/{late.pk}/").content.decode()
    assert "Text me: 931 555 0142" in one and "Marisol Vega" in one
    for private in (cast.learner.email, "931 555 9999", "Sparta", "Changed Later", "I saw them share."):
        assert str(private) not in page + one
    front = recognizer.get("/o/away/promises/").content.decode()
    assert "2 claims wait for your answer." in front and "1 is past its date." in front
    assert "No answer in time: 1." in front


def test_an_answer_is_asked_for_twice_and_is_final(
    recognizer: Client, cast: Cast, at: datetime, make_claim: Any
) -> None:
    claim = make_claim(learner=cast.learner)
    address = f"/o/away/promises/claims/{claim.pk}/"
    assert recognizer.post(address, {}).status_code == 422
    nothing = recognizer.post(address, {"outcome": "declined", "reason": " "})
    assert nothing.status_code == 422 and 'id="reason-error"' in nothing.content.decode()
    assert recognizer.post(address, {"outcome": "kept", "reason": "x" * 501}).status_code == 422
    sure = recognizer.post(address, {"outcome": "declined", "reason": "No place is free."})
    assert sure.status_code == 200 and "Is this your final answer?" in sure.content.decode()
    claim.refresh_from_db()
    assert claim.outcome == ""
    done = {"outcome": "declined", "reason": "No place is free.", "sure": "yes"}
    for _twice in range(2):
        assert recognizer.post(address, done).status_code == 302
    changed = recognizer.post(address, {"outcome": "kept", "sure": "yes"})
    assert changed.status_code == 409 and "answered already" in changed.content.decode()
    claim.refresh_from_db()
    assert (claim.outcome, claim.reason) == ("declined", "No place is free.")
    page = recognizer.get(address).content.decode()
    assert "No place is free." in page and "Go on" not in page
    assert "Declined" in recognizer.get("/o/away/promises/history/").content.decode()
    assert "Declined: 1." in recognizer.get("/o/away/promises/").content.decode()


def test_a_credential_that_changed_since_is_said(recognizer: Client, cast: Cast, at: datetime, make_claim: Any) -> None:
    claim = make_claim()
    address = f"/o/away/promises/claims/{claim.pk}/"
    awards.suspend(award=claim.award, reason="Looked into.", by=cast.home.issuer, at=at)
    assert "has paused this credential" in recognizer.get(address).content.decode()
    awards.reinstate(award=claim.award, by=cast.home.issuer, at=at)
    awards.withdraw(award=claim.award, reason="Issued by mistake.", by=cast.home.issuer, at=at)
    assert "has withdrawn this credential" in recognizer.get(address).content.decode()
    awards.forget(learner=claim.learner, at=at)
    page = recognizer.get(address).content.decode()
    assert "Account deleted" in page


def test_files_are_readable_and_hold_no_formula(recognizer: Client, cast: Cast, at: datetime, make_claim: Any) -> None:
    promise = make_promise(cast, at, headline={"en": '=HYPERLINK("http://x")'}, amount="@SUM(1)")
    claim = make_claim(promise, make_person("-2+3 Núñez", at))
    actions.answer(claim=claim, kept=False, reason="+1 for you", by=cast.away.recognizer, at=at)
    for name in ("promises", "claims"):
        answer = recognizer.get(f"/o/away/promises/{name}.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1 and len(rows) == 2
        assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
    assert "'-2+3 Núñez" in rows[1] and "'+1 for you" in rows[1]


@pytest.mark.parametrize("path", ["", "claims/", "history/"])
def test_pages_ask_the_same_number_of_questions_however_long(
    recognizer: Client, cast: Cast, at: datetime, make_claim: Any, path: str
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert recognizer.get(f"/o/away/promises/{path}").status_code == 200
        return len(asked)

    def more() -> None:
        claim = make_claim()
        actions.answer(claim=claim, kept=True, reason="", by=cast.away.recognizer, at=at)
        make_claim(claim.promise)

    more()
    few = questions()
    for _ in range(3):
        more()
    assert questions() == few <= 14


ADDRESSES = ["", "new/", "claims/", "history/", "promises.csv", "claims.csv", "{p}/", "{p}/withdraw/", "claims/{c}/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_else_gets_in(client: Client, cast: Cast, at: datetime, make_claim: Any, address: str) -> None:
    claim = make_claim()
    path = address.format(p=claim.promise.pk, c=claim.pk)
    assert client.get(f"/o/away/promises/{path}").headers["Location"].startswith("/sign-in/")
    client.force_login(cast.stranger)
    assert client.get(f"/o/away/promises/{path}").status_code == 404
    client.force_login(cast.away.administrator)
    assert client.get(f"/o/away/promises/{path}").status_code == 403
    client.force_login(cast.home.recognizer)
    assert client.get(f"/o/away/promises/{path}").status_code == 404
    if "{" in address:
        for answer in (
            client.get(f"/o/home/promises/{path}"),
            client.post(f"/o/home/promises/{path}", {"sure": "yes"}),
        ):
            assert answer.status_code in (404, 405)
        assert not Claim.objects.exclude(outcome="").exists()


# --- the learner ------------------------------------------------------------------------------------


def test_a_learner_claims_and_reads_the_answer(client: Client, cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at)
    client.force_login(cast.other_learner)
    assert "Nothing to claim right now" in client.get("/path/promises/").content.decode()
    award = make_award(cast.other_learner, cast.home.version, timezone.now())
    awards.share(award=award, audience="private", by=cast.other_learner, at=at)
    page = client.get("/path/promises/").content.decode()
    address = f"/credentials/{award.pk}/claim/{promise.pk}/"
    assert address in page
    assert "private now" in client.get(address).content.decode()
    long = client.post(address, {"note": "x" * 2001, "key": "k"})
    assert long.status_code == 422 and "x" * 2001 in long.content.decode()
    assert client.post(address, {"note": "no key"}).status_code == 400
    for _twice in range(2):
        assert client.post(address, {"note": "Call me.", "key": "k"}).headers["Location"] == "/path/promises/"
    claim = Claim.objects.get()
    award.refresh_from_db()
    assert (claim.note, award.audience) == ("Call me.", "link")
    page = client.get("/path/promises/").content.decode()
    assert "Answer by" in page and address not in page
    actions.answer(claim=claim, kept=False, reason="No place is free.", by=cast.away.recognizer, at=timezone.now())
    page = client.get("/path/promises/").content.decode()
    assert "Declined" in page and "No place is free." in page


def test_a_late_answer_is_said(client: Client, cast: Cast, make_claim: Any) -> None:
    make_claim(learner=cast.other_learner, days=20)
    client.force_login(cast.other_learner)
    assert "is late" in client.get("/path/promises/").content.decode()


def test_ended_promises_and_credentials_are_not_offered(client: Client, cast: Cast, at: datetime) -> None:
    award = make_award(cast.other_learner, cast.home.version, timezone.now())
    ended = make_promise(cast, at, ends_on=date(2026, 1, 2))
    client.force_login(cast.other_learner)
    assert "Nothing to claim right now" in client.get("/path/promises/").content.decode()
    answer = client.post(f"/credentials/{award.pk}/claim/{ended.pk}/", {"key": "k"})
    assert answer.status_code == 422 and "This promise has ended." in answer.content.decode()
    make_promise(cast, at)
    awards.withdraw(award=award, reason="Issued by mistake.", by=cast.home.issuer, at=at)
    assert "Nothing to claim right now" in client.get("/path/promises/").content.decode()


def test_another_persons_award_claims_nothing(client: Client, cast: Cast, at: datetime) -> None:
    promise = make_promise(cast, at)
    award = make_award(cast.learner, cast.home.version, at)
    client.force_login(cast.other_learner)
    assert client.post(f"/credentials/{award.pk}/claim/{promise.pk}/", {"key": "k"}).status_code == 404
    assert client.post(f"/credentials/{award.pk}/claim/{uuid4()}/", {"key": "k"}).status_code == 404
    assert not Claim.objects.exists()


def test_the_learners_page_asks_a_fixed_number_of_questions(client: Client, cast: Cast, at: datetime) -> None:
    client.force_login(cast.other_learner)
    award = make_award(cast.other_learner, cast.home.version, timezone.now())

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/path/promises/").status_code == 200
        return len(asked)

    def more() -> None:
        make_promise(cast, at)
        actions.claim(
            promise=make_promise(cast, at), award=award, note="", key="", by=cast.other_learner, at=timezone.now()
        )

    more()
    few = questions()
    more()
    more()
    assert questions() == few <= 13
