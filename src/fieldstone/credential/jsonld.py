"""JSON-LD 1.1 to RDF quads: strict, and fast because compiled contexts are kept.

`to_quads(document, contexts)` walks a document once and gives its quads as tuples of N-Quads terms
`(subject, predicate, object, graph)`; the default graph is `""`. It never guesses: an undefined term, a
relative address, a null, a value that RDF could not hold, and an unknown context are errors, because a word
that does not reach the quads is a word the signature does not cover.

Follows JSON-LD 1.1 Processing Algorithms and API, sections 4.1 (contexts), 4.2 (term definitions), 5.1
(expansion) and 8.1 (RDF). Left out, and refused when met: `@nest`, `@reverse`, `@included`, `@import`,
`@base`, top-level `@graph`, and index, id and type maps; no credential context uses them. Text direction
becomes an i18n datatype.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import rfc8785

from fieldstone.credential.contexts import Contexts
from fieldstone.credential.errors import JsonLdError

Quad = tuple[str, str, str, str]

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_TYPE, _FIRST, _REST, _NIL = (f"<{RDF}{name}>" for name in ("type", "first", "rest", "nil"))
_KEYWORDS: Final = frozenset(
    [
        "@base",
        "@container",
        "@context",
        "@default",
        "@direction",
        "@embed",
        "@explicit",
        "@graph",
        "@id",
        "@import",
        "@included",
        "@index",
        "@json",
        "@language",
        "@list",
        "@nest",
        "@none",
        "@omitDefault",
        "@prefix",
        "@preserve",
        "@propagate",
        "@protected",
        "@requireAll",
        "@reverse",
        "@set",
        "@type",
        "@value",
        "@version",
        "@vocab",
    ]
)
_LOOKS_LIKE_KEYWORD: Final = re.compile(r"@[A-Za-z]+")
_ABSOLUTE: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]*')
_BLANK: Final = re.compile(r"_:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_MUST_ESCAPE: Final = re.compile('[\\x00-\\x1f"\\\\\\x7f]')
_ESCAPES: Final = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {
    8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
}  # fmt: skip
_CONTAINERS: Final = frozenset({"@set", "@list", "@graph", "@language"})
_TERM_MEMBERS: Final = frozenset(
    {"@id", "@type", "@container", "@context", "@language", "@direction", "@prefix", "@protected"}
)
_VALUE_MEMBERS: Final = frozenset({"@value", "@type", "@language", "@direction"})
_MAX_CHAIN: Final = 8
_UNSET: Final = object()


class Term(NamedTuple):
    """A term definition (JSON-LD 1.1 API section 4.2): what one word means."""

    iri: str | None
    kind: str | None = None
    container: frozenset[str] = frozenset()
    language: Any = _UNSET
    direction: Any = _UNSET
    local: Any = _UNSET
    prefix: bool = False
    protected: bool = False


class Context:
    """An active context; `entries`, `typed` and `scoped` keep what was already worked out."""

    __slots__ = ("direction", "entries", "language", "names", "previous", "scoped", "terms", "typed", "vocab")

    def __init__(self) -> None:
        self.terms: dict[str, Term] = {}
        self.vocab: str | None = None
        self.language: str | None = None
        self.direction: str | None = None
        self.previous: Context | None = None
        self.forget()

    def forget(self) -> None:
        self.entries: dict[str, Any] = {}
        self.typed: dict[tuple[str, ...], Context] = {}
        self.scoped: dict[str, Context] = {}
        self.names: dict[str, frozenset[str]] = {}

    def copy(self) -> Context:
        twin = Context()
        twin.terms = dict(self.terms)
        twin.vocab, twin.language, twin.direction = self.vocab, self.language, self.direction
        twin.previous = self.previous
        return twin

    def aliases(self, keyword: str) -> frozenset[str]:
        """Every member name that stands for `keyword` here."""
        names = self.names.get(keyword)
        if names is None:
            names = frozenset({keyword, *(name for name, term in self.terms.items() if term.iri == keyword)})
            self.names[keyword] = names
        return names


def to_quads(document: Any, contexts: Contexts) -> list[Quad]:
    """The quads of a JSON-LD document, in no particular order, without repeats; raises JsonLdError."""
    if not isinstance(document, dict) or "@context" not in document:
        raise JsonLdError("no_context", "The document has no @context.")
    walk = _Walk(contexts)
    walk.node(Context(), None, None, document, "")
    return list(dict.fromkeys(walk.quads))


def compile_context(active: Context, local: Any, contexts: Contexts) -> Context:
    """`active` extended by a document's own `@context`: URLs from the known set, or inline where allowed."""
    items = local if isinstance(local, list) else [local]
    urls = tuple(item for item in items if isinstance(item, str))
    if len(urls) != len(items):
        if not contexts.inline:
            raise JsonLdError("inline_context", "The document carries a context of its own.")
        return _process(active, local, contexts)
    key = (id(active), urls) if active.terms else urls
    if key not in contexts.compiled:
        if len(contexts.compiled) >= 256:
            contexts.compiled.clear()
        # The active context is kept beside the result so that its id cannot be taken by another.
        contexts.compiled[key] = (_process(active, list(urls), contexts), active)
    result: Context = contexts.compiled[key][0]
    return result


