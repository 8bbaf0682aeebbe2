"""A badge from elsewhere that its holder lets others see."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.awards import checking
from fieldstone.server.backpack import queries
from fieldstone.server.backpack.models import Brought
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.brought import tell
from fieldstone.server.web.shared.files import brought_file
from fieldstone.server.web.shared.rate import limit


def _shown(brought: UUID) -> Brought:
    row = queries.shown(brought)
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, brought: UUID) -> HttpResponse:
    """What it is, and how its last check went; posted to, how it goes now. Nothing is kept of that."""
    row, report, at = _shown(brought), None, now()
    if request.method == "POST":
        limit(request, "check", times=settings.CHECKS_PER_MINUTE, seconds=60)
        report = checking.check(bytes(row.file.body), at=at)
    told = tell(row, mine=False, report=report)
    return render(request, "public/brought.html", {"told": told, "at": at if report else row.checked_at})


@require_safe
def file(request: HttpRequest, brought: UUID) -> HttpResponse:
    """The file as it was brought."""
    return brought_file(_shown(brought))
