"""OpenID4VP 1.0: the signed request, the holder's answer, the verifier's check; and what neither takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import dcql, jwt, openid4vp, sd_jwt
from fieldstone.credential.dcql import Choice, Claim, Part, Query
from fieldstone.credential.openid4vp import Request
from tests.credential.cases import AT, CREDENTIAL, KEY
from tests.credential.dcql_cases import BADGE

VERIFIER, HOLDER, OTHER = c.generate_key(), c.generate_key(), c.generate_key()
ID = openid4vp.PREFIX + VERIFIER.controller
OFFLINE = c.Offline()
NAME = Claim(("credentialSubject", "identifier"))
TYPES = (frozenset({BADGE}),)
QUERY = Query(
    (
        Part("sd", "dc+sd-jwt", vcts=frozenset({BADGE}), claims=(NAME,)),
        Part("ldp", "ldp_vc", types=TYPES),
        Part("jwt", "jwt_vc_json", types=TYPES),
        Part("bare", "ldp_vc", types=TYPES, bound=False),
        Part("bare-jwt", "jwt_vc_json", types=TYPES, bound=False),
        Part("bare-sd", "dc+sd-jwt", bound=False),
        Part("mdoc", "mso_mdoc"),
    ),
    (Choice((("sd",), ("ldp",), ("jwt",), ("bare",), ("bare-jwt",), ("bare-sd",), ("mdoc",))),),
)
BASE = c.build(replace(CREDENTIAL, status=()))
PLAIN = c.sign(BASE, key=KEY, created=AT)
UNBOUND_TOKEN = c.sign_jwt(BASE, key=KEY)


def bound(holder: c.SigningKey = HOLDER) -> dict[str, Any]:
    subject = {"id": holder.controller, **{k: v for k, v in BASE["credentialSubject"].items() if k != "id"}}
    return {**BASE, "credentialSubject": subject}


LDP = c.sign(bound(), key=KEY, created=AT)
JWT = c.sign_jwt(bound(), key=KEY)
_CLAIMS = c.sd_jwt_claims(bound())
SD = c.sign_sd_jwt(_CLAIMS, key=KEY, disclosable=c.sd_jwt_paths(_CLAIMS), holder=HOLDER.public)
BARE_SD = c.sign_sd_jwt(c.sd_jwt_claims(BASE), key=KEY)


def claims(**changes: Any) -> dict[str, Any]:
    made = openid4vp.build_request(
        did=VERIFIER.controller, response_uri="https://farm.example/answers/1", query=QUERY, nonce="n-0S6_WzA2Mj",
        state="eyJhb", at=AT, ends=AT + timedelta(days=1), name="Farm",
    )  # fmt: skip
    return {**made, **changes}


def token(key: c.SigningKey = VERIFIER, header: dict[str, Any] | None = None, **changes: Any) -> str:
    body = {name: value for name, value in claims(**changes).items() if value is not ...}
    return jwt.write({"typ": openid4vp.REQUEST_TYPE, "kid": key.id, **(header or {})}, body, key)


def read(text: str, client_id: str = ID, **more: Any) -> Request:
    return openid4vp.read_request(text, client_id=client_id, **{"resolver": OFFLINE, "at": AT, **more})


ASKED = read(openid4vp.sign_request(claims(), key=VERIFIER))


def check(answer: Any, **changes: Any) -> openid4vp.AnswerReport:
    given = {"query": QUERY, "nonce": ASKED.nonce, "client_id": ID, "resolver": OFFLINE, "at": AT, **changes}
    return openid4vp.verify_answer(answer, **given)


def show(credential: Any, key: c.SigningKey = HOLDER, request: Request = ASKED, places: Any = ()) -> Any:
    return openid4vp.present(credential, request=request, key=key, at=AT, places=places)


# --- the request --------------------------------------------------------------------------------------


def test_a_request_is_read_as_it_was_made() -> None:
    assert ASKED.query == QUERY
    assert (ASKED.did, ASKED.name, ASKED.state, ASKED.response_mode) == (VERIFIER.controller, "Farm", "eyJhb", "direct_post")
    nameless = read(token(client_metadata=...))
    assert (nameless.name, nameless.metadata) == ("", {})
    assert read(token(client_metadata={"client_name": 5})).name == ""
    assert read(token(client_metadata={"client_name": "Farm\x00\n Corp" + "x" * 300})).name.startswith("Farm Corp")
    assert read(token(client_metadata="x")).name == ""
    assert read(token(state=...)).state is None
    assert read(token(aud=[openid4vp.ANYBODY, "https://farm.example"], nbf=int(AT.timestamp()))).did
    unnamed = openid4vp.build_request(
        did=VERIFIER.controller, response_uri="https://x", query=QUERY, nonce="n", state="s", at=AT, ends=AT
    )
    assert set(unnamed["client_metadata"]) == {"vp_formats_supported"}
    assert set(unnamed["client_metadata"]["vp_formats_supported"]) == {"ldp_vc", "jwt_vc_json", "dc+sd-jwt"}


def test_only_the_asker_signs() -> None:
    with pytest.raises(c.CredentialError, match="wrong_controller"):
        openid4vp.sign_request(claims(), key=OTHER)


@pytest.mark.parametrize("changes, code", [
    ({"response_type": "code"}, "bad_request"),
    ({"response_mode": "fragment"}, "bad_request"),
    ({"response_mode": "direct_post.jwt"}, "bad_request"),
    ({"redirect_uri": "https://farm.example"}, "bad_request"),
    ({"scope": "openid"}, "bad_request"),
    ({"transaction_data": ["e30"]}, "bad_request"),
    ({"response_uri": "javascript:alert(1)"}, "bad_request"),
    ({"response_uri": 5}, "bad_request"),
    ({"nonce": ...}, "bad_request"),
    ({"nonce": "a b"}, "bad_request"),
    ({"state": "ä"}, "bad_request"),
    ({"aud": "https://wallet.example"}, "bad_request"),
    ({"exp": int(AT.timestamp()) - 1}, "expired"),
    ({"exp": "tomorrow"}, "expired"),
    ({"nbf": int(AT.timestamp()) + 60}, "expired"),
    ({"nbf": "x"}, "expired"),
    ({"dcql_query": ...}, "bad_query"),
    ({"dcql_query": {"credentials": []}}, "bad_query"),
    ({"client_id": openid4vp.PREFIX + OTHER.controller}, "bad_request"),
])  # fmt: skip
def test_requests_that_we_do_not_answer(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(c.CredentialError) as refused:
        read(token(**changes))
    assert refused.value.code == code


def test_attack_a_request_in_somebody_elses_name() -> None:
    with pytest.raises(c.CredentialError, match="wrong_controller"):
        read(token(OTHER))
    forged = token(OTHER, {"kid": VERIFIER.id})
    with pytest.raises(c.CredentialError, match="bad_signature"):
        read(forged)
    with pytest.raises(c.CredentialError, match="wrong_controller"):
        read(token(header={"kid": 5}))


def test_attack_a_request_that_nobody_signed() -> None:
    with pytest.raises(c.CredentialError, match="unknown_client"):
        read(token(client_id="redirect_uri:https://farm.example"), client_id="redirect_uri:https://farm.example")
    head, body, signature = token().split(".")
    for text in (f"{head}.{body}.{signature[:-4]}AAAA", token(header={"alg": "none"}), token(header={"typ": "JWT"})):
        with pytest.raises(c.CredentialError):
            read(text)
    untyped = jwt.write({"kid": VERIFIER.id}, claims(), VERIFIER)
    with pytest.raises(c.CredentialError, match="bad_request"):
        read(untyped)


def test_a_key_that_its_owner_withdrew_asks_nothing() -> None:
    did = "did:web:farm.example"
    key = VERIFIER.controlled_by(did)
    document = c.did_document(did, [key.public])
    text = jwt.write(
        {"typ": openid4vp.REQUEST_TYPE, "kid": key.id}, claims(client_id=openid4vp.PREFIX + did), key
    )
    given: dict[str, Any] = {"client_id": openid4vp.PREFIX + did}
    assert read(text, resolver=c.Offline({did: document}), **given).did == did
    document["verificationMethod"][0]["revoked"] = "2020-01-01T00:00:00Z"
    with pytest.raises(c.CredentialError, match="wrong_controller"):
        read(text, resolver=c.Offline({did: document}), **given)
    with pytest.raises(c.Unreachable):
        read(text, **given)


# --- answers ------------------------------------------------------------------------------------------


def test_every_form_is_shown_and_taken() -> None:
    for part, signed, is_bound in (
        ("ldp", LDP, True), ("jwt", JWT, True), ("bare", PLAIN, False), ("bare-jwt", UNBOUND_TOKEN, False),
        ("bare-sd", BARE_SD, False),
    ):  # fmt: skip
        found = check({part: [show(signed) if is_bound else signed]})
        assert found.faults == (), part
        (one,) = found.presented
        assert (one.part, one.bound, one.signed) == (part, is_bound, signed)
        assert found.verdict == c.Verdict.VERIFIED


def test_of_an_sd_jwt_only_what_was_asked_for_is_shown() -> None:
    (match,) = dcql.answer(QUERY, [openid4vp.held(SD, id="x", bound=True)]).matches["sd"]
    text = show(SD, places=match.places)
    found = check({"sd": [text]})
    assert found.faults == ()
    shown = sd_jwt.read(found.presented[0].signed)  # type: ignore[arg-type]  # an SD-JWT is text
    assert "identifier" in shown.claims["credentialSubject"]
    assert shown.key_binding is None
    assert not shown.complete


def test_what_a_wallet_holds_as_a_query_sees_it() -> None:
    assert [openid4vp.held(each).format for each in (LDP, JWT, SD)] == ["ldp_vc", "jwt_vc_json", "dc+sd-jwt"]
    assert BADGE in openid4vp.held(JWT).types
    assert openid4vp.held(SD).vct == BADGE


@pytest.mark.parametrize("answer", [None, {}, {"x": ["a"]}, {"ldp": []}])
def test_answers_that_are_none(answer: Any) -> None:
    found = check(answer)
    assert [fault.code for fault in found.faults] == ["bad_answer"]
    assert found.verdict == c.Verdict.NOT_VERIFIED


def codes(answer: Any, **changes: Any) -> list[str]:
    return [fault.code for fault in check(answer, **changes).faults]


def test_the_wrong_format() -> None:
    assert codes({"ldp": ["a.b.c"]}) == ["wrong_format"]
    assert codes({"jwt": [LDP]}) == ["wrong_format"]
    assert codes({"sd": [LDP]}) == ["wrong_format"]
    assert codes({"mdoc": ["omdoc"]}) == ["wrong_format"]
    assert codes({"sd": ["no token"]}) == ["not_sd_jwt"]
    w3c = c.sign_sd_jwt(BASE, key=KEY)
    assert codes({"bare-sd": [w3c]}) == ["wrong_format"]


def test_attack_an_answer_to_another_question_or_another_verifier() -> None:
    for changes in ({"nonce": "another"}, {"client_id": openid4vp.PREFIX + "did:web:evil.example"}):
        request = replace(ASKED, **changes)
        for part, signed in (("ldp", LDP), ("jwt", JWT), ("sd", SD)):
            assert codes({part: [show(signed, request=request, places=[NAME.path])]}) == ["not_asked"], part


def test_attack_a_credential_of_somebody_else() -> None:
    assert codes({"ldp": [show(LDP, OTHER)]}) == ["of_another"]
    assert codes({"jwt": [show(JWT, OTHER)]}) == ["of_another"]
    assert codes({"sd": [show(SD, OTHER, places=[NAME.path])]}) == ["wrong_key_binding"]


def test_attack_a_credential_without_a_key_in_somebodys_presentation() -> None:
    assert codes({"ldp": [show(PLAIN)]}) == ["of_another"]
    assert codes({"sd": [sd_jwt.bind(BARE_SD, key=HOLDER, nonce=ASKED.nonce, audience=ID, at=AT)]}) == ["no_holder_key"]


def test_attack_a_bound_credential_without_its_holder() -> None:
    assert codes({"bare": [LDP]}) == ["needs_holder"]
    assert codes({"bare-jwt": [JWT]}) == ["needs_holder"]
    assert codes({"bare-sd": [SD]}) == ["needs_holder"]
    assert codes({"sd": [SD]}) == ["no_key_binding"]


def test_attack_more_credentials_than_one_in_a_presentation() -> None:
    whole = c.build_presentation([LDP, LDP], holder=HOLDER.controller)
    signed = c.sign_presentation(whole, key=HOLDER, created=AT, challenge=ASKED.nonce, domain=ID)
    assert codes({"ldp": [signed]}) == ["not_one"]


def test_attack_changed_after_it_was_signed() -> None:
    changed = {**PLAIN, "name": "Another"}
    assert codes({"bare": [changed]}) == ["wrong_signature"]
    inside = show({**LDP, "name": "Another"})
    assert codes({"ldp": [inside]}) == ["wrong_signature"]
    assert codes({"ldp": [{**show(LDP), "holder": OTHER.controller}]})
    assert codes({"bare": [{"type": "x"}]})


def test_attack_another_credential_of_hers() -> None:
    query = replace(QUERY, parts=(Part("ldp", "ldp_vc", claims=(Claim(("name",), values=("Another",)),)),), choices=())
    assert codes({"ldp": [show(LDP)]}, query=query) == ["not_asked"]


def test_what_could_not_be_asked_is_taken_and_said() -> None:
    """An issuer's list that does not answer leaves the answer open, not false."""
    signed = c.sign(c.build(CREDENTIAL), key=KEY, created=AT)
    found = check({"bare": [signed]})
    assert (found.faults, found.verdict) == ((), c.Verdict.COULD_NOT_TELL)


