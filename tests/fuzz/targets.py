"""The table of parsers: name, what reads the bytes, how inputs change, what they begin from.

A target's function answers with a short word for how the input was read, raises CredentialError where the library
refuses it, and asserts what must hold of every answer. Seeds are this project's own documents, and the published ones
where they are at hand.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from fieldstone import credential as c
from fieldstone.cli import plain
from fieldstone.credential import (
    baked,
    cbor,
    cose,
    dcql,
    did,
    jwt,
    methods,
    multibase,
    openid4vp,
    proofs,
    sd_jwt,
    sd_jwt_vc,
    status,
)
from fieldstone.credential.contexts import MULTIKEY, PINNED
from fieldstone.credential.jsontext import canonical, check_tree, dumps_value
from fieldstone.credential.proofs import ecdsa_sd_2023
from fieldstone.credential.templates import canonical_nquads
from tests.credential import rfc9901
from tests.credential.cases import AT, CREDENTIAL, KEY, LIST_URL, signed
from tests.credential.shared import DATA, VECTORS
from tests.fuzz import mutate
from tests.fuzz.engine import Target

WEB: Final = "did:web:college.example"
P256: Final = c.SigningKey.from_seed(bytes(range(32)), kind="P-256")
HOLDER: Final = c.SigningKey.from_seed(bytes(range(1, 33)))
LIMITS: Final = frozenset({
    "id", "type", "issuer", "credentialSubject", "credentialStatus", "credentialSchema", "relatedResource", "evidence",
    "endorsement", "validFrom", "validUntil", "issuanceDate", "expirationDate",
})  # fmt: skip
FILE_URL: Final = "https://college.example/f"


def _files(*suffixes: str, most: int = 60_000) -> list[bytes]:
    """The published files with one of these endings, where they are at hand."""
    found = (path for path in sorted(VECTORS.rglob("*")) if path.suffix in suffixes and path.stat().st_size <= most)
    return [path.read_bytes() for path in found] if DATA.is_dir() else []


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    """Signed documents of our own: every kind and every way to secure one."""
    about = CREDENTIAL.achievement.id
    endorsement = c.sign(
        c.build_endorsement(
            c.Endorsement(
                id="urn:uuid:e", issuer=c.Profile(id=KEY.controller, name="Ranch"), name="Good", comment="Yes",
                about=about, valid_from=AT,
            )
        ),
        key=KEY, created=AT,
    )  # fmt: skip
    files = (c.Resource(id=FILE_URL, digest_sri=c.digest_sri(b"x")),)
    whole = signed(endorsements=(endorsement,), resources=files)
    part = signed(id="urn:uuid:00000000-0000-4000-8000-000000000098")
    p256 = {**_bare(part), "issuer": {**part["issuer"], "id": P256.controller}}
    web = {**_bare(part), "issuer": {**part["issuer"], "id": WEB}}
    selective = c.sign_selective(p256, key=P256, created=AT)
    chain = c.add_proof(c.add_proof(_bare(part), key=KEY, created=AT, id="urn:p:1"), key=P256, created=AT,
                        suite="ecdsa-jcs-2019", previous=("urn:p:1",))  # fmt: skip
    return (
        whole, endorsement, part, chain, selective,
        c.sign(_bare(part), key=KEY, created=AT, suite="eddsa-jcs-2022"),
        c.sign(p256, key=P256, created=AT, suite="ecdsa-rdfc-2019"),
        c.sign(web, key=KEY.controlled_by(WEB), created=AT),
        c.derive(selective, show=("/credentialSubject", "/validFrom", "/name")),
        {"@context": c.contexts.CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential",
         "id": "data:application/vc+jwt," + c.sign_jwt(_bare(part), key=KEY)},
    )  # fmt: skip


@cache
def _list() -> dict[str, Any]:
    return c.sign(
        c.build_list(url=LIST_URL, issuer=KEY.controller, purpose="revocation", positions=[7], valid_from=AT),
        key=KEY, created=AT,
    )  # fmt: skip


@cache
def _tokens() -> tuple[bytes, ...]:
    bare = _bare(_documents()[2])
    shown = c.build_presentation([_documents()[0], c.sign_jwt(bare, key=KEY)], holder=HOLDER.controller)
    made = (
        c.sign_jwt(bare, key=KEY), c.sign_jwt(bare, key=KEY, open_badges=True),
        c.sign_jwt({**bare, "issuer": P256.controller}, key=P256),
        c.sign_presentation_jwt(shown, key=HOLDER, challenge="1", domain="d"), "e30.e30.AA",
    )  # fmt: skip
    return (*(text.encode() for text in made), *(data.strip() for data in _files(".jwt")))


class Everything:
    """Answers whatever is asked with what it was given."""

    def __init__(self, document: Any, data: bytes) -> None:
        self.document, self.data = document, data

    def did(self, did: str) -> Any:
        return self.document

    def fetch(self, url: str) -> bytes:
        return self.data


def _resolver() -> c.Offline:
    web = c.did_document(WEB, [KEY.public])
    return c.Offline({WEB: web}, {LIST_URL: c.dumps(_list()), FILE_URL: b"x"})


@cache
def _signed_meanings() -> dict[bytes, set[frozenset[str]]]:
    """What the seeds' signatures cover, as statements and as canonical JSON, with what their JSON says plainly."""
    found: dict[bytes, set[frozenset[str]]] = {}
    for document in [*_documents(), _list(), *_jsons()]:
        items = [document]
        while items:
            item = items.pop()
            if isinstance(item, list):
                items.extend(item)
            elif isinstance(item, dict):
                items.extend(item.values())
                if "proof" in item:
                    for meaning in _meanings(item):
                        found.setdefault(meaning, set()).add(_said(item))
    return found


