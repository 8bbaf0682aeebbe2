"""What forgers try, each by its name, and what `verify` says to it."""

from __future__ import annotations

import copy
import gzip
import hashlib
import hmac
import json
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import multibase, proofs, status
from fieldstone.credential.baked import PNG, unbake
from fieldstone.credential.contexts import CREDENTIALS_V1, CREDENTIALS_V2, OPEN_BADGES
from fieldstone.credential.errors import JsonLdError, ParseError
from fieldstone.credential.multibase import base64url_encode
from fieldstone.credential.templates import canonical_nquads
from tests.credential.cases import AT, KEY, LIST_URL, signed

WEB = "did:web:college.example"
STRANGER = c.SigningKey.from_seed(b"stranger's key: thirty-two bytes")
P256 = c.SigningKey.from_seed(bytes(range(32)), kind="P-256")
PLAIN = signed(status=())
BARE = proofs.without_proof(PLAIN)
VC = "https://www.w3.org/2018/credentials#"
DATE = "http://www.w3.org/2001/XMLSchema#dateTime"


def _verify(document: Any, resolver: c.Resolver | None = None, **options: Any) -> c.Report:
    return c.verify(document, resolver=resolver or c.Offline(), at=options.pop("at", AT), **options)


def _refused(report: c.Report, name: str, code: str) -> None:
    check = report.check(name)
    assert check is not None, report.to_json()
    assert (str(report.verdict), str(check.outcome), check.code) == ("not_verified", "failed", code), report.to_json()


def _changed(change: Callable[[dict[str, Any]], object], document: dict[str, Any] = PLAIN) -> dict[str, Any]:
    made = copy.deepcopy(document)
    change(made)
    return made


def _token(header: dict[str, Any] | str, claims: dict[str, Any] | str, sign: Callable[[bytes], bytes]) -> str:
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, claims)]
    message = ".".join(base64url_encode(part.encode()) for part in parts)
    return f"{message}.{base64url_encode(sign(message.encode()))}"


# Contexts, and words that readers of the JSON do not see


@pytest.mark.parametrize("where", [(), ("issuer",), ("credentialSubject",), ("credentialSubject", "achievement")])
@pytest.mark.parametrize(
    "context",
    [
        {"name": "https://schema.org/alternateName"},
        {"@vocab": "https://evil.example/"},
        [CREDENTIALS_V2, {"x": "urn:x"}],
    ],
)
def test_attack_inline_context(where: tuple[str, ...], context: Any) -> None:
    """A context of its own could make a signed word mean something else."""

    def change(document: dict[str, Any]) -> None:
        for name in where:
            document = document[name]
        document["@context"] = [*document.get("@context", []), context] if not where else context

    report = _verify(_changed(change))
    assert report.verdict == "not_verified"
    assert report.check("schema").code in {"inline_context", "wrong_shape"}
    assert report.check("signature").outcome != "passed"


def test_attack_unknown_context_at_an_address() -> None:
    """A context that is fetched is one that its host can change tomorrow."""
    document = _changed(lambda d: d["@context"].append("https://evil.example/context"))
    _refused(_verify(document), "schema", "wrong_shape")


def test_attack_words_that_no_context_defines() -> None:
    """They would be left out of what is signed, so that anybody could add them."""
    _refused(_verify(_changed(lambda d: d.update(honors="summa cum laude"))), "schema", "undefined_term")
    inside = _changed(lambda d: d["credentialSubject"].update(honors="summa cum laude"))
    _refused(_verify(inside), "schema", "undefined_term")


def test_attack_protected_term_redefined() -> None:
    """A second context may not say anew what a word of the first means."""
    document = _changed(lambda d: d["@context"].insert(1, CREDENTIALS_V1))
    _refused(_verify(document), "schema", "protected_term")
    opened = c.Contexts({"https://x.example/": {"@context": {"name": "urn:x:name"}}})
    document = _changed(lambda d: d["@context"].append("https://x.example/"))
    _refused(_verify(document, contexts=opened), "schema", "protected_term")


def _revoked() -> tuple[dict[str, Any], c.Offline]:
    entry = c.StatusEntry(list_url=LIST_URL, index=7)
    listed = c.build_list(url=LIST_URL, issuer=KEY.controller, purpose="revocation", positions=[7], valid_from=AT)
    page = c.dumps(c.sign(listed, key=KEY, created=AT))
    return signed(status=(entry,)), c.Offline({}, {LIST_URL: page})


