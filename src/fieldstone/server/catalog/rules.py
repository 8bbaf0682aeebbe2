"""What a micro-credential's definition is made of: parsing, limits, and gaps against published frameworks.

A definition is one JSON document. A published version never changes, so the document *is* the version.
Texts are objects such as `{"en": "...", "es": "..."}` with at least the definition's first language.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

LANGUAGES = ("en", "es")
LEVELS = (1, 2, 3)
ARTIFACT_KINDS = ("photo", "document", "audio", "video", "link")
CHILDREN = ("none", "no_faces", "consent")
PARTICIPATION = ("online", "onsite", "blended", "work")
ASSESSMENT_TYPES = ("portfolio", "observation", "performance", "exam")
SUPERVISION = ("unsupervised", "supervised_online", "supervised_onsite", "supervisor_at_work")
GLYPHS = (
    "shield", "sprout", "heart", "people", "house", "case", "eye", "stairs", "book", "chart", "nut", "screen",
    "cross", "fish", "speech", "dawn", "coin", "compass",
)  # fmt: skip

LIST_POLICIES = ("no", "one", "two")
"""May a program's micro-credentials be recorded from a list: not at all, by one issuer, by two."""
Text = Mapping[str, str]
CANNOT_TELL = "cannot_tell"
"""The score that every criterion allows besides its own levels."""

NEEDED = _("Write this. It is needed.")
"""What a blank is told: the only problem that a form of first drafts need not shout."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ID = re.compile(r"[a-z][a-z0-9_]{0,29}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_ELEMENT = re.compile(r"[1-9]\.[A-Z](\.[0-9a-z]{1,2}){1,5}")
_JOB = re.compile(r"[1-9]\d-\d{4}(\.\d\d)?")

ONET = "O*NET"
"""What the name of every framework of O*NET begins with: "O*NET", "O*NET skills", "O*NET-SOC"."""
TOP_LEVEL = 7
"""The highest level of O*NET's scale of levels, which begins at 0."""
LEVEL_NAME = 80
"""Signs of a level in the words of another framework."""


@dataclass(frozen=True)
class Question:
    """A context question with its word limits."""

    id: str
    prompt: Text
    hint: Text
    min_words: int
    max_words: int


@dataclass(frozen=True)
class ArtifactPart:
    """A part of the evidence that is sent as files or links."""

    id: str
    title: Text
    instructions: Text
    kinds: tuple[str, ...]
    min: int
    max: int


@dataclass(frozen=True)
class Level:
    """One level of one criterion; `demonstrated` says whether reaching it counts."""

    id: str
    title: Text
    text: Text
    demonstrated: bool


@dataclass(frozen=True)
class Criterion:
    """One row of the rubric. `parts` are the evidence parts it judges; empty means all of them."""

    id: str
    title: Text
    levels: tuple[Level, ...]
    parts: tuple[str, ...]
    phrases: tuple[Text, ...]

    def level(self, level_id: str) -> Level | None:
        """The level of that id, or None (also for "cannot tell")."""
        return next((level for level in self.levels if level.id == level_id), None)

    def shown_at(self, level_id: str) -> bool:
        """Whether this level counts as demonstrated. "Cannot tell" does not."""
        level = self.level(level_id)
        return level is not None and level.demonstrated

    def category(self, level_id: str) -> str:
        """What agreement between two people is counted on: does the level count, or could they not tell."""
        return CANNOT_TELL if level_id == CANNOT_TELL else "demonstrated" if self.shown_at(level_id) else "not_yet"


@dataclass(frozen=True)
class Alignment:
    """A tie to a public framework's item.

    `level` is what the evidence shows of a skill or area of knowledge of O*NET: 0 to 7 on O*NET's own scale, with at
    most two decimals. None where nothing is said. `level_name` is the same for every other framework, in words: one of
    its own levels, or the author's. `item` and `version` are the identifier of an imported framework's item and the
    version it was read in; empty for a tie that was written by hand.
    """

    framework: str
    code: str
    name: str
    url: str
    level: Decimal | None = None
    level_name: str = ""
    item: str = ""
    version: str = ""

    @property
    def element(self) -> str:
        """The id of O*NET's skill or area of knowledge, "2.A.1.a"; "" for anything else."""
        return self.code if is_element(self.framework, self.code) else ""

    @property
    def job(self) -> str:
        """The code of an occupation, "39-9011.00" or "39-9011"; "" for anything else."""
        return self.code if self.framework.startswith(ONET) and is_job(self.code) else ""


