"""1EdTech's Open Badges 3.0 and CLR 2.0 fixtures, each with the verdict we give and the reason.

The hosts in the fixtures are examples; the resolver here answers for them with plausible documents: each issuer's
document lists the keys that its fixtures name, as an issuer who means them would publish.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import Offline, Report, verify
from fieldstone.credential.baked import unbake
from fieldstone.credential.methods import ASSERTION
from tests.credential.shared import VECTORS, needs_data

pytestmark = needs_data
AT = datetime(2026, 11, 23, tzinfo=UTC)
ROOT = VECTORS / "1edtech"
MAIN = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
ISSUERS = {
    "https://example.com/issuers/876543": [
        MAIN,
        "z6MkrvfzkMnvCroEUP2DVc9SHPE48CRsvHiVSusHioxTYu1x",
        "z6MknNHHrBzPytzu6CUBP9Lg7fg4KSBjzimc2Frh693YbMiv",
        "z6MkvREVgsHx7Ppae68vCoByy73ZD4aMSJiPML2cryVL8JAx",
    ],
    "https://1edtech.edu/issuers/565049": [
        MAIN,
        "z6Mknyb2Gb4NxzW3xSr9ChTtdQZ1zs77piQ3r9SaJ9vMzmrs",
        "zDnaekGZTbQBerwcehBSXLqAg6s55hVEBms1zFy89VHXtJSa9",
    ],
    "https://example.edu/issuers/565049": [MAIN],
    "https://state.gov/issuers/565049": [
        "z6MkoMGF38Ck9xkdqrbZt4h9eHb1qc3GhAAkoSWa4Vy3SHRN",
        "z6MkmQ49FhpMN7V11B7Qzc6WC6Q3ymVW4xmHUsHBR2MWMMo1",
    ],
    "did:web:dc.1edtech.org:wellspring2022:wellspring-portal:org:da1e96e9-afcc-4eed-b9a2-2ddf7353214c": [MAIN],
}
STATUS_LIST = (
    "https://raw.githubusercontent.com/1EdTech/digital-credentials-public-validator/refs/heads/main/"
    "inspector-vc/src/test/resources/ob30/bit-string-list/testlist"
)
REVOCATIONS = (
    "https://dc.1edtech.org/wellspring2022/wellspring-portal/api/revocations/da1e96e9-afcc-4eed-b9a2-2ddf7353214c"
)

GOOD, BAD, OPEN = "verified", "not_verified", "could_not_tell"
# file -> verdict, the first failed check ("" for none), the code of the deciding check, why
TABLE: dict[str, tuple[str, str, str, str]] = {
    "ob30/simple.json": (GOOD, "", "", "the plain case"),
    "ob30/simple.1ob": (GOOD, "", "", "the same, under the badge file ending"),
    "ob30/simple-json.png": (GOOD, "", "", "baked into PNG"),
    "ob30/simple-json.svg": (GOOD, "", "", "baked into SVG"),
    "ob30/simple-context-alias.json": (GOOD, "", "", "context 3.0.3"),
    "ob30/simple-context-version.json": (GOOD, "", "", "context 3.0.2"),
    "ob30/simple-did-web-method.json": (GOOD, "", "", "a https verification method the issuer lists"),
    "ob30/simple-eddsa-2022.json": (GOOD, "", "", "the draft name of eddsa-rdfc-2022, data model 1.1"),
    "ob30/simple-multiple-proofs.json": (GOOD, "", "", "one unknown proof beside a good one"),
    "ob30/simple_v1.json": (GOOD, "", "", "Ed25519Signature2020, data model 1.1"),
    "ob30/endorsement-valid.json": (GOOD, "", "", "an endorsement"),
    "ob30/bit-string-list/testlist": (GOOD, "", "", "the status list itself"),
    "clr20/simple.json": (GOOD, "", "", "a learner record"),
    "ob30/simple-jwt.png": (GOOD, "", "", "a JWT whose key the issuer lists"),
    "ob30/simple-jwt.svg": (GOOD, "", "", "the same in SVG"),
    "ob30/simple-jwt_v1.png": (GOOD, "", "", "a JWT of data model 1.1, in a vc claim"),
    "ob30/simple-jwt_v1.svg": (GOOD, "", "", "the same in SVG"),
    # Questions that stay open
    "ob30/complete.json": (OPEN, "", "list_unreachable", "its revocation list is on a host nobody answers for"),
    "ob30/simple-did-key-method.json": (
        OPEN, "", "issuer_has_no_keys", "the issuer is a urn:uuid, which cannot name keys; any key could say so",
    ),
    "ob30/sd/derivedcredential.json": (GOOD, "", "", "parts of a badge, ecdsa-sd-2023"),
    # Revoked
    "ob30/credential-status-revoked.json": (BAD, "status", "revoked", "on the 1EdTechRevocationList"),
    "ob30/bit-string-list/credential-status-revoked.json": (BAD, "status", "revoked", "bit 23 is set"),
    "ob30/bit-string-list/credential-status-revoked-blank-nodes.json": (
        BAD, "status", "revoked", "the same, with equal unnamed addresses",
    ),
    # Wrong shape
    "ob30/simple-err-context.json": (BAD, "schema", "wrong_shape", "no W3C context"),
    "ob30/simple-err-type.json": (BAD, "schema", "wrong_shape", "not an Open Badge"),
    "ob30/simple-err-issuer.json": (BAD, "schema", "wrong_shape", "no issuer"),
    "ob30/simple-err-issuer-type.json": (BAD, "schema", "wrong_shape", "issuer.type"),
    "ob30/simple-err-issuer-parentorg-type.json": (BAD, "schema", "wrong_shape", "issuer.parentOrg.type"),
    "ob30/simple-err-issuer-otheridentifier-type.json": (BAD, "schema", "wrong_shape", "otherIdentifier.type"),
    "ob30/simple-err-credential-subject-type.json": (BAD, "schema", "wrong_shape", "credentialSubject.type"),
    "ob30/simple-err-credential-subject-profile-type.json": (BAD, "schema", "wrong_shape", "source.type"),
    "ob30/simple-err-credential-subject-identifier-type.json": (BAD, "schema", "wrong_shape", "identifier.type"),
    "ob30/simple-err-credential-subject-result-type.json": (BAD, "schema", "wrong_shape", "result.type"),
    "ob30/simple-err-credential-subject-achievement-result-description-type.json": (
        BAD, "schema", "wrong_shape", "resultDescription.type",
    ),
    "ob30/simple-err-evidence-type.json": (BAD, "schema", "wrong_shape", "evidence.type"),
    # Dates
    "ob30/simple-err-expired.json": (BAD, "dates", "expired", "validUntil in 2010"),
    "ob30/simple-err-issued.json": (
        BAD, "schema", "wrong_shape", "no achievement; and valid only from 2040, which the dates check says too",
    ),
    # Proofs
    "ob30/simple-noproof.json": (BAD, "schema", "wrong_shape", "no achievement; and no proof, said by its check"),
    "ob30/simple-err-proof-method.json": (BAD, "key", "key_missing", "a key that the issuer does not list"),
    "ob30/simple-err-proof-method-no-scheme.json": (BAD, "key", "unknown_scheme", "not an address"),
    "ob30/simple-err-proof-method-unknown-scheme.json": (BAD, "key", "unknown_scheme", "xxx:"),
    "ob30/simple-err-proof-method-unknown-did-method.json": (BAD, "key", "unknown_did_method", "did:example"),
    "ob30/simple-err-proof-value.json": (BAD, "signature", "wrong_signature", "two characters exchanged"),
    "ob30/endorsement-err-schema-status-refresh.json": (
        BAD, "signature", "wrong_signature", "its signature is not over this text (PyLD agrees)",
    ),
    # Where we are stricter than the validator these come from
    "ob30/complete_v1.json": (
        BAD, "schema", "wrong_shape", "endorsements without id, and a type that no context defines: not signed",
    ),
    "ob30/simple.jwt": (BAD, "schema", "wrong_shape", "a draft context of 2022, and no achievement"),
    "ob30/velocity.jwt": (BAD, "schema", "wrong_shape", "a context we do not know; did:velocity"),
    "clr20/complex.json": (BAD, "schema", "wrong_shape", "CLR context.json is in no registry package"),
    "clr20/simple_v1.json": (BAD, "schema", "wrong_shape", "the same"),
    "clr20/simple-noproof.json": (BAD, "schema", "wrong_shape", "draft contexts"),
    "clr20/simple_old_safesigned.json": (BAD, "schema", "wrong_shape", "draft contexts"),
    "clr20/simple.jwt": (BAD, "schema", "wrong_shape", "draft contexts"),
}  # fmt: skip


def _document(identifier: str, methods: list[dict[str, Any]]) -> dict[str, Any]:
    named = [{"controller": identifier, **method} for method in methods]
    return {"id": identifier, "verificationMethod": named, ASSERTION: [method["id"] for method in named]}


def _jwt_key(name: str) -> tuple[str, dict[str, Any]]:
    from fieldstone.credential import jwt

    token = jwt.read(unbake((ROOT / "ob30" / name).read_bytes()).decode())
    return token.claims["iss"], dict(token.header["jwk"])


def _resolver() -> Offline:
    methods = {
        issuer: [{"id": f"{issuer}#{key}", "type": "Multikey", "publicKeyMultibase": key} for key in keys]
        for issuer, keys in ISSUERS.items()
    }
    for number, name in enumerate(("simple-jwt.svg", "simple-jwt_v1.svg", "simple-jwt.png", "simple-jwt_v1.png")):
        issuer, jwk = _jwt_key(name)
        methods[issuer].append({"id": f"{issuer}#jwk-{number}", "type": "JsonWebKey", "publicKeyJwk": jwk})
    documents = {issuer: _document(issuer, found) for issuer, found in methods.items()}
    revoked = json.loads((ROOT / "ob30" / "credential-status-revoked.json").read_text())["id"]
    return Offline(
        {issuer: document for issuer, document in documents.items() if issuer.startswith("did:")},
        {
            **{i: json.dumps(d).encode() for i, d in documents.items() if i.startswith("https:")},
            STATUS_LIST: (ROOT / "ob30" / "bit-string-list" / "testlist").read_bytes(),
            REVOCATIONS: json.dumps(
                {"id": REVOCATIONS, "revokedCredential": [{"id": revoked, "revoked": True}]}
            ).encode(),
        },
    )


def _verify(name: str) -> Report:
    return verify(unbake((ROOT / name).read_bytes()), resolver=_resolver(), at=AT)


@pytest.mark.parametrize("name", TABLE)
def test_verdict(name: str) -> None:
    verdict, failed, code, why = TABLE[name]
    report = _verify(name)
    assert report.verdict == verdict, (why, report.to_json())
    first = next((check for check in report.checks if check.outcome == "failed"), None)
    assert (first.name if first else "") == failed
    if first is not None:
        assert first.code == code
    elif code:
        assert code in {check.code for check in report.checks if check.outcome == "could_not_tell"}


def test_the_table_has_every_fixture() -> None:
    files = {str(path.relative_to(ROOT)) for folder in ("ob30", "clr20") for path in (ROOT / folder).rglob("*")
             if path.is_file()}  # fmt: skip
    assert files == set(TABLE)


@pytest.mark.parametrize(("name", "also"), [("simple-err-issued.json", "dates"), ("simple-noproof.json", "proof")])
def test_fixtures_with_two_faults_name_both(name: str, also: str) -> None:
    found = _verify(f"ob30/{name}").check(also)
    assert found is not None and found.outcome == "failed"


def test_nothing_is_verified_when_nobody_answers() -> None:
    for name, (verdict, *_) in TABLE.items():
        report = verify(unbake((ROOT / name).read_bytes()), resolver=Offline(), at=AT)
        assert report.verdict != "verified", name
        if verdict == GOOD:
            assert report.verdict == OPEN, name


def test_with_no_line_every_faulty_one_is_still_refused(shared: Path) -> None:
    """A key that the proof's address spells out cannot tell whose it is, but it can tell what it did not sign."""
    folder = shared / "vectors/1edtech/ob30"
    faulty = sorted(folder.glob("simple-err-*.json"))
    assert len(faulty) > 15
    failed = {}
    for path in faulty:
        report = c.verify(path.read_bytes(), resolver=c.Offline(), at=datetime(2026, 11, 23, tzinfo=UTC))
        assert report.verdict == c.Verdict.NOT_VERIFIED, path.name
        failed[path.stem] = [check.name for check in report.checks if check.outcome == c.Outcome.FAILED]
    assert failed["simple-err-proof-value"] == ["signature"]
    assert failed["simple-err-proof-method"] == ["key"]
    assert failed["simple-err-expired"] == ["dates"]
    good = (folder / "simple.json").read_bytes()
    report = c.verify(good, resolver=c.Offline(), at=datetime(2026, 11, 23, tzinfo=UTC))
    assert report.verdict == c.Verdict.COULD_NOT_TELL
    assert (report.check("signature") or report.checks[0]).outcome == c.Outcome.COULD_NOT_TELL
