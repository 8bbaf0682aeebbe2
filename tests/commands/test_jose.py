"""`fieldstone jose`: the command that the conformance suite of VC-JOSE-COSE calls."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from fieldstone import cli
from fieldstone import credential as c
from fieldstone.credential import cose, jwt, sd_jwt
from fieldstone.credential.multibase import base64url_encode

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
WEB = "https://issuer.example/college"
CREDENTIAL: dict[str, Any] = {
    "@context": [V2, EXAMPLES],
    "type": ["VerifiableCredential", "FenceCredential"],
    "issuer": WEB,
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:ana", "skill": "fences", "phones": [{"number": "1"}, {"number": "2"}]},
}
ENVELOPE = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"}
PRESENTATION: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiablePresentation"],
    "holder": WEB,
    "verifiableCredential": [ENVELOPE],
}
KINDS = ["Ed25519", "P-256", "P-384", "P-521"]
KEYS = {kind: c.generate_key(kind) for kind in KINDS}


class Bench:
    """Files in a folder, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, kind: str) -> Path:
        key = KEYS[kind]
        public = key.public.jwk()
        secret = {**public, "d": base64url_encode(key.seed())}
        return self.write("key", {"id": f"{WEB}#1", "controller": WEB, "publicKeyJwk": public, "secretKeyJwk": secret})

    def write(self, name: str, value: Any) -> Path:
        file = self.folder / name
        file.write_text(value if isinstance(value, str) else json.dumps(value))
        return file

    def ask(self, action: str, feature: str, value: Any, kind: str = "Ed25519", *more: str) -> tuple[str, str]:
        output = self.folder / "out"
        output.unlink(missing_ok=True)
        files = ["--input", str(self.write("in", value)), "--key", str(self.key(kind)), "--output", str(output)]
        status = cli.main(["jose", action, "--feature", feature, *files, *more])
        answer = json.loads(output.read_text())
        assert status == {"success": 0, "failure": 1, "indeterminate": 2}[answer["result"]]
        return answer["result"], answer["data"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["jose", "sdjwt", "cose"])
@pytest.mark.parametrize("content", ["credential", "presentation"])
def test_what_is_issued_verifies(bench: Bench, kind: str, form: str, content: str) -> None:
    document = CREDENTIAL if content == "credential" else PRESENTATION
    result, token = bench.ask("issue", f"{content}_{form}", document, kind)
    assert result == "success"
    result, data = bench.ask("verify", f"{content}_{form}", token, kind)
    assert (result, json.loads(data)) == ("success", document)
    other = next(name for name in KINDS if name != kind)
    assert bench.ask("verify", f"{content}_{form}", token, other)[0] == "failure"
    twin = "presentation" if content == "credential" else "credential"
    assert bench.ask("verify", f"{twin}_{form}", token, kind)[0] == "failure"


def test_types_and_keys_are_named(bench: Bench) -> None:
    head = jwt.read(bench.ask("issue", "credential_jose", CREDENTIAL)[1]).header
    assert (head["typ"], head["cty"], head["kid"]) == ("vc+jwt", "vc", f"{WEB}#1")
    token = cose.read(base64.b64decode(bench.ask("issue", "presentation_cose", PRESENTATION)[1]))
    assert (token.header["typ"], token.header["kid"]) == ("application/vp+cose", f"{WEB}#1")


def test_what_may_be_hidden(bench: Bench) -> None:
    paths = '["credentialSubject.skill", "credentialSubject.phones[0]"]'
    _, text = bench.ask("issue", "credential_sdjwt", CREDENTIAL, "P-384", "--sd", paths)
    read = sd_jwt.read(text)
    assert {item.path for item in read.shown} == {("credentialSubject", "skill"), ("credentialSubject", "phones", 0)}
    assert read.claims == CREDENTIAL
    _, text = bench.ask("issue", "presentation_sdjwt", PRESENTATION, "P-384", "--sd", '["holder"]')
    assert bench.ask("verify", "presentation_sdjwt", text, "P-384")[0] == "success"
    assert bench.ask("issue", "credential_sdjwt", CREDENTIAL, "P-384", "--sd", '["nothing"]')[0] == "failure"
    assert bench.ask("issue", "credential_sdjwt", CREDENTIAL, "P-384", "--sd", '{"a": 1}')[0] == "failure"


@pytest.mark.parametrize(
    "document",
    [
        {**CREDENTIAL, "badge": {}},
        {**CREDENTIAL, "issuer": None},
        {**CREDENTIAL, "@context": [V2, "https://unknown.example"]},
        {**CREDENTIAL, "iss": "https://other.example"},
        {name: value for name, value in CREDENTIAL.items() if name != "credentialSubject"},
        [CREDENTIAL],
        "no json",
    ],
)
def test_documents_that_are_refused(bench: Bench, document: Any) -> None:
    for form in ("jose", "sdjwt", "cose"):
        assert bench.ask("issue", f"credential_{form}", document)[0] == "failure"
        assert bench.ask("verify", f"credential_{form}", document)[0] == "failure"


def test_credentials_of_a_presentation_stand_in_envelopes(bench: Bench) -> None:
    good = {**PRESENTATION, "verifiableCredential": {**ENVELOPE, "id": "data:application/vc+cose;base64,0oQ=\n"}}
    assert bench.ask("issue", "presentation_jose", good)[0] == "success"
    for inner in (CREDENTIAL, "a.b.c", {**ENVELOPE, "id": "bad"}, {**ENVELOPE, "id": "data:application/vc+cose,0o"}):
        document = {**PRESENTATION, "verifiableCredential": [inner]}
        assert bench.ask("issue", "presentation_jose", document)[0] == "failure"
        token = jwt.write({"typ": "vp+jwt", "kid": "k"}, document, KEYS["Ed25519"])
        assert bench.ask("verify", "presentation_jose", token)[0] == "failure"


@pytest.mark.parametrize("head", [{}, {"typ": "JWT"}, {"typ": "bad"}, {"typ": "vp+jwt"}, {"typ": "vc+sd-jwt"}])
def test_tokens_of_another_type(bench: Bench, head: dict[str, Any]) -> None:
    token = jwt.write(head, CREDENTIAL, KEYS["Ed25519"])
    assert bench.ask("verify", "credential_jose", token)[0] == "failure"


def test_claims_that_were_withdrawn(bench: Bench) -> None:
    token = jwt.write({"typ": "vc+jwt"}, {**CREDENTIAL, "vc": "x", "vp": "y"}, KEYS["Ed25519"])
    assert bench.ask("verify", "credential_jose", token)[0] == "failure"


def test_keys_and_places_that_are_wrong(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.ask("issue", "credential_mdoc", CREDENTIAL)[0] == "indeterminate"
    files = {name: bench.write(name, value) for name, value in {"in": CREDENTIAL, "none": {}, "list": []}.items()}
    out = bench.folder / "out"
    for key in ("none", "list", "absent"):
        for action in ("issue", "verify"):
            names = ["--key", str(files.get(key, bench.folder / key)), "--input", str(files["in"])]
            assert cli.main(["jose", action, "--feature", "credential_jose", *names, "--output", str(out)]) == 1
    names = ["--input", str(files["in"]), "--key", str(bench.key("P-256")), "--output", str(bench.folder)]
    assert cli.main(["jose", "issue", "--feature", "credential_jose", *names]) == 2
    assert "could not be written" in capsys.readouterr().err
