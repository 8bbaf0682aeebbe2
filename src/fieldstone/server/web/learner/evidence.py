"""What the evidence page shows: numbered sections, each part with its words or files and what it still needs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fieldstone.server.catalog.rules import ArtifactPart, Definition, Question, Text, word_count
from fieldstone.server.evidence import rules
from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.web.shared.middleware import translated

ACCEPT = {
    "photo": "image/jpeg,image/png,image/webp,image/gif",
    "document": ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.txt",
    "audio": "audio/*",
    "video": "video/*",
}


def mark_of(text: str) -> str:
    """A short digest of words as they stood on the page, so that a save can leave alone what nobody touched."""
    return hashlib.sha256(rules.tidy(text).lstrip("\n").encode()).hexdigest()[:16]


@dataclass
class Part:
    """One question or one place for files. `stands`: judged already and demonstrated, not asked again."""

    id: str
    title: Text
    hint: str
    asked: bool
    error: str = ""
    text: str = ""
    revision: int = 0
    mark: str = ""
    low: int = 0
    high: int = 0
    copy: KeptCopy | None = None
    files: list[Artifact] = field(default_factory=list)
    removed: list[Artifact] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    room: int = 0
    link: str = ""
    link_title: str = ""

    @property
    def words(self) -> int:
        """Words as people count them."""
        return word_count(self.text)

    @property
    def enough(self) -> bool:
        """Whether the words are between the limits and something is there."""
        return self.low <= self.words <= self.high and self.words > 0

    @property
    def accept(self) -> str:
        """For the file chooser: what this part may hold."""
        return ",".join(ACCEPT[kind] for kind in self.kinds if kind in ACCEPT)

    @property
    def takes_links(self) -> bool:
        """Whether a link may stand for a file."""
        return "link" in self.kinds

    @property
    def only_links(self) -> bool:
        """Whether nothing but links may stand here."""
        return self.kinds == ("link",)

    @property
    def only_photos(self) -> bool:
        """Whether the button may speak of photos."""
        return not set(self.kinds) - {"photo", "link"}


@dataclass(frozen=True)
class Line:
    """One line of "Before you send": done, missing (with the problem's words), or only worth a look."""

    label: str
    done: bool
    anchor: str


@dataclass
class Page:
    """Everything on the evidence page besides who reads it."""

    questions: list[Part]
    files: list[Part]
    reflection: Part | None
    permission: bool | None
    permission_error: str
    prior_learning: bool
    lines: list[Line]
    copies: list[KeptCopy]
    left: int
    sections: int = 0

    @property
    def parts(self) -> list[Part]:
        """All parts in the page's order."""
        return [*self.questions, *self.files, *([self.reflection] if self.reflection else [])]


def word_hint(question: Question) -> str:
    """The word limits as a phrase."""
    if question.min_words:
        return _("%(low)s to %(high)s words.") % {"low": question.min_words, "high": question.max_words}
    return _("Up to %(high)s words. You may leave this empty.") % {"high": question.max_words}


def count_hint(part: ArtifactPart) -> str:
    """How many files and links as a phrase."""
    if part.min == part.max:
        return ngettext("%(n)s file or link.", "%(n)s files or links.", part.min) % {"n": part.min}
    if part.min == 0:
        return _("Up to %(high)s files or links. You may leave this empty.") % {"high": part.max}
    return _("%(low)s to %(high)s files or links.") % {"low": part.min, "high": part.max}


def build(
    enrollment: Enrollment,
    *,
    answers: Mapping[str, Answer],
    artifacts: Iterable[Artifact],
    copies: Mapping[str, KeptCopy],
    criteria: Collection[str],
    problems: Iterable[Problem] = (),
    typed: Mapping[str, str] | None = None,
    language: str = "en",
) -> Page:
    """The page from rows that were read already. `problems` are shown at their fields; `typed` are words and
    links that could not be kept and are put back into their fields. No query."""
    definition = enrollment.version.parsed
    typed = typed or {}
    wanted = rules.asked(definition, criteria)
    said = {p.field: translated(p) for p in problems}
    here: dict[str, list[Artifact]] = {}
    gone: dict[str, list[Artifact]] = {}
    for artifact in artifacts:
        (gone if artifact.removed_at else here).setdefault(artifact.part, []).append(artifact)

    def words(question: Question) -> Part:
        answer = answers.get(question.id)
        stored = answer.text if answer else ""
        extra = question.hint.get(language) or question.hint.get("en") or ""
        return Part(
            id=question.id,
            title=question.prompt,
            hint=f"{word_hint(question)} {extra}".strip(),
            asked=question.id in wanted,
            error=said.get(rules.field_of(question.id), ""),
            text=typed.get(f"text_{question.id}", stored),
            revision=answer.revision if answer else 0,
            mark=mark_of(stored),
            low=question.min_words,
            high=question.max_words,
            copy=copies.get(question.id),
        )

    def place(part: ArtifactPart) -> Part:
        files = here.get(part.id, [])
        extra = part.instructions.get(language) or part.instructions.get("en") or ""
        return Part(
            id=part.id,
            title=part.title,
            hint=f"{count_hint(part)} {extra}".strip(),
            asked=part.id in wanted,
            error=said.get(rules.field_of(part.id), ""),
            files=files,
            removed=gone.get(part.id, []),
            kinds=part.kinds,
            low=part.min,
            high=part.max,
            room=max(0, part.max - len(files)),
            link=typed.get(f"link_{part.id}", ""),
            link_title=typed.get(f"linktitle_{part.id}", ""),
        )

    children = definition.children != "none"
    page = Page(
        questions=[words(q) for q in definition.questions],
        files=[place(p) for p in definition.artifacts],
        reflection=words(definition.reflection) if definition.reflection else None,
        permission=(enrollment.permission_at is not None) if children else None,
        permission_error=said.get("permission", ""),
        prior_learning=enrollment.prior_learning,
        lines=[],
        copies=list(copies.values()),
        left=0,
    )
    lacking = rules.missing(
        definition,
        {p: a.text for p, a in answers.items()},
        {p: len(files) for p, files in here.items()},
        enrollment.permission_at is not None,
        criteria,
    )
    page.lines = _lines(definition, page, {p.field: translated(p) for p in lacking}, language)
    page.left = len(lacking)
    return page


def _text(value: Text, language: str) -> str:
    return value.get(language) or value.get("en") or next(iter(value.values()), "")


def _lines(definition: Definition, page: Page, lacking: Mapping[str, str], language: str) -> list[Line]:
    lines: list[Line] = []
    asked = [q for q in page.questions if q.asked]
    if asked:
        open_ones = [q for q in asked if rules.field_of(q.id) in lacking]
        label = ngettext(
            "Question: %(done)s of %(all)s answered", "Context questions: %(done)s of %(all)s answered", len(asked)
        ) % {"done": len(asked) - len(open_ones), "all": len(asked)}
        lines.append(Line(label, not open_ones, f"part-{open_ones[0].id}" if open_ones else ""))
    for part in page.files:
        if not part.asked:
            continue
        problem = lacking.get(rules.field_of(part.id), "")
        title = _text(part.title, language)
        count = ngettext("%(n)s received", "%(n)s received", len(part.files)) % {"n": len(part.files)}
        lines.append(Line(f"{title}: {problem or count}", not problem, f"part-{part.id}"))
        if any(is_dark(a) for a in part.files):
            lines.append(Line(_("%(title)s: one looks too dark to read") % {"title": title}, False, f"part-{part.id}"))
    if page.reflection and page.reflection.asked:
        problem = lacking.get(rules.field_of(page.reflection.id), "")
        lines.append(Line(_("Reflection: %(what)s") % {"what": problem or _("enough")}, not problem, "part-reflection"))
    if page.permission is not None:
        label = _("Family has agreed, on paper: yes") if page.permission else _("Family has agreed, on paper: not yet")
        lines.append(Line(label, page.permission, "permission"))
    return lines


def is_dark(artifact: Artifact) -> bool:
    """Whether a photo is too dark for anybody to read."""
    return artifact.blob is not None and artifact.blob.light is not None and artifact.blob.light < rules.DARK_BELOW
