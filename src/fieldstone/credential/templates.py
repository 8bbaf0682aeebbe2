"""Canonical N-Quads from a template: the fast way for documents that share a shape.

Awards of one micro-credential are the same document with a few other words. `canonical_nquads` gives the bytes of
`canonicalize(to_quads(document))` for any document; from the second one of a shape on it compiles a template, in
which the differing texts are slots, and then only fills slots, names the blank nodes that depend on them, and sorts.

A template never guesses. What it cannot prove equal goes the general way: another structure, another constant, an
address that could be compacted, a text that decides how others are read (types, languages, contexts), two blank nodes
with one hash, two subjects or two quads that become one. So `TooComplex` and every other error are the general way's.

Why this is sound: below a type, language or context, section 5 of the JSON-LD 1.1 API never looks at what a text says
unless it is an address. So a compilation in which each slot holds a marker shows where every text will end up, and
for an address it shows under which context it is read.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final, NamedTuple

from fieldstone.credential.contexts import Contexts
from fieldstone.credential.errors import JsonLdError
from fieldstone.credential.jsonld import ESCAPES, MUST_ESCAPE, Quad, Walk, to_quads
from fieldstone.credential.jsonld_context import ABSOLUTE, Context, Term
from fieldstone.credential.rdfc import canonicalize

MAX_KEPT: Final = 128  # templates in one set of contexts
MAX_ALIKE: Final = 8  # templates whose documents have the same top members
MAX_SIZE: Final = 32 * 1024  # characters and values in a document that is worth a template
MAX_DEPTH: Final = 32
MAX_TRIES: Final = 3  # compilations after which a sample is left as it is
_ALWAYS_LEARN: Final = 64  # documents; after them only one in 8 is learned from while few fit a template

_MARK: Final = "urn:fieldstone-slot:"
_MARKED: Final = re.compile(f'(?:<{_MARK}([0-9]{{6}}):>|"{_MARK}([0-9]{{6}}):"(.*))', re.DOTALL)
_SCHEMES: Final = ("https://", "http://", "urn:", "did:", "mailto:", "tel:")
_LABELS: Final = tuple(f"_:c14n{number}" for number in range(512))
_SCALARS: Final = frozenset({bool, int, type(None)})
_TEXT: Final = {str}

Path = tuple[str | int, ...]
Line = tuple[str | int, ...]  # constant text, and places in the table of slots' terms and nodes' labels


class _Unfit(Exception):
    """No template can be made of this document with these slots."""


def canonical_nquads(document: Any, contexts: Contexts, hash_name: str = "sha256") -> bytes:
    """The document's canonical N-Quads in UTF-8; raises JsonLdError, TooComplex or UnicodeEncodeError."""
    if contexts.inline or document.__class__ is not dict:
        return _general(document, contexts, hash_name)
    kept: _Kept | None = contexts.templates
    if kept is None:
        kept = contexts.templates = _Kept()
    key = (hash_name, *document)
    alike = kept.by_members.get(key, ())
    for place, sample in enumerate(alike):
        if sample.template is not None:
            text = sample.template.fill(document)
            if text is not None:
                if place:
                    kept.by_members[key] = (sample, *alike[:place], *alike[place + 1 :])
                kept.hits += 1
                return text.encode()
    result = _general(document, contexts, hash_name)
    kept.misses += 1
    if kept.misses < _ALWAYS_LEARN or kept.misses <= kept.hits or not kept.misses % 8:
        kept.learn(key, document, result, contexts)
    return result


def _general(document: Any, contexts: Contexts, hash_name: str) -> bytes:
    return "".join(canonicalize(to_quads(document, contexts), hash_name=hash_name)).encode()


@dataclass(frozen=True, slots=True)
class _Sample:
    """One document that was met, the texts in it that others had differently, and what was compiled of it.

    Once it is known which texts differ they are forgotten: what is kept is what the awards have in common.
    """

    document: dict[str, Any]
    texts: int
    slots: frozenset[Path] = frozenset()
    template: Template | None = None
    failures: int = 0


@dataclass(slots=True)
class _Kept:
    """The samples of one set of contexts, by hash and top members, the last used first.

    Threads may share it: what they read is never changed in place, and a lost update costs one compilation.
    """

    by_members: dict[tuple[str, ...], tuple[_Sample, ...]] = field(default_factory=dict)
    hits: int = 0
    misses: int = 0

    def learn(self, key: tuple[str, ...], document: dict[str, Any], result: bytes, contexts: Contexts) -> None:
        """Widen the nearest sample's template to a document that no template fits, or keep it as a sample."""
        alike = self.by_members.get(key, ())
        found = [(sample, _new_slots(sample, document)) for sample in alike]
        near = [(sample, new) for sample, new in found if new is not None and (not new or sample.failures < MAX_TRIES)]
        sample, new = min(near, key=lambda pair: len(pair[1]), default=(None, frozenset()))
        if sample is not None and not new and (sample.template is not None or sample.failures >= MAX_TRIES):
            return  # it fits, but has unnamed parts that only the general way can tell apart
        others = tuple(other for other in alike if other is not sample)
        made: list[_Sample] = []
        if sample is not None:
            made.append(_widened(sample, new, key[0], document, result, contexts))
        if sample is None or (new and made[0].failures > sample.failures):
            try:
                made.insert(0, _Sample(*_copy(document)))
            except _Unfit:
                return
        if sum(map(len, self.by_members.values())) >= MAX_KEPT:
            self.by_members.clear()
        self.by_members[key] = (*made, *others)[:MAX_ALIKE]


