"""Every write about credentials from elsewhere, lists of awards, and links to pick an award up."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.crypto import salted_hmac

from fieldstone import credential
from fieldstone.credential.baked import unbake
from fieldstone.server.awards.models import Award, SignedDocument
from fieldstone.server.awards.rules import AUDIENCES
from fieldstone.server.backpack import lists, rules
from fieldstone.server.backpack.models import Batch, BatchRow, Brought, BroughtFile, Pickup
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User
from fieldstone.server.people.rules import is_email


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
    sha256 = hashlib.sha256(unbake(data).strip()).hexdigest()
    User.objects.select_for_update(no_key=True).get(pk=learner.pk)  # one at a time, so that the limits hold
    known = Brought.objects.filter(learner=learner, sha256=sha256).first()
    if known is not None:
        return known, False
    if Award.objects.filter(learner=learner, sha256=sha256).exists():
        raise OneOfOurs(_("This one was issued here. It is on your page already."), source)
    told = rules.facts(report)
    if replace and told.credential_id:
        _make_room(learner, told, report, source)
    _check_room(learner, len(data), source)
    verdict = str(report.verdict)
    unanswered = int(verdict == credential.Verdict.COULD_NOT_TELL)
    row = Brought.objects.create(
        learner=learner,
        sha256=sha256,
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
        data={"sha256": sha256, "source": source, "verdict": verdict}, later={"check_brought": row.next_check_at},
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
    kept = Brought.objects.filter(learner=learner).aggregate(number=Count("pk"), size=Sum("file__size", default=0))
    if kept["number"] >= rules.MAX_NUMBER:
        raise TooMuch(_("You brought %(limit)s badges. Remove one first."), source, limit=rules.MAX_NUMBER)
    if kept["size"] + size > rules.MAX_BYTES:
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
    """Erase what she brought, and her words on lists and links, also where only her address says that they are hers:
    such rows are not awarded any more, and such links end. Part of `journeys.delete_account`, before the awards let go
    of her."""
    named = Q(email=learner.email.lower()) if learner.email else Q(pk__in=())
    BatchRow.objects.filter(named, state="waiting").update(state="stopped", done_at=at)
    BatchRow.objects.filter(Q(award__learner=learner) | named).update(name="", email="", narrative="")
    Pickup.objects.filter(named, claimed_at=None, not_me_at=None, ended_at=None).update(ended_at=at)
    Pickup.objects.filter(Q(award__learner=learner) | Q(claimed_by=learner) | named).update(name="", email="")
    gone = Brought.objects.filter(learner=learner).delete()[1].get("fieldstone.Brought", 0)
    if gone:
        ledger.record(verb="backpack.forgotten", subject=learner, by=learner.pk, at=at, data={"number": gone})


# --- lists of awards ----------------------------------------------------------------------------------


class ListsNotAllowed(NotAllowed):
    """The program does not record its micro-credentials from lists."""


class Faulty(Refused):
    """The list has rows to mend; nothing of it is awarded."""


class WrongMoment(Conflict):
    """The list is not where this could be done to it."""


KEEP_UPLOAD = timedelta(days=30)
"""How long a list waits for somebody to decide."""


def _policy(version: Version) -> str:
    policy: str = version.micro_credential.program.lists
    if policy == "no":
        raise ListsNotAllowed(_("This program does not record its micro-credentials from lists."))
    if version.published_at is None or version.micro_credential.retired_at is not None:
        raise Refused(_("Choose a micro-credential that is published."), "version")
    return policy


@transaction.atomic
def bring_list(*, version: Version, file_name: str, data: bytes, by: User, at: datetime) -> Batch:
    """Keep a list so that it can be looked at; nothing is awarded. The same file for the same version is one batch.

    Raises ListsNotAllowed; Refused for a version that takes no awards and for a file too big to keep.
    """
    _policy(version)
    if len(data) > lists.MAX_BYTES:
        raise Refused(_("The file is larger than %(limit)s MB. Split it."), "file", limit=lists.MAX_BYTES // 1_000_000)
    organization = version.micro_credential.organization
    sha256 = hashlib.sha256(data).hexdigest()
    known = Batch.objects.filter(version=version, file_sha256=sha256).exclude(state="dropped").first()
    if known is not None:
        return known
    batch = ledger.once(
        lambda: Batch.objects.create(
            organization=organization, version=version, file_name=rules.plain(file_name, 120), file_sha256=sha256,
            file=data, uploaded_by=by, uploaded_at=at,
        )
    )  # fmt: skip
    if batch is None:  # the same file at the same moment
        return Batch.objects.exclude(state="dropped").get(version=version, file_sha256=sha256)
    ledger.record(
        verb="backpack.list_brought", subject=batch, by=by.pk, at=at, organization=organization.pk,
        data={"sha256": sha256}, later={"drop_list": at + KEEP_UPLOAD},
    )  # fmt: skip
    return batch


def _locked(batch: Batch) -> Batch:
    rows = Batch.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "organization", "version__micro_credential__program"
    )
    return rows.get(pk=batch.pk)


def _told(batch: Batch, verb: str, by: User | None, at: datetime, *tasks: str, key: str | None = None) -> None:
    ledger.record(
        verb=f"backpack.{verb}", subject=batch, by=by.pk if by else None, at=at, organization=batch.organization_id,
        tasks=tasks, key=key,
    )  # fmt: skip


@transaction.atomic
def start_list(*, batch: Batch, by: User, at: datetime) -> Batch:
    """Confirm a list without faults: the worker awards it. Where the program asks for two people, the one who brought
    the list hands it to a second one, whose confirmation starts it. Asked twice, it starts once.

    Raises ListsNotAllowed, Faulty, WrongMoment; Refused for a micro-credential that was retired meanwhile.
    """
    batch = _locked(batch)
    if batch.state in ("running", "paused", "done"):
        return batch
    policy = _policy(batch.version)
    if batch.state not in ("read", "handed") or batch.file is None:
        raise WrongMoment(_("This list was ended. Bring it again."))
    sheet = lists.read(bytes(batch.file), today=at.date(), language=batch.version.parsed.languages[0])
    if sheet.faults:
        raise Faulty(_("Mend the list first. Nothing of it was awarded."), "file")
    if policy == "two" and by.pk == batch.uploaded_by_id:
        if batch.state == "read":
            batch.state, batch.handed_in_at, batch.total = "handed", at, len(sheet.lines)
            batch.save(update_fields=["state", "handed_in_at", "total"])
            _told(batch, "list_handed_in", by, at)
        return batch
    BatchRow.objects.bulk_create(
        [
            BatchRow(
                batch=batch, number=line.number, key=line.key, name=line.name, email=line.email,
                narrative=line.narrative, awarded=line.awarded, until=line.until, language=line.language,
            )
            for line in sheet.lines
        ],
        batch_size=500,
    )  # fmt: skip
    batch.state, batch.file, batch.total = "running", None, len(sheet.lines)
    batch.people = 1 if by.pk == batch.uploaded_by_id else 2
    batch.started_by, batch.started_at = by, at
    batch.save(update_fields=["state", "file", "total", "people", "started_by", "started_at"])
    _told(batch, "list_started", by, at, "award_list")
    return batch


@transaction.atomic
def pause_list(*, batch: Batch, by: User, at: datetime) -> None:
    """Hold it where it is; what is awarded stays. Raises WrongMoment."""
    batch = _locked(batch)
    if batch.state == "running":
        Batch.objects.filter(pk=batch.pk).update(state="paused")
        _told(batch, "list_paused", by, at)
    elif batch.state != "paused":
        raise WrongMoment(_("This list is not at work."))


@transaction.atomic
def continue_list(*, batch: Batch, by: User, at: datetime) -> None:
    """Go on with a paused list. Raises WrongMoment."""
    batch = _locked(batch)
    if batch.state == "paused":
        Batch.objects.filter(pk=batch.pk).update(state="running")
        _told(batch, "list_continued", by, at, "award_list")
    elif batch.state != "running":
        raise WrongMoment(_("This list is not paused."))


@transaction.atomic
def stop_list(*, batch: Batch, by: User | None, at: datetime) -> None:
    """End it for good: rows that wait are not awarded, and say so; before it began, it is thrown away.

    Raises WrongMoment when it is done.
    """
    batch = _locked(batch)
    if batch.state in ("read", "handed"):
        Batch.objects.filter(pk=batch.pk).update(state="dropped", file=None, ended_at=at)
        _told(batch, "list_dropped", by, at)
    elif batch.state in ("running", "paused"):
        batch.rows.filter(state="waiting").update(state="stopped", done_at=at)
        Batch.objects.filter(pk=batch.pk).update(state="stopped", ended_at=at)
        _told(batch, "list_stopped", by, at)
    elif batch.state == "done":
        raise WrongMoment(_("This list is done."))


def waiting_row(*, batch: Batch, after: int) -> BatchRow | None:
    """The next row that waits, locked, while the list is at work. Call it inside the transaction that awards it."""
    if not Batch.objects.filter(pk=batch.pk, state="running").exists():
        return None
    rows = BatchRow.objects.select_for_update(no_key=True, of=("self",)).filter(
        batch=batch, state="waiting", number__gt=after
    )
    return rows.order_by("number").first()


@transaction.atomic
def row_done(*, row: BatchRow, award: Award | None, state: str, at: datetime, reason: str = "") -> None:
    """Write what came of a row: issued, held (she has it already) or refused, with the reason."""
    BatchRow.objects.filter(pk=row.pk).update(award=award, state=state, reason=reason[:300], done_at=at)


@transaction.atomic
def settle_list(*, batch: Batch, at: datetime) -> None:
    """After a while of work: the list is done, or the next while is ordered, once."""
    batch = _locked(batch)
    if batch.state != "running":
        return
    left = batch.rows.filter(state="waiting").count()
    if not left:
        Batch.objects.filter(pk=batch.pk).update(state="done", ended_at=at)
        _told(batch, "list_done", None, at)
        return
    key = f"list:{batch.pk}:{left}"
    if not Entry.objects.filter(key=key).exists():
        _told(batch, "list_went_on", None, at, "award_list", key=key)


# --- links to pick an award up ------------------------------------------------------------------------


class LinkEnded(Conflict):
    """The link was used, replaced, given back, or is too old."""


def pickup_token(pickup: Pickup) -> str:
    """The secret in the link. It is made again from the row and the site's own secret; the table holds its hash."""
    return salted_hmac("fieldstone.pickup", str(pickup.pk), algorithm="sha256").hexdigest()[:40]


