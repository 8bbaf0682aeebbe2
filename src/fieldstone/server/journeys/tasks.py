"""What the worker can do: the name of a ledger task, and the function that does it.

A handler gets the ledger's entry and the moment. It may run twice (a worker can be killed), so it does nothing the
second time, or the same thing again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from django.core.files.storage import default_storage

from fieldstone.server.assessment.models import Review
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import certificates_of
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.backpack.models import Batch, Brought, Pickup
from fieldstone.server.connections import actions as connections
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.evidence.models import Submission
from fieldstone.server.journeys import award_list, bring_credential, mail, nudge, survey_stacks, withdraw_award
from fieldstone.server.ledger.models import Entry
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import Nudge, Survey
from fieldstone.server.people.models import Organization
from fieldstone.server.recognition.models import Claim
from fieldstone.server.wallets import actions as wallets
from fieldstone.server.wallets.models import Reply
from fieldstone.server.workplace.models import Placement, SupervisorLink, SupervisorReview

Handler = Callable[[Entry, datetime], None]


def _received(entry: Entry, at: datetime) -> None:
    for submission in Submission.objects.filter(pk=entry.subject_id):
        mail.received(submission, entry)


def _about_review(tell: Callable[[Review, Entry], None], entry: Entry, at: datetime) -> None:
    for review in Review.objects.filter(pk=entry.subject_id).exclude(outcome=""):
        tell(review, entry)


def _about_award(kind: str, entry: Entry, at: datetime) -> None:
    for award in Award.objects.filter(pk=entry.subject_id).select_related("organization", "learner", "version"):
        mail.about_award(award, entry, kind)


def _ended(entry: Entry, at: datetime) -> None:
    for award in Award.objects.filter(pk=entry.subject_id):
        withdraw_award.ended(award=award, at=at)


def _erase_certificates(entry: Entry, at: datetime) -> None:
    folder = certificates_of(str(entry.data["sha256"]))
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        default_storage.delete(f"{folder}/{name}")


def _about_claim(tell: Callable[[Claim, Entry], None], entry: Entry, at: datetime) -> None:
    for claim in Claim.objects.filter(pk=entry.subject_id).select_related("promise__organization", "learner"):
        tell(claim, entry)


def _erase_files(entry: Entry, at: datetime) -> None:
    evidence.erase_orphans(storage=default_storage)


def _check_brought(entry: Entry, at: datetime) -> None:
    """Only what is due: a check on demand has set a later day, and has a task of its own."""
    for brought in Brought.objects.filter(pk=entry.subject_id, next_check_at__lte=at).select_related("file"):
        bring_credential.check_again(brought=brought, at=at)


def _erase_shown(entry: Entry, at: datetime) -> None:
    for reply in Reply.objects.filter(pk=entry.subject_id, erase_at__lte=at).select_related("request"):
        wallets.erase(reply=reply, why="date", by=None, at=at)


def _shown(entry: Entry, at: datetime) -> None:
    for reply in Reply.objects.filter(pk=entry.subject_id).select_related("request__organization", "request__made_by"):
        mail.shown(reply, entry)


def _forget_app(entry: Entry, at: datetime) -> None:
    connections.forget_app(app=entry.subject_id, at=at)


def _award_list(entry: Entry, at: datetime) -> None:
    for batch in Batch.objects.filter(pk=entry.subject_id).select_related(
        "version__micro_credential__organization", "started_by"
    ):
        award_list.award_list(batch=batch, at=at)


def _drop_list(entry: Entry, at: datetime) -> None:
    for batch in Batch.objects.filter(pk=entry.subject_id, state__in=("read", "handed")):
        backpack.stop_list(batch=batch, by=None, at=at)


def _about_pickup(tell: Callable[[Pickup, Entry], None], entry: Entry, at: datetime) -> None:
    for pickup in Pickup.objects.filter(pk=entry.subject_id).select_related(
        "award__organization", "award__version", "award__document"
    ):
        tell(pickup, entry)


def _about_link(tell: Callable[[SupervisorLink, Entry], None], entry: Entry, at: datetime) -> None:
    for link in SupervisorLink.objects.filter(pk=entry.subject_id).select_related(
        "placement__learner", "placement__organization", "placement__version"
    ):
        tell(link, entry)


def _reviewed(entry: Entry, at: datetime) -> None:
    for review in SupervisorReview.objects.filter(pk=entry.subject_id).select_related("placement__learner"):
        mail.reviewed(review.placement, entry)


def _set_aside(entry: Entry, at: datetime) -> None:
    for placement in Placement.objects.filter(pk=entry.subject_id).select_related("learner", "organization"):
        mail.set_aside(placement, entry)


def _nudge_learners(entry: Entry, at: datetime) -> None:
    for organization in Organization.objects.filter(pk=entry.subject_id):
        nudge.nudge_learners(organization=organization, at=at)


def _nudged(entry: Entry, at: datetime) -> None:
    for note in stacks.notes(Nudge.objects.filter(pk=entry.subject_id).select_related("learner")):
        mail.nudge(note, entry)


def _survey_stacks(entry: Entry, at: datetime) -> None:
    for survey in Survey.objects.filter(pk=entry.subject_id):
        survey_stacks.survey_stacks(survey=survey, at=at)


HANDLERS: Mapping[str, Handler] = {
    "erase_files": _erase_files,
    "mail_received": _received,
    "mail_decision": partial(_about_review, mail.decision),
    "mail_appeal": partial(_about_review, mail.appeal),
    "mail_name_needed": partial(_about_review, mail.name_needed),
    "mail_award": partial(_about_award, "issued"),
    "mail_award_again": partial(_about_award, "again"),
    "mail_withdrawn": partial(_about_award, "withdrawn"),
    "mail_suspended": partial(_about_award, "suspended"),
    "mail_reinstated": partial(_about_award, "reinstated"),
    "mail_claimed": partial(_about_claim, mail.claimed),
    "mail_claim_answered": partial(_about_claim, mail.claim_answered),
    "award_ended": _ended,
    "erase_certificates": _erase_certificates,
    "check_brought": _check_brought,
    "award_list": _award_list,
    "drop_list": _drop_list,
    "mail_pickup": partial(_about_pickup, mail.pickup),
    "mail_not_me": partial(_about_pickup, mail.not_me),
    "mail_supervisor": partial(_about_link, mail.supervisor),
    "mail_not_supervisor": partial(_about_link, mail.not_supervisor),
    "mail_hours_refused": partial(_about_link, mail.hours_refused),
    "mail_reviewed": _reviewed,
    "mail_set_aside": _set_aside,
    "erase_shown": _erase_shown,
    "mail_shown": _shown,
    "forget_app": _forget_app,
    "survey_stacks": _survey_stacks,
    "nudge_learners": _nudge_learners,
    "mail_nudge": _nudged,
}
"""Ledger task to handler. `award_ended` runs on a credential's last day."""
ONLY_SEND = frozenset(name for name in HANDLERS if name.startswith("mail_"))
"""These write nothing to the database, so the worker holds no lock on it while a mail server takes its time."""
LAST = frozenset({"check_brought"})
"""These are done when nothing else is due: strangers' sites decide how long they take, and no mail waits for them."""
ALONE = ONLY_SEND | {"check_brought", "award_list", "survey_stacks", "nudge_learners"}
"""The worker opens no transaction around these: they take long, and write in short ones of their own."""
