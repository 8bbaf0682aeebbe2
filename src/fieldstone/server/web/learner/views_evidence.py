"""The evidence page: write, attach, save, send, choose between two wordings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fieldstone.server.catalog.rules import Question
from fieldstone.server.evidence import actions, queries, rules
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.journeys.submit_evidence import submit_evidence
from fieldstone.server.ledger.ids import new_id, uuid_of
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _m
from fieldstone.server.web.learner import evidence as pages
from fieldstone.server.web.learner.common import (
    anchored,
    key_of,
    own_artifact,
    own_enrollment,
    spoken,
    story_of,
    whole_form,
)
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.templatetags.fieldstone import text
from fieldstone.server.web.shared.uploads import too_large


@dataclass
class Kept:
    """What one posted form came to: problems, words and links that could not be kept, conflicts."""

    problems: list[Problem] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    copies: list[UUID] = field(default_factory=list)


def _number(value: Any) -> int:
    try:
        return max(0, min(int(value), 2**31 - 1))
    except (TypeError, ValueError):
        return 0


def _keep(request: HttpRequest, enrollment: Enrollment) -> Kept:
    """Keep everything that a posted evidence form holds: words first, then files and links.

    What is refused comes back in `Kept`; nothing else is lost by it.
    """
    data, key, by, at = whole_form(request), key_of(request.POST), person(request), now()
    kept = Kept()
    definition = enrollment.version.parsed
    words: dict[str, actions.Typed] = {}
    for part in definition.parts():
        text = data.get(f"text_{part.id}")
        if not isinstance(part, Question) or text is None or pages.mark_of(text) == data.get(f"mark_{part.id}"):
            continue
        problem = rules.too_long(part.id, text)
        if problem:
            kept.problems.append(problem)
            kept.typed[f"text_{part.id}"] = text
            continue
        words[part.id] = actions.Typed(text, _number(data.get(f"base_{part.id}")), uuid_of(data.get(f"copy_{part.id}")))
    named = [(name, uuid_of(name.removeprefix("caption_"))) for name in data if name.startswith("caption_")]
    captions = {artifact: data.get(name, "") for name, artifact in named if artifact}
    seen = "boxes" in data
    draft = actions.Draft(
        answers=words,
        captions=captions,
        permission="permission" in data if seen and definition.children != "none" else None,
        prior_learning="prior_learning" in data if seen else None,
    )
    saved = actions.save(enrollment=enrollment, draft=draft, by=by, at=at, key=key)
    kept.copies = [one.copy for one in saved.values() if one.copy]
    for name in too_large(request):
        part_id = name.removeprefix("file_")
        message = _m("This file is larger than %(limit)s MB.")
        limit = settings.EVIDENCE_MAX_BYTES // 1_000_000
        kept.problems.append(Problem(rules.field_of(part_id), message, {"limit": limit}))
    for place in definition.artifacts:
        for i, upload in enumerate(request.FILES.getlist(f"file_{place.id}")):
            try:
                actions.attach(
                    enrollment=enrollment,
                    part=place.id,
                    file=cast(Any, upload.file),
                    name=upload.name or "",
                    by=by,
                    at=at,
                    key=f"{key} {place.id} {i} {upload.name} {upload.size}",
                )
            except Refused as refused:
                kept.problems.extend(refused.problems)
        url = data.get(f"link_{place.id}", "").strip()
        if url:
            title = data.get(f"linktitle_{place.id}", "")
            try:
                link_key = f"{key} {place.id} {url}"
                actions.attach_link(
                    enrollment=enrollment, part=place.id, url=url, title=title, by=by, at=at, key=link_key
                )
            except Refused as refused:
                kept.problems.extend(refused.problems)
                kept.typed |= {f"link_{place.id}": url, f"linktitle_{place.id}": title}
    return kept


def _labeled(page: pages.Page, problems: list[Problem]) -> list[dict[str, str]]:
    """The same, each with the name of its part in front."""
    titles = {rules.field_of(part.id): str(text(part.title)) for part in page.parts}
    if page.reflection:
        titles[rules.field_of("reflection")] = _("Reflection")
    return [
        {**row, "message": f"{titles[p.field]}: {row['message']}"} if p.field in titles else row
        for p, row in zip(problems, anchored(problems), strict=True)
    ]


def _page(request: HttpRequest, enrollment: Enrollment, kept: Kept | None = None) -> HttpResponse:
    """The evidence page, with what was refused."""
    kept = kept or Kept()
    enrollment = own_enrollment(request, enrollment.pk)
    story = story_of(person(request), enrollment)
    page = pages.build(
        enrollment,
        answers=queries.answers_of(enrollment),
        artifacts=enrollment.artifacts.select_related("blob"),
        copies=queries.waiting_copies(enrollment),
        criteria=story.open,
        problems=kept.problems,
        typed=kept.typed,
        language=spoken(),
    )
    context = {
        "enrollment": enrollment,
        "definition": enrollment.version.parsed,
        "organization": enrollment.version.micro_credential.organization,
        "micro_credential": enrollment.version.micro_credential,
        "page": page,
        "story": story,
        "problems": _labeled(page, kept.problems),
        "key": new_id(),
        "at": now(),
    }
    return render(request, "learner/evidence.html", context, status=422 if kept.problems else 200)


def _after(request: HttpRequest, enrollment: Enrollment, kept: Kept, anchor: str = "") -> HttpResponseBase:
    """Where a saved form leads: to the choice between two wordings, to what was refused, or back."""
    if kept.problems:
        return _page(request, enrollment, kept)
    if kept.copies:
        return redirect("learner:both", enrollment.pk, kept.copies[0])
    target = redirect("learner:evidence", enrollment.pk)
    if anchor:
        target["Location"] += f"#{anchor}"
    return target


@require_http_methods(["GET", "POST"])
@signed_in
def evidence(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Write, attach, save. While it is in review or once it is earned this address leads to the status."""
    found = own_enrollment(request, enrollment)
    if request.method == "POST":
        kept = _keep(request, found)
        part = request.POST.get("part", "")
        return _after(request, found, kept, f"part-{part}" if part.isidentifier() else "")
    if story_of(person(request), found).state != "draft":
        return redirect("learner:status", found.pk)
    return _page(request, found)


