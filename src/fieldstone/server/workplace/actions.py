"""Every write about work at a workplace: forms, placements, hours, links to supervisors, what they sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils.crypto import salted_hmac
from django.utils.timezone import localtime

from fieldstone.server.catalog.models import Program
from fieldstone.server.catalog.rules import unkeepable
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.kept import digest, stored_key
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User
from fieldstone.server.people.rules import is_email
from fieldstone.server.workplace import queries, rules
from fieldstone.server.workplace.models import (
    FeedbackForm,
    FormVersion,
    HoursEntry,
    Placement,
    SupervisorLink,
    SupervisorReview,
)

MAX_FORM_BYTES = 60_000
NOBODY = UUID(int=0)


class LinkEnded(Conflict):
    """The link was replaced, given back, or is too old, or the placement is closed."""


class AlreadySigned(Conflict):
    """What is to be changed carries a signature already."""


# --- forms --------------------------------------------------------------------------------------------


def _checked(body: Mapping[str, Any]) -> dict[str, Any]:
    problem = unkeepable(body, MAX_FORM_BYTES)
    problems = [problem] if problem else rules.parse(body)[1]
    if problems:
        raise Refused(problems)
    return dict(body)


@transaction.atomic
def create_form(
    *, program: Program, body: Mapping[str, Any], by: User | None, at: datetime, key: str = ""
) -> FormVersion:
    """A new form for supervisors with its first wording; the same `key` again is the same form. Raises Refused."""
    definition = _checked(body)
    stored = stored_key(program.pk, key)
    form = ledger.once(lambda: FeedbackForm.objects.create(program=program, created_at=at, key=stored))
    if form is None:
        return FormVersion.objects.select_related("form__program").get(form__key=stored, number=1)
    version = FormVersion.objects.create(form=form, number=1, definition=definition, made_at=at, made_by=by)
    _told("form_made", form, by, at, program.organization_id)
    return version


@transaction.atomic
def change_form(*, form: FeedbackForm, body: Mapping[str, Any], by: User, at: datetime) -> FormVersion:
    """A new wording; placements keep the one they began under. The same words again change nothing."""
    definition = _checked(body)
    form = FeedbackForm.objects.select_for_update(of=("self",)).select_related("program").get(pk=form.pk)
    newest = form.versions.get(superseded_at=None)
    if newest.definition == definition:
        return newest
    FormVersion.objects.filter(pk=newest.pk).update(superseded_at=at)
    version = FormVersion.objects.create(
        form=form, number=newest.number + 1, definition=definition, made_at=at, made_by=by
    )
    _told("form_changed", form, by, at, form.program.organization_id, number=version.number)
    return version


@transaction.atomic
def retire_form(*, form: FeedbackForm, by: User, at: datetime) -> None:
    """No new placements by it; those that are open go on."""
    if FeedbackForm.objects.filter(pk=form.pk, retired_at=None).update(retired_at=at):
        _told("form_retired", form, by, at, form.program.organization_id)


@transaction.atomic
def restore_form(*, form: FeedbackForm, by: User, at: datetime) -> None:
    """Take it up again."""
    if FeedbackForm.objects.filter(pk=form.pk, retired_at__isnull=False).update(retired_at=None):
        _told("form_restored", form, by, at, form.program.organization_id)


def _told(
    verb: str, subject: Any, by: User | None, at: datetime, organization: UUID, *, tasks: tuple[str, ...] = (),
    **data: Any,
) -> None:  # fmt: skip
    ledger.record(
        verb=f"workplace.{verb}", subject=subject, by=by.pk if by else None, at=at, organization=organization,
        data=data, tasks=tasks,
    )  # fmt: skip


# --- placements ---------------------------------------------------------------------------------------


def _today(at: datetime) -> date:
    return localtime(at).date()


def _tidy(given: rules.Given) -> rules.Given:
    return rules.Given(
        kind=given.kind,
        employer=rules.line(given.employer, 120),
        supervisor_name=rules.line(given.supervisor_name, 120),
        supervisor_email=given.supervisor_email.strip().lower(),
        supervisor_language="es" if given.supervisor_language == "es" else "en",
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        hours_planned=given.hours_planned,
    )


def _right(given: rules.Given, learner: User, at: datetime) -> rules.Given:
    given = _tidy(given)
    problems = rules.wrong_placement(
        given, learner_name=learner.name, learner_email=learner.email or "", today=_today(at)
    )
    if given.supervisor_email and not is_email(given.supervisor_email):
        problems.append(Problem("supervisor_email", _("Write an e-mail address such as name@example.org.")))
    if problems:
        raise Refused(problems)
    return given


def _locked(placement: Placement) -> Placement:
    """The row as it is now, held until the transaction ends."""
    return (
        Placement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("learner", "version")
        .get(pk=placement.pk)
    )


def _own(placement: Placement, by: User) -> Placement:
    row = _locked(placement)
    if row.learner_id != by.pk:
        raise NotAllowed(_("This workplace belongs to somebody else."))
    return row


def _still_open(placement: Placement) -> None:
    if placement.closed_at is not None:
        raise Conflict(_("This workplace is closed. Open it again first."))


@transaction.atomic
def start(*, form: FeedbackForm, given: rules.Given, by: User, at: datetime, key: str = "") -> Placement:
    """The learner begins a placement under the form's newest wording; the same `key` again is the same placement.

    Raises Refused with every problem, Conflict when the form is retired or she has too many open ones.
    """
    stored = stored_key(by.pk, key)
    known = Placement.objects.filter(key=stored).first() if stored else None
    if known is not None:
        return known
    given = _right(given, by, at)
    version = FormVersion.objects.current().filter(form=form).select_related("form__program").first()
    if version is None:
        raise Conflict(_("This form is not in use now."))
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if Placement.objects.filter(learner=by, closed_at=None).count() >= rules.OPEN_PLACEMENTS:
        raise Conflict(_("You have %(limit)s open workplaces. Close one first."), limit=rules.OPEN_PLACEMENTS)
    row = ledger.once(
        lambda: Placement.objects.create(
            learner=by, organization_id=version.form.program.organization_id, form=form, version=version,
            started_at=at, key=stored, **vars(given),
        )
    )  # fmt: skip
    if row is None:
        return Placement.objects.get(key=stored)
    _told("placement_started", row, by, at, row.organization_id, kind=row.kind)
    return row


@transaction.atomic
def change(*, placement: Placement, given: rules.Given, by: User, at: datetime) -> Placement:
    """Mend what was said about a placement. Where the supervisor is another person now, her link ends.

    Raises AlreadySigned once a review is signed: what was signed names employer and dates.
    """
    row = _own(placement, by)
    _still_open(row)
    if SupervisorReview.objects.filter(placement=row).exists():
        raise AlreadySigned(_("The review is signed. What it says about this workplace stays."))
    given = _right(given, by, at)
    if (given.supervisor_name, given.supervisor_email) != (row.supervisor_name, row.supervisor_email):
        row.links.filter(ended_at=None, not_me_at=None).update(ended_at=at)
    for name, value in vars(given).items():
        setattr(row, name, value)
    row.save(update_fields=list(vars(given)))
    _told("placement_changed", row, by, at, row.organization_id)
    return row


@transaction.atomic
def close(*, placement: Placement, reason: str, set_aside: bool, by: User, at: datetime) -> None:
    """No more hours and no more signatures. Set aside (by staff), what was signed does not count either.

    Raises Refused when it is set aside without a reason. Twice is once.
    """
    row = _locked(placement)
    words = rules.line(reason, rules.WORDS)
    if len(words) > rules.WORDS:
        raise Refused(_("Shorten this to %(limit)s signs."), "reason", limit=rules.WORDS)
    if set_aside and not words:
        raise Refused(_("Say why. The learner reads it."), "reason")
    if set_aside and row.learner_id == by.pk:
        raise NotAllowed(_("Somebody else decides about this one."))
    if row.set_aside_at is not None or (row.closed_at is not None and not set_aside):
        return
    row.links.filter(ended_at=None, not_me_at=None).update(ended_at=at)
    Placement.objects.filter(pk=row.pk).update(
        closed_at=row.closed_at or at, closed_by=by, closed_reason=words, set_aside_at=at if set_aside else None
    )
    _told(
        "placement_set_aside" if set_aside else "placement_closed", row, by, at, row.organization_id,
        tasks=("mail_set_aside",) if set_aside else (),
    )  # fmt: skip


@transaction.atomic
def reopen(*, placement: Placement, by: User, at: datetime) -> None:
    """Open a closed one again. What staff set aside, staff takes up again. Raises NotAllowed."""
    row = _locked(placement)
    if row.set_aside_at is not None and row.learner_id == by.pk:
        raise NotAllowed(_("Somebody else decides about this one."))
    if row.closed_at is not None:
        Placement.objects.filter(pk=row.pk).update(closed_at=None, closed_by=None, closed_reason="", set_aside_at=None)
        _told("placement_reopened", row, by, at, row.organization_id)


# --- hours --------------------------------------------------------------------------------------------


def _checked_hours(
    placement: Placement, hours: Decimal | None, day: date | None, text: str, at: datetime, but: UUID | None = None
) -> dict[str, Any]:
    """The fields of an entry, as they are kept. All entries of one learner are checked one after the other."""
    words = rules.line(text, rules.WORDS)
    User.objects.select_for_update(no_key=True).get(pk=placement.learner_id)
    hers = HoursEntry.objects.filter(placement__learner_id=placement.learner_id, removed_at=None)
    same_day = hers.filter(day=day).exclude(pk=but or NOBODY) if day else hers.none()
    problems = rules.wrong_hours(
        hours, day, words, starts_on=placement.starts_on, ends_on=placement.ends_on, today=_today(at),
        others=same_day.aggregate(sum=Sum("hours"))["sum"] or Decimal(0),
    )  # fmt: skip
    if problems:
        raise Refused(problems)
    return {"day": day, "hours": hours, "text": words}


@transaction.atomic
def log(
    *, placement: Placement, day: date | None, hours: Decimal | None, text: str, key: str, by: User, at: datetime
) -> HoursEntry:
    """Hours of one day. The same `key` again (a weak line, a second tap) is the same entry, as it is by now.

    Raises Refused with every problem, Conflict when the placement is closed or full.
    """
    row = _own(placement, by)
    kept = digest(key)
    known = HoursEntry.objects.filter(placement=row, key=kept).first()
    if known is not None:
        return known
    _still_open(row)
    if row.entries.count() >= rules.ENTRIES:
        raise Conflict(_("This workplace has %(limit)s entries, which is the limit."), limit=rules.ENTRIES)
    fields = _checked_hours(row, hours, day, text, at)
    entry = HoursEntry.objects.create(placement=row, key=kept, logged_at=at, **fields)
    _told("hours_logged", entry, by, at, row.organization_id)
    return entry


def _unsigned(entry: HoursEntry, by: User) -> HoursEntry:
    placement = _own(entry.placement, by)
    _still_open(placement)
    row = HoursEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
    if row.countersigned_at is not None:
        raise AlreadySigned(_("These hours are countersigned. They stay as they are."))
    row.placement = placement
    return row


@transaction.atomic
def correct(
    *, entry: HoursEntry, day: date | None, hours: Decimal | None, text: str, by: User, at: datetime
) -> HoursEntry:
    """Other hours, day or words, as long as they are not countersigned; they wait for the supervisor again.

    Raises AlreadySigned, Refused with every problem, Conflict when it was taken back.
    """
    row = _unsigned(entry, by)
    if row.removed_at is not None:
        raise Conflict(_("These hours were taken back. Log them again."))
    fields = _checked_hours(row.placement, hours, day, text, at, but=row.pk)
    HoursEntry.objects.filter(pk=row.pk).update(
        revision=F("revision") + 1, refused_at=None, refused_by="", refused_reason="", **fields
    )
    row.refresh_from_db()
    _told("hours_corrected", row, by, at, row.placement.organization_id)
    return row


@transaction.atomic
def take_back(*, entry: HoursEntry, by: User, at: datetime) -> None:
    """Take hours back that are not countersigned. Twice is once. Raises AlreadySigned."""
    row = _unsigned(entry, by)
    if row.removed_at is None:
        HoursEntry.objects.filter(pk=row.pk).update(removed_at=at)
        _told("hours_taken_back", row, by, at, row.placement.organization_id)


# --- links --------------------------------------------------------------------------------------------


def link_token(link: SupervisorLink) -> str:
    """The secret in the link. It is made again from the row and the site's own secret; the table holds its hash."""
    return salted_hmac("fieldstone.supervisor", str(link.pk), algorithm="sha256").hexdigest()[:40]


