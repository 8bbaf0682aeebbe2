"""Every write of calibration: exemplars, and the scores with which assessors show that they judge by the rubric."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from fieldstone.outcomes import reliability
from fieldstone.server.calibration import queries, rules
from fieldstone.server.calibration.models import Calibration, Exemplar, ExemplarScore
from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.catalog.rules import CANNOT_TELL
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User


class Ended(Conflict):
    """The example is no longer in use."""


@transaction.atomic
def add_exemplar(
    *,
    version: Version,
    title: str,
    content: Mapping[str, Any],
    true_scores: Mapping[str, str],
    by: User | None,
    at: datetime,
) -> Exemplar:
    """A worked example with its true scores. `content` as in a submission: `answers` and `artifacts` by part.

    The same title twice for one micro-credential is one exemplar.
    """
    definition = version.parsed
    words = " ".join(title.split())
    problems = []
    if not words or len(words) > 160 or "\x00" in words:
        problems.append(Problem("title", _("Give the example a title of up to 160 signs.")))
    answers = {part.id: str(content.get("answers", {}).get(part.id, "")).strip() for part in definition.parts()}
    answers = {part: text for part, text in answers.items() if text}
    artifacts = {
        part.id: list(ids) for part in definition.artifacts if (ids := content.get("artifacts", {}).get(part.id))
    }
    if not answers and not artifacts:
        problems.append(Problem("title", _("Write at least one part of the example.")))
    for part, text in answers.items():
        if len(text) > 20_000:
            problems.append(Problem(f"answer-{part}", _("Shorten this to %(limit)s signs."), {"limit": 20_000}))
        elif "\x00" in text:
            problems.append(Problem(f"answer-{part}", _("Take out the control characters.")))
    for criterion in definition.criteria:
        level = true_scores.get(criterion.id, "")
        if level != CANNOT_TELL and criterion.level(level) is None:
            problems.append(Problem(f"level-{criterion.id}", _("Choose the true level of this criterion.")))
    if problems:
        raise Refused(problems)
    subject = version.micro_credential
    existing = Exemplar.objects.filter(version__micro_credential=subject, title=words, ended_at=None).first()
    if existing is not None:
        return existing
    kept: dict[str, Any] = {"answers": answers, "artifacts": artifacts}
    if content.get("submission"):
        kept["submission"] = str(content["submission"])
    exemplar = Exemplar.objects.create(
        version=version,
        title=words,
        content=kept,
        true_scores={c.id: true_scores[c.id] for c in definition.criteria},
        made_at=at,
        made_by=by,
    )
    ledger.record(
        verb="calibration.exemplar_added",
        subject=exemplar,
        by=by.pk if by else None,
        at=at,
        organization=subject.organization_id,
    )
    return exemplar


@transaction.atomic
def retire_exemplar(*, exemplar: Exemplar, by: User, at: datetime) -> None:
    """Put an exemplar away. Calibrations that were reached with it stay."""
    if Exemplar.objects.filter(pk=exemplar.pk, ended_at=None).update(ended_at=at):
        ledger.record(
            verb="calibration.exemplar_retired",
            subject=exemplar,
            by=by.pk,
            at=at,
            organization=exemplar.version.micro_credential.organization_id,
        )


@transaction.atomic
def score_exemplar(*, exemplar: Exemplar, scores: Mapping[str, str], by: User, at: datetime) -> Calibration | None:
    """Score an exemplar without seeing the true scores. The last open one settles the try.

    Returns the try's result when it is settled (`valid_until` after `at` when it was reached), else None.
    The same exemplar twice in one try changes nothing. Raises Refused for missing levels.
    """
    User.objects.select_for_update().get(pk=by.pk)
    if exemplar.ended_at is not None:
        raise Ended(_("This example is no longer in use."))
    if exemplar.made_by_id == by.pk:
        raise NotAllowed(_("You wrote this example. Somebody else has to score it."))
    criteria = exemplar.version.parsed.criteria
    problems = [
        Problem(f"level-{c.id}", _("Choose a level for this criterion."))
        for c in criteria
        if scores.get(c.id) != CANNOT_TELL and c.level(scores.get(c.id, "")) is None
    ]
    if problems:
        raise Refused(problems)
    row = ExemplarScore.objects.filter(exemplar=exemplar, assessor=by).first()
    if row is not None and not rules.opens_again(row.scored_at, at=at):
        return None
    ExemplarScore.objects.update_or_create(
        exemplar=exemplar,
        assessor=by,
        defaults={"scores": {c.id: scores[c.id] for c in criteria}, "scored_at": at},
    )
    ledger.record(
        verb="calibration.exemplar_scored",
        subject=exemplar,
        by=by.pk,
        at=at,
        organization=exemplar.version.micro_credential.organization_id,
    )
    return _calibrate(exemplar.version.micro_credential, by, at)


def _calibrate(subject: MicroCredential, by: User, at: datetime) -> Calibration | None:
    """Compare with the true scores once nothing is open any more and enough was scored since the last try."""
    exemplars = [e for e in queries.exemplars_of([subject.pk]) if e.made_by_id != by.pk]
    rows = {r.exemplar_id: r for r in ExemplarScore.objects.filter(assessor=by, exemplar__in=exemplars)}
    if any(e.pk not in rows or rules.opens_again(rows[e.pk].scored_at, at=at) for e in exemplars):
        return None
    last = Calibration.objects.filter(assessor=by, micro_credential=subject).order_by("-reached_at").first()
    this_try = [e for e in exemplars if last is None or rows[e.pk].scored_at > last.reached_at]
    pairs = [
        (c.category(e.true_scores[c.id]), c.category(rows[e.pk].scores[c.id]))
        for e in this_try
        for c in e.version.parsed.criteria
    ]
    if len(pairs) < rules.FEW_SCORES and len(this_try) < len(exemplars):
        return None
    matched = sum(a == b for a, b in pairs)
    good = rules.reached(matched, len(pairs))
    calibration = Calibration.objects.create(
        assessor=by,
        micro_credential=subject,
        matched=matched,
        total=len(pairs),
        kappa=reliability.agreement(pairs).kappa,
        reached_at=at,
        valid_until=at + timedelta(days=rules.VALID_DAYS) if good else at,
    )
    ledger.record(
        verb="calibration.reached" if good else "calibration.missed",
        subject=calibration,
        by=by.pk,
        at=at,
        organization=subject.organization_id,
        data={"matched": matched, "total": len(pairs)},
    )
    return calibration
