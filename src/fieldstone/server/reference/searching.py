"""Finding occupations, skills, tools and tasks by words, English and Spanish, by the full-text index of the database.

SQLite: FTS5 with prefixes, kept by triggers. PostgreSQL: a GIN index over the folded text. Both are made in the
migration. No other service is asked; `suggest` ranks by the words of a text alone, and says which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import connection

from fieldstone.server.reference.models import Element, Occupation, Release, SearchText, TechnologySkill
from fieldstone.server.reference.rules import fold, stem, words_of

KINDS = ("occupation", "skill", "knowledge", "technology", "task")
MOST_WORDS = 8
MOST_STEMS = 40
CANDIDATES = 300
SUGGESTED = 120
_STORED = {"occupation": ("occupation", "alternate"), "skill": ("skill", "hint")}
_FOUND = {"alternate": "occupation", "hint": "skill"}
_WEIGHT = {
    "occupation": 4.0, "skill": 3.0, "knowledge": 2.5, "alternate": 2.0, "hint": 1.5, "technology": 1.5, "task": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Something that words led to. `kind` is one of KINDS; `matched` is the text that held the words.

    `code` is the occupation's of eight digits, the element's, or for a tool its name.
    """

    kind: str
    code: str
    title_en: str
    title_es: str
    matched: str
    score: float

    def title(self, language: str) -> str:
        """The title in a language; English where there is no Spanish."""
        return self.title_es or self.title_en if language == "es" else self.title_en


@dataclass(frozen=True)
class Suggestion:
    """Something that a text speaks of, and the words of the text that say so, in their order."""

    kind: str
    code: str
    title_en: str
    title_es: str
    words: tuple[str, ...]
    score: float

    def title(self, language: str) -> str:
        """The title in a language; English where there is no Spanish."""
        return self.title_es or self.title_en if language == "es" else self.title_en


_Row = tuple[str, str, str, str, float]
"""kind, code, language, text, how well the index thinks it fits (higher is better)."""


def search(words: str, language: str = "en", kinds: Collection[str] = KINDS, limit: int = 20) -> list[Found]:
    """What words lead to, the best first: every word, or the front of it, stands in the text that is found.

    Words may be English or Spanish whatever `language` is; it decides which comes first when both fit. Accents and
    capitals do not matter. Where no text has all the words, those with some are given.
    """
    release = Release.objects.current("onet")
    terms = (words_of(words) or re.findall(r"\w+", fold(words)))[:MOST_WORDS]
    if release is None or not terms:
        return []
    stored = [s for kind in kinds for s in _STORED.get(kind, (kind,))]
    rows = _rows(release.pk, terms, stored, every=True) or _rows(release.pk, terms, stored, every=False)
    best: dict[tuple[str, str], tuple[float, str, str]] = {}
    for kind, code, spoken, text, fit in rows:
        key = (_FOUND.get(kind, kind), text if kind in ("technology", "task") else code)
        score = _score(kind, text, terms, fit) + (0.3 if spoken == language else 0.0)
        if key not in best or score > best[key][0]:
            best[key] = (score, code, text)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
    return _named(release.pk, [(kind, code, text, score) for (kind, _), (score, code, text) in ranked])


def _score(kind: str, text: str, terms: Sequence[str], fit: float) -> float:
    """Whole titles before fronts of titles, whole words before fronts of words, short texts before long ones."""
    folded = fold(text)
    own = set(folded.replace(",", " ").replace("/", " ").split())
    whole = sum(term in own for term in terms) / len(terms)
    phrase = " ".join(terms)
    title = 3.0 if folded == phrase else 1.5 if folded.startswith(phrase) else 0.5 if phrase in folded else 0.0
    return _WEIGHT[kind] + 2 * whole + title + fit / (1 + fit) + 1.0 / (1 + len(own))


