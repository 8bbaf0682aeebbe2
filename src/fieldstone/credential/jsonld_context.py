"""JSON-LD contexts: what the words of a document mean, worked out once and kept.

Follows JSON-LD 1.1 Processing Algorithms and API, sections 4.1 (context processing), 4.2 (term definitions) and 5.2
(IRI expansion). Left out, and refused when met: `@import`, `@base`, `@reverse`, `@nest`, and index, id and type maps;
no credential context uses them.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from fieldstone.credential.contexts import Contexts
from fieldstone.credential.errors import JsonLdError

KEYWORDS: Final = frozenset({
    "@base", "@container", "@context", "@default", "@direction", "@embed", "@explicit", "@graph", "@id", "@import",
    "@included", "@index", "@json", "@language", "@list", "@nest", "@none", "@omitDefault", "@prefix", "@preserve",
    "@propagate", "@protected", "@requireAll", "@reverse", "@set", "@type", "@value", "@version", "@vocab",
})  # fmt: skip
ABSOLUTE: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]*')
_LOOKS_LIKE_KEYWORD: Final = re.compile(r"@[A-Za-z]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_CONTAINERS: Final = frozenset({"@set", "@list", "@graph", "@language"})
_CONTEXT_MEMBERS: Final = frozenset({"@version", "@vocab", "@language", "@direction", "@protected", "@propagate"})
_TERM_MEMBERS: Final = frozenset(
    {"@id", "@type", "@container", "@context", "@language", "@direction", "@prefix", "@protected"}
)
_MAX_CHAIN: Final = 8
_MAX_COMPILED: Final = 256
UNSET: Final = object()


class Term(NamedTuple):
    """A term definition (JSON-LD 1.1 API section 4.2): what one word means."""

    iri: str | None
    kind: str | None = None
    container: frozenset[str] = frozenset()
    language: Any = UNSET
    direction: Any = UNSET
    local: Any = UNSET
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

    def has_word(self, iri: str) -> bool:
        """Whether some term stands for this address."""
        if "" not in self.names:
            self.names[""] = frozenset(term.iri for term in self.terms.values() if term.iri is not None)
        return iri in self.names[""]


def compile_context(active: Context, local: Any, contexts: Contexts) -> Context:
    """`active` extended by a document's own `@context`: URLs from the known set, or inline where allowed."""
    items = local if isinstance(local, list) else [local]
    urls = tuple(item for item in items if isinstance(item, str))
    if len(urls) != len(items):
        if not contexts.inline:
            raise JsonLdError("inline_context", "The document carries a context of its own.")
        return process(active, local, contexts)
    key = (id(active), urls) if active.terms else urls
    kept: tuple[Context, Context] | None = contexts.compiled.get(key)
    if kept is None:
        if len(contexts.compiled) >= _MAX_COMPILED:
            contexts.compiled.clear()
        # The active context is kept beside the result so that its id cannot be taken by another.
        kept = contexts.compiled[key] = (process(active, list(urls), contexts), active)
    return kept[0]


