"""Several proofs on one document, made by us: the W3C vectors byte for byte, then the rules."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import proofs
from fieldstone.credential.errors import ProofError
from fieldstone.credential.proof_sets import add_proof
from tests.credential.cases import AT, CREDENTIAL, KEY, signed
from tests.credential.shared import needs_data, read_json
from tests.credential.test_w3c_vectors import CONTEXTS

OTHER = c.generate_key("P-256")
FOLDER = ("w3c/vc-di-eddsa", "proof-set-chain")


def _failed(report: c.Report) -> list[str]:
    return [check.name for check in report.checks if check.outcome == "failed"]


def _verify(document: dict[str, Any]) -> c.Report:
    return c.verify(document, resolver=c.Offline(), at=AT)


@needs_data
@pytest.mark.parametrize("name", ["signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_published_sets_and_chains_are_made_again(name: str) -> None:
    published = read_json(*FOLDER, f"{name}.json")
    pairs = read_json(*FOLDER, "multiKeyPairs.json").values()
    secrets = {p["publicKeyMultibase"]: c.SigningKey.from_multikey(p["privateKeyMultibase"]) for p in pairs}
    made = proofs.without_proof(published)
    for proof in published["proof"]:
        before = proof.get("previousProof", [])
        made = add_proof(
            made,
            key=secrets[proof["verificationMethod"].rpartition("#")[2]],
            created=datetime.fromisoformat(proof["created"]).astimezone(UTC),
            id=proof.get("id"),
            previous=before if isinstance(before, list) else [before],
            contexts=CONTEXTS,
        )
    assert made == published


@pytest.mark.parametrize("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
@pytest.mark.parametrize("kind", ["P-256", "P-384"])
def test_ecdsa_issue_and_verify(suite: str, kind: str) -> None:
    key = c.generate_key(kind)
    bare = c.build(replace(CREDENTIAL, status=(), issuer=c.Profile(id=key.controller, name="Plains College")))
    made = c.sign(bare, key=key, created=AT, suite=suite)
    assert _verify(made).verdict == "verified"
    changed = copy.deepcopy(made)
    changed["name"] = "Builds a stock fenca"
    assert _failed(_verify(changed)) == ["signature"]
    wrong = c.generate_key("P-384" if kind == "P-256" else "P-256")
    made["proof"]["verificationMethod"] = wrong.id
    assert "signature" in _failed(_verify(made))


def test_another_party_vouches_beside_the_issuer() -> None:
    for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        both = add_proof(signed(status=()), key=OTHER, created=AT, suite=suite)
        assert [proof["cryptosuite"] for proof in both["proof"]] == ["eddsa-rdfc-2022", suite]
        assert _verify(both).verdict == "verified"
        both["proof"][1]["created"] = "2026-03-02T12:00:01Z"
        assert _failed(_verify(both)) == ["signature"]


def test_a_chain_notices_when_an_earlier_proof_is_exchanged() -> None:
    bare = c.build(CREDENTIAL)
    bare.pop("credentialStatus")
    first = add_proof(bare, key=KEY, created=AT, id="urn:uuid:1")
    chain = add_proof(first, key=OTHER, created=AT, suite="ecdsa-rdfc-2019", previous=["urn:uuid:1"])
    assert _verify(chain).verdict == "verified"
    later = add_proof(bare, key=KEY, created=datetime(2026, 3, 2, 13, tzinfo=UTC), id="urn:uuid:1")
    assert _failed(_verify({**chain, "proof": [later["proof"][0], chain["proof"][1]]})) == ["signature"]
    assert _failed(_verify({**chain, "proof": chain["proof"][1:]})) == ["proof"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"suite": "eddsa-2022"}, "unknown_suite"),
        ({"suite": "Ed25519Signature2020"}, "unknown_suite"),
        ({"suite": "ecdsa-rdfc-2019"}, "unknown_suite"),
        ({"suite": "none"}, "unknown_suite"),
        ({"previous": ["urn:uuid:absent"]}, "bad_chain"),
        ({"id": "urn:uuid:here"}, "bad_proof"),
    ],
)
def test_proofs_that_are_not_made(options: dict[str, Any], code: str) -> None:
    once = add_proof(proofs.without_proof(signed()), key=KEY, created=AT, id="urn:uuid:here")
    with pytest.raises(ProofError) as caught:
        add_proof(once, key=KEY, created=AT, **options)
    assert caught.value.code == code


def test_there_is_an_end_to_proofs() -> None:
    full = {**signed(), "proof": [signed()["proof"]] * proofs.MAX_PROOFS}
    with pytest.raises(ProofError) as caught:
        add_proof(full, key=KEY, created=AT)
    assert caught.value.code == "bad_proof"
