"""Reads of pathways: what a learner holds, what can be earned, and where each pursuit stands."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from fieldstone import stacking
from fieldstone.credential import Achievement
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards import rules as award_rules
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import StackFacts, achievement_json, stack_achievement
from fieldstone.server.catalog import queries as shelves
from fieldstone.server.catalog.models import Program, Version
from fieldstone.server.catalog.rules import Text, same_job
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.pathways import ctdl, rules
from fieldstone.server.pathways.models import (
    Nearness,
    Nudge,
    Pursuit,
    Region,
    Stack,
    StackComponent,
    StackVersion,
    Survey,
)
from fieldstone.server.people.models import Organization, User
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.rules import DemandRule, parse_rule
from fieldstone.server.workplace import queries as workplace
from fieldstone.server.workplace import rules as work
from fieldstone.stacking import population


@dataclass(frozen=True)
class Held:
    """One thing a learner holds or is working on, with who issued it.

    `award` is None for what is in review or begun; `enrollment` is None for a stack's credential. Both are None for
    work at a workplace, which counts only where a tree names it (`named_only`).
    """

    holding: stacking.Holding
    organization_id: UUID
    award: Award | None = None
    enrollment: Enrollment | None = None
    named_only: bool = False


def held(learner: User) -> list[Held]:
    """Everything that may count for this learner: awards, reviews under way, drafts, work. Six queries."""
    return [*held_awards(Award.objects.filter(learner=learner)), *_under_way(learner), *_at_work(learner)]


def _at_work(learner: User) -> Iterator[Held]:
    """Signed reviews and countersigned hours as holdings; what waits for a supervisor is in review."""
    for credit in workplace.credits(learner):
        name = work.review_of(credit.form)
        if credit.reviewed_at is not None:
            review = stacking.Holding(credential=name, earned_at=credit.reviewed_at)
            yield Held(review, credit.organization, named_only=True)
        else:
            state: stacking.State = "in_review" if credit.asked else "draft"
            yield Held(stacking.Holding(credential=name, state=state), credit.organization, named_only=True)
        name, hours = work.hours_of(credit.form), {work.AREA: credit.hours}
        if credit.hours_at is not None:
            counted = stacking.Holding(credential=name, hours=hours, earned_at=credit.hours_at)
            yield Held(counted, credit.organization, named_only=True)
        if credit.waiting:
            later = {work.AREA: work.capped(credit.hours + credit.waiting)}
            waiting = stacking.Holding(credential=name, hours=later, state="in_review")
            yield Held(waiting, credit.organization, named_only=True)


def held_awards(chosen: QuerySet[Award]) -> list[Held]:
    """These awards as holdings. Two queries.

    A suspended award does not count while it is suspended. Revoked ones are listed, so that a stack can say why.
    """
    found = []
    awards = list(chosen.filter(suspended_at=None).select_related("version").order_by("issued_at", "id"))
    versions = {
        v.pk: v for v in StackVersion.objects.filter(pk__in=[a.stack_version_id for a in awards if a.stack_version_id])
    }
    for award in awards:
        if award.version is not None:
            parsed = award.version.parsed
            level, hours = parsed.level, dict(parsed.clock_hours)
        else:
            level = rules.parse(versions[award.stack_version_id].definition)[0].level if award.stack_version_id else 0
            hours = {}
        found.append(
            Held(
                stacking.Holding(
                    credential=str(award.micro_credential_id or award.stack_id),
                    level=level,
                    hours=hours,
                    earned_at=award.issued_at,
                    valid_until=award.valid_until,
                    revoked_at=award.revoked_at,
                ),
                award.organization_id,
                award=award,
            )
        )
    return found


def _under_way(learner: User) -> Iterator[Held]:
    """What is in review or begun. An enrollment that led to a demonstrated outcome is neither."""
    waiting = set(
        Review.objects.filter(submission__enrollment__learner=learner)
        .exclude(state="decided")
        .values_list("submission__enrollment_id", flat=True)
    )
    done = Review.objects.filter(submission__enrollment__learner=learner, outcome="demonstrated")
    begun = (
        Enrollment.objects.filter(learner=learner, left_at=None)
        .exclude(pk__in=done.values("submission__enrollment_id"))
        .select_related("version", "micro_credential")
        .order_by("started_at", "id")
    )
    for enrollment in begun:
        parsed = enrollment.version.parsed
        yield Held(
            stacking.Holding(
                credential=str(enrollment.micro_credential_id),
                level=parsed.level,
                hours=dict(parsed.clock_hours),
                state="in_review" if enrollment.pk in waiting else "draft",
            ),
            enrollment.micro_credential.organization_id,
            enrollment=enrollment,
        )


def holdings(learner: User) -> list[stacking.Holding]:
    """The same as `held`, in the words of the stacking library."""
    return [each.holding for each in held(learner)]


def counting(tree: stacking.Requirement, organization_id: UUID, everything: Iterable[Held]) -> list[stacking.Holding]:
    """The holdings that this stack looks at: what its tree names, from anyone, and its own organization's.

    Parts open to all ("120 hours, any credential") thus never count what the stack's issuer did not issue, and hours
    at work never count as hours of study.
    """
    names = set(stacking.named(tree))
    return [
        h.holding
        for h in everything
        if h.holding.credential in names or (h.organization_id == organization_id and not h.named_only)
    ]


def offers(organization_id: UUID, named: Iterable[UUID] = ()) -> list[stacking.Offer]:
    """What can be earned now: the organization's current micro-credentials, and the named ones of anybody, stacks
    and reviews and hours at work too. Three queries. See `offers_in` for one tree's."""
    ids = list(named)
    versions = (
        Version.objects.current()
        .filter(Q(micro_credential__organization_id=organization_id) | Q(micro_credential_id__in=ids))
        .order_by("level", "hours", "id")
    )
    found = [offer_of(version) for version in versions]
    for stack in StackVersion.objects.current().filter(stack_id__in=ids):
        parsed = rules.parse(stack.definition)[0]
        found.append(stacking.Offer(credential=str(stack.stack_id), effort=max(1, parsed.hours), level=parsed.level))
    return [*found, *offers_at_work(workplace.known(ids))]


