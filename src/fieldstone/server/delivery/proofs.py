"""Proof that a wallet holds the key that its copy is to be tied to (OpenID4VCI 1.0 appendix F.1 and F.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from fieldstone import credential
from fieldstone.credential import jwt, methods, multibase
from fieldstone.credential.errors import CredentialError, KeyFormatError
from fieldstone.server.awards.rules import Holder
from fieldstone.server.delivery.rules import BATCH, NONCE_LIFE, SKEW, Form, Wrong

TYPE: Final = "openid4vci-proof+jwt"
KINDS: Final = frozenset({"Ed25519", "P-256", "P-384"})
MAX_PROOF: Final = 8_000
"""The longest proof that is read, in characters."""
MAX_DID: Final = 600
"""The longest name of a key that a copy is kept under, in characters."""


def read_proofs(
    request: Mapping[str, Any], form: Form, *, issuer: str, client_id: str, at: datetime,
    fresh: Callable[[str], bool],
) -> tuple[list[Holder], str]:  # fmt: skip
    """The keys of a Credential Request, proven, and the one nonce that all proofs carry; raises Wrong.

    `fresh` says whether a nonce is this issuer's and has not ended. Both are empty for a form without binding.
    """
    if "credential_response_encryption" in request:
        raise Wrong("invalid_encryption_parameters", "Encrypted answers are not supported; leave the parameter out.")
    given = request.get("proofs")
    if not form.bound:
        if given is not None or "proof" in request:
            raise Wrong("invalid_credential_request", "This configuration is not bound to a key: send no proofs.")
        return [], ""
    if not isinstance(given, dict) or list(given) != ["jwt"]:
        raise Wrong("invalid_proof", "Send proofs with the one proof type jwt; others are not supported.")
    texts = given["jwt"]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Wrong("invalid_proof", "proofs.jwt must be a list of JWTs.")
    if len(texts) > BATCH:
        raise Wrong("invalid_proof", f"At most {BATCH} proofs at a time.")
    read = [_proof(text, issuer=issuer, client_id=client_id, at=at) for text in texts]
    nonces = {nonce for _holder, nonce in read}
    if len(nonces) != 1 or not fresh(read[0][1]):
        raise Wrong("invalid_nonce", "A nonce is not ours, has ended, was used, or differs between the proofs.")
    holders = [holder for holder, _nonce in read]
    if len({credential.dumps(holder.jwk) for holder in holders}) != len(holders):
        raise Wrong("invalid_proof", "Two proofs are for the same key.")
    return holders, read[0][1]


def _proof(text: str, *, issuer: str, client_id: str, at: datetime) -> tuple[Holder, str]:
    """One proof: typed, signed by the key that it names, for us, now."""
    try:
        if len(text) > MAX_PROOF:
            raise Wrong("invalid_proof", "A proof is too long.")
        token = jwt.read(text)
        if token.header.get("typ") != TYPE:
            raise Wrong("invalid_proof", f"A proof's typ must be {TYPE}.")
        kind = jwt.check_head(token, frozenset({TYPE}))
        holder, key = _key(token.header)
    except CredentialError as error:
        raise Wrong("invalid_proof", f"A proof cannot be read: {error.code}.") from None
    if key.kind != kind or kind not in KINDS:
        raise Wrong("invalid_proof", "A proof's alg is not one that we name, or not its key's.")
    if not jwt.signature_matches(token, key):
        raise Wrong("invalid_proof", "A proof is not signed by the key that it names.")
    claims = token.claims
    if claims.get("aud") != issuer:
        raise Wrong("invalid_proof", "A proof's aud is not this credential issuer.")
    if client_id and claims.get("iss", client_id) != client_id:
        raise Wrong("invalid_proof", "A proof's iss is not the client_id.")
    made, ends, begins = (jwt.moment(claims.get(name)) for name in ("iat", "exp", "nbf"))
    if made is None or not at - NONCE_LIFE - SKEW <= made <= at + SKEW:
        raise Wrong("invalid_proof", "A proof's iat is missing or not of these minutes.")
    if ("exp" in claims and (ends is None or ends <= at)) or (
        "nbf" in claims and (begins is None or begins > at + SKEW)
    ):
        raise Wrong("invalid_proof", "A proof has ended or is not valid yet.")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise Wrong("invalid_proof", "A proof has no nonce.")
    return holder, nonce


def _key(header: Mapping[str, Any]) -> tuple[Holder, credential.PublicKey]:
    """The key that a proof's header names: `jwk`, or `kid` as the address of a key of did:key or did:jwk."""
    if "x5c" in header or "trust_chain" in header:
        raise Wrong("invalid_proof", "Certificates and trust chains are not supported: send jwk or kid.")
    if ("kid" in header) == ("jwk" in header):
        raise Wrong("invalid_proof", "Send either jwk or kid in a proof's header.")
    if "jwk" in header:
        key = credential.PublicKey.from_jwk(header["jwk"])
        jwk = key.jwk()
        return Holder(f"did:jwk:{multibase.base64url_encode(credential.dumps(jwk))}", jwk), key
    kid = header["kid"]
    if not isinstance(kid, str) or not kid.startswith(("did:key:", "did:jwk:")) or len(kid) > 1000:
        raise KeyFormatError("unknown_did_method", "The kid must be a key of did:key or did:jwk.")
    did = kid.partition("#")[0]
    if len(did) > MAX_DID:
        raise KeyFormatError("did_too_long", "The DID of the key is too long.")
    method = methods.find(kid, credential.Offline())
    return Holder(did, method.key.jwk()), method.key
