"""What wallet apps ask: a recognizer's request object (OpenID4VP), its answer, and exchanges (VC API).

Errors are JSON of the form that OAuth uses. Nothing here reads a cookie, so that no page elsewhere can act for anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from fieldstone import credential
from fieldstone.credential.openid4vp import REQUEST_TYPE
from fieldstone.server.journeys.exchange_credential import exchange_credential, still_open
from fieldstone.server.journeys.show_credentials import receive
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.wallets import queries, rules
from fieldstone.server.web.shared.rate import limit

MAX_BODY = 1_000_000
"""The largest answer or presentation, in bytes."""

Reader = Callable[..., HttpResponseBase]


class Wrong(Exception):
    """What was sent cannot be used."""

    def __init__(self, detail: str, *, code: str = "invalid_request", status: int = 400) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status = code, detail, status


def machine(*methods: str) -> Callable[[Reader], Reader]:
    """For software of any origin: these methods, JSON errors, and answers that nobody keeps."""

    def wrap(view: Reader) -> Reader:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method == "OPTIONS":
                    response: HttpResponseBase = HttpResponse()
                elif request.method not in methods:
                    response = _error("invalid_request", "This method is not answered here.", 405)
                    response["Allow"] = ", ".join((*methods, "OPTIONS"))
                else:
                    limit(request, "wallet", times=120, seconds=60)
                    response = view(request, *args, **kwargs)
            except Wrong as wrong:
                response = _error(wrong.code, wrong.detail, wrong.status)
            except Refused as refused:
                code = str(getattr(refused, "code", "invalid_request"))
                detail = str(getattr(refused, "detail", "") or refused.problems[0].english())
                response = _error("invalid_request", detail, refused.status, reason=code)
            except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError, RawPostDataException):
                response = _error("invalid_request", "What was sent cannot be read.", 400)
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Allow-Methods"] = ", ".join(methods)
            response["Access-Control-Allow-Headers"] = "content-type, accept"
            response["Cache-Control"] = "no-store"
            return response

        return answered

    return wrap


def _error(code: str, detail: str, status: int, **more: str) -> JsonResponse:
    return JsonResponse({"error": code, "error_description": detail, **more}, status=status)


@machine("GET", "HEAD")
def wallet_request(request: HttpRequest, token: str) -> HttpResponseBase:
    """A recognizer's request object, as it was signed (OpenID4VP section 5.7; RFC 9101)."""
    row = queries.by_token(token)
    if row is None:
        raise Wrong("There is no such request.", status=404)
    reply = queries.reply_of(row)
    standing = rules.standing(
        ends_at=row.ends_at, closed_at=row.closed_at, replied=reply is not None, erased=False, at=timezone.now()
    )
    if standing != "waiting":
        raise Wrong("This request is no longer open.", status=410)
    return HttpResponse(row.body, content_type=f"application/{REQUEST_TYPE}")


@machine("POST")
def wallet_answer(request: HttpRequest, token: str) -> HttpResponseBase:
    """A wallet's answer by `direct_post` (section 8.2): taken once, if everything in it is what was asked for."""
    row = queries.by_token(token)
    if row is None:
        raise Wrong("There is no such request.", status=404)
    if len(request.body) > MAX_BODY:
        raise Wrong("The answer is too large.", status=413)
    if request.content_type != "application/x-www-form-urlencoded":
        raise Wrong("The answer must be a form.")
    form = request.POST
    if not constant_time_compare(form.get("state", ""), row.state):
        raise Wrong("The answer is to another request.")
    if "error" in form:
        return JsonResponse({})
    try:
        vp_token = credential.loads(form.get("vp_token", ""), max_bytes=MAX_BODY)
    except credential.CredentialError as error:
        raise Wrong(f"vp_token cannot be read. {error.detail}") from None
    reply = receive(request=row, vp_token=vp_token, via="wallet", at=timezone.now())
    return JsonResponse({"redirect_uri": f"{settings.BASE_URL}/shown/{reply.receipt}/"})


@machine("POST")
def exchange(request: HttpRequest, token: str) -> HttpResponseBase:
    """One exchange of the VC API: an empty body is answered with a question, a signed presentation with the credential.

    Wallets of the Digital Credentials Consortium that were opened by a link with a challenge send the presentation at
    once, without a wrapper, and get the bare credential.
    """
    row = queries.exchange(token)
    if row is None:
        raise Wrong("There is no such exchange.", status=404)
    if len(request.body) > MAX_BODY:
        raise Wrong("The presentation is too large.", status=413)
    at = timezone.now()
    body = _json(request.body)
    wrapped = body.get("verifiablePresentation")
    if not body or (wrapped is None and "proof" not in body and "type" not in body):
        still_open(row, at)
        return JsonResponse(rules.presentation_request(settings.BASE_URL, token, row.challenge))
    presentation = body if wrapped is None else wrapped
    if not isinstance(presentation, dict):
        raise Wrong("verifiablePresentation must be an object.")
    document = exchange_credential(exchange=row, presentation=presentation, names_domain=wrapped is not None, at=at)
    if wrapped is None:
        return JsonResponse(document)
    return JsonResponse({"verifiablePresentation": credential.build_presentation([document])})


def _json(data: bytes) -> Mapping[str, Any]:
    if not data.strip():
        return {}
    try:
        body = credential.loads(data, max_bytes=MAX_BODY)
    except credential.CredentialError as error:
        raise Wrong(f"The body cannot be read. {error.detail}") from None
    if not isinstance(body, dict):
        raise Wrong("The body must be an object.")
    return body