def _said(document: dict[str, Any]) -> frozenset[str]:
    """The members that a verifier acts upon."""
    return frozenset(document) & LIMITS


def _meanings(document: dict[str, Any]) -> Iterable[bytes]:
    for form in (lambda value: canonical_nquads(value, c.Contexts()), canonical):
        with suppress(c.CredentialError, UnicodeEncodeError):
            yield form(_bare(document))


@cache
def _jsons() -> tuple[Any, ...]:
    found = []
    for data in _files(".json"):
        with suppress(c.CredentialError):
            found.append(c.loads(data))
    return tuple(found)


# What reads the bytes


def read_json(data: bytes) -> str:
    value = c.loads(data)
    check_tree(value)
    assert c.loads(canonical(value)) == value
    assert canonical(c.loads(canonical(value))) == canonical(value)
    if isinstance(value, dict):
        assert c.loads(c.dumps(value)) == value
    return type(value).__name__


_LEARNING: Final = c.Contexts()


def read_jsonld(data: bytes) -> str:
    """Both ways, the general and the one by template, must give the same bytes or refuse alike."""
    value = c.loads(data)
    answers = []
    for contexts in (_LEARNING, c.Contexts()):
        try:
            answers.append(canonical_nquads(value, contexts).decode())
        except c.CredentialError as error:
            answers.append(error.code)
    assert answers[0] == answers[1], "two ways, two answers"
    if not answers[0].endswith(" .\n"):
        return answers[0]
    assert all(line.endswith(" .") for line in answers[0].split("\n")[:-1])
    return f"{min(answers[0].count(chr(10)), 100)} {min(answers[0].count('_:c14n'), 30)}"


def read_jwt(data: bytes) -> str:
    token = jwt.read(data.decode(errors="replace"))
    kind = jwt.check_form(token)
    assert isinstance(token.credential, dict)
    for key in (KEY.public, P256.public):
        with suppress(c.CredentialError):
            jwt.signature_matches(token, key)
    return f"{kind} {sorted(token.header)} {sorted(token.claims)}"


