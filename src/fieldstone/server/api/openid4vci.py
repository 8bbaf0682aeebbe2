"""OpenID for Verifiable Credential Issuance 1.0: what wallets ask. Each organization is a credential issuer.

Cookies are never looked at; everything is answered in JSON, refusals with the error words of the standard. The page
that asks the learner is `web/learner/wallets.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from fieldstone import credential
from fieldstone.server.delivery import actions, queries, rules
from fieldstone.server.delivery.models import WalletGrant
from fieldstone.server.delivery.rules import Wrong
from fieldstone.server.journeys import fill_wallet as journey
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.rate import TooOften, limit

NO_STORE = {"Cache-Control": "no-store"}
FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
MAX_BODY = 200_000
"""The largest request that is read, in bytes: ten proofs with room to spare."""

MAX_PARAMETER = 20_000
"""The longest field of a form, in characters."""
ASKED_PER_MINUTE = 60
"""Requests with the tokens of one permission."""
NONCES_PER_MINUTE = 300
"""From one network address, behind which a class may sit."""

View = Callable[[HttpRequest, Organization], HttpResponseBase]


def _headed(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    for name, value in {**FROM_ANYWHERE, **headers}.items():
        response[name] = value


def refusal(wrong: Wrong) -> HttpResponse:
    """A refusal as JSON; where the token is at fault, with the header of RFC 6750 section 3."""
    sentence = wrong.sentence.replace('"', "'").replace("\\", "/").encode("ascii", "replace").decode()
    answer = JsonResponse({"error": wrong.error, "error_description": sentence}, status=wrong.status)
    if wrong.status == 401:
        answer["WWW-Authenticate"] = f'Bearer error="{wrong.error}"'
    return answer


def _answer(view: View, request: HttpRequest, org: str) -> HttpResponseBase:
    try:
        organization = Organization.objects.filter(slug=org).first()
        if organization is None:
            raise Wrong("invalid_request", "There is no such issuer.", 404)
        return view(request, organization)
    except Wrong as wrong:
        return refusal(wrong)
    except TooOften as often:
        return refusal(Wrong("slow_down", often.problems[0].english(), 429))
    except Refused as refused:
        sentence = refused.problems[0].english()
        if refused.status == 503:  # nothing is wrong with the request; what signs does not answer now
            return refusal(Wrong("temporarily_unavailable", sentence, 503))
        return refusal(Wrong("credential_request_denied", sentence))
    except RequestDataTooBig:
        return refusal(Wrong("invalid_request", "The request is too big.", 413))
    except SuspiciousOperation:
        return refusal(Wrong("invalid_request", "The request cannot be read."))


def posted(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """An address that wallets post to, also from a page elsewhere in a browser."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, org: str) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse()
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        elif request.method != "POST":
            response = refusal(Wrong("invalid_request", "This address is only posted to.", 405))
            response["Allow"] = "POST, OPTIONS"
        else:
            response = _answer(view, request, org)
        _headed(response, NO_STORE)
        return response

    return answered


