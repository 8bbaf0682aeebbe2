"""Reads of what others publish: who pays what where, how many jobs there are, what a job asks, where it can be done.

Every read looks at the current release of its kind, and every figure names its source and year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from fieldstone.server.reference import places
from fieldstone.server.reference.importers import own
from fieldstone.server.reference.importers.projections import OPENINGS_ONLY
from fieldstone.server.reference.models import (
    Area,
    CipSoc,
    County,
    CountyArea,
    Element,
    Institution,
    InstitutionFlag,
    Occupation,
    PlacePage,
    Projection,
    Rating,
    Release,
    RemoteWork,
    TaskStatement,
    TechnologySkill,
    Wage,
)
from fieldstone.server.reference.rules import (
    PLACES,
    WHY,
    DemandRule,
    InDemand,
    in_demand,
    published_codes,
    sureness,
)

ALL_JOBS = "00-0000"


@dataclass(frozen=True)
class Amount:
    """A wage in US cents; None with `top` when it is over the highest that is published, None without when unknown."""

    cents: int | None
    top: bool = False


@dataclass(frozen=True)
class Quartiles:
    """What a quarter, half and three quarters of the people earn less than."""

    p25: Amount
    median: Amount
    p75: Amount

    @property
    def known(self) -> bool:
        """Whether the middle is known, if only as "more than can be said"."""
        return self.median.cents is not None or self.median.top


@dataclass(frozen=True)
class Place:
    """The place that figures are from. `why` is a message for `params`: county, place."""

    code: str
    title: str
    kind: str
    reason: str
    county: str = ""

    @property
    def why(self) -> str:
        """Why this place and no smaller one, as a message."""
        return WHY[self.reason]

    @property
    def params(self) -> Mapping[str, object]:
        """The values of `why`."""
        return {"county": self.county, "place": self.title}


NOWHERE = Place("", "", "", "nothing")


@dataclass(frozen=True)
class Cited:
    """Where figures come from: kind of file and its version."""

    kind: str
    version: str
    source: str


@dataclass(frozen=True)
class Demand:
    """One job near one county. Employment and openings are people; `here` in the place, the rest in the nation.

    `together` says that the figures are published only together with neighboring occupations (`published`).
    Eight in ten people earn between the two amounts of `eight_in_ten`, an hour.
    """

    code: str
    title_en: str
    title_es: str
    job_zone: int | None
    published: str
    together: bool
    place: Place
    hourly: Quartiles
    annual: Quartiles
    eight_in_ten: tuple[Amount, Amount]
    mean_rse: float | None
    here: int | None
    here_rse: float | None
    quotient: float | None
    openings: int | None
    employment: int | None
    growth: float | None
    self_employed: float | None
    education: str
    experience: str
    training: str
    all_jobs: int | None
    cited: tuple[Cited, ...] = field(default=(), compare=False)

    @property
    def sureness(self) -> str:
        """How sure the wage is, as a message."""
        return sureness(self.mean_rse)

    @property
    def yearly_cents(self) -> int | None:
        """The middle wage of a year; of 2,080 hours where only hours are published."""
        hourly = self.hourly.median.cents
        return self.annual.median.cents or (None if hourly is None else hourly * 2080)

    @property
    def hourly_cents(self) -> int | None:
        """The middle wage of an hour; of 2,080 hours a year where only years are published, as for teachers."""
        annual = self.annual.median.cents
        return self.hourly.median.cents or (None if annual is None else round(annual / 2080))

    def in_demand(self, rule: DemandRule) -> InDemand:
        """Hold this job against a program's rule."""
        return in_demand(
            rule, openings=self.openings, growth=self.growth, wage=self.yearly_cents, all_jobs=self.all_jobs
        )


@dataclass(frozen=True)
class Remote:
    """Whether a job can be done from anywhere: yes, part, no, or unknown; why, as a message; and who says so."""

    value: str
    why: str
    source: str


_SOURCES: Mapping[str, str] = {
    "oews": "Occupational Employment and Wage Statistics, {version}, U.S. Bureau of Labor Statistics",
    "projections": "Employment Projections {version}, U.S. Bureau of Labor Statistics",
    "onet": "{version}, U.S. Department of Labor",
}


def citation(kind: str) -> str:
    """Where the figures of a kind are from, with their year; proper names, the same in every language. Empty for a
    kind that is not loaded."""
    release = current(kind) or (current(kind, OPENINGS_ONLY) if kind == "projections" else None)
    if release is None:
        return ""
    remarks = release.report.get("remarks") or []
    if release.version == "starter" and remarks:
        return str(remarks[0]).partition(";")[0].partition(", CC BY")[0]
    return _SOURCES[kind].format(version=release.version)


