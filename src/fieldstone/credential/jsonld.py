"""JSON-LD 1.1 to RDF quads: strict, and fast because compiled contexts are kept.

`to_quads(document, contexts)` walks a document once and gives its quads as tuples of N-Quads terms
`(subject, predicate, object, graph)`; the default graph is `""`. It never guesses: an undefined term, a
relative address, a null, a value that RDF could not hold, and an unknown context are errors, because a word
that does not reach the quads is a word the signature does not cover.

The other way round, what the quads say must stand where readers of the JSON look for it: whoever holds a signed
document could write `credentialStatus` out as an address, or say it of the same node elsewhere, and a reader who looks
for the word would miss it although the signature holds (VC Data Integrity 1.0 section 4.6 wants documents compacted
before they are read). So members and types that are written out, `@id` and `@type` beside their usual names, sets and
arrays in arrays, and a part with the identifier and a type of the whole are errors too.

Follows JSON-LD 1.1 Processing Algorithms and API, sections 5.1 (expansion) and 8.1 (RDF), in one pass. Top-level
`@graph` and `@included` are refused; text direction becomes an i18n datatype.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from fieldstone.credential.contexts import Contexts
from fieldstone.credential.errors import JsonLdError
from fieldstone.credential.jsonld_context import (
    ABSOLUTE,
    KEYWORDS,
    UNSET,
    Context,
    Term,
    compile_context,
    direction_of,
    expand,
    language_of,
    process,
)
from fieldstone.credential.jsontext import canonical

Quad = tuple[str, str, str, str]

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_TYPE, _FIRST, _REST, _NIL = (f"<{RDF}{name}>" for name in ("type", "first", "rest", "nil"))
_BLANK: Final = re.compile(r"_:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
MUST_ESCAPE: Final = re.compile('[\\x00-\\x1f"\\\\\\x7f]')
ESCAPES: Final = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {
    8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
}  # fmt: skip
_VALUE_MEMBERS: Final = frozenset({"@value", "@type", "@language", "@direction"})


def to_quads(document: Any, contexts: Contexts) -> list[Quad]:
    """The quads of a JSON-LD document, in no particular order, without repeats; raises JsonLdError."""
    if not isinstance(document, dict) or "@context" not in document:
        raise JsonLdError("no_context", "The document has no @context.")
    walk = Walk(contexts)
    walk.node(Context(), None, None, document, "")
    return list(dict.fromkeys(walk.quads))


class Walk:
    """One pass over one document."""

    __slots__ = ("blank", "contexts", "labels", "quads", "root", "root_types")

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.quads: list[Quad] = []
        self.labels: dict[str, str] = {}
        self.blank = 0
        self.root, self.root_types = "", 0

    def fresh(self) -> str:
        self.blank += 1
        return f"_:b{self.blank}"

    def enter(self, active: Context, name: str | None, term: Term | None) -> Context:
        """The context inside the property `name` (a property-scoped context, if it has one)."""
        if name is None or term is None or term.local is UNSET:
            return active
        inner = active.scoped.get(name)
        if inner is None or active.terms.get(name) is not term:
            inner = process(active, term.local, self.contexts, override=True)
            if active.terms.get(name) is term:
                active.scoped[name] = inner
        return inner

    def node(self, active: Context, name: str | None, term: Term | None, obj: dict[str, Any], graph: str) -> str:
        """Write a node object's quads; gives its subject. Steps as in section 5.1.2, from step 7 on."""
        if active.previous is not None and not (len(obj) == 1 and not active.aliases("@id").isdisjoint(obj)):
            active = active.previous
        active = self.enter(active, name, term)
        if "@context" in obj:
            active = compile_context(active, obj["@context"], self.contexts)
        outer = active
        type_names = active.aliases("@type")
        types: list[str] = []
        for key in obj:
            if key in type_names:
                if key == "@type" and len(type_names) > 1:
                    raise JsonLdError("written_out", "@type stands where readers look for another word.")
                value = obj[key]
                types.extend(value if isinstance(value, list) else [value])
        if types:
            active = self.typed(active, types)

        subject = ""
        properties: list[tuple[str, Term, Any]] = []
        entries = active.entries
        for key, value in obj.items():
            entry = entries.get(key) or self.entry(active, key)
            if entry.__class__ is Term:
                properties.append((key, entry, value))
            elif entry == "@id":
                if subject:
                    raise JsonLdError("bad_document", "A node has two identifiers.")
                if key == "@id" and len(active.aliases("@id")) > 1:
                    raise JsonLdError("written_out", "@id stands where readers look for another word.")
                subject = self.identifier(active, value)
            elif entry not in {"@type", "@context"}:
                raise JsonLdError("bad_document", f"{key} is not supported here.")
        if not subject:
            subject = self.fresh()
        quads = self.quads
        for value in types:
            quad = (subject, _TYPE, f"<{self.type_iri(outer, value)}>", graph)
            # Only under its own type could a part take over what the whole says of itself.
            if subject == self.root and properties and quad in quads[: self.root_types]:
                raise JsonLdError("said_elsewhere", "A part says what only the whole should say of itself.")
            quads.append(quad)
        if not self.root:
            self.root, self.root_types = subject, len(quads)
        for key, entry, value in properties:
            self.property(active, key, entry, value, subject, graph)
        return subject

    def typed(self, active: Context, types: list[str]) -> Context:
        """The context after the type-scoped contexts of `types` (section 5.1.2 step 11)."""
        terms = active.terms
        try:
            scoped = tuple(sorted({t for t in types if t in terms and terms[t].local is not UNSET}))
        except TypeError:
            raise JsonLdError("bad_type", "A type must be text.") from None
        if not scoped:
            return active
        result = active.typed.get(scoped)
        if result is None:
            result = active
            for value in scoped:
                result = process(result, terms[value].local, self.contexts, propagate=False)
            active.typed[scoped] = result
        return result

    def entry(self, active: Context, key: str) -> Any:
        """What a member name means: its `Term`, or a keyword."""
        term = active.terms.get(key)
        iri = term.iri if term is not None else expand(active, key, vocab=True)
        if iri in KEYWORDS:
            active.entries[key] = iri
            return iri
        if iri is None or not ABSOLUTE.fullmatch(iri):
            raise JsonLdError("undefined_term", f"The word {key!r} is not defined by the document's contexts.")
        if term is None and ":" in key:
            raise JsonLdError("written_out", f"The word {key!r} is written out as an address, where readers miss it.")
        if term is None:
            return Term(iri)
        active.entries[key] = term
        return term

    def type_iri(self, active: Context, value: Any) -> str:
        iri = expand(active, value, vocab=True) if isinstance(value, str) else None
        if iri is None or not ABSOLUTE.fullmatch(iri):
            raise JsonLdError("undefined_term", f"The type {value!r} is not defined by the document's contexts.")
        if value not in active.terms and ":" in value and active.has_word(iri):
            raise JsonLdError("written_out", f"The type {value!r} is written out as an address, where readers miss it.")
        return iri

    def identifier(self, active: Context, value: Any) -> str:
        """A node's identifier as an N-Quads term."""
        iri = expand(active, value, vocab=False) if isinstance(value, str) else None
        return self.resource(iri, value)

    def resource(self, iri: str | None, value: Any) -> str:
        if iri is not None and ABSOLUTE.fullmatch(iri):
            return f"<{iri}>"
        if iri is not None and _BLANK.fullmatch(iri):
            if iri not in self.labels:
                self.labels[iri] = self.fresh()
            return self.labels[iri]
        raise JsonLdError("relative_address", f"{value!r} is not an absolute address.")

    def property(self, active: Context, name: str, term: Term, value: Any, subject: str, graph: str) -> None:
        predicate = f"<{term.iri}>"
        container = term.container
        if "@graph" in container:
            for item in value if isinstance(value, list) else [value]:
                if not isinstance(item, dict):
                    raise JsonLdError("bad_document", f"{name} must hold objects.")
                inner = self.fresh()
                self.quads.append((subject, predicate, inner, graph))
                self.node(active, name, term, item, inner)
        elif term.kind == "@json":
            self.quads.append((subject, predicate, _json_literal(value), graph))
        elif "@list" in container:
            head = self.list(active, name, term, value, graph)
            self.quads.append((subject, predicate, head, graph))
        elif "@language" in container and isinstance(value, dict):
            for literal in self.language_map(active, term, value):
                self.quads.append((subject, predicate, literal, graph))
        else:
            for item in _items(value):
                for obj in self.values(active, name, term, item, graph):
                    self.quads.append((subject, predicate, obj, graph))

    def values(self, active: Context, name: str, term: Term, item: Any, graph: str) -> Iterable[str]:
        """The objects that one item of a property gives (a `@set` object may give several)."""
        if not isinstance(item, dict):
            return (self.scalar(self.enter(active, name, term), term, item),)
        inner = self.enter(active, name, term)
        if not inner.aliases("@value").isdisjoint(item):
            return (self.value_object(inner, item),)
        if not inner.aliases("@list").isdisjoint(item):
            return (self.list(active, name, term, _only(inner, item, "@list"), graph),)
        if not inner.aliases("@set").isdisjoint(item):
            raise JsonLdError("hidden_value", f"What {name} holds is hidden in a set object.")
        return (self.node(active, name, term, item, graph),)

    def list(self, active: Context, name: str, term: Term, value: Any, graph: str) -> str:
        if isinstance(value, dict) and not active.aliases("@list").isdisjoint(value):
            value = _only(active, value, "@list")
        objects: list[str] = []
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, list):
                objects.append(self.list(active, name, term, item, graph))
            else:
                objects.extend(self.values(active, name, term, item, graph))
        head = _NIL
        for obj in reversed(objects):
            cell = self.fresh()
            self.quads.append((cell, _FIRST, obj, graph))
            self.quads.append((cell, _REST, head, graph))
            head = cell
        return head

    def language_map(self, active: Context, term: Term, value: dict[str, Any]) -> Iterable[str]:
        direction = active.direction if term.direction is UNSET else term.direction
        for tag, texts in value.items():
            language = None if expand(active, tag, vocab=True) == "@none" else language_of(tag)
            for text in texts if isinstance(texts, list) else [texts]:
                if not isinstance(text, str):
                    raise JsonLdError("bad_document", "A language map must hold text.")
                yield _literal(text, None, language, direction)

    def scalar(self, active: Context, term: Term, value: Any) -> str:
        """Text, a number or a boolean under a term (Value Expansion, section 5.3)."""
        kind = term.kind
        if isinstance(value, str):
            if kind == "@id":
                return self.identifier(active, value)
            if kind == "@vocab":
                return self.resource(expand(active, value, vocab=True), value)
            if kind is None or kind == "@none":
                language = active.language if term.language is UNSET else term.language
                direction = active.direction if term.direction is UNSET else term.direction
                return _literal(value, None, language, direction)
            return _literal(value, kind, None, None)
        datatype = None if kind in {"@id", "@vocab", "@none"} else kind
        return _native(value, datatype)

    def value_object(self, active: Context, item: dict[str, Any]) -> str:
        members: dict[str, Any] = {}
        for key, member in item.items():
            keyword = expand(active, key, vocab=True)
            if keyword not in _VALUE_MEMBERS or keyword in members:
                raise JsonLdError("bad_document", f"{key} is not supported in a value object.")
            members[keyword] = member
        value, kind = members["@value"], members.get("@type")
        if kind is None:
            if not isinstance(value, str):
                if members.keys() - {"@value", "@type"}:
                    raise JsonLdError("bad_document", "Only text can have a language or a direction.")
                return _native(value, None)
            return _literal(value, None, language_of(members.get("@language")), direction_of(members.get("@direction")))
        if members.keys() - {"@value", "@type"}:
            raise JsonLdError("bad_document", "A typed value has neither language nor direction.")
        datatype = kind if kind == "@json" else self.type_iri(active, kind)
        if datatype == "@json":
            return _json_literal(value)
        return _literal(value, datatype, None, None) if isinstance(value, str) else _native(value, datatype)


