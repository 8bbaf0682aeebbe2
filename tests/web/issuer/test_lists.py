"""A list on the screen: sent, looked at, mended, confirmed, watched, taken along. Without script."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from fieldstone.server.awards.models import Award
from fieldstone.server.backpack.actions import pickup_token
from fieldstone.server.backpack.models import Batch, Pickup
from fieldstone.server.catalog import actions as catalog
from fieldstone.server.management.worker import drain
from fieldstone.server.people.models import Membership
from fieldstone.server.web.shared.access import now
from tests.cast import Cast, make_person

HEAD = "Name,E-mail,Evidence\n"
HERE = "/o/home/issue/lists/"


def file(text: str) -> io.BytesIO:
    out = io.BytesIO(text.encode())
    out.name = "list.csv"
    return out


@pytest.fixture
def issuer(cast: Cast, at: datetime) -> Client:
    catalog.allow_lists(program=cast.home.program, policy="one", by=cast.home.administrator, at=at)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.home.issuer)
    return client


def send(client: Client, cast: Cast, text: str) -> Any:
    return client.post(f"{HERE}new/", {"version": str(cast.home.version.pk), "file": file(text)})


def test_from_the_file_to_the_result(issuer: Client, cast: Cast) -> None:
    answer = send(issuer, cast, HEAD + "=Ana,ana@example,Led.\nBo,bo@example.org,Led.\n")
    page = issuer.get(answer.headers["Location"]).content.decode()
    assert "1 row has something to mend" in page and "Write an e-mail address" in page and "Award " not in page
    first = Batch.objects.get()
    given_back = issuer.get(f"{HERE}{first.pk}/mend.csv")
    rows = list(csv.reader(io.StringIO(given_back.content.decode("utf-8-sig"))))
    assert rows[0] == ["Row", "Problems", "Name", "E-mail", "Evidence"]
    assert rows[1][0] == "2" and "e-mail address" in rows[1][1] and rows[1][2] == "'=Ana"
    mended = given_back.content.decode("utf-8-sig").replace("ana@example,", "ana@example.org,")
    page = send(issuer, cast, mended)
    second = Batch.objects.exclude(pk=first.pk).get()
    page = issuer.get(f"{HERE}{second.pk}/").content.decode()
    assert "2 people, nothing to mend" in page and "Award 2 credentials" in page and "=Ana" in page
    assert issuer.post(f"{HERE}{first.pk}/do/", {"do": "start"}).status_code == 422
    for _twice in range(2):
        assert issuer.post(f"{HERE}{second.pk}/do/", {"do": "start"}).status_code == 302
    page = issuer.get(f"{HERE}{second.pk}/").content.decode()
    assert "0 of 2 rows done" in page and "<progress" in page and "Pause" in page
    drain(at=now())
    page = issuer.get(f"{HERE}{second.pk}/").content.decode()
    assert "2 of 2 rows done" in page and "Awarded: 2" in page
    result = issuer.get(f"{HERE}{second.pk}/result.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(result)))
    assert [row[3] for row in rows] == ["result", "Awarded", "Awarded"] and rows[1][1] == "'=Ana"
    listed = issuer.get("/o/home/issue/").content.decode()
    assert listed.count("Not picked up yet") == 2 and "Account erased" not in listed
    award = Award.objects.get(pickups__email="bo@example.org")
    public = Client(headers={"Accept-Language": "en"}).get(f"/c/{award.code}/").content.decode()
    assert "Recorded from a list by Home College. No evidence was assessed on this site." in public
    assert "Assessors using this rubric" not in public and "genuine and valid" in public
    issuer.post(f"{HERE}{first.pk}/do/", {"do": "stop"})
    assert issuer.get(f"{HERE}{first.pk}/").status_code == 404
    assert issuer.get(f"{HERE}{second.pk}/mend.csv").status_code == 404


def test_a_column_is_called_as_the_page_explains_it(issuer: Client, cast: Cast) -> None:
    answer = send(issuer, cast, "Name,E-mail,Evidence,Date\nAna,ana@example.org,Led.,2026-13-45\n")
    page = issuer.get(answer.headers["Location"]).content.decode()
    assert ">Date</td>" in page and ">awarded</td>" not in page
    answer = send(issuer, cast, "Name,E-mail,Evidence,Date awarded,Expires\nAna,ana@example.org,Led.,soon,never\n")
    page = issuer.get(answer.headers["Location"]).content.decode()
    assert ">Date awarded</td>" in page and ">Expires</td>" in page
    answer = send(issuer, cast, "Wrong\nx\n")
    page = issuer.get(answer.headers["Location"]).content.decode()
    assert ">file</td>" not in page and 'class="btn" href="/o/home/issue/lists/new/"' in page


def test_pause_go_on_end(issuer: Client, cast: Cast) -> None:
    send(issuer, cast, HEAD + "Ana,ana@example.org,Led.\n")
    do = f"{HERE}{Batch.objects.get().pk}/do/"
    assert issuer.post(do, {"do": "pause"}).status_code == 409
    assert issuer.post(do, {"do": "dance"}).status_code == 404
    for what, words in (("start", "Pause"), ("pause", "Go on"), ("continue", "Pause"), ("stop", "ended early")):
        assert issuer.post(do, {"do": what}).status_code == 302
        assert words in issuer.get(do.removesuffix("do/")).content.decode()
    drain(at=now())
    assert not Award.objects.exists()


def test_a_second_person(issuer: Client, cast: Cast, at: datetime) -> None:
    catalog.allow_lists(program=cast.home.program, policy="two", by=cast.home.administrator, at=at)
    send(issuer, cast, HEAD + "Ana,ana@example.org,Led.\n")
    here = f"{HERE}{Batch.objects.get().pk}/"
    assert "After you, another issuer has to confirm it" in issuer.get(here).content.decode()
    issuer.post(here + "do/", {"do": "start"})
    assert "another issuer has to confirm it here" in issuer.get(here).content.decode()
    second = Client(headers={"Accept-Language": "en"})
    person = make_person("Second Issuer", at)
    Membership.objects.create(user=person, organization=cast.home.organization, role="issuer", granted_at=at)
    second.force_login(person)
    assert "You are the second person" in second.get(here).content.decode()
    second.post(here + "do/", {"do": "start"})
    assert Batch.objects.get().people == 2


def test_what_is_refused(issuer: Client, cast: Cast, at: datetime) -> None:
    for form, words in (
        ({}, "Choose a micro-credential."),
        ({"version": str(cast.away.version.pk), "file": file("x")}, "Choose a micro-credential."),
        ({"version": str(cast.home.version.pk)}, "Choose the file."),
        ({"version": str(cast.home.version.pk)}, "Everything you wrote is kept."),
        ({"version": str(cast.home.version.pk), "file": file("x" * 25_000_001)}, "larger than 8 MB"),
        ({"version": str(cast.home.version.pk), "file": file("x" * 8_000_001)}, "larger than 8 MB"),
    ):
        answer = issuer.post(f"{HERE}new/", form)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert "cannot be read yet" in issuer.get(send(issuer, cast, "").headers["Location"]).content.decode()
    assert issuer.get(f"{HERE}example.csv").content.decode("utf-8-sig").startswith("name,email,narrative,date")
    admin = Client(headers={"Accept-Language": "en"})
    admin.force_login(cast.home.administrator)
    assert admin.post("/o/home/admin/lists/", {"lists-early-childhood": "maybe"}).status_code == 422
    assert admin.post("/o/home/admin/lists/", {"lists-early-childhood": "no"}).status_code == 302
    assert "No program here" in issuer.get(HERE).content.decode()
    assert issuer.get("/o/home/admin/lists/").status_code == 403


def test_the_link_is_sent_again_to_the_right_address(issuer: Client, cast: Cast) -> None:
    send(issuer, cast, HEAD + "Ana,wrong@example.org,Led.\n")
    issuer.post(f"{HERE}{Batch.objects.get().pk}/do/", {"do": "start"})
    drain(at=now())
    award = Award.objects.get()
    Pickup.objects.update(not_me_at=now())
    assert "this is not me" in issuer.get(HERE).content.decode()
    here = f"/o/home/issue/{award.pk}/link/"
    assert "Write the right address" in issuer.get(here).content.decode()
    assert issuer.post(here, {"email": "nobody"}).status_code == 422
    assert issuer.post(here, {"email": "ana@example.org"}).status_code == 302
    assert award.pickups.latest("made_at").email == "ana@example.org"


def test_the_pages_ask_the_database_no_more_for_more(
    issuer: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    send(issuer, cast, HEAD + "".join(f"P{n},p{n}@example.org,Led.\n" for n in range(30)))
    here = f"{HERE}{Batch.objects.get().pk}/"
    issuer.post(here + "do/", {"do": "start"})
    drain(at=now())
    for page, most in ((here, 12), (HERE, 11), ("/o/home/issue/", 10), (here + "result.csv", 9)):
        with django_assert_max_num_queries(most):
            answer = issuer.get(page)
            assert answer.status_code == 200


def test_the_same_file_again_says_that_nothing_new_was_awarded(issuer: Client, cast: Cast) -> None:
    text = HEAD + "Ana,ana@example.org,Led.\nBo,bo@example.org,Led.\n"
    first = send(issuer, cast, text).headers["Location"]
    issuer.post(first + "do/", {"do": "start"})
    drain(at=now())
    again = issuer.post(f"{HERE}new/", {"version": str(cast.home.version.pk), "file": file(text)}, follow=True)
    assert again.redirect_chain[0][0] == first and "This very file was brought before" in again.content.decode()
    assert "This very file" not in issuer.get(first).content.decode()
    more = send(issuer, cast, text + "Cy,cy@example.org,Led.\n").headers["Location"]
    page = issuer.get(more).content.decode()
    assert "3 people, nothing to mend" in page and "2 of them have it already and get no second one." in page
    issuer.post(more + "do/", {"do": "start"})
    drain(at=now())
    assert Award.objects.count() == 3 and "Had it already: 2" in issuer.get(more).content.decode()


def test_dates_and_language_are_read_back_in_words(issuer: Client, cast: Cast) -> None:
    head = "Name,E-mail,Evidence,Date,Valid until,Language\n"
    page = issuer.get(send(issuer, cast, head + "Ana,ana@example.org,Led.,5/31/2026,,es\n").headers["Location"])
    shown = page.content.decode()
    assert "May 31, 2026" in shown and "Español</td>" in shown and "Shown on" in shown
    page = issuer.get(send(issuer, cast, head + "Ana,ana@example.org,Led.,03/04/2026,,\n").headers["Location"])
    assert "can be 2026-03-04 or 2026-04-03" in page.content.decode()


def waiting(issuer: Client, cast: Cast) -> Award:
    send(issuer, cast, "name,email,narrative,language\nAna,ana@example.org,Led.,es\n")
    issuer.post(f"{HERE}{Batch.objects.get().pk}/do/", {"do": "start"})
    drain(at=now())
    mail.outbox.clear()
    return Award.objects.get()


def test_what_happens_to_one_that_waits_is_mailed_to_its_address(issuer: Client, cast: Cast) -> None:
    award = waiting(issuer, cast)
    here, pickup = f"/o/home/issue/{award.pk}/", Pickup.objects.get()
    link = f"/pickup/{pickup_token(pickup)}/"
    said = []
    for what, form in (
        ("pause", {"reason": "Wrong sheet?"}),
        ("reinstate", {}),
        ("withdraw", {"reason": "Wrong sheet.", "sure": "on"}),
    ):
        answer = issuer.post(f"{here}{what}/", form, follow=True).content.decode()
        assert "A mail goes to ana@example.org." in answer and "holder is told" not in answer
        drain(at=now())
        said.append(mail.outbox[-1])
        shown = Client(headers={"Accept-Language": "en"}).get(link).content.decode()
        assert ("Wrong sheet" in shown) == (what != "reinstate")
    assert [m.to for m in said] == [["ana@example.org"]] * 3 and len(mail.outbox) == 3
    assert [m.subject.split(":")[0] for m in said] == ["En pausa", "Válida de nuevo", "Retirada"]
    assert "Motivo: Wrong sheet." in said[2].body and link in said[2].body and "que le esperaba" in said[2].body
    page = issuer.get(here).content.decode()
    assert "To issue it again, bring a list with this person" in page and "Issue it again" not in page


def test_nobody_to_tell_is_said(issuer: Client, cast: Cast) -> None:
    award = waiting(issuer, cast)
    Pickup.objects.update(not_me_at=now())
    answer = issuer.post(f"/o/home/issue/{award.pk}/pause/", {"reason": "Looked into."}, follow=True).content.decode()
    assert "nobody is told by mail" in answer
    drain(at=now())
    assert not mail.outbox


def test_withdrawing_names_everything_that_is_missing_at_once(issuer: Client, cast: Cast) -> None:
    award = waiting(issuer, cast)
    page = issuer.post(f"/o/home/issue/{award.pk}/withdraw/", {"reason": " "}).content.decode()
    assert "Write the reason" in page and "Say that you are sure" in page and "2 things are missing" in page


def test_a_link_asked_for_twice_in_a_minute_is_said_to_be_one(issuer: Client, cast: Cast) -> None:
    award = waiting(issuer, cast)
    Pickup.objects.update(made_at=now() - timedelta(hours=1))
    here = f"/o/home/issue/{award.pk}/link/"
    first = issuer.post(here, {"email": "ana@example.org"}, follow=True).content.decode()
    assert "Older links to it have ended." in first
    second = issuer.post(here, {"email": "ana@example.org"}, follow=True).content.decode()
    assert "Nothing was sent again." in second and "Older links" not in second
