"""The W3C test vectors of Data Integrity EdDSA and ECDSA cryptosuites, byte for byte."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fieldstone.credential import KNOWN, Contexts, PublicKey, SigningKey, multibase, proofs
from fieldstone.credential import sign as sign_document
from fieldstone.credential.errors import ProofError
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.rdfc import canonicalize
from tests.credential.shared import needs_data, parse_nquads, read, read_json

pytestmark = needs_data

# The vectors' example context, which production code does not know.
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
CONTEXTS = Contexts({EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}})
E, C = "w3c/vc-di-eddsa", "w3c/vc-di-ecdsa"

# folder, suffix of its files, suite, key file
VECTORS = [
    (E, "eddsa-rdfc-2022", "DataInt", "eddsa-rdfc-2022", "keyPair"),
    (E, "eddsa-jcs-2022", "JCS", "eddsa-jcs-2022", "keyPair"),
    (E, "Ed25519Signature2020", "EdSig", "Ed25519Signature2020", "keyPair"),
    (C, "ecdsa-rdfc-2019-p256", "ECDSAP256", "ecdsa-rdfc-2019", "p256KeyPair"),
    (C, "ecdsa-rdfc-2019-p384", "ECDSAP384", "ecdsa-rdfc-2019", "p384KeyPair"),
    (C, "ecdsa-jcs-2019-p256", "JCSECDSAP256", "ecdsa-jcs-2019", "p256KeyPair"),
    (C, "ecdsa-jcs-2019-p384", "JCSECDSAP384", "ecdsa-jcs-2019", "p384KeyPair"),
]


def _proof_config(folder: str, name: str, suffix: str) -> dict[str, Any]:
    found: dict[str, Any] = read_json(folder, name, f"proofConfig{suffix}.json")
    return found


@pytest.mark.parametrize(("root", "name", "suffix", "suite_name", "key_file"), VECTORS)
def test_every_intermediate_value(root: str, name: str, suffix: str, suite_name: str, key_file: str) -> None:
    signed = read_json(root, name, f"signed{suffix}.json")
    keys = read_json(root, f"{key_file}.json")
    key = SigningKey.from_multikey(keys.get("secretKeyMultibase", keys.get("privateKeyMultibase")))
    assert key.public.multikey() == keys["publicKeyMultibase"]
    suite = proofs.SUITES[suite_name]
    bare, options = proofs.without_proof(signed), _proof_config(root, name, suffix)
    hash_name = suite.hashes[key.kind]

    if suite.form == "rdfc":
        assert "".join(canonicalize(to_quads(bare, CONTEXTS), hash_name=hash_name)) == read(
            root, name, f"canonDoc{suffix}.txt"
        )
        assert "".join(canonicalize(to_quads(options, CONTEXTS), hash_name=hash_name)) == read(
            root, name, f"proofCanon{suffix}.txt"
        )
    assert suite.digest(bare, hash_name, CONTEXTS).hex() == read(root, name, f"docHash{suffix}.txt")
    assert suite.options_digest(bare, options, hash_name, CONTEXTS).hex() == read(root, name, f"proofHash{suffix}.txt")
    message = suite.message(bare, options, key.kind, CONTEXTS)
    assert message.hex() == read(root, name, f"combinedHash{suffix}.txt")
    signature = bytes.fromhex(read(root, name, f"sigHex{suffix}.txt"))
    assert multibase.encode(signature) == read(root, name, f"sigBTC58{suffix}.txt")
    assert signed["proof"]["proofValue"] == multibase.encode(signature)
    assert key.public.verify(signature, message)
    if key.kind == "Ed25519":  # ECDSA signatures differ every time
        assert key.sign(message) == signature


@pytest.mark.parametrize(("root", "name", "suffix", "suite_name", "key_file"), VECTORS)
def test_published_proofs_verify_and_changed_ones_do_not(
    root: str, name: str, suffix: str, suite_name: str, key_file: str
) -> None:
    signed = read_json(root, name, f"signed{suffix}.json")
    proof = signed["proof"]
    suite = proofs.suite_of(proof)
    assert suite is proofs.SUITES[suite_name]
    proofs.check_form(proof, suite)
    key = PublicKey.from_multikey(read_json(root, f"{key_file}.json")["publicKeyMultibase"])
    secured = proofs.secured_form(signed, proof, [proof])
    assert proofs.signature_matches(secured, proof, suite, key, CONTEXTS)
    assert not proofs.signature_matches({**secured, "name": "Other"}, proof, suite, key, CONTEXTS)
    later = {**proof, "created": "2023-02-24T23:36:39Z"}
    assert not proofs.signature_matches(secured, later, suite, key, CONTEXTS)


@pytest.mark.parametrize(("root", "name", "suffix", "suite_name", "key_file"), VECTORS[:2])
def test_sign_makes_the_published_proof(root: str, name: str, suffix: str, suite_name: str, key_file: str) -> None:
    signed = read_json(root, name, f"signed{suffix}.json")
    keys = read_json(root, f"{key_file}.json")
    method = signed["proof"]["verificationMethod"]
    key = SigningKey.from_multikey(keys["privateKeyMultibase"])
    key = key.controlled_by(signed["issuer"], fragment="x")
    created = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
    object.__setattr__(key, "id", method)  # the vectors sign for an issuer that is not the key's controller
    made = sign_document(proofs.without_proof(signed), key=key, created=created, suite=suite_name, contexts=CONTEXTS)
    assert made == signed


@pytest.mark.parametrize("root", [E, C])
def test_employment_vectors_from_their_canonical_form(root: str) -> None:
    """Their context is published nowhere in a registry, so their quads are the input here."""
    folders = {E: [("eddsa-rdfc-2022", "DataInt")], C: VECTORS[3:5]}[root]
    for row in folders:
        name, suffix = (row[0], row[1]) if len(row) == 2 else (row[1], row[2])
        document = read(root, name, "employ", f"canonDoc{suffix}.txt")
        options = read(root, name, "employ", f"proofCanon{suffix}.txt")
        hash_name = "sha384" if "P384" in suffix else "sha256"
        assert "".join(canonicalize(parse_nquads(document), hash_name=hash_name)) == document
        both = b"".join(hashlib.new(hash_name, text.encode()).digest() for text in (options, document))
        assert both.hex() == read(root, name, "employ", f"combinedHash{suffix}.txt")
        proof = json.loads(read(root, name, "employ", f"signed{suffix}.json"))["proof"]
        key = PublicKey.from_multikey(proof["verificationMethod"].rpartition("#")[2])
        assert key.verify(multibase.decode(proof["proofValue"]), both)


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_proof_sets_and_chains(name: str) -> None:
    signed = read_json(E, "proof-set-chain", f"{name}.json")
    found = proofs.proofs_of(signed)
    pairs = read_json(E, "proof-set-chain", "multiKeyPairs.json").values()
    secrets = {p["publicKeyMultibase"]: SigningKey.from_multikey(p["privateKeyMultibase"]) for p in pairs}
    for proof in found:
        suite = proofs.suite_of(proof)
        assert suite is not None
        multikey = proof["verificationMethod"].rpartition("#")[2]
        secured = proofs.secured_form(signed, proof, found)
        assert proofs.signature_matches(secured, proof, suite, PublicKey.from_multikey(multikey), CONTEXTS)
        options = {key: value for key, value in proof.items() if key != "proofValue"}
        message = suite.message(secured, options, "Ed25519", CONTEXTS)
        assert multibase.encode(secrets[multikey].sign(message)) == proof["proofValue"]


def test_a_chain_without_its_first_link() -> None:
    signed = read_json(E, "proof-set-chain", "signedProofChain1.json")
    last = signed["proof"][-1]
    with pytest.raises(ProofError) as caught:
        proofs.secured_form(signed, last, [last])
    assert caught.value.code == "bad_chain"


def test_the_example_context_is_not_known_in_production() -> None:
    assert EXAMPLES not in KNOWN
