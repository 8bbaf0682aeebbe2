"""Verifiers by other people must agree with ours, on good documents and on bad ones.

npm @digitalcredentials/verifier-core is the engine of the Digital Credentials Consortium's wallets and of
VerifierPlus; PyPI openbadgeslib is an Open Badges library in Python.
"""

from __future__ import annotations

import copy
import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fieldstone import credential as c
from tests.credential.cases import AT, CREDENTIAL, KEY, signed
from tests.peers import packages

LATER = datetime(2099, 1, 1, tzinfo=UTC)  # the peers use the machine's clock
INDEX = 94567


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.folder("node", tmp_path_factory)


class Lists:
    """Status lists on a loopback address."""

    def __init__(self) -> None:
        pages = self.pages = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body or b"{}")

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, name: str, positions: set[int], purpose: str = "revocation") -> str:
        url = f"http://127.0.0.1:{self.server.server_port}/{name}"
        document = c.build_list(url=url, issuer=KEY.controller, purpose=purpose, positions=positions, valid_from=AT)
        self.pages[f"/{name}"] = c.dumps(c.sign(document, key=KEY, created=AT))
        return url

    def fetch(self, url: str) -> bytes:
        return self.pages["/" + url.rpartition("/")[2]]

    def did(self, did: str) -> dict[str, Any]:
        raise c.Unreachable(did)


@pytest.fixture(scope="session")
def lists() -> Iterator[Lists]:
    served = Lists()
    yield served
    served.server.shutdown()
    served.server.server_close()


def _with_status(*entries: tuple[str, str]) -> dict[str, Any]:
    status = tuple(c.StatusEntry(list_url=url, index=INDEX, purpose=purpose) for url, purpose in entries)
    return signed(status=status, valid_until=LATER)


def _cases(lists: Lists) -> dict[str, tuple[dict[str, Any], bool]]:
    """Name -> (document, whether it is good)."""
    clean = lists.publish("clean", {1, 2, INDEX - 1, INDEX + 1})
    good = _with_status((clean, "revocation"))
    changed = copy.deepcopy(good)
    changed["credentialSubject"]["achievement"]["name"] = "Builds a stock fenca"
    forged = c.sign({k: v for k, v in good.items() if k != "proof"}, key=KEY, created=AT)
    forged["proof"]["proofValue"] = good["proof"]["proofValue"][:-1] + (
        "2" if good["proof"]["proofValue"][-1] != "2" else "3"
    )
    part = c.Component(achievement_id="urn:uuid:00000000-0000-4000-8000-0000000000a1", name="Sets posts")
    stack = c.sign(c.build_stack(CREDENTIAL, (part,)), key=KEY, created=AT)
    stack.pop("credentialStatus")
    stack = c.sign({k: v for k, v in stack.items() if k != "proof"}, key=KEY, created=AT)
    return {
        "good": (good, True),
        "no status": (signed(status=(), valid_until=LATER), True),
        "stack": (stack, True),
        "both purposes": (
            _with_status((clean, "revocation"), (lists.publish("awake", set(), "suspension"), "suspension")),
            True,
        ),
        "one letter changed": (changed, False),
        "one character of the signature changed": (forged, False),
        "revoked": (_with_status((lists.publish("revoked", {INDEX}), "revocation")), False),
        "suspended": (
            _with_status((clean, "revocation"), (lists.publish("asleep", {INDEX}, "suspension"), "suspension")),
            False,
        ),
        "expired": (signed(status=(), valid_until=datetime(2026, 3, 3, tzinfo=UTC)), False),
    }


@pytest.mark.peer
def test_verifier_core_agrees(peer: Path, lists: Lists) -> None:
    cases = _cases(lists)
    lines = "\n".join(c.dumps(document).decode() for document, _ in cases.values())
    done = subprocess.run(
        ["node", "verify.mjs"], cwd=peer, input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases)
    for (name, (_, good)), answer in zip(cases.items(), answers, strict=True):
        steps = {**answer["steps"]}
        steps.pop("registered_issuer", None)  # no registry is given, so nobody is registered
        said = not answer["errors"] and bool(steps) and all(value is True for value in steps.values())
        assert said is good, (name, answer)
    assert answers[0]["steps"]["revocation_status"] is True
    assert answers[3]["steps"]["suspension_status"] is True


def test_openbadgeslib_agrees(lists: Lists) -> None:
    ob3 = pytest.importorskip("openbadgeslib.ob3")
    for name, (document, good) in _cases(lists).items():
        try:
            # It checks a list's signature only for lists in JWT form; ours carry a Data Integrity proof.
            ob3.OB3LdpVerifier().verify(
                c.dumps(document), check_status=True, download=lists.fetch, verify_status_list=False
            )
            said = True
        except ob3.OB3VerificationError:
            said = False
        assert said is good, name


@pytest.mark.parametrize(("positions", "code"), [({INDEX}, "revoked"), ({INDEX - 1, INDEX + 1}, "not_withdrawn")])
def test_we_read_the_status_lists_of_openbadgeslib(positions: set[int], code: str) -> None:
    """It signs them as a JWT, at another moment than the list's first."""
    ob3 = pytest.importorskip("openbadgeslib.ob3")
    url, now = "https://college.example/status/1", datetime.now(UTC)
    early = now - timedelta(hours=1)
    document = ob3.build_status_list_credential(KEY.controller, url, "revocation", positions, issued=early)
    secret = KEY.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    page = ob3.sign_status_list_credential(document, secret, "EdDSA").encode()
    report = c.verify(_with_status((url, "revocation")), resolver=c.Offline({}, {url: page}), at=datetime.now(UTC))
    check = report.check("status")
    assert check is not None and check.code == code, check


def test_we_agree(lists: Lists) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for name, (document, good) in _cases(lists).items():
        report = c.verify(c.dumps(document), resolver=lists, at=at)
        assert (report.verdict == "verified") is good, (name, report.to_json())