_TITLES = "('occupation', 'skill', 'knowledge')"
_SQLITE = f"""
SELECT t.kind, t.code, t.language, t.text, -bm25(fieldstone_searchindex) AS fit
FROM fieldstone_searchindex JOIN fieldstone_searchtext t ON t.id = fieldstone_searchindex.rowid
WHERE fieldstone_searchindex MATCH %s AND t.release_id = %s AND t.kind IN (SELECT value FROM json_each(%s))
ORDER BY t.kind IN {_TITLES} DESC, fit DESC LIMIT %s"""  # noqa: S608 - constants only
_SQLITE_SHORT = """
SELECT t.kind, t.code, t.language, t.text, 0.0 AS fit
FROM fieldstone_searchindex JOIN fieldstone_searchtext t ON t.id = fieldstone_searchindex.rowid
WHERE fieldstone_searchindex MATCH %s AND t.release_id = %s AND t.kind IN (SELECT value FROM json_each(%s))
ORDER BY fieldstone_searchindex.rowid LIMIT %s"""
_POSTGRESQL = f"""
SELECT kind, code, language, text, ts_rank(to_tsvector('simple', folded), query, 1) AS fit
FROM fieldstone_searchtext, to_tsquery('simple', %s) query
WHERE to_tsvector('simple', folded) @@ query AND release_id = %s AND kind = ANY(%s)
ORDER BY kind IN {_TITLES} DESC, fit DESC, id LIMIT %s"""  # noqa: S608 - constants only
_POSTGRESQL_SHORT = """
SELECT kind, code, language, text, 0.0::float AS fit FROM fieldstone_searchtext
WHERE to_tsvector('simple', folded) @@ to_tsquery('simple', %s) AND release_id = %s AND kind = ANY(%s)
ORDER BY id LIMIT %s"""


def _short(terms: Sequence[str]) -> bool:
    """One or two letters are in a fifth of all texts: the first that come are enough (titles stand before the rest)."""
    return all(len(term) < 3 for term in terms)


def _rows(
    release: UUID, terms: Sequence[str], kinds: Sequence[str], *, every: bool, most: int = CANDIDATES
) -> list[_Row]:
    ask = _sqlite if connection.vendor == "sqlite" else _postgresql
    return ask(release, terms, kinds, every, most)


def _sqlite(release: UUID, terms: Sequence[str], kinds: Sequence[str], every: bool, most: int) -> list[_Row]:
    match = (" AND " if every else " OR ").join(f'"{term}"*' for term in terms)
    with connection.cursor() as cursor:
        cursor.execute(
            _SQLITE_SHORT if _short(terms) else _SQLITE, [match, release.hex, json.dumps(list(kinds)), most]
        )
        return list(cursor.fetchall())


def _postgresql(release: UUID, terms: Sequence[str], kinds: Sequence[str], every: bool, most: int) -> list[_Row]:
    match = (" & " if every else " | ").join(f"'{term}':*" for term in terms)
    with connection.cursor() as cursor:
        cursor.execute(
            _POSTGRESQL_SHORT if _short(terms) else _POSTGRESQL, [match, release, list(kinds), most]
        )
        return list(cursor.fetchall())


def _named(release: UUID, rows: Iterable[tuple[str, str, str, float]]) -> list[Found]:
    """Titles in both languages; a task's title is that of its occupation."""
    listed = list(rows)
    titles = {
        code: (en, es)
        for code, en, es in Occupation.objects.filter(
            release=release, code__in=[code for kind, code, _, _ in listed if kind in ("occupation", "task")]
        ).values_list("code", "title_en", "title_es")
    }
    names = _elements(release)
    return [
        Found(
            kind,
            text if kind == "technology" else code,
            *(titles.get(code) or names.get(code) or (text, "")),
            text,
            round(score, 3),
        )
        for kind, code, text, score in listed
    ]


