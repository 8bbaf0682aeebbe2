"""Screens that belong to no audience."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .style import sample


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state, on one page: the reference for whoever builds a screen."""
    return render(request, "shared/style.html", sample())
