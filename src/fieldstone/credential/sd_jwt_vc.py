"""Credentials as SD-JWTs: `dc+sd-jwt` (draft-ietf-oauth-sd-jwt-vc) and a W3C credential as `vc+sd-jwt`
(VC-JOSE-COSE section 3.2.1).

The first is plain JSON: its kind is named by `vct`, its issuer by `iss`. The second holds a whole W3C document; the
same `typ` with a `vct` is the first under the name it had before November 2024. An Open Badge becomes the first by
`sd_jwt_claims`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from fieldstone.credential import jwt, methods, sd_jwt, shape
from fieldstone.credential.contexts import CREDENTIALS_V2
from fieldstone.credential.data_model import is_address
from fieldstone.credential.errors import ProofError
from fieldstone.credential.keys import PublicKey, Signer
from fieldstone.credential.proofs import parse_timestamp, timestamp
from fieldstone.credential.resolver import Resolver

TYPES: Final = frozenset({"dc+sd-jwt", "vc+sd-jwt"})
# `vct` of the kinds we know: the address that the kind's own JSON-LD context gives it.
VCTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "achievement": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential",
        "endorsement": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#EndorsementCredential",
        "record": "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential",
    }
)
# What must never be hidden (section 3.2.2.2), and the W3C names of the same things.
ALWAYS: Final = frozenset(
    {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "credentialStatus"}
)
_ALWAYS_W3C: Final = frozenset(
    {"@context", "type", "issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate"}
)
# What an Open Badge says of a person: hidden unless she shows it.
PERSONAL: Final[tuple[sd_jwt.Path, ...]] = (
    ("sub",),
    ("credentialSubject", "identifier"),
    ("credentialSubject", "narrative"),
    ("credentialSubject", "licenseNumber"),
    ("credentialSubject", "result", None),
    ("evidence", None),
)
_MOVED: Final = frozenset({"@context", "proof", "type", "id", "issuer", "validFrom", "validUntil"})
WINDOW: Final = timedelta(minutes=15)


def sign_sd_jwt(
    claims: Mapping[str, Any],
    *,
    key: Signer,
    disclosable: Iterable[sd_jwt.Path] = (),
    holder: PublicKey | None = None,
    decoys: int = 0,
) -> str:
    """An SD-JWT credential: `dc+sd-jwt` for claims with a `vct`, `vc+sd-jwt` for a W3C document.

    `disclosable` are the paths (see `sd_jwt`) of what the holder may hide, `holder` the key that she will have to
    prove, `decoys` digests that stand for nothing. Raises ProofError for claims that make no credential, for a path
    that leads nowhere, and where `key` is not the issuer's; ParseError for what JSON cannot hold.
    """
    if "proof" in claims:
        raise ProofError("already_signed", "The document already has a proof.")
    if holder is not None:
        claims = {**claims, "cnf": {"jwk": holder.jwk()}}
    plain = "vct" in claims
    paths = [tuple(path) for path in disclosable]
    found = _problems(claims, (path[:1] for path in paths))
    if found:
        raise ProofError("wrong_shape", " ".join(found[:5]))
    if _issuer(claims) != key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the issuer that the document names.")
    payload, disclosures = sd_jwt.conceal(claims, paths, decoys=decoys)
    kid = key.id if key.controller.startswith("did:") else key.id.rpartition("#")[2]
    head = {"typ": "dc+sd-jwt", "kid": kid} if plain else {"typ": "vc+sd-jwt", "cty": "vc", "kid": kid}
    return "~".join([jwt.write(head, payload, key), *disclosures, ""])


def sd_jwt_claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """An unsigned Open Badge, endorsement or learner record as the claims of a `dc+sd-jwt`.

    `vct`, `iss`, `jti`, `sub`, `nbf` and `exp` say what the type, the issuer's and the subject's addresses and the
    dates said; all else keeps its name. Raises ProofError for other documents.
    """
    kind = shape.kind_of(document)
    if kind is None or kind not in VCTS or CREDENTIALS_V2 not in document.get("@context", ()):
        raise ProofError("unknown_kind", "Only Open Badges and learner records of data model 2.0 have this form.")
    claims: dict[str, Any] = {"vct": VCTS[kind], "iss": _issuer(document)}
    subject, issuer = document.get("credentialSubject"), document.get("issuer")
    if isinstance(document.get("id"), str):
        claims["jti"] = document["id"]
    for name, member in (("nbf", "validFrom"), ("exp", "validUntil")):
        if member in document:
            claims[name] = int(parse_timestamp(document[member]).timestamp())
    rest = {name: value for name, value in document.items() if name not in _MOVED}
    if isinstance(subject, Mapping) and isinstance(subject.get("id"), str) and kind != "endorsement":
        claims["sub"] = subject["id"]
        rest["credentialSubject"] = {name: value for name, value in subject.items() if name != "id"}
    profile = {k: v for k, v in issuer.items() if k != "id"} if isinstance(issuer, Mapping) else {}
    return {**claims, **({"issuer": profile} if profile else {}), **rest}


def sd_jwt_paths(claims: Mapping[str, Any]) -> list[sd_jwt.Path]:
    """What `claims` made by `sd_jwt_claims` say of a person, as paths for `disclosable`."""
    return [path for path in PERSONAL if sd_jwt.leads(claims, path)]


def document_of(token: sd_jwt.SdJwt) -> dict[str, Any]:
    """The processed claims, with the W3C names (`issuer`, `id`, `validFrom`…) beside those of a `dc+sd-jwt`.

    Each mechanism in a `status` claim becomes a status entry of that type, so that check 8 asks it, or says it cannot.
    """
    claims = dict(token.claims)
    if "vct" not in claims:
        return {name: value for name, value in claims.items() if name not in jwt.CLAIMS and name != "cnf"}
    profile = claims.get("issuer")
    claims["issuer"] = {**(profile if isinstance(profile, dict) else {}), "id": claims.get("iss")}
    for name, claim in (("validFrom", "nbf"), ("validUntil", "exp")):
        claims.pop(name, None)
        if (moment := jwt.moment(claims.get(claim))) is not None:
            claims[name] = timestamp(moment)
    if isinstance(claims.get("status"), dict):
        entries = claims.get("credentialStatus", [])
        entries = entries if isinstance(entries, list) else [entries]
        more = ({**(item if isinstance(item, dict) else {}), "type": name} for name, item in claims["status"].items())
        claims["credentialStatus"] = [*entries, *more]
    if "jti" in claims:
        claims["id"] = claims["jti"]
    subject = claims.get("credentialSubject")
    if isinstance(subject, dict) and "sub" in claims:
        claims["credentialSubject"] = {**subject, "id": claims["sub"]}
    return claims


def check_form(token: sd_jwt.SdJwt) -> str:
    """The kind of key that must have signed; raises ProofError for a header we cannot accept."""
    header = token.token.header
    kind = jwt.check_head(token.token, TYPES)
    if "typ" not in header or (token.token.type == "dc+sd-jwt" and "vct" not in token.claims):
        raise ProofError("bad_proof", "The JWT's type is not that of what it holds.")
    if "x5c" in header:
        raise ProofError("unknown_suite", "It is signed with a chain of certificates, which we do not check.")
    return kind


def problems(token: sd_jwt.SdJwt) -> list[str]:
    """Every fault in the claims of an SD-JWT credential, as sentences; a W3C document is looked at elsewhere."""
    return _problems(token.claims, (item.path[:1] for item in token.shown))


def find_key(token: sd_jwt.SdJwt, resolver: Resolver) -> methods.Method:
    """The issuer's key; raises KeyFormatError, Missing or Unreachable."""
    return methods.find_issuers(token.token.header.get("kid"), str(_issuer(token.claims)), resolver)