def process(
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
            result = process(result, document["@context"], contexts, override=override, chain=(*chain, item))
        elif isinstance(item, dict) and item.keys() == {"@context"}:  # a whole context document, written into another
            result = process(result, item["@context"], contexts, override=override, chain=chain)
        elif isinstance(item, dict):
            _Definer(result, item, override).apply()
        else:
            raise JsonLdError("bad_context", "A context must be a URL, an object or null.")
    return result


class _Definer:
    """Applies one context object to an active context, in place."""

    def __init__(self, active: Context, local: dict[str, Any], override: bool) -> None:
        self.active = active
        self.local = local
        self.override = override
        self.done: dict[str, bool] = {}
        self.protected = local.get("@protected", False)

    def apply(self) -> None:
        active, local = self.active, self.local
        if not isinstance(self.protected, bool):
            raise JsonLdError("bad_context", "@protected must be true or false.")
        if local.get("@version", 1.1) != 1.1:
            raise JsonLdError("bad_context", "@version must be 1.1.")
        if "@vocab" in local:
            active.vocab = _vocab(active, local["@vocab"])
        if "@language" in local:
            active.language = language_of(local["@language"])
        if "@direction" in local:
            active.direction = direction_of(local["@direction"])
        for name in local:
            if name not in _CONTEXT_MEMBERS:
                self.create(name)

    def create(self, name: str) -> None:
        """The Create Term Definition Algorithm, section 4.2.2."""
        if name in self.done:
            if self.done[name]:
                return
            raise JsonLdError("bad_context", f"The term {name} is defined by itself.")
        if not name or _LOOKS_LIKE_KEYWORD.fullmatch(name):
            raise JsonLdError("bad_context", f"{name!r} cannot be defined as a term, or is not supported.")
        self.done[name] = False
        value = self.local[name]
        definition = value if isinstance(value, dict) else {"@id": value}
        if not definition.keys() <= _TERM_MEMBERS:
            raise JsonLdError("bad_context", f"The definition of {name} uses a member that is not supported.")
        protected = definition.get("@protected", self.protected)
        if not isinstance(protected, bool):
            raise JsonLdError("bad_context", "@protected must be true or false.")
        previous = self.active.terms.pop(name, None)
        kind = self.kind(name, definition)
        iri = self.iri(name, definition)
        plain = kind is None
        term = Term(
            iri=iri,
            kind=kind,
            container=_container(name, definition.get("@container", [])),
            language=language_of(definition["@language"]) if plain and "@language" in definition else UNSET,
            direction=direction_of(definition["@direction"]) if plain and "@direction" in definition else UNSET,
            local=definition.get("@context", UNSET),
            prefix=_is_prefix(name, definition, iri, simple=isinstance(value, str)),
            protected=protected,
        )
        if previous is not None and previous.protected and not self.override:
            if term._replace(protected=True) != previous:
                raise JsonLdError("protected_term", f"The protected term {name} is defined a second time.")
            term = previous
        self.active.terms[name] = term
        self.done[name] = True

    def kind(self, name: str, definition: dict[str, Any]) -> str | None:
        """The type that the term's values are of."""
        if "@type" not in definition:
            return None
        kind = self.expand(name, definition["@type"])
        if kind in KEYWORDS and kind not in {"@id", "@vocab", "@json", "@none"}:
            raise JsonLdError("bad_context", f"{kind} is not a type for {name}.")
        return kind

    def iri(self, name: str, definition: dict[str, Any]) -> str | None:
        """The address or keyword that the term stands for; None for a term that means nothing."""
        given = definition.get("@id", name)
        if given is None:
            return None
        if given != name:
            iri = self.expand(name, given)
            if iri == "@context":
                raise JsonLdError("bad_context", f"{name} cannot stand for @context.")
            if ":" in name[1:-1] or "/" in name:
                self.done[name] = True
                if self.expand(name, name) != iri:
                    raise JsonLdError("bad_context", f"{name} would mean something else than it says.")
            return iri
        if ":" in name[1:] or "/" in name:
            start, _, rest = name.partition(":")
            if ":" in name and start in self.local:
                self.create(start)
            owner = self.active.terms.get(start)
            iri = owner.iri + rest if owner is not None and owner.iri is not None else name
            if not ABSOLUTE.fullmatch(iri):
                raise JsonLdError("bad_context", f"{name} is not an absolute address.")
            return iri
        if self.active.vocab is None:
            raise JsonLdError("bad_context", f"{name} has no address.")
        return self.active.vocab + name

    def expand(self, name: str, text: Any) -> str:
        """What `text` in the definition of `name` stands for, after defining the terms it is made of."""
        if not isinstance(text, str):
            raise JsonLdError("bad_context", f"The definition of {name} holds an address that is not text.")
        if text in self.local and text not in KEYWORDS and not self.done.get(text, False):
            self.create(text)
        elif text not in self.active.terms:
            start, colon, rest = text.partition(":")
            if colon and not rest.startswith("//") and start in self.local and not self.done.get(start, False):
                self.create(start)
        result = expand(self.active, text, vocab=True)
        if result is None or not (result in KEYWORDS or ABSOLUTE.fullmatch(result)):
            raise JsonLdError("bad_context", f"{text}, which {name} stands for, is not an absolute address.")
        return result


def _container(name: str, value: Any) -> frozenset[str]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise JsonLdError("bad_context", f"The container of {name} is not text.")
    container = frozenset(items)
    if not container <= _CONTAINERS or ("@list" in container and len(container) > 1):
        raise JsonLdError("bad_context", f"The container of {name} is not supported.")
    return container


def _is_prefix(name: str, definition: dict[str, Any], iri: str | None, *, simple: bool) -> bool:
    """Whether the term may begin compact addresses: said so, or written simply and ending like one."""
    whole = ":" not in name and "/" not in name
    if "@prefix" not in definition:
        return simple and whole and iri is not None and iri[-1] in ":/?#[]@"
    prefix = definition["@prefix"]
    if not isinstance(prefix, bool) or not whole or (prefix and iri in KEYWORDS):
        raise JsonLdError("bad_context", f"{name} cannot be a prefix.")
    return prefix


def _vocab(active: Context, value: Any) -> str | None:
    if value is None:
        return None
    iri = expand(active, value, vocab=True) if isinstance(value, str) else None
    if iri is None or not ABSOLUTE.fullmatch(iri):
        raise JsonLdError("bad_context", "@vocab must be an absolute address.")
    return iri


def language_of(value: Any) -> str | None:
    """A language tag in lower case, or None for null; raises JsonLdError."""
    if value is None:
        return None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise JsonLdError("bad_language", f"{value!r} is not a language tag.")
    return value.lower()


def direction_of(value: Any) -> str | None:
    """A base direction, or None for null; raises JsonLdError."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in {"ltr", "rtl"}:
        raise JsonLdError("bad_direction", "@direction must be ltr, rtl or null.")
    return value


def expand(active: Context, value: str, *, vocab: bool) -> str | None:
    """The IRI Expansion Algorithm, section 5.2, without a base address; None for what looks like a keyword."""
    if value in KEYWORDS:
        return value
    if _LOOKS_LIKE_KEYWORD.fullmatch(value):
        return None
    term = active.terms.get(value)
    if term is not None and (vocab or term.iri in KEYWORDS):
        return term.iri
    if ":" in value[1:]:
        start, _, rest = value.partition(":")
        if start == "_" or rest.startswith("//"):
            return value
        owner = active.terms.get(start)
        if owner is not None and owner.iri is not None and owner.prefix:
            return owner.iri + rest
        return value
    return active.vocab + value if vocab and active.vocab is not None else value
