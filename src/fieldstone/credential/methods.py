"""Finding the key a proof names, and what its controller says about it (Controlled Identifiers 1.0 section 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from fieldstone.credential import did as dids
from fieldstone.credential.errors import CredentialError, KeyFormatError, Missing, ParseError
from fieldstone.credential.jsontext import check_tree, loads
from fieldstone.credential.keys import PublicKey
from fieldstone.credential.proofs import parse_timestamp
from fieldstone.credential.resolver import Offline, Resolver

ASSERTION: Final = "assertionMethod"
AUTHENTICATION: Final = "authentication"


@dataclass(frozen=True, slots=True)
class Method:
    """A key that was found: its address, its controller, and what the controller allows it for."""

    id: str
    controller: str
    key: PublicKey
    purposes: frozenset[str]
    revoked: datetime | None = None


def document_of(identifier: str, resolver: Resolver) -> dict[str, Any]:
    """The document behind a DID or https address; raises KeyFormatError, Missing or Unreachable."""
    if identifier.startswith("did:"):
        if not dids.is_did(identifier):
            raise KeyFormatError("bad_did", f"{identifier!r} is not a DID.")
        known = dids.resolve_offline(identifier)
        if known is not None:
            return known
        if not identifier.startswith("did:web:"):
            raise KeyFormatError("unknown_did_method", f"We know no way to look up {identifier}.")
        dids.did_web_url(identifier)
        document: Any = resolver.did(identifier)
    elif identifier.startswith(("https://", "http://")):
        try:
            document = loads(resolver.fetch(identifier))
        except ParseError:
            raise Missing(f"{identifier} did not answer with JSON.") from None
    else:
        raise KeyFormatError("unknown_scheme", f"We know no way to look up {identifier!r}.")
    if not isinstance(document, dict) or document.get("id") != identifier:
        raise Missing(f"What {identifier} answered is about something else.")
    check_tree(document)
    return document


def find(address: str, resolver: Resolver) -> Method:
    """The method a proof's `verificationMethod` names; raises KeyFormatError, Missing or Unreachable.

    A bare did:key (or another DID with a single key for assertions) is accepted for the key itself.
    """
    if address.startswith("did:key:"):
        return _find_key(address)
    return _find(address, resolver)


@lru_cache(maxsize=1024)
def _find_key(address: str) -> Method:
    """A did:key always says the same; those met last are kept."""
    return _find(address, Offline())


def _find(address: str, resolver: Resolver) -> Method:
    identifier, _, fragment = address.partition("#")
    document = document_of(identifier, resolver)
    if not fragment:
        choices = [_id_of(item, identifier) for item in _listed(document.get(ASSERTION))]
        if len(choices) != 1 or choices[0] is None:
            raise Missing(f"{identifier} has more than one key, or none, and the proof does not say which.")
        address = choices[0]
    for item in _methods(document):
        if _id_of(item, identifier) == address and isinstance(item, dict):
            return _method(address, item, document, identifier)
    raise Missing(f"{identifier} does not list the key {address}.")


def find_published(issuer: str, kid: str, resolver: Resolver) -> Method:
    """A key that an https issuer publishes at `/.well-known/jwt-vc-issuer` (draft-ietf-oauth-sd-jwt-vc section 4).

    An empty `kid` is enough where there is one key. Raises KeyFormatError, Missing or Unreachable.
    """
    scheme, _, rest = issuer.partition("://")
    host, slash, path = rest.partition("/")
    if scheme != "https" or not host or set("?#") & set(rest):
        raise KeyFormatError("bad_issuer", f"{issuer!r} is no https address of an issuer.")
    tail = f"{slash}{path}".removesuffix("/")
    found = _json(f"https://{host}/.well-known/jwt-vc-issuer{tail}", resolver)
    if found.get("issuer") != issuer or ("jwks" in found) == ("jwks_uri" in found):
        raise Missing(f"What {issuer} publishes about its keys is about something else.")
    keys = found["jwks"] if "jwks" in found else _json(str(found["jwks_uri"]), resolver)
    listed = [key for key in _listed(keys.get("keys") if isinstance(keys, dict) else None) if isinstance(key, dict)]
    chosen = [key for key in listed if key.get("kid") == kid] if kid else listed
    if len(chosen) != 1:
        raise Missing(f"{issuer} publishes no key, or several, of the name {kid!r}.")
    return Method(f"{issuer}#{kid}", issuer, PublicKey.from_jwk(chosen[0]), frozenset({ASSERTION}))


def find_issuers(kid: object, issuer: str, resolver: Resolver) -> Method:
    """The key of an SD-JWT's issuer: by the DID in `kid` or `issuer`, or among those that an https issuer publishes.

    Raises KeyFormatError, Missing or Unreachable.
    """
    name = kid if isinstance(kid, str) else ""
    if name.startswith("did:"):
        return find(name, resolver)
    if issuer.startswith("https://"):
        return find_published(issuer, name, resolver)
    return find(f"{issuer}#{name.removeprefix('#')}" if name else issuer, resolver)


def _json(url: str, resolver: Resolver) -> dict[str, Any]:
    if not url.startswith("https://"):
        raise Missing(f"{url!r} is no https address.")
    try:
        found = loads(resolver.fetch(url))
    except ParseError:
        raise Missing(f"{url} did not answer with JSON.") from None
    if not isinstance(found, dict):
        raise Missing(f"{url} did not answer with an object.")
    return found


def named_in(address: str) -> PublicKey | None:
    """The key that an address spells out after its `#`, for when nobody answers there; None where it spells none.

    It says nothing about whose key it is, but a signature that does not fit it is wrong whoever's it is. Raises
    KeyFormatError for what begins like an Ed25519 key and is none.
    """
    _identifier, _, fragment = address.partition("#")
    return PublicKey.from_multikey(fragment) if fragment.startswith("z6Mk") else None


def find_same(key: PublicKey, identifier: str, resolver: Resolver) -> Method:
    """The method of `identifier` that has this very key; raises KeyFormatError, Missing or Unreachable."""
    document = document_of(identifier, resolver)
    for item in _methods(document):
        if isinstance(item, dict):
            try:
                method = _method(str(_id_of(item, identifier)), item, document, identifier)
            except CredentialError:
                continue
            if method.key.key == key.key:
                return method
    raise Missing(f"{identifier} does not list the key that the document carries.")


def _method(address: str, item: Mapping[str, Any], document: Mapping[str, Any], identifier: str) -> Method:
    if "publicKeyMultibase" in item:
        key = PublicKey.from_multikey(item["publicKeyMultibase"])
    elif "publicKeyJwk" in item:
        key = PublicKey.from_jwk(item["publicKeyJwk"])
    else:
        raise KeyFormatError("bad_key", f"{address} holds no key that we can read.")
    purposes = frozenset(
        purpose
        for purpose in (AUTHENTICATION, ASSERTION)
        if any(_id_of(entry, identifier) == address for entry in _listed(document.get(purpose)))
    )
    controller = item.get("controller", identifier)
    ends = [parse_timestamp(item[name]) for name in ("revoked", "expires") if name in item]
    return Method(address, str(controller), key, purposes, min(ends, default=None))


def _methods(document: Mapping[str, Any]) -> list[Any]:
    return [
        item
        for name in ("verificationMethod", ASSERTION, "authentication", "publicKey")
        for item in _listed(document.get(name))
    ]


def _id_of(item: Any, identifier: str) -> str | None:
    """A method's address; one that is written as `#fragment` is relative to its document."""
    name = item.get("id") if isinstance(item, dict) else item
    if not isinstance(name, str):
        return None
    return identifier + name if name.startswith("#") else name


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