def _process(
    active: Context,
    local: Any,
    contexts: Contexts,
    *,
    override: bool = False,
    propagate: bool = True,
    chain: tuple[str, ...] = (),
) -> Context:
    """The Context Processing Algorithm, JSON-LD 1.1 API section 4.1.2."""
    if isinstance(local, dict) and "@propagate" in local:
        propagate = local["@propagate"]
        if not isinstance(propagate, bool):
            raise JsonLdError("bad_context", "@propagate must be true or false.")
    result = active.copy()
    if not propagate and result.previous is None:
        result.previous = active
    for item in local if isinstance(local, list) else [local]:
        if item is None:
            if not override and any(term.protected for term in result.terms.values()):
                raise JsonLdError("protected_term", "A null context would clear protected terms.")
            previous = result
            result = Context()
            if not propagate:
                result.previous = previous
        elif isinstance(item, str):
            if item in chain or len(chain) >= _MAX_CHAIN:
                raise JsonLdError("bad_context", f"The context {item} includes itself.")
            document = contexts.document(item)
            if not isinstance(document, dict) or "@context" not in document:
                raise JsonLdError("bad_context", f"{item} is not a context document.")
            result = _process(result, document["@context"], contexts, override=override, chain=(*chain, item))
        elif isinstance(item, dict):
            _define(result, item, override=override)
        else:
            raise JsonLdError("bad_context", "A context must be a URL, an object or null.")
    return result


def _define(active: Context, local: dict[str, Any], *, override: bool) -> None:
    """Apply one context object to `active`, in place."""
    protected = local.get("@protected", False)
    if not isinstance(protected, bool):
        raise JsonLdError("bad_context", "@protected must be true or false.")
    if local.get("@version", 1.1) != 1.1:
        raise JsonLdError("bad_context", "@version must be 1.1.")
    if "@vocab" in local:
        active.vocab = _vocab(active, local["@vocab"])
    if "@language" in local:
        active.language = _language(local["@language"])
    if "@direction" in local:
        active.direction = _direction(local["@direction"])
    state: dict[str, bool] = {}
    for name in local:
        if name in {"@version", "@vocab", "@language", "@direction", "@protected", "@propagate"}:
            continue
        _create_term(active, local, name, state, protected, override)


def _vocab(active: Context, value: Any) -> str | None:
    if value is None:
        return None
    iri = _expand(active, value, vocab=True) if isinstance(value, str) else None
    if iri is None or not _ABSOLUTE.fullmatch(iri):
        raise JsonLdError("bad_context", "@vocab must be an absolute address.")
    return iri


