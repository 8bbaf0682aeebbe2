"""Every write about stacks and the learners who follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.text import slugify

from fieldstone import stacking
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Program
from fieldstone.server.catalog.rules import is_job, unkeepable
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.pathways import aims, queries, rules
from fieldstone.server.pathways.models import (
    Aim,
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
from fieldstone.server.reference.rules import parse_rule

MAX_DEFINITION_BYTES = 200_000
READ_AGAIN = _("Somebody changed this draft after you read it. Read it again, then publish.")


class Stale(Conflict):
    """The draft was changed elsewhere since this screen was opened; nothing was overwritten."""


def _checked_size(body: Mapping[str, Any]) -> None:
    problem = unkeepable(body, MAX_DEFINITION_BYTES)
    if problem is not None:
        raise Refused(problem)


def _free_slug(organization: Organization, title: str) -> str:
    base = slugify(title)[:70] or "stack"
    taken = set(Stack.objects.filter(organization=organization, slug__startswith=base).values_list("slug", flat=True))
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if s not in taken)


@transaction.atomic
def create(
    *, program: Program, body: Mapping[str, Any], by: User | None, at: datetime, slug: str = "",
    key: str | None = None,
) -> StackVersion:  # fmt: skip
    """A new stack with its first draft; the one that the same `key` made before, if there is one.

    `body` may still have gaps. Raises Conflict when the slug is taken.
    """
    _checked_size(body)
    if made := _made_before(key):
        return made
    title = rules.parse(body)[0].title
    try:
        with transaction.atomic():
            stack = Stack.objects.create(
                organization=program.organization, program=program, created_at=at,
                slug=slug or _free_slug(program.organization, title.get("en") or title.get("es") or ""),
            )  # fmt: skip
            version = StackVersion.objects.create(
                stack=stack, number=1, definition=dict(body), created_at=at, changed_at=at, changed_by=by
            )
            ledger.record(
                verb="pathways.created", subject=stack, by=by.pk if by else None, at=at,
                organization=program.organization_id, key=key,
            )  # fmt: skip
    except IntegrityError:
        if made := _made_before(key):
            return made
        raise Conflict(_("This address name is taken."), "slug") from None
    return version


def _made_before(key: str | None) -> StackVersion | None:
    """The first draft that an earlier request with this key made."""
    entry = Entry.objects.filter(key=key).first() if key else None
    return StackVersion.objects.get(stack=entry.subject_id, number=1) if entry else None


@transaction.atomic
def save_draft(
    *, version: StackVersion, body: Mapping[str, Any], revision: int, by: User | None, at: datetime
) -> StackVersion:
    """Keep a draft's new words and tree, complete or not.

    Raises Stale when `revision` is not the newest (somebody else saved meanwhile), Conflict when published.
    """
    _checked_size(body)
    saved = StackVersion.objects.filter(pk=version.pk, published_at=None, revision=revision).update(
        definition=dict(body), revision=revision + 1, changed_at=at, changed_by=by
    )
    version.refresh_from_db()
    if not saved:
        if version.published_at:
            raise Conflict(_("This version is published. Begin a new version to change it."))
        raise Stale(_("Somebody changed this draft while you wrote. Both texts are on this page; choose what to keep."))
    return version


@transaction.atomic
def new_version(*, stack: Stack, by: User, at: datetime) -> StackVersion:
    """A draft that begins as a copy of the newest version; the one that is open already, if there is one."""
    newest = stack.versions.select_for_update().order_by("-number")[0]
    if newest.published_at is None:
        return newest
    version = StackVersion.objects.create(
        stack=stack, number=newest.number + 1, definition=newest.definition, created_at=at, changed_at=at,
        changed_by=by,
    )  # fmt: skip
    ledger.record(verb="pathways.version_begun", subject=version, by=by.pk, at=at, organization=stack.organization_id)
    return version


@transaction.atomic
def publish(*, version: StackVersion, by: User | None, at: datetime, revision: int | None = None) -> StackVersion:
    """Make a draft the current version. Those who follow an older one keep it.

    Raises Refused with every gap, and with every part of the tree that nobody could ever meet; Stale when the draft
    is not (or no longer) the `revision` that was read.
    """
    if revision is not None and revision != version.revision:
        raise Stale(READ_AGAIN)
    definition, problems = rules.parse(version.definition)
    stack = version.stack
    if definition.tree is not None:
        named = rules.named(definition.tree)
        problems += rules.impossible(definition.tree, queries.offers_in(definition.tree, stack.organization_id))
        if rules.loops(stack.pk, {**_edges(), stack.pk: named}):
            problems.append(Problem("tree", _("This stack would be a part of itself."), {}))
    if problems or definition.tree is None:
        raise Refused(problems)
    siblings = StackVersion.objects.filter(stack=stack)
    siblings.filter(published_at__isnull=False, superseded_at=None).update(superseded_at=at)
    if not siblings.filter(pk=version.pk, published_at=None, revision=version.revision).update(published_at=at):
        if siblings.filter(pk=version.pk, published_at=None).exists():
            raise Stale(READ_AGAIN)
        raise Conflict(_("This version is published already."))
    version.refresh_from_db()
    looked_up = rules.named(definition.tree)
    if rules.open_to_all(definition.tree):
        looked_up.append(stack.organization_id)
    StackComponent.objects.bulk_create(
        [StackComponent(stack_version=version, credential=name) for name in dict.fromkeys(looked_up)]
    )
    ledger.record(
        verb="pathways.published", subject=version, by=by.pk if by else None, at=at,
        organization=stack.organization_id, data={"number": version.number},
    )  # fmt: skip
    ask_survey(by=by, at=at)
    return version


def _edges() -> dict[UUID, list[UUID]]:
    """Which stacks the current stacks name."""
    found: dict[UUID, list[UUID]] = {}
    rows = StackComponent.objects.filter(
        stack_version__in=StackVersion.objects.current(), credential__in=Stack.objects.values("pk")
    )
    for stack, name in rows.values_list("stack_version__stack_id", "credential"):
        found.setdefault(stack, []).append(name)
    return found


@transaction.atomic
def retire(*, stack: Stack, by: User, at: datetime) -> None:
    """Take it out of the catalog. Awards stay as they are; who follows it may finish."""
    if Stack.objects.filter(pk=stack.pk, retired_at=None).update(retired_at=at):
        ledger.record(verb="pathways.retired", subject=stack, by=by.pk, at=at, organization=stack.organization_id)
        ask_survey(by=by, at=at)


@transaction.atomic
def restore(*, stack: Stack, by: User, at: datetime) -> None:
    """Put a retired one back."""
    if Stack.objects.filter(pk=stack.pk, retired_at__isnull=False).update(retired_at=None):
        ledger.record(verb="pathways.restored", subject=stack, by=by.pk, at=at, organization=stack.organization_id)
        ask_survey(by=by, at=at)


@transaction.atomic
def follow(*, learner: User, stack: Stack, at: datetime) -> Pursuit:
    """The learner follows a stack, pinned to its current version; the pursuit there already, if there is one.

    Raises Refused when the stack is not open.
    """
    known = Pursuit.objects.filter(learner=learner, stack=stack).first()
    if known is not None:
        return known
    version = StackVersion.objects.current().filter(stack=stack).first()
    if version is None:
        raise Refused(_("This stack is not open now."))
    pursuit, made = Pursuit.objects.get_or_create(
        learner=learner, stack=stack, defaults={"stack_version": version, "started_at": at}
    )
    if made:
        ledger.record(
            verb="pathways.followed", subject=pursuit, by=learner.pk, at=at, organization=stack.organization_id
        )
        refresh(learner=learner, at=at)
        pursuit.refresh_from_db()
    return pursuit


@transaction.atomic
def unfollow(*, learner: User, stack: Stack, at: datetime) -> None:
    """The learner no longer follows it. What she holds is not touched."""
    for pursuit in Pursuit.objects.filter(learner=learner, stack=stack):
        ledger.record(
            verb="pathways.unfollowed", subject=pursuit, by=learner.pk, at=at, organization=stack.organization_id
        )
        pursuit.delete()


@transaction.atomic
def look_near(*, organization: Organization, county: str, add: bool, by: User, at: datetime) -> Region:
    """Add a county (or a whole state, "13000") to where the organization looks for jobs, or take one out.

    Raises Refused for a place that no release knows, and where there are too many.
    """
    row = _nearby(organization, by, at)
    if not add:
        row.counties = [each for each in row.counties if each != county]
    else:
        known = reference.state_area(county[:2]) if county.endswith(rules.WHOLE_STATE) else reference.county(county)
        if not known:
            raise Refused(_("This county is not known here. Search again."), "q")
        try:
            row.counties = list(rules.nearer(row.counties, county))
        except ValueError:
            raise Refused(_("There are 12 places already. Take one out first."), "q") from None
    return _keep_nearby(row, "pathways.places_chosen", by, at)


@transaction.atomic
def set_demand(*, organization: Organization, rule: Mapping[str, Any] | None, by: User, at: datetime) -> Region:
    """What the organization calls in demand; None goes back to the default. Raises Refused naming each bad bound."""
    row = _nearby(organization, by, at)
    if rule is None:
        row.demand = {}
    else:
        read, problems = parse_rule(rule)
        if problems:
            raise Refused(problems)
        row.demand = read.to_json()
    return _keep_nearby(row, "pathways.demand_rule_set", by, at)


def _nearby(organization: Organization, by: User, at: datetime) -> Region:
    blank = {"changed_at": at, "changed_by": by}
    Region.objects.get_or_create(organization=organization, defaults=blank)
    return Region.objects.select_for_update().get(organization=organization)


def _keep_nearby(row: Region, verb: str, by: User, at: datetime) -> Region:
    row.changed_at, row.changed_by = at, by
    row.save(update_fields=["counties", "demand", "changed_at", "changed_by"])
    ledger.record(
        verb=verb, subject=row, by=by.pk, at=at, organization=row.organization_id,
        data={"counties": row.counties, "demand": row.demand},
    )  # fmt: skip
    return row


@dataclass(frozen=True)
class Completion:
    """A stack whose requirement this learner meets now, and the awards that meet it (work at a workplace has none)."""

    version: StackVersion
    result: stacking.Result
    components: tuple[Award, ...]


@transaction.atomic
def refresh(*, learner: User, at: datetime) -> list[Completion]:
    """Evaluate every pursuit, and every stack that a held award touches; return those that are met.

    The newest evaluation is kept with the pursuit. Who follows a stack is judged by the version she follows,
    everybody else by the current one. Issuing what is met is the caller's part.
    """
    everything = queries.held(learner)
    pursuits = {p.stack_id: p for p in Pursuit.objects.filter(learner=learner).select_related("stack_version__stack")}
    versions = {v.stack_id: v for v in queries.touched(everything)}
    versions.update({stack_id: p.stack_version for stack_id, p in pursuits.items()})
    met = []
    standing = {}
    for stack_id, version in versions.items():
        completion = reckon(version, everything, at)
        standing[stack_id] = (version, completion.result)
        if stack_id in pursuits:
            _keep(pursuits[stack_id], completion.result, at)
        if completion.result.satisfied:
            met.append(completion)
    _keep_near(learner, standing, at)
    return met


def _keep_near(learner: User, standing: Mapping[UUID, tuple[StackVersion, stacking.Result]], at: datetime) -> None:
    """Renew the learner's five nearest stacks."""
    oldest = sorted(standing, key=lambda stack: (standing[stack][0].stack.created_at, stack))
    found = rules.nearest(
        (stack, stacking.progress(standing[stack][1]), stacking.remaining(standing[stack][1])) for stack in oldest
    )
    Nearness.objects.filter(learner=learner).delete()
    Nearness.objects.bulk_create(_near_rows(learner.pk, found, {s: v.pk for s, (v, _result) in standing.items()}, at))


