"""Invented people and what they did, through the same actions as everybody else's."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from uuid import uuid4

from django.db import transaction

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.assessment.queries import criteria_for
from fieldstone.server.assessment.rules import add_business_days
from fieldstone.server.awards.models import Award
from fieldstone.server.calibration import actions as calibration
from fieldstone.server.calibration.models import Exemplar
from fieldstone.server.catalog.rules import Criterion
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.journeys.submit_evidence import submit_evidence
from fieldstone.server.management.demo import pictures, words
from fieldstone.server.management.demo.content import Loaded
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import Organization, User

OFFICE = ("author", "approver", "issuer", "lead", "coach", "administrator")
ASSESSORS = 4


@dataclass
class Staff:
    """Who works in one organization."""

    organization: Organization
    assessors: list[User] = field(default_factory=list)
    office: dict[str, User] = field(default_factory=dict)


@dataclass
class World:
    """What the players share: chance with a fixed seed, names, and the moment at which everything ends."""

    chance: random.Random
    names: Iterator[str]
    now: datetime

    def person(self, at: datetime, *, name: str = "", language: str = "en", area: str = "") -> User:
        """A new invented person with an invented address."""
        name = name or next(self.names)
        user = people.welcome(
            email=f"{name.lower().replace(' ', '.').replace('ñ', 'n')}@people.example.org", language=language, at=at
        )
        User.objects.filter(pk=user.pk).update(name=name, area=area, is_synthetic=True)
        user.refresh_from_db()
        return user


@transaction.atomic
def hire(world: World, loaded: Loaded, at: datetime) -> dict[str, Staff]:
    """Everybody who works for the program's organizations, by organization."""
    houses = {loaded.owner.slug} | {v.micro_credential.organization.slug for v in loaded.versions.values()}
    found = {}
    for slug, organization in loaded.organizations.items():
        staff = Staff(organization)
        roles = [*OFFICE, "recognizer"] if slug in houses else ["recognizer", "administrator"]
        for role in roles:
            staff.office[role] = world.person(at)
            people.grant_role(organization=organization, user=staff.office[role], role=role, by=None, at=at)
        for _n in range(ASSESSORS if slug in houses else 0):
            user = world.person(at)
            people.grant_role(organization=organization, user=user, role="assessor", by=None, at=at)
            staff.assessors.append(user)
        found[slug] = staff
    return found


@transaction.atomic
def calibrate(world: World, staff: Staff, at: datetime) -> None:
    """Each assessor (and the approver, where one confirms) scores every example; one score in twelve is missed."""
    exemplars = list(
        Exemplar.objects.filter(version__micro_credential__organization=staff.organization).select_related(
            "version__micro_credential"
        )
    )
    confirming = [staff.office["approver"]] if staff.organization.two_person == "approver" else []
    for assessor in [*staff.assessors, *confirming]:
        missed: set[object] = set()
        for exemplar in exemplars:
            subject = exemplar.version.micro_credential_id
            scores = dict(exemplar.true_scores)
            if subject not in missed and world.chance.random() < 0.15:
                missed.add(subject)
                criterion = world.chance.choice(exemplar.version.parsed.criteria)
                scores[criterion.id] = _other(criterion, scores[criterion.id])
            rows = [e for e in exemplars if e.version.micro_credential_id == subject]
            if sum(len(e.version.parsed.criteria) for e in rows) < 5:
                scores = dict(exemplar.true_scores)
            calibration.score_exemplar(exemplar=exemplar, scores=scores, by=assessor, at=at)


def _other(criterion: Criterion, level_id: str) -> str:
    """A level on the other side of "demonstrated"."""
    level = criterion.level(level_id)
    counts = level is not None and level.demonstrated
    return next(x.id for x in criterion.levels if x.demonstrated is not counts)


