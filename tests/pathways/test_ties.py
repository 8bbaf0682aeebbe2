"""What credentials show, where they lead, and what offers say of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Version
from fieldstone.server.pathways import queries
from fieldstone.server.people.models import User
from tests.awards.makers import make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import hold, make_stack

WORKER, TEACHER = "39-9011.00", "25-2011.00"


def tie(code: str, level: float | None = None, framework: str = "O*NET") -> dict[str, Any]:
    more = {} if level is None else {"level": level}
    return {"framework": framework, "code": code, "name": "Tied", "url": "https://example.org/tied", **more}


def listening(cast: Cast, at: datetime, level: float, slug: str, *more: dict[str, Any]) -> Version:
    return make_version(cast.home.program, at, slug=slug, alignments=[tie("2.A.1.b", level), *more])


def earn(learner: User, version: Version, at: datetime) -> Award:
    return awards.issue(review=make_review(learner, version, at), by=None, at=at)


def test_what_is_held_and_valid_is_shown(cast: Cast, at: datetime) -> None:
    first = listening(cast, at, 2.5, "first", tie("2.B.1.a", 3), tie("2.B.1.b"), tie(WORKER))
    second = listening(cast, at, 4, "second")
    plain = cast.home.version
    held = earn(cast.learner, first, at)
    earn(cast.learner, plain, at)
    earn(cast.other_learner, second, at)
    shown = queries.shown(cast.learner, at=at)
    assert {(s.skill, s.level, s.credential) for s in shown} == {
        ("2.A.1.b", Decimal("2.5"), str(first.micro_credential_id)),
        ("2.B.1.a", Decimal(3), str(first.micro_credential_id)),
    }
    everybody = queries.shown_by([cast.learner.pk, cast.other_learner.pk, cast.stranger.pk], at=at)
    assert everybody[cast.learner.pk] == shown and set(everybody) == {cast.learner.pk, cast.other_learner.pk}
    assert queries.shown(cast.stranger, at=at) == []
    assert held.valid_until is not None
    assert queries.shown(cast.learner, at=held.valid_until - timedelta(seconds=1)) == shown
    assert queries.shown(cast.learner, at=held.valid_until) == []
    assert queries.shown(cast.learner, at=at - timedelta(days=1)) == []


def test_what_is_withdrawn_or_paused_shows_nothing(cast: Cast, at: datetime) -> None:
    first, second = (listening(cast, at, level, f"m{level}") for level in (2, 3))
    paused, withdrawn = earn(cast.learner, first, at), earn(cast.learner, second, at)
    awards.suspend(award=paused, reason="Looked at again", by=None, at=at)
    awards.withdraw(award=withdrawn, reason="A mistake was made", by=None, at=at)
    assert queries.shown(cast.learner, at=at) == []
    paused.refresh_from_db()
    awards.reinstate(award=paused, by=None, at=at)
    assert [s.level for s in queries.shown(cast.learner, at=at)] == [2]


def test_reading_what_many_hold_takes_two_queries(cast: Cast, at: datetime) -> None:
    for n, learner in enumerate((cast.learner, cast.other_learner, cast.stranger)):
        earn(learner, listening(cast, at, n + 1, f"m{n}"), at)
    with CaptureQueriesContext(connection) as made:
        queries.shown_by([cast.learner.pk, cast.other_learner.pk, cast.stranger.pk], at=at)
    assert len(made) == 2


def test_micro_credentials_and_stacks_lead_to_occupations(cast: Cast, at: datetime) -> None:
    tied = make_version(cast.home.program, at, slug="tied", alignments=[tie(WORKER, framework="O*NET-SOC")])
    make_version(cast.home.program, at, slug="draft", published=False, alignments=[tie(WORKER)])
    away = make_version(cast.away.program, at, slug="away", alignments=[tie("25-2011", framework="O*NET-SOC")])
    stack = make_stack(cast.home.program, hold(tied), at, occupations=[TEACHER])
    make_stack(cast.home.program, hold(tied), at)
    found = queries.leading_to([WORKER, TEACHER, "39-9011", "11-1011.00", WORKER])
    assert list(found) == [WORKER, TEACHER, "39-9011", "11-1011.00"]
    assert (found[WORKER].micro_credentials, found[WORKER].stacks) == ((tied,), ())
    assert (found[TEACHER].micro_credentials, found[TEACHER].stacks) == ((away,), (stack,))
    assert found["39-9011"].micro_credentials == (tied,)
    assert found["11-1011.00"] == queries.Leads()


def test_an_offer_says_what_it_costs_what_comes_first_and_what_it_shows(cast: Cast, at: datetime) -> None:
    home = cast.home
    first = str(home.micro_credential.pk)
    version = listening(cast, at, 2.5, "next")
    changed = {**version.definition, "prerequisites": [first], "cost_cents": 2500}
    Version.objects.filter(pk=version.pk).delete()
    again = Version.objects.create(
        micro_credential=version.micro_credential, number=1, definition=changed, created_at=at, changed_at=at,
        published_at=at, cost_cents=2500, level=2, hours=15,
    )  # fmt: skip
    offers = {UUID(o.credential): o for o in queries.offers(home.organization.pk)}
    offer = offers[again.micro_credential_id]
    assert (offer.cost, offer.prerequisites, dict(offer.shows)) == (2500, (first,), {"2.A.1.b": Decimal("2.5")})
    plain = offers[home.micro_credential.pk]
    assert (plain.cost, plain.prerequisites, dict(plain.shows)) == (0, (), {})


def test_a_signed_badge_names_each_tie_with_the_level_it_shows(cast: Cast, at: datetime) -> None:
    for languages, words in ((["en", "es"], "Level 2.5 of 7 on O*NET's scale"), (["es", "en"], "Nivel 2.5 de 7 en la")):
        version = make_version(
            cast.home.program, at, slug=languages[0], languages=languages,
            alignments=[tie("2.A.1.b", 2.5), tie(WORKER, framework="O*NET-SOC")],
        )  # fmt: skip
        document = json.loads(earn(cast.learner, version, at).document.body)
        first, second = document["credentialSubject"]["achievement"]["alignment"]
        assert first["targetCode"] == "2.A.1.b" and first["targetDescription"].startswith(words)
        assert second["targetCode"] == WORKER and "targetDescription" not in second