@lru_cache(maxsize=4)
def _elements(release: UUID) -> Mapping[str, tuple[str, str]]:
    rows = Element.objects.filter(release=release).values_list("element", "name_en", "name_es")
    return {element: (en, es) for element, en, es in rows}


@lru_cache(maxsize=4)
def _element_stems(release: UUID) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """(kind, element) -> stems of its names and hints with their weight: a name says more than a hint."""
    kinds: dict[str, str] = {}
    found: dict[tuple[str, str], dict[str, float]] = {}
    rows = SearchText.objects.filter(release=release, kind__in=("skill", "knowledge", "hint")).order_by("id")
    for kind, element, text in rows.values_list("kind", "code", "folded"):
        if kind != "hint":
            kinds[element] = kind
        stems = found.setdefault((kinds.get(element, "skill"), element), {})
        for word in words_of(text):
            stems[stem(word)] = max(stems.get(stem(word), 0.0), 1.0 if kind == "hint" else 1.5)
    return found


def suggest(text: str, kinds: Collection[str] = ("skill", "occupation"), limit: int = 8) -> list[Suggestion]:
    """Skills and occupations that a text speaks of, the best first, each with the words that led to it.

    Only the words count: no service is asked and nothing is learned. A word that points to many skills counts less.
    """
    release = Release.objects.current("onet")
    stems: dict[str, str] = {}
    for word in words_of(text):
        if len(word) > 2 and not word.isdigit():
            stems.setdefault(stem(word), word)
    if release is None or not stems:
        return []
    found = []
    if wanted := {"skill", "knowledge"} & set(kinds):
        found += [s for s in _suggest_elements(release.pk, stems) if s.kind in wanted][:limit]
    if "occupation" in kinds:
        found += _suggest_occupations(release.pk, stems)[:limit]
    return found


def _suggest_elements(release: UUID, stems: Mapping[str, str]) -> list[Suggestion]:
    table = _element_stems(release)
    spread = {s: sum(s in own for own in table.values()) for s in stems}
    found = []
    for (kind, element), own in table.items():
        hits = [s for s in stems if s in own]
        score = sum(own[s] / (0.5 + 0.5 * spread[s]) for s in hits)
        if hits:
            en, es = _elements(release)[element]
            found.append(Suggestion(kind, element, en, es, tuple(stems[s] for s in hits), round(score, 3)))
    return sorted(found, key=lambda s: (-s.score, s.code))


def _suggest_occupations(release: UUID, stems: Mapping[str, str]) -> list[Suggestion]:
    """By titles and other names: each occupation counts its best text, and the words over all its texts."""
    rows = _rows(release, list(stems)[:MOST_STEMS], ("occupation", "alternate"), every=False, most=SUGGESTED)
    best: dict[str, float] = {}
    said: dict[str, set[str]] = {}
    for kind, code, _language, title, fit in rows:
        own = words_of(title)
        hits = {s for s in stems if any(word.startswith(s) for word in own)}
        share = len(hits) / max(1, len(own))
        score = fit / (1 + fit) + share * len(hits) + (0.5 if kind == "occupation" else 0.0)
        best[code] = max(best.get(code, 0.0), score)
        said.setdefault(code, set()).update(hits)
    titles = Occupation.objects.filter(release=release, code__in=list(best))
    found = [
        Suggestion(
            "occupation", o.code, o.title_en, o.title_es,
            tuple(stems[s] for s in stems if s in said[o.code]), round(best[o.code] + 0.4 * len(said[o.code]), 3),
        )
        for o in titles
    ]  # fmt: skip
    return sorted(found, key=lambda s: (-s.score, s.code))


def occupations_using(tool: str, limit: int = 20) -> list[str]:
    """Codes of occupations that use a tool, those where it is in demand first."""
    release = Release.objects.current("onet")
    rows = TechnologySkill.objects.filter(release=release, example=tool).order_by("-in_demand", "-hot", "occupation")
    return list(rows.values_list("occupation", flat=True)[:limit])
