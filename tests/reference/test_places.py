"""Towns, ZIP codes and counties as people write them. What is expected was looked up by hand."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.reference import places, queries
from fieldstone.server.reference.actions import load, load_starter
from fieldstone.server.reference.importers import Notes
from fieldstone.server.reference.models import County, PlacePage, Release
from fieldstone.server.reference.starter import read
from tests.reference import files

HARDIN, CHATHAM = "47071", "13051"


@pytest.fixture
def starters(db: None, at: datetime) -> None:
    """The starter facts alone: counties of Georgia, Kentucky, Maine and Tennessee."""
    load_starter(by=None, at=at)


def fips(said: str) -> list[str]:
    """The counties that a text may mean."""
    return [found.county.fips for found in queries.places_named(said).found]


# --- what people write --------------------------------------------------------------------------------------


HARDIN_SAID = [
    "Savannah TN", "Savannah, TN", "savannah,tennessee", "SAVANNAH  tn.", "Sávannah, Tennessee", "38372", " 38372 ",
    "38372-1234", "Savannah, TN 38372", "Savannah TN 38372-0001", "Hardin County, TN", "hardin county tennessee",
    "Hardin TN", "condado de Hardin, Tennessee", "Condado Hardin TN", "hardin tn", "c47071", "Saltillo TN",
    "Crump, TN", "Counce, Tennessee", "38326", "Savannah TN 00000",
]  # fmt: skip
LOOKED_UP = [
    ("31401", [CHATHAM]), ("Pembroke GA", ["13029"]), ("31321", ["13029"]), ("Bryan County, GA", ["13029"]),
    ("bryan georgia", ["13029"]), ("BRYAN", ["13029"]), ("c13029", ["13029"]), ("Hancock, Maine", ["23009"]),
    ("Hancock County", ["13141", "21091", "23009", "47067"]), ("hanc me", ["23009"]), ("Hazard KY", ["21193"]),
    ("41701", ["21193"]), ("Machias, ME", ["23029"]), ("04654", ["23029"]), ("St. Marys, GA", ["13039"]),
    ("Saint Mary's Georgia", ["13039"]), ("st marys ga", ["13039"]), ("Mt. Vernon, KY", ["21203"]),
    ("Mount Vernon KY", ["21203"]), ("De Kalb County, GA", ["13089"]), ("DeKalb county georgia", ["13089"]),
    ("La Grange GA", ["13285"]), ("LaGrange, Georgia", ["13285"]), ("Ft. Knox KY", ["21093"]),
    ("Bar Harbor ME", ["23009"]), ("Cookeville Tennessee", ["47141"]), ("Statesboro GA", ["13031"]),
]  # fmt: skip
NOTHING = [
    "Bryan County, ME", "99999", "", " , . ", "GA", "county", "xyzzy", "\0", "Kentucky", "\ufdfa" * 100, "c99999",
    "hancock " + "me " * 12, "x" * 100, "Savannah County TN", "١٣٠٢٩", "Parish", "condado",
]  # fmt: skip


def test_a_town_a_zip_code_or_a_county_name_one_county(starters: None) -> None:
    found = {said: queries.places_named(said).county for said in HARDIN_SAID}
    assert {said: county and county.fips for said, county in found.items()} == dict.fromkeys(HARDIN_SAID, HARDIN)


def test_places_looked_up_by_hand(starters: None) -> None:
    assert {said: fips(said) for said, _found in LOOKED_UP} == dict(LOOKED_UP)


def test_what_names_no_place_finds_none(starters: None) -> None:
    assert {said: fips(said) for said in NOTHING} == {said: [] for said in NOTHING}


def test_towns_of_one_name_are_told_apart_by_county_and_state(starters: None) -> None:
    named = queries.places_named("Savannah")
    assert [found.label for found in named.found] == ["Chatham County, GA (Savannah)", "Hardin County, TN (Savannah)"]
    assert named.county is None and named.elsewhere == ("MO", "NY", "OH")


def test_a_county_and_a_town_of_one_name_are_both_offered(starters: None) -> None:
    assert [found.label for found in queries.places_named("Macon GA").found] == [
        "Macon County, GA", "Bibb County, GA (Macon)",
    ]  # fmt: skip
    assert fips("Macon County GA") == ["13193"]


def test_the_county_with_most_of_a_town_comes_first(starters: None) -> None:
    assert [found.label for found in queries.places_named("Atlanta GA").found] == [
        "Fulton County, GA (Atlanta)", "DeKalb County, GA (Atlanta)",
    ]  # fmt: skip


def test_a_slip_of_the_pen_is_asked_about(starters: None) -> None:
    named = queries.places_named("Savanah TN")
    assert [found.label for found in named.found] == ["Hardin County, TN (Savannah)"] and named.county is None
    assert [found.label for found in queries.places_named("Cookevile").found] == ["Putnam County, TN (Cookeville)"]


def test_the_name_of_a_state_is_not_silently_a_town_elsewhere(starters: None) -> None:
    """There is a Tennessee in Illinois, and counties called Washington in four of these states."""
    assert queries.places_named("Tennessee").found == ()
    named = queries.places_named("Washington")
    assert {"13303", "21229", "23029", "47179"} <= {found.county.fips for found in named.found}
    assert named.county is None


def test_a_place_in_a_state_that_is_not_loaded_is_known_to_be_there(starters: None) -> None:
    assert queries.places_named("13029") == queries.Named(sure=True, elsewhere=("NY",))
    assert queries.places_named("Kansas City KS").elsewhere == ("KS",)
    columbus = queries.places_named("Columbus")
    assert "OH" in columbus.elsewhere and columbus.county is None


def test_with_the_counties_of_the_nation_every_town_of_the_starter_facts_is_found(
    starters: None, shared: Path, at: datetime
) -> None:
    load(kind="rucc", path=shared / "labour" / "RUCC2023.csv", by=None, at=at)
    assert fips("13029") == ["36067"] and fips("New York") == ["36061"] and fips("Anchorage AK") == ["02020"]
    assert fips("Washington DC") == fips("20001") == ["11001"] and fips("Ponce Municipio, PR") == ["72113"]
    assert fips("Hartford CT") == ["09110"] and fips("06268") == ["09110"] and fips("Houma, Luisiana") == ["22109"]
    assert fips("Baltimore city, MD") == ["24510"] and fips("Baltimore County, MD") == ["24005"]
    assert set(fips("Baltimore MD")) == {"24003", "24005", "24510"} and fips("Doña Ana NM") == ["35013"]
    assert fips("St. Louis city MO") == ["29510"] and fips("Honolulu") == ["15003"]
    current = Release.objects.current("rucc")
    known = set(County.objects.filter(release=current).values_list("fips", flat=True))
    named = {
        county
        for kind in ("places", "zip-codes")
        for _table, (_key, lines) in read(kind, Notes())
        for line in lines.splitlines()
        for county in line.partition("\t")[2].split()
    }
    assert named - known == set() and len(known) > 3_200 and len(named) > 3_000


def test_before_anything_is_loaded_nothing_is_found(db: None) -> None:
    assert queries.places_named("Savannah TN") == queries.Named()


def test_without_towns_and_zip_codes_counties_are_found(starters: None) -> None:
    Release.objects.filter(kind__in=("places", "zip-codes")).delete()
    assert fips("13029") == ["13029"] and fips("Bryan GA") == ["13029"] and fips("Savannah TN") == []


def test_an_official_list_stands_over_the_starter_facts(starters: None, tmp_path: Path, at: datetime) -> None:
    (tmp_path / "national_place_by_county2020.txt").write_text(files.PLACES, encoding="utf-8")
    (tmp_path / "tab20_zcta520_county20_natl.txt").write_text(files.ZIP_CODES, encoding="utf-8")
    load(kind="places", path=tmp_path / "national_place_by_county2020.txt", by=None, at=at)
    load(kind="zip-codes", path=tmp_path / "tab20_zcta520_county20_natl.txt", by=None, at=at)
    assert fips("Nashville") == ["47037"] and fips("Bar Harbor ME") == [] and fips("Athens GA") == ["13059"]
    assert [found.label for found in queries.places_named("38310").found] == ["McNairy County, TN", "Hardin County, TN"]
    assert [found.label for found in queries.places_named("38372").found] == ["Hardin County, TN"]


def test_starter_pages_are_few_and_a_look_up_reads_one_or_two(
    starters: None, django_assert_max_num_queries: object
) -> None:
    assert PlacePage.objects.count() < 1_500
    queries.places_named("Savannah TN")
    with django_assert_max_num_queries(2):  # type: ignore[operator]  # the fixture has no type of its own
        queries.places_named("Savannah TN")


def test_no_text_makes_a_look_up_long(starters: None) -> None:
    queries.places_named("a")
    begun = time.process_time()
    for text in ("\ufdfa" * 100, "a " * 50, "me " * 12, "sanford san " * 6, "z" * 100, "a b c d e f g h i j k l"):
        queries.places_named(text)
    assert time.process_time() - begun < 2.0
    assert places.asked("a " * 50).readings == () and len(places.asked("a b c d e f g h i j k l").readings) == 1


# --- laws ---------------------------------------------------------------------------------------------------

NAMES = st.text("abcdefghijklmnñopqrstuvwxyzáéíóúü .'-", min_size=1, max_size=25)


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    asked = places.asked(text)
    assert len(asked.readings) <= places.MOST_WORDS
    assert asked.zip == "" or (len(asked.zip) == 5 and asked.zip.isascii() and asked.zip.isdigit())
    for reading in asked.readings:
        assert reading.name and all(c.isascii() and c.isalnum() for c in reading.name)
        assert reading.state == "" or reading.state in places.STATES


@given(NAMES)
def test_capitals_accents_marks_and_blanks_make_no_difference(name: str) -> None:
    assert places.key(name) == places.key(name.upper()) == places.key(f"  {name} ")
    plain = name.translate(str.maketrans("áéíóúüñ", "aeiouun"))
    assert places.key(name) == places.key(plain) == places.key(plain.replace(".", " ").replace("-", " "))


@pytest.mark.parametrize(("short", "long"), [("St", "Saint"), ("Ft", "Fort"), ("Mt", "Mount"), ("Ste", "Sainte")])
@given(name=st.text("abcdefghij", min_size=1, max_size=12))
def test_short_forms_are_the_long_ones(short: str, long: str, name: str) -> None:
    assert places.key(f"{short}. {name}") == places.key(f"{short} {name}") == places.key(f"{long} {name}")


@pytest.mark.parametrize("kind", ["County", "Parish", "Borough", "Census Area", "Municipio", "Planning Region"])
@given(name=st.text("bcdfghjklm", min_size=3, max_size=12), state=st.sampled_from(sorted(places.STATES)))
def test_a_county_is_found_with_and_without_the_word_for_it_and_never_in_another_state(
    kind: str, name: str, state: str
) -> None:
    postal, english, spanish = places.STATES[state]
    other = next(fips for fips in places.STATES if fips != state)
    counties = [places.Named(places.county_key(f"{name} {kind}"), "", (f"{code}001",)) for code in (state, other)]
    towns = [places.Named(name, name, (f"{state}003",))]
    for word in filter(None, (postal, english, spanish)):
        found, sure = places.matches(places.asked(f"{name} {kind}, {word}"), counties, towns)
        assert found == {f"{state}001": ""} and sure
        found, sure = places.matches(places.asked(f"{name} {word}"), counties, towns)
        assert found == {f"{state}001": "", f"{state}003": name} and sure


@settings(max_examples=50)
@given(
    towns=st.dictionaries(
        st.text("abcdefgh", min_size=3, max_size=12),
        st.lists(st.sampled_from(["13051", "47071", "21193", "23009"]), min_size=1, max_size=4, unique=True),
        max_size=20,
    )
)
def test_every_town_is_found_by_its_whole_name_with_its_counties(towns: dict[str, list[str]]) -> None:
    listed = places.lines_to_names("\n".join(f"{name}\t{' '.join(counties)}" for name, counties in towns.items()))
    for name, counties in towns.items():
        assert places.matches(places.asked(name), (), listed) == (dict.fromkeys(counties, name), True)
