"""SD-JWTs (RFC 9901) and the credentials made of them, by the RFC's own examples and by what must be refused."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import jwt, sd_jwt, sd_jwt_vc
from fieldstone.credential.errors import ParseError, ProofError
from tests.credential import rfc9901
from tests.credential.cases import AT, CREDENTIAL, KEY, LIST_URL, signed

HOLDER = c.SigningKey.from_seed(bytes(range(1, 33)), kind="P-256")
ISSUER = c.PublicKey.from_jwk(rfc9901.ISSUER_JWK)
BADGE = c.build(CREDENTIAL)
KINDS = ["Ed25519", "P-256", "P-384", "P-521"]
LIST = c.dumps(
    c.sign(
        c.build_list(url=LIST_URL, issuer=KEY.controller, purpose="revocation", positions={7}, valid_from=AT),
        key=KEY,
        created=AT,
    )
)
ONLINE = c.Offline(pages={LIST_URL: LIST})


def issued(**changes: Any) -> str:
    claims = {**c.sd_jwt_claims(BADGE), **changes}
    return c.sign_sd_jwt(claims, key=KEY, disclosable=c.sd_jwt_paths(claims), holder=HOLDER.public)


def shown(text: str | None = None, **changes: Any) -> str:
    asked = {"key": HOLDER, "nonce": "n-1", "audience": "https://farm.example", "at": AT, **changes}
    return c.bind_sd_jwt(text or issued(), **asked)


def ask(text: str, **changes: Any) -> c.Report:
    asked = {"resolver": ONLINE, "at": AT, "challenge": "n-1", "domain": "https://farm.example", **changes}
    return c.verify(text, **asked)


def code(report: c.Report) -> str:
    """The code of the first check that did not pass, leaving out the one about trust."""
    return next(
        (check.code for check in report.checks if check.outcome != "passed" and check.name != "issuer"), "verified"
    )


def b64(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest())


def made(claims: dict[str, Any], *disclosures: str, head: dict[str, Any] | None = None) -> str:
    """An SD-JWT of any claims and disclosures, good or not, signed by our issuer."""
    head = {"typ": "dc+sd-jwt", "kid": KEY.id} if head is None else head
    return "~".join([jwt.write(head, {"vct": "urn:x:y", "iss": KEY.controller, **claims}, KEY), *disclosures, ""])


@pytest.mark.parametrize(
    ("text", "claims"),
    [(rfc9901.SIMPLE, rfc9901.SIMPLE_CLAIMS), (rfc9901.COMPLEX, rfc9901.COMPLEX_CLAIMS)],
    ids=["A.1", "A.2"],
)
def test_published_examples(text: str, claims: dict[str, Any]) -> None:
    read = sd_jwt.read(text)
    assert read.claims == claims
    assert jwt.signature_matches(read.token, ISSUER)
    assert not read.complete
    assert sd_jwt.present(text) == text


def test_published_presentation_with_key_binding() -> None:
    read = sd_jwt.read(rfc9901.W3C_SHOWN)
    assert read.claims["credentialSubject"] == rfc9901.W3C_SUBJECT
    assert jwt.signature_matches(read.token, ISSUER)
    asked = {"challenge": "1234567890", "domain": "https://verifier.example.org"}
    made_at = datetime.fromtimestamp(1748537244, UTC)
    sd_jwt_vc.check_key_binding(read, c.Offline(), at=made_at, **asked)
    for changes, expected in (
        ({"challenge": "123456789"}, "not_asked"),
        ({"domain": "https://verifier.example.com"}, "not_asked"),
        ({"at": made_at + timedelta(hours=1)}, "not_now"),
        ({"at": made_at - timedelta(hours=1)}, "not_now"),
    ):
        with pytest.raises(ProofError) as caught:
            sd_jwt_vc.check_key_binding(read, c.Offline(), **{"at": made_at, **asked, **changes})
        assert caught.value.code == expected
    sd_jwt_vc.check_key_binding(read, c.Offline(), at=AT, challenge=None, domain=None)


def test_published_digests() -> None:
    """RFC 9901 section 4.2.3: the digest is of the text, not of the bytes that it encodes."""
    text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    token = made({"_sd": ["X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"], "given_name": "Alice"}, text)
    assert sd_jwt.read(token).claims["family_name"] == "Möbius"
    array = "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0"
    holed = ["DE", {"...": "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"}, "US"]
    assert sd_jwt.read(made({"nationalities": holed}, array)).claims["nationalities"] == ["DE", "FR", "US"]
    assert sd_jwt.read(made({"nationalities": holed})).claims["nationalities"] == ["DE", "US"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_badge_is_issued_shown_and_verified(kind: str) -> None:
    key, holder = c.generate_key(kind), c.generate_key(kind)
    claims = {**c.sd_jwt_claims(BADGE), "iss": key.controller}
    claims.pop("credentialStatus")
    text = c.sign_sd_jwt(claims, key=key, disclosable=c.sd_jwt_paths(claims), holder=holder.public, decoys=2)
    assert code(c.verify(text, resolver=c.Offline(), at=AT)) == "compare"
    part = c.present_sd_jwt(text, [("credentialSubject", "result")])
    report = ask(shown(part, key=holder))
    assert report.verdict == "verified"
    assert report.check("recipient").code == "holder_proved"
    assert report.issuer_id == key.controller
    assert report.title == "Builds a stock fence"
    assert (report.valid_from, report.valid_until) == ("2026-03-01T00:00:00Z", "2029-03-01T00:00:00Z")
    assert report.recipient_name == ""
    assert "result" in report.document["credentialSubject"]
    assert "evidence" not in report.document or report.document["evidence"] == []
    presented = c.verify_presentation(
        shown(part, key=holder), resolver=ONLINE, at=AT, challenge="n-1", domain="https://farm.example"
    )
    assert presented.verdict == "verified"
    assert [check.name for check in presented.checks] == ["parse", "recipient"]


def test_its_status_is_asked() -> None:
    withdrawn = {**c.sd_jwt_claims(BADGE)["credentialStatus"], "statusListIndex": "7"}
    assert code(ask(shown(issued(credentialStatus=withdrawn)))) == "revoked"
    assert code(ask(shown())) == "verified"


def test_a_status_that_we_cannot_ask_stays_open() -> None:
    status = {"status_list": {"idx": 4, "uri": "https://college.example/status/4"}}
    report = ask(shown(issued(status=status)))
    assert (code(report), report.verdict) == ("list_unreachable", "could_not_tell")
    report = ask(shown(issued(status={"status_of_another_sort": "x"})))
    assert (code(report), report.verdict) == ("unknown_status_type", "could_not_tell")
    withdrawn = [{**c.sd_jwt_claims(BADGE)["credentialStatus"], "statusListIndex": "7"}]
    assert code(ask(shown(issued(status=status, credentialStatus=withdrawn)))) == "revoked"


def test_a_w3c_document_as_sd_jwt() -> None:
    text = c.sign_sd_jwt(BADGE, key=KEY, disclosable=[("credentialSubject", "identifier", 0)], holder=HOLDER.public)
    report = c.verify(text, resolver=ONLINE, at=AT)
    assert code(report) == "compare"
    assert report.document["credentialSubject"] == BADGE["credentialSubject"]
    hidden = c.present_sd_jwt(text, [])
    report = ask(shown(hidden))
    assert report.verdict == "verified"
    assert len(report.document["credentialSubject"]["identifier"]) == 1
    envelope = c.build_presentation([text])["verifiableCredential"][0]
    assert envelope["id"].startswith("data:application/vc+sd-jwt,")
    assert code(c.verify(envelope, resolver=ONLINE, at=AT)) == "compare"


PUBLISHED = {
    "https://pid-issuer.bund.de.example/.well-known/jwt-vc-issuer": c.dumps(
        {"issuer": rfc9901.PERSON_ISSUER, "jwks": {"keys": [rfc9901.ISSUER_JWK]}}
    )
}


def test_a_published_credential_passes_every_check() -> None:
    """RFC 9901 appendix A.3, its issuer's key published as the draft of SD-JWT VC says in section 4."""
    asked = {
        "resolver": c.Offline(pages=PUBLISHED),
        "at": datetime.fromtimestamp(1748537244, UTC),
        "challenge": "1234567890",
        "domain": "https://verifier.example.org",
        "any_kind": True,
    }
    report = c.verify(rfc9901.PERSON_SHOWN, **asked)
    assert report.verdict == "verified", report.to_json()
    assert report.document["age_equal_or_over"] == {"18": True}
    assert report.document["nationalities"] == ["DE"]
    assert report.check("recipient").code == "holder_proved"
    assert code(c.verify(rfc9901.PERSON_SHOWN, **{**asked, "any_kind": False})) == "wrong_shape"
    assert code(c.verify(rfc9901.PERSON_SHOWN, **{**asked, "resolver": c.Offline()})) == "key_unreachable"


