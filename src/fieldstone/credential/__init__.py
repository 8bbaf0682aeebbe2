"""Open Badges 3.0 credentials: build, sign, and verify with numbered checks. A library: no Django, no
network, no clock.

Issue::

    key = generate_key().controlled_by("did:web:college.example")  # or leave the did:key it is born with
    issuer = Profile(id=key.controller, name=…)
    document = build(Credential(id=…, issuer=issuer, name=…, achievement=…, valid_from=…))
    signed = sign(document, key=key, created=moment)  # eddsa-rdfc-2022; a new dict with `proof`
    data = dumps(signed)  # these bytes are stored, and served as they are

A stack of credentials is `build_stack(credential, components)`, an endorsement
`build_endorsement(endorsement)`, a learner record around
signed credentials `build_record(record)`.

Withdraw: give each credential a random index (`StatusEntry(list_url=…, index=…, purpose="revocation")`),
publish `sign(build_list(url=…, issuer=key.controller, purpose=…, positions={…}, valid_from=…), key=key,
created=…)` there.

Verify::

    report = verify(data, resolver=Offline(), at=moment, policy=TrustedIssuers({"did:web:college.example"}))
    report.verdict  # "verified", "not_verified" or "could_not_tell"
    for check in report.checks:  # number, name, question, outcome, code, detail, reference
        ...

More ways to secure: `sign(…, suite="ecdsa-rdfc-2019")` with a P-256 or P-384 key, `add_proof` for proof sets and
chains, `sign_jwt` for `vc+jwt` and Open Badges' own JWT, `sign_cose` for `vc+cose`, `sign_selective` and `derive` for
parts of a credential. `sign_sd_jwt(sd_jwt_claims(document), key=…, disclosable=[path…], holder=her_public_key)` makes
an SD-JWT VC; its holder shows parts of it with `bind_sd_jwt(present_sd_jwt(text, [path…]), key=…, nonce=…,
audience=…, at=…)`, and `verify(text, …, challenge=nonce, domain=audience)` reads it.

A holder shows credentials with `build_presentation` and `sign_presentation` (or `sign_presentation_jwt`), read by
`verify_presentation(data, challenge=…, domain=…)`.

A `Resolver` answers `did(did)` and `fetch(url)`, or raises `Unreachable` or `Missing`; `Offline` answers
from what it is given. The one that uses the network is `fieldstone.server.net.NetResolver`.

Keys: `generate_key()` gives a `SigningKey`; `key.seed()` is its secret for safekeeping and
`SigningKey.from_seed(data)` reads it; every function that signs takes any `Signer`, such as a `RemoteKey`, whose
secret stays in a token or a service; `key.public.multikey()` and `did_key(key.public)` are its public
names; `did_document(did, keys)` is what did:web publishes.

Modules: `model` (values) · `documents` (build) · `contexts` (pinned JSON-LD contexts) · `jsonld` (to quads)
· `rdfc` (canonical form), `templates` (the same, faster, for documents of one shape)
· `proofs/` (one module per suite) · `proof_sets` · `selective`, `cbor` · `jwt`, `cose` · `sd_jwt`, `sd_jwt_vc`
· `presentations` · `dcql`, `openid4vp` (asking and showing)
· `data_model` (credentials of other kinds) · `keys`, `multibase`, `did`, `methods`
(finding keys) · `status`, `token_status`, `withdrawal`, `lists` · `openbadges2`,
`openbadges2_checks` (the older standard) · `shape`, `schema_check`, `refresh`
· `checks` (verify), `attached`, `report`, `policy`,
`resolver` · `jsontext` (strict JSON) · `errors`. Everything the library refuses, it refuses with a
`CredentialError` that has a `code` and a `detail`.
"""

from __future__ import annotations

from fieldstone.credential.checks import verify
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.cose import sign as sign_cose
from fieldstone.credential.did import did_document, did_web, did_web_url
from fieldstone.credential.documents import build, build_endorsement, build_record, build_stack, digest_sri
from fieldstone.credential.errors import CredentialError, Gone, Missing, Spent, Unreachable
from fieldstone.credential.jsontext import dumps, loads
from fieldstone.credential.jwt import sign as sign_jwt
from fieldstone.credential.keys import PublicKey, RemoteKey, Signer, SigningKey, did_key, generate_key
from fieldstone.credential.lists import Lists
from fieldstone.credential.model import (
    Achievement,
    Alignment,
    Association,
    Component,
    Credential,
    Criteria,
    Endorsement,
    Evidence,
    Identity,
    Profile,
    Record,
    Related,
    Resource,
    Result,
    ResultDescription,
    RubricLevel,
    StatusEntry,
    hash_identity,
)
from fieldstone.credential.policy import AnyIssuer, Policy, TrustedIssuers
from fieldstone.credential.presentations import (
    PresentationReport,
    build_presentation,
    sign_presentation,
    sign_presentation_jwt,
    verify_presentation,
)
from fieldstone.credential.proof_sets import add_proof
from fieldstone.credential.proofs import SUITES, parse_timestamp, sign, timestamp
from fieldstone.credential.refresh import refreshed
from fieldstone.credential.report import CHECKS, Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Offline, Resolver
from fieldstone.credential.sd_jwt import bind as bind_sd_jwt
from fieldstone.credential.sd_jwt import present as present_sd_jwt
from fieldstone.credential.sd_jwt_vc import sd_jwt_claims, sd_jwt_paths, sign_sd_jwt
from fieldstone.credential.selective import derive, sign_selective
from fieldstone.credential.status import build_list, decode_list, encode_list, encode_values

__all__ = [
    "CHECKS",
    "KNOWN",
    "SUITES",
    "Achievement",
    "Alignment",
    "AnyIssuer",
    "Association",
    "Check",
    "Component",
    "Contexts",
    "Credential",
    "CredentialError",
    "Criteria",
    "Endorsement",
    "Evidence",
    "Gone",
    "Identity",
    "Lists",
    "Missing",
    "Offline",
    "Outcome",
    "Policy",
    "PresentationReport",
    "Profile",
    "PublicKey",
    "Record",
    "Related",
    "RemoteKey",
    "Report",
    "Resolver",
    "Resource",
    "Result",
    "ResultDescription",
    "RubricLevel",
    "Signer",
    "SigningKey",
    "Spent",
    "StatusEntry",
    "TrustedIssuers",
    "Unreachable",
    "Verdict",
    "add_proof",
    "bind_sd_jwt",
    "build",
    "build_endorsement",
    "build_list",
    "build_presentation",
    "build_record",
    "build_stack",
    "decode_list",
    "derive",
    "did_document",
    "did_key",
    "did_web",
    "did_web_url",
    "digest_sri",
    "dumps",
    "encode_list",
    "encode_values",
    "generate_key",
    "hash_identity",
    "loads",
    "parse_timestamp",
    "present_sd_jwt",
    "refreshed",
    "sd_jwt_claims",
    "sd_jwt_paths",
    "sign",
    "sign_cose",
    "sign_jwt",
    "sign_presentation",
    "sign_presentation_jwt",
    "sign_sd_jwt",
    "sign_selective",
    "timestamp",
    "verify",
    "verify_presentation",
]
