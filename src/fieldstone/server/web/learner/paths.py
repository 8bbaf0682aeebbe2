"""What My path shows: the next step, walls, what is in review, promises within reach, everything begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.rules import Definition
from fieldstone.server.evidence import queries, rules
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.pathways.queries import Course, Standing, Stone, standings
from fieldstone.server.people.models import User
from fieldstone.server.recognition.models import Claim
from fieldstone.server.recognition.queries import Told, for_credentials
from fieldstone.server.recognition.rules import standing as standing_of
from fieldstone.server.web.learner import status as stories
from fieldstone.server.web.learner.working import rows
from fieldstone.server.web.shared.promises import record_words
from fieldstone.server.web.shared.templatetags.fieldstone import day, text
from fieldstone.server.web.shared.walls import Run


@dataclass(frozen=True)
class Item:
    """One enrollment in the list, with its stone and its state in words."""

    enrollment: Enrollment
    definition: Definition
    story: stories.Standing
    lacking: list[Problem]
    total: int

    @property
    def left(self) -> int:
        """How many parts still need something."""
        return len(self.lacking)

    @property
    def id(self) -> str:
        """The stone's id: the micro-credential's."""
        return str(self.enrollment.micro_credential_id)

    @property
    def family(self) -> str:
        """The issuer's color family."""
        return self.enrollment.version.micro_credential.organization.family

    @property
    def state(self) -> str:
        """earned, review or draft."""
        return self.story.state

    @property
    def words(self) -> str:
        """The state with its figure."""
        if self.state == "earned":
            return _("Earned")
        if self.state == "review":
            return _("In review")
        if self.story.again:
            done = {"done": self.story.shown, "all": self.story.total}
            return _("Your draft, %(done)s of %(all)s demonstrated") % done
        return _("Your draft, %(done)s of %(all)s parts done") % {"done": self.total - self.left, "all": self.total}

    @property
    def next(self) -> str:
        """What is left, in a sentence."""
        if not self.left:
            return _("Everything is here. Read it once more and send it.")
        names = dict.fromkeys(self._name(problem.field.removeprefix("parts.")) for problem in self.lacking)
        left = {"n": self.left, "names": ", ".join(names)}
        return ngettext("%(n)s part left: %(names)s.", "%(n)s parts left: %(names)s.", self.left) % left

    def _name(self, part: str) -> str:
        if part == "reflection":
            return _("the reflection")
        if part == "permission":
            return _("the family’s permission")
        titles = [text(found.title) for found in self.definition.artifacts if found.id == part]
        return f"“{titles[0]}”" if titles else _("the context questions")


def _item(enrollment: Enrollment, reviews: dict[Any, Any]) -> Item:
    definition = enrollment.version.parsed
    story = stories.standing(enrollment, enrollment.submissions.all(), reviews)
    held: dict[str, int] = {}
    for artifact in enrollment.artifacts.all():
        held[artifact.part] = held.get(artifact.part, 0) + 1
    answers = {answer.part: answer.text for answer in enrollment.answers.all()}
    lacking = rules.missing(definition, answers, held, enrollment.permission_at is not None, story.open)
    total = len(rules.asked(definition, story.open)) + (definition.children != "none")
    return Item(enrollment, definition, story, lacking, total)


@dataclass(frozen=True)
class Row:
    """One stone of a wall as a line of the list: where it leads and its state in words."""

    stone: Stone
    url: str
    words: str


@dataclass(frozen=True)
class Wall:
    """A stack that she follows: its wall, its hours (each course with its stones), its list."""

    standing: Standing
    rows: list[Row]
    cap: dict[str, Any]
    courses: list[tuple[Course, list[Run]]]

    @property
    def sequence(self) -> bool:
        """Three or fewer levels that follow each other are drawn as a cairn."""
        return len(self.rows) <= 3


@dataclass(frozen=True)
class Reach:
    """A promise on her way: what is still missing, the award to claim it with, or how her claim stands."""

    told: Told
    need: str
    award: Award | None
    claim: str

    @property
    def record(self) -> str:
        """How many were kept, in a sentence."""
        return record_words(self.told.record)


def _hours(count: Any) -> str:
    return ngettext("%(n)s hour", "%(n)s hours", 1 if count == 1 else 2) % {"n": count}


def _work_words(stone: Stone) -> str:
    """Where a part at a workplace stands."""
    if stone.work == "hours":
        return _("%(n)s of %(hours)s countersigned") % {"n": stone.counted, "hours": _hours(stone.hours)}
    return {
        "earned": _("Signed by your supervisor"), "in_review": _("Waits for your supervisor"),
        "draft": _("Begun, not sent to a supervisor yet"),
    }.get(stone.state, _("Not started"))  # fmt: skip


def _row(stone: Stone, item: Item | None, places: Mapping[UUID, UUID]) -> Row:
    if stone.form is not None:
        mine = places.get(stone.form)
        url = reverse("learner:work", args=[mine]) if mine else reverse("learner:work_start", args=[stone.form])
        return Row(stone, url, _work_words(stone))
    if item and stone.state != "earned":
        url = reverse("learner:evidence", args=[item.enrollment.pk])
    elif item:
        url = reverse("learner:status", args=[item.enrollment.pk])
    elif stone.slug and stone.organization:
        try:
            url = reverse("public:micro_credential", args=[stone.organization, stone.slug])
        except NoReverseMatch:
            url = reverse("learner:start", args=[stone.organization, stone.slug])
    else:
        url = ""
    words = {"earned": _("Earned"), "in_review": _("In review"), "draft": _("Draft"), "missing": _("Not started")}[
        stone.state
    ]
    if stone.state == "earned" and stone.counted:
        words = _("Earned, %(hours)s counted") % {"hours": _hours(stone.counted)}
    elif stone.state == "in_review" and stone.counted:
        words = _("In review, %(hours)s") % {"hours": _hours(stone.counted)}
    elif item and stone.state == "draft":
        words = item.words
    return Row(stone, url, words)


