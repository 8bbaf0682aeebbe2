"""Promises that a learner can claim, and what came of those she claimed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.awards import queries as awarded
from fieldstone.server.journeys.claim_promise import claim_promise
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.recognition import queries
from fieldstone.server.recognition.models import Claim, Promise
from fieldstone.server.recognition.rules import standing
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again, typed
from fieldstone.server.web.shared.promises import STANDING_CHIPS, STANDING_WORDS, record_words


@dataclass(frozen=True)
class Mine:
    """One of her claims: the chip and the words for where it stands."""

    claim: Claim
    standing: str
    chip: str
    words: str


def _mine(claim: Claim, at: datetime) -> Mine:
    where = standing(due_at=claim.due_at, answered_at=claim.answered_at, outcome=claim.outcome, at=at)
    return Mine(claim, where, STANDING_CHIPS[where], str(STANDING_WORDS[where]))


@require_safe
@signed_in
def claims(request: HttpRequest) -> HttpResponse:
    """What she can claim now, and her claims with the recognizers' answers."""
    at, user = now(), person(request)
    able = queries.claimable(user, at)
    mine = [_mine(row, at) for row in queries.claims_of(user)]
    targets = queries.targets([*(row.told.promise for row in able), *(row.claim.promise for row in mine)])
    context = {
        "able": [(row, targets.get(row.told.promise.pk), record_words(row.told.record)) for row in able],
        "mine": [(row, targets.get(row.claim.promise_id)) for row in mine],
    }
    return render(request, "learner/claims.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def claim(request: HttpRequest, award: UUID, promise: UUID) -> HttpResponseBase:
    """Hold a recognizer to a promise with an award of one's own, with a word to them if she likes."""
    at, user = now(), person(request)
    mine = awarded.of_learner(user).filter(pk=award).first()
    asked = Promise.objects.filter(pk=promise).select_related("organization").first()
    fits = mine and asked and (asked.micro_credential_id, asked.stack_id) == (mine.micro_credential_id, mine.stack_id)
    if mine is None or asked is None or not fits:
        raise Http404
    context: dict[str, Any] = {
        "promise": asked,
        "award": mine,
        "title": awarded.title(mine),
        "record": record_words(queries.told([asked], at)[0].record),
    }
    if request.method == "GET":
        return render(request, "learner/claim.html", {**context, "form": {"key": new_id()}})
    form = {"note": typed(request.POST.get("note")), "key": typed(request.POST.get("key"), 100)}
    if not form["key"]:
        raise BadRequest("key")
    try:
        claim_promise(promise=asked, award=mine, by=user, at=at, **form)
    except Refused as refused:
        return again(request, "learner/claim.html", {**context, "form": form}, refused)
    messages.success(request, _("Received. The answer comes to this page and by mail."))
    return redirect("learner:claims")