# What must be refused.


def refused(text: str) -> str:
    report = c.verify(text, resolver=ONLINE, at=AT, any_kind=True)
    assert report.verdict != "verified"
    return code(report)


ONE = b64(["salt-1", "name", "Ana"])
ELEMENT = b64(["salt-2", "Ana"])


def test_attack_a_disclosure_repeated() -> None:
    assert refused(made({"_sd": [digest(ONE)]}, ONE, ONE)) == "repeated_disclosure"


def test_attack_a_digest_twice() -> None:
    for claims in (
        {"_sd": [digest(ONE), digest(ONE)]},
        {"_sd": [digest(ONE)], "inner": {"_sd": [digest(ONE)]}},
        {"_sd": ["decoy", "decoy"]},
        {"list": [{"...": digest(ELEMENT)}, {"...": digest(ELEMENT)}]},
    ):
        assert refused(made(claims)) == "repeated_digest"
    inner = b64(["salt-3", "inner", {"_sd": [digest(ONE)]}])
    assert refused(made({"_sd": [digest(ONE), digest(inner)]}, inner, ONE)) == "repeated_digest"


def test_attack_a_disclosure_that_nobody_signed() -> None:
    assert refused(made({"_sd": [digest(ELEMENT)]}, ONE)) == "unused_disclosure"
    outer = b64(["salt-3", "outer", {"_sd": [digest(ONE)]}])
    assert refused(made({"_sd": [digest(outer)]}, ONE)) == "unused_disclosure"


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_attack_a_disclosure_named_like_the_format(name: str) -> None:
    text = b64(["salt-4", name, ["x"]])
    assert refused(made({"_sd": [digest(text)]}, text)) == "reserved_name"


