"""Every write of assessment: from the completeness check to the decision, and what keeps decisions honest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from fieldstone.server.assessment import queries, rules
from fieldstone.server.assessment.models import (
    Appeal,
    Conflict,
    Phrase,
    Review,
    Score,
    Seat,
)
from fieldstone.server.calibration import queries as calibration
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.catalog.rules import CANNOT_TELL, Criterion
from fieldstone.server.evidence.models import Submission
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Conflict as Clash
from fieldstone.server.ledger.problems import NotAllowed, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User

COMMENT_LIMIT = 4000
EXTERNAL_DAYS = 60
"""How long a link for an external assessor may live."""


class NotSeated(NotAllowed):
    """This person may not take this seat, or does not hold it."""


class Taken(Clash):
    """Somebody else was quicker."""


class Closed(Clash):
    """The review has moved on; there is nothing to do at this seat any more."""


class SheetNotReady(Refused):
    """A score sheet lacks levels or comments. `problems` name the fields."""


class LinkEnded(Refused):
    """A link for an external assessor that was used, withdrawn, or is too old."""

    status = 410


@dataclass(frozen=True)
class LineInput:
    """What an assessor typed for one criterion. `phrases` are keys as in `queries.phrases_for`."""

    level: str = ""
    comment: str = ""
    phrases: Sequence[str] = field(default_factory=tuple)


def _locked(review: Review) -> Review:
    """The review as it is now, held until the transaction ends."""
    return (
        Review.objects.select_for_update(of=("self",))
        .select_related("submission__enrollment__version", "organization", "micro_credential")
        .get(pk=review.pk)
    )


def _note(verb: str, review: Review, by: User | None, at: datetime, *tasks: str, **data: object) -> None:
    ledger.record(
        verb=f"assessment.{verb}",
        subject=review,
        by=by.pk if by else None,
        at=at,
        organization=review.organization_id,
        data=data,
        tasks=tasks,
    )


def _words(typed: str, field: str, *, needed: str = "", limit: int = COMMENT_LIMIT) -> str:
    """What was typed, tidied at its ends. Raises Refused where it is missing, too long, or cannot be kept."""
    words = typed.strip()
    if needed and not words:
        raise Refused(needed, field)
    if len(words) > limit:
        raise Refused(_("Shorten this to %(limit)s signs."), field, limit=limit)
    if "\x00" in words:
        raise Refused(_("Take out the control characters."), field)
    return words


# --- from the submission to the queue -----------------------------------------------------------------


@transaction.atomic
def open_review(*, submission: Submission, by: User | None, at: datetime) -> Review:
    """Begin the judging of a submission; the second call for the same submission returns the first review.

    Dates are business days of the organization that owns the micro-credential. What this learner demonstrated
    before is carried over and not judged again.
    """
    existing = Review.objects.filter(submission=submission).first()
    if existing is not None:
        return existing
    enrollment = submission.enrollment
    organization = enrollment.micro_credential.organization
    criteria = enrollment.version.parsed.criteria
    earlier = queries.carried(enrollment)
    wanted = {c.id for c in rules.judged(criteria, asked=submission.criteria, earlier=earlier)}
    review = Review.objects.create(
        submission=submission,
        organization=organization,
        micro_credential=enrollment.micro_credential,
        two_person=organization.two_person,
        opened_at=at,
        check_due_at=rules.add_business_days(at, organization.check_days),
        due_at=rules.add_business_days(at, organization.review_days),
        result={"carried": {c.id: earlier[c.id] for c in criteria if c.id not in wanted}},
    )
    other = "approver" if review.two_person == "approver" else "second"
    Seat.objects.bulk_create([Seat(review=review, kind="first"), Seat(review=review, kind=other)])
    _note("opened", review, by, at, number=submission.number)
    return review


def _may_check(review: Review, by: User, at: datetime) -> None:
    who = queries.standing(by, review.organization, at)
    if review.submission.enrollment.learner_id == by.pk:
        raise NotSeated(_("This is your own submission."))
    if review.pk in who.conflicted:
        raise NotSeated(_("You handed this one on."))
    if not who.roles & {"assessor", "approver"}:
        raise NotSeated(_("This needs an assessor."))


@transaction.atomic
def check_complete(*, review: Review, by: User, at: datetime) -> Review:
    """Everything that was asked for is there: the review goes to the queue of the assessors."""
    review = _locked(review)
    _may_check(review, by, at)
    if review.state != "checking":
        if review.checked_at is not None:
            return review
        raise Closed(_("Somebody has already answered this one."))
    Review.objects.filter(pk=review.pk).update(state="scoring", checked_at=at)
    review.state, review.checked_at = "scoring", at
    _note("checked", review, by, at)
    return review


@transaction.atomic
def return_incomplete(*, review: Review, missing: str, by: User, at: datetime) -> Review:
    """Something is missing: the learner gets it back with these words and may send again; no try is counted."""
    review = _locked(review)
    _may_check(review, by, at)
    words = _words(missing, "missing", needed=_("Say what is missing, so that it can be sent."))
    if review.state != "checking":
        if review.outcome == "incomplete":
            return review
        raise Closed(_("Somebody has already answered this one."))
    return _decide(
        review,
        "incomplete",
        {**review.result, "levels": {}, "assessors": 0,
         "comments": [{"criterion": "", "comment": words, "phrases": []}]},
        by, at,
    )  # fmt: skip


@transaction.atomic
def withdraw(*, review: Review, by: User | None, at: datetime) -> Review:
    """The learner took the submission back (or left): nothing is judged."""
    review = _locked(review)
    if review.state == "decided":
        return review
    person = by.pk if by else review.submission.enrollment.learner_id
    result = {**review.result, "levels": {}, "comments": [], "assessors": 0}
    Review.objects.filter(pk=review.pk).update(
        state="decided", outcome="withdrawn", result=result, decided_at=at, decided_by=person
    )
    _note("withdrawn", review, by, at)
    review.refresh_from_db()
    return review


# --- seats --------------------------------------------------------------------------------------------


def _seat(seat: Seat, by: User, at: datetime) -> bool:
    """Sit down, if the seat is still free and its review still where it was.

    The conditions of the update name the seat's own columns alone: PostgreSQL checks those again after a wait.
    """
    try:
        with transaction.atomic():
            if not Review.objects.select_for_update().filter(pk=seat.review_id, state=seat.review.state).first():
                return False
            return bool(Seat.objects.filter(queries.FREE, pk=seat.pk).update(assessor=by, claimed_at=at))
    except IntegrityError:
        return False


def _count_held(by: User, organization: Organization) -> int:
    """Seats held now; the person's row is held until the transaction ends, so that two claims count right."""
    User.objects.select_for_update().get(pk=by.pk)
    return queries.held(by, organization).count()


