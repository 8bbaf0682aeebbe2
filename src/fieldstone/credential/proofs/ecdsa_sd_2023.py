"""ecdsa-sd-2023: the holder shows parts of a signed document (Data Integrity ECDSA Cryptosuites 1.0, 3.4 to 3.6).

The issuer signs each statement of the document with a key made for that document alone, and that key, the statements
that must always be shown, and the proof's options with its own key: the *base proof*, for the holder only. The holder
*derives* a document with the parts to show; a verifier checks that. Names of blank nodes are hidden by an HMAC, so that
they tell nothing about what is not shown.

The standard finds the parts again through temporary names that it writes into the document. Here a part keeps the very
blank nodes of the whole, because the walk names a blank node after the object in the whole that it stands for.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.credential import cbor, multibase
from fieldstone.credential.contexts import Contexts
from fieldstone.credential.errors import ParseError, ProofError
from fieldstone.credential.jsonld import Quad, Walk
from fieldstone.credential.jsonld_context import Context, Term
from fieldstone.credential.keys import PublicKey, Signer, generate_key
from fieldstone.credential.proofs.suite import Suite
from fieldstone.credential.rdfc import canonicalize, canonicalize_with_map, line

FORM: Final = "sd"
SUITE: Final = Suite(name="ecdsa-sd-2023", form=FORM, hashes={"P-256": "sha256"}, verify_only=True)
_BASE: Final = b"\xd9\x5d\x00"
_DERIVED: Final = b"\xd9\x5d\x01"
_MULTIKEY: Final = b"\x80\x24"
MAX_STATEMENTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Base:
    """What a base proof's value holds (section 3.5.2)."""

    signature: bytes
    public: bytes
    hmac_key: bytes
    signatures: list[bytes]
    mandatory: list[str]

    def encode(self) -> str:
        """The proof's value."""
        parts = [self.signature, self.public, self.hmac_key, self.signatures, self.mandatory]
        return "u" + multibase.base64url_encode(_BASE + cbor.encode(parts))


@dataclass(frozen=True, slots=True)
class Derived:
    """What a derived proof's value holds (section 3.5.6): `labels` maps canonical numbers to hidden names."""

    signature: bytes
    public: bytes
    signatures: list[bytes]
    labels: dict[int, bytes]
    mandatory: list[int]

    def encode(self) -> str:
        """The proof's value."""
        parts = [self.signature, self.public, self.signatures, self.labels, self.mandatory]
        return "u" + multibase.base64url_encode(_DERIVED + cbor.encode(parts))


def base_proof(
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    pointers: Sequence[str],
    *,
    key: Signer,
    contexts: Contexts,
    own: Signer | None = None,
    hmac_key: bytes | None = None,
) -> str:
    """The value of a base proof; `pointers` (RFC 6901) name what must always be shown.

    `own` and `hmac_key` are made afresh for each document; tests give them. Raises ProofError, JsonLdError, TooComplex.
    """
    own = own or generate_key("P-256")
    hmac_key = hmac_key or secrets.token_bytes(32)
    whole = _Whole(document, contexts, hmac_key)
    always = whole.indexes(pointers)
    public = _raw(own.public)
    lines = whole.lines
    signed = (
        _options_hash(document, options, contexts)
        + public
        + _hash(lines[index] for index in range(len(lines)) if index in always)
    )
    signatures = [own.sign(text.encode()) for index, text in enumerate(lines) if index not in always]
    return Base(key.sign(signed), public, hmac_key, signatures, list(pointers)).encode()


def derive(document: Mapping[str, Any], pointers: Sequence[str], contexts: Contexts) -> dict[str, Any]:
    """The parts of a base-proofed document that `pointers` name, with what must always be shown and a derived proof.

    Raises ProofError, ParseError, JsonLdError or TooComplex.
    """
    proof = document.get("proof")
    if not isinstance(proof, Mapping) or proof.get("cryptosuite") != SUITE.name:
        raise ProofError("bad_proof", "The document has no single proof of ecdsa-sd-2023.")
    base = _read_base(proof.get("proofValue"))
    bare = {name: value for name, value in document.items() if name != "proof"}
    whole = _Whole(bare, contexts, base.hmac_key)
    always = whole.indexes(base.mandatory)
    shown = always | whole.indexes(pointers)
    if not shown:
        raise ProofError("nothing_shown", "No part was chosen to be shown.")
    others = [index for index in range(len(whole.lines)) if index not in always]
    if len(others) != len(base.signatures):
        raise ProofError("bad_proof", "The proof is not of this document.")
    signatures = [text for index, text in zip(others, base.signatures, strict=True) if index in shown]
    order = {index: place for place, index in enumerate(sorted(shown))}
    part, quads = whole.part([*base.mandatory, *pointers])
    _, issued = canonicalize_with_map(quads)
    labels = {int(name[6:]): whole.hidden[label] for label, name in issued.items()}
    value = Derived(base.signature, base.public, signatures, labels, sorted(order[index] for index in always))
    return {**part, "proof": {**proof, "proofValue": value.encode()}}


