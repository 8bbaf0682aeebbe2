"""Put people into a cohort by their e-mail addresses, whether they have an account yet or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import User
from fieldstone.server.study import actions as study
from fieldstone.server.study.models import Cohort, CohortMember

LIMIT = 200
"""Addresses that one request may bring."""


@dataclass(frozen=True)
class Filled:
    """How many were put in now, and how many were in it before."""

    added: int
    before: int


@transaction.atomic
def by_emails(*, cohort: Cohort, emails: str, language: str, by: User, at: datetime) -> Filled:
    """Addresses parted by spaces, commas or lines. All or none: Refused names each that is no address."""
    typed = list(dict.fromkeys(re.split(r"[\s,;]+", emails.lower().strip())))
    typed = [address for address in typed if address]
    if not typed:
        raise Refused(_("Write at least one e-mail address."), "emails")
    if len(typed) > LIMIT:
        raise Refused(_("Add at most %(limit)s addresses at a time."), "emails", limit=LIMIT)
    learners: list[User] = []
    problems: list[Problem] = []
    for address in typed:
        try:
            learners.append(people.welcome(email=address, language=language, at=at))
        except Refused:
            problems.append(Problem("emails", _("“%(address)s” is no e-mail address."), {"address": address[:80]}))
    if problems:
        raise Refused(problems)
    here = set(CohortMember.objects.filter(cohort=cohort).values_list("learner", flat=True))
    new = [learner for learner in learners if learner.pk not in here]
    for learner in new:
        study.join_cohort(cohort=cohort, learner=learner, coach=None, by=by, at=at)
    return Filled(len(new), len(learners) - len(new))
