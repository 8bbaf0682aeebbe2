"""What other software asks: is this box well, whose key is this, was this withdrawn, what is this achievement."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries, rules
from fieldstone.server.catalog.models import Version
from fieldstone.server.pathways import queries as stacks
from fieldstone.server.pathways.models import StackVersion

CREDENTIAL_TYPE = "application/vc+ld+json"
"""Named so that older wallets, which look for "json" in the name, read it too."""


def public(response: HttpResponseBase, seconds: int = 60) -> HttpResponseBase:
    """May be read by any page anywhere, and kept for a moment."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={seconds}"
    return response


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
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    answer = HttpResponse(body, content_type=CREDENTIAL_TYPE, headers={"ETag": etag})
    return public(
        get_conditional_response(request, etag=etag, response=answer) or answer,
        seconds=rules.LIST_TTL // timedelta(seconds=1),
    )


@require_safe
def did_document(request: HttpRequest, org: str) -> HttpResponseBase:
    """An issuer's did:web document: its key in use and the retired ones. 404 where issuers are did:key."""
    document = queries.did_document(rules.did_web(settings.BASE_URL, org))
    if document is None:
        raise Http404
    return public(JsonResponse(document))


@require_safe
def achievement(request: HttpRequest, version: UUID) -> HttpResponseBase:
    """One published version of a micro-credential or stack as an Open Badges Achievement; people get its page."""
    people = request.headers.get("Accept", "").startswith("text/html")
    one = Version.objects.filter(pk=version, published_at__isnull=False)
    for found in one.select_related("micro_credential__organization"):
        if people:
            owner = found.micro_credential
            return redirect("public:version", org=owner.organization.slug, slug=owner.slug, number=found.number)
        return public(JsonResponse(queries.achievement(found, base_url=settings.BASE_URL)))
    other = StackVersion.objects.filter(pk=version, published_at__isnull=False)
    for stack in other.select_related("stack__organization"):
        if people:
            return redirect("public:stack", org=stack.stack.organization.slug, slug=stack.stack.slug)
        return public(JsonResponse(stacks.achievement(stack, base_url=settings.BASE_URL, at=timezone.now())))
    raise Http404
