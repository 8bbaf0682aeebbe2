"""The catalog for everybody: explore, a micro-credential with its whole rubric, a stack in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fieldstone import stacking
from fieldstone.server.assessment import queries as assessment
from fieldstone.server.catalog import queries
from fieldstone.server.catalog.models import Program, Version
from fieldstone.server.catalog.rules import Definition
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.pathways import queries as pathways
from fieldstone.server.pathways.models import Pursuit, StackComponent, StackVersion
from fieldstone.server.people.models import User
from fieldstone.server.recognition.queries import Told, for_credentials
from fieldstone.server.web.public import near, views_jobs
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.promises import record_words
from fieldstone.server.workplace import queries as workplace
from fieldstone.server.workplace.rules import FormDefinition

PAGE = 20


def _asked(given: QueryDict) -> queries.Search:
    """The search in an address. Whatever is not understood is left out."""
    return queries.Search(
        words=given.get("q", "").replace("\x00", "")[:100],
        program=given.get("program", "").replace("\x00", "")[:60],
        levels=tuple(int(v) for v in given.getlist("level") if v in {"1", "2", "3"}),
        bands=tuple(v for v in given.getlist("hours") if v in queries.BANDS),
        free="free" in given,
        spanish="es" in given,
        offline="offline" in given,
    )


def _query(asked: queries.Search) -> str:
    """The address part of a search."""
    pairs: list[tuple[str, str]] = [("q", asked.words)] if asked.words else []
    pairs += [("program", asked.program)] if asked.program else []
    pairs += [("level", str(v)) for v in asked.levels] + [("hours", v) for v in asked.bands]
    pairs += [
        (name, "1") for name, on in (("free", asked.free), ("es", asked.spanish), ("offline", asked.offline)) if on
    ]
    return urlencode(pairs)


FILTER_NAMES = {
    "levels": gettext_noop("Level"),
    "bands": gettext_noop("Time it takes"),
    "free": gettext_noop("Free"),
    "spanish": gettext_noop("In Spanish"),
    "offline": gettext_noop("Possible with no internet"),
    "program": gettext_noop("Program"),
}


HERO = [
    {"id": f"hero-{n}", "level": level, "glyph": glyph, "family": family, "state": "earned", "hours": hours}
    for n, (level, glyph, family, hours) in enumerate(
        (
            (3, "book", "slate", 14), (2, "sprout", "moss", 14), (1, "nut", "clay", 12), (2, "fish", "sky", 18),
            (2, "heart", "moss", 16), (2, "speech", "slate", 20),
        )
    )
]  # fmt: skip
"""The small wall beside the question: what is earned here builds something."""


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Find a micro-credential by words, program, level, hours, cost, language."""
    asked = _asked(request.GET)
    where = near.known(request)
    found = queries.search(asked)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    components = StackComponent.objects.filter(
        credential__in=[v.micro_credential_id for v in shown], stack_version__in=StackVersion.objects.current()
    ).select_related("stack_version")
    leads: dict[Any, list[Any]] = {}
    for row in components:
        leads.setdefault(row.credential, []).append(row.stack_version.definition["title"])
    wider = []
    if not shown:
        for name, other in asked.without():
            count = queries.search(other).count()
            if count:
                wider.append({"name": _(FILTER_NAMES[name]), "count": count, "query": _query(other)})
    context = {
        "asked": asked,
        "page": page,
        "rows": [{"version": v, "leads": leads.get(v.micro_credential_id, [])[:2]} for v in shown],
        "total": Version.objects.current().count(),
        "programs": Program.objects.filter(micro_credentials__versions__in=Version.objects.current())
        .select_related("organization")
        .distinct()
        .order_by("organization__name", "slug"),
        "query": _query(asked),
        "filtered": asked != queries.Search(words=asked.words),
        "wider": wider,
        "hero": HERO,
        "where": where,
        "jobs": views_jobs.on_explore(asked.words, where) if page.number == 1 else None,
        "form": near.field_of(where),
    }
    return render(request, "public/explore.html", context)


def _promises(told: list[Told], stacks: list[StackVersion]) -> list[dict[str, Any]]:
    """Promises as the pages show them; those for one of `stacks` say so."""
    titles: dict[UUID | None, Any] = {version.stack_id: version.definition["title"] for version in stacks}
    return [
        {
            "recognizer": t.promise.organization,
            "title": t.promise.headline,
            "text": t.promise.terms,
            "amount": t.promise.amount,
            "record": record_words(t.record),
            "stack": titles.get(t.promise.stack_id),
        }
        for t in told
    ]


