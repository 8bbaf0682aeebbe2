"""Share or move: the one place where a credential's copies, audience and ways into wallets stand together."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries
from fieldstone.server.web.learner import holdings
from fieldstone.server.web.learner.common import own_award
from fieldstone.server.web.shared.access import now, person, signed_in


@require_safe
@signed_in
def share_or_move(request: HttpRequest, award: UUID) -> HttpResponse:
    """Everything that she can do with one credential. The parts are templates in `learner/move/`."""
    held = holdings.read_one(person(request), award, at=now(), base_url=settings.BASE_URL)
    if held is None:
        raise Http404
    context = {
        "held": held,
        "older": (queries.older_form(held.award) or ("", False))[1],
        "record": queries.learner_record(held.award) is not None,
    }
    return render(request, "learner/share_or_move.html", context)


@require_POST
@signed_in
def older(request: HttpRequest, award: UUID) -> HttpResponseBase:
    """Publish one credential in the form of Open Badges 2.0, for an older backpack."""
    found = own_award(request, award)
    awards.host(award=found, by=person(request), at=now())
    messages.success(request, _("Ready. The picture for older backpacks is below."))
    return redirect("learner:share_or_move", found.pk)


@require_POST
@signed_in
def record(request: HttpRequest, award: UUID) -> HttpResponseBase:
    """Sign a stack's learner record."""
    found = own_award(request, award)
    awards.sign_record(award=found, by=person(request), at=now())
    messages.success(request, _("Ready. The learner record is below."))
    return redirect("learner:share_or_move", found.pk)