@transaction.atomic
def make_pickup(*, award: Award, name: str, email: str, language: str, by: User | None, at: datetime) -> Pickup:
    """A new link for an award that waits for its holder, and the mail with it; older links to it end.

    Raises LinkEnded when somebody holds the award or its holder has left, Refused for a bad address.
    """
    award = Award.objects.select_for_update(no_key=True, of=("self",)).get(pk=award.pk)
    if award.learner_id is not None:
        raise LinkEnded(_("This credential is on somebody’s page already."))
    if not SignedDocument.objects.filter(award=award).exists():
        raise LinkEnded(_("Its holder erased it by leaving. It cannot become somebody else’s."))
    address = email.strip().lower()
    if not is_email(address):
        raise Refused(_("Write an e-mail address such as name@example.org."), "email")
    award.pickups.filter(claimed_at=None, not_me_at=None, ended_at=None).update(ended_at=at)
    pickup = Pickup(
        id=new_id(), award=award, name=name[:120], email=address, language="es" if language == "es" else "en",
        made_at=at, made_by=by, expires_at=at + timedelta(days=rules.PICKUP_DAYS),
    )  # fmt: skip
    pickup.token_hash = digest(pickup_token(pickup))
    pickup.save(force_insert=True)
    ledger.record(
        verb="backpack.link_made", subject=pickup, by=by.pk if by else None, at=at, organization=award.organization_id,
        tasks=("mail_pickup",),
    )  # fmt: skip
    return pickup


