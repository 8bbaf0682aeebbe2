"""From the completeness check to the decision: every write, every refusal, each request twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fieldstone.server.assessment import actions, queries
from fieldstone.server.assessment.actions import (
    Closed,
    LineInput,
    LinkEnded,
    NotSeated,
    SheetNotReady,
    Taken,
)
from fieldstone.server.assessment.actions.scoring import close_sheet
from fieldstone.server.assessment.models import Appeal, Phrase, Review, Score, Seat
from fieldstone.server.evidence.models import Submission
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import NotAllowed, Refused
from fieldstone.server.people.models import Membership, Organization
from tests.assessment.kit import (
    NO,
    ONE,
    YES,
    calibrate,
    enroll,
    exemplar,
    fill,
    hand,
    lines,
    opened,
    scoring,
    submission,
)
from tests.cast import Cast, make_person


def approver_rule(cast: Cast) -> None:
    house = cast.home.micro_credential.organization
    house.two_person = "approver"
    house.save()


def seat(review: Review, kind: str) -> Seat:
    return Seat.objects.get(review=review, kind=kind)


# --- opening and the completeness check ---------------------------------------------------------------


def test_a_review_opens_once_with_dates_in_business_days(cast: Cast, at: datetime) -> None:
    sent = submission(enroll(cast.learner, cast.home.version, at), at)
    review = actions.open_review(submission=sent, by=cast.learner, at=at)
    assert actions.open_review(submission=sent, by=cast.learner, at=at + timedelta(days=1)) == review
    assert (review.state, review.organization) == ("checking", cast.home.organization)
    assert review.check_due_at == at + timedelta(days=1)
    assert review.due_at == datetime(2026, 12, 11, 15, tzinfo=at.tzinfo)
    assert sorted(review.seats.values_list("kind", flat=True)) == ["first", "second"]
    assert Entry.objects.filter(verb="assessment.opened").count() == 1


def test_the_approver_rule_opens_an_approver_seat(cast: Cast, at: datetime) -> None:
    approver_rule(cast)
    review = opened(cast.learner, cast.home, at)
    assert sorted(review.seats.values_list("kind", flat=True)) == ["approver", "first"]


def test_checking_is_for_assessors_who_are_not_involved(cast: Cast, at: datetime) -> None:
    review = opened(cast.learner, cast.home, at)
    for who in (cast.home.lead, cast.stranger, cast.away.first):
        with pytest.raises(NotSeated, match="needs an assessor"):
            actions.check_complete(review=review, by=who, at=at)
    with pytest.raises(NotSeated, match="your own"):
        actions.check_complete(review=review, by=cast.learner, at=at)
    actions.declare_conflict(review=review, by=cast.home.second, at=at)
    with pytest.raises(NotSeated, match="handed this one on"):
        actions.return_incomplete(review=review, missing="A photo.", by=cast.home.second, at=at)
    first = actions.check_complete(review=review, by=cast.home.approver, at=at)
    again = actions.check_complete(review=review, by=cast.home.first, at=at + timedelta(hours=1))
    assert first.state == again.state == "scoring" and again.checked_at == at
    with pytest.raises(Closed):
        actions.return_incomplete(review=review, missing="A photo.", by=cast.home.first, at=at)


def test_an_incomplete_submission_goes_back_and_is_no_try(cast: Cast, at: datetime) -> None:
    review = opened(cast.learner, cast.home, at)
    for words, message in (("  ", "Say what is missing"), ("x" * 4001, "Shorten")):
        with pytest.raises(Refused, match=message):
            actions.return_incomplete(review=review, missing=words, by=cast.home.first, at=at)
    back = actions.return_incomplete(review=review, missing="Photo 2 is dark.", by=cast.home.first, at=at)
    twice = actions.return_incomplete(review=review, missing="Photo 2 is dark.", by=cast.home.first, at=at)
    assert back == twice and (back.state, back.outcome, back.decided_by) == (
        "decided",
        "incomplete",
        cast.home.first.pk,
    )
    assert back.result["comments"] == [{"criterion": "", "comment": "Photo 2 is dark.", "phrases": []}]
    assert queries.tries(back.submission.enrollment).count == 0
    with pytest.raises(Closed):
        actions.check_complete(review=review, by=cast.home.first, at=at)
    assert Task.objects.filter(handler="mail_decision").count() == 1
    newer = actions.open_review(submission=submission(back.submission.enrollment, at, number=2), by=cast.learner, at=at)
    assert newer.state == "checking"


# --- claiming -----------------------------------------------------------------------------------------


def test_a_batch_takes_the_oldest_first_up_to_the_limit(cast: Cast, at: datetime) -> None:
    reviews = [scoring(make_person(f"Learner {i}", at), cast.home, at - timedelta(days=7 * i)) for i in range(4)]
    Organization.objects.filter(pk=cast.home.organization.pk).update(hold_limit=3)
    house = Organization.objects.get(pk=cast.home.organization.pk)
    taken = actions.claim(organization=house, count=2, by=cast.home.first, at=at)
    assert [s.review for s in taken] == [reviews[3], reviews[2]]
    assert len(actions.claim(organization=house, count=9, by=cast.home.first, at=at)) == 1
    with pytest.raises(NotSeated, match="You hold 3"):
        actions.claim(organization=house, count=1, by=cast.home.first, at=at)
    with pytest.raises(NotSeated, match="You hold 3"):
        actions.take(seat=seat(reviews[0], "first"), by=cast.home.first, at=at)
    assert {s.review for s in actions.claim(organization=house, count=3, by=cast.home.second, at=at)} == set(
        reviews[1:]
    )


def test_nobody_takes_both_seats_or_her_own_or_one_handed_on(cast: Cast, at: datetime) -> None:
    house = cast.home.organization
    own = scoring(cast.home.second, cast.home, at)
    review = scoring(cast.learner, cast.home, at)
    assert [s.review for s in actions.claim(organization=house, count=5, by=cast.home.second, at=at)] == [review]
    with pytest.raises(NotSeated, match="already sit"):
        actions.take(seat=seat(review, "second"), by=cast.home.second, at=at)
    with pytest.raises(NotSeated, match="your own"):
        actions.take(seat=seat(own, "first"), by=cast.home.second, at=at)
    with pytest.raises(NotSeated, match="Nothing is free"):
        actions.claim(organization=house, count=5, by=cast.home.second, at=at)
    actions.declare_conflict(review=review, by=cast.home.second, at=at)
    actions.declare_conflict(review=review, by=cast.home.second, at=at)
    assert seat(review, "first").assessor is None
    with pytest.raises(NotSeated, match="handed this one on"):
        actions.take(seat=seat(review, "second"), by=cast.home.second, at=at)
    with pytest.raises(NotSeated, match="Nothing is free"):
        actions.claim(organization=house, count=5, by=cast.home.second, at=at)
    assert Entry.objects.filter(verb="assessment.conflict_declared").count() == 1


def test_a_taken_seat_is_taken_once(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    one = seat(review, "first")
    mine = actions.take(seat=one, by=cast.home.first, at=at)
    assert actions.take(seat=one, by=cast.home.first, at=at) == mine
    with pytest.raises(Taken):
        actions.take(seat=one, by=cast.home.second, at=at)


def test_a_race_for_one_seat_has_one_winner(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw the seat free; the second conditional update finds it gone."""
    review = scoring(cast.learner, cast.home, at)
    stale = Seat.objects.select_related("review__submission__enrollment").get(review=review, kind="first")
    actions.take(seat=stale, by=cast.home.first, at=at)
    monkeypatch.setattr(queries, "takeable", lambda *_args: [stale])
    with pytest.raises(NotSeated, match="Nothing is free"):
        actions.claim(organization=cast.home.organization, count=1, by=cast.home.second, at=at)
    assert seat(review, "first").assessor == cast.home.first


