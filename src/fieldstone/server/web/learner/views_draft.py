"""What the script of the evidence page posts: words as they are typed, one file at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fieldstone.server.evidence import actions
from fieldstone.server.ledger.ids import uuid_of
from fieldstone.server.web.learner import evidence as pages
from fieldstone.server.web.learner.common import key_of, own_enrollment, whole_form
from fieldstone.server.web.shared.access import now, person
from fieldstone.server.web.shared.uploads import too_large


def _signed_out(request: HttpRequest) -> JsonResponse | None:
    """401 for nobody, 403 for somebody else than whose draft it is: the draft stays on the phone."""
    if not request.user.is_authenticated:
        return JsonResponse({"problem": "signed_out"}, status=401)
    owner = request.headers.get("X-Person", "")
    return None if owner == str(request.user.pk) else JsonResponse({"problem": "somebody_else"}, status=403)


def _json_problem(message: str, name: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"problems": [{"field": name, "message": message}]}, status=status)


def _typed(body: Any) -> tuple[dict[str, actions.Typed], str] | JsonResponse:
    if not isinstance(body, Mapping) or not isinstance(body.get("answers"), Mapping):
        return _json_problem("Give an object with “answers”.", "answers")
    key = body.get("key")
    if not isinstance(key, str) or not 8 <= len(key) <= 100:
        return _json_problem("Give a key of 8 to 100 signs.", "key")
    found: dict[str, actions.Typed] = {}
    for part, one in body["answers"].items():
        if not isinstance(one, Mapping) or not isinstance(one.get("text"), str):
            return _json_problem("Give a text.", f"answers.{part}.text")
        base = one.get("base")
        if not isinstance(base, int) or isinstance(base, bool) or not 0 <= base < 2**31:
            return _json_problem("Give the revision that the text was typed on.", f"answers.{part}.base")
        copy = one.get("copy")
        if copy is not None and uuid_of(copy) is None:
            return _json_problem("This is no kept copy.", f"answers.{part}.copy")
        found[part] = actions.Typed(one["text"], base, uuid_of(copy))
    return found, key


@require_POST
def draft(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Autosave: words with the revision they were typed on; answers 200, or 409 where both copies are kept now."""
    refused = _signed_out(request)
    if refused:
        return refused
    found = own_enrollment(request, enrollment)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return _json_problem("This is not JSON.", "")
    read = _typed(body)
    if isinstance(read, JsonResponse):
        return read
    typed, key = read
    saved = actions.save(enrollment=found, draft=actions.Draft(answers=typed), by=person(request), at=now(), key=key)
    answer = {
        part: {
            "revision": one.revision,
            "mark": pages.mark_of(typed[part].text),
            "copy": str(one.copy) if one.copy else None,
            "url": reverse("learner:both", args=[enrollment, one.copy]) if one.copy else None,
        }
        for part, one in saved.items()
    }
    return JsonResponse({"saved": answer}, status=409 if any(one.copy for one in saved.values()) else 200)


@require_POST
def files(request: HttpRequest, enrollment: UUID, part: str) -> HttpResponseBase:
    """One file from the script; answers with its card. A body that was cut off is refused whole."""
    refused = _signed_out(request)
    if refused:
        return refused
    found = own_enrollment(request, enrollment)
    data = whole_form(request)
    limit = settings.EVIDENCE_MAX_BYTES // 1_000_000
    if too_large(request):
        return _json_problem(_("This file is larger than %(limit)s MB.") % {"limit": limit}, "file", 413)
    upload = request.FILES.get("file")
    if upload is None:
        return _json_problem(_("Choose a file."), "file")
    artifact = actions.attach(
        enrollment=found,
        part=part,
        file=cast(Any, upload.file),
        name=upload.name or "",
        by=person(request),
        at=now(),
        key=key_of(data),
    )
    card = render_to_string("learner/card.html", {"file": artifact, "enrollment": found}, request=request)
    return JsonResponse({"id": str(artifact.pk), "card": card})
