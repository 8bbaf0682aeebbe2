"""A credential that waits for its holder: seen, downloaded and made hers by a link, without an account."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fieldstone.server.awards.queries import title
from fieldstone.server.backpack import actions, queries, rules
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.journeys.mail_again import mail_again
from fieldstone.server.journeys.pick_up import pick_up
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import User
from fieldstone.server.web.public import story
from fieldstone.server.web.public.story import look_of
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.forms import again
from fieldstone.server.web.shared.rate import limit


def _pickup(request: HttpRequest, token: str) -> Pickup:
    """The link of this secret. Raises Http404; guessing is limited."""
    found = queries.pickup(token[:80])
    if found is None:
        limit(request, "pickup", times=60, seconds=600)
        raise Http404
    return found


def _context(request: HttpRequest, pickup: Pickup, token: str) -> dict[str, Any]:
    award = pickup.award
    state = rules.pickup_state(pickup, now())
    if award.revoked_at is not None and state == "open":
        state = "withdrawn"
    return {
        "pickup": pickup,
        "token": token,
        "award": award,
        "state": state,
        "title": title(award),
        "look": look_of(award),
        "reason": story.ended_words(award),
        "masked": masked(pickup.email),
        "noindex": True,
        "language": get_language(),
    }


def masked(email: str) -> str:
    """An address that its owner knows again and nobody else learns: m…@example.org."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}…@{host}" if host else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    """See it; posted to: make it hers (`mine`), or ask for a new link to the same address (`again`)."""
    pickup = _pickup(request, token)
    context = _context(request, pickup, token)
    if request.method != "POST":
        return render(request, "public/pickup.html", context)
    if request.POST.get("do") not in ("mine", "again"):
        raise BadRequest("do")
    limit(request, "pickup-use", times=30, seconds=3600, of=str(pickup.award_id))
    try:
        if request.POST.get("do") == "again" and context["state"] == "expired":
            mail_again(award=pickup.award, name=pickup.name, email=pickup.email, last=None, by=None, at=now())
            return render(request, "public/pickup.html", {**context, "sent": True})
        return _mine(request, pickup)
    except Refused as refused:
        return again(request, "public/pickup.html", _context(request, pickup, token), refused)


def _mine(request: HttpRequest, pickup: Pickup) -> HttpResponseBase:
    user = request.user if isinstance(request.user, User) else None
    learner = pick_up(pickup=pickup, user=user, at=now())
    onward = reverse("learner:share_or_move", args=[pickup.award_id])
    if user is not None:
        messages.success(request, _("It is yours now."))
        return redirect(onward)
    messages.success(request, _("It is yours now. To see your page, type the code that we just mailed."))
    LoginCodeVerificationProcess.initiate(request=request, user=learner, email=learner.email)
    return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': onward})}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """The mail went to somebody else: ask, end the link, tell the issuer."""
    pickup = _pickup(request, token)
    context = _context(request, pickup, token)
    if request.method != "POST":
        return render(request, "public/pickup_not_me.html", context)
    if request.POST.get("do") != "not_me":
        raise BadRequest("do")
    try:
        actions.not_me(pickup=pickup, at=now())
    except Refused as refused:
        return again(request, "public/pickup.html", context, refused)
    pickup.refresh_from_db()
    return render(request, "public/pickup.html", _context(request, pickup, token))
