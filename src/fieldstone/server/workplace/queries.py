"""Reads of workplace: what counts toward stacks, and where placements stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from fieldstone.server.catalog.rules import Text
from fieldstone.server.ledger.kept import digest
from fieldstone.server.people.models import Organization, User
from fieldstone.server.workplace import rules
from fieldstone.server.workplace.models import (
    FeedbackForm,
    FormVersion,
    HoursEntry,
    Placement,
    SupervisorLink,
    SupervisorReview,
)

OPEN_ENTRY = Q(removed_at=None, countersigned_at=None, refused_at=None)


def placed() -> QuerySet[Placement, UUID]:
    """Everybody with a placement that counts, by id, for use inside another question."""
    return Placement.objects.filter(set_aside_at=None).values_list("learner_id", flat=True)


def credits(learner: User) -> list[rules.Credit]:
    """What this learner's placements come to, one row for each form; those set aside count for nothing.

    Hours of several placements under one form are added. One query.
    """
    links = SupervisorLink.objects.filter(placement=OuterRef("pk"), ended_at=None, not_me_at=None)
    rows = (
        Placement.objects.filter(learner=learner, set_aside_at=None)
        .select_related("review")
        .annotate(
            asked=Exists(links),
            signed=Sum("entries__hours", filter=Q(entries__countersigned_at__isnull=False)),
            signed_at=Max("entries__countersigned_at"),
            waiting=Sum(
                "entries__hours",
                filter=Q(entries__removed_at=None, entries__countersigned_at=None, entries__refused_at=None),
            ),
        )
        .order_by("started_at", "id")
    )
    found: dict[UUID, rules.Credit] = {}
    for row in rows:
        before = found.get(row.form_id)
        review: SupervisorReview | None = getattr(row, "review", None)
        good = review.signed_at if review is not None and review.positive else None
        moments = [m for m in (before.reviewed_at if before else None, good) if m]
        last = [m for m in (before.hours_at if before else None, row.signed_at) if m]
        found[row.form_id] = rules.Credit(
            form=row.form_id,
            organization=row.organization_id,
            reviewed_at=min(moments, default=None),
            asked=(before.asked if before else False) or (row.asked and review is None),
            hours=rules.capped((before.hours if before else Decimal(0)) + (row.signed or 0)),
            hours_at=max(last, default=None),
            waiting=rules.capped((before.waiting if before else Decimal(0)) + (row.waiting or 0)),
        )
    return list(found.values())


def titles(forms: Iterable[UUID]) -> dict[UUID, Text]:
    """What these forms are called, by their newest wording, retired ones too. One query."""
    return {row.form_id: row.parsed.title for row in wordings(forms)}


def wordings(forms: Iterable[UUID]) -> list[FormVersion]:
    """The newest wording of each of these forms, retired ones too. One query."""
    return list(FormVersion.objects.filter(form_id__in=list(forms), superseded_at=None).order_by("made_at", "id"))


def forms(organization: Organization) -> QuerySet[FormVersion]:
    """The current wording of each of an organization's forms, retired ones left out."""
    return (
        FormVersion.objects.current()
        .filter(form__program__organization=organization)
        .select_related("form__program")
        .order_by("form__created_at", "form_id")
    )


def known(forms: Iterable[UUID]) -> set[UUID]:
    """Those of these ids that are forms by which one can be reviewed now."""
    return set(FeedbackForm.objects.filter(pk__in=list(forms), retired_at=None).values_list("pk", flat=True))


@dataclass(frozen=True)
class Door:
    """Where work under a form begins: whose form it is, and her newest open placement under it (None: none yet)."""

    organization: Organization
    placement: UUID | None


def door(form: UUID, learner: User | None) -> Door | None:
    """Where work under this form begins, for her or (None) for a visitor; None where it was retired before she began.

    Two queries; one for a visitor.
    """
    row = FeedbackForm.objects.filter(pk=form).select_related("program__organization").first()
    open_ones = Placement.objects.filter(learner=learner, form=form, closed_at=None, set_aside_at=None)
    mine = open_ones.order_by("-started_at", "-id").first() if learner is not None else None
    if row is None or (row.retired_at is not None and mine is None):
        return None
    return Door(row.program.organization, mine.pk if mine else None)


