"""The form of a micro-credential's definition, in numbered parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from fieldstone.server.catalog import rules
from fieldstone.server.web.author.fields import Field, Part, Words
from fieldstone.server.web.shared.templatetags.fieldstone import LEVELS, text

GLYPHS: dict[str, Words] = {
    "shield": lazy("Shield"), "sprout": lazy("Sprout"), "heart": lazy("Heart"), "people": lazy("People"),
    "house": lazy("House"), "case": lazy("Case"), "eye": lazy("Eye"), "stairs": lazy("Stairs"),
    "book": lazy("Book"), "chart": lazy("Chart"), "nut": lazy("Nut"), "screen": lazy("Screen"),
    "cross": lazy("Cross"), "fish": lazy("Fish"), "speech": lazy("Speech"), "dawn": lazy("Dawn"),
    "coin": lazy("Coin"), "compass": lazy("Compass"),
}  # fmt: skip
KINDS = (
    ("photo", lazy("Photo")), ("document", lazy("Document")), ("audio", lazy("Sound")), ("video", lazy("Video")),
    ("link", lazy("Link")),
)  # fmt: skip
CHILDREN = (
    ("none", lazy("No child is part of the evidence")),
    ("no_faces", lazy("Children may be near, but no face and no full name may show")),
    ("consent", lazy("A child may be seen or heard, with a parent’s or guardian’s consent on paper")),
)
PARTICIPATION = (
    ("online", lazy("Online")), ("onsite", lazy("In person")), ("blended", lazy("Both, online and in person")),
    ("work", lazy("At work")),
)  # fmt: skip
ASSESSMENT = (
    ("portfolio", lazy("Evidence that was gathered (portfolio)")), ("observation", lazy("Somebody watches the work")),
    ("performance", lazy("A task done to show it")), ("exam", lazy("Exam")),
)  # fmt: skip
SUPERVISION = (
    ("unsupervised", lazy("Nobody watches; identity is not checked")),
    ("supervised_online", lazy("Watched online, identity checked")),
    ("supervised_onsite", lazy("Watched in person, identity checked")),
    ("supervisor_at_work", lazy("A supervisor at work confirms it")),
)
LANGUAGES = (
    ("en", lazy("English only")), ("es", lazy("Spanish only")), ("en es", lazy("English first, and Spanish")),
    ("es en", lazy("Spanish first, and English")),
)  # fmt: skip

TITLE = Field(name="title", label=lazy("Title"), hint=lazy("Up to 120 signs. Name the skill, not the course."))
SUMMARY = Field(
    name="summary", kind="long", label=lazy("Summary"),
    hint=lazy("What the learner does, as you would tell a neighbor. Up to 600 signs."),
)  # fmt: skip
CAN_DO = Field(
    name="can_do", kind="long", label=lazy("What the person can do"),
    hint=lazy("One sentence that stands on the credential: “Observes children and records what happened.”"),
)  # fmt: skip


def free(prefix: str, used: set[Any]) -> str:
    """A short name that is not taken."""
    return next(name for n in range(1, 10_000) if (name := f"{prefix}{n}") not in used)


def _ids(rows: Any) -> set[Any]:
    return {row.get("id") for row in rows or () if isinstance(row, Mapping)}


def _part_ids(body: Mapping[str, Any]) -> set[Any]:
    return _ids(body.get("questions")) | _ids(body.get("artifacts"))


def _new_question(_rows: list[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": free("q", _part_ids(body)), "prompt": {}, "hint": {}, "min_words": 50, "max_words": 200}


def _new_artifact(_rows: list[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": free("a", _part_ids(body)), "title": {}, "instructions": {},
        "kinds": ["photo", "document", "link"], "min": 1, "max": 3,
    }  # fmt: skip


def _new_level(rows: list[Any], _body: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": free("l", _ids(rows)), "title": {}, "text": {}, "demonstrated": False}


def _new_criterion(rows: list[Any], _body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": free("c", _ids(rows)), "title": {}, "parts": [], "phrases": [],
        "levels": [
            {"id": "demonstrated", "title": {"en": "Demonstrated", "es": "Demostrado"}, "text": {},
             "demonstrated": True},
            {"id": "not_yet", "title": {"en": "Not yet", "es": "Todavía no"}, "text": {}, "demonstrated": False},
        ],
    }  # fmt: skip


def _question_fields() -> tuple[Field, ...]:
    return (
        Field(name="prompt", kind="long", label=lazy("Question")),
        Field(name="hint", label=lazy("Help under the question"), hint=lazy("May stay empty.")),
        Field(name="min_words", kind="number", label=lazy("Words at least"), blank=0),
        Field(name="max_words", kind="number", label=lazy("Words at most"), blank=0),
    )


def parts_of_evidence(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parts that a criterion may judge: (id, words); also ids that criteria name and no part has any more."""
    found: dict[str, str] = {}
    for name, label in (("questions", _("Question")), ("artifacts", _("Files"))):
        for i, row in enumerate(body.get(name) or (), 1):
            words = text(row.get("prompt") or row.get("title") or {})
            found[str(row.get("id"))] = f"{label} {i}: {words[:60]}" if words else f"{label} {i}"
    if body.get("reflection"):
        found["reflection"] = _("Reflection")
    for row in body.get("rubric") or ():
        for part in row.get("parts") or ():
            found.setdefault(str(part), _("“%(part)s”, which is gone") % {"part": part})
    return list(found.items())


