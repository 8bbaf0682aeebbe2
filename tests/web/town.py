"""A town for tests of jobs: starter facts, micro-credentials that show skills, a stack that leads to child-care work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldstone.server.awards import actions as awards
from fieldstone.server.catalog.models import Version
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User
from fieldstone.server.reference.actions import load_starter
from tests.awards.makers import make_review
from tests.cast import Cast, make_version, text
from tests.pathways.makers import all_of, hold, make_stack

WORKER, TEACHER, DIRECTOR = "39-9011.00", "25-2011.00", "11-9031.00"
LISTENING, SPEAKING, MONITORING, SERVICE = "2.A.1.b", "2.A.1.d", "2.A.2.d", "2.B.1.f"


def tie(code: str, level: float | None = None) -> dict[str, Any]:
    """A tie to an item of O*NET."""
    more = {} if level is None else {"level": level}
    return {"framework": "O*NET", "code": code, "name": "Tied", "url": "https://example.org/tied", **more}


@dataclass
class Town:
    """The cast, what they can earn, and a learner who holds the first of it."""

    cast: Cast
    owner: User
    families: Version
    speaking: Version
    safety: Version
    stack: StackVersion


def make_town(cast: Cast, at: datetime) -> Town:
    """Three micro-credentials, a stack of them that leads to child-care work; the learner holds the first."""
    load_starter(by=None, at=at)
    program = cast.home.program

    def version(slug: str, en: str, es: str, hours: int, cents: int, *ties: dict[str, Any]) -> Version:
        return make_version(
            program, at - timedelta(days=400), slug=slug, title=text(en, es), notional_hours=hours, cost_cents=cents,
            clock_hours={}, valid_months=None, alignments=list(ties),
        )  # fmt: skip

    families = version("families", "Talking with families", "Hablar con las familias", 10, 0, tie(LISTENING, 3.5))
    speaking = version("speaking", "Clear words", "Palabras claras", 8, 2500, tie(SPEAKING, 3))
    safety = version("safety", "A safe room", "Un lugar seguro", 12, 0, tie(MONITORING, 2), tie(DIRECTOR))
    stack = make_stack(
        program, all_of(hold(families), hold(speaking), hold(safety)), at, occupations=[WORKER], hours=30,
        title=text("Ready for child care", "Lista para el cuidado infantil"),
    )  # fmt: skip
    awards.issue(review=make_review(cast.learner, families, at - timedelta(days=30)), by=None, at=at - timedelta(days=30))
    return Town(cast, cast.learner, families, speaking, safety, stack)