def matches(document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, contexts: Contexts) -> bool:
    """Whether a derived proof holds for what is shown; raises ProofError (also for a base proof), JsonLdError…"""
    value = _read_derived(proof.get("proofValue"))
    options = {name: item for name, item in proof.items() if name != "proofValue"}
    walk = Walk(contexts)
    walk.node(Context(), None, None, dict(document), "")
    quads = list(dict.fromkeys(walk.quads))
    _, issued = canonicalize_with_map(quads)
    try:
        hidden = {label: value.labels[int(name[6:])] for label, name in issued.items()}
    except KeyError:
        return False
    lines = _lines(quads, hidden)
    always = set(value.mandatory)
    others = [text for index, text in enumerate(lines) if index not in always]
    if len(always) + len(others) != len(lines) or len(others) != len(value.signatures):
        return False
    public = _public(value.public)
    mandatory = _hash(lines[index] for index in sorted(always))
    if not key.verify(value.signature, _options_hash(document, options, contexts) + value.public + mandatory):
        return False
    return all(
        public.verify(signature, text.encode()) for signature, text in zip(value.signatures, others, strict=True)
    )


def check_value(text: object) -> None:
    """Refuse a proof value that is not of a derived proof; raises ProofError."""
    _read_derived(text)


class _Walk(Walk):
    """A walk that names blank nodes after objects of the whole document: `origin` maps copies to originals."""

    __slots__ = ("current", "known", "origin")

    def __init__(self, contexts: Contexts, known: dict[Any, str], origin: Mapping[int, int]) -> None:
        super().__init__(contexts)
        self.known, self.origin = known, origin
        self.current: Any = None

    def fresh(self) -> str:
        if self.current is None:
            raise ProofError("not_selectable", "The document holds a list or a graph that cannot be shown in part.")
        key, self.current = self.current, None
        return self.known.setdefault(key, f"_:b{len(self.known)}")

    def resource(self, iri: str | None, value: Any) -> str:
        if iri is not None and iri.startswith("_:"):
            self.current = iri
            self.labels.pop(iri, None)
        return super().resource(iri, value)

    def node(self, active: Context, name: str | None, term: Term | None, obj: dict[str, Any], graph: str) -> str:
        self.current = self.origin.get(id(obj), id(obj))
        return super().node(active, name, term, obj, graph)


class _Whole:
    """A whole document: its statements in order, under hidden names, and the parts that pointers name."""

    def __init__(self, document: Mapping[str, Any], contexts: Contexts, hmac_key: bytes) -> None:
        self.document, self.contexts = dict(document), contexts
        self.known: dict[Any, str] = {}
        self.quads = self.walk(self.document, {})
        _, issued = canonicalize_with_map(self.quads)
        self.hidden = {
            label: hmac.digest(hmac_key, name.removeprefix("_:").encode(), "sha256") for label, name in issued.items()
        }
        self.lines = _lines(self.quads, self.hidden)
        if len(self.lines) > MAX_STATEMENTS:
            raise ProofError("too_big", f"A document to show in part may hold {MAX_STATEMENTS} statements.")
        self.place = {text: index for index, text in enumerate(self.lines)}

    def walk(self, document: dict[str, Any], origin: Mapping[int, int]) -> list[Quad]:
        walk = _Walk(self.contexts, self.known, origin)
        walk.node(Context(), None, None, document, "")
        return list(dict.fromkeys(walk.quads))

    def indexes(self, pointers: Sequence[str]) -> set[int]:
        """Which statements the pointers choose."""
        if not pointers:
            return set()
        _, quads = self.part(pointers)
        return {self.place[text] for text in _lines(quads, self.hidden)}

    def part(self, pointers: Sequence[str]) -> tuple[dict[str, Any], list[Quad]]:
        """The document that pointers choose (section 3.4.13), and its statements under the names of the whole."""
        origin: dict[int, int] = {}
        part = _select(self.document, pointers, origin)
        return part, self.walk(part, origin)


