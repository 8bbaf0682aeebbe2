"""The program lead's screens: overview, files, cohorts."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fieldstone.server.catalog.models import Program
from fieldstone.server.journeys import survey_stacks
from fieldstone.server.ledger.models import Entry
from fieldstone.server.pathways.models import Nearness, Nudge
from fieldstone.server.people.models import Membership
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.study.models import Cohort, CohortMember
from tests.assessment.kit import NO, ONE, YES, calibrate, hand, scoring
from tests.cast import Cast, make_person, make_version, text
from tests.pathways.makers import all_of, hold, make_stack
from tests.recognition.makers import make_award, make_promise
from tests.study.makers import people
from tests.study.test_actions import make_cohort

TABLES = ("partners", "record", "promises", "issued", "turnaround", "waiting", "steps", "tries", "further")


@pytest.fixture
def lead(client: Client, cast: Cast) -> Client:
    """Signed in as the home institution's program lead."""
    client.force_login(cast.home.lead)
    return client


def body(client: Client, query: str = "") -> str:
    answer = client.get(f"/o/home/lead/{query}")
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1].split("</main")[0]


def told(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_new_house_is_calm(lead: Client) -> None:
    page = told(body(lead))
    assert "Nothing needs you this week." in page
    assert "Nobody has begun anything yet." in page and "No promise has come due." in page
    assert "Nobody has promised anything for your credentials yet." in page
    assert "No submission has been judged by two assessors yet." in page


def test_five_themes_with_chart_table_and_file(lead: Client, cast: Cast, at: datetime) -> None:
    began = at - timedelta(days=100)
    people(cast.home.version, began, started=20, sent=15, earned=25)
    promise = make_promise(cast, began)
    learner = cast.learner
    award = make_award(learner, cast.home.version, began)
    recognition.claim(promise=promise, award=award, note="", key="", by=learner, at=began)
    page = body(lead)
    words = told(page)
    for heading in (
        "1. Partnerships",
        "2. Employer recognition",
        "3. Sustainability",
        "4. Appeal",
        "5. Further learning",
    ):
        assert heading in words
    assert "0 of 1 partners did something in the last 90 days." in words and "call them first" in words
    assert "1 promise came due. 0 were kept." in words and "1 promise got no answer in time" in words
    assert "Of 61 begun, 41 were sent for review and 26 were earned." in words
    assert "Half of the answers come within 5 business days." in words  # Saturday to the Sunday after next
    assert "More than 30 learners have had a draft untouched" in words
    for name in TABLES:
        answer = lead.get(f"/o/home/lead/tables/{name}.csv?cohort=&period=all")
        assert answer.status_code == 200 and answer.content.startswith(b"\xef\xbb\xbf"), name
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) > 1 and len({len(row) for row in rows}) == 1
        for cell in rows[-1]:
            assert cell in words
        assert f"/tables/{name}.csv?cohort=&amp;period=all" in page
    for chart in re.findall(r'<svg class="chart[^>]*>', page):
        assert 'role="img"' in chart and "aria-label=" in chart


def test_no_small_group_on_any_page_or_file(lead: Client, cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    people(cast.home.version, at - timedelta(days=60), started=7, sent=6, earned=9, cohort=cohort)
    for query in ("", f"?cohort={cohort.pk}", "?period=this_year", f"?cohort={cohort.pk}&period=this_year"):
        page = body(lead, query)
        assert "hidden" in page and "fewer than 11 people" in page
        assert not re.findall(r">(?:7|9|13|15|16)<", page.split('id="theme-4"')[1].split('id="theme-judging"')[0])
        assert "More than 10 learners have had a draft" in page
        for name in ("steps", "tries", "further", "cohorts", "issued"):
            rows = lead.get(f"/o/home/lead/tables/{name}.csv{query}").content.decode("utf-8-sig").splitlines()[1:]
            figures = [int(cell) for row in rows for cell in row.split(",")[1:] if cell.isdigit()]
            assert not [n for n in figures if 0 < n < 11], (name, rows)


def test_a_year_has_its_own_words_and_partly_hidden_figures_say_what_they_can(
    lead: Client, cast: Cast, at: datetime
) -> None:
    today = timezone.now()
    people(cast.home.version, today, started=12, sent=3, earned=30)
    page = told(body(lead, "?period=this_year"))
    assert "January 1 to " in page and "Of 45 begun, 30 were earned." in page
    assert "All of " in told(body(lead, "?period=last_year"))
    people(cast.home.version, today, started=4, sent=40, name="more")
    assert "Of 89 begun, 73 were sent for review and 30 were earned." in told(body(lead))


def test_months_quarters_and_years_are_named(lead: Client, cast: Cast, at: datetime) -> None:
    def stretches() -> list[list[str]]:
        answer = lead.get("/o/home/lead/tables/issued.csv")
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]

    people(cast.home.version, at.replace(month=9, day=1), earned=11, name="september")
    assert stretches()[0] == ["September 2026", "11"]
    people(cast.home.version, at.replace(month=7, day=1), earned=1, name="july")
    assert stretches()[0] == ["2026, quarter 3", "12"]
    people(cast.home.version, at.replace(month=2, day=1), earned=2, name="february")
    assert stretches()[0] == ["2026", "14"]