def offers_at_work(forms: Iterable[UUID]) -> list[stacking.Offer]:
    """A review and hours at a workplace by each of these forms."""
    most = work.MOST_HOURS
    return [
        offer
        for form in sorted(forms)
        for offer in (
            stacking.Offer(credential=work.review_of(form), effort=work.PLACEMENT_HOURS),
            stacking.Offer(credential=work.hours_of(form), effort=most, hours={work.AREA: most}),
        )
    ]


def offer_of(version: Version) -> stacking.Offer:
    """A current version as something that can be earned."""
    parsed = version.parsed
    return stacking.Offer(
        credential=str(version.micro_credential_id),
        effort=max(1, version.hours),
        level=version.level,
        hours=dict(parsed.clock_hours),
        cost=version.cost_cents,
        prerequisites=parsed.prerequisites,
        shows=parsed.shows,
    )


def offers_in(tree: stacking.Requirement, organization_id: UUID) -> list[stacking.Offer]:
    """What can be earned now toward this tree; hours at work are as many as it asks for."""
    return rules.fitted(tree, offers(organization_id, rules.named(tree)))


def shown(learner: User, *, at: datetime) -> list[stacking.Shown]:
    """What the micro-credentials that this learner holds, and that are valid at that moment, show. Two queries."""
    return shown_by([learner.pk], at=at).get(learner.pk, [])


def shown_by(learners: Iterable[UUID], *, at: datetime) -> dict[UUID, list[stacking.Shown]]:
    """What the valid awards of these learners show, by learner. Two queries, however many they are."""
    valid = Award.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at), learner__in=list(learners), version__isnull=False,
        issued_at__lte=at, revoked_at=None, suspended_at=None,
    ).order_by("issued_at", "id")  # fmt: skip
    rows = list(valid.values_list("learner_id", "micro_credential_id", "version_id"))
    versions = Version.objects.in_bulk({version for _learner, _micro, version in rows})
    found: dict[UUID, list[stacking.Shown]] = {}
    for learner, micro, version in rows:
        found.setdefault(learner, []).extend(
            stacking.Shown(skill=skill, level=level, credential=str(micro))
            for skill, level in versions[version].parsed.shows.items()
        )
    return found


