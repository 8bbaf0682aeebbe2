"""The files that the platform issues, as they are served, before verifiers by other people and the official schema."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from fieldstone import credential as c
from fieldstone.server.awards import actions
from fieldstone.server.journeys.confirm_decision import award as confirm
from fieldstone.server.pathways import actions as pathways
from tests.awards.makers import make_review
from tests.cast import Cast, make_cast, text
from tests.peers.test_peers import peer  # noqa: F401 - a fixture


@pytest.fixture
def issued(live_server: LiveServer, settings: Any, at: datetime) -> dict[str, bytes]:
    """A micro-credential's file and a stack's file, fetched from their addresses."""
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    cast: Cast = make_cast(at)
    body = {
        "title": text("A small stack"), "summary": text("One stone."), "can_do": text("do it"), "glyph": "book",
        "level": 3, "valid_months": 24, "hours": 15,
        "tree": {"hold": {"credential": str(cast.home.micro_credential.pk)}},
    }  # fmt: skip
    draft = pathways.create(program=cast.home.program, body=body, slug="small", by=None, at=at)
    stack = pathways.publish(version=draft, by=None, at=at).stack
    pathways.follow(learner=cast.learner, stack=stack, at=at)
    made = confirm(review=make_review(cast.learner, cast.home.version, at), by=cast.home.approver, at=at)
    found = {"micro-credential": made, "stack": cast.learner.awards.get(stack_id=stack.pk)}
    for award in found.values():
        actions.share(award=award, audience="link", by=cast.learner, at=at)
    return {name: Client().get(f"/c/{a.code}/credential.json").content for name, a in found.items()}


def changed(body: bytes) -> bytes:
    """The same file with one letter of the holder's name changed."""
    return body.replace(b"Marisol", b"Marisal", 1)


def test_the_official_schema_accepts_them(issued: dict[str, bytes], shared: Path) -> None:
    path = shared / "schemas/open-badges/v3_0/ob_v3p0_achievementcredential_schema.json"
    validator = jsonschema_rs.validator_for(json.loads(path.read_text()))
    for name, body in issued.items():
        assert [e.message for e in validator.iter_errors(json.loads(body))] == [], name


def test_every_issued_document_names_its_service(issued: dict[str, bytes]) -> None:
    """The other tests here show that verifiers by other people and the schema accept it."""
    for body in issued.values():
        document = json.loads(body)
        code = document["id"].split("/")[-2]
        assert document["refreshService"]["type"] == "1EdTechCredentialRefresh"
        assert document["refreshService"]["id"].endswith(f"/refresh/{code}")
        assert Client().get(f"/refresh/{code}").content == body


@pytest.mark.once("other people's software reads what is the same bytes from every database; the flows run on both")
@pytest.mark.peer
def test_verifier_core_says_true_and_no_to_one_changed_letter(
    issued: dict[str, bytes], peer: Path  # noqa: F811 - the fixture
) -> None:
    bodies = [*issued.values(), *map(changed, issued.values())]
    lines = b"\n".join(json.dumps(json.loads(body)).encode() for body in bodies).decode()
    done = subprocess.run(
        ["node", "verify.mjs"], cwd=peer, input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    for n, line in enumerate(done.stdout.splitlines()):
        answer = json.loads(line)
        steps = {k: v for k, v in answer["steps"].items() if k != "registered_issuer"}
        said = not answer["errors"] and bool(steps) and all(v is True for v in steps.values())
        assert said is (n < 2), answer


def test_openbadgeslib_and_ours_say_the_same(issued: dict[str, bytes], at: datetime) -> None:
    ob3 = pytest.importorskip("openbadgeslib.ob3")

    def fetch(url: str) -> bytes:
        return Client().get("/" + url.split("/", 3)[3]).content

    class Local:
        def did(self, did: str) -> dict[str, Any]:
            raise c.Unreachable(did)

        def fetch(self, url: str) -> bytes:
            return fetch(url)

    for body in issued.values():
        ob3.OB3LdpVerifier().verify(body, check_status=True, download=fetch, verify_status_list=False)
        assert c.verify(body, resolver=Local(), at=at).verdict == c.Verdict.VERIFIED
        with pytest.raises(ob3.OB3VerificationError):
            ob3.OB3LdpVerifier().verify(
                changed(body), check_status=True, download=fetch, verify_status_list=False
            )
        assert c.verify(changed(body), resolver=Local(), at=at).verdict == c.Verdict.NOT_VERIFIED