def test_attack_a_signature_that_nobody_can_check_proves_no_issuer() -> None:
    forged = {**PLAIN, "name": "Forged", "proof": {**PLAIN["proof"], "type": "SomeSignature2099"}}
    assert codes({"bare": [forged]}) == ["unknown_suite"]
    forged["proof"] = {**PLAIN["proof"], "cryptosuite": "bbs-2023"}
    assert codes({"bare": [forged]}) == ["unknown_suite"]
    mine = {**forged, "credentialSubject": {**BASE["credentialSubject"], "id": HOLDER.controller}}
    assert codes({"ldp": [show(mine)]}) == ["unknown_suite"]


def test_attack_a_key_that_cannot_be_looked_up_proves_no_issuer() -> None:
    did = "did:web:college.example"
    unsigned = {**BASE, "issuer": {**BASE["issuer"], "id": did}}
    forged = c.sign(unsigned, key=OTHER.controlled_by(did), created=AT)
    assert codes({"bare": [forged]}) == ["key_unreachable"]


def test_attack_a_page_of_open_badges_2_that_does_not_answer() -> None:
    query = Query((Part("bare-jwt", "jwt_vc_json", bound=False),))
    assert codes({"bare-jwt": ["https://college.example/1"]}, query=query) == ["not_signed"]
