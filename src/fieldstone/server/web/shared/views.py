"""Screens that belong to no audience."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .style import sample


def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state, on one page: the reference for whoever builds a screen."""
    return render(request, "shared/style.html", sample())
