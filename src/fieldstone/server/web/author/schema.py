"""The form of a micro-credential's definition, in numbered parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from fieldstone.server.catalog import rules
from fieldstone.server.web.author.fields import Field, Part, Words
from fieldstone.server.web.shared.templatetags.fieldstone import LEVELS, text

GLYPHS: dict[str, Words] = {
    "shield": _("Shield"), "sprout": _("Sprout"), "heart": _("Heart"), "people": _("People"),
    "house": _("House"), "case": _("Case"), "eye": _("Eye"), "stairs": _("Stairs"),
    "book": _("Book"), "chart": _("Chart"), "nut": _("Nut"), "screen": _("Screen"),
    "cross": _("Cross"), "fish": _("Fish"), "speech": _("Speech"), "dawn": _("Dawn"),
    "coin": _("Coin"), "compass": _("Compass"),
}  # fmt: skip
KINDS = (
    ("photo", _("Photo")), ("document", _("Document")), ("audio", _("Sound")), ("video", _("Video")),
    ("link", _("Link")),
)  # fmt: skip
CHILDREN = (
    ("none", _("No child is part of the evidence")),
    ("no_faces", _("Children may be near, but no face and no full name may show")),
    ("consent", _("A child may be seen or heard, with a parent’s or guardian’s consent on paper")),
)
PARTICIPATION = (
    ("online", _("Online")), ("onsite", _("In person")), ("blended", _("Both, online and in person")),
    ("work", _("At work")),
)  # fmt: skip
ASSESSMENT = (
    ("portfolio", _("Evidence that was gathered (portfolio)")), ("observation", _("Somebody watches the work")),
    ("performance", _("A task done to show it")), ("exam", _("Exam")),
)  # fmt: skip
SUPERVISION = (
    ("unsupervised", _("Nobody watches; identity is not checked")),
    ("supervised_online", _("Watched online, identity checked")),
    ("supervised_onsite", _("Watched in person, identity checked")),
    ("supervisor_at_work", _("A supervisor at work confirms it")),
)
LANGUAGES = (
    ("en", _("English only")), ("es", _("Spanish only")), ("en es", _("English first, and Spanish")),
    ("es en", _("Spanish first, and English")),
)  # fmt: skip

TITLE = Field(name="title", label=_("Title"), hint=_("Up to 120 signs. Name the skill, not the course."))
SUMMARY = Field(
    name="summary", kind="long", label=_("Summary"),
    hint=_("What the learner does, as you would tell a neighbor. Up to 600 signs."),
)  # fmt: skip
CAN_DO = Field(
    name="can_do", kind="long", label=_("What the person can do"),
    hint=_("One sentence that stands on the credential: “Observes children and records what happened.”"),
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
        Field(name="prompt", kind="long", label=_("Question")),
        Field(name="hint", label=_("Help under the question"), hint=_("May stay empty.")),
        Field(name="min_words", kind="number", label=_("Words at least"), blank=0),
        Field(name="max_words", kind="number", label=_("Words at most"), blank=0),
    )


def parts_of_evidence(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parts that a criterion may judge: (id, words); also ids that criteria name and no part has any more."""
    found: dict[str, str] = {}
    for name, label in (("questions", gettext("Question")), ("artifacts", gettext("Files"))):
        for i, row in enumerate(body.get(name) or (), 1):
            words = text(row.get("prompt") or row.get("title") or {})
            found[str(row.get("id"))] = f"{label} {i}: {words[:60]}" if words else f"{label} {i}"
    if body.get("reflection"):
        found["reflection"] = gettext("Reflection")
    for row in body.get("rubric") or ():
        for part in row.get("parts") or ():
            found.setdefault(str(part), gettext("“%(part)s”, which is gone") % {"part": part})
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
    first: list[tuple[str, Words]] = [("", _("Choose one")), *known]
    first += [(p, p) for p in body.get("prerequisites") or () if isinstance(p, str) and p and p not in titles]
    bare = Field(name="", kind="long")
    return (
        Part(
            title=_("In plain words"),
            intro=_("What everybody reads first, without an account."),
            fields=(
                Field(
                    name="languages", kind="radio", options=LANGUAGES, label=_("Languages"),
                    hint=_("The first one must be complete. A learner sees the other where it is written."),
                ),
                TITLE, SUMMARY, CAN_DO,
                Field(name="glyph", kind="glyph", options=tuple(GLYPHS.items()), label=_("Sign on the stone")),
            ),
        ),
        Part(
            title=_("Competency and method"),
            fields=(
                Field(name="competency", kind="long", label=_("Competency"),
                      hint=_("What the person knows, understands and can do, in one or two sentences.")),
                Field(name="key_method", kind="long", label=_("Key method"),
                      hint=_("The one way of working that this is about.")),
                Field(
                    name="method_components", kind="rows", label=_("Method components"),
                    hint=_("The steps of the method, one a row."), one=_("Component"),
                    more=_("Add a component"), fields=(bare,), drops_blanks=True,
                ),
            ),
        ),
        Part(
            title=_("Level, time and cost"),
            fields=(
                Field(name="level", kind="radio", options=tuple(LEVELS.items()), label=_("Level")),
                Field(name="level_name", label=_("Your own name for this level"),
                      hint=_("For example “Provisional”. May stay empty.")),
                Field(name="notional_hours", kind="number", label=_("Hours of work in all"),
                      hint=_("Reading, doing and writing, for somebody who is new to it.")),
                Field(
                    name="clock_hours", kind="amounts", label=_("Clock hours that count, by subject area"),
                    options=tuple(codes.items()),
                    hint=_("Leave empty what does not count. Subject areas are kept with the program."),
                ),
                Field(name="cost_cents", kind="money", label=_("Cost for the learner, in dollars"),
                      hint=_("Empty means free.")),
                Field(
                    name="prerequisites", kind="rows", label=_("Prerequisites"),
                    hint=_("Micro-credentials that must come first."), one=_("Prerequisite"),
                    more=_("Add a prerequisite"), new=lambda rows, body: "",
                    fields=(Field(name="", kind="choice", options=tuple(first)),), drops_blanks=True,
                ),
                Field(name="valid_months", kind="number", blank=None, label=_("Valid for how many months"),
                      hint=_("Empty means that it does not end.")),
                Field(name="offline", kind="flag", label=_("The work needs no internet")),
                Field(name="participation", kind="choice", options=PARTICIPATION,
                      label=_("Where the learning happens")),
                Field(name="credit_framework", kind="line", label=_("Level in a qualifications framework"),
                      hint=_("Where one applies, for example “EQF level 4”. May stay empty.")),
            ),
        ),
        Part(
            title=_("Evidence"),
            intro=_("What the learner sends. Every part is public before anybody starts."),
            fields=(
                Field(
                    name="questions", kind="rows", label=_("Context questions"), one=_("Question"),
                    more=_("Add a question"), new=_new_question,
                    fields=(Field(name="id", kind="hidden"), *_question_fields()),
                ),
                Field(
                    name="artifacts", kind="rows", label=_("Files and links"), one=_("Part"),
                    more=_("Add a part"), new=_new_artifact,
                    fields=(
                        Field(name="id", kind="hidden"),
                        Field(name="title", label=_("What to send")),
                        Field(name="instructions", kind="long", label=_("How to make it"),
                              hint=_("May stay empty.")),
                        Field(name="kinds", kind="many", options=KINDS, label=_("What it may be")),
                        Field(name="min", kind="number", label=_("How many at least"), blank=None),
                        Field(name="max", kind="number", label=_("How many at most"), blank=0),
                    ),
                ),
                Field(
                    name="reflection", kind="group", label=_("Reflection"),
                    hint=_("Leave all of it empty to ask for none."), fields=_question_fields(),
                ),
                Field(name="children", kind="radio", options=CHILDREN,
                      label=_("Children in the evidence")),
            ),
        ),
        Part(
            title=_("Rubric"),
            intro=_("The learner’s rubric is the assessor’s. Every criterion must be demonstrated."),
            fields=(
                Field(
                    name="rubric", kind="rows", label=_("Criteria"), one=_("Criterion"),
                    more=_("Add a criterion"), new=_new_criterion,
                    fields=(
                        Field(name="id", kind="hidden"),
                        Field(name="title", label=_("Name of the criterion")),
                        Field(
                            name="levels", kind="rows", label=_("Levels of this criterion"), one=_("Level"),
                            more=_("Add a level"), new=_new_level,
                            fields=(
                                Field(name="id", kind="hidden"),
                                Field(name="title", label=_("Name of the level")),
                                Field(name="text", kind="long", label=_("What it looks like")),
                                Field(name="demonstrated", kind="flag", label=_("Counts as demonstrated")),
                            ),
                        ),
                        Field(name="parts", kind="many", options=tuple(evidence),
                              label=_("Parts of the evidence it judges"), hint=_("None chosen means all.")),
                        Field(
                            name="phrases", kind="rows", label=_("Phrases for feedback"), one=_("Phrase"),
                            hint=_("Assessors pick them with one key."), more=_("Add a phrase"),
                            fields=(Field(name=""),), drops_blanks=True,
                        ),
                    ),
                ),
                Field(name="assessment_type", kind="choice", options=ASSESSMENT, label=_("How it is assessed")),
                Field(name="supervision", kind="choice", options=SUPERVISION, label=_("Who watches the work")),
                Field(name="quality_assurance", kind="long", label=_("How the assessment is kept good"),
                      hint=_("For example who assesses, how they are trained, and how often that is checked.")),
            ),
        ),
        Part(
            title=_("Sources and ties"),
            fields=(
                Field(
                    name="research", kind="rows", label=_("Supporting research"), one=_("Source"),
                    more=_("Add a source"), drops_blanks=True,
                    fields=(
                        Field(name="citation", kind="line", label=_("Citation")),
                        Field(name="url", kind="line", label=_("Web address"), hint=_("May stay empty.")),
                    ),
                ),
                Field(
                    name="resources", kind="rows", label=_("Free resources for learners"), one=_("Resource"),
                    more=_("Add a resource"), drops_blanks=True,
                    fields=(
                        Field(name="title", label=_("Name of the resource")),
                        Field(name="url", kind="line", label=_("Web address"), hint=_("May stay empty.")),
                    ),
                ),
                Field(
                    name="alignments", kind="rows", label=_("Ties to public frameworks"), one=_("Tie"),
                    more=_("Add a tie"), drops_blanks=True,
                    fields=(
                        Field(name="framework", kind="line", label=_("Framework"),
                              hint=_("For example “O*NET” or “CDA competency standards”.")),
                        Field(name="code", kind="line", label=_("Code")),
                        Field(name="name", kind="line", label=_("Name of the item")),
                        Field(name="url", kind="line", label=_("Web address"),
                              hint=_("Begins with https://.")),
                        Field(name="level", kind="decimal", label=_("Level shown, 0 to 7"),
                              hint=_("Only for a skill of O*NET, on its own scale. May stay empty.")),
                        Field(name="level_name", kind="line", label=_("Level in another framework’s words"),
                              hint=_("For example “Grade 6” or “Proficient”. May stay empty.")),
                        Field(name="item", kind="hidden"), Field(name="version", kind="hidden"),
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
