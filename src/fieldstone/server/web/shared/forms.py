"""What every form view does with a refusal: show each problem at its field, and keep what was typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fieldstone.server.ledger.problems import Refused
from fieldstone.server.web.shared.middleware import translated


def told(refused: Refused) -> dict[str, Any]:
    """`problems` for the summary and `errors` by field for the fields."""
    problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
    return {"problems": problems, "errors": {p["field"]: p["message"] for p in reversed(problems)}}


def again(request: HttpRequest, template: str, context: dict[str, Any], refused: Refused) -> HttpResponse:
    """The same page once more, with what was refused and why."""
    return render(request, template, {**context, **told(refused)}, status=refused.status)


def whole(value: str | None, default: int = 0) -> int:
    """A typed whole number; `default` (which the action then refuses) where it is none."""
    try:
        return int((value or "").strip()[:9])
    except ValueError:
        return default