def read(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A document that anybody may read and keep for a moment."""

    @require_safe
    @gzip_page
    @wraps(view)
    def answered(request: HttpRequest, org: str) -> HttpResponseBase:
        response = _answer(view, request, org)
        _headed(response, {})
        response["Cache-Control"] = "public, max-age=60" if response.status_code == 200 else "no-store"
        return response

    return answered


def _issuer(organization: Organization) -> str:
    return rules.issuer_id(settings.BASE_URL, organization.slug)


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


@read
def issuer_metadata(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The Credential Issuer Metadata (section 12.2)."""
    kinds = journey.kinds(organization)
    body = rules.issuer_metadata(_issuer(organization), organization.full_name, kinds, languages=_languages())
    return JsonResponse(body)


@read
def server_metadata(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The authorization server's metadata (RFC 8414)."""
    return JsonResponse(rules.server_metadata(_issuer(organization), languages=_languages()))


@require_safe
def offer(request: HttpRequest, org: str, reference: str) -> HttpResponseBase:
    """A Credential Offer by reference (section 4.1.3), for as long as it can be answered."""

    def found(request: HttpRequest, organization: Organization) -> HttpResponseBase:
        one = queries.offer_by("reference", reference, organization, now())
        if one is None:
            raise Wrong("invalid_request", "There is no such offer, or it was used, or it has ended.", 404)
        return JsonResponse(offer_object(one))

    response = _answer(found, request, org)
    _headed(response, NO_STORE)
    return response


def offer_object(one: Any) -> dict[str, Any]:
    """A Credential Offer with its codes."""
    return rules.offer_object(
        _issuer(one.organization),
        one.configurations,
        code=rules.derive(settings.SECRET_KEY, "code", one.pk),
        state=rules.derive(settings.SECRET_KEY, "state", one.pk),
        hint=_("The six digits stand on the page where you got this code."),
    )


def _form(request: HttpRequest) -> dict[str, str]:
    """The fields of a posted form, each once (RFC 6749 section 3.2). Raises Wrong."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Wrong("invalid_request", "The request must be application/x-www-form-urlencoded.")
    if any(len(values) != 1 for _name, values in request.POST.lists()):
        raise Wrong("invalid_request", "A parameter is there twice.")
    if any(len(value) > MAX_PARAMETER or "\x00" in value for value in request.POST.values()):
        raise Wrong("invalid_request", "A parameter is too long, or cannot be read.")
    return {name: str(value) for name, value in request.POST.items() if value}


def _json(request: HttpRequest, error: str) -> dict[str, Any]:
    """The posted JSON object. Raises Wrong with `error`."""
    if request.content_type != "application/json":
        raise Wrong(error, "The request must be application/json.")
    try:
        body = credential.loads(request.body, max_bytes=MAX_BODY)
    except credential.CredentialError as problem:
        raise Wrong(error, f"The request is not strict JSON: {problem.code}.") from None
    if not isinstance(body, dict):
        raise Wrong(error, "The request must be a JSON object.")
    return body


def _bearer(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise rules.BadToken
    return token.strip()


def _granted(request: HttpRequest, organization: Organization, at: datetime) -> WalletGrant:
    """What the token of a request is for, if it is not asked with too often. Raises BadToken, TooOften."""
    grant = journey.granted(organization, _bearer(request), at)
    limit(request, "wallet-asked", times=ASKED_PER_MINUTE, seconds=60, of=str(grant.pk))
    return grant


@posted
def par(request: HttpRequest, organization: Organization) -> HttpResponse:
    """A wallet leaves its authorization request before it sends the learner here (RFC 9126)."""
    limit(request, "wallet-par", times=30, seconds=60)
    given = _form(request)
    if "request_uri" in given:
        raise Wrong("invalid_request", "request_uri has no place in a pushed request.")
    known = [kind.id for kind in journey.kinds(organization)]
    rules.read_request(given, issuer=_issuer(organization), known=known)
    kept = {name: value for name, value in given.items() if name in rules.PARAMETERS}
    uri = actions.push(organization=organization, parameters=kept, at=now())
    body = {"request_uri": uri, "expires_in": int(rules.REQUEST_LIFE.total_seconds())}
    return JsonResponse(body, status=201)


@posted
def token(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Tokens for a pre-authorized code, an authorization code or a refresh token (section 6)."""
    limit(request, "wallet-token", times=60, seconds=60)
    given = journey.tokens(organization=organization, given=_form(request), at=now())
    body: dict[str, Any] = {
        "access_token": given.access,
        "token_type": "Bearer",
        "expires_in": int(rules.ACCESS_LIFE.total_seconds()),
    }
    if given.refresh:
        body["refresh_token"] = given.refresh
    if given.grant.by_details:
        thing = queries.thing_id(given.grant)
        body["authorization_details"] = [
            {
                "type": "openid_credential",
                "credential_configuration_id": name,
                "credential_identifiers": [rules.identifier(name, thing)],
            }
            for name in given.grant.configurations
        ]
    else:
        body["scope"] = " ".join(given.grant.configurations)
    return JsonResponse(body)


@posted
def nonce(request: HttpRequest, organization: Organization) -> HttpResponse:
    """A fresh challenge (section 7). It is kept nowhere until it is used."""
    limit(request, "wallet-nonce", times=NONCES_PER_MINUTE, seconds=60)
    return JsonResponse({"c_nonce": journey.fresh_nonce(organization, now())})


def _handed(answer: journey.Answer) -> HttpResponse:
    """A Credential Response; signed objects stand in it byte for byte."""
    if answer.transaction:
        body = {"transaction_id": answer.transaction, "interval": int(rules.INTERVAL.total_seconds())}
        return JsonResponse(body, status=202)
    copies = ",".join(f'{{"credential":{text}}}' for text in answer.credentials)
    said = f',"notification_id":"{answer.notification}"' if answer.notification else ""
    text = f'{{"credentials":[{copies}]{said}}}'
    return HttpResponse(text, content_type="application/json")


@posted
def give(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The credential endpoint (section 8)."""
    at = now()
    grant = _granted(request, organization, at)
    body = _json(request, "invalid_credential_request")
    return _handed(journey.request(grant=grant, body=body, at=at))


@posted
def deferred(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The deferred credential endpoint (section 9)."""
    at = now()
    grant = _granted(request, organization, at)
    text = _json(request, "invalid_credential_request").get("transaction_id")
    if not isinstance(text, str):
        raise Wrong("invalid_credential_request", "transaction_id is missing.")
    return _handed(journey.deferred(grant=grant, text=text, at=at))


@posted
def notification(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The notification endpoint (section 11)."""
    at = now()
    grant = _granted(request, organization, at)
    body = _json(request, "invalid_notification_request")
    text, event = body.get("notification_id"), body.get("event")
    if not isinstance(text, str) or not isinstance(event, str):
        raise Wrong("invalid_notification_request", "notification_id and event are needed.")
    actions.note(grant=grant, notification=text, event=event, at=at)
    return HttpResponse(status=204)
