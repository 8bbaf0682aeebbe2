"""Frameworks of others, to read and to tie to: versions side by side, search, the tree one level at a time, rubrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.catalog import actions, case, rules
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.ids import uuid_of
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.reference import frameworks
from fieldstone.server.reference.importers.case import RUBRIC
from fieldstone.server.reference.models import Framework, FrameworkItem
from fieldstone.server.web.author import schema
from fieldstone.server.web.author.ties import MOST_TIES, kept_ties, same_tie
from fieldstone.server.web.author.views import remember
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import told, typed, whole

GROUPS: dict[str, str | Promise] = {
    "gone": gettext_lazy("Not there any more"), "new": gettext_lazy("New"), "changed": gettext_lazy("Changed"),
}  # fmt: skip


@require_safe
@inside("author")
def library(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Every framework that was imported, in the version that is current, and where its other versions are."""
    draft = _chosen(request, _drafts(organization))
    context = {"organization": organization, "shelves": frameworks.shelves(), "draft": draft}
    return render(request, "author/library.html", context)


def _known(pk: int) -> Framework:
    one = frameworks.framework(pk)
    if one is None:
        raise Http404
    return one


@require_http_methods(["GET", "POST"])
@inside("author")
def framework(request: HttpRequest, organization: Organization, framework: int) -> HttpResponseBase:
    """One framework: what words find, or the items below one of them. A button ties an item to a chosen draft."""
    one = _known(framework)
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
    below = frameworks.below(one, here.identifier if here else "").exclude(kind__in=RUBRIC)
    found = frameworks.search(one, words) if words else below
    page = Paginator(found, frameworks.PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    versions = frameworks.versions(one)
    current = next((other for other in versions if other.release.is_current), one)
    kept = frameworks.shared_items(current, rows) if current.pk != one.pk else None
    counts, levels = frameworks.counts_below(one, rows), frameworks.levels(one, rows)
    context: dict[str, Any] = {
        "organization": organization, "one": one, "q": words, "here": here, "page": page, "drafts": drafts,
        "draft": draft, "way": frameworks.way_to(one, here) if here else [],
        "others": [other for other in versions if other.pk != one.pk],
        "current": current if current.pk != one.pk else None, "rubrics": frameworks.rubrics(one),
        "rows": [
            {
                **_row(one, item, draft), "below": counts.get(item.identifier, 0), "levels": levels[item.identifier],
                "gone": kept is not None and item.identifier not in kept,
            }
            for item in rows
        ],
    }  # fmt: skip
    if refused is not None:
        context |= told(refused)
    return render(request, "author/library_framework.html", context, status=refused.status if refused else 200)


def _drafts(organization: Organization) -> list[Version]:
    rows = Version.objects.filter(micro_credential__organization=organization, published_at=None)
    return list(rows.select_related("micro_credential").order_by("-changed_at"))


def _chosen(request: HttpRequest, drafts: list[Version]) -> Version | None:
    wanted = uuid_of(typed(request.POST.get("draft") or request.GET.get("draft"), 40))
    return next((draft for draft in drafts if draft.pk == wanted), None)


def _row(one: Framework, item: FrameworkItem, draft: Version | None) -> dict[str, Any]:
    tie = frameworks.tie(one, item, schema.language())
    tied = draft is not None and any(same_tie(row, tie) for row in kept_ties(draft.definition))
    return {"item": item, "tie": tie, "tied": tied, "rubric": item.kind == "CFRubric"}


def _tie(request: HttpRequest, one: Framework, draft: Version | None) -> None:
    """Tie an item to the chosen draft. Raises Refused where one of them is gone, there is no room, or no address."""
    item = frameworks.items(one).filter(identifier=typed(request.POST.get("item"), 300)).first()
    if draft is None:
        raise Refused(_("Choose the draft that this belongs to."), "draft")
    if item is None:
        raise Refused(_("This is not known here any more. Search again."), "q")
    tie: dict[str, Any] = frameworks.tie(one, item, schema.language())
    if not tie["url"]:
        raise Refused(_("The framework gives no web address for this, so it cannot be tied."), "draft")
    rows = [row for row in kept_ties(draft.definition) if not same_tie(row, tie)]
    if len(rows) >= MOST_TIES:
        raise Refused(_("There are 40 ties already. Take one out first."), "draft")
    if level := " ".join(typed(request.POST.get("level"), rules.LEVEL_NAME).split()):
        tie["level_name"] = level
    body = {**draft.definition, "alignments": [*rows, tie]}
    revision = whole(request.POST.get("revision"))
    actions.save_draft(version=draft, body=body, revision=revision, by=person(request), at=now())


# --- versions ---------------------------------------------------------------------------------------------


@require_safe
@inside("author")
def compare(request: HttpRequest, organization: Organization, framework: int) -> HttpResponseBase:
    """This version beside another (`?with=`, or the current one): what is gone, new, or has other words."""
    one = _known(framework)
    versions = frameworks.versions(one)
    asked = whole(request.GET.get("with"))
    others = [other for other in versions if other.pk != one.pk]
    if not others:
        return redirect("author:library_framework", organization.slug, one.pk)
    current = next((other for other in others if other.release.is_current), others[0])
    other = next((each for each in others if each.pk == asked), current)
    new, old = sorted((one, other), key=lambda each: (each.release.is_current, each.release.imported_at), reverse=True)
    compared = frameworks.compare(old, new)
    groups: dict[str, tuple[str, ...]] = {"gone": compared.gone, "new": compared.new, "changed": compared.changed}
    what = request.GET.get("what", "")
    if what not in groups:
        what = next((name for name, rows in groups.items() if rows), "gone")
    page = Paginator(groups[what], frameworks.PAGE).get_page(request.GET.get("page"))
    context = {
        "organization": organization, "one": one, "other": other, "others": others, "old": old, "new": new,
        "what": what, "page": page, "rows": _compared(old, new, what, list(page.object_list)),
        "groups": [(name, words, len(groups[name])) for name, words in GROUPS.items()],
    }  # fmt: skip
    return render(request, "author/library_compare.html", context)


def _compared(old: Framework, new: Framework, what: str, names: list[str]) -> list[dict[str, Any]]:
    """The items of one page, as they were and as they are."""
    before = {item.identifier: item for item in frameworks.items(old).filter(identifier__in=names)}
    after = {item.identifier: item for item in frameworks.items(new).filter(identifier__in=names)}
    instead: dict[str, FrameworkItem] = {}
    if what == "gone":
        ends = frameworks.replacements(old, new, names)
        found = {item.identifier: item for item in frameworks.items(new).filter(identifier__in=list(ends.values()))}
        instead = {name: found[end] for name, end in ends.items()}
    return [{"before": before.get(n), "after": after.get(n), "instead": instead.get(n)} for n in names]


# --- rubrics ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@inside("author")
def rubric(request: HttpRequest, organization: Organization, framework: int) -> HttpResponseBase:
    """A rubric of a framework: as it would be in a draft, and the button that takes it there."""
    one = _known(framework)
    item = frameworks.items(one).filter(identifier=typed(request.GET.get("item"), 300)).first()
    given = frameworks.rubric(one, item) if item is not None else None
    if item is None or given is None:
        raise Http404
    drafts = _drafts(organization)
    draft = _chosen(request, drafts)
    spoken = "es" if item.text_es and not item.text_en else "en"
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return _take(request, organization, given, spoken, draft)
        except Refused as problem:
            refused = problem
    rows = case.rubric_rows(given, spoken)
    every = case.criteria_of(given)
    context: dict[str, Any] = {
        "organization": organization, "one": one, "item": item, "drafts": drafts, "draft": draft, "rows": rows,
        "left_out": len(every) - len(rows), "most": case.MOST_CRITERIA,
        "shortened": sum(levels > case.MOST_LEVELS for _name, levels in every),
        "has": len(_written(draft.definition)) if draft else 0,
    }  # fmt: skip
    if refused is not None:
        context |= told(refused)
    return render(request, "author/library_rubric.html", context, status=refused.status if refused else 200)


def _written(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The criteria of a draft in which something is written; blank rows of the form do not count."""
    rows = body.get("rubric")
    return [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping)
        and (row.get("title") or any(isinstance(x, Mapping) and x.get("text") for x in row.get("levels") or ()))
    ]


def _take(
    request: HttpRequest, organization: Organization, given: Mapping[str, Any], spoken: str, draft: Version | None
) -> HttpResponseBase:
    """Put the rubric in place of the draft's, or after it (`do=add`); what was there can be put back by one button.

    Raises Refused where no draft is chosen, where nothing of the rubric can be used, or where there is no room.
    """
    if draft is None:
        raise Refused(_("Choose the draft that this belongs to."), "draft")
    body = draft.definition
    kept = _written(body) if request.POST.get("do") == "add" else []
    parts = {str(part.id) for part in rules.parse(body)[0].parts()}
    rows = case.rubric_rows(given, spoken, [str(row.get("id")) for row in kept], parts)
    if not rows:
        raise Refused(_("None of its criteria has two levels, so there is nothing to take."), "draft")
    if len(kept) + len(rows) > case.MOST_CRITERIA:
        raise Refused(
            _("A rubric has at most %(most)s criteria. The draft has %(has)s, and %(more)s would come in."), "draft",
            most=case.MOST_CRITERIA, has=len(kept), more=len(rows),
        )  # fmt: skip
    before = body.get("rubric")
    actions.save_draft(
        version=draft, body={**body, "rubric": [*kept, *rows]}, revision=whole(request.POST.get("revision")),
        by=person(request), at=now(),
    )  # fmt: skip
    micro = draft.micro_credential
    remember(request, micro, "rubric", before if isinstance(before, list) else [], whole=True)
    messages.success(request, _("The rubric is in the draft. Check which levels count as demonstrated."))
    return redirect(f"{reverse('author:edit', args=(organization.slug, micro.pk))}#rubric")
