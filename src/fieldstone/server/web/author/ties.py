"""Ties of a micro-credential to O*NET, and of a stack to the jobs it leads to: found by words, suggested, kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from fieldstone.server.catalog import actions, rules
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions as pathway_actions
from fieldstone.server.pathways import rules as pathway_rules
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization
from fieldstone.server.reference import frameworks
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.models import TaskStatement, TechnologySkill
from fieldstone.server.reference.rules import fold
from fieldstone.server.reference.searching import KINDS, Found, Suggestion, search, suggest
from fieldstone.server.web.author import schema, stacks
from fieldstone.server.web.author.fields import decimal_or_typed, row_number
from fieldstone.server.web.author.views import found, states
from fieldstone.server.web.shared.access import inside, now, person
from fieldstone.server.web.shared.forms import told, typed, whole

Words = str | Promise
KIND_WORDS: dict[str, Words] = {
    "occupation": gettext_lazy("Job"), "skill": gettext_lazy("Skill"), "knowledge": gettext_lazy("Area of knowledge"),
    "technology": gettext_lazy("Tool or program"), "task": gettext_lazy("Task of a job"),
}  # fmt: skip
ANCHORS: dict[int, Words] = {
    1: gettext_lazy("one simple step at a time, shown first"),
    2: gettext_lazy("simple things in a place one knows"),
    3: gettext_lazy("everyday work alone"),
    4: gettext_lazy("everyday work when it turns out otherwise"),
    5: gettext_lazy("hard cases, and explains them to others"),
    6: gettext_lazy("leads others through hard cases"),
    7: gettext_lazy("others come from far to ask how it is done"),
}
"""What levels of O*NET's scale mean, in words of our own."""
PROPOSED = {1: 2, 2: 3, 3: 4}
"""The level of O*NET's scale that is proposed first, by the level of the micro-credential."""
MOST_TIES = 40
ONLINE = "https://www.onetonline.org"


def anchor(level: Any) -> str:
    """A level in words, from the whole level it has reached; empty where there is none."""
    if not isinstance(level, int | float) or isinstance(level, bool) or not 0 <= level <= rules.TOP_LEVEL:
        return ""
    return str(ANCHORS[int(level)]) if level >= 1 else _("less than one simple step")


def tie_of(kind: str, code: str, level: Any) -> dict[str, Any] | None:
    """The tie to a thing that is known here, as a definition holds it; None where it is not known."""
    if kind == "occupation":
        job = reference.occupations([code]).get(code)
        return _tie("O*NET-SOC", code, job.title_en, f"{ONLINE}/link/summary/{code}") if job else None
    if kind in ("skill", "knowledge"):
        name = reference.element_names().get(code)
        tie = _tie(rules.ONET, code, name or "", f"{ONLINE}/find/descriptor/result/{code}")
        return {**tie, "level": level} if name else None
    if kind == "technology":
        tool = TechnologySkill.objects.filter(release=reference.current("onet"), example=code).first()
        address = f"{ONLINE}/search/tech/example?e={quote(code)}"
        return _tie("O*NET technology skills", tool.commodity, tool.example, address) if tool else None
    job_code, _hash, number = code.partition("#")
    task = TaskStatement.objects.filter(
        release=reference.current("onet"), occupation=job_code, task=whole(number)
    ).first()
    return _tie("O*NET tasks", code, task.text[:300], f"{ONLINE}/link/details/{job_code}") if task else None


def _tie(framework: str, code: str, name: str, url: str) -> dict[str, Any]:
    return {"framework": framework, "code": code, "name": name, "url": url}


def kept_ties(body: Mapping[str, Any]) -> list[Any]:
    """The ties of a draft, whatever they look like."""
    rows = body.get("alignments")
    return list(rows) if isinstance(rows, list) else []


def same_tie(row: Any, tie: Mapping[str, Any]) -> bool:
    """Whether a row of a draft is a tie to the same thing (O*NET's skills went by two names; an item of an imported
    framework keeps its identifier through the versions)."""
    if isinstance(row, Mapping) and row.get("item") and tie.get("item"):
        return bool(row["item"] == tie["item"])
    if not isinstance(row, Mapping) or row.get("code") != tie["code"]:
        return False
    both_elements = rules.is_element(str(row.get("framework")), tie["code"]) and "level" in tie
    return both_elements or (row.get("framework"), row.get("name")) == (tie["framework"], tie["name"])


