"""Run inside a house's own processes: `set N` makes the cast and N learners, `look` counts what is there,
`verify` checks every signed document, `work` is the worker with a short lease. All but the last print JSON.
"""

from __future__ import annotations

import email
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import django


def _session(user: Any) -> str:
    """A session cookie of somebody who has signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from fieldstone.server.web.shared.views_account import BACKEND

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def set_stage(learners: int) -> dict[str, Any]:
    """The cast with two calibrated assessors who may hold many, and learners who are signed in."""
    from django.core.management import call_command

    from fieldstone.server.people.models import Organization
    from tests.assessment.kit import calibrate
    from tests.cast import make_cast, make_person

    call_command("setup")
    at = datetime.now(UTC)
    cast = make_cast(at)
    home = cast.home
    Organization.objects.filter(pk=home.organization.pk).update(hold_limit=50)
    calibrate(at, home.first, home.second, house=home)
    return {
        "learners": [_session(make_person(f"Learner Number {n}", at)) for n in range(learners)],
        "assessors": [_session(home.first), _session(home.second)],
    }


def _far_mail_server() -> None:
    """Mail takes a while on its way there and back, so that a kill meets a worker in the middle of it."""
    from django.core.mail.backends.filebased import EmailBackend

    near = EmailBackend.send_messages

    def far(self: Any, messages: Any) -> Any:
        time.sleep(0.08)
        sent = near(self, messages)
        time.sleep(0.08)
        return sent

    EmailBackend.send_messages = far


def look() -> dict[str, Any]:
    """What the tables and the mail folder hold."""
    from django.conf import settings

    from fieldstone.server.assessment.models import Review
    from fieldstone.server.awards.models import Award, SignedDocument, StatusList, StatusSlot
    from fieldstone.server.evidence.models import Answer, Artifact, Submission
    from fieldstone.server.ledger.models import Entry, Task

    mails: Counter[str] = Counter()
    broken = 0
    for path in settings.EMAIL_FILE_PATH.glob("*.log"):
        for text in path.read_text().split("-" * 79 + "\n"):
            mark = email.message_from_string(text.lstrip("\n")).get("Message-ID", "")
            if mark:
                mails[mark.strip("<>").split("@")[0]] += 1
            elif text.strip():
                broken += 1
    now = datetime.now(UTC)
    due = Task.objects.filter(run_after__lte=now)
    return {
        "submissions": list(Submission.objects.values_list("code", "enrollment__learner__name")),
        "answers": Answer.objects.count(),
        "artifacts": Artifact.objects.count(),
        "artifacts_without_file": [
            str(a.pk) for a in Artifact.objects.select_related("blob") if a.blob and not (settings.MEDIA_ROOT / a.blob.path).exists()
        ],
        "reviews_open": Review.objects.exclude(state="decided").count(),
        "decided": [str(pk) for pk in Review.objects.filter(outcome="demonstrated").values_list("pk", flat=True)],
        "awarded_reviews": [str(pk) for pk in Award.objects.values_list("review_id", flat=True)],
        "documents": SignedDocument.objects.count(),
        "slots": [[str(a), b] for a, b in StatusSlot.objects.values_list("list_id", "index")],
        "slots_per_award": sorted(set(Counter(StatusSlot.objects.values_list("award_id", flat=True)).values())),
        "lists": [[one.used, one.slots.count()] for one in StatusList.objects.all()],
        "tasks": due.count(),
        "tasks_open": due.filter(done_at=None).count(),
        "tasks_tried_again": due.filter(attempts__gt=1).count(),
        "task_errors": sorted(set(due.exclude(error="").values_list("error", flat=True))),
        "mail_entries": [
            [entry, handler] for entry, handler in due.filter(handler__startswith="mail_").values_list("entry_id", "handler")
        ],
        "verbs": dict(Counter(Entry.objects.values_list("verb", flat=True))),
        "mails": dict(mails),
        "mails_broken": broken,
    }


def verify_all() -> dict[str, int]:
    """How every stored document does in our own verifier."""
    from fieldstone.credential import AnyIssuer, Offline, verify
    from fieldstone.server.awards.models import SignedDocument

    verdicts: Counter[str] = Counter()
    for body in SignedDocument.objects.values_list("body", flat=True):
        report = verify(body.encode(), resolver=Offline(), at=datetime.now(UTC), policy=AnyIssuer())
        failed = [check.question for check in report.checks if check.outcome.value == "failed"]
        verdicts["; ".join(failed) or "nothing failed"] += 1
    return dict(verdicts)


if __name__ == "__main__":
    django.setup()
    what, *more = sys.argv[1:]
    if what == "work":
        from fieldstone.server.management import worker

        worker.LEASE = timedelta(seconds=4)  # so that what a killed worker held is taken up again soon
        _far_mail_server()
        worker.run()
        sys.exit()
    answer = {"set": lambda: set_stage(int(more[0])), "look": look, "verify": verify_all}[what]()
    print(json.dumps(answer))
