"""Cohorts: making them, filling them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fieldstone.server.journeys import fill_cohort
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, Refused
from fieldstone.server.people.models import Membership, User
from fieldstone.server.study import actions
from fieldstone.server.study.models import Cohort, CohortMember
from tests.cast import Cast


def make_cohort(cast: Cast, at: datetime, **changes: Any) -> Cohort:
    """A cohort of the home institution."""
    fields: dict[str, Any] = {
        "organization": cast.home.organization, "program": cast.home.program, "name": "Spring 2027",
        "closed_network": False, "starts_on": date(2027, 1, 11), "by": cast.home.lead, "at": at,
    }  # fmt: skip
    return actions.create_cohort(**{**fields, **changes})


def test_a_cohort_is_made_once(cast: Cast, at: datetime) -> None:
    first = make_cohort(cast, at, name="  Spring \x00 2027 ", key="k")
    assert first.name == "Spring 2027"
    assert make_cohort(cast, at, key="k") == first
    with pytest.raises(Conflict) as conflict:
        make_cohort(cast, at, key="other")
    assert conflict.value.problems[0].field == "name"
    away = make_cohort(cast, at, key="k", organization=cast.away.organization, program=cast.away.program, by=None)
    assert away != first
    assert Entry.objects.filter(verb="study.cohort_created").count() == 2


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 121])
def test_a_cohort_needs_a_name(cast: Cast, at: datetime, name: str) -> None:
    with pytest.raises(Refused):
        make_cohort(cast, at, name=name)


def test_a_cohort_is_of_the_organizations_own_program(cast: Cast, at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        make_cohort(cast, at, program=cast.away.program)
    assert refused.value.problems[0].field == "program"


def test_joining_twice_changes_nothing_but_the_coach(cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    actions.join_cohort(cohort=cohort, learner=cast.learner, coach=None, by=None, at=at)
    later = at + timedelta(days=1)
    member = actions.join_cohort(
        cohort=cohort, learner=cast.learner, coach=cast.home.coach, by=cast.home.lead, at=later
    )
    assert (member.coach, member.joined_at) == (cast.home.coach, at)
    assert Entry.objects.filter(verb="study.cohort_joined").count() == 1
    actions.join_cohort(cohort=cohort, learner=cast.other_learner, coach=None, by=cast.home.lead, at=later)
    assert Entry.objects.filter(verb="study.cohort_joined", by=cast.home.lead.pk).count() == 1


def test_addresses_fill_a_cohort(cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    typed = f"{str(cast.learner.email).upper()}, new.one@example.org;new.two@example.org\n\nnew.one@example.org"
    found = fill_cohort.by_emails(cohort=cohort, emails=typed, language="es", by=cast.home.lead, at=at)
    assert (found.added, found.before) == (3, 0)
    assert User.objects.get(email="new.two@example.org").language == "es"
    again = fill_cohort.by_emails(cohort=cohort, emails=typed, language="es", by=cast.home.lead, at=at)
    assert (again.added, again.before) == (0, 3)
    assert not Membership.objects.filter(user__email="new.one@example.org").exists()


def test_one_bad_address_stops_all(cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    with pytest.raises(Refused) as refused:
        fill_cohort.by_emails(
            cohort=cohort, emails="good@example.org no-at-sign <x>@y.org", language="en", by=cast.home.lead, at=at
        )
    assert [p.params["address"] for p in refused.value.problems] == ["no-at-sign", "<x>@y.org"]
    assert not CohortMember.objects.exists() and not User.objects.filter(email="good@example.org").exists()
    for typed, message in (
        ("  \n", "at least one"),
        (" ".join(f"a{i}@example.org" for i in range(201)), "at most 200"),
    ):
        with pytest.raises(Refused, match=message):
            fill_cohort.by_emails(cohort=cohort, emails=typed, language="en", by=cast.home.lead, at=at)


def test_a_person_who_leaves_is_in_no_cohort(cast: Cast, at: datetime) -> None:
    cohort = make_cohort(cast, at)
    for learner in (cast.learner, cast.other_learner):
        actions.join_cohort(cohort=cohort, learner=learner, coach=None, by=None, at=at)
    actions.forget(learner=cast.learner, at=at)
    assert [m.learner for m in CohortMember.objects.all()] == [cast.other_learner]
    assert Entry.objects.filter(verb="study.cohort_left").count() == 1