def current(kind: str, series: str = "") -> Release | None:
    """The release of a kind that pages show."""
    return Release.objects.current(kind, series)


def _shown(kind: str) -> QuerySet[Release]:
    """The same inside a query of its rows, so that one question to the database is enough."""
    return Release.objects.filter(kind=kind, series="", is_current=True)


def _areas(kinds: Sequence[str]) -> QuerySet[Area]:
    """The areas of these kinds that wages are shown for."""
    return Area.objects.filter(release__in=_shown("oews"), kind__in=kinds)


# --- places -------------------------------------------------------------------------------------------------


def states() -> list[str]:
    """The postal codes of states that counties are known of."""
    release = current("rucc")
    return sorted(County.objects.filter(release=release).values_list("state", flat=True).distinct())


def counties(state: str) -> list[County]:
    """The counties of a state by name."""
    return list(County.objects.filter(release__in=_shown("rucc"), state=state).order_by("name"))


def county(fips: str) -> County | None:
    """A county by its five digits."""
    return County.objects.filter(release__in=_shown("rucc"), fips=fips).first()


@dataclass(frozen=True)
class Found:
    """A county that somebody may mean, and the town that it was found by, "" for its own name or a ZIP code."""

    county: County
    town: str = ""

    @property
    def label(self) -> str:
        """As it stands in a list of choices: "Hardin County, TN (Savannah)"; what tells places apart comes first."""
        county = f"{self.county.name}, {self.county.state}"
        return f"{county} ({self.town})" if self.town else county


@dataclass(frozen=True)
class Named:
    """What a text may mean: counties, whether the only one may be taken, and states whose counties are not loaded."""

    found: tuple[Found, ...] = ()
    sure: bool = False
    elsewhere: tuple[str, ...] = ()

    @property
    def county(self) -> County | None:
        """The one county that is meant; None where that is not clear."""
        return self.found[0].county if self.sure and len(self.found) == 1 and not self.elsewhere else None


def places_named(text: str) -> Named:
    """The counties that somebody may mean by a county, a town or a ZIP code, as people write them. See `places`.

    By state, within one the larger part of a town first. Where no ZIP codes are loaded, five digits are a county's.
    """
    asked = places.asked(text)
    releases = _releases()
    counties, towns, codes = (releases.get((kind, "")) for kind in ("rucc", "places", "zip-codes"))
    if counties is None:
        return Named()
    meant, sure = {asked.fips: ""} if asked.fips else {}, True
    if asked.zip:
        lines = _page(codes.pk, asked.zip[:3]) if codes else (places.Named(asked.zip, "", (asked.zip,)),)
        meant = {fips: "" for line in lines if line.key == asked.zip for fips in line.counties}
    if not meant and asked.readings:
        pages = sorted({reading.name[:2] for reading in asked.readings}) if towns else []
        listed = [line for page in pages for line in _page(towns.pk, page)] if towns else []
        meant, sure = places.matches(asked, _county_names(counties.pk), listed)
    known = {county.fips: county for county in County.objects.filter(release=counties, fips__in=meant)}
    found = [Found(known[fips], town) for fips, town in meant.items() if fips in known]
    others = {places.STATES[fips[:2]][0] for fips in meant if fips not in known and fips[:2] in places.STATES}
    return Named(tuple(sorted(found, key=lambda one: one.county.state)), sure, tuple(sorted(others)))


@lru_cache(maxsize=4)
def _county_names(release: UUID) -> tuple[places.Named, ...]:
    rows = County.objects.filter(release=release).order_by("fips").values_list("fips", "name")
    return tuple(places.Named(places.county_key(name), "", (fips,)) for fips, name in rows)


@lru_cache(maxsize=64)
def _page(release: UUID, page: str) -> tuple[places.Named, ...]:
    """The names on a page; a release never changes, so pages stay in memory, about 100 kB each."""
    text = PlacePage.objects.filter(release=release, key=page).values_list("lines", flat=True).first()
    return places.lines_to_names(text or "")


def counties_listed(state: str, most: int) -> list[County]:
    """The counties to choose from: those of a state; without one all, where they are not more than `most`."""
    rows = County.objects.filter(release__in=_shown("rucc")).order_by("state", "name")
    if state:
        return list(rows.filter(state=state))
    found = list(rows[: most + 1])
    return found if len(found) <= most else []


def state_area(state_fips: str) -> str:
    """The code of the area that is a whole state, by the state's two digits; "" where none is published."""
    found = _areas(("state", "territory")).filter(state_fips=state_fips).first()
    return found.code if found else ""