def _select(document: dict[str, Any], pointers: Sequence[str], origin: dict[int, int]) -> dict[str, Any]:
    """Copies of what pointers choose, with the `id` and `type` of all around them; `origin` learns whose copies."""
    root: dict[str, Any] = {"@context": copy.deepcopy(document["@context"]), **_shell(document, origin)}
    origin[id(root)] = id(document)
    for pointer in pointers:
        tokens = _tokens(pointer)
        if not tokens:
            raise ProofError("bad_pointer", "A pointer must name a part.")
        source: Any = document
        chosen: Any = root
        for token in tokens:
            parent_chosen = chosen
            name = _index(token, source)
            try:
                source = source[name]
            except (KeyError, IndexError, TypeError):
                raise ProofError("bad_pointer", f"The document has nothing at {pointer!r}.") from None
            if isinstance(chosen, dict) and name not in chosen:
                chosen[name] = {} if isinstance(source, list) else _shell(source, origin)
            chosen = chosen[name]
        parent_chosen[name] = _clone(source, origin)
    _dense(root, document)
    return root


def _dense(chosen: Any, source: Any) -> Any:
    """Arrays, held as maps from index while they were chosen, as arrays again."""
    if isinstance(source, list) and isinstance(chosen, dict):
        return [_dense(chosen[index], source[index]) for index in sorted(chosen)]
    if isinstance(source, dict) and isinstance(chosen, dict):
        for name in chosen:
            chosen[name] = _dense(chosen[name], source.get(name))
    return chosen


def _shell(source: Any, origin: dict[int, int]) -> Any:
    """An object with no more than its identifier and type; anything else as it is."""
    if not isinstance(source, dict):
        return source
    names = ("id", "@id", "type", "@type")
    shell = {name: copy.deepcopy(source[name]) for name in names if name in source}
    origin[id(shell)] = id(source)
    return shell


def _clone(source: Any, origin: dict[int, int]) -> Any:
    if isinstance(source, dict):
        made: Any = {name: _clone(value, origin) for name, value in source.items()}
        origin[id(made)] = id(source)
        return made
    return [_clone(value, origin) for value in source] if isinstance(source, list) else source


def _tokens(pointer: object) -> list[str]:
    """A JSON Pointer's parts (RFC 6901); raises ProofError."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise ProofError("bad_pointer", f"{pointer!r} is not a JSON Pointer.")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _index(token: str, source: Any) -> str | int:
    return int(token) if isinstance(source, list) and token.isascii() and token.isdecimal() else token


def _lines(quads: Iterable[Quad], hidden: Mapping[str, bytes]) -> list[str]:
    """Statements under hidden names, sorted."""
    names = {label: "_:u" + multibase.base64url_encode(digest) for label, digest in hidden.items()}
    return sorted(line((names.get(s, s), p, names.get(o, o), names.get(g, g))) for s, p, o, g in quads)


def _hash(lines: Iterable[str]) -> bytes:
    return hashlib.sha256("".join(lines).encode()).digest()


def _options_hash(document: Mapping[str, Any], options: Mapping[str, Any], contexts: Contexts) -> bytes:
    walk = Walk(contexts)
    walk.node(Context(), None, None, {"@context": document.get("@context"), **options}, "")
    return _hash(canonicalize(dict.fromkeys(walk.quads)))


def _raw(public: PublicKey) -> bytes:
    return multibase.decode(public.multikey())


def _public(data: bytes) -> PublicKey:
    return PublicKey.from_bytes("P-256", data.removeprefix(_MULTIKEY))


def _read(text: object, head: bytes) -> list[Any]:
    data = multibase.decode(text) if isinstance(text, str) and text.startswith("u") else b""
    try:
        parts = cbor.decode(data[3:]) if data.startswith(head) else None
    except ParseError as error:
        raise ProofError("bad_proof", error.detail) from None
    if not isinstance(parts, list) or len(parts) != 5:
        raise ProofError("bad_proof", "The proof's value is not of the form that is needed here.")
    return parts


def _read_base(text: object) -> Base:
    signature, public, hmac_key, signatures, mandatory = _read(text, _BASE)
    good = _are(signatures, bytes) and _are(mandatory, str) and _are([signature, public, hmac_key], bytes)
    if not good or len(public) != 35 or len(hmac_key) != 32:
        raise ProofError("bad_proof", "The proof's value is not of the form that is needed here.")
    return Base(signature, public, hmac_key, signatures, mandatory)


def _read_derived(text: object) -> Derived:
    signature, public, signatures, labels, mandatory = _read(text, _DERIVED)
    good = _are(signatures, bytes) and _are(mandatory, int) and _are([signature, public], bytes)
    good = good and isinstance(labels, dict) and _are(list(labels.values()), bytes)
    good = good and min([*mandatory, *labels], default=0) >= 0
    if not good or len(public) != 35 or not public.startswith(_MULTIKEY) or len(set(mandatory)) != len(mandatory):
        raise ProofError("bad_proof", "The proof's value is not of the form that is needed here.")
    return Derived(signature, public, signatures, labels, mandatory)


def _are(items: Any, kind: type) -> bool:
    return isinstance(items, list) and all(isinstance(item, kind) for item in items)