def _near_rows(
    learner: UUID, found: Sequence[rules.Near], versions: Mapping[UUID, UUID], at: datetime
) -> list[Nearness]:
    return [
        Nearness(
            learner_id=learner, stack_version_id=versions[near.stack], rank=rank, left=near.left, whole=near.whole,
            evaluated_at=at,
        )
        for rank, near in enumerate(found, start=1)
    ]  # fmt: skip


@transaction.atomic
def ask_survey(*, by: User | None, at: datetime) -> Survey:
    """Have everybody looked at anew by the worker, as after a stack was published, retired or restored.

    What was not done of those before is a part of this one.
    """
    Survey.objects.filter(finished_at=None).update(finished_at=at)
    survey = Survey.objects.create(asked_at=at)
    ledger.record(
        verb="pathways.survey_asked", subject=survey, by=by.pk if by else None, at=at, tasks=["survey_stacks"]
    )
    return survey


@transaction.atomic
def begin_survey(*, survey: Survey, at: datetime) -> bool:
    """Whether this survey goes on: not where it is done, or a newer one took its place.

    At its beginning, those who hold nothing any more are near to nothing, and people are counted.
    """
    mine = Survey.objects.filter(pk=survey.pk, finished_at=None)
    if mine.filter(after=None).exists():
        Nearness.objects.exclude(learner__in=queries.people()).delete()
        mine.update(people=queries.people().count())
    survey.refresh_from_db()
    return survey.finished_at is None


