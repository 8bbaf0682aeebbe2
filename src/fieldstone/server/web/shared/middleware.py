"""A refusal that no view caught becomes a page (or JSON) that names the field and the mend."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.decorators import sync_only_middleware
from django.utils.translation import gettext as _

from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.web.shared.templatetags.fieldstone import text


def translated(problem: Problem) -> str:
    """A problem's message in the language of the page. Params may be texts in both languages."""
    message = _(problem.message)
    return message % {name: text(value) for name, value in problem.params.items()} if problem.params else message


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The answer to a refused request: every problem with its field."""
    problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"problems": problems}, status=refused.status)
    return render(request, "shared/refused.html", {"problems": problems}, status=refused.status)


@sync_only_middleware
class refusals:
    """Turns `Refused` into its answer; everything else passes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this when a view raises."""
        return refusal(request, exception) if isinstance(exception, Refused) else None
