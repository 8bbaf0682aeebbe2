"""Tables of what others publish. Each row belongs to one release: one import of one official file.

Rows name each other by the codes of the files, not by foreign keys, since each release comes from another publisher.
Everything hangs on its release and goes with it. Money is in US cents.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fieldstone.server.ledger.models import Row

TITLE = 300


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Reads of releases."""

    def current(self, kind: str, series: str = "") -> Release | None:
        """The release that pages show now; None where nothing of this kind was loaded."""
        return self.filter(kind=kind, series=series, is_current=True).first()


class Release(Row):
    """One import of one official file. Versions stand side by side; one is current for each kind and series.

    `series` keeps apart what is one kind but not one story, for example two frameworks; "" where there is only one.
    """

    kind = models.CharField(max_length=20)
    series = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=80)
    source_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    is_current = models.BooleanField(default=False)
    rows = models.PositiveIntegerField()
    report = models.JSONField(default=dict)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "series"], condition=Q(is_current=True), name="release_one_current_of_a_kind"
            ),
            models.UniqueConstraint(fields=["kind", "series", "sha256"], name="release_of_a_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class Fact(models.Model):
    """A row of a release: a plain number for its key, since there are many."""

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, db_index=False, related_name="+")

    class Meta:
        abstract = True


# --- what a job asks: O*NET ---------------------------------------------------------------------------------


class Occupation(Fact):
    """One occupation of O*NET: eight digits ("39-9011.00"), and the six of the SOC that wages are published for."""

    code = models.CharField(max_length=10)
    soc = models.CharField(max_length=7)
    title_en = models.CharField(max_length=TITLE)
    title_es = models.CharField(max_length=TITLE, blank=True)
    job_zone = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "code"], name="occupation_once"),
            models.CheckConstraint(condition=Q(job_zone=None) | Q(job_zone__range=(1, 5)), name="job_zone_1_to_5"),
        ]
        indexes: ClassVar = [models.Index(fields=["release", "soc"], name="occupation_by_soc")]


class Element(Fact):
    """A skill or an area of knowledge: "2.A.1.a", Reading Comprehension."""

    element = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=[("skill", "skill"), ("knowledge", "knowledge")])
    name_en = models.CharField(max_length=120)
    name_es = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "element"], name="element_once")]


class Rating(Fact):
    """How important a skill is in an occupation (1 to 5), and at which level (0 to 7)."""

    occupation = models.CharField(max_length=10)
    element = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=[("skill", "skill"), ("knowledge", "knowledge")])
    importance = models.FloatField(null=True)
    level = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "occupation", "kind", "element"], name="rating_once"),
            models.CheckConstraint(
                condition=Q(importance=None) | Q(importance__range=(0, 5)), name="rating_importance_1_to_5"
            ),
            models.CheckConstraint(condition=Q(level=None) | Q(level__range=(0, 7)), name="rating_level_0_to_7"),
        ]


class TechnologySkill(Fact):
    """A tool or program that an occupation uses."""

    occupation = models.CharField(max_length=10)
    example = models.CharField(max_length=TITLE)
    commodity = models.CharField(max_length=10)
    hot = models.BooleanField()
    in_demand = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["release", "occupation"], name="technology_by_occupation")]


class TaskStatement(Fact):
    """What people of an occupation do, in the words of O*NET; never part of what we ship."""

    occupation = models.CharField(max_length=10)
    task = models.PositiveIntegerField()
    text = models.TextField()
    core = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "occupation", "task"], name="task_once")]


class RemoteWork(Fact):
    """Whether an occupation can be done from anywhere, with what speaks against it ("" where nothing does)."""

    occupation = models.CharField(max_length=10)
    capable = models.BooleanField()
    reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "occupation"], name="remote_work_once")]


class SearchText(Fact):
    """Words that something is found by. `folded` has neither accents nor capitals; an index of the database reads it.

    `kind` is occupation, alternate (another title), skill, knowledge, technology or task. `code` is the occupation's,
    the element's, or the commodity's code.
    """

    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    text = models.TextField()
    folded = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["release", "kind", "code"], name="search_text_by_code")]


# --- what it pays: OEWS, projections ------------------------------------------------------------------------

AREAS = [(kind, kind) for kind in ("nation", "state", "territory", "metro", "nonmetro")]


class Area(Fact):
    """A place that wages are published for."""

    code = models.CharField(max_length=7)
    title = models.CharField(max_length=TITLE)
    kind = models.CharField(max_length=9, choices=AREAS)
    state_fips = models.CharField(max_length=2, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "code"], name="area_once")]


class Wage(Fact):
    """Wages of an occupation in an area. Null where not released; `…_top` says which percentiles are over the top.

    The bits of `hourly_top` and `annual_top` are those of p10 (1), p25 (2), median (4), p75 (8) and p90 (16). A wage
    over the top is null with its bit set. Relative standard errors are in percent.
    """

    area = models.CharField(max_length=7)
    soc = models.CharField(max_length=7)
    title = models.CharField(max_length=TITLE)
    employment = models.PositiveIntegerField(null=True)
    emp_prse = models.FloatField(null=True)
    mean_prse = models.FloatField(null=True)
    jobs_1000 = models.FloatField(null=True)
    quotient = models.FloatField(null=True)
    hourly_p10 = models.PositiveIntegerField(null=True)
    hourly_p25 = models.PositiveIntegerField(null=True)
    hourly_p50 = models.PositiveIntegerField(null=True)
    hourly_p75 = models.PositiveIntegerField(null=True)
    hourly_p90 = models.PositiveIntegerField(null=True)
    annual_p10 = models.PositiveIntegerField(null=True)
    annual_p25 = models.PositiveIntegerField(null=True)
    annual_p50 = models.PositiveIntegerField(null=True)
    annual_p75 = models.PositiveIntegerField(null=True)
    annual_p90 = models.PositiveIntegerField(null=True)
    hourly_top = models.PositiveSmallIntegerField(default=0)
    annual_top = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "area", "soc"], name="wage_once"),
            models.CheckConstraint(
                condition=Q(hourly_p25=None) | Q(hourly_p75=None) | Q(hourly_p25__lte=F("hourly_p75")),
                name="wage_quartiles_in_order",
            ),
        ]