def changed(body: Mapping[str, Any], wish: str, level: str) -> dict[str, Any]:
    """A draft with the tie that a button asks for put in (`tie:skill:2.A.1.a`), taken out (`out:0`), given another
    level (`level:0`), or moved to the version of its framework that is current (`move:0`). `level` is what was typed.
    Raises Refused where there is no such thing, or no room."""
    rows = kept_ties(body)
    verb, _colon, which = wish.partition(":")
    here = row_number(which)
    if verb == "tie":
        kind, _colon, code = which.partition(":")
        tie = tie_of(kind, code, decimal_or_typed(level)) if kind in KINDS else None
        if tie is None:
            raise Refused(_("This is not known here any more. Search again."), "q")
        rows = [row for row in rows if not same_tie(row, tie)]
        if len(rows) >= MOST_TIES:
            raise Refused(_("There are 40 ties already. Take one out first."), "ties")
        rows.append(tie)
    elif here is None or here >= len(rows):
        raise Refused(_("This tie is not there any more."), "ties")
    elif verb == "out":
        rows.pop(here)
    elif isinstance(rows[here], Mapping):
        rows[here] = moved(rows[here]) if verb == "move" else leveled(rows[here], level)
    return {**body, "alignments": rows}


def leveled(row: Mapping[str, Any], level: str) -> dict[str, Any]:
    """A tie with another level: a number for O*NET's skills, words for everything else."""
    if rules.is_element(str(row.get("framework")), str(row.get("code"))):
        return {**row, "level": decimal_or_typed(level)}
    return {**row, "level_name": " ".join(level.split())}


def moved(row: Mapping[str, Any]) -> dict[str, Any]:
    """A tie to the same item in the version that is current, or to what replaces it. Raises Refused where there is
    neither."""
    standing = frameworks.standings([row]).get(0)
    if standing is None or standing.item is None:
        raise Refused(_("The version that is current does not have this any more. Take the tie out."), "ties")
    return {**row, **frameworks.tie(standing.framework, standing.item, schema.language())}


def text_of(definition: rules.Definition, language: str) -> str:
    """Everything in a definition that says what it is about, in one language, or else in the other."""
    d = definition
    texts = [d.title, d.summary, d.can_do, d.competency, d.key_method, *d.method_components]
    for criterion in d.criteria:
        texts += [criterion.title, *(level.text for level in criterion.levels if level.demonstrated)]
    return "\n".join(each.get(language) or next(iter(each.values()), "") for each in texts)


def as_written(words: Iterable[str], body: str) -> str:
    """Folded words as the text has them: "niños" for "ninos"."""
    written = {fold(word): word for word in re.findall(r"\w+", body.lower())}
    return ", ".join(written.get(word, word) for word in words)


def asked_by(definition: rules.Definition) -> dict[str, list[tuple[str, str]]]:
    """For each skill the jobs that the definition is tied to, and the level at which each asks for it."""
    jobs = [code for code in definition.jobs if len(code) > 7]
    titles = {code: job_title(job) for code, job in reference.occupations(jobs).items()}
    found: dict[str, list[tuple[str, str]]] = {}
    for code, skills in reference.skills_of(jobs).items():
        for skill in skills:
            found.setdefault(skill.element, []).append((titles[code], f"{skill.level:g}"))
    return found


def job_title(job: Any) -> str:
    """An occupation's title in the language of the page."""
    return str(job.title_es or job.title_en) if schema.language() == "es" else str(job.title_en)


