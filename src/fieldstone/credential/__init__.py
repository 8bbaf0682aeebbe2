"""Open Badges 3.0 credentials: build, sign, and verify with numbered checks. A library: no Django, no
network, no clock.

Issue::

    key = generate_key().controlled_by("did:web:college.example")  # or leave the did:key it is born with
    issuer = Profile(id=key.controller, name=…)
    document = build(Credential(id=…, issuer=issuer, name=…, achievement=…, valid_from=…))
    signed = sign(document, key=key, created=moment)  # eddsa-rdfc-2022; a new dict with `proof`
    data = dumps(signed)  # these bytes are stored, and served as they are

A stack of credentials is `build_stack(credential, components)`, an endorsement
`build_endorsement(endorsement)`.

Withdraw: give each credential a random index (`StatusEntry(list_url=…, index=…, purpose="revocation")`),
publish `sign(build_list(url=…, issuer=key.controller, purpose=…, positions={…}, valid_from=…), key=key,
created=…)` there.

Keys: `generate_key()` gives a `SigningKey`; `key.seed()` is its secret for safekeeping and
`SigningKey.from_seed(data)` reads it; `key.public.multikey()` and `did_key(key.public)` are its public
names; `did_document(did, keys)` is what did:web publishes.

Modules: `model` (values) · `build` · `contexts` (pinned JSON-LD contexts) · `jsonld` (to quads) · `rdfc`
(canonical form) · `proofs/` (one module per suite) · `keys`, `multibase` · `status` · `jsontext` (strict
JSON) · `errors`. Everything the library refuses, it refuses with a `CredentialError` that has a `code` and
a `detail`.
"""

from __future__ import annotations

from fieldstone.credential.build import build, build_endorsement, build_stack, digest_sri
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.did import did_document, did_web, did_web_url
from fieldstone.credential.errors import CredentialError, Missing, Unreachable
from fieldstone.credential.jsontext import dumps, loads
from fieldstone.credential.keys import PublicKey, SigningKey, did_key, generate_key
from fieldstone.credential.model import (
    Achievement,
    Alignment,
    Component,
    Credential,
    Criteria,
    Endorsement,
    Evidence,
    Identity,
    Profile,
    Related,
    Resource,
    Result,
    ResultDescription,
    RubricLevel,
    StatusEntry,
    hash_identity,
)
from fieldstone.credential.proofs import sign, timestamp
from fieldstone.credential.status import build_list, decode_list, encode_list

__all__ = [
    "KNOWN",
    "Achievement",
    "Alignment",
    "Component",
    "Contexts",
    "Credential",
    "CredentialError",
    "Criteria",
    "Endorsement",
    "Evidence",
    "Identity",
    "Missing",
    "Profile",
    "PublicKey",
    "Related",
    "Resource",
    "Result",
    "ResultDescription",
    "RubricLevel",
    "SigningKey",
    "StatusEntry",
    "Unreachable",
    "build",
    "build_endorsement",
    "build_list",
    "build_stack",
    "decode_list",
    "did_document",
    "did_key",
    "did_web",
    "did_web_url",
    "digest_sri",
    "dumps",
    "encode_list",
    "generate_key",
    "hash_identity",
    "loads",
    "sign",
    "timestamp",
]
