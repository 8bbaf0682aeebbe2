"""The four programs' stories: a few people by name, and many more midway."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.assessment.models import Seat
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import survey_stacks
from fieldstone.server.ledger.models import Task
from fieldstone.server.management.demo import content, elsewhere, life, placements
from fieldstone.server.management.demo.names import invented
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import User
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.recognition.models import Promise
from fieldstone.server.study import actions as study

SEED = 20261123
LEARNERS = 50
"""Invented learners in each program, besides those by name."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Door:
    """A sign-in link of the demonstration: who opens it."""

    role: str
    program: str
    user: User


@dataclass
class Shown:
    """What the demonstration shows on its first screen."""

    doors: list[Door] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)


HOURS_AREAS = {
    "tennessee": ("White County, Tennessee", "Putnam County, Tennessee", "Haywood County, Tennessee"),
    "kentucky": ("Perry County, Kentucky", "Letcher County, Kentucky", "Breathitt County, Kentucky"),
    "georgia": ("Chatham County, Georgia", "Liberty County, Georgia", "Bryan County, Georgia"),
    "maine": ("Hancock County, Maine", "Washington County, Maine", "Knox County, Maine"),
}
PATHS = {
    "tennessee": (
        [
            "orientation-your-role", "orientation-a-safe-room", "orientation-talk-songs-books",
            "orientation-greeting-families",
        ],
        [
            "keeping-children-safe-and-healthy", "physical-and-intellectual-development",
            "social-and-emotional-development", "operating-a-program", "child-growth-and-development",
        ],
        ["family-child-care", "observing-and-recording-behavior", "professionalism"],
    ),
    "kentucky": (
        ["checking-understanding", "clear-learning-targets", "class-routines", "reading-class-data"],
        ["feedback-students-use", "math-talk", "lesson-of-this-place", "academic-vocabulary"],
    ),
    "georgia": (
        ["ready-for-school-and-work", "stopping-infection", "vital-signs", "care-with-dignity"],
        ["safe-on-the-shop-floor", "drawings-and-measuring", "first-cnc-setup"],
        ["inside-the-computer", "safe-accounts", "help-desk-call"],
    ),
    "maine": (
        ["aquaculture-1", "aquaculture-2"],
        ["dawnland", "empathy", "collaboration"],
        ["career-prepared", "financial-literacy", "oral-communication", "critical-thinking"],
    ),
}  # fmt: skip
OWNER_EARNED = (
    "keeping-children-safe-and-healthy", "relationships-with-families", "family-child-care",
    "physical-and-intellectual-development", "social-and-emotional-development", "operating-a-program",
    "child-growth-and-development",
)  # fmt: skip
STACK_OF = {
    "tennessee": "cda", "kentucky": "rank-change", "georgia": "health-care-start", "maine": "sustainable-aquaculture"
}  # fmt: skip


def play(*, now: datetime, learners: int = LEARNERS, progress: Progress = lambda step, done, of: None) -> Shown:
    """Everything, ending at `now`. The same seed gives the same people and the same work."""
    chance = random.Random(SEED)  # noqa: S311 - invented lives, not secrets
    world = life.World(chance, invented(chance), now)
    shown = Shown()
    begin = now - timedelta(days=420)
    for name in content.FILES:
        progress(name, 0, learners)
        with transaction.atomic():
            loaded = content.load(name, at=begin)
            staff = life.hire(world, loaded, begin)
            house = staff[loaded.owner.slug]
            content.examples(loaded, author=house.office["author"], at=begin)
        for place in staff.values():
            if place.assessors:
                life.calibrate(world, place, now - timedelta(days=330))
        title = loaded.program.title["en"]
        for role, user in house.office.items():
            if role != "recognizer" or loaded.owner.slug == "savannah-tech":
                shown.doors.append(Door(role, title, user))
        shown.doors += [Door("assessor", title, user) for user in house.assessors[:3]]
        shown.doors += [
            Door("recognizer", title, place.office["recognizer"])
            for slug, place in staff.items()
            if slug != loaded.owner.slug and Promise.objects.filter(organization=place.organization).exists()
        ]
        shown.stacks += loaded.stacks.values()
        _named(world, loaded, staff, shown, title)
        _many(world, loaded, staff, learners, progress)
    _claims(world)
    survey_stacks.everybody(at=now)
    Task.objects.filter(done_at=None, run_after__lte=now).update(done_at=now)
    shown.awards = list(Award.objects.live().order_by("-issued_at")[:12])
    return shown