def test_attack_a_disclosure_that_overrides_a_claim() -> None:
    again = b64(["salt-5", "name", "Bea"])
    assert refused(made({"name": "Ana", "_sd": [digest(again)]}, again)) == "repeated_claim"
    assert refused(made({"_sd": [digest(again), digest(ONE)]}, again, ONE)) == "repeated_claim"


def test_attack_a_disclosure_of_the_other_sort() -> None:
    assert refused(made({"_sd": [digest(ELEMENT)]}, ELEMENT)) == "bad_disclosure"
    assert refused(made({"list": [{"...": digest(ONE)}]}, ONE)) == "bad_disclosure"
    for value in ("text", {}, [], ["salt"], [1, "name", 2], ["salt", 1, 2], ["salt", "name", 1, 2]):
        assert refused(made({"_sd": [digest(b64(value))]}, b64(value))) == "bad_disclosure"
    assert refused(made({}, "a~b+c")) == "bad_disclosure"


def test_attack_words_of_the_format_in_the_wrong_place() -> None:
    for claims in (
        {"_sd": "text"},
        {"_sd": [1]},
        {"...": "x"},
        {"list": [{"...": 1}]},
        {"list": [{"...": "x", "more": 1}]},
        {"inner": {"_sd_alg": "sha-256"}},
    ):
        assert refused(made(claims)) == "bad_digest"


@pytest.mark.parametrize("name", ["none", "md5", "SHA-256", "", None, ["sha-256"], "sha-1"])
def test_attack_a_weak_or_unknown_hash(name: Any) -> None:
    assert refused(made({"_sd_alg": name})) == "unknown_hash"


def test_other_strong_hashes_are_read() -> None:
    for name, function in (("sha-384", hashlib.sha384), ("sha-512", hashlib.sha512)):
        value = b64(function(ONE.encode()).digest())
        assert sd_jwt.read(made({"_sd_alg": name, "_sd": [value]}, ONE)).claims["name"] == "Ana"


@pytest.mark.parametrize("name", sorted(sd_jwt_vc.ALWAYS - {"vct", "iss"}))
def test_attack_what_decides_about_validity_is_hidden(name: str) -> None:
    text = b64(["salt-6", name, {"jwk": {}} if name in {"cnf", "status", "credentialStatus"} else 4102444800])
    assert refused(made({"_sd": [digest(text)]}, text)) == "wrong_shape"
    with pytest.raises(ProofError, match="must not be hidden"):
        c.sign_sd_jwt({"vct": "urn:x:y", "iss": KEY.controller, name: 1}, key=KEY, disclosable=[(name,)])


