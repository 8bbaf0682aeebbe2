"""Credentials secured as compact JWTs (VC-JOSE-COSE section 3.1; Open Badges 3.0 section 8.2.4).

The credential's members stand at the top level of the payload beside the registered claims. A `vc` or `vp` claim
around them, the way of data model 1.1, is read in credentials of that model and in tokens that do not call themselves
`vc+jwt` or `vp+jwt`, where it is forbidden; and never beside a second document at the top level. Only asymmetric
signatures are accepted, each algorithm only with its own kind of key (RFC 8725).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from fieldstone.credential import multibase
from fieldstone.credential.contexts import CREDENTIALS_V1
from fieldstone.credential.errors import KeyFormatError, ParseError, ProofError
from fieldstone.credential.jsontext import dumps, loads
from fieldstone.credential.keys import PublicKey, Signer
from fieldstone.credential.proofs import parse_timestamp
from fieldstone.credential.shape import kind_of

ALGORITHMS: Final[Mapping[str, str]] = {
    "EdDSA": "Ed25519",
    "Ed25519": "Ed25519",
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "RS256": "RSA",
}
_FORGEABLE: Final = re.compile("|none|HS[0-9]*", re.IGNORECASE)
_OF_KIND: Final = {kind: name for name, kind in ALGORITHMS.items() if name != "Ed25519"}
CREDENTIAL_TYPES: Final = frozenset({"jwt", "vc+jwt", "vc+ld+jwt"})
PRESENTATION_TYPES: Final = frozenset({"jwt", "vp+jwt", "vp+ld+jwt"})
_COSE_TYPES: Final = {CREDENTIAL_TYPES: frozenset({"vc+cose"}), PRESENTATION_TYPES: frozenset({"vp+cose"})}
CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
_DOCUMENT: Final = frozenset({"@context", "type", "credentialSubject", "verifiableCredential"})


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWT (or a COSE_Sign1, which says the same in other bytes) taken apart, not yet verified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes
    form: str = "jwt"
    payload: bytes = b""

    @property
    def enclosed(self) -> dict[str, Any] | None:
        """The document in a `vc` or `vp` claim (data model 1.1 section 6.3.1); None where it stands at the top."""
        found = [self.claims[name] for name in ("vc", "vp") if name in self.claims]
        if len(found) != 1 or not isinstance(found[0], dict) or self.claims.keys() & _DOCUMENT:
            return None
        plain = self.type in {"", "jwt"}
        return dict(found[0]) if plain or _is_old(found[0]) else None

    @property
    def type(self) -> str:
        """The header's `typ` in its short form, or empty text."""
        return str(self.header.get("typ", "")).lower().removeprefix("application/")

    @property
    def credential(self) -> dict[str, Any]:
        """The document in the payload: the enclosed one, or all but the registered claims."""
        enclosed = self.enclosed
        if enclosed is not None:
            return enclosed
        return {name: value for name, value in self.claims.items() if name not in CLAIMS}


def _is_old(document: Mapping[str, Any]) -> bool:
    """Whether a document is of data model 1.1."""
    contexts = document.get("@context")
    return isinstance(contexts, list) and contexts[:1] == [CREDENTIALS_V1]


def looks_like_jwt(text: str) -> bool:
    """Whether the text has the three parts of a compact JWT."""
    parts = text.strip().split(".")
    return len(parts) == 3 and all(part and multibase.is_base64url(part) for part in parts)


def read(text: str) -> Token:
    """Take a compact JWT apart; raises ParseError."""
    text = text.strip()
    parts = text.split(".")
    if len(parts) != 3 or not all(parts):
        raise ParseError("not_jwt", "The text is not a compact JWT.")
    try:
        header = _read_header(parts[0]) if len(parts[0]) < 1024 else loads(multibase.base64url_decode(parts[0]))
        payload, signature = multibase.base64url_decode(parts[1]), multibase.base64url_decode(parts[2])
    except KeyFormatError:
        raise ParseError("not_jwt", "A part of the JWT is not base64url text.") from None
    claims = loads(payload)
    if not isinstance(header, Mapping) or not isinstance(claims, dict):
        raise ParseError("not_jwt", "The JWT's header and payload must be objects.")
    return Token(header, claims, text.rpartition(".")[0].encode(), signature, payload=payload)


@lru_cache(maxsize=256)
def _read_header(text: str) -> Any:
    """One issuer's tokens share their header, so that those read last are kept, as views that nobody can change."""
    header = loads(multibase.base64url_decode(text))
    return MappingProxyType(header) if isinstance(header, dict) else header


