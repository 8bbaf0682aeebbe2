"""Jobs near home, as people see them: set county and pay, compare, look into one job, plan, print, keep."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import icalendar
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fieldstone import stacking
from fieldstone.server.pathways import aims
from fieldstone.server.pathways import jobs as reads
from fieldstone.server.pathways.models import Aim, Region
from fieldstone.server.reference import queries
from fieldstone.server.reference.models import Occupation, Release, Wage
from tests.cast import Cast, make_version, text
from tests.pathways.makers import all_of, hold, make_stack, some_of
from tests.web.town import DIRECTOR, TEACHER, WORKER, Town, make_town
from tests.workplace.makers import make_form


@pytest.fixture
def town(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(timezone, "now", lambda: at)
    return make_town(cast, at)


@pytest.fixture
def owner(town: Town) -> Client:
    client = Client()
    client.force_login(town.owner)
    return client


def words(answer: object) -> str:
    body = answer.content.decode()  # type: ignore[attr-defined]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


SAID = {"near": "Bryan County, GA", "wage": "12.50", "own_business": "1", "hours": "6", "money": ""}


def test_a_visitor_names_her_county_and_the_first_page_shows_pay_near_it(town: Town, client: Client) -> None:
    said = words(client.get("/"))
    assert "Name your county above" in said and "Childcare Workers" in said
    said = words(client.get("/?near=bryan+georgia"))
    assert "Jobs near you" in said and "Name your county above" not in said
    assert "$13.47 an hour" in said and "Half earn more. 8 in 10 earn $10.66 to $17.78." in said
    assert "May 2025" in said and "Georgia" in said and "Bureau of Labor Statistics" in said
    assert "All bars run from $8 to $45" in said and "3 micro-credentials lead here" in said
    again = client.get("/")
    assert 'value="Bryan County, GA"' in again.content.decode()
    assert not Aim.objects.exists()


def test_every_pay_stands_with_place_source_and_year(town: Town, client: Client) -> None:
    for path in ("/", "/jobs/", f"/jobs/{WORKER}/"):
        said = words(client.get(path))
        assert "$" in said and "the whole nation" in said and "May 2025, U.S. Bureau" in said, path


def test_words_find_jobs_on_the_first_page(town: Town, client: Client) -> None:
    said = words(client.get("/?q=nurse&near=c13029"))
    assert "Nursing" in said and "Childcare Workers" not in said
    assert "Asistentes de enfermería" in words(client.get("/?q=enfermeria", headers={"Accept-Language": "es"}))
    assert "Jobs near you" not in words(client.get("/?q=xyzzy"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [("Atlantis", "We do not know this place"), ("washington", "more than one place"), ("\x00", "Name your county"),
     ("99999", "We do not know this place"), (", ", "We do not know this place"), ("?", "We do not know this place"),
     ("90210", "that place (CA) are not loaded here"), ("Savanah TN", "Did you mean this one?"),
     ("har", "Many places have this name"), ("Tennessee", "We do not know this place")],
)  # fmt: skip
def test_a_place_that_is_not_clear_is_asked_again(town: Town, client: Client, typed: str, told: str) -> None:
    answer = client.get("/", {"near": typed})
    assert told in words(answer)
    if typed == "washington":
        assert 'value="c13303"' in answer.content.decode()
    if typed == "Atlantis":
        assert 'value="Atlantis"' in answer.content.decode()
    if typed == "?":
        assert 'name="near" list="counties" autocomplete="off" maxlength="100" value=""' in answer.content.decode()


@pytest.mark.parametrize("said", ["Pembroke GA", "31321", "pembroke, georgia 31321", "Bryan GA", "c13029"])
def test_a_visitor_names_her_town_or_zip_code_and_only_the_county_is_kept(
    town: Town, client: Client, said: str
) -> None:
    assert 'value="Bryan County, GA"' in client.get("/", {"near": said}).content.decode()
    assert client.session["aim"]["county"] == "13029"
    kept = str(dict(client.session.items())).casefold()
    assert "pembroke" not in kept and "31321" not in kept


def test_a_learner_chooses_among_towns_of_one_name(town: Town, owner: Client) -> None:
    answer = owner.post("/jobs/near/", {**SAID, "near": "Savannah"})
    assert answer.status_code == 422 and not Aim.objects.exists()
    page = answer.content.decode()
    assert re.findall(r'<option value="(c\d{5}|\?)">([^<]+)', page) == [
        ("?", "Choose yours"), ("c13051", "Chatham County, GA (Savannah)"), ("c47071", "Hardin County, TN (Savannah)"), ("?", "None of these"),
    ]  # fmt: skip
    again = owner.post("/jobs/near/", {**SAID, "near": "?"})
    assert again.status_code == 422 and "We do not know this place" in words(again) and 'value="?"' not in again.content.decode()
    assert owner.post("/jobs/near/", {**SAID, "near": "c47071"}).status_code == 302
    assert Aim.objects.get().county == "47071"
    assert "Pay in West Tennessee nonmetropolitan area, where Hardin County, TN lies." in words(owner.get("/jobs/"))


def test_a_learner_keeps_her_aim_and_sees_the_gain(town: Town, owner: Client) -> None:
    assert owner.post("/jobs/near/", {**SAID, "next": "/jobs/"}).headers["Location"] == "/jobs/"
    aim = Aim.objects.get(learner=town.owner)
    assert (aim.county, aim.wage_cents, aim.own_business, aim.hours_a_week, aim.money_cents) == (
        "13029", 1250, True, 6, None,
    )  # fmt: skip
    said = words(owner.get("/jobs/"))
    assert "Jobs near Bryan County, GA" in said and "One or two credentials away" in said
    assert "$13.47 an hour, $0.97 more than you earn now" in said
    assert "2 credentials away" in said and re.search(r"Missing: (A safe room|Clear words) ?; ?(A safe room|Clear words)", said)
    assert "What owners keep is in no public wage record" in said
    assert "Part of the way" in said and "Education and Childcare Administrators" in said
    assert "At least 5,000 openings a year in the nation." in said
    assert "You earn $12.50 an hour" in said and "6 hours a week to study" in said
    assert "153,100 openings a year in the nation" in said
    other = Client()
    other.force_login(town.cast.other_learner)
    assert "Jobs near Bryan" not in words(other.get("/jobs/")) and "$12.50" not in words(other.get("/jobs/"))


def test_the_best_paid_come_first(town: Town, owner: Client) -> None:
    said = words(owner.get("/jobs/?q=teacher"))
    pay = [float(found) for found in re.findall(r"\$(\d+\.\d\d) an hour", said)]
    assert len(pay) > 3 and pay == sorted(pay, reverse=True)


def test_what_pays_more_than_is_published_comes_before_the_rest(town: Town, at: datetime) -> None:
    wages = Wage.objects.filter(release__is_current=True, area="0000000", soc=WORKER[:7])
    assert wages.update(hourly_p50=None, hourly_p75=None, hourly_p90=None, hourly_top=28, annual_p50=None, annual_top=4)
    queries._wages.cache_clear()
    found = reads.jobs([TEACHER, WORKER], aims.Wishes(), reads.Standing(None, reads.offered(), at))
    assert [(job.code, job.hourly > 0) for job in found] == [(WORKER, False), (TEACHER, True)]


def test_attack_stacks_inside_stacks_do_not_grow_without_end(town: Town, client: Client, at: datetime) -> None:
    """Each stack is met by any of those before it: written out, every one more would double the page's work."""
    names = [hold(town.families)]
    for number in range(30):
        stack = make_stack(town.cast.home.program, some_of(1, *names), at, occupations=[WORKER], title=text(f"S{number}"))
        names.append({"hold": {"credential": str(stack.stack_id)}})
    given = reads.offered()
    sizes = [sum(1 for _node in stacking.walk(route.tree)) for route in given.routes]
    assert len(sizes) == 31 and max(sizes) <= reads.MOST_PARTS
    assert str(town.families.micro_credential_id) in given.routes[2].named, "what a stack inside asks for is seen"
    assert "1 credential away" in words(client.get("/jobs/"))