@transaction.atomic
def claim(*, organization: Organization, count: int, by: User, at: datetime) -> list[Seat]:
    """Take the next `count` seats, soonest due first, up to the organization's limit. May take fewer.

    Raises NotSeated when the person already holds the limit, or when there is nothing that she may take.
    """
    room = organization.hold_limit - _count_held(by, organization)
    if room <= 0:
        raise NotSeated(_("You hold %(limit)s, which is the limit. Finish one first."), limit=organization.hold_limit)
    who = queries.standing(by, organization, at)
    wanted = max(1, min(count, room))
    taken: list[Seat] = []
    for seat in queries.takeable(organization, who, wanted * 2 + 3):
        if len(taken) == wanted:
            break
        if _seat(seat, by, at):
            taken.append(seat)
            _note("claimed", seat.review, by, at, seat=seat.kind)
    if not taken:
        raise NotSeated(_("Nothing is free for you right now."))
    return taken


@transaction.atomic
def take(*, seat: Seat, by: User, at: datetime) -> Seat:
    """Take one seat. The same request twice gives the same seat.

    Raises NotSeated with the reason, or Taken when somebody else was quicker.
    """
    seat = Seat.objects.select_related("review__submission__enrollment", "review__organization").get(pk=seat.pk)
    if seat.assessor_id == by.pk:
        return seat
    review = seat.review
    if _count_held(by, review.organization) >= review.organization.hold_limit:
        raise NotSeated(
            _("You hold %(limit)s, which is the limit. Finish one first."), limit=review.organization.hold_limit
        )
    reason = queries.why_not(seat, queries.standing(by, review.organization, at))
    if reason:
        raise NotSeated(reason)
    opened = Seat.objects.filter(queries.OPEN_SEATS, pk=seat.pk).exists()
    if not opened or not _seat(seat, by, at):
        raise Taken(_("Somebody else has taken this one. Take another."))
    seat.assessor, seat.claimed_at = by, at
    _note("claimed", review, by, at, seat=seat.kind)
    return seat