@dataclass(frozen=True)
class Leads:
    """What leads to an occupation now: micro-credentials that are tied to it, shortest first, and stacks."""

    micro_credentials: tuple[Version, ...] = ()
    stacks: tuple[StackVersion, ...] = ()


def leading_to(codes: Iterable[str]) -> dict[str, Leads]:
    """What leads to each of these occupations (codes of eight or six digits). Two queries.

    A micro-credential leads to an occupation that it is tied to, a stack to those that its definition names.
    """
    wanted = list(dict.fromkeys(codes))
    by_soc: dict[str, list[str]] = {}
    for code in wanted:
        by_soc.setdefault(code[:7], []).append(code)
    micro: dict[str, list[Version]] = {}
    stacks: dict[str, list[StackVersion]] = {}
    rows = Version.objects.current().select_related("micro_credential__organization", "micro_credential__program")
    for version in rows.order_by("level", "hours", "title_en", "pk"):
        for code in _matching(by_soc, version.parsed.jobs):
            micro.setdefault(code, []).append(version)
    for stack in (
        StackVersion.objects.current()
        .select_related("stack__organization", "stack__program")
        .order_by("stack__created_at", "stack_id")
    ):
        for code in _matching(by_soc, rules.parse(stack.definition)[0].occupations):
            stacks.setdefault(code, []).append(stack)
    return {code: Leads(tuple(micro.get(code, ())), tuple(stacks.get(code, ()))) for code in wanted}


def _matching(by_soc: Mapping[str, Sequence[str]], tied: Iterable[str]) -> dict[str, None]:
    """Those of the codes (by their first six digits) that mean the same as one of the tied ones, each once."""
    return {code: None for other in tied for code in by_soc.get(other[:7], ()) if same_job(code, other)}


@dataclass(frozen=True)
class Near:
    """Where an organization looks for jobs (counties, or "13000" for a state), and its rule of what is in demand.

    `chosen` says whether somebody chose the counties; otherwise it is the state of the organization's address.
    """

    counties: tuple[str, ...]
    chosen: bool
    rule: DemandRule
    own_rule: bool


def nearby(organization: Organization) -> Near:
    """What an organization chose, or the defaults. One query."""
    row = Region.objects.filter(organization=organization).first()
    state = rules.state_in(organization.place)
    counties = tuple(row.counties) if row else ()
    rule = parse_rule(row.demand)[0] if row and row.demand else DemandRule()
    return Near(
        counties or ((state + rules.WHOLE_STATE,) if state else ()), bool(counties), rule, bool(row and row.demand)
    )


def demand_rules() -> dict[UUID, DemandRule]:
    """The rules of what is in demand, by organization; those that keep the default one are left out. One query."""
    rows = Region.objects.exclude(demand={}).values_list("organization_id", "demand")
    return {organization: parse_rule(demand)[0] for organization, demand in rows}


def jobs_near(county: str) -> dict[str, reference.Demand]:
    """Pay, openings and growth of every occupation near a county, or in a state ("13000"), or the nation ("")."""
    whole = county.endswith(rules.WHOLE_STATE)
    return reference.demand(None, county, chosen=reference.state_area(county[:2]) if whole else "")


def stack_facts(version: StackVersion, result: stacking.Result) -> StackFacts:
    """A stack's version in the words that its credential carries; `result` is what its narrative tells of."""
    definition = rules.parse(version.definition)[0]
    called = names(stacking.named(definition.tree) if definition.tree else (), version.stack.organization_id)
    return StackFacts(
        stack_id=version.stack_id,
        version_id=version.pk,
        number=version.number,
        title=definition.title,
        summary=definition.summary,
        can_do=definition.can_do,
        level=definition.level,
        valid_months=definition.valid_months,
        hours=definition.hours,
        narrative=rules.narrative(result, called),
    )


