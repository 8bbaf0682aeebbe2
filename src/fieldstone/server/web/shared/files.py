"""Files from strangers, handed out so that no browser runs anything in them."""

from __future__ import annotations

from django.http import HttpResponse

from fieldstone.server.backpack.models import Brought
from fieldstone.server.backpack.rules import small_picture, suffix


def brought_file(row: Brought, *, inline: bool = False) -> HttpResponse:
    """A credential from elsewhere byte for byte, as a download; a small PNG may be shown (`inline`)."""
    data = bytes(row.file.body)
    shown = inline and small_picture(data)
    kind = row.file.media_type if shown or row.file.media_type != "image/svg+xml" else "application/octet-stream"
    response = HttpResponse(data, content_type=kind)
    if not shown:
        response["Content-Disposition"] = f'attachment; filename="{row.pk}.{suffix(row.file.media_type)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
