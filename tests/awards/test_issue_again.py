"""A withdrawn credential is issued again: what stays, what is new, what follows, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from fieldstone import credential
from fieldstone.server.awards import actions, queries, rules
from fieldstone.server.awards.checking import check
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.journeys import confirm_decision, withdraw_award
from fieldstone.server.journeys.issue_again import issue_again
from fieldstone.server.ledger.models import Entry
from fieldstone.server.management import worker
from tests.awards.makers import make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import all_of, hold, make_stack, some_of

LATER = timedelta(days=2)


def earn(cast: Cast, version: Version, at: datetime) -> Award:
    return confirm_decision.award(review=make_review(cast.learner, version, at), by=cast.home.approver, at=at)


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return earn(cast, cast.home.version, at)


def gone(award: Award, cast: Cast, at: datetime, reason: str = "The name is misspelled") -> Award:
    return withdraw_award.withdraw(award=award, reason=reason, by=cast.home.issuer, at=at)


def rename(cast: Cast, name: str) -> None:
    cast.learner.name = name
    cast.learner.save(update_fields=["name"])


def test_a_new_one_with_the_name_as_it_is_now(award: Award, cast: Cast, at: datetime) -> None:
    actions.share(award=award, audience="public", by=cast.learner, at=at)
    review, was = award.review, credential.loads(award.document.body.encode())
    old = gone(award, cast, at)
    rename(cast, "Marisol Vega Díaz")
    new = issue_again(award=old, by=cast.home.issuer, at=at + LATER)
    old.refresh_from_db()
    assert (old.replaced_by, old.review, new.review) == (new, None, review)
    assert (new.version, new.valid_until, new.audience) == (old.version, old.valid_until, "public")
    assert new.code != old.code and new.slots.get().index != old.slots.get().index
    body = credential.loads(new.document.body.encode())
    assert queries.signed_recipient(new) == "Marisol Vega Díaz" and queries.signed_recipient(old) == "Marisol Vega"
    assert body["credentialSubject"]["result"] == was["credentialSubject"]["result"]
    assert body["awardedDate"] == was["validFrom"] != body["validFrom"]
    assert body["id"].endswith(f"/c/{new.code}/credential.json")
    assert str(check(new.document.body.encode(), at=at + LATER).verdict) == "verified"
    assert str(check(old.document.body.encode(), at=at + LATER).check("status").code) == "revoked"  # type: ignore[union-attr]
    entry = Entry.objects.get(verb="awards.replaced")
    assert (entry.subject_id, entry.data, entry.by) == (old.pk, {"by": new.code}, cast.home.issuer.pk)


def test_the_same_request_twice_is_one_and_a_third_begins_at_the_new_one(
    award: Award, cast: Cast, at: datetime
) -> None:
    gone(award, cast, at)
    new = issue_again(award=award, by=cast.home.issuer, at=at + LATER)
    assert issue_again(award=award, by=cast.home.issuer, at=at + LATER) == new
    assert new.review is not None and actions.issue(review=new.review, by=None, at=at + LATER) == new
    gone(new, cast, at + LATER)
    newest = issue_again(award=new, by=cast.home.issuer, at=at + 2 * LATER)
    assert Award.objects.count() == 3
    award.refresh_from_db()
    assert queries.newest(award) == newest == queries.newest(newest)
    first, last = (credential.loads(a.document.body.encode()) for a in (award, newest))
    assert last["awardedDate"] == first["validFrom"]


def test_the_holder_gets_one_mail_about_it(award: Award, cast: Cast, at: datetime) -> None:
    gone(award, cast, at)
    worker.drain(at=at)
    mail.outbox.clear()
    new = issue_again(award=award, by=cast.home.issuer, at=at)
    worker.drain(at=at)
    (letter,) = mail.outbox
    assert letter.subject == "Emitida de nuevo: Observar y registrar la conducta"
    assert new.code in letter.body and award.code not in letter.body


def test_a_stack_that_fell_with_its_part_comes_back_and_is_linked(cast: Cast, at: datetime) -> None:
    second = make_version(cast.home.program, at, slug="second", valid_months=None)
    make_stack(cast.home.program, all_of(hold(cast.home.version), hold(second)), at)
    part, _other = earn(cast, cast.home.version, at), earn(cast, second, at)
    fallen = Award.objects.get(stack_id__isnull=False)
    gone(part, cast, at)
    rename(cast, "Marisol Vega Díaz")
    new = issue_again(award=part, by=cast.home.issuer, at=at + LATER)
    fallen.refresh_from_db()
    again = fallen.replaced_by
    assert again is not None and again.revoked_at is None
    assert str(new.pk) in {row["award"] for row in again.components}
    assert queries.signed_recipient(again) == "Marisol Vega Díaz"


def test_a_stack_by_itself(cast: Cast, award: Award, at: datetime) -> None:
    second = make_version(cast.home.program, at, slug="second", valid_months=None)
    make_stack(cast.home.program, all_of(hold(cast.home.version), hold(second)), at)
    other = earn(cast, second, at)
    stack = Award.objects.get(stack_id__isnull=False)
    gone(stack, cast, at)
    assert confirm_decision.award_stacks(learner=cast.learner, by=None, at=at) == []
    withdraw_award.suspend(award=other, reason="Looked into", by=cast.home.issuer, at=at)
    with pytest.raises(actions.PartsMissing):
        issue_again(award=stack, by=cast.home.issuer, at=at)
    withdraw_award.reinstate(award=other, by=cast.home.issuer, at=at)
    new = issue_again(award=stack, by=cast.home.issuer, at=at + LATER)
    assert issue_again(award=stack, by=cast.home.issuer, at=at + LATER) == new
    assert (new.stack_id, new.stack_version_id) == (stack.stack_id, stack.stack_version_id)
    assert {row["award"] for row in new.components} == {str(award.pk), str(other.pk)}
    assert credential.loads(new.document.body.encode())["awardedDate"]
    assert str(check(new.document.body.encode(), at=at + LATER).verdict) == "verified"


def test_what_software_replaced_by_itself_is_linked_too(cast: Cast, at: datetime) -> None:
    second = make_version(cast.home.program, at, slug="second", valid_months=None)
    make_stack(cast.home.program, some_of(1, hold(cast.home.version), hold(second)), at)
    first = earn(cast, cast.home.version, at)
    earn(cast, second, at)
    old = Award.objects.get(stack_id__isnull=False)
    gone(first, cast, at)
    old.refresh_from_db()
    assert old.replaced_by is not None and rules.is_automatic(old.revoked_reason)
    assert queries.without_successor(cast.learner, old.stack_id or rules.NOBODY) is None


def test_one_from_a_list_keeps_its_own_words(cast: Cast, at: datetime) -> None:
    said = rules.Listed("Led the reading hour.", at - timedelta(days=30), 2)
    made, _new = actions.issue_listed(
        version=cast.home.version, learner=cast.learner, name="Marisol Bega", said=said, valid_until=None, by=None, at=at
    )
    gone(made, cast, at)
    new = issue_again(award=made, by=cast.home.issuer, at=at + LATER)
    was, now = (credential.loads(a.document.body.encode()) for a in (made, new))
    kept = ("name", "description", "evidence", "awardedDate", "type", "validUntil")
    assert {name: was[name] for name in kept} == {name: now[name] for name in kept}
    assert was["credentialSubject"]["achievement"] == now["credentialSubject"]["achievement"]
    assert was["credentialStatus"] != now["credentialStatus"] and was["refreshService"] != now["refreshService"]
    assert (queries.signed_recipient(made), queries.signed_recipient(new)) == ("Marisol Bega", "Marisol Vega")
    assert str(check(new.document.body.encode(), at=at + LATER).verdict) == "verified"


def test_what_is_refused(award: Award, cast: Cast, at: datetime) -> None:
    with pytest.raises(actions.NotWithdrawn):
        issue_again(award=award, by=cast.home.issuer, at=at)
    gone(award, cast, at)
    with pytest.raises(actions.NotStanding):
        issue_again(award=award, by=cast.home.issuer, at=at.replace(year=at.year + 3))
    rename(cast, " ")
    with pytest.raises(actions.NoName):
        issue_again(award=award, by=cast.home.issuer, at=at)
    rename(cast, "Marisol Vega")
    Enrollment.objects.update(left_at=at)
    earn(cast, cast.home.version, at)  # by other work
    with pytest.raises(actions.HeldAlready):
        issue_again(award=award, by=cast.home.issuer, at=at)
    assert not Entry.objects.filter(verb="awards.replaced").exists()


@pytest.mark.parametrize("waits", [True, False])
def test_without_a_holder_there_is_nobody_to_give_it_to(award: Award, cast: Cast, at: datetime, waits: bool) -> None:
    if waits:
        said = rules.Listed("Led.", None, 1)
        found, _new = actions.issue_listed(
            version=cast.home.version, learner=None, name="Ana", said=said, valid_until=None, by=None, at=at
        )
    else:
        found = award
    gone(found, cast, at)
    if not waits:
        actions.forget(learner=cast.learner, at=at)
        found.refresh_from_db()
    with pytest.raises(actions.NobodyHolds):
        issue_again(award=found, by=cast.home.issuer, at=at)


def test_the_same_request_after_she_left_changes_nothing(award: Award, cast: Cast, at: datetime) -> None:
    gone(award, cast, at)
    new = issue_again(award=award, by=cast.home.issuer, at=at)
    actions.forget(learner=cast.learner, at=at)
    award.refresh_from_db()
    assert issue_again(award=award, by=cast.home.issuer, at=at) == new
    assert Award.objects.count() == 2


def test_attack_a_live_award_that_names_a_successor(award: Award, cast: Cast, at: datetime) -> None:
    other = earn(cast, make_version(cast.home.program, at, slug="second"), at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.filter(pk=award.pk).update(replaced_by=other)
    gone(award, cast, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.filter(pk=award.pk).update(replaced_by=award)
    gone(other, cast, at)
    Award.objects.filter(pk=award.pk).update(replaced_by=other)
    Award.objects.filter(pk=other.pk).update(replaced_by=award)  # a ring, written past the actions
    award.refresh_from_db()
    assert queries.newest(award) == other