@transaction.atomic
def make_link(*, placement: Placement, by_hand: bool, by: User, at: datetime) -> SupervisorLink:
    """A new link for the supervisor, mailed or to be handed over; the one before it ends.

    What she kept for later stays, but never goes from a mailed link to one that others may see before her.
    The same asked for twice within a minute is one link, mailed once.
    Raises Refused when there is no address to mail to, or when the form does not let learners hand links over;
    Conflict when the placement is closed, or links were made too often today, for it or for all of this learner's.
    """
    row = _locked(placement)
    _still_open(row)
    own = row.learner_id == by.pk
    if by_hand and own and not row.version.parsed.by_hand:
        raise NotAllowed(_("This program mails the link to the supervisor itself. Write the supervisor’s address."))
    if not row.supervisor_name:
        raise Refused(_("Write first who supervises you now."), "supervisor_name")
    if not by_hand and not row.supervisor_email:
        raise Refused(_("Write the supervisor’s e-mail address first, or hand the link over."), "supervisor_email")
    email = "" if by_hand else row.supervisor_email
    last = queries.newest_link(row)
    fresh = last is not None and at - last.made_at < rules.LINK_REPEAT and rules.link_state(last, at) == "open"
    if last and fresh and (last.name, last.email, last.made_by_id) == (row.supervisor_name, email, by.pk):
        return last
    User.objects.select_for_update(no_key=True).get(pk=row.learner_id)
    today = SupervisorLink.objects.filter(placement__learner=row.learner_id, made_at__gt=at - timedelta(days=1))
    for made, most in ((today.filter(placement=row), rules.LINKS_A_DAY), (today, rules.LINKS_OF_ONE)):
        if made.count() >= most:
            raise Conflict(_("A link was made %(limit)s times today. Try again tomorrow."), limit=most)
    row.links.filter(ended_at=None, not_me_at=None).update(ended_at=at)
    same = last is not None and last.not_me_at is None and last.name == row.supervisor_name
    same = same and (last is None or not last.email or last.email == email)
    link = SupervisorLink(
        id=new_id(), placement=row, name=row.supervisor_name, email=email,
        language=row.supervisor_language, made_at=at, made_by=by,
        expires_at=at + timedelta(days=rules.LINK_DAYS), draft=last.draft if last and same else {},
    )  # fmt: skip
    link.token_hash = digest(link_token(link))
    link.save(force_insert=True)
    _told(
        "link_made", link, by, at, row.organization_id, tasks=() if by_hand else ("mail_supervisor",), by_hand=by_hand
    )
    return link