def test_pages_cost_as_much_for_many_stacks_with_work_at_a_workplace(town: Town, client: Client, at: datetime) -> None:
    program = town.cast.home.program
    form = make_form(program, at)
    review = {"hold": {"credential": f"review:{form.form_id}"}}
    hours = {"hours": {"total": 40, "among": [f"hours:{form.form_id}"]}}

    def asked() -> int:
        client.get("/jobs/")
        with CaptureQueriesContext(connection) as questions:
            assert client.get("/jobs/").status_code == 200
        return len(questions)

    def add(slug: str) -> None:
        make_stack(program, all_of(hold(town.families), review, hours), at, occupations=[TEACHER], title=text(slug))

    add("One")
    before = asked()
    for slug in ("Two", "Three", "Four"):
        add(slug)
    assert asked() == before
    job = reads.jobs([TEACHER], aims.Wishes(), reads.Standing(None, reads.offered(), at))[0]
    assert job.distance is not None and job.distance.away == 3
    said = words(client.get(f"/jobs/{TEACHER}/plan/"))
    assert "Hours at work, countersigned: Farm crew" in said and "40 hours" in said


def test_a_plan_that_takes_too_long_says_so(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def tired(*given: Any, **more: Any) -> None:
        raise stacking.Unsolved

    monkeypatch.setattr(stacking, "plan", tired)
    reads._missing.cache_clear()
    said = words(client.get(f"/jobs/{WORKER}/plan/"))
    assert "we found no plan in time" in said and "no way with these numbers" not in said
    assert client.get(f"/jobs/{WORKER}/plan.ics").status_code == 404
    assert "3 credentials away" in words(client.get("/jobs/"))
    reads._missing.cache_clear()


def test_pages_do_not_wait_for_a_solver_without_end(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, waited = stacking.plan, []

    def timed(*given: Any, **more: Any) -> object:
        waited.append(more["patience"])
        return plan(*given, **more)

    monkeypatch.setattr(stacking, "plan", timed)
    reads._missing.cache_clear()
    client.get(f"/jobs/{WORKER}/plan/")
    assert waited and max(waited) <= 1


@pytest.mark.parametrize(
    ("changes", "field", "mend"),
    [({"wage": "$13,50"}, "wage", "after a point"), ({"wage": "0"}, "wage", "at least 1 dollar"),
     ({"wage": "9999"}, "wage", "in one hour"), ({"wage": "a lot"}, "wage", "such as 13.50"),
     ({"hours": "200"}, "hours", "from 1 to 80"), ({"money": "-4"}, "money", "100,000"),
     ({"near": "Atlantis"}, "near", "We do not know this place")],
)  # fmt: skip
def test_bad_input_is_named_with_its_mend_and_what_was_typed_stays(
    town: Town, owner: Client, changes: dict[str, str], field: str, mend: str
) -> None:
    answer = owner.post("/jobs/near/", {**SAID, **changes})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'href="#{field}"' in page and f'id="{field}-error"' in page and mend in words(answer)
    for name in ("near", "wage", "hours"):
        assert f'value="{ {**SAID, **changes}[name] }"' in page
    assert re.search(r'name="own_business" value="1" checked', page)
    assert not Aim.objects.exists()


def test_what_was_said_can_be_forgotten(town: Town, owner: Client, client: Client) -> None:
    for who in (owner, client):
        who.post("/jobs/near/", SAID)
        assert "Bryan County, GA" in words(who.get("/jobs/"))
        who.post("/jobs/near/", {"forget": "1"})
        assert "Jobs near Bryan" not in words(who.get("/jobs/"))
    assert not Aim.objects.exists()


def test_a_search_form_changes_the_county_and_keeps_the_rest(town: Town, owner: Client) -> None:
    owner.post("/jobs/near/", SAID)
    answer = owner.post("/jobs/near/", {"near": "Screven County, GA", "q": "child", "next": "/"})
    assert answer.headers["Location"] == "/?q=child"
    aim = Aim.objects.get()
    assert (aim.county, aim.wage_cents) == ("13251", 1250)


def test_an_area_of_her_state_can_be_chosen_where_hers_is_not_known(town: Town, owner: Client) -> None:
    Release.objects.filter(kind="areas").delete()
    owner.post("/jobs/near/", {**SAID, "near": "c13251"})
    page = owner.get("/jobs/").content.decode()
    code, name = re.findall(r'<option value="(13\d{5})">([^<]+)', page)[0]
    owner.post("/jobs/near/", {**SAID, "near": "c13251", "area": code})
    assert Aim.objects.get().area == code
    assert f"Pay in {name}, the area that was chosen." in words(owner.get("/jobs/"))
    owner.post("/jobs/near/", {**SAID, "near": "c13251", "area": "2300001"})
    assert Aim.objects.get().area == ""


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "public:jobs", "words", "a\x00b"])
def test_no_other_site_is_gone_back_to(town: Town, client: Client, elsewhere: str) -> None:
    answer = client.post("/jobs/near/", {**SAID, "next": elsewhere})
    assert answer.headers["Location"] == "/jobs/"


