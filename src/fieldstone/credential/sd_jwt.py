"""Selective disclosure for JWTs (RFC 9901): take apart, put together, hide claims, show some, bind to a key.

An SD-JWT is `JWT~disclosure~disclosure~`, and `JWT~disclosure~KB-JWT` where its holder shows it. The signed payload
holds digests; each disclosure is the claim that one of the digests stands for. What such a token must hold to be a
credential is in `sd_jwt_vc`.

A path names claims as OpenID4VP does (section 7, claims path pointer): member names, positions, and None for every
element of an array, as in `("credentialSubject", "result", None, "value")`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from fieldstone.credential import jwt
from fieldstone.credential.errors import KeyFormatError, ParseError, ProofError
from fieldstone.credential.jsontext import MAX_BYTES, MAX_DEPTH, check_tree, dumps_value, loads
from fieldstone.credential.keys import Signer
from fieldstone.credential.multibase import base64url_decode, base64url_encode

Path = Sequence[str | int | None]

_START: Final = re.compile(r"\s*[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+~")
HASHES: Final[Mapping[str, str]] = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
RESERVED: Final = frozenset({"_sd", "_sd_alg", "..."})
MAX_DISCLOSURES: Final = 2000


@dataclass(frozen=True, slots=True)
class Shown:
    """A disclosure, and the path at which its claim stands."""

    text: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SdJwt:
    """An SD-JWT taken apart, its disclosures in their places; not yet verified.

    `claims` is the processed payload of RFC 9901 section 7.1; `complete` says that nothing in it stays hidden.
    """

    token: jwt.Token
    text: str
    claims: Mapping[str, Any]
    shown: tuple[Shown, ...]
    complete: bool
    key_binding: jwt.Token | None

    @property
    def digest(self) -> str:
        """What `sd_hash` of a key binding must be (RFC 9901 section 4.3.1)."""
        return _digest(self.text, _hash_name(self.token.claims))


def looks_like_sd_jwt(text: str) -> bool:
    """Whether the text begins as an SD-JWT does."""
    return "~" in text and _START.match(text) is not None


def read(text: str) -> SdJwt:
    """Take an SD-JWT apart (RFC 9901 section 7.1, without the signature); raises ParseError.

    Every digest at most once, every disclosure used, and no word of the format where claims belong.
    """
    text = text.strip()
    if len(text) > MAX_BYTES:
        raise ParseError("too_big", f"The document is larger than {MAX_BYTES} characters.")
    body, tilde, last = text.rpartition("~")
    if not tilde:
        raise ParseError("not_sd_jwt", "The text is not an SD-JWT.")
    first, *disclosures = body.split("~")
    token = jwt.read(first)
    if len(disclosures) > MAX_DISCLOSURES:
        raise ParseError("too_big", f"The SD-JWT has more than {MAX_DISCLOSURES} disclosures.")
    places = _Places(_hash_name(token.claims))
    for disclosure in disclosures:
        places.add(disclosure)
    payload = {name: value for name, value in token.claims.items() if name != "_sd_alg"}
    claims = places.fill(payload, ())
    if places.waiting:
        raise ParseError("unused_disclosure", "The SD-JWT discloses a claim that its issuer did not sign.")
    binding = jwt.read(last) if last else None
    return SdJwt(token, f"{body}~", claims, tuple(places.shown), not places.hidden, binding)


def conceal(claims: Mapping[str, Any], paths: Iterable[Path], *, decoys: int = 0) -> tuple[dict[str, Any], list[str]]:
    """A payload with digests in place of what `paths` name, and the disclosures of those (RFC 9901 section 4.2).

    A path inside another is hidden by itself, too. `decoys` digests that stand for nothing are added to every object
    that hides something. Raises ProofError for a path that leads nowhere, and for reserved names.
    """
    check_tree(claims)
    disclosures: list[str] = []
    wanted = [tuple(path) for path in paths]
    payload = _conceal(claims, wanted, disclosures, decoys)
    return ({**payload, "_sd_alg": "sha-256"} if disclosures else payload), disclosures


def present(text: str, paths: Iterable[Path] | None = None) -> str:
    """The SD-JWT with only the disclosures that `paths` need; None keeps all, no path keeps none.

    A path shows the value that it leads to, all that is inside, and what has to be shown on the way. A key binding
    is left out. Raises ParseError, or ProofError for a path that leads nowhere.
    """
    whole = read(text)
    chosen = list(whole.shown)
    if paths is not None:
        wanted = [tuple(path) for path in paths]
        for path in wanted:
            if not leads(whole.claims, path):
                raise ProofError("no_such_claim", f"The credential has no claim at {_words(path)}.")
        chosen = [item for item in chosen if any(_on_the_way(item.path, path) for path in wanted)]
    keep = {item.text for item in chosen}
    first, *disclosures = whole.text.removesuffix("~").split("~")
    return "~".join([first, *(item for item in disclosures if item in keep), ""])


def bind(text: str, *, key: Signer, nonce: str, audience: str, at: datetime) -> str:
    """The SD-JWT with its holder's key binding for one verifier and one question (RFC 9901 section 4.3).

    Raises ParseError.
    """
    whole = read(text)
    claims = {"iat": int(at.timestamp()), "aud": audience, "nonce": nonce, "sd_hash": whole.digest}
    return whole.text + jwt.write({"typ": "kb+jwt"}, claims, key)


@dataclass(slots=True)
class _Places:
    """The disclosures by digest, and the payload being filled with them."""

    hash_name: str
    waiting: dict[str, tuple[str, list[Any]]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    shown: list[Shown] = field(default_factory=list)
    hidden: bool = False

    def add(self, disclosure: str) -> None:
        try:
            value = loads(base64url_decode(disclosure))
        except KeyFormatError:
            raise ParseError("bad_disclosure", "A disclosure is not base64url text.") from None
        digest = _digest(disclosure, self.hash_name)
        if digest in self.waiting:
            raise ParseError("repeated_disclosure", "The SD-JWT discloses the same claim twice.")
        if not isinstance(value, list) or len(value) not in {2, 3} or not all(isinstance(v, str) for v in value[:-1]):
            raise ParseError("bad_disclosure", "A disclosure is not a salt, a name and a value.")
        self.waiting[digest] = (disclosure, value)

    def fill(self, value: Any, path: tuple[str | int, ...]) -> Any:
        """A value with its digests replaced, or left out where nothing is disclosed."""
        if len(path) > MAX_DEPTH:
            raise ParseError("too_deep", f"The document is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(value, dict):
            return self._object(value, path)
        return self._array(value, path) if isinstance(value, list) else value

    def _object(self, value: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
        digests = value.get("_sd", [])
        if "..." in value or "_sd_alg" in value or not isinstance(digests, list):
            raise ParseError("bad_digest", "A word of the SD-JWT format stands where it must not.")
        result = {name: self.fill(item, (*path, name)) for name, item in value.items() if name != "_sd"}
        for digest in digests:
            found = self._take(digest, 3)
            if found is None:
                continue
            text, (_salt, name, item) = found
            if name in RESERVED:
                raise ParseError("reserved_name", f"A disclosure brings in a claim named {name!r}.")
            if name in result:
                raise ParseError("repeated_claim", f"A disclosure brings in {name!r} a second time.")
            self.shown.append(Shown(text, (*path, name)))
            result[name] = self.fill(item, (*path, name))
        return result

    def _array(self, value: list[Any], path: tuple[str | int, ...]) -> list[Any]:
        result: list[Any] = []
        for item in value:
            if isinstance(item, dict) and item.keys() == {"..."}:
                found = self._take(item["..."], 2)
                if found is None:
                    continue
                text, (_salt, item) = found
                self.shown.append(Shown(text, (*path, len(result))))
            result.append(self.fill(item, (*path, len(result))))
        return result

    def _take(self, digest: Any, size: int) -> tuple[str, list[Any]] | None:
        if not isinstance(digest, str):
            raise ParseError("bad_digest", "A digest of the SD-JWT is not text.")
        if digest in self.seen:
            raise ParseError("repeated_digest", "The SD-JWT names the same digest twice.")
        self.seen.add(digest)
        found = self.waiting.pop(digest, None)
        if found is None:
            self.hidden = True
        elif len(found[1]) != size:
            raise ParseError("bad_disclosure", "A disclosure is of the other sort than its place.")
        return found


def _conceal(value: Any, paths: list[tuple[str | int | None, ...]], disclosures: list[str], decoys: int) -> Any:
    if isinstance(value, Mapping):
        if not RESERVED.isdisjoint(value):
            raise ProofError("reserved_name", "A claim has a name that SD-JWT keeps for itself.")
        items: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        items = ()
    _each_leads(value, paths)
    plain: dict[Any, Any] = {}
    digests: list[str] = []
    for name, item in items:
        inner = [path[1:] for path in paths if path[0] == name or (path[0] is None and isinstance(name, int))]
        hidden = _conceal(item, [path for path in inner if path], disclosures, decoys)
        if () not in inner:
            plain[name] = hidden
            continue
        parts = [base64url_encode(secrets.token_bytes(16)), *([] if isinstance(name, int) else [name]), hidden]
        text = base64url_encode(dumps_value(parts))
        disclosures.append(text)
        digests.append(_digest(text, "sha256"))
        if isinstance(name, int):
            plain[name] = {"...": digests[-1]}
    if isinstance(value, list):
        return list(plain.values())
    if not isinstance(value, Mapping):
        return value
    if digests:
        more = (_digest(secrets.token_urlsafe(32), "sha256") for _ in range(decoys))
        plain["_sd"] = sorted([*digests, *more])
    return plain


def _each_leads(value: Any, paths: list[tuple[str | int | None, ...]]) -> None:
    for path in paths:
        if not leads(value, path[:1]):
            raise ProofError("no_such_claim", f"There is no claim at {_words(path)}.")


def leads(value: Any, path: Path) -> bool:
    """Whether a path leads to at least one value."""
    if not path:
        return True
    first, rest = path[0], path[1:]
    if isinstance(first, str):
        return isinstance(value, Mapping) and first in value and leads(value[first], rest)
    if not isinstance(value, list):
        return False
    chosen = value if first is None else value[first : first + 1] if first >= 0 else []
    return any(leads(item, rest) for item in chosen)


def _on_the_way(place: tuple[str | int, ...], path: tuple[str | int | None, ...]) -> bool:
    """Whether a claim lies on a path: before its end, at its end, or inside what it leads to."""
    return all(
        there == wanted or (wanted is None and isinstance(there, int))
        for there, wanted in zip(place, path, strict=False)
    )


def _hash_name(claims: Mapping[str, Any]) -> str:
    name = claims.get("_sd_alg", "sha-256")
    if not isinstance(name, str) or name not in HASHES:
        raise ParseError("unknown_hash", f"The SD-JWT's digests are of a kind we do not accept: {name!r}.")
    return HASHES[name]


def _digest(text: str, name: str) -> str:
    return base64url_encode(hashlib.new(name, text.encode()).digest())


def _words(path: Path) -> str:
    return ".".join("*" if part is None else str(part) for part in path)