def _usable(link: SupervisorLink, by: User | None, at: datetime) -> SupervisorLink:
    """The link, its placement held, if it may be used now. Raises LinkEnded, NotAllowed for the learner herself."""
    placement = _locked(link.placement)
    row = SupervisorLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    if rules.link_state(row, at) != "open" or placement.closed_at is not None:
        raise LinkEnded(_("This link has ended. Ask for a new one."))
    if by is not None and by.pk == placement.learner_id:
        raise NotAllowed(_("This link is for your supervisor. You cannot sign your own work."))
    row.placement = placement
    return row


def _signature(name: str, link: SupervisorLink) -> str:
    """The typed name, if it can stand as a signature."""
    typed = rules.line(name, 120)
    if len(rules.person(typed)) < 3:
        raise Refused(_("Type your full name. It is your signature."), "name")
    if len(typed) > 120:
        raise Refused(_("Shorten this to %(limit)s signs."), "name", limit=120)
    if rules.person(typed) == rules.person(link.placement.learner.name):
        raise Refused(_("This is the name of the person whose work it is. Type your own."), "name")
    return typed


@transaction.atomic
def not_me(*, link: SupervisorLink, by: User | None, at: datetime) -> None:
    """Whoever got the link is not the supervisor: it ends, her name and address are taken out, the learner is told.

    Said twice, it is once. Raises LinkEnded, and AlreadySigned when something was signed by this link.
    """
    if SupervisorLink.objects.filter(pk=link.pk, not_me_at__isnull=False).exists():
        return
    row = _usable(link, by, at)
    if row.reviews.exists():
        raise AlreadySigned(_("The review is signed by this link. Write to the program if that was not you."))
    SupervisorLink.objects.filter(pk=row.pk).update(not_me_at=at, email="", name="", draft={})
    Placement.objects.filter(pk=row.placement_id).update(supervisor_name="", supervisor_email="")
    _told("not_the_supervisor", row, None, at, row.placement.organization_id, tasks=("mail_not_supervisor",))


