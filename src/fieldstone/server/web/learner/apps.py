"""Apps of others: the page that asks a learner for her consent, and the list of those that have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.connections import actions, queries, rules
from fieldstone.server.connections.models import App, Connection
from fieldstone.server.connections.rules import Asked, OAuthError
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again, typed

PERMISSIONS = {
    rules.CREDENTIALS_READ: (
        gettext_lazy("Read your credentials"),
        gettext_lazy("All of them, also those that you keep to yourself."),
    ),
    rules.CREDENTIALS_WRITE: (
        gettext_lazy("Add credentials"),
        gettext_lazy("It may put badges from elsewhere on your page. It cannot change what you earned here."),
    ),
    rules.PROFILE_READ: (
        gettext_lazy("Read your name, e-mail address and phone"),
        gettext_lazy("Nothing else from your account."),
    ),
    rules.PROFILE_WRITE: (
        gettext_lazy("Change your name and phone"),
        gettext_lazy("Your name stands on the credentials that you get from then on."),
    ),
}
CARRIED = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
)  # fmt: skip
"""What an app's request holds; the form carries all of it and everything is checked again when it comes back."""


@dataclass(frozen=True)
class Permission:
    """One thing that an app may do, in words; `kept` is whether the box is ticked."""

    scope: str
    words: str
    hint: str
    kept: bool = True


def _permissions(scope: tuple[str, ...], kept: set[str]) -> list[Permission]:
    return [Permission(s, str(w), str(h), s in kept) for s, (w, h) in PERMISSIONS.items() if s in scope]


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def authorize(request: HttpRequest) -> HttpResponseBase:
    """Ask the learner; her answer, and nothing else, sends her browser to the app.

    An app that is not known, or an address that it did not register, gets no answer at all: she is told here. Also
    whatever else is wrong with a request is told here, with a link back, so that nobody is sent anywhere by a link
    alone (RFC 9700 section 4.11.2).
    """
    params = dict((request.POST if request.method == "POST" else request.GET).lists())
    app, redirect_uri = _who_asks(params)
    if app is None:
        return render(request, "learner/app_unknown.html", status=404)
    try:
        asked = rules.parse_request(params, redirect_uri=redirect_uri, offered=app.scope.split())
    except OAuthError as error:
        state = (params.get("state") or [""])[0]
        answer = {"error": error.error, "error_description": error.description, **({"state": state} if state else {})}
        back = rules.with_answer(redirect_uri, {**answer, "iss": settings.BASE_URL})
        context = {"app": app, "host": urlsplit(redirect_uri).hostname, "back": back, "why": error.description}
        return render(request, "learner/app_wrong.html", context, status=400)
    if request.method == "GET":
        return _ask(request, app, asked, kept=set(asked.scope))
    return _answer(request, app, asked)


def _who_asks(params: Mapping[str, list[str]]) -> tuple[App | None, str]:
    """The app and the address to go back to, if the app registered exactly that one."""
    try:
        app = queries.app(rules.one(params, "client_id"))
        redirect_uri = rules.one(params, "redirect_uri")
    except OAuthError:
        return None, ""
    return (app, redirect_uri) if app and redirect_uri in app.redirect_uris else (None, "")


def _context(app: App, asked: Asked, kept: set[str], key: str) -> dict[str, object]:
    carried = {
        "client_id": app.pk, "redirect_uri": asked.redirect_uri, "response_type": "code", "state": asked.state,
        "scope": " ".join(asked.scope), "code_challenge": asked.challenge, "code_challenge_method": "S256", "key": key,
    }  # fmt: skip
    lasts = "refresh_token" in app.grant_types
    return {
        "app": app,
        "host": urlsplit(asked.redirect_uri).hostname,
        "permissions": _permissions(asked.scope, kept),
        "until": now() + rules.CONNECTION_LIFE if lasts else None,
        "carried": carried,
    }


def _ask(request: HttpRequest, app: App, asked: Asked, *, kept: set[str]) -> HttpResponse:
    response = render(request, "learner/app_allow.html", _context(app, asked, kept, str(new_id())))
    return _may_leave(response, asked)


def _may_leave(response: HttpResponse, asked: Asked) -> HttpResponse:
    """Browsers follow a form only to where the page's policy says, also by a redirect: add the app's address."""
    response._csp_update = {"form-action": [rules.origin(asked.redirect_uri)]}  # type: ignore[attr-defined]  # django-csp reads it
    return response


def _answer(request: HttpRequest, app: App, asked: Asked) -> HttpResponseBase:
    """What the learner decided, told to the app through her browser."""
    about = {"state": asked.state, "iss": settings.BASE_URL}
    if request.POST.get("answer") != "allow":
        return redirect(rules.with_answer(asked.redirect_uri, {"error": "access_denied", **about}))
    kept, key = set(request.POST.getlist("allow")), typed(request.POST.get("key"), 80)
    scope = rules.granted(asked, kept)
    try:
        if not scope:
            raise Refused(gettext_noop("Leave at least one of these on, or choose not to connect."), "allow")
        code = actions.allow(app=app, asked=asked, scope=scope, by=person(request), at=now(), key=key)
    except Refused as refused:
        context = _context(app, asked, kept, str(new_id()))
        return _may_leave(again(request, "learner/app_allow.html", context, refused), asked)
    answer = {"code": code, "scope": " ".join(scope), **about}
    return redirect(rules.with_answer(asked.redirect_uri, answer))


@never_cache
@require_safe
@signed_in
def connected(request: HttpRequest) -> HttpResponse:
    """The apps that can act for her now."""
    rows = [
        {
            "connection": row,
            "host": urlsplit(row.app.uri).hostname,
            "may": _permissions(tuple(row.scope.split()), set()),
        }
        for row in queries.of_learner(person(request), at=now())
    ]
    return render(request, "learner/apps.html", {"rows": rows})


@require_POST
@signed_in
def disconnect(request: HttpRequest, connection: UUID) -> HttpResponseBase:
    """Shut an app out, at once."""
    row = Connection.objects.filter(pk=connection, learner=person(request)).select_related("app").first()
    if row is None:
        raise Http404
    actions.disconnect(connection=row, by=person(request), at=now())
    messages.success(
        request, _("%(app)s is disconnected. It can read and change nothing from now on.") % {"app": row.app.name}
    )
    return redirect("learner:apps")
