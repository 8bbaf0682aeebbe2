"""Reads about jobs: what leads there, how far a learner is, what she shows of what it asks, and the plan to get there.

What a job pays and asks is `reference`'s part; what credentials show and where they lead is `queries`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TypeVar
from uuid import UUID

from fieldstone import stacking
from fieldstone.server.catalog.models import Version
from fieldstone.server.catalog.rules import Text
from fieldstone.server.pathways import aims, queries, rules
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User
from fieldstone.server.reference import queries as reference
from fieldstone.server.workplace import queries as workplace
from fieldstone.server.workplace import rules as work

PATIENCE = 1.0
"""Seconds that the solver may take for each question of a plan; nearly all plans take some hundredths."""
NEAR = 2
"""A job is near when so many more micro-credentials, or fewer, lead there."""


@dataclass(frozen=True)
class Course:
    """A micro-credential that can be earned now."""

    credential: str
    organization_id: UUID
    organization: str
    slug: str
    title: Text
    level: int
    glyph: str
    family: str
    offer: stacking.Offer
    jobs: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """A stack that leads to jobs, as it is offered now. `named` are the ids in its tree."""

    version_id: UUID
    credential: str
    organization_id: UUID
    organization: str
    organization_name: str
    slug: str
    title: Text
    tree: stacking.Requirement
    jobs: tuple[str, ...]
    named: frozenset[str]


@dataclass(frozen=True)
class Offered:
    """Everything that is offered now, read once for a page."""

    courses: Mapping[str, Course]
    routes: tuple[Route, ...]

    def courses_for(self, code: str) -> list[Course]:
        """The micro-credentials that are tied to a job or belong to a stack that leads there, shortest first."""
        inside = {name for route in self.routes_for(code) for name in route.named}
        found = [c for c in self.courses.values() if code in c.jobs or c.credential in inside]
        return sorted(found, key=lambda c: (c.level, c.offer.effort, c.slug))

    def routes_for(self, code: str) -> list[Route]:
        """The stacks that lead to a job."""
        return [route for route in self.routes if code in route.jobs]

    def codes(self) -> list[str]:
        """Every job that something leads to, by its code of eight digits."""
        tied = [code for course in self.courses.values() for code in course.jobs]
        return list(dict.fromkeys([*(code for route in self.routes for code in route.jobs), *tied]))


def offered() -> Offered:
    """The micro-credentials and stacks that are offered now. Two queries, and two the first time."""
    columns = (
        "pk", "micro_credential_id", "micro_credential__organization_id", "micro_credential__organization__slug",
        "micro_credential__slug", "micro_credential__organization__family",
    )  # fmt: skip
    rows = list(Version.objects.current().order_by("level", "hours", "title_en", "pk").values_list(*columns))
    parts = _parts([row[0] for row in rows])
    courses = {}
    for version, micro, organization, house, slug, family in rows:
        part = parts[version]
        courses[str(micro)] = Course(
            credential=str(micro),
            organization_id=organization,
            organization=house,
            slug=slug,
            title=part.title,
            level=part.level,
            glyph=part.glyph,
            family=family,
            offer=part.offer,
            jobs=part.jobs,
        )
    stacks = StackVersion.objects.current().select_related("stack__organization").order_by("stack__created_at", "pk")
    routes = []
    listed = list(stacks.defer("definition"))
    definitions = _definitions([row.pk for row in listed])
    for row in listed:
        definition = definitions[row.pk]
        if definition.tree is not None:
            routes.append(
                Route(
                    version_id=row.pk,
                    credential=str(row.stack_id),
                    organization_id=row.stack.organization_id,
                    organization=row.stack.organization.slug,
                    organization_name=row.stack.organization.full_name,
                    slug=row.stack.slug,
                    title=definition.title,
                    tree=definition.tree,
                    jobs=_eight(definition.occupations),
                    named=frozenset(stacking.named(definition.tree)),
                )
            )
    by_credential = {route.credential: route for route in routes}
    return Offered(courses, tuple(_whole(route, by_credential) for route in routes))


MOST_PARTS = 1000
"""Parts of a tree with those of the stacks that it names inside; one written tree may have 500."""


class _TooLarge(Exception):
    """A tree with the trees of others inside has more than MOST_PARTS parts."""


def _whole(route: Route, routes: Mapping[str, Route]) -> Route:
    """The route with the trees of the stacks that it names inside its own: either the stack is held, or its tree is
    met. So a stack counts as the micro-credentials that it takes.

    Stacks inside stacks are put in level by level, as long as the whole stays within MOST_PARTS: stacks that share
    parts would double it with every level. What is deeper stays a credential to hold.
    """
    tree, wider = route.tree, _inside(route.tree, route, routes, 1)
    for levels in range(2, len(routes) + 2):
        if wider is None or wider == tree:
            break
        tree, wider = wider, _inside(route.tree, route, routes, levels)
    return replace(route, tree=tree, named=frozenset(stacking.named(tree)))


def _inside(
    tree: stacking.Requirement, route: Route, routes: Mapping[str, Route], levels: int
) -> stacking.Requirement | None:
    """The tree with so many levels of stacks put in; None where it would be too large."""
    parts = 0

    def expanded(node: stacking.Requirement, within: tuple[str, ...]) -> stacking.Requirement:
        nonlocal parts
        parts += 1
        if parts > MOST_PARTS:
            raise _TooLarge
        if isinstance(node, stacking.Count):
            return replace(node, of=tuple(expanded(child, within) for child in node.of))
        inner = routes.get(node.credential) if isinstance(node, stacking.Hold) else None
        if inner is None or inner.credential in within or len(within) > levels:
            return node
        parts += 1
        return stacking.Count(at_least=1, of=(expanded(inner.tree, (*within, inner.credential)), node))

    try:
        return expanded(tree, (route.credential,))
    except _TooLarge:
        return None


@dataclass(frozen=True)
class _Part:
    """What a published version says of itself, which never changes."""

    title: Text
    level: int
    glyph: str
    offer: stacking.Offer
    jobs: tuple[str, ...]


_PARTS: dict[UUID, _Part] = {}
_STACKS: dict[UUID, rules.StackDefinition] = {}
MOST_KEPT = 5000
Kept = TypeVar("Kept")


def _parts(wanted: Sequence[UUID]) -> Mapping[UUID, _Part]:
    """Published versions by id; those that this process has not read yet are read in one query."""
    found = _known(_PARTS, wanted)
    unread = [pk for pk in wanted if pk not in found]
    for version in Version.objects.filter(pk__in=unread) if unread else ():
        parsed = version.parsed
        found[version.pk] = _PARTS[version.pk] = _Part(
            parsed.title, parsed.level, parsed.glyph, queries.offer_of(version), _eight(parsed.jobs)
        )
    return found


def _definitions(wanted: Sequence[UUID]) -> Mapping[UUID, rules.StackDefinition]:
    """Published versions of stacks by id; those that this process has not read yet are read in one query."""
    found = _known(_STACKS, wanted)
    unread = [pk for pk in wanted if pk not in found]
    rows = StackVersion.objects.filter(pk__in=unread).values_list("pk", "definition") if unread else ()
    for pk, body in rows:
        found[pk] = _STACKS[pk] = rules.parse(body)[0]
    return found


def _known(kept: dict[UUID, Kept], wanted: Sequence[UUID]) -> dict[UUID, Kept]:
    """What is kept of these, in a table of the caller's own: another thread may empty the kept ones at any moment."""
    found = {pk: one for pk in wanted if (one := kept.get(pk)) is not None}
    if len(kept) > MOST_KEPT:
        kept.clear()
    return found


