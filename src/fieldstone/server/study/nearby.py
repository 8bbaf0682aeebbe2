"""Reads about jobs near an organization: how near its credentials bring people, and what is missing for most.

Pay and openings come from `reference`, what credentials show from `pathways`; the counting is in `gaps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fieldstone.server.catalog.models import Version
from fieldstone.server.catalog.rules import Definition
from fieldstone.server.pathways import queries as pathways
from fieldstone.server.people.models import Organization
from fieldstone.server.reference import queries as reference
from fieldstone.server.study import gaps
from fieldstone.server.study.queries import learners

MOST_JOBS = 12
HALF = 0.5


@dataclass(frozen=True)
class Ground:
    """What everything here is reckoned from: the place, its jobs and what they ask, and what people have shown.

    `published` is the highest level of each skill over what the organization publishes now (without the one left
    out), `people` its learners by what they have shown, `count` how many they are.
    """

    near: pathways.Near
    county: str
    jobs: Mapping[str, reference.Demand]
    asks: Mapping[str, gaps.Asks]
    published: gaps.Levels
    people: gaps.Crowd
    count: int

    def in_demand(self, code: str) -> bool | None:
        """Whether a job counts as in demand here, by the organization's own rule."""
        return self.jobs[code].in_demand(self.near.rule).value


def ground(organization: Organization, *, at: datetime, county: str = "", but: UUID | None = None) -> Ground:
    """Read all of it. `county` is one of the organization's places (the first one where it is none of them); `but` is
    a micro-credential that is left out of what is published."""
    near = pathways.nearby(organization)
    here = county if county in near.counties else next(iter(near.counties), "")
    jobs = pathways.jobs_near(here)
    asks = {
        code: tuple((s.element, s.importance, s.level) for s in skills)
        for code, skills in reference.skills_of(jobs).items()
    }
    versions = Version.objects.current().filter(micro_credential__organization=organization)
    published = gaps.highest(plain(v.parsed) for v in versions.exclude(micro_credential=but))
    ids = list(learners(organization).values_list("pk", flat=True))
    shown = pathways.shown_by(ids, at=at)
    people = gaps.crowd(gaps.highest({s.skill: float(s.level)} for s in shown.get(pk, ())) for pk in ids)
    return Ground(near, here, jobs, asks, published, people, len(ids))


def plain(definition: Definition) -> dict[str, float]:
    """What a definition shows, as plain numbers."""
    return {skill: float(level) for skill, level in definition.shows.items()}


@dataclass(frozen=True)
class Gain:
    """What a micro-credential adds toward one job: readiness of somebody who holds it alone, who holds all else that
    is published, and who holds both (0 to 1); `people` are learners whom it brings nearer (see `gaps.heads`)."""

    code: str
    alone: float
    before: float
    after: float
    people: int | None
    tied: bool
    in_demand: bool | None


@dataclass(frozen=True)
class SkillGain:
    """One skill of a job: the level asked, shown by all else that is published, and with the micro-credential."""

    skill: str
    weight: float
    asked: float
    before: float
    after: float
    people: int | None


def gains(here: Ground, definition: Definition) -> list[Gain]:
    """The jobs near here that a micro-credential brings people nearer to: those it is tied to, those in demand, then
    those where it is worth the most."""
    adds = plain(definition)
    both = gaps.highest([here.published, adds])
    found = []
    for code, asks in here.asks.items():
        alone = gaps.ready(asks, adds)
        if alone > 0:
            found.append(
                Gain(
                    code, alone, gaps.ready(asks, here.published), gaps.ready(asks, both),
                    gaps.heads(gaps.raised(here.people, asks, adds), here.count),
                    code in definition.jobs, here.in_demand(code),
                )
            )  # fmt: skip
    return sorted(found, key=lambda g: (not g.tied, not g.in_demand, g.before - g.after, -g.alone, g.code))


def skill_gains(here: Ground, definition: Definition, code: str) -> list[SkillGain]:
    """What it adds toward one job, skill by skill, the weightiest first; skills that it does not show are left out."""
    adds, asks = plain(definition), here.asks[code]
    both = gaps.highest([here.published, adds])
    whole = sum(importance * level for _skill, importance, level in asks)
    counts = gaps.raised_by_skill(here.people, asks, adds)
    found = [
        SkillGain(
            skill, importance * level / whole, level, here.published.get(skill, 0.0), both[skill],
            gaps.heads(counts[skill], here.count),
        )
        for skill, importance, level in asks if skill in adds and importance and level
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row.weight, row.skill))


@dataclass(frozen=True)
class Opened:
    """How far what is published opens one job: readiness with all of it, what leads there, and how many learners are
    ready to at least half (see `gaps.heads`)."""

    code: str
    share: float
    leads: pathways.Leads
    half: int | None
    in_demand: bool | None


def opened(here: Ground, organization: Organization) -> list[Opened]:
    """The jobs near here by how much of what they ask is shown by all that is published; tied ones come first."""
    led = _led(here.asks, organization)
    found = [
        Opened(
            code, gaps.ready(asks, here.published), led[code],
            gaps.heads(gaps.at_least(here.people, asks, HALF), here.count), here.in_demand(code),
        )
        for code, asks in here.asks.items()
    ]  # fmt: skip
    return sorted(found, key=lambda o: (not (o.leads.micro_credentials or o.leads.stacks), -o.share, o.code))


def _led(codes: Iterable[str], organization: Organization) -> dict[str, pathways.Leads]:
    """What leads to each job, of this organization only."""
    return {
        code: pathways.Leads(
            tuple(v for v in leads.micro_credentials if v.micro_credential.organization_id == organization.pk),
            tuple(s for s in leads.stacks if s.stack.organization_id == organization.pk),
        )
        for code, leads in pathways.leading_to(codes).items()
    }


@dataclass(frozen=True)
class Missing:
    """A skill that most people lack: see `gaps.Gap`; `people` as it may be shown."""

    skill: str
    people: int | None
    worth: float
    low: float
    high: float
    most_for: str


def missing(here: Ground, rows: Iterable[Opened]) -> tuple[list[str], list[Missing]]:
    """What a new micro-credential would add for most people, toward the jobs that something of ours leads to: those in
    demand, or all of them where none is. Returns those jobs, and the skills; skills of hidden groups are left out."""
    led = [row for row in rows if row.leads.micro_credentials or row.leads.stacks]
    chosen = [row.code for row in led if row.in_demand] or [row.code for row in led]
    found = gaps.gaps(here.people, {code: here.asks[code] for code in chosen})
    listed = [
        Missing(gap.skill, people, gap.worth, gap.low, gap.high, gap.most_for)
        for gap in found if (people := gaps.heads(gap.people, here.count))
    ]  # fmt: skip
    return chosen, listed[:MOST_JOBS]
