"""The page behind a recognizer's link: who asks for what, why, and the ways to answer. And the receipt."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.wallets import actions, queries, rules
from fieldstone.server.web.shared.access import now, person
from fieldstone.server.web.shared.qr import qr
from fieldstone.server.web.shared.rate import limit


@never_cache
@require_safe
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks, what and why. Answering is one step further, from a wallet app or from one's page here."""
    row = queries.by_token(token)
    if row is None:
        limit(request, "asked", times=30, seconds=600)
        raise Http404
    standing = rules.standing(
        ends_at=row.ends_at, closed_at=row.closed_at, replied=queries.reply_of(row) is not None, erased=False, at=now()
    )
    wallet = rules.wallet_link(settings.BASE_URL, row.token, row.client_id)
    mine = request.user.is_authenticated and queries.shown_by(person(request)).filter(request=row).exists()
    context = {"ask": row, "mine": mine, "open": standing == "waiting", "standing": standing}
    context |= {"wallet": wallet, "qr": qr(wallet)}
    return render(request, "public/asked.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """What was shown, for the person who showed it with a wallet app; here she can take it back."""
    reply = queries.by_receipt(receipt)
    if reply is None:
        limit(request, "receipt", times=30, seconds=600)
        raise Http404
    if request.POST.get("back") == "yes":
        actions.erase(reply=reply, why="consent", by=None, at=now())
        messages.success(request, _("Taken back. What you showed is erased there."))
        return redirect("public:receipt", receipt)
    titles = [reply.request.asked[item["asked"]]["title"] for item in reply.items]
    return render(request, "public/receipt.html", {"reply": reply, "ask": reply.request, "titles": titles})
