"""Share or move: the one place where a credential's copies, audience and ways into wallets stand together."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fieldstone.server.web.learner import holdings
from fieldstone.server.web.shared.access import now, person, signed_in


@require_safe
@signed_in
def share_or_move(request: HttpRequest, award: UUID) -> HttpResponse:
    """Everything that she can do with one credential. The parts are templates in `learner/move/`."""
    held = holdings.read_one(person(request), award, at=now(), base_url=settings.BASE_URL)
    if held is None:
        raise Http404
    return render(request, "learner/share_or_move.html", {"held": held})
