"""Tokens: `vc+jwt` beside bare Ed25519 over the same bytes and joserfc, `dc+sd-jwt` beside npm @sd-jwt/sd-jwt-vc.

Part of `python -m benchmarks.credential`. "signature, header, payload" is what VC-JOSE-COSE asks of a verifier: strict
JSON, an allowed algorithm, the key that the header names, its signature. "all twelve checks" is the whole of `verify`,
with form, dates, status, endorsements and files. joserfc checks the signature and reads the payload, and the npm peer
looks at signature, disclosures and dates.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey

from benchmarks.measure import Case, rate
from fieldstone import credential as c
from fieldstone.credential import jwt, methods
from fieldstone.credential.multibase import base64url_encode

ALONE = "Ed25519 alone, same bytes"
SD_JWT = "npm @sd-jwt/sd-jwt-vc 0.17.1"
JOSE = "joserfc"
SECURED = "vc+jwt verify (signature, header, payload)"
TWELVE = "vc+jwt verify, all twelve checks"
OFFLINE = c.Offline()
HIDDEN: Sequence[tuple[str | None, ...]] = (
    ("credentialSubject", "identifier"),
    ("credentialSubject", "result", None),
    ("evidence", None),
)
FRAME = {"credentialSubject": {"_sd": ["identifier"], "result": {"_sd": [0, 1]}}, "evidence": {"_sd": [0]}}
Peer = Callable[[str, dict[str, Any]], dict[str, Any] | None]


def cases(unsigned: list[dict[str, Any]], key: c.SigningKey, at: datetime, rounds: int, peer: Peer) -> Iterator[Case]:
    """`unsigned` are credentials of one micro-credential by `key`; `peer(script, work)` asks the npm peer."""
    yield from _jwt_cases(unsigned, key, at, rounds)
    yield from _sd_jwt_cases([c.sd_jwt_claims(document) for document in unsigned], key, at, rounds, peer)


def _checked(text: str, at: datetime) -> c.Report:
    """The report; the status list is out of reach, as it is for the peers."""
    report = c.verify(text, resolver=c.Offline(), at=at)
    if any(check.outcome is not c.Outcome.PASSED for check in report.checks if check.number <= 7):
        raise SystemExit(f"A token did not verify: {report.to_json()}")
    return report


def _jwt_cases(unsigned: list[dict[str, Any]], key: c.SigningKey, at: datetime, rounds: int) -> Iterator[Case]:
    texts = [c.sign_jwt(document, key=key) for document in unsigned]
    messages = [text.rpartition(".")[0].encode() for text in texts]
    signed = [(message, key.sign(message)) for message in messages]
    public = key.public
    own = OKPKey.import_key({**public.jwk(), "d": base64url_encode(key.seed())})
    registry = jws.JWSRegistry(algorithms=["EdDSA"])
    registry.max_header_length = registry.max_payload_length = 100_000
    head = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": key.id}

    def issue_there(document: dict[str, Any]) -> str:
        payload = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return jws.serialize_compact(head, payload, own, registry=registry)

    def secured_here(text: str) -> bool:
        token = jwt.read(text)
        found = methods.find(token.header["kid"], OFFLINE)
        return jwt.check_form(token) == found.key.kind and jwt.signature_matches(token, found.key)

    def read_there(text: str) -> Any:
        return json.loads(jws.deserialize_compact(text, own, registry=registry).payload)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        if issue_there(unsigned[0]) != texts[0] or read_there(texts[0]) != unsigned[0]:
            raise SystemExit("joserfc signs the same credential differently.")
        if not all(map(secured_here, texts)) or secured_here(texts[0][:-4] + "AAAA"):
            raise SystemExit("A token's signature was misjudged.")
        issue = rate(lambda document: c.sign_jwt(document, key=key), unsigned, rounds)
        secured = rate(secured_here, texts, rounds)
        for text in texts:
            _checked(text, at)
        check = rate(lambda text: c.verify(text, resolver=OFFLINE, at=at), texts, rounds)
        yield Case("vc+jwt issue", issue, "/s", ALONE, rate(key.sign, messages, rounds))
        alone = rate(lambda pair: public.verify(pair[1], pair[0]), signed, rounds)
        yield Case(SECURED, secured, "/s", ALONE, alone)
        yield Case(TWELVE, check, "/s", ALONE, alone)
        yield Case("vc+jwt issue", issue, "/s", JOSE, rate(issue_there, unsigned, rounds))
        theirs = rate(read_there, texts, rounds)
        yield Case(SECURED, secured, "/s", JOSE, theirs)
        yield Case(TWELVE, check, "/s", JOSE, theirs)


def _sd_jwt_cases(
    claims: list[dict[str, Any]], key: c.SigningKey, at: datetime, rounds: int, peer: Peer
) -> Iterator[Case]:
    def issue(one: dict[str, Any]) -> str:
        return c.sign_sd_jwt(one, key=key, disclosable=HIDDEN)

    texts = [issue(one) for one in claims]
    few = max(1, len(claims) // 20)
    secret = {**key.public.jwk(), "d": base64url_encode(key.seed())}
    work = {
        "jwk": secret, "kid": key.id, "at": int(at.timestamp()), "frame": FRAME, "rounds": rounds,
        "claims": claims[:few], "texts": texts[:few],
    }  # fmt: skip
    answer = peer("sd_jwt.mjs", work) or {}
    if answer:
        _checked(answer["first"], at)
        if answer["first"].count("~") != texts[0].count("~"):
            raise SystemExit("The npm peer hides other claims.")
    yield Case("dc+sd-jwt issue", rate(issue, claims, rounds), "/s", SD_JWT, answer.get("issue"))
    verified = rate(lambda text: _checked(text, at), texts, rounds)
    yield Case("dc+sd-jwt verify", verified, "/s", SD_JWT, answer.get("verify"))
