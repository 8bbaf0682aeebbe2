"""Every write about credentials from elsewhere."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from fieldstone import credential
from fieldstone.credential.baked import unbake
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import AUDIENCES
from fieldstone.server.backpack import rules
from fieldstone.server.backpack.models import Brought, BroughtFile
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Conflict, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


class NotACredential(Refused):
    """The bytes are no credential, or no whole one: there is nothing to keep."""


class TooMuch(Refused):
    """The file is too big, or the page is full."""


class OneOfOurs(Conflict):
    """It was issued here and stands on her page already."""


class NotBetter(Conflict):
    """It would take the place of another, and cannot be verified itself."""


@transaction.atomic
def bring(
    *, learner: User, data: bytes, report: credential.Report, source: str, at: datetime, by: User | None = None,
    source_url: str = "", replace: bool = False,
) -> tuple[Brought, bool]:  # fmt: skip
    """Put a credential from elsewhere on a learner's page, and say whether it is new there.

    `data` is the file as it was given, `report` the checks of it (`awards.checking.check`), `source` one of
    `rules.SOURCES`. The same credential twice is one. With `replace`, another of hers with the same id from the same
    issuer goes; the new one must then be verified. Raises NotACredential, TooMuch, OneOfOurs, NotBetter.
    """
    if len(data) > rules.MAX_FILE:
        raise TooMuch(_("This file is larger than any badge. The limit is %(limit)s MB."), source, limit=2)
    if not rules.readable(report):
        raise NotACredential(_("There is no badge in this that we can read."), source)
    digest = hashlib.sha256(unbake(data).strip()).hexdigest()
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)  # one at a time, so that the limits hold
    known = Brought.objects.filter(learner=learner, sha256=digest).first()
    if known is not None:
        return known, False
    if Award.objects.filter(learner=learner, sha256=digest).exists():
        raise OneOfOurs(_("This one was issued here. It is on your page already."), source)
    told = rules.facts(report)
    if replace and told.credential_id:
        _make_room(learner, told, report, source)
    _check_room(learner, len(data), source)
    verdict = str(report.verdict)
    unanswered = int(verdict == credential.Verdict.COULD_NOT_TELL)
    row = Brought.objects.create(
        learner=learner,
        sha256=digest,
        source=source,
        source_url=source_url[:1000],
        brought_at=at,
        credential_id=told.credential_id,
        title=told.title,
        issuer_id=told.issuer_id,
        issuer_name=told.issuer_name,
        recipient=told.recipient,
        issued_at=told.issued_at,
        valid_until=told.valid_until,
        verdict=verdict,
        checks=rules.rows(report),
        belongs=_belongs(learner, report),
        checked_at=at,
        unanswered=unanswered,
        next_check_at=rules.next_check(verdict, unanswered, at),
    )
    BroughtFile.objects.create(brought=row, body=data, size=len(data), media_type=rules.media_type(data))
    ledger.record(
        verb="backpack.brought", subject=row, by=(by or learner).pk, at=at,
        data={"sha256": digest, "source": source, "verdict": verdict}, later={"check_brought": row.next_check_at},
    )  # fmt: skip
    return row, True


def _belongs(learner: User, report: credential.Report) -> str:
    return rules.belongs(report.document or {}, rules.Person(learner.name, learner.email or ""))


def _make_room(learner: User, told: rules.Facts, report: credential.Report, source: str) -> None:
    older = Brought.objects.filter(learner=learner, credential_id=told.credential_id, issuer_id=told.issuer_id)
    if older.exists():
        if report.verdict != credential.Verdict.VERIFIED:
            raise NotBetter(_("One with this id is here already, and this one could not be verified."), source)
        older.delete()


def _check_room(learner: User, size: int, source: str) -> None:
    rows = Brought.objects.filter(learner=learner)
    if rows.count() >= rules.MAX_NUMBER:
        raise TooMuch(_("You brought %(limit)s badges. Remove one first."), source, limit=rules.MAX_NUMBER)
    kept: int = rows.aggregate(all=Sum("file__size"))["all"] or 0
    if kept + size > rules.MAX_BYTES:
        raise TooMuch(_("Your badges from elsewhere take too much room. Remove a big one first."), source)


@transaction.atomic
def checked(*, brought: Brought, report: credential.Report, by: User | None, at: datetime) -> Brought | None:
    """Keep what a new check said, and when the next one is due. None when it was removed meanwhile."""
    row = Brought.objects.select_for_update(of=("self",)).select_related("learner").filter(pk=brought.pk).first()
    if row is None:
        return None
    before, row.verdict = row.verdict, str(report.verdict)
    row.unanswered = row.unanswered + 1 if row.verdict == credential.Verdict.COULD_NOT_TELL else 0
    row.checks = rules.rows(report)
    row.belongs = _belongs(row.learner, report)
    row.checked_at, row.next_check_at = at, rules.next_check(row.verdict, row.unanswered, at)
    row.save(update_fields=["verdict", "unanswered", "checks", "belongs", "checked_at", "next_check_at"])
    ledger.record(
        verb="backpack.checked", subject=row, by=by.pk if by else None, at=at,
        data={"verdict": row.verdict, "before": before}, later={"check_brought": row.next_check_at},
    )  # fmt: skip
    return row


@transaction.atomic
def share(*, brought: Brought, audience: str, by: User, at: datetime) -> None:
    """The learner chooses who may see it: private, who has the link, or everybody. Raises Refused."""
    if audience not in AUDIENCES:
        raise Refused(_("Choose one of: %(options)s."), "audience", options=", ".join(AUDIENCES))
    if Brought.objects.filter(pk=brought.pk).exclude(audience=audience).update(audience=audience):
        ledger.record(verb="backpack.shared", subject=brought, by=by.pk, at=at, data={"audience": audience})


@transaction.atomic
def remove(*, brought: Brought, by: User, at: datetime) -> None:
    """Take it off her page, file and all. Removing it twice changes nothing."""
    if Brought.objects.filter(pk=brought.pk).delete()[0]:
        ledger.record(verb="backpack.removed", subject=brought, by=by.pk, at=at)


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """Erase what she brought. Part of `journeys.delete_account`."""
    gone = Brought.objects.filter(learner=learner).delete()[1].get("fieldstone.Brought", 0)
    if gone:
        ledger.record(verb="backpack.forgotten", subject=learner, by=learner.pk, at=at, data={"number": gone})
