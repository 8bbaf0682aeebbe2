"""What every page knows: demonstration or not, and where this person may go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fieldstone.server.people import queries
from fieldstone.server.people.models import User


def page(request: HttpRequest) -> dict[str, Any]:
    """Template context: `demo`, `places` (organizations with the areas open to her), `site_name` and `help_phone` if
    it has them."""
    user = getattr(request, "user", None)
    places = queries.places(user) if isinstance(user, User) else []
    site = settings.SITE_NAME if settings.SITE_NAME != "Fieldstone" else ""
    return {"demo": settings.DEMO, "places": places, "site_name": site, "help_phone": settings.HELP_PHONE}