def test_another_site_cannot_change_an_aim(town: Town) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.owner)
    assert strict.post("/jobs/near/", SAID).status_code == 403
    strict.get("/?near=c13029")
    assert not Aim.objects.exists()


def test_counties_of_a_state_are_listed_without_script(town: Town, client: Client) -> None:
    page = client.get("/jobs/?state=ME").content.decode()
    assert page.count('<li><a href="?near=') == 16
    assert "Jobs near Hancock County, ME" in words(client.get("/jobs/?near=Hancock+County%2C+ME"))
    assert client.get("/jobs/?state=%00X").status_code == 200


def test_a_job_says_skill_by_skill_what_is_shown_and_by_what(town: Town, owner: Client) -> None:
    said = words(owner.get(f"/jobs/{WORKER}/?near=c13029"))
    assert "A quarter earn less than $11.51 an hour" in said and "A quarter earn more than $15.00 an hour" in said
    assert "153,100 in the nation" in said and "Change in ten years -2.0%" in said
    assert "High school diploma or equal" in said and "belongs to a city area" in said
    assert "What your credentials show covers 5% of what this job asks" in said
    assert re.search(r"Active Listening 3 3\.5 Talking with families nothing", said)
    assert re.search(r"Speaking 3 nothing yet 5% of the job", said)
    assert "Ready for child care" in said and "2 micro-credentials are missing." in said
    assert "Not in demand by the rule" in said
    assert "You are not signed in" in words(Client().get(f"/jobs/{WORKER}/"))
    spanish = words(owner.get(f"/jobs/{WORKER}/", headers={"Accept-Language": "es"}))
    assert "Personal de cuidado infantil" in spanish and "Escucha activa 3 3.5 Hablar con las familias nada" in spanish