@dataclass
class Player:
    """One learner, her language, and the staff who judge her."""

    world: World
    user: User
    loaded: Loaded
    staff: dict[str, Staff]

    @property
    def language(self) -> str:
        """The language she writes in."""
        return self.user.language

    def start(self, slug: str, at: datetime) -> Enrollment:
        """Begin a micro-credential."""
        return evidence.start(micro_credential=self.loaded.versions[slug].micro_credential, by=self.user, at=at)

    def draft(self, slug: str, at: datetime, *, parts: int | None = None) -> Enrollment:
        """Write and attach; `parts` limits how much is done."""
        enrollment = self.start(slug, at)
        version = self.loaded.versions[slug]
        definition = version.parsed
        language = self.language if self.language in definition.languages else definition.languages[0]
        samples = [s for s in self.loaded.data["samples"] if s["slug"] == slug and s.get("language", "en") == language]
        chance = self.world.chance
        todo = list(definition.parts())[:parts]
        written = {}
        for part in todo:
            if part in definition.artifacts:
                continue
            assert not hasattr(part, "kinds")
            text = (words.written(samples[0], part) if samples else "") or words.answer(part, language, chance)
            known = enrollment.answers.filter(part=part.id).first()
            written[part.id] = evidence.Typed(text=text, base=known.revision if known else 0)
        evidence.save(
            enrollment=enrollment,
            draft=evidence.Draft(answers=written, permission=definition.children != "none" and parts is None),
            by=self.user,
            at=at,
        )
        for artifact in definition.artifacts:
            if artifact in todo and not enrollment.artifacts.filter(part=artifact.id, removed_at=None).exists():
                for n in range(artifact.min):
                    self._attach(enrollment, artifact.id, artifact.kinds, n, at)
        return enrollment

    def _attach(self, enrollment: Enrollment, part: str, kinds: Sequence[str], n: int, at: datetime) -> None:
        if "photo" in kinds:
            file = BytesIO(pictures.photo(self.world.chance.randrange(pictures.VARIANTS)))
            evidence.attach(
                enrollment=enrollment,
                part=part,
                file=file,
                name=f"page-{n + 1}.jpg",
                by=self.user,
                at=at,
                key=str(uuid4()),
            )
        elif "document" in kinds:
            body = "Synthetic document\n\n" + " ".join(words.SENTENCES[self.language])
            evidence.attach(
                enrollment=enrollment, part=part, file=BytesIO(f"{body}\n\n{n + 1}\n".encode()),
                name=f"page-{n + 1}.txt",                by=self.user, at=at, key=str(uuid4()),
            )  # fmt: skip
        elif "link" in kinds:
            evidence.attach_link(
                enrollment=enrollment, part=part, url=f"https://video.example.org/{uuid4().hex[:8]}", title="Recording",
                by=self.user, at=at, key=str(uuid4()),
            )  # fmt: skip
        else:
            raise ValueError(f"nothing to attach to {part}: {kinds}")

    def send(self, slug: str, at: datetime) -> Review:
        """Everything that is asked for, sent."""
        enrollment = self.draft(slug, at)
        submission = submit_evidence(enrollment=enrollment, by=self.user, at=at, key=str(uuid4()))
        return Review.objects.select_related("organization", "micro_credential").get(submission=submission)

    @transaction.atomic
    def earn(self, slug: str, at: datetime) -> Award | None:
        """Send and be judged, with a first try that is not there yet for three in ten. None when time runs out."""
        for good in [False, True] if self.world.chance.random() < 0.3 else [True]:
            review = self.send(slug, at)
            decided_at = add_business_days(at, self.world.chance.randint(3, 11))
            if decided_at >= self.world.now:
                return None
            judge(self.world, self.staff[review.organization.slug], review, decided_at, good=good)
            at = decided_at + timedelta(days=self.world.chance.randint(2, 9))
            if at >= self.world.now:
                break
        return Award.objects.filter(learner=self.user, micro_credential=review.micro_credential_id).first()

    def follow(self, slug: str, at: datetime) -> None:
        """Put a stack on her path."""
        pathways.follow(learner=self.user, stack=self.loaded.stacks[slug], at=at)


def judge(world: World, staff: Staff, review: Review, at: datetime, *, good: bool = True) -> None:
    """Two people judge a submission, a third where they differ."""
    first, second, third = world.chance.sample(staff.assessors, 3)
    checked = add_business_days(review.opened_at, 1)
    assessment.check_complete(review=review, by=third, at=min(checked, at))
    criteria = list(review.submission.enrollment.version.parsed.criteria)
    short = None if good else world.chance.choice([c for c in criteria if c.id in review.submission.criteria])
    differs = world.chance.random() < 0.08
    seats = {s.kind: s for s in Seat.objects.filter(review=review)}
    score(world, seats["first"], first, at - timedelta(hours=20), short=short)
    if "second" in seats:
        odd = world.chance.choice(criteria) if differs and good else short
        score(world, seats["second"], second, at - timedelta(hours=2), short=odd)
    else:
        seat = assessment.take(seat=seats["approver"], by=staff.office["approver"], at=at)
        confirm_decision.approve(seat=seat, approved=True, note="", by=staff.office["approver"], at=at)
    review.refresh_from_db()
    if review.state == "moderating":
        seat = Seat.objects.get(review=review, kind="moderator")
        score(world, seat, third, at, short=short)


def score(world: World, seat: Seat, by: User, at: datetime, *, short: Criterion | None) -> None:
    """Fill one sheet and hand it in. `short` is the criterion that is not there yet."""
    seat = assessment.take(seat=seat, by=by, at=at)
    lines = {}
    for criterion in criteria_for(seat):
        missing = short is not None and criterion.id == short.id
        level = next(x.id for x in criterion.levels if x.demonstrated is not missing)
        comment = "Say a little more here, and point to the note that shows it." if missing else ""
        lines[criterion.id] = assessment.LineInput(level, comment, ())
    assessment.record_scores(seat=seat, lines=lines, by=by, at=at)
    done = confirm_decision.moderate if seat.kind == "moderator" else confirm_decision.hand_in
    done(seat=seat, by=by, at=at)