def read_sd_jwt(data: bytes) -> str:
    token = sd_jwt.read(data.decode(errors="replace"))
    again = sd_jwt.read(sd_jwt.present(data.decode(errors="replace")))
    assert again.claims == token.claims and again.digest == token.digest
    bare = sd_jwt.read(sd_jwt.present(data.decode(errors="replace"), ()))
    assert not bare.shown and bare.complete == (token.complete and not token.shown)
    assert not {"_sd", "..."} & {
        name for container, name in mutate.places([token.claims]) if isinstance(container, dict)
    }
    sd_jwt_vc.problems(token)
    sd_jwt_vc.document_of(token)
    return f"{sd_jwt_vc.check_form(token)} {len(token.shown)} {token.complete} {token.key_binding is not None}"


def read_sd_jwt_parts(data: bytes) -> str:
    """A hostile issuer's claims and disclosures: `d:0` anywhere is the digest of the first disclosure, and so on."""
    value = c.loads(data)
    if not isinstance(value, dict) or not isinstance(value.get("disclosures"), list):
        return "nothing to sign"
    texts: list[str] = []
    for item in value["disclosures"]:
        texts.append(multibase.base64url_encode(dumps_value(_with_digests(item, texts))))
    claims = _with_digests(value.get("claims"), texts)
    head = {"typ": "dc+sd-jwt" if zlib.crc32(data) % 3 else "vc+sd-jwt", "kid": KEY.id}
    text = "~".join([jwt.write(head, claims if isinstance(claims, dict) else {"a": claims}, KEY), *texts, ""])
    with suppress(c.CredentialError):
        read_sd_jwt(text.encode())
        text = c.bind_sd_jwt(text, key=HOLDER, nonce="1", audience="d", at=AT)
    return _answered(c.verify(text, resolver=_resolver(), at=AT, challenge="1", domain="d"))


def _with_digests(value: Any, texts: list[str]) -> Any:
    if isinstance(value, dict):
        return {name: _with_digests(item, texts) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_digests(item, texts) for item in value]
    if isinstance(value, str) and value.startswith("d:") and value[2:].isdecimal() and int(value[2:]) < len(texts):
        return multibase.base64url_encode(hashlib.sha256(texts[int(value[2:])].encode()).digest())
    return value


def read_cbor(data: bytes) -> str:
    value = cbor.decode(data)
    assert cbor.encode(value) == data
    return str(type(value))


def read_sd_value(data: bytes) -> str:
    for head in (b"\xd9\x5d\x00", b"\xd9\x5d\x01"):
        text = "u" + multibase.base64url_encode(head + data)
        proof = {**_documents()[8]["proof"], "proofValue": text}
        with suppress(c.CredentialError):
            ecdsa_sd_2023.check_value(text)
            return str(ecdsa_sd_2023.matches(_bare(_documents()[8]), proof, P256.public, c.KNOWN))
    c.derive({**_documents()[4], "proof": {**_documents()[4]["proof"], "proofValue": text}}, show=["/name"])
    return "derived"


def read_image(data: bytes) -> str:
    answer = ""
    with suppress(c.CredentialError):
        made = baked.bake(data, b'{"a":"\xc3\xa9<&"}')
        assert baked.unbake(made) == b'{"a":"\xc3\xa9<&"}'
        assert len(made) < len(data) + 400
        answer = "baked"
    found = baked.unbake(data)
    return f"{answer} {len(found) > 2} {found == data}"


def read_list(data: bytes) -> str:
    bits = status.decode_list(data.decode(errors="replace"))
    assert status.MIN_BITS <= len(bits) * 8 <= status.MAX_BYTES * 8
    for index in (0, status.MIN_BITS - 1, len(bits) * 8, -1):
        with suppress(c.CredentialError):
            status.bit(bits, index)
    return str(len(bits).bit_length())


