"""Forms for supervisors: the criteria in a rubric's own words, and when a review is positive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.author import schema
from fieldstone.server.web.author.fields import Field, Typed, change, draw
from fieldstone.server.web.author.views import chosen_program, programs_of
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import again, told
from fieldstone.server.web.shared.templatetags.fieldstone import text
from fieldstone.server.workplace import actions, rules
from fieldstone.server.workplace.models import FeedbackForm, FormVersion

FORM = (
    schema.TITLE,
    Field(name="summary", kind="long", label=gettext_lazy("What the supervisor reads first"),
          hint=gettext_lazy("What the work is for, in one or two sentences.")),
    Field(
        name="criteria", kind="rows", label=gettext_lazy("Criteria"), one=gettext_lazy("Criterion"),
        more=gettext_lazy("Add a criterion"),
        hint=gettext_lazy("Few, and what can be seen at work. A supervisor has ten minutes."),
        fields=(
            Field(name="title", label=gettext_lazy("Criterion")),
            Field(name="demonstrated", kind="long", label=gettext_lazy("Seen, when")),
            Field(name="not_yet", kind="long", label=gettext_lazy("Not yet, when")),
        ),
    ),
    Field(name="at_least", kind="number", label=gettext_lazy("How many of them make a positive review"),
          hint=gettext_lazy("Empty: every one.")),
    Field(name="by_hand", kind="flag",
          label=gettext_lazy("Learners may hand the link over themselves. Otherwise it is only mailed.")),
)  # fmt: skip


@require_safe
@inside("author")
def forms(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The organization's forms."""
    rows = (
        FormVersion.objects.filter(form__program__organization=organization, superseded_at=None)
        .select_related("form__program").order_by("form__retired_at", "form__created_at")
    )  # fmt: skip
    return render(request, "author/work_forms.html", {"organization": organization, "rows": rows})


@require_http_methods(["GET", "POST"])
@inside("author")
def new(request: HttpRequest, organization: Organization) -> HttpResponseBase:
    """A new form, begun from a micro-credential's rubric if she likes."""
    return _edit(request, organization, None)


@require_http_methods(["GET", "POST"])
@inside("author")
def form(request: HttpRequest, organization: Organization, form: UUID) -> HttpResponseBase:
    """A new wording of a form; put it away, take it up again."""
    rows = FeedbackForm.objects.filter(program__organization=organization).select_related("program")
    return _edit(request, organization, get_object_or_404(rows, pk=form))


def _from_rubric(organization: Organization, micro_credential: str) -> dict[str, Any]:
    """The criteria of a micro-credential's rubric in the words of a form."""
    versions = Version.objects.current().filter(micro_credential__organization=organization)
    found = next((v for v in versions if str(v.micro_credential_id) == micro_credential), None)
    if found is None:
        return dict(rules.EMPTY)
    criteria = [
        {
            "title": dict(criterion.title),
            "demonstrated": dict(next(x.text for x in criterion.levels if x.demonstrated)),
            "not_yet": dict(next(x.text for x in reversed(criterion.levels) if not x.demonstrated)),
        }
        for criterion in found.parsed.criteria
    ]
    return {**rules.EMPTY, "title": dict(found.parsed.title), "criteria": criteria[:12]}


def _edit(request: HttpRequest, organization: Organization, existing: FeedbackForm | None) -> HttpResponseBase:
    context: dict[str, Any] = {"organization": organization, "existing": existing, "key": new_id()}
    body: dict[str, Any] = {**rules.EMPTY, "criteria": [{}]}
    if existing is not None:
        newest = existing.versions.get(superseded_at=None)
        body = newest.definition
        context |= {"version": newest, "places": existing.placements.count()}
    else:
        versions = Version.objects.current().filter(micro_credential__organization=organization)
        context |= {
            "options": [(str(p.pk), text(p.title)) for p in programs_of(organization)],
            "rubrics": sorted((str(text(v.parsed.title)), str(v.micro_credential_id)) for v in versions),
        }
    template = "author/work_form.html"
    if request.method == "GET":
        asked = request.GET.get("rubric", "")
        if existing is None and asked:
            body = _from_rubric(organization, asked)
        return render(request, template, {**context, "fields": draw(FORM, body, {}), "rubric": asked})
    typed = Typed(request.POST).read(FORM)
    wish = request.POST.get("do", "save")
    context |= {"key": request.POST.get("key", "")[:100], "program": request.POST.get("program", "")}
    by, at = person(request), now()
    if existing is not None and wish in ("retire", "restore"):
        (actions.retire_form if wish == "retire" else actions.restore_form)(form=existing, by=by, at=at)
        return redirect("author:work_forms", organization.slug)
    if wish != "save":
        change(FORM, typed, wish)
        return render(request, template, {**context, "fields": draw(FORM, typed, {})})
    try:
        if existing is None:
            program = chosen_program(organization, context["program"])
            actions.create_form(program=program, body=typed, by=by, at=at, key=f"{by.pk} {context['key']}")
        else:
            actions.change_form(form=existing, body=typed, by=by, at=at)
    except Refused as refused:
        context["fields"] = draw(FORM, typed, told(refused)["errors"])
        return again(request, template, context, refused)
    messages.success(request, _("The form is saved. Stacks can ask for it now."))
    return redirect("author:work_forms", organization.slug)