def sign(document: Mapping[str, Any], *, key: Signer, open_badges: bool = False) -> str:
    """A credential as a compact JWT: `vc+jwt` (VC-JOSE-COSE section 3.1.1), or Open Badges' own form.

    The form of Open Badges 3.0 section 8.2.4 repeats issuer, address, subject and dates as registered claims, and
    carries the public key in the header. Raises ProofError, or ParseError for what JSON cannot hold.
    """
    check_signable(document, key)
    if not open_badges:
        return write({"typ": "vc+jwt", "cty": "vc", "kid": key.id}, document, key)
    claims = {name: value for name, value in _expected(document).items() if value is not None}
    for name, member in (("nbf", "validFrom"), ("exp", "validUntil")):
        if member in document:
            claims[name] = int(parse_timestamp(document[member]).timestamp())
    return write({"typ": "JWT", "kid": key.id, "jwk": key.public.jwk()}, {**claims, **document}, key)


def check_signable(document: Mapping[str, Any], key: Signer) -> None:
    """That a credential has no proof yet and that its issuer has this key; raises ProofError."""
    if "proof" in document:
        raise ProofError("already_signed", "The document already has a proof.")
    if _expected(document)["iss"] != key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the issuer that the document names.")


def write(header: Mapping[str, Any], claims: Mapping[str, Any], key: Signer) -> str:
    """A compact JWT signed with `key`; the algorithm is the key's. Raises ParseError for what JSON cannot hold."""
    head = dumps({"alg": _OF_KIND[key.kind], **header})
    message = f"{multibase.base64url_encode(head)}.{multibase.base64url_encode(dumps(claims))}"
    return f"{message}.{multibase.base64url_encode(key.sign(message.encode()))}"


def check_head(token: Token, types: frozenset[str]) -> str:
    """The kind of key that must have signed a token of one of `types`; raises ProofError."""
    header = token.header
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or _FORGEABLE.fullmatch(algorithm):
        raise ProofError("forgeable", f"With the JWT algorithm {algorithm!r} anybody could have signed.")
    kind = ALGORITHMS.get(algorithm)
    if kind is None:
        raise ProofError("unknown_suite", f"The JWT algorithm {header.get('alg')!r} is not one we accept.")
    if "crit" in header or "b64" in header:
        raise ProofError("bad_proof", "The JWT header asks for extensions that we do not know.")
    if {"jku", "x5u"} & header.keys():
        raise ProofError("bad_proof", "The JWT header says where to fetch its own key.")
    if ("typ" in header and token.type not in types) if token.form == "jwt" else token.type not in _COSE_TYPES[types]:
        raise ProofError("bad_proof", "The token's type is not that of a credential.")
    return kind


def check_form(token: Token) -> str:
    """The kind of key that must have signed; raises ProofError for a header or claims we cannot accept."""
    kind = check_head(token, CREDENTIAL_TYPES)
    claims = token.claims
    if "vp" in claims or ("vc" in claims and token.enclosed is None):
        raise ProofError("vc_claim", "The credential is inside a vc claim, a form that was withdrawn.")
    if claims.keys().isdisjoint(CLAIMS):  # nothing is said twice
        return kind
    credential = token.credential
    for name, value in _expected(credential).items():
        if name in claims and claims[name] != value:
            raise ProofError("claims_differ", f"The JWT's {name} is not what the credential says.")
    _check_times(token, credential)
    return kind


def _check_times(token: Token, credential: Mapping[str, Any]) -> None:
    """In the JWTs of Open Badges and of data model 1.1, `nbf` and `exp` are the credential's own dates.

    Elsewhere, also on status lists, they are the signature's (VC-JOSE-COSE section 3.1.3), and hold beside the
    credential's: check 7.
    """
    old = _is_old(credential)
    dates = ("issuanceDate", "expirationDate") if old else ("validFrom", "validUntil")
    badge = kind_of(credential) in {"achievement", "endorsement", "record"}
    same = old or (badge and token.enclosed is None and token.type in {"", "jwt"})
    for name, member in zip(("nbf", "exp"), dates, strict=True):
        if name in token.claims and moment(token.claims[name]) is None:
            raise ProofError("claims_differ", f"The JWT's {name} is not a moment.")
        if same and name in token.claims and not _same_second(token.claims[name], credential.get(member)):
            raise ProofError("claims_differ", f"The JWT's {name} is not the credential's {member}.")


def _expected(credential: Mapping[str, Any]) -> dict[str, Any]:
    """What the registered claims must say of a credential, where they are there."""
    issuer, subject = credential.get("issuer"), credential.get("credentialSubject")
    return {
        "iss": issuer.get("id") if isinstance(issuer, Mapping) else issuer,
        "jti": credential.get("id"),
        "sub": subject.get("id") if isinstance(subject, Mapping) else None,
    }


def signature_matches(token: Token, key: PublicKey) -> bool:
    """Whether the token's signature is this key's."""
    return key.verify(token.signature, token.signing_input)


def _same_second(claim: Any, text: Any) -> bool:
    """Whether a NumericDate and a timestamp name the same second; a claim alone is enough."""
    if text is None:
        return True
    try:
        return bool(abs(parse_timestamp(text).timestamp() - claim) < 1)
    except ProofError:
        return False


def moment(claim: Any) -> datetime | None:
    """A NumericDate claim as a moment, or None where it is not one."""
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 <= claim < 2**36:
        return None
    return datetime.fromtimestamp(claim, UTC)
