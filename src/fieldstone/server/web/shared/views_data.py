"""What is held on a person: read it, take it along, or leave."""

from __future__ import annotations

import tempfile

from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on, write_export
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again
from fieldstone.server.web.shared.rate import limit

WORDS = ("delete", "borrar")
"""What a person types to leave; either word will do."""


@never_cache
@require_safe
@signed_in
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything held on this person, by kind, with how much there is of it."""
    held = held_on(person(request))
    return render(request, "shared/my_data.html", {"held": held, "counts": {k: len(v) for k, v in held.items()}})


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponseBase:
    """The same as a file to keep."""
    limit(request, "export", times=6, seconds=3600)
    out = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    write_export(user=person(request), at=now(), out=out)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename="fieldstone-my-data.zip")


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def leave(request: HttpRequest) -> HttpResponseBase:
    """Ask twice, then erase the account."""
    typed = request.POST.get("confirm", "")[:40]
    context = {"typed": typed}
    if request.method == "GET":
        return render(request, "shared/leave.html", context)
    try:
        if typed.strip().lower() not in WORDS:
            raise Refused(Problem("confirm", _("Type the word to confirm. Nothing was deleted.")))
        delete_account(user=person(request), at=now())
    except Refused as refused:
        return again(request, "shared/leave.html", context, refused)
    logout(request)
    return render(request, "shared/left.html")
