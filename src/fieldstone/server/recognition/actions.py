"""Every write about promises and claims on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime

from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.kept import stored_key
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people.models import Organization, User
from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.recognition.rules import KINDS, answer_problem, claim_problem, due, tidy_reason


def _texts(field: str, text: Mapping[str, str], limit: int) -> list[Problem]:
    """What is wrong with a promise's text in both languages; one language is enough."""
    if not text:
        return [Problem(field, _("Write this. It is needed."))]
    return [
        Problem(f"{field}.{language}", _("Shorten this to %(limit)s signs."), {"limit": limit})
        for language, words in text.items()
        if len(words) > limit
    ]


def _tidy(text: Mapping[str, str]) -> dict[str, str]:
    kept = {language: words.replace("\x00", "").strip() for language, words in text.items()}
    return {language: words for language, words in kept.items() if words}


@transaction.atomic
def promise(
    *, organization: Organization, kind: str, headline: Mapping[str, str], terms: Mapping[str, str], amount: str,
    answer_days: int, starts_on: date, ends_on: date | None, by: User | None, at: datetime,
    micro_credential: MicroCredential | None = None, stack: Stack | None = None, key: str = "",
) -> Promise:  # fmt: skip
    """State what follows from a micro-credential or a stack. It is public from `starts_on`.

    The same `key` again (one form sent twice) is one promise.
    """
    headline, terms, amount = _tidy(headline), _tidy(terms), amount.replace("\x00", "").strip()
    problems = _texts("headline", headline, 120) + _texts("terms", terms, 2000)
    if kind not in KINDS:
        problems.append(Problem("kind", _("Choose what is promised.")))
    if not 1 <= answer_days <= 365:
        problems.append(Problem("answer_days", _("Give a whole number from 1 to 365."), {}))
    if ends_on and ends_on < starts_on:
        problems.append(Problem("ends_on", _("The end lies before the beginning.")))
    if (micro_credential is None) == (stack is None):
        problems.append(Problem("target", _("Choose the micro-credential or the stack that it is for.")))
    if len(amount) > 60:
        problems.append(Problem("amount", _("Shorten this to %(limit)s signs."), {"limit": 60}))
    if problems:
        raise Refused(problems)
    stored = stored_key(organization.pk, key)
    try:
        with transaction.atomic():
            row = Promise.objects.create(
                organization=organization, kind=kind, headline=headline, terms=terms, amount=amount,
                answer_days=answer_days, starts_on=starts_on, ends_on=ends_on, made_at=at, made_by=by,
                micro_credential=micro_credential, stack=stack,
            )  # fmt: skip
            ledger.record(
                verb="recognition.promised", subject=row, by=by.pk if by else None, at=at,
                organization=organization.pk, data={"kind": kind}, key=stored,
            )  # fmt: skip
    except IntegrityError:
        return Promise.objects.get(pk__in=Entry.objects.filter(key=stored).values("subject_id"))
    return row


@transaction.atomic
def withdraw(*, promise: Promise, by: User, at: datetime) -> None:
    """No new claims from now on; claims that were made stay due."""
    if Promise.objects.filter(pk=promise.pk, withdrawn_at=None).update(withdrawn_at=at):
        ledger.record(
            verb="recognition.withdrawn", subject=promise, by=by.pk, at=at, organization=promise.organization_id
        )


@transaction.atomic
def claim(*, promise: Promise, award: Award, note: str, key: str, by: User, at: datetime) -> Claim:
    """Hold a recognizer to a promise with an award of one's own. Asked twice, it is one claim."""
    if award.learner_id != by.pk:
        raise NotAllowed(_("This credential belongs to somebody else."))
    fits = award.micro_credential_id == promise.micro_credential_id and award.stack_id == promise.stack_id
    problem = claim_problem(
        fits=fits, live=award.revoked_at is None and award.suspended_at is None,
        valid_until=award.valid_until, starts_on=promise.starts_on, ends_on=promise.ends_on,
        withdrawn=promise.withdrawn_at is not None, at=localtime(at),
    )  # fmt: skip
    if problem:
        raise Refused(problem)
    note = note.replace("\x00", "").strip()
    if len(note) > 2000:
        raise Refused(_("Shorten this to %(limit)s signs."), "note", limit=2000)
    row = ledger.once(
        lambda: Claim.objects.create(
            promise=promise, award=award, learner=by, note=note, claimed_at=at,
            due_at=due(at, promise.answer_days), key=stored_key(by.pk, key),
        )
    )  # fmt: skip
    if row is None:
        existing = Claim.objects.filter(promise=promise, award=award).first()
        if existing is None:
            raise Conflict(_("This form was used for another claim. Open it again."))
        return existing
    ledger.record(
        verb="recognition.claimed", subject=row, by=by.pk, at=at, organization=promise.organization_id,
        tasks=("mail_claimed",),
    )  # fmt: skip
    return row


@transaction.atomic
def answer(*, claim: Claim, kept: bool, reason: str, by: User, at: datetime) -> Claim:
    """The recognizer says whether the promise was kept. Declining needs a reason; an answer is final."""
    problem = answer_problem(kept=kept, reason=reason)
    if problem:
        raise Refused(problem)
    tidy = tidy_reason(reason)
    outcome = "kept" if kept else "declined"
    won = Claim.objects.filter(pk=claim.pk, outcome="").update(
        outcome=outcome, reason=tidy, answered_at=at, answered_by=by.pk
    )
    claim.refresh_from_db()
    if not won:
        if claim.outcome == outcome:
            return claim
        raise Conflict(_("This claim has been answered already."))
    ledger.record(
        verb=f"recognition.{outcome}", subject=claim, by=by.pk, at=at, organization=claim.promise.organization_id,
        tasks=("mail_claim_answered",),
    )  # fmt: skip
    return claim


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """Keep that promises were claimed and kept; forget who claimed and her note."""
    for row in Claim.objects.filter(learner=learner).select_related("promise"):
        ledger.record(
            verb="recognition.forgotten",
            subject=row,
            by=learner.pk,
            at=at,
            organization=row.promise.organization_id,
        )
    Claim.objects.filter(learner=learner).update(learner=None, note="")