def achievement(version: StackVersion, *, base_url: str, at: datetime) -> dict[str, Any]:
    """A version of a stack as an Open Badges Achievement; its criteria are the requirement with nothing done yet."""
    return achievement_json(_described(version, base_url=base_url, at=at))


def badge_class(version: StackVersion, *, base_url: str, at: datetime) -> dict[str, Any]:
    """A version of a stack as a BadgeClass of Open Badges 2.0."""
    described = _described(version, base_url=base_url, at=at)
    return award_rules.badge_class(
        described, base_url=base_url, version=version.pk, slug=version.stack.organization.slug
    )


def _described(version: StackVersion, *, base_url: str, at: datetime) -> Achievement:
    tree = rules.parse(version.definition)[0].tree
    if tree is None:
        raise ValueError(f"the stack version {version.pk} has no readable tree")
    facts = stack_facts(version, stacking.evaluate(tree, [], at))
    issuer = awarded.issuer(version.stack.organization)
    return stack_achievement(facts, base_url=base_url, issuer=issuer)


def titles(organization: Organization) -> dict[UUID, str]:
    """The titles of an organization's stacks in every language, in small letters, for finding them by words."""
    rows = StackVersion.objects.filter(stack__organization=organization, published_at__isnull=False).order_by("number")
    return {row.stack_id: " ".join(row.definition["title"].values()).lower() for row in rows}


def offers_for(version: StackVersion) -> list[stacking.Offer]:
    """What can be earned now toward this stack."""
    tree = rules.parse(version.definition)[0].tree
    return offers_in(tree, version.stack.organization_id) if tree else offers(version.stack.organization_id)


def names(ids: Iterable[str], organization_id: UUID) -> dict[str, Text]:
    """What people call these micro-credentials, stacks and parts at work, and the organization's subject areas.

    Three queries, four where a part at work is named.
    """
    wanted = list(ids)
    known = _uuids(wanted)
    found = _called_at_work(wanted)
    rows = Version.objects.filter(micro_credential_id__in=known, published_at__isnull=False).order_by("number")
    for version in rows.only("micro_credential_id", "definition"):
        found[str(version.micro_credential_id)] = version.definition["title"]
    for stack in StackVersion.objects.filter(stack_id__in=known, published_at__isnull=False).order_by("number"):
        found[str(stack.stack_id)] = stack.definition["title"]
    for areas in Program.objects.filter(organization_id=organization_id).values_list("areas", flat=True):
        for area in areas:
            found.setdefault(area["code"], area["name"])
    return found


AT_WORK: Text = {"en": "Work", "es": "Trabajo"}
_PARTS: dict[str, Text] = {
    work.REVIEW: {"en": "Positive review at work: %s", "es": "Evaluación positiva en el trabajo: %s"},
    work.HOURS: {"en": "Hours at work, countersigned: %s", "es": "Horas de trabajo firmadas: %s"},
}


def _called_at_work(ids: Iterable[str]) -> dict[str, Text]:
    """What the parts at a workplace among these ids are called."""
    parts = {name: part for name in ids if (part := work.named(name)) is not None}
    if not parts:
        return {}
    titles = workplace.titles(form for _kind, form in parts.values())
    return {work.AREA: AT_WORK} | {
        name: {
            language: words % (titles[form].get(language) or next(iter(titles[form].values())))
            for language, words in _PARTS[kind].items()
        }
        for name, (kind, form) in parts.items()
        if titles.get(form)
    }


def touched(everything: Iterable[Held]) -> list[StackVersion]:
    """The current stack versions that something held may count for, oldest stack first. One query."""
    rows = list(everything)
    ids = {*_uuids(h.holding.credential for h in rows), *(h.organization_id for h in rows if not h.named_only)}
    chosen = StackComponent.objects.filter(credential__in=ids).values("stack_version_id")
    return list(
        StackVersion.objects.current()
        .filter(pk__in=chosen)
        .select_related("stack__organization")
        .order_by("stack__created_at", "stack_id")
    )