def _language(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise JsonLdError("bad_language", f"{value!r} is not a language tag.")
    return value.lower()


def _direction(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in {"ltr", "rtl"}:
        raise JsonLdError("bad_direction", "@direction must be ltr, rtl or null.")
    return value


def _create_term(
    active: Context,
    local: dict[str, Any],
    name: str,
    state: dict[str, bool],
    protected: bool,
    override: bool,
) -> None:
    """The Create Term Definition Algorithm, JSON-LD 1.1 API section 4.2.2."""
    if name in state:
        if state[name]:
            return
        raise JsonLdError("bad_context", f"The term {name} is defined by itself.")
    if not name or _LOOKS_LIKE_KEYWORD.fullmatch(name):
        raise JsonLdError("bad_context", f"{name!r} cannot be defined as a term, or is not supported.")
    state[name] = False
    value = local[name]
    simple = isinstance(value, str)
    definition = value if isinstance(value, dict) else {"@id": value}
    if not definition.keys() <= _TERM_MEMBERS:
        raise JsonLdError("bad_context", f"The definition of {name} uses a member that is not supported.")
    protect = definition.get("@protected", protected)
    if not isinstance(protect, bool):
        raise JsonLdError("bad_context", "@protected must be true or false.")
    previous = active.terms.pop(name, None)

    def expand(text: Any) -> str:
        if not isinstance(text, str):
            raise JsonLdError("bad_context", f"The definition of {name} holds an address that is not text.")
        result = _expand(active, text, vocab=True, local=local, state=state, protected=protected, override=override)
        if result is None or not (result in _KEYWORDS or _ABSOLUTE.fullmatch(result)):
            raise JsonLdError("bad_context", f"{text}, which {name} stands for, is not an absolute address.")
        return result

    kind = None
    if "@type" in definition:
        kind = expand(definition["@type"])
        if kind in _KEYWORDS and kind not in {"@id", "@vocab", "@json", "@none"}:
            raise JsonLdError("bad_context", f"{kind} is not a type for {name}.")
    iri: str | None
    prefix = False
    if "@id" in definition and definition["@id"] is None:
        iri = None
    elif "@id" in definition and definition["@id"] != name:
        iri = expand(definition["@id"])
        if iri == "@context":
            raise JsonLdError("bad_context", f"{name} cannot stand for @context.")
        if ":" in name[1:-1] or "/" in name:
            state[name] = True
            if expand(name) != iri:
                raise JsonLdError("bad_context", f"{name} would mean something else than it says.")
        prefix = simple and ":" not in name and "/" not in name and iri[-1] in ":/?#[]@"
    elif ":" in name[1:] or "/" in name:
        start, _, rest = name.partition(":")
        if ":" in name and start in local:
            _create_term(active, local, start, state, protected, override)
        owner = active.terms.get(start)
        iri = owner.iri + rest if owner is not None and owner.iri is not None else name
        if not _ABSOLUTE.fullmatch(iri):
            raise JsonLdError("bad_context", f"{name} is not an absolute address.")
    elif active.vocab is not None:
        iri = active.vocab + name
    else:
        raise JsonLdError("bad_context", f"{name} has no address.")

    container = definition.get("@container", [])
    container = container if isinstance(container, list) else [container]
    if not all(isinstance(item, str) for item in container):
        raise JsonLdError("bad_context", f"The container of {name} is not text.")
    container = frozenset(container)
    if (
        not container <= _CONTAINERS
        or {"@list", "@graph"} <= container
        or ("@list" in container and len(container) > 1)
    ):
        raise JsonLdError("bad_context", f"The container of {name} is not supported.")
    if "@prefix" in definition:
        prefix = definition["@prefix"]
        if not isinstance(prefix, bool) or ":" in name or "/" in name or (prefix and iri in _KEYWORDS):
            raise JsonLdError("bad_context", f"{name} cannot be a prefix.")
    term = Term(
        iri=iri,
        kind=kind,
        container=container,
        language=_language(definition["@language"]) if "@language" in definition and kind is None else _UNSET,
        direction=_direction(definition["@direction"]) if "@direction" in definition and kind is None else _UNSET,
        local=definition.get("@context", _UNSET),
        prefix=prefix,
        protected=protect,
    )
    if previous is not None and previous.protected and not override:
        if term._replace(protected=True) != previous:
            raise JsonLdError("protected_term", f"The protected term {name} is defined a second time.")
        term = previous
    active.terms[name] = term
    state[name] = True


def _expand(
    active: Context,
    value: str,
    *,
    vocab: bool,
    local: dict[str, Any] | None = None,
    state: dict[str, bool] | None = None,
    protected: bool = False,
    override: bool = False,
) -> str | None:
    """The IRI Expansion Algorithm, JSON-LD 1.1 API section 5.2, without a base address."""
    if value in _KEYWORDS:
        return value
    if _LOOKS_LIKE_KEYWORD.fullmatch(value):
        return None
    if local is not None and state is not None and value in local and not state.get(value, False):
        _create_term(active, local, value, state, protected, override)
    term = active.terms.get(value)
    if term is not None and (vocab or term.iri in _KEYWORDS):
        return term.iri
    if ":" in value[1:]:
        start, _, rest = value.partition(":")
        if start == "_" or rest.startswith("//"):
            return value
        if local is not None and state is not None and start in local and not state.get(start, False):
            _create_term(active, local, start, state, protected, override)
        owner = active.terms.get(start)
        if owner is not None and owner.iri is not None and owner.prefix:
            return owner.iri + rest
        return value
    return active.vocab + value if vocab and active.vocab is not None else value


class _Walk:
    """One pass over one document."""

    __slots__ = ("blank", "contexts", "labels", "quads")

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.quads: list[Quad] = []
        self.labels: dict[str, str] = {}
        self.blank = 0

    def fresh(self) -> str:
        self.blank += 1
        return f"_:b{self.blank}"

    def enter(self, active: Context, name: str | None, term: Term | None) -> Context:
        """The context inside the property `name` (a property-scoped context, if it has one)."""
        if name is None or term is None or term.local is _UNSET:
            return active
        inner = active.scoped.get(name)
        if inner is None or active.terms.get(name) is not term:
            inner = _process(active, term.local, self.contexts, override=True)
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
                subject = self.identifier(active, value)
            elif entry not in {"@type", "@context"}:
                raise JsonLdError("bad_document", f"{key} is not supported here.")
        if not subject:
            subject = self.fresh()
        quads = self.quads
        for value in types:
            quads.append((subject, _TYPE, f"<{self.type_iri(outer, value)}>", graph))
        for key, entry, value in properties:
            self.property(active, key, entry, value, subject, graph)
        return subject

    def typed(self, active: Context, types: list[str]) -> Context:
        """The context after the type-scoped contexts of `types` (section 5.1.2 step 11)."""
        terms = active.terms
        try:
            scoped = tuple(sorted({t for t in types if t in terms and terms[t].local is not _UNSET}))
        except TypeError:
            raise JsonLdError("bad_type", "A type must be text.") from None
        if not scoped:
            return active
        result = active.typed.get(scoped)
        if result is None:
            result = active
            for value in scoped:
                result = _process(result, terms[value].local, self.contexts, propagate=False)
            active.typed[scoped] = result
        return result

    def entry(self, active: Context, key: str) -> Any:
        """What a member name means: its `Term`, or a keyword."""
        term = active.terms.get(key)
        iri = term.iri if term is not None else _expand(active, key, vocab=True)
        if iri in _KEYWORDS:
            active.entries[key] = iri
            return iri
        if iri is None or not _ABSOLUTE.fullmatch(iri):
            raise JsonLdError("undefined_term", f"The word {key!r} is not defined by the document's contexts.")
        if term is None:
            return Term(iri)
        active.entries[key] = term
        return term

    def type_iri(self, active: Context, value: Any) -> str:
        iri = _expand(active, value, vocab=True) if isinstance(value, str) else None
        if iri is None or not _ABSOLUTE.fullmatch(iri):
            raise JsonLdError("undefined_term", f"The type {value!r} is not defined by the document's contexts.")
        return iri

    def identifier(self, active: Context, value: Any) -> str:
        """A node's identifier as an N-Quads term."""
        iri = _expand(active, value, vocab=False) if isinstance(value, str) else None
        return self.resource(iri, value)

    def resource(self, iri: str | None, value: Any) -> str:
        if iri is not None and _ABSOLUTE.fullmatch(iri):
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
            for item in _flat(value):
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
            found: list[str] = []
            for part in _flat(_only(inner, item, "@set")):
                found.extend(self.values(active, name, term, part, graph))
            return found
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
        direction = active.direction if term.direction is _UNSET else term.direction
        for tag, texts in value.items():
            language = None if _expand(active, tag, vocab=True) == "@none" else _language(tag)
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
                return self.resource(_expand(active, value, vocab=True), value)
            if kind is None or kind == "@none":
                language = active.language if term.language is _UNSET else term.language
                direction = active.direction if term.direction is _UNSET else term.direction
                return _literal(value, None, language, direction)
            return _literal(value, kind, None, None)
        datatype = None if kind in {"@id", "@vocab", "@none"} else kind
        return _native(value, datatype)

    def value_object(self, active: Context, item: dict[str, Any]) -> str:
        members: dict[str, Any] = {}
        for key, member in item.items():
            keyword = _expand(active, key, vocab=True)
            if keyword not in _VALUE_MEMBERS or keyword in members:
                raise JsonLdError("bad_document", f"{key} is not supported in a value object.")
            members[keyword] = member
        value, kind = members["@value"], members.get("@type")
        if kind is None:
            if not isinstance(value, str):
                if members.keys() - {"@value", "@type"}:
                    raise JsonLdError("bad_document", "Only text can have a language or a direction.")
                return _native(value, None)
            return _literal(value, None, _language(members.get("@language")), _direction(members.get("@direction")))
        if members.keys() - {"@value", "@type"}:
            raise JsonLdError("bad_document", "A typed value has neither language nor direction.")
        datatype = kind if kind == "@json" else self.type_iri(active, kind)
        if datatype == "@json":
            return _json_literal(value)
        return _literal(value, datatype, None, None) if isinstance(value, str) else _native(value, datatype)


def _flat(value: Any) -> Iterable[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _only(active: Context, item: dict[str, Any], keyword: str) -> Any:
    if len(item) != 1:
        raise JsonLdError("bad_document", f"{keyword} must stand alone in its object.")
    return next(iter(item.values()))


def _literal(text: str, datatype: str | None, language: str | None, direction: str | None) -> str:
    """An N-Quads literal in canonical form (RDF Dataset Canonicalization section 5)."""
    if _MUST_ESCAPE.search(text):
        text = text.translate(_ESCAPES)
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
    return _literal(rfc8785.dumps(value).decode(), RDF + "JSON", None, None)