def _player(
    world: life.World, loaded: content.Loaded, staff: dict[str, life.Staff], at: datetime, name: str = "",
    language: str = "en",
) -> life.Player:  # fmt: skip
    user = world.person(at, name=name, language=language, area=world.chance.choice(HOURS_AREAS[loaded.name]))
    people.grant_role(organization=loaded.owner, user=user, role="learner", by=None, at=at)
    return life.Player(world, user, loaded, staff)


def _many(
    world: life.World, loaded: content.Loaded, staff: dict[str, life.Staff], learners: int, progress: Progress
) -> None:
    """Learners who are somewhere on the way: some quick, some stopped long ago, some in review now."""
    coach = staff[loaded.owner.slug].office["coach"]
    cohort = study.create_cohort(
        organization=loaded.owner, program=loaded.program, name="Spring cohort", closed_network=False,
        starts_on=(world.now - timedelta(days=200)).date(), by=None, at=world.now - timedelta(days=210),
    )  # fmt: skip
    closed = None
    if loaded.name in ("georgia", "maine"):
        closed = study.create_cohort(
            organization=loaded.owner, program=loaded.program, name="Closed-network cohort", closed_network=True,
            starts_on=date(world.now.year, 1, 15), by=None, at=world.now - timedelta(days=300),
        )  # fmt: skip
    for n in range(learners):
        with transaction.atomic():
            at = world.now - timedelta(days=world.chance.randint(20, 320), hours=world.chance.randint(0, 9))
            language = "es" if world.chance.random() < 0.25 else "en"
            player = _player(world, loaded, staff, at, language=language)
            group = closed if closed and n % 6 == 0 else cohort if n % 2 else None
            if group:
                study.join_cohort(cohort=group, learner=player.user, coach=coach, by=None, at=at)
            if n % 3 == 0:
                player.follow(STACK_OF[loaded.name], at)
            route = world.chance.choice(PATHS[loaded.name])
            for slug in route[: world.chance.choice((0, 1, 1, 2, 3))]:
                if at < world.now - timedelta(days=8):
                    player.earn(slug, at)
                at += timedelta(days=world.chance.randint(12, 45))
            slug = world.chance.choice(route)
            if (
                not Award.objects.filter(
                    learner=player.user, micro_credential=loaded.versions[slug].micro_credential
                ).exists()
                and not player.user.enrollments.filter(micro_credential=loaded.versions[slug].micro_credential).exists()
            ):
                late = world.now - timedelta(days=world.chance.randint(0, 11), hours=3)
                if world.chance.random() < 0.45:
                    _waiting(world, player, slug, max(late, at) if at < world.now else late)
                else:
                    player.draft(slug, min(at, late), parts=1)
        progress(loaded.name, n + 1, learners)


def _waiting(world: life.World, player: life.Player, slug: str, at: datetime) -> None:
    """Sent and not decided: some not yet checked, some half scored."""
    review = player.send(slug, at)
    house = player.staff[review.organization.slug]
    roll = world.chance.random()
    if roll < 0.3:
        return
    assessment.check_complete(review=review, by=house.assessors[3], at=at + timedelta(hours=1))
    if roll > 0.7:
        seat = Seat.objects.get(review=review, kind="first")
        life.score(world, seat, house.assessors[2], at + timedelta(hours=2), short=None)