@transaction.atomic
def look_again(*, learners: Sequence[UUID], at: datetime) -> list[UUID]:
    """Find the five nearest stacks of these people anew, all at once; who is to be looked at alone, in their order.

    Alone: who follows an older version or has work at a workplace, and who meets a stack without its credential.
    """
    alone = queries.apart(learners)
    together = [learner for learner in learners if learner not in alone]
    stacks = queries.surveyed()
    versions = {version.stack_id: version.pk for version in stacks}
    seen = queries.look_at_all(together, stacks, at)
    Nearness.objects.filter(learner__in=together).delete()
    Nearness.objects.bulk_create(
        [row for learner in together for row in _near_rows(learner, seen.near[learner], versions, at)], batch_size=500
    )
    return [learner for learner in learners if learner in alone or learner in seen.due]


@transaction.atomic
def went_on(
    *, survey: Survey, last: UUID | None, people: int, awarded: int, more: bool, at: datetime
) -> None:  # fmt: skip
    """Keep how far a survey came, and order what is left. A second worker at the same place changes nothing."""
    here = Survey.objects.filter(pk=survey.pk, after=survey.after, finished_at=None)
    if here.update(
        after=last, seen=F("seen") + people, awarded=F("awarded") + awarded, finished_at=None if more else at
    ):  # fmt: skip
        survey.refresh_from_db()
        ledger.record(
            verb="pathways.survey_went_on" if more else "pathways.surveyed", subject=survey, by=None, at=at,
            data={"people": survey.seen, "awarded": survey.awarded}, tasks=["survey_stacks"] if more else [],
        )  # fmt: skip


