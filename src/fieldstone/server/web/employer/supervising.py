"""A supervisor at work countersigns hours and signs a review: by a link, without an account, at her own pace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fieldstone.server.journeys import supervise
from fieldstone.server.ledger.problems import Problem, Refused
from fieldstone.server.people.models import User
from fieldstone.server.web.shared import work as words
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.forms import again, typed, whole
from fieldstone.server.web.shared.rate import limit
from fieldstone.server.workplace import actions, queries, rules
from fieldstone.server.workplace.models import HoursEntry, SupervisorLink

AT_ONCE = 60
"""Lines of hours on one page; the next ones follow when these are answered."""


def _link(request: HttpRequest, token: str) -> SupervisorLink:
    """The link of this secret. Unknown ones are counted, so that nobody can try many; they do not exist (404)."""
    found = queries.link(token[:80])
    if found is None:
        limit(request, "supervisor", times=30, seconds=600)
        raise Http404
    return found


def _who(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _answers(post: Mapping[str, str], count: int) -> dict[str, str]:
    return {str(n): post[f"answer-{n}"][:20] for n in range(count) if f"answer-{n}" in post}


def _context(request: HttpRequest, link: SupervisorLink, post: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Everything that the page shows; `post` is what was typed and not kept."""
    placement = link.placement
    definition = placement.version.parsed
    standing = queries.standing(placement, now())
    draft = link.draft or {}
    kept = _answers(post, len(definition.criteria)) if post is not None else draft.get("answers", {})
    say = {value: text for value, _css, text in words.ANSWERS}
    waiting = placement.entries.filter(queries.OPEN_ENTRY).order_by("day", "logged_at", "id")
    rows = [
        {
            "entry": entry,
            "field": f"reason-{entry.pk}",
            "mark": (post or {}).get(f"mark-{entry.pk}", "right"),
            "reason": (post or {}).get(f"reason-{entry.pk}", ""),
        }
        for entry in waiting[:AT_ONCE]
    ]
    criteria = []
    for n, item in enumerate(definition.criteria):
        meanings = {"demonstrated": item.demonstrated, "not_yet": item.not_yet, "not_seen": {}}
        answer = standing.review.answers[str(n)] if standing.review else kept.get(str(n), "")
        criteria.append(
            {
                "n": n,
                "field": f"answer-{n}",
                "item": item,
                "answer": answer,
                "said": say.get(answer, ""),
                "levels": [(value, css, said, meanings[value]) for value, css, said in words.ANSWERS],
            }
        )
    return {
        "link": link,
        "token": actions.link_token(link),
        "placement": placement,
        "learner": placement.learner,
        "organization": placement.organization,
        "definition": definition,
        "kind": words.KINDS[placement.kind],
        "standing": standing,
        "review": standing.review,
        "rows": rows,
        "more": max(0, waiting.count() - AT_ONCE),
        "criteria": criteria,
        "own_words": draft.get("words", "") if post is None else post.get("words", draft.get("words", "")),
        "kept": bool(draft),
        "name": (post or {}).get("name", ""),
        "hours_name": (post or {}).get("hours_name", ""),
        "statement": rules.STATEMENT,
        "own": placement.learner_id == getattr(_who(request), "pk", None),
    }


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it is not indexed (and, as every page's, not sent on)."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _over(request: HttpRequest, link: SupervisorLink) -> HttpResponse | None:
    """The page for a link that has ended."""
    state = rules.link_state(link, now())
    if state == "open" and link.placement.closed_at is None:
        return None
    review = getattr(link.placement, "review", None)
    mine = review if review is not None and review.link_id == link.pk else None
    context = {"state": state, "organization": link.placement.organization, "review": mine}
    return _private(render(request, "supervisor/ended.html", context, status=410))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    """Who it is about, the hours, the form. Posted to: `hours`, `save` or `sign`."""
    link = _link(request, token)
    if (over := _over(request, link)) is not None:
        return over
    if request.method != "POST":
        return _private(render(request, "supervisor/page.html", _context(request, link)))
    limit(request, "supervisor-use", times=120, seconds=3600, of=str(link.pk))
    wish = request.POST.get("do", "")
    if wish not in ("hours", "save", "sign"):
        raise BadRequest("do")
    post = {name: typed(value if isinstance(value, str) else "", 12_000) for name, value in request.POST.items()}
    try:
        {"hours": _countersign, "save": _save, "sign": _sign}[wish](request, link, post)
    except Refused as refused:
        if wish == "hours":
            refused = Refused([_hours_field(p) for p in refused.problems])
        return _private(again(request, "supervisor/page.html", _context(request, link, post), refused))
    return redirect("supervisor:page", token)


def _hours_field(problem: Problem) -> Problem:
    return Problem("hours_name", problem.message, problem.params) if problem.field == "name" else problem


def _marks(link: SupervisorLink, post: Mapping[str, str]) -> dict[UUID, actions.Mark]:
    """What was said to the lines that were on the page."""
    found = {}
    for entry in HoursEntry.objects.filter(placement=link.placement_id):
        mark = post.get(f"mark-{entry.pk}")
        if mark in ("right", "wrong"):
            revision = whole(post.get(f"revision-{entry.pk}"))
            found[entry.pk] = actions.Mark(revision, mark == "right", post.get(f"reason-{entry.pk}", ""))
    return found


def _countersign(request: HttpRequest, link: SupervisorLink, post: Mapping[str, str]) -> None:
    marks = _marks(link, post)
    count = supervise.countersign(
        link=link, marks=marks, name=post.get("hours_name", ""), by=_who(request), at=now()
    )
    if count < len(marks):
        messages.warning(request, _("Some hours were changed while you read. Please look at them again."))
    else:
        messages.success(request, _("Thank you. Your answer about the hours is kept."))


def _save(request: HttpRequest, link: SupervisorLink, post: Mapping[str, str]) -> None:
    count = len(link.placement.version.parsed.criteria)
    actions.keep_draft(
        link=link, answers=_answers(post, count), words=post.get("words", ""), by=_who(request), at=now()
    )
    messages.success(request, _("Kept for later. Open the same link to go on; nothing is signed yet."))


def _sign(request: HttpRequest, link: SupervisorLink, post: Mapping[str, str]) -> None:
    count = len(link.placement.version.parsed.criteria)
    supervise.sign(
        link=link, answers=_answers(post, count), words=post.get("words", ""), name=post.get("name", ""),
        language="es" if get_language() == "es" else "en", by=_who(request), at=now(),
    )  # fmt: skip
    messages.success(request, _("Thank you. Your review is signed."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody else got the link: ask, end it, tell the learner."""
    link = _link(request, token)
    if (over := _over(request, link)) is not None:
        return over
    context = {"token": token, "learner": link.placement.learner}
    if request.method != "POST":
        return _private(render(request, "supervisor/not_me.html", context))
    if request.POST.get("do") != "not_me":
        raise BadRequest("do")
    try:
        actions.not_me(link=link, by=_who(request), at=now())
    except Refused as refused:
        return _private(again(request, "supervisor/not_me.html", context, refused))
    context = {"state": "not_me", "organization": link.placement.organization}
    return _private(render(request, "supervisor/ended.html", context))
