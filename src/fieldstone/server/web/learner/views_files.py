"""Files of a learner: for herself, for those who judge, and shown with a credential."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from fieldstone.server.evidence import actions, images, queries, rules, storage
from fieldstone.server.evidence.models import Artifact
from fieldstone.server.web.learner.common import own_artifact
from fieldstone.server.web.shared.access import now, person, signed_in


def send_file(request: HttpRequest, found: Artifact) -> HttpResponseBase:
    """The bytes of a file under headers that keep any active content asleep; `?small=1` is a list's preview."""
    blob = found.blob
    if blob is None:
        raise Http404
    shown = blob.media_type in rules.SHOWN_INLINE
    small = shown and "small" in request.GET
    tag = f'"{blob.sha256[:32]}{"-s" if small else ""}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        try:
            file = storage.open_blob(blob.sha256)
        except FileNotFoundError:
            raise Http404 from None
        if small:
            with file:
                response = HttpResponse(images.small(file), content_type="image/jpeg")
        else:
            response = FileResponse(file, content_type=blob.media_type)
            response["Content-Length"] = str(blob.size)
            name = content_disposition_header(not shown, found.title)
            if name:
                response["Content-Disposition"] = name
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_GET
@signed_in
def artifact(request: HttpRequest, artifact: UUID) -> HttpResponseBase:
    """A file for its owner and for those who judge it."""
    found = queries.artifact_for(person(request), artifact)
    if found is None:
        raise Http404
    return send_file(request, found)


@require_POST
@signed_in
def show(request: HttpRequest, enrollment: UUID, artifact: UUID) -> HttpResponseBase:
    """Show a file or link with the credential, or no longer."""
    one = own_artifact(request, enrollment, artifact)
    actions.publish(artifact=one, public=request.POST.get("public") == "1", by=person(request), at=now())
    return redirect("learner:status", enrollment)