def state_name(state_fips: str) -> str:
    """What a state is called, as the wage survey calls it; "" where none is published."""
    found = _areas(("state", "territory")).filter(state_fips=state_fips).first()
    return found.title if found else ""


def areas_of(fips: str) -> list[Area]:
    """The areas outside cities of a county's state, to choose from where it is not known which is hers."""
    found = _areas(("nonmetro",)).filter(state_fips=fips[:2])
    return list(found.order_by("code"))


def place_of(fips: str, chosen: str = "") -> Place:
    """The smallest place that wages near a county are published for, and why that one.

    `chosen` is the code of an area that somebody chose herself. Raises nothing: an unknown county is the nation.
    """
    return _places(_releases(), fips, chosen)[0]


_Releases = Mapping[tuple[str, str], Release]


def _releases() -> _Releases:
    """Every current release, by one query."""
    return {(r.kind, r.series): r for r in Release.objects.filter(is_current=True).defer("report")}


@lru_cache(maxsize=4)
def _every_area(release: UUID) -> Mapping[str, Area]:
    return {area.code: area for area in Area.objects.filter(release=release)}


def _places(releases: _Releases, fips: str, chosen: str) -> list[Place]:
    """The place to look at first, then the larger ones; the last is the nation."""
    if ("oews", "") not in releases:
        return [NOWHERE]
    every = _every_area(releases[("oews", "")].pk)
    areas = {code: area for code, area in every.items() if area.state_fips in (fips[:2], "") and area.kind != "metro"}
    here = None
    if fips and ("rucc", "") in releases:
        here = County.objects.filter(release=releases[("rucc", "")], fips=fips).first()
    name = f"{here.name}, {here.state}" if here else fips
    first, reason = _own_area(releases, every, areas, fips, chosen, here)
    found: list[Place] = []
    if first is not None:
        found.append(Place(first.code, first.title, first.kind, reason, name))
    larger = reason if first is None else "not_released"
    for area in sorted(areas.values(), key=lambda area: area.kind == "nation"):
        if area.kind in ("state", "territory", "nation") and area is not first:
            wide = larger == "metro" and area.kind == "nation"
            found.append(Place(area.code, area.title, area.kind, "unknown_area" if wide else larger, name))
            larger = "not_released" if fips else larger
    return found or [NOWHERE]


def _own_area(
    releases: _Releases,
    every: Mapping[str, Area],
    areas: Mapping[str, Area],
    fips: str,
    chosen: str,
    here: County | None,
) -> tuple[Area | None, str]:
    """The county's own area, when it is known and published; else None and why not."""
    if chosen in areas:
        return areas[chosen], "chosen"
    if not fips:
        return None, "no_county"
    definitions = releases.get(("areas", ""))
    defined = definitions and CountyArea.objects.filter(release=definitions, fips=fips).first()
    if defined:
        if defined.area in every:
            return every[defined.area], "area"
        return None, "unknown_area" if "nonmetropolitan" in defined.title.casefold() else "metro"
    if here is not None and here.metro:
        return None, "metro"
    outside = [area for area in areas.values() if area.kind == "nonmetro" and area.state_fips == fips[:2]]
    if here is not None and len(outside) == 1:
        return outside[0], "only_area"
    return None, "unknown_area"


# --- demand -------------------------------------------------------------------------------------------------

_WAGE = (
    "area", "soc", "employment", "emp_prse", "mean_prse", "quotient", "hourly_p25", "hourly_p50", "hourly_p75",
    "annual_p25", "annual_p50", "annual_p75", "hourly_top", "annual_top", "hourly_p10", "hourly_p90", "annual_p10",
    "annual_p90",
)  # fmt: skip
_PROJECTION = (
    "code", "openings", "employment", "growth", "self_employed", "education", "experience", "training",
)  # fmt: skip
_WageRow = tuple[
    str, str, int | None, float | None, float | None, float | None, int | None, int | None, int | None, int | None,
    int | None, int | None, int, int, int | None, int | None, int | None, int | None,
]  # fmt: skip
_Titles = tuple[str, str, int | None]
_NO_WAGE: _WageRow = ("", "", None, None, None, None, None, None, None, None, None, None, 0, 0, None, None, None, None)
_ProjectionRow = tuple[str, int | None, int | None, float | None, float | None, str, str, str]
_NO_PROJECTION: _ProjectionRow = ("", None, None, None, None, "", "", "")


