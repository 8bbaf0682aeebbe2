"""A learner's dates at a secret address: what a calendar app reads, who may read it, and when it stops."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from fieldstone.server.awards import actions as awards
from fieldstone.server.backpack.models import Brought
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.models import Entry, Tally
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways import aims
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import CalendarFeed, PrintedCode, User
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.recognition.models import Promise
from fieldstone.server.study import actions as study
from fieldstone.server.workplace import actions as workplace
from tests.awards.makers import make_review
from tests.cast import Cast, text
from tests.connections.kit import connect, make_app
from tests.pathways.makers import all_of, make_stack
from tests.web.town import WORKER, Town, make_town
from tests.workplace.makers import given, link_of, make_form, place
from tests.workplace.test_stacks import hours_part

PAGE = "/path/calendar/"


class Clock:
    """The time, as a test sets it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(at: datetime, monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock(at)
    monkeypatch.setattr(timezone, "now", found)
    return found


@pytest.fixture
def hers(cast: Cast, clock: Clock) -> Client:
    """The learner's browser; she reads English, and her dates are in her calendar."""
    User.objects.filter(pk=cast.learner.pk).update(language="en")
    cast.learner.refresh_from_db()
    client = Client()
    client.force_login(cast.learner)
    client.post(PAGE, {"do": "open"})
    return client


def address(cast: Cast) -> str:
    """What a calendar app asks for."""
    feed = CalendarFeed.objects.get(user=cast.learner, ended_at=None)
    return f"/calendar/{people.calendar_token(feed)}/dates.ics"


def read(cast: Cast, **headers: str) -> list[icalendar.cal.Component]:
    """The events that another program finds at her address."""
    answer = Client().get(address(cast), headers=headers)
    assert answer.status_code == 200
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def days(cast: Cast) -> dict[str, list[date]]:
    """Her days by what they are called."""
    found: dict[str, list[date]] = {}
    for event in read(cast):
        found.setdefault(str(event["SUMMARY"]), []).append(event.decoded("DTSTART"))
    return found


def make_promise(cast: Cast, at: datetime, ends_on: date | None, **target: Any) -> Promise:
    return recognition.promise(
        organization=cast.home.organization, kind="raise", headline=text("Fifty cents more"), terms=text("For all."),
        amount="$0.50", answer_days=10, starts_on=at.date(), ends_on=ends_on, by=None, at=at, **target,
    )  # fmt: skip


# --- the address ----------------------------------------------------------------------------------------------


def test_she_turns_it_on_takes_a_new_one_and_turns_it_off(cast: Cast, clock: Clock) -> None:
    client = Client()
    client.force_login(cast.learner)
    evidence.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=clock.at)
    assert f'href="{PAGE}"' in client.get("/path/").content.decode()
    assert "secret address" in client.get(PAGE).content.decode()
    for _twice in range(2):
        assert client.post(PAGE, {"do": "open"}).status_code == 302
    feed = CalendarFeed.objects.get(user=cast.learner)
    first = address(cast)
    page = client.get(PAGE)
    assert first in page.content.decode() and "webcal://" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert first.split("/")[2] not in repr(feed.__dict__) and feed.token_hash == digest(first.split("/")[2])
    assert len(first.split("/")[2]) == 40

    for _twice in range(2):
        client.post(PAGE, {"do": "renew", "of": str(feed.pk)})
    second = address(cast)
    assert first != second and CalendarFeed.objects.count() == 2
    assert Client().get(first).status_code == 404 and Client().get(second).status_code == 200

    client.post(PAGE, {"do": "close", "of": "nothing"})
    assert Client().get(second).status_code == 200
    newest = str(CalendarFeed.objects.get(ended_at=None).pk)
    for _twice in range(2):
        client.post(PAGE, {"do": "close", "of": newest})
    assert Client().get(second).status_code == 404
    assert client.post(PAGE, {"do": "else"}).status_code == 400
    verbs = Entry.objects.filter(verb__startswith="people.calendar", by=cast.learner.pk).values_list("verb", flat=True)
    assert list(verbs) == ["people.calendar_opened", "people.calendar_renewed", "people.calendar_closed"]