def is_element(framework: str, code: str) -> bool:
    """Whether this names a skill or an area of knowledge of O*NET."""
    return framework.startswith(ONET) and _ELEMENT.fullmatch(code) is not None


def is_job(code: str) -> bool:
    """Whether this is the code of an occupation: eight digits of O*NET-SOC, or six of the SOC."""
    return _JOB.fullmatch(code) is not None


def same_job(one: str, other: str) -> bool:
    """Whether two codes of occupations mean the same; six digits stand for all that begin with them."""
    return one == other or (one[:7] == other[:7] and 7 in (len(one), len(other)))


@dataclass(frozen=True)
class Definition:
    """A whole definition, checked. Hours are clock hours; `cost_cents` are US cents."""

    title: Text
    summary: Text
    can_do: Text
    competency: Text
    key_method: Text
    method_components: tuple[Text, ...]
    research: tuple[Mapping[str, str], ...]
    resources: tuple[tuple[Text, str], ...]
    languages: tuple[str, ...]
    level: int
    level_name: Text
    notional_hours: int
    clock_hours: Mapping[str, int]
    cost_cents: int
    prerequisites: tuple[str, ...]
    valid_months: int | None
    glyph: str
    offline: bool
    questions: tuple[Question, ...]
    artifacts: tuple[ArtifactPart, ...]
    reflection: Question | None
    criteria: tuple[Criterion, ...]
    alignments: tuple[Alignment, ...]
    children: str
    participation: str
    assessment_type: str
    supervision: str
    quality_assurance: Text
    credit_framework: str

    def parts(self) -> Iterator[Question | ArtifactPart]:
        """Every part of the evidence in the order in which a learner meets it."""
        yield from self.questions
        yield from self.artifacts
        if self.reflection is not None:
            yield self.reflection

    def criterion(self, criterion_id: str) -> Criterion | None:
        """The rubric's row of that id."""
        return next((c for c in self.criteria if c.id == criterion_id), None)

    @property
    def shows(self) -> dict[str, Decimal]:
        """What somebody who earned it has shown: skills of O*NET with their levels, the highest where tied twice."""
        found: dict[str, Decimal] = {}
        for tie in self.alignments:
            if tie.element and tie.level:
                found[tie.element] = max(tie.level, found.get(tie.element, tie.level))
        return found

    @property
    def jobs(self) -> tuple[str, ...]:
        """The occupations that it is tied to, by their codes, each once."""
        return tuple(dict.fromkeys(tie.job for tie in self.alignments if tie.job))


EMPTY: dict[str, Any] = {
    "title": {}, "summary": {}, "can_do": {}, "competency": {}, "key_method": {}, "method_components": [],
    "research": [], "resources": [], "languages": ["en"], "level": 1, "level_name": {}, "notional_hours": 0,
    "clock_hours": {}, "cost_cents": 0, "prerequisites": [], "valid_months": None, "glyph": "book",
    "offline": True, "questions": [], "artifacts": [], "reflection": None, "rubric": [], "alignments": [],
    "children": "none", "participation": "online", "assessment_type": "portfolio",
    "supervision": "unsupervised", "quality_assurance": {}, "credit_framework": "",
}  # fmt: skip
"""A draft on its first day."""