def test_attack_status_written_out_as_an_address() -> None:
    """The holder of a revoked credential renames one member; its statements, and so its signature, stay the same."""
    document, resolver = _revoked()
    _refused(_verify(document, resolver), "status", "revoked")
    hidden = _changed(lambda d: d.update({f"{VC}credentialStatus": d.pop("credentialStatus")}), document)
    _refused(_verify(hidden, resolver), "schema", "written_out")


def test_attack_expiry_written_out_as_an_address() -> None:
    late = AT + timedelta(days=9999)
    _refused(_verify(PLAIN, at=late), "dates", "expired")
    hidden = _changed(lambda d: d.update({f"{VC}validUntil": {"@type": DATE, "@value": d.pop("validUntil")}}))
    _refused(_verify(hidden, at=late), "schema", "written_out")


def test_attack_expiry_of_the_proof_written_out_as_an_address() -> None:
    options = {**{k: v for k, v in PLAIN["proof"].items() if k != "proofValue"}, "expires": "2026-03-03T00:00:00Z"}
    message = proofs.SUITES["eddsa-rdfc-2022"].message(BARE, options, "Ed25519", c.KNOWN)
    proof = {**options, "proofValue": multibase.encode(KEY.sign(message))}
    late = AT + timedelta(days=5)
    _refused(_verify({**BARE, "proof": proof}, at=late), "dates", "expired")
    moved = {"@type": DATE, "@value": proof.pop("expires")}
    hidden = {**BARE, "proof": {**proof, "https://w3id.org/security#expiration": moved}}
    _refused(_verify(hidden, at=late), "signature", "written_out")


@pytest.mark.parametrize("name", ["evidence", "relatedResource"])
def test_attack_values_hidden_in_sets(name: str) -> None:
    """JSON-LD flattens sets and arrays in arrays; who reads the JSON would look past what is in them."""
    file = c.Resource(id="https://college.example/f", digest_sri=c.digest_sri(b"as assessed"))
    document = signed(status=(), resources=(file,))
    resolver = c.Offline({}, {"https://college.example/f": b"another file"})
    _refused(_verify(document, resolver), "evidence", "changed_file")
    for hide in (lambda value: [value], lambda value: {"@set": value}):
        hidden = _changed(lambda d, hide=hide: d.update({name: hide(d[name])}), document)
        report = _verify(hidden, resolver, any_kind=True)
        assert report.verdict == "not_verified"
        assert report.check("schema").code in {"hidden_value", "wrong_shape"}


def test_attack_status_said_of_the_same_node_elsewhere() -> None:
    """Where a document names itself in a part, the part could take over what the whole says of itself."""
    document, resolver = _revoked()
    bare = proofs.without_proof(document)
    bare["evidence"] = [{"id": bare["id"], "type": ["Evidence"]}]
    revoked = c.sign(bare, key=KEY, created=AT)
    _refused(_verify(revoked, resolver), "status", "revoked")

    def move(d: dict[str, Any]) -> None:
        d["evidence"][0] |= {
            "type": ["Evidence", "VerifiableCredential"],
            "credentialStatus": d.pop("credentialStatus"),
        }

    _refused(_verify(_changed(move, revoked), resolver), "schema", "said_elsewhere")


def test_attack_identifiers_and_types_under_other_names() -> None:
    """`@id` means what `id` means, but who reads the JSON looks for `id`."""
    for change in (
        lambda d: d.update({"@id": d.pop("id")}),
        lambda d: d["issuer"].update({"@id": d["issuer"].pop("id")}),
        lambda d: d["credentialSubject"].update({"@type": d["credentialSubject"].pop("type")}),
        lambda d: d.update({"@type": ["OpenBadgeCredential"], "type": ["VerifiableCredential"]}),
    ):
        report = _verify(_changed(change), any_kind=True)
        assert report.verdict == "not_verified"
        assert report.check("schema").code in {"written_out", "wrong_shape"}


def test_attack_a_type_written_out_as_an_address() -> None:
    """Else an endorsement of something else could pass as a credential of no special kind."""
    document = _changed(lambda d: d.update(type=["VerifiableCredential", OB_TYPE]))
    _refused(_verify(document, any_kind=True), "schema", "written_out")


OB_TYPE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"


# Algorithms and keys