def check_key_binding(
    token: sd_jwt.SdJwt, resolver: Resolver, *, at: datetime, challenge: str | None, domain: str | None
) -> None:
    """That the holder made the key binding, for this verifier and question (RFC 9901 section 7.3, step 5).

    Raises ProofError where she did not; KeyFormatError, Missing or Unreachable where her key is not to be had.
    """
    binding = token.key_binding
    if binding is None:
        raise ProofError("no_key_binding", "Whoever shows it did not prove to be its holder.")
    if binding.type != "kb+jwt":
        raise ProofError("bad_key_binding", "The holder's proof is not of the type kb+jwt.")
    kind, key = jwt.check_head(binding, frozenset({"kb+jwt"})), _holder_key(token, resolver)
    if key.kind != kind or not jwt.signature_matches(binding, key):
        raise ProofError("wrong_key_binding", "The holder's proof was made with another key than hers.")
    claims = binding.claims
    if claims.get("sd_hash") != token.digest:
        raise ProofError("other_disclosures", "The holder's proof was made for other contents.")
    if not isinstance(claims.get("aud"), str) or not isinstance(claims.get("nonce"), str):
        raise ProofError("bad_key_binding", "The holder's proof does not say for whom it was made.")
    for name, expected in (("nonce", challenge), ("aud", domain)):
        if expected is not None and claims[name] != expected:
            raise ProofError("not_asked", "It was made for another verifier or another question.")
    made = jwt.moment(claims.get("iat"))
    if made is None or made > at + WINDOW or (challenge is not None and made < at - WINDOW):
        raise ProofError("not_now", "The holder's proof was not made just now.")


def _holder_key(token: sd_jwt.SdJwt, resolver: Resolver) -> PublicKey:
    named = token.token.claims.get("cnf")  # as signed: never from a disclosure
    if isinstance(named, Mapping) and "jwk" in named:
        return PublicKey.from_jwk(named["jwk"])
    if isinstance(named, Mapping) and isinstance(named.get("kid"), str):
        return methods.find(named["kid"], resolver).key
    raise ProofError("no_holder_key", "The issuer did not say which key is the holder's.")


def _problems(claims: Mapping[str, Any], hidden: Iterable[tuple[Any, ...]]) -> list[str]:
    plain = "vct" in claims
    always = ALWAYS if plain else ALWAYS | _ALWAYS_W3C
    found = [f"{name} must not be hidden." for name in sorted({path[0] for path in hidden} & always)]
    if "cnf" in claims and not isinstance(claims["cnf"], Mapping):
        found.append("cnf must be an object.")
    found += [f"{name} must be a number of seconds." for name in ("nbf", "exp", "iat") if _bad_date(claims, name)]
    if not plain:
        return found
    if not _name(claims["vct"]):
        found.append("vct must be text.")
    if not is_address(claims.get("iss")):
        found.append("iss must be an absolute address.")
    found += [f"{name} must be text." for name in ("sub", "jti") if not _name(claims.get(name, "-"))]
    others = claims.get("aka_vcts", ["-"])
    if not (isinstance(others, list) and others and all(_name(item) for item in others)) or claims["vct"] in others:
        found.append("aka_vcts must be a list of other kinds.")
    if not isinstance(claims.get("status", {}), Mapping):
        found.append("status must be an object.")
    return found


def _bad_date(claims: Mapping[str, Any], name: str) -> bool:
    return name in claims and jwt.moment(claims[name]) is None


def _name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _issuer(claims: Mapping[str, Any]) -> Any:
    if "vct" in claims:
        return claims.get("iss")
    issuer = claims.get("issuer")
    return issuer.get("id") if isinstance(issuer, Mapping) else issuer
