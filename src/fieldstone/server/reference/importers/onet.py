"""The O*NET database as text: db_NN_N_text.zip, or a folder of its .txt files. Tab separated, without quoting.

Layout: the O*NET database's own data dictionary, text version. Rows marked "Recommend Suppress" are dropped; a level
marked "Not Relevant" is zero.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Final

from fieldstone.server.reference.importers import own
from fieldstone.server.reference.importers.base import BadFile, Head, Notes, Row, Source, number, positions, whole
from fieldstone.server.reference.rules import CONTEXT, fold, remote_work

KIND: Final = "onet"
WHAT: Final = "the O*NET database (text)"
TABLES: Final = {
    "Occupation": ("code", "soc", "title_en", "title_es", "job_zone"),
    "Element": ("element", "kind", "name_en", "name_es"),
    "Rating": ("occupation", "element", "kind", "importance", "level"),
    "TechnologySkill": ("occupation", "example", "commodity", "hot", "in_demand"),
    "TaskStatement": ("occupation", "task", "text", "core"),
    "RemoteWork": ("occupation", "capable", "reason"),
    "SearchText": ("kind", "code", "language", "text", "folded"),
}
NEEDED: Final = ("Occupation Data.txt", "Skills.txt")
OPTIONAL: Final = (
    "Job Zones.txt", "Knowledge.txt", "Alternate Titles.txt", "Technology Skills.txt", "Task Statements.txt",
)  # fmt: skip
CODE: Final = re.compile(r"\d\d-\d{4}\.\d\d")
_O: Final[dict[str, Sequence[str]]] = {"code": ("O*NET-SOC Code",)}


def recognizes(head: Head) -> bool:
    """Whether the names inside are those of the database, or a file alone is one of its tables."""
    names = {member.rsplit("/", 1)[-1] for member in head.members}
    return "Occupation Data.txt" in names or head.has("o*net-soc code")


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """Occupations, skills and knowledge with their levels, other titles, tools, tasks, and words to find them by."""
    missing = [name for name in NEEDED if source.member(name) is None]
    if missing:
        raise BadFile(f"{source.name} lacks {', '.join(missing)}. Use the whole text database, as a zip or a folder.")
    for name in OPTIONAL:
        if source.member(name) is None:
            notes.remarks.append(f"{name} is not there; what it says is left out.")
    notes.version = notes.version or _version(source)
    known = yield from _occupations(source, notes)
    for name, kind in (("Skills.txt", "skill"), ("Knowledge.txt", "knowledge")):
        yield from _ratings(source, notes, name, kind, known)
    yield from _alternates(source, notes, known)
    yield from _technology(source, notes, known)
    yield from _tasks(source, notes, known)
    yield from _remote(source, notes, known)


def _version(source: Source) -> str:
    for name in (source.path.stem, source.path.resolve().name, *source.members):
        if found := re.search(r"(?:db|onet)_(\d+)_(\d+)", name):
            return f"{found[1]}.{found[2]}"
    return ""


def _rows(
    source: Source, notes: Notes, name: str, wanted: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of one file by our names; a row cut short refuses the file, an unreadable code drops the row."""
    member = source.member(name)
    if member is None:
        return
    at: dict[str, int] = {}
    width = 0
    for line, cells in source.table(member, tabs=True):
        if line == 1:
            at, width = positions(cells, wanted, name), len(cells)
            continue
        if len(cells) != width:
            if cells == [""]:
                continue
            raise BadFile(
                f"{name}, line {line} has {len(cells)} columns where the first line has {width}: the file is damaged "
                "or was cut off. Download it again."
            )
        row = {key: cells[index] for key, index in at.items()}
        if CODE.fullmatch(row["code"]):
            yield line, row
        else:
            notes.drop("The code is no O*NET-SOC code", name, line, row["code"])
    if not at:
        raise BadFile(f"{name} is empty: it is damaged or was cut off. Download it again.")