def _areas(program: Program, definition: Definition) -> list[dict[str, Any]]:
    """Clock hours by subject area, with the areas' names."""
    names = {a["code"]: a["name"] for a in program.areas}
    return [{"name": names.get(code, {"en": code}), "hours": h} for code, h in definition.clock_hours.items()]


def _show(request: HttpRequest, version: Version) -> HttpResponse:
    micro = version.micro_credential
    definition = version.parsed
    person = request.user if isinstance(request.user, User) else None
    stacks = [
        row.stack_version
        for row in StackComponent.objects.filter(
            credential=micro.pk, stack_version__in=StackVersion.objects.current()
        ).select_related("stack_version__stack__organization")
    ]
    agreement = assessment.agreement(micro)
    context = {
        "version": version,
        "micro": micro,
        "organization": micro.organization,
        "d": definition,
        "areas": _areas(micro.program, definition),
        "prerequisites": queries.titles(definition.prerequisites).values(),
        "columns": definition.criteria[0].levels if definition.criteria else (),
        "promises": _promises(
            for_credentials(micro_credentials=[micro.pk], stacks=[s.stack_id for s in stacks], at=now()), stacks
        ),
        "stacks": stacks,
        "agreement": agreement,
        "percent": round(100 * (agreement.percent or 0)),
        "enrollment": person
        and Enrollment.objects.filter(learner=person, micro_credential=micro, left_at=None).first(),
        "key": new_id(),
        "newer": version.superseded_at is not None,
        "base_url": settings.BASE_URL,
    }
    return render(request, "public/micro_credential.html", context)


@require_safe
def micro_credential(request: HttpRequest, org: str, slug: str) -> HttpResponse:
    """Everything about one micro-credential, without an account; prints on two sheets."""
    version = queries.current_version(org, slug)
    if version is None:
        raise Http404
    return _show(request, version)


@require_safe
def version(request: HttpRequest, org: str, slug: str, number: int) -> HttpResponse:
    """One published version, also an older one: awards point to it for ever."""
    found = get_object_or_404(
        Version.objects.select_related("micro_credential__organization", "micro_credential__program"),
        micro_credential__organization__slug=org,
        micro_credential__slug=slug,
        number=number,
        published_at__isnull=False,
    )
    return _show(request, found)


@require_safe
def stacks(request: HttpRequest) -> HttpResponse:
    """Every stack, by organization."""
    rows = (
        StackVersion.objects.current()
        .select_related("stack__organization", "stack__program")
        .order_by("stack__organization__name", "stack__slug")
    )
    return render(request, "public/stacks.html", {"rows": rows})


@require_safe
def stack(request: HttpRequest, org: str, slug: str) -> HttpResponse:
    """A stack: what it takes in words, its stones, what follows from it."""
    found = get_object_or_404(
        StackVersion.objects.current().select_related("stack__organization", "stack__program"),
        stack__organization__slug=org,
        stack__slug=slug,
    )
    person = request.user if isinstance(request.user, User) else None
    at = now()
    language: stacking.Language = "es" if get_language() == "es" else "en"
    pursuit = Pursuit.objects.filter(learner=person, stack=found.stack).first() if person else None
    view = pathways.preview(found, person, at=at, language=language)
    context = {
        "found": found,
        "stack": found.stack,
        "organization": found.stack.organization,
        "d": found.definition,
        "view": view,
        "pursuit": pursuit,
        "cap": {
            "id": str(found.stack_id),
            "level": 3,
            "glyph": found.definition.get("glyph"),
            "family": found.stack.organization.family,
            "state": "earned" if view.award else "missing",
            "name": found.definition["title"],
        },
        "promises": _promises(for_credentials(stacks=[found.stack_id], at=at), []),
        "asked_at_work": _asked_at_work(view.stones),
    }
    return render(request, "public/stack.html", context)


def _asked_at_work(stones: Iterable[pathways.Stone]) -> list[FormDefinition]:
    """The forms by which supervisors review for this stack: anybody may read what is asked."""
    forms = {stone.form for stone in stones if stone.form is not None}
    return [version.parsed for version in workplace.wordings(forms)] if forms else []


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Whom to ask, and how the parts fit together."""
    return render(request, "public/help.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was checked and how to tell us what does not work."""
    return render(request, "public/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept on people and who sees it."""
    return render(request, "public/privacy.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The rules for people and for apps."""
    return render(request, "public/terms.html")


@require_safe
def promises_explained(request: HttpRequest) -> HttpResponse:
    """How promises are recorded and what the words mean."""
    return render(request, "public/promises.html")
