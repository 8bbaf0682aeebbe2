"""Placements at work, for coaches and program leads: where each stands, a link again, closing, setting aside."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.journeys import supervise
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.shared import work as words
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed
from fieldstone.server.web.shared.qr import qr
from fieldstone.server.workplace import actions, queries, rules
from fieldstone.server.workplace.models import Placement


def _row(standing: queries.Standing) -> dict[str, Any]:
    chip, said = words.STATES[standing.state]
    return {"standing": standing, "placement": standing.placement, "chip": chip, "told": said}


@require_safe
@inside("coach")
def placements(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every placement of the organization's learners, open ones first, the oldest first."""
    asked = typed(request.GET.get("q"), 80)
    chosen = Placement.objects.filter(organization=organization).order_by(
        F("closed_at").desc(nulls_first=True), "started_at", "id"
    )
    if asked:
        chosen = chosen.filter(Q(learner__name__icontains=asked) | Q(employer__icontains=asked))
    page = Paginator(chosen, 30).get_page(request.GET.get("page"))
    ids = [row.pk for row in page.object_list]
    standings = queries.standings(chosen.filter(pk__in=ids), now())
    context = {
        "organization": organization, "page": page, "rows": [_row(s) for s in standings], "asked": asked,
        "query": urlencode({"q": asked}) if asked else "",
    }  # fmt: skip
    return render(request, "coach/placements.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@inside("coach")
def placement(request: HttpRequest, organization: Organization, placement: UUID) -> HttpResponseBase:
    """One placement. Posted to: `mail` or `hand` the link, `close`, `aside`, `open`. No words of the learner's."""
    found = get_object_or_404(Placement.objects.select_related("learner"), pk=placement, organization=organization)
    own = found.learner_id == person(request).pk
    if request.method == "POST":
        try:
            _do(request, found)
        except Refused as refused:
            context = {**_context(organization, found, own), "reason": typed(request.POST.get("reason"), 600)}
            return again(request, "coach/placement.html", context, refused)
        return redirect("coach:placement", organization.slug, found.pk)
    return render(request, "coach/placement.html", _context(organization, found, own))


def _context(organization: Organization, placement: Placement, own: bool) -> dict[str, Any]:
    """What the page shows. A coach's `own` work shows its link only where every learner may hand it over."""
    at = now()
    standing = queries.standing(placement, at)
    link = standing.link if standing.link and rules.link_state(standing.link, at) == "open" else None
    context: dict[str, Any] = {
        "organization": organization, **_row(standing), "link": link, "kind": words.KINDS[placement.kind],
        "definition": placement.version.parsed,
    }  # fmt: skip
    may_see = not own or context["definition"].by_hand
    if link is not None and not link.email and placement.closed_at is None and may_see:
        url = words.address(link)
        context |= {"url": url, "qr": qr(url)}
    return context


def _do(request: HttpRequest, placement: Placement) -> None:
    wish, by, at = request.POST.get("do", ""), person(request), now()
    if wish in ("mail", "hand"):
        link = actions.make_link(placement=placement, by_hand=wish == "hand", by=by, at=at)
        if link.email:
            messages.success(request, _("The link is on its way to %(email)s.") % {"email": link.email})
    elif wish == "close":
        actions.close(placement=placement, reason="", set_aside=False, by=by, at=at)
    elif wish == "aside":
        supervise.set_aside(placement=placement, reason=typed(request.POST.get("reason"), 600), by=by, at=at)
        messages.success(request, _("Set aside. The learner is told."))
    elif wish == "open":
        supervise.take_up_again(placement=placement, by=by, at=at)
    else:
        raise BadRequest("do")