def test_nobody_renews_or_ends_the_address_of_another(cast: Cast, hers: Client) -> None:
    feed = CalendarFeed.objects.get()
    other = Client()
    other.force_login(cast.other_learner)
    for do in ("renew", "close"):
        other.post(PAGE, {"do": do, "of": str(feed.pk)})
    assert CalendarFeed.objects.get().ended_at is None


def test_under_a_new_secret_of_the_site_calendars_go_on_and_the_page_offers_a_new_address(
    cast: Cast, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = address(cast)
    monkeypatch.setattr(settings, "SECRET_KEY", "another-secret-" * 4)
    hers = Client()
    hers.force_login(cast.learner)
    page = hers.get(PAGE).content.decode()
    assert "can be shown no more" in page and "dates.ics" not in page
    assert Client().get(old).status_code == 200


def test_what_the_answer_tells_browsers_caches_and_search_engines(cast: Cast, hers: Client) -> None:
    answer = Client().get(address(cast))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in answer.headers
    again = Client().get(address(cast), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    assert again.headers["X-Robots-Tag"] == "noindex, nofollow" and again.headers["Cache-Control"] == "private, no-cache"
    assert Client().head(address(cast)).status_code == 200
    assert Client().post(address(cast)).status_code == 405


def test_reading_and_guessing_are_limited(cast: Cast, hers: Client, clock: Clock) -> None:
    url = address(cast)
    for _time in range(60):
        assert Client().get(url).status_code == 200
    assert Client().get(url).status_code == 429
    for _time in range(60):
        assert Client().get("/calendar/0123456789/dates.ics").status_code == 404
    assert Client().get("/calendar/0123456789/dates.ics").status_code == 429
    Tally.objects.all().delete()
    for _time in range(30):
        hers.post(PAGE, {"do": "open"})
    assert hers.post(PAGE, {"do": "open"}).status_code == 429


def test_it_goes_with_the_person_and_stands_in_her_own_data(cast: Cast, hers: Client, at: datetime) -> None:
    url = address(cast)
    assert held_on(cast.learner)["calendars"] == [{"made_at": at, "ended_at": None}]
    delete_account(user=cast.learner, at=at)
    assert not CalendarFeed.objects.exists()
    assert Client().get(url).status_code == 404


def test_a_closed_account_is_read_no_more(cast: Cast, hers: Client) -> None:
    url = address(cast)
    User.objects.filter(pk=cast.learner.pk).update(is_active=False)
    assert Client().get(url).status_code == 404


# --- what is in it --------------------------------------------------------------------------------------------


def test_every_kind_of_date(cast: Cast, hers: Client, at: datetime) -> None:
    home, learner = cast.home, cast.learner
    waiting = make_review(learner, home.version, at, outcome="")
    award = awards.issue(review=make_review(learner, cast.away.version, at), by=None, at=at)
    soon, never = date(2027, 1, 31), None
    make_promise(cast, at, soon, micro_credential=home.micro_credential)
    make_promise(cast, at, never, micro_credential=home.micro_credential)
    asked = make_promise(cast, at, soon, micro_credential=cast.away.micro_credential)
    recognition.claim(promise=asked, award=award, note="", key="k", by=learner, at=at)
    Brought.objects.create(
        learner=learner, sha256="0" * 64, source="file", brought_at=at, title="First aid; CPR", verdict="verified", checks=[],
        belongs="name", checked_at=at, next_check_at=at, valid_until=datetime(2027, 5, 1, 12, tzinfo=UTC),
    )  # fmt: skip
    placement = place(make_form(home.program, at), learner, at, ends_on=date(2026, 12, 18))
    link_of(placement, at)
    cohort = study.create_cohort(
        organization=home.organization, program=home.program, name="Spring", closed_network=False,
        starts_on=date(2027, 1, 11), by=home.lead, at=at,
    )  # fmt: skip
    study.join_cohort(cohort=cohort, learner=learner, coach=None, by=home.lead, at=at)
    PrintedCode.objects.create(
        user=learner, code_hash="x", made_by=home.coach, made_at=at, expires_at=at + timedelta(days=90)
    )
    connect(make_app(at), learner, at)
    found = days(cast)
    titled = "Observing and recording behavior"
    link = placement.links.get()
    assert found.pop("An app’s access to your page ends")
    assert found == {
        f"Answer due: {titled}": [timezone.localtime(waiting.due_at).date()],
        "Answer due: a promise that you asked for": [date(2026, 12, 3)],
        f"Last day to ask for what was promised: {titled}": [soon],
        f"Valid until today: {titled}": [timezone.localtime(award.valid_until).date()],
        "Valid until today: First aid; CPR": [date(2027, 5, 1)],
        "Last day at your workplace": [date(2026, 12, 18)],
        "Your supervisor’s link ends": [timezone.localtime(link.expires_at).date()],
        "Your group begins": [date(2027, 1, 11)],
        "Your code on paper ends": [date(2027, 2, 21)],
    }
    events = read(cast)
    assert len({str(event["UID"]) for event in events}) == len(events)
    body = Client().get(address(cast)).content.decode()
    for secret in ("Two Coves", "Sam Ledger", "sam@farm", "0.50", "Fifty cents", "Spring", learner.name, learner.email):
        assert str(secret) not in body
    for event in events:
        assert str(event["CLASS"]) == "PRIVATE" and str(event["TRANSP"]) == "TRANSPARENT"
        path = str(event["URL"]).removeprefix(settings.BASE_URL)
        assert hers.get(path).status_code == 200 and Client().get(path).status_code == 302


def test_it_speaks_her_language_whatever_the_calendar_app_speaks(cast: Cast, hers: Client, at: datetime) -> None:
    make_review(cast.learner, cast.home.version, at, outcome="")
    people.choose_language(user=cast.learner, language="es", at=at)
    answer = Client().get(address(cast), headers={"Accept-Language": "en"})
    assert answer.headers["Content-Language"] == "es"
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Respuesta prevista: Observar y registrar la conducta"
    assert event["SUMMARY"].params["LANGUAGE"] == "es"
    page = hers.get(PAGE, headers={"Accept-Language": "es"}).content.decode()
    assert "Sus fechas en su calendario" in page and "Hacer una dirección nueva" in page


def test_a_change_keeps_the_name_and_counts_up_and_what_is_settled_goes(cast: Cast, hers: Client, clock: Clock) -> None:
    placement = place(make_form(cast.home.program, clock.at), cast.learner, clock.at, ends_on=date(2026, 12, 18))

    def last() -> icalendar.cal.Component:
        (event,) = [e for e in read(cast) if str(e["SUMMARY"]).startswith("Last day")]
        return event

    before, tag = last(), Client().get(address(cast)).headers["ETag"]
    clock.at += timedelta(hours=3)
    assert Client().get(address(cast)).headers["ETag"] == tag, "time alone changes nothing"
    workplace.change(placement=placement, given=given(ends_on=date(2027, 1, 8)), by=cast.learner, at=clock.at)
    after = last()
    assert after["UID"] == before["UID"]
    assert after.decoded("DTSTART") == date(2027, 1, 8)
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after.decoded("LAST-MODIFIED") == clock.at > before.decoded("LAST-MODIFIED")
    assert Client().get(address(cast)).headers["ETag"] != tag

    clock.at += timedelta(hours=3)
    people.choose_language(user=cast.learner, language="es", at=clock.at)
    (spanish,) = [e for e in read(cast) if str(e["SUMMARY"]).startswith("Último día")]
    assert spanish["UID"] == after["UID"] and int(spanish["SEQUENCE"]) > int(after["SEQUENCE"])

    workplace.close(placement=placement, reason="", set_aside=False, by=cast.learner, at=clock.at)
    assert read(cast) == []


def test_days_long_past_leave(cast: Cast, hers: Client, clock: Clock) -> None:
    review = make_review(cast.learner, cast.home.version, clock.at, outcome="")
    clock.at = review.due_at + timedelta(days=60)
    assert len(read(cast)) == 1
    clock.at += timedelta(days=1)
    assert read(cast) == []


# --- the plan -------------------------------------------------------------------------------------------------


@pytest.fixture
def town(cast: Cast, clock: Clock) -> Town:
    found = make_town(cast, clock.at)
    wishes = aims.Wishes(county="13029", wage_cents=1250, hours_a_week=6)
    pathways.set_aim(learner=cast.learner, wishes=wishes, at=clock.at)
    pathways.choose_job(learner=cast.learner, code=WORKER, at=clock.at)
    return found


def test_the_weeks_of_her_plan(town: Town, cast: Cast, hers: Client) -> None:
    events = read(cast)
    weeks = [(e.decoded("DTSTART"), e.decoded("DTEND"), str(e["SUMMARY"])) for e in events if "week" in str(e["SUMMARY"])]
    day = date(2026, 11, 23)
    assert weeks == [
        (day, day + timedelta(7), "Your plan this week: Clear words, 6 hours"),
        (day + timedelta(7), day + timedelta(14), "Your plan this week: Clear words, 2 hours; A safe room, 4 hours"),
        (day + timedelta(14), day + timedelta(21), "Your plan this week: A safe room, 6 hours"),
        (day + timedelta(21), day + timedelta(28), "Your plan this week: A safe room, 2 hours"),
    ]
    done = [(e.decoded("DTSTART"), str(e["SUMMARY"])) for e in events if "Send by" in str(e["SUMMARY"])]
    assert done == [(date(2026, 12, 2), "Send by today: Clear words"), (date(2026, 12, 16), "Send by today: A safe room")]
    body = Client().get(address(cast)).content.decode()
    assert WORKER not in body and "12.50" not in body and "13029" not in body and "Childcare" not in body


def test_the_plan_stays_all_week_and_moves_on_with_the_next(town: Town, cast: Cast, hers: Client, clock: Clock) -> None:
    first = Client().get(address(cast))
    before = {str(e["UID"]): e for e in read(cast)}
    clock.at = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert Client().get(address(cast)).content == first.content
    clock.at = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    after = {str(e["UID"]): e for e in read(cast)}
    moved = next(uid for uid in before if "done" in uid)
    assert after[moved].decoded("DTSTART") == before[moved].decoded("DTSTART") + timedelta(7)
    assert int(after[moved]["SEQUENCE"]) > int(before[moved]["SEQUENCE"])


def test_hours_at_work_are_not_sent(town: Town, cast: Cast, hers: Client, at: datetime) -> None:
    form = make_form(cast.home.program, at)
    Stack.objects.update(retired_at=at)
    make_stack(cast.home.program, all_of(hours_part(form, 12)), at, occupations=[WORKER])
    assert [str(e["SUMMARY"]) for e in read(cast) if "today" in str(e["SUMMARY"])] == [
        "By today: Hours at work, countersigned: Farm crew"
    ]


def test_what_she_earns_leaves_the_plan(town: Town, cast: Cast, hers: Client, clock: Clock) -> None:
    before = {str(e["UID"]): int(e["SEQUENCE"]) for e in read(cast)}
    clock.at += timedelta(hours=5)
    awards.issue(review=make_review(cast.learner, town.speaking, clock.at), by=None, at=clock.at)
    after = {str(e["UID"]): e for e in read(cast)}
    assert not any("Clear words" in str(e["SUMMARY"]) for e in after.values())
    week = next(uid for uid in before if uid.startswith("plan-2026"))
    assert "A safe room, 6 hours" in str(after[week]["SUMMARY"])
    assert int(after[week]["SEQUENCE"]) > before[week]


def test_without_a_way_there_is_no_plan_in_it(town: Town, cast: Cast, hers: Client, at: datetime) -> None:
    wishes = aims.Wishes(money_cents=0, hours_a_week=6)
    pathways.set_aim(learner=cast.learner, wishes=wishes, at=at)
    assert read(cast) == []
    pathways.choose_job(learner=cast.learner, code="43-4051.00", at=at)
    assert read(cast) == []


def test_an_ended_credential_is_a_change_of_the_plan(town: Town, cast: Cast, hers: Client, clock: Clock) -> None:
    from fieldstone.server.awards.models import Award

    until = clock.at + timedelta(days=2)
    Award.objects.filter(learner=cast.learner).update(valid_until=until)
    before = {str(e["UID"]): int(e["SEQUENCE"]) for e in read(cast) if str(e["UID"]).startswith("plan-")}
    clock.at = until + timedelta(hours=1)
    after = {str(e["UID"]): int(e["SEQUENCE"]) for e in read(cast) if str(e["UID"]).startswith("plan-")}
    assert all(after[uid] > before[uid] for uid in set(before) & set(after))
    assert set(before) & set(after)