def _words(kind: str, code: str, text: str, language: str = "en") -> Row:
    return "SearchText", (kind, code, language, text, fold(text))


def occupation_words(code: str, title: str, es: str) -> Iterator[Row]:
    """What an occupation is found by: its titles, and other names that we know."""
    yield _words("occupation", code, title)
    if es:
        yield _words("occupation", code, es, "es")
    if ours := own.occupations().get(code):
        yield from (_words("alternate", code, text) for text in ours.also_en)
        yield from (_words("alternate", code, text, "es") for text in ours.also_es)


def element_words(element: str, kind: str, name: str, es: str) -> Iterator[Row]:
    """What a skill is found by: its names, and everyday words that point to it."""
    yield _words(kind, element, name)
    if es:
        yield _words(kind, element, es, "es")
    ours = own.elements().get(element)
    for language, hints in (("en", ours.hints_en), ("es", ours.hints_es)) if ours else ():
        if hints:
            yield _words("hint", element, hints, language)


def _occupations(source: Source, notes: Notes) -> Generator[Row, None, set[str]]:
    zones = {}
    for line, row in _rows(source, notes, "Job Zones.txt", _O | {"zone": ("Job Zone",)}):
        if row["zone"] in ("1", "2", "3", "4", "5"):
            zones[row["code"]] = int(row["zone"])
        else:
            notes.drop("The Job Zone is not a number from 1 to 5", "Job Zones.txt", line, row["zone"])
    known: set[str] = set()
    for line, row in _rows(source, notes, "Occupation Data.txt", _O | {"title": ("Title",)}):
        code, title = row["code"], row["title"].strip()
        if code in known:
            notes.drop("The occupation stands there twice", "Occupation Data.txt", line, code)
            continue
        known.add(code)
        ours = own.occupations().get(code)
        es = ours.es if ours else ""
        yield "Occupation", (code, code[:7], title, es, zones.get(code))
        yield from occupation_words(code, title, es)
    return known


def _ratings(source: Source, notes: Notes, name: str, kind: str, known: set[str]) -> Iterator[Row]:
    wanted = _O | {
        "element": ("Element ID",), "name": ("Element Name",), "scale": ("Scale ID",), "value": ("Data Value",),
        "suppress": ("Recommend Suppress",), "irrelevant": ("Not Relevant",),
    }  # fmt: skip
    seen: dict[str, str] = {}
    pending: dict[str, list[float | None]] = {}
    now = ""
    done: set[str] = set()
    for line, row in _rows(source, notes, name, wanted):
        if row["code"] not in known:
            notes.drop("The occupation is not in Occupation Data", name, line, row["code"])
            continue
        if row["code"] != now:
            yield from _flush(now, kind, pending)
            done.add(now)
            now, pending = row["code"], {}
            if now in done:
                raise BadFile(f"{name}, line {line}: {now} stands in two places. The file was sorted anew or damaged.")
        if row["element"] not in seen:
            seen[row["element"]] = row["name"]
            ours = own.elements().get(row["element"])
            es = ours.es if ours else ""
            yield "Element", (row["element"], kind, row["name"], es)
            yield from element_words(row["element"], kind, row["name"], es)
        value = _value(row, notes, name, line)
        if value is not None:
            pending.setdefault(row["element"], [None, None])[0 if row["scale"] == "IM" else 1] = value
    yield from _flush(now, kind, pending)


def _value(row: dict[str, str], notes: Notes, name: str, line: int) -> float | None:
    highest = {"IM": 5.0, "LV": 7.0}.get(row["scale"])
    if highest is None:
        notes.drop(f"The scale {row['scale']} is neither importance nor level", name, line)
        return None
    if row["suppress"] == "Y":
        notes.drop("Marked “Recommend Suppress”", name, line, f"{row['code']} {row['name']}")
        return None
    if row["irrelevant"] == "Y":
        notes.counts["“Not Relevant”, taken as level zero"] = (
            notes.counts.get("“Not Relevant”, taken as level zero", 0) + 1
        )
        return 0.0
    try:
        value = number(row["value"])
    except ValueError:
        value = -1.0
    if not 0 <= value <= highest:
        notes.drop("The value is outside its scale", name, line, row["value"])
        return None
    return value


