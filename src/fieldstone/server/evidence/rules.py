"""Decisions about evidence: what is missing, what is asked again, which words win, what a file may be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from fieldstone.server.catalog.rules import ArtifactPart, Definition, Question, word_count
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

TEXT_LIMIT = 40_000
"""Signs in one answer. The longest definition asks for 2,000 words; nobody's words are cut."""
DARK_BELOW = 70
"""A photo whose brightest twentieth is darker than this gray (0 to 255) is hard to read."""
COACH_AFTER = 3
"""After this many tries without "demonstrated" a coach is offered."""

MEDIA_KINDS: Mapping[str, str] = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "application/pdf": "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
    "application/vnd.oasis.opendocument.text": "document",
    "application/vnd.oasis.opendocument.spreadsheet": "document",
    "application/vnd.oasis.opendocument.presentation": "document",
    "text/plain": "document",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/aac": "audio",
    "audio/ogg": "audio",
    "audio/wav": "audio",
    "audio/flac": "audio",
    "audio/amr": "audio",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/3gpp": "video",
    "video/webm": "video",
}
"""What may be kept, as sniffed from the bytes, and the kind of artifact it is."""

SHOWN_INLINE = frozenset({"image/jpeg", "image/png"})
"""Only what we re-encoded ourselves is shown by a browser; everything else is a download."""


def field_of(part: str) -> str:
    """The name under which problems speak of a part of the evidence."""
    return f"parts.{part}"


def _judged_as_shown(definition: Definition, criterion_id: str, level_id: str) -> bool:
    criterion = definition.criterion(criterion_id)
    level = criterion.level(level_id) if criterion else None
    return level is not None and level.demonstrated