def test_what_to_do_next_stands_before_the_figures(town: Town, owner: Client) -> None:
    page = owner.get(f"/jobs/{WORKER}/?near=13029").content.decode()
    order = [page.index(words) for words in ("Make a plan", "A quarter earn less than", "Active Listening")]
    assert order == sorted(order)
    page = owner.get("/jobs/?q=nurse").content.decode()
    assert 'value="nurse"' in page and '<details class="about">' in page


def test_jobs_go_by_the_names_that_people_use(town: Town, owner: Client) -> None:
    said = words(owner.get(f"/jobs/{TEACHER}/"))
    assert said.count("Preschool Teachers, Except") == 1 and "Official name: Preschool Teachers, Except" in said
    assert "Official name" not in words(owner.get(f"/jobs/{WORKER}/"))
    spanish = words(owner.get(f"/jobs/{TEACHER}/", headers={"Accept-Language": "es"}))
    assert "Nombre oficial en inglés: Preschool Teachers, Except Special Education" in spanish
    assert "3.4%" in spanish and "3,4" not in spanish
    owner.post(f"/jobs/{TEACHER}/choose/")
    assert "You aim for: Preschool Teachers." in words(owner.get("/path/"))


@pytest.mark.parametrize(("language", "name"), [("en", "Jobs"), ("es", "Trabajos")])
def test_everybody_finds_jobs_in_the_main_navigation(
    town: Town, owner: Client, client: Client, language: str, name: str
) -> None:
    for who in (owner, client):
        page = who.get("/", headers={"Accept-Language": language}).content.decode()
        assert f'<li><a href="/jobs/">{name}</a></li>' in page
        page = who.get(f"/jobs/{WORKER}/", headers={"Accept-Language": language}).content.decode()
        assert f'<li><a href="/jobs/" aria-current="page">{name}</a></li>' in page