def reckon(version: StackVersion, everything: Sequence[queries.Held], at: datetime) -> Completion:
    """How a stack's version stands with these holdings, and which awards count (none while it is not met)."""
    definition, _problems = rules.parse(version.definition)
    if definition.tree is None:
        raise ValueError(f"the stack version {version.pk} has no readable tree")
    holdings = queries.counting(definition.tree, version.stack.organization_id, everything)
    result = stacking.evaluate(definition.tree, holdings, at)
    awards = {h.holding: h.award for h in everything if h.award is not None}
    used = tuple(dict.fromkeys(awards[holding] for holding in rules.used(result) if holding in awards))
    return Completion(version, result, used)


def _keep(pursuit: Pursuit, result: stacking.Result, at: datetime) -> None:
    stones = rules.wall_order(pursuit.order, rules.places(result, queries.offers_for(pursuit.stack_version)))
    pursuit.done, pursuit.needed = rules.progress(stones)
    pursuit.order = [stone.credential for stone in stones if stone.state == "earned"]
    pursuit.evaluated_at = at
    pursuit.satisfied_at = (pursuit.satisfied_at or at) if result.satisfied else None
    pursuit.save(update_fields=["done", "needed", "order", "evaluated_at", "satisfied_at"])


@transaction.atomic
def nudge(*, learner: User, at: datetime, among: QuerySet[Nearness]) -> Nudge | None:
    """Tell a learner of the nearest of these stacks that one step is left; None where there is nothing to say by now.

    Two at the same moment tell her once.
    """
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)
    rows = among.filter(learner=learner).select_related("stack_version__stack").order_by("rank")
    for row in rows:
        version = row.stack_version
        credential = queries.last_step(version, learner, at)
        if credential is not None:
            told = Nudge.objects.create(learner=learner, stack=version.stack, credential=credential, told_at=at)
            ledger.record(
                verb="pathways.nudged", subject=told, by=None, at=at, organization=version.stack.organization_id,
                tasks=["mail_nudge"],
            )  # fmt: skip
            return told
    return None


