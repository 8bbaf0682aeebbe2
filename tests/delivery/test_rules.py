"""What issuing to wallets decides from plain values."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.server.delivery import rules
from tests.delivery.kit import CHALLENGE, ISSUER

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ROW = UUID(int=7)
KNOWN = ("m.observing", "m.other", "s.small")
GOOD = {
    "client_id": "a-wallet",
    "redirect_uri": "https://wallet.example/back?a=1",
    "response_type": "code",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "scope": "openid m.observing.ldp m.observing.jwt.key",
    "state": "s",
    "issuer_state": "i",
    "resource": ISSUER,
}


def read(**changes: Any) -> rules.Asked:
    asked = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return rules.read_request(asked, issuer=ISSUER, known=KNOWN)


def error(**changes: Any) -> str:
    with pytest.raises(rules.Wrong) as refused:
        read(**changes)
    return refused.value.error


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(rules.FORMS))
def test_a_configurations_name_comes_apart(form: str) -> None:
    name = rules.configuration("m.observing", form)
    assert rules.take_apart(name) == ("m.observing", rules.FORMS[form])
    assert rules.form_of(name) == rules.FORMS[form]


@pytest.mark.parametrize("name", ["", "ldp", "m.observing", "x.observing.ldp", "m..ldp", "m.a b.ldp", "m.a.ldp.keys"])
def test_other_names_do_not(name: str) -> None:
    assert rules.take_apart(name) is None


# --- secrets --------------------------------------------------------------------------------------------


def test_derived_codes_are_for_one_row_one_purpose_and_one_installation() -> None:
    code = rules.derive("secret", "code", ROW)
    assert len(code) == 48
    assert rules.derived_from("secret", "code", code) == ROW
    assert rules.derived_from("secret", "state", code) is None
    assert rules.derived_from("other", "code", code) is None
    assert rules.derived_from("secret", "code", code[:-1] + ("A" if code[-1] != "A" else "B")) is None


@given(st.text(max_size=60))
def test_no_other_text_is_a_code(text: str) -> None:
    assert rules.derived_from("secret", "code", text) is None
    assert rules.nonce_ends("secret", ISSUER, text) is None


def test_texts_of_the_right_length_that_are_no_codes() -> None:
    assert rules.derived_from("secret", "code", "!" * 48) is None
    assert rules.nonce_ends("secret", ISSUER, "A" * 101) is None
    assert rules.nonce_ends("secret", ISSUER, "AAAA") is None


def test_digits_are_six_and_differ() -> None:
    digits = {rules.tx_code("secret", uuid4()) for _ in range(200)}
    assert all(len(d) == 6 and d.isdigit() for d in digits)
    assert len(digits) > 190


def test_a_nonce_ends_and_is_one_issuers() -> None:
    nonce = rules.make_nonce("secret", ISSUER, AT, b"r" * 16)
    assert rules.nonce_ends("secret", ISSUER, nonce) == AT + rules.NONCE_LIFE
    assert rules.nonce_ends("secret", ISSUER + "x", nonce) is None
    assert rules.nonce_ends("other", ISSUER, nonce) is None
    assert nonce != rules.make_nonce("secret", ISSUER, AT, b"s" * 16)


# --- metadata and offers --------------------------------------------------------------------------------


def test_the_metadata_says_which_forms_need_a_key() -> None:
    kind = rules.Kind("m.observing", {"en": "Observing", "es": ""}, {"en": "You watch."}, "https://x.example/stone.svg")
    body = rules.issuer_metadata(ISSUER, "Home College", [kind], languages=["en", "es"])
    found = body["credential_configurations_supported"]
    assert set(found) == {f"m.observing.{form}" for form in rules.FORMS}
    for name, entry in found.items():
        bound = name.endswith(".key")
        assert ("proof_types_supported" in entry) is bound
        assert ("cryptographic_binding_methods_supported" in entry) is bound
        assert [line["locale"] for line in entry["credential_metadata"]["display"]] == ["en"]
    assert found["m.observing.ldp"]["credential_definition"]["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert "vct" in found["m.observing.sd-jwt"]
    assert body["credential_issuer"] == rules.server_metadata(ISSUER, languages=["en"])["issuer"] == ISSUER


def test_offers_by_reference() -> None:
    offer = rules.offer_object(ISSUER, ["m.observing.ldp"], code="c", state="s", hint="On the page.")
    query = parse_qs(urlsplit(rules.offer_link("https://x.example/offer?a=b&c=d")).query)
    assert query == {"credential_offer_uri": ["https://x.example/offer?a=b&c=d"]}
    assert offer["grants"][rules.PRE_AUTHORIZED]["tx_code"]["length"] == 6


# --- authorization requests -----------------------------------------------------------------------------


def test_a_request_by_scope() -> None:
    asked = read()
    assert asked.configurations == ("m.observing.ldp", "m.observing.jwt.key")
    assert (asked.kind, asked.by_details, asked.state, asked.issuer_state) == ("m.observing", False, "s", "i")


def details(*names: Any, **changes: Any) -> str:
    return json.dumps([{"type": "openid_credential", "credential_configuration_id": name, **changes} for name in names])


def test_a_request_by_details_counts_before_scope() -> None:
    asked = read(authorization_details=details("s.small.sd-jwt", locations=["x"]))
    assert (asked.configurations, asked.by_details) == (("s.small.sd-jwt",), True)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "é"}, "invalid_request"),
        ({"client_id": "x" * 301}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "x"}, "invalid_request"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "m.unknown.ldp"}, "invalid_scope"),
        ({"scope": "m.observing.ldp m.other.ldp"}, "invalid_scope"),
        ({"authorization_details": "["}, "invalid_authorization_details"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"authorization_details": "[1]"}, "invalid_authorization_details"),
        ({"authorization_details": details(7)}, "invalid_authorization_details"),
        ({"authorization_details": details("m.observing.ldp", type="x")}, "invalid_authorization_details"),
        ({"authorization_details": details("m.observing.ldp", "m.unknown.ldp")}, "invalid_authorization_details"),
    ],
)
def test_requests_that_are_refused(changes: dict[str, Any], word: str) -> None:
    assert error(**changes) == word


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://wallet.example/back", "wallet.example"),
        ("https://wallet.example:8443/back?x=1", "wallet.example"),
        ("http://127.0.0.1:9000/back", "127.0.0.1"),
        ("http://localhost/back", "localhost"),
        ("http://[::1]:4000/back", "::1"),
        ("com.example.wallet:/back", "com.example.wallet:"),
        ("openid4vci://authorize", "openid4vci:"),
    ],
)
def test_addresses_that_lead_back(uri: str, target: str) -> None:
    assert rules.redirect_target(uri) == target
    assert rules.answer_to(uri, {"code": "a b", "state": ""}).startswith(uri)
    assert "code=a+b" in rules.answer_to(uri, {"code": "a b"})


@pytest.mark.parametrize(
    "uri",
    [
        "", "wallet", "//wallet.example/", "http://wallet.example/", "https:///back", "https://", "javascript:alert(1)",
        "data:text/html,x", "https://wallet.example/#here", "https://user@wallet.example/", "https://a;b.example/",
        "https://wallet.example:99999999/", "https://[::2]/", "https://a\n.example/", "https://wallet.example/" + "x" * 1000,
        "https://wallet.example/\"<", "HTTPS://wallet.example/", "https://wallet.example:70000/", "https://[/",
    ],
)  # fmt: skip
def test_attack_addresses_that_lead_astray(uri: str) -> None:
    assert rules.redirect_target(uri) is None


def test_what_the_policy_lets_a_form_lead_to() -> None:
    assert rules.redirect_source("https://wallet.example:8443/back") == "https://wallet.example:8443"
    assert rules.redirect_source("com.example.wallet:/back") == "com.example.wallet:"


# --- token and credential requests ----------------------------------------------------------------------


def test_details_of_a_token_request_narrow() -> None:
    allowed = ["m.observing.ldp", "m.observing.jwt"]
    assert rules.narrowed(allowed, None) == (allowed, False)
    assert rules.narrowed(allowed, details("m.observing.jwt")) == (["m.observing.jwt"], True)
    with pytest.raises(rules.Wrong, match="more than was allowed"):
        rules.narrowed(allowed, details("m.observing.sd-jwt"))


ALLOWED = ["m.observing.ldp", "m.observing.jwt"]


def test_which_configuration() -> None:
    by_id = {"credential_configuration_id": "m.observing.jwt"}
    assert rules.which(by_id, allowed=ALLOWED, by_details=False, thing=ROW) == "m.observing.jwt"
    named = {"credential_identifier": rules.identifier("m.observing.jwt", ROW)}
    assert rules.which(named, allowed=ALLOWED, by_details=True, thing=ROW) == "m.observing.jwt"


@pytest.mark.parametrize(
    ("request_", "by_details", "word"),
    [
        ({}, False, "invalid_credential_request"),
        ({"credential_configuration_id": "a", "credential_identifier": "b"}, False, "invalid_credential_request"),
        ({"credential_configuration_id": "m.observing.ldp"}, True, "invalid_credential_request"),
        ({"credential_identifier": "x"}, True, "unknown_credential_identifier"),
        ({"credential_identifier": "x"}, False, "unknown_credential_identifier"),
        ({"credential_configuration_id": "m.other.ldp"}, False, "unknown_credential_configuration"),
        ({"credential_configuration_id": ["m.observing.ldp"]}, False, "unknown_credential_configuration"),
    ],
)
def test_which_refuses(request_: dict[str, Any], by_details: bool, word: str) -> None:
    with pytest.raises(rules.Wrong) as refused:
        rules.which(request_, allowed=ALLOWED, by_details=by_details, thing=ROW)
    assert refused.value.error == word


def test_lives_are_short() -> None:
    assert timedelta(minutes=5) >= rules.ACCESS_LIFE, "longer ones must be bound to the wallet (section 13.10)"