def test_a_learner_aims_for_a_job_and_takes_it_back(town: Town, owner: Client, client: Client) -> None:
    assert owner.post(f"/jobs/{WORKER}/choose/").headers["Location"] == f"/jobs/{WORKER}/"
    assert Aim.objects.get().occupation == WORKER
    assert "You aim for this job." in words(owner.get(f"/jobs/{WORKER}/"))
    owner.post(f"/jobs/{WORKER}/choose/", {"stop": "1"})
    assert Aim.objects.get().occupation == ""
    assert client.post(f"/jobs/{WORKER}/choose/").status_code == 302
    assert Aim.objects.count() == 1
    assert owner.post("/jobs/99-9999.99/choose/").status_code == 404
    assert Aim.objects.get().occupation == ""


@pytest.mark.parametrize("code", ["39-9011", "nurse", "39-9011.99", "٣٩-9011.00"])
def test_a_job_that_nobody_knows_is_not_there(town: Town, client: Client, code: str) -> None:
    for path in (f"/jobs/{code}/", f"/jobs/{code}/plan/", f"/jobs/{code}/plan.ics"):
        assert client.get(path).status_code == 404, path


def test_the_plan_says_what_to_earn_week_by_week(town: Town, owner: Client) -> None:
    owner.post("/jobs/near/", SAID)
    answer = owner.get(f"/jobs/{WORKER}/plan/")
    said = words(answer)
    assert "Leads to “Ready for child care”." in said and "It takes 20 hours of work at 6 a week, and costs $25." in said
    assert "Week 1, from November 23, 2026" in said and "Week 4, from December 14, 2026" in said
    assert "Start the first one:" in said and "Nothing else that is enough costs less." in said
    assert re.search(r'<a class="btn" href="/m/[\w-]+/(safety|speaking)/start/">', answer.content.decode())
    spanish = words(owner.get(f"/jobs/{WORKER}/plan/", headers={"Accept-Language": "es"}))
    assert "Semana 1, desde el 23 de noviembre de 2026" in spanish and "Un lugar seguro" in spanish


