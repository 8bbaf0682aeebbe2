"""Asking the Open Badges API as an app that a learner let in, and the official schemas that judge the answers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from fieldstone.server.awards import checking
from fieldstone.server.net import NetResolver
from fieldstone.server.net.door import Door
from fieldstone.server.people.models import User
from tests.conftest import shared_data
from tests.connections.kit import connect, make_app

CREDENTIALS, PROFILE = "/ims/ob/v3p0/credentials", "/ims/ob/v3p0/profile"


def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No check reaches the network."""

    def nobody(host: str, port: int) -> list[str]:
        raise OSError

    monkeypatch.setattr(checking, "WORLD", NetResolver(Door(look_up=nobody), local=checking.Own(), ttl=0))


class Wallet:
    """An app with a learner's consent."""

    def __init__(self, learner: User, at: datetime, *scope: str) -> None:
        self.issued = connect(make_app(at), learner, at, *scope)
        self.client = Client()

    def ask(
        self, method: str, path: str, data: bytes | str = b"", kind: str = "application/json", **headers: str
    ) -> Any:
        """One request with the token."""
        given = {"Authorization": f"Bearer {self.issued.access}", **headers}
        return self.client.generic(method, path, data, headers=given, CONTENT_TYPE=kind)

    def get(self, path: str, **headers: str) -> Any:
        """Read."""
        return self.ask("GET", path, **headers)


def official(name: str, body: object) -> None:
    """Judge a value by one of 1EdTech's JSON Schemas; fails with the first thing that is wrong."""
    path = shared_data() / "schemas" / "open-badges" / "v3_0" / f"ob_v3p0_{name}_schema.json"
    validator = jsonschema_rs.Draft201909Validator(json.loads(path.read_text()), validate_formats=True)
    wrong = next(validator.iter_errors(body), None)
    assert wrong is None, f"{wrong}"


def refused(answer: Any, status: int, minor: str) -> str:
    """Check that this is an Imsx_StatusInfo, and give its sentence."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    official("imsx_statusinfo", body)
    (field,) = body["imsx_codeMinor"]["imsx_codeMinorField"]
    assert (body["imsx_codeMajor"], body["imsx_severity"], field["imsx_codeMinorFieldValue"]) == (
        "failure",
        "error",
        minor,
    )
    return str(body["imsx_description"])
