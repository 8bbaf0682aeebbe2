"""SD-JWT VC with npm @sd-jwt/sd-jwt-vc, both ways: what either issues and shows, the other verifies."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential.multibase import base64url_encode
from tests.credential.cases import AT, CREDENTIAL
from tests.peers import packages

NONCE, VERIFIER = "n-0S6", "https://farm.example"
SECONDS = int(AT.timestamp())
BADGE = {name: value for name, value in c.sd_jwt_claims(c.build(CREDENTIAL)).items() if name != "credentialStatus"}
SUBJECT = ("credentialSubject",)

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.folder("sd_jwt_node", tmp_path_factory)


def secret(key: c.SigningKey) -> dict[str, str]:
    return {**key.public.jwk(), "d": base64url_encode(key.seed())}


def ask(folder: Path, *questions: dict[str, Any]) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        ["node", "peer.mjs"], cwd=folder, input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_what_we_issue_and_show_they_verify(folder: Path, kind: str) -> None:
    key, holder = c.generate_key(kind), c.generate_key(kind)
    claims = {**BADGE, "iss": key.controller}
    paths = [*c.sd_jwt_paths(claims), (*SUBJECT, "achievement", "tag", 0), (*SUBJECT, "achievement")]
    text = c.sign_sd_jwt(claims, key=key, disclosable=paths, holder=holder.public, decoys=3)
    part = c.present_sd_jwt(text, [(*SUBJECT, "achievement")])
    shown = c.bind_sd_jwt(part, key=holder, nonce=NONCE, audience=VERIFIER, at=AT)
    first, *rest = shown.split("~")
    head, payload, signature = first.split(".")
    changed = "~".join([f"{head}.{payload}.{signature[:-6]}AAAAAA", *rest])
    fewer = "~".join([first, *rest[1:]])
    common = {"do": "verify", "key": key.public.jwk(), "at": SECONDS, "nonce": NONCE}
    whole, bound, *bad = ask(
        folder,
        {**common, "text": text, "nonce": None},
        {**common, "text": shown},
        {**common, "text": changed},
        {**common, "text": fewer},
        {**common, "text": shown, "nonce": "another"},
        {**common, "text": shown, "key": holder.public.jwk()},
        {**common, "text": part},
        {**common, "text": shown, "at": SECONDS + 10**9},
    )
    assert whole["ok"] == {**claims, "cnf": {"jwk": holder.public.jwk()}}
    subject = claims["credentialSubject"]
    open_part = {name: subject[name] for name in ("type", "achievement")}
    assert bound["ok"]["credentialSubject"] == {**open_part, "result": []}
    assert all("error" in answer for answer in bad), bad
    for at, attacked, challenge in ((AT, changed, NONCE), (AT, fewer, NONCE), (AT, shown, "another")):
        report = c.verify(attacked, resolver=c.Offline(), at=at, challenge=challenge, domain=VERIFIER)
        assert report.verdict == "not_verified"


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_what_they_issue_and_show_we_verify(folder: Path, kind: str) -> None:
    key, holder = c.generate_key(kind), c.generate_key(kind)
    claims = {**BADGE, "iss": key.controller, "iat": SECONDS, "cnf": {"jwk": holder.public.jwk()}}
    frame = {
        "_sd": ["evidence"],
        "credentialSubject": {
            "_sd": ["identifier", "achievement"],
            "_sd_decoy": 2,
            "achievement": {"_sd": ["description"], "tag": {"_sd": [0]}},
        },
    }
    (text,) = ask(folder, {"do": "issue", "claims": claims, "frame": frame, "key": secret(key), "kid": key.id})
    report = c.verify(text["ok"], resolver=c.Offline(), at=AT)
    assert report.verdict == "verified", report.to_json()
    for name, value in claims.items():
        if name not in {"issuer", "credentialSubject"}:
            assert report.document[name] == value, name
    assert report.document["credentialSubject"] == claims["credentialSubject"]
    again = c.present_sd_jwt(text["ok"], [(*SUBJECT, "achievement", "tag", 0)])
    assert c.verify(again, resolver=c.Offline(), at=AT).verdict == "verified"
    chosen = {"credentialSubject": {"achievement": {"description": True}}}
    (shown,) = ask(
        folder,
        {
            "do": "present", "text": text["ok"], "frame": chosen, "key": secret(holder), "nonce": NONCE,
            "audience": VERIFIER, "at": SECONDS,
        },
    )  # fmt: skip
    asked = {"resolver": c.Offline(), "at": AT, "challenge": NONCE, "domain": VERIFIER}
    report = c.verify(shown["ok"], **asked)
    assert report.verdict == "verified", report.to_json()
    assert report.check("recipient").code == "holder_proved"
    subject = report.document["credentialSubject"]
    assert subject["achievement"]["description"] == claims["credentialSubject"]["achievement"]["description"]
    assert "identifier" not in subject and "evidence" not in report.document
    assert c.verify(shown["ok"], **{**asked, "challenge": "another"}).verdict == "not_verified"
    assert c.verify(shown["ok"], **{**asked, "domain": "https://other.example"}).verdict == "not_verified"
    later = datetime(2026, 3, 3, tzinfo=UTC)
    assert c.verify(shown["ok"], **{**asked, "at": later}).check("recipient").code == "not_now"