def surveyed() -> list[StackVersion]:
    """The current version of every stack, oldest stack first. One query."""
    return list(
        StackVersion.objects.current().select_related("stack__organization").order_by("stack__created_at", "stack_id")
    )


def people() -> QuerySet[User]:
    """Everybody who may be near to a stack: holders of an award in force, and those who are looked at alone."""
    award = Award.objects.filter(learner=OuterRef("pk"), revoked_at=None, suspended_at=None)
    return User.objects.filter(Exists(award) | Exists(_older("pk")) | Q(pk__in=workplace.placed()), is_active=True)


def _older(learner: str) -> QuerySet[Pursuit]:
    return Pursuit.objects.filter(learner=OuterRef(learner)).exclude(stack_version__in=StackVersion.objects.current())


def apart(learners: Iterable[UUID]) -> set[UUID]:
    """Who of these must be looked at alone: those with work at a workplace, or who follow a version of before.

    One query.
    """
    chosen = User.objects.filter(pk__in=list(learners))
    return set(chosen.filter(Exists(_older("pk")) | Q(pk__in=workplace.placed())).values_list("pk", flat=True))


def newest_survey() -> Survey | None:
    """The look at everybody that is under way, or else the last one that ended. One query."""
    return Survey.objects.order_by(F("finished_at").desc(nulls_first=True), "-asked_at").first()


@dataclass(frozen=True)
class Seen:
    """What a look at many people found: each one's nearest stacks, and who meets a stack without its credential."""

    near: Mapping[UUID, list[rules.Near]]
    due: frozenset[UUID]


def look_at_all(learners: Sequence[UUID], stacks: Sequence[StackVersion], at: datetime) -> Seen:
    """The nearest stacks of these learners, from their awards alone, all at once. Three queries."""
    everything = held_awards(Award.objects.filter(learner__in=learners))
    own: dict[UUID, set[str]] = {}
    wallets: dict[Hashable, list[stacking.Holding]] = {learner: [] for learner in learners}
    for each in everything:
        assert each.award is not None
        own.setdefault(each.organization_id, set()).add(each.holding.credential)
        wallets[each.award.learner_id].append(each.holding)
    trees: dict[str, stacking.Requirement] = {}
    for version in stacks:
        tree = rules.parse(version.definition)[0].tree
        if tree is not None:
            trees[str(version.stack_id)] = rules.closed(tree, own.get(version.stack.organization_id, ()))
    state = population.State.of_holdings(trees, wallets, at)
    state.nearest()
    return Seen(
        {
            learner: rules.nearest((UUID(each.tree), each.progress, each.left) for each in state.near(learner))
            for learner in learners
        },
        frozenset(_due(learners, state, at)),
    )


def _due(learners: Sequence[UUID], state: population.State, at: datetime) -> Iterator[UUID]:
    """Who meets a stack, and holds no credential of it that lasts, paused or not."""
    lasting = Award.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at), learner__in=learners, revoked_at=None)
    there = set(lasting.filter(stack_id__isnull=False).values_list("learner_id", "stack_id"))
    bits = np.unpackbits(state.eligible(), axis=1, bitorder="little", count=len(learners))
    for tree, position in np.argwhere(bits):
        learner = learners[position]
        if (learner, UUID(state.compiled.names[tree])) not in there:
            yield learner