def _widened(
    sample: _Sample, new: frozenset[Path], hash_name: str, document: Any, result: bytes, contexts: Contexts
) -> _Sample:
    """The sample with a template that fits `document` too, or with one more failure to find one."""
    slots = sample.slots | new
    try:
        template = Template(sample.document, slots, contexts, hash_name)
    except (_Unfit, JsonLdError):
        template = None
    # This document is the proof of the new template: both ways must agree on it.
    if template is None or template.fill(document) != result.decode():
        return replace(sample, failures=sample.failures + 1)
    without_persons = _with(sample.document, dict.fromkeys(slots, ""))
    return _Sample(without_persons, sample.texts, slots, template, sample.failures)


def _copy(document: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A copy that nobody else holds, and how many texts are in it; raises _Unfit."""
    texts = size = 0

    def copy(value: Any, depth: int) -> Any:
        nonlocal texts, size
        kind = value.__class__
        size += len(value) if kind is str else 1
        if size > MAX_SIZE or depth > MAX_DEPTH:
            raise _Unfit
        if kind is str:
            texts += 1
            if _MARK in value:
                raise _Unfit
            return value
        if kind is dict:
            size += sum(map(len, value))
            return {name: copy(item, depth + 1) for name, item in value.items()}
        if kind is list:
            return [copy(item, depth + 1) for item in value]
        if kind not in _SCALARS:
            raise _Unfit
        return value

    return copy(document, 0), texts


def _new_slots(sample: _Sample, document: Any) -> frozenset[Path] | None:
    """Where a document has other texts than a sample; None where they are not of one shape, or too far apart."""
    found: list[Path] = []
    most = sample.texts // 2 + len(sample.slots)

    def same(kept: Any, value: Any, path: Path) -> bool:
        kind = kept.__class__
        if value.__class__ is not kind:
            return False
        if kind is str:
            if kept != value:
                found.append(path)
            return len(found) <= most
        if kind is dict:
            return kept.keys() == value.keys() and all(same(kept[n], value[n], (*path, n)) for n in kept)
        if kind is list:
            return len(kept) == len(value) and all(same(kept[n], value[n], (*path, n)) for n in range(len(kept)))
        return bool(kept == value)

    return frozenset(found) - sample.slots if same(sample.document, document, ()) else None


class _Marked(Walk):
    """A walk over a document whose slots hold markers; notes under which context each address is read."""

    __slots__ = ("read_under",)

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(contexts)
        self.read_under: dict[str, list[Context]] = defaultdict(list)

    def identifier(self, active: Context, value: Any) -> str:
        if isinstance(value, str) and value.startswith(_MARK):
            self.read_under[value].append(active)
        return super().identifier(active, value)

    def scalar(self, active: Context, term: Term, value: Any) -> str:
        if term.kind == "@vocab" and isinstance(value, str) and value.startswith(_MARK):
            raise _Unfit
        return super().scalar(active, term, value)

    def type_iri(self, active: Context, value: Any) -> str:
        if isinstance(value, str) and value.startswith(_MARK):
            raise _Unfit
        return super().type_iri(active, value)


class _Part(NamedTuple):
    """One object or array on the way to a slot: what it must be, and which of its members are slots."""

    parent: int
    name: str | int
    kind: type[dict[str, Any]] | type[list[Any]]
    size: int
    constants: Callable[[Any], tuple[Any, ...]] | None
    expected: tuple[Any, ...]
    scalars: Callable[[Any], tuple[Any, ...]] | None
    scalars_expected: tuple[Any, ...]
    slots: Callable[[Any], tuple[Any, ...]] | None


class _Address(NamedTuple):
    """A slot that is an address: where its value is, how it may begin, and which words it may not be."""

    value: int
    schemes: tuple[str, ...]
    terms: frozenset[str]


class _Form(NamedTuple):
    """Lines with places from the table; `loose` where the order of the lines depends on what fills them."""

    text: str
    places: Any  # a getter, or None where the text is all there is
    loose: bool

    def fill(self, table: list[str]) -> str:
        text = self.text % self.places(table)
        return "\n".join(sorted(text[:-1].split("\n"))) + "\n" if self.loose else text


class Template:
    """The canonical form of every document that differs from `sample` only in the texts at `slots`.

    `fill` works on a table of N-Quads terms: literals that hold a slot, addresses that are one, labels of blank nodes.
    """

    def __init__(self, sample: dict[str, Any], slots: frozenset[Path], contexts: Contexts, hash_name: str) -> None:
        self.algorithm = getattr(hashlib, hash_name)
        self.parts: list[_Part] = []
        values = self._plan(sample, slots)
        walk = _Marked(contexts)
        walk.node(Context(), None, None, _with(sample, {p: f"{_MARK}{n:06d}:" for p, n in values.items()}), "")
        quads = list(dict.fromkeys(walk.quads))
        self.literals: list[tuple[int, str]] = []
        self.addresses: list[_Address] = []
        places = self._terms(quads, walk, set(values.values()))
        first = len(self.literals) + len(self.addresses)
        nodes = sorted({term for quad in quads for term in quad if term.startswith("_:")})
        if len(nodes) > len(_LABELS):
            raise _Unfit
        self.nodes = [""] * len(nodes)
        labels = {node: first + number for number, node in enumerate(nodes)}
        self.fixed: dict[str, int] = {}
        self.moving: list[tuple[int, _Form]] = []
        self._name(quads, places, labels)
        self._write(quads, places, labels)

    def _plan(self, sample: dict[str, Any], slots: frozenset[Path]) -> dict[Path, int]:
        """Fill `parts`; the place of each slot among the values that they give."""
        found: dict[Path, int] = {}
        above = {path[:length] for path in slots for length in range(len(path))}
        count = 0
        queue: list[tuple[int, str | int, Any, Path]] = [(-1, 0, sample, ())]
        for number, (parent, name, value, path) in enumerate(queue):
            constants: list[str | int] = []
            scalars: list[str | int] = []
            here: list[str | int] = []
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                inner = (*path, key)
                if inner in slots:
                    found[inner] = count + len(here)
                    here.append(key)
                elif inner in above or (isinstance(item, dict | list) and not _only_text(item)):
                    queue.append((number, key, item, inner))
                elif isinstance(item, str | dict | list):
                    constants.append(key)
                else:
                    scalars.append(key)
            part = _Part(
                parent, name, value.__class__, len(value), *_members(value, constants), *_members(value, scalars),
                _members(value, here)[0],
            )  # fmt: skip
            self.parts.append(part)
            count += len(part.slots(value)) if part.slots is not None else 0
        return found

    def _terms(self, quads: list[Quad], walk: _Marked, wanted: set[int]) -> dict[str, int]:
        """The place in the table of each term that holds a slot; raises _Unfit for a slot that is not plainly there."""
        literals: list[str] = []
        addresses: list[str] = []
        for s, _, o, _ in quads:
            for term in (s, o):
                if _MARK not in term or term in literals or term in addresses:
                    continue
                match = _MARKED.fullmatch(term)
                if match is None or _MARK in (match[3] or ""):
                    raise _Unfit
                number = int(match[1] or match[2])
                wanted.discard(number)
                if match[1] is None:
                    literals.append(term)
                    self.literals.append((number, f'"{match[3]}'))
                else:
                    addresses.append(term)
                    under = walk.read_under[term[1:-1]]
                    schemes = tuple(s for s in _SCHEMES if all(_is_free(s, context) for context in under))
                    terms = {name for context in under for name in context.terms if ":" in name}
                    self.addresses.append(_Address(number, schemes, frozenset(terms)))
        if wanted:
            raise _Unfit
        return {term: place for place, term in enumerate((*literals, *addresses))}

    def _name(self, quads: list[Quad], places: dict[str, int], labels: dict[str, int]) -> None:
        """First-degree hashes (RDFC-1.0 section 4.6.3): those that never change, and forms for the others."""
        for node, place in labels.items():
            lines = [
                _line([("_:a" if t == node else "_:z") if t.startswith("_:") else places.get(t, t) for t in quad])
                for quad in quads
                if node in quad
            ]
            form = _form(lines)
            if form.places is None:
                self.fixed[self.algorithm(form.text.encode()).hexdigest()] = place
            else:
                self.moving.append((place, form))
        if len(self.fixed) + len(self.moving) != len(labels):
            raise _Unfit  # two nodes are alike whatever the slots hold

    def _write(self, quads: list[Quad], places: dict[str, int], labels: dict[str, int]) -> None:
        """A block of lines for each subject: blocks sort as their subjects do, and lines within a block."""
        everywhere = places | labels
        blocks: dict[str, list[Line]] = defaultdict(list)
        for subject, *rest in quads:
            blocks[subject].append(_line([everywhere.get(term, term) for term in rest]))
        forms = [_form(lines, everywhere.get(subject, subject)) for subject, lines in blocks.items()]
        self.still = [form.text for form in forms if form.places is None]
        self.blocks = [form for form in forms if form.places is not None]
        self.subjects = frozenset(blocks)
        self.subject_places = [places[subject] for subject in blocks if subject in places]

    def fill(self, document: dict[str, Any]) -> str | None:
        """The document's canonical N-Quads, or None where the general way must be gone."""
        values = self._match(document)
        if values is None:
            return None
        texts = values
        if MUST_ESCAPE.search("".join(values)):
            texts = [value.translate(ESCAPES) for value in values]
        table = [f'"{texts[place]}{tail}' for place, tail in self.literals]
        for place, schemes, terms in self.addresses:
            value = values[place]
            if not value.startswith(schemes) or value in terms or not ABSOLUTE.fullmatch(value):
                return None
            table.append(f"<{value}>")
        if self.subject_places:
            subjects = {table[place] for place in self.subject_places}
            if len(subjects) != len(self.subject_places) or not subjects.isdisjoint(self.subjects):
                return None
        table += self.nodes
        hashes = self.fixed.copy()
        for place, form in self.moving:
            hashes[self.algorithm(form.fill(table).encode()).hexdigest()] = place
        if len(hashes) != len(self.nodes):
            return None
        for label, value in zip(_LABELS, sorted(hashes), strict=False):
            table[hashes[value]] = label
        blocks = self.still.copy()
        for form in self.blocks:
            block = form.fill(table)
            if form.loose and _repeats(block):
                return None
            blocks.append(block)
        blocks.sort()
        return "".join(blocks)

    def _match(self, document: dict[str, Any]) -> list[str] | None:
        """The texts in the slots, or None where anything else is not as in the sample."""
        values: list[Any] = []
        found: list[Any] = []  # the parts so far
        try:
            value: Any
            for parent, name, kind, size, constants, expected, scalars, numbers, slots in self.parts:
                value = found[parent][name] if parent >= 0 else document
                if value.__class__ is not kind or len(value) != size:
                    return None
                if constants is not None and constants(value) != expected:
                    return None
                if scalars is not None:
                    given = scalars(value)
                    if given != numbers or [*map(type, given)] != [*map(type, numbers)]:
                        return None
                if slots is not None:
                    values += slots(value)
                found.append(value)
        except KeyError:
            return None
        return values if {*map(type, values)} <= _TEXT else None


def _only_text(value: Any) -> bool:
    """Whether there is nothing but texts in a value: then `==` says all there is to say."""
    if isinstance(value, dict | list):
        return all(_only_text(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, str)


def _with(value: Any, texts: dict[Path, str], path: Path = ()) -> Any:
    """A copy with other texts at some paths."""
    if isinstance(value, dict):
        return {name: _with(item, texts, (*path, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_with(item, texts, (*path, place)) for place, item in enumerate(value)]
    return texts.get(path, value)


def _members(value: Any, names: list[Any]) -> tuple[Callable[[Any], tuple[Any, ...]] | None, tuple[Any, ...]]:
    """A getter of some members as a tuple, and what it gives; one member is given twice, to be a tuple too."""
    if not names:
        return None, ()
    get = itemgetter(*names, *(names if len(names) == 1 else ()))
    return get, get(value)


def _is_free(scheme: str, context: Context) -> bool:
    """Whether an address that begins so is never taken for a compact one."""
    return scheme.endswith("//") or scheme[:-1] not in context.terms


def _line(words: list[str | int]) -> Line:
    """A line of N-Quads, or its end, of constant terms and places; the default graph is not written."""
    parts: list[str | int] = [""]
    for word in words:
        if word == "":
            continue
        for piece in (word, " "):
            if isinstance(piece, str) and isinstance(parts[-1], str):
                parts[-1] += piece
            else:
                parts.append(piece)
    parts[-1] = f"{parts[-1]}.\n"
    return tuple(parts)


def _form(lines: list[Line], subject: str | int = "") -> _Form:
    """Sort lines as far as their constant beginnings tell, and join them; `subject` comes before each."""
    lines = sorted(lines, key=lambda line: line[0])
    loose = any(
        str(after[0]).startswith(str(before[0])) and (len(before) > 1 or before != after)
        for before, after in pairwise(lines)
    )
    start: Line = () if subject == "" else (subject, " ")
    pieces = [piece for line in lines for piece in (*start, *line)]
    places = [piece for piece in pieces if isinstance(piece, int)]
    if not places:
        return _Form("".join(map(str, pieces)), None, False)
    text = "".join("%s" if isinstance(piece, int) else piece.replace("%", "%%") for piece in pieces)
    return _Form(text, itemgetter(*places), loose)


def _repeats(block: str) -> bool:
    lines = block.split("\n")
    return len(set(lines)) != len(lines)