def _named(world: life.World, loaded: content.Loaded, staff: dict[str, life.Staff], shown: Shown, title: str) -> None:
    """The people whom the pictures and the tour are about."""
    now = world.now
    quiet = random.Random(loaded.name)  # noqa: S311 - invented lives, not secrets
    calm = life.World(_Calm(quiet.random()), world.names, now)

    def player(name: str, days: int, language: str = "en") -> life.Player:
        return _player(calm, loaded, staff, now - timedelta(days=days), name, language)

    with transaction.atomic():
        if loaded.name == "tennessee":
            someone = player("Marisol Vega", 300)
            someone.follow("cda", now - timedelta(days=299))
            earned = (
                "keeping-children-safe-and-healthy", "physical-and-intellectual-development",
                "social-and-emotional-development", "operating-a-program", "child-growth-and-development",
            )  # fmt: skip
            for n, slug in enumerate(earned):
                someone.earn(slug, now - timedelta(days=280 - 45 * n))
            elsewhere.badges(learner=someone.user, now=now)
            placements.with_children(learner=someone.user, form=loaded.forms["with-children"], now=now, days=39)
            _waiting_checked(someone, "relationships-with-families", now - timedelta(days=11))
            someone.draft("observing-and-recording-behavior", now - timedelta(days=2), parts=4)
            shown.doors.append(Door("learner", title, someone.user))
            teresa = player("Teresa Coleman Núñez", 200)
            teresa.earn("observing-and-recording-behavior", now - timedelta(days=40))
            shown.doors.append(Door("learner", title, teresa.user))
            rosa = player("Rosa Delgado", 3, "es")
            shown.doors.append(Door("learner", title, rosa.user))
            shown.doors.append(Door("learner", title, _owner(player("Imelda Brewer Ochoa", 260), loaded, now)))
        elif loaded.name == "kentucky":
            someone = player("Loretta Combs Hale", 400)
            someone.follow("rank-change", now - timedelta(days=399))
            slugs = [row["slug"] for row in loaded.data["micro_credentials"]]
            for n, slug in enumerate([*slugs[:12], *slugs[12:17], slugs[20]]):
                someone.earn(slug, now - timedelta(days=320 - 16 * n))
            shown.doors.append(Door("learner", title, someone.user))
        elif loaded.name == "georgia":
            elsewhere.awards(
                version=next(iter(loaded.versions.values())), office=staff[loaded.owner.slug].office, now=now
            )
            someone = player("Deshawn Pettway Moss", 150)
            someone.follow("nurse-aide-certificate", now - timedelta(days=149))
            for n, slug in enumerate(("stopping-infection", "vital-signs", "care-with-dignity")):
                someone.earn(slug, now - timedelta(days=140 - 40 * n))
            someone.draft("a-shift-on-the-floor", now - timedelta(days=5), parts=2)
            shown.doors.append(Door("learner", title, someone.user))
        else:
            someone = player("Joanna Thibodeau Lee", 250)
            someone.follow("sustainable-aquaculture", now - timedelta(days=249))
            for n, slug in enumerate(("aquaculture-1", "aquaculture-2", "dawnland")):
                someone.earn(slug, now - timedelta(days=240 - 60 * n))
            _waiting_checked(someone, "aquaculture-3", now - timedelta(days=6))
            shown.doors.append(Door("learner", title, someone.user))
            placements.under_way(learner=someone.user, form=loaded.forms["farm-season"], now=now)
            done = player("Wendell Frost Alley", 330)
            done.follow("sustainable-aquaculture", now - timedelta(days=329))
            for n, slug in enumerate(("aquaculture-1", "aquaculture-2", "aquaculture-3")):
                done.earn(slug, now - timedelta(days=320 - 90 * n))
            placements.reviewed(learner=done.user, form=loaded.forms["farm-season"], now=now)
            shown.doors.append(Door("learner", title, done.user))


def _owner(someone: life.Player, loaded: content.Loaded, now: datetime) -> User:
    """The owner of a home child-care near Savannah, Georgia, who studies in Tennessee's program from home."""
    User.objects.filter(pk=someone.user.pk).update(area="Bryan County, Georgia")
    for n, slug in enumerate(OWNER_EARNED):
        someone.earn(slug, now - timedelta(days=240 - 30 * n))
    someone.follow("cda", now - timedelta(days=30))
    placements.at_home(learner=someone.user, form=loaded.forms["with-children"], now=now)
    return someone.user


class _Calm(random.Random):
    """Chance without mishaps: the named people's work is there the first time."""

    def random(self) -> float:
        """Always the calm half."""
        return 0.5


def _waiting_checked(player: life.Player, slug: str, at: datetime) -> None:
    """In review: complete, and two people are reading it."""
    review = player.send(slug, at)
    assessment.check_complete(
        review=review, by=player.staff[review.organization.slug].assessors[3], at=at + timedelta(hours=4)
    )


def _claims(world: life.World) -> None:
    """Promises that were claimed: most kept, some late, one in ten declined, some still waiting."""
    chance = world.chance
    for promise in Promise.objects.select_related("organization").all():
        awards = Award.objects.live().filter(
            micro_credential=promise.micro_credential_id, stack_id=promise.stack_id, learner__isnull=False
        )
        answering = promise.organization.memberships.get(role="recognizer").user
        for award in awards.select_related("learner").order_by("issued_at")[:14]:
            learner = award.learner
            at = award.issued_at + timedelta(days=chance.randint(1, 12))
            if learner is None or at > world.now or learner.name in ("Teresa Coleman Núñez",) or chance.random() < 0.35:
                continue
            claim = recognition.claim(promise=promise, award=award, note="", key="", by=learner, at=at)
            answered = at + timedelta(days=chance.choice((2, 5, 8, 11, 13, promise.answer_days + 4)))
            if answered < world.now:
                kept = chance.random() > 0.1
                recognition.answer(
                    claim=claim, kept=kept, reason="" if kept else "The position was filled before this came.",
                    by=answering, at=answered,
                )  # fmt: skip