def to_tell(at: datetime) -> QuerySet[Nearness]:
    """Who is one step from a stack, and may be told now: nobody twice of the same stack, nobody who heard from us, or
    touched her work, in the last two weeks, or waits for an answer, or for a paused credential."""
    since, who = at - timedelta(days=rules.NUDGE_DAYS), OuterRef("learner")
    awards = Award.objects.filter(learner=who)
    told = Nudge.objects.filter(learner=who)
    here = OuterRef("stack_version__stack")
    return Nearness.objects.filter(
        ~Exists(told.filter(Q(told_at__gt=since) | Q(stack=here))),
        ~Exists(awards.filter(Q(issued_at__gt=since) | Q(revoked_at__gt=since) | Q(suspended_at__isnull=False))),
        ~Exists(awards.filter(stack_id=here)),
        ~Exists(Enrollment.objects.filter(learner=who, touched_at__gt=since)),
        ~Exists(Review.objects.filter(submission__enrollment__learner=who).exclude(state="decided")),
        left__lte=rules.STEP, learner__is_active=True, learner__hints_on=True,
        stack_version__stack__program__nudges=True, stack_version__stack__retired_at=None,
    )  # fmt: skip


def last_step(version: StackVersion, learner: User, at: datetime) -> str | None:
    """The micro-credential that is all that this stack still asks of her; None for work, for what she put aside, and
    where more than one is missing."""
    definition = rules.parse(version.definition)[0]
    if definition.tree is None:
        return None
    tree, home = definition.tree, version.stack.organization_id
    result = stacking.evaluate(tree, counting(tree, home, held(learner)), at)
    steps = stacking.nearest(tree, result, offers_in(tree, home), at)
    last = _uuids(step.offer.credential for step in steps if step.last)
    aside = Enrollment.objects.filter(learner=learner, left_at__isnull=False)
    open_now = Version.objects.current().filter(micro_credential__in=last).exclude(
        micro_credential__in=aside.values("micro_credential")
    )
    step = rules.last_step(steps, set(map(str, open_now.values_list("micro_credential", flat=True))))
    return step.offer.credential if step else None


def wishes(learner: User) -> tuple[str, bool]:
    """The job that she aims for ("" for none), and whether a note may wait for her. One query."""
    note = Nudge.objects.filter(learner=OuterRef("pk"), closed_at=None)
    job, noted = User.objects.values_list("aim__occupation", Exists(note)).get(pk=learner.pk)
    return job or "", noted


@dataclass(frozen=True)
class Note:
    """What a learner is told: which stack, and the micro-credential that is left."""

    nudge: Nudge
    stack: Text
    version: Version


def notes(chosen: QuerySet[Nudge]) -> list[Note]:
    """Those notes that are still true: not put away, one step left, and the program still sends them. Two queries.

    One where there is none.
    """
    near = Nearness.objects.filter(
        learner=OuterRef("learner"), stack_version__stack=OuterRef("stack"), left__lte=rules.STEP
    )
    body = StackVersion.objects.filter(near__learner=OuterRef("learner"), stack=OuterRef("stack"))
    rows = chosen.filter(
        Exists(near), closed_at=None, stack__retired_at=None, stack__program__nudges=True, learner__hints_on=True
    ).annotate(told=Subquery(body.values("definition")[:1]))
    found = list(rows.order_by("-told_at"))
    if not found:
        return []
    versions = Version.objects.current().filter(micro_credential__in=[row.credential for row in found])
    by_id = {v.micro_credential_id: v for v in versions.select_related("micro_credential__organization")}
    return [
        Note(row, row.told["title"], by_id[UUID(row.credential)])
        for row in found
        if UUID(row.credential) in by_id
    ]


@dataclass(frozen=True)
class Stone:
    """One stone of a wall, ready for the page's `{% wall %}`, with what its list row says.

    `id` is the micro-credential's or stack's; `hours` its notional hours (the stone's width), `counted` the clock
    hours that it counts here. `slug` and `organization` make the link (None: a stack's or another installation's).
    `work` is "review" or "hours" for a part at a workplace, `form` its form.
    """

    id: str
    state: str
    title: Text
    level: int
    glyph: str
    family: str
    hours: int
    counted: stacking.Amount
    earned_on: date | None
    slug: str | None
    organization: str | None
    work: str = ""
    form: UUID | None = None