def _free(seats: Iterable[Seat]) -> None:
    """Empty these seats: the next person starts with a clean sheet, so that she is blind too."""
    for seat in seats:
        seat.scores.all().delete()
        if seat.kind == "appeal":
            Appeal.objects.filter(review=seat.review_id, closed_at=None).update(claimed_by=None)
            seat.delete()
        else:
            Seat.objects.filter(pk=seat.pk).update(
                assessor=None, claimed_at=None, external_name="", external_hash=None, external_until=None
            )


@transaction.atomic
def release(*, organization: Organization, by: User, at: datetime, seat: Seat | None = None) -> int:
    """Give back what this person holds here (or one seat of it). Scores not handed in are dropped. Returns how many."""
    held = list(queries.held(by, organization).filter(**({"pk": seat.pk} if seat else {})).select_related("review"))
    _free(held)
    for one in held:
        _note("released", one.review, by, at, seat=one.kind)
    return len(held)


@transaction.atomic
def declare_conflict(*, review: Review, by: User, at: datetime) -> None:
    """ "I may know this person": hand it on. No reason is asked, and she is never seated here again.

    Raises Closed when her scores are already handed in or the review is decided without an open appeal.
    """
    review = _locked(review)
    _row, new = Conflict.objects.get_or_create(review=review, assessor=by, defaults={"declared_at": at})
    if not new:
        return
    seats = list(Seat.objects.filter(review=review, assessor=by))
    if any(seat.scored_at for seat in seats):
        raise Closed(_("Your scores are handed in already. Tell the program lead instead."))
    _free(seats)
    _note("conflict_declared", review, by, at)


# --- scores -------------------------------------------------------------------------------------------


def _own(seat: Seat, by: User | None, at: datetime) -> Seat:
    """The seat as it is now, held by this person (or by the link, if `by` is None)."""
    seat = Seat.objects.select_related("review").get(pk=seat.pk)
    seat.review = _locked(seat.review)
    if by is None:
        if seat.external_hash is None or seat.external_until is None:
            raise NotSeated(_("You do not hold this one."))
        if at >= seat.external_until and seat.scored_at is None:
            raise LinkEnded(_("This link has ended. Ask for a new one."))
    elif seat.assessor_id != by.pk:
        raise NotSeated(_("You do not hold this one."))
    return seat


def _still_open(seat: Seat) -> None:
    """Raises Closed unless this seat's scores may change."""
    state = {"first": "scoring", "second": "scoring", "moderator": "moderating", "approver": "confirming"}
    if seat.scored_at is not None:
        raise Closed(_("Your scores are handed in. They can no longer change."))
    if seat.kind == "appeal":
        if not Appeal.objects.filter(review=seat.review_id, closed_at=None).exists():
            raise Closed(_("This appeal is answered."))
    elif seat.review.state != state[seat.kind]:
        raise Closed(_("There is nothing to score here now."))


def _phrases(
    criterion: Criterion, keys: Sequence[str], organization: Organization, old: Score | None
) -> list[dict[str, str]]:
    """The texts of chosen phrases; a phrase that was put away since it was shown or chosen still counts."""
    if not keys:
        return []
    rows = Phrase.objects.filter(organization=organization)
    known = dict(queries.phrases_for(criterion, list(rows)))
    known |= {f"kept{i}": dict(words) for i, words in enumerate(old.phrases if old else ())}
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise Refused(_("This phrase is not on offer."), f"phrases-{criterion.id}")
    return [known[key] for key in dict.fromkeys(keys)]


