"""What other software asks: is this box well, whose key is this, was this withdrawn, what is this achievement."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from fieldstone.server.api.answers import public
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries, rules
from fieldstone.server.catalog.models import Version
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization

CREDENTIAL_TYPE = "application/vc+ld+json"
"""Named so that older wallets, which look for "json" in the name, read it too."""


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _storage() -> bool:
    word = uuid.uuid4().hex.encode()
    name = default_storage.save(f"probes/{uuid.uuid4().hex}", ContentFile(word))
    try:
        with default_storage.open(name) as file:
            return bool(file.read() == word)
    finally:
        default_storage.delete(name)


def _works(part: Callable[[], bool]) -> bool:
    try:
        return part()
    except Exception:  # a database or a storage service fails in ways of its own; the answer is the same
        return False


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """`{"status": "ok"}` only if database, storage and keys work; else 503 naming which do not."""
    parts = {"database": _database, "storage": _storage, "keys": awards.keys_work}
    broken = [name for name, part in parts.items() if not _works(part)]
    if broken:
        return JsonResponse({"status": "failing", "failing": broken}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
def status_list(request: HttpRequest, list_id: UUID) -> HttpResponseBase:
    """A Bitstring Status List, as signed; it may be kept for as long as it says itself, and asked about by its ETag."""
    body = queries.status_list(list_id)
    if body is None:
        raise Http404
    answer = HttpResponse(body, content_type=CREDENTIAL_TYPE)
    return public(request, answer, seconds=rules.LIST_TTL // timedelta(seconds=1))


@require_safe
def refresh(request: HttpRequest, code: str) -> HttpResponseBase:
    """The newest form of a credential, as signed (1EdTechCredentialRefresh); 410 when it was withdrawn for good."""
    found = queries.refreshed(code)
    if found is None:
        raise Http404
    body, stands = found
    if not stands:
        return public(request, JsonResponse({"withdrawn": True}, status=410))
    return public(request, HttpResponse(body.encode(), content_type=CREDENTIAL_TYPE))


@require_safe
def did_document(request: HttpRequest, org: str) -> HttpResponseBase:
    """An issuer's did:web document: its key in use and the retired ones. 404 where issuers are did:key."""
    document = queries.did_document(rules.did_web(settings.BASE_URL, org))
    if document is None:
        raise Http404
    kind = "application/did+json" if "application/did+json" in request.headers.get("Accept", "") else "application/json"
    return public(request, JsonResponse(document, content_type=kind), vary="Accept")


def _for_people(request: HttpRequest) -> bool:
    """Whether a browser asks, which wants a page rather than data."""
    return request.headers.get("Accept", "").startswith("text/html")


def _to_people(name: str, **where: str | int) -> HttpResponse:
    """Off to the page; caches keep that apart from the data at the same address."""
    answer = HttpResponseRedirect(reverse(name, kwargs=where))
    patch_vary_headers(answer, ["Accept"])
    return answer


def _linked(request: HttpRequest, document: dict[str, Any]) -> HttpResponse:
    """Linked data, called so if it is asked for by that name."""
    linked = "application/ld+json" in request.headers.get("Accept", "")
    return JsonResponse(document, content_type="application/ld+json" if linked else "application/json")


@require_safe
def issuer(request: HttpRequest, organization: UUID) -> HttpResponseBase:
    """An organization as an Open Badges Profile, at an address that stays when its name changes."""
    found = Organization.objects.filter(pk=organization).first()
    if found is None:
        raise Http404
    return public(request, _linked(request, queries.profile(found, base_url=settings.BASE_URL)), vary="Accept")


@require_safe
def achievement(request: HttpRequest, version: UUID) -> HttpResponseBase:
    """One published version of a micro-credential or stack as an Open Badges Achievement; people get its page."""
    people = _for_people(request)
    one = Version.objects.filter(pk=version, published_at__isnull=False)
    for found in one.select_related("micro_credential__organization"):
        if people:
            owner = found.micro_credential
            return _to_people("public:version", org=owner.organization.slug, slug=owner.slug, number=found.number)
        return public(request, _linked(request, queries.achievement(found, base_url=settings.BASE_URL)), vary="Accept")
    other = StackVersion.objects.filter(pk=version, published_at__isnull=False)
    for stack in other.select_related("stack__organization"):
        if people:
            return _to_people("public:stack", org=stack.stack.organization.slug, slug=stack.stack.slug)
        described = stacks.achievement(stack, base_url=settings.BASE_URL, at=timezone.now())
        return public(request, _linked(request, described), vary="Accept")
    raise Http404