@dataclass(frozen=True)
class Course:
    """The hours of one part: what counts, what is asked for, what waits; `at_work`: they are countersigned ones."""

    counted: stacking.Amount
    needed: stacking.Amount
    waiting: stacking.Amount
    at_work: bool

    @classmethod
    def of(cls, leaf: stacking.Result) -> Course:
        """What one part of hours comes to."""
        return cls(leaf.done, leaf.needed, leaf.in_review, any(map(work.named, named_in(leaf))))


NO_HOURS = Course(0, 0, 0, False)


@dataclass(frozen=True)
class Standing:
    """Where a learner stands with one stack: everything that My path shows.

    `lines` say the same in words; `areas` are (code, name, row) of the hours; `courses` are the parts that ask for
    hours, in the tree's order (`counted` and the like are those of the first, all 0 where there is none); `steps` the
    nearest ones first with their sentences.
    """

    pursuit: Pursuit | None
    stack: Stack
    version: StackVersion
    definition: rules.StackDefinition
    result: stacking.Result
    award: Award | None
    stones: list[Stone]
    done: int
    needed: int
    lines: list[stacking.Line]
    areas: list[tuple[str, Text, stacking.AreaHours]]
    courses: list[Course]
    steps: list[tuple[stacking.Step, str]]

    @property
    def counted(self) -> stacking.Amount:
        """The hours that count in the first part that asks for hours."""
        return self._first.counted

    @property
    def hours_needed(self) -> stacking.Amount:
        """How many it asks for."""
        return self._first.needed

    @property
    def hours_waiting(self) -> stacking.Amount:
        """How many more are in review there."""
        return self._first.waiting

    @property
    def _first(self) -> Course:
        return next(iter(self.courses), NO_HOURS)


def standing(pursuit: Pursuit, *, at: datetime, language: stacking.Language) -> Standing:
    """Where this pursuit stands now."""
    return _standing(pursuit.stack_version, pursuit, held(pursuit.learner), at, language)


def standings(learner: User, *, at: datetime, language: stacking.Language) -> list[Standing]:
    """Where every pursuit of this learner stands, newest first."""
    everything = held(learner)
    rows = Pursuit.objects.filter(learner=learner).select_related("stack_version__stack__organization", "stack")
    return [_standing(p.stack_version, p, everything, at, language) for p in rows.order_by("-started_at", "-id")]


def preview(version: StackVersion, learner: User | None, *, at: datetime, language: stacking.Language) -> Standing:
    """Where somebody would stand with a stack that she does not follow (None: a visitor, who holds nothing)."""
    return _standing(version, None, held(learner) if learner else [], at, language)


def _standing(
    version: StackVersion,
    pursuit: Pursuit | None,
    everything: Sequence[Held],
    at: datetime,
    language: stacking.Language,
) -> Standing:
    stack = version.stack
    definition = rules.parse(version.definition)[0]
    if definition.tree is None:
        raise ValueError(f"the stack version {version.pk} has no readable tree")
    tree = definition.tree
    holds = counting(tree, stack.organization_id, everything)
    on_offer = offers_in(tree, stack.organization_id)
    result = stacking.evaluate(tree, holds, at)
    placed = rules.wall_order(pursuit.order if pursuit else [], rules.places(result, on_offer))
    called = names([*stacking.named(tree), *(p.credential for p in placed), *(o.credential for o in on_offer)],
                   stack.organization_id)  # fmt: skip
    stones = _stones(placed, called, result, stack)
    done, needed = rules.progress(placed)
    hours = [leaf for leaf in stacking.leaves(result) if isinstance(leaf.requirement, stacking.Hours)]
    steps = stacking.nearest(tree, result, rules.shortened(result, on_offer), at)[:3]
    mine = [h.award for h in everything if h.award and h.award.stack_id == stack.pk and not h.award.revoked_at]
    return Standing(
        pursuit=pursuit,
        stack=stack,
        version=version,
        definition=definition,
        result=result,
        award=mine[0] if mine else None,
        stones=stones,
        done=done,
        needed=needed,
        lines=stacking.explain(result, called, language),
        areas=[(row.area, called.get(row.area, {}), row) for leaf in hours for row in leaf.areas],
        courses=[Course.of(leaf) for leaf in hours],
        steps=[(step, stacking.explain_step(step, called, language)) for step in steps],
    )


