"""Sentences that assessors reuse in their feedback."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fieldstone.server.assessment.models import Phrase
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


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