def form(
    body: Mapping[str, Any], areas: Sequence[Mapping[str, Any]], known: Sequence[tuple[str, str]]
) -> tuple[Part, ...]:
    """The parts of the form. `areas` are the program's subject areas; `known` the possible prerequisites."""
    evidence = parts_of_evidence(body)
    codes = {str(area["code"]): text(area["name"]) for area in areas}
    hours = body.get("clock_hours")
    for code in hours if isinstance(hours, Mapping) else ():
        codes.setdefault(str(code), str(code))
    titles = dict(known)
    first: list[tuple[str, Words]] = [("", lazy("Choose one")), *known]
    first += [(p, p) for p in body.get("prerequisites") or () if isinstance(p, str) and p and p not in titles]
    bare = Field(name="", kind="long")
    return (
        Part(
            title=lazy("In plain words"),
            intro=lazy("What everybody reads first, without an account."),
            fields=(
                Field(
                    name="languages", kind="radio", options=LANGUAGES, label=lazy("Languages"),
                    hint=lazy("The first one must be complete. A learner sees the other where it is written."),
                ),
                TITLE, SUMMARY, CAN_DO,
                Field(name="glyph", kind="glyph", options=tuple(GLYPHS.items()), label=lazy("Sign on the stone")),
            ),
        ),
        Part(
            title=lazy("Competency and method"),
            fields=(
                Field(name="competency", kind="long", label=lazy("Competency"),
                      hint=lazy("What the person knows, understands and can do, in one or two sentences.")),
                Field(name="key_method", kind="long", label=lazy("Key method"),
                      hint=lazy("The one way of working that this is about.")),
                Field(
                    name="method_components", kind="rows", label=lazy("Method components"),
                    hint=lazy("The steps of the method, one a row."), one=lazy("Component"),
                    more=lazy("Add a component"), fields=(bare,), drops_blanks=True,
                ),
            ),
        ),
        Part(
            title=lazy("Level, time and cost"),
            fields=(
                Field(name="level", kind="radio", options=tuple(LEVELS.items()), label=lazy("Level")),
                Field(name="level_name", label=lazy("Your own name for this level"),
                      hint=lazy("For example “Provisional”. May stay empty.")),
                Field(name="notional_hours", kind="number", label=lazy("Hours of work in all"),
                      hint=lazy("Reading, doing and writing, for somebody who is new to it.")),
                Field(
                    name="clock_hours", kind="amounts", label=lazy("Clock hours that count, by subject area"),
                    options=tuple(codes.items()),
                    hint=lazy("Leave empty what does not count. Subject areas are kept with the program."),
                ),
                Field(name="cost_cents", kind="money", label=lazy("Cost for the learner, in dollars"),
                      hint=lazy("Empty means free.")),
                Field(
                    name="prerequisites", kind="rows", label=lazy("Prerequisites"),
                    hint=lazy("Micro-credentials that must come first."), one=lazy("Prerequisite"),
                    more=lazy("Add a prerequisite"), new=lambda rows, body: "",
                    fields=(Field(name="", kind="choice", options=tuple(first)),), drops_blanks=True,
                ),
                Field(name="valid_months", kind="number", blank=None, label=lazy("Valid for how many months"),
                      hint=lazy("Empty means that it does not end.")),
                Field(name="offline", kind="flag", label=lazy("The work needs no internet")),
                Field(name="participation", kind="choice", options=PARTICIPATION,
                      label=lazy("Where the learning happens")),
                Field(name="credit_framework", kind="line", label=lazy("Level in a qualifications framework"),
                      hint=lazy("Where one applies, for example “EQF level 4”. May stay empty.")),
            ),
        ),
        Part(
            title=lazy("Evidence"),
            intro=lazy("What the learner sends. Every part is public before anybody starts."),
            fields=(
                Field(
                    name="questions", kind="rows", label=lazy("Context questions"), one=lazy("Question"),
                    more=lazy("Add a question"), new=_new_question,
                    fields=(Field(name="id", kind="hidden"), *_question_fields()),
                ),
                Field(
                    name="artifacts", kind="rows", label=lazy("Files and links"), one=lazy("Part"),
                    more=lazy("Add a part"), new=_new_artifact,
                    fields=(
                        Field(name="id", kind="hidden"),
                        Field(name="title", label=lazy("What to send")),
                        Field(name="instructions", kind="long", label=lazy("How to make it"),
                              hint=lazy("May stay empty.")),
                        Field(name="kinds", kind="many", options=KINDS, label=lazy("What it may be")),
                        Field(name="min", kind="number", label=lazy("How many at least"), blank=None),
                        Field(name="max", kind="number", label=lazy("How many at most"), blank=0),
                    ),
                ),
                Field(
                    name="reflection", kind="group", label=lazy("Reflection"),
                    hint=lazy("Leave all of it empty to ask for none."), fields=_question_fields(),
                ),
                Field(name="children", kind="radio", options=CHILDREN,
                      label=lazy("Children in the evidence")),
            ),
        ),
        Part(
            title=lazy("Rubric"),
            intro=lazy("The learner’s rubric is the assessor’s. Every criterion must be demonstrated."),
            fields=(
                Field(
                    name="rubric", kind="rows", label=lazy("Criteria"), one=lazy("Criterion"),
                    more=lazy("Add a criterion"), new=_new_criterion,
                    fields=(
                        Field(name="id", kind="hidden"),
                        Field(name="title", label=lazy("Name of the criterion")),
                        Field(
                            name="levels", kind="rows", label=lazy("Levels of this criterion"), one=lazy("Level"),
                            more=lazy("Add a level"), new=_new_level,
                            fields=(
                                Field(name="id", kind="hidden"),
                                Field(name="title", label=lazy("Name of the level")),
                                Field(name="text", kind="long", label=lazy("What it looks like")),
                                Field(name="demonstrated", kind="flag", label=lazy("Counts as demonstrated")),
                            ),
                        ),
                        Field(name="parts", kind="many", options=tuple(evidence),
                              label=lazy("Parts of the evidence it judges"), hint=lazy("None chosen means all.")),
                        Field(
                            name="phrases", kind="rows", label=lazy("Phrases for feedback"), one=lazy("Phrase"),
                            hint=lazy("Assessors pick them with one key."), more=lazy("Add a phrase"),
                            fields=(Field(name=""),), drops_blanks=True,
                        ),
                    ),
                ),
                Field(name="assessment_type", kind="choice", options=ASSESSMENT, label=lazy("How it is assessed")),
                Field(name="supervision", kind="choice", options=SUPERVISION, label=lazy("Who watches the work")),
                Field(name="quality_assurance", kind="long", label=lazy("How the assessment is kept good"),
                      hint=lazy("For example who assesses, how they are trained, and how often that is checked.")),
            ),
        ),
        Part(
            title=lazy("Sources and ties"),
            fields=(
                Field(
                    name="research", kind="rows", label=lazy("Supporting research"), one=lazy("Source"),
                    more=lazy("Add a source"), drops_blanks=True,
                    fields=(
                        Field(name="citation", kind="line", label=lazy("Citation")),
                        Field(name="url", kind="line", label=lazy("Web address"), hint=lazy("May stay empty.")),
                    ),
                ),
                Field(
                    name="resources", kind="rows", label=lazy("Free resources for learners"), one=lazy("Resource"),
                    more=lazy("Add a resource"), drops_blanks=True,
                    fields=(
                        Field(name="title", label=lazy("Name of the resource")),
                        Field(name="url", kind="line", label=lazy("Web address"), hint=lazy("May stay empty.")),
                    ),
                ),
                Field(
                    name="alignments", kind="rows", label=lazy("Ties to public frameworks"), one=lazy("Tie"),
                    more=lazy("Add a tie"), drops_blanks=True,
                    fields=(
                        Field(name="framework", kind="line", label=lazy("Framework"),
                              hint=lazy("For example “O*NET” or “CDA competency standards”.")),
                        Field(name="code", kind="line", label=lazy("Code")),
                        Field(name="name", kind="line", label=lazy("Name of the item")),
                        Field(name="url", kind="line", label=lazy("Web address"),
                              hint=lazy("Begins with https://.")),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def fields(parts: Sequence[Part]) -> tuple[Field, ...]:
    """Every field of the form, in order."""
    return tuple(f for part in parts for f in part.fields)


def to_form(body: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as the form shows it: languages are one choice there."""
    languages = body.get("languages")
    joined = " ".join(str(x) for x in languages) if isinstance(languages, list) else ""
    return {**rules.EMPTY, **body, "languages": joined}


def from_form(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as a definition."""
    return {**typed, "languages": str(typed["languages"]).split()}


def language() -> str:
    """The page's language, one of ours."""
    return "es" if (get_language() or "en").startswith("es") else "en"