def demand(codes: Iterable[str] | None, fips: str = "", *, chosen: str = "") -> dict[str, Demand]:
    """Pay, openings, growth and entry education of occupations near a county, by the codes that were asked for.

    Codes have eight digits ("39-9011.00") or six; None asks for every occupation. `fips` is a county ("" for none),
    `chosen` the code of an area that somebody chose. Codes that no release knows are left out.
    """
    releases = _releases()
    wages, onet = releases.get(("oews", "")), releases.get(("onet", ""))
    projected = releases.get(("projections", "")) or releases.get(("projections", OPENINGS_ONLY))
    wanted = None if codes is None else list(dict.fromkeys(codes))
    titles = _titles(onet, wanted)
    expected = _projections(projected.pk) if projected else {}
    paid = [(place, _wages(wages.pk, place.code)) for place in _places(releases, fips, chosen)] if wages else []
    cited = tuple(Cited(r.kind, r.version, r.source_name) for r in (onet, wages, projected) if r is not None)
    return {code: _demand(code, titles[code], paid, expected, cited) for code in titles}


def _titles(onet: Release | None, wanted: Sequence[str] | None) -> Mapping[str, _Titles]:
    every = _every_title(onet.pk) if onet else {}
    if wanted is None:
        return {code: titles for code, titles in every.items() if len(code) > 7}
    return {code: every[code] for code in wanted if code in every}


@lru_cache(maxsize=4)
def _every_title(release: UUID) -> Mapping[str, _Titles]:
    """By codes of eight digits, and by those of six: the titles of the first occupation, most often ".00"."""
    found: dict[str, _Titles] = {}
    rows = Occupation.objects.filter(release=release).order_by("code")
    for code, soc, en, es, zone in rows.values_list("code", "soc", "title_en", "title_es", "job_zone"):
        found[code] = (en, es, zone)
        found.setdefault(soc, found[code])
    return found


@lru_cache(maxsize=64)
def _wages(release: UUID, area: str) -> Mapping[str, _WageRow]:
    """The wages of one area by SOC code; at most 64 areas are kept, about 16 MB."""
    return {row[1]: row for row in Wage.objects.filter(release=release, area=area).values_list(*_WAGE)}


@lru_cache(maxsize=4)
def _projections(release: UUID) -> Mapping[str, _ProjectionRow]:
    return {row[0]: row for row in Projection.objects.filter(release=release).values_list(*_PROJECTION)}


def _quartiles(p25: int | None, p50: int | None, p75: int | None, top: int) -> Quartiles:
    """The bits of `top` are those of the model: p25 is 2, the median 4, p75 8."""
    return Quartiles(Amount(p25, bool(top & 2)), Amount(p50, bool(top & 4)), Amount(p75, bool(top & 8)))


def _eight_in_ten(row: _WageRow) -> tuple[Amount, Amount]:
    """The 10th and 90th percentile of an hour; of 2,080 hours a year where only years are published."""
    if row[7] is not None or row[12] & 4:
        return Amount(row[14], bool(row[12] & 1)), Amount(row[15], bool(row[12] & 16))
    low, high = (None if cents is None else round(cents / 2080) for cents in row[16:18])
    return Amount(low, bool(row[13] & 1)), Amount(high, bool(row[13] & 16))


def _annual(row: _WageRow) -> int | None:
    return row[10] or (None if row[7] is None else row[7] * 2080)


def _released(row: _WageRow) -> bool:
    return row[7] is not None or row[10] is not None or bool((row[12] | row[13]) & 4)


def _demand(
    code: str,
    titles: _Titles,
    paid: Sequence[tuple[Place, Mapping[str, _WageRow]]],
    expected: Mapping[str, _ProjectionRow],
    cited: tuple[Cited, ...],
) -> Demand:
    candidates = published_codes(code)
    place, row, all_jobs = next(
        (
            (place, rows[soc], _annual(rows.get(ALL_JOBS, _NO_WAGE)))
            for place, rows in paid
            for soc in candidates
            if soc in rows and _released(rows[soc])
        ),
        (NOWHERE, _NO_WAGE, None),
    )
    figures = next((expected[soc] for soc in candidates if soc in expected), _NO_PROJECTION)
    published = row[1] or figures[0]
    openings, employment, growth, self_employed, education, experience, training = figures[1:]
    return Demand(
        code=code, title_en=titles[0], title_es=titles[1], job_zone=titles[2],
        published=published, together=bool(published) and published != code[:7], place=place,
        hourly=_quartiles(row[6], row[7], row[8], row[12]), annual=_quartiles(row[9], row[10], row[11], row[13]),
        eight_in_ten=_eight_in_ten(row),
        mean_rse=row[4], here=row[2], here_rse=row[3], quotient=row[5],
        openings=openings, employment=employment, growth=growth, self_employed=self_employed,
        education=education, experience=experience, training=training, all_jobs=all_jobs, cited=cited,
    )  # fmt: skip