@transaction.atomic
def keep_draft(
    *, link: SupervisorLink, answers: Mapping[str, str], words: str, by: User | None, at: datetime
) -> None:
    """Keep what a supervisor filled in, signed later. Raises LinkEnded, Refused for too many words."""
    row = _usable(link, by, at)
    definition = row.placement.version.parsed
    kept = {n: a for n, a in answers.items() if a in rules.ANSWERS and n in map(str, range(len(definition.criteria)))}
    SupervisorLink.objects.filter(pk=row.pk).update(draft={"answers": kept, "words": _said(words)})


def _said(words: str) -> str:
    text = words.replace("\x00", "").replace("\r\n", "\n").strip()
    problem = unkeepable(text, rules.SAID * 8)
    if problem is not None or len(text) > rules.SAID:
        raise Refused(_("Shorten this to %(limit)s signs."), "words", limit=rules.SAID)
    return text


@dataclass(frozen=True)
class Mark:
    """What a supervisor says to one entry of hours, as it stood when she read it."""

    revision: int
    right: bool
    reason: str = ""


@transaction.atomic
def countersign(
    *, link: SupervisorLink, marks: Mapping[UUID, Mark], name: str, by: User | None, at: datetime
) -> int:
    """Sign the hours that are right and give back those that are not, with the reason; how many were marked.

    What was changed or answered since she read it is left as it is, for another look. Raises LinkEnded, NotAllowed,
    Refused without a name or a reason, or when nothing is marked.
    """
    row = _usable(link, by, at)
    if not marks:
        raise Refused(_("Mark at least one line of hours."), "hours")
    problems = [
        Problem(f"reason-{pk}", _("Say in a few words what is not right. The learner reads it."))
        for pk, mark in marks.items()
        if not mark.right and not rules.line(mark.reason, rules.WORDS)
    ]
    problems += [
        Problem(f"reason-{pk}", _("Shorten this to %(limit)s signs."), {"limit": rules.WORDS})
        for pk, mark in marks.items()
        if len(rules.line(mark.reason, rules.WORDS)) > rules.WORDS
    ]
    try:
        typed = _signature(name, row)
    except Refused as refused:
        problems += refused.problems
    if problems:
        raise Refused(problems)
    signed = refused_count = 0
    for pk, mark in marks.items():
        mine = HoursEntry.objects.filter(queries.OPEN_ENTRY, pk=pk, placement=row.placement_id, revision=mark.revision)
        if mark.right:
            signed += mine.update(countersigned_at=at, countersigned_by=typed)
        else:
            words = rules.line(mark.reason, rules.WORDS)
            refused_count += mine.update(refused_at=at, refused_by=typed, refused_reason=words)
    if signed or refused_count:
        _told(
            "hours_countersigned", row, None, at, row.placement.organization_id,
            tasks=("mail_hours_refused",) if refused_count else (), signed=signed, refused=refused_count,
        )  # fmt: skip
    return signed + refused_count