def _items(value: Any) -> Iterable[Any]:
    """The values of a property; an array in an array, which JSON-LD would flatten, hides them from other readers."""
    if not isinstance(value, list):
        return (value,)
    if any(isinstance(item, list) for item in value):
        raise JsonLdError("hidden_value", "An array stands directly in an array.")
    return value


def _only(active: Context, item: dict[str, Any], keyword: str) -> Any:
    if len(item) != 1:
        raise JsonLdError("bad_document", f"{keyword} must stand alone in its object.")
    return next(iter(item.values()))


def _literal(text: str, datatype: str | None, language: str | None, direction: str | None) -> str:
    """An N-Quads literal in canonical form (RDF Dataset Canonicalization section 5)."""
    if MUST_ESCAPE.search(text):
        text = text.translate(ESCAPES)
    if direction is not None:
        return f'"{text}"^^<https://www.w3.org/ns/i18n#{language or ""}_{direction}>'
    if language is not None:
        return f'"{text}"@{language}'
    if datatype is None or datatype == XSD + "string":
        return f'"{text}"'
    return f'"{text}"^^<{datatype}>'


def _native(value: Any, datatype: str | None) -> str:
    """A boolean or number as a literal (JSON-LD 1.1 API section 8.2.2)."""
    if isinstance(value, bool):
        return _literal("true" if value else "false", datatype or XSD + "boolean", None, None)
    if isinstance(value, int | float):
        if datatype == XSD + "double" or (isinstance(value, float) and not value.is_integer()):
            return _literal(_double(float(value)), datatype or XSD + "double", None, None)
        if abs(value) >= 2**53:
            raise JsonLdError("big_integer", "An integer is too large to be read alike everywhere.")
        return _literal(str(int(value)), datatype or XSD + "integer", None, None)
    raise JsonLdError("dropped_value", "A null cannot be signed: it would vanish.")


def _double(value: float) -> str:
    """XSD canonical double: one digit before the point, no needless zeros, a bare exponent."""
    mantissa, _, exponent = f"{value:.15E}".partition("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa + '0' if mantissa.endswith('.') else mantissa}E{int(exponent)}"


def _json_literal(value: Any) -> str:
    return _literal(canonical(value).decode(), RDF + "JSON", None, None)