def test_a_claim_that_is_not_due_is_told_apart(lead: Client, cast: Cast, at: datetime) -> None:
    award = make_award(cast.learner, cast.home.version, timezone.now())
    recognition.claim(promise=make_promise(cast, at), award=award, note="", key="", by=cast.learner, at=timezone.now())
    assert "1 more is not due yet." in told(body(lead))


def test_no_share_is_told_where_it_would_give_one_away(lead: Client, cast: Cast, at: datetime) -> None:
    people(cast.home.version, at, started=2, sent=1, earned=40)
    page = told(body(lead))
    assert "43 were begun." in page and "40" not in page.split("4. Appeal")[1].split("How alike")[0]


def test_filters_that_are_not_ours_are_not_found(lead: Client, cast: Cast, at: datetime) -> None:
    away = make_cohort(cast, at, organization=cast.away.organization, program=cast.away.program)
    for query in (f"?cohort={away.pk}", "?cohort=x", f"?cohort={uuid4()}", "?period=earlier", "?period=%00"):
        assert lead.get(f"/o/home/lead/{query}").status_code == 404
    assert lead.get("/o/home/lead/tables/nothing.csv").status_code == 404


def test_kappa_with_its_number_and_interval(lead: Client, cast: Cast, at: datetime) -> None:
    calibrate(at, cast.home.first, cast.home.second, cast.home.approver, house=cast.home)
    for i in range(5):
        review = scoring(make_person(f"Sender {i}", at), cast.home, at)
        review = hand(review, "first", YES if i % 2 else NO, cast.home.first, at)
        review = hand(review, "second", YES if i % 2 else NO if i else ONE, cast.home.second, at)
        if i == 0:
            hand(review, "moderator", {"describes": "not_yet"}, cast.home.approver, at)
    rows = list(csv.reader(io.StringIO(lead.get("/o/home/lead/tables/agreement.csv").content.decode("utf-8-sig"))))
    assert rows[0][1:] == ["Pairs of scores", "Agreement", "Kappa", "Kappa, lower end", "Kappa, upper end"]
    assert rows[1][0].startswith("Observing") and rows[1][1:] == ["hidden, fewer than 11", *["hidden"] * 4]
    for i in (7, 9, 11):
        review = scoring(make_person(f"Sender {i}", at), cast.home, at)
        hand(hand(review, "first", YES, cast.home.first, at), "second", YES, cast.home.second, at)
    rows = list(csv.reader(io.StringIO(lead.get("/o/home/lead/tables/agreement.csv").content.decode("utf-8-sig"))))
    assert rows[1][1:3] == ["16", "94%"] and float(rows[1][4]) < float(rows[1][3]) <= float(rows[1][5])


def test_the_overview_asks_a_fixed_number_of_questions(lead: Client, cast: Cast, at: datetime) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            body(lead)
        return len(asked)

    def more(name: str) -> None:
        version = make_version(cast.home.program, at, slug=name)
        people(version, at, started=2, sent=2, earned=2, cohort=make_cohort(cast, at, name=name), name=name)
        make_award(cast.learner, version, at)
        make_promise(cast, at, micro_credential=version.micro_credential)

    more("one")
    few = questions()
    for name in ("two", "three", "four"):
        more(name)
    assert questions() == few <= 24


def test_cohorts_from_form_to_list(lead: Client, cast: Cast) -> None:
    assert "No cohort yet." in lead.get("/o/home/lead/cohorts/").content.decode()
    wrong = lead.post("/o/home/lead/cohorts/", {"name": "Spring", "program": str(uuid4()), "starts_on": "soon"})
    assert wrong.status_code == 422
    assert 'id="program-error"' in wrong.content.decode() and 'id="starts_on-error"' in wrong.content.decode()
    form = {
        "name": "Spring",
        "program": str(cast.home.program.pk),
        "starts_on": "2027-01-11",
        "closed": "yes",
        "key": "k",
    }
    for _twice in range(2):
        assert lead.post("/o/home/lead/cohorts/", form).status_code == 302
    cohort = Cohort.objects.get()
    assert cohort.closed_network
    assert lead.post("/o/home/lead/cohorts/", {**form, "key": "other"}).status_code == 409
    assert lead.post("/o/home/lead/cohorts/", {**form, "name": "", "key": "third"}).status_code == 422
    assert lead.post("/o/home/lead/cohorts/", {**form, "program": str(cast.away.program.pk)}).status_code == 422
    assert "Closed network" in lead.get("/o/home/lead/cohorts/").content.decode()