def named_in(leaf: stacking.Result) -> tuple[str, ...]:
    """The credentials that may bring hours to this part; none: any."""
    return leaf.requirement.among if isinstance(leaf.requirement, stacking.Hours) else ()


def _stones(
    placed: Sequence[rules.Place], called: dict[str, Text], result: stacking.Result, stack: Stack
) -> list[Stone]:
    ids = _uuids(p.credential for p in placed)
    versions: dict[str, Version] = {}
    rows = Version.objects.filter(micro_credential_id__in=ids, published_at__isnull=False).order_by("number")
    for version in rows.select_related("micro_credential__organization"):
        versions[str(version.micro_credential_id)] = version
    stacks = {
        str(v.stack_id): v
        for v in StackVersion.objects.filter(stack_id__in=ids, published_at__isnull=False)
        .order_by("number")
        .select_related("stack__organization")
    }
    counted: dict[str, stacking.Amount] = {}
    for leaf in stacking.leaves(result):
        for h in (*leaf.started, *leaf.waiting, *leaf.used):
            counted[h.credential] = sum(h.hours.values())
    asked = {
        name: int(leaf.requirement.needed)
        for leaf in stacking.leaves(result)
        if isinstance(leaf.requirement, stacking.Hours)
        for name in leaf.requirement.among
    }
    stones = []
    for place in placed:
        part = work.named(place.credential)
        if part is not None:
            stones.append(
                Stone(
                    id=place.credential,
                    state=place.state,
                    title=called.get(place.credential, AT_WORK),
                    level=3,
                    glyph="speech" if part[0] == work.REVIEW else "case",
                    family=stack.organization.family,
                    hours=max(1, asked.get(place.credential, 20)),
                    counted=counted.get(place.credential, 0),
                    earned_on=place.earned_on,
                    slug=None,
                    organization=None,
                    work=part[0],
                    form=part[1],
                )
            )
            continue
        version_, stack_ = versions.get(place.credential), stacks.get(place.credential)
        owner: Organization | None = None
        body: dict[str, object] = {}
        if version_ is not None:
            owner, body = version_.micro_credential.organization, version_.definition
        elif stack_ is not None:
            owner, body = stack_.stack.organization, stack_.definition
        weight = version_.hours if version_ else int(str(body.get("hours") or 1))
        stones.append(
            Stone(
                id=place.credential,
                state=place.state,
                title=called.get(place.credential, {"en": place.credential}),
                level=int(str(body.get("level") or 1)),
                glyph=str(body.get("glyph") or "book"),
                family=owner.family if owner else "",
                hours=max(1, weight),
                counted=counted.get(place.credential, 0),
                earned_on=place.earned_on,
                slug=version_.micro_credential.slug if version_ else None,
                organization=owner.slug if owner else None,
            )
        )
    return stones


def _uuids(texts: Iterable[str]) -> list[UUID]:
    """The rows of this installation that these ids stand for."""
    return [row for row in map(rules.row_of, texts) if row is not None]


def ladders(chosen: QuerySet[StackVersion]) -> list[ctdl.Ladder]:
    """Versions of stacks as their exports are written from, in a fixed order. Three queries for each."""
    found = []
    for version in chosen.select_related("stack__organization").order_by("stack__slug"):
        definition = rules.parse(version.definition)[0]
        if version.published_at is None or definition.tree is None:
            continue
        named = stacking.named(definition.tree)
        stacks = Stack.objects.filter(pk__in=_uuids(named)).values_list("pk", flat=True)
        found.append(
            ctdl.Ladder(
                id=version.stack_id, slug=version.stack.slug, number=version.number, since=version.published_at,
                definition=definition, owner=shelves.owner(version.stack.organization),
                titles=names(named, version.stack.organization_id), stacks=frozenset(map(str, stacks)),
            )
        )
    return found
