"""The Open Badges 3.0 API (section 6): an app reads and adds a learner's credentials and profile, with her consent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from fieldstone import credential
from fieldstone.credential.jwt import looks_like_jwt
from fieldstone.server.api import described
from fieldstone.server.api.answers import NO_STORE, Wrong, for_badges, public
from fieldstone.server.api.held import has_like, is_badge, page
from fieldstone.server.awards import checking
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.connections import queries, rules
from fieldstone.server.connections.models import Token
from fieldstone.server.journeys.bring_credential import bring
from fieldstone.server.journeys.write_name import change_profile
from fieldstone.server.people.models import User
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.rate import limit

PAGE, MAX_PAGE = 50, 200
"""How many credentials one answer holds, if the app does not say, and at the most."""
MAX_CREDENTIAL = 1_000_000
"""The largest credential that an app may add, in bytes."""
REQUESTS_PER_MINUTE, ADDED_PER_MINUTE = 240, 30
"""By one connection."""
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
JSON_TYPES = {"application/json", "application/vc+ld+json", "application/ld+json", "application/vc"}

Handler = Callable[[HttpRequest, User], HttpResponse]


def _with_consent(request: HttpRequest, handlers: Mapping[str, tuple[str, Handler]]) -> HttpResponse:
    """Run the handler of the method for the learner whose token this is, if it opens the scope. Raises Wrong."""
    method = request.method or ""
    if method not in handlers:
        allowed = ", ".join(handlers)
        raise Wrong(405, f"This address answers {allowed}.", headers={"Allow": allowed})
    scope, handler = handlers[method]
    given = request.headers.get("Authorization", "")
    if not given:
        raise Wrong(401, "An access token is needed.", headers={"WWW-Authenticate": _challenge()})
    named = rules.bearer(given)
    token = queries.bearer(named, at=now()) if named else None
    if token is None:
        sentence = "The access token is unknown or has ended."
        raise Wrong(401, sentence, headers={"WWW-Authenticate": _challenge(error="invalid_token")})
    _count(request, token)
    if scope not in token.scope.split():
        asked = _challenge(error="insufficient_scope", scope=scope)
        raise Wrong(403, f"The learner did not allow {scope}.", headers={"WWW-Authenticate": asked})
    return handler(request, token.connection.learner)


def _challenge(**words: str) -> str:
    """What a 401 and a 403 tell the app (RFC 6750 section 3)."""
    return ", ".join(('Bearer realm="Fieldstone"', *(f'{name}="{word}"' for name, word in words.items())))


def _count(request: HttpRequest, token: Token) -> None:
    of = str(token.connection.pk)
    limit(request, "badges-api", times=REQUESTS_PER_MINUTE, seconds=60, of=of)
    if request.method == "POST":
        limit(request, "badges-add", times=ADDED_PER_MINUTE, seconds=60, of=of)


# --- credentials --------------------------------------------------------------------------------------


@for_badges
def credentials(request: HttpRequest) -> HttpResponseBase:
    """getCredentials (section 6.2.2) and upsertCredential (6.2.3)."""
    return _with_consent(request, {"GET": (rules.CREDENTIALS_READ, _list), "POST": (rules.CREDENTIALS_WRITE, _upsert)})


def _list(request: HttpRequest, learner: User) -> HttpResponse:
    """The documents stand in the answer as they were signed: not a byte is written anew."""
    size = min(_number(request, "limit", least=1, default=PAGE), MAX_PAGE)
    offset = _number(request, "offset", least=0, default=0)
    since = _moment(request)
    found = page(learner, since=since, offset=offset, limit=size)
    tokens = ",".join(f'"{token}"' for token in found.tokens)
    body = f'{{"credential":[{",".join(found.documents)}],"compactJwsString":[{tokens}]}}'
    response = HttpResponse(body.encode(), content_type="application/json", headers=NO_STORE)
    response["X-Total-Count"] = str(found.total)
    response["Link"] = _links(size, offset, found.total, since)
    return response


def _number(request: HttpRequest, name: str, *, least: int, default: int) -> int:
    given = _once(request, name)
    if given is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", given, re.ASCII) or int(given) < least:
        raise Wrong(400, f"{name} must be a whole number from {least} on.", minor="invalid_query_parameter")
    return int(given)


def _moment(request: HttpRequest) -> datetime | None:
    given = _once(request, "since")
    if given is None:
        return None
    try:  # a plus sign that was not escaped arrives as a blank
        return credential.parse_timestamp(given.replace(" ", "+"))
    except credential.CredentialError:
        sentence = "since must be a moment such as 2026-11-23T15:00:00Z."
        raise Wrong(400, sentence, minor="invalid_query_parameter") from None


def _once(request: HttpRequest, name: str) -> str | None:
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise Wrong(400, f"{name} stands there more than once.", minor="invalid_query_parameter")
    return values[0] if values else None


def _links(size: int, offset: int, total: int, since: datetime | None) -> str:
    """The Link header (section 6.4): first and last always, next and prev where there is something."""
    last = (total - 1) // size * size if total else 0
    places = {"first": 0, "last": last}
    if offset + size < total:
        places["next"] = offset + size
    if offset > 0:
        places["prev"] = max(0, offset - size)
    more = {"since": credential.timestamp(since)} if since else {}
    here = f"{settings.BASE_URL}{reverse('api:credentials')}"
    return ", ".join(
        f'<{here}?{urlencode({"limit": size, "offset": place, **more})}>; rel="{name}"'
        for name, place in places.items()
    )


def _upsert(request: HttpRequest, learner: User) -> HttpResponse:
    """Keep a verified credential on the learner's page; the answer is the request's own bytes."""
    data = _credential(request)
    report = checking.check(data, at=now())
    if report.verdict != credential.Verdict.VERIFIED:
        raise Wrong(400, _why(report))
    replaces = has_like(learner, report)
    try:
        _row, new = bring(learner=learner, data=data, report=report, source="api", at=now(), replace=True)
    except backpack.OneOfOurs:  # what she earned here stands on her page already, as it was signed
        new = False
    kind = "text/plain" if request.content_type == "text/plain" else "application/json"
    return HttpResponse(data, content_type=kind, status=201 if new and not replaces else 200, headers=NO_STORE)


def _credential(request: HttpRequest) -> bytes:
    """The body, if it is what its content type says. Raises Wrong."""
    token = request.content_type == "text/plain"
    if not token and request.content_type not in JSON_TYPES:
        raise Wrong(415, "Send application/json, or text/plain with a compact JWS.")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_CREDENTIAL or len(request.body) > MAX_CREDENTIAL:
        raise Wrong(413, f"A credential is at most {MAX_CREDENTIAL} bytes.")
    if token != looks_like_jwt(request.body.decode("utf-8", "replace")) or not is_badge(request.body):
        raise Wrong(400, "The body is not an Open Badges 3.0 AchievementCredential of this content type.")
    return request.body


def _why(report: credential.Report) -> str:
    """The checks that did not pass, in one sentence each."""
    failed = [check for check in report.checks if check.outcome is credential.Outcome.FAILED]
    unsure = [check for check in report.checks if check.outcome is credential.Outcome.COULD_NOT_TELL]
    told = " ".join(f"{check.number}. {check.name}: {check.detail}" for check in failed or unsure)
    return f"The credential could not be verified. {told}"[:2000]


# --- profile ------------------------------------------------------------------------------------------


@for_badges
def profile(request: HttpRequest) -> HttpResponseBase:
    """getProfile (section 6.2.4) and putProfile (6.2.5)."""
    return _with_consent(request, {"GET": (rules.PROFILE_READ, _profile), "PUT": (rules.PROFILE_WRITE, _put_profile)})


def _told(learner: User) -> dict[str, Any]:
    about = {"name": learner.name, "email": learner.email, "phone": learner.phone}
    return {
        "@context": CONTEXTS,
        "id": f"urn:uuid:{learner.pk}",
        "type": ["Profile"],
        **{name: value for name, value in about.items() if value},
    }


def _profile(request: HttpRequest, learner: User) -> HttpResponse:
    return JsonResponse(_told(learner), headers=NO_STORE)


def _put_profile(request: HttpRequest, learner: User) -> HttpResponse:
    """Name and phone can be changed; the address with which she signs in cannot, nor what is not kept here."""
    if request.content_type not in JSON_TYPES:
        raise Wrong(415, "Send application/json.")
    try:
        given = credential.loads(request.body, max_bytes=20_000)
    except credential.CredentialError as error:
        raise Wrong(400, error.detail) from None
    if not isinstance(given, dict):
        raise Wrong(400, "The body must be a Profile.")
    kinds = given.get("type")
    if given.get("id") != f"urn:uuid:{learner.pk}" or "Profile" not in (kinds if isinstance(kinds, list) else [kinds]):
        raise Wrong(400, "The Profile must have the type and the id that getProfile gives.")
    other = sorted(set(given) - {"@context", "id", "type", "name", "email", "phone"})
    if other:
        raise Wrong(400, f"Not kept here: {', '.join(other)[:500]}.")
    if not all(isinstance(given.get(name, ""), str) for name in ("name", "email", "phone")):
        raise Wrong(400, "name, email and phone must be texts.")
    if given.get("email", "") != (learner.email or ""):
        raise Wrong(400, "The e-mail address opens the account and cannot be changed here.")
    change_profile(
        user=learner, name=given.get("name", ""), language=learner.language, phone=given.get("phone", ""),
        area=learner.area, keys_on=learner.keys_on, at=now(),
    )  # fmt: skip
    return _profile(request, User.objects.get(pk=learner.pk))


# --- discovery ----------------------------------------------------------------------------------------


@require_safe
def discovery(request: HttpRequest) -> HttpResponseBase:
    """getServiceDescription (section 6.3): the Open Badges part of our OpenAPI document."""
    return public(request, JsonResponse(described.service_description()), seconds=3600)


@require_safe
def openapi(request: HttpRequest) -> HttpResponseBase:
    """Everything that this site answers to other software, as OpenAPI."""
    return public(request, JsonResponse(described.everything()), seconds=3600)