def _eight(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes of eight digits; six digits stand for the first of those that begin with them."""
    return tuple(dict.fromkeys(code if len(code) > 7 else f"{code}.00" for code in codes))


# --- how far --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distance:
    """How many more micro-credentials the nearest stack that leads to a job takes, and which (their ids)."""

    missing: tuple[str, ...]
    route: Route

    @property
    def away(self) -> int:
        """How many they are."""
        return len(self.missing)


class Standing:
    """What one learner (None: a visitor, who holds nothing) has, and how far each job is from it."""

    def __init__(self, learner: User | None, given: Offered, at: datetime) -> None:
        self.offered = given
        self.at = at
        self.held = queries.held(learner) if learner else []
        self.shown = queries.shown(learner, at=at) if learner else []
        self._routes: dict[UUID, tuple[str, ...]] = {}

    def holds(self, credential: str) -> bool:
        """Whether she holds this now."""
        return any(h.holding.credential == credential and h.holding.counts(self.at, valid=True) for h in self.held)

    def distance(self, code: str) -> Distance | None:
        """The nearest stack that leads to a job; None where none does, whatever single micro-credentials show."""
        ways = [Distance(self.missing(route), route) for route in self.offered.routes_for(code)]
        return min(ways, key=lambda way: way.away, default=None)

    def missing(self, route: Route) -> tuple[str, ...]:
        """The micro-credentials that are still to be earned for a stack, as its cheapest plan has them; where there is
        no plan, the stones of its wall that are not set."""
        if route.version_id not in self._routes:
            held = queries.counting(route.tree, route.organization_id, self.held)
            # What is held decides; within a day its ends do not move.
            when = max(self.at.replace(hour=0, minute=0, second=0, microsecond=0), _last(held))
            mine, offers = rules.plannable(route.tree, held, self.offers(route), when)
            self._routes[route.version_id] = _missing(route.version_id, route.tree, tuple(mine), tuple(offers), when)
        return self._routes[route.version_id]

    def offers(self, route: Route) -> list[stacking.Offer]:
        """What can be earned toward a stack; hours at work are as many as it asks for."""
        found = [
            c.offer
            for c in self.offered.courses.values()
            if c.organization_id == route.organization_id or c.credential in route.named
        ]
        forms = rules.forms(route.tree)
        if not forms:
            return found
        return rules.fitted(route.tree, [*found, *queries.offers_at_work(self._forms.intersection(forms))])

    @cached_property
    def _forms(self) -> set[UUID]:
        """The supervisors' forms in use, of those that stacks name. One query for all of them."""
        return workplace.known({form for route in self.offered.routes for form in rules.forms(route.tree)})

    def readiness(self, code: str) -> stacking.Readiness | None:
        """What she has shown of what a job asks; None where nobody rated what it asks."""
        asked = asks(code)
        return stacking.readiness(asked, self.shown) if asked else None


def asks(code: str) -> tuple[stacking.Asked, ...]:
    """The skills that a job asks for."""
    return tuple(
        stacking.Asked(skill=a.element, importance=Decimal(str(a.importance)), level=Decimal(str(a.level)))
        for a in reference.skills_of([code]).get(code, ())
    )


def _last(held: Iterable[stacking.Holding]) -> datetime:
    """When the newest of them was earned."""
    return max((h.earned_at for h in held if h.earned_at), default=datetime.min.replace(tzinfo=UTC))


@lru_cache(maxsize=4000)
def _missing(
    _version: UUID,
    tree: stacking.Requirement,
    held: tuple[stacking.Holding, ...],
    offers: tuple[stacking.Offer, ...],
    at: datetime,
) -> tuple[str, ...]:
    with suppress(stacking.Unsolved):
        found = stacking.plan(
            tree, held, offers, at, hours_a_week=aims.USUAL_HOURS, runner_up=False, patience=PATIENCE / 4
        )
        if isinstance(found, stacking.Plan):
            return tuple(offer.credential for offer in found.offers)
    placed = rules.places(stacking.evaluate(tree, held, at), offers)
    return tuple(place.credential for place in placed if place.state != "earned")


# --- jobs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """A job near a county, with what leads there and how far it is."""

    demand: reference.Demand
    courses: tuple[Course, ...]
    routes: tuple[Route, ...]
    distance: Distance | None
    remote: reference.Remote

    @property
    def code(self) -> str:
        """Eight digits of O*NET-SOC."""
        return self.demand.code

    @property
    def hourly(self) -> int:
        """The middle pay of an hour in cents; 0 where it is not known."""
        return self.demand.hourly_cents or 0

    @property
    def over_the_top(self) -> bool:
        """Whether the middle pays more than the highest wage that is published."""
        return not self.hourly and (self.demand.hourly.median.top or self.demand.annual.median.top)

    @property
    def owner(self) -> tuple[UUID, str] | None:
        """The organization whose rule says whether this job is in demand: that of the nearest stack, else of the first
        micro-credential; with its name, empty where only its micro-credentials are tied. None where nothing leads
        here."""
        if self.distance is not None:
            return self.distance.route.organization_id, self.distance.route.organization_name
        return (self.courses[0].organization_id, "") if self.courses else None

    def gain(self, wage: int | None) -> int | None:
        """How much more an hour the middle pays than this wage, in cents; None where one of them is not known."""
        return self.hourly - wage if wage is not None and self.hourly else None


def jobs(codes: Iterable[str], wishes: aims.Wishes, standing: Standing) -> list[Job]:
    """Jobs by their codes, the best paid first (which is the order of the gain over any wage); unknown ones are left
    out, those without published pay come last."""
    found = reference.demand(codes, wishes.county, chosen=wishes.area)
    places = reference.remote(found)
    rows = [
        Job(
            demand=demand,
            courses=tuple(standing.offered.courses_for(code)),
            routes=tuple(standing.offered.routes_for(code)),
            distance=standing.distance(code),
            remote=places[code],
        )
        for code, demand in found.items()
    ]
    return sorted(rows, key=lambda job: (not job.over_the_top, -job.hourly, job.code))


# --- the plan -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """What a plan leads to: a stack ("stack:<id>"); or, where `route` is None, all that can be shown of the skills that
    the job asks for ("skills"), or all micro-credentials that are tied to it ("tied")."""

    key: str
    route: Route | None
    missing: int
    reach: Fraction = Fraction(0)


@dataclass(frozen=True)
class Planned:
    """A plan or why there is none, with the goal that was taken and those that could be, and the names of things.

    `plan` is None where none was found in PATIENCE.
    """

    goal: Goal
    goals: tuple[Goal, ...]
    plan: stacking.Plan | stacking.Impossible | None
    names: Mapping[str, Text]


def goals(code: str, standing: Standing) -> list[Goal]:
    """What one can plan for a job: each stack that leads there, the nearest first; then the skills it asks for."""
    routes = sorted(
        ((len(standing.missing(route)), n, route) for n, route in enumerate(standing.offered.routes_for(code))),
        key=lambda row: row[:2],
    )
    found = [Goal(f"stack:{route.credential}", route, missing) for missing, _n, route in routes]
    helpful = _helpful(code, standing)
    if helpful:
        everything = [
            *standing.shown,
            *(stacking.Shown(skill=s, level=v, credential=o.credential) for o in helpful for s, v in o.shows.items()),
        ]
        found.append(Goal("skills", None, len(helpful), stacking.readiness(asks(code), everything).value))
    tied = _tied(code, standing)
    if tied and not found:
        found.append(Goal("tied", None, sum(not standing.holds(course.credential) for course in tied)))
    return found


def _tied(code: str, standing: Standing) -> list[Course]:
    return [course for course in standing.offered.courses.values() if code in course.jobs]


def _helpful(code: str, standing: Standing) -> list[stacking.Offer]:
    """What can be earned and shows more of what a job asks than she has shown; with what they require first."""
    now = standing.readiness(code)
    lacking = {row.skill: row for row in now.rows if row.missing} if now else {}
    courses = standing.offered.courses
    chosen: dict[str, None] = {}
    waiting = [
        course.credential
        for course in courses.values()
        if any(s in lacking and v > lacking[s].shown for s, v in course.offer.shows.items())
    ]
    while waiting:
        name = waiting.pop()
        if name not in chosen and name in courses and not standing.holds(name):
            chosen[name] = None
            waiting += [n if isinstance(n, str) else n.credential for n in courses[name].offer.prerequisites]
    return [courses[name].offer for name in sorted(chosen)]


def planned(code: str, standing: Standing, asked: aims.Asked) -> Planned | None:
    """The best plan for a job; None where nothing leads there. Takes the goal that was asked for, or the nearest."""
    known = goals(code, standing)
    if not known:
        return None
    goal = next((g for g in known if g.key == asked.goal), known[0])
    if goal.route is not None:
        aim: stacking.Goal = goal.route.tree
        counting = queries.counting(goal.route.tree, goal.route.organization_id, standing.held)
        offers: Sequence[stacking.Offer]
        holdings, offers = rules.plannable(goal.route.tree, counting, standing.offers(goal.route), standing.at)
    elif goal.key == "tied":
        tied = _tied(code, standing)
        offers = [course.offer for course in standing.offered.courses.values()]
        aim = stacking.Count(at_least=len(tied), of=tuple(stacking.Hold(credential=c.credential) for c in tied))
        holdings = [h.holding for h in standing.held]
    else:
        offers = _helpful(code, standing)
        aim = stacking.Reach(asked=asks(code), readiness=goal.reach, shown=tuple(standing.shown))
        holdings = [h.holding for h in standing.held]
    found: stacking.Plan | stacking.Impossible | None = None
    with suppress(stacking.Unsolved):
        found = stacking.plan(
            aim, holdings, offers, standing.at, minimize=_MINIMIZE[asked.by], hours_a_week=asked.hours_a_week,
            money=asked.money_cents, patience=PATIENCE,
        )  # fmt: skip
    return Planned(goal, tuple(known), found, _names(standing, goal))


_MINIMIZE: Mapping[str, stacking.Minimize] = {"cost": "cost", "hours": "hours", "date": "date"}


def _names(standing: Standing, goal: Goal) -> Mapping[str, Text]:
    found = {course.credential: course.title for course in standing.offered.courses.values()}
    found |= {route.credential: route.title for route in standing.offered.routes}
    if goal.route is not None:
        tree = goal.route.tree
        lacking = [name for name in stacking.named(tree) if name not in found]
        if lacking or any(isinstance(node, stacking.Hours) for _path, node in stacking.walk(tree)):
            found |= queries.names(stacking.named(tree), goal.route.organization_id)
    return found


def first_step(plan: stacking.Plan | stacking.Impossible | None, given: Offered) -> Course | None:
    """The micro-credential to start with; None where the plan is empty or begins with something else."""
    if not isinstance(plan, stacking.Plan) or not plan.steps:
        return None
    name = plan.steps[0].offer.credential
    return None if work.named(name) else given.courses.get(name)
