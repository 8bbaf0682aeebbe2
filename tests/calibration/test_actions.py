"""Exemplars, and what it takes to be calibrated."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.assessment.models import Seat
from fieldstone.server.calibration import actions, queries
from fieldstone.server.calibration.actions import Ended
from fieldstone.server.calibration.models import Calibration, Exemplar
from fieldstone.server.ledger.problems import NotAllowed, Refused
from tests.assessment.kit import NO, ONE, YES, exemplar, scoring
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_an_exemplar_is_checked_and_kept_once(cast: Cast, at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_exemplar(
            version=cast.home.version,
            title=" ",
            content={"answers": {"setting": "x" * 20_001, "other": "dropped"}},
            true_scores={"describes": "demonstrated"},
            by=cast.home.author,
            at=at,
        )
    assert [p.field for p in refused.value.problems] == ["title", "answer-setting", "level-links"]
    with pytest.raises(Refused, match="at least one part"):
        actions.add_exemplar(
            version=cast.home.version, title="Empty", content={}, true_scores=YES, by=cast.home.author, at=at
        )
    one = exemplar(cast.home, at)
    assert exemplar(cast.home, at) == one
    used = actions.add_exemplar(
        version=cast.home.version,
        title="From work that was sent",
        content={"artifacts": {"notes": ["id"]}, "submission": "some-id"},
        true_scores=YES,
        by=None,
        at=at,
    )
    assert used.content == {"answers": {}, "artifacts": {"notes": ["id"]}, "submission": "some-id"}
    for _again in range(2):
        actions.retire_exemplar(exemplar=one, by=cast.home.author, at=at)
    assert list(Exemplar.objects.filter(ended_at=None)) == [used]


def score(one: Exemplar, levels: dict, cast: Cast, at: datetime) -> Calibration | None:
    return actions.score_exemplar(exemplar=one, scores=levels, by=cast.home.first, at=at)


def test_matching_four_fifths_of_the_true_scores_calibrates_for_a_year(cast: Cast, at: datetime) -> None:
    examples = [exemplar(cast.home, at, f"Example {i}", (YES, ONE, NO)[i % 3]) for i in range(5)]
    for i, one in enumerate(examples[:4]):
        assert score(one, (YES, ONE, NO)[i % 3], cast, at) is None
    assert score(examples[0], NO, cast, at) is None, "a second answer to the same example changes nothing"
    got = score(examples[4], {"describes": "not_yet", "links": "cannot_tell"}, cast, at)
    assert got is not None and (got.matched, got.total) == (8, 10)
    assert got.valid_until == at + timedelta(days=365) and got.kappa is not None and got.kappa < 1
    assert queries.is_calibrated(cast.home.first, cast.home.micro_credential, at)
    assert not queries.is_calibrated(cast.home.first, cast.home.micro_credential, got.valid_until)
    review = scoring(cast.learner, cast.home, at)
    assert (
        assessment.take(seat=Seat.objects.get(review=review, kind="first"), by=cast.home.first, at=at).assessor
        == cast.home.first
    )


def test_a_try_that_missed_opens_again_on_new_examples_or_after_two_weeks(cast: Cast, at: datetime) -> None:
    first = exemplar(cast.home, at)
    missed = score(first, NO, cast, at)
    assert missed is not None and (missed.matched, missed.total, missed.valid_until) == (1, 2, at)
    assert not queries.is_calibrated(cast.home.first, cast.home.micro_credential, at)
    soon = at + timedelta(days=1)
    assert score(first, ONE, cast, soon) is None
    later = exemplar(cast.home, soon, "A later example", YES)
    assert score(later, YES, cast, soon) is None, "two scores are too few to settle a try"
    reached = score(first, ONE, cast, at + timedelta(days=14))
    assert reached is not None and (reached.matched, reached.total) == (4, 4)
    assert reached.valid_until > reached.reached_at


def test_exemplars_refuse_bad_scores_their_author_and_the_retired(cast: Cast, at: datetime) -> None:
    one = exemplar(cast.home, at)
    with pytest.raises(Refused) as refused:
        score(one, {"describes": "splendid"}, cast, at)
    assert [p.field for p in refused.value.problems] == ["level-describes", "level-links"]
    with pytest.raises(NotAllowed):
        actions.score_exemplar(exemplar=one, scores=YES, by=cast.home.author, at=at)
    actions.retire_exemplar(exemplar=one, by=cast.home.author, at=at)
    one.refresh_from_db()
    with pytest.raises(Ended):
        score(one, YES, cast, at)


def test_what_no_database_keeps_is_refused_at_its_field(cast: Cast, at: datetime) -> None:
    """PostgreSQL keeps no NUL; every text says so before it comes that far."""
    with pytest.raises(Refused) as refused:
        actions.add_exemplar(
            version=cast.home.version,
            title="a\x00b",
            content={"answers": {"setting": "a\x00b"}},
            true_scores=YES,
            by=cast.home.approver,
            at=at,
        )
    assert [p.field for p in refused.value.problems] == ["title", "answer-setting"]