def read_did_document(data: bytes) -> str:
    """A did:web that answers whatever it likes."""
    document = c.loads(data)
    check_tree(document)
    named = document.get("id") if isinstance(document, dict) else None
    address = named if isinstance(named, str) else WEB
    listed = document.get("verificationMethod") if isinstance(document, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    fragment = first.get("id") if isinstance(first, dict) else "#1"
    answers = []
    for question in (str(fragment), address, f"{address}#x"):
        try:
            method = methods.find(question, Everything(document, data))
            assert method.purposes <= {"assertionMethod", "authentication"}
            answers.append(f"{method.key.kind} {method.controller == address} {sorted(method.purposes)}")
        except c.CredentialError as error:
            answers.append(error.code)
    with suppress(c.CredentialError):
        answers.append(str(methods.find_same(KEY.public, address, Everything(document, data)).purposes))
    return " ".join(answers)


def read_identifier(data: bytes) -> str:
    """DIDs, keys and multibase as text."""
    text = data.decode(errors="replace")
    answer = [str(did.is_did(text))]
    tries: tuple[Callable[[str], object], ...] = (
        c.did_web_url, did.resolve_offline, multibase.decode, c.PublicKey.from_multikey, proofs.parse_timestamp,
        methods.named_in,
    )  # fmt: skip
    for read in tries:
        try:
            found = read(text)
        except c.CredentialError as error:
            answer.append(error.code)
            continue
        answer.append(type(found).__name__)
        if read is c.did_web_url:
            parts = urlsplit(str(found))
            assert (parts.scheme, parts.username, parts.password, parts.query, parts.fragment) == (
                "https",
                None,
                None,
                "",
                "",
            )
            assert "/../" not in f"{parts.path}/" and parts.path.endswith("/did.json")
            assert parts.hostname == text.split(":")[2].lower().partition("%3a")[0]
    with suppress(c.CredentialError):
        methods.document_of(text, Everything({"id": text}, data))
    return " ".join(answer)


def _answered(report: c.Report) -> str:
    json.dumps(report.to_json())
    for line in plain(report).split("\n"):
        assert line.isprintable(), "a terminal could be steered"
    return f"{report.verdict} " + " ".join(check.code for check in report.checks)


def read_credential(data: bytes) -> str:
    """All of `verify`. Nobody who holds no key can make a document that verifies and says something new."""
    report = c.verify(data, resolver=_resolver(), at=AT, any_kind=zlib.crc32(data) % 4 == 0)
    answer = _answered(report)
    early = [check for check in report.checks if check.number < 8]
    if report.document is not None and all(check.outcome is c.Outcome.PASSED for check in early):
        found = report.document
        kinds = {str(proof.get("cryptosuite")) for proof in proofs.proofs_of(found)} if "proof" in found else set()
        if kinds and "ecdsa-sd-2023" not in kinds:
            seen = {meaning: _said(dict(found)) for meaning in _meanings(dict(found))}
            assert any(meaning in _signed_meanings() for meaning in seen), "a forgery verifies"
            hidden = [said for meaning, said in seen.items() if said not in _signed_meanings().get(meaning, {said})]
            assert not hidden, "what was signed is hidden from who reads the JSON"
    return answer


def read_hostile_issuer(data: bytes) -> str:
    """A stranger with a key signs whatever can be signed."""
    value = c.loads(data)
    if not isinstance(value, dict):
        return "nothing to sign"
    bare = _bare(value)
    way = zlib.crc32(data) % 4
    if isinstance(bare.get("issuer"), dict):
        bare["issuer"] = {**bare["issuer"], "id": KEY.controller}
    else:
        bare["issuer"] = KEY.controller
    made: Any
    if way == 3:
        made = c.sign_jwt(bare, key=KEY)
    else:
        made = c.sign(bare, key=KEY, created=AT, suite="eddsa-jcs-2022" if way else "eddsa-rdfc-2022")
    pages = c.dumps(made) if isinstance(made, dict) else made.encode()
    return _answered(
        c.verify(made, resolver=Everything(c.did_document(WEB, [KEY.public]), pages), at=AT, any_kind=way == 2)
    )


def read_presentation(data: bytes) -> str:
    asked = zlib.crc32(data) % 2 == 0
    report = c.verify_presentation(
        data, resolver=_resolver(), at=AT, signed=asked, challenge="1" if asked else None, domain="d" if asked else None,
        any_kind=True,
    )  # fmt: skip
    json.dumps(report.to_json())
    inner = " ".join(str(item.verdict) for item in report.credentials[:3])
    return f"{report.verdict} {' '.join(check.code for check in report.checks)} {inner}"


def read_cose(data: bytes) -> str:
    token = cose.read(data)
    assert isinstance(token.credential, dict)
    jwt.check_form(token)
    return _answered(c.verify(data, resolver=_resolver(), at=AT, any_kind=zlib.crc32(data) % 2 == 0))


def read_query(data: bytes) -> str:
    """A wallet meets a hostile question (DCQL)."""
    query = dcql.parse(c.loads(data))
    held = [openid4vp.held(document, id=str(number)) for number, document in enumerate(_documents()[:4])]
    held.append(openid4vp.held(_sd_jwts()[0].decode(), id="sd", bound=True))
    found = dcql.answer(query, held)
    assert set(found.chosen) <= set(found.matches)
    again = dcql.parse(query.to_json())
    assert dcql.answer(again, held) == found
    return f"{found.satisfied} {len(found.matches)} {len(found.optional)}"


def read_request(data: bytes) -> str:
    """A wallet meets a hostile request object (OpenID4VP)."""
    client = openid4vp.PREFIX + KEY.controller
    return str(
        openid4vp.read_request(data.decode(errors="replace"), client_id=client, resolver=_resolver(), at=AT).query
    )


def read_old_badge(data: bytes) -> str:
    """Open Badges 2.0: the assertion, its pages, or both, as a stranger serves them."""
    value = c.loads(data)
    pages: dict[str, bytes] = dict(_old_pages())
    if zlib.crc32(data) % 2 and isinstance(value, dict) and isinstance(value.get("id"), str):
        pages[value["id"]] = data
    resolver: Any = c.Offline({}, pages) if zlib.crc32(data) % 3 else Everything({}, data)
    return _answered(c.verify(data, resolver=resolver, at=AT))


# What they begin from


@cache
def _old_pages() -> dict[str, bytes]:
    pages: dict[str, bytes] = {}
    for path in sorted((VECTORS / "1edtech" / "ob20").rglob("*.json")) if DATA.is_dir() else ():
        pages[f"https://example.org/{path.name}"] = pages[f"http://example.org/{path.name}"] = path.read_bytes()
    return pages


def _old_seeds() -> Sequence[bytes]:
    own = {
        "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://college.example/a",
        "recipient": {"type": "email", "hashed": False, "identity": "a@example.org"}, "issuedOn": "2026-01-01T00:00:00Z",
        "badge": {"type": "BadgeClass", "id": "https://college.example/b", "name": "Fence", "description": "A fence.",
                  "image": "https://college.example/i.png", "criteria": {"narrative": "Build one."},
                  "issuer": {"type": "Issuer", "id": "https://college.example/", "name": "Plains", "url": "https://college.example/",
                             "email": "a@college.example"}},
        "verification": {"type": "HostedBadge"},
    }  # fmt: skip
    return [c.dumps(own), *_old_pages().values()]


def _query_seeds() -> Sequence[bytes]:
    path = ["credentialSubject", "achievement", "name"]
    parts = [
        {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [sd_jwt_vc.VCTS["achievement"]]}, "claims": [{"path": path}]},
        {"id": "b", "format": "ldp_vc", "meta": {"type_values": [["OpenBadgeCredential"]]},
         "claims": [{"id": "x", "path": path, "values": ["Builds a stock fence"]}, {"id": "y", "path": ["evidence", None, "id"]}],
         "claim_sets": [["x"], ["y"]]},
    ]  # fmt: skip
    return [
        c.dumps({"credentials": parts, "credential_sets": [{"options": [["a"], ["b"]]}]}),
        c.dumps({"credentials": parts[:1]}),
    ]


