"""Check 2, second part: the JSON Schema that a credential names (`credentialSchema`, VC Data Model 2.0 section 4.11).

A schema is a small program written by the issuer, so it runs on a leash: it is fetched by the caller's resolver alone,
its references to other documents too; patterns run in bounded time; and before anything is validated, `_Work` walks
schema and document together and counts what a validator would have to do, so that a schema which refers to itself, or
doubles its work at each level, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

import jsonschema_rs

from fieldstone.credential.errors import CredentialError, Missing, ParseError
from fieldstone.credential.jsontext import check_tree, loads
from fieldstone.credential.resolver import Resolver

TYPES: Final = ("1EdTechJsonSchemaValidator2019", "JsonSchema")
MAX_SCHEMAS: Final = 5
MAX_DOCUMENTS: Final = 10
MAX_BYTES: Final = 1024 * 1024
MAX_WORK: Final = 1_000_000
MAX_PAIRS: Final = 50_000
MAX_STEPS: Final = 150
_PATTERNS: Final = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000, size_limit=1_000_000)
_SAME: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies")
_ITEMS: Final = ("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems")
_MEMBERS: Final = ("additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames")
_MOVING: Final = ("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef")
_DRAFTS: Final = frozenset(
    [
        "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ]
)


def named(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of `credentialSchema`, as a list."""
    value = document.get("credentialSchema")
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, Mapping)]


def fault(document: Mapping[str, Any], address: object, resolver: Resolver, given: Mapping[str, Any]) -> str:
    """Where the document differs from the schema at `address`, in a sentence; empty where it does not.

    `given` are schemas that the caller has already, by address. Raises Unreachable or Missing where the schema cannot
    be had, and CredentialError (`bad_schema`, `schema_too_complex`) where it cannot be used.
    """
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise Missing("The credential does not say where its schema is.")
    try:
        start, fragment = urldefrag(address)
        if fragment:
            raise CredentialError("bad_schema", "The schema is named by a part of a document.")
        documents = _collect(start, resolver, given)
        _Work(documents).count(start, "", document)
        validator = jsonschema_rs.validator_for(
            documents[start],
            retriever=documents.__getitem__,
            base_uri=start,
            pattern_options=_PATTERNS,
            validate_formats=False,
        )
        error = next(iter(validator.iter_errors(dict(document))), None)
    except (ValueError, KeyError, jsonschema_rs.ReferencingError) as problem:
        raise CredentialError("bad_schema", f"The schema cannot be used: {str(problem)[:200]}") from None
    if error is None:
        return ""
    kinds = jsonschema_rs.ValidationErrorKind
    if isinstance(error.kind, kinds.BacktrackLimitExceeded | kinds.RegexEngineFailure | kinds.Referencing):
        raise CredentialError("schema_too_complex", "Something in the schema takes too much work.")
    path = "/".join(str(step) for step in error.instance_path)
    return f"At {path or 'the top'}, it is not as its schema says ({error.kind.name})."


def _collect(start: str, resolver: Resolver, given: Mapping[str, Any]) -> dict[str, Any]:
    """The schema and every document that it refers to."""
    documents: dict[str, Any] = {}
    waiting = [start]
    while waiting:
        url = waiting.pop()
        if url in documents:
            continue
        if not url.startswith(("https://", "http://")):
            raise CredentialError("bad_schema", "The schema refers to something that is not on the web.")
        if len(documents) == MAX_DOCUMENTS:
            raise CredentialError("schema_too_complex", "The schema refers to too many documents.")
        documents[url] = document = _read(url, resolver, given)
        waiting.extend(sorted({urldefrag(urljoin(url, reference))[0] for reference in _references(document)}))
    return documents


def _read(url: str, resolver: Resolver, given: Mapping[str, Any]) -> Any:
    try:
        if url in given:
            check_tree(given[url])
            document = given[url]
        else:
            document = loads(resolver.fetch(url), max_bytes=MAX_BYTES)
    except ParseError as error:
        raise CredentialError("bad_schema", f"The schema cannot be read. {error.detail}") from None
    if not isinstance(document, dict):
        raise CredentialError("bad_schema", "The schema is not a JSON object.")
    if any(isinstance(part.get(name), str) for part in _inside(document) for name in _MOVING if part is not document):
        raise CredentialError("bad_schema", "The schema moves its own addresses, which we do not follow.")
    if not _DRAFTS & {str(document.get("$schema", "https://json-schema.org/draft/2020-12/schema")).rstrip("#")}:
        raise CredentialError("bad_schema", "The schema is of a draft that we do not know.")
    return {name: value for name, value in document.items() if name != "$id"}


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _references(document: Any) -> Iterator[str]:
    for part in _inside(document):
        reference = part.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference


class _Work:
    """How many times a validator would apply a schema to a value, counted without doing it.

    Each pair of a schema and a value is counted once and remembered, so the count is quick where the work is not.
    """

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self.documents = documents
        self.known: dict[tuple[int, int], int] = {}
        self.steps = 0

    def count(self, url: str, pointer: str, value: Any) -> int:
        """The work of applying the schema at `url` and `pointer` to a value. Raises CredentialError."""
        schema: Any = None if pointer and not pointer.startswith("/") else self.documents.get(url)
        for step in pointer.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(schema, list):
                schema = schema[int(name)] if name.isdecimal() and int(name) < len(schema) else None
            else:
                schema = schema.get(name) if isinstance(schema, dict) else None
        if not isinstance(schema, dict | bool):
            raise CredentialError("bad_schema", "The schema refers to something that is not there.")
        return self._apply(schema, url, value)

    def _apply(self, schema: Any, url: str, value: Any) -> int:
        if not isinstance(schema, dict):
            return 1
        key = (id(schema), id(value))
        if key in self.known:
            if self.known[key] == 0:
                raise CredentialError("schema_too_complex", "The schema refers to itself without end.")
            return self.known[key]
        if len(self.known) >= MAX_PAIRS or self.steps >= MAX_STEPS:
            raise CredentialError("schema_too_complex", "The schema asks for too much work.")
        self.known[key] = 0
        self.steps += 1
        total = 1 + sum(self._apply(part, url, item) for part, item in _pairs(schema, value))
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target, pointer = urldefrag(urljoin(url, reference))
            total += self.count(target, pointer, value)
        self.steps -= 1
        if total > MAX_WORK:
            raise CredentialError("schema_too_complex", "The schema asks for too much work.")
        self.known[key] = total
        return total


def _pairs(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    """Every subschema that a validator may apply, with the value that it applies it to."""
    for name in _SAME:
        for part in _schemas(schema.get(name), is_map=name.startswith("depend")):
            yield part, value
    if isinstance(value, list):
        for name in _ITEMS:
            for part in _schemas(schema.get(name), is_map=False):
                for item in value:
                    yield part, item
    elif isinstance(value, dict):
        properties = schema.get("properties")
        for name, item in value.items():
            if isinstance(properties, dict) and name in properties:
                yield properties[name], item
            for keyword in _MEMBERS:
                for part in _schemas(schema.get(keyword), is_map=keyword == "patternProperties"):
                    yield part, name if keyword == "propertyNames" else item


def _schemas(value: Any, *, is_map: bool) -> list[Any]:
    if isinstance(value, list):
        return value
    if is_map and isinstance(value, dict):
        return list(value.values())
    return [value]
