"""A coach sees who is stuck, helps somebody begin without e-mail, and prints codes."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people import actions
from fieldstone.server.people.models import Organization
from fieldstone.server.study import queries
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, typed
from fieldstone.server.web.shared.templatetags.fieldstone import text


@require_safe
@inside("coach")
def learners(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Who learns here, those who wait longest first."""
    words = typed(request.GET.get("q"), 80)
    rows = queries.coached(organization, now(), words=words)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "page": page,
        "asked": words,
        "three": queries.stuck_after_three(organization),
        "quiet": queries.quiet_learners(organization, now()),
        "almost": queries.near(organization).exists(),
        "query": urlencode({"q": words}) if words else "",
    }
    return render(request, "coach/learners.html", context)


@require_safe
@inside("coach")
def almost(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Who is one step from a stack, by name; of one stack only where it was chosen."""
    words, asked = typed(request.GET.get("q"), 80), request.GET.get("stack", "")[:40]
    stacks = [(str(row.stack.pk), text(row.stack.definition["title"])) for row in queries.almost(organization)]
    chosen = asked if asked in dict(stacks) else ""
    rows = queries.near(organization, words=words, stack=UUID(chosen) if chosen else None)
    context = {
        "organization": organization, "page": Paginator(rows, 30).get_page(request.GET.get("page")), "asked": words,
        "stacks": [("", _("All stacks")), *stacks], "chosen": chosen,
        "query": urlencode({name: value for name, value in (("q", words), ("stack", chosen)) if value}),
    }  # fmt: skip
    return render(request, "coach/almost.html", context)


@require_safe
@inside("coach")
def learner(request: HttpRequest, organization: Organization, learner: UUID) -> HttpResponse:
    """One learner: what is begun, sent and earned here. No words or photos of hers."""
    user = get_object_or_404(queries.learners(organization), pk=learner)
    enrollments = (
        Enrollment.objects.filter(learner=user, micro_credential__organization=organization)
        .select_related("version", "micro_credential")
        .prefetch_related("submissions__review")
        .order_by("-touched_at")
    )
    awards = (
        user.awards.filter(organization=organization, revoked_at=None).select_related("version").order_by("-issued_at")
    )
    return render(
        request,
        "coach/learner.html",
        {"organization": organization, "learner": user, "enrollments": enrollments, "awards": awards, "key": new_id()},
    )


@never_cache
@require_http_methods(["GET", "POST"])
@inside("coach")
def add(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """Begin for somebody without e-mail: a name, a language, and a code to print."""
    context = {
        "organization": organization,
        "languages": [("en", "English"), ("es", "Español")],
        "key": request.POST.get("key", "")[:100] or new_id(),
    }
    if request.method == "GET":
        return render(request, "coach/add.html", context)
    form = {"name": request.POST.get("name", "")[:200], "language": request.POST.get("language", "en")}
    try:
        user, code = actions.add_learner(
            organization=organization, by=person(request), at=now(), key=str(context["key"]), **form
        )
    except Refused as refused:
        return again(request, "coach/add.html", {**context, "form": form}, refused)
    return render(request, "coach/code.html", {"organization": organization, "learner": user, "code": code})


@never_cache
@require_POST
@inside("coach")
def code(request: HttpRequest, organization: Organization, learner: UUID) -> HttpResponseBase:
    """A new code on paper; the old one ends."""
    user = get_object_or_404(queries.learners(organization), pk=learner)
    code = actions.make_printed_code(
        user=user, organization=organization, by=person(request), at=now(), key=request.POST.get("key", "")[:100]
    )
    return render(request, "coach/code.html", {"organization": organization, "learner": user, "code": code})
