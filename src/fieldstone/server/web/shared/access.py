"""Who may open a page. Every staff page is inside one organization, named in its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from fieldstone.server.people import queries
from fieldstone.server.people.models import Organization, User
from fieldstone.server.people.rules import may

P = ParamSpec("P")
View = Callable[P, HttpResponseBase]
InsideView = Callable[Concatenate[HttpRequest, Organization, P], HttpResponseBase]


def person(request: HttpRequest) -> User:
    """The signed-in person of a page behind `signed_in` or `inside`."""
    return cast(User, request.user)


def now() -> datetime:
    """The clock, read once at the edge and handed down as `at`."""
    return timezone.now()


def signed_in(view: View[P]) -> View[P]:
    """Only for somebody with an account; others go to sign in and come back."""
    return cast("View[P]", login_required(cast("Callable[..., HttpResponse]", view)))


def inside(area: str) -> Callable[[InsideView[P]], Callable[..., HttpResponseBase]]:
    """Only for members of the organization in the address (`org` slug) whose role opens `area`.

    The view gets the Organization as its second argument. To everybody else who is signed in the organization's
    inside does not exist (404); a member without the role is told so (403).
    """

    def wrap(view: InsideView[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        @signed_in
        def checked(request: HttpRequest, org: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            organization, roles = queries.roles_in(person(request), org)
            if organization is None:
                raise Http404
            if not may(area, roles):
                raise PermissionDenied
            return view(request, organization, *args, **kwargs)

        return checked

    return wrap