def test_attack_an_issuer_brought_in_by_a_disclosure() -> None:
    text = b64(["salt-7", "iss", KEY.controller])
    token = jwt.write({"typ": "dc+sd-jwt", "kid": KEY.id}, {"vct": "urn:x:y", "_sd": [digest(text)]}, KEY)
    assert refused(f"{token}~{text}~") == "wrong_shape"


def test_attack_a_key_binding_for_another_verifier() -> None:
    assert code(ask(shown(audience="https://other.example"))) == "not_asked"
    assert code(ask(shown(nonce="n-2"))) == "not_asked"
    assert code(ask(shown(at=AT - timedelta(hours=1)))) == "not_now"
    assert code(ask(shown(at=AT + timedelta(hours=1)))) == "not_now"


def test_attack_no_key_binding_where_one_is_asked() -> None:
    assert code(ask(issued())) == "no_key_binding"
    assert code(ask(issued(), challenge=None)) == "no_key_binding"
    assert code(c.verify(signed(), resolver=ONLINE, at=AT, challenge="n-1")) == "no_key_binding"
    assert c.verify_presentation(issued(), resolver=ONLINE, at=AT).verdict == "not_verified"
    assert c.verify_presentation(issued(), resolver=ONLINE, at=AT, signed=False).verdict == "verified"


def test_attack_a_key_binding_over_other_disclosures() -> None:
    whole = shown()
    binding = whole.rpartition("~")[2]
    fewer = c.present_sd_jwt(issued(), [])
    assert code(ask(fewer + binding)) == "other_disclosures"
    first, *disclosures = issued().split("~")
    assert code(ask("~".join([first, *disclosures]) + binding)) == "other_disclosures"


def test_attack_a_key_binding_by_somebody_else() -> None:
    assert code(ask(shown(key=c.generate_key("P-256")))) == "wrong_key_binding"
    assert code(ask(shown(key=KEY))) == "wrong_key_binding"
    assert code(c.verify(shown(key=KEY), resolver=ONLINE, at=AT)) == "wrong_key_binding"
    unbound = c.sign_sd_jwt(c.sd_jwt_claims(BADGE), key=KEY)
    assert code(ask(shown(unbound))) == "no_holder_key"


def _rebound(head: dict[str, Any], **changes: Any) -> str:
    text = issued()
    claims = {"iat": 1772452800, "aud": "https://farm.example", "nonce": "n-1", "sd_hash": sd_jwt.read(text).digest}
    kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return text + jwt.write(head, kept, HOLDER)


def test_attack_a_key_binding_that_is_something_else() -> None:
    assert code(ask(_rebound({"typ": "kb+jwt"}))) == "verified"
    for head in ({"typ": "JWT"}, {}, {"typ": "vp+jwt"}, {"typ": "dc+sd-jwt"}):
        assert code(ask(_rebound(head))) == "bad_key_binding"
    for changes in ({"aud": ["https://farm.example"]}, {"nonce": 1}, {"aud": None}, {"nonce": None}):
        assert code(ask(_rebound({"typ": "kb+jwt"}, **changes))) == "bad_key_binding"
    for changes in ({"iat": None}, {"iat": "1772452800"}, {"iat": True}):
        assert code(ask(_rebound({"typ": "kb+jwt"}, **changes))) == "not_now"
    assert code(ask(_rebound({"typ": "kb+jwt", "crit": ["x"]}))) == "bad_proof"
    none = shown().rpartition("~")
    head, claims, _ = none[2].split(".")
    assert code(ask(f"{none[0]}~{b64({'alg': 'none', 'typ': 'kb+jwt'})}.{claims}.AA")) == "forgeable"


def test_key_binding_by_a_named_key() -> None:
    named = issued(cnf={"kid": HOLDER.id})  # a did:key, which says its own key
    assert sd_jwt.read(named).claims["cnf"] == {"jwk": HOLDER.public.jwk()}  # what `holder` says comes first
    claims = {**c.sd_jwt_claims(BADGE), "cnf": {"kid": HOLDER.id}}
    assert code(ask(shown(c.sign_sd_jwt(claims, key=KEY)))) == "verified"
    claims["cnf"] = {"kid": "did:web:phone.example#1"}
    report = ask(shown(c.sign_sd_jwt(claims, key=KEY)))
    assert (code(report), report.verdict) == ("key_unreachable", "could_not_tell")
    assert c.verify(shown(c.sign_sd_jwt(claims, key=KEY)), resolver=ONLINE, at=AT).verdict == "verified"