class Projection(Fact):
    """What is expected of an occupation in the whole nation over ten years. Counts are people, not thousands."""

    code = models.CharField(max_length=7)
    title = models.CharField(max_length=TITLE)
    line_item = models.BooleanField()
    employment = models.PositiveIntegerField(null=True)
    employment_then = models.PositiveIntegerField(null=True)
    growth = models.FloatField(null=True)
    openings = models.PositiveIntegerField(null=True)
    self_employed = models.FloatField(null=True)
    education = models.CharField(max_length=60, blank=True)
    experience = models.CharField(max_length=60, blank=True)
    training = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "code"], name="projection_once")]


# --- places -------------------------------------------------------------------------------------------------


class County(Fact):
    """A county or its equal, with its code of the rural-urban continuum (1 to 3 metro, 4 to 9 not)."""

    fips = models.CharField(max_length=5)
    state = models.CharField(max_length=2)
    name = models.CharField(max_length=100)
    population = models.PositiveIntegerField(null=True)
    rucc = models.PositiveSmallIntegerField(null=True)
    metro = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "fips"], name="county_once"),
            models.CheckConstraint(condition=Q(rucc=None) | Q(rucc__range=(1, 9)), name="rucc_1_to_9"),
        ]
        indexes: ClassVar = [models.Index(fields=["release", "state", "name"], name="county_by_state")]


class CountyArea(Fact):
    """Which area of the wage survey a county lies in."""

    fips = models.CharField(max_length=5)
    area = models.CharField(max_length=7)
    title = models.CharField(max_length=TITLE)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "fips"], name="county_area_once")]


class PlacePage(Fact):
    """Names of towns by their first two letters, or ZIP codes by their first three digits, each with its counties.

    A line is a name, a tab and the counties parted by blanks. Pages, not a row for each name, since 70,000 rows would
    take a second and eight megabytes more of every database.
    """

    key = models.CharField(max_length=3)
    lines = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "key"], name="place_page_once")]


# --- schools ------------------------------------------------------------------------------------------------


class Institution(Fact):
    """A school after high school. `locale` is the NCES code: 11 to 13 city, 21 suburb, 31 town, 41 to 43 rural."""

    unitid = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2)
    county = models.CharField(max_length=5, blank=True)
    hbcu = models.BooleanField(null=True)
    tribal = models.BooleanField(null=True)
    locale = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "unitid"], name="institution_once")]
        indexes: ClassVar = [models.Index(fields=["release", "county"], name="institution_by_county")]


class InstitutionFlag(Fact):
    """What the Carnegie classification says of a school."""

    unitid = models.PositiveIntegerField()
    hbcu = models.BooleanField(null=True)
    tribal = models.BooleanField(null=True)
    hsi = models.BooleanField(null=True)
    msi = models.BooleanField(null=True)
    womens = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "unitid"], name="institution_flag_once")]


class CipSoc(Fact):
    """A field of study (CIP) and an occupation (SOC) that it leads to."""

    cip = models.CharField(max_length=7)
    cip_title = models.CharField(max_length=TITLE)
    soc = models.CharField(max_length=7)
    soc_title = models.CharField(max_length=TITLE)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "cip", "soc"], name="cip_soc_once")]
        indexes: ClassVar = [models.Index(fields=["release", "soc"], name="cip_soc_by_soc")]


# --- frameworks: CASE, CTDL, ESCO ---------------------------------------------------------------------------


class Framework(Fact):
    """A published framework; `document` is what its publisher said of it, whole."""

    identifier = models.CharField(max_length=300)
    title = models.CharField(max_length=TITLE)
    kind = models.CharField(max_length=5, choices=[("case", "CASE"), ("ctdl", "CTDL"), ("esco", "ESCO")])
    document = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["release", "identifier"], name="framework_once")]


class FrameworkItem(Fact):
    """One statement of a framework. `extra` holds what the columns do not, so that an export loses nothing."""

    framework = models.CharField(max_length=300)
    identifier = models.CharField(max_length=300)
    code = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=100, blank=True)
    text_en = models.TextField(blank=True)
    text_es = models.TextField(blank=True)
    parent = models.CharField(max_length=300, blank=True)
    folded = models.TextField(blank=True)
    """Code and texts without accents and capitals, for searching."""
    extra = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "framework", "identifier"], name="framework_item_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["release", "framework", "parent"], name="framework_item_by_parent"),
        ]


class FrameworkLink(Fact):
    """How two statements stand to each other: "isChildOf", "exactMatchOf" and so on."""

    framework = models.CharField(max_length=300)
    identifier = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=300)
    destination = models.CharField(max_length=300)
    kind = models.CharField(max_length=60)
    extra = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["release", "origin"], name="framework_link_by_origin"),
            models.Index(fields=["release", "destination"], name="framework_link_by_end"),
        ]
