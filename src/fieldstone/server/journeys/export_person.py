"""Everything that is held on a person, as one ZIP: a readable JSON file, her files, her signed credentials."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder

from fieldstone.server.assessment.models import Appeal, Review
from fieldstone.server.awards import queries as awards
from fieldstone.server.awards.models import Award, Copy
from fieldstone.server.backpack.models import BatchRow, Brought, Pickup
from fieldstone.server.backpack.rules import suffix as ending
from fieldstone.server.connections.models import Connection
from fieldstone.server.delivery import queries as delivery
from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy, Submission
from fieldstone.server.ledger.models import Entry
from fieldstone.server.pathways.models import Aim, Nearness, Nudge, Pursuit
from fieldstone.server.people.models import CalendarFeed, Membership, PrintedCode, User
from fieldstone.server.recognition.models import Claim
from fieldstone.server.study.models import CohortMember
from fieldstone.server.wallets.models import Shown
from fieldstone.server.workplace import queries as workplace

KINDS = (
    "answers",
    "artifacts",
    "submissions",
    "reviews",
    "awards",
    "brought",
    "stacks",
    "workplaces",
    "claims",
    "shown",
    "wallets",
    "cohorts",
    "apps",
    "record",
)


def held_on(user: User) -> dict[str, Any]:
    """Every row about this person, as plain data. Scores carry no assessor's name."""
    works = Enrollment.objects.filter(learner=user).select_related("micro_credential")
    return {
        "person": {
            "id": user.pk, "name": user.name, "email": user.email, "phone": user.phone, "area": user.area,
            "language": user.language, "joined": user.joined_at,
        },
        "roles": list(
            Membership.objects.filter(user=user).values("organization__name", "role", "granted_at", "ended_at")
        ),
        "codes_on_paper": list(PrintedCode.objects.filter(user=user).values("made_at", "expires_at", "last_used_at")),
        "calendars": list(CalendarFeed.objects.filter(user=user).values("made_at", "ended_at")),
        "works": list(works.values("id", "micro_credential__slug", "version__number", "started_at", "touched_at",
                                   "permission_at", "prior_learning", "left_at")),
        "answers": list(
            Answer.objects.filter(enrollment__learner=user).values("enrollment", "part", "text", "revision", "saved_at")
        ),
        "kept_copies": list(
            KeptCopy.objects.filter(answer__enrollment__learner=user).values("answer__part", "text", "written_at")
        ),
        "artifacts": list(
            Artifact.objects.filter(enrollment__learner=user).values(
                "id", "enrollment", "part", "kind", "title", "url", "blob", "is_public", "added_at", "removed_at"
            )
        ),
        "submissions": list(
            Submission.objects.filter(enrollment__learner=user).values("code", "number", "content", "sent_at")
        ),
        "reviews": list(
            Review.objects.filter(submission__enrollment__learner=user).values(
                "submission__code", "state", "opened_at", "due_at", "outcome", "result", "decided_at"
            )
        ),
        "appeals": list(
            Appeal.objects.filter(review__submission__enrollment__learner=user).values(
                "reason", "opened_at", "answer", "upheld", "closed_at"
            )
        ),
        "awards": list(
            Award.objects.filter(learner=user).values(
                "code", "organization__name", "issued_at", "valid_until", "audience", "sha256", "suspended_at",
                "suspended_reason", "revoked_at", "revoked_reason",
            )
        ),
        "wallets": delivery.held_on(user),
        "brought": list(
            Brought.objects.filter(learner=user).values(
                "id", "title", "issuer_name", "issued_at", "source", "source_url", "brought_at", "audience", "verdict",
                "belongs", "checked_at", "sha256",
            )
        ),
        "lists": list(
            BatchRow.objects.filter(award__learner=user).values(
                "batch__organization__name", "name", "email", "narrative", "awarded", "until", "language", "done_at"
            )
        ),
        "links": list(
            Pickup.objects.filter(award__learner=user).values("name", "email", "made_at", "expires_at", "claimed_at")
        ),
        "aim": list(
            Aim.objects.filter(learner=user).values(
                "county", "area", "wage_cents", "own_business", "hours_a_week", "money_cents", "occupation",
                "updated_at",
            )
        ),
        "stacks": list(Pursuit.objects.filter(learner=user).values("stack__slug", "started_at", "done", "needed")),
        "nearest_stacks": list(
            Nearness.objects.filter(learner=user).order_by("rank").values("stack_version__stack__slug", "left", "whole")
        ),
        "notes": list(Nudge.objects.filter(learner=user).values("stack__slug", "told_at", "closed_at")),
        **workplace.held_on(user),
        "claims": list(
            Claim.objects.filter(learner=user).values(
                "promise__organization__name", "promise__headline", "note", "claimed_at", "due_at", "outcome", "reason"
            )
        ),
        "shown": list(Shown.objects.filter(learner=user).values("who", "purpose", "titles", "at", "withdrawn_at")),
        "cohorts": list(CohortMember.objects.filter(learner=user).values("cohort__name", "joined_at")),
        "apps": list(
            Connection.objects.filter(learner=user).values(
                "app__name", "app__uri", "scope", "allowed_at", "ends_at", "ended_at", "ended_why"
            )
        ),
        "record": list(Entry.objects.filter(by=user.pk).order_by("id").values("at", "verb", "subject_type")),
    }  # fmt: skip


def write_export(*, user: User, at: datetime, out: IO[bytes]) -> None:
    """Write the ZIP to `out`: data.json, credentials/CODE.json (also -record, -2.0), copies/ and brought/ID byte for
    byte, files/ID."""
    data = {"written_at": at, **held_on(user)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        for award in Award.objects.filter(learner=user).select_related("document"):
            if hasattr(award, "document"):
                archive.writestr(f"credentials/{award.code}.json", award.document.body)
            if (record := awards.learner_record(award)) is not None:
                archive.writestr(f"credentials/{award.code}-record.json", record)
            if (older := awards.older_form(award)) is not None:
                archive.writestr(f"credentials/{award.code}-2.0.json", older[0])
        for copy in Copy.objects.filter(award__learner=user).select_related("award"):
            archive.writestr(f"copies/{copy.award.code}-{copy.form}-{copy.pk}", copy.body)
        for brought in Brought.objects.filter(learner=user).select_related("file"):
            archive.writestr(f"brought/{brought.pk}.{ending(brought.file.media_type)}", bytes(brought.file.body))
        for artifact in Artifact.objects.filter(enrollment__learner=user, blob__isnull=False).select_related("blob"):
            if artifact.blob and default_storage.exists(artifact.blob.path):
                suffix = artifact.blob.media_type.split("/")[-1].split("+")[0][:8]
                with default_storage.open(artifact.blob.path) as stored:
                    archive.writestr(f"files/{artifact.pk}.{suffix}", stored.read())