def _wall(standing: Standing, items: Mapping[str, Item], places: Mapping[UUID, UUID]) -> Wall:
    stack = standing.stack
    family = stack.organization.family
    return Wall(
        standing=standing,
        rows=[_row(stone, items.get(stone.id), places) for stone in standing.stones],
        cap={
            "id": str(stack.pk),
            "level": standing.definition.level,
            "glyph": standing.definition.glyph,
            "family": family,
            "state": "earned" if standing.award else "missing",
        },
        courses=[(course, _runs(standing, course)) for course in standing.courses],
    )


def _runs(standing: Standing, course: Course) -> list[Run]:
    """The stones that bring hours to one part."""
    shown = (stone for stone in standing.stones if (stone.work == "hours") is course.at_work and stone.counted)
    return [
        Run(float(s.counted), "earned" if s.work else s.state, s.family or "slate", s.id)
        for s in shown
        if s.work or s.state in ("earned", "in_review")
    ]


def _claim_words(claim: Claim, at: datetime) -> str:
    state = standing_of(due_at=claim.due_at, answered_at=claim.answered_at, outcome=claim.outcome, at=at)
    return {
        "kept": _("You asked, and it was kept."),
        "kept_late": _("You asked, and it was kept, late."),
        "declined": _("You asked, and it was declined: %(reason)s") % {"reason": claim.reason},
        "waiting": _("You asked. The answer is due %(day)s.") % {"day": day(claim.due_at)},
        "overdue": _("You asked. The answer was due %(day)s and is late.") % {"day": day(claim.due_at)},
    }[state]


def _reach(user: User, walls: list[Wall], items: Mapping[str, Item], at: datetime) -> list[Reach]:
    by_stack = {wall.standing.stack.pk: wall for wall in walls}
    wanted = {UUID(name) for name in items} | {
        UUID(row.stone.id) for wall in walls for row in wall.rows if row.stone.slug
    }
    told = for_credentials(micro_credentials=wanted, stacks=by_stack, at=at)
    awards = {a.micro_credential_id or a.stack_id: a for a in Award.objects.live().filter(learner=user)}
    claims = {c.promise_id: c for c in Claim.objects.filter(learner=user)}
    found = []
    for one in told:
        target = one.promise.stack_id or one.promise.micro_credential_id
        award = awards.get(target)
        need = ""
        if award is None and one.promise.stack_id:
            standing = by_stack[one.promise.stack_id].standing
            need = _need(standing)
        elif award is None:
            need = _title(walls, items, str(target))
        claim = claims.get(one.promise.pk)
        found.append(Reach(one, need, award, _claim_words(claim, at) if claim else ""))
    return sorted(found, key=lambda r: (r.award is None, r.told.promise.made_at))


def _need(standing: Standing) -> str:
    title = text(standing.definition.title)
    if standing.hours_needed and standing.counted < standing.hours_needed:
        left = standing.hours_needed - standing.counted
        return _("%(title)s, %(hours)s") % {"title": title, "hours": _hours(left)}
    left_stones = standing.needed - standing.done
    count = ngettext("%(n)s stone", "%(n)s stones", left_stones) % {"n": left_stones}
    return _("%(title)s, %(count)s") % {"title": title, "count": count}


def _title(walls: list[Wall], items: Mapping[str, Item], target: str) -> str:
    if target in items:
        return str(text(items[target].definition.title))
    return next((str(text(row.stone.title)) for wall in walls for row in wall.rows if row.stone.id == target), "")


def read(user: User, *, at: datetime, language: str) -> dict[str, Any]:
    """The page's context. The number of queries grows with the stacks she follows, not with what she has begun."""
    reviews = stories.reviews_of(user)
    items = [_item(enrollment, reviews) for enrollment in queries.enrollments_of(user)]
    active = [item for item in items if item.enrollment.left_at is None]
    drafts = [item for item in active if item.state == "draft"]
    by_id = {item.id: item for item in reversed(items)}
    followed = standings(user, at=at, language="es" if language == "es" else "en")
    placed = rows(user)
    places = {row["placement"].form_id: row["placement"].pk for row in reversed(placed)}
    walls = [_wall(standing, by_id, places) for standing in followed]
    in_walls = {row.stone.id for wall in walls for row in wall.rows}
    return {
        "items": [item for item in active if item.id not in in_walls],
        "begun": bool(items),
        "aside": [item for item in items if item.enrollment.left_at is not None],
        "next": drafts[0] if drafts else None,
        "step": _step(walls) if not drafts else None,
        "in_review": [item for item in active if item.state == "review"],
        "walls": walls,
        "work": placed,
        "promises": _reach(user, walls, by_id, at),
        "at": at,
    }


def _step(walls: list[Wall]) -> dict[str, str] | None:
    """The nearest step of the first wall that has one, in a sentence, with where to go."""
    for wall in walls:
        urls = {row.stone.id: row.url for row in wall.rows}
        for step, sentence in wall.standing.steps:
            if urls.get(step.offer.credential):
                return {"words": sentence, "url": urls[step.offer.credential]}
    return None