# --- what a job asks ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asks:
    """One skill that an occupation asks for: importance 1 to 5, level 0 to 7."""

    element: str
    importance: float
    level: float


def skills_of(codes: Iterable[str]) -> dict[str, tuple[Asks, ...]]:
    """What occupations ask for, by their codes of eight digits; occupations that nobody rated are left out."""
    release = current("onet")
    every = every_skill(release.pk) if release else {}
    return {code: every[code] for code in codes if code in every}


@lru_cache(maxsize=2)
def every_skill(release: UUID) -> Mapping[str, tuple[Asks, ...]]:
    """What every occupation of a release asks for; read once in a process, since a release never changes."""
    found: dict[str, list[Asks]] = {}
    rows = Rating.objects.filter(release=release, kind="skill", importance__isnull=False, level__isnull=False)
    for code, element, importance, level in rows.order_by("occupation", "element").values_list(
        "occupation", "element", "importance", "level"
    ):
        found.setdefault(code, []).append(Asks(element, importance or 0.0, level or 0.0))
    return {code: tuple(asks) for code, asks in found.items()}


def knowledge_of(code: str, most: int = 5) -> tuple[Asks, ...]:
    """The areas of knowledge that matter most to an occupation, the most important first; none where nobody rated
    them. Readiness does not count them: what people know is rarely what a credential shows."""
    rows = Rating.objects.filter(release__in=_shown("onet"), occupation=code, kind="knowledge", level__gt=0)
    found = rows.filter(importance__isnull=False).order_by("-importance", "element")[:most]
    return tuple(Asks(row.element, row.importance or 0.0, row.level or 0.0) for row in found)


def element_names(language: str = "en") -> dict[str, str]:
    """The names of skills and knowledge by their ids; English where there is no Spanish."""
    rows = Element.objects.filter(release__in=_shown("onet")).values_list("element", "name_en", "name_es")
    return {element: (es or en) if language == "es" else en for element, en, es in rows}


def occupations(codes: Iterable[str]) -> dict[str, Occupation]:
    """Occupations by their codes of eight digits."""
    found = Occupation.objects.filter(release__in=_shown("onet"), code__in=list(codes))
    return {occupation.code: occupation for occupation in found}


def tasks_of(code: str) -> list[TaskStatement]:
    """What people of an occupation do; empty where only starter facts are loaded."""
    return list(TaskStatement.objects.filter(release__in=_shown("onet"), occupation=code).order_by("-core", "task"))


def technology_of(code: str) -> list[TechnologySkill]:
    """Tools of an occupation, those most in demand first; empty where only starter facts are loaded."""
    rows = TechnologySkill.objects.filter(release__in=_shown("onet"), occupation=code)
    return list(rows.order_by("-in_demand", "-hot", "example"))


def remote(codes: Iterable[str]) -> dict[str, Remote]:
    """Whether jobs can be done from anywhere: from O*NET's Work Context where it is loaded, else from our own list."""
    wanted = list(codes)
    release = current("onet")
    rows = RemoteWork.objects.filter(release=release, occupation__in=wanted)
    found = {row.occupation: Remote("yes" if row.capable else "no", PLACES[row.reason], "O*NET") for row in rows}
    ours = own.occupations()
    for code in wanted:
        if code not in found and code in ours:
            found[code] = Remote(ours[code].remote, PLACES[ours[code].reason], "Fieldstone")
        found.setdefault(code, Remote("unknown", PLACES["unknown"], ""))
    return found


# --- schools ------------------------------------------------------------------------------------------------


def institutions(fips: str) -> list[tuple[Institution, InstitutionFlag | None]]:
    """The schools of a county, with what the Carnegie classification says of them."""
    found = list(Institution.objects.filter(release__in=_shown("institutions"), county=fips).order_by("name"))
    ids = [school.unitid for school in found]
    flags = InstitutionFlag.objects.filter(release__in=_shown("carnegie"), unitid__in=ids)
    by_id = {flag.unitid: flag for flag in flags}
    return [(school, by_id.get(school.unitid)) for school in found]


def fields_of_study(soc: str) -> list[CipSoc]:
    """Fields of study that lead to an occupation."""
    return list(CipSoc.objects.filter(release__in=_shown("cip-soc"), soc=soc[:7]).order_by("cip"))