def test_a_key_binding_that_nobody_asked_for() -> None:
    report = c.verify(shown(), resolver=ONLINE, at=AT + timedelta(days=90))
    assert (code(report), report.verdict) == ("no_challenge", "verified")


@pytest.mark.parametrize("typ", ["vc+jwt", "JWT", "kb+jwt", "example+sd-jwt", "statuslist+jwt", None, 1])
def test_attack_types_confused(typ: Any) -> None:
    head = {"kid": KEY.id, **({} if typ is None else {"typ": typ})}
    assert refused(made({}, head=head)) == "bad_proof"


def test_attack_an_sd_jwt_passed_off_as_a_plain_token() -> None:
    bare = issued().split("~")[0]
    report = c.verify(bare, resolver=ONLINE, at=AT, any_kind=True)
    assert report.check("proof").outcome == "failed"
    without_kind = jwt.write({"typ": "dc+sd-jwt", "kid": KEY.id}, BADGE, KEY)
    assert refused(without_kind + "~") == "bad_proof"
    as_credential = jwt.write({"typ": "vc+jwt", "kid": KEY.id}, BADGE, KEY)
    assert refused(as_credential + "~") == "bad_proof"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256", "ES256K", "RS256", "PS256", None, 1])
def test_attack_algorithms_confused(algorithm: Any) -> None:
    first, *rest = issued().split("~")
    head, claims, signature = first.split(".")
    header = {**json.loads(base64.urlsafe_b64decode(head + "==")), "alg": algorithm}
    assert refused("~".join([f"{b64(header)}.{claims}.{signature}", *rest])) in {
        "unknown_suite",
        "wrong_key_kind",
        "forgeable",
    }


def test_attack_keys_offered_by_the_token_itself() -> None:
    other = c.generate_key()
    chain = made({}, head={"typ": "dc+sd-jwt", "x5c": ["MIIB"]})
    assert refused(chain) == "unknown_suite"
    for name in ("jku", "x5u"):
        assert refused(made({}, head={"typ": "dc+sd-jwt", "kid": KEY.id, name: "https://evil.example"})) == "bad_proof"
    own = jwt.write({"typ": "dc+sd-jwt", "jwk": other.public.jwk()}, {"vct": "urn:x:y", "iss": KEY.controller}, other)
    assert refused(own + "~") == "wrong_signature"
    theirs = jwt.write({"typ": "dc+sd-jwt", "kid": other.id}, {"vct": "urn:x:y", "iss": KEY.controller}, other)
    assert refused(theirs + "~") == "not_issuer"


def test_attack_changed_after_signing() -> None:
    first, *rest = issued().split("~")
    head, claims, signature = first.split(".")
    value = json.loads(base64.urlsafe_b64decode(claims + "=="))
    changed = f"{head}.{b64({**value, 'name': 'Runs the college'})}.{signature}"
    assert refused("~".join([changed, *rest])) == "wrong_signature"


def test_attack_deep_and_many_disclosures() -> None:
    text, value = "", 1
    disclosures = []
    for number in range(80):
        text = b64([f"salt-{number}", "in", value])
        disclosures.append(text)
        value = {"_sd": [digest(text)]}
    assert refused(made({"_sd": [digest(text)]}, *disclosures)) == "too_deep"
    many = [b64([f"salt-{number}", f"n{number}", 1]) for number in range(sd_jwt.MAX_DISCLOSURES + 1)]
    assert refused(made({"_sd": [digest(item) for item in many]}, *many)) == "too_big"
    assert refused("a.b.c~" + "A" * (4 * 1024 * 1024)) == "too_big"