@transaction.atomic
def close_note(*, nudge: Nudge, by: User, at: datetime) -> None:
    """The learner puts a note away. Twice is once."""
    if Nudge.objects.filter(pk=nudge.pk, learner=by, closed_at=None).update(closed_at=at):
        ledger.record(verb="pathways.note_closed", subject=nudge, by=by.pk, at=at)


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """Forget which stacks a person who leaves was following."""
    for pursuit in Pursuit.objects.filter(learner=learner).select_related("stack"):
        ledger.record(
            verb="pathways.unfollowed",
            subject=pursuit,
            by=learner.pk,
            at=at,
            organization=pursuit.stack.organization_id,
        )
    Pursuit.objects.filter(learner=learner).delete()
    Nearness.objects.filter(learner=learner).delete()
    Nudge.objects.filter(learner=learner).delete()
    forget_aim(learner=learner, at=at)


@transaction.atomic
def set_aim(*, learner: User, wishes: aims.Wishes, at: datetime) -> Aim:
    """Keep what a learner told us about the work that she wants. The job that she chose stays.

    Raises Refused with the field of what is out of range. The ledger holds neither her county nor her pay.
    """
    problems = aims.problems_of(wishes)
    if problems:
        raise Refused(problems)
    aim, _made = Aim.objects.update_or_create(learner=learner, defaults={**wishes.to_json(), "updated_at": at})
    ledger.record(verb="pathways.aim_set", subject=aim, by=learner.pk, at=at)
    return aim


@transaction.atomic
def choose_job(*, learner: User, code: str, at: datetime) -> Aim:
    """Keep the job that a learner aims for, by its code of eight digits ("" for none any more).

    Raises Refused for what is no such code.
    """
    if code and not is_job(code):
        raise Refused(_("Choose a job from the list."), "occupation")
    aim, _made = Aim.objects.update_or_create(learner=learner, defaults={"occupation": code, "updated_at": at})
    ledger.record(verb="pathways.job_chosen", subject=aim, by=learner.pk, at=at)
    return aim


@transaction.atomic
def forget_aim(*, learner: User, at: datetime) -> None:
    """Forget what a learner told us about the work that she wants."""
    for aim in Aim.objects.filter(learner=learner):
        ledger.record(verb="pathways.aim_forgotten", subject=aim, by=learner.pk, at=at)
        aim.delete()
