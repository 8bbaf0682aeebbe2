"""Her dates in her calendar: the page where she turns the secret address on and off, and what calendar apps read."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.ledger.kept import digest
from fieldstone.server.people import actions, queries
from fieldstone.server.people.models import CalendarFeed
from fieldstone.server.web.learner import dates
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.calendar import CONTENT_TYPE
from fieldstone.server.web.shared.forms import typed
from fieldstone.server.web.shared.qr import qr
from fieldstone.server.web.shared.rate import limit

AN_HOUR = 3600
READS = 60
"""How often an hour one address is read; calendar apps ask once or twice."""


def address(feed: CalendarFeed) -> str:
    """The address that a calendar app reads; empty where the site's secret was changed since it was made."""
    token = actions.calendar_token(feed)
    if digest(token) != feed.token_hash:
        return ""
    return settings.BASE_URL + reverse("learner:dates", args=[token])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    """Turn the address on, take a new one, or turn it off."""
    user = person(request)
    if request.method == "POST":
        return _do(request)
    feed = queries.calendar_of(user)
    url = address(feed) if feed else ""
    context = {
        "feed": feed,
        "url": url,
        "webcal": f"webcal://{url.partition('://')[2]}" if url else "",
        "qr": qr(url) if url else "",
        "events": [(event.start, event.summary) for event in dates.events(user, at=now())],
    }
    return render(request, "learner/calendar.html", context)


def _do(request: HttpRequest) -> HttpResponseBase:
    user, wanted, of = person(request), request.POST.get("do"), typed(request.POST.get("of"), 40)
    if wanted not in ("open", "renew", "close"):
        raise BadRequest("do")
    limit(request, "calendar-change", times=30, seconds=AN_HOUR, of=str(user.pk))
    if wanted == "open":
        actions.open_calendar(user=user, at=now())
    elif wanted == "renew":
        actions.renew_calendar(user=user, of=of, at=now())
        said = _("This is your new address. The old one has stopped; add this one to your calendar.")
        messages.success(request, said)
    else:
        actions.close_calendar(user=user, of=of, at=now())
        messages.success(request, _("Turned off. Calendars that had the address get nothing from it any more."))
    return redirect("learner:calendar")


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """Her dates for whoever has the secret, in her language. An unchanged calendar is not sent again (304)."""
    found = queries.calendar_feed(token[:80])
    if found is None:
        limit(request, "calendar-guess", times=60, seconds=600)
        raise Http404
    limit(request, "calendar", times=READS, seconds=AN_HOUR, of=str(found.pk))
    language = found.user.language
    with translation.override(language):
        body = dates.feed(found.user, at=now(), language=language)
    answer = HttpResponse(body, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = 'inline; filename="fieldstone.ics"'
    answer["Content-Language"] = language
    answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = _quiet(answer)
    conditional = get_conditional_response(request, etag=answer["ETag"], response=answer)
    return _quiet(conditional) if isinstance(conditional, HttpResponse) else answer


def _quiet(answer: HttpResponse) -> HttpResponse:
    """Nobody on the way keeps it, no search engine lists it, and its address is told to nobody."""
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
