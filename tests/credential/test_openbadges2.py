"""Open Badges 2.0: 1EdTech's fixtures, what each attack answers, and our own form read back."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import Outcome, Report, TrustedIssuers, Unreachable, openbadges2, verify
from fieldstone.credential.baked import bake, unbake
from fieldstone.credential.errors import Gone, Missing, Spent
from fieldstone.credential.multibase import base64url_encode
from fieldstone.credential.openbadges2 import HostedAssertion
from tests.credential.shared import VECTORS, needs_data

AT = datetime(2026, 11, 23, tzinfo=UTC)
ROOT = VECTORS / "1edtech" / "ob20"
GOOD, BAD, OPEN = "verified", "not_verified", "could_not_tell"
ISSUER, BADGE, AWARD, KEY = (f"https://college.example/{name}" for name in ("issuer", "badge", "award", "key"))


class Pages:
    """A resolver that answers from a table; what is not in it is missing, and an error in it is raised."""

    def __init__(self, pages: dict[str, Any]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def did(self, did: str) -> dict[str, Any]:
        raise Missing(did)

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        answer = self.pages.get(url, Missing(f"There is nothing at {url}."))
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()


def code(report: Report, name: str) -> tuple[str, str]:
    check = report.check(name)
    assert check is not None
    return str(check.outcome), check.code


# --- 1EdTech's fixtures --------------------------------------------------------------------------------


def fixture_pages() -> dict[str, Any]:
    pages: dict[str, Any] = {}
    for file in (ROOT / "assets").glob("*.json"):
        for start in ("http://example.org/", "https://example.org/"):
            pages[start + file.name] = file.read_bytes()
            try:
                own = str(json.loads(file.read_bytes()).get("id"))
            except ValueError:
                continue
            if not own.endswith(".json"):
                pages[own] = file.read_bytes()
    return pages


# file -> verdict, the check that decides, its code
FIXTURES: dict[str, tuple[str, str, str]] = {
    "basic-assertion.json": (GOOD, "signature", "same_as_page"),
    "assertion-with-data-image.json": (GOOD, "controller", "in_scope"),
    "basic-assertion-with-language.json": (GOOD, "schema", "right_shape_2"),
    "basic-assertion-no-public-key.json": (GOOD, "controller", "in_scope"),
    "basic-assertion-expired.json": (BAD, "dates", "expired"),
    "basic-assertion-expired-before-issued.json": (BAD, "dates", "bad_date"),
    "basic-assertion-in-future.json": (BAD, "dates", "not_yet"),
    "basic-assertion-invalid-context.json": (BAD, "schema", "wrong_shape"),
    "basic-assertion-invalid-type.json": (BAD, "schema", "wrong_shape"),
    "basic-assertion-with-allowed-origins.json": (GOOD, "controller", "in_scope"),
    "basic-assertion-with-allowed-origins-valid-starts-with.json": (GOOD, "controller", "in_scope"),
    "basic-assertion-with-allowed-origins-valid-multiple-starts-with.json": (GOOD, "controller", "in_scope"),
    "basic-assertion-with-allowed-origins-invalid-starts-with.json": (BAD, "controller", "out_of_scope"),
    "basic-assertion-with-allowed-origins-invalid-multiple-starts-with.json": (BAD, "controller", "out_of_scope"),
    # the assertion itself is right; of its endorsements, two are about the badge and are genuine
    "assertion-with-endorsements.json": (GOOD, "endorsements", "genuine"),
    # these two are hosted over plain http, though their issuer is not: whoever sits on the line could be the host
    "assertion-with-extension-node-basic.json": (BAD, "controller", "out_of_scope"),
    "assertion-with-multiple-extensions.json": (BAD, "controller", "out_of_scope"),
    # a bare name instead of an issuer's address: nobody can ask it
    "warning-issuer-non-http.json": (BAD, "schema", "missing"),
    "warning-with-redirection.json": (GOOD, "signature", "same_as_page"),
    "badge-class-with-language.json": (BAD, "schema", "wrong_shape"),
    "simple.jwt": (GOOD, "controller", "listed_key"),
    "simple-not-revoked.jwt": (GOOD, "status", "not_withdrawn"),
    "simple-revoked.jwt": (BAD, "status", "revoked"),
    "simple-badge.png": (GOOD, "signature", "same_as_page"),
}


@needs_data
@pytest.mark.parametrize("name", FIXTURES)
def test_the_publishers_fixtures(name: str) -> None:
    verdict, check, expected = FIXTURES[name]
    data = unbake((ROOT / name).read_bytes())
    pages = fixture_pages()
    if data.lstrip().startswith(b"{"):
        document = json.loads(data)
        pages[document["id"]] = data
        if "with-allowed-origins" in name:  # four issuers share one id: each case has the one that it names
            badge = json.loads((ROOT / "assets" / str(document["badge"]).rpartition("/")[2]).read_bytes())
            issuer = (ROOT / "assets" / str(badge["issuer"]).rpartition("/")[2]).read_bytes()
            pages[json.loads(issuer)["id"]] = issuer
    report = verify(data, resolver=Pages(pages), at=AT)
    assert code(report, check)[1] == expected, [item.to_json() for item in report.checks]
    assert str(report.verdict) == verdict, [item.to_json() for item in report.checks]


# --- a college of our own ------------------------------------------------------------------------------


def issuer(**more: Any) -> dict[str, Any]:
    return {
        "@context": openbadges2.CONTEXT,
        "type": "Issuer",
        "id": ISSUER,
        "name": "Hill College",
        "url": "https://college.example",
        "email": "badges@college.example",
        **more,
    }


def badge(**more: Any) -> dict[str, Any]:
    return {
        "@context": openbadges2.CONTEXT,
        "type": "BadgeClass",
        "id": BADGE,
        "name": "Drip irrigation",
        "description": "Lays out a drip line.",
        "image": "https://college.example/badge.svg",
        "criteria": {"narrative": "Shown on a real field."},
        "issuer": ISSUER,
        **more,
    }


def award(**more: Any) -> dict[str, Any]:
    return {
        "@context": openbadges2.CONTEXT,
        "type": "Assertion",
        "id": AWARD,
        "recipient": {
            "type": "email",
            "hashed": True,
            "salt": "salt",
            "identity": "sha256$" + hashlib.sha256(b"ana@example.orgsalt").hexdigest(),
        },
        "badge": BADGE,
        "verification": {"type": "HostedBadge"},
        "issuedOn": "2026-05-01T00:00:00Z",
        **more,
    }


def pages(**more: Any) -> dict[str, Any]:
    return {AWARD: award(), BADGE: badge(), ISSUER: issuer(), **more}


def ask(document: Any, found: dict[str, Any], **more: Any) -> Report:
    return verify(document, resolver=Pages(found), at=AT, **more)


SECRETS: dict[str, Any] = {}


def secret(name: str) -> Any:
    if name not in SECRETS:
        SECRETS[name] = {
            "RS256": lambda: rsa.generate_private_key(65537, 2048),
            "small": lambda: rsa.generate_private_key(65537, 1024),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "koblitz": lambda: ec.generate_private_key(ec.SECP256K1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
            "dsa": lambda: dsa.generate_private_key(2048),
        }[name.partition("-")[0]]()
    return SECRETS[name]


def pem(name: str) -> str:
    return str(secret(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def key_page(name: str = "RS256", **more: Any) -> dict[str, Any]:
    return {
        "@context": openbadges2.CONTEXT,
        "type": "CryptographicKey",
        "id": KEY,
        "owner": ISSUER,
        "publicKeyPem": pem(name),
        **more,
    }


def part(value: Any) -> str:
    return base64url_encode(json.dumps(value).encode())


def jws(document: dict[str, Any], name: str = "RS256", **header: Any) -> str:
    message = f"{part({'alg': name.partition('-')[0], **header})}.{part(document)}"
    key, data = secret(name), message.encode()
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    else:
        signature = key.sign(data)
    return f"{message}.{base64url_encode(signature)}"


def signed(**more: Any) -> dict[str, Any]:
    return award(**{"id": "urn:uuid:1", "verification": {"type": "SignedBadge", "creator": KEY}, **more})


def signed_pages(name: str = "RS256", **more: Any) -> dict[str, Any]:
    return {BADGE: badge(), ISSUER: issuer(publicKey=KEY), KEY: key_page(name), **more}


def test_a_hosted_assertion_in_words() -> None:
    report = ask(json.dumps(award()), pages(), policy=TrustedIssuers({ISSUER}))
    assert str(report.verdict) == GOOD
    assert (report.title, report.issuer_id, report.issuer_name) == ("Drip irrigation", ISSUER, "Hill College")
    assert (report.description, report.criteria) == ("Lays out a drip line.", "Shown on a real field.")
    assert (report.valid_from, report.valid_until) == ("2026-05-01T00:00:00Z", "")
    assert report.recipient_name == ""
    assert report.document == award()
    assert [check.number for check in report.checks] == list(range(1, 11))
    assert all(check.reference.startswith("Open Badges 2.0") for check in report.checks)
    assert code(report, "issuer") == ("passed", "trusted")
    named = award(**{"extensions:recipientProfile": {"name": "Ana Fields"}}, expires="2027-05-01T00:00:00+02:00")
    report = ask(json.dumps(named), pages(**{AWARD: named}), policy=TrustedIssuers(()))
    assert (report.recipient_name, report.valid_until) == ("Ana Fields", "2027-04-30T22:00:00Z")
    assert (str(report.verdict), code(report, "issuer")[1]) == (BAD, "not_trusted")
    plain = award(recipient={"type": "email", "hashed": False, "identity": "ana@example.org"})
    assert ask(json.dumps(plain), pages(**{AWARD: plain})).recipient_name == "ana@example.org"


def test_a_picture_that_holds_an_address_only() -> None:
    assert str(ask(AWARD.encode(), pages()).verdict) == GOOD
    for answer, verdict, expected in (
        (Unreachable("no"), OPEN, "page_unreachable"),
        (Spent("no"), OPEN, "too_much_to_ask"),
        (Missing("no"), BAD, "page_missing"),
        (b"<html>", BAD, "page_missing"),
        ([1], BAD, "page_missing"),
        ({"@context": "https://www.w3.org/ns/credentials/v2"}, BAD, "not_assertion"),
    ):
        report = ask(AWARD, {AWARD: answer})
        assert (str(report.verdict), code(report, "parse")[1]) == (verdict, expected)


@pytest.mark.parametrize("name", ["RS256", "ES256", "EdDSA"])
def test_signed_assertions(name: str) -> None:
    report = ask(jws(signed(), name), signed_pages(name))
    assert str(report.verdict) == GOOD
    assert code(report, "controller") == ("passed", "listed_key")
    without = signed(verification={"type": "SignedBadge"})
    assert str(ask(jws(without, name), signed_pages(name)).verdict) == GOOD
    inside = {BADGE: badge(), ISSUER: issuer(publicKey=[key_page(name)])}
    assert str(ask(jws(signed(), name), inside).verdict) == GOOD


def test_a_hosted_assertion_inside_a_signature_is_asked_at_its_page() -> None:
    assert str(ask(jws(award()), pages()).verdict) == GOOD


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], str, str, str]] = [
    # what, the assertion's changes, the pages' changes, verdict, check, code
    ("page unreachable", {}, {AWARD: Unreachable("no")}, OPEN, "key", "key_unreachable"),
    ("page unreachable: status", {}, {AWARD: Unreachable("no")}, OPEN, "status", "not_reached"),
    ("page missing", {}, {AWARD: Missing("no")}, BAD, "key", "key_missing"),
    ("page gone", {}, {AWARD: Gone("no")}, BAD, "status", "revoked"),
    ("page says revoked", {}, {AWARD: {"id": AWARD, "revoked": True}}, BAD, "status", "revoked"),
    ("itself says revoked", {"revoked": True}, {}, BAD, "status", "revoked"),
    ("badge unreachable", {}, {BADGE: Unreachable("no")}, OPEN, "schema", "badge_unreachable"),
    ("badge unreachable: issuer", {}, {BADGE: Unreachable("no")}, OPEN, "controller", "issuer_unreachable"),
    ("page not asked", {}, {AWARD: Spent("no")}, OPEN, "key", "too_much_to_ask"),
    ("badge not asked", {}, {BADGE: Spent("no")}, OPEN, "schema", "too_much_to_ask"),
    ("badge missing", {}, {BADGE: Missing("no")}, BAD, "schema", "missing"),
    ("badge is another thing", {}, {BADGE: issuer()}, BAD, "schema", "wrong_shape"),
    ("badge of a badge", {}, {BADGE: badge(id="urn:x:1")}, BAD, "schema", "missing"),
    ("badge elsewhere", {}, {BADGE: badge(id=ISSUER)}, BAD, "schema", "wrong_shape"),
    ("badge elsewhere, and again", {}, {BADGE: badge(id=KEY), KEY: badge()}, BAD, "schema", "missing"),
    ("badge is a list", {}, {BADGE: [1]}, BAD, "schema", "missing"),
    ("badge is no JSON", {}, {BADGE: b"<html>"}, BAD, "schema", "missing"),
    ("badge without issuer", {}, {BADGE: badge(issuer={"name": "x"})}, BAD, "schema", "no_address"),
    ("issuer without e-mail", {}, {ISSUER: {k: v for k, v in issuer().items() if k != "email"}},
     BAD, "schema", "wrong_shape"),
    ("issuer is a profile", {}, {ISSUER: issuer(type=["Profile"])}, GOOD, "schema", "right_shape_2"),
    ("no web address", {"id": "urn:uuid:1"}, {}, BAD, "proof", "not_hosted"),
    ("signed without signature", {"verification": {"type": "signed"}}, {}, BAD, "proof", "no_proof"),
    ("both ways at once", {"verification": {"type": ["HostedBadge", "SignedBadge"]}}, {}, BAD, "schema", "wrong_shape"),
    ("no way", {"verification": "x"}, {}, BAD, "schema", "wrong_shape"),
    ("name is no text", {"narrative": 1}, {}, BAD, "schema", "wrong_shape"),
    ("no absolute id", {"id": "award"}, {}, BAD, "schema", "wrong_shape"),
    ("badge is a number", {"badge": 1}, {}, BAD, "schema", "wrong_shape"),
    ("date without offset", {"issuedOn": "2026-05-01T00:00:00"}, {}, BAD, "schema", "wrong_shape"),
    ("date alone", {"issuedOn": "2026-05-01"}, {}, BAD, "schema", "wrong_shape"),
    ("no date", {"issuedOn": "2026-05-91T00:00:00Z"}, {}, BAD, "schema", "wrong_shape"),
    ("recipient is text", {"recipient": "ana"}, {}, BAD, "schema", "wrong_shape"),
    ("hashed as text", {"recipient": {"type": "email", "identity": "x", "hashed": "true"}}, {},
     BAD, "schema", "wrong_shape"),
    ("salt is a number", {"recipient": {"type": "email", "identity": "x", "hashed": False, "salt": 1}}, {},
     BAD, "schema", "wrong_shape"),
    ("unknown hash", {"recipient": {"type": "email", "identity": "crc$1", "hashed": True}}, {},
     BAD, "schema", "wrong_shape"),
    ("another standard beside it", {"@context": [openbadges2.CONTEXT, "https://x.example/c"]}, {},
     GOOD, "schema", "right_shape_2"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "document", "found", "verdict", "check", "expected"), CHANGES)
def test_hosted_answers(
    what: str, document: dict[str, Any], found: dict[str, Any], verdict: str, check: str, expected: str
) -> None:
    whole = award(**document)
    report = ask(json.dumps(whole), pages(**{AWARD: whole, **found}))
    assert code(report, check)[1] == expected
    assert str(report.verdict) == verdict


def test_a_badge_class_inside_the_assertion() -> None:
    for inside, verdict in (
        (badge(), GOOD),
        ({k: v for k, v in badge().items() if k != "@context"}, GOOD),
        (badge(issuer=issuer()), GOOD),
        (badge(id="urn:uuid:7"), GOOD),
        (badge(name="Surgery"), BAD),
        (badge(issuer="https://evil.example/issuer"), BAD),
    ):
        whole = award(badge=inside)
        report = ask(json.dumps(whole), pages(**{AWARD: whole}))
        assert str(report.verdict) == verdict
        if verdict == BAD:
            assert code(report, "schema") == ("failed", "badge_differs")


def test_scope_of_an_issuers_assertions() -> None:
    cases: list[tuple[dict[str, Any], str, bool]] = [
        ({}, AWARD, True),
        ({}, "https://college.example:443/x", True),
        ({}, "https://college.example:8443/x", False),
        ({}, "https://college.example.evil.example/x", False),
        ({}, "https://other.example/x", False),
        ({}, "https://college.example@evil.example/x", False),
        ({}, "https://college.example:x/y", False),
        ({}, "https://college.example/a/../b", False),
        ({}, "https://college.example/a/%2E%2e/b", False),
        ({}, "https://college.example/a%5c..%5cb", False),
        ({}, "ftp://college.example/b", False),
        ({}, "http://college.example/b", False),
        ({"startsWith": "https://college.example/aw"}, AWARD, True),
        ({"startsWith": ["https://x.example/", "https://college.example/"]}, AWARD, True),
        ({"startsWith": "https://college.example/x"}, AWARD, False),
        ({"startsWith": "https://college.example"}, "https://college.example.evil.example/x", False),
        ({"startsWith": [1]}, AWARD, False),
        ({"allowedOrigins": "Badges.Example"}, "https://badges.example/x", True),
        ({"allowedOrigins": "badges.example"}, AWARD, False),
        ({"allowedOrigins": ["https://badges.example:8443"]}, "https://badges.example:8443/x", True),
        ({"allowedOrigins": "http://badges.example"}, "https://badges.example/x", True),
        ({"allowedOrigins": "https://badges.example"}, "http://badges.example/x", False),
        ({"allowedOrigins": [1, "ftp://badges.example"]}, "https://badges.example/x", False),
        ({"allowedOrigins": "college.example", "startsWith": "https://college.example/x"}, AWARD, False),
    ]
    for rules, address, expected in cases:
        whole = award(id=address)
        report = ask(json.dumps(whole), {address: whole, BADGE: badge(), ISSUER: issuer(verification=rules)})
        if (report.check("schema") or report.checks[0]).outcome is Outcome.PASSED:
            assert (code(report, "controller")[0] == "passed") is expected, (rules, address)
        assert (str(report.verdict) == GOOD) is expected, (rules, address)


def test_what_may_be_wrong_with_a_signed_one() -> None:
    good = jws(signed())
    rows: list[tuple[str, dict[str, Any], str, str, str]] = [
        (good, {KEY: Unreachable("no")}, OPEN, "key", "key_unreachable"),
        (good, {KEY: Unreachable("no")}, OPEN, "controller", "no_key"),
        (good, {KEY: Missing("no")}, BAD, "key", "key_missing"),
        (good, {KEY: key_page(publicKeyPem="x")}, BAD, "key", "bad_key"),
        (good, {KEY: key_page(publicKeyPem=1)}, BAD, "key", "bad_key"),
        (good, {KEY: key_page("small")}, BAD, "key", "unknown_key_kind"),
        (good, {KEY: key_page("koblitz")}, BAD, "key", "unknown_key_kind"),
        (good, {KEY: key_page("dsa")}, BAD, "key", "unknown_key_kind"),
        (good, {KEY: key_page("RS256-other")}, BAD, "signature", "wrong_signature"),
        (good, {ISSUER: issuer()}, BAD, "controller", "not_issuer"),
        (jws(signed(verification={"type": "signed"})), {ISSUER: issuer()}, BAD, "key", "key_missing"),
        (jws(signed(verification={"type": "signed"})), {ISSUER: issuer(publicKey=[KEY] * 6)}, BAD, "key", "too_many"),
        (jws(signed(), "RS256", crit=["x"]), {}, BAD, "proof", "bad_proof"),
        (jws(signed(), "RS256", alg="PS256"), {}, OPEN, "proof", "unknown_suite"),
        (good, {ISSUER: issuer(publicKey=KEY, revocationList=AWARD), AWARD: Unreachable("no")},
         OPEN, "status", "list_unreachable"),
        (good, {ISSUER: issuer(publicKey=KEY, revocationList=AWARD), AWARD: Spent("no")},
         OPEN, "status", "too_much_to_ask"),
        (good, {ISSUER: issuer(publicKey=KEY, revocationList=AWARD)}, OPEN, "status", "list_missing"),
        (good, {ISSUER: issuer(publicKey=KEY, revocationList=AWARD),
                AWARD: {"id": AWARD, "issuer": BADGE, "revokedAssertions": []}}, OPEN, "status", "bad_list"),
        (good, {ISSUER: issuer(publicKey=KEY, revocationList=AWARD), AWARD: {"id": AWARD, "revokedAssertions": 1}},
         OPEN, "status", "bad_list"),
        (good, {ISSUER: issuer(publicKey=KEY, revocationList=AWARD),
                AWARD: {"id": AWARD, "issuer": ISSUER, "revokedAssertions": [{"id": "urn:uuid:1"}]}},
         BAD, "status", "revoked"),
    ]  # fmt: skip
    for token, found, verdict, check, expected in rows:
        report = ask(token, signed_pages(**found))
        assert code(report, check)[1] == expected
        assert str(report.verdict) == verdict


# --- attacks -------------------------------------------------------------------------------------------


def test_attack_the_file_differs_from_the_hosted_assertion() -> None:
    for change in ({"issuedOn": "2025-01-01T00:00:00Z"}, {"recipient": {**award()["recipient"], "salt": "x"}},
                   {"narrative": "With honors."}):  # fmt: skip
        report = ask(json.dumps(award(**change)), pages())
        assert code(report, "signature") == ("failed", "differs_from_page")


def test_attack_a_page_that_answers_numbers_json_cannot_hold() -> None:
    text = json.dumps(award()).replace('"2026-05-01T00:00:00Z"', "9" * 30)
    assert str(ask(json.dumps(award()), pages(**{AWARD: text.encode()})).verdict) == BAD
    report = ask(award(x=1.5), pages(**{AWARD: award(x=1.25)}))
    assert code(report, "signature") == ("failed", "differs_from_page")


def test_attack_hosted_on_another_origin() -> None:
    forged = award(id="https://evil.example/award")
    report = ask(json.dumps(forged), pages(**{"https://evil.example/award": forged}))
    assert code(report, "controller") == ("failed", "out_of_scope")


def test_attack_an_issuer_profile_written_into_the_assertion() -> None:
    own = issuer(verification={"allowedOrigins": ["evil.example"]}, publicKey=[key_page("RS256-evil")])
    hosted = award(id="https://evil.example/award", badge=badge(issuer=own))
    report = ask(json.dumps(hosted), pages(**{"https://evil.example/award": hosted}))
    assert code(report, "controller") == ("failed", "out_of_scope")
    token = jws(signed(badge=badge(id="urn:uuid:9", issuer=own)), "RS256-evil")
    report = ask(token, signed_pages())
    assert code(report, "signature") == ("failed", "wrong_signature")


def test_attack_no_algorithm() -> None:
    for algorithm in ("none", "None", "NONE", 1, None):
        token = f"{part({'alg': algorithm})}.{part(signed())}.{base64url_encode(b'x')}"
        assert code(ask(token, signed_pages()), "proof") == ("failed", "bad_proof")


def test_attack_the_public_key_used_as_a_shared_secret() -> None:
    message = f"{part({'alg': 'HS256'})}.{part(signed())}"
    seal = hmac.HMAC(pem("RS256").encode(), hashes.SHA256())
    seal.update(message.encode())
    report = ask(f"{message}.{base64url_encode(seal.finalize())}", signed_pages())
    assert code(report, "proof") == ("failed", "bad_proof")


def test_attack_the_header_names_another_kind_of_key() -> None:
    report = ask(jws(signed(), "RS256", alg="EdDSA"), signed_pages())
    assert code(report, "signature") == ("failed", "wrong_key_kind")


def test_attack_the_key_of_another_issuer() -> None:
    other = "https://evil.example/issuer"
    key = key_page("RS256-evil", id="https://evil.example/key", owner=other)
    token = jws(signed(verification={"type": "SignedBadge", "creator": key["id"]}), "RS256-evil")
    report = ask(token, signed_pages(**{key["id"]: key}))
    assert code(report, "controller") == ("failed", "not_issuer")
    boast = {**key, "owner": ISSUER}  # its owner does not list it
    report = ask(token, signed_pages(**{key["id"]: boast}))
    assert code(report, "controller") == ("failed", "not_issuer")


def test_attack_words_defined_by_the_document_itself() -> None:
    words = {**dict(openbadges2._WORDS), "issuer": "https://evil.example/word"}
    whole = award(**{"@context": [openbadges2.CONTEXT, words]})
    assert code(ask(json.dumps(whole), pages(**{AWARD: whole})), "schema") == ("failed", "wrong_shape")
    report = ask(json.dumps(award()), pages(**{BADGE: badge(**{"@context": words})}))
    assert code(report, "schema") == ("failed", "wrong_shape")


def test_attack_a_malformed_assertion_makes_us_ask_nobody() -> None:
    resolver = Pages(pages())
    report = verify(award(recipient="x"), resolver=resolver, at=AT)
    assert (str(report.verdict), resolver.asked) == (BAD, [])


def test_attack_a_second_member_of_the_same_name() -> None:
    text = json.dumps(award())[:-1] + ', "badge": "https://evil.example/badge"}'
    assert code(ask(text, pages()), "parse") == ("failed", "duplicate_key")


def test_attack_endless_endorsements() -> None:
    whole = award(endorsement=["https://evil.example/1"] * 11)
    resolver = Pages(pages(**{AWARD: whole}))
    report = verify(whole, resolver=resolver, at=AT)
    assert code(report, "endorsements") == ("could_not_tell", "not_reached")
    assert "https://evil.example/1" not in resolver.asked


# --- endorsements --------------------------------------------------------------------------------------

FARM = "https://farm.example/profile"
WORD = "https://farm.example/word"


def word(**more: Any) -> dict[str, Any]:
    return {
        "@context": openbadges2.CONTEXT,
        "type": "Endorsement",
        "id": WORD,
        "claim": {"id": BADGE, "endorsementComment": "We hire by it."},
        "issuer": FARM,
        "issuedOn": "2026-05-02T00:00:00Z",
        "verification": {"type": "HostedBadge"},
        **more,
    }


def endorsed(item: Any, **found: Any) -> tuple[str, str]:
    farm = issuer(id=FARM, publicKey=key_page("EdDSA", owner=FARM))
    report = ask(award(endorsement=item), pages(**{AWARD: award(endorsement=item), FARM: farm, WORD: word(), **found}))
    return code(report, "endorsements")


def test_endorsements() -> None:
    inside = {k: v for k, v in word().items() if k != "@context"}
    assert endorsed(WORD) == ("passed", "genuine")
    assert endorsed([word(), WORD]) == ("passed", "genuine")
    assert endorsed(inside, **{WORD: {**inside, "@context": openbadges2.CONTEXT}}) == ("passed", "genuine")
    token = jws(word(id="urn:x:2", verification={"type": "signed", "creator": KEY}), "EdDSA")
    assert endorsed(token) == ("passed", "genuine")
    assert endorsed(WORD, **{WORD: Unreachable("no")}) == ("could_not_tell", "unanswered")
    assert endorsed(WORD, **{FARM: Unreachable("no")}) == ("could_not_tell", "unanswered")
    assert endorsed(word(), **{WORD: Gone("no")}) == ("could_not_tell", "lapsed")
    assert endorsed(WORD, **{WORD: word(claim={"id": KEY})}) == ("failed", "of_another")
    assert endorsed(WORD, **{WORD: word(claim={"id": [KEY]})}) == ("failed", "of_another")
    assert endorsed(WORD, **{WORD: word(claim=KEY)}) == ("failed", "not_genuine")
    assert endorsed(word(), **{WORD: word(claim={"id": AWARD})}) == ("failed", "not_genuine")
    assert endorsed(jws(word(), "EdDSA-other")[:-8] + "AAAAAAAA") == ("passed", "genuine")  # hosted: its page decides


# --- whom it names -------------------------------------------------------------------------------------


def names(kind: str, value: str, identity: str, **more: Any) -> bool | None:
    return openbadges2.recipient_matches({"recipient": {"type": kind, "identity": identity, **more}}, value)


def test_recipients_worked_by_hand() -> None:
    published = "sha256$ecf5409f3f4b91ab60cc5ef4c02aef7032354375e70cf4d8e43f6a1d29891942"
    assert names("email", "nobody@example.org", published, hashed=True, salt="deadsea") is True
    assert names("email", "somebody@example.org", published, hashed=True, salt="deadsea") is False
    plain = "md5$" + hashlib.md5(b"ana@example.org", usedforsecurity=False).hexdigest()
    assert names("email", " Ana@Example.org ", plain, hashed=True) is True
    mixed = "sha256$" + hashlib.sha256(b"Ana@Example.org").hexdigest().upper()
    assert names("email", "Ana@Example.org", mixed, hashed=True) is True
    assert names("url", "https://ana.example/A", "https://ana.example/A", hashed=False) is True
    assert names("url", "https://ana.example/a", "https://ana.example/A", hashed=False) is False
    assert names("telephone", "+16065550100", "+16065550100 ", hashed=False) is True
    assert names("email", "ana@example.org", "ANA@example.org", hashed=False) is True
    assert names("email", "ana@example.org", "crc$1", hashed=True) is None
    assert openbadges2.recipient_matches({}, "x") is None


@settings(max_examples=30, deadline=None)
@given(st.emails(), st.text("abcdef0123456789", max_size=12))
def test_a_hash_names_its_own_address_and_no_other(email: str, salt: str) -> None:
    identity = c.hash_identity(email, salt)
    assert names("email", email, identity, hashed=True, salt=salt) is True
    assert names("email", "x" + email, identity, hashed=True, salt=salt) is False


# --- our own form --------------------------------------------------------------------------------------

ACHIEVEMENT = c.Achievement(
    id="https://college.example/achievements/1",
    name="Drip irrigation",
    description="Lays out a drip line.",
    criteria=c.Criteria(narrative="Shown on a real field.", id="https://college.example/achievements/1"),
    in_language="en",
    version="2",
    tags=("level 1",),
    alignments=(c.Alignment(target_name="Irrigation", target_url="https://framework.example/irrigation"),),
    related=(c.Related(id="https://college.example/achievements/2"),),
)
PROFILE = c.Profile(id="did:web:college.example", name="Hill College")


def ours() -> dict[str, dict[str, Any]]:
    assertion = openbadges2.build_assertion(
        HostedAssertion(
            id=AWARD,
            badge_id=BADGE,
            email="Ana@Example.org",
            salt="0f",
            issued_on=datetime(2026, 5, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            expires=datetime(2027, 5, 1, tzinfo=UTC),
            credential_url="https://college.example/v/ABC.json",
        )
    )
    return {
        AWARD: assertion,
        BADGE: openbadges2.build_badge_class(
            ACHIEVEMENT, identifier=BADGE, issuer_id=ISSUER, image="https://college.example/badge.svg"
        ),
        ISSUER: openbadges2.build_issuer(
            PROFILE, identifier=ISSUER, url="https://college.example", email="a@college.example",
            scope="https://college.example/",
        ),
    }  # fmt: skip


def test_what_we_write_verifies_and_can_be_baked() -> None:
    written = ours()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'
    baked = bake(svg, json.dumps(written[AWARD]).encode(), version="2.0")
    report = ask(unbake(baked), written)
    assert str(report.verdict) == GOOD
    assert written[AWARD]["issuedOn"] == "2026-05-01T00:00:00Z"
    assert openbadges2.recipient_matches(written[AWARD], "ana@example.org") is True
    gone = openbadges2.build_revoked(AWARD, "A mix-up.")
    assert gone["revoked"] is True
    assert code(ask(json.dumps(written[AWARD]), {**written, AWARD: gone}), "status") == ("failed", "revoked")
    assert "@language" not in openbadges2.build_badge_class(
        c.Achievement(id="urn:x:1", name="n", description="d", criteria=c.Criteria(narrative="x")),
        identifier=BADGE, issuer_id=ISSUER, image=KEY,
    )  # fmt: skip


def test_what_cannot_be_written() -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    good: dict[str, Any] = {"id": AWARD, "badge_id": BADGE, "email": "a@b.example", "salt": "x", "issued_on": moment}
    for change, expected in (
        ({"id": "urn:uuid:1"}, "bad_address"),
        ({"badge_id": "badge"}, "bad_address"),
        ({"email": "ana"}, "no_email"),
        ({"issued_on": datetime(2026, 5, 1)}, "no_time_zone"),
    ):
        with pytest.raises(c.CredentialError) as caught:
            openbadges2.build_assertion(HostedAssertion(**{**good, **change}))
        assert caught.value.code == expected