@transaction.atomic
def sign(
    *, link: SupervisorLink, answers: Mapping[str, str], words: str, name: str, language: str, by: User | None,
    at: datetime,
) -> SupervisorReview:  # fmt: skip
    """Sign the review, once: a second time gives what was signed. The text that was signed is kept with its digest.

    Raises LinkEnded, NotAllowed, Refused with every criterion that has no answer.
    """
    row = _usable(link, by, at)
    placement = row.placement
    known = SupervisorReview.objects.filter(placement=placement).first()
    if known is not None:
        return known
    definition = placement.version.parsed
    problems = rules.missing_answers(definition, answers)
    said = typed = ""
    try:
        said = _said(words)
        typed = _signature(name, row)
    except Refused as refused:
        problems += refused.problems
    if problems:
        raise Refused(problems)
    mine = {str(n): answers[str(n)] for n in range(len(definition.criteria))}
    hours = placement.entries.filter(countersigned_at__isnull=False).aggregate(sum=Sum("hours"))["sum"]
    text = rules.signed_text(
        rules.Signing(
            definition=definition, answers=mine, words=said, learner=placement.learner.name,
            employer=placement.employer, starts_on=placement.starts_on, ends_on=placement.ends_on,
            hours=hours or Decimal(0), name=typed, at=at, language=language,
        )
    )  # fmt: skip
    review = SupervisorReview.objects.create(
        placement=placement, link=row, answers=mine, words=said, positive=rules.positive(definition, mine),
        by_hand=not row.email, name=typed, language=language, text=text, sha256=digest(text), signed_at=at,
    )  # fmt: skip
    SupervisorLink.objects.filter(pk=row.pk).update(draft={})
    _told(
        "review_signed", review, None, at, placement.organization_id, tasks=("mail_reviewed",),
        positive=review.positive, sha256=review.sha256,
    )  # fmt: skip
    return review


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """A person leaves: her placements go, with hours, links and what supervisors signed about her."""
    for placement in Placement.objects.filter(learner=learner):
        _told("forgotten", placement, learner, at, placement.organization_id)
    Placement.objects.filter(learner=learner).delete()
