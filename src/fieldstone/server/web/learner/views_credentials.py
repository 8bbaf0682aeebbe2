"""A learner's credentials, and who may see them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries as awarded
from fieldstone.server.backpack import actions as bringing
from fieldstone.server.backpack import queries as backpack
from fieldstone.server.web.learner import holdings
from fieldstone.server.web.learner.common import own_award
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.brought import tell


@require_GET
@signed_in
def credentials(request: HttpRequest) -> HttpResponseBase:
    """Everything she earned, and apart from it what she brought from elsewhere."""
    user = person(request)
    rows = holdings.read(user, at=now(), base_url=settings.BASE_URL)
    brought = [tell(row, mine=True) for row in backpack.of_learner(user)]
    waiting = [(bringing.pickup_token(row), row, awarded.title(row.award)) for row in backpack.waiting_for(user, now())]
    return render(request, "learner/credentials.html", {"rows": rows, "brought": brought, "waiting": waiting})


@require_POST
@signed_in
def audience(request: HttpRequest, award: UUID) -> HttpResponseBase:
    """Choose who may see one credential."""
    found = own_award(request, award)
    awards.share(award=found, audience=request.POST.get("audience", ""), by=person(request), at=now())
    messages.success(request, _("Chosen. You can change it whenever you like."))
    return redirect("learner:share_or_move", found.pk)
