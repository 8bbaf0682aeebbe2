"""What the screens read about promises."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldstone.server.journeys import confirm_decision
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.recognition import actions, queries
from fieldstone.server.web.shared.promises import record_words
from tests.cast import Cast
from tests.pathways.makers import hold, make_stack
from tests.recognition.makers import make_award, make_promise


def test_a_stacks_credential_claims_what_is_promised_for_the_stack(cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at, by=cast.home.author).stack
    pathways.follow(learner=cast.learner, stack=stack, at=at)
    promise = make_promise(cast, at, micro_credential=None, stack=stack)
    other = make_promise(cast, at, micro_credential=cast.away.micro_credential)
    make_award(cast.learner, cast.home.version, at)
    assert queries.claimable(cast.learner, at) == []
    award = confirm_decision.award_stacks(learner=cast.learner, by=None, at=at)[0]
    found = queries.claimable(cast.learner, at)
    assert [(row.told.promise, row.award) for row in found] == [(promise, award)]
    claim = actions.claim(promise=promise, award=award, note="", key="", by=cast.learner, at=at)
    shown = queries.claimed(queries.claims_on(cast.away.organization), at)[0]
    assert (shown.name, shown.title["en"], shown.state) == ("Marisol Vega", "Child Development Associate", "valid")
    assert shown.can_do["en"] == "care for and teach young children"
    targets = queries.targets([promise, other])
    assert (targets[promise.pk].kind, targets[other.pk].kind) == ("s", "m")
    assert queries.claimable(cast.learner, at) == [] and claim.award == award


def test_what_is_paused_or_ended_claims_nothing(cast: Cast, at: datetime) -> None:
    make_promise(cast, at)
    make_award(cast.learner, cast.home.version, at)
    assert len(queries.claimable(cast.learner, at)) == 1
    assert queries.claimable(cast.learner, at + timedelta(days=365 * 4)) == []  # it is valid for 36 months


def test_a_record_in_words(cast: Cast, at: datetime) -> None:
    record = dict.fromkeys(("kept", "kept_late", "declined", "overdue", "waiting", "due"), 0)
    assert record_words(record) == "New. No record yet."
    record.update(kept=3, kept_late=2, declined=1, overdue=4, due=10)
    words = "Kept on time: 3 of 10. Kept late: 2. Declined: 1. No answer in time: 4."
    assert record_words(record) == words


def test_retired_things_take_no_new_promise(cast: Cast, at: datetime) -> None:
    subject = cast.home.micro_credential
    found = queries.target("m", subject.pk)
    assert found and queries.micro_credential_of(found) == subject and queries.stack_of(found) is None
    assert [t.id for t in queries.search_targets("OBSERVING recording").shown] == [cast.home.micro_credential.pk,
                                                                            cast.away.micro_credential.pk]  # fmt: skip
    subject.retired_at = at
    subject.save()
    assert queries.target("m", subject.pk) is None
    assert [t.id for t in queries.search_targets("observing").shown] == [cast.away.micro_credential.pk]
