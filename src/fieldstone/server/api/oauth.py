"""The authorization server: apps register (RFC 7591), fetch tokens (RFC 6749, 7636), give them back (RFC 7009).

The page that asks the learner is `web/learner/apps.py`. Nothing here looks at cookies.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from fieldstone import credential
from fieldstone.server.api.answers import NO_STORE, for_apps, oauth_refusal, public
from fieldstone.server.connections import actions, queries, rules
from fieldstone.server.connections.models import App
from fieldstone.server.connections.rules import OAuthError, one
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.rate import limit

MAX_REGISTRATION = 20_000
"""The largest registration that is read, in bytes."""
REGISTRATIONS_PER_HOUR = 20
"""From one network address; a server that serves many learners registers once."""

TOKENS_PER_MINUTE = 300
"""From one network address, for the same reason many."""


def here(name: str) -> str:
    """The full address of one of our pages."""
    return f"{settings.BASE_URL}{reverse(name)}"


def metadata() -> dict[str, Any]:
    """What this authorization server does (RFC 8414)."""
    return {
        "issuer": settings.BASE_URL,
        "authorization_endpoint": here("learner:authorize"),
        "token_endpoint": here("api:token"),
        "registration_endpoint": here("api:register"),
        "revocation_endpoint": here("api:revoke"),
        "scopes_supported": list(rules.SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(rules.GRANTS),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "service_documentation": here("api:openapi"),
        "op_policy_uri": settings.PRIVACY_URL,
        "op_tos_uri": settings.TERMS_URL,
    }


@require_safe
def server_metadata(request: HttpRequest) -> HttpResponseBase:
    """The authorization server's metadata."""
    return public(request, JsonResponse(metadata()), seconds=3600)


@for_apps
def register(request: HttpRequest) -> HttpResponseBase:
    """An app registers itself and gets its id and its secret, once."""
    limit(request, "oauth-register", times=REGISTRATIONS_PER_HOUR, seconds=3600)
    if request.content_type != "application/json":
        raise OAuthError("invalid_client_metadata", "The request must be application/json.")
    try:
        body = credential.loads(request.body, max_bytes=MAX_REGISTRATION)
    except credential.CredentialError as error:
        raise OAuthError("invalid_client_metadata", error.detail) from None
    app, secret = actions.register(metadata=rules.parse_metadata(body), at=now())
    return JsonResponse(_registered(app, secret), status=201, headers=NO_STORE)


def _registered(app: App, secret: str) -> dict[str, Any]:
    return {
        "client_id": str(app.pk),
        "client_secret": secret,
        "client_id_issued_at": int(app.registered_at.timestamp()),
        "client_secret_expires_at": 0,
        "client_name": app.name,
        "client_uri": app.uri,
        "logo_uri": app.logo_uri,
        "tos_uri": app.tos_uri,
        "policy_uri": app.policy_uri,
        "software_id": app.software_id,
        "software_version": app.software_version,
        "redirect_uris": app.redirect_uris,
        "scope": app.scope,
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": app.grant_types,
        "response_types": ["code"],
        **({"contacts": app.contacts} if app.contacts else {}),
    }


class _Stranger(Exception):
    """The request does not come from a registered app."""


def _app(request: HttpRequest) -> App:
    """The app that posts a form, proven by its secret. Raises OAuthError or _Stranger."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "The request must be application/x-www-form-urlencoded.")
    given = rules.basic(request.headers.get("Authorization", ""))
    app = queries.app(given[0]) if given else None
    if given is None or app is None or not rules.matches(given[1], app.secret_hash):
        raise _Stranger
    return app


def _refused_stranger() -> HttpResponse:
    error = OAuthError("invalid_client", "Say who the app is with its id and secret in a Basic header.")
    return oauth_refusal(error, 401, {"WWW-Authenticate": 'Basic realm="Fieldstone", charset="UTF-8"'})


@for_apps
def token(request: HttpRequest) -> HttpResponseBase:
    """Tokens for a code, or new ones for a refresh token."""
    limit(request, "oauth-token", times=TOKENS_PER_MINUTE, seconds=60)
    try:
        app = _app(request)
    except _Stranger:
        return _refused_stranger()
    given = {name: one(dict(request.POST.lists()), name) for name in request.POST}
    grant = given.get("grant_type", "")
    if grant not in rules.GRANTS:
        raise OAuthError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.")
    if grant not in app.grant_types:
        raise OAuthError("unauthorized_client", "The app did not register for this grant_type.")
    if grant == "authorization_code":
        issued = actions.redeem(
            app=app,
            code=given.get("code", ""),
            redirect_uri=given.get("redirect_uri", ""),
            verifier=given.get("code_verifier", ""),
            at=now(),
        )
    else:
        issued = actions.refresh(app=app, token=given.get("refresh_token", ""), wanted=given.get("scope", ""), at=now())
    if issued is None:
        raise OAuthError("invalid_grant", "It is unknown, used, ended, or not proven.")
    body: dict[str, Any] = {
        "access_token": issued.access,
        "token_type": "Bearer",
        "expires_in": int(rules.ACCESS_LIFE.total_seconds()),
        "scope": issued.scope,
    }
    if issued.refresh:
        body["refresh_token"] = issued.refresh
    return JsonResponse(body, headers=NO_STORE)


@for_apps
def revoke(request: HttpRequest) -> HttpResponseBase:
    """An app gives a token back. A token that is not its own is left alone, and the answer is the same."""
    try:
        app = _app(request)
    except _Stranger:
        return _refused_stranger()
    given = {name: one(dict(request.POST.lists()), name) for name in request.POST}
    if given.get("token_type_hint", "refresh_token") not in ("access_token", "refresh_token"):
        raise OAuthError("unsupported_token_type", "token_type_hint must be access_token or refresh_token.")
    if not given.get("token"):
        raise OAuthError("invalid_request", "token is missing.")
    actions.revoke(app=app, token=given["token"], at=now())
    return HttpResponse(status=200, headers=NO_STORE)