def link(token: str) -> SupervisorLink | None:
    """The link of this secret."""
    return (
        SupervisorLink.objects.filter(token_hash=digest(token))
        .select_related("placement__learner", "placement__organization", "placement__version", "placement__review")
        .first()
    )


def newest_link(placement: Placement) -> SupervisorLink | None:
    """The link that was made last."""
    return placement.links.order_by("-made_at", "-id").first()


@dataclass(frozen=True)
class Standing:
    """A placement as lists show it: its state, hours countersigned, waiting and refused, the review, the last link."""

    placement: Placement
    state: str
    signed: Decimal
    waiting: Decimal
    refused: Decimal
    review: SupervisorReview | None
    link: SupervisorLink | None

    @property
    def positive(self) -> bool:
        """Whether a positive review is signed."""
        return self.review is not None and self.review.positive

    @property
    def signed_plain(self) -> str:
        """The hours countersigned, without needless zeros."""
        return rules.plain(self.signed)


def standings(chosen: QuerySet[Placement], at: datetime) -> list[Standing]:
    """Where these placements stand, in their order. Three queries."""
    rows = list(chosen.select_related("learner", "version", "organization", "review"))
    ids = [row.pk for row in rows]
    sums: dict[UUID, dict[str, Decimal]] = {}
    for entry in HoursEntry.objects.filter(placement_id__in=ids, removed_at=None):
        sort = rules.entry_state(entry)
        mine = sums.setdefault(entry.placement_id, {})
        mine[sort] = mine.get(sort, Decimal(0)) + entry.hours
    links: dict[UUID, SupervisorLink] = {}
    for link in SupervisorLink.objects.filter(placement_id__in=ids).order_by("made_at", "id"):
        links[link.placement_id] = link
    found = []
    for row in rows:
        newest, review = links.get(row.pk), getattr(row, "review", None)
        hours = sums.get(row.pk, {})
        found.append(
            Standing(
                placement=row,
                state=rules.placement_state(
                    closed=row.closed_at is not None,
                    set_aside=row.set_aside_at is not None,
                    reviewed=review is not None,
                    link=rules.link_state(newest, at) if newest else None,
                ),
                signed=hours.get("countersigned", Decimal(0)),
                waiting=hours.get("waiting", Decimal(0)),
                refused=hours.get("refused", Decimal(0)),
                review=review,
                link=newest,
            )
        )
    return found


def standing(placement: Placement, at: datetime) -> Standing:
    """Where one placement stands."""
    return standings(Placement.objects.filter(pk=placement.pk), at)[0]


def held_on(learner: User) -> dict[str, list[Any]]:
    """Every row about this learner's work, as plain data."""
    return {
        "workplaces": list(
            Placement.objects.filter(learner=learner).values(
                "id", "organization__name", "kind", "employer", "supervisor_name", "supervisor_email",
                "supervisor_language", "starts_on", "ends_on", "hours_planned", "started_at", "closed_at",
                "closed_reason", "set_aside_at",
            )
        ),
        "hours_at_work": list(
            HoursEntry.objects.filter(placement__learner=learner).values(
                "placement", "day", "hours", "text", "logged_at", "removed_at", "countersigned_at",
                "countersigned_by", "refused_at", "refused_by", "refused_reason",
            )
        ),
        "supervisor_links": list(
            SupervisorLink.objects.filter(placement__learner=learner).values(
                "placement", "name", "email", "made_at", "expires_at", "ended_at", "not_me_at"
            )
        ),
        "supervisor_reviews": list(
            SupervisorReview.objects.filter(placement__learner=learner).values(
                "placement", "answers", "words", "positive", "name", "text", "sha256", "signed_at"
            )
        ),
    }  # fmt: skip