class Reader:
    """Reads one JSON document, collecting every problem with its path instead of stopping at the first."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.problems: list[Problem] = []
        self.first_language = "en"

    def add(self, path: str, message: str, **params: object) -> None:
        self.problems.append(Problem(path, message, params))

    def text(self, value: Any, path: str, *, limit: int, needed: bool = True) -> dict[str, str]:
        if value in (None, "", {}):
            value = {}
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            self.add(path, _("Write this as text."))
            return {}
        kept = {k: " ".join(v.split()) if limit <= 300 else v.strip() for k, v in value.items() if k in LANGUAGES}
        kept = {k: v for k, v in kept.items() if v}
        for language, words in kept.items():
            if len(words) > limit:
                self.add(f"{path}.{language}", _("Shorten this to %(limit)s signs."), limit=limit)
            if _CONTROL.search(words):
                self.add(f"{path}.{language}", _("Take out the control characters."))
        if needed and not kept.get(self.first_language):
            self.add(f"{path}.{self.first_language}", NEEDED)
        return kept

    def number(self, value: Any, path: str, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.add(path, _("Give a whole number from %(low)s to %(high)s."), low=low, high=high)
            return low
        return value

    def decimal(self, value: Any, path: str, low: int, high: int) -> Decimal | None:
        """A number with at most two decimals; None for none."""
        if value is None:
            return None
        exact = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if exact is None or not exact.is_finite() or not low <= exact <= high or exact != round(exact, 2):
            self.add(
                path, _("Give a number from %(low)s to %(high)s with at most two decimals."), low=low, high=high
            )
            return None
        return exact

    def choice(self, value: Any, path: str, options: tuple[str, ...]) -> str:
        if value not in options:
            self.add(path, _("Choose one of: %(options)s."), options=", ".join(options))
            return options[0]
        return str(value)

    def items(self, value: Any, path: str, low: int, high: int) -> list[Any]:
        if not isinstance(value, list):
            self.add(path, _("Give a list."))
            return []
        if not low <= len(value) <= high:
            self.add(path, _("Give from %(low)s to %(high)s entries."), low=low, high=high)
        return value[:high]

    def record(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.add(path, _("This entry is not readable."))
            return {}
        return value

    def ident(self, value: Any, path: str, seen: set[str]) -> str:
        if not isinstance(value, str) or not _ID.fullmatch(value):
            self.add(path, _("Use a short name of small letters, digits and underscores."))
            return ""
        if value in seen:
            self.add(path, _("This name is used twice."))
        seen.add(value)
        return value

    def question(self, value: Any, path: str, seen: set[str], fixed: str = "") -> Question:
        row = self.record(value, path)
        low = self.number(row.get("min_words", 0), f"{path}.min_words", 0, 2000)
        high = self.number(row.get("max_words", 0), f"{path}.max_words", 1, 2000)
        if low > high:
            self.add(f"{path}.max_words", _("The upper limit is below the lower one."))
        return Question(
            id=self.ident(fixed or row.get("id"), f"{path}.id", seen),
            prompt=self.text(row.get("prompt"), f"{path}.prompt", limit=600),
            hint=self.text(row.get("hint"), f"{path}.hint", limit=600, needed=False),
            min_words=low,
            max_words=high,
        )

    def artifact(self, value: Any, path: str, seen: set[str]) -> ArtifactPart:
        row = self.record(value, path)
        low = self.number(row.get("min", 0), f"{path}.min", 0, 20)
        high = self.number(row.get("max", 0), f"{path}.max", 1, 20)
        if low > high:
            self.add(f"{path}.max", _("The upper limit is below the lower one."))
        kinds = self.items(row.get("kinds"), f"{path}.kinds", 1, len(ARTIFACT_KINDS))
        return ArtifactPart(
            id=self.ident(row.get("id"), f"{path}.id", seen),
            title=self.text(row.get("title"), f"{path}.title", limit=200),
            instructions=self.text(row.get("instructions"), f"{path}.instructions", limit=1000, needed=False),
            kinds=tuple(self.choice(kind, f"{path}.kinds", ARTIFACT_KINDS) for kind in kinds),
            min=low,
            max=high,
        )

    def criterion(self, value: Any, path: str, seen: set[str], parts: set[str]) -> Criterion:
        row = self.record(value, path)
        level_ids: set[str] = {CANNOT_TELL}
        levels = []
        for i, raw in enumerate(self.items(row.get("levels"), f"{path}.levels", 2, 6)):
            at = f"{path}.levels.{i}"
            entry = self.record(raw, at)
            levels.append(
                Level(
                    id=self.ident(entry.get("id"), f"{at}.id", level_ids),
                    title=self.text(entry.get("title"), f"{at}.title", limit=80),
                    text=self.text(entry.get("text"), f"{at}.text", limit=1000),
                    demonstrated=entry.get("demonstrated") is True,
                )
            )
        counting = sum(level.demonstrated for level in levels)
        if levels and not 0 < counting < len(levels):
            self.add(f"{path}.levels", _("Say which levels count as demonstrated: at least one, not all."))
        judged = self.items(row.get("parts", []), f"{path}.parts", 0, 60)
        for part in judged:
            if part not in parts:
                self.add(f"{path}.parts", _("“%(part)s” is not a part of the evidence."), part=part)
        phrases = self.items(row.get("phrases", []), f"{path}.phrases", 0, 12)
        return Criterion(
            id=self.ident(row.get("id"), f"{path}.id", seen),
            title=self.text(row.get("title"), f"{path}.title", limit=160),
            levels=tuple(levels),
            parts=tuple(str(part) for part in judged),
            phrases=tuple(self.text(p, f"{path}.phrases.{i}", limit=400, needed=False) for i, p in enumerate(phrases)),
        )

    def url(self, value: Any, path: str, *, needed: bool) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if (text or needed) and (not re.fullmatch(r"https?://[^\s<>\"]{3,500}", text)):
            self.add(path, _("Give a web address that begins with https://."))
        return text

    def alignment(self, value: Any, path: str) -> Alignment:
        row = self.record(value, path)
        tie = Alignment(
            framework=self.line(row.get("framework"), f"{path}.framework"),
            code=self.line(row.get("code"), f"{path}.code", limit=60),
            name=self.line(row.get("name"), f"{path}.name"),
            url=self.url(row.get("url"), f"{path}.url", needed=True),
            level=self.decimal(row.get("level"), f"{path}.level", 0, TOP_LEVEL),
            level_name=self.line(row.get("level_name"), f"{path}.level_name", limit=LEVEL_NAME, needed=False),
            item=self.line(row.get("item"), f"{path}.item", needed=False),
            version=self.line(row.get("version"), f"{path}.version", limit=80, needed=False),
        )
        if tie.level_name and tie.element:
            self.add(f"{path}.level_name", _("A skill of O*NET has a level from 0 to 7. Leave this empty."))
        if tie.level is not None and not tie.element:
            self.add(f"{path}.level", _("Only a skill of O*NET, such as 2.A.1.a, has a level. Leave this empty."))
        return tie

    def line(self, value: Any, path: str, *, limit: int = 300, needed: bool = True) -> str:
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if needed and not text:
            self.add(path, NEEDED)
        if len(text) > limit:
            self.add(path, _("Shorten this to %(limit)s signs."), limit=limit)
        return text


def parse(data: Any) -> tuple[Definition, list[Problem]]:
    """Read a definition. Always returns one (with blanks where unreadable) and every problem found.

    A definition may be published only when the list is empty.
    """
    r = Reader(data if isinstance(data, Mapping) else {})
    d = {**EMPTY, **r.data}
    for name in sorted(set(map(str, r.data)) - set(EMPTY)):
        r.add(name, _("No such field."))
    languages = [x for x in r.items(d["languages"], "languages", 1, len(LANGUAGES)) if x in LANGUAGES]
    if not languages:
        r.add("languages", _("Choose at least one language."))
        languages = ["en"]
    r.first_language = languages[0]
    seen: set[str] = set()
    questions = tuple(
        r.question(q, f"questions.{i}", seen) for i, q in enumerate(r.items(d["questions"], "questions", 0, 12))
    )
    artifacts = tuple(
        r.artifact(a, f"artifacts.{i}", seen) for i, a in enumerate(r.items(d["artifacts"], "artifacts", 0, 12))
    )
    reflection = None
    if d["reflection"] is not None:
        reflection = r.question(d["reflection"], "reflection", seen, fixed="reflection")
    if not questions and not artifacts and reflection is None:
        r.add("artifacts", _("Ask for at least one part of evidence."))
    criterion_ids: set[str] = set()
    criteria = tuple(
        r.criterion(c, f"rubric.{i}", criterion_ids, seen) for i, c in enumerate(r.items(d["rubric"], "rubric", 1, 20))
    )
    hours = r.record(d["clock_hours"], "clock_hours")
    clock = {str(a): r.number(h, f"clock_hours.{a}", 1, 2000) for a, h in hours.items()}
    alignments = tuple(
        r.alignment(raw, f"alignments.{i}") for i, raw in enumerate(r.items(d["alignments"], "alignments", 0, 40))
    )
    research = []
    for i, raw in enumerate(r.items(d["research"], "research", 0, 30)):
        row = r.record(raw, f"research.{i}")
        research.append(
            {
                "citation": r.line(row.get("citation"), f"research.{i}.citation", limit=600),
                "url": r.url(row.get("url"), f"research.{i}.url", needed=False),
            }
        )
    resources = []
    for i, raw in enumerate(r.items(d["resources"], "resources", 0, 30)):
        row = r.record(raw, f"resources.{i}")
        resources.append(
            (
                r.text(row.get("title"), f"resources.{i}.title", limit=300),
                r.url(row.get("url"), f"resources.{i}.url", needed=False),
            )
        )
    components = r.items(d["method_components"], "method_components", 0, 12)
    prerequisites = r.items(d["prerequisites"], "prerequisites", 0, 12)
    definition = Definition(
        title=r.text(d["title"], "title", limit=120),
        summary=r.text(d["summary"], "summary", limit=600),
        can_do=r.text(d["can_do"], "can_do", limit=400),
        competency=r.text(d["competency"], "competency", limit=1000),
        key_method=r.text(d["key_method"], "key_method", limit=1000),
        method_components=tuple(r.text(c, f"method_components.{i}", limit=400) for i, c in enumerate(components)),
        research=tuple(research),
        resources=tuple(resources),
        languages=tuple(languages),
        level=r.number(d["level"], "level", 1, 3),
        level_name=r.text(d["level_name"], "level_name", limit=80, needed=False),
        notional_hours=r.number(d["notional_hours"], "notional_hours", 1, 2000),
        clock_hours=clock,
        cost_cents=r.number(d["cost_cents"], "cost_cents", 0, 10_000_000),
        prerequisites=tuple(str(p) for p in prerequisites),
        valid_months=None if d["valid_months"] is None else r.number(d["valid_months"], "valid_months", 1, 600),
        glyph=r.choice(d["glyph"], "glyph", GLYPHS),
        offline=d["offline"] is True,
        questions=questions,
        artifacts=artifacts,
        reflection=reflection,
        criteria=criteria,
        alignments=alignments,
        children=r.choice(d["children"], "children", CHILDREN),
        participation=r.choice(d["participation"], "participation", PARTICIPATION),
        assessment_type=r.choice(d["assessment_type"], "assessment_type", ASSESSMENT_TYPES),
        supervision=r.choice(d["supervision"], "supervision", SUPERVISION),
        quality_assurance=r.text(d["quality_assurance"], "quality_assurance", limit=600, needed=False),
        credit_framework=r.line(d["credit_framework"], "credit_framework", limit=200, needed=False),
    )
    return definition, r.problems


_TEXT: dict[str, Any] = dict.fromkeys(LANGUAGES, str)
_QUESTION: dict[str, Any] = {"id": str, "prompt": _TEXT, "hint": _TEXT, "min_words": int, "max_words": int}
SHAPE: dict[str, Any] = {
    "title": _TEXT, "summary": _TEXT, "can_do": _TEXT, "competency": _TEXT, "key_method": _TEXT,
    "method_components": [_TEXT], "research": [{"citation": str, "url": str}],
    "resources": [{"title": _TEXT, "url": str}], "languages": [str], "level": int, "level_name": _TEXT,
    "notional_hours": int, "clock_hours": {"": int}, "cost_cents": int, "prerequisites": [str],
    "valid_months": int, "glyph": str, "offline": bool, "questions": [_QUESTION],
    "artifacts": [{"id": str, "title": _TEXT, "instructions": _TEXT, "kinds": [str], "min": int, "max": int}],
    "reflection": _QUESTION,
    "rubric": [
        {
            "id": str, "title": _TEXT, "parts": [str], "phrases": [_TEXT],
            "levels": [{"id": str, "title": _TEXT, "text": _TEXT, "demonstrated": bool}],
        }
    ],
    "alignments": [
        {"framework": str, "code": str, "name": str, "url": str, "level": float, "level_name": str, "item": str,
         "version": str}
    ],
    "children": str, "participation": str, "assessment_type": str, "supervision": str,
    "quality_assurance": _TEXT, "credit_framework": str,
}  # fmt: skip
"""Which kind of JSON value belongs where in a definition; the name "" stands for any name."""

_KINDS = {
    str: _("Write this as text."),
    int: _("Give a whole number."),
    float: _("Give a number."),
    bool: _("Give true or false."),
}


def unreadable(data: Any, shape: Any = SHAPE, path: str = "") -> list[Problem]:
    """Where a definition from a file is not even of the right shape: wrong types and unknown names.

    Blanks (null, or left out) are fine here; `parse` tells what is still to be written.
    """
    if data is None:
        return []
    if isinstance(shape, dict):
        if not isinstance(data, Mapping):
            return [Problem(path, _("This entry is not readable."))]
        found = []
        for name, value in data.items():
            here = f"{path}.{name}" if path else str(name)
            if name in shape or "" in shape:
                found += unreadable(value, shape.get(name, shape.get("")), here)
            else:
                found.append(Problem(here, _("No such field.")))
        return found
    if isinstance(shape, list):
        if not isinstance(data, list):
            return [Problem(path, _("Give a list."))]
        return [problem for i, row in enumerate(data) for problem in unreadable(row, shape[0], f"{path}.{i}")]
    fits = type(data) is shape or (shape is float and type(data) is int)
    return [] if fits else [Problem(path, _KINDS[shape])]


def unkeepable(body: Any, most_bytes: int) -> Problem | None:
    """Why a document cannot be stored: it is too large, or holds what no database keeps as text (the null
    character, half of a surrogate pair)."""
    written = json.dumps(body, ensure_ascii=False)
    try:
        size = len(written.encode())
    except UnicodeEncodeError:
        return Problem("", _("Take out the control characters."))
    if size > most_bytes:
        return Problem("", _("This definition is too large. Shorten its texts."))
    if r"\u0000" in written.replace(r"\\", ""):
        return Problem("", _("Take out the control characters."))
    return None


@dataclass(frozen=True)
class Difference:
    """One value that two definitions do not share. `path` as in the newer one; None: not there."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> list[Difference]:
    """What changed, value by value. Rows that carry an id are matched by it; blanks of every kind are alike."""
    if before == after or not (before or after or isinstance(before, bool) or isinstance(after, bool)):
        return []
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        old, new = before or {}, after or {}
        names = [*new, *(name for name in old if name not in new)]
        return [d for name in names for d in differences(old.get(name), new.get(name), _under(path, name))]
    if _rows(before) and _rows(after):
        return _row_differences(before or [], after or [], path)
    return [Difference(path, before, after)]