@transaction.atomic
def record_scores(*, seat: Seat, lines: Mapping[str, LineInput], by: User | None, at: datetime) -> int:
    """Keep what an assessor has scored so far, by criterion; nothing is handed in. Returns how many lines changed.

    Raises Refused for a criterion or level that is not in the rubric, NotSeated, Closed or LinkEnded.
    """
    seat = _own(seat, by, at)
    _still_open(seat)
    criteria = {c.id: c for c in queries.criteria_for(seat)}
    before = {score.criterion: score for score in seat.scores.all()}
    changed = []
    for name, line in lines.items():
        criterion = criteria.get(name)
        if criterion is None:
            raise Refused(_("This criterion is not for you to score."), f"level-{name}"[:60])
        if line.level and line.level != CANNOT_TELL and criterion.level(line.level) is None:
            raise Refused(_("Choose one of the levels."), f"level-{name}")
        old = before.get(name)
        values = {
            "level": line.level,
            "comment": _words(line.comment, f"comment-{name}"),
            "phrases": _phrases(criterion, line.phrases, seat.review.organization, old),
        }
        blank = old is None and not any(values.values())
        if blank or (old is not None and all(getattr(old, key) == value for key, value in values.items())):
            continue
        Score.objects.update_or_create(seat=seat, criterion=name, defaults={**values, "scored_at": at})
        changed.append(name)
    if changed:
        _note("scored", seat.review, by, at, seat=seat.kind, criteria=changed)
    return len(changed)


def record_score(
    *, seat: Seat, criterion: str, level: str, by: User | None, at: datetime, comment: str = "",
    phrases: Sequence[str] = (),
) -> Score | None:  # fmt: skip
    """`record_scores` for one criterion; the score as kept, None when all of it was blank."""
    record_scores(seat=seat, lines={criterion: LineInput(level, comment, phrases)}, by=by, at=at)
    return Score.objects.filter(seat=seat, criterion=criterion).first()


def _finish_sheet(seat: Seat, by: User | None, at: datetime) -> None:
    """Close a complete sheet. Raises SheetNotReady, or NotSeated when calibration ran out meanwhile."""
    problems = rules.sheet_problems(queries.criteria_for(seat), queries.sheet(seat))
    if problems:
        raise SheetNotReady(problems)
    subject = seat.review.micro_credential
    if by is not None and calibration.has_exemplars(subject) and not calibration.is_calibrated(by, subject, at):
        raise NotSeated(_("Your calibration has ended. Score the examples again; your scores here are kept."))
    _close(seat, at)


def _close(seat: Seat, at: datetime, **values: Any) -> None:
    if not Seat.objects.filter(pk=seat.pk, scored_at=None).update(scored_at=at, **values):
        raise Closed(_("Your scores are handed in. They can no longer change."))


@transaction.atomic
def hand_in(*, seat: Seat, by: User | None, at: datetime) -> Review:
    """Hand in the sheet of a first or second seat. Twice is once. `by` is None for an external assessor.

    The review may then wait for the other sheet, need a moderator or an approver, or be decided.
    """
    seat = _own(seat, by, at)
    if seat.scored_at is not None:
        return seat.review
    _still_open(seat)
    if seat.kind not in queries.SCORING:
        raise NotSeated(_("This seat does not hand in scores."))
    _finish_sheet(seat, by, at)
    _note("handed_in", seat.review, by, at, seat=seat.kind)
    return _settle(seat.review, by, at)


@transaction.atomic
def approve(*, seat: Seat, approved: bool, note: str, by: User, at: datetime) -> Review:
    """The approver confirms the result, or sends it to a moderator with a note. Twice is once."""
    seat = _own(seat, by, at)
    if seat.kind != "approver":
        raise NotSeated(_("This needs an approver."))
    if seat.scored_at is not None and seat.confirmed == approved:
        return seat.review
    _still_open(seat)
    words = _words(note, "note", needed="" if approved else _("Say what the moderator should look at."))
    _close(seat, at, confirmed=approved, note=words)
    _note("approved" if approved else "not_approved", seat.review, by, at)
    return _settle(seat.review, by, at)