def test_every_day_of_a_plan_is_one_of_the_calendar_at_home(
    town: Town, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    said = words(owner.get(f"/jobs/{WORKER}/plan/"))
    assert "If you start on November 23, 2026" in said and "Week 1, from November 23, 2026" in said


def test_a_visitor_plans_from_nothing_and_other_goals_can_be_chosen(town: Town, client: Client, owner: Client) -> None:
    said = words(client.get(f"/jobs/{WORKER}/plan/?by=hours&hours=10"))
    assert "It takes 30 hours of work at 10 a week" in said and "Talking with families" in said
    said = words(owner.get(f"/jobs/{WORKER}/plan/?by=date&goal=skills"))
    assert "Leads to all that can be shown here of what the job asks." in said and "Clear words" in said
    said = words(owner.get(f"/jobs/{DIRECTOR}/plan/?goal=tied"))
    assert "Week 1" in said


def test_a_plan_that_cannot_be_says_why_and_what_to_do(town: Town, owner: Client) -> None:
    said = words(owner.get(f"/jobs/{WORKER}/plan/?money=10"))
    assert "There is no way with these numbers" in said
    assert "The least that would do is $25." in said and "Write a larger sum" in said
    assert owner.get(f"/jobs/{WORKER}/plan.ics?money=10").status_code == 404
    bad = owner.get(f"/jobs/{WORKER}/plan/?hours=0&money=$1,5")
    assert bad.status_code == 400
    assert "from 1 to 80" in words(bad) and 'value="$1,5"' in bad.content.decode()
    assert owner.get(f"/jobs/{WORKER}/plan.ics?hours=0").status_code == 404


def test_a_job_that_nothing_leads_to_has_no_plan(town: Town, owner: Client) -> None:
    release = Release.objects.get(kind="onet")
    Occupation.objects.create(release=release, code="99-9999.00", soc="99-9999", title_en="Keepers of Lighthouses")
    said = words(owner.get("/jobs/99-9999.00/"))
    assert "Nothing here leads to this job yet." in said and "Make a plan" not in said
    assert "No pay was published for this work." in said and "Nobody has rated which skills" in said
    assert "It could not be told" in said
    assert "A program may tie its credentials" in words(owner.get("/jobs/99-9999.00/plan/?goal=x"))


def test_what_is_held_leaves_nothing_to_do(town: Town, client: Client, at: datetime) -> None:
    from fieldstone.server.awards import actions as awards
    from tests.awards.makers import make_review

    for version in (town.speaking, town.safety):
        awards.issue(review=make_review(town.owner, version, at), by=None, at=at)
    client.force_login(town.owner)
    assert "You hold what leads here" in words(client.get("/jobs/"))
    goal = f"stack:{town.stack.stack_id}"
    assert "Nothing is left to do" in words(client.get(f"/jobs/{WORKER}/plan/?goal={goal}"))


def test_the_plan_goes_into_a_calendar(town: Town, owner: Client) -> None:
    answer = owner.get(f"/jobs/{WORKER}/plan.ics?hours=6")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    starts = [str(event["DTSTART"].dt) for event in events]
    assert starts[:4] == ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"]
    assert len(events) == 6 and str(events[0]["SUMMARY"]).startswith("Week 1: ")
    assert settings.BASE_URL in str(events[0]["URL"])
    assert TEACHER not in answer.content.decode()


def test_a_program_decides_what_is_in_demand_for_its_jobs(town: Town, owner: Client, at: datetime) -> None:
    home = town.cast.home.organization
    assert "Not in demand by the rule" in words(owner.get(f"/jobs/{WORKER}/"))
    Region.objects.create(organization=home, demand={"min_openings": 150_000}, changed_at=at)
    said = words(owner.get("/jobs/"))
    assert f"For jobs that a stack of {home.full_name} leads to: At least 150,000 openings a year" in said
    assert "2 credentials away In demand" in said
    assert "Not in demand by the rule" not in words(owner.get(f"/jobs/{WORKER}/"))
    other = words(owner.get("/jobs/43-4051.00/"))
    assert "the rule asks for 5,000" in other


def test_no_jobs_say_so(cast: Cast, client: Client) -> None:
    assert "No credential here leads to a job yet" in words(client.get("/jobs/"))
    assert "No job fits “zzz”" in words(client.get("/jobs/?q=zzz"))
    assert client.get("/?near=c13029").status_code == 200


def test_farther_jobs_are_the_nearest_first_whatever_they_pay(town: Town, at: datetime, client: Client) -> None:
    parts = [hold(make_version(town.cast.home.program, at, slug=f"part-{n}", title=text(f"Part {n}"))) for n in range(4)]
    make_stack(town.cast.home.program, all_of(*parts), at, occupations=[TEACHER], title=text("Four"))
    make_stack(town.cast.home.program, all_of(*parts[:3]), at, occupations=["39-9041.00"], title=text("Three"))
    make_stack(town.cast.home.program, all_of(*parts, hold(town.safety)), at, occupations=[DIRECTOR], title=text("Five"))
    answer = client.get("/jobs/")
    far = answer.context["far"]
    assert [card.how_far for card in far] == sorted(card.how_far for card in far)
    assert {4, 5} <= {card.how_far for card in far}
    assert "The nearest first, then the best paid." in answer.content.decode()