@require_POST
@signed_in
def submit(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Keep the form, then send it; what is missing is named and led to."""
    found = own_enrollment(request, enrollment)
    kept = _keep(request, found)
    if kept.problems or kept.copies:
        return _after(request, found, kept)
    try:
        sent = submit_evidence(enrollment=found, by=person(request), at=now(), key=key_of(request.POST))
    except actions.NotComplete as refused:
        return _page(request, found, Kept(problems=refused.problems))
    messages.success(request, _("Received. Your receipt is %(code)s.") % {"code": sent.code})
    return redirect("learner:status", found.pk)


@require_POST
@signed_in
def remove(request: HttpRequest, enrollment: UUID, artifact: UUID) -> HttpResponseBase:
    """Keep the form, then take one file or link out; it can be put back."""
    found, one = own_enrollment(request, enrollment), own_artifact(request, enrollment, artifact)
    kept = _keep(request, found)
    actions.remove(artifact=one, by=person(request), at=now())
    return _after(request, found, kept, f"part-{one.part}")


@require_POST
@signed_in
def put_back(request: HttpRequest, enrollment: UUID, artifact: UUID) -> HttpResponseBase:
    """Keep the form, then undo a removal."""
    found, one = own_enrollment(request, enrollment), own_artifact(request, enrollment, artifact)
    kept = _keep(request, found)
    try:
        actions.put_back(artifact=one, by=person(request), at=now())
    except Refused as refused:
        kept.problems.extend(refused.problems)
    return _after(request, found, kept, f"part-{one.part}")


@require_http_methods(["GET", "POST"])
@signed_in
def both(request: HttpRequest, enrollment: UUID, copy: UUID) -> HttpResponseBase:
    """Two wordings of one answer, side by side; she chooses."""
    found = queries.own_copy(person(request), enrollment, copy)
    if found is None:
        raise Http404
    if request.method == "POST":
        keep = request.POST.get("keep", "")
        if keep not in ("answer", "copy", "both"):
            raise BadRequest("keep")
        actions.settle(copy=found, keep=keep, by=person(request), at=now())
        return redirect("learner:evidence", enrollment)
    question = next(p for p in found.answer.enrollment.version.parsed.parts() if p.id == found.answer.part)
    context = {"copy": found, "answer": found.answer, "question": question, "enrollment": found.answer.enrollment}
    return render(request, "learner/both.html", context)
