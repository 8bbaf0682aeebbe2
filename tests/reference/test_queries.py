"""What pages read: pay near a county with its uncertainty, openings, growth, skills, remote work, schools; search."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fieldstone.server.reference import queries
from fieldstone.server.reference.actions import load, load_starter
from fieldstone.server.reference.models import Area, County, CountyArea, Release
from fieldstone.server.reference.rules import DemandRule
from fieldstone.server.reference.searching import KINDS, occupations_using, search, suggest
from tests.reference import files
from tests.reference.test_importers import every_kind

pytestmark = pytest.mark.django_db

CARE, TEACHER = "39-9011.00", "25-2021.00"


@pytest.fixture
def facts(tmp_path: Path, at: datetime) -> None:
    """Every kind of official file, small."""
    for kind, path in every_kind(tmp_path).items():
        load(kind=kind, path=path, by=None, at=at)


@pytest.fixture
def starters(at: datetime) -> None:
    """The starter facts alone."""
    load_starter(by=None, at=at)


# --- places -------------------------------------------------------------------------------------------------


def test_a_county_of_a_known_area(facts: None) -> None:
    place = queries.place_of("13109")
    assert (place.code, place.kind, place.reason) == ("1300004", "nonmetro", "area")
    assert place.why % place.params == "Pay in South Georgia nonmetropolitan area, where 13109 lies."


def test_a_county_of_a_city_uses_its_own_figure_where_there_is_one(facts: None) -> None:
    place = queries.place_of("13051")
    assert (place.code, place.kind, place.reason, place.county) == ("0042340", "metro", "area", "Chatham County, GA")


def test_starter_facts_use_the_state_and_say_why(starters: None) -> None:
    city = queries.place_of("13051")
    assert (city.title, city.kind, city.reason) == ("Georgia", "state", "metro")
    assert city.why % city.params == (
        "Chatham County, GA belongs to a city area. The pay shown is that of the whole state, Georgia."
    )
    Release.objects.filter(kind="areas").delete()
    assert queries.place_of("13109").reason == "unknown_area"
    assert [area.title.split()[0] for area in queries.areas_of("13109")] == ["North", "Middle", "East", "South"]


@pytest.mark.parametrize(
    ("fips", "area"),
    [("47071", "West Tennessee"), ("47141", "North Central Tennessee"), ("13109", "East Georgia"),
     ("13251", "East Georgia"), ("21195", "East Kentucky"), ("21199", "South Central Kentucky"),
     ("23003", "Northeast Maine"), ("23017", "Southwest Maine")],
)  # fmt: skip
def test_starter_facts_know_the_area_of_a_county_outside_cities(starters: None, fips: str, area: str) -> None:
    place = queries.place_of(fips)
    assert (place.title, place.kind, place.reason) == (f"{area} nonmetropolitan area", "nonmetro", "area")


def test_every_county_outside_cities_lies_in_one_published_area_of_its_state(starters: None) -> None:
    outside = set(County.objects.filter(metro=False).values_list("fips", flat=True))
    areas = dict(CountyArea.objects.values_list("fips", "area"))
    assert set(areas) == outside and len(outside) == 228
    published = dict(Area.objects.filter(kind="nonmetro").values_list("code", "title"))
    assert set(areas.values()) == set(published)
    assert all(fips[:2] == area[:2] for fips, area in areas.items())
    assert {(a.area, a.title) for a in CountyArea.objects.all()} == set(published.items())


def test_counties_of_one_state_or_of_all_where_they_are_few(starters: None) -> None:
    assert len(queries.counties_listed("ME", 5)) == 16
    assert len(queries.counties_listed("", 390)) == 390
    assert queries.counties_listed("", 389) == []


def test_eight_in_ten_earn_between_two_amounts_an_hour(starters: None) -> None:
    low, high = queries.demand([CARE], "13029")[CARE].eight_in_ten
    assert (low.cents, high.cents) == (1066, 1778)
    low, high = queries.demand([TEACHER], "13029")[TEACHER].eight_in_ten
    assert (low.cents, high.cents) == (2368, 4713)


def test_figures_are_cited_with_their_year(starters: None) -> None:
    assert queries.citation("oews") == (
        "Occupational Employment and Wage Statistics, May 2025, U.S. Bureau of Labor Statistics"
    )
    assert "2022–2032" in queries.citation("projections") and "29.0" in queries.citation("onet")
    Release.objects.all().delete()
    assert queries.citation("oews") == ""


def test_a_chosen_area_counts(starters: None) -> None:
    place = queries.place_of("13109", "1300004")
    assert (place.title, place.reason) == ("South Georgia nonmetropolitan area", "chosen")
    assert queries.place_of("13109", "2300001").reason == "area"


@pytest.mark.parametrize(("fips", "reason"), [("", "no_county"), ("99999", "unknown_area"), ("06001", "unknown_area")])
def test_without_a_known_county_the_nation_counts(starters: None, fips: str, reason: str) -> None:
    place = queries.place_of(fips)
    assert (place.kind, place.reason) == ("nation", reason)


def test_the_only_area_of_a_state_is_that_of_its_counties(tmp_path: Path, at: datetime) -> None:
    (tmp_path / "oews.csv").write_text(files.OEWS)
    (tmp_path / "rucc.csv").write_text(files.RUCC_WIDE)
    load(kind="oews", path=tmp_path / "oews.csv", by=None, at=at)
    load(kind="rucc", path=tmp_path / "rucc.csv", by=None, at=at)
    assert (queries.place_of("13109").code, queries.place_of("13109").reason) == ("1300004", "only_area")
    assert queries.place_of("13051").reason == "metro"


@pytest.mark.parametrize(
    ("title", "reason"), [("Elsewhere nonmetropolitan area", "unknown_area"), ("Savannah, GA", "metro")]
)
def test_an_area_without_wages_falls_back_to_the_state(tmp_path: Path, at: datetime, title: str, reason: str) -> None:
    (tmp_path / "oews.csv").write_text(files.OEWS)
    (tmp_path / "areas.csv").write_text(files.AREAS.replace("1300004,South Georgia nonmetropolitan area", f'99999,"{title}"'))
    load(kind="oews", path=tmp_path / "oews.csv", by=None, at=at)
    load(kind="areas", path=tmp_path / "areas.csv", by=None, at=at)
    assert (queries.place_of("13109").title, queries.place_of("13109").reason) == ("Georgia", reason)


def test_nothing_loaded_is_nowhere() -> None:
    assert queries.place_of("13109") == queries.NOWHERE
    assert queries.NOWHERE.why % queries.NOWHERE.params == "No pay was published for this job."
    assert queries.demand([CARE], "13109") == {} == queries.demand(None)
    assert queries.skills_of([CARE]) == {} and queries.county("13109") is None and queries.states() == []
    assert search("care") == [] == suggest("care of children")


def test_counties(starters: None) -> None:
    assert queries.states() == ["GA", "KY", "ME", "TN"]
    assert [len(queries.counties(state)) for state in queries.states()] == [159, 120, 16, 95]
    chatham = queries.county("13051")
    assert chatham and (chatham.name, chatham.rucc, chatham.metro) == ("Chatham County", 2, True)


# --- demand -------------------------------------------------------------------------------------------------


def test_demand_near_a_county_by_hand(facts: None) -> None:
    found = queries.demand([CARE, "39-9011", "51-4121.00", "00-0000.00"], "13109")
    care = found[CARE]
    assert set(found) == {CARE, "39-9011", "51-4121.00"}
    assert (care.hourly.p25.cents, care.hourly.median.cents, care.hourly.p75.cents) == (900, 1025, 1200)
    assert (care.mean_rse, care.here, care.here_rse, care.quotient) == (17.5, 600, 16.0, 0.9)
    assert "very rough" in care.sureness
    assert (care.openings, care.employment, care.growth, care.self_employed) == (153100, 945900, -2.0, 24.4)
    assert (care.education, care.job_zone) == ("High school diploma or equivalent", 2)
    assert (care.hourly_cents, care.yearly_cents, care.all_jobs) == (1025, 2132000, None)
    assert [(cited.kind, cited.version) for cited in care.cited] == [
        ("onet", "of 2026-11-23"), ("oews", "of 2026-11-23"), ("projections", "2022–2032"),
    ]  # fmt: skip
    assert found["39-9011"].title_en == "Childcare Workers" and found["39-9011"].published == "39-9011"
    welder = found["51-4121.00"]
    assert welder.place == queries.NOWHERE and not welder.hourly.known and welder.openings is None
    assert (welder.hourly_cents, welder.yearly_cents, welder.published, welder.together) == (None, None, "", False)


def test_what_is_not_released_near_is_taken_from_further_away(starters: None) -> None:
    near = queries.demand(["45-3031.00", "25-2021.00", CARE], "23029", chosen="2300001")
    assert near[CARE].place.reason == "chosen"
    teacher = near["25-2021.00"]
    assert teacher.hourly.median.cents is None and teacher.hourly_cents == round((teacher.annual.median.cents or 0) / 2080)
    fisher = near["45-3031.00"]
    assert fisher.place == queries.NOWHERE and fisher.openings


def test_pay_that_an_area_does_not_release_is_that_of_the_state(facts: None, tmp_path: Path, at: datetime) -> None:
    path = tmp_path / "later.csv"
    path.write_text(files.OEWS.replace("8.00,9.00,10.25,12.00,14.00,16600,18700,21320,25000,29000", "*,*,*,*,*,*,*,*,*,*"))
    load(kind="oews", path=path, by=None, at=at)
    care = queries.demand([CARE], "13109")[CARE]
    assert (care.place.title, care.place.reason, care.hourly.median.cents) == ("Georgia", "not_released", 1347)
    assert care.all_jobs == 4576000


def test_merged_occupations_say_so(starters: None) -> None:
    aide = queries.demand(["31-1121.00"], "13109")["31-1121.00"]
    assert (aide.published, aide.together) == ("31-1120", True)
    assert aide.openings and aide.hourly.known


def test_wages_over_the_top(tmp_path: Path, at: datetime) -> None:
    (tmp_path / "oews.csv").write_text(files.OEWS.replace("29-1241", "51-4121"))
    load(kind="oews", path=tmp_path / "oews.csv", by=None, at=at)
    load(kind="onet", path=files.onet_folder(tmp_path / "onet"), by=None, at=at)
    found = queries.demand(["51-4121.00"])["51-4121.00"]
    assert found.hourly.median == queries.Amount(None, top=True) and found.hourly.p25 == queries.Amount(8000)
    assert found.hourly.known and found.hourly_cents is None
    assert found.in_demand(DemandRule(None, None, 60)).value is None


def test_openings_of_table_110_serve_where_there_is_no_17(tmp_path: Path, at: datetime) -> None:
    (tmp_path / "p.csv").write_text(files.TABLE_110)
    load(kind="projections", path=tmp_path / "p.csv", by=None, at=at)
    load(kind="onet", path=files.onet_folder(tmp_path / "onet"), by=None, at=at)
    care = queries.demand([CARE])[CARE]
    assert (care.openings, care.education) == (153100, "")


def test_every_occupation_at_once(starters: None) -> None:
    found = queries.demand(None, "13109")
    assert len(found) == 49 and all(len(code) == 10 for code in found)
    assert found[CARE] == queries.demand([CARE], "13109")[CARE]
    assert [d.code for d in found.values() if d.in_demand(DemandRule()).value]


# --- what a job asks, where it can be done ------------------------------------------------------------------


def test_skills_of_a_job(facts: None) -> None:
    assert queries.skills_of([CARE, "39-9011.01"]) == {
        CARE: (queries.Asks("2.A.1.a", 3.12, 3.25), queries.Asks("2.B.3.e", 1.12, 0.0))
    }
    assert queries.element_names()["2.A.1.a"] == "Reading Comprehension"
    assert queries.element_names("es")["2.A.1.a"] == "Comprensión de lectura"
    assert queries.occupations([CARE])[CARE].title_en == "Childcare Workers"
    assert [task.task for task in queries.tasks_of(CARE)] == [1, 2] or queries.tasks_of(CARE)
    assert [tool.example for tool in queries.technology_of(CARE)] == ["Microsoft Excel"]
    assert occupations_using("Microsoft Excel") == ["51-4121.00", CARE]


def test_all_starter_occupations_that_are_rated_have_35_skills(starters: None) -> None:
    asked = queries.skills_of(queries.demand(None))
    assert len(asked) >= 45 and all(33 <= len(skills) <= 35 for skills in asked.values())
    assert len(queries.element_names("es")) == 68


def test_remote_work_says_who_says_so(facts: None, tmp_path: Path, at: datetime) -> None:
    found = queries.remote([CARE, "15-1232.00", "99-9999.00"])
    assert [(r.value, r.source) for r in found.values()] == [("no", "Fieldstone"), ("yes", "Fieldstone"), ("unknown", "")]
    folder = files.onet_folder(tmp_path / "db_30_0_text", Work_Context=files.WORK_CONTEXT)
    load(kind="onet", path=folder, by=None, at=at)
    found = queries.remote([CARE, "39-9011.01"])
    assert [(r.value, r.source) for r in found.values()] == [("no", "O*NET"), ("yes", "O*NET")]
    assert all(r.why for r in found.values())


def test_schools_and_fields_of_study(facts: None) -> None:
    ((school, flags),) = queries.institutions("01089")
    assert school.hbcu and flags and flags.msi
    assert queries.institutions("13051") == []
    assert [row.cip for row in queries.fields_of_study(CARE)] == ["19.0709"]


# --- search -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "language", "kind", "code"),
    [
        ("childcare", "en", "occupation", "39-9011.00"),
        ("CHILDC", "en", "occupation", "39-9011.00"),
        ("daycare worker", "en", "occupation", "39-9011.00"),
        ("niñera", "es", "occupation", "39-9011.01"),
        ("ninera", "en", "occupation", "39-9011.01"),
        ("reading", "en", "skill", "2.A.1.a"),
        ("comprension lectura", "es", "skill", "2.A.1.a"),
        ("excel", "en", "technology", "Microsoft Excel"),
        ("toddlers feelings", "en", "task", "39-9011.00"),
        ("leer", "es", "skill", "2.A.1.a"),
        ("dc", "en", "occupation", "39-9011.00"),
        ("reading zzzz", "en", "skill", "2.A.1.a"),
    ],
)
def test_search(facts: None, words: str, language: str, kind: str, code: str) -> None:
    found = search(words, language)
    assert (found[0].kind, found[0].code) == (kind, code)
    assert found[0].title(language)


def test_search_keeps_to_kinds_and_limits(facts: None) -> None:
    assert {found.kind for found in search("n", kinds=["occupation"])} <= {"occupation"}
    assert {found.kind for found in search("e", kinds=KINDS)} <= set(KINDS)
    assert len(search("a", limit=1)) <= 1
    assert search("  ") == [] and search('"()*:&|!') == []
    assert search("daycare' or 1=1 --", kinds=["task"]) == []


def test_titles_in_both_languages(facts: None) -> None:
    (care, *_) = search("daycare worker")
    assert (care.title("en"), care.title("es")) == ("Childcare Workers", "Personal de cuidado infantil")
    assert care.matched.casefold() == "daycare worker"
    (tool, *_) = search("excel")
    assert tool.title("es") == "Microsoft Excel"


def test_what_is_gone_is_not_found(facts: None) -> None:
    assert search("toddlers")
    Release.objects.filter(kind="onet").delete()
    assert search("toddlers") == []


def test_suggestions_name_their_words(starters: None) -> None:
    found = suggest("Write a report on what the toddlers did, and plan the budget of your home child care.")
    skills = {s.code: s.words for s in found if s.kind == "skill"}
    assert skills["2.A.1.c"] == ("write", "report")
    assert "budget" in skills["2.B.5.b"]
    first = next(s for s in found if s.kind == "occupation")
    assert (first.code, first.title("es")) == ("39-9011.00", "Personal de cuidado infantil")
    assert {"child", "care"} <= set(first.words)


def test_suggestions_in_spanish_and_of_some_kinds(starters: None) -> None:
    found = suggest("Mide piezas con tolerancia y hace el control de calidad", kinds=["skill", "knowledge"])
    assert found and {s.kind for s in found} <= {"skill", "knowledge"}
    assert found[0].title("es") == "Control de calidad"
    assert suggest("de la 12 y") == [] == suggest("zzzz qqqq")
    assert suggest("welder", kinds=["occupation"])[0].code == "51-4121.00"