def _request_seeds() -> Sequence[bytes]:
    claims = openid4vp.build_request(
        did=KEY.controller, response_uri="https://college.example/r", query=dcql.parse(c.loads(_query_seeds()[1])),
        nonce="n" * 32, state="s" * 32, at=AT, ends=AT + timedelta(hours=1), name="College",
    )  # fmt: skip
    return [openid4vp.sign_request(claims, key=KEY).encode(), *_tokens()]


def _cose_seeds() -> Sequence[bytes]:
    return [
        cose.sign(_bare(_documents()[2]), key=KEY),
        cose.sign({**_bare(_documents()[2]), "issuer": P256.controller}, key=P256),
    ]


def _json_seeds() -> Sequence[bytes]:
    """Our own count eight times: they verify, so that what hides a part of them is seen."""
    return [*[c.dumps(document) for document in (*_documents(), _list())] * 8, *_files(".json")]


def _presentation_seeds() -> Sequence[bytes]:
    shown = c.build_presentation([_documents()[0], _tokens()[0].decode()], holder=HOLDER.controller)
    made = c.sign_presentation(shown, key=HOLDER, created=AT, challenge="1", domain="d")
    return [c.dumps(made), c.dumps(shown), _tokens()[3],
            *(c.dumps(c.build_presentation([document])) for document in _documents())]  # fmt: skip


