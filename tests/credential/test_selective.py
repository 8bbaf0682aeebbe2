"""Showing parts of a credential: the W3C vectors of ecdsa-sd-2023, then the laws and the attacks."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import cbor, proofs
from fieldstone.credential.errors import CredentialError, ParseError, ProofError
from fieldstone.credential.multibase import base64url_encode
from fieldstone.credential.proofs import ecdsa_sd_2023 as sd
from fieldstone.credential.selective import derive, sign_selective
from tests.credential.cases import AT, KEY
from tests.credential.shared import needs_data, read, read_json

FOLDER = "w3c/vc-di-ecdsa"
SCHEMA, CITIZEN = "https://schema.org/", "https://w3id.org/citizenship#"
DATE = "http://www.w3.org/2001/XMLSchema#dateTime"
# A context that gives the words of the vectors the meaning their published statements have.
WORDS: dict[str, Any] = {
    **{n: SCHEMA + n for n in ("givenName", "familyName", "additionalName", "gender", "identifier", "Person")},
    **{
        n: CITIZEN + n
        for n in (
            "PermanentResident", "PermanentResidentCard", "PermanentResidentCardCredential", "EmployablePerson",
            "EmploymentAuthorizationDocumentCredential", "EmploymentAuthorizationDocument", "lprCategory", "lprNumber",
            "birthCountry", "commuterClassification", "permanentResidentCard", "employmentAuthorizationDocument",
        )
    },
    "image": {"@id": SCHEMA + "image", "@type": "@id"},
    "birthDate": {"@id": SCHEMA + "birthDate", "@type": DATE},
    "residentSince": {"@id": CITIZEN + "residentSince", "@type": DATE},
}  # fmt: skip
CONTEXTS = c.Contexts({"https://w3id.org/citizenship/v4rc1": {"@context": WORDS}})
CASES = [("prc", "prCred"), ("employ", "employ")]


def _values(map_: Any) -> dict[int, str]:
    return dict(map_["value"])


@needs_data
@pytest.mark.parametrize(("name", "pointers"), CASES)
def test_published_base_proof(name: str, pointers: str) -> None:
    vector = [FOLDER, "ecdsa-sd-2023", name]
    keys = read_json(FOLDER, "ecdsa-sd-2023", "SDKeyMaterial.json")
    hmac_key = bytes.fromhex(keys["hmacKeyString"])
    document = proofs.without_proof(read_json(*vector, "addSignedSDBase.json"))
    mandatory = read_json(FOLDER, f"{pointers}Mandatory.json")
    whole = sd._Whole(document, CONTEXTS, hmac_key)
    assert whole.lines == read_json(*vector, "addBaseDocHMACCanon.json")
    transform = read_json(*vector, "addBaseTransform.json")
    always = whole.indexes(mandatory)
    assert always == set(_values(transform["mandatory"]))
    published = read_json(*vector, "addSignedSDBase.json")
    base = sd._read_base(published["proof"]["proofValue"])
    assert base.encode() == published["proof"]["proofValue"]
    raw = read_json(*vector, "addRawBaseSignatureInfo.json")
    assert (base.signature.hex(), base.mandatory) == (raw["baseSignature"], mandatory)
    assert [item.hex() for item in base.signatures] == raw["signatures"]
    hashes = read_json(*vector, "addHashData.json")
    config = read_json(*vector, "addProofConfig.json")
    assert sd._options_hash(document, config, CONTEXTS).hex() == hashes["proofHash"]
    assert sd._hash(whole.lines[i] for i in sorted(always)).hex() == hashes["mandatoryHash"]
    own = c.SigningKey.from_multikey(keys["proofKeyPair"]["secretKeyMultibase"])
    key = c.SigningKey.from_multikey(keys["baseKeyPair"]["secretKeyMultibase"])
    options = {n: v for n, v in config.items() if n != "@context"}
    again = sd._read_base(
        sd.base_proof(document, options, mandatory, key=key, contexts=CONTEXTS, own=own, hmac_key=hmac_key)
    )
    assert (again.public, again.hmac_key, len(again.signatures)) == (base.public, hmac_key, len(base.signatures))


@needs_data
@pytest.mark.parametrize(("name", "pointers"), CASES)
def test_published_derived_proof(name: str, pointers: str) -> None:
    vector = [FOLDER, "ecdsa-sd-2023", name]
    base = read_json(*vector, "addSignedSDBase.json")
    made = derive(base, show=read_json(FOLDER, f"{pointers}Selective.json"), contexts=CONTEXTS)
    assert made == read_json(*vector, "derivedRevealDocument.json")
    key = c.PublicKey.from_multikey(
        read_json(FOLDER, "ecdsa-sd-2023", "SDKeyMaterial.json")["baseKeyPair"]["publicKeyMultibase"]
    )
    bare = proofs.without_proof(made)
    assert sd.matches(bare, made["proof"], key, CONTEXTS)
    bare["credentialSubject"]["birthCountry"] = "Elsewhere"
    assert not sd.matches(bare, made["proof"], key, CONTEXTS)
    assert read(*vector, "addProofConfigCanon.txt")


@needs_data
def test_the_badge_that_1edtech_published() -> None:
    badge = read_json("1edtech/ob30/sd/derivedcredential.json")
    proof = badge["proof"][0]
    key = c.PublicKey.from_multikey(proof["verificationMethod"].rpartition("#")[2])
    bare = proofs.without_proof(badge)
    assert sd.matches(bare, proof, key, c.KNOWN)
    bare["credentialSubject"]["achievement"]["name"] = "Teamworks"
    assert not sd.matches(bare, proof, key, c.KNOWN)


ISSUER = c.SigningKey.from_seed(bytes(range(32)), kind="P-256")
V2 = c.contexts.CREDENTIALS_V2
EXAMPLE = c.Contexts(
    {
        "https://x.example/c": {
            "@context": {"@vocab": "https://x.example/#", "list": {"@id": "urn:x:l", "@container": "@list"}}
        }
    }
)
PLAIN: dict[str, Any] = {
    "@context": [V2, "https://x.example/c"],
    "type": ["VerifiableCredential"],
    "issuer": ISSUER.controller,
    "credentialSubject": {
        "skills": [{"a": "1"}, {"a": "2", "deep": [{"b/c": "3"}, "four"]}, {"a": "5"}],
        "other": {"id": "_:x", "same": {"id": "_:x"}},
        "name": "Ana",
    },
}
SIGNED = sign_selective(PLAIN, key=ISSUER, created=AT, contexts=EXAMPLE)
LEAVES = [
    "/credentialSubject/skills/0", "/credentialSubject/skills/1/a", "/credentialSubject/skills/1/deep/0/b~1c",
    "/credentialSubject/skills/1/deep/1", "/credentialSubject/skills/2/a", "/credentialSubject/name",
    "/credentialSubject/other", "/credentialSubject/skills", "/credentialSubject",
]  # fmt: skip


def _verify(document: Any) -> c.Report:
    return c.verify(document, resolver=c.Offline(), at=AT, contexts=EXAMPLE, any_kind=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=5))
def test_every_choice_verifies_and_shows_only_what_was_chosen(show: list[str]) -> None:
    made = derive(SIGNED, show=["/credentialSubject/name", *show], contexts=EXAMPLE)
    assert _verify(made).verdict == "verified"
    text = json.dumps(made)
    whole = {"/credentialSubject/skills", "/credentialSubject"}
    if not whole & set(show) and "/credentialSubject/skills/2/a" not in show:
        assert '"5"' not in text
    assert made["issuer"] == ISSUER.controller


def test_all_pointers_give_the_whole_again() -> None:
    made = derive(SIGNED, show=["/credentialSubject"], contexts=EXAMPLE)
    assert proofs.without_proof(made) == PLAIN


def test_attack_a_base_proof_is_not_for_verifiers() -> None:
    check = _verify(SIGNED).check("proof")
    assert check is not None and (check.outcome, check.code) == ("failed", "bad_proof")


def test_attack_a_mandatory_part_left_out_or_a_part_exchanged() -> None:
    made = derive(SIGNED, show=["/credentialSubject/skills/1/a", "/credentialSubject/name"], contexts=EXAMPLE)
    for change in (
        {"issuer": KEY.controller},
        {"credentialSubject": {"name": "Ana"}},
        {"credentialSubject": {"name": "Bea", "skills": [{"a": "2"}]}},
        {"credentialSubject": {"name": "Ana", "skills": [{"a": "2"}, {"a": "2", "x": "y"}]}},
    ):
        report = _verify({**made, **change})
        assert report.verdict == "not_verified", change


def test_attack_statements_of_two_credentials_mixed() -> None:
    other = sign_selective({**PLAIN, "credentialSubject": {"name": "Bea"}}, key=ISSUER, created=AT, contexts=EXAMPLE)
    one = derive(SIGNED, show=["/credentialSubject/name"], contexts=EXAMPLE)
    two = derive(other, show=["/credentialSubject/name"], contexts=EXAMPLE)
    assert _verify({**one, "credentialSubject": two["credentialSubject"]}).verdict == "not_verified"
    assert _verify({**one, "proof": two["proof"]}).verdict == "not_verified"


def _value(kind: type, **changes: Any) -> str:
    made = derive(SIGNED, show=["/credentialSubject/name"], contexts=EXAMPLE)
    found = (
        sd._read_derived(made["proof"]["proofValue"])
        if kind is sd.Derived
        else sd._read_base(SIGNED["proof"]["proofValue"])
    )
    parts = {name: getattr(found, name) for name in kind.__dataclass_fields__} | changes  # type: ignore[attr-defined]
    return str(kind(**parts).encode())


@pytest.mark.parametrize(
    "value",
    [
        "z1", "u", "u2V0B", "u2V0BgA", 5, "u" + base64url_encode(sd._DERIVED + b"\x85"), _value(sd.Derived, public=b"x"),
        _value(sd.Derived, signatures=[1]), _value(sd.Derived, labels=[]), _value(sd.Derived, labels={0: 1}),
        _value(sd.Derived, mandatory=["x"]), _value(sd.Derived, mandatory=[0, 0]), _value(sd.Derived, signature="x"),
    ],
)  # fmt: skip
def test_attack_proof_values_of_the_wrong_form(value: Any) -> None:
    made = derive(SIGNED, show=["/credentialSubject/name"], contexts=EXAMPLE)
    made["proof"]["proofValue"] = value
    assert _verify(made).check("proof").outcome == "failed"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {}},
        {"mandatory": [0, 1, 2, 99]},
        {"signatures": []},
        {"public": b"\x80\x24" + b"\2" * 33},
        {"signature": b""},
    ],
)
def test_attack_proof_values_of_another_document(changes: dict[str, Any]) -> None:
    made = derive(SIGNED, show=["/credentialSubject/name"], contexts=EXAMPLE)
    made["proof"]["proofValue"] = _value(sd.Derived, **changes)
    assert _verify(made).verdict == "not_verified"


@pytest.mark.parametrize(
    "pointer", ["", "x", 5, "/absent", "/credentialSubject/skills/9", "/issuer/x", "/credentialSubject/skills/x"]
)
def test_pointers_to_nothing(pointer: Any) -> None:
    with pytest.raises(ProofError) as caught:
        derive(SIGNED, show=[pointer], contexts=EXAMPLE)
    assert caught.value.code == "bad_pointer"


def test_documents_that_nothing_can_be_derived_from() -> None:
    bare = sign_selective(PLAIN, key=ISSUER, created=AT, mandatory=(), contexts=EXAMPLE)
    cut = copy.deepcopy(SIGNED)
    del cut["credentialSubject"]["name"]
    broken = {**SIGNED, "proof": {**SIGNED["proof"], "proofValue": _value(sd.Base, hmac_key=b"x")}}
    for document, show, code in (
        (PLAIN, ["/issuer"], "bad_proof"),
        (bare, [], "nothing_shown"),
        (cut, ["/issuer"], "bad_proof"),
        (broken, ["/issuer"], "bad_proof"),
        (c.sign(PLAIN, key=ISSUER, created=AT, suite="ecdsa-jcs-2019"), ["/issuer"], "bad_proof"),
    ):
        with pytest.raises(ProofError) as caught:
            derive(document, show=show, contexts=EXAMPLE)
        assert caught.value.code == code
    assert derive(bare, show=["/issuer"], contexts=EXAMPLE)["issuer"] == ISSUER.controller


def test_documents_that_are_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {**PLAIN, "credentialSubject": {"list": ["a", "b"]}}
    for document, key, code in (
        ({**PLAIN, "issuer": KEY.controller}, KEY, "unknown_suite"),
        (SIGNED, ISSUER, "already_signed"),
        (PLAIN, c.generate_key("P-256"), "wrong_controller"),
        (listed, ISSUER, "not_selectable"),
    ):
        with pytest.raises(ProofError) as caught:
            sign_selective(document, key=key, created=AT, contexts=EXAMPLE)
        assert caught.value.code == code
    monkeypatch.setattr(sd, "MAX_STATEMENTS", 3)
    with pytest.raises(ProofError):
        sign_selective({**PLAIN, "issuer": {"id": ISSUER.controller}}, key=ISSUER, created=AT, contexts=EXAMPLE)


def test_cbor_of_the_standard() -> None:
    """Examples of RFC 8949 appendix A."""
    for value, data in (
        (0, "00"), (23, "17"), (24, "1818"), (1000, "1903e8"), (1000000, "1a000f4240"),
        (1000000000000, "1b000000e8d4a51000"), (b"\1\2\3\4", "4401020304"), ("ü", "62c3bc"), ([1, [2, 3]], "8201820203"),
        ({1: 2, 3: 4}, "a201020304"), ([], "80"), (-1, "20"), (-10, "29"), (-100, "3863"), (-1000, "3903e7"),
    ):  # fmt: skip
        assert cbor.encode(value).hex() == data
        assert cbor.decode(bytes.fromhex(data)) == value
    for value in (True, 1.5, None, 2**64, -(2**64) - 1):
        with pytest.raises(ParseError):
            cbor.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "1817",
        "18",
        "1f",
        "5f",
        "f6",
        "3817",
        "0000",
        "8301",
        "a1616100",
        "a201020102",
        "61ff",
        "84" * 9,
        "9bffffffffffffffff",
    ],
)
def test_attack_cbor_with_two_ways_of_reading(data: str) -> None:
    with pytest.raises(ParseError):
        cbor.decode(bytes.fromhex(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_attack_any_cbor_gives_only_our_own_error(data: bytes) -> None:
    made = {**SIGNED, "proof": {**SIGNED["proof"], "proofValue": "u" + base64url_encode(sd._BASE + b"\x85" + data)}}
    with pytest.raises(CredentialError):
        derive(made, show=["/issuer"], contexts=EXAMPLE)
