"""The contract that public conformance suites expect, asked over HTTP and directly."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fieldstone import cli
from fieldstone import credential as c
from fieldstone.commands import conformance
from fieldstone.credential.multibase import encode
from fieldstone.credential.status import decode_list
from tests.credential.cases import AT, KEY

V2 = c.contexts.CREDENTIALS_V2
PLAIN: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": "https://issuer.example",
    "credentialSubject": {"id": "did:example:subject"},
}


class Client:
    """Asks the bench over a real connection."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.port, self.context = port, context

    def ask(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> tuple[int, Any]:
        if self.context is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        else:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.context)
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, {"Content-Type": "application/ld+json"})
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "application/json"
        value = json.loads(answer.read())
        connection.close()
        return answer.status, value

    def issue(self, prefix: str = "", credential: Any = PLAIN, **options: Any) -> tuple[int, Any]:
        return self.ask("POST", f"{prefix}/credentials/issue", {"credential": credential, "options": options})

    def verify(self, credential: Any) -> int:
        status, body = self.ask("POST", "/credentials/verify", {"verifiableCredential": credential, "options": {}})
        assert (body.get("verified") is True) == (status == 200)
        return status

    def show(self, presentation: Any, **options: Any) -> int:
        asked = {"verifiablePresentation": presentation, "options": options}
        return self.ask("POST", "/presentations/verify", asked)[0]


@pytest.fixture(scope="module")
def bench() -> Iterator[Client]:
    server = conformance.serve(0, tls=False, clock=lambda: AT)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Client(server.server_address[1])
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("prefix", [name for name in conformance.VARIANTS if name != "/ecdsa-sd-2023"])
def test_issue_then_verify(bench: Client, prefix: str) -> None:
    for credential in (PLAIN, {**PLAIN, "issuer": {"id": "did:web:x.example", "name": "X"}}):
        status, made = bench.issue(prefix, credential)
        assert status == 201
        assert bench.verify(made) == 200
        if "proof" in made:
            issuer = made["issuer"]["id"] if isinstance(made["issuer"], dict) else made["issuer"]
            assert issuer.startswith("did:key:") and made["proof"]["verificationMethod"].startswith(issuer)
            assert bench.verify({**made, "name": "changed"}) == 400


def test_selective_disclosure(bench: Client) -> None:
    status, base = bench.issue("/ecdsa-sd-2023", {**PLAIN, "name": "x"}, mandatoryPointers=["/issuer"])
    assert status == 201
    asked = {"verifiableCredential": base, "options": {"selectivePointers": ["/credentialSubject"]}}
    status, made = bench.ask("POST", "/credentials/derive", asked)
    assert status == 201 and "name" not in made
    assert bench.verify(made) == 200
    assert bench.verify(base) == 400
    for wrong in ({"selectivePointers": "x"}, {"selectivePointers": ["/nothing"]}):
        assert bench.ask("POST", "/credentials/derive", {"verifiableCredential": base, "options": wrong})[0] == 400
    assert bench.issue("/ecdsa-sd-2023", mandatoryPointers="/issuer")[0] == 400