CLAIMS = {**BARE, "iss": KEY.controller}


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS256", "hs256", "", None, 5, ["EdDSA"], {"alg": "EdDSA"}]
)
def test_attack_algorithm_that_needs_no_private_key(algorithm: Any) -> None:
    """`none`, and HMAC with the public key as the secret (RFC 8725 section 2.1)."""
    public = KEY.public.multikey()
    for secret in (public.encode(), multibase.decode(public)[2:], c.dumps(dict(KEY.public.jwk()))):
        token = _token({"alg": algorithm, "kid": KEY.id}, CLAIMS, lambda m, s=secret: hmac.new(s, m, "sha256").digest())
        _refused(_verify(token), "proof", "forgeable")
    bare = ".".join(base64url_encode(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": KEY.id}, CLAIMS))
    _refused(_verify(f"{bare}."), "parse", "not_json")


def test_attack_algorithm_of_another_kind_of_key() -> None:
    """The header says one algorithm, the issuer's key is for another."""
    for name in ("ES256", "ES384", "ES512", "RS256"):
        _refused(_verify(_token({"alg": name, "kid": KEY.id}, CLAIMS, KEY.sign)), "key", "wrong_key_kind")


def test_attack_extensions_that_a_reader_might_skip() -> None:
    for extra in ({"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}):
        _refused(_verify(_token({"alg": "EdDSA", "kid": KEY.id, **extra}, CLAIMS, KEY.sign)), "proof", "bad_proof")


def test_attack_a_key_that_the_token_brings_along() -> None:
    """A stranger's key in the header proves nothing about the issuer it names."""
    header = {"alg": "EdDSA", "kid": KEY.id, "jwk": STRANGER.public.jwk()}
    report = _verify(_token(header, CLAIMS, STRANGER.sign))
    assert report.verdict == "not_verified"
    report = _verify(_token({"alg": "EdDSA", "jwk": STRANGER.public.jwk()}, CLAIMS, STRANGER.sign))
    _refused(report, "key", "key_missing")
    for name in ("jku", "x5u"):
        header = {"alg": "EdDSA", name: "https://evil.example/keys"}
        assert _verify(_token(header, CLAIMS, STRANGER.sign)).verdict == "not_verified"


def _with_method(method: str, key: c.SigningKey, suite: str = "eddsa-rdfc-2022") -> dict[str, Any]:
    """The plain credential with a proof by `key` that names `method` as its key."""
    options = {"type": "DataIntegrityProof", "cryptosuite": suite, "created": "2026-03-02T12:00:00Z",
               "verificationMethod": method, "proofPurpose": "assertionMethod"}  # fmt: skip
    message = hashlib.sha256(b"").digest() if suite not in proofs.SUITES or key.kind not in proofs.SUITES[suite].hashes \
        else proofs.SUITES[suite].message(BARE, options, key.kind, c.KNOWN)  # fmt: skip
    return {**BARE, "proof": {**options, "proofValue": multibase.encode(key.sign(message))}}


def test_attack_a_strangers_signature_under_the_issuers_name() -> None:
    _refused(_verify(_with_method(KEY.id, STRANGER)), "signature", "wrong_signature")
    _refused(_verify(_with_method(STRANGER.id, STRANGER)), "controller", "not_issuer")


def test_attack_a_p256_key_under_an_ed25519_suite() -> None:
    """The suite says how to check; a key of another kind is no key for it."""
    _refused(_verify(_with_method(P256.id, P256)), "key", "wrong_key_kind")
    _refused(_verify(_with_method(KEY.id, KEY, "ecdsa-rdfc-2019")), "key", "wrong_key_kind")


def test_attack_a_key_that_is_for_another_purpose() -> None:
    """A key with which the issuer only signs in may not vouch for anybody."""
    key = STRANGER.controlled_by(WEB)
    document = c.sign({**BARE, "issuer": {**BARE["issuer"], "id": WEB}}, key=key, created=AT)
    own = c.did_document(WEB, [KEY.public])
    own["verificationMethod"].append(
        {**own["verificationMethod"][0], "id": key.id, "publicKeyMultibase": key.public.multikey()}
    )
    own["authentication"].append(key.id)
    _refused(_verify(document, c.Offline({WEB: own})), "controller", "wrong_purpose")
    own["assertionMethod"].append(key.id)
    assert _verify(document, c.Offline({WEB: own})).verdict == "verified"


def test_attack_a_key_of_another_controller_in_the_issuers_words() -> None:
    """The stranger's own document names the issuer as controller of the stranger's key."""
    theirs = "did:web:evil.example"
    method = {
        "id": f"{theirs}#1",
        "type": "Multikey",
        "controller": KEY.controller,
        "publicKeyMultibase": STRANGER.public.multikey(),
    }
    page = {"id": theirs, "verificationMethod": [method], "assertionMethod": [f"{theirs}#1"]}
    report = _verify(_with_method(f"{theirs}#1", STRANGER), c.Offline({theirs: page}))
    _refused(report, "controller", "not_controller")
    page["verificationMethod"][0] = {**method, "controller": theirs}
    _refused(_verify(_with_method(f"{theirs}#1", STRANGER), c.Offline({theirs: page})), "controller", "not_issuer")


def test_attack_a_did_document_about_somebody_else() -> None:
    """A host answers for its own name only."""
    document = c.sign({**BARE, "issuer": {**BARE["issuer"], "id": WEB}}, key=STRANGER.controlled_by(WEB), created=AT)
    about_other = c.did_document("did:web:evil.example", [STRANGER.public])
    _refused(_verify(document, c.Offline({WEB: about_other})), "key", "key_missing")


# Wrapped and moved proofs


def test_attack_the_proof_moved_into_a_part() -> None:
    """As in XML signature wrapping: the signature is there and good, but not over what is read."""
    for place in ("issuer", "credentialSubject"):
        moved = _changed(lambda d, place=place: d[place].update(proof=d.pop("proof")))
        _refused(_verify(moved), "proof", "no_proof")


def test_attack_a_signed_credential_inside_an_unsigned_one() -> None:
    """The outer document says what it likes and encloses one that is genuine."""
    outer = _changed(lambda d: d.update(name="Doctor of medicine"), BARE)
    for name in ("verifiableCredential", "proof", "evidence", "relatedResource", "credentialSubject"):
        report = _verify({**outer, name: PLAIN}, any_kind=True)
        assert report.verdict != "verified"
        assert report.check("signature").outcome != "passed"


def test_attack_a_second_proof_by_a_stranger() -> None:
    """It neither helps a document without the issuer's own proof nor replaces one."""
    own = PLAIN["proof"]
    theirs = _with_method(STRANGER.id, STRANGER)["proof"]
    assert _verify({**BARE, "proof": [own, theirs]}).verdict == "verified"  # both are true
    changed = _changed(lambda d: d.update(name="Doctor of medicine"), BARE)
    again = c.add_proof(changed, key=STRANGER, created=AT)["proof"]
    for both in ([own, *again], [*again, own]):
        _refused(_verify({**changed, "proof": both}), "signature", "wrong_signature")
    _refused(_verify({**changed, "proof": again}), "controller", "not_issuer")


def test_attack_a_proof_that_covers_only_its_own_part() -> None:
    """A stranger's proof with `previousProof` may not stand for the issuer's that was taken away."""
    base = c.add_proof(BARE, key=KEY, created=AT, id="urn:proof:1")
    both = c.add_proof(base, key=STRANGER, created=AT, previous=("urn:proof:1",))
    assert _verify(both).verdict == "verified"
    _refused(_verify({**both, "proof": both["proof"][1:]}), "proof", "bad_chain")


def test_attack_the_signature_of_another_document() -> None:
    other = signed(status=(), name="Drives a truck")
    _refused(_verify({**PLAIN, "proof": other["proof"]}), "signature", "wrong_signature")
    _refused(_verify({**other, "id": PLAIN["id"], "proof": PLAIN["proof"]}), "signature", "wrong_signature")


# Text that two readers read differently


@pytest.mark.parametrize("inside", ["top", "header", "claims"])
def test_attack_duplicated_json_keys(inside: str) -> None:
    """One reader takes the first, another the last."""
    if inside == "top":
        text = c.dumps(PLAIN).decode().replace('{"@context"', '{"name":"Doctor of medicine","@context"', 1)
    elif inside == "header":
        text = _token('{"alg":"none","alg":"EdDSA","kid":"' + KEY.id + '"}', CLAIMS, KEY.sign)
    else:
        doubled = '{"name":"Doctor of medicine",' + json.dumps(CLAIMS)[1:]
        text = _token({"alg": "EdDSA", "kid": KEY.id}, doubled, KEY.sign)
    _refused(_verify(text), "parse", "duplicate_key")


def test_attack_keys_that_differ_only_in_how_they_are_escaped() -> None:
    text = c.dumps(PLAIN).decode().replace('{"@context"', r'{"n\u0061me":"Doctor of medicine","@context"', 1)
    _refused(_verify(text), "parse", "duplicate_key")


@pytest.mark.parametrize(
    "look_alike",
    [
        "did:web:\u0441ollege.example",  # Cyrillic es
        "did:web:coll\u0435ge.example",  # Cyrillic ie
        "did:web:college\u3002example",  # ideographic full stop
        "did:web:ｃollege.example",  # full width
        "did:web:college.example\u200b",  # no width at all
        "did:web:college.example\u202e",  # turns what follows around
        "did:web:col\u00adlege.example",  # soft hyphen
    ],
)
def test_attack_look_alike_issuer(look_alike: str) -> None:
    """It is no DID, it is not looked up, and it is not the issuer that one trusts."""
    key = STRANGER.controlled_by(look_alike)
    document = c.sign(
        {**BARE, "issuer": {**BARE["issuer"], "id": look_alike}}, key=key, created=AT, suite="eddsa-jcs-2022"
    )
    answers = c.Offline({look_alike: c.did_document(look_alike, [STRANGER.public])})
    report = _verify(document, answers, policy=c.TrustedIssuers([WEB]))
    _refused(report, "key", "bad_did")
    assert report.check("issuer").code == "not_trusted"
    with pytest.raises(c.CredentialError):
        c.did_web_url(look_alike)


def test_attack_international_host_names() -> None:
    """In its ASCII form such a host is another name, and is trusted only where it is listed as that."""
    ascii_form = "did:web:xn--ollege-g1g.example"
    assert c.did_web_url(ascii_form) == "https://xn--ollege-g1g.example/.well-known/did.json"
    document = c.sign(
        {**BARE, "issuer": {**BARE["issuer"], "id": ascii_form}}, key=STRANGER.controlled_by(ascii_form), created=AT
    )
    answers = c.Offline({ascii_form: c.did_document(ascii_form, [STRANGER.public])})
    _refused(_verify(document, answers, policy=c.TrustedIssuers([WEB])), "issuer", "not_trusted")
    assert _verify(document, answers).verdict == "verified"  # genuine, and the report names that issuer
    assert _verify(document, answers).issuer_id == ascii_form


def test_attack_the_same_letters_composed_otherwise() -> None:
    """é as one sign and as two look alike and are not alike: neither in text nor in addresses."""
    composed = signed(status=(), name="Café")
    apart = {**composed, "name": unicodedata.normalize("NFD", "Café")}
    assert apart["name"] != composed["name"]
    _refused(_verify(apart), "signature", "wrong_signature")
    for name in ("did:web:college.example:caf\u00e9", "did:web:college.example:cafe\u0301"):
        with pytest.raises(c.CredentialError):
            c.did_web_url(name)
    assert c.did_web("college.example", "caf\u00e9") != c.did_web("college.example", "cafe\u0301")


def test_attack_upper_case_and_percent_signs_in_the_issuer() -> None:
    """The same place written otherwise is another name; only the very name is trusted."""
    for name in (
        "did:web:College.Example",
        "did:web:college%2Eexample",
        "did:web:college.example%3A443",
        "did:web:college.example:",
    ):
        assert c.TrustedIssuers([WEB]).trusts(name) is False


def test_attack_digits_of_other_scripts() -> None:
    """An index in Arabic digits is a number to one reader and none to another."""
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "\u0667",
             "statusListCredential": LIST_URL}  # fmt: skip
    document = c.sign({**BARE, "credentialStatus": entry}, key=KEY, created=AT)
    report = _verify(document, _revoked()[1])
    assert report.verdict == "could_not_tell" and report.check("status").code == "bad_entry"


# Numbers, depth, size, lines


@pytest.mark.parametrize(
    "number", ["9007199254740993", "-9007199254740993", "1" + "0" * 400, "NaN", "Infinity", "-Infinity", "1e400"]
)
def test_attack_numbers_that_are_read_differently(number: str) -> None:
    text = c.dumps(PLAIN).decode().replace('{"@context"', f'{{"n":{number},"@context"', 1)
    report = _verify(text)
    assert report.verdict == "not_verified" and report.check("parse").code in {"big_integer", "not_json"}
    token = _token({"alg": "EdDSA", "kid": KEY.id}, f'{{"exp":{number},{json.dumps(CLAIMS)[1:]}', KEY.sign)
    assert _verify(token).check("parse").code in {"big_integer", "not_json"}


@pytest.mark.parametrize("text", [r"\ud800", r"\udfff", r"\ud800\ud800", r"x\udc00y"])
def test_attack_lone_surrogates(text: str) -> None:
    written = c.dumps(PLAIN).decode().replace('"name":"Builds', f'"name":"{text}Builds', 1)
    _refused(_verify(written), "parse", "not_utf8")
    _refused(_verify({**PLAIN, "name": json.loads(f'"{text}"')}), "parse", "not_utf8")


def _timed(document: Any, seconds: float = 2.0) -> c.Report:
    started = time.process_time()
    report = _verify(document)
    assert time.process_time() - started < seconds
    return report


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', '{"evidence":['])
def test_attack_very_deep_nesting(opening: str) -> None:
    for depth in (200, 100_000):
        _refused(_timed(opening * depth), "parse", "too_deep" if depth == 100_000 else "not_json")
    closing = {"[": "]", '{"a":': "}", '[{"a":': "}]", '{"evidence":[': "]}"}[opening]
    _refused(_timed(opening * 200 + "1" + closing * 200), "parse", "too_deep")


def test_attack_huge_arrays() -> None:
    small = "{},[],0,"
    text = '{"a":[' + small * 400_000 + "0]}"
    assert 3_000_000 < len(text) < 4_194_304
    report = _timed(text, 10)
    assert report.verdict == "not_verified"
    _refused(_timed('{"a":[' + small * 600_000 + "0]}"), "parse", "too_big")
    many = _changed(lambda d: d["credentialSubject"].update(result=[{"type": ["Result"]}] * 20_000))
    assert _timed(many, 10).verdict == "not_verified"


@pytest.mark.parametrize("mark", ["\u0085", "\u2028", "\u2029", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1e", "\0"])
def test_attack_line_ends_inside_statements(mark: str) -> None:
    """Canonical statements are lines: text with a line end of any sort may neither add one nor cut one."""
    injected = f'x" .{mark}<urn:a> <urn:b> "c'
    document = c.sign({**BARE, "name": injected}, key=KEY, created=AT)
    assert _verify(c.dumps(document)).verdict == "verified"
    plain = canonical_nquads({**BARE, "name": "x"}, c.Contexts()).decode()
    lines = canonical_nquads(proofs.without_proof(document), c.Contexts()).decode()
    assert lines.count("\n") == plain.count("\n")
    assert '<urn:a> <urn:b> "c' not in lines.split("\n")
    assert f"\\u{ord(mark):04X}" in lines or mark in lines or json.dumps(mark)[1:-1] in lines
    _refused(_verify({**document, "name": injected.replace(mark, " ")}), "signature", "wrong_signature")


def test_attack_a_status_list_that_unpacks_to_gigabytes() -> None:
    packed = gzip.compress(bytes(2**26), compresslevel=9, mtime=0)
    for data in (packed, gzip.compress(packed * 20, mtime=0) + packed):
        started = time.process_time()
        with pytest.raises(c.CredentialError):
            status.decode_list("u" + base64url_encode(data))
        assert time.process_time() - started < 1


def test_attack_a_picture_that_unpacks_to_gigabytes() -> None:
    import struct
    import zlib

    body = b"openbadgecredential\0\1\0\0\0" + zlib.compress(bytes(2**26), 9)
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    with pytest.raises(ParseError, match="larger"):
        unbake(PNG + chunk)


def test_attack_drawings_that_unfold() -> None:
    """Entities that name entities ("a billion laughs"), and ones that name files of this machine."""
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    for inner in (f"<!ENTITY l0 'ha'>{laughs}", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<!ENTITY % x 'y'> %x;"):
        drawing = f'<!DOCTYPE svg [{inner}]><svg xmlns="http://www.w3.org/2000/svg">&l9;&x;</svg>'
        with pytest.raises(ParseError):
            unbake(drawing.encode())


def test_attack_a_moment_that_is_no_moment() -> None:
    """Dates at the ends of the calendar, and ones that only look like dates."""
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "٢٠٢٦-01-01T00:00:00Z",
                 "2026-01-01T00:00:00", "2026-01-01", "-2026-01-01T00:00:00Z", "2026-01-01T25:00:00Z"):  # fmt: skip
        document = c.sign({**BARE, "validUntil": text}, key=KEY, created=AT, suite="eddsa-jcs-2022")
        report = _verify(document, at=datetime(2027, 1, 1, tzinfo=UTC))
        assert report.verdict == ("verified" if text.startswith("9999") else "not_verified")


def test_attack_a_context_in_front_of_ours() -> None:
    """The first context decides; another one in its place is refused even where we know it."""
    _refused(_verify(_changed(lambda d: d["@context"].reverse())), "schema", "wrong_shape")
    with pytest.raises(JsonLdError):
        canonical_nquads({**BARE, "@context": [OPEN_BADGES, "https://evil.example/"]}, c.Contexts())
