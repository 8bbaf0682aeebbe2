"""What an assessor scores is kept line by line, and closed when the sheet is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from fieldstone.server.assessment import queries, rules
from fieldstone.server.assessment.actions.problems import Closed, LinkEnded, NotSeated, SheetNotReady
from fieldstone.server.assessment.actions.steps import lock_review, note_down, tidy_words
from fieldstone.server.assessment.models import Appeal, Phrase, Score, Seat
from fieldstone.server.calibration import queries as calibration
from fieldstone.server.catalog.rules import CANNOT_TELL, Criterion
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


@dataclass(frozen=True)
class LineInput:
    """What an assessor typed for one criterion. `phrases` are keys as in `queries.phrases_for`."""

    level: str = ""
    comment: str = ""
    phrases: Sequence[str] = field(default_factory=tuple)


def own_seat(seat: Seat, by: User | None, at: datetime) -> Seat:
    """The seat as it is now, held by this person (or by the link, if `by` is None)."""
    seat = Seat.objects.select_related("review").get(pk=seat.pk)
    seat.review = lock_review(seat.review)
    if by is None:
        if seat.external_hash is None or seat.external_until is None:
            raise NotSeated(_("You do not hold this one."))
        if at >= seat.external_until and seat.scored_at is None:
            raise LinkEnded(_("This link has ended. Ask for a new one."))
    elif seat.assessor_id != by.pk:
        raise NotSeated(_("You do not hold this one."))
    return seat


def still_open(seat: Seat) -> None:
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
    seat = own_seat(seat, by, at)
    still_open(seat)
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
            "comment": tidy_words(line.comment, f"comment-{name}"),
            "phrases": _phrases(criterion, line.phrases, seat.review.organization, old),
        }
        blank = old is None and not any(values.values())
        if blank or (old is not None and all(getattr(old, key) == value for key, value in values.items())):
            continue
        Score.objects.update_or_create(seat=seat, criterion=name, defaults={**values, "scored_at": at})
        changed.append(name)
    if changed:
        note_down("scored", seat.review, by, at, seat=seat.kind, criteria=changed)
    return len(changed)


def record_score(
    *, seat: Seat, criterion: str, level: str, by: User | None, at: datetime, comment: str = "",
    phrases: Sequence[str] = (),
) -> Score | None:  # fmt: skip
    """`record_scores` for one criterion; the score as kept, None when all of it was blank."""
    record_scores(seat=seat, lines={criterion: LineInput(level, comment, phrases)}, by=by, at=at)
    return Score.objects.filter(seat=seat, criterion=criterion).first()


def finish_sheet(seat: Seat, by: User | None, at: datetime) -> None:
    """Close a complete sheet. Raises SheetNotReady, or NotSeated when calibration ran out meanwhile."""
    problems = rules.sheet_problems(queries.criteria_for(seat), queries.sheet(seat))
    if problems:
        raise SheetNotReady(problems)
    subject = seat.review.micro_credential
    if by is not None and calibration.has_exemplars(subject) and not calibration.is_calibrated(by, subject, at):
        raise NotSeated(_("Your calibration has ended. Score the examples again; your scores here are kept."))
    close_sheet(seat, at)


def close_sheet(seat: Seat, at: datetime, **values: Any) -> None:
    """A seat's part is done, once. Raises Closed the second time."""
    if not Seat.objects.filter(pk=seat.pk, scored_at=None).update(scored_at=at, **values):
        raise Closed(_("Your scores are handed in. They can no longer change."))
