"""What every form view does with a refusal: show each problem at its field, and keep what was typed."""

from __future__ import annotations

from datetime import date
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


def typed(value: str | None, limit: int = 5000) -> str:
    """What was typed, without signs that no database keeps; longer than `limit` is cut (the action refuses before)."""
    return (value or "").replace("\x00", "")[:limit]


def typed_date(value: str | None) -> date | None:
    """A date from a date field (YYYY-MM-DD), or None where there is none or it cannot be read."""
    try:
        return date.fromisoformat((value or "").strip()[:10])
    except ValueError:
        return None
