"""What an app may say of itself and ask for. Cases are from Open Badges 3.0 section 7, RFC 6749, 7591, 7636 and 9700."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fieldstone.server.connections import rules
from fieldstone.server.connections.rules import OAuthError
from fieldstone.server.ledger.kept import digest
from tests.connections.kit import BACK, CHALLENGE, VERIFIER, metadata


def refusal(body: object) -> str:
    with pytest.raises(OAuthError) as caught:
        rules.parse_metadata(body)
    assert caught.value.description.isascii()
    return caught.value.error


def test_the_example_of_the_standard_is_accepted() -> None:
    """Section 7.1.1.2, its hosts included: example addresses of 1EdTech."""
    host = "https://client.1edtech.org"
    body = metadata(
        client_uri=f"{host}/", logo_uri=f"{host}/logo.png", tos_uri=f"{host}/terms", policy_uri=f"{host}/privacy",
        redirect_uris=[f"{host}/Authorize"], scope=f"{rules.CREDENTIALS_READ} {rules.CREDENTIALS_WRITE} offline_access",
    )  # fmt: skip
    parsed = rules.parse_metadata(body)
    assert parsed.redirect_uris == ("https://client.1edtech.org/Authorize",)
    assert parsed.scope == (rules.CREDENTIALS_READ, rules.CREDENTIALS_WRITE, "offline_access")
    assert parsed.grant_types == ("authorization_code", "refresh_token")


def test_what_may_be_left_out() -> None:
    parsed = rules.parse_metadata(metadata(grant_types=None, response_types=None, token_endpoint_auth_method=None))
    assert (parsed.grant_types, parsed.contacts) == (("authorization_code",), ())
    assert rules.parse_metadata(metadata(contacts=["a@b.example", "a@b.example"])).contacts == ("a@b.example",)
    assert rules.parse_metadata(metadata(client_name="  Two   words ", jwks_uri=7)).name == "Two words"


def test_scopes_that_are_not_offered_are_left_out() -> None:
    parsed = rules.parse_metadata(metadata(scope=f"openid {rules.PROFILE_READ} {rules.PROFILE_READ} admin"))
    assert parsed.scope == (rules.PROFILE_READ,)


@pytest.mark.parametrize("member", ["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "software_id", "software_version", "redirect_uris", "scope"])  # fmt: skip
@pytest.mark.parametrize("value", [None, "", 7, [], {}, "\u0000", "x" * 2001, "\ud800"])
def test_required_members(member: str, value: Any) -> None:
    expected = "invalid_redirect_uri" if member == "redirect_uris" else "invalid_client_metadata"
    assert refusal(metadata(**{member: value})) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint_auth_method": "none"}, {"token_endpoint_auth_method": "client_secret_post"},
        {"grant_types": ["implicit"]}, {"grant_types": ["refresh_token"]}, {"grant_types": "authorization_code"},
        {"grant_types": ["authorization_code", "password"]}, {"grant_types": ["authorization_code"] * 3},
        {"grant_types": [7]}, {"response_types": ["token"]}, {"response_types": []}, {"response_types": ["code", "token"]},
        {"scope": "offline_access"}, {"scope": "openid email"}, {"contacts": ["x"] * 6}, {"contacts": "x"},
    ],
)  # fmt: skip
def test_other_ways_are_refused(changes: dict[str, Any]) -> None:
    assert refusal(metadata(**changes)) == "invalid_client_metadata"


@pytest.mark.parametrize("body", [None, [], "x", 7, True])
def test_a_registration_is_an_object(body: object) -> None:
    assert refusal(body) == "invalid_client_metadata"


BAD_ADDRESSES = [
    "javascript:alert(1)", "http://wallet.example/back", "HTTPS://wallet.example/back", "https:wallet.example/back",
    "//wallet.example/back", "data:text/html,x", "com.example.app:/back", "https://localhost/back",
    "https://127.0.0.1/back", "https://[::1]/back", "https://wallet.example/back#part", "https://wallet.example/#",
    "https://user@wallet.example/back", "https://user:pass@wallet.example/", "https://wallet.example\\@evil.example/",
    "https://wallet.example/\nback", "https://wallet.example/a b", "https://wallet.example/<script>",
    "https://wallet.example/é", "https://wallét.example/", "https://wallet.example:port/", "https://*.example/",
    "https:///back", "https://.example/", "https://-a.example/", "https://wallet.example." , "https://WALLET.example/x",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_attack_a_client_that_registers_another_kind_of_redirect(address: str) -> None:
    assert refusal(metadata(redirect_uris=[address])) == "invalid_redirect_uri"
    assert refusal(metadata(redirect_uris=[BACK, address])) == "invalid_redirect_uri"
    assert refusal(metadata(client_uri=address)) == "invalid_client_metadata"


@pytest.mark.parametrize("given", [[], BACK, [BACK] * 11, [[BACK]], [None], {"0": BACK}])
def test_redirects_are_a_short_list(given: Any) -> None:
    assert refusal(metadata(redirect_uris=given)) == "invalid_redirect_uri"


def test_attack_a_client_whose_answers_go_to_another_host() -> None:
    assert refusal(metadata(redirect_uris=["https://evil.example/back"])) == "invalid_client_metadata"
    assert refusal(metadata(redirect_uris=[BACK, "https://evil.wallet.example/back"])) == "invalid_client_metadata"
    assert refusal(metadata(policy_uri="https://other.example/")) == "invalid_client_metadata"
    assert rules.parse_metadata(metadata(redirect_uris=[BACK, BACK, "https://wallet.example:8443/x?y=1"]))


@pytest.mark.parametrize("name", ["Field\u200bstone", "\u202eenotsdleiF", "Wallet\u0007", "x" * 101, "\ufeffWallet"])
def test_attack_a_name_with_signs_that_cannot_be_seen(name: str) -> None:
    assert refusal(metadata(client_name=name)) == "invalid_client_metadata"


# --- asking a learner


def params(**changes: str | None) -> dict[str, list[str]]:
    given = {
        "response_type": "code", "scope": f"{rules.CREDENTIALS_READ} offline_access", "state": "xyz",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return {name: [value] for name, value in given.items() if value is not None}


def asked(**changes: str | None) -> rules.Asked:
    return rules.parse_request(params(**changes), redirect_uri=BACK, offered=(*rules.SCOPES[:2], "offline_access"))


def test_a_request() -> None:
    request = asked()
    assert request == rules.Asked(BACK, (rules.CREDENTIALS_READ, "offline_access"), "xyz", CHALLENGE)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"), ({"response_type": None}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"), ({"scope": "openid"}, "invalid_scope"), ({"scope": "offline_access"}, "invalid_scope"),
        ({"state": None}, "invalid_request"), ({"state": "é"}, "invalid_request"), ({"state": "x" * 1001}, "invalid_request"),
        ({"state": "a\r\nLocation: x"}, "invalid_request"), ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
    ],
)  # fmt: skip
def test_wrong_requests(changes: dict[str, str | None], error: str) -> None:
    with pytest.raises(OAuthError) as caught:
        asked(**changes)
    assert caught.value.error == error


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": None},
        {"code_challenge": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": "s256"},
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
    ],
)  # fmt: skip
def test_attack_pkce_left_out_or_plain(changes: dict[str, str | None]) -> None:
    with pytest.raises(OAuthError) as caught:
        asked(**changes)
    assert caught.value.error == "invalid_request"


def test_attack_more_than_the_app_registered() -> None:
    with pytest.raises(OAuthError) as caught:
        asked(scope=f"{rules.CREDENTIALS_READ} {rules.PROFILE_WRITE}")
    assert caught.value.error == "invalid_scope"


def test_attack_a_parameter_twice() -> None:
    with pytest.raises(OAuthError) as caught:
        rules.parse_request(
            {**params(), "scope": [rules.CREDENTIALS_READ, rules.PROFILE_WRITE]},
            redirect_uri=BACK,
            offered=rules.SCOPES,
        )
    assert caught.value.error == "invalid_request"


def test_a_learner_may_take_away_but_not_add() -> None:
    request = rules.Asked(BACK, rules.SCOPES, "s", CHALLENGE)
    assert rules.granted(request, [rules.PROFILE_READ, "admin"]) == (rules.PROFILE_READ, "offline_access")
    assert rules.granted(request, []) == rules.granted(request, ["offline_access"]) == ()
    narrow = rules.Asked(BACK, (rules.CREDENTIALS_READ,), "s", CHALLENGE)
    assert rules.granted(narrow, rules.SCOPES) == (rules.CREDENTIALS_READ,)


def test_the_answer_keeps_the_query_that_the_app_registered() -> None:
    assert (
        rules.with_answer("https://a.example/b?c=d", {"code": "e&f", "state": "g h"})
        == "https://a.example/b?c=d&code=e%26f&state=g+h"
    )
    assert rules.with_answer(BACK, {"code": "x"}) == f"{BACK}?code=x"
    assert rules.origin("https://wallet.example:8443/x?y") == "https://wallet.example:8443"


# --- fetching tokens


def test_the_scope_of_a_refreshed_token() -> None:
    granted = (rules.CREDENTIALS_READ, rules.PROFILE_READ)
    assert rules.narrowed("", granted) == granted
    assert rules.narrowed(rules.PROFILE_READ, granted) == (rules.PROFILE_READ,)
    with pytest.raises(OAuthError) as caught:
        rules.narrowed(f"{rules.PROFILE_READ} {rules.PROFILE_WRITE}", granted)
    assert caught.value.error == "invalid_scope"


def header(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


def test_the_example_of_rfc_6749_section_2_3_1() -> None:
    assert rules.basic("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3") == ("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw")
    assert rules.basic("basic " + base64.b64encode(b"a%3Ab:c+d").decode()) == ("a:b", "c d")


@pytest.mark.parametrize(
    "given",
    ["", "Basic", "Basic !!", "Bearer x", header(b"\xff:x"), header(b"nocolon"), "Basic " + "a" * 1001, "Basic é"],
)
def test_headers_that_hold_no_app(given: str) -> None:
    assert rules.basic(given) is None


@pytest.mark.parametrize(("given", "token"), [("Bearer abc", "abc"), ("bearer  a.b-c~+/==", "a.b-c~+/=="), ("Bearer", None), ("Basic abc", None), ("Bearer a b", None), ("Bearer " + "a" * 201, None), ("Bearer é", None)])  # fmt: skip
def test_bearer_headers(given: str, token: str | None) -> None:
    assert rules.bearer(given) == token


def test_what_is_kept_of_a_secret() -> None:
    assert rules.matches("abc", digest("abc")) and not rules.matches("abd", digest("abc"))