@transaction.atomic
def moderate(*, seat: Seat, by: User, at: datetime) -> Review:
    """Hand in the moderator's scores of the criteria in dispute: the review is decided. Twice is once."""
    seat = _own(seat, by, at)
    if seat.kind != "moderator":
        raise NotSeated(_("This seat does not hand in scores."))
    if seat.scored_at is not None:
        return seat.review
    _still_open(seat)
    _finish_sheet(seat, by, at)
    _note("moderated", seat.review, by, at)
    return _settle(seat.review, by, at)


def _unsupervised(seats: Iterable[Seat], subject: MicroCredential) -> bool:
    """Whether a sheet came from somebody without an account or without a calibration at that time."""
    for seat in seats:
        if seat.scored_at is None:
            continue
        if seat.assessor is None or not calibration.is_calibrated(seat.assessor, subject, seat.scored_at):
            return True
    return False


def _settle(review: Review, by: User | None, at: datetime) -> Review:
    """Move the review to where its sheets put it. The one place that calls `rules.decide`."""
    criteria = queries.criteria_of(review)
    seats = {s.kind: s for s in review.seats.select_related("assessor").prefetch_related("scores")}

    def levels(kind: str) -> dict[str, str] | None:
        seat = seats.get(kind)
        return {s.criterion: s.level for s in seat.scores.all()} if seat and seat.scored_at else None

    sheets = [seats[kind] for kind in queries.SCORING if kind in seats]
    confirm = _unsupervised(sheets, review.micro_credential)
    approver = seats.get("approver")
    outcome = rules.decide(
        criteria,
        two_person=review.two_person,
        first=levels("first"),
        second=levels("second"),
        approved=approver.confirmed if approver else None,
        moderator=levels("moderator"),
        confirm=confirm,
    )
    if outcome.state == "decided":
        assert by is not None and outcome.levels is not None
        scored = [s for s in seats.values() if s.scored_at]
        result = {
            **review.result,
            "levels": {**review.result.get("carried", {}), **outcome.levels},
            "comments": _comments(criteria, seats, outcome.differing),
            "assessors": len(scored),
        }
        return _decide(review, outcome.outcome, result, by, at)
    result = {**review.result, "confirm": confirm, "differing": list(outcome.differing)}
    Review.objects.filter(pk=review.pk).update(state=outcome.state, result=result)
    review.state, review.result = outcome.state, result
    kind = {"moderating": "moderator", "confirming": "approver"}.get(outcome.state)
    if kind:
        Seat.objects.get_or_create(review=review, kind=kind)
    return review


def _comments(
    criteria: Sequence[Criterion], seats: Mapping[str, Seat], moderated: Sequence[str]
) -> list[dict[str, Any]]:
    """What goes to the learner: for each criterion the words of those whose scores stand. No names."""
    return [
        {"criterion": criterion.id, "comment": score.comment, "phrases": score.phrases}
        for criterion in criteria
        for kind in (("moderator",) if criterion.id in moderated else queries.SCORING)
        for score in (seats[kind].scores.all() if kind in seats else ())
        if score.criterion == criterion.id and (score.comment or score.phrases)
    ]


def _decide(review: Review, outcome: str, result: Mapping[str, Any], by: User, at: datetime) -> Review:
    """Write a decision. The learner's mail follows from the ledger."""
    kept = {key: value for key, value in result.items() if key not in ("confirm", "differing")}
    Review.objects.filter(pk=review.pk).update(
        state="decided", outcome=outcome, result=kept, decided_at=at, decided_by=by.pk
    )
    review.state, review.outcome, review.result = "decided", outcome, kept
    review.decided_at, review.decided_by = at, by.pk
    _note("decided", review, by, at, "mail_decision", outcome=outcome)
    return review


# --- appeals ------------------------------------------------------------------------------------------