def test_people_are_added_by_address_and_their_names_stay_theirs(lead: Client, cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    address = f"/o/home/lead/cohorts/{cohort.pk}/"
    assert "Nobody yet." in lead.get(address).content.decode()
    bad = lead.post(address, {"emails": "fine@example.org, not-one"})
    assert bad.status_code == 422 and "“not-one” is no e-mail address." in bad.content.decode()
    assert "fine@example.org, not-one" in bad.content.decode()
    assert lead.post(address, {"emails": f"fine@example.org\n{cast.learner.email}"}).status_code == 302
    page = lead.get(address).content.decode()
    assert "fine@example.org" in page and str(cast.learner.email) in page
    assert cast.learner.name not in page  # she has an account, and has not started anything here
    assert CohortMember.objects.count() == 2
    closed = make_cohort(cast, at, name="Closed", closed_network=True)
    assert "prints a code" in lead.get(f"/o/home/lead/cohorts/{closed.pk}/").content.decode()


@pytest.mark.parametrize("path", ["", "tables/steps.csv", "cohorts/", "cohorts/{c}/"])
def test_nobody_else_gets_in(client: Client, cast: Cast, at: datetime, path: str) -> None:
    address = "/o/home/lead/" + path.format(c=make_cohort(cast, at).pk)
    assert client.get(address).headers["Location"].startswith("/sign-in/")
    for user, status in ((cast.stranger, 404), (cast.away.lead, 404), (cast.home.coach, 403), (cast.home.lead, 200)):
        client.force_login(user)
        assert client.get(address).status_code == status
    if "{c}" in path:
        client.force_login(cast.away.lead)
        assert client.get(address.replace("/home/", "/away/")).status_code == 404
        assert client.post(address.replace("/home/", "/away/"), {"emails": "a@example.org"}).status_code == 404


def test_how_many_are_one_micro_credential_away_is_hidden_below_eleven(lead: Client, cast: Cast, at: datetime) -> None:
    assert "Nobody now." in told(body(lead))
    home = cast.home
    make_stack(home.program, all_of(hold(home.version), hold(make_version(home.program, at, slug="second"))), at)
    for number in range(11):
        if number == 10:
            survey_stacks.everybody(at=at)
            assert "fewer than 11 learners" in told(body(lead))
        person = make_person(f"Close {number}", at)
        Membership.objects.create(user=person, organization=home.organization, role="learner", granted_at=at)
        make_award(person, home.version, at)
    survey_stacks.everybody(at=at)
    page = told(body(lead))
    assert "more than 10 learners" in page and "Close 1" not in page
    assert "more than 10 learners" in told(body(lead, "almost/")) and "Close 1" not in told(body(lead, "almost/"))
    assert "No stack fits this search." in told(body(lead, "almost/?q=welding"))
    assert "more than 10 learners" in told(body(lead, "almost/?q=ASOCIADO"))


def test_the_overview_shows_the_first_few_stacks_and_the_rest_is_paged(lead: Client, cast: Cast, at: datetime) -> None:
    home = cast.home
    for number in range(31):
        other = make_version(home.program, at, slug=f"other-{number}")
        stack = make_stack(home.program, all_of(hold(home.version), hold(other)), at, title=text(f"Wall {number:02}"))
        person = make_person(f"Close {number}", at)
        Membership.objects.create(user=person, organization=home.organization, role="learner", granted_at=at)
        Nearness.objects.create(
            learner=person, stack_version=stack, rank=1, left=1000, whole=2000, evaluated_at=at
        )
    near = body(lead).split('id="almost"')[1].split("</section>")[0]
    assert near.count("<li>") == 5 and "/lead/almost/" in near
    page = told(body(lead, "almost/"))
    assert "Page 1 of 2" in page and "Wall 29" in page and "Wall 30" not in page
    assert "Wall 30" in told(body(lead, "almost/?page=2"))


def test_notes_to_learners_are_turned_off_and_counted(lead: Client, cast: Cast, at: datetime) -> None:
    home = cast.home
    page = told(body(lead, "almost/"))
    assert "Notes are on." in page and "None were sent in the last 90 days." in page
    stack = make_stack(home.program, hold(home.version), at)
    now = timezone.now()

    def tell(numbers: range) -> str:
        for number in numbers:
            Nudge.objects.create(
                learner=make_person(f"Told {number}", at), stack=stack.stack, credential="x", told_at=now
            )
        return told(body(lead, "almost/"))

    Nudge.objects.create(learner=cast.learner, stack=stack.stack, credential="x", told_at=now - timedelta(days=91))
    assert "None were sent" in told(body(lead, "almost/"))
    assert "Sent in the last 90 days: fewer than 11." in tell(range(10))
    assert "Sent in the last 90 days: more than 10." in tell(range(10, 11))
    address = "/o/home/lead/almost/"
    for _twice in range(2):
        assert lead.post(address, {"program": home.program.slug, "do": "off"})["Location"].endswith("almost/#notes")
    assert "Notes are off." in told(body(lead, "almost/")) and "Turn notes on" in body(lead, "almost/")
    assert Entry.objects.filter(verb="catalog.nudges_set").count() == 1
    lead.post(address, {"program": home.program.slug, "do": "on"})
    assert "Notes are on." in told(body(lead, "almost/"))
    assert lead.post(address, {"program": "\0nothing", "do": "off"}).status_code == 404
    assert lead.post(address, {"program": cast.away.program.slug, "do": "off"}).status_code in (302, 404)
    assert Program.objects.get(pk=cast.away.program.pk).nudges