def test_status(bench: Client) -> None:
    _, made = bench.issue("/status")
    entry = made["credentialStatus"]
    assert isinstance(entry["statusListIndex"], str) and entry["id"] != entry["statusListCredential"]
    for purpose in ("revocation", "suspension"):
        status, listed = bench.ask("GET", f"/status/{purpose}")
        assert status == 200 and len(decode_list(listed["credentialSubject"]["encodedList"])) * 8 >= 131_072
        assert bench.verify(listed) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": None}, {"issuer": "not a url"}, {"issuer": {"name": "x"}}, {"@context": V2}, {"type": "Other"},
        {"@context": [V2, "https://unknown.example/c"]}, {"undefined": 1}, {"credentialSubject": {}},
        {"validFrom": "2020-01-01"}, {"type": ["VerifiableCredential", "Unmapped"]}, {"id": "relative"},
        {"@context": [V2, {"VerifiableCredential": "urn:a:b"}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("prefix", ["", "/jwt", "/eddsa-jcs-2022"])
def test_credentials_that_are_not_issued(bench: Client, prefix: str, change: dict[str, Any]) -> None:
    assert bench.issue(prefix, {**PLAIN, **change})[0] == 400


def test_words_of_the_documents_own(bench: Client) -> None:
    own = {**PLAIN, "@context": [V2, {"word": "https://x.example/#word"}], "word": "x"}
    assert bench.verify(bench.issue("", own)[1]) == 200
    examples = {**PLAIN, "@context": [V2, conformance.EXAMPLES], "type": ["VerifiableCredential", "AlumniCredential"]}
    assert bench.verify(bench.issue("", examples)[1]) == 200


def test_data_model_1_gets_the_context_of_its_proof(bench: Client) -> None:
    old = {**PLAIN, "@context": [c.contexts.CREDENTIALS_V1], "issuanceDate": "2020-01-01T00:00:00Z"}
    for context in (old["@context"], [*old["@context"], conformance.DATA_INTEGRITY_CONTEXT]):
        status, made = bench.issue("", {**old, "@context": context})
        assert (status, made["@context"][1:]) == (201, [conformance.DATA_INTEGRITY_CONTEXT])
        assert bench.verify(made) == 200


def test_sets_and_chains(bench: Client) -> None:
    _, one = bench.issue()
    status, two = bench.issue("", one)
    assert status == 201 and len(two["proof"]) == 2 and bench.verify(two) == 200
    assert bench.issue("", one, previousProof="urn:uuid:absent")[0] == 400
    assert bench.issue("/jwt", one)[0] == 400


def test_proofs_that_are_not_accepted(bench: Client) -> None:
    _, made = bench.issue()
    good = made["proof"]
    for proof in (
        None, "x", [], [1], {**good, "id": "relative"}, {**good, "verificationMethod": "#x"}, {**good, "type": "Other"},
        {**good, "proofPurpose": "authentication"}, {**good, "proofValue": good["proofValue"][1:]},
        {**good, "cryptosuite": "none"}, {**good, "previousProof": "urn:uuid:absent"},
        *({n: v for n, v in good.items() if n != name} for name in good if name != "created"),
    ):  # fmt: skip
        assert bench.verify({**made, "proof": proof}) == 400, proof
    assert bench.verify({n: v for n, v in made.items() if n != "proof"}) == 400
    assert bench.verify("x") == 400


def test_presentations(bench: Client) -> None:
    _, made = bench.issue()
    _, token = bench.issue("/jwt")
    for held in ([made], [token], [made, token], made):
        bare = c.build_presentation([], holder=KEY.controller) | {"verifiableCredential": held}
        assert bench.show(bare) == 200
        signed = c.sign_presentation(bare, key=KEY, created=AT, challenge="1", domain="d.example")
        assert bench.show(signed, challenge="1", domain="d.example") == 200
        assert bench.show(signed, challenge="2", domain="d.example") == 400
        text = c.sign_presentation_jwt(bare, key=KEY, challenge="1", domain="d.example")
        envelope = {"@context": V2, "type": "EnvelopedVerifiablePresentation", "id": f"data:application/vp+jwt,{text}"}
        assert bench.show(envelope, challenge="1", domain="d.example") == 200
    changed = {**made, "name": "changed"}
    assert bench.show(c.build_presentation([changed])) == 400
    assert bench.show(["x"]) == 400


@pytest.mark.parametrize(
    ("address", "where", "error"),
    [
        ("did:key:", "didResolutionMetadata", "invalidDid"), ("did:example:1", "didResolutionMetadata", "methodNotSupported"),
        ("did:key:zQ0", "didResolutionMetadata", "invalidDid"), ("x", "didResolutionMetadata", "invalidDid"),
        ("did:key:" + encode(b"\xed\x01" + bytes(31)), "didResolutionMetadata", "invalidPublicKeyLength"),
        ("did:key:" + encode(b"\xec\x01" + bytes(32)), "didResolutionMetadata", "unsupportedPublicKeyType"),
        (f"{KEY.controller}#other", "didDereferencingMetadata", "invalidDidUrl"),
        (f"{KEY.controller}#", "didDereferencingMetadata", "invalidDidUrl"),
        (f"{KEY.controller}/path", "didDereferencingMetadata", "invalidDidUrl"),
    ],
)  # fmt: skip
def test_identifiers_that_do_not_resolve(bench: Client, address: str, where: str, error: str) -> None:
    status, body = bench.ask("GET", "/identifiers/" + address.replace("#", "%23"))
    assert (status, body["didDocument"], body[where]["error"]) == (400, {}, error)


def test_identifiers(bench: Client) -> None:
    status, body = bench.ask("GET", f"/identifiers/{KEY.controller}")
    assert status == 200 and body["didDocument"]["id"] == KEY.controller
    status, body = bench.ask("GET", "/identifiers/" + KEY.id.replace("#", "%23"))
    assert status == 200 and body["didDocument"]["controller"] == KEY.controller


@pytest.mark.parametrize(
    ("fragment", "key_format", "where", "error"),
    [
        ("", "Multikey", "didResolutionMetadata", None),
        ("", "unknown", "didResolutionMetadata", "unsupportedPublicKeyType"),
        ("", "Ed25519VerificationKey2018", "didResolutionMetadata", "invalidPublicKeyType"),
        (KEY.id.partition("#")[2], "Ed25519VerificationKey2018", "didDereferencingMetadata", "invalidPublicKeyType"),
        (KEY.id.partition("#")[2], "Multikey", "didDereferencingMetadata", None),
    ],
)
def test_the_kind_of_key_that_is_asked_for(
    bench: Client, fragment: str, key_format: str, where: str, error: str | None
) -> None:
    address = KEY.controller + (f"%23{fragment}" if fragment else "")
    status, body = bench.ask("GET", f"/identifiers/{address}?publicKeyFormat={key_format}")
    assert (status == 200, body[where].get("error")) == (error is None, error)
    assert body["@context"] == conformance.RESOLUTION and "didDocumentMetadata" in body


def test_digests_of_related_resources(bench: Client) -> None:
    right = c.digest_sri(c.contexts.pinned(V2))
    draft = next(digest for _, digest in conformance.DRAFT_DIGESTS if digest.startswith("sha384"))
    for digest, status in ((right, 201), (draft, 201), (c.digest_sri(b"other"), 400)):
        related = {"relatedResource": [{"id": V2, "digestSRI": digest}]}
        assert bench.issue("", {**PLAIN, **related})[0] == status
    made = bench.issue("", {**PLAIN, "relatedResource": [{"id": V2, "digestSRI": right}]})[1]
    assert bench.verify(made) == 200
    signed = c.sign({**PLAIN, "issuer": KEY.controller, "relatedResource": {"id": V2, "digestSRI": c.digest_sri(b"x")}},
                    key=KEY, created=AT)  # fmt: skip
    assert bench.verify(signed) == 400


def test_requests_that_make_no_sense(bench: Client) -> None:
    for raw in (b"", b"{", b"[]", b'{"credential":1,"credential":2}', b'{"options": 1}', b'{"credential": 1}'):
        assert bench.ask("POST", "/credentials/issue", raw=raw)[0] == 400
    assert bench.ask("POST", "/nowhere", {})[0] == 404
    assert bench.ask("GET", "/nowhere")[0] == 404
    connection = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=20)
    connection.request("POST", "/credentials/issue", headers={"Content-Length": "99999999"})
    assert connection.getresponse().status == 413


def test_a_credential_whose_status_is_elsewhere_stays_open(bench: Client) -> None:
    _, made = bench.issue("", {**PLAIN, "credentialStatus": {
        "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1",
        "statusListCredential": "https://elsewhere.example/1"}})  # fmt: skip
    assert bench.verify(made) == 400
    did = KEY.controlled_by("did:web:x.example")
    assert bench.verify(c.sign({**PLAIN, "issuer": did.controller}, key=did, created=AT)) == 400


def test_an_invented_issuer_is_let_pass_but_not_another_known_one(bench: Client) -> None:
    assert bench.verify(c.add_proof(PLAIN, key=KEY, created=AT)) == 200
    other = {**PLAIN, "issuer": c.generate_key().controller}
    assert bench.verify(c.add_proof(other, key=KEY, created=AT)) == 400


def test_over_tls() -> None:
    server = conformance.serve(0, tls=True, clock=lambda: datetime.now(UTC))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = Client(server.server_address[1], context)
    _, made = client.issue("/status")
    assert made["credentialStatus"]["statusListCredential"].startswith("https://localhost:")
    assert client.verify(made) == 200
    server.shutdown()
    server.server_close()


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(self: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", stopped)
    assert cli.main(["conformance", "--port", "0"]) == 0
    assert capsys.readouterr().out.startswith("Listening on http://localhost:")
    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", lambda self: None)
    assert cli.main(["conformance", "--port", "0", "--tls"]) == 0

    def taken(*_: Any, **__: Any) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(conformance, "serve", taken)
    assert cli.main(["conformance", "--port", "1"]) == 2