@transaction.atomic
def open_appeal(*, review: Review, reason: str, by: User, at: datetime, key: str | None = None) -> Appeal:
    """The learner asks that somebody else look again. Once per review; the same request twice is one appeal."""
    review = _locked(review)
    if review.submission.enrollment.learner_id != by.pk:
        raise NotAllowed(_("Only the person who sent it can appeal."))
    existing = Appeal.objects.filter(review=review).first()
    if existing is not None:
        if key and existing.key == key:
            return existing
        raise Closed(_("You have already asked for a second look here."))
    if review.outcome != "not_yet":
        raise Closed(_("There is no decision here to look at again."))
    if Submission.objects.filter(enrollment=review.submission.enrollment, number__gt=review.submission.number).exists():
        raise Closed(_("You have sent a newer version. That one is looked at now."))
    words = _words(reason, "reason", needed=_("Say what should be looked at again."))
    appeal = Appeal.objects.create(review=review, reason=words, opened_at=at, key=key)
    _note("appealed", review, by, at)
    return appeal


@transaction.atomic
def claim_appeal(*, appeal: Appeal, by: User, at: datetime) -> Seat:
    """Hear an appeal: only somebody who sat in no seat of that review. Raises NotSeated, Taken or Closed."""
    review = _locked(appeal.review)
    appeal = Appeal.objects.get(pk=appeal.pk)
    if appeal.closed_at is not None:
        raise Closed(_("This appeal is answered."))
    if appeal.claimed_by_id == by.pk:
        return Seat.objects.get(review=review, kind="appeal")
    seat = Seat(review=review, kind="appeal", assessor=by, claimed_at=at)
    reason = queries.why_not(seat, queries.standing(by, review.organization, at))
    if reason:
        raise NotSeated(reason)
    if not Appeal.objects.filter(pk=appeal.pk, claimed_by=None, closed_at=None).update(claimed_by=by):
        raise Taken(_("Somebody else has taken this one. Take another."))
    Seat.objects.filter(review=review, kind="appeal", assessor=None).delete()
    seat.save()
    _note("appeal_claimed", review, by, at)
    return seat


@transaction.atomic
def close_appeal(*, appeal: Appeal, upheld: bool, answer: str, by: User, at: datetime) -> Review:
    """Answer an appeal. Upheld: the new scores replace those of the criteria that were not shown. Twice is once.

    Raises SheetNotReady when upheld without a whole sheet, Refused when the new scores change nothing.
    """
    appeal = Appeal.objects.select_related("review").get(pk=appeal.pk)
    review = _locked(appeal.review)
    if appeal.claimed_by_id != by.pk:
        raise NotSeated(_("You do not hold this one."))
    if appeal.closed_at is not None:
        if appeal.upheld == upheld:
            return review
        raise Closed(_("This appeal is answered."))
    words = _words(answer, "answer", needed=_("Write the answer that the learner will read."))
    seat = Seat.objects.get(review=review, kind="appeal")
    seat.review = review
    lines = queries.sheet(seat)
    if upheld:
        open_criteria = queries.criteria_for(seat)
        problems = rules.sheet_problems(open_criteria, lines)
        if problems:
            raise SheetNotReady(problems)
        if not any(c.shown_at(lines[c.id].level) for c in open_criteria):
            raise Refused(_("Your scores change nothing. Choose “the decision stands”, or score again."), "upheld")
    _close(seat, at)
    Appeal.objects.filter(pk=appeal.pk).update(upheld=upheld, answer=words, closed_at=at)
    _note("appeal_closed", review, by, at, "mail_appeal", upheld=upheld)
    if not upheld:
        return review
    names = {c.id for c in open_criteria}
    levels = {**review.result["levels"], **{name: lines[name].level for name in names}}
    comments = [row for row in review.result["comments"] if row["criterion"] not in names]
    comments += [
        {"criterion": name, "comment": lines[name].comment, "phrases": list(lines[name].phrases)}
        for name in levels
        if name in names and (lines[name].comment or lines[name].phrases)
    ]
    result = {**review.result, "levels": levels, "comments": comments, "assessors": review.result["assessors"] + 1}
    criteria = review.submission.enrollment.version.parsed.criteria
    return _decide(review, rules.verdict(criteria, levels), result, by, at)


