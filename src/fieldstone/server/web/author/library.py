"""Frameworks of others, to read and to tie to: versions, search, and the tree one level at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.catalog import actions
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.reference import frameworks
from fieldstone.server.reference.models import Framework, FrameworkItem
from fieldstone.server.web.author import schema
from fieldstone.server.web.author.ties import kept_ties, same_tie
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import told, typed, whole

MOST_TIES = 40


@require_safe
@inside("author")
def library(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every framework that was imported, in the version that is current."""
    return render(request, "author/library.html", {"organization": organization, "shelves": frameworks.shelves()})


@require_http_methods(["GET", "POST"])
@inside("author")
def framework(request: HttpRequest, organization: Organization, framework: int) -> HttpResponseBase:
    """One framework: what words find, or the items below one of them. A button ties an item to a chosen draft."""
    one = frameworks.framework(framework)
    if one is None:
        raise Http404
    words, at = typed(request.GET.get("q"), 200), typed(request.GET.get("at"), 300)
    drafts = _drafts(organization)
    draft = _chosen(request, drafts)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            _tie(request, one, draft)
        except Refused as problem:
            refused = problem
        else:
            address = reverse("author:library_framework", args=(organization.slug, one.pk))
            asked = {"q": words, "at": at, "draft": str(draft.pk) if draft else ""}
            return redirect(f"{address}?{urlencode({k: v for k, v in asked.items() if v})}")
    here = frameworks.items(one).filter(identifier=at).first() if at else None
    found = frameworks.search(one, words) if words else frameworks.below(one, here.identifier if here else "")
    page = Paginator(found, frameworks.PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    counts = frameworks.counts_below(one, rows)
    context: dict[str, Any] = {
        "organization": organization, "one": one, "q": words, "here": here, "page": page, "drafts": drafts,
        "draft": draft, "way": frameworks.way_to(one, here) if here else [],
        "rows": [_row(one, item, counts.get(item.identifier, 0), draft) for item in rows],
    }  # fmt: skip
    if refused is not None:
        context |= told(refused)
    return render(request, "author/library_framework.html", context, status=refused.status if refused else 200)


def _drafts(organization: Organization) -> list[Version]:
    rows = Version.objects.filter(micro_credential__organization=organization, published_at=None)
    return list(rows.select_related("micro_credential").order_by("-changed_at"))


def _chosen(request: HttpRequest, drafts: list[Version]) -> Version | None:
    asked = typed(request.POST.get("draft") or request.GET.get("draft"), 40)
    try:
        wanted = UUID(asked)
    except ValueError:
        return None
    return next((draft for draft in drafts if draft.pk == wanted), None)


def _row(one: Framework, item: FrameworkItem, below: int, draft: Version | None) -> dict[str, Any]:
    tie = frameworks.tie(one, item, schema.language())
    tied = draft is not None and any(same_tie(row, tie) for row in kept_ties(draft.definition))
    return {"item": item, "below": below, "tie": tie, "tied": tied}


def _tie(request: HttpRequest, one: Framework, draft: Version | None) -> None:
    """Tie an item to the chosen draft. Raises Refused where one of them is gone, there is no room, or no address."""
    item = frameworks.items(one).filter(identifier=typed(request.POST.get("item"), 300)).first()
    if draft is None:
        raise Refused(_("Choose the draft that this belongs to."), "draft")
    if item is None:
        raise Refused(_("This is not known here any more. Search again."), "q")
    tie = frameworks.tie(one, item, schema.language())
    if not tie["url"]:
        raise Refused(_("The framework gives no web address for this, so it cannot be tied."), "draft")
    rows = [row for row in kept_ties(draft.definition) if not same_tie(row, tie)]
    if len(rows) >= MOST_TIES:
        raise Refused(_("There are 40 ties already. Take one out first."), "draft")
    body = {**draft.definition, "alignments": [*rows, tie]}
    revision = whole(request.POST.get("revision"))
    actions.save_draft(version=draft, body=body, revision=revision, by=person(request), at=now())
