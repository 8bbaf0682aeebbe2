"""Reads of calibration: who may decide, and what is open to her."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from fieldstone.server.calibration import rules
from fieldstone.server.calibration.models import Calibration, Exemplar, ExemplarScore
from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.people.models import Organization, User


def valid(user: User, at: datetime) -> QuerySet[Calibration]:
    """The calibrations of this person that count at this moment."""
    return Calibration.objects.filter(assessor=user, reached_at__lte=at, valid_until__gt=at)


def is_calibrated(user: User, micro_credential: MicroCredential, at: datetime) -> bool:
    """Whether this person's sheet counts without an approver."""
    return valid(user, at).filter(micro_credential=micro_credential).exists()


def has_exemplars(micro_credential: MicroCredential) -> bool:
    """Whether anybody can calibrate on this micro-credential."""
    return Exemplar.objects.filter(version__micro_credential=micro_credential, ended_at=None).exists()


@dataclass(frozen=True)
class State:
    """Where a person stands on one micro-credential's exemplars.

    `newest` is the calibration that counts now, else the newest try.
    """

    micro_credential: MicroCredential
    version: Version
    title: Mapping[str, str]
    exemplars: int
    open: list[Exemplar]
    newest: Calibration | None
    valid: bool
    opens_at: datetime | None


def in_use() -> QuerySet[Exemplar]:
    """The exemplars in use, oldest first."""
    return Exemplar.objects.filter(ended_at=None).select_related("version__micro_credential").order_by("made_at", "id")


def exemplars_of(micro_credentials: Iterable[UUID]) -> QuerySet[Exemplar]:
    """The exemplars in use for these micro-credentials, oldest first."""
    return in_use().filter(version__micro_credential__in=list(micro_credentials))


def made_of(submission: UUID) -> frozenset[UUID]:
    """The organizations that have made an exemplar of this submission."""
    rows = Exemplar.objects.filter(content__submission=str(submission), ended_at=None)
    return frozenset(rows.values_list("version__micro_credential__organization", flat=True))


def with_exemplars(organization: Organization) -> frozenset[UUID]:
    """The organization's micro-credentials on which an assessor can calibrate."""
    rows = Exemplar.objects.filter(ended_at=None, version__micro_credential__organization=organization)
    return frozenset(rows.values_list("version__micro_credential", flat=True))


def states(user: User, organization: Organization, at: datetime) -> list[State]:
    """One line per micro-credential of the organization that has exemplars. Three queries."""
    exemplars = list(in_use().filter(version__micro_credential__organization=organization))
    by_subject: dict[UUID, list[Exemplar]] = {}
    for exemplar in exemplars:
        by_subject.setdefault(exemplar.version.micro_credential_id, []).append(exemplar)
    scored = dict(
        ExemplarScore.objects.filter(assessor=user, exemplar__in=exemplars).values_list("exemplar", "scored_at")
    )
    newest: dict[UUID, Calibration] = {}
    for row in Calibration.objects.filter(assessor=user, micro_credential__in=by_subject).order_by("reached_at"):
        best = newest.get(row.micro_credential_id)
        if best is None or best.valid_until <= at or row.valid_until > at:
            newest[row.micro_credential_id] = row
    found = []
    for subject, rows in by_subject.items():
        last = newest.get(subject)
        valid = last is not None and last.valid_until > at
        usable = [e for e in rows if e.made_by_id != user.pk]
        opened = [e for e in usable if rules.opens_again(scored.get(e.pk), at=at)]
        again = [scored[e.pk] for e in usable if e.pk in scored and e not in opened]
        found.append(
            State(
                micro_credential=rows[0].version.micro_credential,
                version=rows[-1].version,
                title=rows[-1].version.parsed.title,
                exemplars=len(usable),
                open=opened,
                newest=last,
                valid=valid,
                opens_at=min(again) + timedelta(days=rules.WAIT_DAYS) if again else None,
            )
        )
    return sorted(found, key=lambda s: s.title.get("en", ""))
