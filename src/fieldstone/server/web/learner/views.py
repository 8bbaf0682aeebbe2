"""The learner's screens: start, my path, evidence, status, credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import queries as awarded
from fieldstone.server.backpack import actions as bringing
from fieldstone.server.backpack import queries as backpack
from fieldstone.server.catalog.models import Version
from fieldstone.server.catalog.rules import Question
from fieldstone.server.evidence import actions, images, queries, rules, storage
from fieldstone.server.evidence.models import Artifact, Enrollment
from fieldstone.server.journeys.follow_stack import follow_stack
from fieldstone.server.journeys.submit_evidence import submit_evidence
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.ledger.problems import mark as _m
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people.models import User
from fieldstone.server.web.learner import evidence as pages
from fieldstone.server.web.learner import holdings, paths
from fieldstone.server.web.learner import status as stories
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.brought import tell
from fieldstone.server.web.shared.middleware import translated
from fieldstone.server.web.shared.templatetags.fieldstone import text
from fieldstone.server.web.shared.uploads import too_large


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _mine(request: HttpRequest, enrollment: UUID) -> Enrollment:
    found = queries.enrollment_for(person(request), enrollment)
    if found is None:
        raise Http404
    return found


def _own_artifact(request: HttpRequest, enrollment: UUID, artifact: UUID) -> Artifact:
    found = queries.own_artifact(person(request), enrollment, artifact)
    if found is None:
        raise Http404
    return found


def _anchored(problems: list[Problem]) -> list[dict[str, str]]:
    """Problems for the summary, each with the id of its place on the page."""
    return [{"field": _anchor(p.field), "message": translated(p)} for p in problems]


def _labeled(page: pages.Page, problems: list[Problem]) -> list[dict[str, str]]:
    """The same, each with the name of its part in front."""
    titles = {rules.field_of(part.id): str(text(part.title)) for part in page.parts}
    if page.reflection:
        titles[rules.field_of("reflection")] = _("Reflection")
    return [
        {**row, "message": f"{titles[p.field]}: {row['message']}"} if p.field in titles else row
        for p, row in zip(problems, _anchored(problems), strict=True)
    ]


def _anchor(name: str) -> str:
    return f"part-{name.removeprefix('parts.')}" if name.startswith("parts.") else name


# --- start, leave, come back ----------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@signed_in
def start(request: HttpRequest, org: str, slug: str) -> HttpResponseBase:
    """Begin a micro-credential, or go back to the place where she stopped, however long ago."""
    where = {"micro_credential__organization__slug": org, "micro_credential__slug": slug}
    version = Version.objects.filter(**where, published_at__isnull=False).select_related(
        "micro_credential__organization"
    )
    newest = version.order_by("-number").first()
    if newest is None:
        raise Http404
    micro_credential = newest.micro_credential
    if request.method == "POST":
        enrollment = actions.start(
            micro_credential=micro_credential, by=person(request), at=now(), key=request.POST.get("key")
        )
        return redirect("learner:evidence", enrollment.pk)
    known = Enrollment.objects.filter(learner=person(request), micro_credential=micro_credential, left_at=None).first()
    if known:
        return redirect("learner:evidence", known.pk)
    context = {"version": newest, "definition": newest.parsed, "key": new_id(), "micro_credential": micro_credential}
    return render(request, "learner/start.html", context)


@require_POST
@signed_in
def leave(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Put the work aside."""
    actions.leave(enrollment=_mine(request, enrollment), by=person(request), at=now())
    messages.success(request, _("Put aside. Every word and file stays, for as long as you like."))
    return redirect("learner:path")