def _under(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _rows(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(row, Mapping) for row in value))


def _row_differences(before: list[Any], after: list[Any], path: str) -> list[Difference]:
    old = {row.get("id") or i: row for i, row in enumerate(before)}
    new = {row.get("id") or i: (i, row) for i, row in enumerate(after)}
    found = [d for name, (i, row) in new.items() for d in differences(old.get(name), row, _under(path, i))]
    gone = [(i, row) for i, row in enumerate(before) if (row.get("id") or i) not in new]
    found += [d for i, row in gone for d in differences(row, None, _under(path, i))]
    kept = [name for name in old if name in new]
    moved = [name for name in new if name in old]
    return found + ([Difference(f"{path}.order", kept, moved)] if kept != moved else [])


def read_areas(rows: Any) -> tuple[list[dict[str, Any]], list[Problem]]:
    """A program's subject areas, `{"code", "name"}` each, and every problem found."""
    r = Reader({})
    found = []
    seen: set[str] = set()
    for i, raw in enumerate(r.items(rows, "areas", 0, 40)):
        row = r.record(raw, f"areas.{i}")
        code = row.get("code")
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            r.add(f"areas.{i}.code", _("Use a short name of small letters, digits and underscores."))
        elif code in seen:
            r.add(f"areas.{i}.code", _("This name is used twice."))
        else:
            seen.add(code)
        name = r.text(row.get("name"), f"areas.{i}.name", limit=120, needed=False)
        if not name:
            r.add(f"areas.{i}.name.en", NEEDED)
        found.append({"code": str(code), "name": name})
    return found, r.problems


def cents(amount: str) -> int:
    """US cents of a typed amount such as "25" or "$1,250.50". Raises ValueError."""
    try:
        value = Decimal(amount.strip().lstrip("$").replace(",", ""))
    except InvalidOperation:
        raise ValueError(amount) from None
    if not value.is_finite() or not 0 <= value < 10**7 or value != round(value, 2):
        raise ValueError(amount)
    return int(value * 100)


def word_count(text: str) -> int:
    """Words as people count them: runs between white space."""
    return len(text.split())


def fold(text: str) -> str:
    """Text for searching: small letters without accents, so that "formacion" finds "Formación"."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
