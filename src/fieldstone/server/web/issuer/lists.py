"""Awards from a list: look at it first, confirm, watch it being awarded, take the result along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.awards.models import Award
from fieldstone.server.awards.queries import signed_recipient
from fieldstone.server.awards.rules import pick
from fieldstone.server.backpack import actions, queries
from fieldstone.server.backpack import lists as reading
from fieldstone.server.backpack.models import Batch
from fieldstone.server.catalog.models import Version
from fieldstone.server.journeys.award_list import already
from fieldstone.server.journeys.mail_again import mail_again
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed
from fieldstone.server.web.shared.middleware import translated
from fieldstone.server.web.shared.rate import limit
from fieldstone.server.web.shared.tables import csv_file
from fieldstone.server.web.shared.templatetags.fieldstone import day
from fieldstone.server.web.shared.uploads import too_large

SHOWN = 25
"""Faults, rows and lists on one page."""
COLUMNS = ("name", "email", "narrative", "date", "valid until", "language")
HEADS = {"awarded": "date", "until": "valid until", "file": "—"}
"""Our names of columns that are called otherwise on the page that explains them."""
STATES = {
    "read": gettext_lazy("Not confirmed yet"),
    "handed": gettext_lazy("Waits for a second person"),
    "running": gettext_lazy("Being awarded"),
    "paused": gettext_lazy("Paused"),
    "done": gettext_lazy("Done"),
    "stopped": gettext_lazy("Ended early"),
    "dropped": gettext_lazy("Thrown away"),
}
CHIPS = {"read": "draft", "handed": "waiting", "running": "sending", "paused": "waiting", "done": "received"}
ROWS = {
    "waiting": gettext_lazy("Waiting"),
    "issued": gettext_lazy("Awarded"),
    "held": gettext_lazy("Had it already"),
    "refused": gettext_lazy("Not awarded"),
    "stopped": gettext_lazy("Not awarded: the list was ended"),
}


def _versions(organization: Organization) -> list[Version]:
    """What may be recorded from a list here."""
    rows = Version.objects.current().filter(micro_credential__organization=organization)
    allowed = rows.exclude(micro_credential__program__lists="no").select_related("micro_credential__program")
    return list(allowed.order_by("title_en", "title_es"))


def _title(version: Version) -> str:
    return pick(version.definition["title"], get_language() or "en")


def _batch(organization: Organization, batch: UUID) -> Batch:
    rows = Batch.objects.select_related(
        "version__micro_credential__program", "organization", "uploaded_by", "started_by"
    )
    return get_object_or_404(rows.exclude(state="dropped"), pk=batch, organization=organization)


def _shown(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch,
        "title": _title(batch.version),
        "words": STATES[batch.state],
        "chip": CHIPS.get(batch.state, "ended"),
    }


@require_safe
@inside("issue")
def batches(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The organization's lists, and links that went to a wrong person."""
    page = Paginator(queries.batches(organization), SHOWN).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "page": page,
        "rows": [_shown(batch) for batch in page.object_list],
        "wrong": list(queries.not_theirs(organization)[:SHOWN]),
        "allowed": bool(_versions(organization)),
    }
    return render(request, "issuer/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def new(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Choose what for, and send the file. It is looked at; nothing is awarded."""
    versions = _versions(organization)
    form = {"version": typed(request.POST.get("version"), 40)}
    context = {
        "organization": organization,
        "form": form,
        "versions": [("", _("Choose one"))] + [(str(version.pk), _title(version)) for version in versions],
        "columns": COLUMNS,
    }
    if request.method != "POST":
        return render(request, "issuer/new_list.html", context)
    limit(request, "list", times=60, seconds=3600, of=str(person(request).pk))
    upload = request.FILES.get("file")
    try:
        version = next((version for version in versions if str(version.pk) == form["version"]), None)
        if version is None:
            raise Refused(_("Choose a micro-credential."), "version")
        if too_large(request):
            raise Refused(_("The file is larger than 8 MB. Split it."), "file")
        if upload is None:
            raise Refused(_("Choose the file."), "file")
        if (upload.size or 0) > reading.MAX_BYTES:
            raise Refused(_("The file is larger than 8 MB. Split it."), "file")
        at = now()
        made = actions.bring_list(
            version=version, file_name=upload.name or "", data=upload.read(), by=person(request), at=at
        )
    except Refused as refused:
        context["had_file"] = bool(upload or too_large(request))
        return again(request, "issuer/new_list.html", context, refused)
    if made.uploaded_at != at:
        words = _("This very file was brought before, on %(day)s. Nothing new was awarded; here is what came of it.")
        messages.info(request, words % {"day": day(made.uploaded_at)})
    return redirect("issuer:batch", organization.slug, made.pk)


@require_safe
@inside("issue")
def example(request: HttpRequest, organization: Organization) -> HttpResponse:
    """A list to begin with, of invented people."""
    rows = [
        ("Ana Example", "ana@example.org", _("Led the morning group for ten hours; watched by her supervisor."),
         "2026-05-31", "", "en"),
        ("Luis Example", "luis@example.org", _("Passed the test of May 12 with 18 of 20."), "2026-05-12", "", "es"),
    ]  # fmt: skip
    return csv_file("example", COLUMNS, rows)


def _head(sheet: reading.Sheet, column: str) -> str:
    """What the person's own list calls a column; where it has none, what the page that explains them does."""
    return sheet.heads.get(column) or HEADS.get(column, column)


def _sheet(batch: Batch) -> reading.Sheet | None:
    """The list as read, while it is not confirmed."""
    if batch.file is None:
        return None
    return reading.read(bytes(batch.file), today=now().date(), language=batch.version.parsed.languages[0])


@require_safe
@inside("issue")
def batch(request: HttpRequest, organization: Organization, batch: UUID) -> HttpResponse:
    """Where a list stands: what is to be mended, or how far it is, or what came of it."""
    found = _batch(organization, batch)
    return _page(request, organization, found)


def _page(
    request: HttpRequest, organization: Organization, found: Batch, refused: Refused | None = None
) -> HttpResponse:  # fmt: skip
    context = {"organization": organization, **_shown(found), "me": person(request)}
    two = found.version.micro_credential.program.lists == "two"
    sheet = _sheet(found)
    if sheet is not None:
        faults = [(f.row, _head(sheet, f.column), translated(f.problem)) for f in sheet.faults[:SHOWN]]
        mine = found.uploaded_by_id == person(request).pk
        context |= {
            "sheet": sheet,
            "good": len(sheet.lines) - sheet.faulty_rows,
            "faults": faults,
            "more": len(sheet.faults) - len(faults),
            "first": sheet.lines[:3],
            "dated": [c for c in ("awarded", "until") if c in sheet.heads],
            "held": already(batch=found, lines=sheet.lines, at=now()) if not sheet.faults else 0,
            "two": two,
            "hand_in": two and mine,
        }
    else:
        counts = queries.counts(found)
        done = found.total - counts.get("waiting", 0) - counts.get("stopped", 0)
        rows = Paginator(found.rows.select_related("award"), SHOWN).get_page(request.GET.get("page"))
        context |= {
            "counts": [(words, counts.get(state, 0)) for state, words in ROWS.items() if counts.get(state)],
            "done": done,
            "page": rows,
            "rows": [(row, ROWS[row.state]) for row in rows.object_list],
        }
    if refused is not None:
        return again(request, "issuer/batch.html", context, refused)
    return render(request, "issuer/batch.html", context)


@require_POST
@inside("issue")
def do(request: HttpRequest, organization: Organization, batch: UUID) -> HttpResponseBase:
    """Confirm, pause, go on, or end a list."""
    found = _batch(organization, batch)
    what = {
        "start": actions.start_list,
        "pause": actions.pause_list,
        "continue": actions.continue_list,
        "stop": actions.stop_list,
    }.get(request.POST.get("do", ""))
    if what is None:
        raise Http404
    try:
        what(batch=found, by=person(request), at=now())
    except Refused as refused:
        return _page(request, organization, _batch(organization, batch), refused)
    if Batch.objects.filter(pk=found.pk, state="dropped").exists():
        messages.success(request, _("The list is thrown away. Nothing of it was awarded."))
        return redirect("issuer:lists", organization.slug)
    return redirect("issuer:batch", organization.slug, found.pk)


@require_safe
@inside("issue")
def mend(request: HttpRequest, organization: Organization, batch: UUID) -> HttpResponse:
    """The list as it was sent, with a column that says what to mend. It can be sent back as it is."""
    sheet = _sheet(_batch(organization, batch))
    if sheet is None:
        raise Http404
    by_row = sheet.by_row()
    rows = []
    for number, cells in sheet.cells:
        wrong = "; ".join(f"{_head(sheet, f.column)}: {translated(f.problem)}" for f in by_row.get(number, []))
        rows.append([number, wrong, *(cells + [""] * len(sheet.head))[: max(len(sheet.head), len(cells))]])
    return csv_file("list-to-mend", [_("Row"), _("Problems"), *sheet.head], rows)


@require_safe
@inside("issue")
def result(request: HttpRequest, organization: Organization, batch: UUID) -> HttpResponse:
    """What came of each row."""
    found = _batch(organization, batch)
    head = ("row", "name", "email", "result", "reason", "code", "page")
    rows = [
        (
            row.number, row.name, row.email, str(ROWS[row.state]), row.reason,
            row.award.code if row.award else "",
            request.build_absolute_uri(f"/c/{row.award.code}/") if row.award else "",
        )
        for row in found.rows.select_related("award").iterator(chunk_size=1000)
    ]  # fmt: skip
    return csv_file(f"list-{found.uploaded_at:%Y-%m-%d}", head, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@inside("issue")
def link(request: HttpRequest, organization: Organization, award: UUID) -> HttpResponseBase:
    """Mail the link to an award again: to its holder, or, while it waits, to an address that can be changed."""
    rows = Award.objects.select_related("organization", "learner", "version", "document")
    found = get_object_or_404(rows, pk=award, organization=organization, revoked_at=None)
    last = found.pickups.order_by("-made_at", "-id").first()
    holder = signed_recipient(found)
    if not holder:  # its holder left, and took it with her
        raise Http404
    form = {"email": typed(request.POST.get("email"), 300) if request.method == "POST" else last.email if last else ""}
    context: dict[str, Any] = {"organization": organization, "award": found, "holder": holder}
    context |= {"form": form, "last": last}
    if request.method != "POST":
        return render(request, "issuer/link.html", context)
    limit(request, "link", times=200, seconds=3600, of=str(person(request).pk))
    try:
        sent = mail_again(award=found, name=holder, email=form["email"], last=last, by=person(request), at=now())
    except Refused as refused:
        return again(request, "issuer/link.html", context, refused)
    if not sent:
        words = _("The link was sent less than a minute ago and is on its way. Nothing was sent again.")
    elif found.learner_id is not None:
        words = _("The link is on its way.")
    else:
        words = _("The link is on its way. Older links to it have ended.")
    messages.success(request, words)
    return redirect("issuer:award", organization.slug, found.pk)
