"""What My path shows: the next step, walls, what is in review, promises within reach, everything begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fieldstone.server.catalog.rules import Definition
from fieldstone.server.evidence import queries, rules
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.people.models import User
from fieldstone.server.web.learner import status as stories


@dataclass(frozen=True)
class Item:
    """One enrollment in the list, with its stone and its state in words."""

    enrollment: Enrollment
    definition: Definition
    story: stories.Standing
    left: int
    total: int

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
        return ngettext("%(n)s part left.", "%(n)s parts left.", self.left) % {"n": self.left}


def _item(enrollment: Enrollment, reviews: dict[Any, Any]) -> Item:
    definition = enrollment.version.parsed
    story = stories.standing(enrollment, enrollment.submissions.all(), reviews)
    held: dict[str, int] = {}
    for artifact in enrollment.artifacts.all():
        held[artifact.part] = held.get(artifact.part, 0) + 1
    answers = {answer.part: answer.text for answer in enrollment.answers.all()}
    lacking = rules.missing(definition, answers, held, enrollment.permission_at is not None, story.open)
    total = len(rules.asked(definition, story.open)) + (definition.children != "none")
    return Item(enrollment, definition, story, len(lacking), total)


def read(user: User, *, at: datetime, language: str) -> dict[str, Any]:
    """The page's context. A fixed number of queries however much she has begun."""
    reviews = stories.reviews_of(user)
    items = [_item(enrollment, reviews) for enrollment in queries.enrollments_of(user)]
    active = [item for item in items if item.enrollment.left_at is None]
    drafts = [item for item in active if item.state == "draft"]
    return {
        "items": active,
        "aside": [item for item in items if item.enrollment.left_at is not None],
        "next": drafts[0] if drafts else None,
        "in_review": [item for item in active if item.state == "review"],
        "at": at,
    }