# --- external assessors -------------------------------------------------------------------------------


def external_hash(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite_external(*, review: Review, name: str, until: datetime, by: User, at: datetime, key: str = "") -> str:
    """A link for somebody without an account who scores one seat; an approver confirms the result.

    Returns the token (only its hash is kept); with the same `key` the same request gives the same token.
    Raises NotAllowed unless `by` is an approver here, Closed when no scoring seat is free.
    """
    review = _locked(review)
    if "approver" not in queries.standing(by, review.organization, at).roles:
        raise NotAllowed(_("Only an approver invites somebody from outside."))
    who = " ".join(name.split())
    if not who or len(who) > 120 or "\x00" in who:
        raise Refused(_("Write the name of the person you invite, up to 120 signs."), "name")
    if not at < until <= at + timedelta(days=EXTERNAL_DAYS):
        raise Refused(_("Choose a day within the next %(days)s days."), "until", days=EXTERNAL_DAYS)
    sealed = salted_hmac("fieldstone.external", f"{review.pk}:{key or at.isoformat()}", algorithm="sha256")
    token = sealed.hexdigest()[:48]
    seats = {s.kind: s for s in review.seats.filter(kind__in=queries.SCORING)}
    hashed = external_hash(token)
    if any(seat.external_hash == hashed for seat in seats.values()):
        return token
    if any(seat.external_hash for seat in seats.values()):
        raise Closed(_("Somebody from outside already has a link for this one."))
    seat = next((seats[k] for k in ("second", "first") if k in seats and seats[k].assessor_id is None), None)
    if seat is None or seat.scored_at is not None or review.state not in ("checking", "scoring"):
        raise Closed(_("Both seats of this review are taken."))
    Seat.objects.filter(pk=seat.pk).update(external_name=who, external_hash=hashed, external_until=until, claimed_at=at)
    _note("external_invited", review, by, at, seat=seat.kind)
    return token


@transaction.atomic
def withdraw_external(*, seat: Seat, by: User, at: datetime) -> None:
    """End a link that was not used; the seat is free again."""
    seat = Seat.objects.select_related("review__organization").get(pk=seat.pk)
    if "approver" not in queries.standing(by, seat.review.organization, at).roles:
        raise NotAllowed(_("Only an approver invites somebody from outside."))
    if seat.external_hash is None:
        return
    if seat.scored_at is not None:
        raise Closed(_("The scores are handed in already."))
    _free([seat])
    _note("external_withdrawn", seat.review, by, at, seat=seat.kind)


# --- phrases ------------------------------------------------------------------------------------------


@transaction.atomic
def add_phrase(*, organization: Organization, en: str, es: str, by: User, at: datetime) -> Phrase:
    """A sentence to reuse, in both languages. The same sentence twice is one phrase."""
    words = {"en": " ".join(en.split()), "es": " ".join(es.split())}
    problems = []
    for language, text in words.items():
        if not text:
            problems.append(Problem(language, _("Write this in both languages. They go out together.")))
        elif len(text) > 400:
            problems.append(Problem(language, _("Shorten this to %(limit)s signs."), {"limit": 400}))
        elif "\x00" in text:
            problems.append(Problem(language, _("Take out the control characters.")))
    if problems:
        raise Refused(problems)
    existing = Phrase.objects.filter(organization=organization, ended_at=None, **words).first()
    if existing is not None:
        return existing
    phrase = Phrase.objects.create(organization=organization, made_by=by, made_at=at, **words)
    ledger.record(verb="assessment.phrase_added", subject=phrase, by=by.pk, at=at, organization=organization.pk)
    return phrase


@transaction.atomic
def retire_phrase(*, phrase: Phrase, by: User, at: datetime) -> None:
    """Put a phrase away. Feedback that used it keeps its words."""
    if Phrase.objects.filter(pk=phrase.pk, ended_at=None).update(ended_at=at):
        ledger.record(
            verb="assessment.phrase_retired", subject=phrase, by=by.pk, at=at, organization=phrase.organization_id
        )
