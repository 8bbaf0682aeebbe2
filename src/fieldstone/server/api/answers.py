"""How machines are answered: public documents for anybody, refusals in the words of 1EdTech or of OAuth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from fieldstone.server.connections.rules import OAuthError
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.web.shared.rate import TooOften

NO_STORE = {"Cache-Control": "no-store, no-cache, max-age=0", "Pragma": "no-cache"}
"""What holds a key or a person's data is kept by nobody on the way."""
MINOR = {
    400: "invalid_data", 401: "unauthorizedrequest", 403: "forbidden", 404: "not_found", 405: "not_allowed",
    406: "not_acceptable", 409: "invalid_data", 413: "invalid_data", 415: "invalid_data", 422: "invalid_data",
    429: "server_busy",
}  # fmt: skip
"""The nearest word of 1EdTech's list for each HTTP status."""

View = Callable[..., HttpResponseBase]


def public(request: HttpRequest, response: HttpResponse, *, seconds: int = 60, vary: str = "") -> HttpResponseBase:
    """May be read by any page anywhere, and kept for a moment; an unchanged one is not sent again (304)."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    response["Cache-Control"] = f"public, max-age={seconds}"
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    if vary:
        patch_vary_headers(response, [vary])
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    if answer is not response and isinstance(answer, HttpResponse):
        answer["Access-Control-Allow-Origin"] = "*"
    return answer or response


class Wrong(Exception):
    """A refusal of the Open Badges API: an HTTP status, a sentence, 1EdTech's word, further headers."""

    def __init__(
        self, status: int, sentence: str, *, minor: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.sentence = status, sentence
        self.minor, self.headers = minor or MINOR[status], dict(headers or {})
        super().__init__(sentence)


def status_info(wrong: Wrong) -> HttpResponse:
    """An Imsx_StatusInfo (Open Badges 3.0, annex on the Imsx data models)."""
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": wrong.sentence,
        "imsx_codeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": wrong.minor}
            ]
        },
    }
    return JsonResponse(body, status=wrong.status, headers={**NO_STORE, **wrong.headers})


def for_badges(view: View) -> View:
    """A view of the Open Badges API: every refusal becomes an Imsx_StatusInfo. Cookies are never looked at."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponseBase:
        try:
            return view(request)
        except Wrong as wrong:
            return status_info(wrong)
        except TooOften as often:
            return status_info(Wrong(429, often.problems[0].english(), headers={"Retry-After": "60"}))
        except Refused as refused:
            status = 400 if refused.status in (409, 422) else refused.status
            return status_info(Wrong(status, " ".join(problem.english() for problem in refused.problems)))
        except RequestDataTooBig:
            return status_info(Wrong(413, "The request is too big."))
        except SuspiciousOperation:
            return status_info(Wrong(400, "The request cannot be read."))

    return answered


def oauth_refusal(error: OAuthError, status: int = 400, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A refusal in the form of RFC 6749 section 5.2 and RFC 7591 section 3.2.2."""
    body = {"error": error.error, "error_description": error.description.replace('"', "'").replace("\\", "/")}
    return JsonResponse(body, status=status, headers={**NO_STORE, **(headers or {})})


def for_apps(view: View) -> View:
    """A view of the OAuth endpoints, which are only posted to. Cookies are never looked at."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST":
            return oauth_refusal(
                OAuthError("invalid_request", "This address is only posted to."), 405, {"Allow": "POST"}
            )
        try:
            return view(request)
        except OAuthError as error:
            return oauth_refusal(error)
        except TooOften as often:
            later = OAuthError("temporarily_unavailable", often.problems[0].english())
            return oauth_refusal(later, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "600"})
        except RequestDataTooBig:
            return oauth_refusal(OAuthError("invalid_request", "The request is too big."), 413)
        except SuspiciousOperation:
            return oauth_refusal(OAuthError("invalid_request", "The request cannot be read."))

    return answered
