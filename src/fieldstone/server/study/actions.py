"""Writes about cohorts."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from fieldstone.server.catalog.models import Program
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User
from fieldstone.server.study.models import Cohort, CohortMember


@transaction.atomic
def create_cohort(
    *,
    organization: Organization,
    program: Program,
    name: str,
    closed_network: bool,
    starts_on: date,
    by: User | None,
    at: datetime,
    key: str = "",
) -> Cohort:
    """A new cohort of one of the organization's programs. Raises Conflict when its name is taken.

    The same `key` again (one form sent twice) is one cohort.
    """
    stored = digest(f"cohort {organization.pk} {key}") if key else None
    made = Cohort.objects.filter(pk__in=Entry.objects.filter(key=stored).values("subject_id")).first() if key else None
    if made is not None:
        return made
    tidy = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(tidy) <= 120:
        raise Refused(_("Write a name of at most 120 signs."), "name")
    if program.organization_id != organization.pk:
        raise Refused(_("Choose one of your programs."), "program")
    cohort = ledger.once(
        lambda: Cohort.objects.create(
            organization=organization,
            program=program,
            name=tidy,
            closed_network=closed_network,
            starts_on=starts_on,
        )
    )
    if cohort is None:
        raise Conflict(_("A cohort of this name exists."), "name")
    ledger.record(
        verb="study.cohort_created",
        subject=cohort,
        by=by.pk if by else None,
        at=at,
        organization=organization.pk,
        key=stored,
    )
    return cohort


@transaction.atomic
def join_cohort(*, cohort: Cohort, learner: User, coach: User | None, by: User | None, at: datetime) -> CohortMember:
    """Put a learner into a cohort; twice changes nothing but the coach."""
    member, made = CohortMember.objects.update_or_create(
        cohort=cohort, learner=learner, defaults={"coach": coach}, create_defaults={"coach": coach, "joined_at": at}
    )
    if made:
        ledger.record(
            verb="study.cohort_joined",
            subject=member,
            by=by.pk if by else None,
            at=at,
            organization=cohort.organization_id,
        )
    return member


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """Take a person who leaves out of every cohort."""
    for member in CohortMember.objects.filter(learner=learner).select_related("cohort"):
        ledger.record(
            verb="study.cohort_left", subject=member, by=learner.pk, at=at, organization=member.cohort.organization_id
        )
    CohortMember.objects.filter(learner=learner).delete()