def test_attack_duplicated_keys_inside_a_disclosure() -> None:
    text = b64(b'["s","name",{"a":1,"a":2}]')
    assert refused(made({"_sd": [digest(text)]}, text)) == "duplicate_key"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vct": ""}, "vct"),
        ({"vct": 1}, "vct"),
        ({"iss": "nobody"}, "iss"),
        ({"nbf": "2026"}, "nbf"),
        ({"exp": None}, "exp"),
        ({"iat": -1}, "iat"),
        ({"sub": 1}, "sub"),
        ({"jti": ""}, "jti"),
        ({"cnf": "x"}, "cnf"),
        ({"status": []}, "status"),
        ({"aka_vcts": []}, "aka_vcts"),
        ({"aka_vcts": ["urn:x:y"]}, "aka_vcts"),
        ({"aka_vcts": "urn:x:z"}, "aka_vcts"),
        ({"aka_vcts": [1]}, "aka_vcts"),
    ],
)
def test_claims_that_make_no_credential(changes: dict[str, Any], words: str) -> None:
    report = c.verify(made(changes), resolver=ONLINE, at=AT, any_kind=True)
    assert report.check("schema").outcome == "failed"
    assert words in report.check("schema").detail
    with pytest.raises(ProofError, match=words):
        c.sign_sd_jwt({"vct": "urn:x:y", "iss": KEY.controller, **changes}, key=KEY)


def test_dates_and_kinds() -> None:
    assert code(c.verify(issued(nbf=1900000000), resolver=ONLINE, at=AT)) == "not_yet"
    assert code(c.verify(issued(exp=1700000000), resolver=ONLINE, at=AT)) == "expired"
    other = issued(vct="urn:x:y", aka_vcts=["urn:x:z"])
    assert code(c.verify(other, resolver=ONLINE, at=AT)) == "wrong_shape"
    assert code(c.verify(other, resolver=ONLINE, at=AT, any_kind=True)) == "compare"


def test_what_is_not_signed() -> None:
    claims = c.sd_jwt_claims(BADGE)
    for changes, expected in (
        ({"key": HOLDER}, "wrong_controller"),
        ({"disclosable": [("credentialSubject", "nickname")]}, "no_such_claim"),
        ({"disclosable": [("evidence", 7)]}, "no_such_claim"),
        ({"disclosable": [("name", "first")]}, "no_such_claim"),
        ({"disclosable": [("evidence", -1)]}, "no_such_claim"),
        ({"disclosable": [("name", 0)]}, "no_such_claim"),
    ):
        with pytest.raises(ProofError) as caught:
            c.sign_sd_jwt(claims, **{"key": KEY, **changes})
        assert caught.value.code == expected
    for document, expected in ((signed(), "already_signed"), ({**claims, "inner": {"_sd": []}}, "reserved_name")):
        with pytest.raises(ProofError) as caught:
            c.sign_sd_jwt(document, key=KEY)
        assert caught.value.code == expected
    with pytest.raises(ProofError) as caught:
        c.present_sd_jwt(issued(), [("credentialSubject", "nickname")])
    assert caught.value.code == "no_such_claim"
    for text in ("plain", "a.b.c", "a~b~"):
        with pytest.raises(ParseError):
            c.present_sd_jwt(text)


def test_claims_of_an_open_badge() -> None:
    claims = c.sd_jwt_claims(c.build(replace(CREDENTIAL, subject_id="did:web:ana.example")))
    assert claims["vct"] == "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
    assert (claims["iss"], claims["jti"], claims["sub"]) == (KEY.controller, BADGE["id"], "did:web:ana.example")
    assert (claims["nbf"], claims["exp"]) == (1772323200, 1867017600)
    assert "id" not in claims["credentialSubject"]
    assert not {"@context", "type", "id", "validFrom", "validUntil"} & claims.keys()
    text = c.sign_sd_jwt(claims, key=KEY, disclosable=c.sd_jwt_paths(claims))
    document = c.verify(text, resolver=ONLINE, at=AT).document
    for name in ("id", "issuer", "name", "validFrom", "validUntil", "evidence", "credentialStatus"):
        assert document[name] == BADGE[name], name
    assert document["credentialSubject"] == {**BADGE["credentialSubject"], "id": "did:web:ana.example"}
    minimal = {name: value for name, value in BADGE.items() if name not in {"id", "validUntil"}}
    minimal["issuer"] = KEY.controller
    assert not {"jti", "exp", "issuer"} & c.sd_jwt_claims(minimal).keys()
    for other in (
        {},
        {"type": ["VerifiableCredential"]},
        {**BADGE, "@context": ["https://www.w3.org/2018/credentials/v1"]},
    ):
        with pytest.raises(ProofError, match="data model"):
            c.sd_jwt_claims(other)


WELL_KNOWN = "https://college.example/.well-known/jwt-vc-issuer"


def _web(issuer: str = "https://college.example", fragment: str = "k1") -> str:
    key = KEY.controlled_by(issuer, fragment=fragment)
    return c.sign_sd_jwt({"vct": "urn:x:y", "iss": issuer}, key=key)


