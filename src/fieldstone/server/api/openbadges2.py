"""The form of Open Badges 2.0 that older backpacks ask for: assertions, badge classes, issuers, each at its address."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from fieldstone.server.api.answers import public
from fieldstone.server.awards import queries
from fieldstone.server.catalog.models import Version
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization

JSON = "application/json"


@require_safe
def assertion(request: HttpRequest, code: str) -> HttpResponseBase:
    """An Assertion as it was made for good; 410 once it is withdrawn or paused, 404 where its holder keeps it."""
    found = queries.hosted(code)
    if found is None:
        raise Http404
    body, stands = found
    return public(request, HttpResponse(body, content_type=JSON, status=200 if stands else 410))


@require_safe
def badge_class(request: HttpRequest, version: UUID) -> HttpResponseBase:
    """One published version of a micro-credential or stack as a BadgeClass."""
    for found in Version.objects.filter(pk=version, published_at__isnull=False).select_related(
        "micro_credential__organization"
    ):
        return public(request, JsonResponse(queries.badge_class(found)))
    for stack in StackVersion.objects.filter(pk=version, published_at__isnull=False).select_related(
        "stack__organization"
    ):
        document = stacks.badge_class(stack, base_url=settings.BASE_URL, at=timezone.now())
        return public(request, JsonResponse(document))
    raise Http404


@require_safe
def issuer(request: HttpRequest, org: str) -> HttpResponseBase:
    """An organization that issues here as an Issuer; 404 before its first key."""
    for found in Organization.objects.filter(slug=org):
        if queries.issuer(found) is not None:
            return public(request, JsonResponse(queries.older_issuer(found)))
    raise Http404
