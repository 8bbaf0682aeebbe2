"""What the assessor's pages show: evidence without names, criteria with a sheet, dates in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fieldstone.server.assessment import queries, rules
from fieldstone.server.assessment.actions import LineInput
from fieldstone.server.assessment.models import Phrase, Review
from fieldstone.server.assessment.rules import Blind, Line
from fieldstone.server.catalog.models import Version
from fieldstone.server.catalog.rules import CANNOT_TELL, ArtifactPart, Criterion, Definition, word_count
from fieldstone.server.evidence.models import Artifact
from fieldstone.server.people.models import Organization
from fieldstone.server.web.shared.stones import family_of
from fieldstone.server.web.shared.templatetags.fieldstone import text

FileUrl = Callable[[Artifact], str]
SHOWN_PHRASES = 4
"""How many phrases stand open; the others are folded away."""


# --- dates --------------------------------------------------------------------------------------------


def short_day(moment: datetime) -> str:
    """Tue, Nov 24 · mar 24 nov."""
    local = timezone.localtime(moment)
    return date_format(local, "D j M").lower() if get_language() == "es" else date_format(local, "D, M j")


def due(moment: datetime, at: datetime) -> dict[str, Any]:
    """When an answer is due: `day`, `words`, and whether it is `urgent` (tomorrow or sooner)."""
    apart = (timezone.localtime(moment).date() - timezone.localtime(at).date()).days
    days = rules.business_days_between(timezone.localtime(at), timezone.localtime(moment))
    if moment < at:
        late = -days
        words = (
            ngettext("%(n)s business day late", "%(n)s business days late", late) % {"n": late}
            if late
            else _("Late since today")
        )
    elif apart == 0:
        words = _("Due today")
    elif apart == 1:
        words = _("Due tomorrow")
    else:
        words = ngettext("In %(n)s business day", "In %(n)s business days", days) % {"n": days}
    return {"day": short_day(moment), "words": words, "urgent": days <= 1}


# --- a micro-credential and a review in a list ----------------------------------------------------------


def stone_of(version: Version, organization: Organization) -> dict[str, Any]:
    """What `{% stone %}` needs, and the title."""
    definition = version.parsed
    subject = version.micro_credential_id
    return {
        "id": subject,
        "level": definition.level,
        "glyph": definition.glyph,
        "family": organization.family or family_of(str(organization.pk)),
        "title": text(definition.title),
    }


def which_try(review: Review) -> str:
    """First time, or sent again with the criteria that are left."""
    if review.submission.number == 1:
        return _("First time")
    everything = [c.id for c in review.submission.enrollment.version.parsed.criteria]
    judged = [str(everything.index(c.id) + 1) for c in queries.criteria_of(review)]
    if len(judged) == len(everything):
        return _("Sent again")
    return ngettext("Sent again: criterion %(numbers)s only", "Sent again: criteria %(numbers)s only", len(judged)) % {
        "numbers": ", ".join(judged)
    }


# --- evidence -------------------------------------------------------------------------------------------


def kinds_of(artifacts: Iterable[Artifact]) -> dict[str, int]:
    """How many there are of each kind."""
    counts: dict[str, int] = {}
    for artifact in artifacts:
        counts[artifact.kind] = counts.get(artifact.kind, 0) + 1
    return counts


def _label(kind: str, n: int, of: int) -> str:
    names = {
        "photo": _("Photo %(n)s of %(of)s"),
        "document": _("Document %(n)s of %(of)s"),
        "audio": _("Recording %(n)s of %(of)s"),
        "video": _("Video %(n)s of %(of)s"),
        "link": _("Link %(n)s of %(of)s"),
    }
    return names[kind] % {"n": n, "of": of}


def evidence(
    definition: Definition, content: Mapping[str, Any], *, blind: Blind, file_url: FileUrl
) -> tuple[list[dict[str, Any]], str]:
    """The parts of what was sent, in the order of the definition, and one line that counts them.

    File names are left out and names are hidden, because they say who wrote it.
    """
    by_part: dict[str, list[str]] = {k: list(v) for k, v in content.get("artifacts", {}).items()}
    wanted = [UUID(i) for ids in by_part.values() for i in ids if _is_uuid(i)]
    found = {str(a.pk): a for a in Artifact.objects.filter(pk__in=wanted).select_related("blob")}
    totals = kinds_of(found.values())
    counts: dict[str, int] = {}
    parts: list[dict[str, Any]] = []
    answers = 0
    for part in definition.parts():
        if isinstance(part, ArtifactPart):
            items: list[dict[str, Any]] = []
            for key in by_part.get(part.id, []):
                artifact = found.get(key)
                if artifact is None:
                    items.append({"kind": "gone", "label": _("This file is no longer here.")})
                    continue
                kind = artifact.kind
                counts[kind] = counts.get(kind, 0) + 1
                items.append(
                    {
                        "kind": kind,
                        "id": key,
                        "label": _label(kind, counts[kind], totals[kind]),
                        "url": artifact.url if kind == "link" else file_url(artifact),
                        "size": artifact.blob.size if artifact.blob else None,
                    }
                )
            parts.append({"id": part.id, "title": text(part.title), "files": items, "need": part.min})
            continue
        words, hidden = blind.text(str(content.get("answers", {}).get(part.id, "")))
        answers += bool(words.strip()) and part is not definition.reflection
        parts.append(
            {
                "id": part.id,
                "title": _("Reflection") if part is definition.reflection else text(part.prompt),
                "prompt": text(part.prompt) if part is definition.reflection else "",
                "answer": words,
                "words": word_count(words),
                "hidden": hidden,
                "min": part.min_words,
                "max": part.max_words,
            }
        )
    summary = [ngettext("%(n)s answer", "%(n)s answers", answers) % {"n": answers}] if answers else []
    names: dict[str, Callable[[int], str]] = {
        "photo": lambda n: ngettext("%(n)s photo", "%(n)s photos", n),
        "document": lambda n: ngettext("%(n)s document", "%(n)s documents", n),
        "audio": lambda n: ngettext("%(n)s recording", "%(n)s recordings", n),
        "video": lambda n: ngettext("%(n)s video", "%(n)s videos", n),
        "link": lambda n: ngettext("%(n)s link", "%(n)s links", n),
    }
    summary += [names[kind](totals[kind]) % {"n": totals[kind]} for kind in names if kind in totals]
    if definition.reflection is not None and str(content.get("answers", {}).get("reflection", "")).strip():
        summary.append(_("1 reflection"))
    return parts, ", ".join(summary)


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def blind_for(review: Review) -> Blind:
    """Hides this review's learner."""
    learner = review.submission.enrollment.learner
    return Blind(learner.name, learner.area)