def _pages(**pages: Any) -> c.Offline:
    keys = {"keys": [{**KEY.public.jwk(), "kid": "k1"}, {**c.generate_key().public.jwk(), "kid": "k2"}]}
    first = {"issuer": "https://college.example", "jwks": keys, **pages}
    return c.Offline(
        pages={
            WELL_KNOWN: c.dumps({name: value for name, value in first.items() if value is not None}),
            WELL_KNOWN + "/ranch": c.dumps({"issuer": "https://college.example/ranch/", "jwks": keys}),
            "https://college.example/keys": c.dumps(keys),
            "https://college.example/list": b"[]",
            "https://college.example/page": b"<html>",
        }
    )


def test_issuers_keys_from_their_own_site() -> None:
    def said(text: str, resolver: c.Offline) -> str:
        return code(c.verify(text, resolver=resolver, at=AT, any_kind=True))

    good = "compare"
    assert said(_web(), _pages()) == good
    assert said(_web("https://college.example/ranch/"), _pages()) == good
    assert said(_web(), _pages(jwks=None, jwks_uri="https://college.example/keys")) == good
    assert said(_web(fragment="k2"), _pages()) == "wrong_signature"
    assert said(_web(fragment="k3"), _pages()) == "key_missing"
    for changes in (
        {"issuer": "https://evil.example"},
        {"jwks": None},
        {"jwks_uri": "https://college.example/keys"},
        {"jwks": []},
        {"jwks": {"keys": "k1"}},
        {"jwks": None, "jwks_uri": "https://college.example/list"},
        {"jwks": None, "jwks_uri": "https://college.example/page"},
        {"jwks": None, "jwks_uri": "http://college.example/keys"},
        {"jwks": None, "jwks_uri": "file:///etc/passwd"},
    ):
        assert said(_web(), _pages(**changes)) == "key_missing", changes
    single = {"keys": [KEY.public.jwk()]}
    token = jwt.write({"typ": "dc+sd-jwt"}, {"vct": "urn:x:y", "iss": "https://college.example"}, KEY)
    assert said(token + "~", _pages(jwks=single)) == good
    assert said(token + "~", _pages()) == "key_missing"
    assert said(_web("https://college.example?x=1"), _pages()) == "bad_issuer"
    assert said(_web("https:///ranch"), _pages()) == "bad_issuer"
    assert said(_web("http://college.example"), _pages()) == "key_unreachable"
    named = jwt.write(
        {"typ": "dc+sd-jwt", "kid": "#" + KEY.id.partition("#")[2]}, {"vct": "u:x", "iss": KEY.controller}, KEY
    )
    assert said(named + "~", _pages()) == good
    unnamed = jwt.write({"typ": "dc+sd-jwt"}, {"vct": "u:x", "iss": KEY.controller}, KEY)
    assert said(unnamed + "~", _pages()) == good


NAMES = st.text("abcdef", min_size=1, max_size=3)
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4))


def _paths(value: Any) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(name, *rest) for name, item in items for rest in [(), *_paths(item)]]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4), st.data(), st.integers(0, 2))
def test_what_is_hidden_comes_back_whole(claims: dict[str, Any], data: st.DataObject, decoys: int) -> None:
    every = _paths(claims)
    chosen = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    payload, disclosures = sd_jwt.conceal(claims, chosen, decoys=decoys)
    assert len(disclosures) == len(chosen)
    text = "~".join([jwt.write({}, payload, KEY), *disclosures, ""])
    read = sd_jwt.read(text)
    assert read.claims == claims
    assert {item.path for item in read.shown} == set(chosen)
    nothing = sd_jwt.read(sd_jwt.present(text, []))
    assert not nothing.shown
    for path in chosen:
        needed = {item.text for item in read.shown if all(a == b for a, b in zip(item.path, path, strict=False))}
        assert {item.text for item in sd_jwt.read(sd_jwt.present(text, [path])).shown} == needed


def test_a_credential_of_another_kind_with_nothing_hidden_is_taken_where_any_kind_is() -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": KEY.controller,
        "credentialSubject": {"id": "did:example:ana"},
    }
    text = c.sign_sd_jwt(document, key=KEY)
    assert c.verify(text, resolver=c.Offline(), at=AT, any_kind=True).verdict == "verified"
    assert c.verify(text, resolver=c.Offline(), at=AT).verdict == "not_verified"
