"""Badges from elsewhere: bring one, read how its check went, choose who sees it, take it away."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.awards.checking import MAX_BYTES
from fieldstone.server.backpack import actions, queries, rules
from fieldstone.server.backpack.models import Brought
from fieldstone.server.journeys import bring_credential
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _m
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.brought import HERS, tell
from fieldstone.server.web.shared.files import brought_file
from fieldstone.server.web.shared.forms import again, typed
from fieldstone.server.web.shared.rate import limit
from fieldstone.server.web.shared.uploads import too_large

TRIES = 40
"""Badges that one person may bring, or check again, in an hour."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bring(request: HttpRequest) -> HttpResponseBase:
    """Bring a badge by its file, its address or its text; it is checked at once."""
    if request.method != "POST":
        return render(request, "learner/bring.html", {"form": {}})
    user = person(request)
    limit(request, "bring", times=TRIES, seconds=3600, of=str(user.pk))
    form = {"url": typed(request.POST.get("url"), 1000).strip(), "text": typed(request.POST.get("text"), MAX_BYTES + 1)}
    try:
        row, new = _bring(request, form)
    except Refused as refused:
        had_file = bool(request.FILES.get("file") or too_large(request))
        return again(request, "learner/bring.html", {"form": form, "had_file": had_file}, refused)
    messages.success(request, _("It is on your page now.") if new else _("You brought this one before. Here it is."))
    return redirect("learner:brought", row.pk)


def _bring(request: HttpRequest, form: dict[str, str]) -> tuple[Brought, bool]:
    at, user, upload = now(), person(request), request.FILES.get("file")
    text = form["text"].strip()
    if upload is not None or too_large(request):
        if text or form["url"]:
            raise Refused(_("Give one thing only: a file, an address, or a text. Clear the others."), "file")
        if upload is None or (upload.size or 0) > rules.MAX_FILE:
            raise actions.TooMuch(_m("This file is larger than any badge. The limit is %(limit)s MB."), "file", limit=2)
        return bring_credential.bring(learner=user, data=upload.read(), source="file", at=at)
    if text and form["url"]:
        raise Refused(_("Give one thing only: a file, an address, or a text. Clear the others."), "text")
    if not text and not form["url"]:
        raise Refused(_("Choose a file, give an address, or paste the text of a badge."), "file")
    if re.fullmatch(r"https?://\S+", text) and not form["url"]:
        return bring_credential.bring_from(learner=user, url=text, at=at)
    if not text:
        return bring_credential.bring_from(learner=user, url=form["url"], at=at)
    if len(text) > MAX_BYTES:
        raise Refused(_("This text is longer than any badge."), "text")
    return bring_credential.bring(learner=user, data=text.encode(), source="text", at=at)


def _hers(request: HttpRequest, brought: UUID) -> Brought:
    row = queries.hers(person(request), brought)
    if row is None:
        raise Http404
    return row


@require_safe
@signed_in
def brought(request: HttpRequest, brought: UUID) -> HttpResponse:
    """One of hers: what it is, whether it is genuine, whether we can tell that it is hers."""
    row = _hers(request, brought)
    shown = request.build_absolute_uri(reverse("public:brought", args=[row.pk]))
    context: dict[str, Any] = {"told": tell(row, mine=True), "link": shown, "hers": row.belongs in HERS}
    return render(request, "learner/brought.html", {**context, "picture": rules.small_picture(bytes(row.file.body))})


@require_POST
@signed_in
def check(request: HttpRequest, brought: UUID) -> HttpResponseBase:
    """Check it once more, now."""
    row = _hers(request, brought)
    limit(request, "bring", times=TRIES, seconds=3600, of=str(person(request).pk))
    bring_credential.check_again(brought=row, by=person(request), at=now())
    messages.success(request, _("Checked."))
    return redirect("learner:brought", row.pk)


@require_POST
@signed_in
def audience(request: HttpRequest, brought: UUID) -> HttpResponseBase:
    """Choose who may see it."""
    row = _hers(request, brought)
    actions.share(brought=row, audience=typed(request.POST.get("audience"), 20), by=person(request), at=now())
    messages.success(request, _("Chosen. You can change it whenever you like."))
    return redirect("learner:brought", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove(request: HttpRequest, brought: UUID) -> HttpResponseBase:
    """Take it off her page, after a yes."""
    row = _hers(request, brought)
    if request.method != "POST":
        return render(request, "learner/brought_remove.html", {"told": tell(row, mine=True)})
    actions.remove(brought=row, by=person(request), at=now())
    messages.success(request, _("It is off your page. Nothing of it is kept here."))
    return redirect("learner:credentials")


@require_safe
@signed_in
def file(request: HttpRequest, brought: UUID) -> HttpResponse:
    """The file as it was brought."""
    return brought_file(_hers(request, brought), inline="show" in request.GET)