# --- criteria -------------------------------------------------------------------------------------------


@dataclass
class Row:
    """One criterion on the page, with what is on its line of the sheet."""

    n: int
    id: str
    title: str
    summary: str
    levels: list[dict[str, Any]]
    phrases: list[dict[str, Any]]
    more: list[dict[str, Any]]
    comment: str
    scored: bool
    now: bool = False
    open: bool = False

    @property
    def more_open(self) -> bool:
        """Whether one of the further phrases is chosen."""
        return any(phrase["checked"] for phrase in self.more)


def level_rows(criterion: Criterion, chosen: str) -> list[dict[str, Any]]:
    """The levels of a criterion and "cannot tell", with the color of each."""
    rows = [
        {
            "id": level.id,
            "title": text(level.title),
            "text": text(level.text),
            "css": "yes" if level.demonstrated else "no",
            "checked": level.id == chosen,
        }
        for level in criterion.levels
    ]
    rows.append(
        {"id": CANNOT_TELL, "title": _("Cannot tell"), "text": "", "css": "ask", "checked": chosen == CANNOT_TELL}
    )
    return rows


def criteria_rows(
    criteria: Sequence[Criterion],
    everything: Sequence[Criterion],
    sheet: Mapping[str, Line],
    phrases: Sequence[Phrase],
) -> list[Row]:
    """The rows of a score sheet. The first one without a level is the current one."""
    other = "es" if get_language() != "es" else "en"
    place = {c.id: i for i, c in enumerate(everything, 1)}
    rows = []
    for criterion in criteria:
        line = sheet.get(criterion.id, Line())
        offered = queries.phrases_for(criterion, phrases, line.phrases)
        counting = next((level for level in criterion.levels if level.demonstrated), criterion.levels[0])
        buttons = [
            {
                "key": key,
                "words": text(words),
                "other": words.get(other, ""),
                "lang": other,
                "n": i if i < 10 else "",
                "checked": words in [dict(p) for p in line.phrases],
            }
            for i, (key, words) in enumerate(offered, 1)
        ]
        rows.append(
            Row(
                n=place[criterion.id],
                id=criterion.id,
                title=text(criterion.title),
                summary=text(counting.text),
                levels=level_rows(criterion, line.level),
                phrases=buttons[:SHOWN_PHRASES],
                more=buttons[SHOWN_PHRASES:],
                comment=line.comment,
                scored=bool(line.level),
                open=bool(line.comment or line.phrases or (line.level and not criterion.shown_at(line.level))),
            )
        )
    current = next((row for row in rows if not row.scored), None)
    if current is not None:
        current.now = current.open = True
    return rows


def typed_lines(post: QueryDict, criteria: Sequence[Criterion]) -> dict[str, LineInput]:
    """What the form says for each criterion of the sheet."""
    return {
        c.id: LineInput(
            post.get(f"level-{c.id}", "")[:60],
            post.get(f"comment-{c.id}", "").replace("\r\n", "\n"),
            post.getlist(f"phrases-{c.id}")[:40],
        )
        for c in criteria
        if any(f"{name}-{c.id}" in post for name in ("level", "comment", "phrases"))
    }


def typed_sheet(
    lines: Mapping[str, LineInput], criteria: Sequence[Criterion], phrases: Sequence[Phrase], kept: Mapping[str, Line]
) -> dict[str, Line]:
    """The sheet as it was typed, to show it again after a refusal."""
    sheet = dict(kept)
    for criterion in criteria:
        if criterion.id in lines:
            line = lines[criterion.id]
            old = kept.get(criterion.id, Line())
            known = dict(queries.phrases_for(criterion, phrases, old.phrases))
            sheet[criterion.id] = Line(line.level, line.comment, [known[k] for k in line.phrases if k in known])
    return sheet