def test_a_race_for_both_seats_is_refused_by_the_database(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs of one person take the two seats of one review: the constraint lets one through."""
    review = scoring(cast.learner, cast.home, at)
    both = list(Seat.objects.select_related("review__submission__enrollment").filter(review=review).order_by("kind"))
    monkeypatch.setattr(queries, "takeable", lambda *_args: both)
    assert len(actions.claim(organization=cast.home.organization, count=5, by=cast.home.first, at=at)) == 1


def test_a_seat_of_a_review_that_moved_on_is_not_taken(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = scoring(cast.learner, cast.home, at)
    stale = Seat.objects.select_related("review__submission__enrollment").get(review=review, kind="first")
    actions.withdraw(review=review, by=cast.learner, at=at)
    monkeypatch.setattr(queries, "takeable", lambda *_args: [stale])
    with pytest.raises(NotSeated, match="Nothing is free"):
        actions.claim(organization=cast.home.organization, count=1, by=cast.home.first, at=at)
    with pytest.raises(Taken):
        actions.take(seat=stale, by=cast.home.first, at=at)


def test_giving_back_leaves_a_clean_sheet(cast: Cast, at: datetime) -> None:
    review, other = scoring(cast.learner, cast.home, at), scoring(cast.other_learner, cast.home, at)
    for one in (review, other):
        fill(actions.take(seat=seat(one, "first"), by=cast.home.first, at=at), YES, cast.home.first, at)
    assert (
        actions.release(organization=cast.home.organization, by=cast.home.first, at=at, seat=seat(other, "first")) == 1
    )
    assert actions.release(organization=cast.home.organization, by=cast.home.first, at=at) == 1
    assert actions.release(organization=cast.home.organization, by=cast.home.first, at=at) == 0
    assert not Score.objects.exists() and seat(review, "first").assessor is None
    assert actions.take(seat=seat(review, "first"), by=cast.home.first, at=at).claimed_at == at


def test_handing_on_after_handing_in_is_too_late(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", YES, cast.home.first, at)
    with pytest.raises(Closed, match="handed in already"):
        actions.declare_conflict(review=review, by=cast.home.first, at=at)


# --- scores -------------------------------------------------------------------------------------------


def test_scores_are_kept_as_they_are_typed(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    mine = actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    words = LineInput("", "Half a sentence")
    assert (
        actions.record_scores(seat=mine, lines={"links": words, "describes": LineInput()}, by=cast.home.first, at=at)
        == 1
    )
    assert actions.record_scores(seat=mine, lines={"links": words}, by=cast.home.first, at=at) == 0
    score = actions.record_score(
        seat=mine, criterion="describes", level="not_yet", phrases=["r0", "r0"], by=cast.home.first, at=at
    )
    assert score is not None and score.phrases == [
        {"en": "Say which note shows this.", "es": "Say which note shows this. (es)"}
    ]
    assert actions.record_score(seat=mine, criterion="links", level="", by=cast.home.first, at=at).comment == ""
    assert Entry.objects.filter(verb="assessment.scored").count() == 3


def test_bad_scores_name_their_field(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    mine = actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    for name, line, field in (
        ("nonsense", LineInput("x"), "level-nonsense"),
        ("links", LineInput("splendid"), "level-links"),
        ("links", LineInput("", "x" * 4001), "comment-links"),
        ("links", LineInput("", "a\x00b"), "comment-links"),
        ("links", LineInput("", "", ["r9"]), "phrases-links"),
    ):
        with pytest.raises(Refused) as refused:
            actions.record_scores(seat=mine, lines={name: line}, by=cast.home.first, at=at)
        assert refused.value.problems[0].field == field
    for who in (cast.home.second, None):
        with pytest.raises(NotSeated, match="do not hold"):
            actions.record_scores(seat=mine, lines=lines(YES), by=who, at=at)
    assert not Score.objects.exists()


def test_an_unfinished_sheet_is_not_handed_in(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    mine = actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    actions.record_score(seat=mine, criterion="describes", level="not_yet", by=cast.home.first, at=at)
    with pytest.raises(SheetNotReady) as refused:
        actions.hand_in(seat=mine, by=cast.home.first, at=at)
    assert [p.field for p in refused.value.problems] == ["comment-describes", "level-links"]
    assert seat(review, "first").scored_at is None


def test_handed_in_is_handed_in(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    assert hand(review, "first", YES, cast.home.first, at).state == "scoring"
    mine = seat(review, "first")
    assert actions.hand_in(seat=mine, by=cast.home.first, at=at + timedelta(hours=1)).state == "scoring"
    assert seat(review, "first").scored_at == at
    with pytest.raises(Closed):
        actions.record_scores(seat=mine, lines=lines(NO), by=cast.home.first, at=at)
    with pytest.raises(NotSeated):
        actions.approve(seat=mine, approved=True, note="", by=cast.home.first, at=at)
    with pytest.raises(NotSeated):
        actions.moderate(seat=mine, by=cast.home.first, at=at)
    with pytest.raises(Closed):
        close_sheet(mine, at)


def test_two_calibrated_people_who_agree_decide(cast: Cast, at: datetime) -> None:
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", YES, cast.home.first, at)
    decided = hand(review, "second", YES, cast.home.second, at)
    stored = Review.objects.get(pk=review.pk)
    assert (decided.state, decided.outcome) == (stored.state, stored.outcome) == ("decided", "demonstrated")
    assert stored.result == {"carried": {}, "levels": YES, "comments": [], "assessors": 2}
    assert stored.decided_by == cast.home.second.pk
    assert actions.hand_in(seat=seat(review, "second"), by=cast.home.second, at=at).outcome == "demonstrated"
    assert Entry.objects.filter(verb="assessment.decided").count() == 1


def test_a_moderator_decides_only_what_is_in_dispute(cast: Cast, at: datetime) -> None:
    third = cast.home.approver
    calibrate(at, cast.home.first, cast.home.second, third, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", NO, cast.home.first, at)
    assert hand(review, "second", ONE | {"links": "not_yet"}, cast.home.second, at).state == "moderating"
    mine = actions.take(seat=seat(review, "moderator"), by=third, at=at)
    assert [c.id for c in queries.criteria_for(mine)] == ["describes"]
    with pytest.raises(Refused, match="not for you"):
        actions.record_scores(seat=mine, lines=lines({"links": "demonstrated"}), by=third, at=at)
    with pytest.raises(SheetNotReady):
        actions.moderate(seat=mine, by=third, at=at)
    fill(mine, {"describes": "demonstrated"}, third, at)
    with pytest.raises(NotSeated):
        actions.hand_in(seat=mine, by=third, at=at)
    decided = actions.moderate(seat=mine, by=third, at=at)
    assert actions.moderate(seat=mine, by=third, at=at) == decided
    assert decided.outcome == "not_yet" and decided.result["levels"] == ONE
    assert decided.result["assessors"] == 3
    assert [(row["criterion"], row["comment"]) for row in decided.result["comments"]] == [
        ("links", "Say which note shows this."),
        ("links", "Say which note shows this."),
    ]


def test_without_exemplars_an_approver_confirms(cast: Cast, at: datetime) -> None:
    """Nobody can be calibrated, so two sheets that agree are not enough (docs/adr: who may decide)."""
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", YES, cast.home.first, at)
    assert hand(review, "second", YES, cast.home.second, at).state == "confirming"
    last = actions.take(seat=seat(review, "approver"), by=cast.home.approver, at=at)
    with pytest.raises(NotSeated, match="already sit"):
        actions.take(seat=last, by=cast.home.first, at=at)
    decided = actions.approve(seat=last, approved=True, note="", by=cast.home.approver, at=at)
    assert (decided.outcome, decided.result["assessors"]) == ("demonstrated", 3)
    assert actions.approve(seat=last, approved=True, note="", by=cast.home.approver, at=at) == decided
    with pytest.raises(Closed):
        actions.approve(seat=last, approved=False, note="Look again.", by=cast.home.approver, at=at)


def test_without_exemplars_the_moderator_is_an_approver(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", YES, cast.home.first, at)
    hand(review, "second", NO, cast.home.second, at)
    third = make_person("Third Assessor", at)
    Membership.objects.create(user=third, organization=cast.home.organization, role="assessor", granted_at=at)
    with pytest.raises(NotSeated, match="needs an approver"):
        actions.take(seat=seat(review, "moderator"), by=third, at=at)
    assert hand(review, "moderator", YES, cast.home.approver, at).outcome == "demonstrated"


def test_an_approver_who_does_not_agree_calls_a_moderator(cast: Cast, at: datetime) -> None:
    approver_rule(cast)
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    assert hand(review, "first", YES, cast.home.first, at).state == "confirming"
    last = actions.take(seat=seat(review, "approver"), by=cast.home.approver, at=at)
    for words in ("", "x" * 4001):
        with pytest.raises(Refused):
            actions.approve(seat=last, approved=False, note=words, by=cast.home.approver, at=at)
    with pytest.raises(NotSeated):
        actions.hand_in(seat=last, by=cast.home.approver, at=at)
    moved = actions.approve(seat=last, approved=False, note="Photo 2 shows a face.", by=cast.home.approver, at=at)
    assert moved.state == "moderating" and moved.result["differing"] == ["describes", "links"]
    decided = hand(review, "moderator", ONE, cast.home.second, at)
    assert (decided.outcome, decided.result["levels"]) == ("not_yet", ONE)
    assert [row["criterion"] for row in decided.result["comments"]] == ["links"]


def test_nobody_scores_before_the_check_or_out_of_turn(cast: Cast, at: datetime) -> None:
    review = opened(cast.learner, cast.home, at)
    with pytest.raises(Taken):
        actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    review = actions.check_complete(review=review, by=cast.home.second, at=at)
    mine = actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    actions.withdraw(review=review, by=None, at=at)
    with pytest.raises(Closed, match="nothing to score"):
        actions.record_scores(seat=mine, lines=lines(YES), by=cast.home.first, at=at)
    assert actions.withdraw(review=review, by=None, at=at).outcome == "withdrawn"


# --- tries and carrying over --------------------------------------------------------------------------


def test_only_what_was_not_shown_is_judged_again(cast: Cast, at: datetime) -> None:
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", ONE, cast.home.first, at)
    hand(review, "second", ONE, cast.home.second, at)
    work = review.submission.enrollment
    assert queries.not_shown(work) == ["links"] and queries.carried(work) == ONE
    second = actions.open_review(submission=submission(work, at, number=2, criteria=["links"]), by=cast.learner, at=at)
    assert second.result == {"carried": {"describes": "demonstrated"}}
    actions.check_complete(review=second, by=cast.home.first, at=at)
    hand(second, "first", {"links": "demonstrated"}, cast.home.second, at)
    decided = hand(second, "second", {"links": "demonstrated"}, cast.home.first, at)
    assert (decided.outcome, decided.result["levels"]) == ("demonstrated", YES)
    assert queries.tries(work).count == 2 and not queries.tries(work).coach and queries.not_shown(work) == []


def test_after_three_tries_a_coach_is_offered(cast: Cast, at: datetime) -> None:
    calibrate(at, cast.home.first, cast.home.second, house=cast.home)
    work = enroll(cast.learner, cast.home.version, at)
    for number in (1, 2, 3):
        assert not queries.tries(work).coach
        review = actions.open_review(submission=submission(work, at, number=number), by=cast.learner, at=at)
        actions.check_complete(review=review, by=cast.home.first, at=at)
        hand(review, "first", NO, cast.home.first, at)
        hand(review, "second", NO, cast.home.second, at)
    assert queries.tries(work).coach


# --- appeals ------------------------------------------------------------------------------------------


@pytest.fixture
def refused_work(cast: Cast, at: datetime) -> Review:
    """A decision that one criterion is not shown yet."""
    calibrate(at, cast.home.first, cast.home.second, cast.home.approver, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    hand(review, "first", ONE, cast.home.first, at)
    return hand(review, "second", ONE, cast.home.second, at)


def appeal_of(review: Review, cast: Cast, at: datetime) -> Appeal:
    return actions.open_appeal(review=review, reason="Note 3 shows the step.", by=cast.learner, at=at, key="k1")


def test_an_appeal_is_opened_once_by_the_learner(refused_work: Review, cast: Cast, at: datetime) -> None:
    for who, words, message in (
        (cast.other_learner, "x", "Only the person"),
        (cast.learner, " ", "Say what"),
        (cast.learner, "x" * 4001, "Shorten"),
    ):
        with pytest.raises(Refused, match=message):
            actions.open_appeal(review=refused_work, reason=words, by=who, at=at)
    appeal = appeal_of(refused_work, cast, at)
    assert appeal_of(refused_work, cast, at) == appeal
    with pytest.raises(Closed, match="already asked"):
        actions.open_appeal(review=refused_work, reason="Again", by=cast.learner, at=at, key="k2")


def test_there_is_no_appeal_without_a_decision_or_after_a_newer_version(
    refused_work: Review, cast: Cast, at: datetime
) -> None:
    submission(refused_work.submission.enrollment, at, number=2)
    with pytest.raises(Closed, match="newer version"):
        appeal_of(refused_work, cast, at)
    review = opened(cast.other_learner, cast.home, at)
    with pytest.raises(Closed, match="no decision"):
        actions.open_appeal(review=review, reason="Why?", by=cast.other_learner, at=at)


def test_an_appeal_is_heard_by_somebody_who_sat_in_no_seat(refused_work: Review, cast: Cast, at: datetime) -> None:
    appeal = appeal_of(refused_work, cast, at)
    for who in (cast.home.first, cast.home.second):
        with pytest.raises(NotSeated, match="already sit"):
            actions.claim_appeal(appeal=appeal, by=who, at=at)
    mine = actions.claim_appeal(appeal=appeal, by=cast.home.approver, at=at)
    assert actions.claim_appeal(appeal=appeal, by=cast.home.approver, at=at) == mine
    other = make_person("Third Assessor", at)
    Membership.objects.create(user=other, organization=cast.home.organization, role="assessor", granted_at=at)
    with pytest.raises(Taken):
        actions.claim_appeal(appeal=appeal, by=other, at=at)
    with pytest.raises(NotSeated):
        actions.close_appeal(appeal=appeal, upheld=False, answer="No.", by=other, at=at)
    assert actions.release(organization=cast.home.organization, by=cast.home.approver, at=at) == 1
    assert actions.claim_appeal(appeal=appeal, by=other, at=at).kind == "appeal"


def test_an_upheld_appeal_changes_the_decision(refused_work: Review, cast: Cast, at: datetime) -> None:
    by = cast.home.approver
    appeal = appeal_of(refused_work, cast, at)
    mine = actions.claim_appeal(appeal=appeal, by=by, at=at)
    assert [c.id for c in queries.criteria_for(mine)] == ["links"]
    for words in ("", "x" * 4001):
        with pytest.raises(Refused):
            actions.close_appeal(appeal=appeal, upheld=True, answer=words, by=by, at=at)
    with pytest.raises(SheetNotReady):
        actions.close_appeal(appeal=appeal, upheld=True, answer="Yes.", by=by, at=at)
    fill(mine, {"links": "not_yet"}, by, at)
    with pytest.raises(Refused, match="change nothing"):
        actions.close_appeal(appeal=appeal, upheld=True, answer="Yes.", by=by, at=at)
    actions.record_scores(seat=mine, lines={"links": LineInput("demonstrated", "Note 3 does.")}, by=by, at=at)
    decided = actions.close_appeal(appeal=appeal, upheld=True, answer="You are right.", by=by, at=at)
    assert (decided.outcome, decided.result["levels"], decided.result["assessors"]) == ("demonstrated", YES, 3)
    assert decided.result["comments"] == [{"criterion": "links", "comment": "Note 3 does.", "phrases": []}]
    assert (
        actions.close_appeal(appeal=appeal, upheld=True, answer="You are right.", by=by, at=at).outcome
        == "demonstrated"
    )
    with pytest.raises(Closed):
        actions.close_appeal(appeal=appeal, upheld=False, answer="No.", by=by, at=at)
    with pytest.raises(Closed):
        actions.claim_appeal(appeal=appeal, by=by, at=at)
    with pytest.raises(Closed):
        actions.record_scores(seat=mine, lines=lines({"links": "not_yet"}), by=by, at=at)


def test_an_appeal_that_is_not_upheld_leaves_the_decision(refused_work: Review, cast: Cast, at: datetime) -> None:
    by = cast.home.approver
    appeal = appeal_of(refused_work, cast, at)
    mine = actions.claim_appeal(appeal=appeal, by=by, at=at)
    kept = actions.close_appeal(appeal=appeal, upheld=False, answer="The step is general.", by=by, at=at)
    assert kept.outcome == "not_yet" and Entry.objects.filter(verb="assessment.decided").count() == 1
    appeal.refresh_from_db()
    assert (appeal.upheld, appeal.closed_at) == (False, at)
    Seat.objects.filter(pk=mine.pk).update(scored_at=None)
    with pytest.raises(Closed, match="answered"):
        actions.record_scores(seat=mine, lines=lines({"links": "not_yet"}), by=by, at=at)


# --- external assessors -------------------------------------------------------------------------------


def invite(review: Review, cast: Cast, at: datetime, key: str = "k") -> str:
    return actions.invite_external(
        review=review, name="Dr. Outside", until=at + timedelta(days=7), by=cast.home.approver, at=at, key=key
    )


def test_an_external_assessor_scores_one_seat_and_an_approver_confirms(cast: Cast, at: datetime) -> None:
    calibrate(at, cast.home.first, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    token = invite(review, cast, at)
    assert invite(review, cast, at) == token
    theirs = Seat.objects.get(external_hash=digest(token))
    assert theirs.kind == "second" and token not in str(vars(theirs))
    with pytest.raises(Closed, match="already has a link"):
        invite(review, cast, at, key="other")
    with pytest.raises(NotSeated):
        actions.record_scores(seat=theirs, lines=lines(YES), by=cast.home.second, at=at)
    fill(theirs, YES, None, at)
    late = at + timedelta(days=7)
    with pytest.raises(LinkEnded):
        actions.hand_in(seat=theirs, by=None, at=late)
    hand(review, "first", YES, cast.home.first, at)
    waiting = actions.hand_in(seat=theirs, by=None, at=at)
    assert waiting.state == "confirming"
    assert actions.hand_in(seat=theirs, by=None, at=late) == waiting, "the same request twice, even after its day"
    with pytest.raises(Closed):
        actions.withdraw_external(seat=theirs, by=cast.home.approver, at=at)
    last = actions.take(seat=seat(review, "approver"), by=cast.home.approver, at=at)
    assert actions.approve(seat=last, approved=True, note="", by=cast.home.approver, at=at).outcome == "demonstrated"


def test_an_invitation_is_checked(cast: Cast, at: datetime) -> None:
    review = scoring(cast.learner, cast.home, at)
    good = {
        "review": review,
        "name": "Dr. Outside",
        "until": at + timedelta(days=7),
        "by": cast.home.approver,
        "at": at,
    }
    with pytest.raises(NotAllowed, match="Only an approver"):
        actions.invite_external(**good | {"by": cast.home.first})
    for change in ({"name": " "}, {"name": "x" * 121}, {"until": at}, {"until": at + timedelta(days=61)}):
        with pytest.raises(Refused):
            actions.invite_external(**good | change)
    for kind, who in (("first", cast.home.first), ("second", cast.home.second)):
        actions.take(seat=seat(review, kind), by=who, at=at)
    with pytest.raises(Closed, match="taken"):
        actions.invite_external(**good)


def test_an_invitation_can_be_withdrawn(cast: Cast, at: datetime) -> None:
    approver_rule(cast)
    review = scoring(cast.learner, cast.home, at)
    token = invite(review, cast, at)
    theirs = seat(review, "first")
    assert theirs.external_hash == digest(token)
    with pytest.raises(NotAllowed):
        actions.withdraw_external(seat=theirs, by=cast.home.first, at=at)
    for _again in range(2):
        actions.withdraw_external(seat=theirs, by=cast.home.approver, at=at)
    assert seat(review, "first").external_hash is None
    with pytest.raises(NotSeated):
        fill(theirs, YES, None, at)
    assert actions.take(seat=theirs, by=cast.home.first, at=at).assessor == cast.home.first


# --- phrases ------------------------------------------------------------------------------------------


def test_a_phrase_has_both_languages(cast: Cast, at: datetime) -> None:
    house = cast.home.organization
    with pytest.raises(Refused) as refused:
        actions.add_phrase(organization=house, en=" ", es="x" * 401, by=cast.home.first, at=at)
    assert [p.field for p in refused.value.problems] == ["en", "es"]
    phrase = actions.add_phrase(
        organization=house, en="Date each  note.", es="Feche cada nota.", by=cast.home.first, at=at
    )
    assert (
        actions.add_phrase(organization=house, en="Date each note.", es="Feche cada nota.", by=cast.home.second, at=at)
        == phrase
    )
    review = scoring(cast.learner, cast.home, at)
    mine = actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    for _again in range(2):
        actions.retire_phrase(phrase=phrase, by=cast.home.first, at=at)
    assert Phrase.objects.filter(ended_at=at).count() == 1 and queries.live_phrases(house) == []
    score = actions.record_score(
        seat=mine, criterion="links", level="not_yet", phrases=[f"p{phrase.pk}"], by=cast.home.first, at=at
    )
    assert score.phrases == [{"en": "Date each note.", "es": "Feche cada nota."}]


# --- calibration and the seat ------------------------------------------------------------------------


def test_who_is_not_calibrated_cannot_sit(cast: Cast, at: datetime) -> None:
    exemplar(cast.home, at)
    review = scoring(cast.learner, cast.home, at)
    with pytest.raises(NotSeated, match="Calibrate"):
        actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    with pytest.raises(NotSeated, match="Nothing is free"):
        actions.claim(organization=cast.home.organization, count=1, by=cast.home.first, at=at)


def test_a_calibration_that_ended_meanwhile_keeps_the_sheet_from_counting(cast: Cast, at: datetime) -> None:
    exemplar(cast.home, at)
    calibrate(at, cast.home.first, house=cast.home)
    review = scoring(cast.learner, cast.home, at)
    mine = actions.take(seat=seat(review, "first"), by=cast.home.first, at=at)
    fill(mine, YES, cast.home.first, at)
    with pytest.raises(NotSeated, match="has ended"):
        actions.hand_in(seat=mine, by=cast.home.first, at=at + timedelta(days=300))
    assert actions.hand_in(seat=mine, by=cast.home.first, at=at).state == "scoring"


def test_nothing_of_what_was_sent_is_rewritten(refused_work: Review, cast: Cast, at: datetime) -> None:
    """The whole story leaves the submission as it was."""
    assert Submission.objects.get(pk=refused_work.submission.pk).content == refused_work.submission.content


def test_what_no_database_keeps_is_refused_at_its_field(cast: Cast, at: datetime) -> None:
    """PostgreSQL keeps no NUL; every text says so before it comes that far."""
    by, house = cast.home.approver, cast.home.organization
    review = opened(cast.learner, cast.home, at)
    with pytest.raises(Refused, match="missing: Take out"):
        actions.return_incomplete(review=review, missing="a\x00b", by=by, at=at)
    with pytest.raises(Refused, match="name: "):
        actions.invite_external(review=review, name="a\x00b", until=at + timedelta(days=1), by=by, at=at)
    with pytest.raises(Refused, match="es: Take out"):
        actions.add_phrase(organization=house, en="Fine.", es="a\x00b", by=by, at=at)