@require_POST
@signed_in
def come_back(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Take the work up again."""
    actions.come_back(enrollment=_mine(request, enrollment), by=person(request), at=now())
    return redirect("learner:evidence", enrollment)


# --- the evidence page ----------------------------------------------------------------------------------


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


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _key(data: QueryDict) -> str:
    key = data.get("key", "")
    if not key or len(key) > 100:
        raise BadRequest("key")
    return str(key)


def _whole(request: HttpRequest) -> QueryDict:
    """The posted form; a body that was cut off on the way is refused (its last field is missing)."""
    if request.POST.get("end") != "1":
        raise BadRequest("end")
    return request.POST


def _keep(request: HttpRequest, enrollment: Enrollment) -> Kept:
    """Keep everything that a posted evidence form holds: words first, then files and links.

    What is refused comes back in `Kept`; nothing else is lost by it.
    """
    data, key, by, at = _whole(request), _key(request.POST), person(request), now()
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
        words[part.id] = actions.Typed(text, _number(data.get(f"base_{part.id}")), _uuid(data.get(f"copy_{part.id}")))
    named = [(name, _uuid(name.removeprefix("caption_"))) for name in data if name.startswith("caption_")]
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


def _story(user: User, enrollment: Enrollment) -> stories.Standing:
    sent = enrollment.submissions.order_by("number")
    return stories.standing(enrollment, sent, stories.reviews_of(user, enrollment))


def _page(request: HttpRequest, enrollment: Enrollment, kept: Kept | None = None) -> HttpResponse:
    """The evidence page, with what was refused."""
    kept = kept or Kept()
    enrollment = _mine(request, enrollment.pk)
    story = _story(person(request), enrollment)
    page = pages.build(
        enrollment,
        answers=queries.answers_of(enrollment),
        artifacts=enrollment.artifacts.select_related("blob"),
        copies=queries.waiting_copies(enrollment),
        criteria=story.open,
        problems=kept.problems,
        typed=kept.typed,
        language=_language(),
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
    found = _mine(request, enrollment)
    if request.method == "POST":
        kept = _keep(request, found)
        part = request.POST.get("part", "")
        return _after(request, found, kept, f"part-{part}" if part.isidentifier() else "")
    if _story(person(request), found).state != "draft":
        return redirect("learner:status", found.pk)
    return _page(request, found)


@require_POST
@signed_in
def submit(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Keep the form, then send it; what is missing is named and led to."""
    found = _mine(request, enrollment)
    kept = _keep(request, found)
    if kept.problems or kept.copies:
        return _after(request, found, kept)
    try:
        sent = submit_evidence(enrollment=found, by=person(request), at=now(), key=_key(request.POST))
    except actions.NotComplete as refused:
        return _page(request, found, Kept(problems=refused.problems))
    messages.success(request, _("Received. Your receipt is %(code)s.") % {"code": sent.code})
    return redirect("learner:status", found.pk)


@require_POST
@signed_in
def remove(request: HttpRequest, enrollment: UUID, artifact: UUID) -> HttpResponseBase:
    """Keep the form, then take one file or link out; it can be put back."""
    found, one = _mine(request, enrollment), _own_artifact(request, enrollment, artifact)
    kept = _keep(request, found)
    actions.remove(artifact=one, by=person(request), at=now())
    return _after(request, found, kept, f"part-{one.part}")


@require_POST
@signed_in
def put_back(request: HttpRequest, enrollment: UUID, artifact: UUID) -> HttpResponseBase:
    """Keep the form, then undo a removal."""
    found, one = _mine(request, enrollment), _own_artifact(request, enrollment, artifact)
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


# --- what the script posts ------------------------------------------------------------------------------


def _signed_out(request: HttpRequest) -> JsonResponse | None:
    """401 for nobody, 403 for somebody else than whose draft it is: the draft stays on the phone."""
    if not request.user.is_authenticated:
        return JsonResponse({"problem": "signed_out"}, status=401)
    owner = request.headers.get("X-Person", "")
    return None if owner == str(request.user.pk) else JsonResponse({"problem": "somebody_else"}, status=403)


def _json_problem(message: str, name: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"problems": [{"field": name, "message": message}]}, status=status)