@cache
def _sd_jwts() -> tuple[bytes, ...]:
    claims = c.sd_jwt_claims(_bare(_documents()[0]))
    plain = c.sign_sd_jwt(claims, key=KEY, disclosable=c.sd_jwt_paths(claims), holder=HOLDER.public, decoys=1)
    bound = c.bind_sd_jwt(plain, key=HOLDER, nonce="1", audience="d", at=AT)
    whole = c.sign_sd_jwt(_bare(_documents()[2]), key=KEY, disclosable=[("credentialSubject", "achievement")])
    return (
        plain.encode(),
        bound.encode(),
        whole.encode(),
        *(text.encode() for text in (rfc9901.SIMPLE, rfc9901.COMPLEX)),
    )


def _sd_jwt_parts() -> Sequence[bytes]:
    claims = c.sd_jwt_claims(_bare(_documents()[0]))
    cnf = {"jwk": HOLDER.public.jwk()}
    nested = [["s", "deep"], ["s", "inner", {"_sd": ["d:0"]}], ["s", "n", {"a": [{"...": "d:0"}, {"...": "d:5"}]}]]
    made: list[dict[str, Any]] = [
        {
            "claims": {**claims, "cnf": cnf, "_sd": ["d:0", "x"], "_sd_alg": "sha-256"},
            "disclosures": [["s", "sub", "urn:x"]],
        },
        {"claims": {"vct": "urn:x", "iss": KEY.controller, "_sd": ["d:1", "d:2"]}, "disclosures": nested},
        {"claims": {**_bare(_documents()[2]), "_sd": ["d:0"]}, "disclosures": [["s", "name", "x"]]},
    ]
    return [c.dumps(item) for item in made]


def _cbor_seeds() -> Sequence[bytes]:
    derived, base = (multibase.decode(_documents()[n]["proof"]["proofValue"])[3:] for n in (8, 4))
    small = [1, 2**40, b"x", "é", [], {1: b"", 500: [{}]}, [[[[]]]]]
    return [derived, base, *(cbor.encode(value) for value in small)]