def standing(definition: Definition, decisions: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The level that stands for each criterion after `decisions` (oldest first; criterion id to level id).

    What was once demonstrated stands; a later decision replaces only what was not.
    """
    levels: dict[str, str] = {}
    for decision in decisions:
        for criterion_id, level_id in decision.items():
            if not _judged_as_shown(definition, criterion_id, levels.get(criterion_id, "")):
                levels[criterion_id] = level_id
    return levels


def open_criteria(definition: Definition, decisions: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Ids of the criteria still to be demonstrated, in the rubric's order; all of them before a first decision."""
    levels = standing(definition, decisions)
    return tuple(c.id for c in definition.criteria if not _judged_as_shown(definition, c.id, levels.get(c.id, "")))


def asked(definition: Definition, criteria: Collection[str]) -> frozenset[str]:
    """Ids of the parts to work on when `criteria` are open: those that they judge, or all on a first try."""
    every = frozenset(part.id for part in definition.parts())
    if {c.id for c in definition.criteria} <= set(criteria):
        return every
    parts: set[str] = set()
    for criterion in definition.criteria:
        if criterion.id in criteria:
            parts |= set(criterion.parts) or every
    return frozenset(parts)


def missing_words(question: Question, text: str) -> Problem | None:
    """What one written answer still needs, or None. A question that asks for 0 words may stay empty."""
    field, words = field_of(question.id), word_count(text)
    if words > question.max_words:
        over = words - question.max_words
        one = _("Take out 1 word. The most is %(most)s. What is here is kept.")
        many = _("Take out %(count)s words. The most is %(most)s. What is here is kept.")
        return Problem(field, one if over == 1 else many, {"count": over, "most": question.max_words})
    if words >= question.min_words:
        return None
    if words == 0:
        return Problem(field, _("Write at least %(least)s words."), {"least": question.min_words})
    short = question.min_words - words
    one = _("Write 1 more word. What is here is kept.")
    many = _("Write %(count)s more words. What is here is kept.")
    return Problem(field, one if short == 1 else many, {"count": short})


def missing_artifacts(part: ArtifactPart, count: int) -> Problem | None:
    """What one part made of files and links still needs, or None."""
    field = field_of(part.id)
    if count < part.min:
        short = part.min - count
        one, many = _("Add 1 more file or link."), _("Add %(count)s more files or links.")
        if count == 0:
            one, many = _("Add 1 file or link."), _("Add %(count)s files or links.")
        return Problem(field, one if short == 1 else many, {"count": short})
    if count > part.max:
        over = count - part.max
        one = _("Remove 1 file or link. The most is %(most)s.")
        many = _("Remove %(count)s files or links. The most is %(most)s.")
        return Problem(field, one if over == 1 else many, {"count": over, "most": part.max})
    return None


def missing(
    definition: Definition,
    answers: Mapping[str, str],
    artifacts: Mapping[str, int],
    permission: bool,
    criteria: Collection[str],
) -> list[Problem]:
    """Everything that keeps this evidence from being sent, in the order of the page; empty when it may go.

    `answers` maps parts to words, `artifacts` parts to how many files and links they hold; `criteria` are the
    ids to be judged this time: only the parts that they judge are looked at.
    """
    wanted = asked(definition, criteria)
    problems: list[Problem] = []
    for part in definition.parts():
        if part.id not in wanted:
            continue
        if isinstance(part, Question):
            problem = missing_words(part, answers.get(part.id, ""))
        else:
            problem = missing_artifacts(part, artifacts.get(part.id, 0))
        if problem:
            problems.append(problem)
    if definition.children != "none" and not permission:
        problems.append(Problem("permission", _("Say that a parent or guardian has signed the paper form.")))
    return problems


@dataclass(frozen=True)
class Verdict:
    """What to do with words that arrive.

    "same": nothing new. "write": they replace the stored ones, which this screen had seen. "over": they replace
    them too, since they hold them all, and the stored ones go into the record. "copy": go on in the kept copy.
    "keep": another screen was there first, so keep these beside the answer and let her choose.
    """

    do: str


def merge(*, stored: str, revision: int, text: str, base: int, copy_open: bool) -> Verdict:
    """Decide about `text` typed on top of revision `base`, when revision `revision` with `stored` is there.

    `copy_open` says that the screen was told of a conflict before and its copy still waits for her choice.
    """
    if copy_open:
        return Verdict("copy")
    if text == stored:
        return Verdict("same")
    if base == revision:
        return Verdict("write")
    if stored in text:
        return Verdict("over")
    return Verdict("keep")


def tidy(text: str) -> str:
    """Typed words as they are stored: one kind of line end, no signs that a database cannot hold.

    Nothing that a person can see is taken out.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return plain.encode("utf-8", "replace").decode("utf-8")


def too_long(part: str, text: str) -> Problem | None:
    """A refusal for an answer beyond what is kept, or None."""
    if len(text) <= TEXT_LIMIT:
        return None
    message = _("This is longer than %(limit)s signs. Send the rest as a file.")
    return Problem(field_of(part), message, {"limit": TEXT_LIMIT})


_CONTROL = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")


def link_problem(part: str, url: str) -> Problem | None:
    """Why `url` cannot be kept as a link, or None. Only http and https, with a host, without a password."""
    field = field_of(part)
    refused = Problem(field, _("Give a web address that begins with https:// or http://."))
    if _CONTROL.search(url):
        return refused
    if len(url) > 1000:
        return Problem(field, _("This address is longer than 1,000 signs."))
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return refused
    if parts.scheme.lower() not in {"http", "https"} or not host or "." not in host:
        return refused
    if parts.username is not None or parts.password is not None:
        return Problem(field, _("Take the name and password out of the address."))
    return None


def shown_name(name: str, fallback: str) -> str:
    """A file's name as a caption: no folders, no control signs, at most 200 signs."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(sign for sign in last if sign.isprintable())  # direction marks are not printable either
    return " ".join(kept.split()).strip(". ")[:200] or fallback


def caption_of(name: str, kind: str) -> str:
    """The first caption of a file: its name, for a photo without the ending; its kind when there is none."""
    shown = shown_name(name, kind)
    return shown_name(re.sub(r"\.\w{2,5}$", "", shown), kind) if kind == "photo" else shown


def may_publish(definition: Definition) -> bool:
    """Whether the learner may show her evidence to the world: never where a child may be in it."""
    return definition.children == "none"


def coach_offered(outcomes: Sequence[str]) -> bool:
    """Whether to offer a coach: three decisions or more, and none of them demonstrated."""
    return len(outcomes) >= COACH_AFTER and "demonstrated" not in outcomes