def _typed(body: Any) -> tuple[dict[str, actions.Typed], str] | JsonResponse:
    if not isinstance(body, Mapping) or not isinstance(body.get("answers"), Mapping):
        return _json_problem("Give an object with “answers”.", "answers")
    key = body.get("key")
    if not isinstance(key, str) or not 8 <= len(key) <= 100:
        return _json_problem("Give a key of 8 to 100 signs.", "key")
    found: dict[str, actions.Typed] = {}
    for part, one in body["answers"].items():
        if not isinstance(one, Mapping) or not isinstance(one.get("text"), str):
            return _json_problem("Give a text.", f"answers.{part}.text")
        base = one.get("base")
        if not isinstance(base, int) or isinstance(base, bool) or not 0 <= base < 2**31:
            return _json_problem("Give the revision that the text was typed on.", f"answers.{part}.base")
        copy = one.get("copy")
        if copy is not None and _uuid(copy) is None:
            return _json_problem("This is no kept copy.", f"answers.{part}.copy")
        found[part] = actions.Typed(one["text"], base, _uuid(copy))
    return found, key


@require_POST
def draft(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Autosave: words with the revision they were typed on; answers 200, or 409 where both copies are kept now."""
    refused = _signed_out(request)
    if refused:
        return refused
    found = _mine(request, enrollment)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return _json_problem("This is not JSON.", "")
    read = _typed(body)
    if isinstance(read, JsonResponse):
        return read
    typed, key = read
    saved = actions.save(enrollment=found, draft=actions.Draft(answers=typed), by=person(request), at=now(), key=key)
    answer = {
        part: {
            "revision": one.revision,
            "mark": pages.mark_of(typed[part].text),
            "copy": str(one.copy) if one.copy else None,
            "url": reverse("learner:both", args=[enrollment, one.copy]) if one.copy else None,
        }
        for part, one in saved.items()
    }
    return JsonResponse({"saved": answer}, status=409 if any(one.copy for one in saved.values()) else 200)


@require_POST
def files(request: HttpRequest, enrollment: UUID, part: str) -> HttpResponseBase:
    """One file from the script; answers with its card. A body that was cut off is refused whole."""
    refused = _signed_out(request)
    if refused:
        return refused
    found = _mine(request, enrollment)
    data = _whole(request)
    limit = settings.EVIDENCE_MAX_BYTES // 1_000_000
    if too_large(request):
        return _json_problem(_("This file is larger than %(limit)s MB.") % {"limit": limit}, "file", 413)
    upload = request.FILES.get("file")
    if upload is None:
        return _json_problem(_("Choose a file."), "file")
    artifact = actions.attach(
        enrollment=found,
        part=part,
        file=cast(Any, upload.file),
        name=upload.name or "",
        by=person(request),
        at=now(),
        key=_key(data),
    )
    card = render_to_string("learner/card.html", {"file": artifact, "enrollment": found}, request=request)
    return JsonResponse({"id": str(artifact.pk), "card": card})


# --- files ----------------------------------------------------------------------------------------------


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
    one = _own_artifact(request, enrollment, artifact)
    actions.publish(artifact=one, public=request.POST.get("public") == "1", by=person(request), at=now())
    return redirect("learner:status", enrollment)


# --- status, appeal -------------------------------------------------------------------------------------


@require_GET
@signed_in
def status(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Every attempt, who has it by role, the promised date, the feedback."""
    return _status(request, _mine(request, enrollment))


def _status(
    request: HttpRequest, found: Enrollment, problems: list[Problem] | None = None, reason: str = ""
) -> HttpResponse:
    story = _story(person(request), found)
    held = {str(a.pk): a for a in found.artifacts.select_related("blob")}
    attempts = []
    for attempt in reversed(story.attempts):
        content = attempt.submission.content
        sent = []
        for part in found.version.parsed.parts():
            words = content.get("answers", {}).get(part.id, "") if isinstance(part, Question) else ""
            ids = content.get("artifacts", {}).get(part.id, [])
            title = part.prompt if isinstance(part, Question) else part.title
            if words or ids:
                sent.append({"title": title, "text": words, "files": [held[i] for i in ids if i in held]})
        who = stories.who_has_it(attempt.review) if attempt.review and not attempt.decided else ""
        attempts.append({"attempt": attempt, "sent": sent, "who": who})
    definition = found.version.parsed
    context = {
        "enrollment": found,
        "definition": definition,
        "micro_credential": found.version.micro_credential,
        "organization": found.version.micro_credential.organization,
        "story": story,
        "attempts": attempts,
        "still_open": [c for c in definition.criteria if c.id in story.open],
        "may_publish": rules.may_publish(definition),
        "needs_name": story.state == "earned" and not person(request).name.strip(),
        "late": story.late is not None and story.late < now(),
        "problems": _anchored(problems or []),
        "reason": reason,
        "key": new_id(),
    }
    return render(request, "learner/status.html", context, status=422 if problems else 200)


@require_POST
@signed_in
def appeal(request: HttpRequest, enrollment: UUID, review: UUID) -> HttpResponseBase:
    """Ask that somebody else look again."""
    found = _mine(request, enrollment)
    attempt = next((a for a in _story(person(request), found).attempts if a.review and a.review.pk == review), None)
    if attempt is None or attempt.review is None:
        raise Http404
    reason = request.POST.get("reason", "")
    try:
        assessment.open_appeal(
            review=attempt.review, reason=reason, by=person(request), at=now(), key=_key(request.POST)
        )
    except Refused as refused:
        return _status(request, found, refused.problems, reason)
    messages.success(request, _("Received. Somebody who has not read it yet will look again."))
    return redirect("learner:status", found.pk)


# --- my path, credentials -------------------------------------------------------------------------------


@require_GET
@signed_in
def my_path(request: HttpRequest) -> HttpResponseBase:
    """Where she stands: next step, wall, in review, promises, everything begun."""
    return render(request, "learner/path.html", paths.read(person(request), at=now(), language=_language()))


@require_POST
@signed_in
def follow(request: HttpRequest, org: str, slug: str) -> HttpResponseBase:
    """Put a stack on her path; twice is once."""
    stack = Stack.objects.filter(organization__slug=org, slug=slug).first()
    if stack is None:
        raise Http404
    follow_stack(stack=stack, by=person(request), at=now())
    return redirect("learner:path")


@require_POST
@signed_in
def unfollow(request: HttpRequest, org: str, slug: str) -> HttpResponseBase:
    """Take a stack off her path; what is earned stays."""
    stack = Stack.objects.filter(organization__slug=org, slug=slug).first()
    if stack is None:
        raise Http404
    pathways.unfollow(learner=person(request), stack=stack, at=now())
    return redirect("learner:path")


@require_GET
@signed_in
def credentials(request: HttpRequest) -> HttpResponseBase:
    """Everything she earned, and apart from it what she brought from elsewhere."""
    user = person(request)
    rows = holdings.read(user, at=now(), base_url=settings.BASE_URL)
    brought = [tell(row, mine=True) for row in backpack.of_learner(user)]
    waiting = [(bringing.pickup_token(row), row, awarded.title(row.award)) for row in backpack.waiting_for(user, now())]
    return render(request, "learner/credentials.html", {"rows": rows, "brought": brought, "waiting": waiting})


@require_POST
@signed_in
def audience(request: HttpRequest, award: UUID) -> HttpResponseBase:
    """Choose who may see one credential."""
    found = awarded.of_learner(person(request)).filter(pk=award).first()
    if found is None:
        raise Http404
    awards.share(award=found, audience=request.POST.get("audience", ""), by=person(request), at=now())
    messages.success(request, _("Chosen. You can change it whenever you like."))
    return redirect("learner:share_or_move", found.pk)