def _png_seeds() -> Sequence[bytes]:
    from fieldstone.commands.issue import plain_picture

    empty = plain_picture("png")
    return [empty, baked.bake(empty, b"{}"), baked.bake(empty, b"a.b.c", version="2.0"), *_files(".png")]


def _svg_seeds() -> Sequence[bytes]:
    empty = b'<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/></g></svg>'
    return [
        empty,
        baked.bake(empty, b"{}"),
        baked.bake(empty, b"a.b.c"),
        b'<?xml version="1.0"?>' + empty,
        *_files(".svg"),
    ]


def _list_seeds() -> Sequence[bytes]:
    bomb = "u" + multibase.base64url_encode(gzip.compress(bytes(2**26), compresslevel=9, mtime=0))
    return [c.encode_list([0, 7, 131071]).encode(), bomb.encode()]


def _did_seeds() -> Sequence[bytes]:
    own = c.did_document(WEB, [KEY.public, P256.public], retired=[HOLDER.public])
    jwk = {"id": f"{WEB}#1", "type": "JsonWebKey", "controller": WEB, "publicKeyJwk": P256.public.jwk()}
    old = {
        "@context": [MULTIKEY],
        "id": WEB,
        "assertionMethod": [jwk],
        "verificationMethod": [{**jwk, "revoked": "2026-01-01T00:00:00Z"}],
    }
    rsa = {**jwk, "publicKeyJwk": {"kty": "RSA", "e": "AQAB", "n": "u" * 400}}
    return [c.dumps(own), c.dumps(old), c.dumps({"id": WEB, "verificationMethod": rsa, "assertionMethod": "#1"})]


def _identifier_seeds() -> Sequence[bytes]:
    words = [KEY.controller, KEY.id, P256.controller, WEB, "did:web:a.example%3A8443:x:y", "did:jwk:"
             + multibase.base64url_encode(c.dumps(dict(P256.public.jwk()))), "2026-01-01T00:00:00Z", KEY.public.multikey(),
             "did:key:z" + "1" * 4000, "https://a.example/x"]  # fmt: skip
    return [word.encode() for word in words]


def _context_seeds() -> Sequence[bytes]:
    words = [{"@context": [url], "id": "urn:x", "type": []} for url in PINNED]
    return [*(c.dumps(word) for word in words), *_json_seeds()]


TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for target in (
        Target("json", read_json, mutate.of_json, _json_seeds),
        Target("jsonld", read_jsonld, mutate.of_json, _context_seeds),
        Target("jwt", read_jwt, mutate.of_token, _tokens),
        Target("sd-jwt", read_sd_jwt, mutate.of_token, _sd_jwts),
        Target("sd-jwt-parts", read_sd_jwt_parts, mutate.of_json, _sd_jwt_parts),
        Target("cbor", read_cbor, mutate.of_cbor, _cbor_seeds),
        Target("cose", read_cose, mutate.of_cbor, _cose_seeds),
        Target("open-badges-2", read_old_badge, mutate.of_json, _old_seeds),
        Target("query", read_query, mutate.of_json, _query_seeds),
        Target("request", read_request, mutate.of_token, _request_seeds),
        Target("sd-proof", read_sd_value, mutate.of_cbor, _cbor_seeds),
        Target("png", read_image, mutate.of_png, _png_seeds),
        Target("svg", read_image, mutate.bent, _svg_seeds),
        Target("status-list", read_list, mutate.of_list, _list_seeds),
        Target("did-document", read_did_document, mutate.of_json, _did_seeds),
        Target("identifier", read_identifier, mutate.bent, _identifier_seeds),
        Target("verify", read_credential, mutate.of_json, _json_seeds),
        Target("verify-token", read_credential, mutate.of_token, lambda: (*_tokens(), *_sd_jwts())),
        Target("hostile-issuer", read_hostile_issuer, mutate.of_json, _json_seeds),
        Target("presentation", read_presentation, mutate.of_json, _presentation_seeds),
    )
}