def _open(pickup: Pickup, at: datetime) -> None:
    if rules.pickup_state(pickup, at) != "open" or pickup.award.revoked_at is not None:
        raise LinkEnded(_("This link was used or has ended."))


@transaction.atomic
def claim_pickup(*, pickup: Pickup, by: User, at: datetime) -> None:
    """Use a link, once. Raises LinkEnded."""
    row = Pickup.objects.select_for_update(no_key=True, of=("self",)).select_related("award").get(pk=pickup.pk)
    _open(row, at)
    Pickup.objects.filter(pk=row.pk).update(claimed_at=at, claimed_by=by)
    ledger.record(verb="backpack.link_used", subject=row, by=by.pk, at=at, organization=row.award.organization_id)


@transaction.atomic
def not_me(*, pickup: Pickup, at: datetime) -> None:
    """Somebody got the link who is not the person: it ends, and the issuer is told. Said twice, it is once."""
    row = Pickup.objects.select_for_update(no_key=True, of=("self",)).select_related("award").get(pk=pickup.pk)
    if row.not_me_at is not None:
        return
    _open(row, at)
    Pickup.objects.filter(pk=row.pk).update(not_me_at=at)
    ledger.record(
        verb="backpack.not_me", subject=row, by=None, at=at, organization=row.award.organization_id,
        tasks=("mail_not_me",),
    )  # fmt: skip