def _flush(code: str, kind: str, pending: dict[str, list[float | None]]) -> Iterator[Row]:
    for element, (importance, level) in pending.items():
        yield "Rating", (code, element, kind, importance, level)


def _alternates(source: Source, notes: Notes, known: set[str]) -> Iterator[Row]:
    name = "Alternate Titles.txt"
    seen: set[tuple[str, str]] = set()
    for line, row in _rows(source, notes, name, _O | {"title": ("Alternate Title",), "short": ("Short Title",)}):
        if row["code"] not in known:
            notes.drop("The occupation is not in Occupation Data", name, line, row["code"])
            continue
        for title in (row["title"], row["short"]):
            key = (row["code"], title.casefold())
            if title and title != "n/a" and key not in seen:
                seen.add(key)
                yield _words("alternate", row["code"], title)


def _technology(source: Source, notes: Notes, known: set[str]) -> Iterator[Row]:
    name = "Technology Skills.txt"
    wanted = _O | {
        "example": ("Example",), "commodity": ("Commodity Code",), "what": ("Commodity Title",),
        "hot": ("Hot Technology",), "demand?": ("In Demand",),
    }  # fmt: skip
    seen: set[str] = set()
    for line, row in _rows(source, notes, name, wanted):
        if row["code"] not in known:
            notes.drop("The occupation is not in Occupation Data", name, line, row["code"])
            continue
        yield "TechnologySkill", (
            row["code"], row["example"], row["commodity"], row["hot"] == "Y", row.get("demand?") == "Y",
        )  # fmt: skip
        if row["example"].casefold() not in seen:
            seen.add(row["example"].casefold())
            yield _words("technology", row["commodity"], row["example"])


def _tasks(source: Source, notes: Notes, known: set[str]) -> Iterator[Row]:
    name = "Task Statements.txt"
    wanted = _O | {"id": ("Task ID",), "text": ("Task",), "type": ("Task Type",)}
    for line, row in _rows(source, notes, name, wanted):
        task = whole(row["id"])
        if row["code"] not in known or task is None:
            notes.drop("The occupation is not in Occupation Data, or the task has no number", name, line, row["code"])
            continue
        core = {"Core": True, "Supplemental": False}.get(row["type"])
        yield "TaskStatement", (row["code"], task, row["text"], core)
        yield _words("task", row["code"], row["text"])


def _remote(source: Source, notes: Notes, known: set[str]) -> Iterator[Row]:
    """Work that needs no place, from Work Context where the database has it; see `rules.remote_work`."""
    name = "Work Context.txt"
    if source.member(name) is None:
        notes.remarks.append("Work Context.txt is not there; which work can be done from home comes from our own list.")
        return
    wanted = _O | {
        "element": ("Element ID",), "scale": ("Scale ID",), "value": ("Data Value",),
        "suppress": ("Recommend Suppress",),
    }  # fmt: skip
    found: dict[str, dict[str, float]] = {}
    for line, row in _rows(source, notes, name, wanted):
        if row["element"] not in CONTEXT or row["scale"] != "CX" or row["code"] not in known:
            continue
        if row["suppress"] == "Y":
            notes.drop("Marked “Recommend Suppress”", name, line, row["code"])
            continue
        try:
            found.setdefault(row["code"], {})[row["element"]] = number(row["value"])
        except ValueError:
            notes.drop("The value is outside its scale", name, line, row["value"])
    for code, context in found.items():
        capable, reason = remote_work(context)
        yield "RemoteWork", (code, capable, reason)