def told_ties(definition: rules.Definition, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The ties of a draft as the page lists them."""
    rows = [row if isinstance(row, Mapping) else {} for row in rows]
    stand = frameworks.standings(rows)
    names, asked = reference.element_names(schema.language()), asked_by(definition)
    titles = {code: job_title(job) for code, job in reference.occupations(definition.jobs).items()}
    listed = []
    for i, tie in enumerate(rows):
        framework, code = str(tie.get("framework") or ""), str(tie.get("code") or "")
        element = code if rules.is_element(framework, code) else ""
        level = tie.get("level")
        listed.append(
            {
                "number": i, "framework": framework, "code": code, "element": element, "level": str(level),
                "name": (names.get(code) if element else titles.get(code)) or tie.get("name") or _("Without a name"),
                "anchor": anchor(level), "asked": asked.get(element, []),
                "levels": levels(level) if element else [], "named": not framework.startswith(rules.ONET),
                "level_name": str(tie.get("level_name") or ""), "standing": stand.get(i),
                "offered": offered(stand[i]) if i in stand else (),
            }
        )  # fmt: skip
    return listed


def offered(standing: frameworks.Standing) -> tuple[str, ...]:
    """The levels that the framework itself gives to what a tie leads to."""
    item = standing.item
    return frameworks.levels(standing.framework, [item]).get(item.identifier, ()) if item is not None else ()


def levels(chosen: Any) -> list[tuple[str, str, bool]]:
    """The choices of a level: value, words, chosen. A level in between is kept as it is."""
    options = [("", _("no level said")), *((str(n), f"{n}: {words}") for n, words in ANCHORS.items())]
    typed_level = "" if chosen is None else str(chosen)
    if typed_level not in dict(options):
        options.append((typed_level, f"{typed_level}: {anchor(chosen)}" if anchor(chosen) else typed_level))
    return [(value, words, value == typed_level) for value, words in options]


def found_rows(
    definition: rules.Definition, hits: Iterable[Found | Suggestion], rows: Iterable[Any], body: str = ""
) -> list[dict[str, Any]]:
    """What words led to, or what is suggested, each with its reason; what is tied already is marked."""
    listed = list(hits)
    asked, every = asked_by(definition), list(rows)
    numbers = task_numbers([hit for hit in listed if isinstance(hit, Found) and hit.kind == "task"])
    answer = []
    for hit in listed:
        code = hit.code
        if isinstance(hit, Found) and hit.kind == "task":
            code = f"{hit.code}#{numbers.get((hit.code, hit.matched), 0)}"
        element = hit.kind in ("skill", "knowledge")
        mark = {"code": code, "framework": "", "name": ""} | ({"level": None} if element else {})
        tied = any(
            same_tie(row, mark) or (not element and isinstance(row, Mapping) and row.get("code") == code)
            for row in every
        )
        title = hit.title(schema.language())
        answer.append(
            {
                "kind": hit.kind, "code": code, "title": title, "what": KIND_WORDS[hit.kind], "tied": tied,
                "words": as_written(hit.words, body) if isinstance(hit, Suggestion) else "",
                "matched": hit.matched if isinstance(hit, Found) and hit.matched not in (title, hit.code) else "",
                "asked": asked.get(hit.code, []) if element else [],
                "levels": levels(PROPOSED.get(definition.level)) if element else [],
            }
        )  # fmt: skip
    return answer


def task_numbers(hits: Iterable[Found]) -> dict[tuple[str, str], int]:
    """The numbers of tasks by (job, text)."""
    codes = {hit.code for hit in hits}
    if not codes:
        return {}
    rows = TaskStatement.objects.filter(release=reference.current("onet"), occupation__in=codes)
    return {(code, words): task for code, words, task in rows.values_list("occupation", "text", "task")}


def asked_words(request: HttpRequest) -> tuple[str, str]:
    """What is searched for, and which kind of thing ("" for all)."""
    given = request.POST if request.method == "POST" else request.GET
    kind = typed(given.get("kind"), 20)
    return typed(given.get("q"), 100).strip(), kind if kind in KINDS else ""


@require_http_methods(["GET", "POST"])
@inside("author")
def ties(request: HttpRequest, organization: Organization, micro_credential: UUID) -> HttpResponseBase:
    """The draft's ties: a list, suggestions from its own words, and a search. Each button changes one tie."""
    micro = found(organization, micro_credential)
    draft: Version | None = states(micro.versions.all())["draft"]
    if draft is None:
        return redirect("author:micro_credential", organization.slug, micro.pk)
    words, kind = asked_words(request)
    refused: Refused | None = None
    if request.method == "POST":
        wish = typed(request.POST.get("do"), 300)
        level = typed(request.POST.get(f"for:{wish}"), rules.LEVEL_NAME)
        try:
            body = changed(draft.definition, wish, level)
            revision = whole(request.POST.get("revision"))
            actions.save_draft(version=draft, body=body, revision=revision, by=person(request), at=now())
        except Refused as problem:
            refused = problem
            draft.refresh_from_db()
        else:
            address = reverse("author:ties", args=(organization.slug, micro.pk))
            query = f"?{urlencode({'q': words, 'kind': kind})}" if words else ""
            return redirect(f"{address}{query}#{typed(request.POST.get('back'), 20) or 'ties'}")
    definition, rows = rules.parse(draft.definition)[0], kept_ties(draft.definition)
    written = text_of(definition, schema.language())
    suggested = found_rows(definition, suggest(written, ("skill", "knowledge", "occupation"), 8), rows, written)
    hits = search(words, schema.language(), (kind,) if kind else KINDS, 20) if words else []
    context = {
        "organization": organization, "micro": micro, "version": draft, "heading": definition.title,
        "competency": definition.competency, "revision": draft.revision, "rows": told_ties(definition, rows),
        "suggested": [row for row in suggested if not row["tied"]], "q": words, "kind": kind,
        "hits": found_rows(definition, hits, rows), "kinds": [("", _("Everything")), *KIND_WORDS.items()],
        "known": reference.current("onet"),
    }  # fmt: skip
    if refused is not None:
        context |= told(refused)
    return render(request, "author/ties.html", context, status=refused.status if refused else 200)


@require_http_methods(["GET", "POST"])
@inside("author")
def jobs(request: HttpRequest, organization: Organization, stack: UUID) -> HttpResponseBase:
    """The jobs that a stack leads to: a list, what its parts are tied to, and a search."""
    this = stacks.found(organization, stack)
    draft: StackVersion | None = states(this.versions.all())["draft"]
    if draft is None:
        return redirect("author:stack", organization.slug, this.pk)
    words, _kind = asked_words(request)
    refused: Refused | None = None
    codes = [code for code in draft.definition.get("occupations") or [] if isinstance(code, str)]
    if request.method == "POST":
        verb, _colon, code = typed(request.POST.get("do"), 40).partition(":")
        try:
            if verb == "tie" and code not in reference.occupations([code]):
                raise Refused(_("This is not known here any more. Search again."), "q")
            changed_codes = [c for c in codes if c != code] + ([code] if verb == "tie" else [])
            if len(changed_codes) > pathway_rules.MOST_OCCUPATIONS:
                raise Refused(_("There are 20 jobs already. Take one out first."), "ties")
            pathway_actions.save_draft(
                version=draft, body={**draft.definition, "occupations": changed_codes},
                revision=whole(request.POST.get("revision")), by=person(request), at=now(),
            )  # fmt: skip
        except Refused as problem:
            refused = problem
            draft.refresh_from_db()
        else:
            address = reverse("author:stack_jobs", args=(organization.slug, this.pk))
            return redirect(f"{address}?{urlencode({'q': words})}#ties" if words else f"{address}#ties")
    definition = pathway_rules.parse(draft.definition)[0]
    hits = search(words, schema.language(), ("occupation",), 20) if words else []
    known = reference.occupations([*codes, *tied_parts(definition)])
    context = {
        "organization": organization, "stack": this, "version": draft, "heading": definition.title,
        "revision": draft.revision, "q": words, "known": reference.current("onet"),
        "rows": [{"code": code, "title": job_title(known[code]) if code in known else code} for code in codes],
        "parts": [
            {"code": code, "title": job_title(known[code]), "count": count}
            for code, count in tied_parts(definition).items() if code in known and code not in codes
        ],
        "hits": [{"code": hit.code, "title": hit.title(schema.language()), "tied": hit.code in codes,
                  "matched": hit.matched if hit.matched != hit.title(schema.language()) else ""} for hit in hits],
    }  # fmt: skip
    if refused is not None:
        context |= told(refused)
    return render(request, "author/stack_jobs.html", context, status=refused.status if refused else 200)


def tied_parts(definition: pathway_rules.StackDefinition) -> dict[str, int]:
    """The jobs that the stack's own micro-credentials are tied to, with how many of them, the most first."""
    named = pathway_rules.named(definition.tree) if definition.tree else []
    count: dict[str, int] = {}
    for version in Version.objects.current().filter(micro_credential__in=named):
        for code in version.parsed.jobs:
            count[code] = count.get(code, 0) + 1
    return dict(sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))[:8])
